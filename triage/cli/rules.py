"""`triage rules`: try the rules on many mails before they count."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triage.app.trial import Row
    from triage.wiring.judging import Tools


@click.group(epilog="Examples: triage rules test mails/; triage rules backtest ./rules-new.yaml")
def rules() -> None:
    """Try the rules on many mails before they count."""


@rules.command(
    epilog="""\b
Examples:
  triage rules test mails/
  triage rules test mails/ --labels mails/labels.tsv
  triage rules test mails/ --format tsv > before.tsv"""
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR")
@click.option(
    "--labels",
    "labels_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Hold the rows against these labels (TSV); the report goes to stderr.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "tsv", "json"]),
    help="table on a terminal, tsv in a pipe, unless named.",
)
@click.pass_context
def test(context: click.Context, folder: Path, labels_file: Path | None, form: str | None) -> None:
    """Judge every .eml file of a folder: is it a case, which severity and by which rule, is it acknowledged.

    One row a file, sorted by name. Exit 1 when a label was missed, 2 when a file cannot be read.
    """
    from triage.app import trial
    from triage.wiring import judging

    known, missed = {}, False
    if labels_file is not None:
        try:
            known = trial.labels(labels_file.read_text(encoding="utf-8-sig").splitlines())
        except ValueError as error:
            raise click.UsageError(f"{labels_file}: {error}") from error
    now = datetime.now(UTC)  # noqa: TID251 - the command is a composition root of its own
    files = sorted(folder.glob("*.eml"), key=lambda path: path.name)
    rows: list[Row] = []
    unread = False
    for judged in judging.each(context.find_root().obj, partial(_row, now=now), files):
        if isinstance(judged, judging.Unread):
            click.echo(judged.line, err=True)
            unread = True
        else:
            rows.append(judged)
    _print(rows, form or ("table" if sys.stdout.isatty() else "tsv"))
    if labels_file is not None:
        report = trial.report(rows, known)
        click.echo("\n".join(report.lines), err=True)
        missed = report.missed
    if unread or missed:
        sys.exit(2 if unread else 1)


def _row(tools: "Tools", path: Path, raw: bytes, *, now: datetime) -> "Row":
    from triage.app import trial

    return trial.row(path.name, tools.explain(str(path), raw, now, mails=False))


@rules.command(
    epilog="Example: triage rules backtest ./rules-new.yaml",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@click.pass_context
def backtest(context: click.Context, file: Path) -> None:
    """Judge the stored cases again under the rules of FILE, and say what would change; nothing is written.

    Every case is judged by its opening message: severity, product, the promise at arrival, whether it would have been
    broken, and how often the rules agree with the agents' corrections. Exit 1 when something would change.
    """
    from triage.wiring import commands

    found = asyncio.run(commands.backtested(context.find_root().obj, file))
    click.echo("\n".join(found.lines))
    if found.changes:
        sys.exit(1)


@rules.command(
    epilog="Examples: triage rules suggest; triage rules suggest --least 3 --precision 0.9",
)
@click.option(
    "--least",
    type=click.IntRange(min=2),
    default=2,
    show_default=True,
    metavar="N",
    help="Clients of corrected cases that must have used a phrase.",
)
@click.option(
    "--precision",
    type=click.FloatRange(0, 1),
    default=0.7,
    show_default=True,
    metavar="SHARE",
    help="Least share of the stored cases holding a phrase that are of its level.",
)
@click.pass_context
def suggest(context: click.Context, least: int, precision: float) -> None:
    """Suggest phrases from the cases whose severity agents corrected, as YAML to paste into rules.yaml.

    Each comes with how many corrected cases hold it, and how often it would have been right on all stored ones.
    """
    from triage.wiring import commands

    found = commands.suggested(context.find_root().obj, least=least, precision=precision)
    click.echo(asyncio.run(found), nl=False)


def _print(rows: "list[Row]", form: str) -> None:
    from triage.app.trial import COLUMNS

    if form == "json":
        for row in rows:
            told = dict(zip(COLUMNS, row.values(), strict=True))
            click.echo(json.dumps({**told, "evidence": row.words, "losers": row.losers}, ensure_ascii=False))
    elif form == "tsv":
        click.echo("\t".join(COLUMNS))
        for row in rows:
            click.echo("\t".join(row.values()))
    else:
        _table(rows)


def _table(rows: "list[Row]") -> None:
    from rich.console import Console
    from rich.table import Table

    from triage.app.trial import COLUMNS

    table = Table(*COLUMNS, "words")
    for row in rows:
        table.add_row(*row.values(), "; ".join(row.words[:3]))
    Console().print(table)
