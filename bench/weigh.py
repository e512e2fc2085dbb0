"""Fit the points of `weighing:` on labelled mails, and say how good they are on mails held out.

    python -m bench.weigh [DIR ...] [--folds K] [--rules rules.yaml] [--write]

Learns from tests/mail and from every DIR of .eml files with a labels.tsv (as `triage rules test` takes). For k folds
the points are fitted on the others and each held-out mail is judged by all the rules with them. `--write` puts the
points fitted on everything into the rules file. A multinomial logistic regression with a quadratic penalty, by Newton's
method with a fixed curvature (Boehning 1992), so that the same mails give the same points; needs numpy (`pip install
triage[report]`).
"""

import argparse
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bench.corpus_score import SITE
from triage.adapters import rules_yaml
from triage.adapters.parser_mailparser.parser import MailParser
from triage.app import trial
from triage.core.message import RawMail
from triage.core.model import Language
from triage.core.reading import read
from triage.core.rules import Material, RuleSet, classify
from triage.core.rules.contexts import Contexts
from triage.core.rules.matcher import find
from triage.core.rules.vocabulary import NO_POINTS, Sign, Vocabulary, Weighing
from triage.core.rules.weighing import signs
from triage.core.understanding import material_of

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "tests" / "mail" / "own"
EXAMS = tuple(
    ROOT / "tests" / "mail" / name for name in ("l-twelfth", "m-thirteenth", "n-fourteenth", "p-sixteenth")
)
CONTEXTS = ("limited", "part_here")
WAYS = ("said", "meant", "often", *CONTEXTS)
PENALTY = 10.0
LEAST = 3  # mails that must bear a sign before it is given points
LONG, LONG_COUNTS = 30, 2.0  # words: mails like real ones in length count twice
DOUBTED = 0.7  # the share of the labelled level where another is accepted as well
ROUNDS = 600
SCALE = 10  # points are tenths

Key = tuple[str, str]
Table = tuple[list[Key], Any]


@dataclass(frozen=True)
class Labelled:
    name: str
    material: Material
    severity: int
    accepted: frozenset[int]
    borne: frozenset[Key]

    @property
    def counts(self) -> float:
        return LONG_COUNTS if len(self.material.new_text.split()) >= LONG else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    parser.add_argument(
        "--folds", type=int, help="10, say; without it every set is held out whole, the hardest"
    )
    parser.add_argument("--rules", type=Path, default=ROOT / "rules.yaml")
    parser.add_argument("--write", action="store_true", help="put the fitted points into the rules file")
    asked = parser.parse_args()
    rules = rules_yaml.load_rules(asked.rules)
    materials = [*_own(), *(each for folder in (*EXAMS, *asked.folders) for each in _folder(folder))]
    mails = [_bearing(rules, *each) for each in materials]
    print(f"{len(mails)} mails; right / recall of severity 1 / precision of severity 1")
    print(f"as the rules file stands (seen)   {_score(mails, [_judge(rules, mail) for mail in mails])}")
    names = list(dict.fromkeys(mail.name for mail in mails))
    folds = [n % asked.folds if asked.folds else names.index(mail.name) for n, mail in enumerate(mails)]
    said = _held_out(rules, mails, folds)
    print(f"points held out, {max(folds) + 1:>3} folds        {_score(mails, said)}")
    for name in names:
        some = [(mail, level) for mail, level in zip(mails, said, strict=True) if mail.name == name]
        print(f"    {name:<29} {_score(*map(list, zip(*some, strict=True)))}")
    table = _rounded(fit(mails))
    print(f"fitted on all, seen               {_score(mails, _judged(rules, table, mails))}")
    if asked.write:
        _write(asked.rules, table)
        print(f"written: {asked.rules}")


def _own() -> list[tuple[str, Material, int, frozenset[int]]]:
    return [
        (file.stem, _material(mail), mail["severity"], frozenset(mail.get("accepted", [mail["severity"]])))
        for file in sorted(OWN.glob("*.yaml"))
        for mail in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def _material(mail: dict[str, Any]) -> Material:
    return Material(
        subject=mail.get("subject", ""),
        new_text=mail["text"],
        forwarded_text=mail.get("forwarded", ""),
        language=Language(mail["language"]),
    )


def _folder(folder: Path) -> list[tuple[str, Material, int, frozenset[int]]]:
    """Read the cases of a folder of .eml files as the daemon would."""
    known = trial.labels((folder / "labels.tsv").read_text(encoding="utf-8-sig").splitlines())
    parser = MailParser()
    found = []
    for file in sorted(folder.glob("*.eml")):
        label = known.get(file.name)
        if label is not None and label.kind == "case":
            message = parser.parse(RawMail(file.read_bytes()))
            material = material_of(message, read(message, SITE))
            accepted = frozenset(map(int, label.accepted))
            found.append((folder.name, material, int(label.severity), accepted))
    return found


def _bearing(
    rules: RuleSet, name: str, material: Material, severity: int, accepted: frozenset[int]
) -> Labelled:
    """Note which signs a mail bears."""
    vocabulary = rules.vocabulary
    probe = Sign(only=tuple((context, NO_POINTS) for context in CONTEXTS))
    unless = vocabulary.weighing.unless if vocabulary.weighing else ()
    every = Weighing({group.name: probe for group in vocabulary.groups}, unless=unless)
    found = find(rules.compiled, material)
    contexts = Contexts(found, rules.compiled, vocabulary.adversative)
    borne = frozenset(
        (hit.group, way)
        for way, _, hit in signs(every, found, contexts)
        if hit.group != vocabulary.matters  # numbers before items: that says how a mail is laid out
    )
    return Labelled(name, material, severity, accepted, borne)


def fit(mails: list[Labelled]) -> Table:
    """Return the signs and their weights; the last row is what each level has before a word is read."""
    often: dict[Key, int] = {}
    for mail in mails:
        for key in mail.borne:
            often[key] = often.get(key, 0) + 1
    keys = sorted(key for key, count in often.items() if count >= LEAST)
    columns = {key: number for number, key in enumerate(keys)}
    bears = np.zeros((len(mails), len(keys) + 1))
    bears[:, -1] = 1
    wanted = np.zeros((len(mails), 3))
    for row, mail in enumerate(mails):
        bears[row, [columns[key] for key in mail.borne if key in columns]] = 1
        others = mail.accepted - {mail.severity}
        wanted[row, mail.severity - 1] = DOUBTED if others else 1
        for other in others:
            wanted[row, other - 1] = (1 - DOUBTED) / len(others)
    counts = np.array([mail.counts for mail in mails])[:, None]
    penalty = np.full((len(keys) + 1, 1), PENALTY)
    penalty[-1] = 0
    # 1/2 bounds the softmax's curvature, so that every step goes down without a line search.
    step = np.linalg.inv(0.5 * bears.T @ (counts * bears) + np.diag(penalty[:, 0] + 1e-6))
    weights = np.zeros((len(keys) + 1, 3))
    for _ in range(ROUNDS):
        sums = bears @ weights
        share = np.exp(sums - sums.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        weights -= step @ (bears.T @ (counts * (share - wanted)) + penalty * weights)
    return keys, weights


def _rounded(table: Table) -> Table:
    """Return whole points; a sign's three count from their middle."""
    keys, weights = table
    points = np.rint(weights * SCALE).astype(int)
    return keys, points - np.rint(points.mean(axis=1, keepdims=True)).astype(int)


def _weighing(usual: Weighing, table: Table) -> Weighing:
    keys, points = table
    made: dict[str, dict[str, tuple[int, int, int]]] = {}
    for (group, way), row in zip(keys, points.tolist(), strict=False):
        if any(row):
            made.setdefault(group, {})[way] = tuple(row)
    signs_of = {
        group: Sign(
            said=ways.get("said", NO_POINTS),
            meant=ways.get("meant", NO_POINTS),
            often=ways.get("often", NO_POINTS),
            only=tuple((context, ways[context]) for context in CONTEXTS if context in ways),
        )
        for group, ways in made.items()
    }
    return replace(usual, signs=signs_of, start=tuple(points[-1].tolist()))


def _judged(rules: RuleSet, table: Table, mails: list[Labelled]) -> list[int]:
    usual = rules.vocabulary.weighing or Weighing({})
    vocabulary: Vocabulary = replace(rules.vocabulary, weighing=_weighing(usual, table))
    made = RuleSet.of(vocabulary)
    return [_judge(made, mail) for mail in mails]


def _judge(rules: RuleSet, mail: Labelled) -> int:
    return int(classify(rules, mail.material).severity)


def _held_out(rules: RuleSet, mails: list[Labelled], folds: list[int]) -> list[int]:
    """Judge every mail by points that were fitted without the mails of its fold."""
    said = [0] * len(mails)
    for fold in set(folds):
        table = _rounded(fit([mail for mail, its in zip(mails, folds, strict=True) if its != fold]))
        held = [number for number, its in enumerate(folds) if its == fold]
        for number, level in zip(held, _judged(rules, table, [mails[n] for n in held]), strict=True):
            said[number] = level
    return said


def _score(mails: list[Labelled], said: list[int]) -> str:
    pairs = list(zip(mails, said, strict=True))
    right = sum(level in mail.accepted for mail, level in pairs)
    outages = [level for mail, level in pairs if mail.severity == 1]
    alarms = [mail for mail, level in pairs if level == 1]
    recall = outages.count(1) / max(len(outages), 1)
    precision = sum(1 in mail.accepted for mail in alarms) / max(len(alarms), 1)
    return f"{right / len(pairs):.3f} / {recall:.3f} / {precision:.3f}   ({len(pairs)} mails, {len(outages)} of severity 1)"


def _write(file: Path, table: Table) -> None:
    """Put the points in the place of those that stand in the rules file; every other line stays."""
    keys, points = table
    made: dict[str, dict[str, list[int]]] = {}
    for (group, way), row in zip(keys, points.tolist(), strict=False):
        if any(row):
            made.setdefault(group, {})[way] = row
    heaviest = sorted(
        made, key=lambda group: (-max(abs(x) for row in made[group].values() for x in row), group)
    )
    lines = [f"  start: {points[-1].tolist()}", "  points:"]
    for group in heaviest:
        items = ", ".join(f"{way}: {made[group][way]}" for way in WAYS if way in made[group])
        lines.append(f"    {group}: {{{items}}}")
    text = file.read_text(encoding="utf-8")
    block = re.compile(r"(?m)^  start: .*\n  points:\n(?:    \S.*\n)+")
    if not block.search(text):
        raise SystemExit(f"{file} has no weighing: with start: and points: to replace")
    file.write_text(block.sub(lambda _: "\n".join(lines) + "\n", text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
