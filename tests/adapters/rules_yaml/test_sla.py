from datetime import date
from textwrap import dedent, indent

import pytest

from triage import strict_yaml
from triage.adapters.rules_yaml import sla
from triage.core.model import Column, Kind, Language, Severity
from triage.core.reminders import Anchor, Unless, When
from triage.core.sla_calendar import Clock
from triage.core.sla_policy import Clause, Roll, Start
from triage.errors import Misconfigured
from triage.settings import shipped

CALENDAR = """\
shop:
  timezone: America/Argentina/Buenos_Aires
  hours: {mon-fri: ["09:00-18:00"]}
"""
ALL_LEVELS = """\
1: {in_hours: 2h, out_of_hours: 24h}
2: {clock: business_days, in_hours: 24h, out_of_hours: 48h}
3: {clock: business_days, kind: from, in_hours: 72h, out_of_hours: 72h}
"""


def text(calendars: str = CALENDAR, severities: str = ALL_LEVELS) -> str:
    return (
        "sla:\n  calendars:\n"
        + indent(dedent(calendars), "    ")
        + "  policies:\n    shop:\n      calendar: shop\n      severities:\n"
        + indent(dedent(severities), "        ")
    )


def load(*args: str, **options):
    return sla.load_sla(strict_yaml.parse(text(*args), "rules.yaml"), **options)


def problems(*args: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        load(*args)
    return [str(problem) for problem in caught.value.problems]


def shop(calendars: str):
    model, _ = load(calendars)
    return model.calendars["shop"]


# -- what is read ----------------------------------------------------------------------------------------------------


def test_terms_hold_for_both_columns_unless_a_column_has_its_own():
    model, warnings = load(
        CALENDAR,
        """\
        1:
          clock: business_days
          kind: from
          in_hours: {target: 1h30m, clock: business_hours}
          out_of_hours: {target: 90s, start: next_opening, roll: next_opening, kind: maximum}
        2: {in_hours: 90m, out_of_hours: 2h}
        3: {in_hours: 1h, out_of_hours: 1h}
        """,
    )
    table = model.default.severities
    assert table[Severity.HIGH][Column.IN_HOURS] == Clause(5400, Clock.BUSINESS_HOURS, Kind.FROM)
    assert table[Severity.HIGH][Column.OUT_OF_HOURS] == Clause(
        90, Clock.BUSINESS_DAYS, Kind.MAXIMUM, Start.NEXT_OPENING, Roll.NEXT_OPENING
    )
    assert table[Severity.MEDIUM][Column.IN_HOURS] == Clause(5400)
    assert warnings == ()


def test_severities_may_be_numbers_or_texts():
    model, _ = load(CALENDAR, ALL_LEVELS.replace("1:", '"1":', 1))
    assert set(model.default.severities) == set(Severity)


def test_the_first_policy_is_the_default_unless_one_is_named():
    two = text() + "    other:\n      calendar: shop\n      severities:\n" + indent(ALL_LEVELS, "        ")
    model, _ = sla.load_sla(strict_yaml.parse(two, "r"))
    assert model.default.name == "shop"
    named, _ = sla.load_sla(strict_yaml.parse(two + "  default: other\n", "r"))
    assert named.default.name == "other"


def test_dates_may_be_quoted_or_not_everywhere():
    calendar = shop(
        CALENDAR
        + '  holidays: [2026-12-08, "2026-12-25"]\n'
        + '  special_hours: {2026-12-24: ["09:00-13:00"], "2026-12-31": []}\n'
    )
    assert set(calendar.holidays) == {date(2026, 12, 8), date(2026, 12, 25)}
    assert calendar.special_hours == {date(2026, 12, 24): ((32_400, 46_800),), date(2026, 12, 31): ()}


def test_holidays_of_a_country_with_puentes_open_additions_and_removals():
    calendar = shop(
        CALENDAR
        + "  holidays: {country: AR, non_working_days: open, add: [2026-07-10, 2026-08-03], remove: [2026-12-08]}\n"
    )
    opens = {day: bool(calendar.windows(date.fromisoformat(day))) for day in (
        "2026-12-07", "2027-03-25", "2026-04-02", "2026-07-09", "2026-07-10", "2026-08-03", "2026-12-08")}  # fmt: skip
    assert opens == {
        "2026-12-07": True,  # a puente
        "2027-03-25": True,  # Jueves Santo
        "2026-04-02": False,  # Jueves Santo, but Malvinas too
        "2026-07-09": False,
        "2026-07-10": False,  # a puente that was decreed a holiday
        "2026-08-03": False,
        "2026-12-08": True,
    }


def test_puentes_are_closed_unless_it_is_said_that_they_are_not():
    calendar = shop(CALENDAR + "  holidays: {country: AR}\n")
    assert calendar.windows(date(2026, 12, 7)) == ()


def test_the_shipped_rules_hold_netones_promise():
    document = strict_yaml.read(shipped("rules.yaml"))
    model, _ = sla.load_sla(document)
    assert model.default.severities[Severity.MEDIUM][Column.OUT_OF_HOURS] == Clause(
        48 * 3600, Clock.BUSINESS_DAYS
    )
    assert model.default.calendar.windows(date(2026, 11, 9)) == ()
    rules = sla.load_reminders(document)
    first = rules.steps[Severity.HIGH][1]
    assert (first.label, first.anchor, first.offset, first.when, first.unless) == (
        "arrival+30m", Anchor.ARRIVAL, 1800, When.ANY, Unless.TAKEN)  # fmt: skip
    assert sla.load_lifecycle(document).clock["waiting"] == "pause"


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendars", "told"),
    [
        (CALENDAR.replace("Buenos_Aires", "Buenos_Airez"), "sla.calendars.shop.timezone: unknown time zone"),
        (CALENDAR.replace("America/Argentina/Buenos_Aires", "right/UTC"), "unknown time zone 'right/UTC'"),
        (CALENDAR.replace("America/Argentina/Buenos_Aires", "America"), "unknown time zone 'America'"),
        (CALENDAR.replace("timezone", "zone"), "sla.calendars.shop.zone: unknown key"),
        (CALENDAR.replace('["09:00-18:00"]', "[]"), "sla.calendars.shop: no date is ever open"),
        (CALENDAR.replace("09:00-18:00", "18:00-09:00"), "sla.calendars.shop.hours.mon-fri.0: '18:00-09:00' runs backwards"),
        (CALENDAR.replace('"09:00-18:00"', '"09:00-13:00", "12:00-18:00"'), "sla.calendars.shop.hours.mon-fri: the windows"),
        (CALENDAR.replace("mon-fri", "lun-vie"), "sla.calendars.shop.hours.lun-vie: 'lun-vie' is no weekday"),
        (CALENDAR.replace("]}", '], fri: ["09:00-12:00"]}'), "fri stands in two keys, mon-fri and fri"),
        (CALENDAR + "  holidays: [2026-02-30]\n", "sla.calendars.shop.holidays.0: 2026-02-30 is no date"),
        (CALENDAR + "  holidays: {country: XX}\n", "sla.calendars.shop.holidays.country: 'XX' is no country"),
        (CALENDAR + "  holidays: {non_working_days: shut}\n", "non_working_days: input should be 'open' or 'closed'"),
        (CALENDAR + "  holidays: {add: [2026-01-02], remove: [2026-01-02]}\n", "2026-01-02 is both added and removed"),
        (CALENDAR + '  special_hours: {2026-12-24: ["13:00-09:00"]}\n', "special_hours.2026-12-24.0: '13:00-09:00' runs"),
        (CALENDAR + '  special_hours: {navidad: ["09:00-13:00"]}\n', "special_hours.navidad: 'navidad' is no date"),
        (CALENDAR.replace('"09:00-18:00"', "9:00"), "unquoted 9:00 is a number in base 60"),
    ],
)  # fmt: skip
def test_a_calendar_is_refused_with_key_and_reason(calendars, told):
    assert any(told in problem for problem in problems(calendars))


@pytest.mark.parametrize(
    ("severities", "told"),
    [
        ("1: {in_hours: 2h}", "sla.policies.shop.severities.1.out_of_hours: is required and missing"),
        ("1: {in_hours: {clock: calendar}, out_of_hours: 2h}", "severities.1.in_hours.target: is required and missing"),
        ("1: {in_hours: 0h, out_of_hours: 2h}", "severities.1.in_hours.target: '0h' is zero"),
        ("1: {in_hours: -2h, out_of_hours: 2h}", "severities.1.in_hours.target: '-2h' is negative"),
        ("1: {in_hours: 1d, out_of_hours: 2h}", "severities.1.in_hours.target: '1d': a day is ambiguous"),
        ("1: {in_hours: 2, out_of_hours: 2h}", "severities.1.in_hours.target: '2' has no unit"),
        ("1: {in_hours: null, out_of_hours: 2h}", "severities.1.in_hours.target: is a duration"),
        ("1: {in_hours: 2h, out_of_hours: 2h, clok: calendar}", "severities.1.clok: unknown key; did you mean clock?"),
        ("1: {in_hours: {target: 2h, rol: none}, out_of_hours: 2h}", "in_hours.rol: unknown key; did you mean roll?"),
        ("1: {clock: days, in_hours: 2h, out_of_hours: 2h}", "severities.1.clock: input should be 'calendar'"),
        ("4: {in_hours: 2h, out_of_hours: 2h}", "sla.policies.shop.severities.4: input should be '1', '2' or '3'"),
        ("on: {in_hours: 2h, out_of_hours: 2h}", "unquoted on: is a truth value"),
        ("1: {in_hours: 2h, out_of_hours: 2h}\n1: {in_hours: 3h, out_of_hours: 3h}", "stands here twice"),
        ("1: {in_hours: 2h, out_of_hours: 2h}", "promises nothing for severity 2, 3"),
    ],
)  # fmt: skip
def test_a_policy_is_refused_with_key_and_reason(severities, told):
    assert any(told in problem for problem in problems(CALENDAR, severities))


def test_a_problem_stands_at_its_line_and_column():
    assert problems(CALENDAR, "1:\n  in_hours: 2h\n  out_of_hours: 0h\n") == [
        "rules.yaml:12:25: sla.policies.shop.severities.1.out_of_hours.target: '0h' is zero; a target is more than that"
    ]


def test_every_problem_is_told_at_once():
    found = problems(CALENDAR.replace("shop", "shopp").replace("Buenos_Aires", "X"), "1: {in_hours: 0h}")
    assert len(found) == 4
    assert any("no calendar is called 'shop'; did you mean shopp?" in problem for problem in found)


def test_a_file_may_promise_less_than_every_severity_where_no_mailbox_uses_it():
    model, _ = load(CALENDAR, "1: {in_hours: 2h, out_of_hours: 2h}", complete=False)
    assert set(model.default.severities) == {Severity.HIGH}


@pytest.mark.parametrize("document", ["", "a: 1", "sla:", "sla: [1]", "sla: {calendars: {}, policies: {}}"])
def test_a_file_without_the_key_is_refused(document):
    with pytest.raises(Misconfigured):
        sla.load_sla(strict_yaml.parse(document, "x.yaml"))


# -- what is warned of -----------------------------------------------------------------------------------------------


def warnings(holidays: str, today: date) -> list[str]:
    return [str(w) for w in load(CALENDAR + f"  holidays: {holidays}\n", today=today)[1]]


def test_a_list_that_ends_with_this_year_is_warned_of():
    found = warnings("[2026-05-01, 2026-12-25]", date(2026, 11, 1))
    assert found == [
        (
            "rules.yaml:6:17: warning: sla.calendars.shop.holidays: no holiday of 2027 is listed; "
            "deadlines that reach into it take no account of any"
        )
    ]


def test_a_thin_list_is_warned_of_and_a_full_or_empty_one_is_not():
    assert (
        "of the holidays of 2027 only 1 listed, of those of 2026 2"
        in warnings("[2026-05-01, 2026-12-25, 2027-01-01]", date(2026, 11, 1))[0]
    )
    assert warnings("[2026-12-25, 2027-12-25]", date(2026, 11, 1)) == []
    assert warnings("[]", date(2026, 11, 1)) == []


def test_puentes_that_are_not_decreed_yet_are_warned_of():
    (found,) = warnings("{country: AR}", date(2026, 11, 1))
    assert "of 2027 no 'Feriado con fines turísticos' is listed yet" in found


def test_a_removal_of_what_is_no_holiday_is_warned_of():
    (found,) = warnings("{add: [2026-05-01, 2027-05-01], remove: [2026-05-02]}", date(2026, 1, 1))
    assert "2026-05-02 is removed, but no holiday falls on it" in found


def test_holidays_have_names_in_the_client_s_language_where_there_are_some():
    calendar = shop(CALENDAR + "  holidays: {country: AR, add: [2026-12-24], remove: [2026-12-08]}\n")
    christmas, added, removed = date(2026, 12, 25), date(2026, 12, 24), date(2026, 12, 8)
    assert calendar.holiday_words(christmas, Language.EN) == ("Christmas Day",)
    assert calendar.holiday_words(christmas, Language.ES) == ("Navidad",)
    assert calendar.holiday_words(christmas, Language.PT) == ("Natal",)
    assert calendar.holiday(added)
    assert calendar.holiday_words(added, Language.EN) == ()  # a date has no name
    assert calendar.holiday_words(removed, Language.EN) == ()
    assert (
        calendar.canonical()
        == shop(CALENDAR + "  holidays: {country: AR, add: [2026-12-24], remove: [2026-12-08]}\n").canonical()
    )
