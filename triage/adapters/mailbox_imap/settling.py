"""Marks messages as dealt with, and files copies. Runs in the mailbox's thread; every step may be repeated."""

import imaplib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from triage.adapters.mailbox_imap import failures
from triage.adapters.mailbox_imap.config import ImapConfig, Settling
from triage.adapters.mailbox_imap.connection import Client
from triage.adapters.mailbox_imap.folder import COMMAND_UIDS
from triage.errors import Permanent
from triage.ports import FolderStatus


def settle(client: Client, config: ImapConfig, status: FolderStatus, uids: Sequence[int]) -> str:
    """Set the keyword, or move, or do nothing; a server that keeps no keywords gets a move where one is configured.

    Returns the server's words where it refused; nobody's connection is to be given up for that.
    """
    try:
        _settle(client, config, status, uids)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, Permanent) as error:
        client.sweep()
        return failures.words(error)
    return ""


def _settle(client: Client, config: ImapConfig, status: FolderStatus, uids: Sequence[int]) -> None:
    for start in range(0, len(uids), COMMAND_UIDS):
        some = uids[start : start + COMMAND_UIDS]
        if config.settle is Settling.KEYWORD and status.keywords:
            client.add_flags(some, [config.keyword.encode()], silent=True)
        elif config.settle is not Settling.NONE and config.move_to:
            _with_folder(client, config.move_to, partial(_move, client, some, config.move_to))
        client.sweep()


def _move(client: Client, uids: Sequence[int], folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    # before RFC 6851; without UIDPLUS the originals only stay marked, for a plain EXPUNGE would take others' with it
    client.copy(uids, folder)
    client.add_flags(uids, [b"\\Deleted"], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)


def file_copy(client: Client, folder: str, raw: bytes, at: datetime) -> None:
    r"""Append a mail of our own, \Seen, with this INTERNALDATE (aware)."""
    _with_folder(client, folder, lambda: client.append(folder, raw, flags=[b"\\Seen"], msg_time=at))
    client.sweep()


def _with_folder(client: Client, folder: str, work: Callable[[], object]) -> None:
    """Do something with a folder, making it if it is not there; raises Permanent where that is refused."""
    try:
        work()
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if "TRYCREATE" not in str(error).upper() and client.folder_exists(folder):
            raise
        try:
            client.create_folder(folder)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refused:
            raise Permanent(f"the folder {folder} is missing and cannot be made: {refused}") from refused
        work()
