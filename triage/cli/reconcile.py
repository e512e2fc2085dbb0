"""`triage reconcile`: the proof that nothing was lost, folder by folder."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triage.app.reconcile import Reconciled


@click.command(epilog="Example: triage reconcile --config /etc/triage/triage.yaml")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a folder.")
@click.pass_context
def reconcile(context: click.Context, *, as_json: bool) -> None:
    """Compare every message on the server with the ledger, and take in what was missed.

    May run beside the daemon. Exit 1 when a gap was found, healed or not; 2 when a folder could not be read.
    """
    found, unreachable = asyncio.run(_reconcile(context.find_root().obj))
    for one in found:
        click.echo(json.dumps({**asdict(one), "left": one.left}) if as_json else _line(one))
    for words in unreachable:
        click.echo(words, err=True)
    if unreachable:
        sys.exit(2)
    sys.exit(1 if any(one.gaps for one in found) else 0)


async def _reconcile(config: Path | None) -> tuple[list["Reconciled"], list[str]]:
    from triage import settings
    from triage.app.reconcile import reconcile as account
    from triage.errors import Permanent, Temporary
    from triage.wiring import building

    found: list[Reconciled] = []
    unreachable: list[str] = []
    async with building.daemon(settings.locate(config)) as built:
        daemon = built.daemon
        for watched in daemon.watched:
            try:
                status = await watched.mailbox.connect()
                found.append(await account(built.store, daemon.intake, watched, status))
            except (Temporary, Permanent) as error:
                unreachable.append(f"{watched.name}: {error}")
    return found, unreachable


def _line(one: "Reconciled") -> str:
    words = f"{one.mailbox}: messages since it began {one.on_server}, {one.accounted} with an outcome"
    if one.waiting:
        words += f", {one.waiting} not yet taken"
    if not one.gaps:
        return f"{words}, no gap"
    words += (
        f", {len(one.gaps)} missed ({', '.join(map(str, one.gaps[:20]))}): {len(one.healed)} taken in now"
    )
    return f"{words}, {len(one.left)} still missing" if one.left else words
