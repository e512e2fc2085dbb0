from datetime import date

from triage.adapters.rules_yaml import holiday_lists
from triage.core.model import Language


def test_argentinas_holidays_have_their_spanish_names():
    found = holiday_lists.of("AR")
    assert found[date(2026, 7, 9)] == ("Día de la Independencia",)
    assert found[date(2026, 12, 25)] == ("Navidad",)


def test_every_name_that_falls_on_a_date_is_kept():
    assert "Jueves Santo" in holiday_lists.of("AR")[date(2026, 4, 2)]
    assert len(holiday_lists.of("AR")[date(2026, 4, 2)]) == 2


def test_the_non_working_days_are_known_by_names_that_the_package_uses():
    assert holiday_lists.NON_WORKING["AR"] <= _names("AR")


def test_other_countries_are_known_too():
    assert all(map(holiday_lists.knows, ("AR", "ES", "BR", "US")))
    assert not any(map(holiday_lists.knows, ("", "XX", "UK", "ar", "ARG", "Argentina", "__", "..")))
    assert date(2026, 12, 25) in holiday_lists.of("ES")


def test_a_brazilian_client_reads_an_argentine_holiday_in_portuguese():
    found = holiday_lists.translated("AR", Language.PT)
    assert found[date(2026, 12, 8)] == ("Imaculada Conceição",)
    assert found[date(2026, 4, 2)] == (
        "Dia do Veterano e dos Mortos na Guerra das Malvinas",
        "Quinta-feira Santa",
    )
    # Only what fell on a single day in the country's history keeps the country's own name.
    own = {name for names in found.values() for name in names if name in _names("AR")}
    assert all(sum(name in names for names in holiday_lists.of("AR").values()) == 1 for name in own)


def _names(country):
    return {name for names in holiday_lists.of(country).values() for name in names}


def test_names_are_known_in_other_languages_as_far_as_the_package_has_them():
    day = date(2026, 12, 8)
    assert holiday_lists.translated("AR", Language.EN)[day] == ("Immaculate Conception",)
    assert holiday_lists.translated("AR", Language.ES) == {}  # its own
    assert holiday_lists.translated("ES", Language.PT) == {}  # nobody wrote them
    assert holiday_lists.translated("BR", Language.EN)[date(2026, 9, 7)] == ("Independence Day",)
