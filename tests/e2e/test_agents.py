"""Agents do everything by answering a mail: ten conversations of our own through real IMAP and SMTP, and forgeries."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.builders import SUPPORT, a_site
from tests.desks import a_case, a_policy
from tests.e2e import mails
from tests.e2e.mails import ANA, CARLA, DIEGO, FAIL, FOREIGN, LUCIA, PHONES, STYLES, a_mail, words
from tests.e2e.playbook import Playbook, playing, to_agents, to_client
from triage import settings
from triage.adapters.parser_mailparser.parser import MailParser
from triage.core import draft_facts, drafts_agent, letters_agent, outgoing, reading, reception
from triage.core.commands import ACTIONS, Action
from triage.core.conversation import Link
from triage.core.draft_facts import Recipient
from triage.core.events import EventName
from triage.core.message import RawMail
from triage.core.reception import Way
from triage.wiring import judging

MORNING = datetime(2026, 10, 20, 13, 0, tzinfo=UTC)  # Tuesday, 10:00 in Buenos Aires
TROUBLE = "Hola, desde hoy algunas fotos no cargan en la tienda. Se puede seguir vendiendo.\n\nAna"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Story:
    """A case of Ana's, its new-case mail to Lucía, and a clock that goes on by itself."""

    def __init__(self, play: Playbook) -> None:
        self.play = play
        self.at = MORNING
        self.notices: dict[str, EmailMessage] = {}

    async def writes(self, sender: str, text: str, *, after: float = 5, **how: Any) -> list[EmailMessage]:
        self.at += minutes(after)
        sent = await self.play.arrives(a_mail(sender, text, at=self.at, **how), self.at)
        for mail in to_agents(sent):
            self.notices[str(mail["To"]).rpartition("<")[2].rstrip(">")] = mail
        return sent

    async def opens(self, text: str = TROUBLE, **how: Any) -> str:
        await self.writes(ANA, text, subject="Fotos que no cargan", **how)
        return (await self.play.cases())[0]["reference"]

    async def orders(self, text: str, who: str = LUCIA, **how: Any) -> list[EmailMessage]:
        """An agent answers the latest mail he got."""
        notice = self.notices[who]
        return await self.writes(who, text, subject=f"Re: {notice['Subject']}", answers=notice, **how)


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with playing(tmp_path, MORNING) as play:
        yield Story(play)


def transcript(sent: list[EmailMessage]) -> str:
    """Return the one transcript among the mails; agents get no other answer to commands."""
    (mail,) = [m for m in to_agents(sent) if str(m["Auto-Submitted"]) == "auto-replied"]
    return words(mail)


def events(case: dict[str, Any]) -> list[str]:
    return [event["event"] for event in case["events"]]


# -- ten conversations -------------------------------------------------------------------------------------------------


async def test_an_answer_by_reply_reaches_the_client_in_his_conversation_and_stops_the_clock(
    story: Story,
) -> None:
    await story.opens()
    notice = story.notices[LUCIA]
    text, _ = mails.top_posted("Hola Ana, ya está: limpiamos la caché.", "Saludos,\nLucía", notice)
    (sent,) = await story.orders(text, files=(("guia.pdf", b"%PDF-1.4 guide" * 50),))
    case = await story.play.case()
    first = case["messages"][0]["message_id"]
    assert (str(sent["To"]), str(sent["In-Reply-To"])) == (ANA, f"<{first}>")
    assert str(sent["From"]) == "Lucía Ferrari - NetOne <soporte@netone.example>"
    assert f"[{case['reference']}]" in str(sent["Subject"])
    assert "limpiamos la caché" in words(sent)
    assert sent["Auto-Submitted"] is None
    for inside in ("mailto:", "Con un toque", "escribió:", "Te llega porque", "!tomar"):
        assert inside not in sent.as_string()
    (file,) = sent.iter_attachments()
    assert file.get_content() == b"%PDF-1.4 guide" * 50  # its name too where the server tells it (Dovecot)
    assert (case["state"], case["assignee"]) == ("attended", LUCIA)
    assert case["attended_at"] is not None
    # and the client's next mail joins, without an acknowledgement
    more = await story.writes(
        ANA, "Gracias, pero sigue fallando en el celular.", answers=sent, subject=f"Re: {sent['Subject']}"
    )
    assert to_client(more) == []
    assert to_agents(more)


async def test_two_agents_answer_at_once_both_arrive_and_the_second_is_warned(story: Story) -> None:
    await story.opens()
    notices = dict(story.notices)
    first = await story.orders("Hola Ana, reiniciamos el servidor.", LUCIA)
    assert [str(m["To"]) for m in first] == [ANA]
    story.notices = notices
    second = await story.orders("Hola Ana, cambiamos un ajuste.", DIEGO)
    assert [str(m["To"]) for m in to_client(second)] == [ANA]
    (warning,) = to_agents(second)
    assert DIEGO in str(warning["To"])
    assert "Lucía Ferrari" in words(warning)
    assert "reiniciamos el servidor" in words(warning)


async def test_a_question_pauses_the_clock_until_the_client_answers(story: Story) -> None:
    await story.opens()
    before = await story.play.case()
    sent = await story.orders("!esperando\n¿Nos mandás una captura?")
    (question,) = to_client(sent)
    assert "¿Nos mandás una captura?" in words(question)
    assert (await story.play.case())["state"] == "waiting"
    await story.writes(
        ANA, "Acá va la captura.", after=120, answers=question, subject=f"Re: {question['Subject']}"
    )
    case = await story.play.case()
    assert case["state"] in {"new", "taken"}
    assert datetime.fromisoformat(case["deadline"]) > datetime.fromisoformat(before["deadline"])


async def test_an_escalation_is_told_to_the_client_and_attends_when_that_mail_is_accepted(
    story: Story,
) -> None:
    await story.opens()
    sent = await story.orders("!escalar desarrollo\nLo está mirando el equipo que hizo el módulo.")
    (told,) = to_client(sent)
    assert "Lo está mirando" in words(told)
    assert any("desarrollo@netone.example" in str(m["To"]) for m in sent)
    case = await story.play.case()
    assert (case["state"], case["area"]) == ("attended", "desarrollo")
    assert events(case).index("case.escalated") < events(case).index("case.attended")


async def test_a_planned_date_and_a_provisional_solution_are_told_and_the_end_asks_once(story: Story) -> None:
    await story.opens()
    (planned,) = to_client(await story.orders("!fecha 15/12/2026 presupuesto\nLes mandamos la propuesta."))
    assert "15 de diciembre" in words(planned)
    assert (await story.play.case())["planned_date"] == "2026-12-15"
    (partial,) = to_client(await story.orders("!resuelto provisional\nPor ahora subilas de a una."))
    assert "subilas de a una" in words(partial)
    assert (await story.play.case())["state"] == "attended"
    final = to_client(await story.orders("!resuelto\nQuedó corregido."))
    assert "Quedó corregido" in words(final[0])
    assert (await story.play.case())["state"] == "resolved"
    assert len(final) <= 2  # the solution, and the survey


async def test_several_commands_in_one_mail_get_one_transcript_line_by_line(story: Story) -> None:
    await story.opens()
    sent = await story.orders("!tomar\n!severidad 1\n!posponer xx\n!tkae\nEl cliente está muy molesto.")
    said = transcript(sent)
    assert [line for line in ("!tomar", "!severidad 1", "!posponer xx", "!tkae") if line in said] != []
    assert "¿quisiste decir !take?" in said
    assert "Hecho en parte" in said
    assert all("muy molesto" not in words(m) for m in to_client(sent))
    case = await story.play.case()
    assert (case["severity"], case["state"], case["assignee"]) == (1, "taken", LUCIA)


async def test_a_duplicate_is_merged_and_its_conversation_leads_to_the_case_that_goes_on(
    story: Story,
) -> None:
    first = await story.opens()
    beto = "beto@tienda-prueba.example"
    sent = await story.writes(beto, "Hola, a mí tampoco me cargan las fotos.\n\nBeto", subject="Fotos")
    (ack,) = to_client(sent)
    second = (await story.play.cases())[0]["reference"]
    said = transcript(await story.writes(LUCIA, f"!unir {first}", subject=f"[{second}]"))
    assert first in said
    by = {case["reference"]: case for case in await story.play.cases()}
    assert (by[second]["state"], by[second]["merged_into"]) == ("merged", first)
    await story.writes(beto, "¿Hay novedades?", answers=ack, subject=f"Re: {ack['Subject']}")
    by = {case["reference"]: case for case in await story.play.cases()}
    assert len(by) == 2
    assert any(m["from"] == beto for m in by[first]["messages"])
    # undone: it stands on its own again
    assert "deshecho" in transcript(await story.writes(LUCIA, "!deshacer", subject=f"[{second}]"))
    by = {case["reference"]: case for case in await story.play.cases()}
    assert (by[second]["state"], by[second]["merged_into"]) == ("new", None)


async def test_a_mail_about_something_else_is_split_off_and_gets_its_own_promise(story: Story) -> None:
    first = await story.opens()
    (ack,) = [m for m in story.play.servers.posted if ANA in m.recipients]
    del ack
    sent = await story.writes(
        ANA,
        "Otra cosa: la tienda está caída, no se puede comprar nada.",
        subject=f"Re: [{first}] Fotos que no cargan",
    )
    assert to_client(sent) == [] or len(to_client(sent)) == 1
    sent = await story.orders("!separar")
    (ack_of_new,) = to_client(sent)
    by = {case["reference"]: case for case in await story.play.cases()}
    (other,) = [case for reference, case in by.items() if reference != first]
    assert f"[{other['reference']}]" in str(ack_of_new["Subject"])
    assert other["client"] == ANA
    assert other["severity"] == 1
    assert other["related"] == [first]
    assert [m["first_line"] for m in other["messages"] if m["direction"] == "in"] == [
        "Otra cosa: la tienda está caída, no se puede comprar nada."
    ]
    assert sum(m["direction"] == "in" and m["from"] == ANA for m in by[first]["messages"]) == 1


async def test_a_close_by_mistake_is_undone_and_the_reminders_come_back(story: Story) -> None:
    await story.opens()
    before = await story.play.case()
    assert to_client(await story.orders("!cerrar")) == []
    assert (await story.play.case())["state"] == "closed"
    transcript(await story.orders("!deshacer"))
    case = await story.play.case()
    assert (case["state"], case["deadline"], case["ended_why"]) == (before["state"], before["deadline"], None)
    await story.play.passes(datetime.fromisoformat(before["deadline"]))
    assert to_agents(story.play.sent())
    said = transcript(await story.orders("!undo"))
    assert "no hay nada que deshacer" in said


async def test_who_is_away_gets_no_reminders_and_comes_back_by_writing(story: Story) -> None:
    await story.writes(LUCIA, "!ausente 2026-10-20 2026-10-30", subject="ausencia")
    await story.opens()
    assert LUCIA not in story.notices or "ausen" in words(story.notices[LUCIA])
    story.notices.pop(LUCIA, None)
    # Diego's mailbox answers by itself: he is skipped too, until he writes
    automatic = (("Auto-Submitted", "auto-replied"),)
    assert to_client(await story.orders("Vuelvo el 28/10.", DIEGO, headers=automatic)) == []
    away = await story.play.built.store.read(lambda tx: tx.events_since(MORNING, [EventName.AGENT_AWAY]))
    assert [event.data["until"] for event in away] == ["2026-10-28T03:00:00Z"]
    story.notices.clear()
    await story.opens("Hola, otra falla: no anda el buscador de la tienda.\n\nAna")
    assert set(story.notices) == {CARLA}
    await story.writes(DIEGO, "!ayuda", subject="volví")
    story.notices.clear()
    await story.opens("Hola, ahora no anda el carrito de la tienda.\n\nAna")
    assert set(story.notices) == {CARLA, DIEGO}


PICTURE = b"\x89PNG" + bytes(range(256)) * 40


def files_of(mail: EmailMessage) -> list[bytes]:
    return [part.get_content() for part in mail.iter_attachments()]


async def test_agents_get_what_the_client_attached_with_the_first_mail_and_again_when_they_ask(
    story: Story,
) -> None:
    await story.opens(files=(("captura.png", PICTURE), ("video.mp4", b"0" * 5_100_000)))
    notice = story.notices[LUCIA]
    assert files_of(notice) == [PICTURE]
    assert "MB)" in words(notice), words(notice)  # its name too where the server tells it (Dovecot)
    assert "!archivos" in words(notice)
    (row,) = await story.play.built.store.read(
        lambda tx: [one for one in tx.list_outbox() if one.to == LUCIA and one.kind == "reminder"]
    )
    assert len(row.content or b"") < 50_000  # the store keeps no files
    await story.play.passes(story.at + minutes(60 * 24))
    later = [mail for mail in to_agents(story.play.sent()) if LUCIA in str(mail["To"])]
    assert later
    assert [files_of(mail) for mail in later] == [[]] * len(later)
    sent = await story.writes(ANA, "Acá va otra.", answers=notice["References"], subject=f"Re: {notice['Subject']}",
        files=(("otra.png", PICTURE[::-1]),))  # fmt: skip
    assert [PICTURE[::-1]] in [files_of(mail) for mail in to_agents(sent)]
    brought = await story.orders("!archivos")
    assert "van aparte, en un mail" in transcript(brought)
    assert to_client(brought) == []
    (mail,) = [one for one in to_agents(brought) if files_of(one)]
    assert files_of(mail) == [PICTURE, b"0" * 5_100_000, PICTURE[::-1]]


async def test_a_case_without_files_says_so(story: Story) -> None:
    await story.opens()
    assert "no adjuntaron nada" in transcript(await story.orders("!adjuntos"))


async def test_a_colleague_who_gets_the_case_gets_its_files(story: Story) -> None:
    await story.opens(files=(("captura.png", PICTURE),))
    sent = await story.orders(f"!asignar {DIEGO}")
    (handed,) = [mail for mail in to_agents(sent) if DIEGO in str(mail["To"])]
    assert files_of(handed) == [PICTURE]
    sent = await story.orders("!escalar desarrollo")
    (area,) = [mail for mail in sent if "desarrollo@" in str(mail["To"])]
    assert files_of(area) == [PICTURE]


async def test_who_wants_it_gets_the_client_s_mail_itself(tmp_path: Path) -> None:
    agents = settings.sample().agents
    wanting = tuple(one.model_copy(update={"original": one.address == LUCIA}) for one in agents)
    async with playing(tmp_path, MORNING, agents=wanting) as play:
        story = Story(play)
        reference = await story.opens()
        (part,) = story.notices[LUCIA].iter_attachments()
        assert part.get_filename() == f"{reference}.eml"
        # this server keeps bare line feeds, which no message may hold unencoded; else it would be message/rfc822
        assert part.get_content_type() == "application/octet-stream"
        assert b"Subject: Fotos que no cargan" in part.get_content()
        assert list(story.notices[DIEGO].iter_attachments()) == []


async def test_a_forward_with_commands_on_top_opens_the_client_s_case_and_carries_them_out(
    story: Story,
) -> None:
    forwarded = (
        "!severidad 1\n!tomar\nEs cliente grande.\n\n---------- Forwarded message ---------\n"
        "De: Marta Quiroga <marta@libreria.example>\nDate: mar, 20 oct 2026 a las 9:50\n"
        "Subject: no anda nada\nTo: <diego.maidana@netone.example>\n\nHola Diego, no puedo entrar al portal.\nMarta\n"
    )
    sent = await story.writes(DIEGO, forwarded, subject="Fwd: no anda nada")
    case = await story.play.case()
    assert (case["client"], case["severity"], case["assignee"]) == ("marta@libreria.example", 1, DIEGO)
    assert [str(m["To"]) for m in to_client(sent)].count("Marta Quiroga <marta@libreria.example>") >= 1
    assert all("cliente grande" not in words(m) for m in to_client(sent))
    transcript(sent)


async def test_what_only_looks_like_a_command_never_reaches_the_client(story: Story) -> None:
    await story.opens()
    for faulty in (
        "!clsoe",
        "!!! urgente",
        "close",
        "1tomar",
        "¡resuelto!",
        "severity 2",
        "Hola Ana\n!cerrar\nchau",
    ):
        sent = await story.orders(f"{faulty}\nDecile algo a Ana.")
        assert to_client(sent) == [], faulty
        assert transcript(sent), faulty
    case = await story.play.case()
    assert case["state"] == "new"
    (sent,) = to_client(await story.orders("¡Resuelto! Ya anda todo, Ana."))
    assert "¡Resuelto! Ya anda todo" in words(sent)


# -- every command and alias, from every kind of mail program ----------------------------------------------------------

EFFECTS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "take": ("", lambda case: case["state"] == "taken"),
    "assign": (DIEGO, lambda case: case["assignee"] == DIEGO),
    "attended": ("phone: le dijimos", lambda case: case["state"] == "attended"),
    "waiting": ("", lambda case: case["state"] == "waiting"),
    "note": ("llamar mañana", lambda case: "case.noted" in events(case)),
    "severity": ("1", lambda case: case["severity"] == 1),
    "product": ("TornadoStore", lambda case: case["product"] == "TornadoStore"),
    "escalate": ("desarrollo", lambda case: case["area"] == "desarrollo"),
    "date": ("2026-12-15", lambda case: case["planned_date"] == "2026-12-15"),
    "resolve": ("", lambda case: case["state"] == "resolved"),
    "close": ("", lambda case: case["state"] == "closed"),
    "spam": ("", lambda case: (case["state"], case["ended_why"]) == ("closed", "spam")),
    "snooze": ("2h", lambda case: "case.snoozed" in events(case)),
}
TO_CLIENT = {str(action) for action, spelling in ACTIONS.items() if spelling.text_to_client}


@pytest.mark.parametrize("style", [*STYLES, *PHONES], ids=lambda style: style.__name__)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_word_is_read_out_of_every_program_s_mail(
    action: Action, style: Callable[..., tuple[str, bool]]
) -> None:
    """The mail's bytes, parsed and read as intake does it; a reminder of ours stands quoted in it."""
    site, notice = a_site(), a_notice()
    for word in ACTIONS[action].words:
        text, html = style(f"!{word} 2", "Abajo, para nosotros.", notice)
        how = "quoted-printable" if style in PHONES else None
        raw = a_mail(LUCIA, text, at=MORNING, subject=f"Re: {notice['Subject']}", html=html, cte=how)
        message = MailParser().parse(RawMail(raw=raw, size=len(raw)))
        read = reading.read(message, site)
        link = Link("own_id", "NO-2026-000001", joins=True, proven=True)
        case = a_case(a_policy(), MORNING)
        route = reception.route(site, message, read, link, case, MORNING, timedelta(days=30))
        assert route.way is Way.ORDERS, (word, route)
        assert route.orders is not None
        # a phone ends the line with a full stop, which free text keeps
        assert [(c.action, c.argument.rstrip(".")) for c in route.orders.commands] == [(action, "2")], word
        assert route.orders.text == "Abajo, para nosotros.", (word, route.orders.text)


@cache
def a_notice() -> EmailMessage:
    """Return a new-case mail as agents get it, links and all."""
    case = a_case(a_policy(), MORNING, subject="Fotos que no cargan", excerpt=TROUBLE)
    to = Recipient(LUCIA, "Lucía Ferrari")
    with judging.tools(None) as tools:
        desk = replace(tools.desk, site=a_site())
        facts = draft_facts.of(desk, case)
        draft = drafts_agent.reminder(
            facts, to, "arrival", actions=letters_agent.links(desk, case, to, MORNING)
        )
        rendered = tools.renderer.render(outgoing.row(desk.site, draft, MORNING), MORNING)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"NetOne Soporte <{SUPPORT}>", LUCIA, rendered.subject
    mail.set_content(rendered.text)
    return mail


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
async def test_every_command_does_its_work_from_every_mail_program(
    story: Story, style: Callable[..., tuple[str, bool]]
) -> None:
    """Each program carries a share of the commands; nothing below them goes to the client unasked."""
    share = list(EFFECTS)[STYLES.index(style) :: len(STYLES) // 2]
    for number, action in enumerate(share):
        argument, effect = EFFECTS[action]
        story.at += minutes(60)  # so that the new-case mails are not gathered into one
        await story.opens(f"Hola, algunas fotos no se ven en el producto {number}. Se puede vender.\n\nAna")
        text, html = style(f"!{action} {argument}".strip(), "Abajo, para nosotros.", story.notices[LUCIA])
        sent = await story.orders(text, html=html)
        assert f"!{action}" in transcript(sent)
        case = (await story.play.cases())[0]
        assert effect(case), (action, transcript(sent), case["state"], events(case))
        assert action in TO_CLIENT or all("Abajo" not in words(m) for m in to_client(sent)), action
        for inside in ("%23take", "!take"):
            assert all(inside not in words(m) for m in to_client(sent)), action


async def test_what_is_only_asked_is_answered_to_a_phone_and_changes_nothing(story: Story) -> None:
    await story.opens()
    before = await story.play.case()
    for style, order, answers in (
        (mails.iphone_html, "!por qué", ("severidad 2", "plazo")),
        (mails.samsung, "!historial", ("abrió el caso", ANA)),
        (mails.yahoo_phone, "!ayuda", ("!tomar", "!deshacer")),
    ):
        text, html = style(order, "", story.notices[LUCIA])
        sent = await story.orders(text, html=html, cte="quoted-printable")
        said = transcript(sent)
        assert all(answer in said for answer in answers), (order, said)
        assert to_client(sent) == []
    case = await story.play.case()
    assert (case["state"], case["deadline"]) == (before["state"], before["deadline"])


@pytest.mark.parametrize("style", PHONES, ids=lambda style: style.__name__)
async def test_an_answer_from_a_phone_reaches_the_client_without_what_the_phone_adds(
    story: Story, style: Callable[..., tuple[str, bool]]
) -> None:
    await story.opens()
    text, html = style("-hola, Ana", "¿Probás de nuevo?", story.notices[LUCIA])
    (sent,) = to_client(await story.orders(text, html=html, cte="quoted-printable"))
    said = words(sent)
    assert "¿Probás de nuevo?" in said
    for added in (
        "Enviado desde",
        "Obtener Outlook",
        "Yahoo Mail",
        "escribió:",
        "Mensaje original",
        "!tomar",
    ):
        assert added not in said


async def test_a_client_s_mail_handed_on_from_his_case_is_the_other_client_s(story: Story) -> None:
    first = await story.opens()
    beto = "beto@otra-tienda.example"
    forwarded = (
        "!como cliente\n\n---------- Forwarded message ---------\n"
        f"De: Beto <{beto}>\nDate: mar, 20 oct 2026 a las 9:30\nSubject: Catálogo vacío\nTo: {LUCIA}\n\n"
        "Hola, desde hoy el catálogo sale vacío.\n\nBeto"
    )
    (ack,) = to_client(await story.orders(forwarded))
    assert str(ack["To"]).endswith(f"{beto}>") or str(ack["To"]) == beto
    by = {case["client"]: case["reference"] for case in await story.play.cases()}
    assert by[ANA] == first
    assert by[beto] != first


# -- only agents -------------------------------------------------------------------------------------------------------


def links(mail: EmailMessage) -> dict[str, tuple[str, str]]:
    """Return the one-tap actions of a mail: command -> (subject, body), as a phone would write them."""
    urls = re.findall(r"mailto:\S+", words(mail))
    parts = [parse_qs(urlsplit(url).query) for url in urls]
    found = {
        part["body"][0].strip(): (part["subject"][0], part["body"][0]) for part in parts if "body" in part
    }
    assert all(unquote(url).startswith("mailto:soporte@netone.example?") for url in urls)
    return found


async def untouched(story: Story, sent: list[EmailMessage], *, aside: int = 1) -> None:
    case = (await story.play.cases())[-1]
    assert (case["state"], case["assignee"]) == ("new", None)
    assert len(await story.play.aside()) == aside
    assert to_client(sent) == []


async def test_a_tapped_link_acts_where_nothing_else_proves_the_mail(story: Story) -> None:
    await story.opens()
    subject, body = links(story.notices[LUCIA])["!take"]
    said = transcript(await story.writes(LUCIA, body, subject=subject, results=""))
    assert "Hecho" in said
    case = await story.play.case()
    assert (case["state"], case["assignee"]) == ("taken", LUCIA)
    assert await story.play.aside() == []


async def test_from_alone_does_nothing_is_set_aside_and_the_others_are_told(story: Story) -> None:
    reference = await story.opens()
    sent = await story.writes(LUCIA, "!close", subject=f"[{reference}]", results="")
    await untouched(story, sent)
    told = {str(m["To"]).rpartition("<")[2].rstrip(">") for m in to_agents(sent)}
    assert {DIEGO, CARLA} <= told
    assert LUCIA not in told


async def test_a_wrong_token_is_refused(story: Story) -> None:
    await story.opens()
    subject, body = links(story.notices[LUCIA])["!take"]
    wrong = subject[:-1] + ("a" if subject[-1] != "a" else "b")
    await untouched(story, await story.writes(LUCIA, body, subject=wrong, results=""))


async def test_another_agent_s_token_is_refused(story: Story) -> None:
    await story.opens()
    subject, body = links(story.notices[LUCIA])["!take"]
    await untouched(story, await story.writes(DIEGO, body, subject=subject, results=""))


async def test_a_token_for_another_action_is_refused(story: Story) -> None:
    await story.opens()
    subject, _ = links(story.notices[LUCIA])["!take"]
    await untouched(story, await story.writes(LUCIA, "!close", subject=subject, results=""))
    renamed = subject.replace("#take.", "#close.")
    await untouched(story, await story.writes(LUCIA, "!close", subject=renamed, results=""), aside=2)


async def test_a_token_for_another_case_is_refused(story: Story) -> None:
    first = await story.opens()
    subject, body = links(story.notices[LUCIA])["!take"]
    other = await story.opens("Hola, otra cosa: no anda el buscador.\n\nAna")
    await untouched(story, await story.writes(LUCIA, body, subject=subject.replace(first, other), results=""))


async def test_a_token_for_one_action_takes_no_second_command_along(story: Story) -> None:
    await story.opens()
    subject, body = links(story.notices[LUCIA])["!take"]
    await untouched(story, await story.writes(LUCIA, f"{body}\n!close", subject=subject, results=""))


async def test_an_expired_token_is_refused(story: Story) -> None:
    await story.opens()
    subject, body = links(story.notices[LUCIA])["!take"]
    await untouched(story, await story.writes(LUCIA, body, subject=subject, results="", after=8 * 24 * 60))


async def test_a_replayed_token_is_refused_where_repeating_would_hurt(story: Story) -> None:
    await story.opens()
    subject, body = links(story.notices[LUCIA])["!close"]
    transcript(await story.writes(LUCIA, body, subject=subject, results=""))
    transcript(await story.orders("!reopen"))
    assert (await story.play.case())["state"] == "new"
    sent = await story.writes(LUCIA, body, subject=subject, results="")
    assert (await story.play.case())["state"] == "new"
    assert len(await story.play.aside()) == 1
    assert to_client(sent) == []


async def test_an_authenticated_agent_who_taps_an_old_link_twice_is_told_so(story: Story) -> None:
    await story.opens()
    subject, body = links(story.notices[LUCIA])["!close"]
    transcript(await story.writes(LUCIA, body, subject=subject))
    transcript(await story.orders("!reopen"))
    assert "ya se usó" in transcript(await story.writes(LUCIA, body, subject=subject))
    assert (await story.play.case())["state"] == "new"


async def test_a_foreign_server_s_word_proves_nothing(story: Story) -> None:
    reference = await story.opens()
    await untouched(story, await story.writes(LUCIA, "!close", subject=f"[{reference}]", results=FOREIGN))


async def test_failed_authentication_never_acts_not_even_with_token_and_our_own_id(story: Story) -> None:
    await story.opens()
    notice = story.notices[LUCIA]
    subject, body = links(notice)["!take"]
    await untouched(story, await story.writes(LUCIA, body, subject=subject, answers=notice, results=FAIL))


async def test_our_own_message_id_proves_the_agent_it_was_written_to_and_nobody_else(story: Story) -> None:
    await story.opens()
    notice = story.notices[LUCIA]
    await untouched(story, await story.writes(DIEGO, "!take", subject="Re: caso", answers=notice, results=""))
    transcript(await story.writes(LUCIA, "!take", subject="Re: caso", answers=notice, results=""))
    assert (await story.play.case())["assignee"] == LUCIA


async def test_a_client_s_commands_are_text(story: Story) -> None:
    reference = await story.opens()
    await story.writes(ANA, "!close\n!severity 3", subject=f"Re: [{reference}] Fotos que no cargan")
    case = await story.play.case()
    assert case["state"] == "new"
