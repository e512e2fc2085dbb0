"""docs/timeline.md: a case of each severity from its mail to its end, moment by moment, as client and agents meet it.

The shipped rules and templates and the sample site, with nothing sent: the core decides, the renderer words. Made by
`make docs`; a test keeps the page in step, so that whoever changes a step or a sentence reads what it makes of a day.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from triage import settings
from triage.adapters import rules_yaml
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.core import commands, lifecycle, moments, outgoing, rules
from triage.core.desk import Desk
from triage.core.effects import Effect, SendMail, SetAlarms
from triage.core.events import (
    AgentOrdered,
    AgentReplied,
    AlarmsRang,
    ClientWrote,
    EventName,
    Happening,
    MailWent,
    Opening,
)
from triage.core.model import Address, Case, Classification, Language, MailState
from triage.core.records import AlarmRow, Event
from triage.core.rules import Material

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
ANA = Address("ana@tienda-prueba.example", "Ana Villar")
LUCIA = "lucia.ferrari@netone.example"
HEAD = """\
# A case of each severity, moment by moment

What a client and the agents of the sample site get and when, by the rules and templates that are shipped: the rules read
the mail, the steps under `reminders:` in `rules.yaml` say when who is reminded. A mail stands here whole where the first of
its kind goes out; later ones of that kind by their subject. Times are the desk's. Made by `make docs`; nothing here is
written by hand.
"""
_QUIET = frozenset({EventName.CASE_REMINDED, EventName.MAIL_ACCEPTED, EventName.CASE_ACKNOWLEDGED})


@dataclass(frozen=True)
class Deed:
    """What a person does at a moment, in words and as the happening it is."""

    at: datetime
    words: str
    happening: Callable[[datetime], Happening]


@dataclass(frozen=True)
class Story:
    title: str
    arrival: datetime
    subject: str
    text: str
    deeds: tuple[Deed, ...]


@dataclass
class Telling:
    """A story on its way: the case, its alarms, and the page so far."""

    desk: Desk
    renderer: JinjaRenderer
    case: Case
    alarms: tuple[AlarmRow, ...] = ()
    rung: set[tuple[int, str, int]] = field(default_factory=set)
    history: list[Event] = field(default_factory=list)
    page: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    def takes(self, decision: lifecycle.Decision, now: datetime) -> None:
        """Keep what was decided, and tell its events and mails."""
        self.case = decision.case
        self.history += decision.events
        for event in decision.events:
            if event.event not in _QUIET:
                self.page.append(f"- {event.event.replace('.', ' ')}{_facts(event)}")
        mails = [effect for effect in decision.effects if isinstance(effect, SendMail)]
        self._mails(mails, now)
        self._sets(decision.effects)
        for mail in mails:
            self.takes(lifecycle.decide(self.desk, self.case, _accepted(mail, now), now), now)

    def _sets(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SetAlarms):  # the store sets none twice
                self.alarms = tuple(alarm for alarm in effect.alarms if _identity(alarm) not in self.rung)

    def _mails(self, mails: list[SendMail], now: datetime) -> None:
        """Tell each mail once, with everybody who gets the same one; whole where its kind is new on this page."""
        for kind, subject, text, told in self._alike(mails, now):
            self.page.append(f"- mail to {', '.join(told)}: **{subject}**")
            if kind not in self.shown:
                self.shown.add(kind)
                self.page += ["", *map(_shown, text.rstrip().splitlines()), ""]

    def _alike(self, mails: list[SendMail], now: datetime) -> list[tuple[str, str, str, list[str]]]:
        """Return kind, subject, text and recipients; the copies of a mail differ in their signed links only."""
        who: dict[tuple[str, str], list[str]] = {}
        texts: dict[tuple[str, str], str] = {}
        for mail in mails:
            row = outgoing.row(self.desk.site, mail, now)
            rendered = self.renderer.render(row, now)
            told = mail.variables
            moment = told.get("step", "")[-5:] if told.get("phase") == "planned" else told.get("phase", "")
            alike = (f"{mail.template} {moment} {told.get('why', '')}", rendered.subject)
            texts.setdefault(alike, rendered.text)
            who.setdefault(alike, []).append(mail.to_name or mail.to)
        return [(kind, subject, texts[kind, subject], people) for (kind, subject), people in who.items()]

    def rings(self, now: datetime) -> None:
        due = tuple(alarm for alarm in self.alarms if alarm.due_at <= now)
        self.alarms = tuple(alarm for alarm in self.alarms if alarm.due_at > now)
        self.rung |= {_identity(alarm) for alarm in due}
        rang = AlarmsRang(due, tuple(self.history))
        decision = lifecycle.decide(self.desk, self.case, rang, now)
        if not decision.events and not decision.effects:
            self.page.append(f"- no mail: {self._why_none()}")
        self.takes(decision, now)

    def _why_none(self) -> str:
        agent = self.desk.site.agent(self.case.assignee or "")
        return f"{agent.name} has the case" if agent else f"the case is {self.case.state.value}"

    def heads(self, now: datetime, words: str) -> None:
        self.page += ["", f"### {moments.exact(now, ZONE, Language.EN)}: {words}", ""]


def _identity(alarm: AlarmRow) -> tuple[int, str, int]:
    return alarm.version, alarm.step, alarm.turn


def _step(label: str) -> str:
    """Say a step of rules.yaml in words, with its name there."""
    if label == "deadline":
        return "the deadline"
    planned, _, step = label.rpartition(" ")
    until = "the planned date" if planned else "the last moment to act"
    if step == "arrival":
        words = "the first reminder"
    elif step.startswith("arrival+"):
        words = f"{step.removeprefix('arrival+')} after its arrival"
    elif step.endswith("%"):
        words = f"{step} of the time is over"
    elif step.startswith("-"):
        words = (
            f"{step[1:]} of working time before {until}"
            if step.endswith("h")
            else f"{step[1:]} before {until}"
        )
    elif step == "from":
        words = "the planned date" if planned else "the day to tell a date"
    else:
        words = f"a reminder of the {step.partition('+')[0]}"
    return f"{words} (step `{step}`)"


def _shown(line: str) -> str:
    """Leave out where a button leads: a signed link, another one in every mail."""
    return f"      {line.partition(': mailto:')[0] if line.startswith('=> ') else line}".rstrip()


def _facts(event: Event) -> str:
    known = {
        key: event.data[key] for key in ("severity", "column", "deadline", "date", "via") if key in event.data
    }
    at = known.get("deadline")
    if at:
        known["deadline"] = moments.exact(datetime.fromisoformat(str(at)), ZONE, Language.EN)
    return f" ({', '.join(f'{key} {value}' for key, value in known.items())})" if known else ""


def _accepted(mail: SendMail, now: datetime) -> MailWent:
    return MailWent(
        now, mail.kind, mail.to, MailState.ACCEPTED, mail.key, "", mail.template, version=mail.tells or 0
    )


def at(text: str) -> datetime:
    """An instant from the desk's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC"))


def order(line: str, text: str = "") -> Callable[[datetime], Happening]:
    (command,) = commands.read(line).commands
    return lambda now: AgentOrdered(now, LUCIA, command, text)


def replies(text: str) -> Callable[[datetime], Happening]:
    return lambda now: AgentReplied(now, LUCIA, text, "answer@netone.example")


def writes(text: str) -> Callable[[datetime], Happening]:
    return lambda now: ClientWrote(now, ANA, text, text, "more@tienda-prueba.example")


STORIES = (
    Story(
        "Severity 1, in hours: nobody reacts until it is late",
        at("2026-10-20 10:15"),
        "La tienda no responde",
        "Hola, la tienda está caída desde las diez. No entra nadie.",
        (
            Deed(at("2026-10-20 12:35"), "Lucía answers", replies("Reiniciamos el servidor: ya responde.")),
            Deed(at("2026-10-20 12:50"), "Lucía solves it", order("!resolve", "Quedó resuelto.")),
        ),
    ),
    Story(
        "Severity 2, on a Saturday: taken, a question to the client, answered in time",
        at("2026-10-24 10:00"),
        "Fotos que no cargan",
        "Hola, algunas fotos del catálogo no cargan. El resto anda bien.",
        (
            Deed(at("2026-10-26 09:20"), "Lucía takes it", order("!take")),
            Deed(at("2026-10-26 10:00"), "Lucía asks", order("!waiting", "¿Nos pasás el código de un producto?")),
            Deed(at("2026-10-26 15:00"), "the client answers", writes("Por ejemplo el 4711.")),
            Deed(at("2026-10-27 16:30"), "Lucía answers", replies("Ya se ven. Faltaba un permiso.")),
        ),
    ),
    Story(
        "Severity 3, in hours: a date from planning, kept",
        at("2026-10-20 10:15"),
        "Color del botón de compra",
        "Hola, nos gustaría cambiar el color del botón de compra.",
        (
            Deed(at("2026-10-23 11:00"), "Lucía tells the date", order("!date 2026-11-12", "Entra en la próxima versión.")),
            Deed(at("2026-11-12 15:00"), "Lucía solves it", order("!resolve", "El botón ya tiene el color nuevo.")),
        ),
    ),
)  # fmt: skip


def _classified(story: Story, desk: Desk) -> Classification:
    """Return what the shipped rules make of a story's mail."""
    said = Material(subject=story.subject, new_text=story.text, sender=ANA.address, language=Language.ES)
    return rules.classify(desk.support.rules, said)


def tell(story: Story, desk: Desk, renderer: JinjaRenderer) -> str:
    """Return a story as a part of the page."""
    opening = Opening(
        reference="NO-2026-000123",
        mailbox="soporte",
        arrival=story.arrival,
        client=ANA,
        language=Language.ES,
        subject=story.subject,
        excerpt=story.text,
        classification=_classified(story, desk),
        may_ack=True,
        message_id="first@tienda-prueba.example",
        authenticated=True,
    )
    first = lifecycle.open_case(desk, opening, story.arrival)
    telling = Telling(desk, renderer, first.case)
    telling.page += ["", f"## {story.title}"]
    telling.heads(story.arrival, f"{ANA.name} writes “{story.subject}”")
    telling.page += [f"> {story.text}", ""]
    telling.takes(first, story.arrival)
    telling.page += ["", "Why then:", "", *(f"    {line}" for line in first.case.deadline.derivation)]
    deeds = list(story.deeds)
    while deeds or telling.alarms:
        ringing = min((alarm.due_at for alarm in telling.alarms), default=None)
        if deeds and (ringing is None or deeds[0].at < ringing):
            deed = deeds.pop(0)
            telling.heads(deed.at, deed.words)
            happening = deed.happening(deed.at)
            if isinstance(happening, AgentOrdered):
                happening = replace(happening, history=tuple(telling.history))
            telling.takes(lifecycle.decide(desk, telling.case, happening, deed.at), deed.at)
        elif ringing is not None:
            steps = ", ".join(_step(alarm.label) for alarm in telling.alarms if alarm.due_at == ringing)
            if ringing > story.arrival:
                telling.heads(ringing, steps)
            telling.rings(max(ringing, story.arrival))
    return "\n".join(telling.page)


def page() -> str:
    """Return the whole page."""
    support, _ = rules_yaml.load(settings.shipped("rules.yaml"))
    site = settings.sample().identity(settings.SAMPLE_SECRET)
    desk, renderer = Desk(site, support), JinjaRenderer()
    return HEAD + "\n".join(tell(story, desk, renderer) for story in STORIES) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
