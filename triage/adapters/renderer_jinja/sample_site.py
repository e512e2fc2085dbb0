"""What the samples have in common: the invented site, its company and levels, one client and her words, her case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from triage.core.draft_facts import Facts
from triage.core.effects import SendMail
from triage.core.model import (
    Address,
    Case,
    Classification,
    Column,
    Deadline,
    Evidence,
    Kind,
    Language,
    Severity,
)
from triage.core.site import Agent, Area, MailboxIdentity, Site
from triage.core.support import Company, SeverityWords, WikiArticle, Words

ES, EN, PT = Language.ES, Language.EN, Language.PT
ARRIVAL = datetime(2026, 10, 20, 13, 15, tzinfo=UTC)  # Tuesday, 10:15 in Buenos Aires
SUPPORT = "soporte@netone.example"


def _words(spanish: str, english: str, portuguese: str) -> Words:
    return {ES: spanish, EN: english, PT: portuguese}


HOLIDAYS = _words("Inmaculada Concepción de María", "Immaculate Conception", "Imaculada Conceição")

COMPANY = Company(
    name="NetOne",
    email=SUPPORT,
    products=("TornadoStore", "Portal Dinámico"),
    phones=("+54 11 4460-1500",),
    mobiles=("+54 11 3853-1192", "+54 11 5618-8458"),
    chat="https://chat.netone.example",
    wiki="https://wiki.netone.example/",
    asks={
        "steps": _words(
            "los pasos que hiciste antes y después",
            "the steps you took before and after",
            "os passos que você fez antes e depois",
        ),
        "error": _words(
            "el mensaje de error, tal como aparece",
            "the error message, as it is shown",
            "a mensagem de erro, como ela aparece",
        ),
        "screenshot": _words("una captura de pantalla", "a screenshot", "uma captura de tela"),
        "description": _words(
            "una descripción lo más completa posible",
            "a description as full as you can make it",
            "uma descrição o mais completa possível",
        ),
    },
)
SEVERITIES: Mapping[Severity, SeverityWords] = {
    Severity.HIGH: SeverityWords(
        _words("alta", "high", "alta"),
        _words(
            "el producto no cumple su función o no hay nada que se pueda hacer ahora mismo para seguir",
            "the product does not serve its purpose, or nothing can be done right now to go on",
            "o produto não cumpre a sua função ou não há nada que se possa fazer agora para continuar",
        ),
    ),
    Severity.MEDIUM: SeverityWords(
        _words("media", "medium", "média"),
        _words(
            "falla una parte, pero hay otra manera de hacerlo o se puede seguir usando el producto",
            "a part fails, but there is a way around it or the product can be used meanwhile",
            "uma parte falha, mas há outra maneira de fazer ou dá para continuar usando o produto",
        ),
    ),
    Severity.LOW: SeverityWords(
        _words("baja", "low", "baixa"),
        _words(
            "nadie queda frenado (mejoras, diseño, consultas, presupuestos)",
            "nobody is held up (improvements, looks, questions, quotes)",
            "ninguém fica parado (melhorias, aparência, dúvidas, orçamentos)",
        ),
    ),
}
ARTICLE = WikiArticle(
    "https://wiki.netone.example/fotos",
    _words("Cómo cargar fotos grandes", "How to upload large photos", "Como enviar fotos grandes"),
)
HOURS = _words(
    "lunes a viernes de 9 a 18", "Monday to Friday, 9:00 to 18:00", "segunda a sexta-feira, das 9h às 18h"
)
SUBJECTS = _words(
    "No puedo cargar fotos en el catálogo", "Photos cannot be uploaded", "Não consigo enviar fotos"
)
TEXTS = _words(
    "Hola, desde ayer no puedo cargar fotos en el catálogo.\n"
    "Las que ya estaban se ven bien, y si las cargo de a una a veces entran.\n\nGracias,\nAna",
    "Hello, since yesterday we cannot upload photos to the catalogue.\n"
    "The old ones look fine, and one at a time it sometimes works.\n\nThanks,\nAna",
    "Olá, desde ontem não consigo enviar fotos para o catálogo.\n"
    "As que já estavam aparecem bem, e uma por vez às vezes funciona.\n\nObrigada,\nAna",
)
ANSWERS = _words(
    "Encontramos la causa: el límite de tamaño quedó en 1 MB después de la actualización.\n\nYa lo subimos a 10 MB.",
    "We found the cause: the size limit was left at 1 MB by the update.\n\nWe have raised it to 10 MB.",
    "Encontramos a causa: o limite de tamanho ficou em 1 MB depois da atualização.\n\nJá aumentamos para 10 MB.",
)
NOTES = _words(
    "Parece el límite de tamaño: con 1 MB pasa.",
    "It looks like the size limit: 1 MB gets through.",
    "Parece o limite de tamanho: com 1 MB passa.",
)
QUESTIONS = _words(
    "¿Desde qué navegador las cargás, y de qué tamaño son?",
    "Which browser do you use, and how large are the photos?",
    "Qual navegador você usa, e qual é o tamanho das fotos?",
)


def site(language: Language) -> Site:
    """Return the sample site, with a language of its own."""
    return Site(
        name="NetOne",
        domain="netone.example",
        zone=ZoneInfo("America/Argentina/Buenos_Aires"),
        language=language,
        reference_prefix="NO",
        authserv_id="mx.netone.example",
        secret=b"",
        mailboxes=(MailboxIdentity("soporte", SUPPORT),),
        agents=(
            Agent("lucia.ferrari@netone.example", "Lucía Ferrari", frozenset({"lead"})),
            Agent("diego.maidana@netone.example", "Diego Maidana"),
        ),
        areas={"desarrollo": Area("desarrollo", "desarrollo@netone.example")},
    )


def case(language: Language, severity: Severity, arrival: datetime, deadline: Deadline) -> Case:
    """Return the sample case."""
    return Case(
        reference="NO-2026-000123",
        mailbox="soporte",
        subject=SUBJECTS[language],
        client=Address("ana.villar@tienda-andina.example", "Ana Villar"),
        language=language,
        arrival=arrival,
        severity=severity,
        classification=Classification(
            severity,
            "falla-parcial",
            "TornadoStore",
            evidence=(Evidence("falla", "no puedo cargar", "subject", 0, 15),),
        ),
        deadline=deadline,
        cycle_start=arrival,
        excerpt=TEXTS[language],
        message_id="m1@tienda-andina.example",
    )


def a_deadline(
    at: datetime, column: Column = Column.IN_HOURS, kind: Kind = Kind.MAXIMUM, act_by: datetime | None = None
) -> Deadline:
    return Deadline(1, at, act_by or at, column, kind, ARRIVAL)


@dataclass(frozen=True, slots=True)
class Sample:
    """A draft and the moment at which it is put into words."""

    label: str
    mail: SendMail
    now: datetime


def facts_of(language: Language, severity: Severity, arrival: datetime, deadline: Deadline) -> Facts:
    return Facts(case(language, severity, arrival, deadline), site(language), COMPANY, SEVERITIES)


def usual(language: Language) -> Facts:
    """Return what is told of the sample case as it mostly stands: a medium one, in hours."""
    return facts_of(language, Severity.MEDIUM, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=24)))
