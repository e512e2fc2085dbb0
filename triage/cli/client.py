"""`triage client`: what is held of a person, handed out or forgotten."""

import asyncio
import json
import sys
from pathlib import Path

import click

from triage.cli import writing


@click.group(
    epilog="Examples: triage client export ana@example.com > ana.json; triage client erase ana@example.com"
)
def client() -> None:
    """Hand out or forget what is held of a person."""


@client.command(epilog="Example: triage client export ana@example.com --output ana.json")
@click.argument("address")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write here instead of stdout, for the owner's eyes only.",
)
@click.pass_context
def export(context: click.Context, address: str, output: Path | None) -> None:
    """Write everything held of ADDRESS as JSON: cases, messages, mails, events. Exit 1 when there is nothing.

    Sources and mails are base64 of their bytes.
    """
    from triage.wiring import commands

    found = asyncio.run(commands.exported(context.find_root().obj, _clean(address)))
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if output is None:
        click.echo(text)
    else:
        writing.write(output, text, private=True)
    pieces = {key: len(found[key]) for key in ("cases", "messages", "mails", "events")}
    click.echo(", ".join(f"{count} {key}" for key, count in pieces.items()), err=True)
    sys.exit(0 if any(pieces.values()) else 1)


@client.command(epilog="Example: triage client erase ana@example.com")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def erase(context: click.Context, address: str, *, yes: bool) -> None:
    """Forget ADDRESS: its cases become figures without words or names; what it wrote elsewhere is dropped.

    A case that is still open ends. What others wrote on their own cases stays, without the address. Cannot be undone.
    The mailbox on the server and backups made before are not touched. Exit 1 when nothing was held.
    """
    from triage.wiring import commands

    who = _clean(address)
    if not yes:
        click.confirm(f"Forget everything held of {who}? This cannot be undone", abort=True, err=True)
    done = asyncio.run(commands.erased(context.find_root().obj, who))
    for reference in done.cases:
        click.echo(f"{reference}: contents erased")
    for reference in done.others:
        click.echo(f"{reference}: no longer takes part")
    click.echo(f"{done.pieces} other pieces dropped")
    if not done.wiped:
        click.echo(
            "the store was busy: its log is overwritten later, at the latest with the daemon's next start",
            err=True,
        )
    click.echo("not touched: the mailbox on the server, backups made before now", err=True)
    sys.exit(0 if done.cases or done.others or done.pieces else 1)


def _clean(address: str) -> str:
    """Return the address as it is stored; refuse what is none, before anything is looked for."""
    found = address.strip().strip("<>").lower()
    if "@" not in found or any(letter.isspace() for letter in found):
        raise click.UsageError(f"{address!r} is no mail address")
    return found
