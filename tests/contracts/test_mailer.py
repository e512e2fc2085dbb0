"""What ports.Mailer promises, on the SMTP mailer against a well-behaved relay and against one that misbehaves.

Eight points of the dialogue, each failing in every way: nothing sent is "deferred", no is "refused", silence after the
final dot is "uncertain", and nothing is ever accepted that the server did not accept.
"""

import asyncio
from functools import partial

import pytest

from tests.servers.certificates import make_certificates
from tests.servers.smtp_faulty import EXTENSIONS, Dialogue, Fault, Point, SmtpFaulty, Way
from tests.servers.smtp_sink import SmtpSink
from triage.adapters.mailer_smtp import SmtpConfig, SmtpMailer
from triage.ports import Delivery

SENDER, CLIENT = "soporte@netone.example", "ana@cliente.example"
MAIL = b"Subject: hola\r\nMessage-ID: <1@netone.example>\r\n\r\n.dot\r\n..two\r\ntext\r\n"
SESSION = (Point.GREETING, Point.EHLO)
STEPS = (Point.MAIL, Point.RCPT, Point.DATA)


def config(server, **more):
    settings = {
        "host": "127.0.0.1",
        "port": server.port,
        "tls": "none",
        "connect_timeout": 0.3,
        "command_timeout": 0.3,
        "answer_timeout": 0.3,
    }
    return SmtpConfig(**(settings | more))


def yes():
    return True


class Mailer:
    def __init__(self, server, **more):
        self.mailer = SmtpMailer(config(server, **more))

    async def __aenter__(self):
        return self.mailer

    async def __aexit__(self, *_):
        await self.mailer.close()


def always(point, fault):
    def plan(here, _dialogue):
        return fault if here is point else None

    return plan


def once(point, fault):
    left = [fault]

    def plan(here, _dialogue):
        return left.pop() if here is point and left else None

    return plan


@pytest.fixture(params=["one by one", "pipelined"])
def faulty(request):
    """A relay that fails, one that takes MAIL and RCPT one by one and one that takes them together."""
    more = ("PIPELINING",) if request.param == "pipelined" else ()
    return partial(SmtpFaulty, extensions=(*EXTENSIONS, *more))


async def outcome(faulty, point, fault):
    async with faulty(always(point, fault)) as server, Mailer(server) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
        server.plan = lambda _point, _dialogue: None
        again = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert again.result is Delivery.ACCEPTED  # the mailer is never left in a state that spoils the next mail
    return sent, server


async def test_an_accepted_mail_arrives_with_exactly_the_bytes_given():
    async with SmtpSink() as relay, Mailer(relay) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
        await mailer.send("", CLIENT, MAIL, yes)
    assert sent.result is Delivery.ACCEPTED
    assert [(mail.sender, mail.recipients, mail.content) for mail in relay.mails] == [
        (SENDER, (CLIENT,), MAIL),
        ("<>", (CLIENT,), MAIL),  # as aiosmtpd writes the null return path
    ]
    assert relay.connections == 1


ALL_WAYS = [Way.CLOSE, Way.RESET, Way.MUTE, Way.STALL, Way.GARBAGE]


@pytest.mark.parametrize(
    ("point", "way"),
    [(point, way) for point in (*SESSION, *STEPS) for way in ALL_WAYS]
    + [(Point.CONTENT, Way.CLOSE), (Point.CONTENT, Way.RESET)],
)
async def test_a_fault_before_the_final_dot_defers(faulty, point, way):
    sent, server = await outcome(faulty, point, Fault(way))
    assert sent.result is Delivery.DEFERRED
    assert sent.error
    assert len(server.kept) == 1  # the one sent afterwards


@pytest.mark.parametrize("point", [*SESSION, *STEPS, Point.CONTENT, Point.ANSWER])
@pytest.mark.parametrize("reply", ["450 4.2.0 later", "421 4.3.2 shutting down"])
async def test_a_4xx_defers_wherever_it_comes(faulty, point, reply):
    sent, server = await outcome(faulty, point, Fault(Way.REPLY, reply))
    assert sent.result is Delivery.DEFERRED
    assert reply[:3] in sent.error
    assert len(server.kept) == 1


@pytest.mark.parametrize("point", [*STEPS, Point.CONTENT, Point.ANSWER])
async def test_a_5xx_about_this_mail_refuses_it(faulty, point):
    sent, server = await outcome(faulty, point, Fault(Way.REPLY, "550 5.1.1 no such user"))
    assert (sent.result, sent.code, sent.relay) == (Delivery.REFUSED, 550, False)
    assert "no such user" in sent.error
    assert len(server.kept) == 1


@pytest.mark.parametrize("point", SESSION)
async def test_a_5xx_before_any_mail_is_the_relays_fault_and_defers(faulty, point):
    sent, _ = await outcome(faulty, point, Fault(Way.REPLY, "554 5.3.2 not you"))
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)


@pytest.mark.parametrize("code", [503, 530, 535])
async def test_a_5xx_about_our_session_defers(faulty, code):
    sent, _ = await outcome(faulty, Point.MAIL, Fault(Way.REPLY, f"{code} 5.7.0 sign in first"))
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)


@pytest.mark.parametrize("way", [Way.MUTE, Way.STALL, Way.GARBAGE])
async def test_a_server_that_goes_astray_while_the_content_comes_is_uncertain(faulty, way):
    sent, _ = await outcome(faulty, Point.CONTENT, Fault(way))
    assert sent.result is Delivery.UNCERTAIN


@pytest.mark.parametrize("way", ALL_WAYS)
@pytest.mark.parametrize("keep", [True, False])
async def test_no_answer_after_the_final_dot_is_uncertain(faulty, way, keep):
    sent, server = await outcome(faulty, Point.ANSWER, Fault(way, keep=keep))
    assert sent.result is Delivery.UNCERTAIN
    assert len(server.kept) == 1 + keep


@pytest.mark.parametrize("point", [*SESSION, *STEPS, Point.CONTENT, Point.ANSWER])
async def test_a_slow_server_is_waited_for(faulty, point):
    sent, _ = await outcome(faulty, point, Fault(Way.SLOW))
    assert sent.result is Delivery.ACCEPTED


async def test_a_connection_closed_between_two_mails_costs_nothing(faulty):
    async with faulty() as server, Mailer(server) as mailer:
        await mailer.send(SENDER, CLIENT, MAIL, yes)
        server.drop_connections()
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
        server.plan = once(Point.MAIL, Fault(Way.REPLY, "421 4.7.0 enough for this connection"))
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
        server.plan = once(Point.MAIL, Fault(Way.CLOSE))
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert len(server.kept) == 4
    assert server.connections == 4


async def test_a_refused_recipient_leaves_the_connection_good_for_the_next_mail(faulty):
    def plan(point: Point, dialogue: Dialogue):
        return (
            Fault(Way.REPLY, "550 no")
            if point is Point.RCPT and "bad@x.example" in dialogue.recipients
            else None
        )

    async with faulty(plan) as server, Mailer(server) as mailer:
        results = [await mailer.send(SENDER, to, MAIL, yes) for to in (CLIENT, "bad@x.example", CLIENT)]
    assert [sent.result for sent in results] == [Delivery.ACCEPTED, Delivery.REFUSED, Delivery.ACCEPTED]
    assert server.connections == 1
    assert "RSET" in server.commands


@pytest.mark.parametrize(
    ("point", "asked"),
    [(Point.MAIL, 0), (Point.RCPT, 0), (Point.DATA, 1), (Point.CONTENT, 1), (Point.ANSWER, 1), (None, 1)],
)
async def test_who_sends_is_asked_right_before_data(faulty, point, asked):
    calls = []

    def begin():
        calls.append(server.commands[-1])
        return True

    async with faulty(always(point, Fault(Way.REPLY, "451 later"))) as server, Mailer(server) as mailer:
        await mailer.send(SENDER, CLIENT, MAIL, begin)
    assert [call.partition(" ")[0] for call in calls] == ["RCPT"] * asked


async def test_what_must_not_begin_is_deferred_and_the_connection_stays_good(faulty):
    async with faulty() as server, Mailer(server) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, lambda: False)
        assert (sent.result, sent.relay) == (Delivery.DEFERRED, False)
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
        assert (len(server.kept), server.connections) == (1, 1)


async def test_a_server_that_stumbles_over_rset_is_left(faulty):
    faults = {Point.RCPT: [Fault(Way.REPLY, "450 later")], Point.RSET: [Fault(Way.REPLY, "502 what")]}

    def plan(point: Point, _dialogue: Dialogue):
        return faults[point].pop() if faults.get(point) else None

    async with faulty(plan) as server, Mailer(server) as mailer:
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.DEFERRED
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert server.connections == 2


async def test_a_big_mail_cut_off_in_the_middle_is_deferred(faulty):
    big = b"Subject: x\r\n\r\n" + b"0123456789" * 7 + b"\r\n" + (b"x" * 70 + b"\r\n") * 200_000
    async with (
        faulty(always(Point.CONTENT, Fault(Way.CLOSE))) as server,
        Mailer(server, answer_timeout=5) as mailer,
    ):
        assert (await mailer.send(SENDER, CLIENT, big, yes)).result is Delivery.DEFERRED
        server.plan = lambda _point, _dialogue: None
        assert (await mailer.send(SENDER, CLIENT, big, yes)).result is Delivery.ACCEPTED
    assert server.kept[0].content == big


@pytest.mark.parametrize("point", [Point.MAIL, Point.DATA, Point.CONTENT, Point.ANSWER])
async def test_cancelling_closes_the_connection_and_the_next_mail_is_in_step(faulty, point):
    async with (
        faulty(once(point, Fault(Way.MUTE))) as server,
        Mailer(server, command_timeout=9) as mailer,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await mailer.send(SENDER, CLIENT, MAIL, yes)
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
        assert server.connections == 2


async def test_mails_go_in_parallel_over_a_few_kept_connections(faulty):
    async with (
        faulty(always(Point.ANSWER, Fault(Way.SLOW))) as server,
        Mailer(server, connections=3, mails_per_connection=5) as mailer,
    ):
        sent = await asyncio.gather(*(mailer.send(SENDER, CLIENT, MAIL, yes) for _ in range(30)))
    assert {one.result for one in sent} == {Delivery.ACCEPTED}
    assert server.open_most == 3
    assert 6 <= server.connections <= 8


async def test_a_hung_dialogue_does_not_hold_up_the_others(faulty):
    def plan(point: Point, dialogue: Dialogue):
        return Fault(Way.MUTE) if point is Point.RCPT and "hang@x.example" in dialogue.recipients else None

    async with faulty(plan) as server, Mailer(server, connections=2, command_timeout=30) as mailer:
        hung = asyncio.ensure_future(mailer.send(SENDER, "hang@x.example", MAIL, yes))
        for _ in range(5):
            assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
        assert not hung.done()
        server.drop_connections()
        assert (await hung).result is Delivery.DEFERRED


async def test_no_more_mails_than_allowed_are_begun_in_a_minute(faulty):
    async with faulty() as server, Mailer(server, per_minute=3) as mailer:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await asyncio.gather(*(mailer.send(SENDER, CLIENT, MAIL, yes) for _ in range(5)))
        assert len(server.kept) == 3


@pytest.mark.parametrize(
    "address",
    ["a@x.example\r\nRCPT TO:<z@x.example>", "a@b, c@d", "a b@x.example", "<a@x.example>", "a@x@y.example", "a@",
     "@x", "a@-x.example", "a@x..example", "a\0@x.example", "nobody", '"a b"@x.example', "a@[127.0.0.1]"],
)  # fmt: skip
async def test_an_address_that_could_mean_something_else_is_refused_before_a_word_is_said(address):
    async with SmtpFaulty() as server, Mailer(server) as mailer:
        assert (await mailer.send(SENDER, address, MAIL, yes)).result is Delivery.REFUSED
        assert (await mailer.send(address, CLIENT, MAIL, yes)).result is Delivery.REFUSED
        assert (await mailer.send(SENDER, "", MAIL, yes)).result is Delivery.REFUSED
    assert server.connections == 0


@pytest.mark.parametrize(
    "content", [b"", b"a: b\n\nx\n", b"a: b\r\n\r\nx\r\n\n.\r\n", b"a: b\r\n\r\nx\ry\r\n"]
)
async def test_content_with_bare_line_ends_is_refused(content):
    async with SmtpFaulty() as server, Mailer(server) as mailer:
        assert (await mailer.send(SENDER, CLIENT, content, yes)).result is Delivery.REFUSED
    assert server.connections == 0


async def test_extensions_are_used_where_offered():
    async with SmtpFaulty() as server, Mailer(server) as mailer:
        accented = "Asunto: x\r\n\r\nñandú\r\n".encode()
        assert (await mailer.send(SENDER, "josé@correo.example", accented, yes)).result is Delivery.ACCEPTED
        assert (await mailer.send(SENDER, "jose@peña.example", MAIL, yes)).result is Delivery.ACCEPTED
    assert server.commands[1:3] == [
        f"MAIL FROM:<{SENDER}> BODY=8BITMIME SMTPUTF8 SIZE={len(accented)}",
        "RCPT TO:<josé@correo.example>",
    ]
    assert "RCPT TO:<jose@xn--pea-8ma.example>" in server.commands


async def test_without_extensions_there_is_a_correct_fall_back_or_clear_words():
    async with SmtpFaulty(extensions=()) as server, Mailer(server) as mailer:
        assert (await mailer.send(SENDER, "jose@peña.example", MAIL, yes)).result is Delivery.ACCEPTED
        local = await mailer.send(SENDER, "josé@correo.example", MAIL, yes)
        eight = await mailer.send(SENDER, CLIENT, "Asunto: x\r\n\r\nñandú\r\n".encode(), yes)
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert (local.result, eight.result) == (Delivery.REFUSED, Delivery.REFUSED)
    assert "SMTPUTF8" in local.error
    assert "8BITMIME" in eight.error
    assert server.commands[1] == f"MAIL FROM:<{SENDER}>"


async def test_an_old_server_is_greeted_with_helo():
    async with SmtpFaulty(once(Point.EHLO, Fault(Way.REPLY, "502 what"))) as server, Mailer(server) as mailer:
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert server.commands[1].startswith("HELO ")


# -- sign-in and TLS ---------------------------------------------------------------------------------------------


async def token():
    return "s3cret"


SIGN_IN = {
    "password": {"password": lambda: "s3cret"},
    "xoauth2": {"token": token},
    "oauthbearer": {"token": token, "mechanism": "oauthbearer"},
}


@pytest.mark.parametrize("how", SIGN_IN)
async def test_a_sign_in_with_the_right_secret_sends(how):
    async with (
        SmtpFaulty(user="soporte", secret="s3cret") as server,
        Mailer(server, user="soporte", **SIGN_IN[how]) as mailer,
    ):
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
        assert await mailer.check() == "faulty.example"


@pytest.mark.parametrize("how", SIGN_IN)
async def test_a_refused_sign_in_defers_and_tells_no_secret(how):
    async with (
        SmtpFaulty(user="soporte", secret="other", mechanisms="PLAIN XOAUTH2 OAUTHBEARER") as server,
        Mailer(server, user="soporte", **SIGN_IN[how]) as mailer,
    ):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
        with pytest.raises(Exception, match="refused the sign-in of soporte") as raised:
            await mailer.check()
    assert type(raised.value).__name__ == "Permanent"
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert "535" in sent.error
    assert "s3cret" not in sent.error


@pytest.mark.parametrize("way", [Way.CLOSE, Way.MUTE, Way.STALL, Way.GARBAGE, Way.REPLY])
async def test_a_fault_while_signing_in_defers(way):
    fault = Fault(way, "454 4.7.0 temporary")
    async with (
        SmtpFaulty(always(Point.AUTH, fault), user="soporte", secret="s3cret", mechanisms="PLAIN") as server,
        Mailer(server, user="soporte", **SIGN_IN["password"]) as mailer,
    ):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
        with pytest.raises(Exception, match=r"127\.0\.0\.1") as raised:
            await mailer.check()
    assert type(raised.value).__name__ == "Temporary"
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)


async def test_a_refused_token_is_reported_so_that_a_fresh_one_is_fetched():
    tokens, dropped = ["old", "s3cret"], []

    async def newest():
        return tokens[0]

    more = {"user": "soporte", "token": newest, "token_refused": lambda: dropped.append(tokens.pop(0))}
    async with SmtpFaulty(user="soporte", secret="s3cret") as server, Mailer(server, **more) as mailer:
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.DEFERRED
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    assert dropped == ["old"]


async def test_a_secret_that_cannot_be_read_defers_in_clear_words():
    def missing():
        raise LookupError("credential smtp-password: no such file")

    async with (
        SmtpFaulty(user="soporte", secret="s3cret") as server,
        Mailer(server, user="soporte", password=missing) as mailer,
    ):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert sent.result is Delivery.DEFERRED
    assert "no such file" in sent.error


async def test_starttls_and_implicit_tls_with_a_ca_of_choice(certificates, server_tls):
    async with (
        SmtpFaulty(tls=server_tls) as server,
        Mailer(server, host="localhost", tls="starttls", ca=certificates.ca) as mailer,
    ):
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED
    async with (
        SmtpSink(tls=server_tls, implicit_tls=True) as relay,
        Mailer(relay, host="localhost", tls="implicit", ca=certificates.ca) as mailer,
    ):
        assert (await mailer.send(SENDER, CLIENT, MAIL, yes)).result is Delivery.ACCEPTED


@pytest.mark.parametrize("case", ["strange ca", "wrong name"])
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_certificate_that_does_not_fit_sends_nothing(case, tls, tmp_path, server_tls):
    other = make_certificates(tmp_path, "relay.example")
    if case == "wrong name":
        server_tls.load_cert_chain(other.certificate, other.key)
    relay = SmtpSink(tls=server_tls, implicit_tls=tls == "implicit")
    async with relay, Mailer(relay, host="localhost", tls=tls, ca=other.ca) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
        with pytest.raises(Exception, match="certificate") as raised:
            await mailer.check()
    assert type(raised.value).__name__ == "Permanent"
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert "certificate" in sent.error
    assert relay.mails == []


async def test_no_silent_downgrade_without_starttls():
    async with (
        SmtpFaulty(user="soporte", secret="s3cret") as server,
        Mailer(server, tls="starttls", user="soporte", **SIGN_IN["password"]) as mailer,
    ):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert "STARTTLS" in sent.error
    assert all(line.startswith(("EHLO", "QUIT")) for line in server.commands)


@pytest.mark.parametrize("way", [Way.CLOSE, Way.RESET, Way.MUTE, Way.GARBAGE, Way.REPLY])
async def test_a_broken_starttls_sends_nothing(way, certificates, server_tls):
    async with (
        SmtpFaulty(always(Point.STARTTLS, Fault(way)), tls=server_tls) as server,
        Mailer(server, host="localhost", tls="starttls", ca=certificates.ca) as mailer,
    ):
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert sent.result is Delivery.DEFERRED
    assert not any(line.startswith(("MAIL", "AUTH")) for line in server.commands)


async def test_nobody_listening_defers():
    async with SmtpFaulty() as server:
        pass
    async with Mailer(server) as mailer:
        sent = await mailer.send(SENDER, CLIENT, MAIL, yes)
    assert (sent.result, sent.relay) == (Delivery.DEFERRED, True)
    assert "127.0.0.1" in sent.error
