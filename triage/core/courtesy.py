"""Is it only thanks or a greeting? In three languages, slang included; "gracias, pero sigue fallando" is not.

Sentence by sentence: every one must be courtesy (thanks, wishes, a greeting, "it works now") or a bare name, and
nothing may ask, object or tell of trouble. When in doubt the mail is a case: a needless case costs a minute, a lost one
a client.
"""

import re

from triage.core.comparable import fold, folded
from triage.core.message import Message

_WORDS_AT_MOST = 70
_CLAUSE_WORDS = 22
_NAME_WORDS = 5
_LETTER = 1_000

_THANKS = re.compile(
    r"\b(?:(?:mil|muchas|muchisimas|infinitas)?\s?gracias|gracia[sz]|grac?ia|graciass+|grax|grcs|agradec\w*|agradezco|merci|"
    r"thank\w*|thx|tks|tnx|ty|cheers|appreciate\w*|grateful|kudos|"
    r"obrigad\w*|obg|brigad\w*|valeu|vlw|grat[oa]s?|"
    r"geni[oa]s?|genial\w*|crack\w*|joya|joia|idolo\w*|capos?|grosos?|maquinas?|fenomeno|excelente\w*|perfect[oa]?|perfeit[oa]|buenisimo|barbaro|impecable|espectacular|"
    r"great|awesome|excellent|brilliant|wonderful|amazing|fantastic|lovely|superb?|otim[oa]|show|maravilh\w+|maravill\w+|bacana|legal|beleza|blz|"
    r"listo|dale|ok|okay|oki|okey|okis|recibido|recebido|received|entendido|noted|de acuerdo|combinado|confirmad[oa]|confirmo|confirmed|joya|buena onda|de diez|un diez|"
    r"ya (?:anda|funciona|quedo|esta|pude|entro|entra|carga|salio|levanto|volvio|se ve|se arreglo|lo vi)|(?:anda|funciona|quedo|salio|funciono|anduvo|funcionando) (?:todo|bien|perfecto|joya|10|barbaro|de nuevo bien)|todo (?:bien|ok|perfecto|en orden|funcionando|joya)|"
    r"solucionad[oa]|resuelt[oa]|arreglad[oa]|resolvid[oa]|funcionou|voltou ao normal|deu certo|ja (?:esta|voltou|funciona|consegui)|tudo (?:certo|ok|bem|funcionando)|"
    r"back (?:to (?:work|normal)|online)|up and running|so patient|for (?:the|your|all your) patience|por (?:la|su|tu|a|sua|tanta) pacien\w+|"
    r"works? (?:now|fine|again|perfectly|great)|working (?:now|fine|again|perfectly)|all good|all set|it works|fixed|solved|sorted|"
    r"felic\w+|feliz|felices|navidad|natal|christmas|xmas|new year|holidays?|fiestas|festas|pascuas?|pascoa|easter|ano nuevo|ano novo|prosper\w*|brind[ieo]s?|brindis|brindamos|toast|tamos? junto|nota (?:mil|dez|10)|(?:1\d|\d) (?:da|de la|in the) (?:manha|madrugada|manana|morning) (?:e|y|and) (?:voces|ustedes|you)|deseamos|deseo|desejamos|desejo|wish\w*|congratul\w*|parabens|enhorabuena|cumpleanos|aniversario|happy|merry|"
    r"saludos?|abrazos?|abracos?|abs|besos?|beijos?|bjs|atte|atentamente|cordialmente|cordial(?:es)?|regards|best|sincerely|atenciosamente|att|"
    r"(?:son|sos) (?:(?:un[oa]?s?|l[oa]s?|re|muy|tan) )*(?:mejor(?:es)?|sol(?:es)?|amor(?:es)?|angel(?:es)?|divin[oa]s?|santos?|tesoros?|dios[ae]s?)|you guys rock|you (?:all )?rock|"
    r"you(?:'re| are)(?: all| guys| both)? (?:(?:a|an|the|such|real|true|absolute|total) )*(?:stars?|best|legends?|angels?|hero(?:es)?|lifesavers?|gems?|treasures?|saints?)|"
    r"voces (?:sao (?:(?:uns|umas|muito) )*(?:demais|os melhores|incriveis|feras|anjos|amores|maravilhos[oa]s|otim[oa]s|10|nota 10)|arrasam|arrasaram)|"
    r"(?:me|nos) (?:(?:re|super|mega|mucho|muito) ?)*(?:sirvio|sirvieron|ayudo|ayudaron|ajudou|ajudaram)(?: (?:un monton|muchisimo|mucho|bastante|muito|demais|bocado|um monte))*$|"
    r"(?:buena?|linda|boa|otima|good|nice|great|lovely) (?:semana|week\w*)|"
    r"buen (?:finde|fin de semana|descanso|trabajo|domingo|sabado)|bom (?:fim de semana|descanso|trabalho|feriado)|have a (?:nice|great|good)|que tengas?|que tengan|tenha um)\b"
)
# A fear that is over: "pensé que perdíamos el día".
_RELIEF = re.compile(
    r"\b(?:pense|pensaba|crei|creia|temia|temi|(?:i|we) thought|achei|achava|pensei) (?:que |we |i |ya |nos )*"
    r"(?:perdiamos|perdia|perderiamos|iba(?:mos)? a perder|(?:would|'d|were going to) lose|perderia\w*|ia(?:mos)? perder)\b"
)
# Good news that ends there: "los pedidos entran como agua", "ya publiqué mi primera novedad"; of what comes "en cero" it is none.
_GOOD_NEWS = re.compile(
    r"\b(?:"
    r"(?:orders|sales|bookings|payments) (?:are|have been|keep|started) (?:\w+ )?(?:pouring|flooding|rolling|coming|flowing|streaming) in|"
    r"(?:entran|estan entrando|llueven|volvieron|caen|volvieron a entrar) (?:los|las) (?:pedidos|ventas|pagos|reservas)|(?:los pedidos|las ventas|los pagos|las reservas) (?:ya )?(?:entran|llueven|volvieron|estan entrando)|"
    r"(?:os pedidos|as vendas) (?:ja )?(?:voltaram|estao (?:entrando|chovendo))|(?:estao (?:entrando|chovendo)|voltaram) (?:os pedidos|as vendas)|"
    r"(?:publique|publicamos|subi|subimos|vendi|vendimos|hice|hicimos|arme|cargue|logre|published|sold|made|publiquei|vendi|vendemos|fiz|fizemos) (?:(?:mi|nuestr[oa]|la|el|my|our|a|o|minha|nossa|meu|nosso) )*(?:primera?|first|primeir[oa]) \w+"
    r")(?: (?:solit[oa]|sozinh[oa]|by myself|on my own|sin parar|sem parar|(?:like|feito) \w+|like a \w+|a (?:full|lo loco|montones|rolete|mares)))?\s*$"
)
# What they would give us: "te debo una cerveza".
_GIFTS = re.compile(
    r"\b(?:(?:te|les) (?:debo|debemos|invito|invitamos|regalaria|llevaria|mandaria|invitaria) (?:un[oa]?s? )?(?:cervezas?|birras?|asado|medialunas|cafe|torta|flores|chocolates|facturas(?= si (?:te|los|las|les) ))|"
    r"(?:i|we) owe you (?:a|one|some) ?(?:beers?|coffee|drinks?|pints?|cake|lunch)?|devo (?:um|uma) (?:cerveja|cafe|churrasco|bolo))\b"
)
_SALUTATION = re.compile(
    r"\b(?:"
    r"hola|holis|buen(?:os|as)? (?:dias?|tardes?|noches?)|buenas|hello|hi|hey|dear|good (?:morning|afternoon|evening)|ola|oi|bom dia|boa (?:tarde|noite)|"
    r"queridos?|queridas?|estimad[oa]s?|prezad[oa]s?)\b"
)
_OBJECTION = re.compile(
    r"[?¿]|\b(?:pero|sin embargo|aunque|salvo|excepto|menos|todavia|aun|sigue[ns]?|seguimos|sigo|siguio|no|ni|nunca|tampoco|nada|ningun[oa]s?|nadie|otra vez|de nuevo|nuevamente|volvio a|vuelve a|volvieron|"
    r"but|however|although|though|still|yet|except|unless|not|isn't|doesn't|don't|can't|cannot|won't|didn't|never|nothing|none|nobody|again|"
    r"mas|porem|contudo|entretanto|ainda|continua\w*|exceto|nao|nem|ninguem|nenhum[a]?|novamente|outra vez|de novo|"
    r"necesit\w*|podrias?|podrian|podemos|puede[ns]?|podes|pueden|quier\w*|queremos|quisier\w*|querria\w*|falta\w*|ademas|tambien|consulta\w*|pregunta\w*|solicit\w*|avis\w*|pidan|pido|pedimos|manden?|envien|revis\w*|fijate|fijense|cuando|cuanto|como|donde|"
    r"(?:dejo|dejaron|deja|dejan|deixou|deixaram|parou|pararam) de|stopped|mal|peor|pior|worse|wrong|"
    r"could|can|would|need\w*|want\w*|please|pls|also|question\w*|request\w*|when|how|where|why|"
    r"precis\w*|gostar\w*|pode[mr]?|poderia\w*|podem|queria\w*|duvida\w*|tambem|alem|quando|quanto|onde|"
    r"error\w*|erro|erros|fall[aoe]\w*|caid[oa]s?|problem\w*|inconvenient\w*|urgente?\w*|down|broken|fail\w*|bug\w*|lent[oa]\w*|slow|cay[oe]\w*|caiu|adjunt\w*|anexo\w*|attached|presupuest\w*|factura\w*|invoice\w*|orcamento\w*)\b|https?:"
)
# Said kindly although a word of it looks like an objection.
_HARMLESS = re.compile(
    r"\b(?:no hay (?:problema|apuro|drama|de que)|ningun problema|sin (?:problemas?|inconvenientes?)|no problem(?:s)?|no worries|sem problemas?|nao ha problema|nada mas|por nada|de nada|mas que (?:nada|bien)|no faltaba mas|"
    r"(?:anda|andando|funciona|funcionando|entra|vende|vendiendo|cobra|carga|normal|bien|arriba|en linea|online|working|running|funcionou|vendendo)(?: todo| tudo| bien| bem)? (?:de nuevo|nuevamente|otra vez|again|de novo|novamente|outra vez)|"
    r"(?:volvi[oe]ron|volvio|voltou|voltaram) (?:a|ao) (?:funcionar|andar|la normalidad|normal)|"
    r"(?:problem|trouble|issue|error)s? (?:is|are|was|were|has been|have been) (?:all )?(?:gone|solved|fixed|resolved|sorted)|"
    r"(?:nothing (?:else|more)|no (?:further|more) (?:action|help|changes?))(?: is| was)? (?:needed|required|to do)(?: from (?:you|your side|me|us))?|no need to (?:reply|answer|respond)|"
    r"no hace falta (?:nada(?: mas)?|responder|contestar|que (?:respondan|contesten))|nao precisa(?:m)? (?:responder|fazer (?:mais )?nada)|"
    r"(?:son|sos) lo mas|como (?:siempre|agua|locos?|pan caliente)|as always|como sempre|not a problem|no more (?:problems|issues|errors)|problema (?:solucionado|resuelto|resolvido)|problem (?:solved|fixed)|(?:solucionado|resuelto|resolvido) (?:el|o) problema|"
    r"(?:ya |you )?(?:pueden|podes|puede|podemos|pode|podem|can|please) (?:cerrar|dar por cerrado|dar por resuelto|close|fechar|encerrar)(?: (?:el|este|the|this|o|esse|nuestro))?(?: (?:caso|case|ticket|reclamo|chamado))?|"
    r"when you can|por avisar\w*|gracias por (?:avisar|revisar\w*|la ayuda con el problema)|thanks for (?:the )?(?:help|fixing|your help|letting me know|letting us know)|"
    r"obrigad[oa] por (?:avisar|revisar)|ya no (?:falla|da error|aparece)|de nuevo gracias|gracias de nuevo|gracias nuevamente|nuevamente,? gracias|otra vez gracias|gracias otra vez|thanks again|obrigad[oa] (?:novamente|de novo|mais uma vez))\b"
)
# Thanks for help in a trouble of the past: "gracias por salvarnos cuando perdimos el catálogo"; it ends there, or with a few words.
_THEN = re.compile(
    r"\b(?:gracias|agradezco|agradecemos|thanks|thank you|obrigad[oa]s?)(?: \w+){0,2} (?:por|for|pel[oa])(?: \w+){1,4}? (?:"
    r"cuando (?:(?:se|nos|les|me) )*(?:\w+(?:imos|ieron|aron|io)|cayo|quedamos|estuvimos|fallo|rompio|fue)|"
    r"when (?:we|i|it|the \w+|our \w+) (?:were|was|had|lost|went|got|broke|crashed|failed|needed)|"
    r"quando (?:(?:a|o|nos) )*(?:\w+ )?(?:caiu|perdemos|ficamos|tivemos|precisamos|quebrou|parou)"
    r")(?: (?!(?:pero|y|e|sigue|no|aun|todavia|ahora|hoy|otra|but|and|still|now|again|mas|ainda|agora|hoje)\b)\w+){0,4}(?=[.,!]|\s*$)"
)
# A letter at the season's turn looks back on the year's troubles and asks for nothing.
_SEASON = re.compile(
    r"\b(?:brindis|brinde|nochebuena|noche buena|vespera de natal|christmas eve|felices fiestas|felices pascuas|feliz (?:navidad|ano|natal|pascoa)|felicidades|felicitaciones|boas festas|saludos? (?:de fin de ano|navidenos?)|"
    r"(?:merry|happy) (?:christmas|xmas|new year|holidays?|easter)|season'?s greetings|prospero ano|buen ano|bom ano)\b"
)
_LOOKS_BACK = re.compile(
    r"\b(?:aquel(?:la|los|las)?|nos acordamos|me acuerdo|recordamos|recuerdo|se (?:termina|va|cierra|acaba) (?:el|un|este) ano|(?:todo )?(?:un|este|el) ano|"
    r"remember\w*|this year|past year|that night|last year|another year|lembramos|lembro|naquel[ea]|aquel[ea]|este ano|esse ano|um ano)\b"
)
_WISHES = re.compile(
    r"\b(?:que (?:\w+ ){0,5}(?:los|les|las|te|os|nos) encuentren?|que (?:tengan|tengas|pasen|disfruten)|que (?:tenham|o ano)|may (?:the|your|this)|wish\w*|deseamos|deseo|desejamos|desejo)\b"
)
# What somebody waits for now, even in such a letter.
_WAITS = re.compile(
    r"[?¿]|\b(?:necesit\w*|podrias?|podrian|puede[ns]?|podes|por favor|hoy|ahora|recien|sigue[ns]?|seguimos|siguen|adjunt\w*|factura\w*|presupuest\w*|urgente|desde (?:ayer|hoy|anoche|est[ae]|el|la|las|hace|que|ahora)|tiran?|dan?|(?<!hot )salen?|fallan?|dicen?|muestran?|se cayo|esta(?:n|mos)? (?:caid|lent|mal|sin|rot)\w*|"
    r"no (?:anda|funciona|carga|abre|entra|puedo|podemos|pueden|deja|llega|aparece|responde)\w*|quier(?:o|en) (?:que|saber|pedir)|queremos|quisier\w*|avisen|"
    r"need\w*|please|could|can(?:not|'t)?|today|now|since|still|attached|invoice\w*|is down|(?:isn't|doesn't|not) work\w*|"
    r"precis\w*|gostari\w*|poderia\w*|podem|hoje|agora|ainda|continua\w*|anexo|boleto|nao (?:funciona|abre|carrega|consegu\w*|entra|aparece))\b|https?:"
)
_FULL_STOP = re.compile(r"(?<=[.!])\s+|\n+")
_SENTENCE = re.compile(r"[.,!;:\n]+|\s-\s")
# "No quería dejar de saludarlos" denies nothing.
_POLITE = re.compile(
    r"\b(?:no (?:quer\w+|quisier\w+) dejar (?:de|pasar)|nao (?:quer\w+|podia) deixar de|nao poderia deixar de)\b"
)
_ANSWER = re.compile(r"\s*(?:re|res|aw|sv|antw|rv|odp|vs)\s?:", re.IGNORECASE)
_GENERIC_SUBJECTS = frozenset(
    folded(("", "(sin asunto)", "sin asunto", "no subject", "(no subject)", "sem assunto", "(sem assunto)"))
)


def is_only(message: Message, own: str) -> bool:
    """Say whether the writer's own text is courtesy alone. A new mail's subject must be too: some write all in it."""
    files = [attachment for attachment in message.attachments if not attachment.inline]
    if not own.strip():
        return False
    if files:  # a picture beside the season's wishes is a card; any other file is a matter
        cards = all(each.content_type.startswith("image/") for each in files)
        return cards and not message.in_reply_to and _is_season_s_letter(message.subject, own)
    greeting = False
    if not _ANSWER.match(message.subject) and not message.in_reply_to:
        titled = fold(message.subject) not in _GENERIC_SUBJECTS
        if titled and _is_season_s_letter(message.subject, own):
            return True
        if titled and not _is_courteous(message.subject, greeting=True):
            return False
        greeting = titled  # without a subject a bare "hello" may be a first try at writing to us
    return _is_courteous(own, greeting=greeting)


def _is_season_s_letter(subject: str, text: str) -> bool:
    """Say whether it wishes well in subject and text; a trouble may be named where it looks back, or is wished away."""
    if len(text) > _LETTER or not _SEASON.search(fold(subject)):
        return False
    lines = [fold(line) for line in text.split("\n")]
    whole = "\n".join(_paragraphs(lines))
    if _WAITS.search(_POLITE.sub(" ", whole)) or not (_SEASON.search(whole) or _WISHES.search(whole)):
        return False
    sentences = [_POLITE.sub(" ", each) for each in _FULL_STOP.split(whole)]
    troubled = [each for each in sentences if _OBJECTION.search(_HARMLESS.sub(" ", each))]
    return all(_LOOKS_BACK.search(each) or _WISHES.search(each) for each in troubled)


def _is_courteous(text: str, *, greeting: bool) -> bool:
    """`greeting`: a bare greeting is enough (in an answer it begins a question; a name beside it may be asked for)."""
    if len(text) > 1_200 or len(text.split()) > _WORDS_AT_MOST:
        return False
    lines = _kindly(text)
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


def objects(text: str) -> bool:
    """Say whether a text asks, objects or tells of trouble, besides what it says kindly."""
    return any(_OBJECTION.search(line) for line in _kindly(text))


def _kindly(text: str) -> list[str]:
    """Return the folded lines, thanks in the place of what only looks like an objection."""
    return [_without_kindness(fold(line)) for line in text.split("\n")]


def _without_kindness(line: str) -> str:
    for kindness in (_THEN, _GIFTS, _HARMLESS):
        line = kindness.sub(" gracias ", line)
    return line


def _is_kind(sentence: str) -> bool:
    kinds = (_THANKS, _SALUTATION, _RELIEF, _GOOD_NEWS)
    return any(kind.search(sentence) for kind in kinds) or not any(map(str.isalnum, sentence))


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
