"""What admins get wrong in YAML is told with its place, never obeyed."""

import json
import string
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from triage import strict_yaml
from triage.errors import Misconfigured


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tls: str
    port: int = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    imap: Inner
    boxes: list[Inner] = []
    to: tuple[str, ...] = ()


strict_yaml.register(Outer)


def problems(text: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        strict_yaml.validate(Outer, strict_yaml.parse(text, "x.yaml"))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 9:00", "x.yaml:1:4", "base 60"),
        ("on: 1", "x.yaml:1:1", "truth value"),
        ("a: 012", "x.yaml:1:4", "octal"),
        ("a: 1\na: 2", "x.yaml:2:1", "twice"),
        ("1: a\n'1': b", "x.yaml:2:1", "twice"),
        ("a: &x 1\nb: *x", "x.yaml:2:4", "aliases"),
        ("a: [", "x.yaml:2:1", "no valid YAML"),
        ("a: !!python/name:os.system x", "x.yaml:1:4", "tags"),
        ("a: !x [1]", "x.yaml:1:4", "tags"),
        ("? [a]\n: 1", "x.yaml:1:3", "plain word"),
        ("a: 1\n---\nb: 2", "x.yaml:2:1", "second document"),
        (f"a: {'[' * 200}", "x.yaml:1:", "nested too deeply"),
    ],
)
def test_a_trap_of_yaml_is_reported_where_it_stands(text: str, place: str, words: str) -> None:
    found = problems(text)
    assert any(line.startswith(place) and words in line for line in found), found


def test_an_alias_bomb_is_refused_before_it_is_walked() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(9)]
    assert all("aliases" in line for line in problems("\n".join(lines)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-3", -3),
        ("1_000", 1000),
        ("2.5", 2.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("1.2.3", "1.2.3"),
        ("._", "._"),
        ("+54 11 4460", "+54 11 4460"),
    ],
)
def test_plain_values_are_numbers_truth_nothing_or_text(text: str, value: object) -> None:
    assert strict_yaml.parse(f"a: {text}", "x").data == {"a": value}


words = st.text(string.printable, max_size=20)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**18), 10**18) | words,
        lambda x: st.lists(x) | st.dictionaries(words, x),
    )
)
def test_json_is_read_as_what_it_says(data: object) -> None:
    assert strict_yaml.parse(json.dumps({"a": data}), "x").data == {"a": data}


def test_dates_and_the_word_no_stay_what_they_are_written_as() -> None:
    assert strict_yaml.parse("day: 2026-01-01\nwords: [no, sí, on]", "x").data == {
        "day": "2026-01-01",
        "words": ["no", "sí", "on"],
    }


def test_every_problem_is_told_at_once_with_the_nearest_known_key() -> None:
    found = problems("imap: {tlss: a, port: many}\nboxes: [{tls: a, prot: 2}]\nboxs: 1")
    assert "x.yaml:1:8: imap.tlss: unknown key; did you mean tls?" in found
    assert "x.yaml:2:18: boxes.0.prot: unknown key; did you mean port?" in found
    assert "x.yaml:3:1: boxs: unknown key; did you mean boxes?" in found
    assert any(line.startswith("x.yaml:1:23: imap.port: ") for line in found)
    assert any("imap.tls: is required and missing" in line for line in found)


def test_a_value_of_another_shape_is_told_what_to_write() -> None:
    assert problems("imap: {tls: 1}\nboxes:") == [
        "x.yaml:1:13: imap.tls: is a text; what reads as a number or truth value is quoted",
        'x.yaml:2:7: boxes: is a list, such as ["one", "two"]; nothing stands here',
    ]
    assert problems("imap: x\nboxes: x\nto: lead") == [
        "x.yaml:1:7: imap: is a mapping, such as {key: value}",
        'x.yaml:2:8: boxes: is a list, such as ["one", "two"]',
        'x.yaml:3:5: to: is a list, such as ["one", "two"]',
    ]


def test_a_file_that_is_not_there_or_not_utf8_is_told_so(tmp_path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        strict_yaml.read(tmp_path / "none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"\xef\xbb\xbfa: b\nc: \xc3\xb1and\xfa")
    with pytest.raises(Misconfigured, match=r"bad\.yaml:2:8: this letter is not UTF-8; save"):
        strict_yaml.read(bad)


def test_a_character_that_yaml_does_not_take_is_told_with_its_place() -> None:
    assert problems("a: ñandú\nc: ñ\x07") == [
        "x.yaml:2:5: is no valid YAML: unacceptable character #x0007: control characters are not allowed"
    ]


def test_a_tab_and_a_sign_of_yaml_are_told_what_to_do() -> None:
    assert (
        "x.yaml:2:1: is no valid YAML: lines are indented with blanks, not tabs"
        in problems("imap:\n\ttls: a")[0]
    )


def test_a_list_whose_only_item_is_refused_is_not_called_empty() -> None:
    class Full(BaseModel):
        boxes: Annotated[tuple[Inner, ...], Field(min_length=1)]

    def found(text: str) -> list[str]:
        with pytest.raises(Misconfigured) as caught:
            strict_yaml.validate(Full, strict_yaml.parse(text, "test.yaml"))
        return [str(problem) for problem in caught.value.problems]

    assert found("boxes: [{port: 1}]") == ["test.yaml:1:9: boxes.0.tls: is required and missing"]
    assert len(found("boxes: []")) == 1
