"""BODYSTRUCTURE (RFC 3501 section 7.4.2) to leaves. Pure: tuples in, leaves out.

Servers disagree about everything after a part's required fields, so what is optional is found by its shape, never
by its place. Raises Unusable where a tree makes no sense; the mail is then fetched whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from email.header import decode_header, make_header
from email.utils import collapse_rfc2231_value, decode_params
from typing import Any

from triage.core.message import Leaf

MAX_PARTS = 10_000
"""More leaves than Dovecot would describe; a tree beyond that is a bomb."""

_SIZE = 6  # type, subtype, parameters, id, description, encoding, size
_NAME_LIMIT = 500
_DEEPEST = 100  # multiparts around a part that are told; a chain of thousands would cost its square


class Unusable(ValueError):
    """A structure that describes no mail."""


def leaves(body: Any) -> tuple[Leaf, ...]:
    """Return the leaves of a parsed BODYSTRUCTURE in their order, without bodies."""
    found = tuple(_leaf(section, part, containers) for section, part, containers in _parts(body))
    if not found:
        raise Unusable("a structure without parts")
    return found


def _parts(body: Any) -> Iterator[tuple[str, Sequence[Any], tuple[str, ...]]]:
    """Walk the tree without recursion: nesting is the sender's choice."""
    count = 0
    pending: list[tuple[str, Any, tuple[str, ...]]] = [("", body, ())]
    while pending:
        section, part, containers = pending.pop()
        if not isinstance(part, tuple | list) or not part:
            raise Unusable(f"no part at section {section or 'top'}")
        children = _children(part)
        if not children:
            count += 1
            if count > MAX_PARTS:
                raise Unusable(f"more than {MAX_PARTS} parts")
            yield section or "1", part, containers
        prefix = f"{section}." if section else ""
        around = (*containers, _subtype(part, children)) if len(containers) < _DEEPEST else containers
        numbered = [(f"{prefix}{number}", child, around) for number, child in enumerate(children, 1)]
        pending.extend(reversed(numbered))


def _subtype(part: Sequence[Any], children: Sequence[Any]) -> str:
    """Return a multipart's subtype, which stands behind its parts; mixed where a server forgot it."""
    behind = 1 if isinstance(part[0], list) else len(children)
    return (_text(part[behind]).lower() if len(part) > behind else "") or "mixed"


def _children(part: Sequence[Any]) -> Sequence[Any]:
    """Return a multipart's parts; imapclient puts them into a list at the front, nested or not."""
    if isinstance(part[0], list):
        return part[0]
    children: list[Any] = []
    for item in part:
        if not isinstance(item, tuple):
            break
        children.append(item)
    return children


def _leaf(section: str, part: Sequence[Any], containers: tuple[str, ...]) -> Leaf:
    if len(part) <= _SIZE or not isinstance(part[0], bytes):
        raise Unusable(f"too few fields at section {section}")
    parameters = _parameters(part[2])
    disposition, more = _disposition(part[_SIZE + 1 :])
    return Leaf(
        section=section,
        content_type=f"{_text(part[0])}/{_text(part[1])}".lower(),
        parameters=parameters,
        encoding=(_text(part[5]) or "7bit").lower(),
        disposition=disposition,
        filename=_label(more, "filename") or _label(parameters, "name"),
        content_id=_text(part[3]).strip("<>"),
        size=part[_SIZE] if isinstance(part[_SIZE], int) else 0,
        containers=containers,
    )


def _parameters(found: Any) -> Mapping[str, str]:
    """Read a list of names and values; an odd or missing one is no reason to doubt the rest."""
    if not isinstance(found, tuple | list):
        return {}
    names, values = found[::2], found[1::2]
    pairs = ((_text(name).lower(), _text(value)) for name, value in zip(names, values, strict=False))
    return {name: value for name, value in pairs if name}


def _disposition(extension: Sequence[Any]) -> tuple[str, Mapping[str, str]]:
    # the only pair of a word and a list or NIL; a list of languages holds words, an envelope is longer
    for item in extension:
        pair = isinstance(item, tuple | list) and len(item) == 2
        if pair and isinstance(item[0], bytes) and (item[1] is None or isinstance(item[1], tuple | list)):
            return _text(item[0]).lower(), _parameters(item[1])
    return "", {}


def _label(parameters: Mapping[str, str], name: str) -> str:
    """Return a file name: RFC 2231's pieces put together, or RFC 2047 words that should not be there."""
    if parameters.get(name):
        return _decoded_words(parameters[name])
    pieces = [(key, value) for key, value in parameters.items() if key.startswith(f"{name}*")]
    if not pieces:
        return ""
    try:
        decoded = dict(decode_params([("x", ""), *pieces])[1:])
        found = decoded.get(name, "")
        if isinstance(found, str):
            return found.strip('"')[:_NAME_LIMIT]
        return collapse_rfc2231_value((found[0], found[1], found[2].strip('"')))[:_NAME_LIMIT]
    except (ValueError, LookupError, TypeError):
        return pieces[0][1][:_NAME_LIMIT]


def _decoded_words(value: str) -> str:
    if "=?" not in value:
        return value[:_NAME_LIMIT]
    try:
        return str(make_header(decode_header(value[: 4 * _NAME_LIMIT])))[:_NAME_LIMIT] or value[:_NAME_LIMIT]
    except (ValueError, LookupError):
        return value[:_NAME_LIMIT]


def _text(value: Any) -> str:
    """Return a field as text: UTF-8 where it is, else octet by octet."""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, bytes):
        return ""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
