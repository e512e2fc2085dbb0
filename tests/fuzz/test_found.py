"""What a fuzzer once found, and the seeds it begins with, asked again in every run."""

from pathlib import Path

from tests.fuzz.invariants import check, decided
from tests.fuzz.seeds import seeds
from triage.core.model import MessageClass

FOUND = Path(__file__).with_name("found")


def test_the_seeds_are_of_many_kinds_and_each_comes_to_its_decision() -> None:
    told = [decided(raw) for raw in seeds()]
    for one in told:
        check(one)
    kinds = {one.reading.message_class for one in told if one.reading}
    assert {MessageClass.PERSON, MessageClass.BOUNCE, MessageClass.LIST, MessageClass.CALENDAR} <= kinds
    assert sum(one.is_case for one in told) >= 3


def test_what_once_hurt_hurts_no_more() -> None:
    for path in sorted(FOUND.glob("*.eml")):
        check(decided(path.read_bytes()))
