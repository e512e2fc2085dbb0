"""What a worker does with one mail: marks, doubts, and a relay that is away."""

from collections import Counter

from tests.app.outbox_house import START, House, Running, Script, a_row
from tests.servers.smtp_faulty import Fault, Point, SmtpFaulty, Way
from triage.adapters.mailer_smtp import SmtpConfig, SmtpMailer
from triage.app.workers import Pace
from triage.core.delivery import Trace
from triage.core.model import MailState
from triage.ports import Delivery, Sent


async def test_a_mail_is_marked_when_the_relay_is_about_to_get_it_and_when_it_answered(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row())
    seen = []

    async def send(sender, recipient, content, begin):
        (row,) = await store.read(lambda tx: tx.list_outbox())
        seen.append(house.handover.trace(row))
        assert begin()
        seen.append(house.handover.trace(row))
        return Sent(Delivery.ACCEPTED)

    house.mailer.send = send
    assert (await house.once()).accepted == 1
    assert seen == [Trace.UNTOUCHED, Trace.BEGUN]
    assert list(tmp_path.glob("*.handover")) == [], "nothing is left to ask about"


async def test_a_process_that_slept_longer_than_its_lease_does_not_begin_a_mail(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row())

    async def send(sender, recipient, content, begin):
        house.later(minutes=3)
        return Sent(Delivery.ACCEPTED if begin() else Delivery.DEFERRED, 0, "not any more")

    house.mailer.send = send
    assert (await house.once()).accepted == 0
    assert (await house.row()).doubts == 0


async def test_while_the_relay_is_away_mails_wait_untried_and_then_go_at_once(store, tmp_path):
    away = Sent(Delivery.DEFERRED, 0, "relay cannot be reached", relay=True)
    heard = []
    house = House(
        store, tmp_path, Script(*[away] * 5), pace=Pace(batch=100, workers=2),
        on_relay=lambda tx, since, now: heard.append(since),
    )  # fmt: skip
    await house.add(*(a_row(n) for n in range(100)))
    summary = await house.once()
    assert summary.deferred <= 5
    assert summary.deferred + summary.held == 100
    tries = len(house.mailer.sent)
    assert not (await house.once()).worked
    for _ in range(12):
        house.later(minutes=1)
        await house.once()
    assert Counter(row.state for row in (await house.rows()).values()) == {MailState.ACCEPTED: 100}
    assert len(house.mailer.sent) <= 100 + tries + 5
    assert heard == [START, None]


async def test_a_mailer_that_raises_leaves_doubt_and_the_others_go(store, tmp_path):
    house = House(store, tmp_path, Script(RuntimeError("bug")))
    await house.add(a_row(), a_row(2))
    summary = await house.once()
    assert (summary.uncertain, summary.accepted) == (1, 1)


async def test_a_hung_mail_holds_up_nobody_else(store, tmp_path):
    async with SmtpFaulty(lambda point, d: Fault(Way.MUTE) if point is Point.RCPT and d.recipients == ["client0@x.example"] else None) as server:  # fmt: skip
        config = SmtpConfig("127.0.0.1", server.port, "none", connections=2, command_timeout=30)
        mailer = SmtpMailer(config)
        house = House(store, tmp_path, mailer, pace=Pace(workers=2, batch=5, drain=0.2))
        await house.add(*(a_row(n) for n in range(40)))
        async with Running(house) as running:
            await running.until(lambda: len(house.copies) == 39)
        await mailer.close()
    row = await house.row("ack:0")
    # stopped while it hung: in doubt, once more later
    assert (row.state, row.doubts) == (MailState.DEFERRED, 1)
