from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_message, a_site
from triage.core import echo, reading
from triage.core.conversation import Link
from triage.core.model import Address, Role
from triage.core.reception import Route, Way

NOW = datetime(2026, 3, 2, 13, 0, 7, tzinfo=UTC)
SITE = a_site()
LUCIA = "lucia.ferrari@netone.example"


def read(**fields):
    message = a_message(**fields)
    return message, reading.read(message, SITE)


@pytest.mark.parametrize(
    ("after", "follows"),
    [(-1, False), (0, True), (90, True), (120, True), (121, False)],
)
def test_a_mail_follows_ours_within_a_time_to_the_second(after, follows):
    written = [NOW.replace(microsecond=600_000)]
    assert echo.follows(written, NOW + timedelta(seconds=after), echo.AT_ONCE) is follows
    assert echo.follows([], NOW, echo.AT_ONCE) is False


def test_a_later_mail_of_ours_hides_no_earlier_one():
    written = [NOW - timedelta(seconds=10), NOW + timedelta(seconds=1)]
    assert echo.follows(written, NOW, echo.AT_ONCE)


def test_mails_alike_but_for_numbers_have_one_tally_and_others_another():
    names = [
        echo.words(*read(subject=subject, text=text))
        for subject, text in [
            ("Turno 4", "Usted tiene el turno 4."),
            ("Re: Turno 5", "Re: usted tiene el turno 5, 12:31:02"),
            ("Turno 4", "No anda el carrito."),
        ]
    ]
    assert names[0] != names[2]
    assert echo.words(*read(subject="Turno", text="Usted tiene el 4")) == echo.words(
        *read(subject="Turno 77", text="usted el 5 tiene")
    )


@pytest.mark.parametrize(
    ("fields", "way", "robotic"),
    [
        ({"subject": "Ausencia", "text": "Vuelvo el lunes"}, Way.OPEN, True),
        ({"subject": "x", "text": "Recibimos su consulta y la vamos a ver."}, Way.OPEN, True),
        ({"subject": "x", "text": "Estoy de vacaciones, ¿lo puede ver otro?"}, Way.OPEN, False),
        ({"subject": "Pedido", "text": "El carrito no suma."}, Way.OPEN, False),
        ({"subject": "Pedido", "text": "Nuevo: Re: x [NO-2026-000123]"}, Way.OPEN, True),
        ({"subject": "Re: x", "text": "Sigue igual.\n\n> caso NO-2026-000123"}, Way.JOIN, False),
        ({"subject": "Re: x", "text": "Listo.\n\nEl lunes NetOne escribió:\n> Recibimos tu mensaje"}, Way.JOIN, False),
    ],
)  # fmt: skip
def test_what_speaks_for_a_robot_in_a_mail_that_came_at_once(fields, way, robotic):
    assert bool(echo.robotic(SITE, *read(**fields), way)) is robotic


def test_a_client_may_repeat_himself_a_few_times_and_an_agents_program_not():
    assert [echo.suspicious(count, Role.CLIENT) for count in range(5)] == [False, False, False, True, True]
    assert [echo.suspicious(count, Role.AGENT) for count in range(2)] == [False, True]


@pytest.mark.parametrize(
    ("alike", "instantly", "ours", "own_words", "robot"),
    [
        (3, 3, 4, False, True),  # one answer to each of our mails
        (5, 5, 3, False, True),  # two answers to each
        (6, 0, 3, False, False),  # more than anybody could answer
        (3, 3, 4, True, False),  # his own words: a few mails in a row are no sign
        (40, 9, 41, True, False),  # his own words, seldom within seconds
        (10, 10, 11, True, True),  # his own words, and a long row, each within seconds: once not answered
        (11, 11, 11, True, False),  # he went on though
    ],
)
def test_a_robot_only_ever_answers_and_a_writer_writes_by_himself(alike, instantly, ours, own_words, robot):
    assert bool(echo.repeating(echo.Habit(alike, instantly, ours, own_words))) is robot


@pytest.mark.parametrize(
    ("answered", "instantly", "ours", "robot"),
    [
        (20, 20, 21, True),  # each of our mails answered within seconds, and nothing else written
        (60, 19, 61, False),  # too seldom within seconds
        (21, 21, 21, False),  # he went on in our silence
    ],
)
def test_whoever_answers_all_our_mails_within_seconds_is_a_robot_in_any_words(
    answered, instantly, ours, robot
):
    assert (echo.hasty(instantly) and bool(echo.racing(answered, instantly, ours))) is robot


def test_words_said_before_we_wrote_anything_are_the_writers_own():
    minutes = [NOW + timedelta(minutes=n) for n in range(0, 30, 5)]
    same = echo.words(*read(subject="Pedido 9", text="No puedo cargar el producto 9"))
    said = [(at, f"pedido {n} no puedo cargar el producto {n}") for n, at in enumerate(minutes)]
    assert echo.own_words(same, said, minutes), "the first of them followed nothing"
    before = [NOW - timedelta(minutes=1), *minutes]
    assert not echo.own_words(same, said, before)
    assert not echo.own_words(same, [(NOW, "otra cosa"), *said], [*before, NOW - timedelta(minutes=1)])
    assert echo.own_words(same, [*said, (NOW + timedelta(hours=3), said[0][1])], before)


def test_an_echo_opens_its_case_in_silence_and_an_agents_goes_to_nobody():
    link = Link("own_id", "NO-2026-000001", joins=True)
    _, client = read()
    _, agent = read(sender=LUCIA)
    opened = echo.muted(Route(Way.OPEN, "a person writes"), client, "why")
    assert (opened.way, opened.silent, opened.reason) == (Way.OPEN, True, "no answer to an echo: why")
    assert echo.muted(Route(Way.OPEN, "an agent's mail"), agent, "why").way is Way.IGNORE
    for way in (Way.JOIN, Way.REPLIED):
        noted = echo.muted(Route(way, "x", link), client, "why")
        assert (noted.way, noted.link) == (Way.NOTE, link)
    aside = Route(Way.SET_ASIDE, "x")
    assert echo.muted(aside, agent, "why") is aside


def test_marked_machines_and_forwards_are_none_of_its_business():
    assert echo.may_be_one(read()[1])
    assert not echo.may_be_one(read(headers=[("auto-submitted", "auto-replied")])[1])
    assert not echo.may_be_one(read(sender=Address("mailer-daemon@x.example"), subject="Undelivered Mail")[1])
