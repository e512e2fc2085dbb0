from pathlib import Path

import pytest
from click.testing import CliRunner

from triage.cli.sla import sla

SHARED = Path(__file__).parents[3] / "shared" / "sla"
POLICIES = """\
sla:
  calendars:
    shop:
      timezone: Australia/Lord_Howe
      hours: {mon-fri: ["09:00-12:00", "13:00-17:00"], sat: ["09:00-12:00"]}
      holidays: [2026-12-25]
      special_hours: {"2026-12-24": ["09:00-11:00"]}
  policies:
    shop:
      calendar: shop
      severities:
        1: {clock: business_hours, in_hours: 2h, out_of_hours: 4h}
        2: {in_hours: 24h, out_of_hours: {target: 24h, start: next_opening, roll: next_opening}}
"""
HEADER = "id\tarrival\tseverity\tpolicy"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    path = tmp_path / "policies.yaml"
    path.write_text(POLICIES, encoding="utf-8")
    return path


def run(policies: Path, text: str | bytes, *options: str):
    data = text.encode() if isinstance(text, str) else text
    return CliRunner().invoke(sla, ["compute", "--policies", str(policies), *options], input=data)


def rows(result) -> list[list[str]]:
    return [line.split("\t") for line in result.stdout.splitlines()]


# Computed by hand: Lord Howe is at +10:30, in summer (from 4 October 2026, 02:00) at +11:00.
CASES = [
    ("2026-07-07T11:00:00+10:30", "1", "in_hours", "2026-07-07T03:30:00Z", "2026-07-07T14:00:00+10:30"),
    ("2026-12-24T10:30:00+11:00", "1", "in_hours", "2026-12-25T23:30:00Z", "2026-12-26T10:30:00+11:00"),
    ("2026-10-03T11:00:00+10:30", "2", "in_hours", "2026-10-04T00:30:00Z", "2026-10-04T11:30:00+11:00"),
    ("2026-10-03T13:00:00+10:30", "2", "out_of_hours", "2026-10-05T22:00:00Z", "2026-10-06T09:00:00+11:00"),
]


@pytest.mark.parametrize(("arrival", "severity", "column", "utc", "local"), CASES)
def test_a_row_is_answered(policies, arrival, severity, column, utc, local):
    result = run(policies, f"{HEADER}\na\t{arrival}\t{severity}\tshop\n")
    assert result.exit_code == 0
    assert rows(result)[0] == [*HEADER.split("\t"), "column", "kind", "deadline_utc", "deadline_local"]
    assert rows(result)[1][4:] == [column, "maximum", utc, local]


@pytest.mark.parametrize("hour", ["24:00", "24:00:00", "24:00:00.000"])
def test_an_arrival_at_the_end_of_a_day_is_the_next_ones_beginning(policies, hour):
    texts = (f"2026-07-07T{hour}+10:30", "2026-07-08T00:00:00+10:30")
    first, second = (rows(run(policies, f"{HEADER}\na\t{text}\t1\tshop\n"))[1] for text in texts)
    assert first[4:] == second[4:] != ["", "", "", ""]


def test_columns_keep_their_order_and_answers_their_place(policies):
    header = "deadline_utc\tpolicy\tnote\tarrival\tcolumn\tseverity\tpauses"
    pauses = "2026-07-07T11:10:00+10:30/2026-07-07T11:20:00+10:30;2026-07-07T11:15:00+10:30/2026-07-07T11:30:00+10:30"
    text = f'{header}\nwrong\tshop\tñandú "quoted"\t2026-07-07T11:00:00+10:30\twrong\t1\t{pauses}\n'
    result = run(policies, text)
    assert rows(result) == [
        [*header.split("\t"), "kind", "deadline_local"],
        ["2026-07-07T03:50:00Z", "shop", 'ñandú "quoted"', "2026-07-07T11:00:00+10:30", "in_hours", "1", pauses,
         "maximum", "2026-07-07T14:20:00+10:30"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("2026-07-07T11:00:00\t1\tshop", "has no offset"),
        ("2026-07-07\t1\tshop", "has no offset"),
        ("2026-07-07T24:30:00+10:30\t1\tshop", "no ISO 8601 instant"),
        ("yesterday\t1\tshop", "no ISO 8601 instant"),
        ("\t1\tshop", "no ISO 8601 instant"),
        ("2026-07-07T11:00:00+10:30\t4\tshop", "severity: '4'"),
        ("2026-07-07T11:00:00+10:30\t3\tshop", "policy shop promises nothing for severity 3"),
        ("2026-07-07T11:00:00+10:30\t1\tnone", "no policy is called 'none'"),
        ("2026-07-07T11:00:00+10:30", "severity: ''"),
        ("2026-07-07T11:00:00+10:30\t1\tshop\textra", "1 more cell than"),
        ("9999-12-31T23:59:59+00:00\t1\tshop", "beyond the years"),
        ("0001-01-01T00:00:00+14:00\t1\tshop", "beyond the years"),
    ],
)
def test_a_row_that_cannot_be_computed_keeps_its_place(policies, cells, why):
    good = "2026-07-07T11:00:00+10:30\t1\tshop"
    result = run(policies, f"{HEADER}\na\t{good}\nb\t{cells}\nc\t{good}\n")
    assert result.exit_code == 1
    found = rows(result)
    assert [row[0] for row in found] == ["id", "a", "b", "c"]
    assert found[2][4:] == ["", "", "", ""]
    assert all(found[1][4:])
    assert all(found[3][4:])
    assert "line 3 (b): " in result.stderr
    assert why in result.stderr


def test_a_row_of_empty_cells_is_a_row_and_an_empty_line_is_none(policies):
    good = "a\t2026-07-07T11:00:00+10:30\t1\tshop"
    result = run(policies, f"{HEADER}\n\t\t\t\n\n  \n{good}\n\n")
    assert result.exit_code == 1
    assert [row[0] for row in rows(result)] == ["id", "", "a"]
    assert rows(result)[1] == [""] * 8


@pytest.mark.parametrize(
    "pauses",
    ["2026-07-07T11:10:00+10:30", "x/y", "2026-07-07T11:10:00/2026-07-07T11:20:00",
     "2026-07-07T11:20:00+10:30/2026-07-07T11:10:00+10:30"],
)  # fmt: skip
def test_a_pause_that_is_none_makes_the_row_a_bad_one(policies, pauses):
    result = run(policies, f"{HEADER}\tpauses\na\t2026-07-07T11:00:00+10:30\t1\tshop\t{pauses}\n")
    assert result.exit_code == 1
    assert "pauses: " in result.stderr


def test_windows_files_are_read_and_other_bytes_pass_through(policies):
    text = (
        b"\xef\xbb\xbf"
        + HEADER.encode()
        + b"\tnote\r\na\t2026-07-07T11:00:00+10:30\t1\tshop\t\xff\x85\r\n\r\n"
    )
    result = run(policies, text)
    assert result.exit_code == 0
    lines = result.stdout_bytes.split(b"\n")
    assert lines[0].startswith(b"id\t")
    assert b"\t\xff\x85\tin_hours\t" in lines[1]
    assert lines[2:] == [b""]


@pytest.mark.parametrize(
    "text", ["", "\n", "id\tarrival\tseverity\n", "arrival\tseverity\tpolicy\tarrival\n"]
)
def test_without_the_columns_it_cannot_run(policies, text):
    result = run(policies, text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "triage sla compute: the cases have" in result.stderr


def test_a_header_alone_is_answered_with_a_header(policies):
    result = run(policies, HEADER + "\n")
    assert (result.exit_code, len(rows(result))) == (0, 1)


def test_policies_that_are_refused_stop_it_with_their_places(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(POLICIES.replace("Lord_Howe", "Lord_How"), encoding="utf-8")
    result = run(path, HEADER + "\n")
    assert result.exit_code == 2
    assert f"{path}:4:17: sla.calendars.shop.timezone: unknown time zone" in result.stderr


def test_files_that_are_not_there_stop_it(policies, tmp_path):
    assert run(tmp_path / "none.yaml", HEADER).exit_code == 2
    assert run(policies, "", "--cases", str(tmp_path / "none.tsv")).exit_code == 2


def test_cases_may_come_from_a_file(policies, tmp_path):
    path = tmp_path / "cases.tsv"
    path.write_text(f"{HEADER}\na\t2026-07-07T11:00:00+10:30\t1\tshop\n", encoding="utf-8")
    assert len(rows(run(policies, "", "--cases", str(path)))) == 2


def test_without_policies_the_rules_file_is_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGE_CONFIG", raising=False)
    text = f"{HEADER}\na\t2026-10-20T10:15:00-03:00\t1\tnetone\n"
    shipped = CliRunner().invoke(sla, ["compute"], input=text)
    assert "2026-10-20T15:15:00Z" in shipped.stdout
    (tmp_path / "rules.yaml").write_text(POLICIES, encoding="utf-8")
    own = CliRunner().invoke(sla, ["compute"], input=text)
    assert "no policy is called 'netone'" in own.stderr


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/sla is not here")
@pytest.mark.parametrize("name", ["cases.tsv", "pauses.tsv"])
def test_the_shared_cases_are_reproduced_byte_for_byte(name):
    cases = (SHARED / name).read_bytes()
    blank = _without_answers(cases.decode())
    result = run(SHARED / "policies.yaml", blank)
    assert (result.exit_code, result.stdout_bytes) == (0, cases)


def _without_answers(text: str) -> str:
    """Empty the four answer columns, so that nothing can be copied from them."""
    header, *lines = text.splitlines()
    answers = {
        header.split("\t").index(name) for name in ("column", "kind", "deadline_utc", "deadline_local")
    }
    emptied = (
        "\t".join("" if i in answers else cell for i, cell in enumerate(line.split("\t"))) for line in lines
    )
    return "\n".join([header, *emptied]) + "\n"
