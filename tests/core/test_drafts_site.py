from datetime import date, timedelta

from triage.adapters.renderer_jinja import sample_site
from triage.core import drafts_site, signing
from triage.core.draft_facts import Recipient
from triage.core.drafts_site import Ignored
from triage.core.model import Language, MailKind, Severity

SITE = sample_site.site(Language.ES)
LEAD = Recipient("lucia.ferrari@netone.example", "Lucía Ferrari", "lead")
DAY = date(2026, 10, 20)


def a_line() -> dict[str, object]:
    deadline = sample_site.a_deadline(sample_site.ARRIVAL + timedelta(hours=2))
    return dict(
        drafts_site.case_line(
            sample_site.case(Language.ES, Severity.HIGH, sample_site.ARRIVAL, deadline), SITE
        )
    )


def test_a_digest_leaves_empty_sections_out_and_counts_what_it_cuts() -> None:
    mail = drafts_site.digest(
        SITE, sample_site.COMPANY, LEAD, DAY, sections={"breached": [a_line()] * 80, "due_today": []}
    )
    assert [(s["name"], s["count"], len(s["cases"])) for s in mail.variables["sections"]] == [
        ("breached", 80, drafts_site.LINES_LIMIT)
    ]
    assert mail.key == "digest/2026-10-20/lucia.ferrari@netone.example"


def test_a_digest_names_what_opened_no_case() -> None:
    ignored = [Ignored(sample_site.ARRIVAL, "news@x.example", "s" * 200, "list", "mailto:x")] * 60
    mail = drafts_site.digest(SITE, sample_site.COMPANY, LEAD, DAY, sections={}, ignored=ignored)
    assert mail.variables["ignored_count"] == 60
    assert len(mail.variables["ignored"][0]["subject"]) == 80


def test_a_report_is_one_a_week_and_recipient() -> None:
    mail = drafts_site.report(SITE, sample_site.COMPANY, LEAD, (DAY, DAY + timedelta(days=6)), severities=())
    assert mail.key == "report/2026-10-20/lucia.ferrari@netone.example"
    assert mail.kind is MailKind.DIGEST


def test_an_alarm_is_told_once_for_its_moment() -> None:
    def alarm(minutes: int) -> str:
        at = sample_site.ARRIVAL + timedelta(minutes=minutes)
        return drafts_site.alarm(
            SITE, sample_site.COMPANY, "a@b.example", drafts_site.Trouble.DISK_LOW, at
        ).key

    assert alarm(0) == alarm(0)
    assert alarm(0) != alarm(1)


def test_pictures_travel_with_the_mail_that_shows_them() -> None:
    mail = drafts_site.report(SITE, sample_site.COMPANY, LEAD, (DAY, DAY), severities=[])
    shown = drafts_site.with_pictures(
        mail, SITE, [{"name": "kept", "alt": "97 % kept", "content": "iVBORw0KGgo="}]
    )
    assert shown.variables["pictures"] == [{"cid": "kept@netone.example", "alt": "97 % kept"}]
    (file,) = shown.attachments
    assert (file["name"], file["content_type"], file["cid"]) == (
        "kept.png",
        "image/png",
        "kept@netone.example",
    )
    assert (shown.key, mail.attachments) == (mail.key, ())


def test_a_canary_goes_from_a_mailbox_to_itself_once_a_moment_and_not_for_ever() -> None:
    at, until = sample_site.ARRIVAL, sample_site.ARRIVAL + timedelta(minutes=15)
    (box,) = SITE.mailboxes
    mail = drafts_site.canary(SITE, sample_site.COMPANY, box, at, until)
    assert (mail.to, mail.mailbox, mail.kind, mail.expires_at) == (
        box.address,
        box.name,
        MailKind.CANARY,
        until,
    )
    assert mail.variables["canary"] == signing.canary(SITE.secret, box.address, at)
    later = drafts_site.canary(SITE, sample_site.COMPANY, box, until, until)
    assert later.key != mail.key
