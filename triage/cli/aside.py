"""`triage aside`: messages that could not be read, or came forged in an agent's name."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli import writing

if TYPE_CHECKING:
    from triage.core.records import AsideRow

_IDS = click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
_SHOWN = 4_000  # characters of a message that `show` prints


@click.group(epilog="Examples: triage aside list; triage aside export 3 -o mail.eml; triage aside retry 3")
def aside() -> None:
    """List, show, retry and export messages set aside."""


@aside.command("list", epilog="Example: triage aside list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def list_messages(context: click.Context, *, as_json: bool) -> None:
    """List the messages set aside, oldest first."""
    from triage.app import aside as messages
    from triage.wiring import commands

    for row in asyncio.run(commands.reading(context.find_root().obj, messages.rows)):
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            facts = ("id", "at", "mailbox", "uid", "from", "subject", "case", "why")
            click.echo("\t".join(str(row[key] or "-") for key in facts))


@aside.command("show", epilog="Example: triage aside show 3")
@_IDS
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def show_messages(context: click.Context, ids: tuple[int, ...], *, as_json: bool) -> None:
    """Show messages set aside: why, where, and how they begin; exit 1 when one is not there."""
    from triage.app import aside as messages

    for row in _found(context, ids):
        facts = messages.as_json(row)
        beginning = row.raw[:_SHOWN].decode("utf-8", "backslashreplace")
        if as_json:
            click.echo(
                json.dumps({**facts, "size": len(row.raw), "beginning": beginning}, ensure_ascii=False)
            )
            continue
        for key, value in facts.items():
            click.echo(f"{key:<11}{value if value not in (None, '') else '-'}")
        click.echo(f"{'size':<11}{len(row.raw)}\n\n{_harmless(beginning)}\n")


@aside.command("export", epilog="Example: triage aside export 3 -o mail.eml")
@_IDS
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A file, or a folder for several; default: ./aside-ID.eml. - for stdout.",
)
@click.pass_context
def export_messages(context: click.Context, ids: tuple[int, ...], output: Path | None) -> None:
    """Write messages set aside to .eml files, byte by byte as they were kept."""
    for row in _found(context, ids):
        if output == Path("-"):
            sys.stdout.buffer.write(row.raw)
            continue
        name = f"aside-{row.id}.eml"
        path = Path(name) if output is None else output / name if output.is_dir() else output
        writing.write(path, row.raw)
        click.echo(f"{path}: {len(row.raw)} bytes")


@aside.command("retry", epilog="Example: triage aside retry 3")
@_IDS
@click.pass_context
def retry_messages(context: click.Context, ids: tuple[int, ...]) -> None:
    """Put messages through again as a new decision; exit 1 when one stays aside."""
    done, left = asyncio.run(_retry(context.find_root().obj, ids))
    for line in done:
        click.echo(line)
    for line in left:
        click.echo(line, err=True)
    if left:
        sys.exit(1)


async def _retry(config: Path | None, ids: tuple[int, ...]) -> tuple[list[str], list[str]]:
    from triage import settings
    from triage.app.aside import retry
    from triage.errors import Permanent
    from triage.wiring import building

    done: list[str] = []
    left: list[str] = []
    async with building.by_hand(settings.locate(config)) as hand:
        for one in dict.fromkeys(ids):
            try:
                again = await retry(hand.store, hand.reader, hand.desk, hand.clock, one, hand.who)
            except Permanent as error:
                left.append(str(error))
            else:
                done.append(f"{one}: {again.outcome} {again.reference or ''}".rstrip())
    return done, left


def _found(context: click.Context, ids: tuple[int, ...]) -> list["AsideRow"]:
    from triage.wiring import commands

    wanted = list(dict.fromkeys(ids))
    rows = asyncio.run(
        commands.reading(context.find_root().obj, lambda tx: [tx.aside(one) for one in wanted])
    )
    missing = [one for one, row in zip(wanted, rows, strict=True) if row is None]
    for one in missing:
        click.echo(f"{one}: no such message set aside", err=True)
    if missing:
        context.call_on_close(_exit_1)
    return [row for row in rows if row is not None]


def _harmless(text: str) -> str:
    """Return a hostile mail's beginning without what a terminal would obey."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for char in text.replace("\r\n", "\n")
    )


def _exit_1() -> None:
    sys.exit(1)
