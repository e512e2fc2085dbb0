import pytest

from triage.app import trial
from triage.app.trial import Row

HEADER = "file\tlanguage\tkind\tseverity\taccepted\tproduct\tshould_ack"


def told(**fields: object) -> dict[str, object]:
    found = {
        "severity": 1,
        "rule": "gone",
        "product": "unknown",
        "evidence": [{"group": "down", "text": "CAÍDO"}],
        "losers": [{"rule": "ask"}],
    }
    return {"case": True, "ack": True, "language": "es", "classification": found, **fields}


def a_row(file: str = "1.eml", **fields: str) -> Row:
    defaults = {
        "kind": "case",
        "severity": "1",
        "rule": "r",
        "should_ack": "yes",
        "product": "unknown",
        "language": "es",
    }
    return Row(file, **{**defaults, **fields})


def label(*lines: str) -> dict[str, trial.Label]:
    return trial.labels([HEADER, *(line.replace(" ", "\t") for line in lines)])


def test_a_row_is_what_was_told_in_the_columns_of_the_interface() -> None:
    row = trial.row("1.eml", told())
    assert row.values() == ("1.eml", "case", "1", "gone", "yes", "unknown", "es")
    assert row.words == ("down 'CAÍDO'",)


def test_what_is_no_case_has_no_severity() -> None:
    row = trial.row("1.eml", told(case=False, ack=False))
    assert row.values() == ("1.eml", "not_case", "-", "-", "no", "-", "es")


def test_labels_are_read_by_header_name() -> None:
    assert label("1.eml es case 2 1,2 unknown yes")["1.eml"].accepted == {"1", "2"}
    with pytest.raises(ValueError, match="severity"):
        trial.labels(["file\tkind"])


def test_an_accepted_level_is_right() -> None:
    report = trial.report([a_row(severity="1")], label("1.eml es case 2 1,2 unknown yes"))
    assert not report.missed
    assert any(line.startswith("severity within accepted  1.000") for line in report.lines)


def test_a_miss_is_told_with_its_evidence() -> None:
    row = trial.row("1.eml", told())
    report = trial.report([row], label("1.eml es case 3 3 Uno no"))
    text = "\n".join(report.lines)
    assert report.missed
    assert "should_ack yes instead of no" in text
    assert "severity 1 instead of 3" in text
    assert "product unknown instead of Uno" in text
    assert "down 'CAÍDO'" in text


def test_precision_and_recall_are_of_each_level() -> None:
    rows = [a_row("1.eml"), a_row("2.eml"), a_row("3.eml", severity="2")]
    known = label(
        "1.eml es case 1 1 unknown yes", "2.eml es case 3 3 unknown yes", "3.eml es case 1 1 unknown yes"
    )
    lines = trial.report(rows, known).lines
    assert next(line.split() for line in lines if line.startswith("    1  ")) == [
        "1",
        "2",
        "2",
        "0.500",
        "0.500",
    ]


def test_a_labelled_file_that_is_not_there_is_a_miss() -> None:
    report = trial.report([], label("1.eml es case 1 1 unknown yes"))
    assert report.missed
    assert "labelled but not there: 1.eml" in report.lines
