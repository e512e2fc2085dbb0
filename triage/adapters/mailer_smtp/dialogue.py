"""One mail on one connection that is ready: MAIL, RCPT, DATA, the content, the final dot, and what each answer means.

aiosmtplib's own `data()` raises the same error for a connection lost before and after the content, so the last
steps are taken on its protocol object: the final dot is written only after the server has kept silent and the
connection has held up to then. Before the dot every fault is "deferred"; after it only the server's answer says
what happened, and no answer means "uncertain".
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum

import aiosmtplib

from triage.adapters.mailer_smtp.addresses import dotted, envelope, needs_utf8
from triage.adapters.mailer_smtp.config import SmtpConfig
from triage.ports import Delivery, Sent

# 5xx that speak of our session and not of this mail or recipient: the mail waits until somebody mends it
# (RFC 4954 section 6; 503: we are out of step).
SESSION_CODES = frozenset({503, 530, 534, 535, 538})

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
    client: aiosmtplib.SMTP,
    config: SmtpConfig,
    sender: str,
    recipient: str,
    content: bytes,
    begin: Callable[[], bool],
) -> tuple[Step, Sent]:
    """Take one mail through the dialogue; `begin` is asked before DATA. Raises BadAddress before anything is said, CancelledError after closing.

    Afterwards the client is still connected only where the dialogue is in step.
    """
    step = Step.MAIL
    try:
        await _command(client, step, config, _mail_line(client, sender, recipient, content))
        step = Step.RCPT
        utf8 = client.supports_extension("smtputf8")
        await _command(client, step, config, b"RCPT TO:<" + envelope(recipient, utf8=utf8) + b">")
        step = Step.DATA
        if not begin():
            raise Refused(Sent(Delivery.DEFERRED, 0, "it was not to be sent any more"))
        await _command(client, step, config, b"DATA", wanted=354)
        step = Step.CONTENT
        return step, await _content(client, config, dotted(content))
    except Refused as refused:
        return step, refused.sent
    except asyncio.CancelledError:
        client.close()
        raise
    except FAULTS as error:
        client.close()
        return step, Sent(Delivery.DEFERRED, 0, f"{step}: {reason(error)}", relay=True)


def _mail_line(client: aiosmtplib.SMTP, sender: str, recipient: str, content: bytes) -> bytes:
    utf8 = client.supports_extension("smtputf8")
    line = b"MAIL FROM:<" + envelope(sender, utf8=utf8) + b">"
    if not content.isascii():
        if not client.supports_extension("8bitmime"):
            raise Refused(
                Sent(Delivery.REFUSED, 0, "the mail is 8-bit and this server does not offer 8BITMIME")
            )
        line += b" BODY=8BITMIME"
    if utf8 and needs_utf8(sender, recipient):
        line += b" SMTPUTF8"
    if client.supports_extension("size"):
        line += b" SIZE=%d" % len(content)
    return line


async def _command(
    client: aiosmtplib.SMTP, step: Step, config: SmtpConfig, line: bytes, *, wanted: int = 250
) -> None:
    """Say one line and read its answer; any 2xx will do unless 354 is wanted. Raises Refused for another answer."""
    response = await client.execute_command(line, timeout=config.command_timeout)
    if response.code == wanted or (wanted == 250 and 200 <= response.code <= 299):
        return
    if not 400 <= response.code <= 599:
        client.close()  # neither yes nor no: we are out of step
    raise Refused(verdict(step, response))


async def _content(client: aiosmtplib.SMTP, config: SmtpConfig, content: bytes) -> Sent:
    """Write the content, then the final dot, and read what the server made of the mail.

    The answer is awaited from the first octet on: a server may refuse or hang up before the dot, and then nothing
    was sent. Raises a fault only from before the dot.
    """
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("connection lost")
    protocol = client.protocol
    answer = asyncio.ensure_future(protocol.read_response(timeout=config.answer_timeout))
    try:
        protocol.write(content)
        await _flushed(client, answer)
        if answer.done() or not protocol.is_connected:
            return _before_the_dot(client, await answer)
        protocol.write(b".\r\n")
    except BaseException:
        answer.cancel()
        client.close()
        raise
    return await _after_the_dot(client, answer)


async def _flushed(client: aiosmtplib.SMTP, answer: "asyncio.Future[aiosmtplib.SMTPResponse]") -> None:
    """Return when the kernel has all of it, or an answer came. Small mails are gone at once and cost one turn."""
    await asyncio.sleep(0)  # a hang-up that is already here is seen now
    transport = client.transport
    while (  # noqa: ASYNC110  a transport has no event for this
        isinstance(transport, asyncio.WriteTransport)
        and transport.get_write_buffer_size()
        and not answer.done()
    ):
        await asyncio.sleep(0.005)


def _before_the_dot(client: aiosmtplib.SMTP, response: aiosmtplib.SMTPResponse) -> Sent:
    client.close()  # the server still waits for a dot, or does not: we are out of step
    if 500 <= response.code <= 599:
        return verdict("content", response)
    if 200 <= response.code <= 299:  # nonsense, but it may mean what it says
        return Sent(Delivery.UNCERTAIN, response.code, f"content: {response.code} before the final dot")
    return Sent(Delivery.DEFERRED, response.code, f"content: {response.code} {words(response)}", relay=True)


async def _after_the_dot(client: aiosmtplib.SMTP, answer: "asyncio.Future[aiosmtplib.SMTPResponse]") -> Sent:
    try:
        response = await answer
    except asyncio.CancelledError:
        client.close()
        raise
    except FAULTS as error:
        client.close()
        return Sent(Delivery.UNCERTAIN, 0, f"after the content: {reason(error)}")
    if 200 <= response.code <= 299:
        return Sent(Delivery.ACCEPTED, response.code, words(response))
    if not 400 <= response.code <= 599:
        client.close()
        return Sent(
            Delivery.UNCERTAIN, response.code, f"after the content: {response.code} {words(response)}"
        )
    if response.code == 421:
        client.close()
    return verdict("after the content", response)
