"""`triage status`: how it stands, for people; the same figures as the metrics, from the store alone."""

import asyncio
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from triage.core.standing import Standing


@click.command(epilog="Examples: triage status; triage status --json | jq .troubles; watch triage status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """Show how it stands: mailboxes, waiting mails, alarms, cases, who is away, the next deadlines.

    Asks only the store, so it works beside a running daemon and without one. Exit 1 when something deserves
    attention.
    """
    from triage.core import standing
    from triage.wiring import commands

    found, zone = asyncio.run(commands.standing(context.find_root().obj))
    troubles = standing.troubles(found)
    if as_json:
        click.echo(json.dumps(standing.as_json(found), ensure_ascii=False))
    else:
        _tell(found, troubles, zone)
    sys.exit(1 if troubles else 0)


def _tell(found: "Standing", troubles: tuple[str, ...], zone: str) -> None:
    for words in troubles:
        click.echo(click.style(f"! {words}", fg="red"))
    if not troubles:
        click.echo(click.style("all is well", fg="green"))
    here = ZoneInfo(zone)
    _tell_mailboxes(found, here)
    _tell_nodes(found, here)
    _tell_cases(found)
    click.echo("mails")
    for state, count in found.outbox.items():
        click.echo(f"  {state:<20} {count:>6}")
    click.echo(f"  {'alarms pending':<20} {found.alarms_pending:>6}")
    click.echo(f"  {'set aside':<20} {found.set_aside:>6}")
    if found.away:
        click.echo("away")
    for one in found.away:
        click.echo(f"  {one.agent.name:<20} until {one.last_day:%A %Y-%m-%d}")
    if found.next_deadlines:
        click.echo(f"to be attended next ({zone})")
    for case in found.next_deadlines:
        late = case.deadline.at < found.at
        line = (
            f"  {case.reference:<16} severity {int(case.severity)}  by {_when(case.deadline.act_by, here)}"
            f"  {case.state.value:<9} {case.assignee or 'nobody'}"
        )
        click.echo(click.style(line, fg="red") if late else line)


def _tell_mailboxes(found: "Standing", here: ZoneInfo) -> None:
    click.echo("mailboxes")
    for box in found.mailboxes:
        looked = f"looked into {_when(box.looked_at, here)}" if box.looked_at else "never looked into"
        reader = f", read by {box.read_by}" if box.read_by else ""
        click.echo(f"  {box.name:<20} {looked}, up to UID {box.last_uid}{reader}")
    for token in found.tokens:
        click.echo(f"  {token.name:<20} access token until {_when(token.expires_at, here)}")
    for one in found.canaries:
        trip = "" if one.round_trip is None else f", {one.round_trip.total_seconds():.1f} s on its way"
        click.echo(f"  {one.name:<20} last test mail read {_when(one.back_at, here)}{trip}")
    if found.backup_at:
        click.echo(f"  {'last backup':<20} {_when(found.backup_at, here)}")


def _tell_nodes(found: "Standing", here: ZoneInfo) -> None:
    living = [node for node in found.nodes if node.lives]
    if len(living) > 1:
        click.echo("daemons")
    for node in living if len(living) > 1 else ():
        reads = [box.name for box in found.mailboxes if box.read_by == node.name]
        since = _when(datetime.fromisoformat(node.about["since"]), here)
        words = f"reads {', '.join(reads)}" if reads else "stands by"
        click.echo(f"  {node.name:<32} {words}, since {since}, rules {node.about['rules'][:8]}")


def _tell_cases(found: "Standing") -> None:
    click.echo("cases")
    for state, count in found.cases.items():
        levels = [(n, severity) for (of, severity), n in sorted(found.open_cases.items()) if of == state]
        words = ", ".join(f"{n} of severity {severity}" for n, severity in levels)
        click.echo(f"  {state:<20} {count:>6}   {words}".rstrip())


def _when(at: datetime | None, here: ZoneInfo) -> str:
    return f"{at.astimezone(here):%Y-%m-%d %H:%M}" if at else "unknown"
