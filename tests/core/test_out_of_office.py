"""Until when an automatic answer says that somebody is away, in the words people use; in doubt nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core.out_of_office import last_day

TODAY = date(2026, 11, 20)  # a Friday
FOURTH = date(2026, 12, 4)


@pytest.mark.parametrize(
    "text",
    [
        "Estaré de vacaciones hasta el 4/12. Ante urgencias, escribí a soporte.",
        "Hola, estoy fuera de la oficina hasta el viernes 4 de diciembre inclusive.",
        "Me encuentro ausente del 20 de noviembre al 4 de diciembre de 2026.",
        "Ausente desde el 20/11/2026 al 04/12/2026",
        "Estoy de licencia y vuelvo el 5 de diciembre.",
        "Regreso el sábado 5/12/2026.",
        "Me reincorporo el día 05-12-2026.",
        "I am out of the office until December 4th, 2026.",
        "Out of office from 20 November to 4 December 2026 with limited access to e-mail.",
        "I will be back on Saturday, December 5.",
        "I will return on 5 December 2026.",
        "Away until 2026-12-04",
        "Estarei ausente até o dia 4 de dezembro.",
        "Estou de férias de 20/11 a 04/12/2026.",
        "Volto no dia 5 de dezembro de 2026.",
        "HASTA EL 4 DE DICIEMBRE\nRegreso el 5/12.",
        "Hasta el 4 de dic. estoy de viaje",
    ],
)
def test_the_last_day_away_is_read(text: str) -> None:
    assert last_day(text, TODAY) == FOURTH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Estoy fuera hasta el lunes.", date(2026, 11, 23)),
        ("I'm back on Monday.", date(2026, 11, 22)),
        ("Vuelvo el próximo viernes.", date(2026, 11, 26)),
        ("Hasta el 3 de enero estoy de vacaciones", date(2027, 1, 3)),
        ("Until 12/30 I am away", date(2026, 12, 30)),  # no day before month: there is no thirtieth month
        ("Hasta hoy, 20/11/2026", None),
        ("until 12/01/2026", date(2026, 12, 1)),
        ("hasta el 20/11/2026", TODAY),
    ],
)
def test_other_words_for_a_day(text: str, expected: date | None) -> None:
    assert last_day(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Estoy fuera de la oficina con acceso limitado al correo.",
        "Atendemos de lunes a viernes hasta las 18.",
        "Estaré ausente hasta nuevo aviso.",
        "Hasta el 4 de diciembre de 2028",  # too far: nobody is skipped for two years by a slip
        "Hasta el 19/11/2026",  # past
        "until 02/01/2026",  # past as either
        "Hasta el 31/02",
        "Tu caso vence el 4/12. Saludos, 4/12",
    ],
)
def test_in_doubt_nothing_is_read(text: str) -> None:
    assert last_day(text, TODAY) is None


def test_a_date_that_may_be_two_is_read_only_where_one_of_them_is_near() -> None:
    text = "Until 11/12 I am away"
    assert last_day(text, TODAY) == date(2026, 12, 11)
    assert last_day(text, date(2026, 11, 1)) is None  # 12 November, or 11 December


@given(st.text(max_size=300), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_whatever_is_written_the_day_is_near_and_nothing_is_raised(text: str, today: date) -> None:
    found = last_day(f"hasta el {text}", today)
    assert found is None or today <= found <= today + timedelta(days=60)
