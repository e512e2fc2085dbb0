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
_WORD_BOOLEANS = frozenset(("y", "n", "yes", "no", "on", "off"))


_WORDS = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]{0,29})")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*)?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?")
# What pydantic calls a valid list, dictionary or string: in the words of who writes the file.
_SHAPES = {
    "list_type": 'a list, such as ["one", "two"]',
    "tuple_type": 'a list, such as ["one", "two"]',
    "dict_type": "a mapping, such as {key: value}",
    "model_type": "a mapping, such as {key: value}",
    "string_type": "a text; what reads as a number or truth value is quoted",
}
_NUMBER_BEGINS = frozenset("-+.0123456789")
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_DEEPEST = 100


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
        place = _place(error.object, error.start)
        words = "this letter is not UTF-8; save the file in that encoding"
        raise Misconfigured((Problem(label, *place, "", words),)) from error


def parse(text: str, name: str) -> Document:
    """Parse YAML text; raises Misconfigured with every trap found in it."""
    try:
        walk = _Walk(name, text)
        data = walk.document()
    except yaml.YAMLError as error:
        raise Misconfigured((_syntax_problem(error, name, text),)) from error
    if walk.problems:
        raise Misconfigured(tuple(walk.problems))
    return Document(name, data, walk.values, walk.keys)


def _syntax_problem(error: yaml.YAMLError, name: str, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or str(error).splitlines()[0]
    if words == "found character that cannot start any token":
        words = (
            "lines are indented with blanks, not tabs; a value that begins with @, ` or % is put in quotes"
        )
    if mark is not None:
        line, column = mark.line + 1, mark.column + 1
    else:  # a character that YAML does not take: the reader counts bytes, and knows no lines
        line, column = _place(text.encode(), getattr(error, "position", 0))
    return Problem(name, line, column, "", f"is no valid YAML: {words}")


def _place(data: bytes, position: int) -> Mark:
    """Return line and column, from 1, of a byte of a file."""
    before = data[:position].decode(errors="replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Walk:
    """One pass over the parser's events: the data, every place, repeated keys, and what YAML 1.1 would misread.

    From events, not nodes: an alias is seen as one and never followed, and nothing is built twice.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.values: dict[Path_, Mark] = {}
        self.keys: dict[Path_, Mark] = {}
        self.problems: list[Problem] = []
        self._next = yaml.CSafeLoader(text).get_event

    def document(self) -> Any:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            self.values[()] = (1, 1)
            return {}
        data = self._value(self._next(), ())
        self._next()  # the document ends
        following = self._next()
        if not isinstance(following, yaml.StreamEndEvent):
            self._report(_mark(following), (), "a second document begins here; one file is one document")
        return data

    def _value(self, event: Any, path: Path_) -> Any:
        mark = self.values[path] = _mark(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, mark, path)
        if isinstance(event, yaml.AliasEvent):
            self._report(mark, path, "aliases (*name) are not accepted here; write the value again")
            return None
        if len(path) > _DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        if event.tag not in (None, "!"):
            self._report(mark, path, "tags (!name) are not accepted here")
        return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)

    def _sequence(self, path: Path_) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path_) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        seen: set[str] = set()
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._report(_mark(event), path, "a key must be a plain word")
                self._value(event, (*path, "?"))
                self._value(self._next(), (*path, "?"))
                continue
            here = (*path, event.value)
            mark = self.keys[here] = _mark(event)
            if event.value in seen:
                self._report(mark, here, "this key stands here twice; the first would be lost")
            if not event.style and event.value.lower() in _WORD_BOOLEANS:
                self._report(
                    mark, here, f'unquoted {event.value}: is a truth value in YAML; write "{event.value}":'
                )
            seen.add(event.value)
            key = self._scalar(event, mark, here)
            found[key] = self._value(self._next(), here)
        return found

    def _scalar(self, event: Any, mark: Mark, path: Path_) -> Any:
        text = event.value
        if event.tag not in _TEXT_TAGS:
            self._report(mark, path, "tags (!name) are not accepted here")
        if event.style or event.tag is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        return self._number(text, mark, path) if text[0] in _NUMBER_BEGINS else text

    def _number(self, text: str, mark: Mark, path: Path_) -> Any:
        """Return a number, or the text where it only begins like one."""
        if _INTEGER.fullmatch(text):
            return int(text.replace("_", ""))
        if _FLOAT.fullmatch(text):
            return float(text.replace("_", ""))
        if _SEXAGESIMAL.fullmatch(text):
            self._report(mark, path, f'unquoted {text} is a number in base 60 in YAML; write "{text}"')
        elif _OCTAL.fullmatch(text):
            self._report(mark, path, f'unquoted {text} is an octal number in YAML; write "{text}"')
        return text

    def _report(self, mark: Mark, path: Path_, message: str) -> None:
        self.problems.append(Problem(self.file, *mark, ".".join(map(str, path)), message))


def _mark(event: Any) -> Mark:
    return (event.start_mark.line + 1, event.start_mark.column + 1)


def validate(model: type[M], document: Document) -> M:
    """Check a document against a pydantic model; raises Misconfigured with all findings, unknown keys with the nearest."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise Misconfigured(problems_of(error, document)) from error


def problems_of(error: ValidationError, document: Document, at: Path_ = ()) -> tuple[Problem, ...]:
    """Map pydantic's findings to places; `at` is where the validated value stands in the document."""
    found = []
    items = error.errors(include_url=False)
    # A list whose only item is refused is empty for pydantic; who wrote it is told of the item.
    refused = {item["loc"][:length] for item in items for length in range(len(item["loc"]))}
    for item in items:
        if item["type"] == "too_short" and item["loc"] in refused:
            continue
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
    if item["type"] in _SHAPES:
        return f"is {_SHAPES[item['type']]}" + ("; nothing stands here" if item["input"] is None else "")
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
