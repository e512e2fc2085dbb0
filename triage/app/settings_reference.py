"""docs/settings.md, made from the models: every key of triage.yaml with its type, default and description.

Called by `triage schema --docs` (make docs); a test keeps the page in step. Knows no file.
"""

import types
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from triage.app import commented_yaml
from triage.settings import Settings

_HEAD = """\
# triage.yaml, key by key

Made by `make docs` from `triage/settings/`; do not edit. `triage init DIR` writes a file with all of them. Durations are
`60s`, `15m`, `1h30m`, `2d` or seconds. Secrets are `{credential: NAME}`, `{env: NAME}` or `{file: PATH}`, never text.
Paths are relative to the file. What clients are promised stands in `rules.yaml` ([rules.md](rules.md)).
"""


def page() -> str:
    """Return the page, a table per mapping, in the order of the models."""
    return _HEAD + "".join(f"\n## {title}\n\n{_table(model)}" for title, model in _sections("", Settings))


def _sections(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield (f"`{path}`" if path else "The file"), model
    for name, field in model.model_fields.items():
        inner = commented_yaml.nested(field)
        if inner is not None:
            mark = "[]" if get_origin(_plain(field.annotation)) is tuple else ""
            mark = ".NAME" if get_origin(_plain(field.annotation)) is dict else mark
            yield from _sections(f"{path}.{name}{mark}".lstrip("."), inner)


def _table(model: type[BaseModel]) -> str:
    rows = ["| key | value | default | |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        rows.append(f"| `{name}` | {_kind(field)} | {_default(field)} | {_cell(field.description or '')} |")
    return "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if commented_yaml.nested(field) is not None and isinstance(commented_yaml.default(field), BaseModel):
        return "all of its defaults"
    return f"`{commented_yaml.scalar(commented_yaml.default(field))}`"


def _kind(field: FieldInfo) -> str:
    bounds = [f"{word} {value}" for part in field.metadata for word, value in _bounds(part)]
    return _cell(", ".join([_name(field.annotation), *bounds]))


def _bounds(part: object) -> Iterator[tuple[str, object]]:
    for attribute, word in (("ge", "at least"), ("le", "at most"), ("gt", "more than"), ("lt", "less than")):
        value = getattr(part, attribute, None)
        if value is not None:
            yield word, value


def _name(annotation: Any) -> str:
    plain = _plain(annotation)
    origin, parts = get_origin(plain), get_args(plain)
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        return f"list of {_name(parts[0])}"
    if origin is dict:
        return f"mapping of names to {_name(parts[1])}"
    if origin in (Union, types.UnionType):
        return " or ".join(_name(part) for part in parts)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return "secret" if plain.__name__ == "Secret" else "mapping"
    if isinstance(plain, type) and issubclass(plain, Enum):
        return ", ".join(f"`{member.value}`" for member in plain)
    names = {str: "text", int: "number", float: "duration", bool: "true or false", Path: "path"}
    return names.get(plain, getattr(plain, "__name__", str(plain)))


def _plain(annotation: Any) -> Any:
    """Return the annotation without its metadata and without None."""
    if hasattr(annotation, "__metadata__"):
        return _plain(get_args(annotation)[0])
    parts = [part for part in get_args(annotation) if part is not type(None)]
    optional = get_origin(annotation) in (Union, types.UnionType) and len(parts) == 1
    return _plain(parts[0]) if optional else annotation


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
