from pathlib import Path

from triage.adapters import rules_yaml
from triage.adapters.rules_yaml import advice

ROOT = Path(__file__).parents[3]


def test_advice_says_where(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("phrases: {b: [nunca jamas]}\n", encoding="utf-8")
    file = tmp_path / "rules.yaml"
    file.write_text(
        "company: {name: Probe}\nseverities: {}\ninclude: [more.yaml]\nphrases: {a: ['no']}\n"
        "rules:\n  - {id: x, severity: 1, when: a}\n",
        encoding="utf-8",
    )
    found = [str(each) for each in advice.problems(rules_yaml.load_rules(file).vocabulary, file)]
    assert any("more.yaml:1:" in each and "unused" in each for each in found)
    assert any("rules.yaml:6:" in each and "broad" in each for each in found)


def test_there_is_nothing_to_say_of_the_shipped_rules() -> None:
    support, _ = rules_yaml.load(ROOT / "rules.yaml")
    assert rules_yaml.lint(support, ROOT / "rules.yaml") == ()
