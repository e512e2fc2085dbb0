"""Opens a folder and lists what is in it. Runs in the mailbox's thread; raises what imapclient raises, or ours."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from triage.adapters.mailbox_imap import failures
from triage.adapters.mailbox_imap.config import ImapConfig, Settling
from triage.adapters.mailbox_imap.connection import Client
from triage.errors import Permanent, Temporary
from triage.ports import FolderStatus

COMMAND_UIDS = 500
"""UIDs in one command: tens of thousands make the server answer BAD."""


def open_folder(client: Client, config: ImapConfig) -> FolderStatus:
    """Select the folder (read-only where nothing is settled) and say what it can do."""
    try:
        found = client.select_folder(config.folder, readonly=config.settle is Settling.NONE)
    except failures.RAISED as error:
        raise failures.of_folder(error, config.folder, _folders_or_none(client)) from error
    if b"UIDVALIDITY" not in found:
        raise Permanent(
            f"{config.host} gives no UIDVALIDITY: messages of {config.folder} cannot be told apart"
        )
    flags = {flag.lower() for flag in found.get(b"PERMANENTFLAGS", ())}
    status = FolderStatus(
        uidvalidity=found[b"UIDVALIDITY"],
        uidnext=found.get(b"UIDNEXT") or _next_uid(client),
        keywords=b"\\*" in flags or config.keyword.lower().encode() in flags,
        move=client.has_capability("MOVE"),
        idle=client.has_capability("IDLE"),
    )
    client.forget()
    return status


def _next_uid(client: Client) -> int:
    # UIDNEXT is only recommended in the answer to SELECT (RFC 3501 section 6.3.1)
    return int(max(client.search(["UID", "*"]), default=0)) + 1


def folders(client: Client) -> list[str]:
    r"""Return the names of every folder that can hold messages."""
    found = client.list_folders()
    return sorted(name for flags, _, name in found if b"\\noselect" not in {flag.lower() for flag in flags})


def _folders_or_none(client: Client) -> list[str]:
    try:
        return folders(client)
    except failures.RAISED:
        return []  # only said in passing, within another error


def look(client: Client, config: ImapConfig, uidvalidity: int) -> None:
    """Bring the server's view of the folder up to date; without a NOOP Dovecot's SEARCH does not see new mail.

    A warning makes us open the folder anew, since new mail might be hidden from this view of it for ever. Raises
    Temporary where it turns out to be another folder of the same name.
    """
    client.noop()
    client.sweep()
    if client.warned:
        found = open_folder(client, config).uidvalidity
        if found != uidvalidity:
            raise Temporary(f"UIDVALIDITY of {config.folder} changed from {uidvalidity} to {found}")
    client.forget()


def uids_after(client: Client, last_uid: int) -> Sequence[int]:
    """Return the UIDs above one, ascending; `look` first."""
    found = client.search(["UID", f"{last_uid + 1}:*"])
    client.sweep()
    # `n:*` names the last message too when n is beyond it (RFC 3501 section 6.4.8)
    return sorted(uid for uid in found if uid > last_uid)


def uids_since(client: Client, since: datetime) -> Sequence[int]:
    """Return the UIDs whose INTERNALDATE is not before the given instant's day, in the instant's own zone.

    The server's SINCE compares dates in the zone it stored them in (RFC 3501 section 6.4.4), so it is asked for
    two days more, and the dates are then compared here. `look` first.
    """
    first = since.replace(hour=0, minute=0, second=0, microsecond=0)
    candidates = client.search(["SINCE", (first - timedelta(days=2)).date()])
    found: list[int] = []
    for start in range(0, len(candidates), COMMAND_UIDS):
        dates = client.fetch(candidates[start : start + COMMAND_UIDS], ["INTERNALDATE"])
        client.sweep()
        found += [uid for uid, item in dates.items() if _not_before(item.get(b"INTERNALDATE"), first)]
    return sorted(found)


def find(client: Client, message_id: str) -> int | None:
    """Return the highest UID of the messages with a Message-ID; `look` first.

    The server's HEADER finds substrings (RFC 3501 section 6.4.4); the brackets make the identity a whole one.
    """
    if not message_id.isascii() or not message_id.isprintable():
        return None  # no SEARCH can ask for it without a charset that the server may not know
    found = client.search(["HEADER", "Message-ID", f"<{message_id}>"])
    client.sweep()
    return max(found, default=None)


def _not_before(date: datetime | None, first: datetime) -> bool:
    # a message without a date is taken: too much costs a look, too little costs a mail
    return date is None or aware(date) >= first


def newest(client: Client) -> datetime | None:
    """Return the INTERNALDATE of the message with the highest UID; `look` first."""
    uids = client.search(["UID", "*"])
    found = client.fetch(uids[-1:], ["INTERNALDATE"])
    client.sweep()
    dates = [aware(item[b"INTERNALDATE"]) for item in found.values() if item.get(b"INTERNALDATE")]
    return max(dates, default=None)


def aware(date: datetime) -> datetime:
    """Return an INTERNALDATE in UTC."""
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
