from triage.adapters.renderer_jinja import sample_site
from triage.core.model import Language


def test_the_invented_words_are_there_in_every_language() -> None:
    for words in (sample_site.SUBJECTS, sample_site.TEXTS, sample_site.ANSWERS, sample_site.QUESTIONS):
        assert set(words) == set(Language)
