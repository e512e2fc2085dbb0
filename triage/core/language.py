"""Spanish, English or Portuguese? Decided from the new text by stop words and tell-tale letters.

Three languages do not need a model: what is short or mixed falls to the site's language.
"""

import re
from collections import Counter
from functools import lru_cache

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
# Letters and endings within a word, and signs and words in a row, that only one of the three uses; weights in tenths.
_IN_WORDS: tuple[tuple[re.Pattern[str], Language, int], ...] = (
    (re.compile(r"ción\b|ciones\b|\b\w+(?:ándo|iéndo)\w*|\bll\w+"), Language.ES, 10),
    (re.compile(r"[ãõç]|lh[aeo]|nh[aeo]"), Language.PT, 15),
    (re.compile(r"\bn[aã]o\b"), Language.PT, 15),
    (re.compile(r"ção\b|ções\b|ões\b"), Language.PT, 20),
    (re.compile(r"\b\w+(?:ing|tion|ly|ed)\b|\bth\w+"), Language.EN, 7),
)
_SPANISH_SIGNS, _SIGN = "ñ¿¡", 20
# It begins with plain characters, which are searched for ten times faster than the edge of a word.
_SPANISH_NO, _NO = re.compile(r"no (?<=\bno )(?:se|me|nos|le|les|puedo|podemos|hay|anda|entra|carga|funciona|abre|sale|llega|aparece|deja)\b"), 10  # fmt: skip
_TOKEN = re.compile(r"\w+")
_PARTED = "".join(char if _TOKEN.match(char) else " " for char in map(chr, range(256))).encode("latin-1")
_CONTRACTION = re.compile(r"'(?:s|t|re|ve|ll)\b")
_ENGLISH = len(_IN_WORDS) - 1
_COUNTED = 10  # further marks of one kind say nothing new
_OWN_WORD, _SHARED_WORD = 10, 3  # a word of one language says much, one of two little
_SURE, _AHEAD = 10, 4
_WORD_LENGTH, _WORDS_KEPT = 40, 16_384


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
    return best if most >= _SURE and most - second >= _AHEAD else None


def _tokens(text: str) -> list[str]:
    """Return the runs of letters, digits and underscores. Most mail fits into Latin-1: there one table parts them all."""
    try:
        return text.encode("latin-1").translate(_PARTED).decode("latin-1").split()
    except UnicodeEncodeError:
        return _TOKEN.findall(text)


def _scores(text: str) -> dict[Language, int]:
    """Weigh a text for every language, in tenths. Each different word is looked at once, and remembered."""
    text = text.lower()
    sums = [0] * (len(_IN_WORDS) + len(Language))
    for token, times in Counter(_tokens(text)).items():
        for index, found in _known(token) if len(token) <= _WORD_LENGTH else _weigh(token):
            sums[index] += found * times
    counts = sums[: len(_IN_WORDS)]
    scores = dict(zip(Language, sums[len(_IN_WORDS) :], strict=True))
    counts[_ENGLISH] += len(_CONTRACTION.findall(text))
    for (_, language, weight), count in zip(_IN_WORDS, counts, strict=True):
        scores[language] += weight * min(count, _COUNTED)
    scores[Language.ES] += _SIGN * min(sum(map(text.count, _SPANISH_SIGNS)), _COUNTED)
    scores[Language.ES] += _NO * min(len(_SPANISH_NO.findall(text)), _COUNTED)
    return scores


_Weighed = tuple[tuple[int, int], ...]


def _weigh(token: str) -> _Weighed:
    """Return how often a word bears each mark, as (index, count), and behind the marks what it adds to each language."""
    found = [(index, len(pattern.findall(token))) for index, (pattern, _, _) in enumerate(_IN_WORDS)]
    for word in _WORD.findall(token):
        speakers = [index for index, language in enumerate(Language) if word in _FAMILIES[language]]
        weight = _OWN_WORD if len(speakers) == 1 else _SHARED_WORD
        found += [(len(_IN_WORDS) + index, weight) for index in speakers]
    return tuple((index, count) for index, count in found if count)


@lru_cache(_WORDS_KEPT)
def _known(token: str) -> _Weighed:
    return _weigh(token)
