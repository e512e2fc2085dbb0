"""S/MIME (RFC 8551): the signed message inside an opaque p7m is opened for reading; nothing is verified or decrypted.

Knows just enough BER (indefinite lengths, octet strings in pieces) to find the content of CMS SignedData
(RFC 5652 section 5). Nodes and depth are capped.
"""

from dataclasses import dataclass, field

from triage.core.message import Leaf

_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_DATA_OID = bytes.fromhex("2a864886f70d010701")  # id-data
_SEQUENCE, _OID, _OCTETS, _CONTEXT_0 = 0x30, 0x06, 0x04, 0xA0
_CONSTRUCTED = 0x20
_NODES = 20_000
_DEPTH = 24


@dataclass(slots=True)
class _Node:
    tag: int
    content: bytes = b""
    children: list["_Node"] = field(default_factory=list)


class _Reader:
    """Reads a BER tree; stops quietly where the data ends or a cap is met."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._nodes = 0

    def node(self, position: int, end: int, depth: int) -> tuple[_Node | None, int]:
        self._nodes += 1
        if position + 2 > end or depth > _DEPTH or self._nodes > _NODES:
            return None, end
        tag = self._data[position]
        length, start = self._length(position + 1, end)
        node = _Node(tag)
        if not tag & _CONSTRUCTED:
            stop = min(end, start + (length or 0))
            node.content = self._data[start:stop]
            return node, stop
        stop = end if length is None else min(end, start + length)
        position = start
        while position < stop:
            if length is None and self._data[position : position + 2] == b"\0\0":
                return node, position + 2
            child, position = self.node(position, stop, depth + 1)
            if child is None:
                break
            node.children.append(child)
        return node, stop if length is not None else position

    def _length(self, position: int, end: int) -> tuple[int | None, int]:
        """Return (length, or None for indefinite, and where the content starts)."""
        first = self._data[position]
        if first == 0x80:
            return None, position + 1
        if first < 0x80:
            return first, position + 1
        count = first & 0x7F
        return int.from_bytes(
            self._data[position + 1 : min(end, position + 1 + min(count, 8))]
        ), position + 1 + count


def is_smime(leaf: Leaf) -> bool:
    return leaf.content_type in _TYPES


def signed_content(data: bytes) -> bytes | None:
    """Return the MIME entity inside opaque SignedData; None for encrypted or unknown content."""
    root, _ = _Reader(data).node(0, len(data), 0)
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        inner = node.children
        if (
            node.tag == _SEQUENCE
            and len(inner) == 2
            and (inner[0].tag, inner[0].content) == (_OID, _DATA_OID)
            and inner[1].tag == _CONTEXT_0
        ):
            return b"".join(_octets(inner[1])) or None
        waiting += reversed(inner)
    return None


def _octets(node: _Node) -> list[bytes]:
    if node.tag == _OCTETS:
        return [node.content]
    return [piece for child in node.children for piece in _octets(child)]
