"""`triage aside` and `triage reconcile` against the real store, server and process."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.chaos import Mail
from tests.e2e.daemon import Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.dovecot

FORGED = b"""From: Lucia <lucia.ferrari@netone.example>\r\nTo: soporte@netone.example\r\nSubject: cambio\r
Message-ID: <f1@x.example>\r\nAuthentication-Results: mx.netone.example; dmarc=fail header.from=netone.example\r
Date: Tue, 20 Oct 2026 12:15:00 -0300\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r
--b\r\nContent-Type: text/plain\r\n\r\n!close\r\n--b\r\nContent-Type: image/png; name=a.png\r
Content-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"""


async def site_with(dovecot: Dovecot, folder: Path, sink: SmtpSink, *raws: bytes) -> tuple[Site, str]:
    user = dovecot.new_user()
    for raw in raws:
        dovecot.append(user, raw)
    site = configured(folder, imap=dovecot.ports.imap, smtp=sink.port, user=user)
    return site, user


async def test_a_forged_mail_is_listed_shown_and_exported_whole(dovecot: Dovecot, tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        site, _ = await site_with(dovecot, tmp_path, sink, FORGED)
        code, _, err = await site.triage("once")
        assert code == 1, err
        code, out, _ = await site.triage("aside", "list", "--json")
        row = json.loads(out)
        assert code == 0
        assert set(row) == {"id", "at", "mailbox", "uid", "message_id", "from", "subject", "why", "case"}
        assert (row["from"], row["message_id"]) == ("lucia.ferrari@netone.example", "f1@x.example")
        code, out, _ = await site.triage("aside", "show", str(row["id"]))
        assert "not authenticated" in out
        assert "!close" in out
        code, _, _ = await site.triage("aside", "export", str(row["id"]), "-o", str(tmp_path / "mail.eml"))
        assert (code, (tmp_path / "mail.eml").read_bytes()) == (0, FORGED)
        code, _, err = await site.triage("aside", "retry", str(row["id"]))
        assert code == 1, "still forged: nothing is changed"
        assert "not authenticated" in err
        assert len((await site.triage("aside", "list"))[1].splitlines()) == 1
        assert (await site.triage("aside", "show", "99"))[0] == 1


async def test_a_retry_is_a_new_decision_in_place_of_the_old(dovecot: Dovecot, tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        site, _ = await site_with(dovecot, tmp_path, sink, FORGED)
        assert (await site.triage("once"))[0] == 1
        text = site.config.read_text()
        # she has left: the address is no agent's any more, so the mail is a stranger's like any other
        site.config.write_text("\n".join(line for line in text.splitlines() if "lucia.ferrari" not in line))
        code, out, err = await site.triage("aside", "retry", "1")
        assert code == 0, err
        assert out.startswith("1: ")
        assert (await site.triage("aside", "list"))[1] == ""
        assert (await site.triage("reconcile"))[0] == 0


async def test_reconcile_finds_a_gap_heals_it_and_then_finds_none(dovecot: Dovecot, tmp_path: Path) -> None:
    raws = [Mail(f"m{n}@cliente.example", f"c{n}@cliente.example").raw() for n in range(4)]
    async with SmtpSink() as sink:
        site, user = await site_with(dovecot, tmp_path, sink, *raws)
        assert (await site.triage("reconcile"))[0] == 0, "not yet taken is no gap"
        await site.triage("once")
        code, out, _ = await site.triage("reconcile")
        assert (code, "messages since it began 4" in out, "no gap" in out) == (0, True, True)
        with sqlite3.connect(tmp_path / "triage.db") as store:  # what no line of ours does: an outcome lost
            store.execute("DELETE FROM ledger WHERE uid IN (2, 3)")
            store.execute("DELETE FROM messages WHERE message_id = 'm1@cliente.example'")
        store.close()
        code, out, _ = await site.triage("reconcile", "--json")
        found = json.loads(out)
        assert code == 1
        assert (found["gaps"], found["healed"], found["left"]) == ([2, 3], [2, 3], [])
        assert (await site.triage("reconcile"))[0] == 0
        assert len(await site.cases()) == 5, "one mail was not known any more, the other was"
    assert len(dovecot.flags(user)) == 4


async def test_reconcile_may_run_beside_the_daemon(dovecot: Dovecot, tmp_path: Path) -> None:
    raws = [Mail(f"m{n}@cliente.example", f"c{n}@cliente.example").raw() for n in range(30)]
    async with SmtpSink() as sink:
        site, user = await site_with(dovecot, tmp_path, sink)
        await site.start()
        try:
            for raw in raws:
                dovecot.append(user, raw)
            told = [await site.triage("reconcile")]
            await site.until(lambda cases: len(cases) == 30)
            told.append(await site.triage("reconcile"))
            assert [code for code, _, _ in told] == [0, 0], told
        finally:
            assert await site.stop() == 0
