"""docs/rules.md, the dictionary of rules.yaml: its examples are one rules file that loads, and every key stands in it."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from triage import strict_yaml
from triage.adapters import rules_yaml
from triage.adapters.rules_yaml import model as forms
from triage.adapters.rules_yaml.model import FileModel

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
ON_ANOTHER_PAGE = {"sla", "lifecycle", "reminders"}  # docs/sla.md
FORMS = sorted(
    {
        form
        for form in vars(forms).values()
        if isinstance(form, type) and issubclass(form, forms.Strict) and form is not forms.Strict
    },
    key=lambda form: form.__name__,
)


def examples() -> str:
    """Return all examples of the page one below the other, as their readers would paste them together."""
    return "\n".join(re.findall(r"(?s)```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8")))


def used(value: Any, found: dict[type[BaseModel], set[str]]) -> dict[type[BaseModel], set[str]]:
    """Collect which keys of which form are written."""
    if isinstance(value, BaseModel):
        for form in type(value).__mro__:
            if form in FORMS:
                found[form] |= value.model_fields_set & form.model_fields.keys()
        for name in value.model_fields_set:
            used(getattr(value, name), found)
    elif isinstance(value, dict):
        for each in value.values():
            used(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            used(each, found)
    return found


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_key_stands_in_an_example(form: type[BaseModel]) -> None:
    written = used(
        FileModel.model_validate(strict_yaml.parse(examples(), "docs/rules.md").data), defaultdict(set)
    )
    assert set(form.model_fields) - ON_ANOTHER_PAGE == written[form]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_key_is_explained_in_words(form: type[BaseModel]) -> None:
    text = re.sub(r"(?s)```yaml\n.*?```", "", PAGE.read_text(encoding="utf-8"))
    explained = {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"[a-z_]+", code)}
    known = {
        "name",
        "email",
        "phones",
        "mobiles",
        "chat",
        "web",
        "url",
        "title",
        "meaning",
    }  # as they are called
    keys = {field.alias or name for name, field in form.model_fields.items()}
    assert keys - ON_ANOTHER_PAGE - known <= explained


def test_the_examples_are_a_rules_file_without_a_fault(tmp_path: Path) -> None:
    (tmp_path / "brands.yaml").write_text("phrases: {names: [tornado-store]}\n", encoding="utf-8")
    file = tmp_path / "rules.yaml"
    file.write_text(examples(), encoding="utf-8")
    vocabulary = rules_yaml.load_rules(file).vocabulary
    assert {rule.id for rule in vocabulary.rules} >= {"cannot-buy", "monitor"}
