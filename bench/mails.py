"""Realistic mails for the benchmarks, the same ones for the same seed, and the truth about each."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

WORDS = [
    "la",
    "tienda",
    "no",
    "carga",
    "los",
    "pedidos",
    "de",
    "ayer",
    "y",
    "el",
    "panel",
    "muestra",
    "un",
    "error",
    "cuando",
    "entramos",
    "desde",
    "la",
    "oficina;",
    "el",
    "cliente",
    "pagó",
    "con",
    "tarjeta",
    "y",
    "no",
    "recibió",
    "el",
    "mail",
    "de",
    "confirmación,",
    "probamos",
    "con",
    "otro",
    "navegador",
    "y",
    "pasa",
    "lo",
    "mismo",
]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a reader of one mail must have found in it."""

    text: str
    attachment: str


def make(number: int, chance: random.Random) -> bytes:
    """Return one realistic mail: 1 to 3 KB of text, half of them with 50 to 250 KB of attachments."""
    return with_truth(number, chance)[0]


def with_truth(number: int, chance: random.Random) -> tuple[bytes, Truth]:
    """Return a mail and what stands in it."""
    mail = EmailMessage()
    mail["From"] = f"Cliente {number} <cliente{number}@tienda{number % 400}.example>"
    mail["To"] = "soporte@netone.example"
    mail["Subject"] = f"Consulta {number}: {' '.join(chance.sample(WORDS, 4))}"
    mail["Date"] = "Tue, 20 Oct 2026 10:15:00 -0300"
    mail["Message-ID"] = message_id(number)
    mail["Authentication-Results"] = f"mx.netone.example; dmarc=pass header.from=tienda{number % 400}.example"
    text = _sentences(chance, chance.randint(150, 450))
    mail.set_content(text)
    name = ""
    if number % 2:
        mail.add_alternative(f"<p>{' '.join(chance.choices(WORDS, k=200))}</p>", subtype="html")
        name = f"captura-{number}.png"
        data = chance.randbytes(chance.randint(50_000, 250_000))
        mail.add_attachment(data, maintype="image", subtype="png", filename=name)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), Truth(text, name)


def full_mailbox(count: int) -> tuple[list[tuple[bytes, datetime]], list[Truth]]:
    """Return that many mails, all arrived now, and what stands in them."""
    chance, now = random.Random(7), datetime.now(UTC)
    written = [with_truth(number, chance) for number in range(count)]
    return [(raw, now) for raw, _ in written], [truth for _, truth in written]


def differences(stored: Mapping[str, tuple[str, list[str]]], truths: Sequence[Truth]) -> list[str]:
    """Compare text and attachments' names, stored by Message-ID, with what was written."""
    problems = []
    for number, truth in enumerate(truths):
        text, names = stored.get(message_id(number), ("", []))
        if text.split() != truth.text.split():
            problems.append(f"text of {number}: {text[:80]!r}")
        if names != ([truth.attachment] if truth.attachment else []):
            problems.append(f"attachments of {number}: {names}")
    return problems


def _sentences(chance: random.Random, words: int) -> str:
    sentences = []
    while words > 0:
        some = chance.choices(WORDS, k=chance.randint(6, 16))
        words -= len(some)
        sentences.append(f"{' '.join(some).capitalize().rstrip(';,')}.")
    return " ".join(sentences)


def message_id(number: int) -> str:
    return f"<bench.{number}@tienda{number % 400}.example>"
