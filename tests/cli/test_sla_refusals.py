"""Every refusal that sla/README lists, as `triage sla compute` gives it: exit 2, nothing on stdout, the place and the key."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from triage.cli.sla import sla

SHOP = """\
sla:
  calendars:
    shop:
      timezone: Europe/Madrid
      hours:
        mon-fri: ["09:00-14:00", "16:00-19:00"]
      holidays: [2026-12-25]
  policies:
    shop:
      calendar: shop
      severities:
        1: {clock: calendar, in_hours: 2h, out_of_hours: 24h}
        2: {clock: business_days, in_hours: {target: 24h, roll: none}, out_of_hours: 48h}
"""
# What stands in the file, what is written instead (§ where the problem is told to be), the key, words of the reason.
REFUSED = [
    ("timezone: Europe/Madrid", "§zone: Europe/Madrid", "calendars.shop.zone", "unknown key"),
    ("holidays: [2026-12-25]", "§holliday: []", "calendars.shop.holliday", "unknown key; did you mean holidays?"),
    ("calendar: shop", "calendar: shop\n      §clock: calendar", "policies.shop.clock", "unknown key"),
    ("1: {clock: calendar", "1: {§clok: calendar", "severities.1.clok", "unknown key; did you mean clock?"),
    ("roll: none", "§rol: none", "severities.2.in_hours.rol", "unknown key; did you mean roll?"),
    ("Europe/Madrid", "§Europe/Madird", "calendars.shop.timezone", "unknown time zone 'Europe/Madird'; did you mean"),
    ("Europe/Madrid", "§GMT-3", "calendars.shop.timezone", "unknown time zone 'GMT-3'; use a name"),
    ("[2026-12-25]", "§2026-12-25", "calendars.shop.holidays", 'is a list of dates, such as ["2026-12-25"], or a'),
    (" [2026-12-25]", "§", "calendars.shop.holidays", "is a list of dates"),
    ('["09:00-14:00", "16:00-19:00"]', '§"09:00-14:00"', "hours.mon-fri", 'is a list, such as ["'),
    ('["09:00-14:00", "16:00-19:00"]', "[]", "calendars.shop", "no date is ever open"),
    ('"16:00-19:00"', '"13:00-19:00"', "hours.mon-fri", "the windows 09:00-14:00 and 13:00-19:00 overlap"),
    ('"16:00-19:00"', '§"19:00-16:00"', "hours.mon-fri.1", "'19:00-16:00' runs backwards"),
    ('"16:00-19:00"', '§"22:00-06:00"', "hours.mon-fri.1", "over midnight write two windows, one each day"),
    ('"16:00-19:00"', '§"16:00-16:00"', "hours.mon-fri.1", "is empty"),
    ('"16:00-19:00"', '§"16:00-24:30"', "hours.mon-fri.1", "from 00:00 to 24:00"),
    ("{target: 24h, roll: none}", "§{roll: none}", "severities.2.in_hours.target", "is required and missing"),
    ("in_hours: 2h", "in_hours: §0h", "severities.1.in_hours.target", "'0h' is zero"),
    ("in_hours: 2h", "in_hours: §-2h", "severities.1.in_hours.target", "'-2h' is negative"),
    ("in_hours: 2h", "in_hours: §1d", "severities.1.in_hours.target", "a day is ambiguous"),
    ("target: 24h", "target: §0m", "severities.2.in_hours.target", "'0m' is zero"),
    ("in_hours: 2h, out_of_hours: 24h", "in_hours: 2h", "severities.1.out_of_hours", "is required and missing"),
    ("in_hours: 2h, out_of_hours: 24h", "out_of_hours: 24h", "severities.1.in_hours", "is required and missing"),
    ("clock: business_days", "clock: §days", "severities.2.clock", "input should be 'calendar', 'business_days'"),
    ('"16:00-19:00"', "§9:00", "hours.mon-fri.1", "unquoted 9:00 is a number in base 60"),
    ("        2: {", "        §on: {", "severities.on", "unquoted on: is a truth value"),
    ("        2: {", "        §1: {", "severities.1", "this key stands here twice; the first would be lost"),
    ("        2: {", "        §4: {", "severities.4", "input should be '1', '2' or '3'"),
    ("calendar: shop", "calendar: §shp", "policies.shop.calendar", "no calendar is called 'shp'; did you mean shop?"),
]  # fmt: skip


def refused(folder: Path, text: str) -> tuple[int, str, list[str]]:
    path = folder / "p.yaml"
    path.write_text(text, encoding="utf-8")
    found = CliRunner().invoke(sla, ["compute", "--policies", str(path)], input="arrival\tseverity\tpolicy\n")
    return found.exit_code, found.stdout, found.stderr.replace(str(path), "p.yaml").splitlines()


@pytest.mark.parametrize(("what", "instead", "key", "why"), REFUSED)
def test_a_policy_file_is_refused_at_its_place(
    tmp_path: Path, what: str, instead: str, key: str, why: str
) -> None:
    assert what in SHOP
    marked = SHOP.replace(what, instead, 1)
    code, stdout, told = refused(tmp_path, marked.replace("§", ""))
    assert (code, stdout) == (2, "")
    (line,) = [one for one in told if why in one]
    assert key in line
    if "§" in marked:
        before = marked[: marked.index("§")]
        place = f"p.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "
        assert line.startswith(place), (line, place)


def test_an_unquoted_date_is_read_as_a_quoted_one(tmp_path: Path) -> None:
    quoted = SHOP.replace("[2026-12-25]", '["2026-12-25"]')
    rows = "arrival\tseverity\tpolicy\n2026-12-24T17:00:00+01:00\t2\tshop\n"
    answers = []
    for text in (SHOP, quoted):
        path = tmp_path / "p.yaml"
        path.write_text(text, encoding="utf-8")
        answers.append(CliRunner().invoke(sla, ["compute", "--policies", str(path)], input=rows).stdout)
    assert answers[0] == answers[1]
    assert "2026-12-28T17:00:00+01:00" in answers[0]
