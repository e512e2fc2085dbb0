"""Values for tests, as small as they can be: every field has a plain default, name only what matters."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triage.core.message import Enclosed, Headers, Message
from triage.core.model import Address, Language
from triage.core.site import Agent, MailboxIdentity, Site

SUPPORT = "soporte@netone.example"
CLIENT = "ana@tienda-prueba.example"


def a_site(**fields: Any) -> Site:
    """Return the sample site of INTERFACE section 1."""
    defaults: dict[str, Any] = {
        "name": "NetOne",
        "domain": "netone.example",
        "zone": ZoneInfo("America/Argentina/Buenos_Aires"),
        "language": Language.ES,
        "reference_prefix": "NO",
        "authserv_id": "mx.netone.example",
        "secret": b"a secret for tests only",
        "mailboxes": (MailboxIdentity("soporte", SUPPORT),),
        "agents": (
            Agent("lucia.ferrari@netone.example", "Lucía Ferrari", roles=frozenset({"lead"})),
            Agent("diego.maidana@netone.example", "Diego Maidana"),
            Agent("carla.benitez@netone.example", "Carla Benítez"),
        ),
    }
    return Site(**{**defaults, **fields})


def some_headers(*fields: tuple[str, str]) -> Headers:
    """Return headers from (name, value) pairs, as the parser hands them out: names in lower case."""
    return Headers(tuple((name.lower(), value) for name, value in fields))


def an_enclosed(**fields: Any) -> Enclosed:
    headers = fields.pop("headers", ())
    return Enclosed(headers=headers if isinstance(headers, Headers) else some_headers(*headers), **fields)


def a_message(**fields: Any) -> Message:
    """Return a plain mail of a client. `sender` may be text; `headers` pairs, added to From, To and Subject."""
    sender = fields.pop("sender", CLIENT)
    if isinstance(sender, str):
        sender = Address(sender)
    subject = fields.get("subject", "Consulta")
    extra = fields.pop("headers", ())
    if isinstance(extra, Headers):
        extra = extra.fields
    basic = [("from", sender.address if sender else ""), ("to", SUPPORT), ("subject", subject)]
    defaults: dict[str, Any] = {
        "message_id": "m1@tienda-prueba.example",
        "in_reply_to": (),
        "references": (),
        "reply_to": (),
        "to": (Address(SUPPORT),),
        "cc": (),
        "subject": "Consulta",
        "date": datetime(2026, 3, 3, 13, 0, tzinfo=UTC),
        "text": "Hola, no puedo cargar fotos en el catálogo.\n\nAna",
        "digest": "d1",
        "size": 1000,
    }
    known = {name.lower() for name, _ in extra}
    headers = some_headers(*[pair for pair in basic if pair[0] not in known and pair[1]], *extra)
    return Message(**{**defaults, **fields, "sender": sender, "headers": headers})
