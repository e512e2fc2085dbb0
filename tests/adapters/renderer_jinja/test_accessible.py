"""Every mail as those meet it who see little, hear it read, or look at it in the dark (WCAG 2.2)."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from triage.adapters.renderer_jinja import JinjaRenderer, samples
from triage.core.model import Language

LAYOUT = (Path(__file__).parents[3] / "templates" / "layout.html").read_text(encoding="utf-8")
VOID = {"meta", "img", "br", "hr"}
Colours = dict[str, str]


def declared(style: str) -> Colours:
    pairs = (part.split(":", 1) for part in style.replace("!important", "").split(";") if ":" in part)
    return {name.strip(): value.strip() for name, value in pairs}


# What the layout's <style> makes of a class where a client likes it dark.
DARK = {
    name: declared(body) for name, body in re.findall(r"^\.(t-[a-z]+) \{ (.*?) \}$", LAYOUT, re.MULTILINE)
}


class Painted(HTMLParser):
    """A page as it is painted: each run of words with its ink and paper; the outline, languages and pictures."""

    def __init__(self, *, dark: bool) -> None:
        super().__init__()
        self.dark = dark
        self.stack: list[tuple[str, str, str]] = [("", "#000000", "#ffffff")]
        self.words: list[tuple[str, str, str]] = []
        self.headings: list[str] = []
        self.language: str | None = None
        self.pictures: list[dict[str, str | None]] = []
        self.tables: list[str | None] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        _, ink, paper = self.stack[-1]
        found = declared(given.get("style") or "")
        if self.dark:
            for name in (given.get("class") or "").split():
                found |= DARK.get(name, {})
        ink, paper = found.get("color", ink), found.get("background-color", paper)
        if tag == "html":
            self.language = given.get("lang")
        if tag == "img":
            self.pictures.append(given)
        if tag == "table":
            self.tables.append(given.get("role"))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)
        if tag not in VOID:
            self.stack.append((tag, ink, paper))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        tag, ink, paper = self.stack[-1]
        if data.strip() and tag not in {"style", "title"}:
            self.words.append((data.strip(), ink, paper))


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@cache
def pages(language: Language) -> tuple[tuple[str, str], ...]:
    renderer, found = JinjaRenderer(), []
    for sample in samples.samples(language):
        mail = sample.mail
        made = renderer.words(mail.template, mail.language, mail.variables, sample.now, mailbox=mail.mailbox)
        found.append((f"{mail.template} {sample.label}", made.html))
    return tuple(found)


def painted(html: str, *, dark: bool = False) -> Painted:
    page = Painted(dark=dark)
    page.feed(html)
    return page


def test_contrast_is_reckoned_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", Language)
def test_every_word_can_be_told_from_its_paper(language: Language, dark: bool) -> None:
    assert DARK
    for name, html in pages(language):
        page = painted(html, dark=dark)
        assert page.words, name
        for words, ink, paper in page.words:
            assert contrast(ink, paper) >= 4.5, (name, words, ink, paper)


@pytest.mark.parametrize("language", Language)
def test_every_mail_says_its_language_and_has_an_outline(language: Language) -> None:
    for name, html in pages(language):
        page = painted(html)
        assert page.language == language, name
        person = name.startswith("answer ")
        assert page.headings[:1] == ([] if person else ["h1"]), name
        assert set(page.headings[1:]) <= {"h2"}, name
        assert page.tables[:2] == ["presentation", "presentation"], name
        assert all(picture["alt"] for picture in page.pictures), name
        assert "http" not in "".join(str(picture["src"]) for picture in page.pictures), name


def test_in_the_dark_a_mail_keeps_its_coloured_edge() -> None:
    top, *sides = DARK["t-card"]["border-color"].split()
    assert top == DARK["t-box"]["border-color"]
    assert top not in sides
