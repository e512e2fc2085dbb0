"""`triage sla`: the deadline engine as a batch command, so that anybody can check it. No mail, no state.

Reads and writes the TSV of INTERFACE section 4; stdout holds the rows only, what is wrong goes to stderr.
"""

import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triage.core.model import Span
    from triage.core.sla_policy import SlaModel

ANSWERS = ("column", "kind", "deadline_utc", "deadline_local")
REQUIRED = ("arrival", "severity", "policy")
# ISO 8601; datetime reads it from 3.13 on
_DAYS_END = re.compile(r"([T ])24(:?00(?:(?::?00)(?:[.,]0+)?)?(?![\d:.,]))")


@click.group(no_args_is_help=True, epilog="Example: triage sla compute --cases cases.tsv")
def sla() -> None:
    """Deadlines: compute them for many arrivals at once."""


@sla.command(
    epilog="""\b
    Examples:
      triage sla compute --cases cases.tsv
      triage sla compute --policies policies.yaml < cases.tsv > answers.tsv"""
)
@click.option(
    "--policies",
    type=click.Path(path_type=Path),
    help="Any YAML file with a top-level sla: (default: the rules file).",
)
@click.option(
    "--cases", type=click.Path(path_type=Path, allow_dash=True), help="Tab separated rows (default: stdin)."
)
@click.option(
    "--config", type=click.Path(path_type=Path), help="Whose rules file (default: triage.yaml, if any)."
)
@click.pass_context
def compute(context: click.Context, policies: Path | None, cases: Path | None, config: Path | None) -> None:
    """Write each row of CASES with column, kind, deadline_utc and deadline_local.

    Rows need the columns arrival, severity and policy; pauses (from/to;from/to) may be there. A row that cannot be
    computed keeps its place with empty answers, and the exit code is then 1.
    """
    from triage.errors import Misconfigured

    try:
        model = _load(policies or _rules_file(config or context.find_root().params.get("config")))
        table = _table(_read(cases))
    except Misconfigured as error:
        click.echo(str(error), err=True)
        context.exit(2)
    except (OSError, ValueError) as error:
        click.echo(f"triage sla compute: {error}", err=True)
        context.exit(2)
    bad = 0
    out = sys.stdout.buffer
    out.write(_line(table.columns))
    for row in table.rows:
        try:
            answers = _answers(model, row)
        except ValueError as error:
            click.echo(f"line {row.number}{row.label}: {error}", err=True)
            answers, bad = ("", "", "", ""), bad + 1
        out.write(_line(table.with_answers(row, answers)))
    out.flush()
    if bad:
        click.echo(f"{bad} of {len(table.rows)} rows could not be computed", err=True)
        context.exit(1)


# -- the table -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of the input: `number` counts from 1, the header included; `surplus`: cells beyond the header."""

    number: int
    cells: dict[str, str]
    surplus: int = 0

    @property
    def label(self) -> str:
        return f" ({self.cells['id']})" if self.cells.get("id") else ""


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of the output: the answers stay where they stood, the others come at the end."""
        return (*self.header, *(name for name in ANSWERS if name not in self.header))

    def with_answers(self, row: Row, answers: "Sequence[str]") -> tuple[str, ...]:
        cells = {**row.cells, **dict(zip(ANSWERS, answers, strict=True))}
        return tuple(cells[name] for name in self.columns)


def _read(path: Path | None) -> bytes:
    if path is None or str(path) == "-":
        return sys.stdin.buffer.read()
    return path.read_bytes()


def _table(data: bytes) -> Table:
    """Split tab separated text; a byte order mark and CRLF are tolerated, bytes that are no UTF-8 pass through."""
    text = data.decode("utf-8-sig", "surrogateescape")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if not lines[0].strip():
        raise ValueError("the cases have no header row")
    header = tuple(name.strip() for name in lines[0].split("\t"))
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise ValueError(f"the cases have no column {', '.join(missing)}")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the cases have the column {twice} twice")
    # A line with tabs is a row, be its cells empty: rows are counted against the answers.
    rows = (_row(n, line, header) for n, line in enumerate(lines[1:], 2) if line.strip(" "))
    return Table(header, tuple(rows))


def _row(number: int, line: str, header: tuple[str, ...]) -> Row:
    cells = line.split("\t")
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return Row(number, dict(zip(header, padded, strict=False)), max(0, len(cells) - len(header)))


def _line(cells: "Sequence[str]") -> bytes:
    return ("\t".join(cells) + "\n").encode("utf-8", "surrogateescape")


# -- one row ---------------------------------------------------------------------------------------------------------


def _answers(model: "SlaModel", row: Row) -> tuple[str, str, str, str]:
    """Compute one row; raises ValueError with the reason."""
    from triage.core import sla_policy
    from triage.core.model import Severity

    if row.surplus:
        raise ValueError(f"{row.surplus} more {'cell' if row.surplus == 1 else 'cells'} than the header has")
    severity = row.cells["severity"].strip()
    if severity not in {"1", "2", "3"}:
        raise ValueError(f"severity: {severity!r} is none; write 1, 2 or 3")
    name = row.cells["policy"].strip()
    policy = model.policies.get(name)
    if policy is None:
        raise ValueError(f"policy: no policy is called {name!r}")
    deadline = sla_policy.compute(
        policy, Severity(int(severity)), _instant("arrival", row.cells["arrival"]), _pauses(row)
    )
    local = policy.calendar.local(deadline.at)
    return deadline.column, deadline.kind, f"{deadline.at:%Y-%m-%dT%H:%M:%S}Z", local.isoformat()


def _pauses(row: Row) -> "tuple[Span, ...]":
    from triage.core.model import Span

    found = []
    for text in row.cells.get("pauses", "").split(";"):
        if not text.strip():
            continue
        start, slash, end = text.partition("/")
        if not slash:
            raise ValueError(f"pauses: {text!r} is no pause; write from/to")
        span = Span(_instant("pauses", start), _instant("pauses", end))
        if span.end is not None and span.end < span.start:
            raise ValueError(f"pauses: {text!r} runs backwards")
        found.append(span)
    return tuple(found)


def _instant(column: str, text: str) -> datetime:
    midnight = _DAYS_END.sub(r"\g<1>00\2", text.strip())
    try:
        at = datetime.fromisoformat(midnight)
    except ValueError as error:
        raise ValueError(f"{column}: {text!r} is no ISO 8601 instant") from error
    if at.utcoffset() is None:
        raise ValueError(f"{column}: {text!r} has no offset from UTC")
    return at if midnight == text.strip() else at + timedelta(days=1)


# -- the policies ----------------------------------------------------------------------------------------------------


def _rules_file(config: Path | None) -> Path:
    """Return the rules of the configuration that holds, else ./rules.yaml, else the shipped ones."""
    from triage import settings

    named = settings.find(config)
    if named is not None:
        return settings.load(named).rules_path
    own = Path("rules.yaml")
    return own if own.is_file() else settings.shipped("rules.yaml")


def _load(path: Path) -> "SlaModel":
    from triage import strict_yaml
    from triage.adapters.rules_yaml.sla import load_sla

    model, _ = load_sla(strict_yaml.read(path), complete=False)
    return model
