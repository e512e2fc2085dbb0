"""The house's walls, checked also where only the tests are run: import contracts, sizes, no stubs."""

import ast
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "triage").rglob("*.py"))


def test_every_arrow_points_inward(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    if not text.strip():
        return
    assert ast.get_docstring(ast.parse(text)), f"{path.name} has no docstring"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [
        path.name for path in MODULES if path.stem in {"utils", "helpers", "misc", "common", "base", "models"}
    ]
