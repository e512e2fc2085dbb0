"""What is framed on one end is what comes out of the frame on the other."""

import pickle
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.adapters.parser_mailparser.samples import SAMPLES, parse
from tests.app.house import DESK
from triage.adapters.parser_mailparser.frames import LENGTH, Yardstick, framed
from triage.core.message import Headers, Leaf, RawMail
from triage.core.model import Severity
from triage.core.understanding import understand
from triage.errors import Hurtful


@dataclass(frozen=True)
class Nothing:
    pass


def taken_out(frame: bytes) -> object:
    (length,) = LENGTH.unpack(frame[: LENGTH.size])
    assert length == len(frame) - LENGTH.size
    return pickle.loads(frame[LENGTH.size :])


@pytest.mark.parametrize(
    "content",
    [
        True,
        Nothing(),
        Headers((("subject", "Señal"), ("to", "a@x.example"), ("to", "b@x.example"))),
        Yardstick(DESK.site, DESK.support.rules.vocabulary, 1 << 29),
        RawMail(header=b"Subject: x\r\n\r\n", leaves=(Leaf("1", "text/plain", {"charset": "utf-8"}),)),
        (Severity, Severity.HIGH, datetime(2026, 11, 23, tzinfo=UTC), re.compile("x+", re.IGNORECASE)),
        frozenset({Severity.LOW}),
    ],
    ids=lambda content: type(content).__name__,
)
def test_every_kind_of_content_arrives_as_it_was(content: object) -> None:
    assert taken_out(framed(content)) == content


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_mail_came_to_arrives_as_it_was(name: str) -> None:
    understood = understand(parse(SAMPLES[name]), DESK.site, DESK.support.rules)
    assert taken_out(framed(understood)) == understood


def test_a_value_made_from_others_is_there_again() -> None:
    arrived = taken_out(framed(Headers((("to", "a@x.example"), ("to", "b@x.example")))))
    assert isinstance(arrived, Headers)
    assert arrived.all("to") == ("a@x.example", "b@x.example")


def test_bad_news_keep_their_kind_and_words() -> None:
    arrived = taken_out(framed(Hurtful("message could not be read: MemoryError")))
    assert isinstance(arrived, Hurtful)
    assert str(arrived) == "message could not be read: MemoryError"
