import asyncio
import imaplib
import socket
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.adapters.mailbox_imap.conftest import QUICK, Open
from tests.servers.dovecot import PASSWORD, Dovecot, token
from tests.servers.imap_scripted import CLOSE, ScriptedImap
from tests.servers.proxy import Proxy
from triage.adapters.mailbox_imap import Auth, FetchLimits, Settling, Tls
from triage.adapters.mailbox_imap.connection import Line
from triage.errors import Permanent, Temporary

dovecot_needed = pytest.mark.dovecot


# -- TLS -------------------------------------------------------------------------------------------------------


@dovecot_needed
@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
async def test_tls_with_an_authority_of_our_own(dovecot: Dovecot, opened: Open, tls: Tls) -> None:
    port = dovecot.ports.imaps if tls is Tls.IMPLICIT else dovecot.ports.imap
    mailbox = opened(port, dovecot.new_user(), host="localhost", tls=tls, ca=dovecot.certificates.ca)
    await mailbox.connect()
    assert mailbox._session.client is not None
    assert isinstance(mailbox._session.client.socket(), ssl.SSLSocket)
    assert await mailbox.wait(0.01) is False


@dovecot_needed
@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
async def test_an_untrusted_certificate_is_permanent(dovecot: Dovecot, opened: Open, tls: Tls) -> None:
    port = dovecot.ports.imaps if tls is Tls.IMPLICIT else dovecot.ports.imap
    with pytest.raises(Permanent, match=r"not trusted .* name that one's file in imap.ca"):
        await opened(port, tls=tls).connect()


@dovecot_needed
async def test_a_certificate_for_another_name_is_not_trusted(dovecot: Dovecot, opened: Open) -> None:
    mailbox = opened(dovecot.ports.imaps, host="ip6-localhost", tls=Tls.IMPLICIT, ca=dovecot.certificates.ca)
    with pytest.raises((Permanent, Temporary), match=r"not trusted|cannot be resolved|nobody listens"):
        await mailbox.connect()


@dovecot_needed
async def test_tls_where_none_is_spoken_names_the_other_setting(dovecot: Dovecot, opened: Open) -> None:
    with pytest.raises(Permanent, match="tls: starttls"):
        await opened(dovecot.ports.imap, tls=Tls.IMPLICIT).connect()


async def test_a_server_without_starttls_never_gets_the_password(opened: Open) -> None:
    async with ScriptedImap() as server:
        with pytest.raises(Permanent, match="offers no STARTTLS"):
            await opened(server.port, tls=Tls.STARTTLS).connect()
        assert not any(line.startswith(b"LOGIN") for line in server.lines)


async def test_a_missing_file_of_authorities_is_permanent(opened: Open) -> None:
    async with ScriptedImap() as server:
        with pytest.raises(Permanent, match="no such file"):
            await opened(server.port, tls=Tls.IMPLICIT, ca=Path("/nowhere/ca.pem")).connect()


# -- sign-in ---------------------------------------------------------------------------------------------------


@dovecot_needed
@pytest.mark.parametrize("auth", [Auth.XOAUTH2, Auth.OAUTHBEARER])
async def test_a_token_signs_in(dovecot: Dovecot, opened: Open, user: str, auth: Auth) -> None:
    mailbox = opened(dovecot.ports.imap, user, auth=auth, credentials=lambda: token(user))
    assert (await mailbox.connect()).uidvalidity


@dovecot_needed
@pytest.mark.parametrize("auth", [Auth.XOAUTH2, Auth.OAUTHBEARER])
async def test_an_expired_token_is_refused_with_the_servers_words(
    dovecot: Dovecot, opened: Open, user: str, auth: Auth
) -> None:
    mailbox = opened(dovecot.ports.imap, user, auth=auth, credentials=lambda: token(user, lifetime=-60))
    with pytest.raises(Permanent, match=r"refused the sign-in of .*status"):
        await mailbox.connect()


async def test_a_mechanism_the_server_lacks_is_named_with_those_it_has(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN\r\nTAG OK .\r\n")
        with pytest.raises(Permanent, match="offers no XOAUTH2; it offers PLAIN, LOGIN"):
            await opened(server.port, auth=Auth.XOAUTH2).connect()


async def test_a_password_beyond_ascii_goes_by_sasl(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK .\r\n")
        server.on(rb"AUTHENTICATE PLAIN", b"TAG NO [AUTHENTICATIONFAILED] asked by SASL\r\n")
        with pytest.raises(Permanent, match="asked by SASL"):
            await opened(server.port, credentials=lambda: "contraseña").connect()


async def test_a_connection_lost_in_the_sign_in_is_no_wrong_password(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"LOGIN", CLOSE)
        with pytest.raises(Temporary, match="connection lost while signing in"):
            await opened(server.port).connect()


@pytest.mark.parametrize("code", [b"UNAVAILABLE", b"LIMIT", b"INUSE"])
async def test_a_refusal_that_says_it_will_pass_is_temporary(opened: Open, code: bytes) -> None:
    async with ScriptedImap() as server:
        server.on(rb"LOGIN", b"TAG NO [" + code + b"] later\r\n")
        with pytest.raises(Temporary, match="for now"):
            await opened(server.port).connect()


async def test_no_secret_stays_in_the_client_or_in_an_error(opened: Open) -> None:
    async with ScriptedImap() as server:
        mailbox = opened(server.port)
        await mailbox.connect()
        assert mailbox._session.client is not None
        assert PASSWORD not in repr(vars(mailbox._session.client._imap))
        assert mailbox._session.client._imap.debug == 0
        server.on(rb"LOGIN", b"TAG NO no\r\n")
        with pytest.raises(Permanent) as refused:
            await mailbox.connect()
    assert PASSWORD not in str(refused.value)


# -- deadlines -------------------------------------------------------------------------------------------------


@dovecot_needed
async def test_a_dripping_server_is_left_at_the_deadline(dovecot: Dovecot, opened: Open, user: str) -> None:
    async with Proxy(dovecot.ports.imap) as proxy:
        mailbox = opened(proxy.port, user, timeouts=replace(QUICK, command=0.3))
        await mailbox.connect()
        proxy.drip = (1, 0.05)
        with pytest.raises(Temporary, match="no answer to looking for new mail within 0 s"):
            await mailbox.uids_after(0)
        proxy.drip = None
        await mailbox.connect()
        assert await mailbox.uids_after(0) == []


@dovecot_needed
async def test_a_greeting_that_drips_is_left_at_the_deadline(dovecot: Dovecot, opened: Open) -> None:
    async with Proxy(dovecot.ports.imap, drip=(1, 0.05)) as proxy:
        start = time.monotonic()
        with pytest.raises(Temporary, match="no answer to signing in"):
            await opened(proxy.port, timeouts=replace(QUICK, connect=0.2, command=0.1)).connect()
        assert time.monotonic() - start < 5


async def test_a_silent_server_is_left_after_the_read_timeout(opened: Open) -> None:
    async with ScriptedImap(greeting=b"") as server:
        with pytest.raises(Temporary):
            await opened(server.port, timeouts=replace(QUICK, connect=0.1, read=0.1)).connect()


@dovecot_needed
async def test_swallowed_packets_end_a_command(dovecot: Dovecot, opened: Open, user: str) -> None:
    async with Proxy(dovecot.ports.imap) as proxy:
        mailbox = opened(proxy.port, user, timeouts=replace(QUICK, read=0.2))
        await mailbox.connect()
        proxy.stall()
        with pytest.raises(Temporary, match="no answer while looking"):
            await mailbox.uids_after(0)


@dovecot_needed
async def test_closing_a_dead_connection_takes_no_time_and_raises_nothing(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    async with Proxy(dovecot.ports.imap) as proxy:
        mailbox = opened(proxy.port, user)
        await mailbox.connect()
        proxy.cut()
        await mailbox.close()


def test_a_line_cut_before_it_stood_is_ended_when_it_comes() -> None:
    near, far = socket.socketpair()
    line = Line()
    line.cut()
    line.take(near)
    assert far.recv(1) == b""
    line.cut()
    near.close()
    far.close()


# -- what else ends a connection -------------------------------------------------------------------------------


async def test_a_garbled_answer_is_temporary(opened: Open) -> None:
    async with ScriptedImap() as server:
        mailbox = opened(server.port)
        await mailbox.connect()
        server.on(rb"UID SEARCH", b"* SEARCH one two\r\nTAG OK .\r\n")
        with pytest.raises(Temporary, match="cannot be read"):
            await mailbox.uids_after(0)
        server.on(rb"UID SEARCH", b"%%%%\r\n")
        await mailbox.connect()
        with pytest.raises(Temporary, match="connection lost"):
            await mailbox.uids_after(0)


async def test_a_server_that_is_no_imap_server_is_temporary(opened: Open) -> None:
    async with ScriptedImap(greeting=b"220 mail.example ESMTP\r\n") as server:
        with pytest.raises(Temporary, match="while connecting"):
            await opened(server.port).connect()


@dovecot_needed
async def test_a_restarted_server_is_found_again_with_the_same_folder(opened: Open) -> None:
    server = Dovecot()
    try:
        server.start()
        mailbox = opened(server.ports.imap, server.new_user())
        before = await mailbox.connect()
        await asyncio.to_thread(server.restart)
        with pytest.raises(Temporary, match="connection lost"):
            await mailbox.uids_after(0)
        assert await mailbox.connect() == before
        await asyncio.to_thread(server.kill)
        with pytest.raises(Temporary):
            await mailbox.uids_after(0)
        # A killed server's port answers with a reset for a moment, then nobody listens there.
        with pytest.raises(Temporary, match=r"nobody listens|connection lost"):
            await mailbox.connect()
    finally:
        server.close()


@dovecot_needed
async def test_settling_nothing_opens_the_folder_read_only(dovecot: Dovecot, opened: Open, user: str) -> None:
    mailbox = opened(dovecot.ports.imap, user, settle=Settling.NONE)
    await mailbox.connect()
    await mailbox.settle([1])
    assert mailbox._session.client is not None
    assert mailbox._session.client._imap.is_readonly


async def test_the_line_limit_of_the_library_is_ours(opened: Open) -> None:
    async with ScriptedImap() as server:
        await opened(server.port, limits=FetchLimits(structure=12_345_678)).connect()
        assert imaplib._MAXLINE == 12_345_678  # type: ignore[attr-defined]
        await opened(server.port).connect()
        assert imaplib._MAXLINE == 20_000_000  # type: ignore[attr-defined]
