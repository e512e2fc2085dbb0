"""What holds for any bytes at all that come to a decision; asked by hypothesis, by atheris and of what they found."""

from datetime import UTC, datetime

from tests.app.house import DESK
from triage.adapters.parser_mailparser.parser import MailParser
from triage.app.explain import Explained, explain
from triage.core.effects import SendMail
from triage.core.model import Trust

NOW = datetime(2026, 10, 20, 13, 15, tzinfo=UTC)
_PARSER = MailParser()
_BREAKS = "\r\n\x00\u2028\u2029"  # what would end a header, a log line or a cell early


def decided(raw: bytes) -> Explained:
    return explain(_PARSER, DESK, raw, NOW)


def check(told: Explained) -> None:
    """Raise AssertionError where the decision about a mail, whatever it held, is not whole or lets somebody in."""
    assert told.error or told.route is not None, "no decision"
    if told.reading is not None and told.reading.trust is Trust.FAILED:
        assert not told.acknowledged, "answered a forged sender"
    if told.message is not None:
        assert not set(_BREAKS) & set(told.message.subject), "a broken line in the subject"
    for effect in told.decision.effects if told.decision else ():
        if isinstance(effect, SendMail):
            assert not set(_BREAKS) & set(effect.to), "a broken line in a recipient"
            assert effect.to.count("@") == 1, "not one recipient"
