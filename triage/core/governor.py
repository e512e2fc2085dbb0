"""Whether an automatic mail may go now: limits that end every loop, and a breaker for what no limit foresaw. Pure.

Counted, in ten-minute slots, per address, per case, per kind and address, and per repeated content (the same words
to the same address). What a person wrote is never limited. Mail to our own people has wide limits of its own and no
breaker: when everything goes wrong, they are who must hear of it.

The breaker counts repeats: mails beyond the first few to one address within an hour. A thousand clients who write in
one hour are a thousand first acknowledgements and no repeat. It holds mail back, it refuses none, and intake never
asks it.

Called by `app.outbox_turn` with the counts from the store, inside the transaction that claims the mails.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.core import signing
from triage.core.delivery import SKEW
from triage.core.model import MailKind
from triage.core.records import OutboxRow

SLOT_SECONDS = 600
_HOUR_SLOTS = 3600 // SLOT_SECONDS
_DAY_SLOTS = 24 * _HOUR_SLOTS
_WORD = re.compile(r"[^\W\d_]{2,}")
_BREAKER = "breaker"

Tallies = Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many in an hour and in a day, both sliding, to ten minutes."""

    hour: int
    day: int


_CLIENT_KINDS: Mapping[MailKind, Rate] = {
    MailKind.NOTICE: Rate(12, 40),
    MailKind.TRANSCRIPT: Rate(12, 40),
    MailKind.SURVEY: Rate(2, 4),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much automatic mail is plausible.

    `address`, `case`, `kinds` and `repeat` are for clients: to one address; about one case; of one kind to one
    address; the same words to one address. `own_address` and `own_repeat` for agents, areas and the admin.
    `secret`: the site's; addresses are counted under their pseudonyms.
    The breaker opens for `breaker_pause` when more than `breaker_hour` mails of an hour were repeats: mails beyond the
    `breaker_free`-th to one address, the first acknowledgement of what a client wrote not counted.
    """

    address: Rate = Rate(120, 400)
    case: Rate = Rate(10, 30)
    kinds: Mapping[MailKind, Rate] = field(default_factory=lambda: _CLIENT_KINDS)
    repeat: Rate = Rate(6, 20)
    own_address: Rate = Rate(2_000, 10_000)
    own_repeat: Rate = Rate(20, 60)
    breaker_hour: int = 500
    breaker_free: int = 5
    breaker_pause: timedelta = timedelta(hours=1)
    secret: bytes = field(default=b"", repr=False)

    def whom(self, address: str) -> str:
        """Return the name under which an address is counted: who was forgotten is still limited, and not named."""
        return signing.pseudonym(self.secret, address)


Measure = tuple[str, Rate, str]
"""The name of a count, its limit, and what is limited."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`held_until`: not now, the breaker is open. Neither allowed nor held: refused for `reason`, for good."""

    allowed: bool
    reason: str = ""
    held_until: datetime | None = None


_YES = Verdict(True)


def slot(at: datetime) -> int:
    return int(at.timestamp()) // SLOT_SECONDS


def oldest_slot(now: datetime) -> int:
    """Return the first slot whose counts still matter; what is older may be forgotten."""
    return slot(now) - _DAY_SLOTS


def fingerprint(row: OutboxRow) -> str:
    """Return the same text for mails that say the same to a reader: the set of words, without numbers and addresses.

    A draft may bring its own `fingerprint`. A set, because a robot's subject grows: "Re: Re: Re: ...". The case is
    part of it for our own people, to whom notices about two cases are two notices.
    """
    given = row.draft.get("fingerprint")
    if given:
        return _digest([str(given)])
    texts = _texts(row.draft.get("variables", row.draft))
    return _digest([str(row.draft.get("template", row.kind.value)), *_vocabulary(texts)])


def same_words(*texts: str) -> str:
    """Return the same text for texts that differ only in numbers, addresses, order and repetition."""
    return _digest(_vocabulary(texts))


def _vocabulary(texts: Iterable[str]) -> list[str]:
    return sorted({word for text in texts for word in _words(text)})


def _words(text: str) -> Iterator[str]:
    for piece in text.casefold().split():
        # Tokens, addresses, links, references and times differ from mail to mail and say nothing new.
        if not any(sign.isdigit() or sign in "@/" for sign in piece):
            yield from _WORD.findall(piece)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2s("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def governed(row: OutboxRow) -> bool:
    """Say whether the governor has a word: automatic mail at its first try; a repeated try is the same mail.

    Neither has it where an admin sent the mail off by hand, nor with canaries: they are to ourselves, and few.
    """
    by_machine = not (row.person or row.draft.get("by_hand"))
    return by_machine and not row.attempts and not row.doubts and row.kind is not MailKind.CANARY


def names(measured: Iterable[Sequence[Measure]]) -> frozenset[str]:
    """Return the names of all counts that judging mails of these measures needs, for one look into the store."""
    return frozenset({_BREAKER, *(name for measures in measured for name, _, _ in measures)})


def measures(row: OutboxRow, own: frozenset[str], limits: Limits) -> tuple[Measure, ...]:
    """Return what is counted of a mail, the address's first, that of equal mails last; nothing where it is not governed."""
    return tuple(_measures(row, own, limits)) if governed(row) else ()


def _measures(row: OutboxRow, own: frozenset[str], limits: Limits) -> Iterator[Measure]:
    print_, whom = fingerprint(row), limits.whom(row.to)
    if row.to in own:
        yield f"to:{whom}", limits.own_address, f"mails to {row.to}"
        # Two cases are two notices, unless the draft says itself what repeats it.
        about = "" if row.draft.get("fingerprint") else row.reference or ""
        yield f"same:{whom}:{about}:{print_}", limits.own_repeat, f"equal mails to {row.to}"
        return
    yield f"to:{whom}", limits.address, f"mails to {row.to}"
    if row.reference:
        yield f"case:{row.reference}", limits.case, f"mails about {row.reference}"
    rate = limits.kinds.get(row.kind)
    if rate is not None:
        yield f"kind:{row.kind.value}:{whom}", rate, f"mails of kind {row.kind.value} to {row.to}"
    yield f"same:{whom}:{print_}", limits.repeat, f"equal mails to {row.to}"


class Governor:
    """Judges the mails of one batch in order by their `measures`, each counted before the next is judged.

    `tallies`: what the store has counted (see `names`); `open_until`: the breaker's state. Afterwards `increments`
    goes to the store, and `tripped` says that the breaker opened in this batch (until `open_until`).
    """

    def __init__(
        self,
        limits: Limits,
        tallies: Tallies,
        own: frozenset[str],
        now: datetime,
        open_until: datetime | None,
    ) -> None:
        self._limits = limits
        self._own = own
        self._now = now
        self._slot = slot(now)
        self._hour = _sums(tallies, self._slot, _HOUR_SLOTS)
        self._day = _sums(tallies, self._slot, _DAY_SLOTS)
        self._added: Counter[str] = Counter()
        self.open_until = open_until if open_until is not None and self._is_open(open_until) else None
        self.tripped = False

    @property
    def increments(self) -> Mapping[tuple[str, int], int]:
        return {(name, self._slot): count for name, count in self._added.items()}

    def _is_open(self, until: datetime) -> bool:
        """Say whether the breaker is open; longer than its pause it never is, so a clock was put back since."""
        return self._now < until <= self._now + self._limits.breaker_pause + SKEW

    def judge(self, row: OutboxRow, measures: Sequence[Measure]) -> Verdict:
        """Return whether a row may go now, and count it if so."""
        if not measures:
            return _YES
        client = row.to not in self._own
        if client and self.open_until is not None:
            return self._held()
        for name, rate, what in measures:
            if self._hour[name] >= rate.hour:
                return Verdict(False, f"more than {rate.hour} {what} in an hour")
            if self._day[name] >= rate.day:
                return Verdict(False, f"more than {rate.day} {what} in a day")
        to, same = measures[0][0], measures[-1][0]
        if client and self._repeats(row, same) and self._hour[to] >= self._limits.breaker_free:
            if self._hour[_BREAKER] >= self._limits.breaker_hour:
                self.tripped, self.open_until = True, self._now + self._limits.breaker_pause
                return self._held()
            self._count(_BREAKER)
        for name, _, _ in measures:
            self._count(name)
        return _YES

    def _repeats(self, row: OutboxRow, same: str) -> bool:
        """Say whether the breaker looks at a mail: never at the acknowledgement of words not heard before."""
        return row.kind is not MailKind.ACKNOWLEDGEMENT or self._hour[same] > 0

    def _held(self) -> Verdict:
        reason = (
            f"automatic mail to clients is stopped: more than {self._limits.breaker_hour} repeats in an hour"
        )
        return Verdict(False, reason, self.open_until)

    def _count(self, name: str) -> None:
        self._hour[name] += 1
        self._day[name] += 1
        self._added[name] += 1


def _sums(tallies: Tallies, now: int, span: int) -> Counter[str]:
    """Add up the slots of a span; those to come were counted by a clock that was put back since, and are left out.

    One ahead is not: clocks of nodes differ a little.
    """
    window = range(now - span, now + 2)
    return Counter(
        {name: sum(n for at, n in slots.items() if at in window) for name, slots in tallies.items()}
    )
