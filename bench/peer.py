"""Ingest of a full mailbox by another helpdesk, django-helpdesk, beside the daemon in the same run.

    python -m bench.peer [N]

The mails, Dovecot, relay and clock of `bench.ingest`, each helpdesk with a mailbox of its own. The peer runs as its own
`get_email` command (`bench/desk` is a Django project around it), on SQLite as durable as ours; tables, templates and
queue are made before and not measured. It lives in a virtualenv of its own in the user's cache, made on the first run.

Correct by content, both: the text and the attachments' names of every mail, and exactly one acknowledgement for every
client. Exit code 1 when anything is wrong.
"""

import argparse
import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench import sink as sinks
from bench.ingest import Run, ours
from bench.mails import Truth, differences, full_mailbox
from bench.sink import Sink
from tests.servers.dovecot import PASSWORD, Dovecot

DESK = Path(__file__).resolve().parent / "desk"
REQUIREMENTS = DESK / "requirements.txt"


def installed() -> Path:
    """Return the peer's own Python. Its virtualenv is made anew when its requirements or our Python have changed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "triage-bench/desk"
    python, made_of = place / "bin/python", place / "made-of"  # written last: half an installation is none
    wanted = f"Python {sys.version}\n{REQUIREMENTS.read_text()}"
    if not made_of.exists() or made_of.read_text() != wanted:
        print(f"installing {_name()} into {place}, once", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "-r", REQUIREMENTS], check=True)
        made_of.write_text(wanted)
    return python


def _name() -> str:
    (pinned,) = [
        line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("django-helpdesk==")
    ]
    return pinned.replace("==", " ")


async def theirs(
    python: Path, dovecot: Dovecot, user: str, sink: Sink, truths: Sequence[Truth], folder: Path
) -> Run:
    """Let the peer empty the full mailbox once."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings",
        "DESK_DATA": str(folder),
        "DESK_IMAP": str(dovecot.ports.imap),
        "DESK_SMTP": str(sink.port),
        "DESK_USER": user,
        "DESK_PASSWORD": PASSWORD,
    }
    subprocess.run([python, "prepare.py"], cwd=DESK, env=environment, check=True)
    log = folder / "log"
    result = Run(sink, len(truths))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python, "-m", "django", "get_email"], cwd=DESK, env=environment, stdout=output, stderr=output
        )
    # WNOWAIT: one that has ended stays in /proc, where its CPU time is read
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    try:
        await result.watch(process.pid, lambda: os.waitid(os.P_PID, process.pid, options) is not None, log)
        code = process.wait(60)  # it empties the mailbox last
    finally:
        process.kill()
        process.wait()
    if code:
        result.problems.append(f"exit code {code}: {log.read_text(errors='replace')[-1500:]}")
    if left := len(dovecot.flags(user)):
        result.problems.append(f"{left} mails left in the mailbox")
    result.problems += _compare(folder / "desk.db", truths) + sink.differences(len(truths))
    return result


def _compare(database: Path, truths: Sequence[Truth]) -> list[str]:
    """Compare every stored mail with what was written; the text's HTML is kept as an attachment, others are numbered."""
    with closing(sqlite3.connect(database)) as connection:
        ((tickets,),) = connection.execute("select count(*) from helpdesk_ticket")
        stored: dict[str, tuple[str, list[str]]] = {
            identity: (text, [])
            for identity, text in connection.execute("select message_id, comment from helpdesk_followup")
        }
        for identity, name in connection.execute(
            "select message_id, filename from helpdesk_followupattachment a"
            " join helpdesk_followup f on f.id = a.followup_id where filename != 'email_html_body.txt'"
        ):
            stored[identity][1].append(name.removeprefix("part-1_"))
    return ([] if tickets == len(truths) else [f"{tickets} tickets"]) + differences(stored, truths)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", nargs="?", type=int, default=300)
    count = parser.parse_args().count
    python = installed()
    mails, truths = full_mailbox(count)
    server = Dovecot("ssl = no")  # the peer takes every STARTTLS that is offered, ours is told `tls: none`
    with closing(server), tempfile.TemporaryDirectory() as place:
        server.start()
        folders = [Path(place) / name for name in ("ours", "theirs")]
        users = [server.new_user() for _ in folders]
        for folder, user in zip(folders, users, strict=True):
            folder.mkdir()
            server.append_all(user, mails)
        size = sum(len(raw) for raw, _ in mails) / 1e6
        print(f"{count} mails, {size:.0f} MB, load {os.getloadavg()[0]:.1f}", flush=True)
        with sinks.running(folders[0] / "sink") as sink:
            store = f"sqlite:///{folders[0]}/triage.db"
            own = await ours(server, users[0], sink, truths, folders[0], store)
        with sinks.running(folders[1] / "sink") as sink:
            peer = await theirs(python, server, users[1], sink, truths, folders[1])
    print(f"{'mails a second':22} with its start  after its start  CPU a mail")
    _print("triage run", own, count)
    _print(_name(), peer, count)
    full = peer.acknowledged / own.acknowledged
    rest = (peer.acknowledged - peer.first) / (own.acknowledged - own.first)
    print(f"{'ratio':22} {full:14.1f} {rest:16.1f} {peer.cpu / own.cpu:11.1f}")
    for name, run in (("triage run", own), (_name(), peer)):
        print(f"content, {name}: " + (f"WRONG {run.problems[:5]}" if run.problems else "as written"))
    sys.exit(1 if own.problems or peer.problems else 0)


def _print(name: str, run: Run, count: int) -> None:
    rest = run.acknowledged - run.first
    print(f"{name:22} {count / run.acknowledged:14.1f} {count / rest:16.1f} {1000 * run.cpu / count:8.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
