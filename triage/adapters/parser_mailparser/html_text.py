"""HTML turned into the text that a reader sees, with quoted parts marked `> `, through inscriptis behind a guard.

Loads nothing: links, images and styles stay what they are. inscriptis and libxml2 follow nested elements by
recursion, or drop what lies too deep; such documents, and giant ones, go through a plain linear stripper.
"""

import html
import re
from typing import Any

import lxml.etree
import lxml.html
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping

from triage.adapters.parser_mailparser import limits
from triage.core.text_cleaning import clean_text

# Private-use characters around what is quoted; taken out of the document first.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
# Elements without end, and those that the next one of their kind closes.
_NOT_NESTING = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "option",
    ]
)
_HIDDEN_START = re.compile(r"<(!--|script\b|style\b|title\b)", re.IGNORECASE)
_BREAKING = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|hr|/blockquote|/pre)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[/!?A-Za-z][^<>]*>")
_NO_BORDER = re.compile(r"border(?:-left)?\s*:\s*(?:none|0|medium none)", re.IGNORECASE)
# What a strange document may bring the two libraries to; its text can be had without them.
_BROKEN = (
    lxml.etree.LxmlError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_SPACES = re.compile(r"[ \t\xa0\u2000-\u200a\u202f\u3000\u034f]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def _ignore(*_: Any) -> None:
    """Leave an element to its style: tables are for layout here, drawing them as columns would tear sentences."""


_CONFIG = ParserConfig(
    css={
        **STRICT_CSS_PROFILE,
        "tr": HtmlElement(display=Display.block),
        "td": HtmlElement(suffix=" "),
        "th": HtmlElement(suffix=" "),
        "hr": HtmlElement(display=Display.block),
        "table": HtmlElement(display=Display.block),
    },
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        start_tag_mapping=dict.fromkeys(("table", "tr", "td", "th"), _ignore),
        end_tag_mapping=dict.fromkeys(("table", "td", "th"), _ignore),
    ),
)


def to_text(document: str) -> str:
    """Return the visible text of an HTML document; quoted blocks have `> ` before their lines."""
    document = _MARKS.sub("", clean_text(document, limits.HTML_CHARACTERS))
    document = _DECLARATION.sub("", document)
    if not document.strip():
        return ""
    text = _plain(document) if _monstrous(document) else _rendered(document)
    return _finished(text)


def _monstrous(document: str) -> bool:
    depth = deepest = count = 0
    for closing, name in _TAG.findall(document):
        count += 1
        if name.lower() not in _NOT_NESTING:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest > limits.HTML_DEPTH or count > limits.HTML_ELEMENTS


def _rendered(document: str) -> str:
    parser = lxml.html.HTMLParser(no_network=True, recover=True, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(document, parser=parser)
        for quote in list(tree.iter("blockquote")):
            if not _NO_BORDER.search(quote.get("style") or ""):
                _mark(quote)
        for link in tree.iter("a"):
            _show_letter(link)
        return str(Inscriptis(tree, _CONFIG).get_text())
    except _BROKEN:
        return _plain(document)


def _mark(quote: lxml.html.HtmlElement) -> None:
    """Put the marks on lines of their own inside the block, so that they survive the layout."""
    first = lxml.html.Element("div")
    first.text, first.tail = _OPEN, quote.text
    quote.text = None
    quote.insert(0, first)
    last = lxml.html.Element("div")
    last.text = _CLOSE
    quote.append(last)


def _show_letter(link: lxml.html.HtmlElement) -> None:
    """Show where a link to a written mail leads: by it our own mail is known where a program quotes it without marks."""
    target = link.get("href") or ""
    if target.lower().startswith("mailto:") and "?subject=" in target.lower():
        link.tail = f" {target} {link.tail or ''}"


def _plain(document: str) -> str:
    """Strip tags by linear expressions; what is left is readable, if not pretty."""
    document = " ".join(_without_hidden(document).split())
    return html.unescape(_ANY_TAG.sub("", _BREAKING.sub("\n", document)))


def _without_hidden(document: str) -> str:
    """Leave out comments, scripts, styles and the title; one that never ends hides nothing."""
    lower, pieces, position = document.lower(), [], 0
    endless: set[str] = set()
    while start := _HIDDEN_START.search(document, position):
        name = start[1].lower()
        end = "-->" if name == "!--" else f"</{name}"
        stop = -1 if name in endless else lower.find(end, start.end())
        pieces.append(document[position : start.start()])
        if stop < 0:
            # Looking for an end that is not there again and again would be quadratic.
            endless.add(name)
            position = start.end()
        else:
            position = stop + len(end)
    pieces.append(document[position:])
    return "".join(pieces)


def _finished(text: str) -> str:
    depth, lines = 0, []
    for line in clean_text(text).split("\n"):
        opened, closed = line.count(_OPEN), line.count(_CLOSE)
        depth += opened
        content = _SPACES.sub(" ", _MARKS.sub("", line)).strip()
        if not ((opened or closed) and not content):
            lines.append(("> " * min(depth, 20) + content).rstrip() if content else "")
        depth = max(0, depth - closed)
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
