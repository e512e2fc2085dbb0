"""The little server of pages: what it answers, and what it does not put up with."""

import asyncio

import pytest

from triage.adapters.pages_http import PageServer, address
from triage.errors import Permanent
from triage.ports import Page


async def here() -> Page:
    return Page(200, "text/plain", b"here")


async def broken() -> Page:
    raise LookupError("a page's fault")


@pytest.fixture
async def port():
    server = PageServer("127.0.0.1:0", {"/here": here, "/broken": broken})
    _, found = await server.start()
    yield found
    await server.close()


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_page_is_answered_whole_and_the_connection_closed(port):
    answer = await ask(port, b"GET /here?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 4" in head
    assert body == b"here"


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /nowhere HTTP/1.1", b"404"),
        (b"POST /here HTTP/1.1", b"405"),
        (b"hello", b"400"),
        (b"GET  /here", b"400"),
    ],
)
async def test_everything_else_is_refused_in_words(port, request_line, status):
    assert (await ask(port, request_line + b"\r\n\r\n")).split(b" ")[1] == status


async def test_a_page_that_fails_and_an_endless_request_harm_nobody_else(port):
    assert await ask(port, b"GET /broken HTTP/1.1\r\n\r\n") == b""
    assert await ask(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000) == b""
    assert (await ask(port, b"GET /here HTTP/1.1\r\n\r\n")).endswith(b"here")


async def test_an_address_in_use_is_said_with_its_name(port):
    second = PageServer(f"127.0.0.1:{port}", {})
    with pytest.raises(Permanent, match=rf"http.listen 127.0.0.1:{port}"):
        await second.start()


def test_addresses_are_read_and_nonsense_refused():
    assert address("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert address("[::1]:9464") == ("::1", 9464)
    for wrong in ("9464", "localhost:http", "127.0.0.1:70000"):
        with pytest.raises(Permanent):
            address(wrong)
