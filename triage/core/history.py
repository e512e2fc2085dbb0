"""A case's events told in brief, in the site's language: for reminders, escalations and `!history`. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date

from triage.core import moments
from triage.core.drafts_agent import HistoryLine
from triage.core.events import EventName
from triage.core.model import Language
from triage.core.records import Event
from triage.core.site import Site

ES, EN, PT = Language.ES, Language.EN, Language.PT

_TOLD: Mapping[str, Mapping[Language, str]] = {
    EventName.CASE_OPENED: {ES: "abrió el caso", EN: "opened the case", PT: "abriu o caso"},
    EventName.CASE_JOINED: {ES: "escribió", EN: "wrote", PT: "escreveu"},
    EventName.CASE_ACKNOWLEDGED: {ES: "acuse de recibo", EN: "acknowledged", PT: "confirmação de recebimento"},
    EventName.CASE_CLASSIFIED: {ES: "severidad {severity}", EN: "severity {severity}", PT: "severidade {severity}"},
    EventName.CASE_TAKEN: {ES: "tomó el caso {to}", EN: "took the case {to}", PT: "assumiu o caso {to}"},
    EventName.CASE_WAITING: {ES: "espera al cliente", EN: "waits for the client", PT: "espera o cliente"},
    EventName.CASE_BREACHED: {ES: "venció el plazo", EN: "the deadline passed", PT: "o prazo venceu"},
    EventName.CASE_ESCALATED: {ES: "escaló a {area}", EN: "escalated to {area}", PT: "escalou para {area}"},
    EventName.CASE_PLANNED: {
        ES: "le dijo al cliente {what}: {date}", EN: "told the client {what}: {date}",
        PT: "informou ao cliente {what}: {date}",
    },
    EventName.CASE_ATTENDED: {ES: "atendió {via}", EN: "attended {via}", PT: "atendeu {via}"},
    EventName.CASE_RESOLVED: {ES: "lo resolvió", EN: "resolved it", PT: "resolveu"},
    EventName.CASE_REOPENED: {ES: "se reabrió", EN: "reopened", PT: "reaberto"},
    EventName.CASE_CLOSED: {ES: "lo cerró ({why})", EN: "closed it ({why})", PT: "fechou ({why})"},
    EventName.CASE_MERGED: {ES: "lo unió a {into}", EN: "merged it into {into}", PT: "uniu a {into}"},
    EventName.CASE_SPLIT: {ES: "separó {to}", EN: "split off {to}", PT: "separou {to}"},
    EventName.CASE_NOTED: {ES: "nota", EN: "note", PT: "nota"},
    EventName.CASE_SNOOZED: {ES: "sin recordatorios", EN: "snoozed", PT: "sem lembretes"},
    EventName.CASE_UNREACHABLE: {
        ES: "al cliente no le llegan los mails", EN: "the client cannot be reached", PT: "o cliente não recebe os e-mails",
    },
    EventName.CASE_UNDONE: {ES: "deshizo !{action}", EN: "undid !{action}", PT: "desfez !{action}"},
    EventName.DEADLINE_MOVED: {ES: "el plazo se movió", EN: "the deadline moved", PT: "o prazo mudou"},
}  # fmt: skip


_WORDS: Mapping[str, Mapping[Language, str]] = {
    "resolution": {ES: "la fecha de la solución", EN: "the date of the solution", PT: "a data da solução"},
    "quote": {ES: "la fecha del presupuesto", EN: "the date of the quote", PT: "a data do orçamento"},
    "phone": {ES: "por teléfono", EN: "by phone", PT: "por telefone"},
    "chat": {ES: "por chat", EN: "by chat", PT: "por chat"},
    "reply": {ES: "por mail", EN: "by mail", PT: "por e-mail"},
    "mail": {ES: "por mail", EN: "by mail", PT: "por e-mail"},
    "told": {ES: "", EN: "", PT: ""},
    "closed": {ES: "", EN: "", PT: ""},
    "spam": {ES: "correo basura", EN: "spam", PT: "spam"},
    "escalated and told": {
        ES: "al escalarlo y avisarle", EN: "by escalating it and saying so", PT: "ao escalar e avisar",
    },
}  # fmt: skip


def lines(site: Site, events: Iterable[Event]) -> tuple[HistoryLine, ...]:
    """Return what happened to a case, oldest first; reminders and the fate of single mails are left out."""
    return tuple(
        HistoryLine(event.at, _who(site, event.by), _what(site.language, event))
        for event in events
        if event.event in _TOLD and not _unsaid(event)
    )


def _unsaid(event: Event) -> bool:
    """The rules' own classification stands in the mail already; an empty note says nothing."""
    if event.event == EventName.CASE_CLASSIFIED:
        return event.by == "triage" or "severity" not in event.data or "rules" in event.data
    return event.event == EventName.CASE_NOTED and not event.data.get("note")


def _who(site: Site, by: str) -> str:
    agent = site.agent(by)
    return agent.name if agent else by


def _what(language: Language, event: Event) -> str:
    said = _Blank({key: _said(key, str(value), event, language) for key, value in event.data.items()})
    words = _TOLD[event.event][language].format_map(said).replace(" ()", "").strip()
    note = str(event.data.get("note") or "")
    return f"{words}: {note}" if note else words


def _said(key: str, value: str, event: Event, language: Language) -> str:
    """Say what a datum means to people: dates in words, and our own terms in theirs."""
    if key == "date":
        return moments.calendar_day(date.fromisoformat(value), event.at.date(), language)
    return _WORDS.get(value, {}).get(language, value) if key in {"what", "via", "why"} else value


class _Blank(dict[str, object]):
    """What an event does not say is left out."""

    def __missing__(self, key: str) -> str:
        return ""
