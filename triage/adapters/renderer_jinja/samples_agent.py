"""Invented mails to agents and areas: the reminders of every step, and what else they hear of a case."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from triage.adapters.renderer_jinja.sample_site import (
    ANSWERS,
    ARRIVAL,
    COMPANY,
    NOTES,
    SUBJECTS,
    SUPPORT,
    TEXTS,
    Sample,
    a_deadline,
    facts_of,
    site,
    usual,
)
from triage.core import commands, drafts_agent, drafts_orders, history, reason_words, sayings
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_agent import HistoryLine
from triage.core.drafts_orders import Forgery, OrderMail, Outcome
from triage.core.enclosures import NOTHING, Enclosed
from triage.core.events import EventName
from triage.core.model import Address, Column, Kind, Language, Severity, State, Unreachable
from triage.core.records import Data, Event

ENCLOSED = Enclosed(left_out=({"name": "pantalla.mp4", "size": 48_300_000},))


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


def reminders(language: Language) -> Iterator[Sample]:
    medium = usual(language)
    high = facts_of(language, Severity.HIGH, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=2)))
    low = facts_of(language, Severity.LOW, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=72), kind=Kind.FROM))
    lost = Unreachable("ana.villar@tienda-andina.example", "5.1.1", ARRIVAL)
    weekend = facts_of(
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
        (medium, "80%", 1200, "lead"),
        (replace(medium, case=replace(medium.case, unreachable=lost)), "-1h", 1380, "assignee"),
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
        (replace(medium, case=replace(medium.case, area="desarrollo")), "escalated", 400, "area"),
        (replace(medium, case=replace(medium.case, cycle=2)), "arrival", 0, "assignee"),
        (medium, "assigned", 30, "assignee"),
        (low, "assigned", 30, "assignee"),
        (replace(high, case=replace(high.case, cycle=3)), "arrival", 0, "admin"),
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
            f"{step}, severity {int(facts.case.severity)}{', reopened' if facts.case.cycle > 1 else ''}",
            mail,
            facts.case.arrival + timedelta(minutes=minutes),
        )
    parts = [
        drafts_agent.Part(high, "-15m", ARRIVAL, _actions(high)[:1]),
        drafts_agent.Part(medium, "80%", ARRIVAL, _actions(medium)[:1]),
        drafts_agent.Part(low, "from", ARRIVAL),
    ]
    moment = ARRIVAL + timedelta(minutes=105)
    yield Sample("several cases", drafts_agent.reminders(parts, agent, moment), moment)


def agent_mails(language: Language) -> Iterator[Sample]:
    facts, later = usual(language), ARRIVAL + timedelta(hours=3)
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
    yield Sample("an area", wrote(facts, to, key=key, text=text, from_area="desarrollo"), later)
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
