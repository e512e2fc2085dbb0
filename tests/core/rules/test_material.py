from tests.core.rules.vocabularies import mail
from triage.core.rules.material import CAP, lay_out
from triage.core.rules.phrases import Slips
from triage.core.rules.vocabulary import REPLY_SUBJECT, SENDER, SUBJECT, TEXTS


def test_every_place_leads_back_to_its_own_offsets() -> None:
    layout = lay_out(mail("La  tienda está caída", "¡Ayuda!"), TEXTS)
    at = layout.text.index("caida")
    place = layout.place(at)
    assert place.name == "new_text"
    start = place.folded.original(at - place.start)
    assert place.raw[start : start + 5] == "caída"


def test_places_never_share_a_sentence() -> None:
    layout = lay_out(mail("no abre", "tienda"), TEXTS)
    assert layout.sentence(layout.text.index("tienda")) != layout.sentence(layout.text.index("abre"))


def test_links_and_addresses_are_blank_and_the_sentence_still_ends() -> None:
    layout = lay_out(mail("Vean https://caida.example/error-500. Escriban a hackeado@x.example"), TEXTS)
    assert "caida" not in layout.words
    assert "hackeado" not in layout.words
    assert layout.sentence(layout.text.index("escriban")) > layout.sentence(layout.text.index("vean"))


def test_senders_and_headers_keep_their_addresses() -> None:
    material = mail("x", sender="ana@shop.example", headers={"x-kind": "Alert"})
    layout = lay_out(material, (SENDER, "header:X-Kind"))
    assert "ana shop example" in layout.words
    assert "alert" in layout.words


def test_the_subject_of_a_reply_is_an_earlier_mails_once_the_writer_says_something() -> None:
    said = mail("gracias, ahora les pido otra cosa distinta", "Re: sitio caído")
    assert [place.name for place in lay_out(said, (SUBJECT, REPLY_SUBJECT)).places] == [REPLY_SUBJECT]
    bare = mail("mirar por favor", "Re: sitio caído")
    assert [place.name for place in lay_out(bare, (SUBJECT, REPLY_SUBJECT)).places] == [SUBJECT]


def test_a_forward_is_no_reply() -> None:
    forwarded = mail("les paso lo que nos escribe una clienta hoy", "Fwd: sitio caído")
    assert not forwarded.replies


def test_texts_are_cut_at_the_cap() -> None:
    assert len(lay_out(mail("a " * CAP), TEXTS).text) < CAP + 10


def test_slips_are_mended_in_the_haystack_and_shown_as_written() -> None:
    layout = lay_out(mail("la pajina no abre"), TEXTS, Slips.of({"pajina": "pagina"}))
    at = layout.text.index("pagina")
    place = layout.place(at)
    start = place.folded.original(at - place.start)
    assert place.raw[start : start + 6] == "pajina"
