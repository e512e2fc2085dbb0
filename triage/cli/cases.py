"""`triage cases`: list and show them, and handle one from the shell as an agent does by mail."""

import asyncio
import json
import sys
from typing import Any

import click

from triage.cli import case_orders


@click.group(
    epilog="Examples: triage cases list --state new; triage cases show NO-2026-000123 --json; "
    "triage cases take NO-2026-000123"
)
def cases() -> None:
    """List, show and handle cases."""


@cases.command("list", epilog="Examples: triage cases list; triage cases list --state new --json")
@click.option(
    "--state", "states", multiple=True, help="Only cases in this state (may be given several times)."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--full", is_flag=True, help="With --json: the rows of `show`.")
@click.pass_context
def list_cases(context: click.Context, states: tuple[str, ...], *, as_json: bool, full: bool) -> None:
    """List cases, newest first."""
    from triage.app import showing
    from triage.core.model import State
    from triage.wiring import commands

    unknown = set(states) - {str(state) for state in State}
    if unknown:
        raise click.UsageError(f"no such state: {', '.join(sorted(unknown))}; there are {', '.join(State)}")
    found = asyncio.run(
        commands.reading(context.find_root().obj, lambda tx: showing.rows(tx, states or None, full=full))
    )
    if as_json:
        for row in found:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        _table(found)


@cases.command("show", epilog="Example: triage cases show NO-2026-000123 --json")
@click.argument("references", nargs=-1, required=True, metavar="REF...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def show_cases(context: click.Context, references: tuple[str, ...], *, as_json: bool) -> None:
    """Show cases whole: messages, history, deadlines with their arithmetic, mails."""
    from triage.app import showing
    from triage.wiring import commands

    wanted = [reference.strip("[]").upper() for reference in references]
    found = asyncio.run(
        commands.reading(
            context.find_root().obj,
            lambda tx: {ref: showing.show(tx, case) for ref, case in tx.cases(wanted).items()},
        )
    )
    for reference in wanted:
        if reference in found:
            click.echo(
                json.dumps(found[reference], ensure_ascii=False) if as_json else _story(found[reference])
            )
        else:
            click.echo(f"{reference}: no such case", err=True)
    if len(found) < len(set(wanted)):
        sys.exit(1)


def _table(rows: list[dict[str, Any]]) -> None:
    if not sys.stdout.isatty():
        for row in rows:
            click.echo(
                "\t".join(
                    str(row[key] or "-")
                    for key in ("reference", "state", "severity", "deadline", "client", "subject")
                )
            )
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for name in ("case", "state", "sev", "act by", "client", "subject"):
        table.add_column(name, no_wrap=name in {"case", "state", "sev"})
    for row in rows:
        late = "red" if row["breached_at"] and not row["attended_at"] else ""
        table.add_row(
            row["reference"],
            row["state"],
            str(row["severity"]),
            row["act_by"],
            row["client"],
            row["subject"],
            style=late,
        )
    Console().print(table)


def _story(case: dict[str, Any]) -> str:
    lines = [
        click.style(f"{case['reference']}  {case['subject']}", bold=True),
        f"  {case['state']}, severity {case['severity']} (rule {case['classification']['rule']}), {case['product']}, {case['language']}",
        f"  client    {case['client']}   assignee {case['assignee'] or '-'}   area {case['area'] or '-'}",
        f"  arrived   {case['arrival']} ({case['column']})   {case['kind']} {case['deadline']}   act by {case['act_by']}",
        f"  attended  {case['attended_at'] or '-'}   breached {case['breached_at'] or '-'}",
    ]
    lines += [f"            {line}" for line in case["deadlines"][-1]["derivation"]]
    lines.append("  messages")
    lines += [f"    {m['at']} {m['direction']:3} {m['from']}: {m['first_line']}" for m in case["messages"]]
    lines.append("  history")
    lines += [f"    {e['at']} {e['event']} by {e['by']}" for e in case["events"]]
    lines.append("  mails")
    lines += [f"    {m['at']} {m['kind']} to {m['to']}: {m['state']}" for m in case["mails"]]
    return "\n".join(lines) + "\n"


case_orders.add_to(cases)
