"""A chamber in which the daemon and robots write to each other until nobody has anything more to say.

Real IMAP and SMTP in process, real store, stepped clock: mails and reminders happen in their order of time, over days.
A robot gets every mail sent to its address and returns what it answers, with the pause after which it does.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from itertools import count

from tests.e2e.daemon import SUPPORT
from tests.e2e.playbook import Playbook, parsed
from triage.adapters.servers_embedded import Posted

MOST = 400  # mails to one robot: a pairing that comes here does not end


@dataclass(frozen=True)
class Reply:
    """What a robot answers to a mail; `kept` are header fields of its own. `sender` "" : the robot's address."""

    subject: str
    text: str
    answers: bool = False
    kept: dict[str, str] = field(default_factory=dict)
    sender: str = ""
    after: timedelta = timedelta(seconds=4)
    raw: bytes = b""


Robot = Callable[[EmailMessage, int, datetime], Iterable[Reply]]
"""(the mail it got, how many it had got before, the moment) -> its answers."""


@dataclass
class Chamber:
    play: Playbook
    robots: dict[str, Robot]
    got: dict[str, int] = field(default_factory=dict)
    to_clients: int = 0
    pending: list[tuple[datetime, int, bytes]] = field(default_factory=list)
    numbers: count = field(default_factory=count)

    def post(self, at: datetime, raw: bytes) -> None:
        heapq.heappush(self.pending, (at, next(self.numbers), raw))

    async def until(self, end: datetime) -> None:
        """Let everything happen that happens until then, in its order."""
        while True:
            due = await self.play.built.store.read(lambda tx: [tx.next_alarm_at(), tx.next_outbox_at()])
            moments = [at for at in (*due, self.pending[0][0] if self.pending else None) if at is not None]
            if not moments or min(moments) > end:
                return
            self.play.clock.jump(max(min(moments), self.play.clock.now()))
            while self.pending and self.pending[0][0] <= self.play.clock.now():
                at, _, raw = heapq.heappop(self.pending)
                await self.play.servers.append(SUPPORT, raw, at)
            await self.play.built.daemon.pass_once()
            self._hand_out()

    def _hand_out(self) -> None:
        fresh = self.play.servers.posted[self.play.seen :]
        self.play.seen = len(self.play.servers.posted)
        for mail in fresh:
            self._given(mail)

    def _given(self, mail: Posted) -> None:
        (address,) = mail.recipients
        self.to_clients += not address.endswith("@netone.example")
        robot = self.robots.get(address)
        before = self.got.get(address, 0)
        self.got[address] = before + 1
        assert before < MOST, f"{address} got {MOST} mails and it goes on"
        if robot is None:
            return
        message, now = parsed(mail), self.play.clock.now()
        for reply in robot(message, before, now):
            self.post(now + reply.after, reply.raw or written(reply, address, message, now + reply.after))


def written(reply: Reply, address: str, answered: EmailMessage, at: datetime) -> bytes:
    mail = EmailMessage()
    mail["From"] = reply.sender or address
    mail["To"] = parseaddr(str(answered["From"]))[1]
    mail["Subject"] = reply.subject
    if reply.answers:
        mail["In-Reply-To"] = mail["References"] = str(answered["Message-ID"])
    for name, value in reply.kept.items():
        mail[name] = value
    mail.set_content(reply.text)
    return arrived(mail, at)


def arrived(mail: EmailMessage, at: datetime) -> bytes:
    """Return a mail as our server files it: dated, traced, its domain authenticated."""
    domain = parseaddr(str(mail["From"]))[1].partition("@")[2] or "mx.example"
    mail["Date"] = format_datetime(at)
    if mail["Message-ID"] is None:
        mail["Message-ID"] = f"<{next(_IDS)}.{at.timestamp():.0f}@{domain}>"
    verdict = f"dmarc=pass header.from={domain}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={domain}"
    trace = f"Received: from mail.{domain} by mx.netone.example; {format_datetime(at)}\r\n"
    authentic = f"Authentication-Results: mx.netone.example; {verdict}\r\n"
    return (trace + authentic).encode() + mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


_IDS = count(1)
