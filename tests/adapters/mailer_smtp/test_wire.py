"""MAIL and RCPT together over TLS: begun at once, or by STARTTLS after words in the clear that count for nothing."""

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress

import pytest

from tests.servers.smtp_sink import SmtpSink
from triage.adapters.mailer_smtp import SmtpConfig, SmtpMailer
from triage.ports import Delivery

SENDER, CLIENT = "soporte@netone.example", "ana@cliente.example"
MAIL = b"Subject: hola\r\n\r\ntext\r\n"
BOTH = b"MAIL FROM:<soporte@netone.example>\r\nRCPT TO:<ana@cliente.example>\r\n"
BIG = b"Subject: files\r\n\r\n" + (b"x" * 900 + b"\r\n") * 24_000  # more than the kernel holds for us
PIPELINES, PLAIN = b"250-relay.example\r\n250 PIPELINING\r\n", b"250 relay.example\r\n"


def yes():
    return True


@pytest.fixture(params=["implicit", "starttls"])
def tls(request):
    return request.param


def mailer_to(port, tls, certificates, **more):
    settings = {"command_timeout": 1, "answer_timeout": 1, **more}
    return SmtpMailer(SmtpConfig("localhost", port=port, tls=tls, ca=certificates.ca, **settings))


@pytest.fixture
def relayed(tls, certificates, server_tls):
    """Give a relay that lets `talk` speak once the connection is secure; `hello` and `go_ahead` are its words before."""

    @asynccontextmanager
    async def opened(
        talk, *, secure_hello=PIPELINES, go_ahead=b"220 2.0.0 go ahead\r\n", hello=b"250 STARTTLS\r\n", **more
    ):
        async def serve(reader, writer):
            with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
                writer.write(b"220 relay.example\r\n")
                await reader.readuntil(b"\r\n")
                if tls == "starttls":
                    writer.write(b"250-relay.example\r\n250-PIPELINING\r\n" + hello)
                    assert await reader.readuntil(b"\r\n") == b"STARTTLS\r\n"
                    writer.write(go_ahead)
                    await writer.start_tls(server_tls)
                    await reader.readuntil(b"\r\n")
                writer.write(secure_hello)
                await talk(reader, writer)
            writer.transport.abort()

        at_once = server_tls if tls == "implicit" else None
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=at_once)
        mailer = mailer_to(server.sockets[0].getsockname()[1], tls, certificates, **more)
        async with server:
            yield mailer
            await mailer.close()

    return opened


async def piece_by_piece(writer, octets):
    """Write each octet as a TLS record of its own."""
    for octet in octets:
        writer.write(bytes([octet]))
        await asyncio.sleep(0)


async def taken_well(reader, writer):
    """Take a mail whose envelope was read; every answer comes in pieces."""
    assert await reader.readuntil(b"\r\n") == b"DATA\r\n"
    await piece_by_piece(writer, b"354 go ahead\r\n")
    assert await reader.readuntil(b"\r\n.\r\n") == MAIL + b".\r\n"
    await piece_by_piece(writer, b"250-2.0.0 queued\r\n250 2.0.0 as 17\r\n")
    await reader.read()


async def test_a_real_server_takes_many_mails_over_one_connection(tls, certificates, server_tls):
    commands = []

    class Pipelining(SmtpSink):
        async def handle_EHLO(self, server, session, _envelope, hostname, responses):  # noqa: N802
            session.host_name = hostname
            commands.append(server._tls_protocol is not None)
            return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async with Pipelining(tls=server_tls, implicit_tls=tls == "implicit") as relay:
        mailer = mailer_to(relay.port, tls, certificates, answer_timeout=30)
        sent = [await mailer.send(SENDER, f"c{n}@cliente.example", MAIL, yes) for n in range(5)]
        sent.append(await mailer.send(SENDER, CLIENT, BIG, yes))
        await mailer.close()
    assert {one.result for one in sent} == {Delivery.ACCEPTED}
    assert [mail.recipients[0] for mail in relay.mails] == [f"c{n}@cliente.example" for n in range(5)] + [
        CLIENT
    ]
    assert relay.mails[-1].content == BIG
    assert relay.connections == 1


async def test_sender_and_recipient_go_together_and_answers_in_pieces_are_put_together(relayed):
    seen = []

    async def talk(reader, writer):
        seen.append(await reader.read(1000))
        await piece_by_piece(writer, b"250-2.1.0 a word\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
        await taken_well(reader, writer)

    async with relayed(talk) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert (sent.result, sent.error) == (Delivery.ACCEPTED, "2.0.0 queued 2.0.0 as 17")
    assert seen == [BOTH]


async def test_the_time_limit_is_one_for_each_answer(relayed):
    """Both answers come in time, and together later than one may."""

    async def talk(reader, writer):
        for _ in range(2):
            await reader.read(1000)
            await asyncio.sleep(0.7)
            writer.write(b"250 2.1.0 OK\r\n")
        await taken_well(reader, writer)

    async with relayed(talk, secure_hello=PLAIN) as mailer:
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED


async def test_what_was_offered_in_the_clear_counts_no_more_under_tls(relayed):
    seen = []

    async def talk(reader, writer):
        for _ in range(2):
            seen.append(await reader.read(1000))
            writer.write(b"250 2.1.0 OK\r\n")
        await taken_well(reader, writer)

    async with relayed(talk, secure_hello=PLAIN) as mailer:
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert b"".join(seen) == BOTH
    assert len(seen) == 2


@pytest.mark.parametrize("tls", ["starttls"], indirect=True)
async def test_answers_put_in_before_the_handshake_answer_nothing(relayed):
    """A man in the middle adds them to the server's go-ahead; taken for answers, they would accept a mail that was not."""

    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(b"250 2.1.0 OK\r\n550 5.1.1 nobody\r\n")
        assert await reader.readuntil(b"\r\n") == b"RSET\r\n"

    injected = b"250-evil\r\n250 PIPELINING\r\n250 OK\r\n250 OK\r\n354 go ahead\r\n250 queued\r\n"
    async with relayed(talk, go_ahead=b"220 2.0.0 go ahead\r\n" + injected) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert (sent.result, sent.code) == (Delivery.REFUSED, 550)


@pytest.mark.parametrize("tls", ["starttls"], indirect=True)
async def test_answers_put_in_before_starttls_lead_to_no_mail(relayed):
    async def talk(reader, _writer):
        heard.append(await reader.read(1000))

    heard = []
    async with relayed(talk, hello=b"250 STARTTLS\r\n250 OK\r\n250 OK\r\n") as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert heard == []


@pytest.mark.parametrize(
    ("answer", "result", "step"),
    [(b"", Delivery.DEFERRED, "MAIL: "), (b"250 2.1.0 OK\r\n", Delivery.DEFERRED, "RCPT: ")],
)
@pytest.mark.parametrize("politely", [True, False])
async def test_a_relay_that_closes_before_it_took_the_recipient_has_taken_nothing(
    relayed, answer, result, step, politely
):
    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(answer)
        if politely:
            writer.close()
            await writer.wait_closed()

    begun = []
    async with relayed(talk) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, lambda: begun.append(1) is None)
    assert (sent.result, sent.relay) == (result, True)
    assert sent.error.startswith(step)
    assert begun == []


@pytest.mark.parametrize("stalls", [False, True])
async def test_a_large_mail_cut_off_in_the_middle_was_not_sent(relayed, stalls):
    given_up = asyncio.Event()

    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
        await reader.readuntil(b"\r\n")
        writer.write(b"354 go ahead\r\n")
        await reader.readexactly(1000)
        if stalls:
            await given_up.wait()

    async with relayed(talk) as mailer:
        sent = await mailer.send(SENDER, CLIENT, BIG, yes)
        given_up.set()
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert sent.error.startswith("content: ")
