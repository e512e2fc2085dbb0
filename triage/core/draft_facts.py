"""What every mail about a case is given: the facts of case, site and company as plain JSON, and its envelope's basics.

Knows which facts a template may see (no secrets, no objects) and nothing of wording. Called by `drafts_client`,
`drafts_agent`, `drafts_orders` and `drafts_site`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.core.desk import Desk
from triage.core.effects import SendMail
from triage.core.model import UNKNOWN_PRODUCT, Address, Case, Deadline, Language, MailKind, Severity
from triage.core.records import Data
from triage.core.site import Site
from triage.core.support import Company, SeverityWords, Words

SUBJECT_LIMIT = 150
LINES_LIMIT = 50  # cases, or mails, that one mail shows of many
_PREFIXES = re.compile(r"^(?:(?:re|res|rv|fw|fwd|enc|ref)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-]){1,23}")
# What a display name may begin with when it names a desk and no person: nobody is greeted as "Ventas".
_DESKS = (
    "administración administracion administração administracao admin atención atendimento compras comercial contacto "
    "contato departamento depto depósito deposito dirección equipe equipo financeiro gerencia info loja marketing "
    "office oficina proveedores sales service shop sistemas soporte store suporte support team tienda ventas vendas the "
    "el la los las o os as a grupo empresa estudio distribuidora"
)
_NO_PERSON = frozenset(_DESKS.split())


@dataclass(frozen=True, slots=True)
class Facts:
    """A case and what is to be said with it. `severities` are the levels in plain words (rules.yaml)."""

    case: Case
    site: Site
    company: Company
    severities: Mapping[Severity, SeverityWords] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail is for, and why he gets it: assignee, queue, oncall, everybody, lead,
    manager, planning or area.
    """

    address: str
    name: str = ""
    why: str = "queue"


def said(words: Words, language: Language, fallback: Language) -> str:
    """Return words in a language, else in the site's, else in any there is."""
    return words.get(language) or words.get(fallback) or next(iter(words.values()), "")


def iso(at: datetime | None) -> str:
    """Return an instant as JSON text, empty for None."""
    return at.isoformat() if at else ""


def clean_subject(case: Case) -> str:
    """Return the client's subject without reply prefixes and references of ours, cut.

    Another case's goes too (who answers a mail that went to somebody else names it): our mail gets its own reference, and
    an answer that names two cases in its subject is about neither.
    """
    prefix = re.escape(case.reference.rsplit("-", 2)[0])
    subject = re.sub(rf"\[{prefix}-[0-9]{{4}}-[0-9]{{4,9}}\]", " ", case.subject, flags=re.IGNORECASE)
    subject = _PREFIXES.sub("", " ".join(subject.split())).strip()
    return subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1].rstrip() + "…"


def first_name(who: Address) -> str:
    """Return the name to greet a person by, or nothing where the label does not look like a person's name.

    A label comes from the wire and may hold anything, an advertisement too: only two to four words of letters count.
    """
    name = " ".join(reversed(who.name.split(", "))) if who.name.count(", ") == 1 else who.name
    words = name.split()
    if not 2 <= len(words) <= 4 or not all(
        _NAME.fullmatch(word.rstrip(".")) or word.rstrip(".").isalpha() for word in words
    ):
        return ""
    first = words[0]
    if not _NAME.fullmatch(first) or first.casefold() in _NO_PERSON or not first[0].isupper():
        return ""
    return first.capitalize() if first.isupper() else first


def desk_name(company: str, language: Language) -> str:
    """Return the From name of our mails: "NetOne Soporte", "NetOne Support", "NetOne Suporte"."""
    desk = {Language.ES: "Soporte", Language.EN: "Support", Language.PT: "Suporte"}[language]
    return f"{company} {desk}".strip()


def site_facts(site: Site, company: Company) -> dict[str, Any]:
    """Return what every template may use: zone, site and company."""
    return {
        "zone": site.zone.key,
        "site": {"name": site.name},
        "company": {
            "name": company.name or site.name,
            "email": company.email,
            "phones": list(company.phones),
            "mobiles": list(company.mobiles),
            "chat": company.chat,
            "wiki": company.wiki,
            "web": list(company.web),
        },
    }


def deadline_facts(deadline: Deadline) -> dict[str, Any]:
    return {
        "deadline": iso(deadline.at),
        "act_by": iso(deadline.act_by),
        "kind": deadline.kind.value,
        "column": deadline.column.value,
    }


def case_facts(facts: Facts, language: Language) -> dict[str, Any]:
    """Return the variables that every mail about a case has (docs/templates.md lists them)."""
    case, site = facts.case, facts.site
    words = facts.severities.get(case.severity)
    agent = site.agent(case.assignee) if case.assignee else None
    about = {
        "reference": case.reference,
        "subject": clean_subject(case),
        "product": "" if case.product == UNKNOWN_PRODUCT else case.product,
        "severity": int(case.severity),
        "severity_name": said(words.name, language, site.language) if words else "",
        "severity_meaning": said(words.meaning, language, site.language) if words else "",
        "state": case.state.value,
        "client_name": case.client.name,
        "client_address": case.client.address,
        "assignee": (agent.name if agent else case.assignee) or "",
        "area": case.area or "",
        "related": list(case.related),
        "arrival": iso(case.cycle_start),
        "planned_date": case.planned_date.isoformat() if case.planned_date else "",
        **deadline_facts(case.deadline),
    }
    return {**site_facts(site, facts.company), "case": about}


def references(case: Case) -> tuple[str, ...]:
    """Return the conversation's Message-IDs, oldest first, ending with the client's latest."""
    known = dict.fromkeys((*case.references, case.message_id or "", case.last_client_id or ""))
    known.pop("", None)
    if case.last_client_id in known:
        known[case.last_client_id] = known.pop(case.last_client_id)
    return tuple(known)


def of(desk: Desk, case: Case) -> Facts:
    """Return a case with what the desk knows to say about it."""
    return Facts(case, desk.site, desk.support.company, desk.support.severities)


def moment_key(at: datetime) -> str:
    """Return an instant as part of a mail's key, for what has no Message-ID to name it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_ours(
    site: Site,
    company: Company,
    kind: MailKind,
    template: str,
    key: str,
    to: Recipient,
    variables: Data,
    case: Case | None = None,
) -> SendMail:
    """Return a mail to one of our people: in the site's language, from the desk, about one case or none."""
    return SendMail(
        key=key,
        kind=kind,
        template=template,
        to=to.address,
        to_name=to.name,
        language=site.language,
        variables=variables,
        reference=case.reference if case else None,
        mailbox=case.mailbox if case else "",
        sender_name=desk_name(company.name or site.name, site.language),
    )
