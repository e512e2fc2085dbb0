"""`triage cases take|attend|...` as a script meets them: output, history and exit codes, on a real store."""

import json
from pathlib import Path

from click.testing import CliRunner

from triage.cli import cli
from triage.errors import Misconfigured

REFERENCE = "NO-2026-000001"


def triage(config: Path, *words: str, stdin: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["--config", str(config), "cases", *words], input=stdin)
    return done.exit_code, done.stdout, done.stderr


def shown(config: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(triage(config, "show", REFERENCE, "--json")[1])
    return found


def test_a_case_is_taken_noted_and_resolved_from_the_shell(config: Path) -> None:
    code, out, _ = triage(config, "take", REFERENCE.lower(), "--as", "lucia.ferrari@netone.example")
    assert (code, out) == (0, f"{REFERENCE}: tomado\n")
    assert triage(config, "note", REFERENCE, "llamar", "mañana")[0] == 0
    assert triage(config, "resolve", REFERENCE, "--text", "-", stdin="Ya está.\n")[0] == 0
    case = shown(config)
    assert (case["state"], case["assignee"]) == ("resolved", "lucia.ferrari@netone.example")
    by = {event["by"] for event in case["events"]}  # type: ignore[attr-defined]
    assert any(name.startswith("cli:") for name in by)
    assert "notice" in {mail["kind"] for mail in case["mails"]}  # type: ignore[attr-defined]


def test_both_spellings_of_attend(config: Path) -> None:
    assert triage(config, "attend", REFERENCE, "phone:", "le dijimos")[0] == 0
    assert triage(config, "attended", REFERENCE, "chat: otra vez")[0] == 0


def test_what_is_refused_or_not_there_exits_with_one_and_wrong_use_with_two(config: Path) -> None:
    code, out, err = triage(config, "severity", REFERENCE, "9")
    assert (code, out) == (1, "")
    assert "1, 2 o 3" in err
    code, _, err = triage(config, "take", "NO-2026-000099")
    assert code == 1
    assert "no such case" in err
    assert triage(config, "take")[0] == 2
    assert triage(config, "take", REFERENCE, "--as", "nobody@x.example")[0] == 2


def test_undo_from_the_shell(config: Path) -> None:
    assert triage(config, "close", REFERENCE)[0] == 0
    assert triage(config, "undo", REFERENCE)[0] == 0
    assert shown(config)["state"] == "new"


def test_an_order_without_the_sites_secret_says_where_it_was_looked_for(config: Path) -> None:
    (config.parent / "secret").unlink()
    done = CliRunner().invoke(cli, ["--config", str(config), "cases", "take", REFERENCE])
    assert isinstance(done.exception, Misconfigured)
    assert "site.secret: secret file" in str(done.exception)
    (config.parent / "secret").write_text("an end-to-end secret")
    (config.parent / "password").unlink()
    assert triage(config, "take", REFERENCE)[0] == 0
