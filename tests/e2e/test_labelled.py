"""The 120 labelled mails through Dovecot and the real process, killed in the middle: the promise of the main job."""

import asyncio
import csv
import email
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.e2e.daemon import SHARED, configured
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Cluster
from tests.servers.smtp_sink import SmtpSink

LABELLED = SHARED / "labelled"
# The mails carry dates of a whole year: found late on purpose, and answered all the same.
# What a killed sender had claimed is another's after the lease: the usual two minutes are longer than the test waits.
LIMITS = "{backlog: 4000d, acknowledgement_expires: 30d, batch: 7, lease: 15s}"

pytestmark = [
    pytest.mark.dovecot,
    pytest.mark.shared,
    pytest.mark.skipif(not LABELLED.is_dir(), reason="../shared/labelled is not here"),
]


def mails() -> list[tuple[bytes, datetime]]:
    found = []
    for path in sorted(LABELLED.glob("*.eml")):
        raw = path.read_bytes()
        sent = parsedate_to_datetime(str(email.message_from_bytes(raw)["Date"]))
        found.append((raw, min(sent, datetime.now(UTC))))
    return found


def labels() -> list[dict[str, str]]:
    with (LABELLED / "labels.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


async def test_every_mail_has_one_outcome_and_every_client_one_answer_even_when_killed(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    dovecot.append_all(user, mails())
    wanted = labels()
    acked = {row["file"] for row in wanted if row["should_ack"] == "yes"}
    async with SmtpSink() as sink:
        site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user, limits=LIMITS)
        await site.start()
        for stop_at in (1, 25, 60):  # cases committed when the process is killed
            await site.until(lambda cases, n=stop_at: len(cases) >= n)
            await site.kill()
            await site.start()
        cases = await site.until(
            lambda cases: (
                len(cases) >= 108 and sum(c["acknowledged_at"] is not None for c in cases) >= len(acked)
            )
        )
        await asyncio.sleep(1)  # anything sent too much would come now
        cases = await site.cases()
        assert await site.stop() == 0, site.log()[-2000:]
    flags = dovecot.flags(user)

    assert len(cases) == 108
    assert len({case["reference"] for case in cases}) == 108
    answers = Counter(
        str(mail["In-Reply-To"])
        for mail in (email.message_from_bytes(m.content) for m in sink.mails)
        if mail["Auto-Submitted"] == "auto-replied"
    )
    by_id = {str(email.message_from_bytes(raw)["Message-ID"]).strip(): path for path, raw in files()}
    answered = {by_id[message_id] for message_id in answers if message_id in by_id}
    assert answered == acked
    ids = {
        str(mail["In-Reply-To"]): {str(m["Message-ID"]) for m in same}
        for mail, same in grouped([m.content for m in sink.mails])
    }
    assert all(len(found) == 1 for found in ids.values()), "an acknowledgement went out under two Message-IDs"
    assert len(flags) == 120
    assert all("$Triaged" in marks and "\\Seen" not in marks for marks in flags.values())


@pytest.mark.postgres
async def test_postgresql_keeps_the_same_promise(dovecot: Dovecot, postgres: Cluster, tmp_path: Path) -> None:
    """The short version: the first thirty mails, one kill."""
    some, wanted = mails()[:30], labels()[:30]
    names = {row["file"] for row in wanted if row["should_ack"] == "yes"}
    by_id = {str(email.message_from_bytes(raw)["Message-ID"]).strip(): name for name, raw in files()}
    cases_wanted = sum(row["kind"] == "case" for row in wanted)
    user = dovecot.new_user()
    dovecot.append_all(user, some)
    async with SmtpSink() as sink:
        site = configured(
            tmp_path,
            imap=dovecot.ports.imap,
            smtp=sink.port,
            user=user,
            limits=LIMITS,
            store=postgres.url(),
        )
        await site.start()
        await site.until(lambda cases: len(cases) >= 5)
        await site.kill()
        await site.start()
        cases = await site.until(
            lambda cases: (
                len(cases) >= cases_wanted
                and sum(c["acknowledged_at"] is not None for c in cases) >= len(names)
            )
        )
        assert await site.stop() == 0, site.log()[-2000:]
    assert len(cases) == cases_wanted
    answered = {by_id[str(same[0]["In-Reply-To"])] for _, same in grouped([m.content for m in sink.mails])}
    assert answered == names
    flags = dovecot.flags(user)
    assert len(flags) == 30
    assert all("$Triaged" in marks for marks in flags.values())


def files() -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(LABELLED.glob("*.eml"))]


def grouped(contents: list[bytes]) -> list[tuple[email.message.Message, list[email.message.Message]]]:
    """Group our acknowledgements by the client's mail that they answer."""
    by: dict[str, list[email.message.Message]] = {}
    for content in contents:
        mail = email.message_from_bytes(content)
        if mail["Auto-Submitted"] == "auto-replied":
            by.setdefault(str(mail["In-Reply-To"]), []).append(mail)
    return [(same[0], same) for same in by.values()]
