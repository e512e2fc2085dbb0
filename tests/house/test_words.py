"""One word per thing: the glossary's right column occurs nowhere in our names, log events, tables and templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from triage.adapters.store_sql import schema
from triage.core.events import EventName
from triage.log import OPERATIONS

ROOT = Path(__file__).parents[2]

# Words that mean only what the glossary forbids. Others of its right column (thread, queue, job, task, match, schedule,
# user) also name things of the operating system, of libraries and of clients' own language, where they are right.
FORBIDDEN = re.compile(
    r"(?<![a-z])(ticket|tickets|priority|priorities|quarantine|quarantined|department|violation"
    r"|autoresponse|auto_response|due_date|parse_result)(?![a-z])"
)
# Where a forbidden word is somebody else's: RFC names, and names under which tickets of others are recognised.
THEIRS = {
    "triage/core/autoreplies.py": "X-Auto-Response-Suppress and ticket systems' headers",
    "triage/core/monitors.py": "the monitors' own words",
    "triage/core/contents.py": "other systems' ticket mails",
    "triage/core/conversation.py": "other systems' ticket marks",
}


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("path", sorted((ROOT / "triage").rglob("*.py")), ids=lambda path: path.stem)
def test_names_in_the_code_use_the_houses_words(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in THEIRS:
        return
    found = {
        name
        for name in _names(ast.parse(path.read_text()))
        if FORBIDDEN.search(_snake(name).replace("_", " "))
    }
    assert not found


def test_tables_columns_and_log_events_use_the_houses_words() -> None:
    words = [*OPERATIONS, *map(str, EventName)]
    for table in schema.metadata.tables.values():
        words += [table.name, *(column.name for column in table.columns)]
    assert not [word for word in words if FORBIDDEN.search(word.replace("_", " "))]


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.txt")), ids=lambda path: path.stem)
def test_our_mails_speak_of_cases(path: Path) -> None:
    assert not re.search(r"\bticket", path.read_text(), re.IGNORECASE)


def test_every_forbidden_word_stands_in_the_glossary() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text()
    for word in ("ticket", "priority", "quarantine", "department"):
        assert word in glossary
