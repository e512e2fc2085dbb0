"""A received message in the lifecycle's words: what opens a case, or what happens on one. Nothing here decides.

Called by `ways`, and by `explain` for the case that a file would open.
"""

from triage.app.received import BACKLOG, EXCERPT, Folder, Received, missing
from triage.core import conversation, enclosures, monitors, reception
from triage.core.desk import Desk
from triage.core.events import (
    AgentAnswered,
    AgentReplied,
    ClientWrote,
    Happening,
    MachineWrote,
    Opening,
)
from triage.core.message import Message
from triage.core.model import Address, Classification, MessageClass, Role, Severity, Source
from triage.core.reception import Route, Way
from triage.core.site import Site
from triage.core.understood import Reading

UNREADABLE = "message could not be read"
UNREADABLE_RULE = "unreadable"


# -- what opens a case -------------------------------------------------------------------------------------------------


def opening(desk: Desk, received: Received, route: Route, reference: str, folder: Folder) -> Opening:
    """Return what opens a case, from a message that was read and classified."""
    message, reading, found = received.message, received.reading, received.classification
    if message is None or reading is None or found is None:
        raise AssertionError("only a message that was read opens a case so")
    client = reading.client or reading.sender or Address("")
    acknowledge, why = _may_acknowledge(reading, route, received, client)
    return Opening(
        reference=reference,
        mailbox=folder.mailbox,
        arrival=received.at,
        client=client,
        language=reading.language,
        subject=message.subject,
        excerpt=_words(reading) if route.orders is None else _below(route.orders.text, reading),
        classification=found,
        may_ack=acknowledge,
        ack_reason=why,
        flags=received.flags,
        message_id=message.message_id,
        references=message.references,
        participants=reception.colleagues(desk.site, message, reading, route.link, client.address),
        missing=missing(message, reading, found),
        attachments=enclosures.names(message),
        source=_source(desk, received, message, folder),
        related=route.link.reference if route.link else None,
        forwarded_by=_forwarder(reading),
        authenticated=conversation.proven(reading, client.address),
        monitored=monitors.thing(message) if reading.message_class is MessageClass.MONITOR else "",
    )


def unreadable(desk: Desk, received: Received, reference: str, folder: Folder) -> Opening:
    """Return what opens the case that stands for a message nobody could read: a person always sees it."""
    return Opening(
        reference=reference,
        mailbox=folder.mailbox,
        arrival=received.at,
        client=Address(""),
        language=desk.site.language,
        subject=UNREADABLE,
        excerpt=f"{UNREADABLE}: {received.error}",
        classification=Classification(Severity.MEDIUM, UNREADABLE_RULE),
        may_ack=False,
        ack_reason=UNREADABLE,
        flags=received.flags,
        unreadable=received.error,
    )


def _may_acknowledge(reading: Reading, route: Route, received: Received, client: Address) -> tuple[bool, str]:
    if route.silent:
        return False, route.reason
    if not client.address:
        return False, "nobody to answer"
    if BACKLOG in received.flags:
        return False, "backlog: found too late to be answered without a person's word"
    return reading.may_ack, reading.ack_reason


def _forwarder(reading: Reading) -> str | None:
    handed_on = reading.role is Role.AGENT and reading.forwarded
    return reading.sender.address if handed_on and reading.sender else None


# -- what happens on one -----------------------------------------------------------------------------------------------


def on_case(
    desk: Desk, received: Received, message: Message, reading: Reading, route: Route, folder: Folder
) -> Happening:
    """Return what a message is to the case it belongs to."""
    sender = reading.sender or Address("")
    if route.way is Way.ANSWERED:
        people = _people(desk.site, message)
        return AgentAnswered(
            received.at, sender.address, "mail", message.message_id, people, reading.new_text
        )
    if route.way is Way.REPLIED:
        return AgentReplied(received.at, sender.address, route.words, message.message_id, received.files)
    if route.way is Way.NOTE:
        return MachineWrote(
            at=received.at,
            sender=sender.address,
            message_class=reading.message_class,
            first_line=reading.first_line,
            text=reading.new_text,
            key=message.message_id or message.digest,
            recovered=monitors.tells_recovery(message),
            classification=received.classification,
        )
    return ClientWrote(
        at=received.at,
        sender=sender,
        first_line=reading.first_line,
        text=_words(reading),
        message_id=message.message_id,
        references=message.references,
        participants=reception.colleagues(desk.site, message, reading, route.link, sender.address),
        attachments=enclosures.names(message),
        source=_source(desk, received, message, folder),
        thanks_only=reading.thanks_only,
        classification=received.classification,
    )


def answered_elsewhere(
    site: Site, received: Received, message: Message, reading: Reading, assignee: str
) -> AgentAnswered:
    """Return what a mail in the folder of sent mail is to its case. Under the support address it is the assignee's."""
    writer = reading.sender.address if reading.sender else ""
    agent = writer if site.agent(writer) else assignee
    return AgentAnswered(received.at, agent, "sent", message.message_id, _people(site, message))


def _people(site: Site, message: Message) -> tuple[str, ...]:
    """Return whom a mail of ours went to, but for ourselves."""
    own = site.own_addresses() | {a.address for a in site.agents}
    return tuple(a.address for a in (*message.to, *message.cc) if a.address not in own)


def _source(desk: Desk, received: Received, message: Message, folder: Folder) -> Source | None:
    """Return where a client's mail lies, if somebody will want files of it or the mail itself."""
    found = enclosures.source(message, folder.mailbox, folder.uidvalidity, received.fetched.uid)
    return found if found.files or any(agent.original for agent in desk.site.agents) else None


def _words(reading: Reading) -> str:
    text = reading.new_text
    if reading.forwarded and reading.forwarded_text:
        text = f"{text}\n\n{reading.forwarded_text}".strip()
    return text[:EXCERPT]


def _below(text: str, reading: Reading) -> str:
    """Return what is told of a forwarded mail that had commands on top: the rest of it."""
    return f"{text}\n\n{reading.forwarded_text}".strip()[:EXCERPT]
