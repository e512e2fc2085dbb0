"""`triage check` by use: every problem of the files at once, then the connections, against real servers."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.e2e.daemon import RULES, Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink


async def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    site = configured(tmp_path, imap=1, smtp=1, user="x")
    text = site.config.read_text().replace(f"rules: {RULES}", "rules: rules.yaml\ntemplates: templates")
    site.config.write_text(text)
    (tmp_path / "rules.yaml").write_text("sla: []\nnonsense: true\n")
    (tmp_path / "templates/es").mkdir(parents=True)
    (tmp_path / "templates/es/answer.txt").write_text("{% if %}")
    (tmp_path / "password").unlink()
    code, out, err = await site.triage("check", "--offline")
    assert code == 2
    for words in ("rules.yaml:2:1: nonsense: unknown key", "answer.txt:1", "password"):
        assert words in out
    assert "mend" in err


async def test_a_configuration_that_cannot_be_used_hides_nothing_in_the_other_files(tmp_path: Path) -> None:
    site = configured(tmp_path, imap=1, smtp=1, user="x")
    text = site.config.read_text().replace(f"rules: {RULES}", "rules: mine.yaml\ntemplates: templates")
    site.config.write_text(text + "limts: {}\n")
    (tmp_path / "mine.yaml").write_text("sla: []\nnonsense: true\n")
    (tmp_path / "templates/es").mkdir(parents=True)
    (tmp_path / "templates/es/answer.txt").write_text("{% if %}")
    code, out, _ = await site.triage("check", "--offline")
    assert code == 2
    for words in ("did you mean limits?", "mine.yaml:2:1: nonsense: unknown key", "answer.txt:1"):
        assert words in out


async def test_a_misspelt_key_names_its_place_and_the_nearest_known_one(tmp_path: Path) -> None:
    site = configured(tmp_path, imap=1, smtp=1, user="x")
    site.config.write_text(site.config.read_text() + "limts: {}\n")
    code, out, _ = await site.triage("check", "--offline")
    assert code == 2
    assert "limts: unknown key; did you mean limits?" in out


@pytest.mark.dovecot
async def test_it_signs_in_everywhere_and_says_what_it_found(dovecot: Dovecot, tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=dovecot.new_user())
        code, out, err = await site.triage("check")
    assert code == 0, out + err
    for words in ("mailbox soporte: signed in as", "smtp:", "store: schema in step, writable"):
        assert words in out
    assert "\x1b[" not in out


@pytest.mark.dovecot
async def test_every_connection_that_fails_is_an_error_of_its_own(dovecot: Dovecot, tmp_path: Path) -> None:
    site: Site = configured(
        tmp_path,
        imap=dovecot.ports.imap,
        smtp=1,
        user=dovecot.new_user(),
        store="sqlite:////proc/nowhere/t.db",
    )
    (tmp_path / "password").write_text("wrong")
    code, out, _ = await site.triage("check")
    assert code == 2
    assert [line.split()[1] for line in out.splitlines() if line.startswith("error")] == [
        "mailbox",
        "smtp:",
        "store:",
    ]


# -- the probe -----------------------------------------------------------------------------------------------------


async def delivered(sink: SmtpSink, dovecot: Dovecot, user: str) -> None:
    """Do what a relay does with the first mail it took."""
    (mail,) = await sink.wait_for(1, seconds=60)
    assert mail.recipients == ("soporte@netone.example",)
    await asyncio.to_thread(dovecot.append, user, mail.content)


@pytest.mark.dovecot
async def test_a_probe_prints_its_round_trip_and_leaves_nothing_to_a_daemon_but_its_mark(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink, asyncio.TaskGroup() as tasks:
        site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
        tasks.create_task(delivered(sink, dovecot, user))
        code, out, err = await site.triage("check", "--probe")
        assert code == 0, out + err
        assert re.search(
            r"ok +probe soporte: relay accepted it at .*Z, read in the mailbox \d+\.\d s after", out
        )
        code, out, err = await site.triage("once")
        assert code == 0, err
        assert await site.cases() == []
        assert dovecot.flags(user) == {1: {"$Triaged"}}


@pytest.mark.dovecot
async def test_a_probe_that_gets_lost_says_where(dovecot: Dovecot, tmp_path: Path) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink:
        site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
        code, out, _ = await site.triage("check", "--probe", "--wait", "1")
        assert code == 2
        assert re.search(
            r"error +probe soporte: relay accepted it at .*, not seen in the mailbox within 1 s", out
        )
        sink.fail("rcpt", "550 5.7.1 no relaying")
        code, out, _ = await site.triage("check", "--probe", "--wait", "1")
        assert code == 2
        assert "probe soporte: the relay did not take the mail: RCPT: 550 5.7.1 no relaying" in out


async def test_a_probe_needs_connections(tmp_path: Path) -> None:
    site = configured(tmp_path, imap=1, smtp=1, user="x")
    code, _, err = await site.triage("check", "--probe", "--offline")
    assert (code, "--offline leaves out" in err) == (2, True)
