"""`triage report`: what a span of days looked like, on the terminal, for programs, or as a page with pictures."""

import asyncio
import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli import writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from triage.app.reporting import Table

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command(
    epilog="Examples: triage report; triage report --from 2026-10-01 --to 2026-10-31 --html october.html; "
    "triage report --csv > week.csv"
)
@click.option(
    "--from", "first", type=_DAY, metavar="DATE", help="First local day; default: a week before --to."
)
@click.option(
    "--to", "last", type=_DAY, metavar="DATE", help="Last local day, inclusive; default: yesterday."
)
@click.option("--json", "form", flag_value="json", help="One JSON object.")
@click.option("--csv", "form", flag_value="csv", help="Rows of section, name, figure, value.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a page with plots.",
)
@click.pass_context
def report(
    context: click.Context, first: datetime | None, last: datetime | None, form: str | None, page: Path | None
) -> None:
    """Report how promises were kept, how long clients waited, when mail came, which rules fired, what clients said.

    A case belongs to the day on which it arrived, in the site's zone. "In time" is of those whose deadline can be
    judged by now; dates of severity 3 promise no last moment and are not among them.
    """
    from triage.app import reporting
    from triage.wiring import commands

    explicit = context.find_root().obj
    here = commands.today(explicit)
    end = last.date() if last else here - timedelta(days=1)
    start = first.date() if first else end - timedelta(days=6)
    if start > end:
        raise click.UsageError(f"--from {start} is after --to {end}")
    found = asyncio.run(commands.report(explicit, start, end))
    if page is not None:
        writing.write(page, commands.report_page(explicit, found))
        click.echo(f"{page}: {page.stat().st_size} bytes")
    if form == "json":
        click.echo(json.dumps(reporting.as_json(found), ensure_ascii=False))
    elif form == "csv":
        click.echo(reporting.as_csv(found), nl=False)
    elif page is None:
        _tell(start, end, reporting.tables(found))


def _tell(start: date, end: date, tables: "Iterable[Table]") -> None:
    if not sys.stdout.isatty():
        for table in tables:
            click.echo(f"# {table.title}")
            for row in (table.headings, *table.rows):
                click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table as Shown

    console = Console()
    console.print(f"[bold]{start} to {end}[/bold]")
    for table in tables:
        shown = Shown(
            box=None, header_style="bold", title=table.title, title_justify="left", title_style="bold"
        )
        for index, name in enumerate(table.headings):
            shown.add_column(name, justify="left" if index == 0 else "right")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
