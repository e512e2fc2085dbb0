from pathlib import Path

from click.testing import CliRunner

from triage.cli.templates import templates


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(templates, list(arguments))
    return result.exit_code, result.output


def test_list_names_every_mail_with_its_files() -> None:
    code, output = run("list", "--language", "pt")
    rows = [line.split("\t") for line in output.splitlines()]
    assert code == 0
    assert {"acknowledgement", "reminder", "survey", "digest", "alarm"} <= {name for name, _, _ in rows}
    assert all(language == "pt" and ".txt" in files for _, language, files in rows)
    assert len(run("list")[1].splitlines()) == 3 * len(rows)


def test_preview_prints_subject_and_text_and_writes_html(tmp_path: Path) -> None:
    page = tmp_path / "ack.html"
    code, output = run(
        "preview",
        "acknowledgement",
        "--language",
        "en",
        "--sample",
        "severity 1, weekend",
        "--html",
        str(page),
    )
    assert code == 0
    assert "Subject: Re: Photos cannot be uploaded [NO-2026-000123]" in output
    assert "It is the weekend" in output
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_preview_shows_an_override(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "answer.txt").write_text("Hola desde acá")
    assert "Hola desde acá" in run("preview", "answer", "--overrides", str(tmp_path))[1]


def test_a_template_that_cannot_be_rendered_exits_2_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "answer.txt").write_text("\n{{ nothing }}")
    code, output = run("preview", "answer", "--overrides", str(tmp_path))
    assert code == 2
    assert "answer.txt:2: 'nothing' is undefined" in output


def test_an_unknown_mail_exits_2_and_names_those_there_are() -> None:
    code, output = run("preview", "acknowledgment")
    assert code == 2
    assert "acknowledgement" in output
