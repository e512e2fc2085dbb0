"""The filters that templates may use: moments in words, cutting, quoting. `docs/templates.md` lists them for admins.

Knows the rendering's `now`, zone and language from the template's context; the words themselves are
`core.moments`'.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

from triage.adapters.renderer_jinja import letter
from triage.adapters.renderer_jinja.sandbox import Ours
from triage.core import moments
from triage.core.model import Kind, Language


def _here(context: Context) -> tuple[datetime, ZoneInfo, Language]:
    return context["now"], ZoneInfo(context["zone"]), Language(context["language"])


@pass_context
def moment(context: Context, at: str) -> str:
    """Say "hoy a las 15:42"."""
    now, zone, language = _here(context)
    return Ours(moments.moment(datetime.fromisoformat(at), now, zone, language))


@pass_context
def deadline(context: Context, at: str, kind: str = "maximum") -> str:
    """Say "hoy antes de las 15:42, hora de Buenos Aires"; with kind "from": "a partir del viernes 23 (fecha a ...)"."""
    now, zone, language = _here(context)
    return Ours(moments.deadline(datetime.fromisoformat(at), Kind(kind), now, zone, language))


@pass_context
def by(context: Context, at: str) -> str:
    """Say "hoy antes de las 15:42"."""
    now, zone, language = _here(context)
    return Ours(moments.by(datetime.fromisoformat(at), now, zone, language))


@pass_context
def exact(context: Context, at: str) -> str:
    """Say "martes 20 de octubre de 2026, 15:42 (hora de Buenos Aires)"."""
    _, zone, language = _here(context)
    return Ours(moments.exact(datetime.fromisoformat(at), zone, language))


@pass_context
def stamp(context: Context, at: str) -> str:
    """Say "mar 20/10 15:42"."""
    _, zone, language = _here(context)
    return Ours(moments.stamp(datetime.fromisoformat(at), zone, language))


@pass_context
def left(context: Context, at: str) -> str:
    """Say "quedan 1 h 30 min", "venció hace 20 min"."""
    now, _, language = _here(context)
    return Ours(moments.left(datetime.fromisoformat(at), now, language))


@pass_context
def day(context: Context, on: str) -> str:
    """Say "el martes 15 de diciembre", of a date."""
    now, zone, language = _here(context)
    return Ours(moments.date_words(date.fromisoformat(on), now.astimezone(zone).date(), language))


@pass_context
def calendar_day(context: Context, on: str) -> str:
    """Say "martes 15 de diciembre", of a date, without an article."""
    now, zone, language = _here(context)
    return Ours(moments.calendar_day(date.fromisoformat(on), now.astimezone(zone).date(), language))


@pass_context
def future(context: Context, at: str) -> bool:
    """Is this instant still to come?"""
    return datetime.fromisoformat(at) > _here(context)[0]


@pass_context
def number(context: Context, value: float) -> str:
    """Say a number with the language's decimal mark: "4,6"."""
    words = f"{value:g}"
    return Ours(words if context["language"] == Language.EN else words.replace(".", ","))


@pass_context
def size(context: Context, octets: int) -> str:
    """Say how large a file is: "900 B", "120 kB", "4,8 MB"."""
    if octets < 1_000:
        return Ours(f"{octets} B")
    if octets < 999_500:
        return Ours(f"{round(octets / 1_000)} kB")
    megabytes = octets / 1_000_000
    return Ours(f"{number(context, round(megabytes, 1) if megabytes < 10 else round(megabytes))} MB")


def ours(words: str) -> str:
    """The site's own words: addresses and links in them become links in the HTML."""
    return Ours(" ".join(letter.plain(words).split()))


def paragraphs(words: str) -> str:
    """Words of several lines, kept as lines and paragraphs."""
    return Ours(letter.tidy("\n".join(letter.fence(line) if line.strip() else "" for line in _lines(words))))


def quote(words: str, limit: int = 1_500) -> str:
    """Somebody else's words as a quotation, cut after `limit` characters."""
    text = words.strip()
    if len(text) > limit:
        text = text[:limit].rsplit(None, 1)[0] + " […]"
    quoted = [f"> {letter.fence(line)}" if line.strip() else ">" for line in _lines(text)]
    return Ours("\n".join(line for at, line in enumerate(quoted) if line != ">" or quoted[at - 1] != ">"))


def cut(words: str, limit: int = 80) -> str:
    """One line, cut after `limit` characters."""
    line = " ".join(words.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def sentence(words: str) -> str:
    """The same words with a capital at the beginning."""
    return type(words)(words[:1].upper() + words[1:])


def _lines(words: str) -> list[str]:
    return words.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")


FILTERS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        moment,
        deadline,
        by,
        exact,
        stamp,
        left,
        day,
        calendar_day,
        future,
        number,
        size,
        ours,
        paragraphs,
        quote,
        cut,
        sentence,
    )
}
