"""`triage sla compute` in calendars nobody has seen, against the definitions followed by hand."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import sla_by_hand
from tests.sla_by_hand import Row, TooFar
from triage.cli.sla import sla

# A zone, and an instant around which its clock does something odd, or somebody's calendar does.
ODD = (
    ("Australia/Lord_Howe", "2026-04-04T15:00"),  # back by half an hour
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Antarctica/Troll", "2026-03-29T01:00"),  # forward by two hours
    ("Antarctica/Troll", "2026-10-25T01:00"),
    ("Pacific/Chatham", "2026-04-04T14:00"),  # 03:45 back to 02:45
    ("Pacific/Chatham", "2026-09-26T14:00"),
    ("Africa/Casablanca", "2026-02-15T02:00"),  # Ramadan
    ("Africa/Casablanca", "2026-03-22T02:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),  # a date that never was
    ("Pacific/Kiritimati", "1994-12-31T10:00"),  # the same, earlier
    ("Asia/Gaza", "2026-03-28T00:00"),
    ("Asia/Gaza", "2011-08-01T00:00"),
    ("Africa/Cairo", "2026-04-23T22:00"),  # no midnight
    ("Africa/Cairo", "2026-10-29T21:00"),  # midnight twice
    ("America/Havana", "2026-11-01T05:00"),
    ("America/Santiago", "2026-09-06T04:00"),
    ("America/Sao_Paulo", "2018-11-04T03:00"),
    ("America/St_Johns", "2010-11-07T02:31"),  # one minute past midnight, back into the day before
    ("America/Caracas", "2016-05-01T07:00"),  # by half an hour, for good
    ("America/Scoresbysund", "2024-03-31T01:00"),
    ("Asia/Pyongyang", "2018-05-04T15:00"),
    ("Asia/Kathmandu", "2026-10-20T00:00"),
    ("Europe/Dublin", "2026-10-25T01:00"),  # winter is the time that is put back
    ("Europe/Istanbul", "2016-09-07T00:00"),
    ("America/Argentina/Buenos_Aires", "2026-07-09T12:00"),
    ("America/Argentina/Buenos_Aires", "2026-04-02T12:00"),  # Malvinas and Jueves Santo
    ("America/Argentina/Buenos_Aires", "2026-12-07T12:00"),
    ("America/Argentina/Buenos_Aires", "2008-10-19T03:00"),
    ("Etc/GMT+3", "2026-12-31T12:00"),
    ("UTC", "2028-02-29T12:00"),
)  # fmt: skip
COUNTRIES = ("AR", "BR", "ES", "UY", "CL", "NZ", "EG")
KEYS = (
    ("mon-sun",), ("mon-fri",), ("mon-fri", "sat"), ("mon,wed,fri", "tue-thu"), ("fri-mon",), ("sat-sun", "mon,tue"),
    ("sun-thu",), ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
)  # fmt: skip
MINUTE = timedelta(minutes=1)
MOST = 11 * 1440


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def windows(draw: Any, most: int = 3) -> list[str]:
    """Some windows of a day in any order, apart or touching, up to 24:00."""
    marks = st.one_of(st.integers(0, 1440), st.sampled_from((0, 60, 120, 180, 540, 1080, 1439, 1440)))
    found = sorted(draw(st.lists(marks, min_size=0, max_size=2 * most, unique=True)))
    texts = [f"{_clock(a)}-{_clock(b)}" for a, b in zip(found[::2], found[1::2], strict=False)]
    if texts and draw(st.booleans()):
        begin, _, end = texts[-1].partition("-")
        middle = (sla_by_hand._of_day(begin) + sla_by_hand._of_day(end)) // 120
        if _clock(middle) not in {begin, end}:
            texts[-1:] = [f"{begin}-{_clock(middle)}", f"{_clock(middle)}-{end}"]
    return draw(st.permutations(texts))


@st.composite
def calendars(draw: Any, zone: str, today: date) -> dict[str, Any]:
    near = st.integers(-4, 6).map(lambda n: str(today + timedelta(days=n)))
    keys = draw(st.sampled_from(KEYS))
    if keys == ("mon,wed,fri", "tue-thu"):
        keys = ("mon,wed,fri", "tue,thu")
    listed = draw(st.lists(near, max_size=3, unique=True))
    removed = draw(st.lists(near.filter(lambda day: day not in listed), max_size=2, unique=True))
    country = draw(st.none() | st.sampled_from(COUNTRIES))
    long = {"add": listed, "remove": removed}
    if country is not None and today.year >= 2010:
        long |= {"country": country, "non_working_days": draw(st.sampled_from(("open", "closed")))}
    written = {
        "timezone": zone,
        "hours": {key: draw(windows()) for key in keys},
        "holidays": listed if country is None else long,
        "special_hours": draw(st.dictionaries(near, windows(2), max_size=2)),
    }
    if not any([*written["hours"].values(), *written["special_hours"].values()]):
        written["hours"][keys[0]] = ["09:00-18:00"]
    return written


@st.composite
def terms(draw: Any) -> dict[str, str]:
    """Any of the four terms, or none: the defaults are part of the vocabulary."""
    every = {
        "clock": ("calendar", "business_days", "business_hours"),
        "kind": ("maximum", "from"),
        "start": ("arrival", "next_opening"),
        "roll": ("none", "next_opening"),
    }
    return {key: draw(st.sampled_from(values)) for key, values in every.items() if draw(st.booleans())}


@st.composite
def cells(draw: Any) -> Any:
    minutes = draw(st.integers(1, 60 * 60) | st.sampled_from((60, 120, 540, 1440, 2880)))
    hours, rest = divmod(minutes, 60)
    target = draw(
        st.sampled_from(
            [f"{minutes}m", f"{minutes * 60}s", *([f"{hours}h{rest}m"] if hours and rest else [])]
        )
    )
    own = draw(st.none() | terms())
    return target if own is None else {"target": target, **own}


@st.composite
def sites(draw: Any) -> tuple[dict[str, Any], list[Row]]:
    """A policy file, and rows for it."""
    name, text = draw(st.sampled_from(ODD))
    around = datetime.fromisoformat(text).replace(tzinfo=UTC)
    today = around.astimezone(ZoneInfo(name)).date()
    severities = {
        level: {**draw(terms()), "in_hours": draw(cells()), "out_of_hours": draw(cells())}
        for level in (1, 2, 3)
    }
    written = {
        "sla": {
            "calendars": {"desk": draw(calendars(name, today))},
            "policies": {"desk": {"calendar": "desk", "severities": severities}},
        }
    }
    return written, [draw(rows(around)) for _ in range(6)]


@st.composite
def rows(draw: Any, around: datetime) -> Row:
    arrival = around + MINUTE * draw(st.integers(-4 * 1440, 3 * 1440))
    pauses = []
    for _ in range(draw(st.integers(0, 3))):
        start = arrival + MINUTE * draw(st.integers(-200, 4000))
        pauses.append((start, start + MINUTE * draw(st.integers(0, 2000))))
    offset = draw(st.sampled_from((-720, -180, 0, 345, 765)))
    return Row(arrival.astimezone(_fixed(offset)), draw(st.sampled_from((1, 2, 3))), "desk", tuple(pauses))


def _fixed(minutes: int) -> Any:
    from datetime import timezone

    return timezone(timedelta(minutes=minutes))


def expected(written: dict[str, Any], row: Row) -> list[str] | None:
    """The four answers; None where the deadline is too far to walk to."""
    try:
        found = sla_by_hand.answer(written, row, MINUTE, MOST)
    except TooFar:
        return None
    local = found.deadline.astimezone(sla_by_hand.zone_of(written, row.policy))
    return [found.column, found.kind, f"{found.deadline:%Y-%m-%dT%H:%M:%SZ}", local.isoformat()]


def answers(folder: Path, written: dict[str, Any], wanted: list[Row]) -> list[list[str]]:
    """What the command writes; the policies in YAML's own notation, severities as numbers."""
    import yaml

    path = folder / "policies.yaml"
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    lines = ["arrival\tseverity\tpolicy\tpauses"]
    for row in wanted:
        pauses = ";".join(f"{a.isoformat()}/{b.isoformat()}" for a, b in row.pauses)
        lines.append(f"{row.arrival.isoformat()}\t{row.severity}\t{row.policy}\t{pauses}")
    result = CliRunner().invoke(sla, ["compute", "--policies", str(path)], input="\n".join(lines) + "\n")
    assert result.exit_code in {0, 1}, result.output
    return [line.split("\t")[4:] for line in result.stdout.splitlines()[1:]]


def compare(folder: Path, site: tuple[dict[str, Any], list[Row]]) -> None:
    written, wanted = site
    for row, found in zip(wanted, answers(folder, written, wanted), strict=True):
        told = expected(written, row)
        assert told is None or found == told, json.dumps([written, str(row)], indent=1, default=str)


ONCE = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@given(sites())
@settings(max_examples=30, deadline=None, suppress_health_check=ONCE)
def test_every_answer_is_what_the_definitions_give_minute_by_minute(tmp_path: Path, site: Any) -> None:
    compare(tmp_path, site)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@given(sites())
@settings(max_examples=1500, deadline=None, suppress_health_check=ONCE)
def test_thousands_of_answers_are_what_the_definitions_give(tmp_path: Path, site: Any) -> None:
    compare(tmp_path, site)
