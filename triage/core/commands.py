"""What agents write in the first lines of a mail, read into values: one grammar, one table, for every mail client.

`!word arguments`, one a line, at the top of the new text; the text below the last command is a note. Knows no
case: whether a command may be carried out is `lifecycle`'s question. `ACTIONS` is the table; docs print it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


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
    SPAM = "spam"
    SNOOZE = "snooze"
    WHY = "why"
    HISTORY = "history"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One action: its words in three languages, its arguments, and where the text below it goes."""

    words: tuple[str, ...]
    usage: str
    meaning: str
    text_to_client: bool = False


ACTIONS: dict[Action, Spelling] = {
    Action.TAKE: Spelling(("take", "tomar", "tomo", "pegar"), "!take", "the case is yours"),
    Action.ASSIGN: Spelling(
        ("assign", "asignar", "atribuir"), "!assign ADDRESS", "the case is another agent's"
    ),
    Action.ATTENDED: Spelling(
        ("attended", "atendido", "attend"),
        "!attended [phone|chat: what was said]",
        "a person has answered: the clock stops",
    ),
    Action.WAITING: Spelling(
        ("waiting", "esperando", "espera", "aguardando"),
        "!waiting",
        "the clock pauses until the client answers",
        text_to_client=True,
    ),
    Action.NOTE: Spelling(("note", "nota"), "!note TEXT", "kept inside"),
    Action.SEVERITY: Spelling(
        ("severity", "severidad", "severidade", "criticidad"),
        "!severity 1|2|3",
        "the deadline is worked out anew",
    ),
    Action.PRODUCT: Spelling(("product", "producto", "produto"), "!product NAME", "the product meant"),
    Action.ESCALATE: Spelling(
        ("escalate", "escalar", "derivar"),
        "!escalate AREA",
        "another area takes over; the client is told",
        text_to_client=True,
    ),
    Action.DATE: Spelling(
        ("date", "fecha", "data"),
        "!date 2026-12-15 [resolution|quote]",
        "the planned date; the client is told",
        text_to_client=True,
    ),
    Action.RESOLVE: Spelling(
        ("resolve", "resolver", "resuelto", "resolvido"),
        "!resolve [provisional]",
        "solved; the client is told",
        text_to_client=True,
    ),
    Action.CLOSE: Spelling(("close", "cerrar", "fechar"), "!close", "ends the case; nobody is told"),
    Action.REOPEN: Spelling(("reopen", "reabrir"), "!reopen", "opens an ended case again"),
    Action.SPAM: Spelling(("spam",), "!spam", "ends the case as spam; nobody is told"),
    Action.SNOOZE: Spelling(
        ("snooze", "posponer", "adiar"),
        "!snooze 2h",
        "no reminders to anybody for so long; the deadline stays",
    ),
    Action.WHY: Spelling(
        ("why", "porque", "porqué", "porquê"), "!why", "why this severity and this deadline"
    ),
    Action.HISTORY: Spelling(
        ("history", "historia", "histórico", "historico"), "!history", "what happened so far"
    ),
    Action.HELP: Spelling(("help", "ayuda", "ajuda"), "!help", "this list"),
}

_WORDS = {word: action for action, spelling in ACTIONS.items() for word in spelling.words}
_LINE = re.compile(r"\s*[!¡]\s?([^\W\d_]+)[ \t]*:?[ \t]*(.*?)\s*")


@dataclass(frozen=True, slots=True)
class Command:
    """One line; `action` None where the word is unknown (it never reaches a client)."""

    action: Action | None
    argument: str
    line: str


@dataclass(frozen=True, slots=True)
class Orders:
    """The commands at the top of a mail and the text below them."""

    commands: tuple[Command, ...]
    text: str


def read(new_text: str) -> Orders:
    """Read the commands at the top of an agent's new text; blank lines before and between them do not end them."""
    commands: list[Command] = []
    lines = new_text.split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        match = _LINE.fullmatch(line) if line.strip() else None
        if line.strip() and match is None:
            break
        if match is not None:
            commands.append(Command(_WORDS.get(match[1].casefold()), match[2], line.strip()))
        index += 1
    if not commands:
        return Orders((), new_text)
    return Orders(tuple(commands), "\n".join(lines[index:]).strip())


def help_text() -> str:
    """Return the table as lines for an agent."""
    return "\n".join(f"{spelling.usage}: {spelling.meaning}" for spelling in ACTIONS.values())
