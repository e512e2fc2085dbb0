"""`triage rules backtest` and `rules suggest` on a store beside a configuration, by output and exit code."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.adapters.store_sql.samples import a_case
from tests.e2e.daemon import Site, configured
from triage.adapters import rules_yaml
from triage.adapters.store_sql.store import open_store
from triage.core.model import Address, Classification, Severity
from triage.core.records import Event, StoredMessage

AT = datetime(2026, 10, 19, 13, 0, tzinfo=UTC)
SHIPPED = Path(__file__).parents[2] / "rules.yaml"
HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM


@pytest.fixture
def site(tmp_path) -> Site:
    return configured(tmp_path, imap=1, smtp=1, user="soporte")


async def store(
    site: Site, number: int, text: str, said: Severity, correction: Severity | None = None
) -> None:
    address = f"c{number}@shop{number}.example"
    case = a_case(
        number,
        client=Address(address, "C"),
        arrival=AT + timedelta(minutes=number),
        attended_at=AT + timedelta(hours=1),
        severity=correction or said,
        correction=correction,
        classification=Classification(correction or said, "x"),
    )
    message = StoredMessage(
        digest=f"d{number}",
        at=case.arrival,
        direction="in",
        sender=address,
        subject="Consulta",
        first_line=text,
        text=text,
        new_text=text,
        reference=case.reference,
        reading={"language": "es", "forwarded_text": ""},
        source=b"Subject: Consulta\r\nX-Kind: a\r\n\r\n" + text.encode(),
    )
    said_first = Event(case.arrival, "case.classified", case.reference, data={"severity": int(said)})

    def work(tx):
        tx.save_cases([case])
        tx.add_messages([message])
        tx.add_events([said_first])

    opened = await open_store(f"sqlite:///{site.folder / 'triage.db'}")
    await opened.write(work)
    await opened.close()


async def test_rules_that_change_nothing_exit_0(site):
    await store(site, 1, "La tienda no abre, a nadie.", HIGH)
    code, out, err = await site.triage("rules", "backtest", str(SHIPPED))
    assert (code, out.splitlines()[0]) == (0, "cases judged again: 1, 0 would change"), err


async def test_what_moves_is_told_with_its_promise_and_the_agents_word(site):
    await store(site, 1, "La tienda no abre.", MEDIUM, correction=HIGH)
    await store(site, 2, "¿Se puede cambiar el logo?", Severity.LOW)
    code, out, err = await site.triage("rules", "backtest", str(SHIPPED))
    assert code == 1, err
    assert "severity 2 -> 1 by weighed ('tienda', 'no abre')" in out
    assert "an agent said 1" in out
    assert "promise 2026-10-20T13:01:00Z -> 2026-10-19T15:01:00Z" in out
    assert "agents corrected 1: the rules agreed with 0, would agree with 1" in out
    assert "NO-2026-000002" not in out


async def test_rules_may_ask_for_headers_in_a_backtest_as_in_life(site, tmp_path):
    await store(site, 1, "¿Se puede cambiar el logo?", Severity.LOW)
    text = SHIPPED.read_text(encoding="utf-8")
    rule = "rules:\n  - id: by-header\n    severity: 1\n    weight: 90\n    when: {pattern: '^a$', where: ['header:X-Kind']}\n"
    other = tmp_path / "other.yaml"
    other.write_text(text.replace("\nrules:\n", f"\n{rule}", 1), encoding="utf-8")
    code, out, err = await site.triage("rules", "backtest", str(other))
    assert code == 1, err
    assert "by by-header" in out


async def test_suggestions_are_yaml_to_paste(site):
    for number in (1, 2, 3):
        await store(
            site, number, f"Hola {number}, la vidriera quedó violeta furiosa", MEDIUM, correction=HIGH
        )
    await store(site, 4, "Hola, una consulta", MEDIUM)
    code, out, err = await site.triage("rules", "suggest")
    assert code == 0, err
    found = yaml.safe_load(out)
    assert found["rules"] == [{"id": "suggested-1", "severity": 1, "when": "suggested_1"}]
    assert any("violeta" in phrase for phrase in found["phrases"]["suggested_1"]["any"])
    assert "3 of 3 stored cases" in out


async def test_suggestions_pasted_are_what_agents_said(site, tmp_path):
    """As an admin does it: suggest, paste, check, backtest; and an outage told beside such words is one."""
    for number, text in enumerate(
        ("pasan el certificado de retencion", "necesito el certificado de retencion"), 1
    ):
        await store(site, number, text, MEDIUM, correction=Severity.LOW)
    weekly = (
        "el resumen semanal llega tarde",
        "salio vacio el resumen semanal",
        "otro resumen semanal repetido",
    )
    for number, text in enumerate(weekly, 3):
        await store(site, number, text, Severity.LOW, correction=MEDIUM)
    outage = "nadie puede comprar nada desde ayer, la tienda no abre. Y el resumen semanal no llega"
    await store(site, 6, outage, HIGH)
    _, out, _ = await site.triage("rules", "suggest")
    found = yaml.safe_load(out)
    text = SHIPPED.read_text(encoding="utf-8")
    for key, indent in (("phrases", 2), ("rules", 2)):
        pasted = yaml.safe_dump(found[key], allow_unicode=True, default_flow_style=None)
        lines = "".join(f"{' ' * indent}{line}\n" for line in pasted.splitlines())
        text = text.replace(f"\n{key}:\n", f"\n{key}:\n{lines}", 1)
    points = "".join(
        f"    {name}: {json.dumps(three)}\n" for name, three in found["weighing"]["points"].items()
    )
    other = tmp_path / "other.yaml"
    other.write_text(text.replace("\n  points:\n", f"\n  points:\n{points}", 1), encoding="utf-8")
    support, _ = rules_yaml.load(other)
    assert rules_yaml.lint(support, other) == ()
    _, out, _ = await site.triage("rules", "backtest", str(other))
    assert "agents corrected 5: the rules agreed with 0, would agree with 5" in out
    assert "NO-2026-000006" not in out


async def test_without_corrections_there_is_nothing_to_suggest(site):
    await store(site, 1, "La tienda no abre", HIGH)
    code, out, _ = await site.triage("rules", "suggest")
    assert code == 0
    assert out.startswith("# cases corrected by agents: 0")
