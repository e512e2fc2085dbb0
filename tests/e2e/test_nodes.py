"""Several daemons on one store, as processes: the second stands by, and goes on where the first ended."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.e2e import chaos
from tests.e2e.daemon import Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Cluster
from tests.servers.proxy import Proxy
from tests.servers.smtp_sink import SmtpSink

pytestmark = [pytest.mark.dovecot, pytest.mark.timeout(180)]


async def said(site: Site, event: str) -> dict:
    """Return the first log line of an event, as soon as it is there."""
    async with asyncio.timeout(60):
        while True:
            for line in site.log().splitlines():
                if f'"event": "{event}"' in line:
                    return json.loads(line)
            await asyncio.sleep(0.05)


async def test_a_second_daemon_on_an_sqlite_file_stands_by_and_takes_over_when_the_first_is_killed(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    mails = [chaos.Mail(f"m{n}@cliente.example", f"c{n}@cliente.example") for n in (1, 2)]
    async with SmtpSink() as sink:
        sites = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            store = f"sqlite:///{tmp_path}/triage.db"
            sites.append(
                configured(tmp_path / name, imap=dovecot.ports.imap, smtp=sink.port, user=user, store=store)
            )
        one, two = sites
        try:
            await one.start()
            await said(one, "reader.began")
            await two.start()
            assert (await said(two, "reader.standing_by"))["read_by"].startswith(
                (await said(one, "reader.began"))["node"]
            )
            code, _, err = await two.triage("once")
            assert (code, "left to" in err) == (0, True), err
            _, out, _ = await two.triage("status", "--json")
            told = json.loads(out)
            assert len(told["nodes"]) == 2
            assert told["mailboxes"][0]["read_by"] == (await said(one, "reader.began"))["node"]
            chaos.deliver(dovecot, user, mails[:1])
            await sink.wait_for(1)
            await one.kill()
            chaos.deliver(dovecot, user, mails[1:])
            began = await said(two, "reader.began")
            assert began["before"] == (await said(one, "reader.began"))["node"]
            await two.until(lambda cases: len(cases) == 2)
            assert await two.stop() == 0
            assert not list(tmp_path.glob("*-node-*")), "nothing is left lying"
        finally:
            for site in sites:
                await site.end()


@pytest.mark.postgres
async def test_a_database_that_comes_up_later_than_the_daemon_is_waited_for(
    dovecot: Dovecot, postgres: Cluster, tmp_path: Path
) -> None:
    """After a power cut both start together, and the database takes longer."""
    url, user = postgres.url(), dovecot.new_user()
    chaos.deliver(dovecot, user, [chaos.Mail("m1@cliente.example", "c1@cliente.example")])
    async with SmtpSink() as sink, Proxy(postgres.socket, refuse=True) as proxy:
        there = url.replace("@/", f"@127.0.0.1:{proxy.port}/").partition("?")[0]
        site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user, store=there)
        await site.start()
        assert "connection" in (await said(site, "store.failed"))["error"]
        proxy.refuse = False
        await sink.wait_for(1)
        assert await site.stop() == 0
        proxy.refuse = True
        await site.start()
        async with asyncio.timeout(60):
            while site.log().count("store.failed") < 2:
                await asyncio.sleep(0.05)
        assert await site.stop() == 0
