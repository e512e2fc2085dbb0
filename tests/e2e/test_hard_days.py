"""Hard days at the door, from the mailbox to the relay: thousands of old mails, four days away, a mail of 25 megabytes."""

import asyncio
import os
import pwd
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.e2e.chaos import Mail
from tests.e2e.daemon import SUPPORT, configured
from tests.e2e.playbook import playing, to_agents, to_client
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink
from triage import settings
from triage.wiring import building

OLD = 10_000
MONDAY = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)  # in hours


def lie_there(dovecot: Dovecot, user: str, number: int, days: int) -> None:
    """Put mails that nobody has read into a mailbox, as they came so many days ago: straight into its Maildir."""
    home = dovecot.home / "mail" / user
    folder = home / "Maildir" / "new"
    folder.mkdir(parents=True)
    at = datetime.now(UTC).timestamp() - days * 86_400
    for count in range(number):
        path = folder / f"{at + count:.0f}.M{count}P1.old"
        path.write_bytes(Mail(f"old{count}@cliente.example", f"c{count}@cliente.example").raw())
        os.utime(path, (at + count, at + count))
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (home, *home.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def site(folder: Path, dovecot: Dovecot, sink: SmtpSink, user: str, start: str) -> settings.Settings:
    made = configured(folder, imap=dovecot.ports.imap, smtp=sink.port, user=user)
    made.config.write_text(made.config.read_text().replace("start: all", f"start: {start}"))
    return settings.load(made.config)


@pytest.mark.dovecot
async def test_ten_thousand_unread_old_mails_at_the_first_start_are_left_alone(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    await asyncio.to_thread(lie_there, dovecot, user, OLD, 30)
    async with SmtpSink() as sink, building.daemon(site(tmp_path, dovecot, sink, user, "now")) as built:
        assert (await built.daemon.pass_once()).taken == 0
        await asyncio.to_thread(
            dovecot.deliver, user, Mail("new@cliente.example", "ana@cliente.example").raw()
        )
        assert (await built.daemon.pass_once()).taken == 1
        cases = await built.store.read(lambda tx: len(tx.cases_between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))))  # fmt: skip
    assert cases == 1
    assert [mail.recipients[0] for mail in sink.mails if "cliente" in mail.recipients[0]] == [
        "ana@cliente.example"
    ]
    flags = dovecot.flags(user)
    assert len(flags) == OLD + 1
    assert sum(bool(marks) for marks in flags.values()) == 1, "the old ones bear no mark of ours"


@pytest.mark.dovecot
@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_ten_thousand_unread_old_mails_that_are_asked_for_become_cases_and_answer_nobody(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    await asyncio.to_thread(lie_there, dovecot, user, OLD, 30)
    async with SmtpSink() as sink, building.daemon(site(tmp_path, dovecot, sink, user, "all")) as built:
        assert (await built.daemon.pass_once()).taken == OLD
    assert not [mail for mail in sink.mails if "cliente" in mail.recipients[0]]
    assert all("$Triaged" in marks and "\\Seen" not in marks for marks in dovecot.flags(user).values())


async def test_a_deadline_that_passed_while_we_were_away_goes_to_the_lead_at_once_and_is_not_quoted(
    tmp_path: Path,
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ana@tienda.example", SUPPORT, "El sitio esta caido"
    mail["Message-ID"] = "<1@tienda.example>"
    mail.set_content("El sitio esta caido, nadie puede entrar.\n")
    async with playing(tmp_path, MONDAY + timedelta(days=4)) as play:
        await play.servers.append(SUPPORT, mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")), MONDAY)
        play.clock.jump(MONDAY + timedelta(days=4))
        await play.work()
        sent = play.sent()
        case = await play.case()
    leads = {agent.address for agent in play.config.agents if "lead" in agent.roles}
    assert leads & {mail["To"].addresses[0].addr_spec for mail in to_agents(sent)}
    (acknowledgement,) = to_client(sent)
    local = datetime.fromisoformat(case["deadline"]).astimezone(play.config.identity().zone)
    assert local < play.clock.now()
    body = acknowledgement.get_body(("plain",))
    assert body is not None
    assert f"{local:%H:%M}" not in body.get_content()


@pytest.mark.dovecot
async def test_a_mail_of_25_megabytes_adds_less_than_20_to_the_daemon(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink:
        house = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
        await house.start()
        try:
            await asyncio.to_thread(dovecot.deliver, user, Mail("m1@x.example", "c1@x.example").raw())
            await house.until(lambda _: answered(sink) == {"c1@x.example"})
            assert house.process is not None
            proc = Path(f"/proc/{house.process.pid}")
            (proc / "clear_refs").write_text("5")  # the high-water mark begins anew
            before = peak(proc)
            await asyncio.to_thread(dovecot.deliver, user, large(25_000_000))
            await house.until(lambda _: answered(sink) == {"c1@x.example", "c2@x.example"})
            grown = peak(proc) - before
        finally:
            assert await house.stop() == 0
    print(f"a mail of 25 MB: {grown / 1e6:.1f} MB more at the peak")  # noqa: T201
    assert grown < 20_000_000


def large(octets: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "c2@x.example", SUPPORT, "no puedo cargar productos"
    mail["Message-ID"] = "<m2@x.example>"
    mail.set_content("No puedo cargar productos, va el registro.\n")
    mail.add_attachment(os.urandom(octets * 3 // 4), "application", "octet-stream", filename="registro.bin")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def answered(sink: SmtpSink) -> set[str]:
    return {mail.recipients[0] for mail in sink.mails if mail.recipients[0].endswith("@x.example")}


def peak(proc: Path) -> int:
    """Return the most octets of memory the process has held since its mark was set back."""
    line = next(line for line in (proc / "status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@pytest.mark.dovecot
async def test_while_nothing_can_be_written_mail_waits_and_the_mailbox_is_not_blamed(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    """Somebody's backup program holds the store: said once when it begins and once when it is over."""
    user = dovecot.new_user()
    async with SmtpSink() as sink:
        made = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
        await made.start()
        await soon(lambda: '"daemon.started"' in made.log())
        holder = sqlite3.connect(tmp_path / "triage.db", isolation_level=None)
        holder.execute("begin immediate")
        await asyncio.to_thread(
            dovecot.deliver, user, Mail("m1@cliente.example", "ana@cliente.example").raw()
        )
        await soon(lambda: '"mailbox": "soporte"' in of(made.log(), "store.failed"))
        assert sink.mails == []
        holder.execute("rollback")
        holder.close()
        await soon(lambda: bool(of(made.log(), "store.back")))
        await soon(lambda: any("ana@cliente.example" in mail.recipients for mail in sink.mails))
        assert await made.stop() == 0
    assert of(made.log(), "mailbox.unreachable") == ""
    assert len([line for line in of(made.log(), "store.failed").splitlines() if "mailbox" in line]) == 1


async def soon(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(90):
        while not what():
            await asyncio.sleep(0.05)


def of(log: str, event: str) -> str:
    return "\n".join(line for line in log.splitlines() if f'"event": "{event}"' in line)
