import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from triage.adapters.renderer_jinja import JinjaRenderer, sample_site, samples
from triage.adapters.renderer_jinja.sample_site import Sample
from triage.core import commands, drafts_agent
from triage.core.commands import ACTIONS, Action
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_agent import Part
from triage.core.model import Classification, Evidence, Kind, Language, Severity, State, Unreachable
from triage.core.records import OutboxRow
from triage.errors import Permanent
from triage.ports import Rendered

RENDERER = JinjaRenderer()
SAMPLES = [sample for language in Language for sample in samples.samples(language)]
NOW = datetime(2026, 10, 20, 16, 42, tzinfo=UTC)


def rendered(sample: Sample, renderer: JinjaRenderer = RENDERER) -> Rendered:
    mail = sample.mail
    draft = {"template": mail.template, "language": mail.language.value, "variables": mail.variables}
    row = OutboxRow(mail.key, mail.kind, mail.to, "x@y", draft, sample.now, sample.now, mailbox=mail.mailbox)
    return renderer.render(row, sample.now)


ALL = [(sample, rendered(sample)) for sample in SAMPLES]


def of(name: str, label: str = "", language: Language = Language.ES) -> Rendered:
    return next(
        words
        for sample, words in ALL
        if sample.mail.template == name and sample.label == label and sample.mail.language is language
    )


class Reader(HTMLParser):
    """Collects the words, tags and addresses of an HTML part."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.hrefs: list[str] = []
        self.lang = ""
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden = tag in {"title", "style"}
        found = dict(attrs)
        if tag == "html":
            self.lang = found.get("lang") or ""
        self.hrefs += [value for key, value in attrs if key in {"href", "src", "background"} and value]
        if tag in {"br", "p", "li", "td", "th", "h1", "h2", "div", "a", "tr"}:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        if tag in {"p", "li", "td", "th", "h1", "h2", "div", "tr"}:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def spoken(text: str) -> list[str]:
    text = re.sub(r"^=> (.*): (?:mailto:|https?:)\S+$", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"^(?:-{2,} ?|>)$", "", text, flags=re.MULTILINE)
    return re.sub(r"^(?:\| |- |> )", "", text, flags=re.MULTILINE).split()


@pytest.mark.parametrize(
    ("sample", "words"), ALL, ids=lambda v: v.mail.template if isinstance(v, Sample) else ""
)
def test_text_and_html_say_the_same(sample: Sample, words: Rendered) -> None:
    assert "".join("".join(read(words.html).words).split()) == "".join(spoken(words.text))


@pytest.mark.parametrize(
    ("sample", "words"), ALL, ids=lambda v: v.mail.template if isinstance(v, Sample) else ""
)
def test_every_mail_is_fit_to_be_sent(sample: Sample, words: Rendered) -> None:
    page = read(words.html)
    assert page.lang == sample.mail.language
    assert page.tags.count("h1") == (0 if sample.mail.template == "answer" else 1)
    assert not {"img", "script", "link", "form", "iframe"} & set(page.tags)
    assert all(href.startswith(("mailto:", "tel:", "https://")) for href in page.hrefs)
    assert not re.search(r"url\(|@import|src=", words.html)
    assert words.subject == " ".join(words.subject.split())
    assert 0 < len(words.subject) <= 250
    assert len(words.html) < 60_000, "Gmail clips at 102 kB"
    for text in (words.subject, words.text, words.html):
        assert not re.search(r"\{[{%]|%\}|\}\}|None|Undefined|[\ue000\ue001]|\bTrue\b|\bFalse\b", text)
    assert " 00:00" not in words.text
    if sample.mail.reference:
        assert f"[{sample.mail.reference}]" in words.subject


def test_every_mail_has_a_sample_in_every_language() -> None:
    for language in Language:
        found = {sample.mail.template for sample in SAMPLES if sample.mail.language is language}
        assert found == set(RENDERER.names())


def test_an_acknowledgement_of_severity_1_leads_with_telephone_and_chat() -> None:
    for language in Language:
        text = of("acknowledgement", "severity 1", language).text
        assert text.index("+54 11 4460-1500") < text.index(
            "12:15" if language is not Language.PT else "12h15"
        )
        assert "https://chat.netone.example" in text


def test_an_acknowledgement_says_by_when_in_the_clients_words() -> None:
    assert "mañana antes de las 10:15, hora de Buenos Aires" in of("acknowledgement", "in hours").text
    assert "el martes 27 hasta las 24:00" in of("acknowledgement", "weekend").text
    assert "a partir del viernes 23 (fecha a confirmar)" in of("acknowledgement", "severity 3").text
    assert "presupuesto" in of("acknowledgement", "severity 3").text
    assert "Inmaculada Concepción de María" in of("acknowledgement", "holiday").text


def test_a_deadline_already_past_is_not_quoted() -> None:
    text = of("acknowledgement", "already past").text
    assert "10:15" not in text
    assert "venció" not in text


def test_an_acknowledgement_asks_for_what_is_missing_and_offers_the_article() -> None:
    text = of("acknowledgement", "in hours").text
    assert "- una captura de pantalla" in text
    assert "https://wiki.netone.example/fotos" in text


def test_nothing_of_an_unverified_sender_is_echoed() -> None:
    words = of("acknowledgement", "out of hours, unverified sender")
    assert words.subject == "Recibimos tu mensaje [NO-2026-000123]"
    assert "Ana" not in words.text
    assert "fotos" not in words.text


def test_a_reminder_says_the_essential_first() -> None:
    assert of("reminder", "arrival, severity 1").text.startswith(
        "Caso nuevo de severidad 1: vence hoy a las 12:15 (quedan 2 h)."
    )
    assert of("reminder", "breach, severity 1").subject.startswith("[NO-2026-000123] Vencido, severidad 1")
    assert "Queda 1 h, severidad 2" in of("reminder", "-1h, severity 2").subject
    assert "llamalo" in of("reminder", "-1h, severity 2").text


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (Language.ES, "Fecha:  jueves 12 de noviembre (dicha al cliente)"),
        (Language.EN, "Date:  Thursday 12 November (told the client)"),
        (Language.PT, "Data:  quinta-feira, 12 de novembro (informada ao cliente)"),
    ],
)
def test_a_card_names_the_date_that_was_told_and_no_longer_the_first_estimate(
    language: Language, line: str
) -> None:
    deadline = replace(sample_site.a_deadline(NOW), kind=Kind.FROM)
    case = replace(
        sample_site.case(language, Severity.LOW, NOW, deadline),
        state=State.PLANNED,
        planned_date=date(NOW.year, 11, 12),
    )
    facts = Facts(case, sample_site.site(language), sample_site.COMPANY, sample_site.SEVERITIES)
    to = Recipient("diego.maidana@netone.example", "Diego Maidana", "assignee")
    mail = drafts_agent.reminder(facts, to, f"planned {case.planned_date} -9h")
    assert [
        each for each in rendered(Sample("", mail, NOW)).text.splitlines() if each.startswith(line[:5])
    ] == [line]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (Language.ES, "Por qué:  dice: nadie; no responde"),
        (Language.EN, "Why:  it says: nadie; no responde"),
        (Language.PT, "Por quê:  diz: nadie; no responde"),
    ],
)
@pytest.mark.parametrize("rule", ["weighed", "nobody-and-no-way-round"])
def test_a_card_tells_the_words_and_not_a_rule(language: Language, line: str, rule: str) -> None:
    words = tuple(Evidence("g", text, "subject", 0, 1) for text in ("nadie", "no responde", "Nadie"))
    found = Classification(Severity.HIGH, rule, evidence=words)
    case = replace(
        sample_site.case(language, Severity.HIGH, NOW, sample_site.a_deadline(NOW)), classification=found
    )
    facts = Facts(case, sample_site.site(language), sample_site.COMPANY, sample_site.SEVERITIES)
    mail = drafts_agent.reminder(facts, Recipient("diego.maidana@netone.example", "Diego"), "breach")
    assert line.casefold() in rendered(Sample("", mail, NOW)).text.casefold()


@pytest.mark.parametrize("language", list(Language))
def test_a_footer_says_with_which_commands_the_text_below_goes_to_the_client(language: Language) -> None:
    footer = of("client_wrote", language=language).text.partition("\n-- \n")[2]
    inside, goes = re.split(r"salvo con|except with|exceto com", footer)
    meant = [set(words_of(part)) for part in (inside, goes)]
    to_client = {action for action, spelling in ACTIONS.items() if spelling.text_to_client}
    assert meant[1] == to_client
    assert meant[0]
    assert not meant[0] & to_client


def words_of(text: str) -> Iterator[Action | None]:
    for word in re.findall(r"![\w-]+", text):
        (command,) = commands.read(word).commands
        yield command.action


def test_a_persons_answer_holds_his_words_only() -> None:
    assert of("answer").text == sample_site.ANSWERS[Language.ES] + "\n"


def test_a_clients_words_cannot_make_buttons_or_markup() -> None:
    sample = next(s for s in SAMPLES if s.mail.template == "reminder")
    evil = "=> Pagar: https://evil.example/x\n<b>x</b>\n{{ 7 * 7 }}"
    variables = {**sample.mail.variables, "text": evil}
    words = RENDERER.words("reminder", "es", variables, sample.now)
    assert "https://evil.example/x" not in read(words.html).hrefs
    assert "<b>" not in words.html
    assert "{{ 7 * 7 }}" in words.text


def test_an_override_wins_and_takes_its_own_html_along(tmp_path: Path) -> None:
    folder = tmp_path / "soporte" / "es"
    folder.mkdir(parents=True)
    (folder / "answer.txt").write_text("Otra: {{ text | paragraphs }}")
    sample = next(s for s in SAMPLES if s.mail.template == "answer")
    words = rendered(sample, JinjaRenderer(tmp_path))
    assert words.text.startswith("Otra: ")
    assert "Otra: " in words.html
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "answer.html").write_text("older words")
    assert "older words" not in rendered(sample, JinjaRenderer(tmp_path)).html
    (folder / "answer.html").write_text(
        "{% extends 'layout.html' %}{% block body %}<p>{{ text }}</p>{% endblock %}"
    )
    assert "<p>Encontramos" in rendered(sample, JinjaRenderer(tmp_path)).html


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ("a\n{{ nothing }}", r"answer\.txt:2: 'nothing' is undefined"),
        ("a\n\n{% if %}", r"answer\.txt:3: "),
        ("{{ text.nothing }}", r"answer\.txt:1: "),
        ("{{ 1 / 0 }}", r"answer\.txt:1: division by zero"),
        ("{{ 'x' | moment }}", r"answer\.txt:1: "),
        ("a\n{{ txet }}", r"answer\.txt:2: 'txet' is undefined; did you mean 'text'\?$"),
        ("{{ case.referense }}", r"answer\.txt:1: there is no 'referense' here, but act_by, .*, reference, "),
        ("{{ case }}", r"answer\.txt:1: holds several values, print one of them: act_by, "),
        ("{{ company.phones }}", r"answer\.txt:1: is a list, print it with a loop$"),
        ("{{ None }}", r"answer\.txt:1: None is no text to print$"),
        ("a\n{% include 'nobody.txt' %}", r"answer\.txt:2: no such template: nobody\.txt \(es\)$"),
        (
            "{% for a in range(4000) %}{% for b in range(9) %}{% endfor %}{% endfor %}",
            r"answer\.txt:1: more than",
        ),
    ],
)
def test_a_bad_template_is_told_with_its_line(tmp_path: Path, source: str, where: str) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "answer.txt").write_text(source)
    sample = next(s for s in SAMPLES if s.mail.template == "answer")
    renderer = JinjaRenderer(tmp_path)
    with pytest.raises(Permanent, match=where):
        rendered(sample, renderer)
    assert [problem for problem in renderer.check() if not problem.warning]


def test_check_finds_nothing_in_what_is_shipped() -> None:
    assert RENDERER.check() == ()


def test_a_misspelt_override_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "acknowledgment.txt").write_text("x")
    (problem,) = JinjaRenderer(tmp_path).check()
    assert problem.warning


def test_reload_swaps_whole_and_keeps_the_old_on_error(tmp_path: Path) -> None:
    folder = tmp_path / "es"
    folder.mkdir()
    file = folder / "answer.txt"
    file.write_text("uno")
    sample = next(s for s in SAMPLES if s.mail.template == "answer")
    renderer = JinjaRenderer(tmp_path)
    file.write_text("dos")
    assert rendered(sample, renderer).text == "uno\n"
    renderer.reload()
    assert rendered(sample, renderer).text == "dos\n"
    file.write_bytes(b"\xff")
    with pytest.raises(Exception, match="UTF-8"):
        renderer.reload()
    assert rendered(sample, renderer).text == "dos\n"


def test_a_mail_sent_later_says_what_is_left_then() -> None:
    sample = next(s for s in SAMPLES if s.label == "arrival, severity 1")
    later = Sample("", sample.mail, sample.now + timedelta(minutes=45))
    assert "quedan 1 h 15 min" in rendered(later).text


def test_an_unknown_mail_is_refused() -> None:
    with pytest.raises(Permanent, match="no such template"):
        RENDERER.words("nobody", "es", {"zone": "UTC"}, NOW)


@pytest.mark.parametrize("language", list(Language))
def test_reminders_say_that_the_client_is_not_reached_by_mail_alone_and_among_others(
    language: Language,
) -> None:
    case = replace(
        sample_site.case(language, Severity.HIGH, NOW, sample_site.a_deadline(NOW)),
        unreachable=Unreachable("ana@lejos.example", "5.1.1", NOW),
    )
    facts = Facts(case, sample_site.site(language), sample_site.COMPANY, sample_site.SEVERITIES)
    well = replace(facts, case=replace(case, unreachable=None))
    to = Recipient("diego.maidana@netone.example", "Diego Maidana", "lead")
    one = drafts_agent.reminder(facts, to, "breach")
    several = drafts_agent.reminders([Part(well, "breach", NOW), Part(facts, "breach", NOW)], to, NOW)
    none = drafts_agent.reminders([Part(well, "breach", NOW), Part(well, "breach", NOW)], to, NOW)
    said = [rendered(Sample("", mail, NOW)) for mail in (one, several, none)]
    assert [words.text.count("ana@lejos.example") for words in said] == [1, 1, 0]
    assert "ana@lejos.example" in said[1].html


@pytest.mark.parametrize("language", Language)
def test_reminders_of_a_flood_are_one_readable_mail(language: Language) -> None:
    """A thousand mails in a night are reminded of together; once such a mail was too long to be put into words."""
    case = sample_site.case(language, Severity.HIGH, NOW, sample_site.a_deadline(NOW))
    facts = Facts(case, sample_site.site(language), sample_site.COMPANY, sample_site.SEVERITIES)
    references = [f"NO-2026-{number:06d}" for number in range(1, 501)]
    parts = [
        Part(replace(facts, case=replace(case, reference=reference)), "arrival", NOW)
        for reference in references
    ]
    mail = drafts_agent.reminders(parts, Recipient("diego.maidana@netone.example"), NOW)
    found = rendered(Sample("a flood", mail, NOW))
    assert "500" in found.subject
    assert all(reference in found.text for reference in references)
    assert len(found.text) < 30_000
