from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from triage.core import governor
from triage.core.governor import Governor, Limits, Rate
from triage.core.model import MailKind
from triage.core.records import OutboxRow

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LUCIA = "lucia@netone.example"
OWN = frozenset({LUCIA})
WIDE = Limits(address=Rate(999, 999), case=Rate(999, 999), repeat=Rate(999, 999), kinds={})


def a_row(to="ana@x.example", words="no anda la tienda", **more):
    settings = {
        "key": "k",
        "kind": MailKind.ACKNOWLEDGEMENT,
        "to": to,
        "message_id": "m",
        "draft": {
            "template": "ack",
            "variables": {"subject": words, "case": {"reference": "NO-2026-000001"}},
        },
        "created_at": NOW,
        "next_at": NOW,
    }
    return OutboxRow(**(settings | more))


class Memory:
    """What the store does with tallies."""

    def __init__(self, limits):
        self.limits, self.counts, self.open_until, self.trips = limits, {}, None, 0

    def judge(self, rows, now=NOW):
        measured = [governor.measures(row, OWN, self.limits) for row in rows]
        names = governor.names(measured)
        since = governor.oldest_slot(now)
        tallies = {
            name: {slot: n for slot, n in slots.items() if slot >= since}
            for name, slots in self.counts.items()
            if name in names
        }
        judge = Governor(self.limits, tallies, OWN, now, self.open_until)
        verdicts = [judge.judge(row, measures) for row, measures in zip(rows, measured, strict=True)]
        for (name, slot), n in judge.increments.items():
            slots = self.counts.setdefault(name, {})
            slots[slot] = slots.get(slot, 0) + n
        self.open_until = judge.open_until
        self.trips += judge.tripped
        return verdicts


def allowed(verdicts):
    return [verdict.allowed for verdict in verdicts]


def test_mails_to_one_address_are_limited_in_the_hour_and_the_day():
    memory = Memory(Limits(address=Rate(2, 3)))
    rows = [a_row(words=word) for word in ("uno", "dos", "tres")]
    verdicts = memory.judge(rows)
    assert allowed(verdicts) == [True, True, False]
    assert verdicts[2].reason == "more than 2 mails to ana@x.example in an hour"
    assert allowed(memory.judge([a_row(words="cuatro")], NOW + timedelta(minutes=30))) == [False]
    assert allowed(memory.judge(rows, NOW + timedelta(hours=2))) == [True, False, False]
    assert memory.judge([a_row()], NOW + timedelta(hours=4))[0].reason.endswith("in a day")
    assert allowed(memory.judge([a_row()], NOW + timedelta(days=2))) == [True]


def test_no_address_stands_in_the_name_of_a_count_and_each_site_has_its_own():
    rows = [a_row(), a_row(kind=MailKind.SURVEY, reference="NO-2026-000001"), a_row(to=LUCIA)]
    one, other = (
        governor.names(governor.measures(row, OWN, Limits(secret=secret)) for row in rows)
        for secret in (b"one", b"other")
    )
    assert [name for name in one if "@" in name] == []
    assert one & other == {"breaker", "case:NO-2026-000001"}


def test_mails_about_one_case_are_limited_whoever_gets_them():
    memory = Memory(Limits(case=Rate(2, 9)))
    rows = [a_row(to=f"c{n}@x.example", reference="NO-2026-000001") for n in range(3)]
    assert allowed(memory.judge(rows)) == [True, True, False]
    assert allowed(memory.judge([a_row(reference="NO-2026-000002")])) == [True]


def test_a_kind_has_a_limit_of_its_own():
    rows = [a_row(kind=MailKind.SURVEY, words=w, reference=w) for w in ("uno", "dos", "tres")]
    assert allowed(Memory(Limits()).judge(rows)) == [True, True, False]


def test_the_same_words_to_the_same_address_are_limited_even_as_the_subject_grows():
    memory = Memory(Limits(repeat=Rate(3, 9)))
    rows = [a_row(words=f"[NO-2026-00000{n}] {'Re: ' * n}Fuera de la oficina {n}/3") for n in range(1, 6)]
    assert allowed(memory.judge(rows)) == [True, True, True, False, False]
    assert allowed(memory.judge([a_row(words="otra cosa distinta")])) == [True]


def test_a_draft_may_say_itself_what_its_content_is():
    one, other = (a_row(draft={"fingerprint": mark, "variables": {"a": "b"}}) for mark in ("x", "y"))
    assert governor.fingerprint(one) != governor.fingerprint(other)


def test_warnings_of_one_forged_name_repeat_each_other_whatever_case_they_are_about():
    limits = Limits(own_repeat=Rate(3, 9))
    rows = [a_row(LUCIA, f"x{n}", reference=f"NO-2026-{n:06}") for n in range(6)]
    assert allowed(Memory(limits).judge(rows)) == [True] * 6
    told = [replace(row, draft={**row.draft, "fingerprint": "forged diego@netone.example"}) for row in rows]
    assert allowed(Memory(limits).judge(told)) == [True] * 3 + [False] * 3


def test_what_a_person_wrote_and_what_was_tried_before_is_never_limited():
    memory = Memory(Limits(address=Rate(0, 0)))
    rows = [a_row(person=True), a_row(attempts=1), a_row(doubts=1)]
    assert allowed(memory.judge(rows)) == [True] * 3
    assert memory.counts == {}


def test_our_own_people_have_wide_limits_and_no_breaker():
    memory = Memory(Limits(own_repeat=Rate(2, 9), breaker_free=0, breaker_hour=0))
    notices = [a_row(to=LUCIA, reference=f"NO-2026-{n:06}") for n in range(500)]
    assert all(allowed(memory.judge(notices)))
    again = [a_row(to=LUCIA, reference="NO-2026-000001")] * 3
    assert allowed(memory.judge(again)) == [True, False, False]
    assert allowed(memory.judge([a_row(kind=MailKind.NOTICE)])) == [False]
    assert allowed(memory.judge([a_row(to=LUCIA, reference="NO-2026-000777")])) == [True]


def test_one_client_with_many_different_troubles_never_trips_the_breaker():
    memory = Memory(Limits(breaker_hour=1, breaker_free=0))
    letters = [a_row(reference=f"NO-2026-{n:06}", draft={"fingerprint": f"trouble {n}"}) for n in range(100)]
    assert all(allowed(memory.judge(letters)))
    assert memory.trips == 0


def test_a_thousand_clients_with_one_mail_each_never_trip_the_breaker():
    memory = Memory(Limits(breaker_hour=1))
    assert all(allowed(memory.judge([a_row(to=f"c{n}@x.example") for n in range(1000)])))
    assert memory.trips == 0


def test_repeats_to_the_same_addresses_trip_the_breaker_once_and_it_closes_by_itself():
    limits = Limits(**{name: getattr(WIDE, name) for name in ("address", "case", "repeat", "kinds")}, breaker_free=2, breaker_hour=4)  # fmt: skip
    memory = Memory(limits)
    rows = [a_row(to=f"c{n % 2}@x.example", words=f"w{n}") for n in range(20)]
    verdicts = memory.judge(rows)
    assert allowed(verdicts) == [True] * 8 + [False] * 12
    assert verdicts[8].held_until == NOW + timedelta(hours=1)
    assert memory.trips == 1
    held = memory.judge([a_row(to="new@x.example")], NOW + timedelta(minutes=59))
    assert held[0].held_until == NOW + timedelta(hours=1)
    assert allowed(memory.judge([a_row(to="new@x.example")], NOW + timedelta(hours=2))) == [True]
    assert memory.trips == 1


def test_counts_of_a_clock_that_was_put_back_limit_nobody_and_hold_no_breaker_open():
    memory = Memory(Limits(address=Rate(2, 3), breaker_free=0, breaker_hour=1))
    tomorrow = NOW + timedelta(days=1)
    rows = [a_row(kind=MailKind.NOTICE, words=word) for word in ("uno", "dos")]
    assert allowed(memory.judge(rows, tomorrow)) == [True, False]
    assert memory.open_until == tomorrow + timedelta(hours=1)
    assert allowed(memory.judge(rows[:1])) == [True]


def test_counts_of_a_node_whose_clock_is_a_little_ahead_count():
    memory = Memory(Limits(address=Rate(1, 1)))
    memory.judge([a_row(words="uno")], NOW + timedelta(minutes=10))
    assert allowed(memory.judge([a_row(words="dos")])) == [False]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 200)), max_size=60))
def test_no_address_ever_gets_more_in_any_hour_than_the_limit(steps):
    memory = Memory(Limits(address=Rate(3, 8), repeat=Rate(99, 99)))
    sent: dict[str, list[datetime]] = {}
    now = NOW
    for who, minutes in steps:
        now += timedelta(minutes=minutes)
        to = f"c{who}@x.example"
        if memory.judge([a_row(to=to)], now)[0].allowed:
            sent.setdefault(to, []).append(now)
    for times in sent.values():
        for at in times:
            assert sum(at <= other < at + timedelta(hours=1) for other in times) <= 3
            assert sum(at <= other < at + timedelta(days=1) for other in times) <= 8


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_any_draft_has_a_fingerprint(value):
    assert governor.fingerprint(a_row(draft={"variables": value}))
