"""One mail on one connection that is ready: MAIL, RCPT, DATA, the content, the final dot, and what each answer means.

MAIL and RCPT go in one write where the server offers PIPELINING. The final dot is written only after the server has
kept silent and the connection has held up to then. Before the dot every fault is "deferred"; after it only the server's
answer says what happened, and no answer means "uncertain".
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

import aiosmtplib

from triage.adapters.mailer_smtp.addresses import CRLF, dotted, envelope, needs_utf8
from triage.adapters.mailer_smtp.config import SmtpConfig
from triage.adapters.mailer_smtp.wire import Wire
from triage.ports import Delivery, Sent

# 5xx that speak of our session and not of this mail or recipient: the mail waits until somebody mends it
# (RFC 4954 section 6; 503: we are out of step).
SESSION_CODES = frozenset({503, 530, 534, 535, 538})

_PIECE = 64 * 1024  # octets of the content written at once

FAULTS = (aiosmtplib.SMTPException, OSError, TimeoutError)


class Step(StrEnum):
    """How far a mail came."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "content"


class Refused(Exception):
    """An answer that ends this mail here; raised and caught within this package."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(sent.error)
        self.sent = sent


def words(response: aiosmtplib.SMTPResponse) -> str:
    """Return an answer in one line, cut: it goes into the outbox and the log."""
    return " ".join(response.message.split())[:300]


def verdict(step: str, response: aiosmtplib.SMTPResponse) -> Sent:
    """Return what a refusing answer means for the mail."""
    code, error = response.code, f"{step}: {response.code} {words(response)}"
    if 500 <= code <= 599 and code not in SESSION_CODES:
        return Sent(Delivery.REFUSED, code, error)
    relay = code == 421 or code in SESSION_CODES or not 400 <= code <= 599
    return Sent(Delivery.DEFERRED, code, error, relay=relay)


def reason(error: Exception) -> str:
    """Return an error in one line: code and words of the server where it spoke."""
    said = (
        f"{error.code} {error.message}" if isinstance(error, aiosmtplib.SMTPResponseException) else str(error)
    )
    text = " ".join(said.split())
    return text[:300] or type(error).__name__


async def transfer(
    wire: Wire,
    config: SmtpConfig,
    sender: str,
    recipient: str,
    content: bytes,
    begin: Callable[[], bool],
) -> tuple[Step, Sent]:
    """Take one mail through the dialogue; `begin` is asked before DATA. Raises BadAddress before anything is said,
    CancelledError after closing.

    Afterwards the connection is still open only where the dialogue is in step.
    """
    step = Step.MAIL
    try:
        mail = _mail_line(wire, sender, recipient, content)
        rcpt = b"RCPT TO:<" + envelope(recipient, utf8=wire.offers("smtputf8")) + b">\r\n"
        together = wire.offers("pipelining")
        wire.write(mail + rcpt if together else mail, replies=2 if together else 1)
        await _taken(wire, step, config, also=int(together))
        step = Step.RCPT
        if not together:
            wire.write(rcpt, replies=1)
        await _taken(wire, step, config)
        step = Step.DATA
        if not begin():
            raise Refused(Sent(Delivery.DEFERRED, 0, "it was not to be sent any more"))
        # Never pipelined: the mail may only count as begun once the server took its recipient, and a server that
        # says 354 after refusing him would wait for a content that must not come.
        wire.write(b"DATA\r\n", replies=1)
        await _taken(wire, step, config, wanted=354)
        step = Step.CONTENT
        return step, await _content(wire, config, dotted(content))
    except Refused as refused:
        return step, refused.sent
    except asyncio.CancelledError:
        wire.close()
        raise
    except FAULTS as error:
        wire.close()
        return step, Sent(Delivery.DEFERRED, 0, f"{step}: {reason(error)}", relay=True)


def _mail_line(wire: Wire, sender: str, recipient: str, content: bytes) -> bytes:
    utf8 = wire.offers("smtputf8")
    line = b"MAIL FROM:<" + envelope(sender, utf8=utf8) + b">"
    if not content.isascii():
        if not wire.offers("8bitmime"):
            raise Refused(
                Sent(Delivery.REFUSED, 0, "the mail is 8-bit and this server does not offer 8BITMIME")
            )
        line += b" BODY=8BITMIME"
    if utf8 and needs_utf8(sender, recipient):
        line += b" SMTPUTF8"
    if wire.offers("size"):
        line += b" SIZE=%d" % len(content)
    return line + CRLF


async def _taken(wire: Wire, step: Step, config: SmtpConfig, *, wanted: int = 250, also: int = 0) -> None:
    """Read the answer to one line; any 2xx will do unless 354 is wanted. Raises Refused for another answer.

    `also`: how many more answers are on their way; after a refusal they mean nothing, but are read to stay in step.
    """
    response = await wire.reply(config.command_timeout)
    if response.code == wanted or (wanted == 250 and 200 <= response.code <= 299):
        return
    if not 400 <= response.code <= 599:
        wire.close()  # neither yes nor no: we are out of step
    with suppress(*FAULTS):  # after which the connection is not used again
        for _ in range(also):
            await wire.reply(config.command_timeout)
    raise Refused(verdict(step, response))


async def _content(wire: Wire, config: SmtpConfig, content: bytes) -> Sent:
    """Write the content, then the final dot, and read what the server made of the mail.

    An answer is looked out for from the first octet on: a server may refuse or hang up before the dot, and then nothing
    was sent. Raises a fault only from before the dot.
    """
    until = asyncio.get_running_loop().time() + config.answer_timeout
    # In pieces: under TLS `unsent` knows only of what waits to be encrypted, and that is all or nothing of one write.
    for start in range(0, len(content), _PIECE):
        wire.write(content[start : start + _PIECE], replies=int(not start))
        await _flushed(wire, until)
        if wire.heard:
            return _before_the_dot(wire, await wire.reply(0))
    wire.write(b".\r\n", replies=0)
    return await _after_the_dot(wire, config.answer_timeout)


async def _flushed(wire: Wire, until: float) -> None:
    """Return when the kernel has all of it, or an answer came. Small mails are gone at once and cost one turn."""
    await asyncio.sleep(0)  # a hang-up that is already here is seen now
    while not wire.heard and wire.unsent:
        if asyncio.get_running_loop().time() > until:
            raise aiosmtplib.SMTPReadTimeoutError("Timed out handing over the content")
        await asyncio.sleep(0.005)


def _before_the_dot(wire: Wire, response: aiosmtplib.SMTPResponse) -> Sent:
    wire.close()  # the server still waits for a dot, or does not: we are out of step
    if 500 <= response.code <= 599:
        return verdict("content", response)
    if 200 <= response.code <= 299:  # nonsense, but it may mean what it says
        return Sent(Delivery.UNCERTAIN, response.code, f"content: {response.code} before the final dot")
    return Sent(Delivery.DEFERRED, response.code, f"content: {response.code} {words(response)}", relay=True)


async def _after_the_dot(wire: Wire, seconds: float) -> Sent:
    try:
        response = await wire.reply(seconds)
    except FAULTS as error:
        wire.close()
        return Sent(Delivery.UNCERTAIN, 0, f"after the content: {reason(error)}")
    if 200 <= response.code <= 299:
        return Sent(Delivery.ACCEPTED, response.code, words(response))
    if not 400 <= response.code <= 599:
        wire.close()
        return Sent(
            Delivery.UNCERTAIN, response.code, f"after the content: {response.code} {words(response)}"
        )
    return verdict("after the content", response)
