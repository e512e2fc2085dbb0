"""What is to be done with one received message: the table from who wrote it and where it belongs to its way on.

Pure; called by `app.batch` and `app.explain`. It decides the way only: what follows for the case is `lifecycle`'s.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from triage.core import actions, commands, conversation, feedback, identity, newtext, signing
from triage.core.actions import Tap
from triage.core.commands import Action, Command, Fault, Orders
from triage.core.conversation import Link
from triage.core.desk import Desk
from triage.core.message import Message
from triage.core.model import Case, MessageClass, Role, Trust
from triage.core.site import Site
from triage.core.understood import Reading


class Way(StrEnum):
    """The outcome recorded in the ledger is the way's value."""

    OPEN = "opened"
    JOIN = "joined"
    NOTE = "noted"
    IGNORE = "ignored"
    BOUNCE = "bounce"
    SET_ASIDE = "set_aside"
    ORDERS = "command"
    ANSWERED = "answered"
    REPLIED = "replied"
    SURVEY = "survey"
    SUGGESTION = "suggestion"


@dataclass(frozen=True, slots=True)
class Route:
    """`link` only where the message goes to, or was meant for, a case; `silent`: nothing goes to the writer.

    `orders` with OPEN: commands above a forwarded mail, for the case it opens. `words`: what an agent wrote himself, for
    the client. `tap`: the link's token that came with the commands. `absent`: the agent who is away, by his automatic
    answer.
    """

    way: Way
    reason: str
    link: Link | None = None
    orders: Orders | None = None
    silent: bool = False
    words: str = ""
    tap: Tap | None = None
    absent: str = ""


_MACHINES = frozenset(
    {MessageClass.AUTO_REPLY, MessageClass.RECEIPT, MessageClass.CALENDAR, MessageClass.REPORT}
)


def route(
    site: Site,
    message: Message,
    reading: Reading,
    link: Link | None,
    case: Case | None,
    at: datetime,
    window: timedelta,
) -> Route:
    """Decide the way of one message. `case` is the link's case; `window`: how long after its end a case reopens."""
    if reading.message_class is MessageClass.OWN:
        return Route(Way.IGNORE, reading.case_reason)
    if reading.message_class is MessageClass.BOUNCE:
        return Route(Way.BOUNCE, "a delivery report")
    if reading.role is Role.AGENT:
        return _of_agent(site, message, reading, link, case, at)
    joins = link is not None and link.joins
    if reading.message_class in _MACHINES:
        way = Way.NOTE if joins else Way.IGNORE
        absent = _absent(site, reading, link)
        return Route(way, reading.case_reason, link if joins else None, absent=absent)
    if reading.message_class is MessageClass.MONITOR and joins:
        return Route(Way.NOTE, "about what a case watches already", link)
    if reading.trust is Trust.FAILED:
        # A forged sender must not write into the case of the one he names; the mail is a case of its own, unanswered.
        way = Way.OPEN if reading.is_case else Way.IGNORE
        return Route(way, "the sender could not be authenticated", link, silent=True)
    return _of_client(site, message, reading, link, case, at, window)


def _of_client(
    site: Site,
    message: Message,
    reading: Reading,
    link: Link | None,
    case: Case | None,
    at: datetime,
    window: timedelta,
) -> Route:
    if link is not None and link.joins and case is not None:
        if feedback.answer(site, message, reading, case, at) is not None:
            return Route(Way.SURVEY, "an answer to the survey", link)
        if _too_late(case, reading, at, window):
            return Route(Way.OPEN, f"{case.reference} ended too long ago to be reopened", _stranger(link))
        return Route(Way.JOIN, f"by {link.rung}", link)
    if not reading.is_case:
        return Route(Way.IGNORE, reading.case_reason)
    if feedback.is_suggestion(site, message, reading):
        return Route(Way.SUGGESTION, "a suggestion, to the address for them")
    return Route(Way.OPEN, reading.case_reason, link)


def sent(site: Site, message: Message, case: Case | None) -> Route:
    """Decide the way of a message in the folder of sent mail. Whoever could file it there is one of us."""
    if message.message_id and signing.verify_message_id(site.secret, site.domain, message.message_id):
        return Route(Way.IGNORE, "a copy of what we sent ourselves")
    if message.headers.get("auto-submitted").partition(";")[0].strip().lower() not in {"", "no"}:
        return Route(Way.IGNORE, "sent by a program")
    if case is None:
        return Route(Way.IGNORE, "sent mail about no case")
    if not {a.address for a in (*message.to, *message.cc)} & {case.client.address, *case.participants}:
        return Route(Way.IGNORE, "sent mail about a case, not to its client")
    return Route(Way.ANSWERED, "an answer to the client, written elsewhere")


def window(desk: Desk) -> timedelta:
    """Return how long after its end a case is reopened by its client's next message."""
    return timedelta(days=desk.support.lifecycle.reopen_days)


def _too_late(case: Case, reading: Reading, at: datetime, window: timedelta) -> bool:
    return (
        not case.open
        and case.ended_at is not None
        and not reading.thanks_only
        and at - case.ended_at > window
    )


def _stranger(link: Link | None) -> Link | None:
    return Link(link.rung, link.reference, joins=False) if link else None


def _absent(site: Site, reading: Reading, link: Link | None) -> str:
    """Return the agent whose own automatic answer this is, proven as an order of his would have to be."""
    sender = reading.sender.address if reading.sender else ""
    proven = reading.trust is Trust.AUTHENTICATED or (link is not None and link.proven)
    automatic = reading.message_class is MessageClass.AUTO_REPLY and reading.trust is not Trust.FAILED
    return sender if automatic and proven and site.agent(sender) is not None else ""


def _of_agent(
    site: Site, message: Message, reading: Reading, link: Link | None, case: Case | None, at: datetime
) -> Route:
    """An agent's mail acts when it is authenticated, or proves itself: by our id or plus-address to that agent, or by a
    link's token (for that one action). Failed authentication never acts.
    """
    if reading.trust is Trust.FAILED:
        return Route(Way.SET_ASIDE, "in an agent's name, but not authenticated (failed)", link)
    words = newtext.split(message.text, message.subject).own
    orders = commands.read(words)
    powers = reading.trust is Trust.AUTHENTICATED or (link is not None and link.proven)
    if link is not None and case is not None:
        sender = reading.sender.address if reading.sender else ""
        tap = actions.tap(site, message.subject, sender, case.reference, at)
        if not powers and not (tap is not None and actions.permits(tap, orders, case.spent)):
            why = "in an agent's name, but nothing proves it"
            return Route(Way.SET_ASIDE, why if tap is None else f"{why}: its token does not hold", link)
        return _agent_on_case(
            site, message, reading, Route(Way.ORDERS, "commands", link, orders, tap=tap), case, words
        )
    if orders.known or any(c.fault in {Fault.UNKNOWN, Fault.MISPLACED} for c in orders.commands):
        powers = powers or _opens(site, message, reading, orders, at)
        return _orders_without_case(reading, orders, powers=powers)
    if _answers_no_case(site, message, reading):
        # It must not reach the client of a case that our mail happened to name; the agent is told so.
        aimless = Command(None, "", reading.first_line[:200], fault=Fault.NO_CASE)
        return Route(
            Way.ORDERS, "an answer to a mail of ours about no single case", None, Orders((aimless,), "")
        )
    if not reading.is_case and not reading.forwarded:
        return Route(Way.IGNORE, reading.case_reason)
    if not reading.forwarded and _outsiders(site, message):
        return Route(Way.IGNORE, "an agent's own mail to others, about no case")
    return Route(Way.OPEN, "an agent's mail", None, silent=reading.forwarded and not powers)


def _answers_no_case(site: Site, message: Message, reading: Reading) -> bool:
    """Say whether an agent answers, in words, a mail of ours about several cases or about none."""
    if reading.forwarded:
        return False
    sender = reading.sender.address if reading.sender else ""
    ours = (signing.verify_message_id(site.secret, site.domain, i, sender) for i in message.in_reply_to)
    return len(reading.references) > 1 or any(own is not None and own.reference is None for own in ours)


def _opens(site: Site, message: Message, reading: Reading, orders: Orders, at: datetime) -> bool:
    """Say whether a link of the daily digest proves an order: to open the one mail that it names."""
    wanted = orders.commands[0]
    if wanted.action is not Action.OPEN or reading.sender is None:
        return False
    tap = actions.tap(site, message.subject, reading.sender.address, wanted.argument, at)
    return tap is not None and actions.permits(tap, orders, ())


def _orders_without_case(reading: Reading, orders: Orders, *, powers: bool) -> Route:
    """Commands that name no case: above a forwarded mail they are for the case that it opens."""
    if not powers:
        return Route(Way.SET_ASIDE, "commands that nothing proves", None, orders)
    if _hands_on(reading):
        return Route(Way.OPEN, "an agent hands a client's mail on, with commands", None, orders)
    return Route(Way.ORDERS, "commands that name no case", None, orders)


def _agent_on_case(
    site: Site, message: Message, reading: Reading, ordered: Route, case: Case, words: str
) -> Route:
    link, orders = ordered.link, ordered.orders
    if orders is not None and orders.commands:
        if (
            orders.commands[0].action is Action.FORWARD
            and _hands_on(reading)
            and not orders.commands[0].argument
        ):
            rest = Orders(orders.commands[1:], orders.text)
            return Route(Way.OPEN, "an agent hands another client's mail on", _stranger(link), rest)
        return ordered
    recipients = {a.address for a in (*message.to, *message.cc)}
    if recipients & {case.client.address, *case.participants}:
        return Route(Way.ANSWERED, "an agent's answer to the client, with us in copy", link, words=words)
    if reading.forwarded or _outsiders(site, message):
        return Route(Way.NOTE, "an agent's mail about the case, not to the client", link)
    if not words.strip():
        return Route(Way.NOTE, "nothing to pass on", link)
    if not case.client.address:
        nobody = Command(None, "", reading.first_line[:200], fault=Fault.NOBODY)
        return Route(
            Way.ORDERS, "an agent's words for a client that the case has not", link, Orders((nobody,), "")
        )
    if (leak := _internal(site, words)) is not None:
        faulty = Orders((Command(None, "", leak, fault=Fault.QUOTED),), words)
        return Route(Way.ORDERS, "our own mail's links among an agent's words", link, faulty)
    return Route(Way.REPLIED, "an agent's reply for the client", link, words=words)


def _hands_on(reading: Reading) -> bool:
    return reading.forwarded and reading.client is not None and reading.client != reading.sender


def _internal(site: Site, words: str) -> str | None:
    """Return the first line that comes from a mail of ours to agents: an unmarked quote must not reach the client."""
    marks = tuple(f"mailto:{address}?subject=" for address in site.own_addresses())
    return next((line.strip() for line in words.split("\n") if any(m in line.lower() for m in marks)), None)


def _outsiders(site: Site, message: Message) -> set[str]:
    own, colleagues = site.own_addresses(), {agent.address for agent in site.agents}
    people = {a.address for a in (*message.to, *message.cc)} - colleagues
    return {address for address in people if not identity.is_ours(address, own)}


def colleagues(
    site: Site, message: Message, reading: Reading, link: Link | None, client: str
) -> tuple[str, ...]:
    """Return who else takes part: the To and Cc of a client's mail that are neither ours nor agents.

    A mail that proves its writer may bring in anybody. Any other only people of the client's own mail domain: else
    who forges a client's address puts his own in copy, writes into the case, and gets what agents answer.
    """
    proven = reading.trust is Trust.AUTHENTICATED or (link is not None and link.proven)
    outsiders = {
        a
        for a in _outsiders(site, message)
        if a != client and (proven or conversation.one_organisation(a, client))
    }
    return tuple(dict.fromkeys(a for a in _in_order(message) if a in outsiders))[:50]


def _in_order(message: Message) -> Iterable[str]:
    return (a.address for a in (*message.to, *message.cc))
