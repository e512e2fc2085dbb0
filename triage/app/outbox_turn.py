"""Everything the outbox does to the store, as one turn in one commit: finished mails in, due mails out.

    1  outcomes of the mails just tried are recorded, and their cases told
    2  leases that ran out (a process died with them) are judged by the trace it left
    3  due rows are claimed under a lease; too old: dropped; the governor is asked; where nothing more is due,
       what a clock that was ahead wrote is put right
    4  what was not yet rendered is rendered, and its bytes stored: the bytes sent are the bytes stored

One commit for all of it costs one fsync for fifty mails. Crashing before the commit loses nothing: claimed rows are
unclaimed again, and outcomes stay with the caller, who hands them in again. Runs in the store's thread; knows
nothing of SMTP or of the event loop. Called by `app.dispatch` only.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from triage.app.relay_watch import Seen
from triage.core import delivery, governor
from triage.core.events import EventName
from triage.core.governor import Governor, Limits, Measure
from triage.core.model import MailKind, MailState
from triage.core.records import Event, OutboxOutcome, OutboxRow
from triage.errors import Permanent
from triage.log import logger
from triage.ports import Composer, HandoverLog, Renderer, Transaction

OnOutcome = Callable[[Transaction, Sequence[OutboxRow], datetime], None]
"""Tells the cases what became of their mails; the rows carry the state that happened: an automatic mail that will be
sent once more comes as uncertain."""

OnBreaker = Callable[[Transaction, str, datetime], None]
"""Told once when the breaker opens, with the reason; may write an alarm into the outbox."""

OnRelay = Callable[[Transaction, datetime | None, datetime], None]
"""Told when the relay is found away (since when) or there again (None), with the present."""

BREAKER_NOTE = "governor.breaker"

_EVENTS = {
    MailState.ACCEPTED: EventName.MAIL_ACCEPTED,
    MailState.DEFERRED: EventName.MAIL_DEFERRED,
    MailState.UNCERTAIN: EventName.MAIL_UNCERTAIN,
    MailState.FAILED: EventName.MAIL_FAILED,
    MailState.REFUSED: EventName.MAIL_REFUSED,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked of one turn: `done` outcomes to record, at most `room` rows to claim, under `lease`;
    leases to `renew`; whether to `tell` the cases; news of the `relay`.
    """

    now: datetime
    done: Sequence[OutboxOutcome] = ()
    room: int = 0
    lease: str = ""
    renew: Iterable[str] = ()
    tell: bool = True
    relay: Seen | None = None


@dataclass(slots=True)
class Turned:
    """What came of it: `ready` rows with their content, `recorded` rows with the state that happened."""

    ready: list[OutboxRow] = field(default_factory=list)
    recorded: list[OutboxRow] = field(default_factory=list)
    claimed: int = 0
    held: int = 0
    next_at: datetime | None = None


def _nothing(_tx: Transaction, _rows: Sequence[OutboxRow], _now: datetime) -> None:
    return


def _silence(_tx: Transaction, _reason: str, _now: datetime) -> None:
    return


def _unheard(_tx: Transaction, _since: datetime | None, _now: datetime) -> None:
    return


@dataclass(frozen=True)
class OutboxTurns:
    """Performs turns. `own`: addresses of our own people, asked anew each turn; `handover`: what a dead
    process left about a row it had claimed. `acting`: under which name mails are claimed, `process` and more; "" while
    nothing may be claimed or begun, because others may take us for dead.
    """

    renderer: Renderer
    composer: Composer
    handover: HandoverLog
    lease: timedelta
    limits: Limits = field(default_factory=Limits)
    ages: Mapping[MailKind, timedelta] = field(default_factory=lambda: delivery.MAX_AGES)
    first_pause: timedelta = delivery.FIRST_PAUSE
    own: Callable[[], frozenset[str]] = frozenset
    on_outcome: OnOutcome = _nothing
    on_breaker: OnBreaker = _silence
    on_relay: OnRelay = _unheard
    process: str = field(default_factory=lambda: secrets.token_hex(6))
    acting: Callable[[], str] | None = None

    def node(self) -> str:
        return self.process if self.acting is None else self.acting()

    def perform(self, tx: Transaction, turn: Turn) -> Turned:
        turned = Turned()
        tx.renew_leases(turn.renew, turn.now + self.lease)
        known = {outcome.id for outcome in turn.done}
        lapsed = [outcome for outcome in self._lapsed(tx, turn.now) if outcome.id not in known]
        self._record(tx, [*turn.done, *lapsed], turned)
        if turn.relay is not None:
            self.on_relay(tx, turn.relay.away_since, turn.now)
        if turn.room > 0:
            rows = tx.claim_outbox(turn.now, turn.lease, turn.now + self.lease, turn.room)
            turned.claimed = len(rows)
            self._record(tx, self._prepare(tx, rows, turn.now, turned), turned)
            # only where nothing else is due: it looks at every mail that waits
            if turned.claimed < turn.room:
                tx.pull_back_outbox(turn.now, self.lease, delivery.SKEW)
        if turn.tell:
            self._tell(tx, turned.recorded, turn.now)
        turned.next_at = tx.next_outbox_at()
        return turned

    def _lapsed(self, tx: Transaction, now: datetime) -> list[OutboxOutcome]:
        """Judge what a dead process had claimed."""
        words = "the process ended before it recorded what the relay answered"
        return [
            delivery.lapsed(row, now, self.handover.trace(row), words, ages=self.ages)
            for row in tx.expired_leases(now)
        ]

    # -- recording ---------------------------------------------------------------------------------------------------

    def _record(self, tx: Transaction, outcomes: Sequence[OutboxOutcome], turned: Turned) -> None:
        if not outcomes:
            return
        doubts = {outcome.id for outcome in outcomes if outcome.doubts is not None}
        tries = {outcome.id for outcome in outcomes if outcome.attempts is not None}
        for row in tx.record_outcomes(outcomes):
            if row.id in doubts:
                turned.recorded.append(replace(row, state=MailState.UNCERTAIN))
            elif row.id in tries or row.state not in {MailState.QUEUED, MailState.DEFERRED}:
                turned.recorded.append(row)

    def _tell(self, tx: Transaction, rows: Sequence[OutboxRow], now: datetime) -> None:
        """Mails about a case are the case's business; the history of the others is written here, canaries have none."""
        about_cases = [row for row in rows if row.reference is not None or row.draft.get("reminds")]
        if about_cases:
            self.on_outcome(tx, about_cases, now)
        loose = [row for row in rows if row.reference is None and row.kind is not MailKind.CANARY]
        events = [_event(row, now) for row in loose if row.state in _EVENTS]
        if events:
            tx.add_events(events)

    # -- claiming ----------------------------------------------------------------------------------------------------

    def _prepare(
        self, tx: Transaction, rows: Sequence[OutboxRow], now: datetime, turned: Turned
    ) -> list[OutboxOutcome]:
        """Fill `ready`, store what was rendered, and return the outcomes of rows that will not be sent now."""
        own = self.own()
        measured = [governor.measures(row, own, self.limits) for row in rows]
        judge = self._governor(tx, measured, own, now)
        outcomes: list[OutboxOutcome] = []
        contents: dict[int, bytes] = {}
        for row, measures in zip(rows, measured, strict=True):
            outcome = self._stopped(row, measures, now, judge)
            if outcome is None and row.content is None:
                content = self._rendered(row, now)
                if isinstance(content, OutboxOutcome):
                    outcome = content
                else:
                    contents[row.id] = content
            if outcome is None:
                turned.ready.append(replace(row, content=contents.get(row.id, row.content)))
            else:
                outcomes.append(outcome)
                turned.held += outcome.state in {MailState.QUEUED, MailState.DEFERRED}
        tx.store_content(contents)
        self._keep_count(tx, judge, now)
        return outcomes

    def _stopped(
        self, row: OutboxRow, measures: Sequence[Measure], now: datetime, judge: Governor
    ) -> OutboxOutcome | None:
        if delivery.expires_at(row, self.ages) <= now:
            return delivery.too_old(row, now)
        verdict = judge.judge(row, measures)
        if verdict.allowed:
            return None
        if verdict.held_until is not None:
            return delivery.released(row, now, verdict.reason, verdict.held_until)
        return delivery.refused(row, now, verdict.reason)

    def _rendered(self, row: OutboxRow, now: datetime) -> bytes | OutboxOutcome:
        try:
            return self.composer.compose(row, self.renderer.render(row, now), now)
        except Permanent as error:
            return delivery.failed(row, now, f"cannot be put into words: {error}")
        except Exception as error:  # noqa: BLE001
            # A template or draft that nobody foresaw must cost one mail, visibly, not stop the outbox.
            logger(part="dispatch").exception("loop.failed", key=row.key)
            return delivery.failed(row, now, f"cannot be put into words: {type(error).__name__}: {error}")

    # -- the governor's memory -----------------------------------------------------------------------------------------

    def _governor(
        self, tx: Transaction, measured: Sequence[Sequence[Measure]], own: frozenset[str], now: datetime
    ) -> Governor:
        if measured:
            tx.lock("governor")  # what one node counts, the others must see before they judge
        tallies = tx.tallies(governor.names(measured), governor.oldest_slot(now)) if measured else {}
        note = tx.get_note(BREAKER_NOTE) if measured else None
        return Governor(
            self.limits, tallies, own, now, None if note is None else datetime.fromisoformat(note)
        )

    def _keep_count(self, tx: Transaction, judge: Governor, now: datetime) -> None:
        if judge.increments:
            tx.add_tallies(judge.increments)
        if judge.tripped and judge.open_until is not None:
            reason = f"more than {self.limits.breaker_hour} repeats to the same addresses in an hour"
            tx.set_note(BREAKER_NOTE, judge.open_until.isoformat())
            logger(part="dispatch").error("breaker.opened", until=judge.open_until.isoformat(), reason=reason)
            self.on_breaker(tx, reason, now)


def _event(row: OutboxRow, now: datetime) -> Event:
    data = {"kind": row.kind.value, "to": row.to, "message_id": row.message_id, "attempts": row.attempts}
    if row.last_error:
        data["error"] = row.last_error
    return Event(now, _EVENTS[row.state].value, data=data)
