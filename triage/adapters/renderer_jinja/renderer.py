"""Puts a draft into words: subject, plain text, and HTML in one layout. Implements `ports.Renderer`.

Knows templates, their order and their limits; does not know cases, stores or addresses: a draft's variables are plain
JSON and all a template may use. Called by `app.dispatch` (in a thread) and by `triage templates`.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Template, TemplateSyntaxError
from jinja2.exceptions import TemplateNotFound, UndefinedError
from jinja2.loaders import FunctionLoader
from markupsafe import Markup

from triage.adapters.renderer_jinja import letter, letter_html, sandbox, sources
from triage.adapters.renderer_jinja.filters import FILTERS
from triage.adapters.renderer_jinja.sources import Sources, Where
from triage.core.model import Language
from triage.core.records import OutboxRow
from triage.errors import Permanent, Problem
from triage.ports import Rendered

if TYPE_CHECKING:
    from triage.adapters.renderer_jinja.sample_site import Sample

SUBJECT_LIMIT = 250
TEXT_LIMIT = 200_000
_UNDEFINED = re.compile(r"'(\w+)' is undefined")


@dataclass(frozen=True)
class _Loaded:
    """One consistent set of templates: swapped whole on reload."""

    sources: Sources
    room: sandbox.Room


class JinjaRenderer:
    """Renders drafts. `overrides`: the site's folder of templates, or None."""

    def __init__(self, overrides: Path | None = None, shipped: Path | None = None) -> None:
        """Read all templates; raises Misconfigured when a folder or file cannot be used."""
        self._shipped = shipped or sources.shipped_dir()
        self._overrides = overrides
        self._loaded = self._load()

    def reload(self) -> None:
        """Read the folders again and swap whole; raises Misconfigured and keeps the old ones when they cannot be."""
        self._loaded = self._load()

    def adopt(self, other: "JinjaRenderer") -> None:
        """Take over the templates that another one has read, whole."""
        self._loaded = other._loaded  # noqa: SLF001 - another of our own kind

    def _load(self) -> _Loaded:
        found = sources.read(self._shipped, self._overrides)

        def load(name: str) -> tuple[str, str, None] | None:
            mailbox, severity, language, file = name.split(":", 3)
            template = found.find(Where(mailbox, severity, language), file)
            return (template.source, template.file, None) if template else None

        room = sandbox.Room(FunctionLoader(load))
        sandbox.add_filters(room, FILTERS)
        return _Loaded(found, room)

    def names(self) -> tuple[str, ...]:
        """Return the names of all mails."""
        return self._loaded.sources.names()

    def files(self, name: str, language: str, mailbox: str = "", severity: str = "") -> tuple[str, ...]:
        """Return which files make a mail: subject, text and, where there is one of its own, HTML."""
        found = self._loaded.sources
        where = found.where(mailbox, severity, language)
        chosen = [found.find(where, f"{name}{end}") for end in (".subject.txt", ".txt")]
        if self._own_html(found, where, name):
            chosen.append(found.find(where, f"{name}.html"))
        return tuple(one.file for one in chosen if one)

    def render(self, row: OutboxRow, now: datetime, *, html: bool = True) -> Rendered:
        """Put a draft into words in its language; `html` False: text only. Raises Permanent with template and line."""
        draft = row.draft
        variables: Mapping[str, Any] = draft["variables"]
        severity = str((variables.get("case") or {}).get("severity", ""))
        return self.words(
            str(draft["template"]),
            str(draft["language"]),
            variables,
            now,
            mailbox=row.mailbox,
            severity=severity,
            html=html,
        )

    def words(
        self,
        name: str,
        language: str,
        variables: Mapping[str, Any],
        now: datetime,
        *,
        mailbox: str = "",
        severity: str = "",
        html: bool = True,
    ) -> Rendered:
        """Render by name; `variables` need `zone`. Raises Permanent with template and line."""
        loaded = self._loaded
        where = loaded.sources.where(mailbox, severity, language)
        values = {**loaded.room.globals, **variables, "language": language, "now": now}
        loaded.room.budget.turns = sandbox.LOOP_TURNS
        subject = " ".join(letter.plain(self._run(loaded, where, f"{name}.subject.txt", values)).split())
        text = letter.tidy(self._run(loaded, where, f"{name}.txt", values))
        page = self._page(loaded, where, name, subject, text, values) if html else ""
        return Rendered(_cut(subject), letter.text_part(text), page)

    def _page(
        self, loaded: _Loaded, where: Where, name: str, subject: str, text: str, values: dict[str, Any]
    ) -> str:
        file = f"{name}.html" if self._own_html(loaded.sources, where, name) else "layout.html"
        made = Markup(letter_html.of_letter(text))  # noqa: S704 - letter_html escapes every word
        # Not fenced: a page needs no fences, and its letters are as narrow as the mail's own while it holds none.
        own = {"subject_line": sandbox.Ours(subject), "language": sandbox.Ours(where.language)}
        return letter.plain(self._run(loaded, where, file, {**values, **own, "letter": made}))

    def check(self) -> tuple[Problem, ...]:
        """Render every mail of the samples in every language, as each mailbox and severity with overrides would.

        Returns what failed; an override that no draft can fill is found at the start, not by the first customer.
        """
        from triage.adapters.renderer_jinja import samples  # noqa: PLC0415 - a start without overrides needs none

        heads = {path.rsplit("/", 1)[0] for path in self._loaded.sources.overrides if "/" in path}
        mailboxes = {"", *(part for head in heads for part in head.split("/"))}
        problems: dict[Problem, None] = {}
        for language in Language:
            for sample in samples.samples(language):
                for mailbox in mailboxes:
                    if problem := self._problem(sample, mailbox):
                        problems[problem] = None
        return (*problems, *self._unknown())

    def _problem(self, sample: "Sample", mailbox: str) -> Problem | None:
        mail = sample.mail
        severity = str((mail.variables.get("case") or {}).get("severity", ""))
        try:
            self.words(
                mail.template, mail.language, mail.variables, sample.now, mailbox=mailbox, severity=severity
            )
        except Permanent as error:
            return _as_problem(str(error))
        return None

    def _unknown(self) -> tuple[Problem, ...]:
        """Return a warning for every override whose name no mail has: most likely misspelt."""
        shipped = {path.rsplit("/", 1)[-1] for path in self._loaded.sources.shipped}
        mails = {f"{name}.html" for name in self.names()}
        return tuple(
            Problem(file, 0, 0, "", "overrides nothing: no mail has this name", warning=True)
            for path, (_, file) in sorted(self._loaded.sources.overrides.items())
            if path.rsplit("/", 1)[-1] not in shipped | mails
        )

    @staticmethod
    def _own_html(found: Sources, where: Where, name: str) -> bool:
        html = found.find(where, f"{name}.html")
        text = found.find(where, f"{name}.txt") if html else None
        return bool(html and text and html.rank <= text.rank)

    @staticmethod
    def _run(loaded: _Loaded, where: Where, file: str, values: dict[str, Any]) -> str:
        full = f"{where.mailbox}:{where.severity}:{where.language}:{file}"
        try:
            template: Template = loaded.room.get_template(full)
            return sandbox.rendered(template, values, TEXT_LIMIT)
        except TemplateNotFound as error:
            wanted = str(error.name).rsplit(":", 1)[-1]
            raise Permanent(
                f"{_place(error, file)}: no such template: {wanted} ({where.language})"
            ) from error
        except TemplateSyntaxError as error:
            raise Permanent(f"{error.filename}:{error.lineno}: {error.message}") from error
        except sandbox.FAULTS as error:
            given = values.keys() - loaded.room.globals.keys()
            raise Permanent(f"{_place(error, file)}: {_reason(error, given)}") from error


def _cut(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1] + "…"


def _reason(error: BaseException, given: Iterable[str]) -> str:
    words = str(error) or type(error).__name__
    if isinstance(error, UndefinedError) and (unknown := _UNDEFINED.fullmatch(words)):
        near = difflib.get_close_matches(unknown[1], given, n=1)
        return f"{words}; did you mean {near[0]!r}?" if near else words
    return words


def _place(error: BaseException, file: str) -> str:
    """Return the innermost template file and line of the traceback (Jinja rewrites its frames to template lines)."""
    found = file
    frame = error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if name.endswith(sources.SUFFIXES):
            found = f"{name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return found


def _as_problem(message: str) -> Problem:
    """Take `file:line: words` apart again."""
    place = re.match(r"(?P<file>.+?):(?P<line>\d+): (?P<words>.*)", message, re.DOTALL)
    if place is None:
        return Problem("templates", 0, 0, "", message)
    return Problem(place["file"], int(place["line"]), 1, "", place["words"])
