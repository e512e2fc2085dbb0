"""The week by mail: once, with its pictures in the mail."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.store_sql.samples import a_case
from tests.app.house import DESK
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.app import weekly
from triage.core.records import Event
from triage.wiring import pictures

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)  # a Tuesday, 9:00 there


async def test_the_week_is_mailed_once_with_its_pictures_in_the_mail(store):
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    at = NOW - timedelta(days=2)
    case = a_case(arrival=at, cycle_start=at, attended_at=at + timedelta(hours=1))
    await store.write(lambda tx: tx.save_cases([case]))
    for _ in range(2):
        await weekly.send(store, DESK, ["lucia.ferrari@netone.example"], pictures.plots, NOW)
    (row,) = await store.read(lambda tx: tx.list_outbox())
    rendered = JinjaRenderer(None).render(row, NOW)
    raw = MimeComposer(DESK.site).compose(row, rendered, NOW).decode()
    assert "Content-Type: multipart/related" in raw
    assert raw.count("Content-Disposition: inline") == 4
    assert "Content-ID: <kept@netone.example>" in raw
    assert 'src="cid:kept@netone.example"' in rendered.html


async def test_an_average_is_said_to_one_place(store):
    at = NOW - timedelta(days=2)
    given = {"a": 4, "b": 4, "c": 5}
    marks = [Event(at, "survey.answered", case, data={"mark": mark}) for case, mark in given.items()]
    await store.write(lambda tx: tx.add_events(marks))
    await weekly.send(store, DESK, ["a@netone.example"], lambda: None, NOW)
    (row,) = await store.read(lambda tx: tx.list_outbox())
    assert "4,3 de 5 en promedio (respuestas: 3, enviadas:" in JinjaRenderer(None).render(row, NOW).text


async def test_without_matplotlib_the_week_is_mailed_without_pictures(store):
    await weekly.send(store, DESK, ["a@netone.example"], lambda: None, NOW)
    (row,) = await store.read(lambda tx: tx.list_outbox())
    assert not row.draft["attachments"]
    assert "img" not in JinjaRenderer(None).render(row, NOW).html
