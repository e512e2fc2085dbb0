"""The rules tried on many mails, and held against labels: rows, precision and recall, and the wrong ones with why.

Pure: what `explain` told of each file goes in, rows and lines come out. Called by `triage rules test`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = ("file", "kind", "severity", "rule", "should_ack", "product", "language")
_CASE = "case"
_NONE = "-"
_LEVELS = ("1", "2", "3")
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """What would become of one file (INTERFACE section 4); `words` and `losers` tell why."""

    file: str
    kind: str
    severity: str
    rule: str
    should_ack: str
    product: str
    language: str
    words: tuple[str, ...] = ()
    losers: tuple[str, ...] = ()

    def values(self) -> tuple[str, ...]:
        return tuple(str(getattr(self, column)) for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Label:
    """What a careful person says of a file. `accepted` holds every severity that counts as right."""

    file: str
    kind: str
    severity: str
    accepted: frozenset[str]
    should_ack: str
    product: str
    language: str


@dataclass(frozen=True, slots=True)
class Report:
    """Lines for a reader, and whether a label was missed."""

    lines: tuple[str, ...]
    missed: bool


def row(file: str, told: Mapping[str, Any]) -> Row:
    """Turn what `explain` told of a file into a row."""
    found = told["classification"] if told["case"] else None
    return Row(
        file=file,
        kind=_CASE if told["case"] else "not_case",
        severity=str(found["severity"]) if found else _NONE,
        rule=found["rule"] if found else _NONE,
        should_ack="yes" if told["ack"] else "no",
        product=found["product"] if found else _NONE,
        language=told["language"] or _NONE,
        words=tuple(f"{e['group']} {e['text']!r}" for e in found["evidence"]) if found else (),
        losers=_losers(found) if found else (),
    )


def _losers(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Name each rule that lost once; the sum's other levels are no other rule."""
    names = dict.fromkeys(loser["rule"] for loser in found["losers"])
    return tuple(name for name in names if name != found["rule"])


def labels(lines: Sequence[str]) -> dict[str, Label]:
    """Read labels: tab-separated, by header name, nothing quoted. Raises ValueError naming a missing column."""
    header = lines[0].rstrip("\r\n").split("\t") if lines else []
    missing = [name for name in ("file", "kind", "severity") if name not in header]
    if missing:
        raise ValueError(f"the labels have no column {', '.join(missing)}")
    found = {}
    for line in lines[1:]:
        if line.strip():
            label = _label(dict(zip(header, line.rstrip("\r\n").split("\t"), strict=False)))
            found[label.file] = label
    return found


def _label(fields: Mapping[str, str]) -> Label:
    severity = fields.get("severity", _NONE)
    return Label(
        file=fields.get("file", ""),
        kind=fields.get("kind", ""),
        severity=severity,
        accepted=frozenset(fields.get("accepted", severity).replace(" ", "").split(",")) | {severity},
        should_ack=fields.get("should_ack", ""),
        product=fields.get("product", ""),
        language=fields.get("language", ""),
    )


def report(rows: Iterable[Row], known: Mapping[str, Label]) -> Report:
    """Compare rows with labels: every measure on the files that have a label."""
    pairs = [(row, known[row.file]) for row in rows if row.file in known]
    cases = [(row, label) for row, label in pairs if label.kind == _CASE]
    wrong = [(row, label, what) for row, label in pairs if (what := _wrong(row, label))]
    lines = [f"{len(pairs)} labelled files, {len(cases)} of them cases"]
    absent = sorted(set(known) - {row.file for row, _ in pairs})
    if absent:
        lines.append(f"labelled but not there: {', '.join(absent)}")
    lines += _levels(cases)
    lines += _accuracies(pairs, cases)
    for row, label, what in wrong:
        lines += _told(row, label, what)
    return Report(tuple(lines), bool(wrong or absent))


def _right(row: Row, label: Label) -> bool:
    return row.severity in label.accepted


def _wrong(row: Row, label: Label) -> tuple[str, ...]:
    """Return the columns in which a row misses its label."""
    what = [
        name
        for name in ("kind", "should_ack", "language")
        if getattr(label, name) and getattr(row, name) != getattr(label, name)
    ]
    if label.kind == row.kind == _CASE:
        what += ["severity"] * (not _right(row, label))
        what += ["product"] * bool(label.product and row.product != label.product)
    return tuple(what)


def _levels(cases: Sequence[tuple[Row, Label]]) -> list[str]:
    """Say precision and recall per level (an accepted level is no mistake), and who was taken for whom."""
    lines = ["", "level  labelled  said  precision  recall"]
    for level in _LEVELS:
        said = [(row, label) for row, label in cases if row.severity == level]
        meant = [(row, label) for row, label in cases if label.severity == level]
        precision = _share(sum(level in label.accepted for _, label in said), len(said))
        recall = _share(sum(_right(row, label) for row, label in meant), len(meant))
        lines.append(f"{level:>5}  {len(meant):>8}  {len(said):>4}  {precision:>9}  {recall:>6}")
    taken = Counter((label.severity, row.severity) for row, label in cases)
    lines += ["", "labelled \\ said     1     2     3     -"]
    for level in _LEVELS:
        counts = "".join(f"{taken[level, said]:>6}" for said in (*_LEVELS, _NONE))
        lines.append(f"{level:>15}{counts}")
    return lines


def _accuracies(pairs: Sequence[tuple[Row, Label]], cases: Sequence[tuple[Row, Label]]) -> list[str]:
    both = [(row, label) for row, label in cases if row.kind == _CASE]
    measures = {
        "severity within accepted": (sum(_right(row, label) for row, label in cases), len(cases)),
        "severity exact": (sum(row.severity == label.severity for row, label in cases), len(cases)),
        "product": (sum(row.product == label.product for row, label in both if label.product), len(both)),
        "kind": (sum(row.kind == label.kind for row, label in pairs), len(pairs)),
        "should_ack": (sum(row.should_ack == label.should_ack for row, label in pairs), len(pairs)),
        "language": (sum(row.language == label.language for row, label in pairs), len(pairs)),
    }
    return [
        "",
        *(f"{name:<25} {_share(*counts)}  ({counts[0]}/{counts[1]})" for name, counts in measures.items()),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else _NONE


def _told(row: Row, label: Label, what: tuple[str, ...]) -> list[str]:
    """Say of a wrong file what was wanted, what came out, and by which words."""
    differences = ", ".join(f"{name} {getattr(row, name)} instead of {_wanted(label, name)}" for name in what)
    lines = ["", f"{row.file}: {differences}"]
    if row.kind == _CASE:
        lines.append(f"    rule {row.rule}; lost: {', '.join(row.losers) or 'none'}")
        lines += [f"    {words}" for words in row.words[:_MOST_WORDS]]
    return lines


def _wanted(label: Label, name: str) -> str:
    if name == "severity":
        return " or ".join(sorted(label.accepted))
    return str(getattr(label, name))
