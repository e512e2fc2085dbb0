import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import moments
from triage.core.model import Kind, Language

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
SANTIAGO = ZoneInfo("America/Santiago")
ES, EN, PT = Language.ES, Language.EN, Language.PT


def local(text: str, zone: ZoneInfo = BUENOS_AIRES) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


INSTANTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda at: datetime.fromtimestamp(at, UTC))
NOW = local("2026-10-20T13:42:00")  # a Tuesday


@pytest.mark.parametrize(
    ("at", "spanish", "english", "portuguese"),
    [
        ("2026-10-20T15:42:09", "hoy antes de las 15:42", "today by 15:42", "hoje antes das 15h42"),
        ("2026-10-21T18:00", "mañana antes de las 18", "tomorrow by 18:00", "amanhã antes das 18h"),
        (
            "2026-10-26T18:00",
            "el lunes 26 antes de las 18",
            "on Monday 26 by 18:00",
            "na segunda-feira, dia 26, antes das 18h",
        ),
        (
            "2026-10-24T01:00",
            "el sábado 24 antes de la 1",
            "on Saturday 24 by 1:00",
            "no sábado, dia 24, antes da 1h",
        ),
        (
            "2026-11-03T09:15",
            "el martes 3 de noviembre antes de las 9:15",
            "on Tuesday 3 November by 9:15",
            "na terça-feira, 3 de novembro, antes das 9h15",
        ),
        (
            "2027-01-04T16:45",
            "el lunes 4 de enero de 2027 antes de las 16:45",
            "on Monday 4 January 2027 by 16:45",
            "na segunda-feira, 4 de janeiro de 2027, antes das 16h45",
        ),
    ],
)
def test_a_deadline_is_said_in_the_clients_words(
    at: str, spanish: str, english: str, portuguese: str
) -> None:
    assert [moments.by(local(at), NOW, BUENOS_AIRES, language) for language in (ES, EN, PT)] == [
        spanish,
        english,
        portuguese,
    ]


def test_the_city_stands_with_a_deadline() -> None:
    at = local("2026-10-20T15:42")
    assert moments.deadline(at, Kind.MAXIMUM, NOW, BUENOS_AIRES, ES) == (
        "hoy antes de las 15:42, hora de Buenos Aires"
    )
    assert moments.deadline(at, Kind.MAXIMUM, NOW, BUENOS_AIRES, EN).endswith(", Buenos Aires time")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-10-28T00:00", "el martes 27 de octubre hasta las 24:00"),
        ("2026-10-26T00:00:30", "el domingo 25 hasta las 24:00"),
        ("2026-10-21T00:00", "hoy hasta las 24:00"),
        ("2026-10-22T00:00", "mañana hasta las 24:00"),
    ],
)
def test_midnight_is_the_end_of_the_day_before(at: str, words: str) -> None:
    assert moments.by(local(at), NOW, BUENOS_AIRES, ES) == words


def test_where_midnight_is_skipped_the_first_instant_still_ends_the_day_before() -> None:
    first = local("2026-09-06T01:00", SANTIAGO)
    assert moments.civil(first, SANTIAGO) == (date(2026, 9, 5), 1440)


@given(INSTANTS, st.sampled_from(list(Language)))
def test_nothing_is_ever_said_to_be_at_midnight_of_the_next_day(
    instant: datetime, language: Language
) -> None:
    for words in (
        moments.by(instant, NOW, BUENOS_AIRES, language),
        moments.moment(instant, NOW, BUENOS_AIRES, language),
        moments.exact(instant, BUENOS_AIRES, language),
        moments.stamp(instant, BUENOS_AIRES, language),
    ):
        assert " 00:00" not in words
        assert not re.search(r"\b0h\b", words)


@given(INSTANTS)
def test_a_promise_is_never_said_later_than_it_is(instant: datetime) -> None:
    day, minute = moments.civil(instant, BUENOS_AIRES)
    said = datetime.combine(day, time(), BUENOS_AIRES) + timedelta(minutes=minute)
    assert timedelta(0) <= instant - said < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("at", "spanish", "english", "portuguese"),
    [
        (
            "2026-10-23T10:15",
            "a partir del viernes 23 (fecha a confirmar)",
            "from Friday 23 (date to be confirmed)",
            "a partir de sexta-feira, dia 23 (data a confirmar)",
        ),
        (
            "2026-10-24T00:00",  # three working days, from Wednesday on: nobody starts on a Saturday
            "a partir del final del viernes 23 (fecha a confirmar)",
            "from the end of Friday 23 (date to be confirmed)",
            "a partir do fim de sexta-feira, dia 23 (data a confirmar)",
        ),
    ],
)
def test_a_first_possible_date_is_to_be_confirmed(
    at: str, spanish: str, english: str, portuguese: str
) -> None:
    said = [moments.deadline(local(at), Kind.FROM, NOW, BUENOS_AIRES, language) for language in (ES, EN, PT)]
    assert said == [spanish, english, portuguese]


@given(INSTANTS, st.sampled_from(list(Language)))
def test_a_first_possible_date_is_a_day_and_never_the_one_after_a_days_end(
    instant: datetime, language: Language
) -> None:
    for at in (instant, local(f"{instant.astimezone(BUENOS_AIRES).date()}T00:00")):
        words = moments.deadline(at, Kind.FROM, NOW, BUENOS_AIRES, language)
        day, minute = moments.civil(at, BUENOS_AIRES)
        assert f" {day.day} " in words
        assert ("final" in words or "end of" in words or "fim" in words) == (minute == 1440)
        assert "24:00" not in words
        assert "24h" not in words


@pytest.mark.parametrize(
    ("minutes", "spanish", "english", "portuguese"),
    [
        (90, "quedan 1 h 30 min", "1 h 30 min left", "faltam 1 h 30 min"),
        (60, "queda 1 h", "1 h left", "falta 1 h"),
        (1, "queda 1 min", "1 min left", "falta 1 min"),
        (0.5, "queda menos de 1 min", "less than 1 min left", "falta menos de 1 min"),
        (-20, "venció hace 20 min", "overdue by 20 min", "venceu há 20 min"),
        (3 * 1440 + 65, "quedan 3 días 1 h", "3 days 1 h left", "faltam 3 dias 1 h"),
        (28 * 60, "quedan 28 h", "28 h left", "faltam 28 h"),
        (0, "venció hace menos de 1 min", "overdue by less than 1 min", "venceu há menos de 1 min"),
    ],
)
def test_the_time_left_is_said_with_its_verb(
    minutes: float, spanish: str, english: str, portuguese: str
) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert [moments.left(at, NOW, language) for language in (ES, EN, PT)] == [spanish, english, portuguese]


def test_a_moment_past_is_said_with_its_day() -> None:
    assert moments.moment(local("2026-10-20T12:15"), NOW, BUENOS_AIRES, ES) == "hoy a las 12:15"
    assert moments.moment(local("2026-10-19T13:00"), NOW, BUENOS_AIRES, PT) == "ontem às 13h"
    assert moments.moment(local("2026-10-16T01:20"), NOW, BUENOS_AIRES, EN) == "on Friday 16 at 1:20"


def test_an_exact_moment_needs_no_context() -> None:
    at = local("2026-10-20T15:42")
    assert moments.exact(at, BUENOS_AIRES, ES) == "martes 20 de octubre de 2026, 15:42 (hora de Buenos Aires)"
    assert moments.exact(at, BUENOS_AIRES, EN) == "Tuesday 20 October 2026, 15:42 (Buenos Aires time)"
    assert moments.exact(at, BUENOS_AIRES, PT) == (
        "terça-feira, 20 de outubro de 2026, 15h42 (horário de Buenos Aires)"
    )


@pytest.mark.parametrize(
    ("key", "language", "words"),
    [
        ("America/Sao_Paulo", ES, "hora de San Pablo"),
        ("America/Sao_Paulo", PT, "horário de São Paulo"),
        ("America/New_York", EN, "New York time"),
        ("America/Argentina/Rio_Gallegos", ES, "hora de Río Gallegos"),
        ("UTC", PT, "horário UTC"),
        ("Etc/GMT+3", EN, "Etc/GMT+3 time"),
        ("America/Puerto_Rico", ES, "hora de Puerto Rico"),
    ],
)
def test_a_zone_is_named_after_its_city(key: str, language: Language, words: str) -> None:
    assert moments.city_time(ZoneInfo(key), language) == words


def test_a_planned_day_has_its_month_and_another_year() -> None:
    today = date(2026, 10, 20)
    assert moments.date_words(date(2026, 10, 21), today, ES) == "el miércoles 21 de octubre"
    assert moments.date_words(date(2027, 1, 12), today, ES) == "el martes 12 de enero de 2027"
    assert moments.calendar_day(date(2026, 12, 15), today, PT) == "terça-feira, 15 de dezembro"


def test_opening_hours_are_said_by_groups_of_days() -> None:
    desk = dict.fromkeys(range(5), ((time(9), time(18)),))
    assert moments.opening_hours(desk, ES) == "lunes a viernes de 9 a 18"
    assert moments.opening_hours(desk, EN) == "Monday to Friday, 9:00 to 18:00"
    assert moments.opening_hours(desk, PT) == "segunda a sexta-feira, das 9h às 18h"
    siesta = {
        **dict.fromkeys(range(5), ((time(9), time(13)), (time(16), time(20, 30)))),
        5: ((time(10), time(0)),),
    }
    assert (
        moments.opening_hours(siesta, ES) == "lunes a viernes de 9 a 13 y de 16 a 20:30; sábado de 10 a 24:00"
    )


@pytest.mark.parametrize(
    ("language", "words"), [(ES, "mar 20/10 15:42"), (EN, "Tue 20 Oct 15:42"), (PT, "ter 20/10 15:42")]
)
def test_a_stamp_is_short_and_in_the_order_of_its_language(language: Language, words: str) -> None:
    assert moments.stamp(local("2026-10-20T15:42:30"), BUENOS_AIRES, language) == words
