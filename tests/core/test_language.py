"""Short texts as clients write them; what does not say falls to the site's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core.language import detect
from triage.core.model import Language

ES, EN, PT = Language.ES, Language.EN, Language.PT


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("no entra", ES), ("La página no carga desde ayer", ES), ("hola, se cayo la tienda", ES), ("NO FUNCIONA EL CHAT DE LA TIENDA", ES), ("che, el carrito anda mal", ES), ("Buenas, ¿me pasan un presupuesto?", ES), ("ola buen dia no entra a la pajina kiero q lo rebisen", ES), ("gracias genios", ES), ("los precios salen en cero", ES), ("sigue igual", ES), ("me pasan la factura de mayo?", ES), ("no puedo loguearme al panel", ES),
        ("the site is down", EN), ("Cannot log in since this morning.", EN), ("Thanks!", EN), ("Our checkout page shows an error", EN), ("any news?", EN), ("prices are wrong", EN), ("Please send the invoice for May", EN), ("shop not loading", EN),
        ("o site caiu", PT), ("Bom dia, a loja não abre", PT), ("nao consigo entrar no painel", PT), ("Obrigado!", PT), ("podem enviar o orçamento?", PT), ("o frete está errado", PT), ("nao carrega", PT), ("Olá, tudo bem? O boleto não é gerado", PT), ("valeu pessoal", PT), ("os preços estão zerados", PT),
    ],
)  # fmt: skip
def test_a_short_text_gives_its_language_away(text: str, language: Language) -> None:
    others = {ES: EN, EN: ES, PT: ES}
    assert detect(text, others[language]) is language


@pytest.mark.parametrize("text", ["", "ok", "503", "TornadoStore", "👍"])
def test_in_doubt_the_sites_language_holds(text: str) -> None:
    assert detect(text, PT) is PT


def test_further_texts_are_asked_in_turn() -> None:
    assert detect("503", ES, "", "The shop is not working since today") is EN


@given(st.text(alphabet="aeno ñ¿_-1'.ç", max_size=200))
def test_a_dash_beyond_latin_letters_changes_nothing(text: str) -> None:
    assert detect(f"{text} -", PT) is detect(f"{text} —", PT)
