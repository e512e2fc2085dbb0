"""How a connection comes to be ready: TCP, TLS, EHLO, sign-in; and how it is looked after between mails.

No silent downgrade: where STARTTLS or TLS is asked for and cannot be had, nothing is said beyond EHLO, and the error
tells why. Secrets never appear in an error.
"""

import asyncio
import base64
import ssl
from ipaddress import ip_address

import aiosmtplib

from triage.adapters.mailer_smtp.config import SmtpConfig
from triage.adapters.mailer_smtp.dialogue import FAULTS, reason, words
from triage.adapters.mailer_smtp.wire import Wire
from triage.errors import Permanent, TriageError


class NoConnection(TriageError):
    """The relay cannot be used now. `permanent`: a person has to mend something (sign-in, certificate, STARTTLS)."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Connection:
    """A signed-in connection, how many mails it carried, and when it was last used (the loop's time)."""

    __slots__ = ("mails", "used_at", "wire")

    def __init__(self, wire: Wire, used_at: float) -> None:
        self.wire = wire
        self.mails = 0
        self.used_at = used_at

    async def alive(self, config: SmtpConfig, now: float) -> bool:
        """Say whether it may carry another mail; asks the server (NOOP) after a rest."""
        if not self.wire.is_open or self.mails >= config.mails_per_connection:
            return False
        if now - self.used_at >= config.idle_close:
            return False
        if now - self.used_at < config.idle_check:
            return True
        return await self._says_yes(b"NOOP", config)

    async def reset(self, config: SmtpConfig) -> bool:
        """Forget a mail that was begun and not accepted; False where the connection is of no more use."""
        return self.wire.is_open and await self._says_yes(b"RSET", config)

    async def _says_yes(self, command: bytes, config: SmtpConfig) -> bool:
        try:
            response = await self.wire.ask(command, config.command_timeout)
        except asyncio.CancelledError:
            self.wire.close()
            raise
        except FAULTS:
            return False
        return response.code == 250

    async def quit(self) -> None:
        """Part in good manners if that is quick; never raises."""
        try:
            if self.wire.is_open:
                await self.wire.ask(b"QUIT", 1.0)
        except FAULTS:
            pass
        finally:
            self.wire.close()


async def open_connection(config: SmtpConfig, context: ssl.SSLContext | None) -> Wire:
    """Connect, secure, greet and sign in. Raises NoConnection in words fit for the outbox."""
    client = aiosmtplib.SMTP(
        hostname=config.host,
        port=config.port,
        use_tls=config.tls == "implicit",
        start_tls=False,
        tls_context=context,
        local_hostname=config.local_hostname,
        timeout=config.connect_timeout,
    )
    try:
        # One limit over all steps too: a server that answers one letter a minute keeps every single timeout.
        async with asyncio.timeout(config.connect_timeout + 2 * config.command_timeout):
            await client.connect()
            await _secure(client, config, context)
            await _greet(client, config)
            await _sign_in(client, config)
        return Wire(client)
    except asyncio.CancelledError:
        client.close()
        raise
    except NoConnection:
        client.close()
        raise
    except FAULTS as error:
        client.close()
        raise _no_connection(config, error) from error


def _no_connection(config: SmtpConfig, error: Exception) -> NoConnection:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        text = f"{config.server} has no certificate that we trust: {cause.verify_message}"
        return NoConnection(text, permanent=True)
    return NoConnection(f"{config.server} cannot be reached: {reason(error)}")


async def _greet(client: aiosmtplib.SMTP, config: SmtpConfig) -> None:
    """EHLO, or HELO with an old server (RFC 5321 section 3.2); both refused: no connection."""
    try:
        await client.ehlo(timeout=config.command_timeout)
    except aiosmtplib.SMTPHeloError as error:
        if not 500 <= error.code <= 504:
            raise NoConnection(f"{config.server} refused EHLO: {error.code} {error.message[:200]}") from error
        await client.helo(timeout=config.command_timeout)


async def _secure(client: aiosmtplib.SMTP, config: SmtpConfig, context: ssl.SSLContext | None) -> None:
    if config.tls != "starttls":
        return
    await client.ehlo(timeout=config.command_timeout)
    if not client.supports_extension("starttls"):
        raise NoConnection(
            f"{config.server} does not offer STARTTLS; nothing is sent in the clear", permanent=True
        )
    await client.starttls(tls_context=context, timeout=config.command_timeout)


async def _sign_in(client: aiosmtplib.SMTP, config: SmtpConfig) -> None:
    if config.user is None or (config.password is None and config.token is None):
        return
    if config.tls == "none" and not _loopback(config.host):
        raise NoConnection(f"{config.server}: no password is sent without TLS", permanent=True)
    try:
        if config.token is not None:
            await _present_token(client, config, config.user, await config.token())
        elif config.password is not None:
            await client.login(config.user, config.password(), timeout=config.command_timeout)
    except aiosmtplib.SMTPResponseException as error:
        if config.token_refused is not None:
            config.token_refused()
        answer = words(aiosmtplib.SMTPResponse(error.code, error.message))
        text = f"{config.server} refused the sign-in of {config.user}: {error.code} {answer}"
        raise NoConnection(text, permanent=500 <= error.code <= 599) from error
    except (LookupError, TriageError) as error:
        text = f"the secret for {config.user} at {config.server} cannot be had: {error}"
        raise NoConnection(text, permanent=isinstance(error, (LookupError, Permanent))) from error


async def _present_token(client: aiosmtplib.SMTP, config: SmtpConfig, user: str, token: str) -> None:
    if config.mechanism == "xoauth2":
        await client.auth_xoauth2(user, token, timeout=config.command_timeout)
        return
    # RFC 7628 section 3.1; a refusal comes as a 334 challenge, to be answered with a lone ^A.
    raw = f"n,a={user},\x01host={config.host}\x01port={config.port}\x01auth=Bearer {token}\x01\x01".encode()
    line = b"AUTH OAUTHBEARER " + base64.b64encode(raw)
    response = await client.execute_command(line, timeout=config.command_timeout)
    if response.code == 334:
        response = await client.execute_command(b"AQ==", timeout=config.command_timeout)
    if response.code != 235:
        raise aiosmtplib.SMTPAuthenticationError(response.code, response.message)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
