"""From the keys contexts and weighing of rules.yaml to the core's values: what turns a phrase's meaning, and what it weighs.

Each returns its value and the problems found. Called by `rules`.
"""

from collections.abc import Container

from triage.adapters.rules_yaml.model import ContextModel, FileModel
from triage.core.rules.vocabulary import Context, Points, Sign, Weighing
from triage.errors import Problem
from triage.strict_yaml import Document

_SAID = ("said", "meant", "often")


def contexts(
    model: FileModel, document: Document, groups: Container[str]
) -> tuple[tuple[Context, ...], list[Problem]]:
    """Convert the contexts, in the order of the file; their cues must be groups."""
    found = []
    problems = []
    for name, given in model.contexts.items():
        for each in given if isinstance(given, list) else [given]:
            for key in ("cues", "cancelled_by"):
                group = getattr(each, key)
                if group is not None and group not in groups:
                    problems.append(document.problem(("contexts", name, key), f"no group is called {group}"))
            found.append(_context(name, each))
    return tuple(found), problems


def _context(name: str, model: ContextModel) -> Context:
    return Context(
        name=name,
        cues=model.cues,
        before=-1 if model.before is None else model.before,
        after=-1 if model.after is None else model.after,
        sentence=model.sentence,
        preceding=model.preceding,
        following=model.following,
        matter=model.matter,
        alone=model.alone,
        spares_things=model.spares_things,
        cancelled_by=model.cancelled_by,
    )


def weighing(
    model: FileModel, document: Document, groups: Container[str]
) -> tuple[Weighing | None, list[Problem]]:
    """Convert the table of points; every group and context in it must exist."""
    if model.weighing is None:
        return None, []
    signs: dict[str, Sign] = {}
    problems = []
    for group, given in model.weighing.points.items():
        at = ("weighing", "points", group)
        if group not in groups:
            problems.append(document.problem(at, f"no group is called {group}", at_key=True))
        for name in given:
            if name not in _SAID and name not in model.contexts:
                message = f"{name} is neither said, meant, often nor a context"
                problems.append(document.problem((*at, name), message, at_key=True))
        points = {name: _points(three) for name, three in given.items()}
        plain = {name: points[name] for name in _SAID if name in points}
        signs[group] = Sign(**plain, only=tuple((n, p) for n, p in points.items() if n not in _SAID))
    form = model.weighing
    return Weighing(signs, _points(form.start), form.weight, tuple(model.usual), form.item_lead), problems


def _points(three: list[int]) -> Points:
    return (three[0], three[1], three[2])
