"""Everything a client can leave with us, through the real intake and outbox; then she is forgotten, in every table.

What is looked for: her address, her name, and words that nobody else uses, also inside packed and encoded columns.
"""

import asyncio
import quopri
import re
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.app.house import DESK, House, a_mail
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.handover_file import HandoverFile
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql.backup import wipe
from triage.adapters.store_sql.engine import parse_url
from triage.adapters.store_sql.schema import metadata
from triage.adapters.store_sql.store import open_store
from triage.app import personal
from triage.app.alarms import Alarms
from triage.app.outbox_turn import OutboxTurns, Turn
from triage.app.outcomes import Outcomes
from triage.core import actions, signing
from triage.core.governor import Limits
from triage.core.model import MailKind, MailState, State
from triage.core.records import AsideRow, OutboxOutcome, OutboxRow
from triage.ports import Store

ANA, NAME = "ana@tienda.example", "Anahí Quiroga"
BETO = "beto@otra.example"
LUCIA = DESK.site.agents[0].address
AGENTS = frozenset(agent.address for agent in DESK.site.agents)
PROOF = "mx.netone.example; dmarc=pass header.from=netone.example"
WORDS = (
    "girasolada",
    "murcielagal",
    "berenjenario",
    "jirafamente",
    "alcachofazo",
    "ornitorrincal",
    "zarzaparrilla",
)


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    store = await open_store(url)
    yield House(store)
    await store.close()


class Life:
    """`writes` lets somebody write and everything due go out; whoever is in `refused` cannot be reached."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.number, self.refused = house, 0, set[str]()
        self.turns = OutboxTurns(
            JinjaRenderer(None),
            MimeComposer(DESK.site),
            HandoverFile(folder),
            timedelta(minutes=2),
            limits=Limits(secret=DESK.site.secret),
            own=lambda: AGENTS,
            on_outcome=Outcomes(lambda: DESK),
        )

    async def writes(self, who: str, subject: str, body: str, **fields: str) -> None:
        self.number += 1
        self.house.clock.at += timedelta(minutes=3)
        agent = who in AGENTS
        proof = {"Authentication-Results": PROOF} if agent else {}
        written = {
            "From": who,
            "Subject": subject,
            "Message-ID": f"<n{self.number}@{who.partition('@')[2].strip('>')}>",
        }
        mail = a_mail(self.number, body, **{**proof, **written, **fields})
        self.house.box.add(mail, self.house.clock.at)
        await self.house.pump()
        await self.sends()

    async def sends(self) -> None:
        now = self.house.clock.at
        ready = (await self.turn(Turn(now, (), 500, "lease"))).ready
        done = [self._outcome(row, now) for row in ready]
        await self.turn(Turn(now, done, 0, "lease"))

    def _outcome(self, row, now):
        bad = row.to in self.refused
        state = MailState.FAILED if bad else MailState.ACCEPTED
        words = f"RCPT: 550 5.1.1 <{row.to.upper()}>: no such user" if bad else ""
        return OutboxOutcome(row.id, "lease", state, now, error=words, attempts=1)

    async def turn(self, turn: Turn):
        return await self.house.store.write(lambda tx: self.turns.perform(tx, turn))

    async def case_of(self, client: str):
        return [case for case in await self.house.cases() if case.client.address == client]


async def lived(house: House, folder: Path) -> Life:
    life = Life(house, folder)
    ana = f"{NAME} <{ANA}>"
    await life.writes(ana, f"La tienda {WORDS[0]}", f"No carga la tienda, {WORDS[0]}. {NAME}")
    await life.writes(BETO, "Mis fotos", "No se ven las fotos.", Cc=f"{NAME} <{ANA}>")
    [first], [betos] = await life.case_of(ANA), await life.case_of(BETO)
    # A colleague's word in somebody else's case; an agent who answers it, quoting; a second case, merged away.
    await life.writes(ana, f"Re: [{betos.reference}] Mis fotos", f"A mí tampoco, {WORDS[1]}.")
    await life.writes(
        LUCIA,
        f"Re: [{betos.reference}] Mis fotos",
        f"Ya se ven.\n\nEl martes, {NAME} <{ANA}> escribió:\n> A mí tampoco.",
        To=BETO,
        Cc=f"soporte@netone.example, {NAME} <{ANA}>",
    )
    await life.writes(ana, "Otra cosa", f"Y el correo va lento, {WORDS[2]}.")
    third = next(case for case in await life.case_of(ANA) if case.reference != first.reference)
    await life.writes(LUCIA, f"[{third.reference}] ordenes", f"!merge {betos.reference}")
    await life.writes(LUCIA, f"[{first.reference}] ordenes", "!attended phone: ya carga\n!close")
    # Her answer to the survey, an automatic answer, mail that is set aside, and one that bounces.
    [closed] = [case for case in await life.case_of(ANA) if case.reference == first.reference]
    asked = signing.message_id(
        DESK.site.secret, DESK.site.domain, actions.survey_key(closed), ANA, closed.reference
    )
    await life.writes(ana, f"Re: [{closed.reference}]", f"4\nbien pero {WORDS[3]}", In_Reply_To=f"<{asked}>")
    await life.writes(ana, "Fuera de oficina", f"Vuelvo el lunes, {WORDS[4]}", Auto_Submitted="auto-replied")
    await life.writes(
        "postmaster@otra.example",
        "Undelivered Mail Returned to Sender",
        f"<{ANA.upper()}>: host unknown. {WORDS[5]}",
        Auto_Submitted="auto-replied",
    )
    forged = "mx.netone.example; dmarc=fail header.from=netone.example"
    await life.writes(LUCIA, "ojo", f"Escríbanle a {ANA}, {WORDS[6]}", Authentication_Results=forged)
    raw = f"From: {NAME} <{ANA}>\nSubject: {WORDS[6]}\n\nUNREADABLE".encode()
    aside = AsideRow(house.clock.at, "soporte", 9_000, "no message at all", raw)
    await house.store.write(lambda tx: tx.add_aside(aside))
    life.refused = {ANA}
    await life.writes(ana, "La última", f"No anda el panel, {WORDS[0]}.")
    house.clock.at += timedelta(minutes=30)
    await Alarms(house.store, lambda: DESK, house.clock).ring()
    return life


def dumped(url: str) -> dict[str, str]:
    """Every column of every table as text: unpacked, and once more with its soft line breaks and escapes undone."""
    found: dict[str, str] = {}
    engine = sa.create_engine(parse_url(url))
    with engine.connect() as connection:
        for table in metadata.tables.values():
            for row in connection.execute(sa.select(table)):
                for name, value in row._mapping.items():
                    found[f"{table.name}.{name}"] = (
                        found.get(f"{table.name}.{name}", "") + "\n" + _text(value)
                    )
    engine.dispose()
    return found


def _text(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value).lower()
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return (value + b"\n" + quopri.decodestring(value)).decode(errors="replace").lower()


def held(url: str) -> list[str]:
    sought = re.compile("|".join((re.escape(ANA), NAME.lower(), "anah=c3", "tienda.example", *WORDS)))
    return sorted(
        f"{where}: {hit}" for where, text in dumped(url).items() for hit in set(sought.findall(text))
    )


async def test_a_clients_whole_life_is_forgotten_in_every_column_of_every_table(house, url, tmp_path):
    life = await lived(house, tmp_path)
    before = " ".join(held(url))
    assert [word for word in (ANA, *WORDS) if word not in before] == [], "the test must have put it there"
    for table in (
        "cases.doc",
        "messages.source",
        "outbox.content",
        "aside.raw",
        "events.data",
        "ledger.message_id",
    ):
        assert table in before
    await house.store.write(lambda tx: personal.erase(tx, ANA, AGENTS, house.clock.at))
    assert wipe(url)
    assert held(url) == []
    # The others' case goes on, with its words and its people.
    [betos] = await life.case_of(BETO)
    messages = await house.store.read(lambda tx: tx.messages(betos.reference))
    assert {message.sender for message in messages} == {BETO, LUCIA}
    assert "Ya se ven" in messages[-1].text


async def test_what_is_counted_of_her_goes_on_to_limit_her(house, tmp_path):
    life = await lived(house, tmp_path)
    await house.store.write(lambda tx: personal.erase(tx, ANA, AGENTS, house.clock.at))
    name = f"to:{life.turns.limits.whom(ANA)}"
    counts = await house.store.read(lambda tx: tx.tallies([name], 0))
    assert sum(counts[name].values()) >= 2


async def test_a_mail_that_waits_in_somebody_elses_case_still_goes_without_her_address(house, url, tmp_path):
    life = await lived(house, tmp_path)
    [betos] = await life.case_of(BETO)
    draft = {"template": "acknowledgement", "variables": {"subject": f"ask {ANA}"}}
    await house.store.write(lambda tx: tx.add_outbox([_waiting(life, betos, draft)]))
    await house.store.write(lambda tx: personal.erase(tx, ANA, AGENTS, house.clock.at))
    rows = await house.store.read(lambda tx: tx.list_outbox(reference=betos.reference))
    assert [row.draft["variables"]["subject"] for row in rows if row.key == "waits"] == ["ask erased"]
    assert held(url) == []


def _waiting(life, case, draft):
    at = life.house.clock.at
    return OutboxRow(
        "waits", MailKind.NOTICE, LUCIA, "w@netone.example", draft, at, at, reference=case.reference
    )


async def test_the_files_of_the_database_hold_nothing_either_while_it_is_open(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/triage.db")
    house = House(store)
    await lived(house, tmp_path)
    await store.write(lambda tx: personal.erase(tx, ANA, AGENTS, house.clock.at))
    assert wipe(f"sqlite:///{tmp_path}/triage.db")
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("triage.db*")).lower()
    await store.close()
    assert [word for word in (ANA, NAME.lower(), *WORDS) if word.encode() in raw] == []


class Searched:
    """A transaction during whose search of all cases another process commits a change."""

    def __init__(self, tx, meanwhile):
        self._tx = tx
        self._meanwhile = meanwhile

    def __getattr__(self, name):
        return getattr(self._tx, name)

    def cases_naming(self, who):
        found = self._tx.cases_naming(who)
        self._meanwhile()
        return found

    def ended_before(self, *asked):
        found = self._tx.ended_before(*asked)
        self._meanwhile()
        return found


class SearchedStore:
    def __init__(self, store, meanwhile):
        self._store = store
        self._meanwhile = meanwhile

    async def write(self, work):
        return await self._store.write(lambda tx: work(Searched(tx, self._meanwhile)))


@pytest.fixture
async def two(postgres) -> AsyncIterator[list[Store]]:
    """Two stores on one database that lets both write at a time."""
    url = postgres.url()
    opened = [await open_store(url) for _ in range(2)]
    yield opened
    for one in opened:
        await one.close()


@pytest.mark.postgres
async def test_what_another_process_decides_about_somebody_elses_case_meanwhile_stays(two, tmp_path):
    house = House(two[0])
    life = await lived(house, tmp_path)
    [betos] = await life.case_of(BETO)
    change = _changing(two[1], betos.reference, area="desarrollo")
    await house.store.write(lambda tx: personal.erase(Searched(tx, change), ANA, AGENTS, house.clock.at))
    found = (await house.store.read(lambda tx: tx.cases([betos.reference])))[betos.reference]
    assert (found.area, ANA in found.participants) == ("desarrollo", False)


@pytest.mark.postgres
async def test_an_old_case_that_is_reopened_while_it_grows_old_goes_on(two, tmp_path):
    house = House(two[0])
    life = await lived(house, tmp_path)
    [case] = await life.case_of(BETO)
    old = replace(case, state=State.CLOSED, ended_at=house.clock.at)
    await house.store.write(lambda tx: tx.save_cases([old]))
    change = _changing(two[1], case.reference, state=State.TAKEN, ended_at=None)
    store, terms = SearchedStore(house.store, change), personal.Terms(ended=timedelta(days=30))
    await personal.grow_old(store, terms, AGENTS, house.clock.at + timedelta(days=31))
    assert (await life.case_of(BETO))[0].state is State.TAKEN


def _changing(store, reference, **fields):
    """Return what changes a case from another thread, and waits for it."""
    loop = asyncio.get_running_loop()

    def change(tx):
        tx.save_cases([replace(tx.cases([reference], lock=True)[reference], **fields)])

    return lambda: asyncio.run_coroutine_threadsafe(store.write(change), loop).result(60)
