"""What agents write in the first lines of a mail, read into values: one grammar, one table, for every mail client.

`!word arguments`, one a line, at the top of the new text; the text below the last command is a note. Knows no
case: whether a command may be carried out is `lifecycle`'s question. `ACTIONS` is the table; docs print it. A line
that only looks like a command (misspelt, without its mark, below the text) is read as a faulty one: it is answered,
never carried out, and keeps the mail from going on to a client.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from triage.core.comparable import fold


class Action(StrEnum):
    TAKE = "take"
    ASSIGN = "assign"
    ATTENDED = "attended"
    WAITING = "waiting"
    NOTE = "note"
    SEVERITY = "severity"
    PRODUCT = "product"
    ESCALATE = "escalate"
    DATE = "date"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    SPLIT = "split"
    SPAM = "spam"
    SNOOZE = "snooze"
    AWAY = "away"
    FORWARD = "forward-as-client"
    WHY = "why"
    HISTORY = "history"
    FILES = "files"
    UNDO = "undo"
    OPEN = "open"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One action: its words in three languages, its arguments, and where the text below it goes.

    `once`: a link's token for it is spent by its first use, because repeating it later would hurt.
    """

    words: tuple[str, ...]
    usage: str
    meaning: str
    text_to_client: bool = False
    once: bool = False


ACTIONS: dict[Action, Spelling] = {
    Action.TAKE: Spelling(
        ("take", "tomar", "tomo", "asumir", "pegar", "assumir"), "!take", "the case is yours"
    ),
    Action.ASSIGN: Spelling(
        ("assign", "asignar", "atribuir"), "!assign ADDRESS", "the case is another agent's"
    ),
    Action.ATTENDED: Spelling(
        ("attended", "attend", "atendido", "atendida"),
        "!attended [phone|chat: what was said]",
        "a person has answered: the clock stops",
        once=True,
    ),
    Action.WAITING: Spelling(
        ("waiting", "wait", "esperando", "esperar", "espera", "aguardando", "aguardar"),
        "!waiting",
        "the clock pauses until the client answers; the text below asks the client",
        text_to_client=True,
    ),
    Action.NOTE: Spelling(("note", "nota", "anotar"), "!note TEXT", "kept inside"),
    Action.SEVERITY: Spelling(
        ("severity", "severidad", "criticidad", "severidade", "criticidade"),
        "!severity 1|2|3",
        "the deadline is worked out anew; the client is told if it moved",
        once=True,
    ),
    Action.PRODUCT: Spelling(("product", "producto", "produto"), "!product NAME", "the product meant"),
    Action.ESCALATE: Spelling(
        ("escalate", "escalar", "derivar", "escalonar"),
        "!escalate AREA",
        "another area takes over; the client is told, with the text below",
        text_to_client=True,
        once=True,
    ),
    Action.DATE: Spelling(
        ("date", "fecha", "data"),
        "!date 2026-12-15 [resolution|quote]",
        "the planned date; the client is told, with the text below",
        text_to_client=True,
    ),
    Action.RESOLVE: Spelling(
        ("resolve", "resolved", "resolver", "resuelto", "resolvido"),
        "!resolve [provisional]",
        "solved; the client is told, with the text below",
        text_to_client=True,
        once=True,
    ),
    Action.CLOSE: Spelling(
        ("close", "cerrar", "fechar", "encerrar"), "!close", "ends the case; nobody is told", once=True
    ),
    Action.REOPEN: Spelling(("reopen", "reabrir"), "!reopen", "opens an ended case again", once=True),
    Action.MERGE: Spelling(
        ("merge", "unir", "fusionar", "juntar", "mesclar"),
        "!merge REFERENCE",
        "this case goes on in that one",
        once=True,
    ),
    Action.SPLIT: Spelling(
        ("split", "separar", "dividir"),
        "!split",
        "the client's latest mail becomes a case of its own",
        once=True,
    ),
    Action.SPAM: Spelling(
        ("spam", "basura", "lixo"), "!spam", "ends the case as spam; nobody is told", once=True
    ),
    Action.SNOOZE: Spelling(
        ("snooze", "posponer", "postergar", "adiar"),
        "!snooze 2h",
        "no reminders to anybody for so long; the deadline stays",
    ),
    Action.AWAY: Spelling(
        ("away", "ausente", "ausencia"),
        "!away [2026-12-01 2026-12-15 | off]",
        "you are away (today, or these days): others get your reminders",
    ),
    Action.FORWARD: Spelling(
        ("forward-as-client", "como-cliente", "reenviar-como-cliente", "encaminhar-como-cliente"),
        "!forward-as-client [ADDRESS]",
        "the case belongs to the sender of the forwarded mail",
    ),
    Action.WHY: Spelling(("why", "porque", "por-que"), "!why", "why this severity and this deadline"),
    Action.HISTORY: Spelling(
        ("history", "historia", "historial", "historico"), "!history", "what happened so far"
    ),
    Action.FILES: Spelling(
        ("files", "archivos", "adjuntos", "arquivos", "anexos"),
        "!files",
        "what the client attached comes to you in mails of their own",
    ),
    Action.UNDO: Spelling(
        ("undo", "deshacer", "desfazer"),
        "!undo",
        "takes back the last close, spam, merge, resolve or severity, for two hours",
    ),
    Action.OPEN: Spelling(
        ("open", "abrir", "abrir-caso"), "!open MAIL", "a mail of the daily summary becomes a case", once=True
    ),
    Action.HELP: Spelling(("help", "ayuda", "ajuda"), "!help", "this list"),
}

_WORDS = {word: action for action, spelling in ACTIONS.items() for word in spelling.words}
# Their arguments are no free text: a second command on the line (a phone joined two) can be told from them.
_TERSE = frozenset(Action) - {Action.NOTE, Action.ATTENDED}

# Of several words, which people write apart ("!por qué"); and what they put before a name ("!escalar a desarrollo").
_APART = tuple(sorted((word for word in _WORDS if "-" in word), key=len, reverse=True))
_TO_WHOM = frozenset({Action.ASSIGN, Action.ESCALATE, Action.MERGE})
_TO = re.compile(r"(?:a|al|ao|à|to|para|con|com|with|into)\s+(?=\S)", re.IGNORECASE)

# A word, its letters maybe of capitals or accents; blanks before the mark, an inverted one, or a bold star (MUAs
# write *!take* for bold); a full-width mark is what an Asian keyboard gives, and curly quotes, dashes, an ellipsis or
# a full stop after two blanks what a phone makes of what was typed.
_ORNAMENT = r"[\s*_\"'“‘«]{0,8}"
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_WORD = r"[^\W\d_]+(?:[-‐‑‒–—−][^\W\d_]+){0,3}"
_LINE = re.compile(
    rf"{_ORNAMENT}¡?\s{{0,4}}[!！]\s{{0,3}}({_WORD})[.,;…!?*_\"'”’»]{{0,3}}(?:(?:[ \t\u00a0]|[:=])+(.*?))?[\s*_]*"
)
_MARKED = re.compile(rf"{_ORNAMENT}¡?\s{{0,4}}[!！]")
_INVERTED = re.compile(rf"{_ORNAMENT}¡\s{{0,3}}({_WORD})[.:]?(?:[ \t\u00a0]+(.*?))?\s*")
_LOOKALIKE = re.compile(
    rf"\s{{0,4}}(?:[1|/\\#]|[❗❕‼⁉]\ufe0f?\s{{0,3}})({_WORD})[.:]?(?:[ \t]+(\S+))?(?:[ \t]+(\S+))?\s*"
)
_BARE = re.compile(rf"\s{{0,4}}({_WORD})[.:]?\s*(?:[ \t]([123]|\d{{1,4}}[mhd]|\d{{4}}-\d\d-\d\d))?\s*")
_NEXT = re.compile(rf"\s[!！]({_WORD})")
_READ_LINE = 500


class Fault(StrEnum):
    """Why a line that looks like a command is none: no such word; its mark missing; not among the first lines.

    `quoted`: the agent's words cannot be told from our own mail below them, with its links. `no_case`: words in
    answer to a mail of ours that is about no single case. `nobody`: words for the client of a case that has none.
    """

    UNKNOWN = "unknown"
    QUOTED = "quoted"
    UNMARKED = "unmarked"
    NO_CASE = "no_case"
    NOBODY = "nobody"
    MISPLACED = "misplaced"


@dataclass(frozen=True, slots=True)
class Command:
    """One line. `action` None: it is not carried out, `fault` says why, `near` the word that may have been meant."""

    action: Action | None
    argument: str
    line: str
    near: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """The commands at the top of a mail and the text below them."""

    commands: tuple[Command, ...]
    text: str

    @property
    def known(self) -> bool:
        """Say whether any of them can be carried out at all."""
        return any(command.action is not None for command in self.commands)


def read(own_text: str) -> Orders:
    """Read the commands at the top of what an agent wrote; blank lines before and between them do not end them.

    Without one, a first line that looks like a misspelt command, or a command further down, makes the mail an order
    all the same: a faulty one, to be answered.
    """
    found: list[Command] = []
    lines = own_text.split("\n")
    index = 0
    for index, line in enumerate(lines):  # noqa: B007 - where the loop ends is where the text begins
        if line.strip():
            commands = list(_commands(line[:_READ_LINE], first=not found))
            if not commands:
                break
            found += commands
    else:
        index = len(lines)
    if found:
        return Orders(tuple(found), "\n".join(lines[index:]).strip())
    return Orders(strays(own_text), own_text)


def strays(text: str) -> tuple[Command, ...]:
    """Return the lines of a text that are commands word for word, where none is carried out: below the first lines."""
    marked = (line[:_READ_LINE] for line in text.split("\n") if "!" in line or "！" in line)
    return tuple(
        Command(None, "", line.strip(), fault=Fault.MISPLACED)
        for line in marked
        if (match := _LINE.fullmatch(line)) and _action(match[1]) is not None
    )


def _commands(line: str, *, first: bool) -> Iterator[Command]:
    """Yield the commands of one line: none where it is text, several where a mail program joined lines."""
    match = _LINE.fullmatch(line) or _inverted(line)
    if match is None:
        if _MARKED.match(line):
            yield Command(None, "", line.strip(), fault=Fault.UNKNOWN)
        elif first and (near := _unmarked(line)):
            yield Command(None, "", line.strip(), near, Fault.UNMARKED)
        return
    action, rest = _named(match[1], (match[2] or "").strip())
    if action is None:
        yield Command(None, rest, line.strip(), _near(match[1]), Fault.UNKNOWN)
        return
    joined = _NEXT.search(f" {rest}") if action in _TERSE else None
    if joined is None or _action(joined[1]) is None:
        yield Command(action, _argument(action, rest), line.strip())
        return
    own = f" {rest}"[: joined.start()].strip()
    yield Command(action, _argument(action, own), f"!{match[1]} {own}".strip())
    yield from _commands(rest[joined.start() :], first=False)


def _inverted(line: str) -> re.Match[str] | None:
    """A mark typed as the inverted one only: `¡tomar` is a command, `¡Resuelto! Ya anda.` is Spanish."""
    match = _INVERTED.fullmatch(line) if "!" not in line else None
    return match if match is not None and _action(match[1]) is not None else None


def _unmarked(line: str) -> str:
    """Return the command's word where a first line is one in all but its mark."""
    bare = line.strip().removeprefix("¡").removesuffix("!") if line.strip().startswith("¡") else line
    match = _LOOKALIKE.fullmatch(line) or _BARE.fullmatch(bare)
    return fold(match[1]) if match is not None and _action(match[1]) is not None else ""


def _named(word: str, rest: str) -> tuple[Action | None, str]:
    """Return the action of a line's first word, or first words, and what follows them."""
    said = [each.strip(".,;…?") for each in (fold(word), *fold(rest).split())]
    for whole in _APART:
        parts = whole.split("-")
        if said[: len(parts)] == parts:
            return _WORDS[whole], " ".join(rest.split()[len(parts) - 1 :])
    return _action(word), rest


def _argument(action: Action, rest: str) -> str:
    """Return an argument without what phones and people put around one; free text stays as it was written."""
    if action not in _TERSE:
        return rest
    bare = rest.translate(_DASHES).rstrip(" .,;…")
    return _TO.sub("", bare, count=1) if action in _TO_WHOM and _TO.match(bare) else bare


def _action(word: str) -> Action | None:
    return _WORDS.get(fold(word).translate(_DASHES))


def _near(word: str) -> str:
    return next(iter(difflib.get_close_matches(fold(word)[:40], _WORDS, n=1, cutoff=0.6)), "")
