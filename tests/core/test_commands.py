"""The grammar of agents' commands: what is one, what only looks like one, and what is words for a client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import commands
from triage.core.commands import ACTIONS, Action, Fault

WORDS = [(action, word) for action, spelling in ACTIONS.items() for word in spelling.words]


def actions(text: str) -> list[Action | None]:
    return [command.action for command in commands.read(text).commands]


def faults(text: str) -> list[Fault | None]:
    return [command.fault for command in commands.read(text).commands]


def test_no_word_means_two_actions() -> None:
    words = [word for _, word in WORDS]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(("action", "word"), WORDS)
def test_every_word_is_understood_in_any_letter_case(action: Action, word: str) -> None:
    for line in (
        f"!{word}",
        f"!{word.upper()}",
        f"! {word.capitalize()}",
        f"  ¡!{word}.",
        f"*!{word}*",
        f"！{word}",
    ):
        assert actions(line) == [action], line


@pytest.mark.parametrize(
    ("line", "action", "argument"),
    [
        ("!severity 2", Action.SEVERITY, "2"),
        ("!severity: 2", Action.SEVERITY, "2"),
        ("!severidad\u00a02 ", Action.SEVERITY, "2"),
        ("!porquê", Action.WHY, ""),
        ("!attended phone: le dijimos que !close", Action.ATTENDED, "phone: le dijimos que !close"),
        ("!note llamar a !close", Action.NOTE, "llamar a !close"),
        ("!forward-as-client ana@x.example", Action.FORWARD, "ana@x.example"),
        ("¡tomar", Action.TAKE, ""),
        ("!por qué", Action.WHY, ""),
        ("!Por qué?", Action.WHY, ""),
        ("!como cliente ana@x.example", Action.FORWARD, "ana@x.example"),
        ("!Reenviar como cliente", Action.FORWARD, ""),
        ("!abrir caso 12ab", Action.OPEN, "12ab"),
        ("!escalar a Desarrollo", Action.ESCALATE, "Desarrollo"),
        ("!asignar a Diego Maidana.", Action.ASSIGN, "Diego Maidana"),
        ("!unir con NO-2026-000001", Action.MERGE, "NO-2026-000001"),
        ("!nota a Diego.", Action.NOTE, "a Diego."),
    ],
)
def test_arguments_follow_the_word(line: str, action: Action, argument: str) -> None:
    (command,) = commands.read(line).commands
    assert (command.action, command.argument) == (action, argument)


@pytest.mark.parametrize(
    ("line", "action", "argument"),
    [
        ("! Tomar", Action.TAKE, ""),
        ("!\u00a0Tomar\u00a0", Action.TAKE, ""),
        ("‘!tomar’", Action.TAKE, ""),
        ("“!Tomar.”", Action.TAKE, ""),
        ("!Tomar…", Action.TAKE, ""),
        ("!Resuelto!", Action.RESOLVE, ""),
        ("!Escalar desarrollo. ", Action.ESCALATE, "desarrollo"),
        ("!Severidad 2.", Action.SEVERITY, "2"),
        ("!Fecha 2026–12–15", Action.DATE, "2026-12-15"),
        ("!ausente 2026‑12‑01 2026—12—15", Action.AWAY, "2026-12-01 2026-12-15"),
        ("!Forward–as–client", Action.FORWARD, ""),
        ("!Nota: entre las 9–12, sin falta…", Action.NOTE, "entre las 9–12, sin falta…"),
    ],
)
def test_what_a_phone_makes_of_a_command_is_still_that_command(
    line: str, action: Action, argument: str
) -> None:
    (command,) = commands.read(line).commands
    assert (command.action, command.argument) == (action, argument)


@pytest.mark.parametrize("mark", ["❗", "❗\ufe0f", "❗ ", "❕", "‼\ufe0f", "⁉"])
def test_a_picture_of_a_mark_is_asked_about_and_goes_to_nobody(mark: str) -> None:
    assert faults(f"{mark}tomar\n\nHola Ana") == [Fault.UNMARKED]
    assert commands.read(f"{mark}Atención, Ana: ya anda.").commands == ()


def test_blank_lines_do_not_end_the_commands_and_the_first_text_does() -> None:
    orders = commands.read("\n\n!take\n\n!severity 1\n\nEs grave.\n\n!x no es orden\n")
    assert [c.action for c in orders.commands] == [Action.TAKE, Action.SEVERITY]
    assert orders.text == "Es grave.\n\n!x no es orden"


def test_a_program_that_joins_lines_loses_no_command() -> None:
    orders = commands.read("!take !severity 2 !cerrar")
    assert [(c.action, c.argument) for c in orders.commands] == [
        (Action.TAKE, ""),
        (Action.SEVERITY, "2"),
        (Action.CLOSE, ""),
    ]


@pytest.mark.parametrize("line", ["!tkae", "!!! urgente", "!", "!123", "¡!", "!:close"])
def test_a_first_line_with_a_mark_is_never_words_for_a_client(line: str) -> None:
    assert faults(f"{line}\nhola") == [Fault.UNKNOWN]


def test_a_mail_of_faulty_lines_only_can_do_nothing() -> None:
    assert commands.read("!tkae\n!take").known
    assert not commands.read("!tkae").known


def test_a_misspelt_word_names_the_one_that_may_be_meant() -> None:
    assert [commands.read(f"!{word}").commands[0].near for word in ("clsoe", "atendio", "severitat")] == [
        "close", "atendido", "severity",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["take", "Resuelto.", "1take", "/close", "|tomar", "severity 2", "snooze 2h", "¡resuelto!"]
)
def test_a_first_line_that_lacks_its_mark_is_asked_about(line: str) -> None:
    assert faults(f"{line}\n\nHola Ana") == [Fault.UNMARKED]


@pytest.mark.parametrize(
    "text",
    [
        "Resuelto, ya anda.", "¡Hola Ana! Ya quedó.", "¡Resuelto! Ya anda.", "Espera un momento, por favor.", "Nota: falta un dato.",
        "Take a look at the picture.", "Fecha estimada: mañana.", "Hola !cerrar", "",
    ],
)  # fmt: skip
def test_words_for_a_client_are_no_command(text: str) -> None:
    assert commands.read(text).commands == ()
    assert commands.read(text).text == text


def test_a_command_below_the_first_lines_is_answered_not_run() -> None:
    orders = commands.read("Hola Ana:\n\n!cerrar\n\nSaludos")
    assert [(c.action, c.fault, c.line) for c in orders.commands] == [(None, Fault.MISPLACED, "!cerrar")]


@given(st.text())
def test_any_text_is_read_without_an_error_and_nothing_is_lost(text: str) -> None:
    orders = commands.read(text)
    assert orders.commands or orders.text == text


@given(
    st.lists(st.sampled_from([f"!{word}" for _, word in WORDS]), min_size=1, max_size=8),
    st.text("abc \n", max_size=30),
)
def test_commands_keep_their_order_above_any_text(lines: list[str], below: str) -> None:
    text = "\n".join([*lines, "", f"Texto {below}"])
    orders = commands.read(text)
    assert [f"!{c.line[1:]}" for c in orders.commands] == lines
    assert orders.text == f"Texto {below}".strip()
