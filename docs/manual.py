# ruff: noqa: INP001, T201 - a script
"""Print docs/triage.1 from the commands' own help: `python docs/manual.py > docs/triage.1`; a test compares them."""

import re

import click

from triage.cli import _COMMANDS, cli


def page() -> str:
    """Return the man page (man macros, groff)."""
    lines = [
        '.TH TRIAGE 1 "" "mailtriage" "User Commands"',
        ".SH NAME",
        "triage \\- mail-driven support triage that keeps a written promise",
        ".SH SYNOPSIS",
        ".B triage",
        "[\\fB\\-\\-config\\fR \\fIFILE\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]",
        ".SH DESCRIPTION",
        _escaped(cli.help or ""),
        ".SH COMMANDS",
    ]
    root = click.Context(cli, info_name="triage")
    for name in _COMMANDS:
        found = cli.get_command(root, name)
        if found is not None:
            lines += _described(found, root, f"triage {name}")
    lines += [
        ".SH EXIT STATUS",
        "0: fine. 1: done, and something was found or missed. 2: could not run.",
        ".SH FILES",
        ".I ./triage.yaml",
        "or",
        ".IR /etc/triage/triage.yaml ,",
        "or what TRIAGE_CONFIG names.",
    ]
    return "\n".join(lines) + "\n"


def _described(command: click.Command, above: click.Context, name: str) -> list[str]:
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=above)
    lines = [
        f".SS {_escaped(name)}",
        *(_escaped(line) for line in (command.help or "").splitlines() if line.strip()),
    ]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in record[0]:
            lines += [".TP", f".B {_escaped(record[0])}", _escaped(re.sub(r"\s+", " ", record[1]))]
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                lines += _described(found, context, f"{name} {inner}")
    return lines


def _escaped(text: str) -> str:
    """Keep groff from reading text as requests: backslashes, hyphens of options, leading dots and quotes."""
    text = text.replace("\b", "").strip().replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)


if __name__ == "__main__":
    print(page(), end="")
