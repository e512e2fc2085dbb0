"""The core's advice about rules, with the place of each rule or group in its file. Called by `triage check`."""

from collections.abc import Iterator
from pathlib import Path

from triage.core.rules.lint import Finding, lint
from triage.core.rules.vocabulary import Vocabulary
from triage.errors import Problem
from triage.strict_yaml import Document, read


def problems(vocabulary: Vocabulary, path: Path) -> tuple[Problem, ...]:
    """Return warnings for a vocabulary that was read from this file and the files it includes."""
    main = read(path)
    documents = [main, *(read(path.parent / name) for name in main.data.get("include", []))]
    return tuple(_placed(finding, documents) for finding in lint(vocabulary))


def _placed(finding: Finding, documents: list[Document]) -> Problem:
    message = f"{finding.kind}: {finding.message}"
    for document in documents:
        for at in _places(finding, document):
            return document.problem(at, message, at_key=bool(finding.group), warning=True)
    return documents[0].problem(("rules",), message, warning=True)


def _places(finding: Finding, document: Document) -> Iterator[tuple[str | int, ...]]:
    if finding.group and finding.group in document.data.get("phrases", {}):
        yield ("phrases", finding.group)
    for index, rule in enumerate(document.data.get("rules", [])):
        if finding.rule and rule["id"] == finding.rule:
            yield ("rules", index)
