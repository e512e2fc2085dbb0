"""Spanish, English or Portuguese? Decided from the new text by stop words and tell-tale letters.

Three languages do not need a model: what is short or mixed falls to the site's language.
"""

import re

from triage.core.comparable import SEARCHED
from triage.core.model import Language

_WORD = re.compile(r"[^\W\d_]+")
_READ = 8_000

_WORDS: dict[Language, str] = {
    Language.ES: """el la los las un una unos unas y e o de del al en con por para que no si se le les lo me mi mis su sus es son
        está están esta este esto esa ese eso fue ser hay como más pero porque cuando donde desde hasta sobre entre sin
        ya muy también tampoco nos nosotros ustedes usted vos tu yo él ella ellos qué cómo cuándo quién buenas buenos días
        tardes noches hola gracias saludos favor puede pueden puedo podemos podrían necesito necesitamos tenemos tengo
        tiene quiero queremos hace hoy ayer mañana ahora todo todos toda nada algo sitio página tienda pedido pedidos
        carga cargan funciona funcionan anda andan sale aparece error clave contraseña correo adjunto ver cliente clientes
        entra entran igual sigue siguen anda andan quedó caída caído caido cayó cayo nadie gente tampoco precio precios venta ventas usuario usuarios pantalla botón boton celular carrito envío envios factura presupuesto arreglar solucionar avisen revisen listo dale buen hacer había estaba estamos estoy dice ni sólo solo pasa pude pudo q x xq porfa che""",
    Language.PT: """o a os as um uma uns umas e ou de do da dos das no na nos nas em com por para pelo pela que não nao se lhe
        me meu minha meus seu sua seus é são está estão esta este isto essa esse isso foi ser há como mais mas porque
        quando onde desde até sobre entre sem já muito também nós vocês você vc eu ele ela eles quê bom boa dia tarde
        noite olá oi obrigado obrigada abraço abraços favor pode podem posso podemos poderiam preciso precisamos temos tenho
        tem quero queremos faz hoje ontem amanhã agora tudo todos toda nada algo site página loja pedido pedidos carrega
        funciona funcionam aparece erro senha anexo ver cliente clientes fazer havia estava estamos estou diz nem só ao aos
        à às num numa dele dela consigo conseguimos caiu caíram pessoal valeu frete boleto painel carrinho errado errada errados quebrou parou ninguém ninguem gente preço preços venda vendas usuário usuários tela botão celular envio fatura orçamento arrumar resolver avisem olhada continua continuam voltou grato abs beleza joia ficou atenciosamente att""",
    Language.EN: """the a an and or of to in on at with by for from that this these those it its is are was were be been not no
        we you i he she they our your my his her their have has had do does did can could would should will what when where
        who how why but because if then there here please thanks thank hello hi dear regards best kind morning afternoon
        need want get got today yesterday tomorrow now all any some nothing something site page shop store order orders
        works work working shows appears error password attached see customer customers since into after before about up
        out so just only also very still again am us me them than as down wrong broken fails failing failed loading load broke missing invoice price prices checkout cart team support issue problem news hey whenever cannot couldn wasn isn doesn won""",
}
_FAMILIES: dict[Language, frozenset[str]] = {
    language: frozenset(words.split()) for language, words in _WORDS.items()
}
# Letters and endings that only one of the three uses.
_LETTERS: tuple[tuple[re.Pattern[str], Language, float], ...] = (
    (re.compile(r"[ñ¿¡]"), Language.ES, 2.0),
    (re.compile(r"ción\b|ciones\b|\b\w+(?:ándo|iéndo)\w*|\bll\w+", re.IGNORECASE), Language.ES, 1.0),
    (re.compile(r"[ãõç]|lh[aeo]|nh[aeo]", re.IGNORECASE), Language.PT, 1.5),
    (re.compile(r"\bn[aã]o\b", re.IGNORECASE), Language.PT, 1.5),
    (
        re.compile(
            r"\bno (?:se|me|nos|le|les|puedo|podemos|hay|anda|entra|carga|funciona|abre|sale|llega|aparece|deja)\b",
            re.IGNORECASE,
        ),
        Language.ES,
        1.0,
    ),
    (re.compile(r"ção\b|ções\b|ões\b", re.IGNORECASE), Language.PT, 2.0),
    (re.compile(r"\b\w+(?:ing|tion|ly|ed)\b|'(?:s|t|re|ve|ll)\b|\bth\w+", re.IGNORECASE), Language.EN, 0.7),
)


def detect(text: str, default: Language, *more: str) -> Language:
    """Return the language of `text`; where it does not say, of the further texts in turn, else `default`."""
    for candidate in (text, *more):
        language = _decide(candidate[: min(_READ, SEARCHED)])
        if language is not None:
            return language
    return default


def _decide(text: str) -> Language | None:
    ranked = sorted(_scores(text).items(), key=lambda item: item[1], reverse=True)
    (best, most), (_, second) = ranked[0], ranked[1]
    return best if most >= 1.0 and most - second >= 0.4 else None


def _scores(text: str) -> dict[Language, float]:
    words = [word.lower() for word in _WORD.findall(text)]
    scores = dict.fromkeys(Language, 0.0)
    for word in words:
        speakers = [language for language, family in _FAMILIES.items() if word in family]
        for language in speakers:
            # A word of one language says much, one of two little.
            scores[language] += 1.0 if len(speakers) == 1 else 0.3
    for pattern, language, weight in _LETTERS:
        scores[language] += weight * min(len(pattern.findall(text)), 10)
    return scores
