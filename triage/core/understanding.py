"""One message as far as it can be judged by itself: read and classified. Pure; looks at no other message, no case.

Its costs are most of what a message costs and its answer is small, so a process apart may give it: called by the
adapter behind `ports.MessageReader`, and by explain.
"""

from collections.abc import Iterable

from triage.core import conversation, reading, rules
from triage.core.message import Message
from triage.core.model import Classification
from triage.core.rules import Material, RuleSet
from triage.core.site import Site
from triage.core.understood import Reading, Understood


def understand(message: Message, site: Site, rule_set: RuleSet) -> Understood:
    """Read and classify one message. Never raises for what a message holds; linear in its size."""
    read = reading.read(message, site)
    return Understood(message, read, classify(rule_set, message, read, site))


def classify(rule_set: RuleSet, message: Message, read: Reading, site: Site) -> Classification:
    """Let the rules judge what the writer wrote now, and what a forward encloses."""
    named = conversation.named_by(message, read)
    reply = any(conversation.evidence(site, named, "", {}))
    return rules.classify(rule_set, material_of(message, read), reply=reply)


def material_of(message: Message, read: Reading) -> Material:
    """Return what the rules see of a message."""
    return Material(
        subject=without_references(message.subject, read.references),
        new_text=read.new_text,
        forwarded_text=read.forwarded_text,
        attachment_names=tuple(a.name for a in message.attachments),
        sender=read.sender.address if read.sender else "",
        headers=dict(reversed(message.headers.fields)),
        language=read.language,
    )


def without_references(subject: str, references: Iterable[str]) -> str:
    """Blank our references in a subject, keeping every position: they are no words of the writer's, and "NO" would be one."""
    for reference in references:
        subject = subject.replace(reference, " " * len(reference))
    return subject
