from typing import Any

import pytest

from tests.core.rules.vocabularies import group, has, mail, rule, rules
from triage.core.model import Severity
from triage.core.rules import classify
from triage.core.rules.contexts import Contexts
from triage.core.rules.matcher import Hit, find
from triage.core.rules.vocabulary import Context, Sign, Weighing
from triage.core.rules.weighing import signs

GROUPS = [
    group("site", "tienda"),
    group("gone", "no abre"),
    group("ask", "podrian"),
    group("denial", "no es que"),
]
DENIED = Context("denied", "denial", before=3)
SIGNS = {
    "site": Sign(said=(2, 1, 0)),
    "gone": Sign(said=(1, 0, 0), meant=(5, 2, 0), often=(3, 0, 0)),
    "ask": Sign(meant=(-9, 0, 6)),
}


def level(text: str, **fields: Any) -> tuple[int, str]:
    weighing = Weighing(SIGNS, (0, 3, 1), fields.pop("weight", 29), ("denied",))
    made = rules(GROUPS, fields.pop("made", []), (DENIED,), weighing=weighing)
    found = classify(made, mail(text), **fields)
    return int(found.severity), found.rule


def test_the_level_with_the_highest_sum_is_proposed() -> None:
    assert level("la tienda no abre") == (1, "weighed")
    assert level("la tienda, podrian verla") == (3, "weighed")


def test_without_a_sign_the_default_stands() -> None:
    assert level("nada de eso") == (2, "default")


def test_what_is_denied_was_said_and_not_meant() -> None:
    assert level("no es que la tienda no abre") == (2, "weighed")


def test_what_is_said_twice_adds_once_more() -> None:
    assert level("podrian ver: no abre") == (3, "weighed")
    weighing = Weighing({"gone": Sign(often=(9, 0, 0))}, (0, 3, 0))
    assert classify(rules(GROUPS, [], weighing=weighing), mail("no abre y no abre")).severity == Severity.HIGH


def test_points_of_a_context_count_where_all_that_is_meant_stands_in_it() -> None:
    here = Context("asked", "ask", sentence=True)
    weighing = Weighing({"gone": Sign(meant=(9, 0, 0), only=(("asked", (-9, 0, 5)),))})
    made = rules(GROUPS, [], (here,), weighing=weighing)
    assert classify(made, mail("podrian ver si no abre")).severity == Severity.LOW
    assert classify(made, mail("podrian ver si no abre. No abre.")).severity == Severity.HIGH


def test_a_heavier_rule_decides_and_a_lighter_one_is_told_as_a_loser() -> None:
    sure = rule("sure", has("ask"), 2, weight=30)
    assert level("la tienda no abre, podrian verla", made=[sure]) == (2, "sure")
    weighing = Weighing(SIGNS, (0, 3, 1))
    lighter = rules(GROUPS, [rule("light", has("site"), 3, weight=10)], weighing=weighing)
    found = classify(lighter, mail("la tienda no abre"))
    assert found.rule == "weighed"
    assert [(loser.rule, loser.severity, loser.why) for loser in found.losers] == [
        ("light", 3, "weight 10 against 29"),
        ("weighed", 2, "6 points against 8"),
        ("weighed", 3, "1 points against 8"),
    ]


def test_a_heavier_rule_decides_also_where_the_sum_says_a_graver_level() -> None:
    mine = rule("mine", has("site"), 3, weight=30)
    made = rules(GROUPS, [mine], weighing=Weighing(SIGNS, (0, 3, 1)))
    found = classify(made, mail("la tienda no abre"))
    assert (found.severity, found.rule) == (Severity.LOW, "mine")
    assert [(loser.rule, loser.severity, loser.why) for loser in found.losers] == [
        ("weighed", 1, "weight 29 against a heavier rule (points 8, 6, 1)")
    ]


def test_the_sum_decides_beside_a_sure_rule_where_another_matter_has_none() -> None:
    mine = rule("mine", has("ask"), 3, weight=30)
    groups = [*GROUPS, group("then", "por otro lado")]
    made = rules(groups, [mine], weighing=Weighing(SIGNS, (20, 3, 1)), matters="then")
    found = classify(made, mail("podrian llamar. Por otro lado, la tienda no abre"))
    assert (found.severity, found.rule) == (Severity.HIGH, "weighed")


def test_a_cap_bends_the_sum_as_it_bends_a_rule() -> None:
    cap = rule("cap", has("site"), at_most=Severity.MEDIUM, weight=29)
    assert level("la tienda no abre", made=[cap]) == (2, "cap")
    light = rule("cap", has("site"), at_most=Severity.MEDIUM, weight=28)
    assert level("la tienda no abre", made=[light]) == (1, "weighed")


def test_the_words_that_spoke_most_for_the_level_are_the_evidence() -> None:
    made = rules(GROUPS, [], weighing=Weighing(SIGNS))
    found = classify(made, mail("la tienda no abre"))
    assert [each.text for each in found.evidence] == ["no abre", "tienda"]


LISTED = {
    "gone": Sign(said=(9, 0, 0)),
    "ask": Sign(said=(0, 0, 9), often=(0, 0, 9)),
    "site": Sign(said=(1, 0, 0)),
}


@pytest.mark.parametrize(
    ("text", "lead", "expected"),
    [
        ("- podrian ver\n- podrian ir\n- no abre", 9, 1),
        ("1) podrian ver\n2) podrian ir\n3) no abre", 9, 1),
        ("Uno: podrian ver y podrian ir\nDos: no abre", 9, 1),
        ("- podrian ver\n- podrian ir\n- no abre", 10, 3),  # no item leads by so much
        ("- podrian ver\n- podrian ir\n- no abre", None, 3),
        ("podrian ver\npodrian ir\nno abre", 9, 3),  # no list
        ("podrian ver\npodrian ir\n- no abre", 9, 3),  # one item is none
        ("- no abre\n- no abre\n- podrian ver", 0, 1),  # no item is graver than the whole
        ("- podrian ver y podrian ir\n- nada", 0, 3),  # an item without a sign
    ],
)
def test_one_item_of_a_list_may_decide_for_the_mail(text: str, lead: int | None, expected: int) -> None:
    weighing = Weighing(LISTED, item_lead=lead)
    assert classify(rules(GROUPS, [], weighing=weighing), mail(text)).severity == expected


def test_what_the_whole_list_weighed_is_told_beside_the_item() -> None:
    made = rules(GROUPS, [], weighing=Weighing(LISTED, item_lead=5))
    found = classify(made, mail("- podrian ver\n- podrian ir\n- la tienda no abre"))
    # "tienda" says too little beside it to be shown
    assert [each.text for each in found.evidence] == ["no abre"]
    assert found.losers[-1].why == "the whole mail, against one item of its list"
    assert found.losers[-1].severity == Severity.LOW


def test_an_item_ends_with_the_text_it_stands_in() -> None:
    made = rules(GROUPS, [], weighing=Weighing(LISTED, item_lead=9))
    listed = mail("- podrian ver\n- podrian ir", forwarded_text="no abre")
    assert classify(made, listed).severity == Severity.LOW


def test_only_a_few_passages_are_shown() -> None:
    signs = {f"g{number}": Sign(said=(number, 0, 0)) for number in range(1, 7)}
    groups = [group(f"g{number}", f"palabra{number}") for number in range(1, 7)]
    found = classify(
        rules(groups, [], weighing=Weighing(signs)), mail(" ".join(f"palabra{n}" for n in range(1, 7)))
    )
    assert [each.text for each in found.evidence] == ["palabra6", "palabra5", "palabra4", "palabra3"]


class Asked(Contexts):
    """Counts the hits of which it was asked whether they are meant."""

    hits: list[Hit]

    def any_of(self, names: tuple[str, ...], hit: Hit) -> bool:
        if "here" not in names:
            self.hits.append(hit)
        return super().any_of(names, hit)


@pytest.mark.parametrize(
    ("only", "text", "expected"),
    [
        ((), "no abre. No abre. No abre.", 1),
        ((), "No es que no abre. No abre. No abre.", 2),  # the first is not meant
        (
            (("here", (1, 0, 0)),),
            "no abre. Esta tienda no abre.",
            1,
        ),  # the first stands not in it: so not all do
        ((("here", (1, 0, 0)),), "Esta tienda no abre. Esta tienda no abre.", 2),
    ],
)
def test_no_more_hits_are_asked_for_contexts_than_the_answer_needs(
    only: tuple[tuple[str, tuple[int, int, int]], ...], text: str, expected: int
) -> None:
    weighing = Weighing({"gone": Sign(meant=(1, 0, 0), only=only)}, unless=("denied",))
    here = Context("here", "site", sentence=True)
    made = rules(GROUPS, [], (DENIED, here), weighing=weighing)
    found = find(made.compiled, mail(text))
    asked = Asked(found, made.compiled, None)
    asked.hits = []
    borne = list(signs(weighing, found, asked))
    assert len(asked.hits) == expected
    assert ("here" in {how for how, _, _ in borne}) == (expected == 2 and bool(only))


def test_a_reply_is_weighed_as_a_new_mail_is() -> None:
    assert level("la tienda no abre", reply=True) == (1, "weighed")


def test_words_of_an_earlier_mails_subject_are_not_weighed() -> None:
    elsewhere = rule("subject", has("site"), product="Uno", where=("subject", "new_text", "reply_subject"))
    made = rules(GROUPS, [elsewhere], weighing=Weighing(SIGNS), products=("Uno",))
    text = "gracias a todos por la ayuda de ayer"
    assert classify(made, mail(text, "Re: la tienda no abre")).rule == "default"
