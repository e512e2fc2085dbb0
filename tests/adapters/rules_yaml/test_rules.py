import shutil
from pathlib import Path

import pytest

from triage.adapters import rules_yaml
from triage.core.model import Severity
from triage.core.rules import Material, classify
from triage.errors import Misconfigured

COMPANY = """
company: {name: Probe, products: [Uno]}
severities:
  1: {name: {es: alta}, meaning: {es: grave}}
"""


def written(folder: Path, text: str, name: str = "rules.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        rules_yaml.load_rules(written(folder, COMPANY + text))
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_rules_read_from_yaml_classify(tmp_path: Path) -> None:
    text = """
phrases:
  site: {es: [tienda], thing: true}
  down: {es: ["no (me|) abre"], en: [down], except: {en: [drop down]}}
  denial: [no]
contexts:
  denied: {cues: denial, before: 1, alone: true, spares_things: true}
usual: [denied]
default: 3
rules:
  - id: gone
    severity: 1
    when: {near: [site, down], words: 3}
  - {id: uno, product: Uno, when: {pattern: 'uno\\b'}}
"""
    rules = rules_yaml.load_rules(written(tmp_path, COMPANY + text))
    found = classify(rules, Material(new_text="la tienda hoy no me abre, es Uno"))
    assert (found.severity, found.rule, found.product) == (Severity.HIGH, "gone", "Uno")
    assert classify(rules, Material(new_text="the drop down of the tienda")).rule == "default"
    assert found.rules_hash == rules.hash != ""


def test_weights_and_contexts_have_their_usual_values(tmp_path: Path) -> None:
    text = """
phrases: {a: [uno], denial: [nada]}
contexts: {denied: {cues: denial, before: 1}}
usual: [denied]
rules:
  - {id: one, severity: 1, when: a}
  - {id: two, severity: 2, when: a, unless: []}
  - {id: cap, at_most: 2, when: a}
"""
    one, two, cap = rules_yaml.load_rules(written(tmp_path, COMPANY + text)).vocabulary.rules
    assert (one.weight, two.weight, cap.weight) == (30, 20, 30)
    assert (one.unless, two.unless, cap.unless) == (("denied",), (), ())


def test_groups_may_hold_groups_and_includes_may_add_to_them(tmp_path: Path) -> None:
    written(tmp_path, "phrases: {a: {es: [dos]}}\nrules: [{id: more, severity: 2, when: all}]\n", "more.yaml")
    text = "include: [more.yaml]\nphrases: {a: {es: [uno]}, all: {of: [a], es: [tres]}}\n"
    rules = rules_yaml.load_rules(written(tmp_path, COMPANY + text))
    assert all(classify(rules, Material(new_text=word)).rule == "more" for word in ("uno", "dos", "tres"))


def test_every_name_that_leads_nowhere_is_told_with_its_place(tmp_path: Path) -> None:
    text = """
phrases: {a: [uno], b: {of: [none]}}
contexts: {c: {cues: gone}}
matters: nowhere
usual: [nothing]
rules:
  - {id: x, severity: 1, when: missing, unless: [what]}
  - {id: x, at_most: 2, at_least: 1, when: a, product: Dos, wiki: no, ask: [more]}
"""
    told = "\n".join(problems(tmp_path, text))
    for name in ("missing", "what", "gone", "nowhere", "nothing", "Dos", "more", "none"):
        assert name in told
    assert "rules.yaml:12:" in told
    assert "another rule is called x already" in told
    assert "one of severity, at_most and at_least" in told


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("phrases: {a: ['no* anda']}", "star"),
        ("phrases: {a: {fr: [x]}}", "unknown key"),
        ("rules: [{id: x, severity: 4, when: a}]", "severity"),
        ("rules: [{id: x, severity: 1, when: {pattern: '(?=a)b'}}]", "RE2 refuses"),
        ("rules: [{id: x, severity: 1, when: {}}]", "says nothing"),
        ("phrases: {a: [uno]}\nrules: [{id: x, severity: 1, when: {near: [a, a]}}]", "needs words"),
        ("phrases: {a: [uno]}\nrules: [{id: x, severity: 1, when: {sentence: [a]}}]", "at least two"),
        ("phrases: {a: [uno]}\nrules: [{id: x, severity: 1, when: a, where: [body]}]", "is no place"),
        ("phrases: {a: [uno]}\nrules: [{id: x, severety: 1, when: a}]", "did you mean severity"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, rules: str, words: str) -> None:
    assert any(words in problem for problem in problems(tmp_path, rules))


def test_the_shipped_rules_load_whole() -> None:
    support, warnings = rules_yaml.load(Path(__file__).parents[3] / "rules.yaml")
    assert support.company.products == ("TornadoStore", "Portal Dinámico")
    assert warnings == ()


def test_an_included_file_is_part_of_the_support_models_hash(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[3] / "rules.yaml", tmp_path / "rules.yaml")
    with (tmp_path / "rules.yaml").open("a") as file:
        file.write("include: [ours.yaml]\n")
    hashes = []
    for words in ("palomas", "cuervos"):
        (tmp_path / "ours.yaml").write_text(f"phrases:\n  birds: [{words}]\n")
        support, _ = rules_yaml.load(tmp_path / "rules.yaml")
        assert support.hash == support.rules.hash
        hashes.append(support.hash)
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize("key", ["include", "'include'", '"incl\\u0075de"', "? include\n"])
def test_an_included_file_is_watched_however_its_key_is_written(tmp_path: Path, key: str) -> None:
    rules = written(tmp_path, f"default: 2\n{key}: [ours.yaml]\n")
    assert rules_yaml.files(rules) == (rules, tmp_path / "ours.yaml")


def test_comments_and_layout_do_not_change_the_hash(tmp_path: Path) -> None:
    text = "phrases: {a: [uno]}\nrules: [{id: x, severity: 1, when: a}]\n"
    first = rules_yaml.load_rules(written(tmp_path, COMPANY + text)).hash
    second = rules_yaml.load_rules(written(tmp_path, COMPANY + "# why\n\n" + text)).hash
    other = rules_yaml.load_rules(written(tmp_path, COMPANY + text.replace("uno", "dos"))).hash
    assert first == second != other
