"""Tests mirror the code: every module of core, app and the adapters has a test file of its name."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Module -> why it needs no file of its own, and where it is tested instead.
ELSEWHERE = {
    # values without behaviour: fields and enums, used by every test
    "core/model": "values only",
    "core/message": "values only",
    "core/records": "values only",
    "core/effects": "values only",
    "core/events": "values only",
    "core/site": "values; tests/settings reads them from a file, tests/core/test_reading its references",
    "core/desk": "values only",
    "core/support": "values only; tests/adapters/rules_yaml reads them",
    "core/support_model": "values only; tests/adapters/rules_yaml reads them",
    "core/marks": "values only",
    "core/understood": "values only",
    "core/absence_words": "a word list; tests/core/test_absence_notes",
    "core/bouncewords": "a word list; tests/core/test_bounces",
    "core/quotewords": "a word list; tests/core/test_quotes",
    "app/watched": "values only",
    # one port, one contract suite
    "adapters/mailer_smtp": "tests/contracts/test_mailer, tests/adapters/mailer_smtp",
}
# Folders whose modules are tested together, by a suite that names what it is about.
TOGETHER = {
    "adapters/mailbox_imap": "tests/adapters/mailbox_imap and tests/contracts/test_mailbox, against Dovecot",
    "adapters/mailer_smtp": "tests/adapters/mailer_smtp and tests/contracts/test_mailer",
    "adapters/store_sql": "tests/adapters/store_sql and tests/contracts/test_store, on both databases",
    "adapters/rules_yaml": "tests/adapters/rules_yaml",
    "adapters/renderer_jinja": "tests/adapters/renderer_jinja",
    "adapters/parser_mailparser": "tests/adapters/parser_mailparser",
    "core/lifecycle": "tests/core/lifecycle and tests/e2e/playbook: one state machine",
    "core/rules": "tests/core/rules",
}


def _modules() -> list[str]:
    package = ROOT / "triage"
    found = []
    for part in ("core", "app", "adapters"):
        for path in sorted((package / part).rglob("*.py")):
            name = path.relative_to(package).with_suffix("").as_posix()
            if path.name != "__init__.py" and "migrations/" not in name:
                found.append(name)
    return found


def _together(name: str) -> str | None:
    return next((folder for folder in TOGETHER if name.startswith(f"{folder}/")), None)


def _own_file(name: str) -> Path:
    path = ROOT / "tests" / name
    return path.with_name(f"test_{path.name}.py")


@pytest.mark.parametrize("name", _modules())
def test_every_module_has_its_test_file_or_a_reason(name: str) -> None:
    if name in ELSEWHERE:
        return
    folder = _together(name)
    if folder is not None:
        own = ROOT / "tests" / folder
        suites = [*own.rglob("test_*.py"), *own.parent.glob(f"test_{own.name}*.py")]
        assert suites, f"no tests in tests/{folder}"
        return
    assert _own_file(name).is_file()


def test_no_reason_outlives_its_module() -> None:
    gone = [name for name in ELSEWHERE if not list((ROOT / "triage").glob(f"{name}*"))]
    assert gone == []


def test_no_test_file_is_about_a_module_that_is_gone() -> None:
    """In core, where the mirror is strict; a suffix (test_moments_words) is a second file about the same module."""
    modules = {path.stem for path in (ROOT / "triage/core").glob("*.py")}
    modules |= {path.name for path in (ROOT / "triage/core").iterdir() if path.is_dir()}
    for path in (ROOT / "tests/core").glob("test_*.py"):
        name = path.stem.removeprefix("test_")
        stems = [name.rsplit("_", cut)[0] for cut in range(name.count("_") + 1)]
        assert modules & set(stems), path.name
