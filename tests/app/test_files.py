"""The files of an agent's mail on their way to the client."""

import base64
from collections.abc import AsyncIterator

import pytest

from triage.app import files
from triage.core.message import Attachment
from triage.errors import Permanent


class Server:
    """Answers sections as a mailbox does, transfer-encoded and in pieces."""

    def __init__(self, sections: dict[str, bytes]) -> None:
        self.sections = sections

    async def section(self, name: str) -> AsyncIterator[bytes]:
        if name not in self.sections:
            raise Permanent("gone")
        return self._pieces(self.sections[name])

    async def _pieces(self, raw: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(raw), 7):
            yield raw[start : start + 7]


def an_attachment(
    name: str, section: str, size: int = 100, *, inline: bool = False, encoding: str = "base64"
) -> Attachment:
    return Attachment(name, "application/pdf", size, section, inline, encoding)


async def test_files_come_decoded_and_in_their_order() -> None:
    content = bytes(range(256))
    server = Server({"2": base64.encodebytes(content), "3": b"a=3Db=\r\n c"})
    found, left_out = await files.fetched(
        server.section,
        [an_attachment("a.pdf", "2"), an_attachment("b.txt", "3", encoding="Quoted-Printable")],
    )
    assert [base64.b64decode(one["content"]) for one in found] == [content, b"a=b c"]
    assert [one["name"] for one in found] == ["a.pdf", "b.txt"]
    assert left_out == ()


async def test_what_cannot_be_had_is_named_and_the_rest_goes() -> None:
    server = Server({"2": b"eA=="})
    found, left_out = await files.fetched(
        server.section,
        [an_attachment("a", "2"), an_attachment("gone", "3"), an_attachment("inside", "2", encoding="")],
    )
    assert [one["name"] for one in found] == ["a"]
    assert left_out == ("inside", "gone")


@pytest.mark.parametrize(("sizes", "chosen", "left"), [((4, 4, 4), 2, 1), ((11,), 0, 1), ((10,), 1, 0)])
def test_all_files_together_keep_to_the_limit(sizes: tuple[int, ...], chosen: int, left: int) -> None:
    found, too_large = files.wanted([an_attachment(f"f{n}", "2", n) for n in sizes], limit=10)
    assert (len(found), len(too_large)) == (chosen, left)


def test_a_signature_s_logo_stays_behind_and_a_pasted_picture_goes() -> None:
    logo, picture = (
        an_attachment("logo.png", "2", 4_000, inline=True),
        an_attachment("p.png", "3", 90_000, inline=True),
    )
    assert files.wanted([logo, picture]) == ([picture], [])
