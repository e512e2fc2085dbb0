from datetime import date

from triage.adapters.rules_yaml import holiday_lists


def test_argentinas_holidays_have_their_spanish_names():
    found = holiday_lists.of("AR")
    assert found[date(2026, 7, 9)] == ("Día de la Independencia",)
    assert found[date(2026, 12, 25)] == ("Navidad",)


def test_every_name_that_falls_on_a_date_is_kept():
    assert "Jueves Santo" in holiday_lists.of("AR")[date(2026, 4, 2)]
    assert len(holiday_lists.of("AR")[date(2026, 4, 2)]) == 2


def test_the_non_working_days_are_known_by_names_that_the_package_uses():
    names = {name for names in holiday_lists.of("AR").values() for name in names}
    assert holiday_lists.NON_WORKING["AR"] <= names


def test_other_countries_are_known_too():
    assert {"AR", "ES", "BR", "US"} <= holiday_lists.countries()
    assert date(2026, 12, 25) in holiday_lists.of("ES")
