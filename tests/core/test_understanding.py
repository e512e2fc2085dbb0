from tests.app.house import DESK, a_mail
from triage.adapters.parser_mailparser.parser import MailParser
from triage.core import reading
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
