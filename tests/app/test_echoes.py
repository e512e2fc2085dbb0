"""Is it an echo? What one batch and the store know of a writer to whom we have just written."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.app.house import DESK, START
from tests.builders import a_message
from triage.app.echoes import Echoes, writers
from triage.core import reading
from triage.core.message import Message
from triage.core.model import MailKind
from triage.core.reception import Route, Way
from triage.core.records import OutboxRow
from triage.core.understood import Reading
from triage.ports import Store, Transaction

ROBOT = "robot@cliente.example"
OPENS = Route(Way.OPEN, "a new matter")
MINUTE = timedelta(minutes=1)
AUTOMATIC = "Gracias por su mensaje. Esta es una respuesta automática, le contestaremos a la brevedad."


def wrote(text: str, subject: str = "Consulta", sender: str = ROBOT) -> tuple[Message, Reading]:
    message = a_message(sender=sender, subject=subject, text=text)
    return message, reading.read(message, DESK.site)


async def written(store: Store, *moments: datetime, to: str = ROBOT, person: bool = False) -> None:
    def add(tx: Transaction) -> None:
        tx.add_outbox(
            OutboxRow(f"k{n}/{to}", MailKind.ACKNOWLEDGEMENT, to, f"o{n}/{to}@x", {}, at, at, person=person)
            for n, at in enumerate(moments)
        )

    await store.write(add)


async def judged(
    store: Store, mails: Sequence[tuple[Message, Reading, datetime]], now: datetime
) -> list[Route]:
    """Judge a batch as `app.batch` does: one look at the store, the messages in order, the counts at the end."""

    def work(tx: Transaction) -> list[Route]:
        echoes = Echoes(tx, DESK.site, now)
        echoes.look_up((read, at) for _, read, at in mails)
        routes = [echoes.judge(OPENS, message, read, at) for message, read, at in mails]
        echoes.write()
        return routes

    return await store.write(work)


@pytest.mark.parametrize(
    ("after", "silent"),
    [(0, True), (2, True), (3, False), (60, False)],
    ids=["at once", "two minutes", "three", "an hour"],
)
async def test_what_comes_at_once_and_reads_like_a_robot_is_answered_nothing(
    store: Store, after: int, silent: bool
) -> None:
    await written(store, START)
    at = START + after * MINUTE
    (route,) = await judged(store, [(*wrote(AUTOMATIC), at)], at)
    assert (route.way, route.silent) == (Way.OPEN, silent)


async def test_who_was_written_nothing_is_no_echo_however_he_writes(store: Store) -> None:
    await written(store, START, to="otra@cliente.example")
    await written(store, START, to="agente@cliente.example", person=True)
    for sender in (ROBOT, "agente@cliente.example"):
        (route,) = await judged(store, [(*wrote(AUTOMATIC, sender=sender), START + MINUTE)], START + MINUTE)
        assert route is OPENS


async def test_the_fourth_of_the_same_words_is_an_echo_whichever_numbers_stand_in_them(store: Store) -> None:
    """One batch or four of one: the count outlives them."""
    silent = []
    for n in range(5):
        at = START + n * timedelta(minutes=20)
        await written(store, at, to=ROBOT) if n == 0 else await written_again(store, n, at)
        mail = (
            *wrote(f"Su consulta fue recibida con el número {4711 + n}. El equipo la verá."),
            at + 5 * MINUTE,
        )
        (route,) = await judged(store, [mail], at + 5 * MINUTE)
        silent.append(route.silent)
    assert silent == [False, False, False, True, True]


async def written_again(store: Store, number: int, at: datetime) -> None:
    row = OutboxRow(f"again{number}", MailKind.ACKNOWLEDGEMENT, ROBOT, f"a{number}@x", {}, at, at)
    await store.write(lambda tx: tx.add_outbox([row]))


async def test_within_one_batch_the_likes_count_too(store: Store) -> None:
    await written(store, START, START + MINUTE, START + 2 * MINUTE)
    at = START + 5 * MINUTE
    mails = [(*wrote(f"Su consulta {n} fue recibida."), at) for n in range(5)]
    assert [route.silent for route in await judged(store, mails, at)] == [False, False, False, True, True]


async def test_who_writes_more_than_he_could_answer_writes_by_himself(store: Store) -> None:
    await written(store, START)
    at = START + 5 * MINUTE
    mails = [(*wrote(f"Pedido {n} sin stock."), at) for n in range(8)]
    assert not any(route.silent for route in await judged(store, mails, at))


async def test_other_words_each_time_are_a_person_in_a_hurry(store: Store) -> None:
    await written(store, START)
    words = [
        "No anda el carrito.",
        "Perdón, es el buscador.",
        "Y las fotos tampoco.",
        "Ahora volvió.",
        "No, cayó.",
    ]
    at = START + 5 * MINUTE
    routes = await judged(store, [(*wrote(text), at) for text in words], at)
    assert not any(route.silent for route in routes)


async def test_who_answers_each_of_our_mails_within_seconds_is_a_robot_whatever_he_says(store: Store) -> None:
    """And a person who goes on in the silence is heard again."""
    words = [f"{first} {then}" for first in ("El carrito", "El pago", "La foto", "El menú", "El pie") for then in
             ("no anda", "se cayó", "sale mal", "tarda mucho", "da error")]  # fmt: skip
    silent = []
    for n, text in enumerate(words):
        at = START + n * MINUTE
        if not any(silent):
            await written_again(store, n, at)
        soon = at + timedelta(seconds=9)
        (route,) = await judged(store, [(*wrote(text), soon)], soon)
        silent.append(route.silent)
    assert (silent.index(True), silent.count(True)) == (20, 1)


async def test_an_ordinary_batch_counts_nothing(store: Store) -> None:
    await judged(store, [(*wrote("No anda el carrito."), START)], START)
    message, read = wrote("No anda el carrito.")
    await written(store, START)
    marked = a_message(sender=ROBOT, text="x", headers=[("Auto-Submitted", "auto-replied")])
    robot = reading.read(marked, DESK.site)
    assert (await judged(store, [(marked, robot, START)], START))[0] is OPENS
    assert message
    assert not await store.read(lambda tx: tx.tallies([f"echo:{read.client}"], 0))


def test_an_answer_would_reach_who_is_named_in_reply_to_and_who_wrote() -> None:
    _, read = wrote("Hola")
    assert writers(read) == (ROBOT,)
