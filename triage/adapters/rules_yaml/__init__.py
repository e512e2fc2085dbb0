"""rules.yaml, read: strict, with every problem told at once by file, line and column.

`load` gives the whole support model and what an admin should be warned of; `begin` and `finish` are its two halves.
Adapter of pydantic and PyYAML; knows the core's values, no other adapter. Called by wiring, `triage check`, explain and
`rules test`.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from triage.adapters.rules_yaml import advice, company, rules
from triage.adapters.rules_yaml.model import FileModel, PartModel
from triage.adapters.rules_yaml.reminder_model import LifecycleForm, RemindersForm
from triage.adapters.rules_yaml.sla import load_lifecycle, load_reminders, load_sla
from triage.adapters.rules_yaml.sla_model import SlaForm
from triage.core.rules import RuleSet
from triage.core.support_model import SupportModel
from triage.errors import Misconfigured, Problem
from triage.strict_yaml import Document, parse, read, validate

T = TypeVar("T")

# The key, wherever it may stand; and any key in quotes with an escape in it, which may spell it.
_INCLUDE = re.compile(r"""include["']?\s*:|^\s*"[^"\n]*\\[^"\n]*"\s*:""", re.MULTILINE)


def load_rules(path: Path) -> RuleSet:
    """Read what classification needs of a rules file. Raises Misconfigured with every problem found."""
    document = read(path)
    model = validate(FileModel, document)
    return _rules(model, document, path)


def _rules(model: FileModel, document: Document, path: Path) -> RuleSet:
    parts = []
    for name in model.include:
        part = read(path.parent / name)
        parts.append((validate(PartModel, part), part))
    digest = _digest([document.data, *(part.data for _, part in parts)])
    vocabulary, problems = rules.read(model, document, parts, digest)
    if problems:
        raise Misconfigured(tuple(problems))
    return RuleSet(vocabulary)


def _digest(data: Any) -> str:
    """Return a hash of what the files say, whatever their comments and layout."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(path: Path, *, today: date | None = None) -> tuple[SupportModel, tuple[Problem, ...]]:
    """Read the whole support model; raises Misconfigured with every problem of every part.

    With `today`, what an admin should be warned of comes along (next year's holidays missing or thin).
    """
    return finish(begin(path), today=today)


@dataclass(frozen=True, slots=True)
class Begun:
    """A file of which no more has been read than classification needs: `rules`, None where something is wrong."""

    document: Document | None = None
    model: FileModel | None = None
    rules: RuleSet | None = None
    problems: tuple[Problem, ...] = ()


def begin(path: Path) -> Begun:
    """Read what the reading process waits for; it can compile that while the rest is read by `finish`."""
    document = model = None
    try:
        document = read(path)
        model = validate(FileModel, document)
        return Begun(document, model, _rules(model, document, path))
    except Misconfigured as error:
        return Begun(document, model, None, error.problems)


def finish(begun: Begun, *, today: date | None = None) -> tuple[SupportModel, tuple[Problem, ...]]:
    """Read the rest; raises Misconfigured as `load` does."""
    document, model, words = begun.document, begun.model, begun.rules
    problems = list(begun.problems)
    if document is None:
        raise Misconfigured(begun.problems)

    def part(load_one: Callable[[], T]) -> T | None:
        try:
            return load_one()
        except Misconfigured as error:
            problems.extend(error.problems)
            return None

    sla = part(lambda: load_sla(document, today=today))
    lifecycle = part(lambda: load_lifecycle(document))
    reminders = part(lambda: load_reminders(document))
    if model is None or sla is None or lifecycle is None or reminders is None or words is None:
        raise Misconfigured(tuple(dict.fromkeys(problems)))
    support = SupportModel(
        company=company.company(model.company),
        severities=company.severities(model.severities),
        sla=sla[0],
        lifecycle=lifecycle,
        reminders=reminders,
        rules=words,
        hash=words.hash,
    )
    return support, sla[1]


def files(path: Path) -> tuple[Path, ...]:
    """Return the files that the rules are made of: `path` and what it includes, as far as that can be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return (path,)
    return (path, *(path.parent / name for name in _included(text)))


@lru_cache(maxsize=4)
def _included(text: str) -> tuple[str, ...]:
    """Kept by content: whoever watches the files asks every few seconds, and to parse them is a fifth of a second, which
    a start does not spend on a file without the key.
    """
    if not _INCLUDE.search(text):
        return ()
    try:
        document = parse(text, "")
    except Misconfigured:
        return ()
    names = document.data.get("include") if isinstance(document.data, dict) else None
    return tuple(name for name in names or () if isinstance(name, str))


def lint(support: SupportModel, path: Path) -> tuple[Problem, ...]:
    """Return warnings about rules that are valid and yet hardly meant so; `path` is the file they were read from."""
    return advice.problems(support.rules.vocabulary, path)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of rules.yaml, for editors."""
    schema = FileModel.model_json_schema()
    for name, form in (("sla", SlaForm), ("lifecycle", LifecycleForm), ("reminders", RemindersForm)):
        own = form.model_json_schema()
        schema.setdefault("$defs", {}).update(own.pop("$defs", {}))
        schema["properties"][name] = own
    return schema


__all__ = ["Begun", "begin", "files", "finish", "json_schema", "lint", "load", "load_rules"]
