"""What is done with a message on each of its ways (`reception.Way`): the case asked, the message kept, its outcome.

`follow` is the table; each way is one function, that ends with an entry in the book. Called by `batch`.
"""

from triage.app import delivery_reports, happenings, ordering, roster
from triage.app.batch_book import BatchBook
from triage.app.ordering import Asked
from triage.app.received import BACKLOG, Received, stored_source
from triage.core import absences, feedback, letters_agent, letters_client, lifecycle, sayings
from triage.core.events import EventName
from triage.core.message import Message
from triage.core.model import Role
from triage.core.reception import Route, Way
from triage.core.records import Event
from triage.core.understood import Reading


def follow(book: BatchBook, received: Received, message: Message, reading: Reading, route: Route) -> None:
    """Let a message that was read go the way decided for it."""
    _heard(book, received, reading, route)
    match route.way:
        case Way.OPEN:
            _open(book, received, message, reading, route)
        case Way.JOIN | Way.NOTE | Way.ANSWERED | Way.REPLIED:
            _on_case(book, received, message, reading, route)
        case Way.ORDERS:
            _orders(book, received, message, reading, route)
        case Way.BOUNCE:
            _bounce(book, received, message, reading)
        case Way.SURVEY:
            _answered_survey(book, received, message, reading, route)
        case Way.SUGGESTION:
            _suggested(book, received, message, reading, route)
        case Way.SET_ASIDE:
            _forged(book, received, message, reading, route)
        case Way.IGNORE:
            _ignore(book, received, message, reading, route.reason)


def _heard(book: BatchBook, received: Received, reading: Reading, route: Route) -> None:
    """Keep who of the agents is away by his own automatic answer; and who has come back by writing."""
    if route.absent:
        until = absences.silent_until(reading.new_text, book.desk, received.at)
        book.silent(received.at, route.absent, until, reading.message_class)
    writer = reading.sender.address if reading.sender else ""
    if reading.role is Role.AGENT and route.way is not Way.SET_ASIDE and writer in book.desk.unreachable:
        roster.keep_heard(book.tx, writer, book.now)
        book.happened(Event(received.at, EventName.AGENT_BACK, by=writer))
        book.look_who_is_away()


# -- to a case ---------------------------------------------------------------------------------------------------------


def _open(book: BatchBook, received: Received, message: Message, reading: Reading, route: Route) -> None:
    opening = happenings.opening(book.desk, received, route, book.number(), book.folder)
    book.keep(lifecycle.open_case(book.desk, opening, book.now))
    book.store(received, message, reading, opening.reference)
    book.enter(received, Way.OPEN, route.reason, opening.reference)
    if route.orders is not None and route.orders.commands:
        _carry_out(book, received, message, reading, route, opening.reference)


def _on_case(book: BatchBook, received: Received, message: Message, reading: Reading, route: Route) -> None:
    """Let a message act on the case it belongs to."""
    if route.link is None:
        raise AssertionError("a message on a case has a link")
    reference = route.link.reference
    happening = happenings.on_case(book.desk, received, message, reading, route, book.folder)
    book.keep(lifecycle.decide(book.desk, book.cases[reference], happening, book.now))
    if route.way is Way.REPLIED and received.left_out and reading.sender:
        case = book.cases[reference]
        said = sayings.say(book.desk.site, "attachments_dropped", names=", ".join(received.left_out))
        book.send(
            case, letters_agent.transcript(book.desk, case, reading.sender.address, (), message, [said])
        )
    book.store(received, message, reading, reference)
    book.enter(received, "joined" if route.way is Way.JOIN else route.way, route.reason, reference)


def _orders(book: BatchBook, received: Received, message: Message, reading: Reading, route: Route) -> None:
    """Carry out an agent's commands in their order, and answer line by line."""
    reference = route.link.reference if route.link else None
    _carry_out(book, received, message, reading, route, reference)
    book.store(received, message, reading, reference)
    book.enter(received, Way.ORDERS, route.reason, reference)


def _carry_out(
    book: BatchBook,
    received: Received,
    message: Message,
    reading: Reading,
    route: Route,
    reference: str | None,
) -> None:
    if route.orders is None or reading.sender is None:
        raise AssertionError("orders come from somebody")
    asked = Asked(
        at=received.at,
        agent=reading.sender.address,
        orders=route.orders,
        answered=message.in_reply_to,
        tap_action=route.tap.action if route.tap else "",
        nonce=route.tap.nonce if route.tap else "",
        forwarded=reading.client if reading.forwarded and reading.client != reading.sender else None,
    )
    lines, notes = ordering.carry_out(book, asked, reference)
    case = book.cases[reference] if reference else None
    told = [line.as_tuple() for line in lines]
    book.send(case, letters_agent.transcript(book.desk, case, asked.agent, told, message, notes))
    book.look_who_is_away()


def _answered_survey(
    book: BatchBook, received: Received, message: Message, reading: Reading, route: Route
) -> None:
    """Keep a mark with its case; it reopens nothing, and its words stay in the message."""
    case = book.cases[route.link.reference] if route.link else None
    found = feedback.answer(book.desk.site, message, reading, case, received.at) if case else None
    if case is None or found is None:
        raise AssertionError("an answer to the survey is about a case")
    data = {"mark": found.mark, "comment": found.comment}
    by = case.client.address
    book.happened(Event(received.at, EventName.SURVEY_ANSWERED, case.reference, by, data))
    book.store(received, message, reading, case.reference)
    book.enter(received, Way.SURVEY, route.reason, case.reference)


def _bounce(book: BatchBook, received: Received, message: Message, reading: Reading) -> None:
    """Match a delivery report to what we sent. It marks nobody else."""
    bounce = reading.bounce
    mail = delivery_reports.reported(book, message, bounce) if bounce else None
    if bounce is None or mail is None:
        _ignore(book, received, message, reading, "a delivery report about nothing that we sent")
        return
    if not bounce.temporary:
        delivery_reports.not_delivered(book, received.at, mail, bounce)
    book.store(received, message, reading, mail.reference)
    book.enter(received, "noted", "a delivery report about our mail", mail.reference)


# -- to no case --------------------------------------------------------------------------------------------------------


def _suggested(book: BatchBook, received: Received, message: Message, reading: Reading, route: Route) -> None:
    """Keep a suggestion, count it, and thank for it where it may be answered."""
    client, mailbox = reading.client, book.folder.mailbox
    if reading.may_ack and client is not None and client.address and BACKLOG not in received.flags:
        book.send(None, letters_client.suggestion_thanks(book.desk, message, reading, client, mailbox))
    data = {"from": reading.sender.address if reading.sender else "", "message_id": message.message_id}
    book.happened(Event(received.at, EventName.SUGGESTION_RECEIVED, data=data))
    book.store(received, message, reading, None)
    book.enter(received, Way.SUGGESTION, route.reason)


def _forged(book: BatchBook, received: Received, message: Message, reading: Reading, route: Route) -> None:
    """Set a mail in an agent's name aside: it does nothing, and the lead and the other agents are told."""
    reference = route.link.reference if route.link else None
    mail = received.fetched.mail
    raw = stored_source(mail, book.folder.stored_bytes) if mail else b""
    book.set_aside(received, route.reason, raw, reference)
    book.enter(received, Way.SET_ASIDE, route.reason, reference)
    case = book.cases.get(reference) if reference else None
    named = reading.sender.address if reading.sender else ""
    for letter in letters_agent.forged(book.desk, case, named, message, route.reason, received.at):
        book.send(case, letter)


def _ignore(book: BatchBook, received: Received, message: Message, reading: Reading, reason: str) -> None:
    book.store(received, message, reading, None)
    book.enter(received, Way.IGNORE, reason)
    data = {
        "reason": reason,
        "class": reading.message_class,
        "from": reading.sender.address if reading.sender else "",
        "subject": message.subject,
        "message_id": message.message_id,
        "digest": message.digest,
    }
    book.happened(Event(received.at, EventName.MESSAGE_IGNORED, data=data))


# -- without a decision ------------------------------------------------------------------------------------------------


def unreadable(book: BatchBook, received: Received) -> None:
    """Keep what could not be read, set it aside, and open a visible case: a person always sees it."""
    mail = received.fetched.mail
    raw = (mail.raw or stored_source(mail, book.folder.stored_bytes)) if mail else b""
    opening = happenings.unreadable(book.desk, received, book.number(), book.folder)
    book.keep(lifecycle.open_case(book.desk, opening, book.now))
    book.set_aside(received, f"{happenings.UNREADABLE}: {received.error}", raw, opening.reference)
    book.enter(received, Way.SET_ASIDE, received.error, opening.reference)


def sent(book: BatchBook, received: Received, message: Message, reading: Reading, route: Route) -> None:
    """A mail in the folder of sent mail: a colleague's answer written elsewhere attends, the rest is passed over."""
    case = book.cases.get(route.link.reference) if route.link else None
    if route.way is not Way.ANSWERED or case is None:
        book.enter(received, route.way, route.reason)
        return
    answered = happenings.answered_elsewhere(book.desk.site, received, message, reading, case.assignee or "")
    book.keep(lifecycle.decide(book.desk, case, answered, book.now))
    book.store(received, message, reading, case.reference, direction="out")
    book.enter(received, Way.ANSWERED, route.reason, case.reference)
