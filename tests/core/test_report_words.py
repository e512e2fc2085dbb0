"""The report speaks three languages, word for word the same."""

from triage.core import report_words
from triage.core.model import Language


def test_every_language_has_every_word() -> None:
    keys = {frozenset(report_words.words(language)) for language in Language}
    assert len(keys) == 1
    assert all(word.strip() for language in Language for word in report_words.words(language).values())


def test_no_language_is_another_s_copy() -> None:
    spanish, english, portuguese = (report_words.words(language) for language in Language)
    for one, other in ((spanish, english), (english, portuguese), (spanish, portuguese)):
        assert sum(one[key] != other[key] for key in one) > len(one) / 2
