from datetime import timedelta

from triage.adapters.renderer_jinja import sample_site
from triage.core import drafts_orders
from triage.core.draft_facts import Recipient
from triage.core.drafts_orders import Forgery, OrderMail, Outcome
from triage.core.model import Language, MailKind, Severity

TO = Recipient("diego.maidana@netone.example", "Diego Maidana", "lead")
CASE = sample_site.case(
    Language.PT,
    Severity.HIGH,
    sample_site.ARRIVAL,
    sample_site.a_deadline(sample_site.ARRIVAL + timedelta(hours=2)),
)


def test_a_forgery_is_told_with_and_without_a_case() -> None:
    forgery = Forgery("lucia@netone.example", "x", sample_site.ARRIVAL, "dmarc=fail", ("!close",) * 50)
    site = sample_site.site(Language.ES)
    with_case = drafts_orders.forged_warning(site, sample_site.COMPANY, TO, forgery, key="f1", case=CASE)
    without = drafts_orders.forged_warning(site, sample_site.COMPANY, TO, forgery, key="f1")
    assert (with_case.reference, without.reference) == ("NO-2026-000123", None)
    assert len(without.variables["orders"]) == 10
    assert with_case.fingerprint == without.fingerprint == "forged lucia@netone.example"


def test_a_transcript_answers_the_agents_mail() -> None:
    outcomes = (Outcome("!take", "done"), Outcome("!x", "unknown", done=False), Outcome("!help", "a\nb"))
    mail = drafts_orders.transcript(
        sample_site.site(Language.ES),
        sample_site.COMPANY,
        TO,
        outcomes,
        OrderMail("k", "Re: x", "o1@netone.example"),
    )
    assert (mail.kind, mail.auto, mail.to_client) == (MailKind.TRANSCRIPT, "auto-replied", False)
    assert (mail.in_reply_to, mail.references) == ("o1@netone.example", ("o1@netone.example",))
    assert mail.variables["failed"] == 1
    assert mail.variables["lines"][2] == {"line": "!help", "said": "", "more": "a\nb", "done": True}
