"""The blocks of a letter as HTML with inline styles; `layout.html` is the page around them.

Knows how mail clients read HTML: Gmail keeps inline styles only, Outlook on Windows ignores padding on links (hence
borders), dark colours come from the classes where a client reads the layout's <style>. Everything is escaped here.
In Python and not in the layout because every acknowledgement passes through: as a template it cost five times as much.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape

from triage.adapters.renderer_jinja import letter
from triage.adapters.renderer_jinja.letter import Block, Line

INK, SOFT, PAPER, ACCENT = "#1f2933", "#52606d", "#ffffff", "#0b5394"
BOX_INK, BOX_PAPER, QUOTE_INK, QUOTE_PAPER = "#102a43", "#e6f0fa", "#323f4b", "#f5f7fa"
FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"

_REFERENCE = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{0,11}-2\d{3}-\d{4,9}(?![\w-])")
_LINK = f'<a class="t-link" href="%s" style="color:{ACCENT};text-decoration:underline;">%s</a>'
_TITLE = f'<h1 class="t-text" style="margin:0 0 14px;font-size:20px;line-height:1.35;font-weight:700;color:{INK};">%s</h1>\n'
_HEADING = f'<h2 class="t-text" style="margin:20px 0 6px;font-size:16px;line-height:1.4;font-weight:700;color:{INK};">%s</h2>\n'
_BOX = (
    f'<div class="t-box" style="margin:14px 0;padding:12px 14px;background-color:{BOX_PAPER};border-left:4px solid '
    f'{ACCENT};border-radius:4px;font-size:18px;line-height:1.4;font-weight:700;color:{BOX_INK};">%s</div>\n'
)
_WORDS = '<p style="margin:0 0 12px;">%s</p>\n'
_QUOTE = (
    '<blockquote class="t-quote" style="margin:8px 0 14px;padding:8px 12px;border-left:3px solid #9aa5b1;'
    f'background-color:{QUOTE_PAPER};color:{QUOTE_INK};">%s</blockquote>\n'
)
_CLOSING = (
    '<div class="t-soft t-rule" style="margin:20px 0 0;padding:12px 0 0;border-top:1px solid #d5dbe1;font-size:14px;'
    f'line-height:1.45;color:{SOFT};">%s</div>\n'
)
_ITEM = '<li style="margin:0 0 6px;">%s</li>\n'
_LIST = '<ul style="margin:6px 0 12px;padding:0 0 0 22px;">\n%s</ul>\n'
_ROW = (
    f'<tr><th class="t-soft" scope="row" align="left" valign="top" style="padding:3px 12px 3px 0;font-weight:400;'
    f'color:{SOFT};text-align:left;white-space:nowrap;">%s:</th><td valign="top" style="padding:3px 0;">%s</td></tr>\n'
)
_ROWS = (
    '<table class="t-text" cellpadding="0" cellspacing="0" border="0" style="margin:10px 0 12px;border-collapse:'
    f'collapse;{FONT}font-size:15px;line-height:1.4;color:{INK};">\n%s</table>\n'
)
_ACTION = (
    f'<a href="%s" style="display:inline-block;margin:0 6px 8px 0;background-color:{ACCENT};border:solid {ACCENT};'
    f"border-width:12px 16px;border-radius:6px;color:{PAPER};font-size:15px;line-height:1.3;font-weight:600;"
    'text-decoration:none;">%s</a>\n'
)
_ACTIONS = '<p style="margin:10px 0 12px;">\n%s</p>\n'


def of_letter(text: str) -> str:
    """Return a tidy letter as an HTML fragment."""
    first, *others = letter.paragraphs(text) or [""]
    return html(letter.opening(first)) + "".join(
        html(letter.blocks_of(part)) if letter.OPEN in part else _known(part) for part in others
    )


@lru_cache(maxsize=512)
def _known(paragraph: str) -> str:
    """Return a paragraph without any variable's words: the same in letter after letter, and nothing of a client's."""
    return html(letter.blocks_of(paragraph))


def html(blocks: tuple[Block, ...]) -> str:
    """Return blocks as an HTML fragment."""
    return "".join(_MAKERS[block.kind](block) for block in blocks)


def _words(line: Line) -> str:
    words = letter.fenced_apart(line.words)
    return "".join([_plain(some) if at % 2 else _own(some) for at, some in enumerate(words)])


@lru_cache(maxsize=512)
def _own(words: str) -> str:
    """Return words of the site's or a template's, between what variables hold: the same in letter after letter too."""
    return "".join(
        _LINK % (escape(run.href), escape(run.text)) if run.href else _plain(run.text)
        for run in letter.linked(words)
    )


def _plain(text: str) -> str:
    """Return words escaped, a case's reference on one line: people read it out on the telephone."""
    words = escape(text, quote=False)
    return _REFERENCE.sub(_unbroken, words) if "-2" in text else words


def _unbroken(reference: re.Match[str]) -> str:
    return f'<span style="white-space:nowrap;">{reference[0]}</span>'


def _lines(block: Block) -> str:
    return "<br>".join(map(_words, block.lines))


def _within(frame: str) -> Callable[[Block], str]:
    return lambda block: frame % _lines(block)


def _list(block: Block) -> str:
    return _LIST % "".join(_ITEM % _words(line) for line in block.lines)


def _rows(block: Block) -> str:
    return _ROWS % "".join(_ROW % (escape(line.label), _words(line)) for line in block.lines)


def _actions(block: Block) -> str:
    return _ACTIONS % "".join(_ACTION % (escape(line.href), escape(line.words)) for line in block.lines)


_MAKERS: Mapping[str, Callable[[Block], str]] = {
    "title": _within(_TITLE),
    "heading": _within(_HEADING),
    "box": _within(_BOX),
    "words": _within(_WORDS),
    "quote": _within(_QUOTE),
    "closing": _within(_CLOSING),
    "list": _list,
    "rows": _rows,
    "actions": _actions,
}
