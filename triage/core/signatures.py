"""Where a writer's own words end: signature marks, "sent from my phone" lines, list footers, disclaimers.

Works on one run of the writer's own lines (between quotes). What it finds is hidden from rules and reminders only;
a wrong guess may hide a footer too little, never a sentence that tells a fault: when in doubt it keeps.
"""

import re

from triage.core.comparable import fold, folded, holds_any

_LOOKED_AT = 300
_RULER = re.compile(r"[-_=*~#\u2500-\u257f\u2014\u2013 ]{3,}")
_DELIMITER = re.compile(r"--[ \t\u00a0]?|[\u2014\u2013]{1,2}-?[ \t]?|__[ \t]?|-{3,60}")
_LOOSE_DELIMITER_LINES = 10
_CLOSING_LINES = 8
_NOTICE_LENGTH = 60
_FOOTER_LINES = 25
_SIGNATURE_LINES = 300  # a signature stands among the last lines of what somebody wrote
_EDGES = re.compile(r"\A[^\w?¿]+|[^\w?¿]+\Z|\A_+|_+\Z")  # commas, stars, a smiling face
_POSTSCRIPTS = frozenset({"pd", "ps", "p.s", "p.d", "nota", "note", "obs"})

_SENT_FROM = re.compile(
    r"(?:sent (?:from|via|with|using) (?:my |the |a )?[\w.'+-]+(?: [\w.'+-]+){0,5}"
    r"|sent from (?:outlook|yahoo|mail|proton).{0,60}"
    r"|get outlook for .{2,20}"
    r"|(?:enviado|enviada) (?:desde|do|da|de|pelo|a partir do|com o|con) (?:mi|meu|minha|el|la|o|a)? ?[\w.'+-]+(?: [\w.'+-]+){0,5}"
    r"|obtener outlook para .{2,20}|obter o outlook para .{2,20}|obtenga outlook para .{2,20}"
    r"|envoye (?:de|depuis|a partir de) (?:mon|ma|l'application)? ?[\w.'+-]+(?: [\w.'+-]+){0,5}|telecharger outlook pour .{2,20}"
    r"|(?:von|gesendet von|gesendet mit|gesendet aus) (?:meinem|meiner|der|dem)? ?[\w.'+-]+(?: [\w.'+-]+){0,5}"
    r"|(?:outlook fur .{2,20} beziehen|holen sie sich outlook fur .{2,20})"
    r"|inviato (?:da|dal|dall'|con) ?(?:mio |il mio )?[\w.'+-]+(?: [\w.'+-]+){0,5}|scarica outlook per .{2,20}"
    r"|verzonden (?:vanaf|met|via|vanuit) (?:mijn|de)? ?[\w.'+-]+(?: [\w.'+-]+){0,5}"
    r"|(?:sendt|skickat|sent) (?:fra|fran) (?:min|mitt)? ?[\w.'+-]+(?: [\w.'+-]+){0,5}"
    r"|wyslan[eo] z (?:mojego)? ?[\w.'+-]+(?: [\w.'+-]+){0,5}|lahetetty .{2,40}|отправлено (?:из|с) .{2,40}"
    r"|iphone(?:から|より)送信|.{0,20}から送信|发自我的.{1,20}|나의 iphone에서 보냄)"
    r"(?: ?[<(\[]\S{4,120}[>)\]])?[.!]?"
)
# An advertisement of the program's, alone on its line: "Yahoo Mail: Search, Organize, Conquer".
_ADVERTISED = re.compile(r"yahoo mail: ?\w+, \w+, \w+")

_FOOTERS = folded(
    (
        "mailing list", "to unsubscribe", "unsubscribe from this", "you received this message because you",
        "you are receiving this because", "has recibido este mensaje porque estás suscrito", "para cancelar la suscripción",
        "recebeu esta mensagem porque", "para cancelar a inscrição", "mailman/listinfo", "lista de correo", "lista de discussão",
        "reply to this email directly or view it on", "libre de virus", "virus-free", "livre de vírus", "checked by avg",
        "this email has been checked for viruses", "este correo electrónico ha sido comprobado",
    )
)  # fmt: skip

_DISCLAIMER_HEADS = folded(
    (
        "aviso legal", "aviso de confidencialidad", "nota de confidencialidad", "clausula de confidencialidad",
        "aviso de confidencialidade", "aviso importante", "confidentiality notice", "legal notice", "legal disclaimer",
        "disclaimer", "confidencial", "confidencialidad", "confidentiality", "privacy notice", "aviso de privacidad",
        "proteccion de datos", "política de privacidad", "importante:", "important:",
    )
)  # fmt: skip
_ENVIRONMENT = folded(
    (
        "antes de imprimir", "before printing", "please consider the environment", "piense en el medio ambiente",
        "considere el medio ambiente", "pense no meio ambiente", "cuidemos el medio ambiente", "no imprima este",
    )
)  # fmt: skip
_DISCLAIMER_SUBJECTS = folded(
    (
        "este mensaje", "este correo", "este e-mail", "este email", "el contenido de este", "la información contenida",
        "la presente comunicación", "this message", "this e-mail", "this email", "the information contained",
        "the information transmitted", "the contents of this", "any views or opinions", "esta mensagem", "esta mensaje",
        "as informações contidas", "a informação contida", "o conteúdo desta", "este correio", "esta comunicación",
        "this communication", "los datos personales", "if you are not the intended", "si usted no es el destinatario",
        "si usted recibió", "si ha recibido", "se você recebeu", "caso você tenha recebido", "ce message", "diese e-mail",
        "diese nachricht", "questo messaggio",
    )
)  # fmt: skip
# What every legal notice speaks of, in one word or another; and what most of them add.
_SECRECY = folded(
    (
        "confidencia", "confidential", "privileg", "intended recipient", "intended for", "intended solely", "reservad",
        "uso exclusivo", "exclusivamente", "únicamente a su", "vertraulich", "riservat", "no se responsabiliza", "liability", "liable",
        "interceptad", "intercepted", "ley 25.326", "ley de protección de datos", "lgpd", "gdpr", "rgpd",
    )
)  # fmt: skip
_DISCLAIMER_WORDS = folded(
    (
        "destinatari", "recipient", "addressee", "unauthorized", "unauthorised", "prohibid", "proibid", "divulga", "revela",
        "por error", "por erro", "in error", "elimin", "delete", "responsab", "virus", "prohibited", "distribu", "disclos",
        "empfänger", "destinataire", "exclusiv", "transmisión", "derechos", "medio ambiente", "no responde por", "infectad", "infected", "adulterad",
    )
)  # fmt: skip

_SIGN_OFF = re.compile(
    r"(?:muchas |muito |mil |many |desde ya,? |un |os |kind |best |warm |warmest |with |yours |thanks and |gracias y |um |uma |com os |de ante mano |"
    r"con |mis |meus |cordiales |atentos |abrazo y |thank you,? |thanks,? |obrigad[oa],? |gracias,? )*"
    r"(?:saludos?|saludo cordial|saludos cordiales|saludos atentos|gracias|graciela s|atte|atentamente|cordialmente|cordiales|abrazos?|slds|sds|"
    r"regards|wishes|thanks|thank you|cheers|sincerely|truly|rgds|br|best|warmly|thx|"
    r"abracos?|abs|att|atenciosamente|obrigad[oa]|obg|saudacoes|cumprimentos|grat[oa]|"
    r"hilsen|mvh|cordialement|grussen|grusse|saluti)"
    r"(?: (?:cordiales|atentos|atte|para todos|a todos|desde ya|again|all|de antemano|y saludos|por todo|in advance|a mil|mil|"
    r"antecipadamente|desde ja|cordiais|and best regards|and regards|and kind regards|y quedo atent[oa]|mucho|a vos|again))*"
)


def own_end(lines: list[str], *, below_quote: bool = False) -> int:
    """Return how many of the lines are the writer's words; the rest is signature and footer. Never 0 if any has text,
    unless they stand below a quote: there programs put a signature that has no words of its own before it.
    """
    end = _last_written(lines, len(lines))
    first = next((index for index in range(end) if lines[index].strip()), 0)
    begins_with_words = not below_quote or is_sign_off(lines[first])
    for index in range(max(first + begins_with_words, end - _SIGNATURE_LINES), end):
        if _cuts(lines, index, end):
            return _last_written(lines, index)
    return end


def disclaimed(lines: list[str]) -> list[bool]:
    """Say of each line whether its paragraph is a legal notice; never all of them."""
    flags = [False] * len(lines)
    start = 0
    for index in range(len(lines) + 1):
        if index < len(lines) and lines[index].strip():
            continue
        paragraph = lines[start:index]
        if paragraph and is_disclaimer(" ".join(line[:_LOOKED_AT] for line in paragraph[:12])):
            flags[start:index] = [True] * (index - start)
        start = index + 1
    if all(flag or not line.strip() for flag, line in zip(flags, lines, strict=True)):
        return [False] * len(lines)
    return flags


def is_disclaimer(paragraph: str) -> bool:
    """Say whether a paragraph is a legal notice: it speaks of the mail itself, of secrecy, and of who may read it."""
    text = fold(paragraph.lstrip(" *_-#·•\t"))
    if text.startswith(_ENVIRONMENT):
        return True
    if len(text) < _NOTICE_LENGTH or not holds_any(text, _SECRECY):
        return False
    if text.startswith(_DISCLAIMER_HEADS):
        return True
    return holds_any(text[:200], _DISCLAIMER_SUBJECTS) and holds_any(text, _DISCLAIMER_WORDS)


def is_sent_from(line: str) -> bool:
    """Say whether a line is a phone's or a program's "sent from my ..." ."""
    text = fold(line[:_LOOKED_AT]).strip("*_- ")
    if _ADVERTISED.fullmatch(text):
        return True
    return 6 < len(text) < 160 and _SENT_FROM.fullmatch(text) is not None and not _is_sentence(text)


def _is_sentence(text: str) -> bool:
    return ", " in text or (text.endswith(".") and len(text.split()) > 7)


def is_ruler(line: str) -> bool:
    """Say whether a line is only drawn: dashes, underscores, stars."""
    return _RULER.fullmatch(line[:_LOOKED_AT].strip()) is not None


def is_sign_off(line: str) -> bool:
    """Say whether a line is only a closing phrase ("Saludos cordiales,")."""
    text = _EDGES.sub("", fold(line[:80]))
    return bool(text) and len(text) < 60 and _SIGN_OFF.fullmatch(text) is not None


def _cuts(lines: list[str], index: int, end: int) -> bool:
    line = lines[index][:_LOOKED_AT].rstrip("\r\n")
    if not line.strip():
        return False
    if line in {"-- ", "--\u00a0", "- -- "}:  # RFC 3676 section 4.3: the signature's delimiter
        return True
    if is_sent_from(line):
        return index + 1 >= end or not lines[index + 1].strip() or is_ruler(lines[index + 1])
    rest = [text for text in lines[index + 1 : min(end, index + 80)] if text.strip()]
    if _DELIMITER.fullmatch(line.strip()):
        return _loose_delimiter(lines, index, rest)
    if is_sign_off(line):
        return _closes(rest)
    if is_ruler(line):
        return _footer(rest) or (_signed_before(lines, index) and len(rest) <= _LOOSE_DELIMITER_LINES)
    return False


def _loose_delimiter(lines: list[str], index: int, rest: list[str]) -> bool:
    """A delimiter that lost its blank, or a dash: only where little follows and nothing in it asks or tells much."""
    if _footer(rest):
        return True
    if not rest or len(rest) > _LOOSE_DELIMITER_LINES:
        return False
    if _signed_before(lines, index):
        return True
    return (
        all(len(text) < 90 for text in rest)
        and not any("?" in text for text in rest)
        and len(lines[index].strip()) <= 3
    )


def _closes(rest: list[str]) -> bool:
    """Under a closing phrase stand a name, a post, a telephone: short lines that tell and ask nothing."""
    if not rest or len(rest) > _CLOSING_LINES:
        return False
    return not any("?" in line or len(line) > 70 or _tells(line) for line in rest)


def _tells(line: str) -> bool:
    words = [word for word in fold(line).split() if word[0].isalnum()]
    if not words:
        return False
    return (
        len(words) > 9
        or (len(words) > 4 and line.rstrip().endswith((".", "!", ":")))
        or words[0].rstrip(".:") in _POSTSCRIPTS
    )


def _footer(rest: list[str]) -> bool:
    return 0 < len(rest) <= _FOOTER_LINES and holds_any(
        fold(" ".join(text[:_LOOKED_AT] for text in rest[:6])), _FOOTERS
    )


def _signed_before(lines: list[str], index: int) -> bool:
    above = [line for line in lines[max(0, index - 12) : index] if line.strip()][-6:]
    return any(is_sign_off(line) for line in above)


def _last_written(lines: list[str], end: int) -> int:
    while end and (not lines[end - 1].strip() or is_ruler(lines[end - 1])):
        end -= 1
    return end
