"""What the store knows about possible echoes of our mail in one batch, and what `core.echo` makes of it.

One query for the batch: when we wrote to its writers. Only a message that came soon after such a mail costs a second
one, for the count of its likes, and only many of these a closer look, so ordinary mail pays nothing. Called by
`app.batch`, inside its transaction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from triage.core import echo, governor, signing
from triage.core.message import Message
from triage.core.model import MailKind, Role
from triage.core.reception import Route, Way
from triage.core.site import Site
from triage.core.understood import Reading
from triage.ports import Transaction

_LONGEST_LOOK_BACK = timedelta(days=1)
_SAID = 50  # acknowledgements of a day that are looked at, the oldest first


class Echoes:
    """Judges the messages of one batch in order; `write` adds what was counted."""

    def __init__(self, tx: Transaction, site: Site, now: datetime) -> None:
        self._tx = tx
        self._site = site
        self._now = now
        self._written: Mapping[str, Sequence[datetime]] = {}
        self._added: Counter[str] = Counter()

    def look_up(self, messages: Iterable[tuple[Reading, datetime]]) -> None:
        """Ask when we wrote to the writers of these messages; each comes with its arrival."""
        asked = [
            (writer, at)
            for reading, at in messages
            if echo.may_be_one(reading)
            for writer in writers(reading)
        ]
        if asked:
            since = max(min(at for _, at in asked), self._now - _LONGEST_LOOK_BACK) - echo.SOON
            self._written = self._tx.written_to({writer for writer, _ in asked}, since)

    def judge(self, route: Route, message: Message, reading: Reading, at: datetime) -> Route:
        """Return the way of a message, muted where it is an echo of ours."""
        written = [mail for writer in writers(reading) for mail in self._written.get(writer, ())]
        if not echo.may_be_one(reading) or not echo.follows(written, at, echo.SOON):
            return route
        at_once = echo.follows(written, at, echo.AT_ONCE)
        why = echo.robotic(self._site, message, reading, route.way) if at_once else ""
        if route.way is Way.OPEN or echo.aimless(route):
            instantly = echo.follows(written, at, echo.INSTANTLY)
            why = why or self._repeating(message, reading, instantly=instantly)
            why = why or self._racing(reading, instantly=instantly)
        return echo.muted(route, reading, why) if why else route

    def _repeating(self, message: Message, reading: Reading, *, instantly: bool) -> str:
        writer, same = writers(reading)[0], echo.words(message, reading)
        name = f"{signing.pseudonym(self._site.secret, writer)}:{same}"
        alike = self._count(f"echo:{name}")
        quick = self._count(f"echo-instantly:{name}") if instantly else 0
        if not echo.suspicious(alike, reading.role):
            return ""
        since = self._now - _LONGEST_LOOK_BACK
        ours = self._tx.written_to([writer], since).get(writer, ())
        own = reading.role is not Role.AGENT and self._own_words(name, same, writer, ours)
        return echo.repeating(echo.Habit(alike, quick, len(ours), own))

    def _racing(self, reading: Reading, *, instantly: bool) -> str:
        writer = writers(reading)[0]
        name = signing.pseudonym(self._site.secret, writer)
        answered = self._count(f"echo:{name}")
        quick = self._count(f"echo-instantly:{name}") if instantly else 0
        return echo.racing(answered, quick, self._ours(writer)) if echo.hasty(quick) else ""

    def _ours(self, writer: str) -> int:
        since = self._now - _LONGEST_LOOK_BACK
        return len(self._tx.written_to([writer], since).get(writer, ()))

    def _own_words(self, name: str, same: str, writer: str, ours: Sequence[datetime]) -> bool:
        """Say whether these words are the writer's own; once known it is remembered while he goes on using them."""
        own = f"own-words:{name}"
        if not self._known(own):
            rows = self._tx.mails_since(
                MailKind.ACKNOWLEDGEMENT, [writer], self._now - _LONGEST_LOOK_BACK, _SAID
            )
            said = [
                (row.created_at, str(row.draft.get("fingerprint", "")).removeprefix("ack ")) for row in rows
            ]
            if not echo.own_words(same, said, ours):
                return False
        self._added[own] += 1
        return True

    def write(self) -> None:
        if self._added:
            slot = governor.slot(self._now)
            self._tx.add_tallies({(name, slot): count for name, count in self._added.items()})

    def _count(self, name: str) -> int:
        """Return how many messages of that name there were within a day, and count this one."""
        count = self._known(name)
        self._added[name] += 1
        return count

    def _known(self, name: str) -> int:
        known = self._tx.tallies([name], governor.oldest_slot(self._now)).get(name, {})
        return sum(known.values()) + self._added[name]


def writers(reading: Reading) -> tuple[str, ...]:
    """Return whom our answer would reach, and who wrote."""
    found = (reading.client, reading.sender)
    return tuple(dict.fromkeys(one.address for one in found if one is not None))
