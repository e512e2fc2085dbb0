"""Is it a bounce, and of what: recognised by form, from a standard report (RFC 3464) or from free text.

Half of all bounces carry no mark of automatic mail, so the form decides: who speaks (a mail system's address, an
empty return path), what the subject says, what the text says, what is enclosed. A bounce may be forged: this module
only reads it; matching it with what we sent, and what follows, belongs to others.
"""

import re
from dataclasses import dataclass

from triage.core import forwards, identity
from triage.core.bouncewords import BODIES, COPY_MARKS, SUBJECTS
from triage.core.comparable import fold, folded, holds_any
from triage.core.marks import CERTAIN, HIGH, Signal
from triage.core.message import Message

HEAD = 6_000  # mail systems say what is wrong at once; what they return comes after
ADDRESS = re.compile(r"[A-Za-z0-9._%+\-=/~!#$&'*?^{|}]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9._-]{0,188}[A-Za-z0-9])")
REPLY_CODE = re.compile(r"(?<!\d)[45]\d\d[ -]|#?(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
_DAEMON_NAMES = folded(
    ("mail delivery", "mailer-daemon", "mailer daemon", "mail administrator", "mail deliver", "delivery subsystem", "postmaster", "mail system", "internet mail delivery", "sistema de entrega", "maildelivery", "returned mail")
)  # fmt: skip
_SMTP_REPLY = re.compile(
    r"(?<!\d)55\d[ -]|(?<!\d)[45]\d\d[ -]#?[45]\.\d|(?<![\d.])[45]\.[1-7]\.\d{1,2}(?![\d.])"
)
_MAIL_WORDS = folded(
    (
        "mail",
        "recipient",
        "correo",
        "casilla",
        "buzón",
        "destinatario",
        "entrega",
        "deliver",
        "message",
        "mensaje",
        "mensagem",
        "宛先",
    )
)
_ROBOTS = frozenset(
    {
        "ndr",
        "dsn",
        "mailer",
        "mailserver",
        "mta",
        "smtp",
        "exchange",
        "system",
        "mailgate",
        "antispam",
        "quarantine",
        "autoresponder",
        "mail-server",
        "delivery",
        "undeliverable",
    }
)
SUCCESSES = frozenset({"delivered", "relayed", "expanded"})


def signals(message: Message) -> tuple[Signal, ...]:
    """Return the marks of a bounce. One of them suffices: each already weighs who speaks and what is said."""
    if _told_by_person(message):
        return ()
    # a person's mail: what it says does not matter, and searching it costs most
    if not _may_be_machine(message):
        return (Signal("delivery-status", CERTAIN),) if _is_report(message) else ()
    form = _form(message)
    told = form.subject or form.body
    named = identity.is_daemon(message.sender.address) if message.sender else False
    daemon = named and not _is_postmaster(message)
    marks = (
        ("delivery-status", CERTAIN, _is_report(message)),
        (
            "x-failed-recipients",
            CERTAIN,
            "x-failed-recipients" in message.headers and (told or named or form.null),
        ),
        ("mail system speaks", CERTAIN, daemon and form.evidence >= 1),
        # A postmaster may be a person, and anybody may call himself "Mail Delivery": they need more.
        (
            "postmaster tells a failure",
            HIGH,
            (named or _daemon_name(message)) and told and form.evidence >= 2,
        ),
        ("returned mail", HIGH, form.null and told and form.evidence >= 3),
        (
            "machine tells a failure",
            HIGH,
            _is_machine(message) and form.body and (form.subject or form.reply),
        ),
    )
    return tuple(Signal(name, strength) for name, strength, holds in marks if holds)


def _may_be_machine(message: Message) -> bool:
    """Anything beside the words that speaks for a mail system or a robot."""
    return (
        _is_machine(message)
        or _daemon_speaks(message)
        or null_return_path(message)
        or _daemon_path(message)
        or "x-failed-recipients" in message.headers
    )


def tells_failure(message: Message) -> bool:
    """Say whether the subject or the text tells of a failed or late delivery, whoever speaks."""
    form = _form(message)
    return form.subject or form.body


@dataclass(frozen=True, slots=True)
class _Form:
    """What of a bounce's form is there. `reply`: an SMTP reply about an address; `null`: a mail system's return path."""

    subject: bool
    body: bool
    returns: bool
    code: bool
    reply: bool
    null: bool

    @property
    def evidence(self) -> int:
        return sum((self.subject, self.body, self.returns, self.code, self.null))


def _form(message: Message) -> _Form:
    head = told_above(message)
    text = fold(head)
    reply = (
        _SMTP_REPLY.search(head) is not None
        and "@" in head
        and ADDRESS.search(head) is not None
        and holds_any(text, _MAIL_WORDS)
    )
    return _Form(
        subject=holds_any(fold(message.subject[:300]), SUBJECTS),
        body=holds_any(text, BODIES),
        returns=bool(message.enclosed) or holds_any(fold(message.text[:HEAD]), COPY_MARKS),
        code=REPLY_CODE.search(head) is not None,
        reply=reply,
        null=null_return_path(message) or _daemon_path(message),
    )


def is_success(message: Message) -> bool:
    """Say whether a delivery report tells only of success (RFC 3464 2.3.3: delivered, relayed, expanded)."""
    actions = {report.action.lower() for report in message.reports if report.action}
    return bool(actions) and actions <= SUCCESSES


def null_return_path(message: Message) -> bool:
    """Say whether the receiver stamped an empty Return-Path; only the topmost is our receiver's."""
    return "return-path" in message.headers and message.headers.get("return-path").strip() in {"<>", ""}


def _is_report(message: Message) -> bool:
    """A delivery report by its type; loose report parts only from a mail system: people attach bounces too."""
    if message.report_type.lower() in {"delivery-status", "delivery-feedback", "global-delivery-status"}:
        return not is_success(message)
    return (
        bool(message.reports)
        and not is_success(message)
        and (_daemon_speaks(message) or null_return_path(message))
    )


def _told_by_person(message: Message) -> bool:
    """Somebody forwards or discusses a bounce: a subject of an answer, from no mail system, with a return path."""
    if _daemon_speaks(message) or null_return_path(message) or message.report_type or message.sender is None:
        return False
    subject = fold(message.subject[:40])
    return forwards.says_forward(message.subject) or (
        bool(message.in_reply_to) and subject.startswith(("re:", "aw:", "res:"))
    )


def _daemon_speaks(message: Message) -> bool:
    return (message.sender is not None and identity.is_daemon(message.sender.address)) or _daemon_name(
        message
    )


def _is_postmaster(message: Message) -> bool:
    return message.sender is not None and message.sender.address.startswith(
        ("postmaster", "post_master", "post-master")
    )


def _daemon_name(message: Message) -> bool:
    name = message.sender.name if message.sender else message.headers.get("from")
    return holds_any(fold(name[:300]), _DAEMON_NAMES)


def _is_machine(message: Message) -> bool:
    """A robot's address or mark, of whatever kind."""
    address = message.sender.address if message.sender else ""
    return (
        not address
        or identity.is_silent(address)
        or address.partition("@")[0] in _ROBOTS
        or "auto-submitted" in message.headers
    )


def _daemon_path(message: Message) -> bool:
    local = message.headers.get("return-path").strip().strip("<>").lower()
    return identity.is_daemon(local)


def told_above(message: Message) -> str:
    """Return what the mail system itself says: the beginning of the text, above what it returns."""
    return _before_copy(message.text[:HEAD])


def _before_copy(text: str) -> str:
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if (
            6 < len(line) < 200
            and index
            and line[:1] != " "
            and holds_any(fold(line), COPY_MARKS)
            and "@" not in line
        ):
            return "\n".join(lines[:index])
        if line.startswith(("Received: ", "Return-Path: ", "Message-ID: ", "Message-Id: ")) and index > 2:
            return "\n".join(lines[:index])
    return text
