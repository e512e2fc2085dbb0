"""`triage explain`: one answer a file, in order, always whole; nothing is sent or stored."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.e2e.daemon import configured
from triage.cli import cli

MAIL = """\
Received: from mail.tienda.example by mx.netone.example; Tue, 20 Oct 2026 10:15:02 -0300
Authentication-Results: mx.netone.example; dmarc=pass header.from=tienda.example
From: Ana <ana@tienda.example>
To: soporte@netone.example
Subject: =?utf-8?q?La_tienda_est=C3=A1_ca=C3=ADda?=
Message-ID: <1@tienda.example>

La tienda está caída desde las 10, nadie puede comprar.
"""
KEYS = {
    "file",
    "class",
    "signals",
    "case",
    "case_reason",
    "ack",
    "ack_reason",
    "trust",
    "role",
    "sender",
    "subject",
    "language",
    "first_line",
    "new_text",
    "bounce",
    "conversation",
    "classification",
    "arrival",
    "column",
    "kind",
    "deadline",
    "derivation",
    "reminders",
    "mails",
    "set_aside",
}


@pytest.fixture
def explain(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGE_CONFIG", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["explain", *arguments])

    return run


def written(folder: Path, text: str = MAIL, name: str = "a.eml") -> str:
    path = folder / name
    path.write_bytes(text.encode().replace(b"\n", b"\r\n"))
    return str(path)


def told(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_whole_decision_is_told_as_one_object(explain, tmp_path: Path) -> None:
    result = explain("--json", written(tmp_path))
    (answer,) = told(result)
    assert result.exit_code == 0
    assert set(answer) >= KEYS
    assert (answer["case"], answer["ack"], answer["trust"], answer["role"]) == (
        True,
        True,
        "authenticated",
        "client",
    )
    assert answer["subject"] == "La tienda está caída"
    assert answer["arrival"] == "2026-10-20T13:15:02Z"
    assert answer["column"] == "in_hours"
    assert answer["classification"]["severity"] == 1
    assert answer["deadline"] == "2026-10-20T15:15:02Z"
    assert answer["mails"][0]["kind"] == "acknowledgement"
    assert answer["mails"][0]["to"] == "ana@tienda.example"
    assert next(r["step"] for r in answer["reminders"]) == "arrival"


def test_another_instant_moves_column_and_deadline(explain, tmp_path: Path) -> None:
    (answer,) = told(explain("--json", "--at", "2026-10-24T10:00:00-03:00", written(tmp_path)))
    assert (answer["column"], answer["deadline"]) == ("out_of_hours", "2026-10-25T13:00:00Z")


def test_files_are_answered_in_the_order_given_and_a_missing_one_is_said(explain, tmp_path: Path) -> None:
    one, two = written(tmp_path), written(tmp_path, MAIL.replace("caída", "lenta"), "b.eml")
    result = explain("--json", two, str(tmp_path / "none.eml"), one)
    assert [Path(answer["file"]).name for answer in told(result)] == ["b.eml", "a.eml"]
    assert result.exit_code == 2
    assert "none.eml" in result.stderr


def test_a_forged_agent_is_set_aside_and_exits_with_1(explain, tmp_path: Path) -> None:
    forged = MAIL.replace("dmarc=pass", "dmarc=fail").replace(
        "ana@tienda.example", "lucia.ferrari@netone.example"
    )
    result = explain("--json", written(tmp_path, forged))
    (answer,) = told(result)
    assert answer["set_aside"]
    assert (answer["case"], answer["ack"], answer["classification"]) == (False, False, None)
    assert result.exit_code == 1


def test_a_failed_client_is_a_case_without_an_answer(explain, tmp_path: Path) -> None:
    (answer,) = told(explain("--json", written(tmp_path, MAIL.replace("dmarc=pass", "dmarc=fail"))))
    assert (answer["case"], answer["ack"], answer["trust"]) == (True, False, "failed")


def test_a_person_reads_it_in_words(explain, tmp_path: Path) -> None:
    result = explain(written(tmp_path))
    for words in (
        "severity   1",
        "attended   by 2026-10-20T15:15:02Z",
        "acknowledgement to ana@tienda.example",
    ):
        assert words in result.stdout


@pytest.mark.parametrize(
    "at", ["yesterday", "2026-10-20T10:15:00", "0001-01-01T00:00:00+03:00", "9999-12-30T00:00:00Z"]
)
def test_an_instant_that_is_none_is_wrong_use(explain, tmp_path: Path, at: str) -> None:
    assert explain("--at", at, written(tmp_path)).exit_code == 2


@pytest.mark.parametrize("at", ["1971-01-01T00:00:00-03:00", "9900-12-31T23:59:59-03:00"])
def test_any_year_that_a_clock_may_show_is_reckoned_with(explain, tmp_path: Path, at: str) -> None:
    (answer,) = told(explain("--json", "--at", at, written(tmp_path)))
    assert answer["deadline"] > answer["arrival"]


def test_before_the_first_run_of_a_site_nothing_but_the_answer_is_on_stdout(tmp_path: Path) -> None:
    site = configured(tmp_path, imap=1, smtp=1, user="soporte")
    (tmp_path / "one.eml").write_text(MAIL)
    done = subprocess.run(
        [sys.executable, "-m", "triage", "explain", "--json", str(tmp_path / "one.eml")],
        capture_output=True, env={**os.environ, "TRIAGE_CONFIG": str(site.config)}, check=True,
    )  # fmt: skip
    (line,) = done.stdout.decode().splitlines()
    assert json.loads(line)["case"] is True


def test_many_files_are_shared_out_and_told_as_few_are(tmp_path: Path) -> None:
    """More than the command judges alone; with a store, which each process opens for itself."""
    site = configured(tmp_path, imap=1, smtp=1, user="soporte")
    names = []
    for number in range(60):
        severe = "caída" if number % 3 else "lenta"
        names.append(written(tmp_path, MAIL.replace("caída", severe), f"{number}.eml"))
    names[7] = str(tmp_path / "none.eml")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "TRIAGE_CONFIG": str(site.config)}
        return subprocess.run(
            [sys.executable, "-m", "triage", *arguments],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip

    assert run("db", "migrate").returncode == 0
    many = run("explain", "--json", *names)
    assert (many.returncode, many.stderr) == (2, f"{names[7]}: No such file or directory\n")
    few = [run("explain", "--json", *part).stdout for part in (names[:30], names[30:])]
    assert many.stdout == "".join(few)
    assert [json.loads(line)["file"] for line in many.stdout.splitlines()] == names[:7] + names[8:]
