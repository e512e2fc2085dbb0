"""Every kind of mail we write, with words that nobody foresaw, from the draft to the bytes, judged by the RFCs.

Nothing of the pipeline is left out: drafts, outbox row, templates, composer. The judge is `mail_validator`.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.mail_validator import faults
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.renderer_jinja import JinjaRenderer, sample_site
from triage.core import drafts_agent, drafts_client, drafts_orders, drafts_site, outgoing, signing
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_agent import HistoryLine, Part
from triage.core.drafts_client import Suggestion
from triage.core.drafts_orders import Forgery, OrderMail, Outcome
from triage.core.effects import SendMail
from triage.core.enclosures import Enclosed
from triage.core.model import Address, Language, MailKind, Severity

ROOT = Path(__file__).parents[2]
NOW = sample_site.ARRIVAL + timedelta(minutes=3)
RENDERER = JinjaRenderer()
SITE = sample_site.site(Language.ES)
COMPOSER = MimeComposer(SITE)
TO = Recipient("diego.maidana@netone.example", "Diego Maidana", "lead")
COMPANY = sample_site.COMPANY

# What a parser hands out: any character but controls and halves of pairs; texts may have lines.
LINE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120)
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n"), max_size=300)
IDENTITY = st.from_regex(r"[A-Za-z0-9.$=_+-]{1,60}@[a-z0-9.-]{1,40}", fullmatch=True)

ACTIONS = [{"name": "take", "label": "1", "url": "mailto:soporte@netone.example?subject=x&body=!take"}]
DRAFTS: list[Callable[[Facts, str, str], SendMail]] = [
    lambda f, line, text: drafts_client.acknowledgement(f, expires_at=None, holiday=(line,), hours=line, missing=("steps", "errors")),
    lambda f, line, text: drafts_client.acknowledgement(f, expires_at=None, echo_subject=False, reply_plus="r.x.y"),
    lambda f, line, text: drafts_client.escalated(f, line, text, line),
    lambda f, line, text: drafts_client.planned_date(f, date(2026, 11, 2), "quote", text, line),
    lambda f, line, text: drafts_client.deadline_moved(f, f.case.deadline),
    lambda f, line, text: drafts_client.deadline_moved(f, None, "reopened", echo_subject=False),
    lambda f, line, text: drafts_client.solution(f, provisional=True, text=text, by=line),
    lambda f, line, text: drafts_client.solution(f, provisional=False, text=text),
    lambda f, line, text: drafts_client.question(f, text, by=line),
    lambda f, line, text: drafts_client.answer(f, text, key="k", sender_name=line),
    lambda f, line, text: drafts_client.survey(f, ACTIONS * 5),
    lambda f, line, text: drafts_client.suggestion_thanks(SITE, COMPANY, Suggestion(f.case.client, f.case.language, line, "k")),
    lambda f, line, text: drafts_agent.reminder(replace(f, case=replace(f.case, excerpt=text)), TO, "arrival", actions=ACTIONS, attachments=(line,)),
    lambda f, line, text: drafts_agent.reminder(f, TO, "breach+1h", turn=2, history=(HistoryLine(NOW, line, line),)),
    lambda f, line, text: drafts_agent.reminders([Part(f, "-1h", NOW, ACTIONS), Part(f, "breach", NOW)], TO, NOW),
    lambda f, line, text: drafts_agent.client_wrote(f, TO, key="k", text=text, sender=line, attachments=(line,)),
    lambda f, line, text: drafts_agent.monitored(f, TO, key="k", text=text, recovered=True),
    lambda f, line, text: drafts_agent.client_unreachable(f, TO, address=line, status="5.1.1", diagnostic=text),
    lambda f, line, text: drafts_client.still_open(f, key="k"),
    lambda f, line, text: drafts_agent.files(f, TO, Enclosed(({"name": line, "section": "2"},), ({"name": line, "size": 9},)), key="k", part=1, parts=2),
    lambda f, line, text: drafts_agent.answer_uncertain(f, TO, key="k", text=text, error=line),
    lambda f, line, text: drafts_agent.escalation_to_area(f, TO, by=line, text=text, actions=ACTIONS),
    lambda f, line, text: drafts_agent.second_answer(f, TO, key="k", other=line, other_at=NOW, text=text),
    lambda f, line, text: drafts_agent.files(f, TO, Enclosed((a_file(line),), ({"name": line, "size": 9},)), key="k", part=1, parts=2),
    lambda f, line, text: drafts_orders.forged_warning(SITE, COMPANY, TO, Forgery(line, line, NOW, line, (line,)), key="k"),
    lambda f, line, text: drafts_orders.transcript(SITE, COMPANY, TO, [Outcome(line, text, done=False)], OrderMail("k", line, "a@b"), case=f.case),
    lambda f, line, text: drafts_site.digest(SITE, COMPANY, TO, date(2026, 10, 21), sections={"late": [drafts_site.case_line(f.case, SITE)]}),
    lambda f, line, text: drafts_site.alarm(SITE, COMPANY, "sistemas@netone.example", drafts_site.Trouble.BREAKER, NOW, subject=line, detail=text),
    lambda f, line, text: a_report(f, line),
    lambda f, line, text: drafts_site.canary(SITE, COMPANY, SITE.mailboxes[0], NOW, NOW + timedelta(hours=1)),
]  # fmt: skip


def a_file(name: str) -> dict[str, str]:
    return {"name": name, "content_type": "text/plain", "content": "SG9sYQ=="}


def a_report(f: Facts, line: str) -> SendMail:
    week = date(2026, 10, 12), date(2026, 10, 18)
    counted = {"severity": 1, "opened": 3, "due": 3, "kept": 2, "breached": 1, "reopened": 0}
    survey = {"answers": 3, "average": 4.25, "sent": 9}
    late = [drafts_site.case_line(f.case, SITE)]
    made = drafts_site.report(SITE, COMPANY, TO, week, severities=[counted], survey=survey, breaches=late)
    picture = {"name": "hours", "alt": line, "content": "iVBORw0KGgo="}
    return drafts_site.with_pictures(made, SITE, [picture])


def test_every_mail_that_can_be_sent_is_among_those_that_are_judged() -> None:
    """A mail is a template with a subject, whatever makes its draft."""
    facts = Facts(sample_site.case(Language.ES, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(NOW)), SITE, COMPANY, sample_site.SEVERITIES)  # fmt: skip
    judged = {draft(facts, "x", "y").template for draft in DRAFTS}
    there = {path.name.removesuffix(".subject.txt") for path in (ROOT / "templates/es").glob("*.subject.txt")}
    assert judged == there


@st.composite
def some_facts(draw: st.DrawFn) -> Facts:
    language = draw(st.sampled_from(list(Language)))
    severity = draw(st.sampled_from(list(Severity)))
    moment = sample_site.ARRIVAL + timedelta(hours=draw(st.integers(-50, 90)))
    case = sample_site.case(language, severity, sample_site.ARRIVAL, sample_site.a_deadline(moment))
    ids = draw(st.lists(IDENTITY, max_size=6))
    case = replace(
        case,
        subject=draw(LINE),
        excerpt=draw(TEXT),
        client=Address("ana@tienda.example", draw(LINE)),
        message_id=ids[0] if ids else None,
        last_client_id=ids[-1] if ids else None,
        references=tuple(ids),
    )
    return Facts(case, SITE, COMPANY, sample_site.SEVERITIES)


@settings(max_examples=38, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=some_facts(), line=LINE, text=TEXT)
def test_every_mail_keeps_the_rfcs_whatever_people_write(facts: Facts, line: str, text: str) -> None:
    """Thirty-eight times twenty-seven: more than a thousand mails."""
    for draft in DRAFTS:
        mail = draft(facts, line, text)
        row = outgoing.row(SITE, mail, NOW)
        raw = COMPOSER.compose(row, RENDERER.render(row, NOW), NOW)
        assert faults(raw) == [], mail.template
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        _is_ours(message, mail)
        _belongs_to_its_case(message, mail)
        _says_the_same_twice(message)


def _is_ours(message: EmailMessage, mail: SendMail) -> None:
    assert message["From"].addresses[0].addr_spec == sample_site.SUPPORT
    assert message["To"].addresses[0].addr_spec == mail.to
    assert message["Date"].datetime.utcoffset() == timedelta(hours=-3)
    own = signing.verify_message_id(SITE.secret, SITE.domain, str(message["Message-ID"]), mail.to)
    assert own is not None
    assert own.recipient_proven
    assert own.reference == mail.reference
    automatic = not mail.person
    assert (message["Auto-Submitted"] is not None) is automatic
    assert (message["X-Auto-Response-Suppress"] == "All") is (automatic and mail.to_client)
    assert "Cc" not in message
    assert "Bcc" not in message


def _belongs_to_its_case(message: EmailMessage, mail: SendMail) -> None:
    if mail.reference:
        assert f"[{mail.reference}]" in str(message["Subject"])
    if mail.to_client and mail.in_reply_to:
        assert str(message["In-Reply-To"]) == f"<{mail.in_reply_to}>"
        assert str(message["References"]).split()[-1] == f"<{mail.in_reply_to}>"
    assert mail.kind in set(MailKind)


def _says_the_same_twice(message: EmailMessage) -> None:
    """Every number and moment of the plain text stands in the HTML as well."""
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    if html is None:
        return
    said = re.sub(r"<[^>]*>", " ", html.get_content())
    for moment in re.findall(r"\b\d{1,2}:\d{2}\b", plain.get_content().split("\n\n-- ")[0]):
        assert moment in said
