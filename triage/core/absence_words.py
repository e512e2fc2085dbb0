"""The turns that out-of-office notes are made of, in Spanish, English and Portuguese. Tables only; `absence_notes` reads.

Patterns over folded text. Each kind is what is told; a turn holds all of its words, because the next one is looked for
where it ended. `NAME` and `ADDRESS` stand for a word with a capital and for an address or a telephone number.
"""

import re
from collections.abc import Mapping
from functools import cache

from triage.core.comparable import fold, folded
from triage.core.model import Language
from triage.core.moments_words import DAYS_ABBREVIATED, MONTHS, MONTHS_ABBREVIATED, WEEKDAYS

NAME, ADDRESS = "§", "¤"
# Written with a capital in English, and nobody's names.
DATE_WORDS = frozenset(
    fold(name)
    for of in (WEEKDAYS, DAYS_ABBREVIATED, MONTHS, MONTHS_ABBREVIATED)
    for names in of.values()
    for name in names
)

# An answer without any of these is no note, and most answers hold none.
STEMS = folded(
    (
        "out of", "away", "leave", "vacation", "holiday", "travel", "unavailable", "not available", "closed",
        "vacaciones", "fuera de", "ausente", "licencia", "viaje", "disponible", "en la oficina", "cerrad",
        "férias", "fora d", "licença", "viagem", "viajando", "recesso", "disponível", "no escritório", "fechad",
    )
)  # fmt: skip


def _or(*turns: str) -> str:
    return f"(?:{'|'.join(turns)})"


def _names(of: Mapping[Language, tuple[str, ...]]) -> str:
    return _or(*sorted({fold(name).removesuffix("-feira") for names in of.values() for name in names}))


# -- when --------------------------------------------------------------------------------------------------------------

_SHORT = rf"(?:{_names(DAYS_ABBREVIATED)}|{_names(MONTHS_ABBREVIATED)}|sept)"
_DATED = rf"(?:\d[\d/.:-]*(?:st|nd|rd|th|º|hs?)?|{_names(WEEKDAYS)}(?:-feira)?|{_names(MONTHS)}|{_SHORT})"
_DAY = _or(_DATED, "today", "tomorrow", "next week", "further notice", "hoy", "manana", "nuevo aviso", "la semana que viene", "hoje", "amanha", "inclusive")  # fmt: skip
_OF_DAY = (
    r"(?:(?:the|of|on|next|el|la|las|los|dia|dias|proximo|proxima|del?|a|o|as|os|em|no|na|ao|do|da) |, )"
)
_WHEN = rf"(?:{_OF_DAY}*{_DAY}(?:[ ,()]+{_OF_DAY}*{_DAY})*)"
_FROM = _or("from", "starting(?: on)?", "beginning", "between", "through", "thru", "until", "till?", "to", "and", "on", "desde", "a partir del?", "entre", "hasta", "del?", "al?", "y", "e", "no periodo de", "a partir de", "ate", "ao?")  # fmt: skip
_PRESENTLY = _or("currently", "at the moment", "presently", "now", "please note(?: that)?", "please be advised that", "actualmente", "en este momento", "por el momento", "ahora", "(?:le |les |te )?informo que", "no momento", "atualmente")  # fmt: skip
_SPAN = _or(rf"(?:{_FROM} )?{_WHEN}", "this week", "esta semana", _PRESENTLY)

# -- who and what ------------------------------------------------------------------------------------------------------

_MAIL = r"(?:e-?mails?|mails?|messages?|inbox|correos?(?: electronicos?)?|mensajes?|mensagens|mensagem)"
_MATTER = _or(_MAIL, "enquiry", "inquiry", "query", "request", "consultas?", "contacto", "contato")
_YOURS = rf"(?:to |a |ao |aos )?(?:all |any )?(?:other )?(?:(?:your|the|my|su|sus|tu|tus|los|el|o seu|a sua|seu|sua|seus|os) )?{_MATTER}"
_ROLE = _or("colleague", "assistant", "manager", "(?:main )?office", "(?:(?:service|support|sales) )?team", "jef[ae]", "coleg[ao]", "companer[oa]", "mesa de entradas", "recursos humanos", "soporte", "administracion", "ventas", "reception", "support", "sales", "guardia", "suporte", "vendas")  # fmt: skip
_ARTICLE = _or("the", "my", "our", "mi", "nuestr[oa]", "el", "la", "los", "o", "a", "meu", "minha", "nossa")
_BY = _or("at", "on", "or", "and", "via", "by", "with", "for", "al?", "en", "o", "u", "y", "con", "por", "e", "ou", "pelo", "pela", "no", "na", "tel", "telefono", "telefone", "phone", "ramal", "interno", "email", "e-mail", "mail", "correo", "celular", "llamar", "call", "el", "la", "the")  # fmt: skip
_ONE = rf"(?:{NAME}|{ADDRESS}|{_ROLE})"
_WHOM = (
    rf"(?:{_ARTICLE} )*{_ONE}(?:[ ,.:()/-]+(?:{_BY}[ .:]+)*(?:{_ARTICLE} )*(?:{_ONE}|\d[\d-]*(?![\d-])))*\)?"
)

# -- the writer's absence ----------------------------------------------------------------------------------------------

_I_AM = _or("i am", "i'm", "i will be", "i'll be", "we are", "we will be", "(?:yo )?estoy", "estare", "me encuentro", "me encontrare", "estaremos", "(?:eu )?estou", "(?:eu )?estarei", "encontro-me", "me encontro")  # fmt: skip
_AWAY = _or(
    r"out of (?:the )?office", r"away(?: from (?:the office|my desk|work))?", r"(?:out )?on (?:(?:annual|sick|medical|parental|maternity|paternity) )?(?:leave|vacation|holidays?)", r"travell?ing", "on a business trip", "unavailable", "not available",
    r"de vacaciones", r"(?:gozando|disfrutando) de mis vacaciones(?: anuales)?", r"de viaje", r"viajando", r"fuera (?:de (?:la |mi )?oficina|del pais)", r"ausente(?: de la oficina)?", r"(?:de|con) licencia(?: medica)?",
    r"(?:de|em)(?: periodo de)? ferias", r"fora do escritorio", r"ausente(?: do escritorio)?", r"de licenca(?: medica| maternidade| paternidade)?", r"em viagem", r"(?:de|em) recesso",
)  # fmt: skip
_NOT_THERE = _or("no (?:estoy|estare|me encuentro|voy a estar) (?:disponible|en la oficina)", "nao (?:estou|estarei) (?:disponivel|no escritorio)", "(?:i am|i'm|i will) not (?:be )?(?:in the office|available)")  # fmt: skip
_CLOSED = (
    r"(?:(?:our|the|nuestras?|las?|nosso|o) (?:offices?|oficinas?|escritorio)|el comercio) "
    r"(?:is|are|will be|esta|estan|estara|estaran|permanecera|permaneceran) (?:currently )?(?:closed|cerrad[oa]s?|fechado)"
)
_WHY = (
    r"(?:for|on|in observance of|due to|por|de|com|para|a|em) (?:(?:the )?holidays|work|business|training|vacations?|capacitacion|trabajo|vacaciones|"
    r"maternidad|paternidad|motivos? (?:personales|de salud)|feriado|trabalho|ferias)"
)

# -- what people leave out ---------------------------------------------------------------------------------------------

_ON_RETURN = _or(r"(?:up)?on (?:my|our) return", r"(?:when|once|after) (?:i|we) (?:return|get back|am back|are back)|when i'm back", r"(?:a|tras|desde) mi (?:regreso|vuelta|retorno)", r"cuando regrese", r"(?:no|ao) meu retorno", r"quando (?:eu )?(?:voltar|retornar)")  # fmt: skip
_SOON = _or("as soon as (?:possible|i can)", "at my earliest convenience", "promptly", "a la (?:mayor )?brevedad(?: posible)?", "lo antes posible", "cuanto antes", "assim que possivel", "o mais breve possivel", "em breve", "en breve")  # fmt: skip
_WILL_ANSWER = _or("(?:i |we )?(?:will|shall) (?:respond|reply|get back|answer|attend)(?: to)?", "(?:i|we)'ll (?:respond|reply|get back)(?: to)?", "(?:le |te )?(?:respondere|contestare|responderemos|respondo)", "tratare de (?:responder|contestar)(?:le|te)?", "responderei", "retornarei", "retornaremos", "responderemos", "voltarei a responder")  # fmt: skip
_NOT_READ = rf"(?:(?:i am |i'm |i will )?not (?:be )?|won't be )(?:reading|checking|monitoring) (?:my )?{_MAIL}|(?:no voy a leer|no leere|no leo|nao lerei) (?:el |los |mis? |os? )?{_MAIL}|(?:my |your )?{_MAIL} will not be (?:monitored|read|forwarded)"
_LIMITED = _or("limited", "limited or no", "intermittent", "sporadic", "restricted")
_LITTLE_ACCESS = _or(
    rf"(?:with|(?:i )?(?:will )?have|having) (?:only |very )?(?:{_LIMITED} access to (?:my |the )?{_MAIL}|{_LIMITED} {_MAIL} access)", rf"will have no access to (?:my )?{_MAIL}",
    rf"(?:con|tendre) acceso (?:muy )?(?:limitado|restringido|intermitente) (?:al?|a mis?|a los) {_MAIL}", rf"(?:no tendre acceso|sin acceso regular) (?:al?|a mis?|a los) {_MAIL}", "con conectividad limitada",
    rf"(?:com|terei) acesso (?:limitado|restrito) (?:ao|aos|ao meu|aos meus) {_MAIL}", rf"(?:nao terei acesso|sem acesso regular) (?:ao|aos|ao meu|aos meus) {_MAIL}",
)  # fmt: skip
# "No access to email since Monday" may be the very fault that is told.
_NO_ACCESS = rf"(?:(?:with no|without) access to (?:my )?{_MAIL}|sin acceso (?:al?|a mis?|a los) {_MAIL}|sem acesso (?:ao|aos|ao meu|aos meus) {_MAIL})(?! (?:since|desde))"
_URGENT = _or(
    r"urgen(?:t|cy|te|tes|cia|cias)", r"immediate", r"emergenc(?:y|ies|ia|ias)", "inmediata", "imediata"
)
_IN_ABSENCE = _or("(?:in|during) my absence", "(?:en|durante) mi ausencia", "(?:na|durante(?: a)?) minha ausencia", "during this (?:time|period)", "durante este periodo", "(?:nesse|neste|durante este) periodo")  # fmt: skip
_IF_URGENT = _or(
    rf"(?:for|in case of|with) (?:any |all |an |anything )?{_URGENT}(?: (?:and \w+ )?(?:matters?|issues?|requests?|enquiries|inquiries|assistance|help|attention|cases?))?",
    rf"if (?:(?:it is|it's|this is|your (?:{_MATTER}|matter) is|the matter is) )?urgent",
    rf"(?:if|should) you (?:need|require) (?:any )?(?:{_URGENT} )?(?:assistance|help|attention|support)(?: while i am away)?", "for assistance",
    rf"(?:ante|por|para|si|de|cualquier|em|en|nos?)(?: (?:(?:su|tu) {_MATTER}|es|ser|una?|algun|alguna|cualquier|casos?|temas?|asuntos?|cuestiones|assuntos?|questoes|de|requerir|necesitar|atencion))* {_URGENT}",
    r"(?:ante|para|por)(?: cualquier)? consultas?",
)  # fmt: skip
_ASK = _or(
    rf"(?:please |kindly |you (?:can|may) )*(?:contact|call|e-?mail|write to|reach out to|get in touch with|text|phone|direct (?:all |any |your )*{_MATTER}(?:ies|s)? to|direct all enquiries to)",
    rf"(?:por favor,? |favor (?:de )?|(?:se )?puede |podes |podras? )*(?:contactar(?:se)?|contactate|comunicar(?:se|te)|comunicate|comuniquese|dirigirse|dirijase|dirigir (?:sus?|tus?) {_MATTER}|escrib(?:ir|a|ile|ale)|llamar|llame|pongase en contacto|ponerse en contacto|contacte)(?: (?:al?|con|a la|a los|en))?",
    r"(?:por favor,? |favor )*(?:contatar|contate|contactar|contacte|procurar|procure|ligar|ligue|falar|fale|escrever|escreva|(?:entrar|entre) em contato)(?: (?:com|para|pelo|pela|ao|a|o))?",
)  # fmt: skip

# -- courtesies --------------------------------------------------------------------------------------------------------

_THANKS = _or(
    rf"(?:thank you|thanks)(?: very much| so much)? for (?:your|the) {_MATTER}", "(?:thank you|thanks) for (?:contacting|writing|reaching out|getting in touch)(?: to)?(?: me| us)?", rf"i have received your {_MATTER}",
    rf"(?:muchas )?(?:gracias por|agradezco) (?:su|tu|el|sus) {_MATTER}", "(?:muchas )?gracias por (?:escribir(?:me)?|contactarme|comunicar(?:te|se)(?: conmigo)?)", rf"(?:he recibido|recibi) (?:su|tu) {_MATTER}",
    rf"(?:muito )?(?:obrigad[oa] (?:pelo|por|pela)|agradeco)(?: [oa])?(?: (?:seu|sua))? {_MATTER}",
)  # fmt: skip
_GREETING = rf"(?:hi|hello|dear|good (?:morning|afternoon|day)|hola|buen(?:os|as)? (?:dias?|tardes?|noches?)|estimad[oa]s?(?:/[oa]s?)?|ola|oi|bom dia|boa tarde|prezad[oa]s?)(?: (?:there|all|sender|sir or madam|a todos|todos|{NAME}))?"
_WISHES = _or(
    "(?:muchas )?gracias(?: por (?:su|tu) (?:comprension|paciencia))?", "(?:thank you|thanks)(?: for your (?:understanding|patience))?", "obrigad[oa](?: pela compreensao)?", r"(?:sorry|apologies) for (?:any|the) inconvenience", "disculpen? las molestias", "desde ya,?",
    rf"(?:(?:un |cordiales )?saludos?(?: cordiales)?|atentamente|atenciosamente|(?:kind |best |warm )?regards|best|abrazos?)(?:,? {NAME})?", "que tengas? un (?:buen|excelente|lindo) dia", "have a (?:nice|great|good) day", f"happy (?:holidays|{NAME})", "felices fiestas", "boas festas", r"tudo bem\?", "otherwise", "hello and",
)  # fmt: skip

# What a note may be made of. Kind -> its turns; the longest that fits counts, of equals the first.
_TURNS: Mapping[str, str] = {
    "away": _or(rf"(?:{_PRESENTLY},? )*{_I_AM}(?: {_PRESENTLY})? {_AWAY}", rf"(?:{_PRESENTLY},? )*{_NOT_THERE}", _CLOSED),
    "why": _WHY,
    "unread": rf"(?:{_NOT_READ}|{_LITTLE_ACCESS})(?: {_IN_ABSENCE})?(?! (?:since|desde))",
    "no access": rf"{_NO_ACCESS}(?: {_IN_ABSENCE})?",
    "answered": _or(rf"{_WILL_ANSWER}(?: you)? {_YOURS}(?: (?:{_SOON}|{_ON_RETURN}))*", rf"(?:{_SOON}|{_ON_RETURN}),? {_WILL_ANSWER} {_YOURS}", "please expect (?:a delay|delays) in my (?:response|reply)", "(?:but )?there (?:may|will) be (?:a delay|delays) (?:in my (?:response|reply)|before you hear from me)"),
    "promised": _or(rf"{_WILL_ANSWER}(?: you)?(?: (?:{_SOON}|{_ON_RETURN}))+", "no (?:puedo|podre) responder", "nao (?:posso|poderei) responder"),
    "if urgent": rf"(?:{_IF_URGENT}|{_IN_ABSENCE})",
    "asked instead": rf"{_ASK} {_WHOM}(?: (?:with any questions|{_IF_URGENT}))?",
    "thanks": _THANKS,
    "back": _or(
        r"(?:i |we )?(?:will |'ll |am |i'm |i'll )?(?:be )?(?:back|return|returning|reopen)(?: (?:in|to|at) (?:the office|work))?", "will not return",
        r"(?:regreso|regresare|vuelvo|volvere|retorno|retornare|estare de (?:vuelta|regreso)|me reincorporo|retomo mis (?:tareas|actividades)|retomamos la atencion|retomaremos la atencion|volto|voltarei|retornarei|estarei de volta)(?: (?:a la oficina|a mis (?:tareas|actividades)|as atividades|ao trabalho|ao escritorio))?",
    ),
    "span": _SPAN,
    "courtesy": _or(_GREETING, _WISHES),
}  # fmt: skip
# They tell when and why of what stands beside them: in a sentence of their own they answer a question ("On Monday.").
BESIDE_OTHERS = frozenset({"span", "why"})
ABBREVIATED = re.compile(rf"\b({_SHORT}|tel|ext|int|sra?|lic|ing|dra?|mrs?|ms)\.")
BETWEEN = re.compile(r"(?:[\s.,;:!()*_-]|(?:and|or|y|e|o|ou)(?!\w))+")


@cache
def turns() -> Mapping[str, re.Pattern[str]]:
    """Return the patterns by kind. Compiled for the first answer that needs them: the start waits for nothing."""
    return {kind: re.compile(rf"{pattern}(?!\w)") for kind, pattern in _TURNS.items()}
