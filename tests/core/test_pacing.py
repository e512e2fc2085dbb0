from dataclasses import replace
from datetime import UTC, date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desks import ALL_DAY, NETONE_REMINDERS, a_calendar, a_case, a_policy, holidays, hours, local, wall
from triage.core import pacing
from triage.core.model import Span, State
from triage.core.pacing import AlreadySent, Due
from triage.core.records import AlarmRow
from triage.core.reminders import Digest, ReminderRules
from triage.core.sla_calendar import NoOpening

RULES = ReminderRules()
NOW = local("2026-10-20 12:00").astimezone(UTC)
MINUTE = timedelta(minutes=1)
ANA, LEO = "ana@netone.example", "leo@netone.example"


def due(reference="NO-1", step="50%", who=ANA, severity=2, ago=0, order=0) -> Due:
    data = {"to": ["assignee"], "severity": severity, "order": order}
    return Due(AlarmRow(reference, 1, 1, step, NOW - ago * MINUTE, data=data), who)


def sent(reference="NO-9", ago=0, who=ANA, urgent=False) -> AlreadySent:
    return AlreadySent(who, reference, NOW - ago * MINUTE, urgent)


def pace(*ones: Due, before: tuple[AlreadySent, ...] = (), rules=RULES) -> pacing.Pace:
    return pacing.pace(ones, before, rules, NOW)


def test_what_falls_together_is_one_mail_for_each_recipient_the_gravest_first():
    found = pace(due("NO-1", severity=3), due("NO-2"), due("NO-2", who=LEO))
    assert [(t.recipient, [d.alarm.reference for d in t.reminders]) for t in found.send] == [
        (ANA, ["NO-2", "NO-1"]),
        (LEO, ["NO-2"]),
    ]


def test_of_one_case_the_later_step_wins():
    found = pace(due(step="50%", ago=5), due(step="80%"))
    assert [d.alarm.step for d in found.send[0].reminders] == ["80%"]
    assert [d.alarm.step for d in found.superseded] == ["50%"]


def test_a_case_is_not_named_again_within_the_gap():
    found = pace(due(), before=(sent("NO-1", ago=12),))
    assert found.send == ()
    assert [(p.until, p.digest) for p in found.later] == [(NOW + 3 * MINUTE, False)]
    assert pace(due(), before=(sent("NO-1", ago=15),)).send


def test_a_mail_of_the_future_holds_nothing_back():
    """The clock was ahead and was put right: what it sent then must not silence a day of reminders now."""
    tomorrow = -24 * 60
    many = tuple(sent(f"NO-{n}", ago=tomorrow) for n in range(9))
    assert pace(due(), before=(*many, sent("NO-1", ago=tomorrow))).send


def test_the_gap_of_one_recipient_is_not_that_of_another():
    assert pace(due(who=LEO), before=(sent("NO-1", ago=1),)).send


def test_what_comes_soon_after_a_mail_waits_until_it_can_go_together():
    found = pace(due("NO-1"), due("NO-2"), before=(sent(ago=4),))
    assert {p.until for p in found.later} == {NOW + 6 * MINUTE}


def test_severity_1_does_not_wait_for_others_and_takes_them_along():
    found = pace(due("NO-1"), due("NO-2", severity=1), before=(sent(ago=4),))
    assert [d.alarm.reference for d in found.send[0].reminders] == ["NO-2", "NO-1"]


def test_more_than_the_hour_allows_waits_for_one_digest():
    before = tuple(sent(f"NO-{n}", ago=n) for n in (11, 20, 30, 40, 50, 59))
    found = pace(due("NO-A"), due("NO-B"), before=before)
    assert found.send == ()
    assert {(p.until, p.digest) for p in found.later} == {(NOW + MINUTE, True)}
    assert pace(due("NO-A"), before=before[:5]).send


def test_severity_1_is_exempt_from_the_cap_and_does_not_use_it_up():
    full = tuple(sent(f"NO-{n}", ago=n) for n in (11, 20, 30, 40, 50, 59))
    assert pace(due(severity=1), before=full).send
    urgent = tuple(replace(one, urgent=True) for one in full)
    assert pace(due(), before=urgent).send


def test_parts_of_one_mail_count_once():
    before = tuple(sent(f"NO-{n}", ago=30) for n in range(10))
    assert pace(due("NO-A"), before=before).send


def test_a_reminder_put_off_is_stored_as_an_alarm_of_its_own_for_its_recipient():
    put_off = pace(due(), before=(sent("NO-1", ago=12),)).later[0]
    alarm = pacing.again(put_off)
    assert alarm.due_at == put_off.until
    assert alarm.data["only"] == ANA
    assert alarm.step == f"50%>{ANA}@20261020T150300"
    once_more = pacing.again(pacing.PutOff(Due(alarm, ANA), NOW + 30 * MINUTE))
    assert once_more.data["step"] == "50%"
    assert once_more.step != alarm.step


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), st.integers(1, 3)), max_size=60))
def test_over_any_traffic_no_recipient_is_over_the_cap_and_every_case_is_told(traffic):
    """The stepped clock in miniature: alarms ring, what is put off rings again, until nothing is pending."""
    pending = [
        due(f"NO-{case}", severity=severity, ago=-minute, order=minute) for minute, case, severity in traffic
    ]
    history: list[AlreadySent] = []
    told = set()
    while pending:
        now = min(one.alarm.due_at for one in pending)
        ringing = [one for one in pending if one.alarm.due_at <= now]
        pending = [one for one in pending if one.alarm.due_at > now]
        found = pacing.pace(ringing, history, RULES, now)
        assert all(p.until > now for p in found.later)
        pending += [Due(pacing.again(p), p.reminder.recipient) for p in found.later]
        for mail in found.send:
            urgent = any(d.urgent for d in mail.reminders)
            if not urgent:
                recent = {s.at for s in history if not s.urgent and now - s.at < timedelta(hours=1)}
                assert len(recent) < RULES.per_hour
            history += [AlreadySent(mail.recipient, d.alarm.reference, now, urgent) for d in mail.reminders]
            told |= {d.alarm.reference for d in mail.reminders}
    assert told == {f"NO-{case}" for _, case, _ in traffic}


# -- the digest ------------------------------------------------------------------------------------------------------


def test_the_digest_goes_out_at_the_first_opening_of_a_date():
    calendar = a_calendar(
        weekly=dict.fromkeys(range(5), hours((9, 14), (16, 19))), holidays=holidays("2026-10-26")
    )
    rules = NETONE_REMINDERS
    assert wall(pacing.next_digest(rules, calendar, local("2026-10-20 08:59"))) == "2026-10-20 09:00"
    assert wall(pacing.next_digest(rules, calendar, local("2026-10-20 09:00"))) == "2026-10-21 09:00"
    assert wall(pacing.next_digest(rules, calendar, local("2026-10-23 15:00"))) == "2026-10-27 09:00"


def test_the_digest_may_have_a_time_of_its_own():
    rules = replace(NETONE_REMINDERS, digest=Digest(at=time(8, 30)))
    assert wall(pacing.next_digest(rules, a_calendar(), local("2026-10-23 08:31"))) == "2026-10-26 08:30"


def test_a_desk_that_never_closes_has_its_digest_at_midnight_and_without_a_digest_there_is_none():
    calendar = a_calendar(weekly=dict.fromkeys(range(7), ALL_DAY))
    assert (
        wall(pacing.next_digest(NETONE_REMINDERS, calendar, local("2026-10-20 10:00"))) == "2026-10-21 00:00"
    )
    assert pacing.next_digest(ReminderRules(), calendar, NOW) is None


def test_the_digest_tells_what_is_late_what_is_due_and_what_lacks_a_date():
    policy = a_policy()

    def case(reference, arrival, severity, **fields):
        return replace(a_case(policy, local(arrival), severity, **fields), reference=reference)

    cases = [
        case("late", "2026-10-19 10:00", 1),
        case("today", "2026-10-19 15:00", 2),
        case("today-24", "2026-10-17 10:00", 2),
        case("tomorrow", "2026-10-20 08:59", 2),
        case("dateless", "2026-10-15 10:00", 3),
        case("later", "2026-10-19 10:00", 3),
        case("attended", "2026-10-19 10:00", 1, attended_at=NOW),
        case("closed", "2026-10-19 10:00", 1, state=State.CLOSED),
        case("planned", "2026-10-01 10:00", 3, state=State.PLANNED, planned_date=date(2026, 10, 20)),
        case("put-off", "2026-10-20 08:59", 2, snoozed_until=local("2026-10-20 12:00")),
        case("put-off-dateless", "2026-10-19 10:00", 3, snoozed_until=local("2026-10-20 12:00")),
        case("was-put-off", "2026-10-20 08:59", 2, snoozed_until=local("2026-10-20 09:00")),
        case("late-all-the-same", "2026-10-19 10:00", 1, snoozed_until=local("2026-10-20 12:00")),
    ]
    asked = Span(local("2026-10-19 11:00"))
    cases.append(replace(cases[0], reference="waiting", state=State.WAITING, pauses=(asked,)))
    found = pacing.sections(cases, NETONE_REMINDERS, policy.calendar, local("2026-10-20 09:00"))
    assert {name: {c.reference for c in of} for name, of in found.items()} == {
        "breached": {"late", "late-all-the-same"},
        "due_today": {"today", "today-24", "planned"},
        "date_pending": {"dateless"},
        "snoozed": {"put-off", "put-off-dateless"},
    }
    assert list(found) == ["breached", "due_today", "date_pending", "snoozed"]


def test_an_empty_digest_has_no_sections():
    assert pacing.sections([], NETONE_REMINDERS, a_calendar(), NOW) == {}


def test_a_digest_of_a_desk_that_never_opens_again_says_so_instead_of_looking_for_ever():
    closed = a_calendar(weekly={}, special_hours={date(2026, 12, 24): hours((9, 13))})
    at = pacing.next_digest(ReminderRules(digest=Digest()), closed, local("2026-12-01 10:00"))
    assert at is not None
    assert wall(at) == "2026-12-24 09:00"
    with pytest.raises(NoOpening):
        pacing.next_digest(ReminderRules(digest=Digest()), closed, local("2026-12-24 10:00"))
