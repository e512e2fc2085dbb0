"""Loops end: the daemon paired with modelled robots over days; the number of mails of each pairing is printed.

`pytest -rP tests/e2e/test_loops.py` shows the numbers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest

from tests.e2e.daemon import SUPPORT
from tests.e2e.loop_chamber import Chamber, Reply, Robot, arrived
from tests.e2e.playbook import parsed, playing

START = datetime(2026, 3, 2, 13, 0, 7, tzinfo=UTC)  # a Monday, in hours
ROBOT = "ventas@tienda-robot.example"
LUCIA, DIEGO = "lucia.ferrari@netone.example", "diego.maidana@netone.example"
FEW = 6


def first_mail(sender: str = ROBOT, at: datetime = START, text: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, SUPPORT, "No podemos cargar productos"
    mail.set_content(text or "Desde esta mañana el administrador no guarda los productos nuevos.\n")
    return arrived(mail, at)


def subject_of(mail: EmailMessage) -> str:
    return str(mail["Subject"])


def unmarked(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply(
        f"Re: {subject_of(mail)}", "Gracias por escribirnos. Pronto le vamos a contestar.", answers=True
    )


def with_our_reference_only(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply(f"Re: {subject_of(mail)}", "Gracias por escribirnos. Pronto le vamos a contestar.")


def without_any_reference(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("Su mensaje", "Gracias por escribirnos. Pronto le vamos a contestar.")


def with_a_counter(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply(f"Mensaje {before + 1}", f"Este es el mensaje número {before + 4711} de nuestra central.")


def with_the_time(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply(
        "Pedido anotado", f"Lo suyo quedó anotado el {now:%d/%m/%Y a las %H:%M:%S} hs. No hace falta más."
    )


def slow_with_a_counter(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("Turno", f"Usted tiene el turno {before + 90}.", after=timedelta(minutes=9))


def twice(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    for number in (1, 2):
        yield Reply("Contestador", f"Central telefónica, copia {number} del mensaje {before}.")


def vacation(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    marks = {"Auto-Submitted": "auto-replied", "Precedence": "bulk"}
    yield Reply("Fuera de la oficina", "Vuelvo el lunes.", answers=True, kept=marks)


def no_reply(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("Pedido recibido", "No conteste este mail.", sender="no-reply@tienda-robot.example")


def tickets(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    text = f"Su pedido entró con el número {before + 880}. Un técnico lo va a ver."
    yield Reply(f"[#TK-{before + 880}] {subject_of(mail).partition('[')[0]}", text)


def quoting_tickets(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    body = mail.get_body(("plain",))
    assert body is not None
    text = f"Nuevo pedido {before + 880} de {parseaddr(str(mail['From']))[1]}.\n\nTexto: {body.get_content()}"
    yield Reply(f"[TK-{before + 880}] Nuevo pedido", text)


def bouncer(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("", "", raw=report(mail, now))


def bouncer_in_words(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    text = (
        f"Su mensaje para {parseaddr(str(mail['To']))[1]} no se pudo entregar: 550 5.1.1 usuario desconocido."
    )
    yield Reply("Mail no entregado", text, sender="MAILER-DAEMON@tienda-robot.example")


def bouncer_in_disguise(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("Casilla dada de baja", f"Esta casilla no existe más desde hace {before + 3} días.")


def report(mail: EmailMessage, at: datetime) -> bytes:
    """Return the delivery status notification (RFC 3464) of a well-behaved server."""
    to = parseaddr(str(mail["To"]))[1]
    lines = [
        "From: MAILER-DAEMON@mx.tienda-robot.example", f"To: {SUPPORT}", "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied", "MIME-Version: 1.0", f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <{at.timestamp()}@mx.tienda-robot.example>",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", f"<{to}>: 550 5.1.1 User unknown", "",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.tienda-robot.example", "",
        f"Final-Recipient: rfc822; {to}", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 User unknown", "",
        "--b", "Content-Type: text/rfc822-headers", "",
        f"From: {mail['From']}", f"To: {to}", "Subject: x", f"Message-ID: {mail['Message-ID']}", "", "--b--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


CLIENTS: list[Robot] = [
    unmarked, with_our_reference_only, without_any_reference, with_a_counter, with_the_time, slow_with_a_counter,
    twice, vacation, no_reply, tickets, quoting_tickets, bouncer, bouncer_in_words, bouncer_in_disguise,
]  # fmt: skip


@pytest.mark.parametrize("robot", CLIENTS, ids=lambda robot: robot.__name__)
async def test_a_robot_that_answers_every_mail_gets_few(robot: Robot, tmp_path: Path) -> None:
    async with playing(tmp_path, START) as play:
        chamber = Chamber(play, {ROBOT: robot, "no-reply@tienda-robot.example": robot})
        chamber.post(START, first_mail())
        await chamber.until(START + timedelta(days=1))
        cases = await play.cases()
    print(f"{robot.__name__}: {chamber.to_clients} mails to it, {len(cases)} cases")  # noqa: T201
    assert 1 <= chamber.to_clients <= FEW
    assert len(cases) <= 2 * FEW  # one robot answers each mail twice
    assert any(case["client"] == ROBOT and case["messages"] for case in cases)


async def test_a_robot_that_says_something_else_each_time_is_answered_no_more_after_a_while(
    tmp_path: Path,
) -> None:
    """It keeps no header, no reference, not one word: only how soon it answers tells it from a person."""

    def talkative(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
        letters = "abcdefghijklmnop"
        word = letters[before % 16] + letters[before // 16] * 3
        yield Reply(f"Sobre {word}", f"Qué bueno lo de {word}: acá {word[::-1]} no anda, y {word}ar tampoco.")

    async with playing(tmp_path, START) as play:
        chamber = Chamber(play, {ROBOT: talkative})
        chamber.post(START, first_mail())
        await chamber.until(START + timedelta(days=1))
        cases = await play.cases()
    print(f"talkative: {chamber.to_clients} mails to it, {len(cases)} cases")  # noqa: T201
    assert chamber.to_clients <= 21
    assert len(cases) <= 22


def out_of_office(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply(f"Re: {subject_of(mail)}", "Estoy de vacaciones hasta el lunes 16.", answers=True)


def out_of_office_about_nothing(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("Ausencia", f"Son las {now:%H:%M:%S}. Vuelvo el lunes.")


def terse_about_nothing(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("Licencia médica", f"No leo mails. ({before})")


def agents_bouncer(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
    yield Reply("", "", raw=report(mail, now))


AGENTS: list[Robot] = [
    vacation,
    out_of_office,
    out_of_office_about_nothing,
    terse_about_nothing,
    agents_bouncer,
]


@pytest.mark.parametrize("robot", AGENTS, ids=lambda robot: robot.__name__)
async def test_an_agents_robot_reaches_no_client_and_breeds_no_reminders(
    robot: Robot, tmp_path: Path
) -> None:
    to_agents, to_clients, cases = await _agents_mails(tmp_path, {DIEGO: robot})
    print(f"{robot.__name__}: {to_agents} mails to agents in three days, {cases} cases")  # noqa: T201
    assert to_clients == 1
    assert cases <= 2
    assert to_agents <= 20


async def _agents_mails(folder: Path, robots: dict[str, Robot]) -> tuple[int, int, int]:
    """Return how many mails went to agents and to clients in three days, and how many cases there are."""
    async with playing(folder, START) as play:
        chamber = Chamber(play, robots)
        chamber.post(START, first_mail("ana@tienda-prueba.example"))
        await chamber.until(START + timedelta(days=3))
        cases = await play.cases()
    everything = sum(chamber.got.values())
    return everything - chamber.to_clients, chamber.to_clients, len(cases)


@pytest.mark.parametrize("gateway", ["as it is", "strips the marks", "strips the marks and the conversation"])
async def test_two_daemons_stop_at_once(gateway: str, tmp_path: Path) -> None:
    other = "ayuda@otra-mesa.example"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with (
        playing(tmp_path / "a", START) as one,
        playing(tmp_path / "b", START, address=other, prefix="OM") as two,
    ):
        await one.passes(START)
        await one.servers.append(SUPPORT, first_mail(other), START)
        now, mails = START, 0
        while mails < 50:
            passed = 0
            for here, there, address in ((one, two, other), (two, one, SUPPORT)):
                here.clock.jump(now)
                await here.work()
                fresh = here.servers.posted[here.seen :]
                here.seen = len(here.servers.posted)
                now += timedelta(seconds=3)
                for mail in fresh:
                    if mail.recipients == (address,):
                        passed += 1
                        await there.servers.append(SUPPORT, _through(gateway, parsed(mail), now), now)
            mails += passed
            if not passed:
                break
        cases = [*await one.cases(), *await two.cases()]
    print(f"two daemons, the gateway {gateway}: {mails} mails, {len(cases)} cases")  # noqa: T201
    assert 1 <= mails <= FEW


def _through(gateway: str, mail: EmailMessage, at: datetime) -> bytes:
    if gateway != "as it is":
        del mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]
    if gateway.endswith("conversation"):
        del mail["In-Reply-To"], mail["References"]
        mail.replace_header("Message-ID", f"<{at.timestamp()}@gateway.example>")
        mail.replace_header("Subject", "Fwd: aviso")
    del mail["Date"]
    return arrived(mail, at)


async def test_a_client_with_many_different_troubles_is_answered_each_time(tmp_path: Path) -> None:
    """What ends the loops must not touch people: thirty mails in an hour, each some seconds after our last answer."""
    client = "compras@agencia.example"
    places = [
        "inicio",
        "carrito",
        "pago",
        "buscador",
        "menú",
        "catálogo",
        "pie",
        "listado",
        "ofertas",
        "contacto",
        "factura",
        "envíos",
        "cupones",
        "banner",
        "filtro",
    ]
    async with playing(tmp_path, START) as play:
        chamber = Chamber(play, {})
        for number in range(30):
            text = f"En {places[number % 15]} el cliente {number} ve mal {places[(number * 7 + number // 15) % 15]}."
            mail = first_mail(client, START + timedelta(seconds=100 * number), text)
            chamber.post(START + timedelta(seconds=100 * number), mail)
        await chamber.until(START + timedelta(hours=1))
        cases = await play.cases()
    assert (len(cases), chamber.got[client]) == (30, 30)


async def test_a_person_who_writes_again_within_the_minute_is_heard_and_answered(tmp_path: Path) -> None:
    client = "ana@tienda-prueba.example"
    async with playing(tmp_path, START) as play:
        chamber = Chamber(play, {})
        chamber.post(START, first_mail(client))
        chamber.post(
            START + timedelta(seconds=50),
            first_mail(client, START + timedelta(seconds=50), "Otra cosa: ahora tampoco abre la tienda.\n"),
        )
        await chamber.until(START + timedelta(minutes=5))
        cases = await play.cases()
    assert (len(cases), chamber.got[client]) == (2, 2)


PROGRAMS = {
    "every hundred seconds": timedelta(seconds=100),
    "every ten minutes": timedelta(minutes=10),
    "all at once": timedelta(0),
}


@pytest.mark.parametrize("pace", PROGRAMS)
async def test_a_program_that_numbers_its_mails_is_answered_each_time(pace: str, tmp_path: Path) -> None:
    """Its mails are alike but for their numbers, and each comes soon after our last answer; yet it answers nothing."""
    program = "control@tienda-prueba.example"
    number = 24
    async with playing(tmp_path, START) as play:
        chamber = Chamber(play, {})
        for count in range(number):
            at = START + count * PROGRAMS[pace]
            chamber.post(
                at, first_mail(program, at, f"Prueba {count}: no se puede cargar el producto {count + 7}.")
            )
        await chamber.until(START + number * PROGRAMS[pace] + timedelta(minutes=1))
        cases = await play.cases()
    assert (len(cases), chamber.got[program]) == (number, number)


async def test_a_program_that_waits_for_each_answer_is_heard_again_after_one_silence(tmp_path: Path) -> None:
    """No program that measures us can be told from a robot by its mails alone: only by what it does in silence."""
    program = "medidor@tienda-prueba.example"
    async with playing(tmp_path, START) as play:
        chamber = Chamber(play, {})
        for count in range(20):
            at = max(play.clock.now(), START) + timedelta(
                seconds=40 if chamber.got.get(program, 0) < count else 2
            )
            chamber.post(
                at, first_mail(program, at, f"Medición {count}: no se puede cargar el producto {count}.")
            )
            await chamber.until(at + timedelta(seconds=1))
        cases = await play.cases()
    assert len(cases) == 20
    assert chamber.got[program] == 19


async def test_a_ticket_system_whose_first_mail_reads_like_all_its_others_stops_too(tmp_path: Path) -> None:
    def tickets_only(mail: EmailMessage, before: int, now: datetime) -> Iterator[Reply]:
        yield Reply(f"Tarea {before + 881}", f"Se abrió la tarea {before + 881} en la cola de compras.")

    async with playing(tmp_path, START) as play:
        chamber = Chamber(play, {ROBOT: tickets_only})
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = ROBOT, SUPPORT, "Tarea 880"
        mail.set_content("Se abrió la tarea 880 en la cola de compras.")
        chamber.post(START, arrived(mail, START))
        await chamber.until(START + timedelta(hours=2))
    print(f"tickets_only: {chamber.to_clients} mails to it")  # noqa: T201
    assert 1 <= chamber.to_clients <= 2 * FEW
