"""`triage cases take|attend|resolve|...`: what agents do by mail, from the shell; one command for each action."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from triage.core.commands import ACTIONS, Action

_NAMES = {Action.ATTENDED: "attend"}
_LEFT_OUT = frozenset({Action.AWAY, Action.OPEN, Action.HELP})  # no case is meant by them


def add_to(group: click.Group) -> None:
    """Add a command to the group for every action about a case."""
    for action, spelling in ACTIONS.items():
        if action not in _LEFT_OUT:
            name = _NAMES.get(action, str(action))
            group.add_command(_command(action, name, spelling.meaning), name)
    alias = _command(Action.ATTENDED, "attended", ACTIONS[Action.ATTENDED].meaning)
    alias.hidden = True
    group.add_command(alias)


def _command(action: Action, name: str, meaning: str) -> click.Command:
    spelling = ACTIONS[action]
    usage = spelling.usage.partition(" ")[2]
    to_client = "goes to the client with the notice" if spelling.text_to_client else "is kept as a note"
    params: list[click.Parameter] = [
        click.Argument(["reference"], metavar="REF"),
        click.Argument(["words"], nargs=-1, metavar=usage or "[WORDS]..."),
        click.Option(["--text"], default="", help=f"Text below the command ({to_client}); - reads stdin."),
        click.Option(["--as", "agent"], default="", metavar="ADDRESS", help="In which agent's name."),
    ]
    helped = f"{meaning[0].upper()}{meaning[1:]}."
    epilog = f"Example: triage cases {name} NO-2026-000123 {_example(action)}".rstrip()
    return click.Command(name, callback=_callback(action), params=params, help=helped, epilog=epilog)


def _example(action: Action) -> str:
    return {
        Action.ASSIGN: "lucia.ferrari@netone.example",
        Action.ATTENDED: "phone: told how to log in again",
        Action.NOTE: "waits for the carrier",
        Action.SEVERITY: "2",
        Action.ESCALATE: "desarrollo",
        Action.DATE: "2026-12-15 quote",
        Action.RESOLVE: "provisional --text 'It works again.'",
        Action.MERGE: "NO-2026-000120",
        Action.SNOOZE: "2h",
        Action.FILES: "--as lucia.ferrari@netone.example",
        Action.FORWARD: "ana@shop.example",
    }.get(action, "")


def _callback(action: Action) -> Callable[..., None]:
    def run(reference: str, words: tuple[str, ...], text: str, agent: str) -> None:
        given = sys.stdin.read() if text == "-" else text
        line = asyncio.run(
            _give(
                click.get_current_context().find_root().obj,
                reference.strip("[]").upper(),
                action=action,
                argument=" ".join(words),
                text=given.strip(),
                agent=agent.strip().lower(),
            )
        )
        if line is None:
            click.echo(f"{reference}: no such case", err=True)
            sys.exit(1)
        said, done = line
        click.echo(said, err=not done)
        if not done:
            sys.exit(1)

    return run


async def _give(
    explicit: Path | None, reference: str, *, agent: str, **words: Any
) -> tuple[str, bool] | None:
    """Give the command in one transaction; what it says and whether it was done, None where there is no such case."""
    from triage import settings
    from triage.app import orders_by_hand
    from triage.app.orders_by_hand import Given
    from triage.wiring import building

    async with building.by_hand(settings.locate(explicit)) as hand:
        if agent and hand.desk.site.agent(agent) is None:
            raise click.UsageError(f"--as {agent}: no such agent")
        given = Given(by=hand.who, agent=agent, **words)
        now = hand.clock.now().replace(microsecond=0)
        line = await hand.store.write(lambda tx: orders_by_hand.give(tx, hand.desk, now, reference, given))
    return (line.said, line.done) if line is not None else None
