"""OAuth 2.0 from the configuration to Dovecot's own check of the token, with a token endpoint that the test runs."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.e2e.chaos import Mail
from tests.e2e.daemon import configured
from tests.servers.dovecot import Dovecot, token, token_is_good
from tests.servers.smtp_sink import SmtpSink
from triage import settings
from triage.app.tokens import note_key
from triage.core.model import MailKind, MailState
from triage.core.records import OutboxRow
from triage.wiring import building

pytestmark = pytest.mark.dovecot


@dataclass
class Relay:
    """What a relay thinks of tokens; `ahead` sets its clock forward by seconds."""

    ahead: float = 0.0

    def __call__(self, user: str, presented: str) -> bool:
        return token_is_good(user, presented, time.time() + self.ahead)


@dataclass
class Endpoint:
    """A token endpoint; `refuse`: its error word. `asked`: the forms it got."""

    user: str
    lifetime: int = 600
    refuse: str = ""
    rotate: str = ""
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        self.asked.append(dict(parse_qsl(body.decode())))
        answer: dict[str, object] = {
            "access_token": token(self.user, self.lifetime),
            "expires_in": self.lifetime,
        }
        if self.rotate:
            answer["refresh_token"] = self.rotate
        if self.refuse:
            answer = {"error": self.refuse}
        raw = json.dumps(answer).encode()
        status = "400 Bad Request" if self.refuse else "200 OK"
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n".encode() + raw
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def endpoint(user: str, **more: Any) -> AsyncIterator[Endpoint]:
    made = Endpoint(user, **more)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    async with server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
        yield made


def with_oauth(
    folder: Path, dovecot: Dovecot, sink: SmtpSink, made: Endpoint, more: str
) -> settings.Settings:
    site = configured(folder, imap=dovecot.ports.imap, smtp=sink.port, user=made.user)
    (folder / "refresh").write_text("the first refresh token\n")
    oauth = (
        f"oauth2: {{token_url: '{made.url}', client_id: triage, refresh_token: {{file: refresh}}, {more}}}"
    )
    site.config.write_text(site.config.read_text().replace("password: {file: password}", oauth, 1))
    return settings.load(site.config)


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
async def test_mail_is_read_with_a_token_and_the_refresh_can_be_seen(
    dovecot: Dovecot, tmp_path: Path, mechanism: str
) -> None:
    user = dovecot.new_user()
    dovecot.append(user, Mail("m1@cliente.example", "c1@cliente.example").raw())
    async with SmtpSink() as sink, endpoint(user) as made:
        config = with_oauth(tmp_path, dovecot, sink, made, f"mechanism: {mechanism}")
        async with building.daemon(config) as built:
            summary = await built.daemon.pass_once()
            note = json.loads(
                await built.store.read(lambda tx: tx.get_note(note_key("mailbox soporte"))) or "{}"
            )
    assert (summary.taken, summary.unreachable) == (1, [])
    assert made.asked[0]["grant_type"] == "refresh_token"
    assert made.asked[0]["refresh_token"] == "the first refresh token"
    assert len(made.asked) == 1, "one token serves until shortly before it ends"
    assert set(note) == {"refreshed_at", "expires_at"}


async def test_client_credentials_need_no_refresh_token(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink, endpoint(user) as made:
        more = "flow: client_credentials, client_secret: {file: secret}, scope: 'https://x.example/.default'"
        config = with_oauth(tmp_path, dovecot, sink, made, more)
        async with building.daemon(config) as built:
            assert (await built.daemon.pass_once()).unreachable == []
    assert made.asked[0]["grant_type"] == "client_credentials"
    assert made.asked[0]["scope"] == "https://x.example/.default"


async def test_a_refresh_token_that_is_replaced_is_kept_in_its_file(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink, endpoint(user, rotate="the second") as made:
        config = with_oauth(tmp_path, dovecot, sink, made, "scope: ''")
        async with building.daemon(config) as built:
            assert (await built.daemon.pass_once()).unreachable == []
    assert (tmp_path / "refresh").read_text() == "the second"
    assert (tmp_path / "refresh").stat().st_mode & 0o077 == 0


async def test_a_refused_refresh_token_says_so_and_alarms_the_admin(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink, endpoint(user, refuse="invalid_grant") as made:
        config = with_oauth(tmp_path, dovecot, sink, made, "scope: ''")
        async with building.daemon(config) as built:
            summary = await built.daemon.pass_once()
    assert "400 invalid_grant" in summary.unreachable[0]
    assert [mail.recipients for mail in sink.mails] == [("sistemas@netone.example",)]


async def test_a_token_that_the_server_refuses_is_fetched_anew(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink, endpoint(user, lifetime=-60) as made:  # signed, and over
        config = with_oauth(tmp_path, dovecot, sink, made, "scope: ''")
        async with building.daemon(config) as built:
            assert "refused the sign-in" in (await built.daemon.pass_once()).unreachable[0]
            made.lifetime = 600
            assert (await built.daemon.pass_once()).unreachable == []
    assert len(made.asked) == 2


def relay_with_oauth(
    folder: Path, dovecot: Dovecot, sink: SmtpSink, made: Endpoint, mechanism: str = "xoauth2"
) -> settings.Settings:
    """Return a site whose relay asks for tokens; the mailbox has a password."""
    site = configured(
        folder, imap=dovecot.ports.imap, smtp=sink.port, user=made.user, limits="{retry: 0.001}"
    )
    (folder / "refresh").write_text("the first refresh token\n")
    oauth = (
        f"user: {made.user}, oauth2: {{token_url: '{made.url}', client_id: triage, "
        f"refresh_token: {{file: refresh}}, mechanism: {mechanism}}}"
    )
    text = site.config.read_text()
    site.config.write_text(text.replace("tls: none}\nagents", f"tls: none, {oauth}}}\nagents", 1))
    return settings.load(site.config)


def clients(sink: SmtpSink) -> list[str]:
    return [mail.recipients[0] for mail in sink.mails if mail.recipients[0].endswith("@cliente.example")]


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
async def test_mail_is_sent_with_a_token(dovecot: Dovecot, tmp_path: Path, mechanism: str) -> None:
    user = dovecot.new_user()
    dovecot.append(user, Mail("m1@cliente.example", "c1@cliente.example").raw())
    async with SmtpSink(bearer=Relay()) as sink, endpoint(user) as made:
        config = relay_with_oauth(tmp_path, dovecot, sink, made, mechanism)
        async with building.daemon(config) as built:
            await built.daemon.pass_once()
            note = await built.store.read(lambda tx: tx.get_note(note_key("smtp")))
    assert clients(sink) == ["c1@cliente.example"]
    assert set(sink.signed_in) == {mechanism.upper()}
    assert len(made.asked) == 1
    assert set(json.loads(note or "{}")) == {"refreshed_at", "expires_at"}


async def test_a_token_that_ends_in_the_middle_of_a_connection_costs_a_new_sign_in_and_no_mail(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user, relay = dovecot.new_user(), Relay()
    async with SmtpSink(bearer=relay) as sink, endpoint(user, lifetime=30) as made:
        config = relay_with_oauth(tmp_path, dovecot, sink, made)
        async with building.daemon(config) as built:
            dovecot.append(user, Mail("m1@cliente.example", "c1@cliente.example").raw())
            await built.daemon.pass_once()
            before = len(made.asked)
            relay.ahead, made.lifetime = 60, 7_200
            dovecot.append(user, Mail("m2@cliente.example", "c2@cliente.example").raw())
            await built.daemon.pass_once()
            rows = await built.store.read(lambda tx: tx.list_outbox())
    assert clients(sink) == ["c1@cliente.example", "c2@cliente.example"]
    assert {(row.state, row.attempts) for row in rows} == {(MailState.ACCEPTED, 1)}
    assert len(made.asked) > before


async def test_a_token_that_the_relay_refuses_defers_the_mail_until_a_fresh_one_is_there(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user, relay = dovecot.new_user(), Relay()
    dovecot.append(user, Mail("m1@cliente.example", "c1@cliente.example").raw())
    async with SmtpSink(bearer=relay) as sink, endpoint(user) as made:
        config = relay_with_oauth(tmp_path, dovecot, sink, made)
        relay.ahead = 3_600
        async with building.daemon(config) as built:
            await built.daemon.pass_once()
            rows = await built.store.read(lambda tx: tx.list_outbox())
            assert sink.mails == []
            assert_waiting(rows)
            assert any("refused the sign-in" in row.last_error and "535" in row.last_error for row in rows)
            assert not any(made.asked[0]["refresh_token"] in row.last_error for row in rows)
            made.lifetime = 7_200
            await until_sent(built, sink)
    assert clients(sink) == ["c1@cliente.example"]


async def test_a_refused_refresh_leaves_the_mail_waiting_and_says_so(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    dovecot.append(user, Mail("m1@cliente.example", "c1@cliente.example").raw())
    async with SmtpSink(bearer=Relay()) as sink, endpoint(user, refuse="invalid_grant") as made:
        config = relay_with_oauth(tmp_path, dovecot, sink, made)
        async with building.daemon(config) as built:
            await built.daemon.pass_once()
            rows = await built.store.read(lambda tx: tx.list_outbox())
            note = json.loads(await built.store.read(lambda tx: tx.get_note(note_key("smtp"))) or "{}")
            assert_waiting(rows)
            assert "invalid_grant" in note["error"]
            made.refuse = ""
            await until_sent(built, sink)
    recipients = {mail.recipients[0] for mail in sink.mails}
    assert {"c1@cliente.example", "sistemas@netone.example"} <= recipients, "and the admin was told"


def assert_waiting(rows: Sequence[OutboxRow]) -> None:
    """What the relay would not take is deferred; what was written after that waits for the relay."""
    [acknowledged] = [row.state for row in rows if row.kind is MailKind.ACKNOWLEDGEMENT]
    assert acknowledged is MailState.DEFERRED
    assert {row.state for row in rows} <= {MailState.DEFERRED, MailState.QUEUED}


async def until_sent(built: building.Built, sink: SmtpSink) -> None:
    """Pass until the relay has taken the client's mail: what was deferred waits for its pause."""
    async with asyncio.timeout(30):
        while not clients(sink):
            await built.daemon.pass_once()
