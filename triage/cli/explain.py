"""`triage explain`: the whole decision for mails in files, with no effect."""

import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from triage.wiring.judging import Tools


_ASIDE, _UNREADABLE = 1, 2


class _Told(NamedTuple):
    """What is printed of a mail, and the exit code that it alone would bring."""

    text: str
    code: int


@click.command(
    epilog="""\b
Examples:
  triage explain mail.eml
  triage explain mail.eml --at 2026-12-24T17:55:00-03:00
  triage explain --json mails/*.eml | jq 'select(.ack)'"""
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--at", "at_text", help="Judge as if it had arrived at this instant (ISO 8601 with an offset).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def explain(context: click.Context, files: tuple[Path, ...], at_text: str | None, *, as_json: bool) -> None:
    """Show what would be decided about each mail: who wrote it, is it a case, severity, deadline, mails.

    Nothing is sent or stored. Without a configuration the sample site and the rules beside you (./rules.yaml, else
    the shipped ones) are used. Many files are shared out among the cores. Exit 1 when a mail would be set aside, 2
    when a path cannot be read.
    """
    from triage.wiring import judging

    at = _instant(at_text)
    now = datetime.now(UTC)  # noqa: TID251 - the command is a composition root of its own
    judge = partial(_told, now=now, at=at, as_json=as_json)
    code = 0
    for told in judging.each(context.find_root().obj, judge, files):
        if isinstance(told, judging.Unread):
            click.echo(told.line, err=True)
            code = _UNREADABLE
        else:
            click.echo(told.text)
            code = max(code, told.code)
    if code:
        sys.exit(code)


def _told(
    tools: "Tools", path: Path, raw: bytes, *, now: datetime, at: datetime | None, as_json: bool
) -> _Told:
    told = tools.explain(str(path), raw, now, at)
    text = json.dumps(told, ensure_ascii=False) if as_json else in_words(told)
    return _Told(text, _ASIDE if told["set_aside"] is not None else 0)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(
            f"--at: {text!r} is no ISO 8601 instant, such as 2026-10-20T10:15:00-03:00"
        ) from error
    if at.tzinfo is None:
        raise click.UsageError(f"--at: {text!r} has no offset; write 2026-10-20T10:15:00-03:00")
    if not 1971 <= at.year <= 9900:
        raise click.UsageError(f"--at: {text!r} lies beyond the years that can be reckoned with")
    return at.astimezone(UTC)


def in_words(told: dict[str, Any]) -> str:
    """Tell one decision to a person."""
    lines = [
        click.style(told["file"], bold=True),
        f"  from       {told['sender'] or 'nobody'} ({told['role']}, {told['trust']}), {told['class']}, {told['language']}",
        f"  subject    {told['subject']}",
        f"  case       {'yes' if told['case'] else 'no'}: {told['case_reason']}",
        f"  answered   {'yes' if told['ack'] else 'no'}: {told['ack_reason']}",
    ]
    if told["signals"]:
        lines.append("  signals    " + ", ".join(f"{s['name']} ({s['strength']})" for s in told["signals"]))
    if told["conversation"]:
        lines.append(f"  belongs to {told['conversation']['reference']} (by {told['conversation']['rung']})")
    if told["set_aside"]:
        lines.append(f"  set aside  {told['set_aside']}")
    if told["classification"]:
        lines += _classified(told)
    return "\n".join(lines) + "\n"


def _classified(told: dict[str, Any]) -> list[str]:
    found = told["classification"]
    words = ", ".join(f"“{e['text']}” ({e['group']})" for e in found["evidence"]) or "no words"
    quantity = "from" if told["kind"] == "from" else "by"
    lines = [
        f"  severity   {found['severity']} by rule {found['rule']}: {words}",
        *(
            f"             not {loser['rule']} ({loser['severity']}): {loser['why']}"
            for loser in found["losers"]
        ),
        f"  product    {found['product']}",
        f"  arrived    {told['arrival']} ({told['column'].replace('_', ' ')})",
        f"  attended   {quantity} {told['deadline']}",
        *(f"             {line}" for line in told["derivation"]),
    ]
    lines += [f"  reminder   {r['at']} {r['step']} to {', '.join(r['to'])}" for r in told["reminders"]]
    for mail in told["mails"]:
        lines.append(f"  mail       {mail['kind']} to {mail['to']}: {mail['subject']}")
        lines += [f"             | {line}" for line in mail["text"].splitlines()]
    return lines
