"""The real process while its clock is put forward and back, and after kill -9: the latest reminder only, nothing doubled.

libfaketime stands between the process and the system's clock; the file it reads says how far the clock is off. The
monotonic clock is left alone, as it is when an admin or a broken NTP sets the time.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.daemon import SUPPORT, Site, configured
from triage.adapters.servers_embedded import EmbeddedServers

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (Debian: faketime)"),
]
FAR = 150  # seconds to wait for: the sweep comes every 15


def now() -> datetime:
    return datetime.now(UTC)


def down(number: int) -> bytes:
    return (
        f"Received: from a by mx.netone.example; {now():%a, %d %b %Y %H:%M:%S +0000}\r\n"
        f"From: Ana <ana{number}@tienda{number}.example>\r\nTo: soporte@netone.example\r\n"
        f"Subject: La tienda {number} no responde\r\nMessage-ID: <{number}@tienda{number}.example>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nLa tienda está caída, no carga nada.\r\n"
    ).encode()


class Stage:
    """A site, its mail servers, and the file that says how far its clock is off."""

    def __init__(self, site: Site, servers: EmbeddedServers) -> None:
        self.site = site
        self.servers = servers
        self.clock = site.folder / "clock"
        self.puts("+0")

    def puts(self, offset: str) -> None:
        self.clock.write_text(f"{offset}\n")

    async def starts(self) -> None:
        faked = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        await self.site.start(faked)

    async def told(self, reference: str) -> list[tuple[str, int, str]]:
        """Return who was reminded of a case by which step and turn."""
        code, out, error = await self.site.triage("cases", "show", reference, "--json")
        assert code == 0, error
        return [
            (event["step"], event["turn"], who)
            for event in json.loads(out)["events"]
            if event["event"] == "case.reminded"
            for who in event["to"]
        ]

    async def until_told(self, reference: str, more_than: int = 0) -> list[tuple[str, int, str]]:
        """Wait for a further reminder of the case; returns all there were."""
        async with asyncio.timeout(FAR):
            while len(found := await self.told(reference)) <= more_than:
                await asyncio.sleep(1)
        return found


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with EmbeddedServers({SUPPORT: "secreto"}, now) as servers:
        site = configured(tmp_path, imap=servers.imap_port, smtp=servers.smtp_port, user=SUPPORT)
        try:
            yield Stage(site, servers)
        finally:
            await site.end()


async def test_a_clock_put_forward_and_back_and_a_kill_double_nothing_and_silence_nothing(
    stage: Stage,
) -> None:
    await stage.starts()
    await stage.servers.append(SUPPORT, down(1), now())
    (first,) = await stage.site.until(lambda cases: len(cases) == 1)
    before = await stage.until_told(first["reference"])

    stage.puts("+3d")
    after = await stage.until_told(first["reference"], len(before))
    missed = Counter(who for _, _, who in after[len(before) :])
    assert set(missed.values()) == {1}

    await stage.site.kill()
    await stage.starts()
    stage.puts("+0")
    await stage.servers.append(SUPPORT, down(2), now())
    cases = await stage.site.until(lambda found: len(found) == 2)
    second = next(case for case in cases if case["reference"] != first["reference"])
    early = await stage.until_told(second["reference"])
    stage.puts("+40m")
    told = await stage.until_told(second["reference"], len(early))

    assert await stage.told(first["reference"]) == after
    assert not [one for one, count in Counter(told).items() if count > 1]
    sent = Counter(
        part for mail in stage.servers.posted for part in [mail.content.split(b"essage-ID: ")[1][:90]]
    )
    assert set(sent.values()) == {1}
