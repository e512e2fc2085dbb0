"""Whoever asks a command for help sees how it is used: every one, down to the last, ends in an example of itself."""

from collections.abc import Iterator

import click
import pytest

from triage.cli import cli


def _every(command: click.Command, above: click.Context | None, name: str) -> Iterator[tuple[str, str]]:
    """Yield the full name of every command and group with what its --help prints, unwrapped."""
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=above, max_content_width=500)
    context.terminal_width = 500
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from _every(found, context, f"{name} {inner}")


COMMANDS = dict(_every(cli, None, "triage"))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_in_an_example_of_that_very_command(name: str) -> None:
    _, found, examples = COMMANDS[name].rpartition("Example")
    assert found, f"{name} --help has no example"
    assert f"{name} " in f"{examples} ", examples


def test_the_whole_tree_was_walked() -> None:
    assert {"triage client export", "triage client erase", "triage db backup", "triage db restore"} <= set(
        COMMANDS
    )
    assert len(COMMANDS) > 40
