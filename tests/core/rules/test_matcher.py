from tests.core.rules.vocabularies import group, has, mail, rule, rules
from triage.core.model import Language
from triage.core.rules.matcher import MOST_HITS, Found, find
from triage.core.rules.vocabulary import Group, Phrase


def found(text: str, *groups: Group, language: str = "es") -> Found:
    return find(rules(list(groups), []).compiled, mail(text, language=language))


def words(where: Found, name: str) -> list[str]:
    return [where.evidence(hit).text for hit in where.hits.of(name)]


def test_only_whole_words_are_found() -> None:
    assert words(found("recaída, caída; caídas", group("g", "caida")), "g") == ["caída"]
    assert words(found("recaída, caída; caídas", group("g", "caid*")), "g") == ["caída", "caídas"]


def test_an_open_ending_shows_the_whole_word() -> None:
    assert words(found("nos hackearon", group("g", "hack*")), "g") == ["hackearon"]


def test_a_longer_wording_excepts() -> None:
    pages = group("site", "pagina", except_=(Phrase("pagina de contacto"),))
    assert words(found("la página de contacto y la página", pages), "site") == ["página"]


def test_an_exception_does_not_reach_a_longer_hit() -> None:
    pages = group("site", "pagina de inicio", except_=(Phrase("pagina de"),))
    assert words(found("la página de inicio", pages), "site") == ["página de inicio"]


def test_words_of_a_language_count_only_there_where_the_group_says_so() -> None:
    cues = Group("no", (Phrase("no", Language.ES),), own_language=True)
    assert words(found("no", cues), "no") == ["no"]
    assert not words(found("erro no checkout", cues, language="pt"), "no")


def test_a_word_said_a_thousand_times_is_counted_only_so_often() -> None:
    assert len(found("no " * 5_000, group("g", "no")).hits.of("g")) == MOST_HITS


def test_rules_may_look_at_places_that_no_other_rule_looks_at() -> None:
    one = rule("r", has("g"), 1, where=("attachment_names",))
    compiled = rules([group("g", "captura")], [one]).compiled
    hits = find(compiled, mail("nada", attachment_names=("captura.png",)))
    assert words(hits, "g") == ["captura"]
