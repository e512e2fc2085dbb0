"""Whom a bounce is about: from reports, header fields and words; never our own address."""

from tests.builders import SUPPORT, a_message, an_enclosed
from triage.core import bounce_facts
from triage.core.message import DeliveryReport

OWN = frozenset({SUPPORT})
DAEMON = "mailer-daemon@mx.destino.example"


def test_our_own_address_is_never_the_recipient_that_failed() -> None:
    text = f"Your message from {SUPPORT} could not be delivered:\n<{SUPPORT}>\n<ana@destino.example>: 550"
    assert bounce_facts.facts(a_message(sender=DAEMON, text=text), OWN).recipients == ("ana@destino.example",)


def test_failed_recipients_header_names_the_recipients() -> None:
    message = a_message(
        sender=DAEMON, text="", headers=[("X-Failed-Recipients", "Ana@Destino.example, b@destino.example")]
    )
    assert bounce_facts.facts(message, OWN).recipients == ("ana@destino.example", "b@destino.example")


def test_a_giant_bounce_is_read_in_a_moment() -> None:
    message = a_message(sender=DAEMON, subject="failure notice", text="a@" * 300_000 + "\n<" * 200_000)
    assert bounce_facts.facts(message, OWN) is not None


def recipients(text: str, **fields: object) -> tuple[str, ...]:
    return bounce_facts.facts(a_message(sender=DAEMON, text=text, **fields), OWN).recipients


def test_the_words_name_best_at_the_start_of_a_line_then_beside_a_code() -> None:
    beside = (
        "Delivery failed.\nsmtp said 550 5.1.1 about ana@destino.example today\nWrite to postmaster@x.example"
    )
    assert recipients(beside) == ("ana@destino.example",)
    assert recipients(f"{beside}\n<eva@destino.example>: unknown user") == ("eva@destino.example",)


def test_a_label_without_an_address_names_nobody() -> None:
    assert recipients("The recipient: unknown\n\nThe mail could not be delivered to\nrecipient") == ()


def test_the_returned_mail_is_known_by_its_id_wherever_it_stands() -> None:
    enclosed = (an_enclosed(), an_enclosed(message_id="a@x.example"))
    assert bounce_facts.facts(a_message(enclosed=enclosed), OWN).original_message_id == "a@x.example"
    told = a_message(text="Not delivered\n> Message-ID: <b@x.example>\n")
    assert bounce_facts.facts(told, OWN).original_message_id == "b@x.example"
    answered = a_message(in_reply_to=("c@x.example",))
    assert bounce_facts.facts(answered, OWN).original_message_id == "c@x.example"


def test_a_line_about_recipients_without_an_address_is_passed_over() -> None:
    text = "Recipient: (unknown)\nRCPT TO:<ana@destino.example>\n550 no such user"
    assert recipients(text) == ("ana@destino.example",)


def test_what_a_report_says_of_late_and_failed_decides() -> None:
    late = a_message(
        reports=(DeliveryReport(recipient="a@x.example", action="delayed", diagnostic="4.4.1  slow"),)
    )
    told = bounce_facts.facts(late, OWN)
    assert (told.temporary, told.diagnostic) == (True, "4.4.1 slow")
    both = (*late.reports, DeliveryReport(recipient="b@x.example", action="failed"))
    assert not bounce_facts.facts(a_message(reports=both), OWN).temporary
