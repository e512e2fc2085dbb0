"""`triage check`: find every problem before a client does."""

import asyncio
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from triage.app.checking import Finding
    from triage.errors import Problem


@click.command(
    epilog="Examples: triage check; triage check --offline --config ./triage.yaml; triage check --probe"
)
@click.option("--offline", is_flag=True, help="Only the files: no sign-in, no store.")
@click.option("--probe", is_flag=True, help="Then send a mail to ourselves and see it arrive.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long --probe waits for it.",
)
@click.pass_context
def check(context: click.Context, *, offline: bool, probe: bool, wait: float) -> None:
    """Check configuration, rules and templates, every problem at once; then sign in everywhere.

    Connections: mailbox (sign-in, folder, keywords, IDLE), SMTP (sign-in), store (schema, writable), clock. Exit 1
    when something deserves attention, 2 on errors. With --probe a signed mail goes over the relay into each mailbox:
    its round trip is printed, or where it stuck; it is never a case.
    """
    from triage import settings
    from triage.wiring import checks

    problems, config = checks.file_problems(context.find_root().obj, offline=offline)
    for problem in problems:
        _tell_problem(problem)
    if config is None or any(not problem.warning for problem in problems):
        click.echo("not started: mend the errors above first", err=True)
        sys.exit(2)
    unseen = settings.given_by_systemd(config) if offline else ()
    if unseen:
        click.echo(f"not looked at, the unit hands them out: {', '.join(sorted(unseen))}", err=True)
    if probe and offline:
        raise click.UsageError("--probe needs the connections that --offline leaves out")
    findings = [] if offline else asyncio.run(checks.connection_findings(config))
    for finding in findings:
        _tell(finding)
    if probe and all(finding.level != "error" for finding in findings):
        probed = asyncio.run(checks.probe_findings(config, wait))
        for finding in probed:
            _tell(finding)
        findings += probed
    errors = sum(finding.level == "error" for finding in findings)
    warnings = len(problems) + sum(finding.level == "warning" for finding in findings)
    if not errors and not warnings:
        click.echo("everything is in order" + (" in the files" if offline else ""))
    sys.exit(2 if errors else 1 if warnings else 0)


def _tell_problem(problem: "Problem") -> None:
    click.echo(click.style(str(problem), fg="yellow" if problem.warning else "red"))


def _tell(finding: "Finding") -> None:
    colour = {"ok": "green", "warning": "yellow", "error": "red"}[finding.level]
    click.echo(f"{click.style(finding.level.ljust(7), fg=colour)} {finding.what}: {finding.words}")
