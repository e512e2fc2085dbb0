"""`triage outbox`: mails that wait or failed, their bytes, and an admin's word about them."""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

import click

_IDS = click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
_COLUMNS = ("id", "case", "kind", "to", "state", "attempts", "next_at", "last_error")


@click.group(epilog="Examples: triage outbox list; triage outbox show 17; triage outbox retry 17 18")
def outbox() -> None:
    """List, show, retry and drop mails that wait or failed."""


@outbox.command("list", epilog="Examples: triage outbox list; triage outbox list --state failed --json")
@click.option(
    "--state", "states", multiple=True, help="Only mails in this state (may be given several times)."
)
@click.option("--all", "everything", is_flag=True, help="Accepted and dropped ones too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def list_mails(context: click.Context, states: tuple[str, ...], *, everything: bool, as_json: bool) -> None:
    """List mails that wait or failed, the oldest first."""
    from triage.app import outbox_by_hand
    from triage.core.model import MailState
    from triage.wiring import commands

    unknown = set(states) - {str(state) for state in MailState}
    if unknown:
        raise click.UsageError(
            f"no such state: {', '.join(sorted(unknown))}; there are {', '.join(MailState)}"
        )
    wanted = states or (tuple(MailState) if everything else outbox_by_hand.UNFINISHED)
    found = asyncio.run(commands.reading(context.find_root().obj, lambda tx: outbox_by_hand.rows(tx, wanted)))
    if as_json:
        for row in found:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        _table(found)


@outbox.command("show", epilog="Example: triage outbox show 17")
@_IDS
@click.option("--headers", is_flag=True, help="Only the mail's header lines.")
@click.option("--raw", is_flag=True, help="Only the mail's bytes, exactly as stored.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line: the row of `list`, and the mail."
)
@click.pass_context
def show_mails(
    context: click.Context, ids: tuple[int, ...], *, headers: bool, raw: bool, as_json: bool
) -> None:
    """Show mails: what became of them, and the bytes that were, or will be, sent."""
    from triage.app import outbox_by_hand
    from triage.wiring import commands

    found = asyncio.run(commands.reading(context.find_root().obj, lambda tx: dict(tx.outbox(ids))))
    for one in dict.fromkeys(ids):
        if one not in found:
            click.echo(f"{one}: no such mail", err=True)
            continue
        row, content = outbox_by_hand.row(found[one]), found[one].content
        if as_json:
            text = None if content is None else content.decode("utf-8", "replace")
            click.echo(json.dumps({**row, "content": text}, ensure_ascii=False))
        elif raw:
            sys.stdout.buffer.write(content or b"")
        else:
            click.echo(_facts(row) + _words(content, headers=headers))
    if len(found) < len(set(ids)):
        sys.exit(1)


@outbox.command("retry", epilog="Example: triage outbox retry 17 18")
@_IDS
@click.pass_context
def retry_mails(context: click.Context, ids: tuple[int, ...]) -> None:
    """Have mails tried again as if they were new, with the same bytes; the daemon takes them up within seconds."""
    from triage.app import outbox_by_hand
    from triage.wiring import commands, servers

    done = asyncio.run(
        commands.changing(
            context.find_root().obj,
            lambda tx, config, now: outbox_by_hand.retry(
                tx, ids, now, _operator(), servers.mail_ages(config)
            ),
        )
    )
    _report(done, "queued")


@outbox.command("drop", epilog="Example: triage outbox drop 17 --why DUPLICATE")
@_IDS
@click.option(
    "--why", default="given up by hand", show_default=True, help="The reason, for the case's history."
)
@click.pass_context
def drop_mails(context: click.Context, ids: tuple[int, ...], why: str) -> None:
    """Give mails up: they are not sent any more."""
    from triage.app import outbox_by_hand
    from triage.wiring import commands

    reason = " ".join(why.split())[:300]
    done = asyncio.run(
        commands.changing(
            context.find_root().obj,
            lambda tx, _, now: outbox_by_hand.drop(tx, ids, reason, now, _operator()),
        )
    )
    _report(done, "dropped")


def _operator() -> str:
    import getpass

    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a user id without a name, in a container
        return "cli:unknown"


def _report(done: Mapping[int, str], word: str) -> None:
    """Say what was done on stdout, and why nothing was on stderr; exit 1 where a mail was left as it is."""
    for one, why_not in done.items():
        click.echo(f"{one}: {why_not or word}", err=bool(why_not))
    if any(done.values()):
        sys.exit(1)


def _facts(row: dict[str, Any]) -> str:
    return "".join(f"{name:10} {'-' if value is None else value}\n" for name, value in row.items())


def _words(content: bytes | None, *, headers: bool) -> str:
    """Return a mail for a terminal: no control character of it may act there."""
    if content is None:
        return "\n(not put into words yet: that happens when it is sent)\n"
    head, _, _ = content.partition(b"\r\n\r\n")
    text = (head if headers else content).decode("utf-8", "replace").replace("\r\n", "\n")
    return "\n" + "".join(c if c in "\n\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _table(rows: list[dict[str, Any]]) -> None:
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join("-" if row[key] is None else str(row[key]) for key in _COLUMNS))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name.replace("_", " "), no_wrap=name in {"id", "case", "state"})
    for row in rows:
        bad = row["state"] in {"failed", "bounced", "uncertain", "refused"}
        # Text, not markup: a server's words may hold square brackets.
        cells = [Text("-" if row[key] is None else str(row[key])) for key in _COLUMNS]
        table.add_row(*cells, style="red" if bad else "")
    Console().print(table)
