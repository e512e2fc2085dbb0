"""Is it only thanks or a greeting? In three languages, slang included; "gracias, pero sigue fallando" is not.

Sentence by sentence: every one must be courtesy (thanks, wishes, a greeting, "it works now") or a bare name, and nothing may
ask, object or tell of trouble. When in doubt the mail is a case: a needless case costs a minute, a lost one a client.
"""

import re

from triage.core.comparable import fold, folded
from triage.core.message import Message

_WORDS_AT_MOST = 70
_CLAUSE_WORDS = 22
_NAME_WORDS = 5

_THANKS = re.compile(
    r"\b(?:(?:mil|muchas|muchisimas|infinitas)?\s?gracias|gracia[sz]|grac?ia|graciass+|grax|grcs|agradec\w*|agradezco|merci|"
    r"thank\w*|thx|tks|tnx|ty|cheers|appreciate\w*|grateful|kudos|"
    r"obrigad\w*|obg|brigad\w*|valeu|vlw|grat[oa]s?|"
    r"geni[oa]s?|genial\w*|crack\w*|joya|joia|idolo\w*|capos?|grosos?|maquinas?|fenomeno|excelente\w*|perfect[oa]?|perfeit[oa]|buenisimo|barbaro|impecable|espectacular|"
    r"great|awesome|excellent|brilliant|wonderful|amazing|fantastic|lovely|superb?|otim[oa]|show|maravilh\w+|maravill\w+|bacana|legal|beleza|blz|"
    r"listo|dale|ok|okay|oki|okey|okis|recibido|recebido|received|entendido|noted|de acuerdo|combinado|confirmad[oa]|confirmo|confirmed|joya|buena onda|de diez|un diez|"
    r"ya (?:anda|funciona|quedo|esta|pude|entro|entra|carga|salio|levanto|volvio|se ve|se arreglo|lo vi)|(?:anda|funciona|quedo|salio|funciono|anduvo|funcionando) (?:todo|bien|perfecto|joya|10|barbaro|de nuevo bien)|todo (?:bien|ok|perfecto|en orden|funcionando|joya)|"
    r"solucionad[oa]|resuelt[oa]|arreglad[oa]|resolvid[oa]|funcionou|voltou ao normal|deu certo|ja (?:esta|voltou|funciona|consegui)|tudo (?:certo|ok|bem|funcionando)|"
    r"works? (?:now|fine|again|perfectly|great)|working (?:now|fine|again|perfectly)|all good|all set|it works|fixed|solved|sorted|"
    r"felic\w+|feliz|felices|navidad|natal|christmas|xmas|new year|holidays?|fiestas|festas|pascuas?|pascoa|easter|ano nuevo|ano novo|prosper\w*|brindis|deseamos|deseo|desejamos|desejo|wish\w*|congratul\w*|parabens|enhorabuena|cumpleanos|aniversario|happy|merry|"
    r"saludos?|abrazos?|abracos?|abs|besos?|beijos?|bjs|atte|atentamente|cordialmente|cordial(?:es)?|regards|best|sincerely|atenciosamente|att|"
    r"buen (?:finde|fin de semana|descanso|trabajo|domingo|sabado)|bom (?:fim de semana|descanso|trabalho|feriado)|have a (?:nice|great|good)|que tengas?|que tengan|tenha um)\b"
)
_SALUTATION = re.compile(
    r"\b(?:"
    r"hola|holis|buen(?:os|as)? (?:dias?|tardes?|noches?)|buenas|hello|hi|hey|dear|good (?:morning|afternoon|evening)|ola|oi|bom dia|boa (?:tarde|noite)|"
    r"queridos?|queridas?|estimad[oa]s?|prezad[oa]s?)\b"
)
_OBJECTION = re.compile(
    r"[?¿]|\b(?:pero|sin embargo|aunque|salvo|excepto|menos|todavia|aun|sigue[ns]?|seguimos|sigo|siguio|no|ni|nunca|tampoco|nada|otra vez|de nuevo|nuevamente|volvio a|vuelve a|volvieron|"
    r"but|however|although|though|still|yet|except|unless|not|isn't|doesn't|don't|can't|cannot|won't|didn't|never|nothing|again|"
    r"mas|porem|contudo|entretanto|ainda|continua\w*|exceto|nao|nem|novamente|outra vez|de novo|"
    r"necesit\w*|podrias?|podrian|podemos|puede[ns]?|podes|pueden|quier\w*|queremos|quisier\w*|querria\w*|falta\w*|ademas|tambien|consulta\w*|pregunta\w*|solicit\w*|avis\w*|pidan|pido|pedimos|manden?|envien|revis\w*|fijate|fijense|cuando|cuanto|como|donde|"
    r"could|can|would|need\w*|want\w*|please|pls|also|question\w*|request\w*|when|how|where|why|"
    r"precis\w*|gostar\w*|pode[mr]?|poderia\w*|podem|queria\w*|duvida\w*|tambem|alem|quando|quanto|onde|"
    r"error\w*|erro|erros|fall[aoe]\w*|caid[oa]s?|problem\w*|inconvenient\w*|urgente?\w*|down|broken|fail\w*|bug\w*|lent[oa]\w*|slow|cay[oe]\w*|caiu|adjunt\w*|anexo\w*|attached|presupuest\w*|factura\w*|invoice\w*|orcamento\w*)\b|https?:"
)
# Said kindly although a word of it looks like an objection.
_HARMLESS = re.compile(
    r"\b(?:no hay (?:problema|apuro|drama|de que)|ningun problema|sin (?:problemas?|inconvenientes?)|no problem(?:s)?|no worries|sem problemas?|nao ha problema|nada mas|por nada|de nada|mas que (?:nada|bien)|no faltaba mas|"
    r"como siempre|as always|como sempre|not a problem|no more (?:problems|issues|errors)|problema (?:solucionado|resuelto|resolvido)|problem (?:solved|fixed)|(?:solucionado|resuelto|resolvido) (?:el|o) problema|"
    r"(?:ya |you )?(?:pueden|podes|puede|podemos|pode|podem|can|please) (?:cerrar|dar por cerrado|dar por resuelto|close|fechar|encerrar)(?: (?:el|este|the|this|o|esse|nuestro))?(?: (?:caso|case|ticket|reclamo|chamado))?|"
    r"when you can|por avisar\w*|gracias por (?:avisar|revisar\w*|la ayuda con el problema)|thanks for (?:the )?(?:help|fixing|your help|letting me know|letting us know)|"
    r"obrigad[oa] por (?:avisar|revisar)|ya no (?:falla|da error|aparece)|de nuevo gracias|gracias de nuevo|gracias nuevamente|nuevamente,? gracias|otra vez gracias|gracias otra vez|thanks again|obrigad[oa] (?:novamente|de novo|mais uma vez))\b"
)
_SENTENCE = re.compile(r"[.,!;:\n]+|\s-\s")
_ANSWER = re.compile(r"\s*(?:re|res|aw|sv|antw|rv|odp|vs)\s?:", re.IGNORECASE)
_GENERIC_SUBJECTS = frozenset(
    folded(("", "(sin asunto)", "sin asunto", "no subject", "(no subject)", "sem assunto", "(sem assunto)"))
)


def is_only(message: Message, own: str) -> bool:
    """Say whether the writer's own text is courtesy alone. A new mail's subject must be too: some write all in it."""
    if any(not attachment.inline for attachment in message.attachments) or not own.strip():
        return False
    greeting = False
    if not _ANSWER.match(message.subject) and not message.in_reply_to:
        titled = fold(message.subject) not in _GENERIC_SUBJECTS
        if titled and not _is_courteous(message.subject, greeting=True):
            return False
        greeting = titled  # without a subject a bare "hello" may be a first try at writing to us
    return _is_courteous(own, greeting=greeting)


def _is_courteous(text: str, *, greeting: bool) -> bool:
    """`greeting`: a bare greeting is enough (in an answer it begins a question; a name beside it may be asked for)."""
    if len(text) > 1_200 or len(text.split()) > _WORDS_AT_MOST:
        return False
    lines = [_HARMLESS.sub(" gracias ", fold(line)) for line in text.split("\n")]
    if any(_OBJECTION.search(line) or line.startswith("!") for line in lines):  # "!": an agent's command
        return False
    sentences = [part for line in _paragraphs(lines) for part in _SENTENCE.split(line) if part.strip()]
    kind = [_is_kind(sentence) for sentence in sentences]
    if not any(_THANKS.search(sentence) for sentence in sentences):
        return _is_gesture(text) or (greeting and all(kind) and len(text.split()) <= _NAME_WORDS)
    closing = _paragraphs(lines)[-1]
    return all(
        len(sentence.split()) <= _CLAUSE_WORDS if courteous else _is_name(sentence, last=sentence == closing)
        for sentence, courteous in zip(sentences, kind, strict=True)
    )


def _is_kind(sentence: str) -> bool:
    return bool(_THANKS.search(sentence) or _SALUTATION.search(sentence)) or not any(
        map(str.isalnum, sentence)
    )


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines that a program wrapped belong together: only a blank or a short line ends a sentence by itself."""
    joined: list[str] = []
    open_line = False
    for line in lines:
        if open_line and line:
            joined[-1] = f"{joined[-1]} {line}"
        elif line:
            joined.append(line)
        open_line = len(line) > 55
    return joined


def _is_name(sentence: str, *, last: bool) -> bool:
    """A name, a firm, a post: a few words; the closing line may be longer ("Ana y todo el equipo de Vivero Sol")."""
    words = sentence.split()
    return len(words) <= (9 if last else _NAME_WORDS) and not any(char.isdigit() for char in sentence)


def _is_gesture(text: str) -> bool:
    """A thumb or a smile alone."""
    bare = text.strip()
    return bool(bare) and len(bare) <= 12 and not any(char.isalnum() for char in bare)
