"""A plain-text letter as blocks for the HTML layout: the words are written once, so both parts say the same.

Knows the few marks below and nothing of Jinja, cases or styles (those are `layout.html`'s). Called by `renderer`.

    first block               the heading of the mail, unless it is only a variable's words
    Title / -----             a heading within
    | words                   the box with what matters most
    - words                   a list
    Label:  words             a row of facts (two blanks after the colon)
    > words                   somebody else's words, quoted
    => Label: mailto:...      an action, one tap (the URL is the line's last word)
    -- / words                the closing lines, small

What comes from a variable stands between two private marks (`fence`) and can neither open a block nor become a link:
a client's text that looks like an action stays text.
"""

import re
from dataclasses import dataclass

OPEN, CLOSE = "\ue000", "\ue001"
_FENCED = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_MARKED = {"| ": "box", "- ": "list", "> ": "quote"}
_UNDERLINE = re.compile(r"-{3,}")
_ROW = re.compile(rf"(?P<label>[^:{OPEN}{CLOSE}]{{1,40}}):  +(?P<words>.+)")
_ACTION = re.compile(r"=> (?P<label>.+): (?P<url>(?:mailto:|https?://)\S+)")
_LINK = re.compile(
    r"(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
    r"|(?P<mail>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
    r"|(?P<tel>\(?\+[0-9][0-9 ().-]{5,20}[0-9])"
)


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a line; `href` where they are a link."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a block: its words, with their fences; `label` is a row's, `href` an action's."""

    words: str
    label: str = ""
    href: str = ""

    @property
    def runs(self) -> tuple[Run, ...]:
        """Return the words and links of the line."""
        return (Run(self.words, self.href),) if self.href else _runs(self.words)


@dataclass(frozen=True, slots=True)
class Block:
    """`kind`: title, heading, box, list, rows, quote, actions, closing or words."""

    kind: str
    lines: tuple[Line, ...]


def fence(value: str) -> str:
    """Put a variable's words between the marks, on one line."""
    return f"{OPEN}{' '.join(plain(value).split())}{CLOSE}"


def plain(text: str) -> str:
    """Return the letter without marks."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def text_part(text: str) -> str:
    """Return what the text part holds; the closing gets the blank by which mail clients know it (RFC 3676 4.3)."""
    return plain(text).replace("\n--\n", "\n-- \n")


def tidy(text: str) -> str:
    """Return the letter with at most one blank line between paragraphs and no blanks at the ends of lines."""
    lines = [line.rstrip() for line in text.strip().split("\n")]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept) + "\n"


def paragraphs(text: str) -> list[str]:
    """Split a tidy letter where its blank lines are."""
    return [part for part in text.strip("\n").split("\n\n") if part]


def blocks(text: str) -> tuple[Block, ...]:
    """Split a tidy letter into blocks; the first one is the title, if it is of our own words."""
    first, *others = paragraphs(text) or [""]
    return (*opening(first), *(block for part in others for block in blocks_of(part)))


def opening(paragraph: str) -> tuple[Block, ...]:
    """Return the blocks of a letter's first paragraph."""
    found = blocks_of(paragraph)
    if found and found[0].kind == "words" and _ours(paragraph):
        return (Block("title", found[0].lines), *found[1:])
    return found


def blocks_of(paragraph: str) -> tuple[Block, ...]:
    """Return the blocks of a further paragraph."""
    return tuple(_paragraph(paragraph.split("\n"))) if paragraph else ()


def _ours(paragraph: str) -> bool:
    """Does a paragraph hold words of the template? A person's letter has no heading."""
    return any(character.isalpha() for character in _FENCED.sub("", paragraph))


def _paragraph(lines: list[str]) -> list[Block]:
    if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1]):
        heading = Block("heading", (Line(lines[0]),))
        return [heading, *(_paragraph(lines[2:]) if lines[2:] else [])]
    if lines[0] == "--":
        return [Block("closing", tuple(map(Line, lines[1:])))]
    found: list[tuple[str, list[Line]]] = []
    for line in lines:
        kind, made = _line(line)
        if not found or found[-1][0] != kind:
            found.append((kind, []))
        found[-1][1].append(made)
    return [Block(kind, tuple(made)) for kind, made in found]


def _line(line: str) -> tuple[str, Line]:
    kind = _MARKED.get(line[:2])
    if kind:
        return kind, Line(line[2:])
    if line == ">":
        return "quote", Line("")
    if line.startswith("=> ") and (action := _ACTION.fullmatch(plain(line))):
        return "actions", Line(action["label"], href=action["url"])
    if ":  " in line and (row := _ROW.fullmatch(line)):
        return "rows", Line(row["words"], row["label"])
    return "words", Line(line)


def fenced_apart(text: str) -> list[str]:
    """Split a line where its fences are: our own words and a variable's in turn, own words first and last."""
    return _FENCED.split(text) if OPEN in text else [text]


def _runs(text: str) -> tuple[Run, ...]:
    """Split a line into words and links; only our own words are searched for links."""
    found: list[Run] = []
    for at, words in enumerate(fenced_apart(text)):
        found += [Run(words)] if at % 2 else linked(words)
    return tuple(run for run in found if run.text)


def linked(text: str) -> list[Run]:
    """Split words of our own into words and links."""
    if "@" not in text and "+" not in text and "://" not in text:
        return [Run(text)]
    found: list[Run] = []
    at = 0
    for link in _LINK.finditer(text):
        found += (Run(text[at : link.start()]), Run(link[0], _href(link)))
        at = link.end()
    return [*found, Run(text[at:])]


def _href(link: re.Match[str]) -> str:
    if link["tel"]:
        return "tel:" + re.sub(r"[^+0-9]", "", link["tel"])
    return f"mailto:{link['mail']}" if link["mail"] else link["url"]
