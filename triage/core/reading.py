"""What a message *is*: the answers of identity, loopguard, text and language about one message, with their reasons.

`read` is the one entry; `triage explain --json` prints what it returns. Pure: message and site in, Reading out.
"""

from triage.core import (
    authentication,
    bounce_facts,
    contents,
    courtesy,
    forwards,
    identity,
    language,
    loopguard,
    monitors,
    newtext,
)
from triage.core.forwards import Forward
from triage.core.loopguard import Verdict
from triage.core.message import Message
from triage.core.model import Address, MessageClass, Role, Trust
from triage.core.newtext import Parts
from triage.core.site import Site
from triage.core.understood import Reading

_NEVER_CASES = {
    MessageClass.OWN: "ours, or in our own name",
    MessageClass.BOUNCE: "a mail of ours could not be delivered",
    MessageClass.REPORT: "a report of mail systems",
    MessageClass.RECEIPT: "a receipt",
    MessageClass.CALENDAR: "an answer to an invitation",
    MessageClass.AUTO_REPLY: "an automatic answer",
}


_BY_PEOPLE = frozenset({MessageClass.PERSON, MessageClass.LIST})


def read(message: Message, site: Site) -> Reading:
    """Answer every question about one message. Never raises for what a message holds; linear in its size."""
    verdict = loopguard.classify(message, site)
    trust = authentication.trust(message, site)
    parts = newtext.split(message.text, message.subject)
    forward = _forward(message, parts) if verdict.message_class in _BY_PEOPLE else None
    role = identity.role(message, verdict.message_class, site)
    thanks = (
        verdict.message_class is MessageClass.PERSON
        and courtesy.is_only(message, parts.own)
        and forward is None
    )
    is_case, case_reason = _case(message, verdict, parts, trust, thanks=thanks, judged=role is not Role.AGENT)
    client = identity.client(message, site, forward.sender if forward else None)
    may_ack, ack_reason = (
        _acknowledge(message, verdict, client, trust, role, forward, parts)
        if is_case
        else (False, f"no case: {case_reason}")
    )
    bounced = verdict.message_class is MessageClass.BOUNCE
    return Reading(
        message_class=verdict.message_class,
        signals=verdict.signals,
        is_case=is_case,
        case_reason=case_reason,
        may_ack=may_ack,
        ack_reason=ack_reason,
        trust=trust,
        role=role,
        sender=message.sender,
        client=client,
        language=language.detect(parts.new, site.language, message.subject, forward.text if forward else ""),
        first_line=newtext.first_line(parts.new),
        new_text=parts.new,
        forwarded_text=forward.text if forward else "",
        bounce=bounce_facts.facts(message, site.own_addresses()) if bounced else None,
        references=site.references_in(message.subject[:1_000]),
        thanks_only=thanks,
        forwarded=forward is not None,
    )


def _forward(message: Message, parts: Parts) -> Forward | None:
    """What is handed on: an inline block, or one attached message under a forward's subject or nearly alone."""
    if parts.forward is not None:
        return parts.forward
    if forwards.says_forward(message.subject) or not message.in_reply_to:
        return forwards.attached(message)
    return None


def _case(
    message: Message, verdict: Verdict, parts: Parts, trust: Trust, *, thanks: bool, judged: bool
) -> tuple[bool, str]:
    """Say whether somebody waits for something, and why (not); an agent's content is not `judged`."""
    kind = verdict.message_class
    if kind in _NEVER_CASES:
        return False, _NEVER_CASES[kind]
    if kind is MessageClass.MONITOR:
        return (
            (False, "a monitor tells that all is well again")
            if monitors.tells_recovery(message)
            else (True, "a monitor reports a fault")
        )
    if judged and (unwanted := contents.unwanted(message, parts.new, trust)):
        return False, unwanted
    if thanks:
        return False, "thanks or a greeting only"
    if kind is MessageClass.LIST:
        return True, "a person writes through a list"
    return True, "a person writes"


def _acknowledge(
    message: Message,
    verdict: Verdict,
    client: Address | None,
    trust: Trust,
    role: Role,
    forward: Forward | None,
    parts: Parts,
) -> tuple[bool, str]:
    if trust is Trust.FAILED:
        return False, "the sender is forged or unproven: authentication failed"
    if role is Role.AGENT and (forward is None or client == message.sender):
        return False, "an agent writes: no acknowledgement to ourselves"
    if forward is not None and forward.of_mail_system and _wordless(parts):
        return False, "a mail system's notice, handed on without a word"
    return loopguard.may_answer(verdict, client)


def _wordless(parts: Parts) -> bool:
    return len(parts.own.split()) < 5  # "see below", "FYI", a forwarding program's line
