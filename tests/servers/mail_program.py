"""What a person's mail program does with an account of a server: signs in, files mails, looks at flags."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from imapclient import IMAPClient


class MailProgram:
    """Over the plain port of a server here; every account has one password."""

    def __init__(self, port: int, password: str) -> None:
        self._port = port
        self._password = password

    @contextmanager
    def client(self, user: str) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self._port, ssl=False, timeout=20) as client:
            client.normalise_times = False
            client.login(user, self._password)
            yield client

    def append(self, user: str, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> None:
        """File a mail with this INTERNALDATE (default: now), making the folder if need be."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, raw, msg_time=at or datetime.now(UTC))

    def flags(self, user: str, folder: str = "INBOX") -> Mapping[int, frozenset[str]]:
        r"""Return the flags of every message in a folder by UID (\Recent left out)."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search("ALL"))
        return {
            uid: frozenset(flag.decode() for flag in flags) - {"\\Recent"} for uid, flags in found.items()
        }
