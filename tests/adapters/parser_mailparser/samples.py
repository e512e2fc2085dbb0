"""Mails for the parser's tests, written for them, and the splitter that turns one into fetched leaves."""

from dataclasses import replace

from triage.adapters.parser_mailparser import header_block, mime_tree
from triage.adapters.parser_mailparser.parser import MailParser
from triage.core.message import Message, RawMail

HEAD = (
    b"From: Ana Prueba <ana@tienda-prueba.example>\r\n"
    b"To: soporte@netone.example\r\n"
    b"Subject: Consulta\r\n"
    b"Date: Mon, 12 Jan 2026 10:00:00 -0300\r\n"
    b"Message-ID: <m1@tienda-prueba.example>\r\n"
    b"MIME-Version: 1.0\r\n"
)


def parse(raw: bytes) -> Message:
    return MailParser().parse(RawMail(raw=raw))


def parse_body(content_type: str, body: bytes | str, *, encoding: str = "8bit", more: str = "") -> Message:
    data = body.encode() if isinstance(body, str) else body
    fields = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}\r\n"
    return parse(HEAD + fields.encode() + data)


def multipart(subtype: str, *parts: str | bytes, boundary: str = "bbb", parameters: str = "") -> bytes:
    """Return Content-Type field, blank line and body; each part brings its own fields and blank line."""
    lines = [f'Content-Type: multipart/{subtype}; boundary="{boundary}"{parameters}\r\n\r\n'.encode()]
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        lines.append(f"--{boundary}\r\n".encode() + data + b"\r\n")
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines)


def part(content_type: str, body: str, *fields: str) -> str:
    return "".join(f"{line}\r\n" for line in (f"Content-Type: {content_type}", *fields)) + f"\r\n{body}"


def as_leaves(raw: bytes, *, containers: bool = True) -> RawMail:
    """Return what a mailbox that fetches structure first would deliver of the same mail."""
    block, body = header_block.split_message(header_block.normalise_line_ends(raw))
    leaves = mime_tree.leaves_of(header_block.fields(block), body).leaves
    if not containers:
        leaves = [replace(leaf, containers=()) for leaf in leaves]
    return RawMail(header=block, leaves=tuple(leaves), size=len(raw))


PDF = part("application/pdf; name=factura.pdf", "JVBERi0xLjQK", "Content-Transfer-Encoding: base64")

SAMPLES = {
    "plain": HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nHola, no anda.\r\n",
    "latin-1": HEAD + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nNo se ve la p\xe1gina \x93inicio\x94\r\n",
    "alternative": HEAD + multipart("alternative", part("text/plain", "Hola"), part("text/html", "<p>Hola</p>")),
    "html with image": HEAD
    + multipart(
        "related",
        part("text/html", "<p>Mire <img src='cid:1'></p>"),
        part("image/png", "AAAA", "Content-Transfer-Encoding: base64", "Content-ID: <1>"),
    ),
    "mixed": HEAD + multipart("mixed", part("text/plain", "Va la factura"), PDF),
    "nested": HEAD
    + multipart(
        "mixed",
        multipart(
            "related",
            multipart("alternative", part("text/plain", "Uno"), part("text/html", "<b>Uno</b>"), boundary="c"),
            part("image/gif", "AAAA", "Content-ID: <2>"),
            boundary="b",
        ),
        PDF,
        boundary="a",
    ),
    "attached message": HEAD
    + multipart("mixed", part("text/plain", "Reenvío"), part("message/rfc822", "Subject: viejo\r\n\r\ndentro")),
    "bounce": HEAD
    + multipart(
        "report",
        part("text/plain", "No se pudo entregar"),
        part("message/delivery-status", "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\n"
             "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user"),
        part("message/rfc822", "Message-ID: <ours@netone.example>\r\nSubject: r\r\n\r\nacuse"),
        parameters="; report-type=delivery-status",
    ),
}  # fmt: skip
