"""The commented configuration: every key is there, and what is said can be read back."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from triage.app import commented_yaml
from triage.settings import Settings, seconds


class Inner(BaseModel):
    size: int = Field(default=3, description="how many")
    pause: float = Field(default=90.0, description="between two")


class Outer(BaseModel):
    name: str = Field(description="of it all")
    inner: Inner | None = Field(default=None, description="may be left out")
    several: tuple[Inner, ...] = Field(default=(), description="in a row")
    keyed: dict[str, Inner] = Field(default_factory=dict, description="by name")


def test_what_is_said_stands_there_and_the_rest_is_commented_with_its_default() -> None:
    text = "\n".join(commented_yaml.lines(Outer, {"name": "x"}))
    assert yaml.safe_load(text) == {"name": "x"}
    assert "# inner:" in text
    assert "#   size: 3" in text
    assert "#   pause: 90s" in text


def test_lists_and_keyed_mappings_are_read_back() -> None:
    values = {"name": "x", "several": [{"pause": 5}, {"size": 1}], "keyed": {"a": {"size": 2}}}
    text = "\n".join(commented_yaml.lines(Outer, values))
    assert yaml.safe_load(text) == values
    assert text.count("how many") == 3  # inner, the first of several, keyed


def test_an_empty_list_is_written_as_one() -> None:
    text = "\n".join(commented_yaml.lines(Outer, {"name": "x", "several": []}))
    assert yaml.safe_load(text) == {"name": "x", "several": []}


@given(st.integers(min_value=0, max_value=10**8))
def test_a_duration_is_read_back_as_it_was(number: int) -> None:
    assert seconds(commented_yaml.duration(float(number))) == number


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), max_codepoint=0x2000), max_size=40))
def test_any_text_survives_as_a_scalar(text: str) -> None:
    assert yaml.safe_load(commented_yaml.scalar(text)) == text


def test_no_line_is_too_wide_for_an_editor() -> None:
    widest = max(map(len, commented_yaml.lines(Settings, {})))
    assert widest <= 125
