from triage.core import moments_words
from triage.core.model import Language


def test_every_language_has_seven_days_and_twelve_months() -> None:
    for language in Language:
        assert len(set(moments_words.WEEKDAYS[language])) == 7
        assert len(set(moments_words.DAYS_ABBREVIATED[language])) == 7
        assert len(set(moments_words.MONTHS[language])) == 12
        assert len(set(moments_words.MONTHS_ABBREVIATED[language])) == 12
        assert set(moments_words.RELATIVE[language]) == {-1, 0, 1}


def test_every_city_has_a_name_in_every_language() -> None:
    assert all(set(names) == set(Language) for names in moments_words.CITIES.values())
