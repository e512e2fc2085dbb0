"""MAIL and RCPT together (RFC 2920), against relays that answer in every order of pieces."""

import asyncio
import gc
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from triage.adapters.mailer_smtp import SmtpConfig, SmtpMailer
from triage.ports import Delivery

SENDER, CLIENT = "soporte@netone.example", "ana@cliente.example"
MAIL = b"Subject: hola\r\n\r\ntext\r\n"
BOTH = b"MAIL FROM:<soporte@netone.example>\r\nRCPT TO:<ana@cliente.example>\r\n"


def yes():
    return True


class Relay:
    """Says hello by itself, then lets `talk` speak to each client; `end_well` takes the rest of a mail."""

    def __init__(self, talk, extensions):
        self.connections = 0
        self._talk = talk
        self._hello = "".join(f"250-{name}\r\n" for name in ("relay.example", *extensions)) + "250 HELP\r\n"

    async def serve(self, reader, writer):
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            writer.write(b"220 relay.example\r\n")
            await reader.readuntil(b"\r\n")
            writer.write(self._hello.encode())
            await self._talk(reader, writer)
        writer.close()


async def end_well(reader, writer, last=b"250 2.0.0 queued\r\n"):
    assert await reader.readuntil(b"\r\n") == b"DATA\r\n"
    writer.write(b"354 go ahead\r\n")
    assert await reader.readuntil(b"\r\n.\r\n") == MAIL + b".\r\n"
    writer.write(last)


@asynccontextmanager
async def relayed(talk, extensions=("PIPELINING",), answer_timeout=0.3):
    relay = Relay(talk, extensions)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    config = SmtpConfig(
        "127.0.0.1",
        port=server.sockets[0].getsockname()[1],
        tls="none",
        command_timeout=0.3,
        answer_timeout=answer_timeout,
    )
    mailer = SmtpMailer(config)
    async with server:
        yield relay, mailer
        await mailer.close()


async def test_sender_and_recipient_go_in_one_write_and_data_waits_for_their_answers():
    seen = []

    async def talk(reader, writer):
        seen.append(await reader.read(1000))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                seen.append(await reader.read(1000))
        writer.write(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
        await end_well(reader, writer)

    async with relayed(talk) as (_, mailer):
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert seen == [BOTH]


async def test_a_server_that_does_not_offer_it_hears_one_command_at_a_time():
    seen = []

    async def talk(reader, writer):
        for _ in range(2):
            seen.append(await reader.read(1000))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    seen.append(await reader.read(1000))
            writer.write(b"250 2.1.0 OK\r\n")
        await end_well(reader, writer)

    async with relayed(talk, extensions=("SMTPUTF8",)) as (_, mailer):
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert b"".join(seen) == BOTH
    assert len(seen) == 2


async def test_answers_that_come_octet_by_octet_are_put_together():
    async def talk(reader, writer):
        await reader.readuntil(b"example>\r\nRCPT TO:<ana@cliente.example>\r\n")
        for octet in b"250-2.1.0 a word\r\n250 2.1.0 OK\r\n250\r\n":
            writer.write(bytes([octet]))
            await asyncio.sleep(0.001)
        await end_well(reader, writer, b"250-2.0.0 queued\r\n250 2.0.0 as 17\r\n")

    async with relayed(talk) as (_, mailer):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert (sent.result, sent.code, sent.error) == (Delivery.ACCEPTED, 250, "2.0.0 queued 2.0.0 as 17")


async def not_begun_and_the_next_one_sent(mailer, result, step):
    asked = []
    sent = await mailer.send(SENDER, CLIENT, MAIL, lambda: asked.append(1) is None)
    assert asked == []
    assert sent.result is result
    assert sent.error.startswith(step)
    assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED


@pytest.mark.parametrize(
    ("answers", "result", "step"),
    [
        (b"450 4.1.8 later\r\n503 5.5.1 MAIL first\r\n", Delivery.DEFERRED, "MAIL: 450"),
        (b"550 5.7.1 never\r\n503 5.5.1 MAIL first\r\n", Delivery.REFUSED, "MAIL: 550"),
        (b"550 5.7.1 never\r\n250 2.1.5 OK\r\n", Delivery.REFUSED, "MAIL: 550"),
        (b"250 2.1.0 OK\r\n450 4.2.0 full\r\n", Delivery.DEFERRED, "RCPT: 450"),
        (b"250 2.1.0 OK\r\n550 5.1.1 nobody\r\n", Delivery.REFUSED, "RCPT: 550"),
    ],
)
async def test_a_no_to_either_ends_the_mail_and_not_the_connection(answers, result, step):
    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(answers)
        assert await reader.readuntil(b"\r\n") == b"RSET\r\n"
        writer.write(b"250 2.0.0 OK\r\n")
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
        await end_well(reader, writer)

    async with relayed(talk) as (relay, mailer):
        await not_begun_and_the_next_one_sent(mailer, result, step)
    assert relay.connections == 1


@pytest.mark.parametrize("mute", [True, False])
@pytest.mark.parametrize(
    ("answer", "result", "step"),
    [
        (b"250 2.1.0 OK\r\n", Delivery.DEFERRED, "RCPT: "),
        (b"550 5.7.1 never\r\n", Delivery.REFUSED, "MAIL: 550"),
        (b"250 2.1.0 OK\r\n250-half", Delivery.DEFERRED, "RCPT: "),
    ],
)
async def test_a_connection_that_ends_after_the_first_answer_is_left(mute, answer, result, step):
    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        if relay.connections == 1:
            writer.write(answer)
            if mute:
                await reader.read()
            return
        writer.write(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
        await end_well(reader, writer)

    async with relayed(talk) as (relay, mailer):
        await not_begun_and_the_next_one_sent(mailer, result, step)
    assert relay.connections == 2


async def test_words_nobody_asked_for_are_not_taken_for_the_answer_to_the_next_mail():
    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
        await end_well(reader, writer, b"250 2.0.0 queued\r\n550 5.0.0 of an older one\r\n")
        await reader.read()

    async with relayed(talk) as (relay, mailer):
        for _ in range(2):
            assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert relay.connections == 2


async def test_a_no_right_behind_the_go_ahead_takes_the_mail_back_before_the_dot():
    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
        await reader.readuntil(b"\r\n")
        writer.write(b"354 go ahead\r\n554 5.3.0 rather not\r\n")
        got.append(await reader.read())

    got = []
    async with relayed(talk) as (_, mailer):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert sent.result is Delivery.DEFERRED
    assert b"\r\n.\r\n" not in b"".join(got)


BIG = b"Subject: files\r\n\r\n" + (b"x" * 900 + b"\r\n") * 24_000  # more than the kernel holds for us


async def up_to_the_content(reader, writer):
    await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
    writer.write(b"250 2.1.0 OK\r\n250 2.1.5 OK\r\n")
    await reader.readuntil(b"\r\n")
    writer.write(b"354 go ahead\r\n")


async def test_the_answer_may_take_its_whole_time_after_a_content_that_took_long():
    """Who gives up sooner sends the mail twice (RFC 5321 section 4.5.3.2.6)."""

    async def talk(reader, writer):
        await up_to_the_content(reader, writer)
        await asyncio.sleep(0.9)
        tail = b""
        while not tail.endswith(b"\r\n.\r\n"):  # the dot may come alone
            tail = (tail + await reader.read(1 << 20))[-5:]
        await asyncio.sleep(0.9)
        writer.write(b"250 2.0.0 queued\r\n")

    async with relayed(talk, answer_timeout=1.5) as (_, mailer):
        assert (await mailer.send(SENDER, CLIENT, BIG, yes)).result is Delivery.ACCEPTED


async def test_a_relay_that_stops_reading_is_left_with_what_it_did_not_read():
    async def talk(reader, writer):
        await up_to_the_content(reader, writer)
        await given_up.wait()

    given_up = asyncio.Event()
    async with relayed(talk) as (_, mailer):
        gc.collect()  # what other tests left open must not be closed in between
        before = len(list(Path("/proc/self/fd").iterdir()))
        sent = await mailer.send(SENDER, CLIENT, BIG, yes)
        await asyncio.sleep(0)  # the transport closes itself in the loop's next turn
        left = len(list(Path("/proc/self/fd").iterdir()))
        given_up.set()
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert left == before + 1  # the relay's end


@pytest.mark.parametrize("words", [b"2" * 40_000, b"250-more\r\n" * 5_000])
async def test_an_answer_without_end_costs_the_connection_not_our_memory(words):
    async def talk(reader, writer):
        await reader.readuntil(b"RCPT TO:<ana@cliente.example>\r\n")
        writer.write(words)
        await reader.read()

    async with relayed(talk) as (_, mailer):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert "too long" in sent.error
