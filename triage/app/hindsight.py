"""The stored cases looked at again: under other rules (`rules backtest`), and for words worth a rule (`rules suggest`).

Reads a transaction and turns what core finds into lines; writes nothing. Called by the command line through wiring.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import compat32

from triage.core import backtest, understanding
from triage.core.backtest import Again, Past, Promise
from triage.core.events import EventName
from triage.core.model import Case, Kind, Language, Severity
from triage.core.records import StoredMessage
from triage.core.rules import Material, RuleSet
from triage.core.sla_policy import SlaPolicy
from triage.core.suggestions import Spoken, Suggestion
from triage.ports import Transaction

# enough for a mail that says little else, even in a question
_POINTS = {Severity.MEDIUM: "[-6, 16, -14]", Severity.LOW: "[-6, -6, 12]"}
_HEADER = 64 * 1024  # bytes of a stored mail in which its header block ends


@dataclass(frozen=True, slots=True)
class Hindsight:
    """Lines for a reader, and whether anything would change."""

    lines: tuple[str, ...]
    changes: bool


def pasts(tx: Transaction) -> tuple[tuple[Past, ...], int]:
    """Return every stored case with its opening message, oldest first, and how many have no message any more."""
    found, without = [], 0
    for case in sorted(tx.list_cases(), key=lambda each: (each.arrival, each.reference)):
        opening = next((m for m in tx.messages(case.reference) if m.direction == "in"), None)
        if opening is None:
            without += 1
            continue
        found.append(Past(case, _material(case, opening), _said_first(tx, case), case.classification.product))
    return tuple(found), without


def look_back(tx: Transaction, rules: RuleSet, old: SlaPolicy, new: SlaPolicy, now: datetime) -> Hindsight:
    """Judge all stored cases under other rules, and say what would be different."""
    known, without = pasts(tx)
    again = backtest.judge(known, rules, old, new, now)
    changed = [each for each in again if each.changes]
    lines = [line for each in changed for line in _told(each)]
    return Hindsight((*lines, *_summary(again, changed, without)), bool(changed))


def spoken(tx: Transaction) -> tuple[Spoken, ...]:
    """Return what the stored cases said, with the level each had in the end."""
    return tuple(
        Spoken(
            past.case.client.address.lower(),
            past.material,
            past.case.correction or past.case.severity,
            past.case.correction is not None and past.case.correction != past.said,
        )
        for past in pasts(tx)[0]
    )


def as_yaml(found: Sequence[Suggestion], corrected: int, *, weighed: bool) -> str:
    """Return suggestions as YAML to paste under the keys of the same name in rules.yaml.

    `weighed`: the rules weigh. Then a rule for 2 or 3 is lighter than the sum, and should be, for an outage may be told
    beside its words: the words count by points.
    """
    if not found:
        return f"# cases corrected by agents: {corrected}; no phrase of several clients stands out\n"
    levels = sorted({each.level for each in found})
    lines = [
        f"# From the cases that agents corrected: {corrected}. Read every phrase before you keep it.",
        "phrases:",
    ]
    for level in levels:
        lines += [f"  suggested_{int(level)}:", "    any:"]
        lines += [_phrase(each) for each in found if each.level == level]
    lines.append("rules:")
    for level in levels:
        lines += [
            f"  - id: suggested-{int(level)}",
            f"    severity: {int(level)}",
            f"    when: suggested_{int(level)}",
        ]
    milder = [level for level in levels if level in _POINTS]
    if weighed and milder:
        lines += [
            "weighing:",
            "  points:  # the sum outweighs rules for 2 and 3; an outage told beside still counts",
        ]
        lines += [f"    suggested_{int(level)}: {{meant: {_POINTS[level]}}}" for level in milder]
    return "\n".join(lines) + "\n"


def _phrase(found: Suggestion) -> str:
    words = json.dumps(found.phrase, ensure_ascii=False)
    share = f"{found.right} of {found.holding} stored cases that hold it are severity {int(found.level)}"
    return f"      - {words}  # corrected: {found.support}; {share} ({found.precision:.0%})"


def _said_first(tx: Transaction, case: Case) -> Severity:
    """Return what the rules said when the case was opened: the case itself keeps what agents made of it."""
    for event in tx.events(case.reference):
        if event.event == EventName.CASE_CLASSIFIED and "severity" in event.data:
            return Severity(int(event.data["severity"]))
    return case.classification.severity


def _material(case: Case, message: StoredMessage) -> Material:
    read = message.reading
    return Material(
        subject=understanding.without_references(message.subject, read.get("references") or ()),
        new_text=message.new_text,
        forwarded_text=str(read.get("forwarded_text") or ""),
        attachment_names=tuple(str(one.get("name", "")) for one in message.attachments),
        sender=message.sender,
        headers=_headers(message.source),
        language=Language(read.get("language") or case.language),
    )


def _headers(source: bytes) -> dict[str, str]:
    """Return the first field of each name, as rules with `header:` read them."""
    fields = BytesHeaderParser(policy=compat32).parsebytes(source[:_HEADER]).items()
    return {name.lower(): " ".join(str(value).split()) for name, value in reversed(fields)}


def _told(each: Again) -> Iterator[str]:
    case, found = each.past.case, each.found
    yield f"{case.reference} {case.subject[:60]!r}"
    if each.moves:
        words = ", ".join(repr(e.text) for e in found.evidence[:4])
        yield f"    severity {int(each.past.said)} -> {int(found.severity)} by {found.rule} ({words or 'no words'})"
    if case.correction is not None:
        yield f"    an agent said {int(case.correction)}"
    if each.renamed:
        yield f"    product {each.past.product} -> {found.product}"
    if each.promised_otherwise:
        yield f"    promise {_promise(each.before)} -> {_promise(each.after)}"
    if each.before.breached != each.after.breached:
        yield f"    breached {_breached(each.before)} -> {_breached(each.after)}"


def _promise(promise: Promise) -> str:
    if promise.deadline is None:
        return "none"
    prefix = "from " if promise.deadline.kind is Kind.FROM else ""
    return f"{prefix}{promise.deadline.at:%Y-%m-%dT%H:%M:%SZ}"


def _breached(promise: Promise) -> str:
    return {True: "yes", False: "no", None: "not a maximum"}[promise.breached]


def _summary(again: Sequence[Again], changed: Sequence[Again], without: int) -> list[str]:
    missing = f" (without a message: {without})" if without else ""
    agreed = backtest.agreement(again)
    lines = [f"cases judged again: {len(again)}{missing}, {len(changed)} would change"]
    moved = Counter((int(each.past.said), int(each.found.severity)) for each in changed if each.moves)
    lines += [f"severity {was} -> {now}: {count}" for (was, now), count in sorted(moved.items())]
    lines.append(f"promises that change: {sum(each.promised_otherwise for each in changed)}")
    lines.append(f"breaches: {_count(e.before for e in again)} -> {_count(e.after for e in again)}")
    lines.append(
        f"agents corrected {agreed.corrected}: the rules agreed with {agreed.before}, would agree with {agreed.after}"
    )
    return lines


def _count(promises: Iterable[Promise]) -> int:
    return sum(promise.breached is True for promise in promises)
