"""The report's pictures: PNG, only those with something to show."""

import struct

import pytest

from tests.core.test_report import case, folded
from triage.core.model import Language
from triage.core.report_words import words

pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
from triage.adapters.plots_matplotlib import MatplotlibPlots


def test_pictures_are_small_pngs_of_one_size():
    found = folded([case(1, attended=1), case(2, severity=2), case(3, severity=3, attended=90)])
    pictures = MatplotlibPlots().draw(found, words(Language.ES))
    assert list(pictures) == ["kept", "attention", "hours", "weekdays"]
    for png in pictures.values():
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", png[16:24])[0] == 800
        assert len(png) < 60_000


def test_days_without_cases_have_no_pictures():
    assert MatplotlibPlots().draw(folded(), words(Language.EN)) == {}
