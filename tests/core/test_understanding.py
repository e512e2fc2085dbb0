import pytest

from tests.app.house import DESK, a_mail
from tests.core.rules.vocabularies import group, has, rule, rules
from triage.adapters.parser_mailparser.parser import MailParser
from triage.core import reading, signing
from triage.core.message import RawMail
from triage.core.model import Severity
from triage.core.understanding import understand


def test_a_mail_is_read_and_classified_by_what_its_writer_wrote_now() -> None:
    body = "El sitio está caído, no abre nada.\r\n\r\nEl lunes, NetOne escribió:\r\n> quiero cambiar un color"
    message = MailParser().parse(RawMail(raw=a_mail(body=body)))
    found = understand(message, DESK.site, DESK.support.rules)
    assert found.message is message
    assert found.reading == reading.read(message, DESK.site)
    assert found.classification.severity is Severity.HIGH
    assert found.classification.evidence[0].where == "new_text"


def test_a_reference_in_the_subject_is_no_word_of_the_writers() -> None:
    def judged(subject: str) -> tuple[Severity, list[tuple[str, int]]]:
        message = MailParser().parse(RawMail(raw=a_mail(Subject=subject, body="Novedades?")))
        found = understand(message, DESK.site, DESK.support.rules).classification
        return found.severity, [(one.text, one.start) for one in found.evidence]

    # "NO" is the sample site's prefix and a denial; that a mail names its case makes no fault of a question.
    assert judged("Re: Fotos del catalogo [NO-2026-000001]") == judged("Re: Fotos del catalogo")


@pytest.mark.parametrize(
    ("headers", "reply"),
    [
        ({}, False),
        ({"Subject": "Re: Fotos"}, False),
        ({"In-Reply-To": "<1@cliente.example>"}, False),
        ({"Subject": "Re: Fotos [NO-2026-000001]"}, True),
        ({"In-Reply-To": "OURS"}, True),
        ({"References": "<1@cliente.example> OURS"}, True),
    ],
)
def test_what_answers_us_or_names_a_case_is_judged_as_a_reply(headers: dict[str, str], reply: bool) -> None:
    site = DESK.site
    ours = f"<{signing.message_id(site.secret, site.domain, 'k', 'ana@cliente.example', 'NO-2026-000001')}>"
    given = {name: value.replace("OURS", ours) for name, value in headers.items()}
    message = MailParser().parse(RawMail(raw=a_mail(body="caído", **given)))
    made = [rule(kind, has("down"), 1, on=(kind,)) for kind in ("new", "reply")]
    chosen = rules([group("down", "caído")], made)
    assert understand(message, site, chosen).classification.rule == ("reply" if reply else "new")
