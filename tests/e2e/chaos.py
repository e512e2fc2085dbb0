"""Seeded chaos around the real daemon: kill -9 at random moments, and proxies that cut, stall and truncate.

Everything is counted from outside: what lies on the IMAP server, what the command line tells, what the relay took.
"""

import asyncio
import email
import json
import os
import random
import smtplib
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.daemon import SUPPORT, Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Chaos, Proxy
from tests.servers.smtp_sink import Received, SmtpSink

# Nothing waits longer than it must: chaos is to be survived, not sat out.
LIMITS = "{lease: 3s, retry: 500ms, reconnect: 1s, batch: 11, breaker_hour: 100000}".replace("500ms", "0.5")
_REPLIES = 0.15
_AT_ONCE = 1.0  # seconds that an answer may take from the relay to the daemon's mark on a busy machine


@dataclass(frozen=True)
class Mail:
    """One mail of a client; `answers` the Message-ID of an earlier one of theirs."""

    message_id: str
    client: str
    answers: str | None = None

    def raw(self) -> bytes:
        head = [
            f"From: Cliente <{self.client}>",
            f"To: {SUPPORT}",
            f"Subject: {'Re: ' if self.answers else ''}no puedo cargar productos",
            f"Message-ID: <{self.message_id}>",
            "Date: Tue, 20 Oct 2026 12:15:00 -0300",
            "Authentication-Results: mx.netone.example; dkim=pass header.d=cliente.example",
            "Content-Type: text/plain; charset=utf-8",
        ]
        if self.answers:
            head.append(f"In-Reply-To: <{self.answers}>")
        body = f"Hola, soy {self.client}. No puedo cargar productos en la tienda ({self.message_id})."
        return "\r\n".join([*head, "", body, ""]).encode()


def mails(number: int, seed: int) -> list[Mail]:
    """Return mails in their order of delivery: mostly new troubles, some replies to earlier ones."""
    chosen = random.Random(seed)
    made: list[Mail] = []
    for index in range(number):
        first = [mail for mail in made if mail.answers is None]
        if first and chosen.random() < _REPLIES:
            before = chosen.choice(first)
            made.append(Mail(f"m{index}@cliente.example", before.client, before.message_id))
        else:
            made.append(Mail(f"m{index}@cliente.example", f"c{index}@cliente.example"))
    return made


@dataclass
class Outcome:
    """What came of it, counted from outside. `repeats`: deliveries of a Message-ID beyond the first; `kills` and `hits`
    (a connection's port at the relay, and when it was ended) in the loop's seconds, as the times of `deliveries` are.
    """

    sent: list[Mail]
    cases: list[dict]
    answers: dict[str, set[str]]
    deliveries: dict[str, list[Received]]
    kills: list[float]
    faults: int
    hits: list[tuple[int, float]]
    reconcile: tuple[int, str] = (0, "")
    flags: dict[int, frozenset[str]] = field(default_factory=dict)

    @property
    def repeats(self) -> int:
        return sum(len(each) - 1 for each in self.deliveries.values())

    def causes(self) -> Counter[str]:
        """Say of each delivery that was repeated what kept its answer from being recorded."""
        return Counter(self.cause(each) for times in self.deliveries.values() for each in times[:-1])

    def cause(self, mail: Received) -> str:
        """The relay's and the proxy's logs know: the connection ended with the very answer, or a kill after DATA."""
        if any(port == mail.peer and abs(at - mail.at) < _AT_ONCE for port, at in self.hits):
            return "connection lost"
        if any(mail.data_at <= at <= mail.at + _AT_ONCE for at in self.kills):
            return "process killed"
        return "unexplained"

    def line(self, store: str) -> str:
        causes = ", ".join(f"{number} {cause}" for cause, number in sorted(self.causes().items()))
        return (
            f"chaos on {store}: {len(self.sent)} mails, {len(self.kills)} kills, {self.faults} connections hit, "
            f"{len(self.cases)} cases, {sum(map(len, self.deliveries.values()))} mails accepted, "
            f"{self.repeats} repeated deliveries of one Message-ID"
            + (f" (between DATA and the recorded answer: {causes})" if causes else "")
        )


def check(found: Outcome) -> None:
    """Assert the promise: nothing lost, nothing double, everybody answered under one Message-ID."""
    opening = {mail.message_id for mail in found.sent if mail.answers is None}
    assert len(found.cases) == len(opening), "as many cases as troubles"
    received = Counter(
        message["message_id"]
        for case in found.cases
        for message in case["messages"]
        if message["direction"] == "in"
    )
    assert received == Counter(mail.message_id for mail in found.sent), "every mail in exactly one case, once"
    by_first = {case["messages"][0]["message_id"]: case for case in found.cases}
    for mail in found.sent:
        if mail.answers:
            assert mail.message_id in {m["message_id"] for m in by_first[mail.answers]["messages"]}
    assert set(found.answers) == opening, "every case was acknowledged"
    assert {len(ids) for ids in found.answers.values()} == {1}, "an acknowledgement under two Message-IDs"
    assert not found.causes()["unexplained"], "a repeat without a connection lost or a kill after DATA"
    assert found.reconcile[0] == 0, found.reconcile[1]
    assert len(found.flags) == len(found.sent)
    assert all("$Triaged" in marks and "\\Seen" not in marks for marks in found.flags.values())


class Counting(Proxy):
    """A proxy that remembers whom it hit, and when."""

    __slots__ = ("hits",)

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.hits: list[tuple[int, float]] = []

    async def _end(self, writer: asyncio.StreamWriter, rest: bytes, link: Any) -> None:
        port = link.server.get_extra_info("sockname")[1]
        self.hits.append((port, asyncio.get_running_loop().time()))
        await super()._end(writer, rest, link)


async def play(
    folder: Path, dovecot: Dovecot, store: str, *, number: int, kills: int, seed: int, seconds: float
) -> Outcome:
    """Deliver `number` mails while the daemon is killed `kills` times; then let calm return and count."""
    chosen = random.Random(seed)
    sent = mails(number, seed)
    killed: list[float] = []
    user = dovecot.new_user()
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(SmtpSink())
        imap = Counting(dovecot.ports.imap, chaos=Chaos(seed, share=0.5, within=25_000))
        smtp = Counting(sink.port, chaos=Chaos(seed + 1, share=0.5, within=1_500))
        await stack.enter_async_context(imap)
        await stack.enter_async_context(smtp)
        site = impatient(
            configured(folder, imap=imap.port, smtp=smtp.port, user=user, store=store, limits=LIMITS)
        )
        stack.push_async_callback(site.end)
        feeding = asyncio.create_task(asyncio.to_thread(deliver, dovecot, user, sent[: number // 2]))
        rest = [sent[number // 2 :][i::kills] for i in range(kills)]
        feeding_order = sorted((mail for part in rest for mail in part), key=sent.index)
        share = max(1, len(feeding_order) // kills + 1)
        for turn in range(kills):
            await site.start()
            await feeding
            some = feeding_order[turn * share : (turn + 1) * share]
            feeding = asyncio.create_task(asyncio.to_thread(deliver, dovecot, user, some))
            await begun(site, turn + 1)
            await busy(site, chosen.randint(0, 60))
            await asyncio.sleep(chosen.uniform(0.0, 0.2))
            await site.kill()
            killed.append(asyncio.get_running_loop().time())
        await feeding
        imap.chaos = smtp.chaos = None
        await site.start()
        await quiet(site, opening=sum(mail.answers is None for mail in sent), seconds=seconds)
        cases = await site.cases()
        told = await site.triage("reconcile")
        assert await site.stop() == 0, site.log()[-3000:]
        return Outcome(
            sent=sent,
            cases=cases,
            answers=acknowledgements(mail.content for mail in sink.mails),
            deliveries=by_message_id(sink.mails),
            kills=killed,
            faults=len(imap.hits) + len(smtp.hits),
            hits=smtp.hits,
            reconcile=(told[0], told[1] + told[2][-2000:]),
            flags=dict(dovecot.flags(user)),
        )


def by_message_id(mails: Iterable[Received]) -> dict[str, list[Received]]:
    found: dict[str, list[Received]] = {}
    for mail in mails:
        found.setdefault(str(email.message_from_bytes(mail.content)["Message-ID"]), []).append(mail)
    return found


async def begun(site: Site, starts: int) -> None:
    """Return when the daemon reads mail: killed while Python still imports, it would have nothing to lose."""
    async with asyncio.timeout(60):
        while site.log().count('"daemon.started"') < starts:
            assert site.process is not None
            assert site.process.returncode is None, site.log()[-3000:]
            await asyncio.sleep(0.02)


async def busy(site: Site, lines: int) -> None:
    """Return when the log has grown by so many lines, or after five seconds: a moment in the midst of work."""
    there = site.log().count("\n")
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while site.log().count("\n") < there + lines:
                await asyncio.sleep(0.005)


def impatient(site: Site) -> Site:
    """Let the daemon give a dead connection up within seconds."""
    text = site.config.read_text()
    text = text.replace("tls: none, user:", "tls: none, timeout: 3s, user:")
    text = text.replace("tls: none}", "tls: none, timeout: 2s, answer_timeout: 2s}")
    site.config.write_text(text.replace("poll: 1s", "poll: 1s\n    eager: 0.1"))
    return site


def deliver(dovecot: Dovecot, user: str, some: Iterable[Mail]) -> None:
    with smtplib.LMTP("127.0.0.1", dovecot.ports.lmtp) as client:
        for mail in some:
            client.sendmail(mail.client, [user], mail.raw())


def acknowledgements(contents: Iterable[bytes]) -> dict[str, set[str]]:
    """Return, by the client's Message-ID, the Message-IDs of our automatic answers to it."""
    found: dict[str, set[str]] = {}
    for content in contents:
        mail = email.message_from_bytes(content)
        if mail["Auto-Submitted"] == "auto-replied":
            found.setdefault(str(mail["In-Reply-To"]).strip("<>"), set()).add(str(mail["Message-ID"]))
    return found


async def quiet(site: Site, *, opening: int, seconds: float) -> None:
    """Return when every mail was taken in and nothing waits in the outbox any more."""
    async with asyncio.timeout(seconds):
        while True:
            assert site.process is not None
            assert site.process.returncode is None, site.log()[-3000:]
            waiting = ["--state", "queued", "--state", "deferred", "--state", "sending"]
            code, out, _ = await site.triage("outbox", "list", "--json", *waiting)
            counted, cases, _ = await site.triage("cases", "list", "--json")
            if code == counted == 0 and not out.strip() and len(cases.splitlines()) >= opening:
                rows = [json.loads(line) for line in cases.splitlines()]
                if len(rows) == opening:
                    return
            await asyncio.sleep(0.3)


def seed() -> int:
    """Return the seed: TRIAGE_CHAOS_SEED, to play a night's finding again."""
    return int(os.environ.get("TRIAGE_CHAOS_SEED", "20261122"))
