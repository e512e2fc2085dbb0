from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.rules.vocabularies import group, has, mail, rule, rules
from triage.core.model import Language, Severity
from triage.core.rules import RuleSet, classify
from triage.core.rules.vocabulary import Rule

GROUPS = [
    group("down", "caido"),
    group("part", "buscador"),
    group("ask", "consulta"),
    group("way", "a mano"),
    group("also", "ademas"),
    group("store", "tornado"),
    group("portal", "portal"),
]
DOWN, PART, ASK = (
    rule("down", has("down"), 1),
    rule("part", has("part"), 2, weight=20),
    rule("ask", has("ask"), 3, weight=10),
)
CAP = rule("way", has("way"), at_most=Severity.MEDIUM)


def some(*its: Rule, **fields: Any) -> RuleSet:
    return rules(GROUPS, list(its), **fields)


def test_the_heaviest_rule_wins_whatever_its_place() -> None:
    for order in ([DOWN, PART, ASK], [ASK, PART, DOWN]):
        found = classify(some(*order), mail("consulta: el buscador está caído"))
        assert (found.severity, found.rule) == (Severity.HIGH, "down")
        assert {loser.rule for loser in found.losers} == {"part", "ask"}


def test_of_equal_weight_the_graver_wins() -> None:
    found = classify(some(rule("mild", has("part"), 3), rule("grave", has("part"), 2)), mail("buscador"))
    assert found.rule == "grave"


def test_a_cap_bends_what_weighs_no_more_than_it() -> None:
    assert classify(some(DOWN, CAP), mail("caído, lo hago a mano")).severity is Severity.MEDIUM
    heavy = rule("down", has("down"), 1, weight=31)
    found = classify(some(heavy, CAP), mail("caído, lo hago a mano"))
    assert found.severity is Severity.HIGH
    assert found.losers[0].rule == "way"


def test_at_least_raises() -> None:
    raise_ = rule("vip", has("ask"), at_least=Severity.MEDIUM)
    assert classify(some(ASK, raise_), mail("consulta")).severity is Severity.MEDIUM


def test_where_nothing_speaks_the_default_does() -> None:
    found = classify(some(DOWN, default=Severity.LOW), mail("hola"))
    assert (found.severity, found.rule, found.evidence) == (Severity.LOW, "default", ())


def test_matters_are_judged_one_by_one_and_the_worst_decides() -> None:
    text = "El buscador lo hago a mano. Además, está caído."
    whole = classify(some(DOWN, PART, CAP), mail(text))
    split = classify(some(DOWN, PART, CAP, matters="also"), mail(text))
    assert (whole.severity, split.severity) == (Severity.MEDIUM, Severity.HIGH)


def test_a_word_in_mid_sentence_opens_no_matter() -> None:
    text = "Está caído y lo hago además a mano."
    assert classify(some(DOWN, CAP, matters="also"), mail(text)).severity is Severity.MEDIUM


def test_rules_can_be_for_new_mail_for_replies_or_for_a_language_only() -> None:
    chosen = some(
        rule("new", has("down"), 1, on=("new",)),
        rule("reply", has("ask"), 3, on=("reply",)),
        rule("pt", has("part"), 1, languages=(Language.PT,)),
    )
    assert [classify(chosen, mail("caído"), reply=reply).rule for reply in (False, True)] == [
        "new",
        "default",
    ]
    assert [classify(chosen, mail("consulta"), reply=reply).rule for reply in (False, True)] == [
        "default",
        "reply",
    ]
    assert classify(chosen, mail("buscador")).rule == "default"
    assert classify(chosen, mail("buscador", language="pt")).rule == "pt"


def test_evidence_says_words_and_place_in_the_original() -> None:
    text = "Hola,\n\nel sitio está CAÍDO"
    evidence = classify(some(DOWN), mail(text)).evidence[0]
    assert (evidence.group, evidence.text, evidence.where) == ("down", "CAÍDO", "new_text")
    assert text[evidence.start : evidence.end] == "CAÍDO"


def test_only_the_winner_and_rules_without_a_level_act() -> None:
    tagged = rule("ask", has("ask"), 3, weight=1, tags=("lost",))
    extra = rule("extra", has("part"), tags=("found",), ask=("steps",), acknowledge=False, area="soporte")
    found = classify(some(DOWN, tagged, extra), mail("consulta: caído el buscador"))
    assert (found.tags, found.ask, found.acknowledge, found.area) == (
        ("found",),
        ("steps",),
        False,
        "soporte",
    )


def test_the_product_named_next_to_the_fault_wins() -> None:
    chosen = some(
        DOWN,
        rule("t", has("store"), product="TornadoStore"),
        rule("p", has("portal"), product="Portal Dinámico"),
        products=("TornadoStore", "Portal Dinámico"),
    )
    text = "Tenemos Tornado hace años, también usamos el portal. El portal está caído."
    assert classify(chosen, mail(text)).product == "Portal Dinámico"
    assert classify(chosen, mail("hola")).product == "unknown"


@given(st.text(max_size=400), st.text(max_size=80))
def test_any_text_is_classified(text: str, subject: str) -> None:
    found = classify(some(DOWN, PART, ASK, CAP, matters="also"), mail(text, subject, forwarded_text=text))
    places = {"subject": subject, "new_text": text, "forwarded_text": text, "reply_subject": subject}
    for evidence in found.evidence:
        assert places[evidence.where][evidence.start : evidence.end] == evidence.text
