"""rules.yaml, read: strict, with every problem told at once by file, line and column.

`load` gives the whole support model and what an admin should be warned of. Adapter of pydantic and PyYAML; knows the
core's values, no other adapter. Called by wiring, `triage check`, explain and `rules test`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from triage.adapters.rules_yaml import rules
from triage.adapters.rules_yaml.model import FileModel, PartModel
from triage.core.rules import RuleSet
from triage.errors import Misconfigured, Problem
from triage.strict_yaml import Document, read, validate


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
    return RuleSet.of(vocabulary)


def _digest(data: Any) -> str:
    """Return a hash of what the files say, whatever their comments and layout."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


__all__ = ["Problem", "load_rules"]


def load(path: Path):  # STUB by the lead, to be replaced by the owner: uses support_model.SupportModel
    from triage.adapters.rules_yaml.sla import load_sla
    from triage.core.model import Language, Severity
    from triage.core.reminders import ReminderRules
    from triage.core.support import Company, Lifecycle, SeverityWords
    from triage.core.support_model import SupportModel

    document = read(path)
    m = validate(FileModel, document)
    sla, warnings = load_sla(document)
    c = m.company
    by_language = lambda d: {Language(k): v for k, v in (d if isinstance(d, dict) else d.model_dump()).items() if v}
    company = Company(c.name, c.email, tuple(c.products), tuple(c.phones), tuple(c.mobiles), c.chat, c.wiki, tuple(c.web),
        {Language(k): tuple(v) for k, v in c.checklist.items()}, {k: by_language(v) for k, v in c.asks.items()}, {})
    clock = {k: str(v) for k, v in document.data["lifecycle"].items() if isinstance(v, str)}
    sev = {Severity(int(k)): SeverityWords(by_language(v.name), by_language(v.meaning)) for k, v in m.severities.items()}
    return SupportModel(company, sev, sla, Lifecycle(clock), ReminderRules(), _rules(m, document, path), "x"), warnings


def lint(support, path):
    return ()
