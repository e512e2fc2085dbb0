"""What we sign, so that it proves itself when it comes back: Message-IDs, plus-addresses, action links.

Knows HMAC-SHA256 and the site's secret, nothing of stores: everything needed to check a token is in the token or in
the hands of who checks it. Callers: lifecycle (ids of the mails it writes), dispatch (return paths), identity and
conversation (is this ours?), commands (was this link given to this agent?).

Every text made here survives lower-casing, because servers and clients do that to addresses and ids. A signature has
50 bits: each guess costs an attacker one mail, and we see it.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

_SIGNATURE = 10  # base32 letters of 5 bits
_NUMBERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _NUMBERS for second in _NUMBERS)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

MESSAGE_ID_LIMIT = 200
LOCAL_PART_LIMIT = 64  # RFC 5321 section 4.5.3.1.1

_ID = re.compile(
    r"<?(?P<about>[a-z0-9-]{1,60})\.k(?P<key>[a-z2-7]{10})\.s(?P<proof>[a-z2-7]{20})@(?P<domain>[^@<>\s]{1,190})>?"
)
_PLUS = re.compile(r"(?P<purpose>[br])\.(?P<about>[a-z0-9-]{1,40})\.(?P<proof>[a-z2-7]{10})")
_CANARY = re.compile(
    r"canary (?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<proof>[a-z2-7]{10})(?![a-z2-7])"
)
_ACTION = re.compile(r"(?P<expiry>[a-z2-7]{5})(?P<nonce>[a-z2-7]{4})(?P<proof>[a-z2-7]{10})")


@dataclass(frozen=True, slots=True)
class OwnId:
    """A Message-ID that is proven to be ours. `reference`: the case it names, None for a mail about no case.

    `recipient_proven`: the address handed in is the one it was written to; None when none was handed in.
    """

    reference: str | None
    recipient_proven: bool | None = None


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """A Reply-To address proven to have been given, for this case, to the address that uses it."""

    reference: str


@dataclass(frozen=True, slots=True)
class ActionToken:
    """A link's token, proven to be given to this agent for this action; `nonce` is spent by whoever honours it."""

    nonce: str
    expires_at: datetime


def _sign(secret: bytes, purpose: str, *parts: str) -> str:
    """Return the signature of parts under a key of its own for each purpose, so that no token passes for another."""
    # Lengths first: ("ab", "c") and ("a", "bc") must differ.
    raws = [part.lower().encode() for part in parts]
    mac = _keyed(secret, purpose).copy()
    mac.update(b"".join([len(raw).to_bytes(4, "big") + raw for raw in raws]))
    bits = int.from_bytes(mac.digest()[:7], "big") >> 6  # the first 50 of 56
    return "".join([_PAIRS[bits >> shift & 1023] for shift in (40, 30, 20, 10, 0)])


@lru_cache(maxsize=64)
def _keyed(secret: bytes, purpose: str) -> hmac.HMAC:
    """Return a purpose's HMAC, to be copied: unlike hmac.digest that keeps the interpreter's lock for a few octets."""
    return hmac.new(hmac.digest(secret, f"triage/1/{purpose}".encode(), "sha256"), digestmod="sha256")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def pseudonym(secret: bytes, address: str) -> str:
    """Return what stands for an address where something is only counted: equal for equal ones, and names nobody."""
    return _sign(secret, "pseudonym", address)


# -- Message-IDs -------------------------------------------------------------------------------------------------


def message_id(secret: bytes, domain: str, key: str, recipient: str, reference: str | None = None) -> str:
    """Return the Message-ID (no angle brackets) of the mail to `recipient` that has the outbox key `key`.

    The same arguments give the same id for ever. It tells a stranger the reference and nothing else. Raises
    ValueError where the domain is so long that the id would pass 200 characters.
    """
    about = (reference or "triage").lower()
    name = _sign(secret, "message-id/name", key, recipient)
    proof = _id_proofs(secret, domain, about, name, recipient)
    result = f"{reference or 'triage'}.k{name}.s{proof}@{domain.lower()}"
    if len(result) > MESSAGE_ID_LIMIT or _ID.fullmatch(result.lower()) is None:
        raise ValueError(f"no Message-ID can be made of domain {domain!r} and reference {reference!r}")
    return result


def _id_proofs(secret: bytes, domain: str, about: str, name: str, recipient: str) -> str:
    return _sign(secret, "message-id/author", domain, about, name) + _sign(
        secret, "message-id/recipient", domain, about, name, recipient
    )


def looks_own(identity: str, domain: str) -> bool:
    """Say whether a Message-ID has our form and domain: cheap, and proof of nothing."""
    match = _ID.fullmatch(identity.strip().lower())
    return match is not None and match["domain"] == domain.lower()


def verify_message_id(
    secret: bytes, domain: str, identity: str, recipient: str | None = None
) -> OwnId | None:
    """Return what a Message-ID proves, or None where we did not write it; brackets and letter case do not matter."""
    match = _ID.fullmatch(identity.strip().lower())
    if match is None or match["domain"] != domain.lower():
        return None
    about, name, proof = match["about"], match["key"], match["proof"]
    expected = _id_proofs(secret, domain, about, name, recipient or "")
    if not _same(proof[:_SIGNATURE], expected[:_SIGNATURE]):
        return None
    proven = None if recipient is None else _same(proof[_SIGNATURE:], expected[_SIGNATURE:])
    return OwnId(None if about == "triage" else about.upper(), proven)


# -- plus-addresses ----------------------------------------------------------------------------------------------


def return_path(secret: bytes, address: str, row_id: int) -> str:
    """Return the envelope sender of one outbox row (VERP): a bounce to it names the row, and nobody can invent one.

    The bare address where the local part would pass 64 octets.
    """
    return _plus(address, "b", str(row_id), _sign(secret, "return-path", address, str(row_id)))


def read_return_path(secret: bytes, address: str, recipient: str) -> int | None:
    """Return the outbox row that `recipient`, a plus-address of `address`, was made for; None for anything else."""
    match = _token_of(address, recipient)
    if match is None or match["purpose"] != "b" or not match["about"].isdecimal():
        return None
    expected = _sign(secret, "return-path", address, match["about"])
    return int(match["about"]) if _same(match["proof"], expected) else None


def reply_address(secret: bytes, address: str, reference: str, recipient: str) -> str:
    """Return a Reply-To bound to a case and to the one it is given to; the bare address where it would be too long."""
    return _plus(address, "r", reference.lower(), _sign(secret, "reply-to", address, reference, recipient))


def read_reply_address(secret: bytes, address: str, used: str, sender: str) -> ReplyToken | None:
    """Return the case of a plus-address, if `sender` is the one it was given to."""
    match = _token_of(address, used)
    if match is None or match["purpose"] != "r":
        return None
    expected = _sign(secret, "reply-to", address, match["about"], sender)
    return ReplyToken(match["about"].upper()) if _same(match["proof"], expected) else None


def reply_address_names(address: str, used: str) -> str | None:
    """Return the case that a plus-address names, proven or not: where to look, and nothing more."""
    match = _token_of(address, used)
    return match["about"].upper() if match is not None and match["purpose"] == "r" else None


def _plus(address: str, purpose: str, about: str, proof: str) -> str:
    local, _, domain = address.rpartition("@")
    signed = f"{local}+{purpose}.{about}.{proof}"
    return f"{signed}@{domain}" if len(signed.encode()) <= LOCAL_PART_LIMIT else address


def _token_of(address: str, used: str) -> re.Match[str] | None:
    local, _, domain = address.lower().rpartition("@")
    used_local, _, used_domain = used.strip().lower().rpartition("@")
    prefix = f"{local}+"
    if used_domain != domain or not used_local.startswith(prefix):
        return None
    return _PLUS.fullmatch(used_local[len(prefix) :])


# -- canaries ----------------------------------------------------------------------------------------------------


def canary(secret: bytes, address: str, at: datetime) -> str:
    """Return the words in the subject of a mail to ourselves that prove that we sent it, to whom and when.

    In the subject, because some relays give mails Message-IDs of their own. `at` in whole milliseconds.
    """
    stamp = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    return f"canary {stamp} {_sign(secret, 'canary', address, stamp)}"


def read_canary(secret: bytes, address: str, subject: str) -> datetime | None:
    """Return when the canary to `address` was sent that a subject proves; None for what is none, or forged."""
    match = _CANARY.search(subject[:500])
    if match is None or not _same(match["proof"], _sign(secret, "canary", address, match["at"])):
        return None
    return datetime.fromisoformat(match["at"])


# -- actions in mailto links -------------------------------------------------------------------------------------


def action_token(
    secret: bytes, agent: str, reference: str, action: str, expires_at: datetime, nonce_of: str = ""
) -> str:
    """Return 19 letters and digits that let `agent` do `action` to a case once, until `expires_at` (whole minutes).

    `nonce_of` says which of several equal links this is (the key of the mail it stands in): same arguments, same token.
    """
    minutes = max(0, int((expires_at - _EPOCH).total_seconds()) // 60)
    expiry = _written(minutes)
    nonce = _sign(secret, "action/nonce", agent, reference, action, expiry, nonce_of)[:4]
    return expiry + nonce + _sign(secret, "action", agent, reference, action, expiry, nonce)


def read_action_token(
    secret: bytes, token: str, agent: str, reference: str, action: str, now: datetime
) -> ActionToken | None:
    """Return the token's nonce and end if it was given to this agent, for this case and action, and still holds."""
    match = _ACTION.fullmatch(token.strip().lower())
    if match is None:
        return None
    expected = _sign(secret, "action", agent, reference, action, match["expiry"], match["nonce"])
    if not _same(match["proof"], expected):
        return None
    expires_at = datetime.fromtimestamp(_EPOCH.timestamp() + _read(match["expiry"]) * 60, UTC)
    return ActionToken(match["expiry"] + match["nonce"], expires_at) if now < expires_at else None


def _written(number: int) -> str:
    """Write a number below 2**25 in five letters."""
    number = min(number, 32**5 - 1)
    return "".join(_NUMBERS[(number >> shift) & 31] for shift in (20, 15, 10, 5, 0))


def _read(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 32 + _NUMBERS.index(letter)
    return value


def nonce_expires_at(nonce: str) -> datetime:
    """Return when the token of a spent nonce ends by itself; after that it need not be remembered. Long ago for no nonce."""
    letters = nonce[:5]
    if len(letters) < 5 or any(letter not in _NUMBERS for letter in letters):
        return _EPOCH
    return datetime.fromtimestamp(_EPOCH.timestamp() + _read(letters) * 60, UTC)
