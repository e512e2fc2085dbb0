"""What is generated is in step with what it is made from; what is configurable, logged or callable is documented."""

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from bench import timeline
from triage.adapters import rules_yaml
from triage.app import commented_yaml, settings_reference
from triage.cli import cli
from triage.core.events import EventName
from triage.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_in_step_with_the_models() -> None:
    assert (ROOT / "docs/settings.md").read_text() == settings_reference.page(), "run make docs"


def test_the_timeline_is_what_rules_and_templates_make_of_a_case() -> None:
    assert (ROOT / "docs/timeline.md").read_text() == timeline.page(), (
        "run make docs, and read what it changed"
    )


@pytest.mark.parametrize("name", ["triage", "rules"])
def test_the_schemas_for_editors_are_in_step_with_the_models(name: str) -> None:
    schema = Settings.model_json_schema() if name == "triage" else rules_yaml.json_schema()
    assert json.loads((ROOT / f"docs/schema/{name}.json").read_text()) == schema, "run make docs"


def test_the_shipped_rules_name_their_schema() -> None:
    first = (ROOT / "rules.yaml").read_text().splitlines()[0]
    place = first.removeprefix("# yaml-language-server: $schema=")
    assert (ROOT / place).is_file()


def _models(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = [commented_yaml.nested(field) for field in model.model_fields.values()]
    return {model, *(each for one in inner if one is not None for each in _models(one))}


@pytest.mark.parametrize(
    "model", sorted(_models(Settings), key=lambda m: m.__name__), ids=lambda m: m.__name__
)
def test_every_setting_is_described(model: type[BaseModel]) -> None:
    assert not [name for name, field in model.model_fields.items() if not field.description]


def test_every_log_event_of_the_code_is_declared() -> None:
    from triage.log import OPERATIONS

    known = OPERATIONS | set(EventName)
    said = re.compile(r"\.(?:info|warning|error|exception)\(\s*\"([a-z_]+\.[a-z_]+)\"")
    for path in (ROOT / "triage").rglob("*.py"):
        unknown = set(said.findall(path.read_text())) - known
        assert not unknown, f"{path.name}: {unknown} not in log.OPERATIONS"


# -- the command line ----------------------------------------------------------------------------------------------


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path] if path else []
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += _commands(inner, (*path, name))
    return found


@pytest.mark.parametrize("path", _commands(cli), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli, [*path, "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage: ")


@pytest.mark.parametrize("path", [p for p in _commands(cli) if len(p) == 1], ids=" ".join)
def test_every_command_shows_an_example(path: tuple[str, ...]) -> None:
    """A group's example stands with the group or with its commands."""
    below = [p for p in _commands(cli) if p[: len(path)] == path]
    texts = [CliRunner().invoke(cli, [*p, "--help"]).output for p in below]
    assert any("xample" in text and "triage " in text.partition("xample")[2] for text in texts)


def test_colours_are_for_terminals_only() -> None:
    shown = CliRunner().invoke(cli, ["check", "--config", "/nowhere/triage.yaml"])
    assert "\x1b[" not in shown.output
