"""Due alarms -> their cases asked again -> reminders into the outbox, or nothing. The truth is the table, never a timer.

One transaction for all that is due: alarms and cases are read, decided, paced and written together, so a crash rings
them again and the unique keys of the outbox keep a reminder from being sent twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from triage.app.record import record
from triage.core import letters_agent, lifecycle, outgoing, pacing
from triage.core.desk import Desk
from triage.core.effects import SendMail
from triage.core.events import AlarmsRang
from triage.core.lifecycle import Decision
from triage.core.model import Case, MailKind, Severity
from triage.core.pacing import AlreadySent, Due, Pace
from triage.core.records import AlarmRow, Event, OutboxRow
from triage.core.reminders import ReminderRules
from triage.errors import Temporary
from triage.log import at_once, logger
from triage.ports import Clock, Store, Transaction

_AT_ONCE = 500
_HOUR = timedelta(hours=1)


class Alarms:
    """`present`: the desk as it is now, those away and unreachable left out; asked in the transaction."""

    def __init__(
        self,
        store: Store,
        desk: Callable[[], Desk],
        clock: Clock,
        present: Callable[[Transaction, Desk, datetime], Desk] | None = None,
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._present = present
        self._log = logger(part="alarms")

    async def ring(self) -> int:
        """Ring everything that is due; returns how many alarms that were."""
        total = 0
        while True:
            count, events = await self._once()
            log = self._log.bind()
            with at_once():
                for event in events:
                    log.info(str(event.event), case=event.reference, step=event.data.get("step"))
            total += count
            if count < _AT_ONCE:
                return total

    async def _once(self) -> tuple[int, tuple[Event, ...]]:
        try:
            return await self._store.write(self._ring)
        except Temporary:
            raise
        except Exception:  # noqa: BLE001 - whatever one case does to us, the others are reminded
            self._log.exception("alarms.replayed")
            return await self._one_by_one()

    async def _one_by_one(self) -> tuple[int, tuple[Event, ...]]:
        """Ring case by case, so that one that nobody foresaw silences no other; it rings again in an hour."""
        due = await self._store.read(lambda tx: tx.due_alarms(self._clock.now(), _AT_ONCE))
        events: list[Event] = []
        for reference in dict.fromkeys(alarm.reference for alarm in due):
            try:
                _, told = await self._store.write(partial(self._ring, only=reference))
                events += told
            except Temporary:
                raise
            except Exception:  # noqa: BLE001 - whatever one case does to us, the others are reminded
                self._log.exception("alarms.postponed", case=reference)
                await self._store.write(partial(self._postpone, reference=reference))
        return len(due), tuple(events)

    def _postpone(self, tx: Transaction, reference: str) -> None:
        now = self._clock.now()
        due = [alarm.id for alarm in tx.due_alarms(now, _AT_ONCE) if alarm.reference == reference]
        tx.postpone_alarms(due, now + _HOUR)

    def _ring(self, tx: Transaction, only: str | None = None) -> tuple[int, tuple[Event, ...]]:
        desk, now = self._desk(), self._clock.now()
        return ring(tx, self._present(tx, desk, now) if self._present else desk, now, only)

    async def next_at(self) -> datetime | None:
        return await self._store.read(lambda tx: tx.next_alarm_at())


def ring(
    tx: Transaction, desk: Desk, now: datetime, only: str | None = None
) -> tuple[int, tuple[Event, ...]]:
    """Ring the alarms that are due (of one case, with `only`), in the given transaction; returns their number and
    what they led to.
    """
    tx.lock("alarms")  # one node at a time: the pace of reminders looks at those that the others just wrote
    due = [alarm for alarm in tx.due_alarms(now, _AT_ONCE) if only in {None, alarm.reference}]
    if not due:
        return 0, ()
    by_case: dict[str, list[AlarmRow]] = defaultdict(list)
    for alarm in due:
        by_case[alarm.reference].append(alarm)
    cases = tx.cases(by_case, lock=True)
    rungs = [
        lifecycle.ring(desk, cases[reference], AlarmsRang(tuple(alarms)), now)
        for reference, alarms in by_case.items()
        if reference in cases
    ]
    rules = desk.support.reminders
    waiting = [one for rung in rungs for one in rung.due]
    pace = pacing.pace(waiting, already_sent(tx, waiting, rules, now), rules, now)
    decided = {rung.decision.case.reference: rung.decision for rung in rungs}
    decisions, mails = _reminded(tx, desk, decided, pace, now)
    record(tx, desk, decisions, now)
    if mails:
        tx.add_outbox([outgoing.row(desk.site, mail, now) for mail in mails])
    tx.finish_alarms([alarm.id for alarm in due], now)
    tx.add_alarms([*(a for rung in rungs for a in rung.later), *map(pacing.again, pace.later)])
    return len(due), tuple(event for decision in decisions for event in decision.events)


def _reminded(
    tx: Transaction, desk: Desk, decided: Mapping[str, Decision], pace: Pace, now: datetime
) -> tuple[list[Decision], list[SendMail]]:
    """Write what may go out now: a mail of its own to whom one case concerns, one for all to whom several do."""
    cases: dict[str, Case] = {reference: decision.case for reference, decision in decided.items()}
    alone: dict[str, list[Due]] = defaultdict(list)
    among: dict[str, list[Due]] = defaultdict(list)
    mails = []
    for together in pace.send:
        if len(together.reminders) > 1:
            mails.append(letters_agent.reminders_together(desk, cases, together, now))
        of = among if len(together.reminders) > 1 else alone
        for one in together.reminders:
            of[one.alarm.reference].append(one)
    decisions = []
    for reference, decision in decided.items():
        case, own = decision.case, alone[reference]
        told = lifecycle.reminded(desk, case, own, now, tx.events(reference) if own else ())
        told = lifecycle.noted(told, own, now, among[reference])
        decisions.append(replace(told, events=(*decision.events, *told.events)))
    return decisions, mails


# -- what was sent already -----------------------------------------------------------------------------------------------


def already_sent(
    tx: Transaction, due: Iterable[Due], rules: ReminderRules, now: datetime
) -> Sequence[AlreadySent]:
    """Return the reminders that the recipients got lately, one for each case in a mail."""
    recipients = {one.recipient for one in due}
    if not recipients:
        return ()
    since = now - max(_HOUR, timedelta(seconds=max(rules.min_gap, rules.coalesce)))
    return [sent for row in tx.mails_since(MailKind.REMINDER, recipients, since) for sent in _parts(row)]


def _parts(row: OutboxRow) -> list[AlreadySent]:
    told = row.draft.get("variables", {})
    several = [*told.get("cases", ()), *told.get("others", ())]
    parts = several or [{**told.get("case", {}), "due": told.get("due")}]
    return [
        AlreadySent(
            row.to,
            str(part.get("reference", row.reference)),
            row.created_at,
            urgent=part.get("severity") == Severity.HIGH,
            was_due=datetime.fromisoformat(part["due"]) if part.get("due") else None,
        )
        for part in parts
    ]
