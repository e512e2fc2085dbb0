"""Invented cases, one or more for every mail: what `check` renders at start, and `templates preview` and the gallery show.

They pass through the real drafting functions of the core, so a variable that a template uses and no draft gives is
found before the first customer is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from triage.adapters.renderer_jinja.sample_site import (
    ANSWERS,
    ARRIVAL,
    ARTICLE,
    COMPANY,
    HOLIDAYS,
    HOURS,
    NOTES,
    QUESTIONS,
    SEVERITIES,
    SUBJECTS,
    SUPPORT,
    TEXTS,
    a_deadline,
    case,
    site,
)
from triage.core import (
    commands,
    drafts_agent,
    drafts_client,
    drafts_orders,
    drafts_site,
    history,
    reason_words,
    sayings,
)
from triage.core.absences import Away
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_agent import HistoryLine
from triage.core.drafts_client import Suggestion
from triage.core.drafts_orders import Forgery, OrderMail, Outcome
from triage.core.drafts_site import Ignored, Trouble
from triage.core.effects import SendMail
from triage.core.enclosures import NOTHING, Enclosed
from triage.core.events import EventName
from triage.core.model import (
    Address,
    Column,
    Deadline,
    Kind,
    Language,
    Severity,
    State,
    Unreachable,
)
from triage.core.records import Data, Event


@dataclass(frozen=True, slots=True)
class Sample:
    """A draft and the moment at which it is put into words."""

    label: str
    mail: SendMail
    now: datetime


def samples(language: Language) -> Iterator[Sample]:
    """Yield every mail in a language, the variants of the acknowledgement and the reminder among them."""
    yield from _acknowledgements(language)
    yield from _client_mails(language)
    yield from _reminders(language)
    yield from _agent_mails(language)
    yield from _site_mails(language)


def _facts(language: Language, severity: Severity, arrival: datetime, deadline: Deadline) -> Facts:
    return Facts(case(language, severity, arrival, deadline), site(language), COMPANY, SEVERITIES)


def _usual(language: Language) -> Facts:
    return _facts(language, Severity.MEDIUM, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=24)))


def _acknowledgements(language: Language) -> Iterator[Sample]:
    hours = HOURS[language]
    saturday = datetime(2026, 10, 24, 13, 0, tzinfo=UTC)
    holiday = datetime(2026, 12, 8, 14, 0, tzinfo=UTC)
    night = datetime(2026, 10, 20, 21, 30, tzinfo=UTC)
    out = Column.OUT_OF_HOURS
    cases = {
        "in hours": (
            _usual(language),
            {"missing": ("steps", "error", "screenshot"), "article": ARTICLE},
        ),
        "severity 1": (
            _facts(language, Severity.HIGH, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=2))),
            {"missing": ("error",)},
        ),
        "severity 1, weekend": (
            _facts(language, Severity.HIGH, saturday, a_deadline(saturday + timedelta(hours=24), out)),
            {},
        ),
        "severity 3": (
            _facts(
                language, Severity.LOW, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=72), kind=Kind.FROM)
            ),
            {},
        ),
        "weekend": (
            _facts(
                language, Severity.MEDIUM, saturday, a_deadline(datetime(2026, 10, 28, 3, tzinfo=UTC), out)
            ),
            {},
        ),
        "holiday": (
            _facts(
                language, Severity.MEDIUM, holiday, a_deadline(datetime(2026, 12, 11, 3, tzinfo=UTC), out)
            ),
            {"holiday": (HOLIDAYS[language],)},
        ),
        "out of hours, unverified sender": (
            _facts(
                language, Severity.MEDIUM, night, a_deadline(datetime(2026, 10, 22, 21, 30, tzinfo=UTC), out)
            ),
            {"echo_subject": False},
        ),
        "already past": (_facts(language, Severity.MEDIUM, ARRIVAL, a_deadline(ARRIVAL)), {}),
    }
    for label, (facts, extra) in cases.items():
        at = facts.case.arrival + timedelta(seconds=20)
        mail = drafts_client.acknowledgement(facts, expires_at=None, hours=hours, **extra)  # type: ignore[arg-type]
        yield Sample(label, mail, at)


def _client_mails(language: Language) -> Iterator[Sample]:
    facts, later, text = _usual(language), ARRIVAL + timedelta(hours=3), ANSWERS[language]
    moved = replace(facts.case, severity=Severity.HIGH, deadline=a_deadline(later + timedelta(hours=2)))
    low = replace(
        facts.case,
        severity=Severity.LOW,
        deadline=a_deadline(datetime(2026, 10, 29, 3, tzinfo=UTC), kind=Kind.FROM),
    )
    stars = [
        {"label": str(n), "url": f"mailto:{SUPPORT}?subject=%5BNO-2026-000123%5D%20{n}"} for n in range(1, 6)
    ]
    lucia = "Lucía Ferrari"
    yield Sample("", drafts_client.escalated(facts, "desarrollo"), later)
    yield Sample("with words", drafts_client.escalated(facts, "desarrollo", text, lucia), later)
    yield Sample("solution", drafts_client.planned_date(facts, date(2026, 12, 15), "resolution"), later)
    yield Sample("quote", drafts_client.planned_date(facts, date(2027, 1, 12), "quote", text, lucia), later)
    yield Sample(
        "raised", drafts_client.deadline_moved(replace(facts, case=moved), facts.case.deadline), later
    )
    yield Sample(
        "lowered", drafts_client.deadline_moved(replace(facts, case=low), facts.case.deadline), later
    )
    before = a_deadline(facts.case.deadline.at - timedelta(hours=2, minutes=20))
    yield Sample("after a pause", drafts_client.deadline_moved(facts, before, "pause"), later)
    yield Sample("new hours", drafts_client.deadline_moved(facts, before, "calendar"), later)
    yield Sample("reopened", drafts_client.deadline_moved(facts, None, "reopened"), later)
    yield Sample("provisional", drafts_client.solution(facts, provisional=True), later)
    yield Sample("definitive", drafts_client.solution(facts, provisional=False, text=text, by=lucia), later)
    yield Sample("", drafts_client.still_open(facts, key="u1"), later)
    yield Sample("", drafts_client.question(facts, QUESTIONS[language], by=lucia), later)
    yield Sample("", drafts_client.answer(facts, text, key="a1", sender_name=lucia), later)
    yield Sample("", drafts_client.survey(facts, stars), later)
    said = Suggestion(facts.case.client, language, SUBJECTS[language], "s1", "soporte", "s1@tienda.example")
    yield Sample("", drafts_client.suggestion_thanks(facts.site, COMPANY, said), later)


def _actions(facts: Facts) -> list[Data]:
    names = (
        "take",
        "attended",
        "waiting",
        "escalate",
        "severity_1",
        "severity_2",
        "severity_3",
        "close",
        "snooze",
    )
    return [
        {"name": n, "url": f"mailto:{SUPPORT}?subject=NO-2026-000123%20{n}"}
        for n in names
        if n != f"severity_{facts.case.severity:d}"
    ]


def _history(language: Language) -> tuple[HistoryLine, ...]:
    happened = (
        Event(ARRIVAL, EventName.CASE_OPENED, None, "ana.villar@tienda-andina.example"),
        Event(
            ARRIVAL + timedelta(minutes=31),
            EventName.CASE_NOTED,
            None,
            "diego.maidana@netone.example",
            {"note": NOTES[language]},
        ),
    )
    return history.lines(site(language), happened)


ENCLOSED = Enclosed(left_out=({"name": "pantalla.mp4", "size": 48_300_000},))


def _reminders(language: Language) -> Iterator[Sample]:
    usual = _usual(language)
    high = _facts(language, Severity.HIGH, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=2)))
    low = _facts(language, Severity.LOW, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=72), kind=Kind.FROM))
    lost = Unreachable("ana.villar@tienda-andina.example", "5.1.1", ARRIVAL)
    weekend = _facts(
        language,
        Severity.MEDIUM,
        datetime(2026, 10, 24, 13, tzinfo=UTC),
        a_deadline(
            datetime(2026, 10, 28, 3, tzinfo=UTC),
            Column.OUT_OF_HOURS,
            act_by=datetime(2026, 10, 27, 21, tzinfo=UTC),
        ),
    )
    agent = Recipient("diego.maidana@netone.example", "Diego Maidana")
    for facts, step, minutes, why in (
        (high, "arrival", 0, "oncall"),
        (high, "arrival+30m", 30, "oncall"),
        (usual, "80%", 1200, "lead"),
        (replace(usual, case=replace(usual.case, unreachable=lost)), "-1h", 1380, "assignee"),
        (high, "breach", 121, "manager"),
        (weekend, "opening", 2880, "queue"),
        (low, "arrival", 0, "queue"),
        (low, "-9h", 2800, "planning"),
        (low, "from", 4321, "planning"),
        (
            replace(low, case=replace(low.case, state=State.PLANNED, planned_date=date(2026, 10, 30))),
            "planned -9h",
            9000,
            "planning",
        ),
        (replace(usual, case=replace(usual.case, area="desarrollo")), "escalated", 400, "area"),
    ):
        mail = drafts_agent.reminder(
            facts,
            replace(agent, why=why),
            step,
            history=_history(language) if minutes else (),
            attachments=("captura.png", "pedidos.csv"),
            enclosed=ENCLOSED if step == "arrival" else NOTHING,
            actions=_actions(facts),
        )
        yield Sample(
            f"{step}, severity {int(facts.case.severity)}",
            mail,
            facts.case.arrival + timedelta(minutes=minutes),
        )
    parts = [
        drafts_agent.Part(high, "-15m", ARRIVAL, _actions(high)[:1]),
        drafts_agent.Part(usual, "80%", ARRIVAL, _actions(usual)[:1]),
        drafts_agent.Part(low, "from", ARRIVAL),
    ]
    moment = ARRIVAL + timedelta(minutes=105)
    yield Sample("several cases", drafts_agent.reminders(parts, agent, moment), moment)


def _agent_mails(language: Language) -> Iterator[Sample]:
    facts, later = _usual(language), ARRIVAL + timedelta(hours=3)
    to, text, key = (
        Recipient("diego.maidana@netone.example", "Diego Maidana", "assignee"),
        TEXTS[language],
        "m2",
    )
    answered = ANSWERS[language]
    other = Address("bruno@tienda-andina.example", "Bruno")
    escalated = replace(facts, case=replace(facts.case, area="desarrollo", escalated_at=later))
    forgery = Forgery(
        "lucia.ferrari@netone.example",
        "Re: [NO-2026-000123]",
        later,
        reason_words.said("in an agent's name, but nothing proves it", language),
        ("!close",),
    )
    wrote = drafts_agent.client_wrote
    yield Sample(
        "", wrote(facts, to, key=key, text=text, sender=other.address, actions=_actions(facts)), later
    )
    asked = Recipient("diego.maidana@netone.example", "Diego Maidana", "asked")
    brought = Enclosed(({"name": "captura.png"}, {"name": "pedidos.csv"}), ENCLOSED.left_out)
    yield Sample("", drafts_agent.files(facts, asked, brought, key=key, part=1, parts=1), later)
    first = Enclosed(({"name": "captura.png"},))
    yield Sample("first of two", drafts_agent.files(facts, asked, first, key=key, part=1, parts=2), later)
    told = drafts_agent.monitored
    yield Sample(
        "well again", told(facts, to, key=key, text=text, recovered=True, actions=_actions(facts)), later
    )
    yield Sample("fails again", told(facts, to, key=key, text=text, recovered=False), later)
    yield Sample("reopened", wrote(facts, to, key=key, text=text, reopened=True), later)
    yield Sample(
        "",
        drafts_agent.client_unreachable(
            facts, to, address=facts.case.client.address, status="5.2.2", diagnostic="mailbox full"
        ),
        later,
    )
    yield Sample(
        "",
        drafts_agent.second_answer(facts, to, key=key, other="Lucía Ferrari", other_at=later, text=answered),
        later,
    )
    author = replace(to, why="author")
    yield Sample(
        "",
        drafts_agent.answer_uncertain(facts, author, key=key, text=answered, error="connection lost"),
        later,
    )
    area = Recipient("desarrollo@netone.example", "", "area")
    yield Sample(
        "",
        drafts_agent.escalation_to_area(
            escalated,
            area,
            by="Diego Maidana",
            text=NOTES[language],
            history=_history(language),
            actions=_actions(escalated),
        ),
        later,
    )
    yield Sample(
        "", drafts_orders.forged_warning(facts.site, COMPANY, to, forgery, key=key, case=facts.case), later
    )
    home, mistyped = facts.site, commands.read("!severty 1").commands[0]
    taken = sayings.say(home, "state", reference=facts.case.reference, state=State.TAKEN)
    lines = (
        Outcome("!take", taken),
        Outcome(mistyped.line, sayings.fault(home, mistyped), done=False),
        Outcome("!history", "\n".join(f"{line.who}: {line.what}" for line in _history(language))),
    )
    orders = OrderMail("o1", SUBJECTS[language], "o1@netone.example")
    for label, some in (("", lines[:1]), ("in part", lines), ("nothing", lines[1:2])):
        yield Sample(
            label, drafts_orders.transcript(facts.site, COMPANY, to, some, orders, case=facts.case), later
        )


LEAD = Recipient("lucia.ferrari@netone.example", "Lucía Ferrari")


def _site_mails(language: Language) -> Iterator[Sample]:
    yield from _digests(language)
    yield from _reports(language)
    yield from _alarms(language)
    home, at = site(language), ARRIVAL.replace(microsecond=0)
    yield Sample("", drafts_site.canary(home, COMPANY, home.mailboxes[0], at, at), at)


def _overdue(facts: Facts) -> Data:
    owner = facts.site.agents[0].address
    late = replace(facts.case, deadline=a_deadline(ARRIVAL - timedelta(hours=3)), assignee=owner)
    return drafts_site.case_line(late, facts.site)


def _digests(language: Language) -> Iterator[Sample]:
    facts, at = _usual(language), ARRIVAL
    home, line = facts.site, drafts_site.case_line(facts.case, facts.site)
    put_off = drafts_site.case_line(replace(facts.case, snoozed_until=ARRIVAL + timedelta(hours=3)), home)
    sections = {
        "breached": [_overdue(facts)],
        "due_today": [line, line],
        "date_pending": [],
        "snoozed": [put_off],
    }
    url = f"mailto:{SUPPORT}?subject=open"
    ignored = [
        Ignored(at, "news@boletin.example", "Newsletter", reason_words.said("a newsletter", language), url)
    ]
    away = [Away(agent, date(2026, 10, 23)) for agent in home.agents[1:]]
    told = drafts_site.digest(
        home, COMPANY, LEAD, date(2026, 10, 20), sections=sections, ignored=ignored, away=away,
        was_away=date(2026, 10, 19),
    )  # fmt: skip
    yield Sample("", told, at)
    yield Sample("empty", drafts_site.digest(home, COMPANY, LEAD, date(2026, 10, 20), sections={}), at)


def _reports(language: Language) -> Iterator[Sample]:
    facts = _usual(language)
    rows = [
        {
            "severity": n,
            "opened": 9 * n,
            "due": 0 if n == 3 else 8 * n,
            "kept": 8 * n - 1,
            "breached": 1,
            "reopened": 0,
        }
        for n in (1, 2, 3)
    ]
    week = (date(2026, 10, 12), date(2026, 10, 18))
    survey = {"answers": 7, "average": 4.6, "sent": 19}
    for label, answers in (("", survey), ("without answers", None)):
        yield Sample(
            label,
            drafts_site.report(
                facts.site,
                COMPANY,
                LEAD,
                week,
                severities=rows,
                survey=answers,
                suggestions=2,
                breaches=[_overdue(facts)],
            ),
            ARRIVAL,
        )


def _alarms(language: Language) -> Iterator[Sample]:
    about = {
        Trouble.RULES_REFUSED: "rules.yaml",
        Trouble.TEMPLATES_FAULTY: "templates/es/card.txt",
        Trouble.SMTP_BACK: "14",
        Trouble.DISK_LOW: "412 MB",
    }
    until = {
        Trouble.TOKEN_EXPIRY: ARRIVAL + timedelta(days=14),
        Trouble.SMTP_BACK: ARRIVAL + timedelta(minutes=50),
    }
    for what in Trouble:
        mail = drafts_site.alarm(
            site(language),
            COMPANY,
            "sistemas@netone.example",
            what,
            ARRIVAL,
            subject=about.get(what, "soporte"),
            detail="[Errno 111] refused",
            until=until.get(what),
        )
        yield Sample(what, mail, ARRIVAL)
