import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from triage.adapters.token_oauth2 import TokenConfig, TokenSource
from triage.errors import Permanent, Temporary

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at


@asynccontextmanager
async def endpoint(*answers):
    """An HTTP server with canned answers: (status, body); the last one stays. Yields (url, forms it got)."""
    left, forms = list(answers), []

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        forms.append(
            {key: value[0] for key, value in parse_qs((await reader.readexactly(length)).decode()).items()}
        )
        status, body = left.pop(0) if len(left) > 1 else left[0]
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        writer.write(
            f"HTTP/1.1 {status} x\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n".encode() + raw
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token", forms


def a_source(url, **more):
    settings = {"client_secret": lambda: "cs", "refresh_token": lambda: "rt", "scope": "smtp"}
    return TokenSource(TokenConfig(url, "triage", **(settings | more)), Clock())


async def test_a_token_is_fetched_once_and_again_shortly_before_it_ends():
    async with endpoint((200, {"access_token": "one", "expires_in": 600}), (200, {"access_token": "two"})) as (url, forms):  # fmt: skip
        source = a_source(url)
        assert [await source(), await source()] == ["one", "one"]
        source.clock.at = NOW + timedelta(minutes=9, seconds=30)
        assert await source() == "two"
    assert forms[0] == {
        "grant_type": "refresh_token",
        "client_id": "triage",
        "client_secret": "cs",
        "refresh_token": "rt",
        "scope": "smtp",
    }
    assert len(forms) == 2


async def test_many_who_ask_at_once_cause_one_request():
    async with endpoint((200, {"access_token": "one"})) as (url, forms):
        source = a_source(url)
        assert set(await asyncio.gather(*(source() for _ in range(8)))) == {"one"}
    assert len(forms) == 1


async def test_a_refresh_token_that_was_replaced_is_used_and_a_refused_token_forgotten():
    async with endpoint((200, {"access_token": "one", "refresh_token": "rt2"}), (200, {"access_token": "two"})) as (url, forms):  # fmt: skip
        source = a_source(url)
        await source()
        source.forget()
        assert await source() == "two"
    assert forms[1]["refresh_token"] == "rt2"


async def test_client_credentials_need_no_refresh_token():
    async with endpoint((200, {"access_token": "one"})) as (url, forms):
        assert await a_source(url, flow="client_credentials", refresh_token=None)() == "one"
    assert forms[0]["grant_type"] == "client_credentials"
    assert "refresh_token" not in forms[0]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "rt"}, Permanent),
        (401, b"no", Permanent),
        (429, {}, Temporary),
        (503, b"", Temporary),
        (200, b"<html>", Permanent),
        (200, [], Permanent),
        (200, {"token_type": "x"}, Permanent),
    ],
)
async def test_refusals_and_nonsense_are_told_apart_and_tell_no_secret(status, body, error):
    async with endpoint((status, body)) as (url, _):
        with pytest.raises(error, match=r"127\.0\.0\.1") as raised:
            await a_source(url, client_secret=lambda: "s3cret")()
    assert "s3cret" not in str(raised.value)


async def test_nobody_there_is_temporary_and_plain_http_elsewhere_is_refused():
    async with endpoint((200, {})) as (url, _):
        pass
    with pytest.raises(Temporary, match="cannot be reached"):
        await a_source(url)()
    with pytest.raises(Permanent, match="https"):
        await a_source("http://login.example/token")()
    with pytest.raises(Permanent, match="refresh_token"):
        await a_source("https://login.example/token", refresh_token=None)()
