"""A configuration file as an admin likes to meet it: every key there is, each with its description and default.

Made from the pydantic models, so that no key is ever missing: what a site says stands there, what it leaves to the
default is commented out. Called by `new_site`; knows no file.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

WIDTH = 118
_COLUMN = 44
_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60))


def lines(model: type[BaseModel], values: Mapping[str, Any], *, explain: bool = True) -> list[str]:
    """Return the YAML lines of a mapping, in the model's order; keys that `values` lacks are commented out.

    `explain` False leaves out descriptions and defaults: for the second item of a list.
    """
    return [line for block in blocks(model, values, explain=explain) for line in block]


def blocks(model: type[BaseModel], values: Mapping[str, Any], *, explain: bool = True) -> list[list[str]]:
    """Return the same key by key."""
    found: list[list[str]] = []
    for name, field in model.model_fields.items():
        if name in values:
            found.append(_said(name, field, values[name], explain=explain))
        elif explain:
            found.append([_commented(line) for line in _left(name, field)])
    return found


def _commented(line: str) -> str:
    return line if line.startswith("# ") else f"# {line}"


def _said(name: str, field: FieldInfo, value: object, *, explain: bool) -> list[str]:
    inner = nested(field)
    words = field.description if explain else None
    if inner is not None and isinstance(value, Mapping):
        keyed = _is_keyed(field)
        body = (
            [
                line
                for key, one in value.items()
                for line in _under(str(key), lines(inner, one, explain=explain))
            ]
            if keyed
            else lines(inner, value, explain=explain)
        )
        return _under(name, body, words)
    if inner is not None and isinstance(value, Sequence) and value:
        items = [_item(lines(inner, one, explain=explain and not index)) for index, one in enumerate(value)]
        return _under(name, [line for item in items for line in item], words)
    return _with_words(f"{name}: {scalar(value)}", words)


def _left(name: str, field: FieldInfo) -> list[str]:
    """Return a key that keeps its default, as it would be written."""
    inner = nested(field)
    if inner is not None and not _is_listed(field) and not _is_keyed(field):
        return _under(name, [line.removeprefix("# ") for line in lines(inner, {})], field.description)
    return _with_words(f"{name}: {scalar(default(field))}".rstrip(), field.description)


def default(field: FieldInfo) -> object:
    """Return the default as an admin would write it; an empty text where the key is required."""
    value = field.get_default(call_default_factory=True)
    return "" if value is PydanticUndefined else duration(value) if isinstance(value, float) else value


def duration(seconds: float) -> str:
    """Return `60s` as 1m, 604800 as 1w: the largest unit without a rest."""
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


def scalar(value: object) -> str:
    """Return a value in YAML's flow style on one line."""
    if isinstance(value, tuple | frozenset):
        value = list(value)
    elif isinstance(value, Enum):
        value = value.value
    elif isinstance(value, BaseModel):
        value = value.model_dump(exclude_none=True)
    elif value is not None and not isinstance(value, str | int | float | bool | list | dict):
        value = str(value)
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def nested(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model that stands under a key, its items or its values; a secret is written as a value."""
    return next((model for model in _models(field.annotation) if model.__name__ != "Secret"), None)


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _is_listed(field: FieldInfo) -> bool:
    return str(field.annotation).startswith("tuple[")


def _is_keyed(field: FieldInfo) -> bool:
    return str(field.annotation).startswith("dict[")


def _under(name: str, body: Sequence[str], words: str | None = None) -> list[str]:
    return [*_with_words(f"{name}:", words), *(f"  {line}" for line in body)]


def _item(body: Sequence[str]) -> list[str]:
    """Return a mapping as an item of a list: the dash stands before the first line that says something."""
    first = next(index for index, line in enumerate(body) if not line.startswith("#"))
    return [f"{'- ' if index == first else '  '}{line}" for index, line in enumerate(body)]


def _with_words(line: str, words: str | None) -> list[str]:
    if not words:
        return [line]
    together = f"{line.ljust(_COLUMN)} # {words}"
    return [together] if len(together) <= WIDTH - 8 else [f"# {words}", line]
