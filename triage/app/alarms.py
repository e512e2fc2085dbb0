"""Due alarms -> their cases asked again -> reminders into the outbox, or nothing. The truth is the table, never a timer.

One transaction for all that is due: alarms and cases are read, decided and written together, so a crash rings them
again and the unique keys of the outbox keep a reminder from being sent twice.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import partial

from triage.app.record import record
from triage.core import lifecycle
from triage.core.desk import Desk
from triage.core.events import AlarmsRang
from triage.core.records import AlarmRow, Event
from triage.log import logger
from triage.ports import Clock, Store, Transaction

_AT_ONCE = 500


class Alarms:
    def __init__(self, store: Store, desk: Callable[[], Desk], clock: Clock) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._log = logger(part="alarms")

    async def ring(self) -> int:
        """Ring everything that is due; returns how many alarms that were."""
        total = 0
        while True:
            desk, now = self._desk(), self._clock.now()
            count, events = await self._store.write(partial(ring, desk=desk, now=now))
            for event in events:
                self._log.info(str(event.event), case=event.reference, step=event.data.get("step"))
            total += count
            if count < _AT_ONCE:
                return total

    async def next_at(self) -> datetime | None:
        return await self._store.read(lambda tx: tx.next_alarm_at())


def ring(tx: Transaction, desk: Desk, now: datetime) -> tuple[int, tuple[Event, ...]]:
    """Ring the alarms that are due, in the given transaction; returns their number and what they led to."""
    due = tx.due_alarms(now, _AT_ONCE)
    if not due:
        return 0, ()
    by_case: dict[str, list[AlarmRow]] = defaultdict(list)
    for alarm in due:
        by_case[alarm.reference].append(alarm)
    cases = tx.cases(by_case, lock=True)
    decisions = [
        lifecycle.decide(desk, cases[reference], AlarmsRang(tuple(alarms)), now)
        for reference, alarms in by_case.items()
        if reference in cases
    ]
    record(tx, desk, decisions, now)
    tx.finish_alarms([alarm.id for alarm in due], now)
    return len(due), tuple(event for decision in decisions for event in decision.events)
