"""Being away: what `!away` means, and what it and bounces do to the desk."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.builders import a_site
from tests.core.lifecycle.playbook import desk as a_desk
from triage.core import absences
from triage.core.desk import Desk
from triage.core.site import Absence

TODAY = date(2026, 10, 20)
NOW = datetime(2026, 10, 20, 13, tzinfo=UTC)
LUCIA = "lucia.ferrari@netone.example"


DESK = replace(a_desk(), site=a_site())


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("", Absence(TODAY, TODAY)),
        ("2026-10-25", Absence(TODAY, date(2026, 10, 25))),
        ("2026-12-01 2026-12-15", Absence(date(2026, 12, 1), date(2026, 12, 15))),
        ("del 1/12/2026 al 15/12/2026", Absence(date(2026, 12, 1), date(2026, 12, 15))),
        ("off", None),
        ("no", None),
        ("mañana", "unreadable"),
        ("2026-10-19", "unreadable"),
        ("2026-12-15 2026-12-01", "unreadable"),
        ("2026-12-01 2028-12-01", "unreadable"),
    ],
)
def test_the_argument_says_from_when_to_when(argument: str, expected: Any) -> None:
    assert absences.read(argument, TODAY) == expected


def applied(kept: absences.Roster, now: datetime = NOW) -> Desk:
    return absences.applied(DESK, kept, now)


def absent(desk: Desk) -> tuple[Absence, ...]:
    agent = desk.site.agent(LUCIA)
    assert agent is not None
    return agent.absent


def test_an_absence_is_added_to_those_of_the_configuration() -> None:
    desk = applied(absences.with_absence({}, LUCIA, Absence(TODAY, TODAY)))
    assert absent(desk) == (Absence(TODAY, TODAY),)
    assert absent(applied(absences.with_absence({}, LUCIA, None))) == ()


def test_who_answers_by_itself_is_unreachable_until_then_or_until_he_writes() -> None:
    kept = absences.with_silence({}, LUCIA, NOW + timedelta(days=1))
    assert applied(kept).unreachable == {LUCIA}
    assert applied(kept, NOW + timedelta(days=2)).unreachable == frozenset()
    assert applied(absences.heard(kept, LUCIA, NOW)).unreachable == frozenset()


def test_a_silence_keeps_the_absence_and_the_other_way_round() -> None:
    kept = absences.with_absence({}, LUCIA, Absence(TODAY, TODAY))
    kept = absences.with_silence(kept, LUCIA, NOW + timedelta(days=1))
    desk = applied(kept)
    assert desk.unreachable == {LUCIA}
    assert absent(desk)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("Estoy de vacaciones hasta el 30/10.", datetime(2026, 10, 31, 3, tzinfo=UTC)),
        ("Estoy de vacaciones.", NOW + absences.SILENT_FOR),
        ("Estoy de vacaciones hasta el 30/10/2028.", NOW + absences.SILENT_FOR),
    ],
)
def test_an_automatic_answer_silences_until_the_end_of_the_day_that_it_names(
    text: str, until: datetime
) -> None:
    assert absences.silent_until(text, DESK, NOW) == until


def test_a_desk_of_whose_agents_nothing_is_kept_is_as_it_is_written() -> None:
    desk = replace(DESK, unreachable=frozenset({LUCIA}))
    assert absences.applied(desk, {}, NOW) is desk


def test_who_is_away_is_told_with_his_last_day_by_whatever_tells_longest() -> None:
    lucia, diego, carla = a_site().agents
    kept = absences.with_absence({}, lucia.address, Absence(TODAY, date(2026, 10, 22)))
    kept = absences.with_silence(kept, lucia.address, datetime(2026, 10, 24, 3, tzinfo=UTC))  # midnight there
    kept = absences.with_absence(kept, diego.address, Absence(date(2026, 10, 21), date(2026, 10, 30)))
    written = replace(a_site(), agents=(lucia, diego, replace(carla, absent=(Absence(TODAY, TODAY),))))
    found = {one.agent.address: one.last_day for one in absences.away(written, kept, NOW)}
    assert found == {lucia.address: date(2026, 10, 23), carla.address: TODAY}


def test_who_came_back_is_told_the_last_day_he_was_skipped_and_only_once() -> None:
    ends = datetime(2026, 10, 20, 3, tzinfo=UTC)  # midnight there
    kept = absences.with_silence({}, LUCIA, ends)
    yesterday, day = NOW - timedelta(days=1), timedelta(days=1)
    assert absences.come_back(a_site(), kept, yesterday, NOW) == {LUCIA: date(2026, 10, 19)}
    assert absences.come_back(a_site(), kept, NOW, NOW + day) == {}
    assert absences.come_back(a_site(), kept, yesterday - day, yesterday) == {}


def test_who_writes_before_his_silence_ends_is_told_of_it_and_an_old_one_is_left_alone() -> None:
    kept = absences.with_silence({}, LUCIA, NOW + timedelta(days=1))
    written = absences.heard(kept, LUCIA, NOW)
    assert absences.come_back(a_site(), written, NOW - timedelta(hours=1), NOW) == {LUCIA: TODAY}
    assert absences.heard(written, LUCIA, NOW + timedelta(hours=1)) == written
    assert absences.heard({}, LUCIA, NOW) == {}
