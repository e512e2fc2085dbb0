"""The command line: one file per command group, imported only when it is asked for (`triage --help` stays fast).

Exit codes (INTERFACE section 3): 0 fine; 1 done, and something was found or missed; 2 could not run. Promised
output goes to stdout, logs and reports to stderr.
"""

import errno
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from triage import __version__
from triage.errors import Misconfigured, TriageError

_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
# command -> (module, attribute, one line for the overview): the overview must not import the modules.
_COMMANDS = {
    "demo": ("triage.cli.demo", "demo", "See it keep a promise: mail servers on loopback, a dozen mails."),
    "init": ("triage.cli.init", "init", "Write the configuration of a new site."),
    "check": (
        "triage.cli.check",
        "check",
        "Find every problem of configuration, rules, templates, connections.",
    ),
    "run": ("triage.cli.run", "run", "Run the daemon."),
    "once": ("triage.cli.run", "once", "Take in what there is, remind, send, and stop (for cron)."),
    "explain": ("triage.cli.explain", "explain", "Show the whole decision for a mail, with no effect."),
    "rules": ("triage.cli.rules", "rules", "Try the rules on many mails."),
    "sla": ("triage.cli.sla", "sla", "Work deadlines out."),
    "cases": ("triage.cli.cases", "cases", "List, show and handle cases."),
    "aside": ("triage.cli.aside", "aside", "Messages set aside: list, show, retry, export."),
    "outbox": ("triage.cli.outbox", "outbox", "Mails waiting or failed: list, show, retry, drop."),
    "templates": ("triage.cli.templates", "templates", "List and preview the mails."),
    "status": ("triage.cli.status", "status", "How it stands, for people."),
    "report": (
        "triage.cli.report",
        "report",
        "What a span of days looked like: promises, load, rules, clients.",
    ),
    "reconcile": (
        "triage.cli.reconcile",
        "reconcile",
        "Prove that every message has one outcome; heal gaps.",
    ),
    "client": ("triage.cli.client", "client", "Hand out or forget what is held of a person."),
    "db": ("triage.cli.db", "db", "Migrate, check, back up and restore the store."),
    "schema": (
        "triage.cli.schema",
        "schema",
        "Print the JSON Schema of triage.yaml or rules.yaml, for editors.",
    ),
}

EXAMPLES = """\b
Examples:
  triage demo                       watch the whole story in a minute
  triage init /etc/triage           a configuration to fill in
  triage check                      every problem at once, then the connections
  triage explain mail.eml           why this severity and this deadline
  triage cases list --state new     what nobody took yet
  triage rules test mails/ --labels labels.tsv
Shell completion: eval "$(_TRIAGE_COMPLETE=bash_source triage)"  (zsh_source, fish_source)
"""


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _config_first(args))

    def invoke(self, ctx: click.Context) -> Any:
        # Here and not in main(): click itself would end with 1, which means that something was found.
        try:
            return super().invoke(ctx)
        except OSError as error:
            # The daemon prints nothing: an error of its own must not look like an orderly end.
            if ctx.invoked_subcommand == "run" or error.errno not in {errno.EPIPE, *_NO_ROOM}:
                raise
            _say_no_more()
            if error.errno == errno.EPIPE:  # the reader of a pipe (head) has enough
                return 0
            raise TriageError(f"the output could not be written: {error.strerror}") from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for name, (module, _, _) in _COMMANDS.items() if _exists(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS or not _exists(_COMMANDS[cmd_name][0]):
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1) if args else []
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]}?", ctx) from error


def _config_first(args: list[str]) -> list[str]:
    """Move --config FILE to the front: it may stand before or after the command's name (INTERFACE section 1)."""
    for index, word in enumerate(args):
        if word == "--":
            break
        if word == "--config" and index + 1 < len(args):
            return [word, args[index + 1], *args[:index], *args[index + 2 :]]
        if word.startswith("--config="):
            return [word, *args[:index], *args[index + 1 :]]
    return args


def _say_no_more() -> None:
    """Let what stdout still holds go nowhere: Python would try it again at the end, and fail of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _exists(module: str) -> bool:
    return (Path(__file__).parent / f"{module.rpartition('.')[2]}.py").exists()


@click.group(cls=_Lazy, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="triage")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="triage.yaml; else $TRIAGE_CONFIG, ./triage.yaml, /etc/triage/triage.yaml.",
)
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Mail-driven support triage that keeps a written promise, by e-mail alone."""
    context.obj = config
    if os.environ.get("NO_COLOR"):  # noqa: TID251 - about the terminal; rich asks it too, click does not
        context.color = False


def main() -> None:
    """Run a command; our own errors become words on stderr and exit code 2, never a traceback."""
    try:
        result = cli(standalone_mode=False)  # the exit code where a command left with one
        sys.exit(result if isinstance(result, int) else 0)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Misconfigured as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(2)
    except TriageError as error:
        click.echo(f"triage: {error}", err=True)
        sys.exit(2)
