"""What `!why` says of a deadline, in the language of the agent who asks."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desks import a_calendar, a_policy, both, holidays, hours, local
from triage.core import sla_derivation, sla_derivation_words, sla_policy
from triage.core.model import Language, Severity, Span
from triage.core.sla_calendar import Clock
from triage.core.sla_policy import Roll, Start

OTHERS = (Language.ES, Language.PT)
ENGLISH = re.compile(
    r"\b(from|to|of|open|hours|due|counted|skipped|paused|severity|closed|the|at|is|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\d{4}-\d\d-\d\d"
)

CLOSED = [str(date(2026, 10, 21) + timedelta(days=n)) for n in range(400)]
BREAKS = dict.fromkeys(range(5), hours((9, 14), (16, 19)))
SPECIAL = {date(2026, 12, 31): hours((9, 13)), date(2026, 12, 30): ()}
POLICIES = (
    a_policy(),
    a_policy(a_calendar(weekly=BREAKS), one=both(6, 6, clock=Clock.BUSINESS_HOURS)),
    a_policy(one=both(2, 2, start=Start.NEXT_OPENING)),
    a_policy(one=both(2, 24, roll=Roll.NEXT_OPENING)),
    a_policy(one=both(900, 900, clock=Clock.BUSINESS_HOURS)),
    a_policy(a_calendar(special_hours=SPECIAL)),
    a_policy(a_calendar(holidays=holidays(*CLOSED))),
    a_policy(a_calendar(zone=ZoneInfo("Europe/Madrid")), one=both(24, 24)),
)


def test_an_agent_reads_an_ordinary_case_in_spanish_and_in_portuguese() -> None:
    lines = sla_policy.compute(a_policy(), Severity.HIGH, local("2026-10-24 10:00"), ()).derivation
    assert sla_derivation_words.told(lines, Language.ES) == (
        "desde el sáb 24/10/2026 10:00 (America/Argentina/Buenos_Aires, UTC-03:00)",
        "fuera de horario: sáb 24/10/2026 (ese día de la semana no se atiende)",
        "severidad 1 fuera de horario: a más tardar en 24h corridas, de día y de noche",
        "se cuenta del sáb 24/10/2026 10:00 al dom 25/10/2026 10:00: 24h",
        "vence el dom 25/10/2026 10:00",
    )
    assert sla_derivation_words.told(lines, Language.PT)[1:] == (
        "fora do horário: sáb 24/10/2026 (nesse dia da semana não há atendimento)",
        "severidade 1 fora do horário: no máximo em 24h corridas, de dia e de noite",
        "conta-se de sáb 24/10/2026 10:00 a dom 25/10/2026 10:00: 24h",
        "vence: dom 25/10/2026 10:00",
    )
    assert sla_derivation_words.told(lines, Language.EN) == lines


@pytest.mark.parametrize("language", OTHERS)
@given(
    policy=st.sampled_from(POLICIES),
    severity=st.sampled_from(list(Severity)),
    minute=st.integers(0, 100 * 24 * 60),
    waited=st.integers(1, 5_000),
)
def test_no_line_that_is_ever_told_is_left_in_english(language, policy, severity, minute, waited) -> None:
    arrival = local("2026-09-25 00:00") + timedelta(minutes=minute)
    pause = Span(arrival + timedelta(minutes=7), arrival + timedelta(minutes=7 + waited))
    lines = sla_policy.compute(policy, severity, arrival, [pause]).derivation
    for line in sla_derivation_words.told(lines, language):
        assert not ENGLISH.search(line.replace(policy.calendar.zone.key, "")), line


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_added_later_is_told_too(language) -> None:
    calendar, at = a_calendar(), local("2026-10-20 10:15")
    added = (
        sla_derivation.extension(calendar, 5400, at),
        sla_derivation.kept(calendar, Severity.HIGH, at + timedelta(days=1), at),
    )
    for line in sla_derivation_words.told(added, language):
        assert not ENGLISH.search(line), line


@pytest.mark.parametrize("language", OTHERS)
def test_a_line_of_another_version_stays_as_it_is(language) -> None:
    assert sla_derivation_words.told(("something else: 3h",), language) == ("something else: 3h",)


def test_the_name_of_a_holiday_is_not_touched() -> None:
    policy = a_policy(a_calendar(holidays=holidays("2026-07-09", name="Day of the open hours")))
    lines = sla_policy.compute(policy, Severity.MEDIUM, local("2026-07-08 16:20"), ()).derivation
    assert (
        "no se cuenta del jue 09/07/2026 00:00 al jue 09/07/2026 24:00: jue 09/07/2026 (Day of the open hours)"
    ) in sla_derivation_words.told(lines, Language.ES)


def test_in_hours_does_not_read_as_on_time() -> None:
    (spanish,) = sla_derivation_words.told(["in hours: Wed 2026-10-14 is open 09:00-18:00"], Language.ES)
    (portuguese,) = sla_derivation_words.told(["in hours: Wed 2026-10-14 is open 09:00-18:00"], Language.PT)
    assert spanish.startswith("dentro del horario: el mié 14/10/2026")
    assert portuguese.startswith("dentro do horário: qua 14/10/2026")
