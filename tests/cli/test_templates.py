from pathlib import Path

import pytest
from click.testing import CliRunner

from triage.cli import cli
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


def test_an_unknown_sample_exits_2_and_names_those_of_the_mail() -> None:
    code, output = run("preview", "solution", "--sample", "final")
    assert code == 2
    assert "there are: provisional; definitive" in output


def test_a_folder_of_overrides_that_is_not_there_is_no_preview_of_what_is_shipped(tmp_path: Path) -> None:
    for order in (("list",), ("preview", "answer")):
        code, output = run(*order, "--overrides", str(tmp_path / "templatez"))
        assert code == 2
        assert "does not exist" in output


def test_a_page_that_cannot_be_written_exits_2_with_its_name(tmp_path: Path) -> None:
    page = tmp_path / "nowhere" / "page.html"
    code, output = run("preview", "answer", "--html", str(page))
    assert code == 2
    assert "page.html cannot be written: No such file or directory" in " ".join(output.split())


# -- a case of the store -----------------------------------------------------------------------------------------------


def of_case(config: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["--config", str(config), "templates", "preview", *arguments])
    return result.exit_code, result.output


def test_a_stored_case_is_shown_as_its_client_would_read_it(config: Path) -> None:
    code, output = of_case(config, "acknowledgement", "--case", "[no-2026-000001]", "--sample", "in hours")
    assert code == 0
    assert "Subject: Re: Fotos que no cargan [NO-2026-000001]" in output
    assert "mañana antes de las 10, hora de Buenos Aires" in output


def test_a_stored_case_is_shown_to_an_agent_in_its_own_time_and_with_its_own_facts(config: Path) -> None:
    code, output = of_case(config, "reminder", "--case", "NO-2026-000001", "--sample", "arrival, severity 1")
    assert code == 0
    assert "Caso nuevo de severidad 2: vence mañana a las 10 (quedan 24 h)." in output
    assert "NO-2026-000123" not in output
    for invented in ("falla-parcial", "captura.png", "pantalla.mp4"):
        assert invented not in output


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("deadline_moved", "Cambiaron nuestros días u horarios"),
        ("forged_warning", "Motivo:  nada prueba que"),
    ],
)
def test_what_only_bears_the_name_of_a_fact_of_the_case_stays_the_sample_s(
    config: Path, name: str, words: str
) -> None:
    code, output = of_case(config, name, "--case", "NO-2026-000001")
    assert code == 0
    assert words in output


def test_a_case_that_is_not_there_exits_2(config: Path) -> None:
    code, output = of_case(config, "acknowledgement", "--case", "NO-2026-999999")
    assert code == 2
    assert "no case NO-2026-999999" in output


def test_the_sites_own_mailbox_is_the_default_and_one_there_is_not_is_refused(
    config: Path, tmp_path: Path
) -> None:
    config.write_text(config.read_text().replace("name: soporte", "name: ayuda"))
    (tmp_path / "ours" / "ayuda" / "es").mkdir(parents=True)
    (tmp_path / "ours" / "ayuda" / "es" / "answer.txt").write_text("Hola desde acá")
    overrides = ("--overrides", str(tmp_path / "ours"))
    assert "Hola desde acá" in of_case(config, "answer", *overrides)[1]
    code, output = of_case(config, "answer", *overrides, "--mailbox", "soporte")
    assert (code, "no mailbox soporte; there are: ayuda" in output) == (2, True)
