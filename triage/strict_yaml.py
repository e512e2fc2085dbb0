"""YAML for files that admins edit: strict, and every problem told with file, line and column.

PyYAML reads YAML 1.1, whose conveniences are traps here: `9:00` is the number 540, `on:` the value true (and equal
to the key 1), `012` is ten, a repeated key is silently lost, aliases can explode. They are reported, not obeyed; an
unquoted date stays the text it is written as. Validation is pydantic's, its errors mapped back to places.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from triage.errors import Misconfigured, Problem

_KEY = "[key]"  # how pydantic marks a finding about a mapping's key, not its value
M = TypeVar("M", bound=BaseModel)
Path_ = tuple[str | int, ...]
Mark = tuple[int, int]

_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_OCTAL = re.compile(r"[-+]?0[0-9_]+")
_WORD_BOOLEAN = re.compile(r"(?:y|n|yes|no|on|off)", re.IGNORECASE)


class _Loader(yaml.CSafeLoader):
    """SafeLoader without YAML 1.1's surprises: booleans are true and false, integers decimal, dates text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9_]*)$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]+(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("tag:yaml.org,2002:merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data, with the place (line, column from 1) of every value and every key."""

    file: str
    data: Any
    values: Mapping[Path_, Mark] = field(default_factory=dict)
    keys: Mapping[Path_, Mark] = field(default_factory=dict)

    def problem(
        self, path: Sequence[str | int], message: str, *, at_key: bool = False, warning: bool = False
    ) -> Problem:
        """Return a Problem at the nearest known place on the way to `path`."""
        found = tuple(path)
        places = self.keys if at_key else self.values
        while found and found not in places and found not in self.values:
            found = found[:-1]
        line, column = places.get(found) or self.values.get(found, (1, 1))
        return Problem(self.file, line, column, ".".join(map(str, path)), message, warning)


def read(path: Path, name: str | None = None) -> Document:
    """Read a file; raises Misconfigured when it cannot be read or is no YAML that we accept."""
    label = name or str(path)
    try:
        return parse(path.read_text(encoding="utf-8-sig"), label)
    except OSError as error:
        raise Misconfigured(
            (Problem(label, 0, 0, "", f"cannot be read: {error.strerror or error}"),)
        ) from error
    except UnicodeDecodeError as error:
        raise Misconfigured((Problem(label, 0, 0, "", f"is not UTF-8 (byte {error.start})"),)) from error


def parse(text: str, name: str) -> Document:
    """Parse YAML text; raises Misconfigured with every trap found in it."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise Misconfigured((_syntax_problem(error, name),)) from error
    if node is None:
        return Document(name, {}, {(): (1, 1)})
    walk = _Walk(name, _anchored(text))
    walk.node(node, ())
    if walk.problems:
        raise Misconfigured(tuple(walk.problems))
    return Document(name, loader.construct_document(node), walk.values, walk.keys)


def _syntax_problem(error: yaml.YAMLError, name: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or str(error).splitlines()[0]
    if mark is None:
        return Problem(name, 0, 0, "", f"is no valid YAML: {words}")
    return Problem(name, mark.line + 1, mark.column + 1, "", f"is no valid YAML: {words}")


def _anchored(text: str) -> list[Mark]:
    """Return the places of aliases, from the token stream: composed nodes no longer know that they were aliases."""
    if "*" not in text:
        return []
    return [
        (token.start_mark.line + 1, token.start_mark.column + 1)
        for token in yaml.scan(text, Loader=yaml.CSafeLoader)
        if isinstance(token, yaml.AliasToken)
    ]


class _Walk:
    """One pass over the node tree: places, repeated keys, and scalars that YAML 1.1 would misread."""

    def __init__(self, file: str, aliases: list[Mark]) -> None:
        self.file = file
        self.values: dict[Path_, Mark] = {}
        self.keys: dict[Path_, Mark] = {}
        self.problems = [
            Problem(file, line, column, "", "aliases (*name) are not accepted here; write the value again")
            for line, column in aliases
        ]

    def node(self, node: yaml.Node, path: Path_) -> None:
        self.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if self.problems and self.problems[0].message.startswith("aliases"):
            return  # an alias may make the tree huge: do not walk it
        if isinstance(node, yaml.MappingNode):
            self._mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.node(item, (*path, index))
        else:
            self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> None:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*path, key)
            mark = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(mark, path, "a key must be a plain word")
                continue
            if key in seen:
                self._report(mark, here, "this key stands here twice; the first would be lost")
            if not key_node.style and _WORD_BOOLEAN.fullmatch(key):
                self._report(mark, here, f'unquoted {key}: is a truth value in YAML; write "{key}":')
            seen.add(key)
            self.keys[here] = mark
            self._trap(key_node, mark, here)
            self.node(value_node, here)

    def _scalar(self, node: yaml.Node, path: Path_) -> None:
        self._trap(node, self.values[path], path)

    def _trap(self, node: yaml.Node, mark: Mark, path: Path_) -> None:
        text = str(node.value)
        if getattr(node, "style", None):
            return
        if _SEXAGESIMAL.fullmatch(text):
            self._report(mark, path, f'unquoted {text} is a number in base 60 in YAML; write "{text}"')
        elif _OCTAL.fullmatch(text):
            self._report(mark, path, f'unquoted {text} is an octal number in YAML; write "{text}"')

    def _report(self, mark: Mark, path: Path_, message: str) -> None:
        self.problems.append(Problem(self.file, *mark, ".".join(map(str, path)), message))


def validate(model: type[M], document: Document) -> M:
    """Check a document against a pydantic model; raises Misconfigured with all findings, unknown keys with the nearest."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise Misconfigured(problems_of(error, document)) from error


def problems_of(error: ValidationError, document: Document, at: Path_ = ()) -> tuple[Problem, ...]:
    """Map pydantic's findings to places; `at` is where the validated value stands in the document."""
    found = []
    for item in error.errors(include_url=False):
        path = (*at, *_in_document(item["loc"], document, at))
        unknown = item["type"] == "extra_forbidden"
        message = _unknown_key(item, error) if unknown else _words(item)
        found.append(document.problem(path, message, at_key=unknown or item["loc"][-1:] == (_KEY,)))
    return tuple(dict.fromkeys(found))


def _in_document(location: tuple[int | str, ...], document: Document, at: Path_) -> Path_:
    """Drop the parts of pydantic's location that are names of union branches or validators, not of keys."""
    path: Path_ = ()
    location = location[:-1] if location[-1:] == (_KEY,) else location
    for index, part in enumerate(location):
        step = (*at, *path, part)
        last = index == len(location) - 1
        if step in document.values or (*at, *path, str(part)) in document.values or last:
            path = (*path, part if step in document.values or last else str(part))
    return path


def _words(item: Any) -> str:
    if item["type"] == "missing":
        return "is required and missing"
    message = str(item["msg"])
    for prefix in ("Value error, ", "Assertion failed, "):
        message = message.removeprefix(prefix)
    return message[:1].lower() + message[1:]


def _unknown_key(item: Any, error: ValidationError) -> str:
    context = item.get("ctx") or {}
    known = context.get("known") or _known_keys(error, item["loc"])
    return f"unknown key{nearest(str(item['loc'][-1]), known)}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean X?" for the known word closest to this one, or nothing."""
    near = difflib.get_close_matches(word, [str(name) for name in known], n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


_MODELS: dict[str, type[BaseModel]] = {}


def register(model: type[BaseModel]) -> None:
    """Make a model's keys known to the suggestions for misspelt ones."""
    _MODELS[model.__name__] = model


def _known_keys(error: ValidationError, location: tuple[int | str, ...]) -> list[str]:
    """Follow the location through the model's fields to the mapping that holds the unknown key."""
    model = _MODELS.get(error.title)
    if model is None:
        return []
    current: list[type[BaseModel]] = [model]
    for part in location[:-1]:
        following = [
            m
            for c in current
            if str(part) in c.model_fields
            for m in _models_in(c.model_fields[str(part)].annotation)
        ]
        current = following or current
    return [name for c in current for name in _names(c)]


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
