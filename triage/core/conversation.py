"""Which case a message belongs to: a ladder of evidence, and on every rung whether the writer takes part.

Own signed Message-ID or plus-address, then a known foreign Message-ID, then the reference in the subject. A
guessable number is no identity, so a stranger on any rung gets a case of his own, linked to the one he named.
Knows nothing of stores: what is known of the candidates is handed in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from triage.core import signing
from triage.core.message import Message
from triage.core.model import Case, Role, State, Trust
from triage.core.records import KnownMessage
from triage.core.site import Site
from triage.core.understood import Reading

# Domains whose users have nothing in common.
_PUBLIC = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "hotmail.com.ar",
        "outlook.com",
        "outlook.com.ar",
        "outlook.es",
        "live.com",
        "live.com.ar",
        "msn.com",
        "yahoo.com",
        "yahoo.com.ar",
        "yahoo.com.br",
        "yahoo.es",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.com",
        "gmx.net",
        "proton.me",
        "protonmail.com",
        "zoho.com",
        "mail.com",
        "yandex.com",
        "fibertel.com.ar",
        "arnet.com.ar",
        "speedy.com.ar",
        "ciudad.com.ar",
        "uol.com.br",
        "bol.com.br",
        "terra.com.br",
        "ig.com.br",
    ]
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a message names: Message-IDs (In-Reply-To first, then References from the newest), subject references,
    and the addresses it was sent to (one of them may be a plus-address of ours).
    """

    message_ids: tuple[str, ...]
    references: tuple[str, ...]
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """`rung`: own_id, address, known_id or subject. `joins` False: the writer takes no part; open a case of its own, linked.

    `proven`: the mail answers one of ours that went to this very writer, which only he could know.
    """

    rung: str
    reference: str
    joins: bool
    proven: bool = False


def candidates(
    in_reply_to: Sequence[str],
    references: Sequence[str],
    subject: Sequence[str],
    addresses: Sequence[str] = (),
) -> Candidates:
    """Collect what a message names, newest evidence first; a hostile list of references is cut."""
    ids = tuple(dict.fromkeys([*in_reply_to, *reversed(references)]))[:50]
    plus = tuple(address for address in dict.fromkeys(addresses) if "+" in address)[:5]
    return Candidates(ids, tuple(dict.fromkeys(reference.upper() for reference in subject))[:5], plus)


def named_by(message: Message, reading: Reading) -> Candidates:
    """Return what one message names."""
    used = [a.address for a in (*message.to, *message.cc)]
    return candidates(message.in_reply_to, message.references, reading.references, used)


def place(
    site: Site,
    message: Message,
    reading: Reading,
    known: Mapping[str, Sequence[KnownMessage]],
    cases: Mapping[str, Case],
    *,
    colleague: bool = False,
) -> Link | None:
    """Return where a message belongs; `colleague`: its writer is one of us, whatever address he wrote from."""
    return link(
        site,
        named_by(message, reading),
        reading.sender.address if reading.sender else "",
        known,
        cases,
        agent=colleague or reading.role is Role.AGENT,
        authenticated=reading.trust is Trust.AUTHENTICATED,
    )


def link(
    site: Site,
    named: Candidates,
    writer: str,
    known: Mapping[str, Sequence[KnownMessage]],
    cases: Mapping[str, Case],
    *,
    agent: bool,
    authenticated: bool = False,
) -> Link | None:
    """Return where a message belongs, or None; `cases` holds every case the candidates lead to.

    Where the site says so, an authenticated colleague of the client's own mail domain takes part in his cases.

    A Message-ID that leads to several cases is no evidence (a shared or forged one), and is passed over.
    """
    stranger: Link | None = None
    for rung, reference, proven in evidence(site, named, writer, known):
        if reference not in cases:
            continue
        case = followed(cases[reference], cases)
        if _forgotten(case) and not agent:
            continue
        part = takes_part(case, writer, organisation=site.same_organisation and authenticated)
        made = Link(rung, case.reference, joins=proven or agent or part, proven=proven)
        if made.joins:
            return made
        stranger = stranger or made
    return stranger


def wanted(site: Site, named: Candidates, known: Mapping[str, Sequence[KnownMessage]]) -> tuple[str, ...]:
    """Return the references of every case that `link` may ask for."""
    by_address = (
        signing.reply_address_names(box.address, used) for box in site.mailboxes for used in named.addresses
    )
    found = (reference for _, reference, _ in evidence(site, named, "", known))
    return tuple(dict.fromkeys((*found, *(reference for reference in by_address if reference))))


def evidence(
    site: Site, named: Candidates, writer: str, known: Mapping[str, Sequence[KnownMessage]]
) -> Iterator[tuple[str, str, bool]]:
    """Yield (rung, reference, proven) from the strongest evidence to the weakest."""
    for message_id in named.message_ids:
        own = signing.verify_message_id(site.secret, site.domain, message_id, writer)
        if own is not None and own.reference is not None:
            yield "own_id", own.reference, bool(own.recipient_proven)
    for used in named.addresses:
        for box in site.mailboxes:
            token = signing.read_reply_address(site.secret, box.address, used, writer) if writer else None
            if token is not None:
                yield "address", token.reference, True
    for message_id in named.message_ids:
        references = {k.reference for k in known.get(message_id, ()) if k.reference is not None}
        if len(references) == 1:
            yield "known_id", references.pop(), False
    # Our mail about several cases names them all: an answer to it is about none of them in particular.
    if len(named.references) == 1:
        yield "subject", named.references[0], False


def followed(case: Case, cases: Mapping[str, Case]) -> Case:
    """Follow merged cases to the one that goes on; a ring of merges ends where it began."""
    seen = {case.reference}
    while case.state is State.MERGED and case.merged_into and case.merged_into not in seen:
        target = cases.get(case.merged_into)
        if target is None:
            break
        case = target
        seen.add(case.reference)
    return case


def _forgotten(case: Case) -> bool:
    """Say whether a case is a figure, whose client was erased or has grown old: who writes again is somebody new to us."""
    return not case.open and not case.client.address


def takes_part(case: Case, address: str, *, organisation: bool = False) -> bool:
    """Say whether an address takes part; `organisation`: one of the client's own mail domain is enough."""
    if address == case.client.address or address in case.participants:
        return True
    return organisation and one_organisation(address, case.client.address)


def proven(reading: Reading, client: str) -> bool:
    """Say whether a mail proves that the client's side wrote it: Reply-To may name anybody, and he did not ask for it."""
    return (
        reading.trust is Trust.AUTHENTICATED
        and reading.sender is not None
        and speaks_for(reading.sender.address, client)
    )


def speaks_for(writer: str, client: str) -> bool:
    """Say whether what one address wrote is the other's word: it is the same, or a colleague's."""
    return writer == client or one_organisation(writer, client)


def one_organisation(address: str, other: str) -> bool:
    """Say whether two addresses are of one mail domain whose users have to do with each other."""
    domain = address.rpartition("@")[2]
    return domain == other.rpartition("@")[2] and domain not in _PUBLIC
