"""The page and the tables of the report: whole, escaped, alone."""

import csv
import io
import json
import re

import pytest

from tests.core.test_report import START, case, folded
from tests.desks import BUENOS_AIRES
from triage.app import report_page, reporting
from triage.core.model import Classification, Language, Severity
from triage.core.records import Event
from triage.core.report_words import words

SURVEY = Event(START, "survey.answered", "a", data={"mark": 4})
FOUND = folded([case(1, attended=1), case(2), case(3, severity=3)], [SURVEY])


def page(found=FOUND, language=Language.ES, pictures=None):
    return report_page.page(found, words(language), pictures or {}, "NetOne", BUENOS_AIRES, language)


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_word(language):
    text = page(language=language)
    assert f'lang="{language.value}"' in text
    assert "1 / 2" in text
    assert "2026-10-19 – 2026-10-25" in text


def test_the_page_stands_alone_and_escapes_what_came_from_outside():
    hostile = Classification(Severity.HIGH, "<script>alert(1)</script>")
    text = page(folded([case(1, classification=hostile)]), pictures={"hours": b"\x89PNG"})
    assert "<script" not in text
    assert not re.search(r"(src|href)=\"(?!data:image/png;base64,)", text)


def test_days_without_cases_say_so():
    assert "Sin casos" in page(folded())


def test_tables_show_only_what_there_is():
    titles = [table.title for table in reporting.tables(FOUND)]
    assert "promises missed" in titles
    assert "corrections" not in titles


def test_json_and_csv_hold_the_same_figures():
    told = json.loads(json.dumps(reporting.as_json(FOUND)))
    rows = list(csv.DictReader(io.StringIO(reporting.as_csv(FOUND))))
    assert told["severities"][0] | {"kept": 1, "due": 2} == told["severities"][0]
    found = {(row["section"], row["name"], row["figure"]): row["value"] for row in rows}
    assert found["severity", "1", "kept"] == "1"
    assert found["survey", "4", "answers"] == "1"
    assert len(found) == len(rows)


def test_lengths_are_said_in_two_units_at_most():
    said = [reporting.length(value) for value in (None, 9, 60, 3 * 3600 + 1200, 2 * 86400 + 4 * 3600)]
    assert said == ["-", "9 s", "1 min", "3 h 20 min", "2 d 4 h"]
