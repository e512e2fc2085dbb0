"""Reasons in the words of an agent: every one that can reach a mail to agents, in every language."""

import ast
from pathlib import Path

import pytest

from triage.core import reading, reason_words, reception
from triage.core.model import Language, MessageClass

SOURCES = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in (reading, reception)]


def written(source: str) -> set[str]:
    """Return the reasons that stand in a module as words, but for those about the folder of sent mail."""
    found = set()
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef) or function.name == "sent":
            continue
        for node in ast.walk(function):
            match node:
                case ast.Call(
                    func=ast.Name("Route"),
                    args=[ast.Attribute(attr="IGNORE" | "SET_ASIDE"), ast.Constant(str(why)), *_],
                ):
                    found.add(why)
                case ast.Return(ast.Tuple([ast.Constant(False), ast.Constant(str(why))])) if (
                    function.name == "_case"
                ):
                    found.add(why)
                case ast.Assign([ast.Name("why")], ast.Constant(str(why))):
                    found |= {why, f"{why}: its token does not hold"}
    return found


REASONS = sorted(
    {why for kind, why in reading._NEVER_CASES.items() if kind is not MessageClass.BOUNCE}  # `ways` says why
    | {why for source in SOURCES for why in written(source)}
    | {"a delivery report about nothing that we sent"}
    | {"a newsletter", "advertising or phishing: pitch, lure", "a monitor tells that all is well again"}
)


def test_reasons_are_found_where_they_are_given() -> None:
    assert {"thanks or a greeting only", "commands that nothing proves"} <= set(REASONS)
    assert "in an agent's name, but nothing proves it: its token does not hold" in REASONS


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_said_in_the_language_of_the_mail(reason: str) -> None:
    assert reason_words.said(reason, Language.EN) == reason
    spanish, portuguese = (reason_words.said(reason, language) for language in (Language.ES, Language.PT))
    assert len({reason, spanish, portuguese}) == 3


def test_a_reason_that_nobody_foresaw_is_given_as_it_is() -> None:
    assert reason_words.said("a list", Language.ES) == "a list"
