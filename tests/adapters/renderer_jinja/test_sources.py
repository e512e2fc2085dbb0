from pathlib import Path

import pytest

from triage.adapters.renderer_jinja import shipped_dir, sources
from triage.adapters.renderer_jinja.sources import Where
from triage.errors import Misconfigured

SHIPPED = shipped_dir()


def test_the_most_specific_override_wins(tmp_path: Path) -> None:
    places = ["ventas/1/es", "ventas/es", "1/es", "es"]
    for place in places:
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "acknowledgement.txt").write_text(place)
    where = Where("ventas", "1", "es")
    for place in places:
        found = sources.read(SHIPPED, tmp_path).find(where, "acknowledgement.txt")
        assert found is not None
        assert found.source == place
        (tmp_path / place / "acknowledgement.txt").unlink()
    last = sources.read(SHIPPED, tmp_path).find(where, "acknowledgement.txt")
    assert last is not None
    assert last.file == str(SHIPPED / "es" / "acknowledgement.txt")


def test_the_layout_needs_no_language(tmp_path: Path) -> None:
    (tmp_path / "layout.html").write_text("ours")
    found = sources.read(SHIPPED, tmp_path).find(Where("", "", "pt"), "layout.html")
    assert found is not None
    assert found.source == "ours"


def test_a_context_without_overrides_is_one_for_all(tmp_path: Path) -> None:
    (tmp_path / "1" / "es").mkdir(parents=True)
    (tmp_path / "1" / "es" / "survey.txt").write_text("x")
    found = sources.read(SHIPPED, tmp_path)
    assert found.where("soporte", "2", "es") == Where("", "", "es")
    assert found.where("soporte", "1", "es") == Where("", "1", "es")


def test_every_bad_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "b.txt").write_bytes(b"x" * (sources.FILE_LIMIT + 1))
    with pytest.raises(Misconfigured) as caught:
        sources.read(SHIPPED, tmp_path)
    assert len(caught.value.problems) == 2


def test_an_empty_folder_of_shipped_templates_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        sources.read(tmp_path, None)


def test_every_mail_is_shipped_in_every_language() -> None:
    names = {language: {p.name for p in (SHIPPED / language).iterdir()} for language in ("es", "en", "pt")}
    assert names["es"] == names["en"] == names["pt"]
    found = sources.read(SHIPPED, None).names()
    assert all({f"{name}.txt", f"{name}.subject.txt"} <= names["es"] for name in found)
