"""Seeded chaos around three real daemons on one PostgreSQL: killed, stopped, cut off, and back when it is too late.

Each node reaches the database through a proxy of its own. A hit goes to the node that reads the mailbox, most of the
time; how long it takes until another one reads it is measured from outside, in the table of leases.
"""

import asyncio
import random
import signal
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.e2e import chaos
from tests.e2e.chaos import Counting, Mail, Outcome
from tests.e2e.daemon import RULES, Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Cluster
from tests.servers.proxy import Chaos, Proxy
from tests.servers.smtp_sink import Received, SmtpSink
from triage.adapters.store_sql.store import SqlStore, open_store

NODES = 3
TAKEOVER = 3.0  # seconds; twice as long as a busy machine needs to say that it lives
LIMITS = f"{{lease: 5s, retry: 0.5, reconnect: 1s, batch: 11, breaker_hour: 100000, takeover: {TAKEOVER}s}}"
_UNRECORDED = 1.5  # seconds that an answer of the relay may take to the outbox's table on a busy machine
_BOX = "mailbox/soporte"

# Promises of seconds, and every reminder a mail of its own.
_PROMISE = "{clock: calendar, kind: maximum, in_hours: 8s, out_of_hours: 8s}"
_STEPS = """
    {severity}:
      - {{at: arrival, to: [lead], when: any}}
      - {{at: arrival+3s, to: [lead], when: any}}
      - {{at: breach, to: [lead], when: any}}"""


def hasty_rules() -> str:
    """Return the shipped rules with promises and reminders of seconds."""
    text = RULES.read_text()
    head, _, rest = text.partition("      severities:\n        1: {clock")
    _, _, rest = rest.partition("\n\n")
    policies = "".join(f"        {level}: {_PROMISE}\n" for level in (1, 2, 3))
    text = f"{head}      severities:\n{policies}\n{rest}"
    head, _, rest = text.partition("  coalesce:")
    _, _, rest = rest.partition("  escalated:")
    steps = "".join(_STEPS.format(severity=level) for level in (1, 2, 3))
    pace = "  coalesce: 0s\n  min_gap: 0s\n  per_hour: 100000\n  after_downtime: latest\n"
    return f"{head}{pace}  digest: {{at: opening, of: [breached], empty: silent}}\n  steps:{steps}\n  escalated:{rest}"


@dataclass
class Node:
    """One daemon and its way to the database."""

    site: Site
    store: Proxy

    @property
    def pid(self) -> int:
        assert self.site.process is not None
        return self.site.process.pid


@dataclass
class Hit:
    """One misfortune: what, from when to when (the loop's seconds), and after how long another node read the mailbox."""

    kind: str
    start: float
    end: float = 0.0
    taken_over: float | None = None


@dataclass
class Together(Outcome):
    """What came of it with several nodes."""

    misfortunes: list[Hit] = field(default_factory=list)
    reminded: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def cause(self, mail: Received) -> str:
        for hit in self.misfortunes:
            if mail.data_at <= hit.end + _UNRECORDED and hit.start - _UNRECORDED <= mail.at:
                return f"node {hit.kind}"
        return super().cause(mail)

    def times(self) -> str:
        found: dict[str, list[float]] = defaultdict(list)
        for hit in self.misfortunes:
            if hit.taken_over is not None:
                found[hit.kind].append(hit.taken_over)
        return ", ".join(
            f"{kind} {len(each)} x, median {median(each):.1f} s, worst {max(each):.1f} s"
            for kind, each in sorted(found.items())
        )


async def play(
    folder: Path, dovecot: Dovecot, cluster: Cluster, *, number: int, hits: int, seed: int, seconds: float
) -> Together:
    """Deliver `number` mails to three nodes that are hit `hits` times; then let calm return and count."""
    chosen = random.Random(seed)
    sent = chaos.mails(number, seed)
    user = dovecot.new_user()
    url = cluster.url()
    misfortunes: list[Hit] = []
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(SmtpSink())
        imap = Counting(dovecot.ports.imap, chaos=Chaos(seed, share=0.2, within=25_000))
        smtp = Counting(sink.port, chaos=Chaos(seed + 1, share=0.2, within=1_500))
        await stack.enter_async_context(imap)
        await stack.enter_async_context(smtp)
        watch = await open_store(url)
        stack.push_async_callback(watch.close)
        nodes = []
        for index in range(NODES):
            proxy = await stack.enter_async_context(Proxy(cluster.socket))
            there = url.replace("@/", f"@127.0.0.1:{proxy.port}/").partition("?")[0]
            nodes.append(Node(_site(folder / f"node{index}", imap.port, smtp.port, user, there), proxy))
            stack.push_async_callback(nodes[-1].site.end)
        for node in nodes:
            await node.site.start()
        for node in nodes:
            await chaos.begun(node.site, 1)
        feeding = asyncio.create_task(_feed(dovecot, user, sent, hits))
        for _ in range(hits):
            await asyncio.sleep(chosen.uniform(0.2, 2.0))
            misfortunes.append(await _hit(chosen, nodes, watch))
        await feeding
        imap.chaos = smtp.chaos = None
        first = nodes[0].site
        await chaos.quiet(first, opening=sum(mail.answers is None for mail in sent), seconds=seconds)
        await _last_reminders(first, seconds)
        cases = await first.cases()
        told = await first.triage("reconcile")
        for node in nodes:
            assert await node.site.stop() == 0, node.site.log()[-3000:]
        return Together(
            sent=sent,
            cases=cases,
            answers=chaos.acknowledgements(mail.content for mail in sink.mails),
            deliveries=chaos.by_message_id(sink.mails),
            kills=[],
            faults=len(imap.hits) + len(smtp.hits),
            hits=smtp.hits,
            reconcile=(told[0], told[1] + told[2][-2000:]),
            flags=dict(dovecot.flags(user)),
            misfortunes=misfortunes,
            reminded=reminders(cases),
        )


def _site(folder: Path, imap: int, smtp: int, user: str, store: str) -> Site:
    folder.mkdir()
    site = chaos.impatient(configured(folder, imap=imap, smtp=smtp, user=user, store=store, limits=LIMITS))
    (folder / "rules.yaml").write_text(hasty_rules())
    site.config.write_text(site.config.read_text().replace(f"rules: {RULES}", "rules: rules.yaml"))
    return site


async def _feed(dovecot: Dovecot, user: str, sent: list[Mail], hits: int) -> None:
    share = len(sent) // (hits + 1) + 1
    for start in range(0, len(sent), share):
        await asyncio.to_thread(chaos.deliver, dovecot, user, sent[start : start + share])
        await asyncio.sleep(1.0)


# -- misfortunes -------------------------------------------------------------------------------------------------------


async def _reader(nodes: list[Node], watch: SqlStore) -> Node | None:
    lease = (await watch.read(lambda tx: tx.leases())).get(_BOX)
    pid = lease.holder.split(":")[1] if lease and lease.holder else ""
    return next((node for node in nodes if str(node.pid) == pid), None)


async def _hit(chosen: random.Random, nodes: list[Node], watch: SqlStore) -> Hit:
    """Let one node come to harm, wait until another reads its mailbox where it did, and bring it back."""
    now = asyncio.get_running_loop().time
    reader = await _reader(nodes, watch)
    victim = reader if reader and chosen.random() < 0.75 else chosen.choice(nodes)
    hit = Hit(chosen.choice(["killed", "stopped", "cut off", "unanswered"]), now())
    match hit.kind:
        case "killed":
            await victim.site.kill()
        case "stopped":
            victim.site.process.send_signal(signal.SIGSTOP)  # type: ignore[union-attr]
        case "cut off":
            victim.store.refuse = True
            victim.store.cut()
        case "unanswered":
            victim.store.stall()
    if victim is reader:
        hit.taken_over = await _taken_over(victim, nodes, watch) - hit.start
    await asyncio.sleep(chosen.uniform(0.0, 3.0))
    match hit.kind:
        case "killed":
            await victim.site.start()
        case "stopped":
            victim.site.process.send_signal(signal.SIGCONT)  # type: ignore[union-attr]
        case "cut off":
            victim.store.refuse = False
        case "unanswered":
            victim.store.resume()
    hit.end = now()
    return hit


async def _taken_over(victim: Node, nodes: list[Node], watch: SqlStore) -> float:
    async with asyncio.timeout(60):
        while True:
            reader = await _reader(nodes, watch)
            if reader is not None and reader is not victim:
                return asyncio.get_running_loop().time()
            await asyncio.sleep(0.05)


# -- counting ------------------------------------------------------------------------------------------------------------


async def _last_reminders(site: Site, seconds: float) -> None:
    """Return when every promise was broken and said so: nothing rings any more."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not all(case["breached_at"] for case in await site.cases()):
                await asyncio.sleep(0.5)


def reminders(cases: list[dict]) -> Counter[tuple[str, ...]]:
    """Count each reminder: of which case, which step and turn, to whom."""
    return Counter(
        (case["reference"], str(event["step"]), str(event.get("turn")), str(event.get("to")))
        for case in cases
        for event in case["events"]
        if event["event"] == "case.reminded"
    )


def check(found: Together) -> None:
    """Assert the promise of one daemon, and that no reminder is doubled."""
    chaos.check(found)
    assert found.reminded, "somebody was reminded"
    assert not [each for each, times in found.reminded.items() if times > 1], "a reminder was doubled"
    assert all(case["breached_at"] for case in found.cases), "an alarm was lost"
