"""The files that a mail to an agent names: fetched when it leaves, and never a reason for it not to leave."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.app.house import Clock
from tests.builders import a_site
from tests.servers.mailbox_memory import MemoryMailbox
from triage.adapters.composer_mime import MimeComposer
from triage.app.enclosing import Enclosing, Shelf
from triage.core.model import MailKind
from triage.core.records import OutboxRow
from triage.errors import Permanent, Temporary
from triage.ports import Delivery, FolderStatus, Mailer, Rendered, Sent

NOW = datetime(2026, 10, 20, 13, 15, tzinfo=UTC)
PICTURE = bytes(range(256)) * 30
SITE = a_site()
COMPOSER = MimeComposer(SITE)


class Folder(MemoryMailbox):
    """A folder with parts by UID; `lost` connections are lost before it answers, `hangs` never answers."""

    def __init__(self, parts: dict[int, dict[str, bytes]], *, uidvalidity: int = 7, lost: int = 0) -> None:
        super().__init__(uidvalidity=uidvalidity)
        self.parts, self.lost = parts, lost
        self.identities: dict[str, int] = {}
        self.connects = 0
        self.hangs = False
        self.closed = False

    async def connect(self) -> FolderStatus:
        self.connects += 1
        if self.lost > 0:
            self.lost -= 1
            raise Temporary("nobody listens")
        return FolderStatus(self.uidvalidity, 99, keywords=True, move=True, idle=True)

    async def find(self, message_id: str) -> int | None:
        return self.identities.get(message_id)

    async def fetch_section(self, uid: int, section: str) -> AsyncIterator[bytes]:
        if self.hangs:
            await asyncio.Event().wait()
        if uid not in self.parts:
            raise Permanent(f"message {uid} is gone")
        return self._pieces(self.parts[uid].get(section, b""))

    async def _pieces(self, raw: bytes) -> AsyncIterator[bytes]:
        yield raw[:100]
        yield raw[100:]

    async def close(self) -> None:
        self.closed = True


class Relay(Mailer):
    """Takes mails; `answers` come first."""

    def __init__(self, *answers: Sent) -> None:
        self.answers = list(answers)
        self.mails: list[EmailMessage] = []

    async def send(self, sender: str, recipient: str, content: bytes, begin: Callable[[], bool]) -> Sent:
        assert begin()
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return self.answers.pop(0) if self.answers else Sent(Delivery.ACCEPTED, 250)

    async def check(self) -> str:
        return "relay.example"

    async def close(self) -> None: ...


def a_file(name: str = "captura.png", **more: Any) -> dict[str, Any]:
    usual = {
        "name": name, "content_type": "image/png", "size": len(PICTURE), "section": "2", "encoding": "base64",
        "mailbox": "soporte", "uidvalidity": 7, "uid": 12, "message_id": "m1@x.example",
    }  # fmt: skip
    return usual | more


def a_row(*files: dict[str, Any], **more: Any) -> OutboxRow:
    row = OutboxRow(
        key="k", kind=MailKind.REMINDER, to="lucia@netone.example", message_id="o1@netone.example",
        draft={"attachments": list(files)}, created_at=NOW, next_at=NOW, mailbox="soporte", **more,
    )  # fmt: skip
    content = COMPOSER.compose(row, Rendered("Caso nuevo", "Hay un caso.", "<p>Hay un caso.</p>"), NOW)
    return OutboxRow(**{name: getattr(row, name) for name in row.__slots__} | {"content": content})


def a_folder(**more: Any) -> Folder:
    return Folder({12: {"2": base64.encodebytes(PICTURE), "3": b"fecha;total\n1;2=0A"}}, **more)


def enclosing(
    *folders: Folder, relay: Relay | None = None, clock: Clock | None = None, **more: Any
) -> tuple[Enclosing, Relay]:
    relay = relay or Relay()
    shelves = {"soporte": [Shelf(folder) for folder in folders]}
    return Enclosing(shelves, COMPOSER, relay, clock or Clock(NOW), lambda: SITE, **more), relay


def may_begin() -> bool:
    return True


def files_of(mail: EmailMessage) -> dict[str, bytes]:
    return {
        str(part.get_filename()): part.get_content()
        for part in mail.iter_attachments()
        if part.get_filename()
    }


def note_of(mail: EmailMessage) -> str:
    """Return the words behind the files; the first part is the mail's own."""
    parts = list(mail.iter_parts())[1:]
    return "".join(str(part.get_content()) for part in parts if not part.get_filename())


def body_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).strip()


async def test_files_travel_with_the_mail_as_the_client_sent_them() -> None:
    sender, relay = enclosing(a_folder())
    csv = a_file("ventas añ.csv", section="3", encoding="quoted-printable", content_type="text/csv", size=18)
    assert (
        await sender.send("s@netone.example", a_row(a_file(), csv), may_begin)
    ).result is Delivery.ACCEPTED
    (mail,) = relay.mails
    assert body_of(mail) == "Hay un caso."
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["image/png", "text/csv"]
    assert files_of(mail)["captura.png"] == PICTURE
    assert "ventas añ.csv" in files_of(mail)
    assert note_of(mail) == ""


async def test_a_mail_that_names_no_files_goes_as_it_is() -> None:
    sender, relay = enclosing(a_folder())
    row = a_row()
    await sender.send("s@netone.example", row, may_begin)
    assert (
        relay.mails[0].as_bytes() == message_from_bytes(row.content or b"", policy=policy.default).as_bytes()
    )


async def test_the_client_s_mail_itself_is_enclosed_as_a_message_where_it_may_be() -> None:
    original = b"From: ana@x.example\r\nSubject: hola\r\n\r\nNo anda.\r\n"
    folder = Folder({12: {"": original}})
    sender, relay = enclosing(folder)
    whole = a_file("NO-1.eml", content_type="message/rfc822", section="", encoding="8bit", size=len(original))
    await sender.send("s@netone.example", a_row(whole), may_begin)
    (part,) = relay.mails[0].iter_attachments()
    assert (part.get_content_type(), part["Content-Transfer-Encoding"]) == ("message/rfc822", "7bit")
    assert part.get_content()["Subject"] == "hola"
    folder.parts[12][""] = original + "¿qué?\r\n".encode()
    await sender.send("s@netone.example", a_row(whole), may_begin)
    assert files_of(relay.mails[1]) == {"NO-1.eml": original + "¿qué?\r\n".encode()}


async def test_a_mail_that_was_moved_is_found_by_its_message_id() -> None:
    inbox, moved = Folder({}), Folder({3: {"2": base64.encodebytes(PICTURE)}}, uidvalidity=99)
    moved.identities["m1@x.example"] = 3
    sender, relay = enclosing(inbox, moved)
    await sender.send("s@netone.example", a_row(a_file()), may_begin)
    assert files_of(relay.mails[0]) == {"captura.png": PICTURE}


async def test_after_a_reset_no_other_message_s_part_is_taken_for_the_file() -> None:
    folder = a_folder(uidvalidity=8)
    sender, relay = enclosing(folder)
    await sender.send("s@netone.example", a_row(a_file()), may_begin)
    assert files_of(relay.mails[0]) == {}
    assert "captura.png: the client's mail is not in the mailbox any more" in note_of(relay.mails[0])


async def test_what_is_gone_is_named_with_the_reason_and_the_rest_goes() -> None:
    sender, relay = enclosing(a_folder())
    await sender.send("s@netone.example", a_row(a_file(), a_file("otra.png", section="9")), may_begin)
    assert set(files_of(relay.mails[0])) == {"captura.png"}
    assert "otra.png: the server delivered nothing of it" in note_of(relay.mails[0])
    assert "!archivos" in note_of(relay.mails[0])
    assert body_of(relay.mails[0]) == "Hay un caso."


async def test_a_kept_connection_that_was_ended_meanwhile_is_opened_anew() -> None:
    folder = a_folder(lost=1)
    sender, relay = enclosing(folder)
    await sender.send("s@netone.example", a_row(a_file()), may_begin)
    assert files_of(relay.mails[0]) == {"captura.png": PICTURE}
    assert folder.connects == 2


async def test_a_mailbox_that_is_away_costs_the_files_and_is_not_asked_again_at_once() -> None:
    folder, clock = a_folder(lost=2), Clock(NOW)
    sender, relay = enclosing(folder, clock=clock)
    await sender.send("s@netone.example", a_row(a_file(), a_file("b.png")), may_begin)
    assert "captura.png: nobody listens" in note_of(relay.mails[0])
    assert "b.png: the mailbox cannot be reached" in note_of(relay.mails[0])
    assert folder.connects == 2
    clock.at += timedelta(minutes=1)
    await sender.send("s@netone.example", a_row(a_file()), may_begin)
    assert files_of(relay.mails[1]) == {"captura.png": PICTURE}


async def test_a_mailbox_that_hangs_holds_the_mail_up_no_longer_than_our_patience() -> None:
    folder = a_folder()
    folder.hangs = True
    sender, relay = enclosing(folder, patience=0.02)
    await sender.send("s@netone.example", a_row(a_file()), may_begin)
    assert "not fetched within" in note_of(relay.mails[0])
    folder.hangs = False
    await sender.send("s@netone.example", a_row(a_file()), may_begin)
    assert folder.connects == 2  # the connection that was left in the middle of an answer is not used again
    assert files_of(relay.mails[1]) == {"captura.png": PICTURE}


async def test_a_mailbox_that_is_watched_no_more_costs_the_files() -> None:
    sender, relay = enclosing()
    await sender.send("s@netone.example", a_row(a_file(mailbox="ventas")), may_begin)
    assert "not watched" in note_of(relay.mails[0])


async def test_a_relay_that_refuses_a_file_gets_the_mail_without_it() -> None:
    relay = Relay(Sent(Delivery.REFUSED, 554, "5.7.1 infected: Eicar-Test"))
    sender, _ = enclosing(a_folder(), relay=relay)
    assert (await sender.send("s@netone.example", a_row(a_file()), may_begin)).result is Delivery.ACCEPTED
    assert files_of(relay.mails[0])
    assert not files_of(relay.mails[1])
    assert "captura.png: 554 5.7.1 infected: Eicar-Test" in note_of(relay.mails[1])


async def test_a_relay_that_is_away_is_not_asked_twice() -> None:
    relay = Relay(Sent(Delivery.DEFERRED, 421, "too many connections", relay=True))
    sender, _ = enclosing(a_folder(), relay=relay)
    assert (await sender.send("s@netone.example", a_row(a_file()), may_begin)).relay
    assert len(relay.mails) == 1


async def test_a_second_try_takes_no_files_along() -> None:
    sender, relay = enclosing(a_folder())
    await sender.send(
        "s@netone.example", a_row(a_file(), doubts=1, last_error="connection lost after DATA"), may_begin
    )
    assert not files_of(relay.mails[0])
    assert "captura.png: connection lost after DATA" in note_of(relay.mails[0])


async def test_hostile_names_stay_labels() -> None:
    sender, relay = enclosing(a_folder())
    await sender.send("s@netone.example", a_row(a_file("../../etc/passwd\r\nBcc: x@y.example")), may_begin)
    (part,) = relay.mails[0].iter_attachments()
    assert part.get_filename() == ".._.._etc_passwd Bcc: x@y.example"
    assert relay.mails[0]["Bcc"] is None


async def test_closing_closes_every_connection() -> None:
    folder = a_folder()
    sender, _ = enclosing(folder)
    await sender.close()
    assert folder.closed
