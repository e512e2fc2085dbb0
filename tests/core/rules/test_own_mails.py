"""The shipped rules on the project's own labelled mails (tests/mail/own): how good they are, and stay.

The bars are those promised for mail that nobody has seen; on mails that the rules were written beside they are a floor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from triage.adapters import rules_yaml
from triage.core.model import Language, Severity
from triage.core.rules import Material, RuleSet, classify

ROOT = Path(__file__).parents[3]
MAILS = ROOT / "tests" / "mail" / "own"


@dataclass(frozen=True)
class Labelled:
    name: str
    material: Material
    severity: int
    accepted: frozenset[int]
    product: str


@cache
def shipped() -> RuleSet:
    return rules_yaml.load_rules(ROOT / "rules.yaml")


def labelled() -> Iterator[Labelled]:
    for file in sorted(MAILS.glob("*.yaml")):
        for number, mail in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))):
            yield one(f"{file.stem}-{number}", mail)


def one(name: str, mail: dict[str, Any]) -> Labelled:
    material = Material(
        subject=mail.get("subject", ""),
        new_text=mail["text"],
        forwarded_text=mail.get("forwarded", ""),
        language=Language(mail["language"]),
    )
    accepted = frozenset(mail.get("accepted", [mail["severity"]]))
    return Labelled(name, material, mail["severity"], accepted, mail.get("product", "unknown"))


@pytest.fixture(scope="module")
def judged() -> list[tuple[Labelled, Severity, str]]:
    found = [(mail, classify(shipped(), mail.material)) for mail in labelled()]
    return [(mail, result.severity, result.product) for mail, result in found]


def test_there_are_enough_mails_of_every_language_and_level() -> None:
    mails = list(labelled())
    assert len(mails) >= 200
    for language in Language:
        for severity in Severity:
            assert sum(m.material.language is language and m.severity == severity for m in mails) >= 10


def test_the_severity_is_right_in_most(judged: list[tuple[Labelled, Severity, str]]) -> None:
    wrong = [mail.name for mail, said, _ in judged if said not in mail.accepted]
    assert len(wrong) <= 0.05 * len(judged), wrong


def test_hardly_any_outage_is_missed_and_hardly_anybody_is_woken_for_nothing(
    judged: list[tuple[Labelled, Severity, str]],
) -> None:
    missed = [mail.name for mail, said, _ in judged if mail.severity == 1 and said != 1]
    alarmed = [mail.name for mail, said, _ in judged if said == 1 and 1 not in mail.accepted]
    outages = sum(mail.severity == 1 for mail, _, _ in judged)
    assert len(missed) <= 0.05 * outages, missed
    assert len(alarmed) <= 0.05 * outages, alarmed


def test_the_product_is_the_one_that_the_mail_names(judged: list[tuple[Labelled, Severity, str]]) -> None:
    assert [mail.name for mail, _, product in judged if product != mail.product] == []


@pytest.mark.parametrize(
    ("words", "product"),
    [
        ("la tornado store no abre", "TornadoStore"),
        ("TORNADOSTORE", "TornadoStore"),
        ("our Tornado-Store site", "TornadoStore"),
        ("o Portal Dinâmico", "Portal Dinámico"),
        ("portal dinamico", "Portal Dinámico"),
        ("the dynamic portal", "Portal Dinámico"),
        ("el portal del banco", "unknown"),
        ("ventas@tornadostore.example", "unknown"),
    ],
)
def test_products_are_known_in_any_spelling(words: str, product: str) -> None:
    assert classify(shipped(), Material(new_text=words)).product == product


@pytest.mark.parametrize(
    "words",
    [
        "Me sale un cartel rojo cuando entro al panel. Probé desde otra PC y anda bien.",
        "Además del listado, tampoco se ven las fotos en la home.",
        "Escribo desde mi gmail. Ahora tampoco descuenta el stock.",
    ],
)
def test_what_fails_here_only_or_fails_too_is_a_part(words: str) -> None:
    assert classify(shipped(), Material(new_text=words, language=Language.ES)).severity is Severity.MEDIUM
