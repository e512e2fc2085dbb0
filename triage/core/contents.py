"""Is it advertising, phishing or a newsletter? Judged by several independent marks, never by one.

A client must not be lost: each table is one mark, however many of its phrases occur, and a mail that answers one of
ours or hands something on is never judged by its content.
"""

import re

from triage.core import forwards
from triage.core.autoreplies import auto_submitted, precedences
from triage.core.comparable import Tables, fold, folded, holds_any
from triage.core.message import Message
from triage.core.model import Trust

_READ = 8_000
_NEWSLETTER = 3

_MARKS = Tables({
    "pitch": folded(
        (
            "primera página de google", "primera pagina", "primeros resultados", "resultados de google", "en los resultados", "posicionamiento web", "posicionamiento en google", "posicionamiento seo", "servicio de seo", "servicios seo", "seo services", "seo service", "seo expert", "seo company", "seo agency", "search engine optimization", "search engine rank", "first page of google", "page one of google", "top of google", "rank higher", "google ranking", "web traffic", "website traffic", "more traffic", "tráfico a su web",
            "redesign it", "redesign your", "website redesign", "web design service", "web development service", "rediseñar su", "rediseño de su", "diseño web desde", "desarrollo web desde", "app development", "team of developers", "developers and can", "lead generation", "qualified leads", "email list", "email database", "base de datos de empresas", "bases de datos de", "envíos masivos", "email marketing", "marketing digital", "digital marketing", "aumentar sus ventas", "aumente sus ventas", "aumentá tus ventas", "increase your sales", "grow your business", "multiplicar sus ventas", "multiplique sus ventas", "boost your", "primeira página do google", "otimização de sites", "aumentar suas vendas", "aumente suas vendas", "captação de clientes", "captar clientes", "nuevos clientes", "novos clientes", "seguidores", "followers", "outsourc", "virtual assistant", "business loan", "business funding", "explainer video", "#1 of google", "#1 on google", "number one on google", "le ofrecemos servidores", "le ofrecemos hosting", "le ofrecemos servicios", "asesor comercial", "asesora comercial", "ejecutivo de ventas", "outreach executive", "consultor comercial", "fabricante", "manufacturer in china", "somos fabricantes", "we are a manufacturer", "escaneo gratuito", "escaneo sin cargo", "escaneo de seguridad", "auditoría de seguridad gratuita", "diagnóstico gratuito", "free security scan", "free scan", "free vulnerability", "free penetration test", "varredura gratuita", "verificação de segurança gratuita", "promoción exclusiva", "oferta exclusiva", "exclusive offer", "oferta limitada", "limited time offer", "limited offer", "nuestro plan", "nuestros planes", "nossos planos",
        )
    ),
    "link trade": folded(("guest post", "backlink", "link building", "link insertion", "link exchange", "sponsored post", "sponsored article", "domain authority", "do-follow", "dofollow", "intercambio de enlaces", "artículo patrocinado", "compra de enlaces", "troca de links", "artigo patrocinado")),
    "approach": folded(
        (
            "ran a quick audit", "ran an audit", "ran a free audit", "quick audit of", "your website is invisible", "your site is invisible", "website is losing money", "browsing your website", "visited your website", "visiting your website", "came across your", "found your website", "reviewed your website", "looking at your website", "checked your website", "audit of your website", "analyzed your website", "errors on your website", "errors found on your", "noticed that your website", "noticed your website", "noticed it is not", "on your website and",
            "visité su sitio", "visitamos su sitio", "visité su web", "revisamos su", "revisé su", "analizamos su", "analicé su", "analizamos tu", "vimos su página", "vimos su sitio", "encontré su sitio", "encontramos su", "su sitio tiene errores", "detectamos errores", "errores graves", "google no la encuentra", "google no lo encuentra", "google cannot find", "serious errors", "erros graves", "o google não encontra", "encontró vulnerabilidades", "encontramos vulnerabilidades", "detectamos vulnerabilidades", "detectó vulnerabilidades", "páginas como la suya", "tiendas como la suya", "sitios como el suyo", "su sitio fue hackeado", "su sitio está en riesgo", "found vulnerabilities", "vulnerabilities on your", "vulnerabilities in your", "sites like yours", "shops like yours", "your site is at risk", "encontramos falhas no seu", "vulnerabilidades no seu", "lojas como a sua", "sites como o seu", "errores críticos que", "le hacen perder ventas", "está perdiendo clientes", "pierde clientes", "hacen perder", "make you lose", "losing customers", "losing visitors", "losing sales",
            "visitei seu site", "visitei o seu site", "analisamos seu site", "analisamos o seu site", "encontrei seu site", "seu site tem erros", "perdendo clientes", "perdendo vendas",
        )
    ),
    "lure": folded(
        (
            "sin cargo", "sem custo", "promoción válida", "promoção válida", "hasta agotar stock", "gratis", "gratuito", "gratuita", "gratuitamente", "for free", "free of charge", "free quote", "free audit", "free proposal", "free trial", "free consultation", "from only", "starting at $", "for just $", "only $", "% off", "% de descuento", "% desconto", "% de desconto", "le devolvemos el dinero", "devolvemos el dinero", "money back", "money-back", "devolvemos seu dinheiro", "sin compromiso", "no obligation", "sem compromisso", "no upfront", "guaranteed results", "resultados garantizados", "resultados garantidos", "garantizado", "guaranteed",
            "send you a proposal", "send you our", "send you a quote", "our portfolio", "share our portfolio", "schedule a call", "quick call", "book a call", "15 minutes", "agendar una llamada", "coordinar una reunión", "agendar uma", "le envío una propuesta", "enviarle una propuesta", "enviar uma proposta", "precios especiales", "best price", "mejor precio", "últimos cupos", "cupos limitados", "con la palabra", "limited places", "with the word", "vagas limitadas", "com a palavra", "solo por hoy", "aproveche", "aproveite", "haga clic", "click here", "clique aqui", "compre ya", "buy now", "order now", "contrate", "quiero mi",
        )
    ),
    "opt-out": folded(
        (
            "unsubscribe", "opt out", "opt-out", "if you do not wish", "if you don't want", "if this is not for you", "if you are not interested", "not interested, reply", 'reply "no"', "reply no", "reply stop", 'reply with "stop"', "remove me", "remove you from", "stop receiving", "no longer wish to receive", "i will not write again", "won't contact you again",
            "si no desea recibir", "si no deseas recibir", "si no querés recibir", "no desea recibir más", "dejar de recibir", "darse de baja", "darte de baja", "dar de baja tu suscripción", "cancelar suscripción", "cancelar la suscripción", "cancelar su suscripción", "desuscrib", "responda baja", "responder baja", "asunto baja", "remover de la lista", "ser removido", "si no le interesa, responda",
            "se não deseja receber", "caso não queira receber", "não deseja mais receber", "deixar de receber", "descadastr", "cancelar inscrição", "cancelar a inscrição", "cancelar assinatura", "sair da lista", "remover seu e-mail",
        )
    ),
    "anyone": folded(
        (
            "site owner", "website owner", "business owner", "webmaster,", "dear webmaster", "hello webmaster", "dear sir", "dear madam", "dear user", "dear customer", "dear client", "dear account", "dear email user", "dear friend", "dear beneficiary", "dear owner", "dear business", "dear mail", "dear valued", "dear winner", "hello friend", "attention:", "attn:",
            "propietario", "estimado usuario", "estimada usuaria", "estimado cliente", "estimado/a cliente", "estimado(a) cliente", "estimada/o cliente", "prezado(a) cliente", "prezado(a) usuário", "caro(a) cliente", "prezado/a cliente", "estimado titular", "querido usuario", "apreciado cliente", "estimado empresario", "emprendedor", "estimado amigo", "querido amigo", "estimado beneficiario", "a quien corresponda,", "estimado webmaster",
            "prezado usuário", "caro usuário", "prezado cliente", "caro cliente", "proprietário", "prezado titular", "empreendedor", "caro amigo",
        )
    ),
    "threat": folded(
        (
            "account will be suspended", "account has been suspended", "account suspended", "account will be closed", "account will be deactivated", "account has been limited", "account is limited", "verify your account", "verify your identity", "verify your email", "verify your mailbox", "verify your password", "confirm your account", "confirm your password", "confirm your identity", "validate your account", "validate your email", "update your account", "update your payment", "update your mailbox", "password expires", "password will expire", "password has expired", "mailbox is full", "mailbox is almost full", "mailbox quota", "storage limit", "exceeded its quota", "exceeded the storage", "pending messages", "undelivered messages", "messages are on hold", "unusual sign-in", "unusual activity", "suspicious activity", "suspicious sign-in", "keep the same password", "keep my password", "re-activate", "reactivate your", "will be deactivated", "will be terminated", "will be deleted", "avoid suspension", "incoming messages", "deactivation request", "domain will expire", "domain expires", "domain will be deleted", "domain will be released", "domain is overdue", "will be taken offline", "removal of your website", "registration of your trademark", "will be taken down",
            "cuenta será suspendida", "cuenta quedará", "cuenta ha sido suspendida", "cuenta fue suspendida", "cuenta está suspendida", "cuenta suspendida", "cuenta será bloqueada", "cuenta ha sido bloqueada", "cuenta bloqueada", "cuenta será cerrada", "cuenta será desactivada", "será desactivada", "será dada de baja", "servicio será interrumpido", "evitar la suspensión", "evitar el bloqueo", "evite la suspensión", "evite el bloqueo", "suspensión de su", "bloqueo de su", "evitar la interrupción", "verifique su", "verificar su cuenta", "verificá tu", "verifica tu cuenta", "confirme su contraseña", "confirme sus datos", "confirme su cuenta", "confirme su identidad", "valide su", "validar su cuenta", "actualice sus datos", "actualizar sus datos", "actualice su cuenta", "su contraseña expira", "su contraseña vence", "su contraseña caduca", "contraseña ha caducado", "contraseña expirará", "buzón está lleno", "buzón lleno", "casilla superó", "casilla está llena", "superó el límite", "superado el límite", "límite de almacenamiento", "cuota de correo", "cuota de almacenamiento", "mensajes pendientes", "mensajes retenidos", "correos retenidos", "actividad inusual", "actividad sospechosa", "inicio de sesión inusual", "reactivar su", "mantener su contraseña", "dominio será dado de baja", "dominio será eliminado", "dominio será liberado", "dominio vence hoy", "dominio vencerá", "dominio expira", "dominio quedará", "será retirado del aire", "retiro de su sitio", "baja de su sitio", "registro de su marca", "sitio será dado de baja", "sitio será retirado", "sitio será bloqueado", "saldrá del aire", "pago pendiente de su dominio", "su dominio registra una deuda",
            "conta será suspensa", "conta foi suspensa", "conta será bloqueada", "conta foi bloqueada", "conta bloqueada", "conta será desativada", "será desativada", "será encerrada", "evitar a suspensão", "evitar o bloqueio", "evite o bloqueio", "evite a suspensão", "bloqueio do seu", "suspensão do seu", "verifique sua", "verifique a sua", "confirme sua", "confirme seus dados", "valide sua", "atualize seus dados", "atualize sua conta", "sua senha expira", "senha expirou", "senha vai expirar", "caixa de correio está cheia", "caixa postal está cheia", "limite de armazenamento", "mensagens pendentes", "mensagens retidas", "domínio sairá do ar", "retirada do seu site", "registro da sua marca", "perder a sua marca", "domínio será", "domínio expira", "domínio vence hoje", "site sairá do ar", "será retirado do ar", "pendência referente ao", "atividade incomum", "atividade suspeita", "reativar sua",
        )
    ),
    "hurry": folded(
        (
            "within 24", "in 24 h", "within 48", "in 48 h", "24 hours", "48 hours", "immediately", "as soon as possible to avoid", "before it expires", "final notice", "last warning", "final warning", "urgent action", "immediate action", "action required", "expire today", "expires today",
            "en 24 h", "en 24h", "en 48h", "24 horas", "24 hs", "48 horas", "48 hs", "de inmediato", "inmediatamente", "acción inmediata", "último aviso", "última advertencia", "acción requerida", "vence hoy", "antes de que", "em 24 h", "em 24h", "em 48h", "imediatamente", "ação imediata", "último aviso", "ação necessária", "expira hoje",
        )
    ),
    "fortune": folded(
        (
            "you have won", "you've won", "lottery", "winning number", "claim your prize", "claim your reward", "gift card", "inheritance", "next of kin", "million dollars", "million usd", "million united states", "beneficiary", "business proposal", "confidential transaction", "transfer of funds", "investment opportunity", "bitcoin", "btc wallet", "crypto", "forex", "double your", "earn money", "make money", "work from home", "casino", "viagra", "cialis", "pharmacy", "hot singles", "adult dating", "western union", "loan offer", "personal loan", "recorded you", "your webcam", "i hacked", "i have hacked", "porn", "your contacts will", "replica watches", "weight loss", "cbd ",
            "usted ha ganado", "ha sido seleccionado", "has sido seleccionado", "fue seleccionado", "ganador", "sorteo", "reclamar su premio", "reclame su premio", "premio de", "herencia", "millones de dólares", "beneficiario", "propuesta de negocio", "transferencia de fondos", "oportunidad de inversión", "invertir en", "criptomoneda", "gane dinero", "ganar dinero desde", "ingresos extra", "trabaje desde casa", "préstamo inmediato", "préstamos personales", "crédito inmediato", "hackeé", "he hackeado", "grabé un video", "tu cámara web", "su cámara web",
            "você ganhou", "foi sorteado", "ganhador", "resgate seu prêmio", "herança", "milhões de dólares", "proposta de negócio", "oportunidade de investimento", "criptomoeda", "ganhe dinheiro", "renda extra", "trabalhe em casa", "empréstimo", "hackeei", "gravei um vídeo", "sua webcam",
        )
    ),
    "impostor": folded(
        (
            "soporte de correo", "soporte técnico de correo", "administrador de correo", "administrador del correo", "administrador del sistema", "departamento de sistemas", "departamento de ti", "mesa de ayuda", "equipo de seguridad", "centro de seguridad", "webmail", "equipo de cuentas", "servicio de correo", "helpdesk", "help desk", "it department", "it support", "it-support", "mail admin", "email admin", "system administrator", "mail administrator", "account team", "security team", "mail team", "cpanel", "office 365", "microsoft 365", "onedrive", "docusign", "suporte de e-mail", "equipe de segurança", "administrador de e-mail", "departamento de ti",
        )
    ),
})  # fmt: skip

# A threat speaks of the reader's account; a client in trouble speaks of his own.
_READERS = re.compile(
    r"\b(?:your|su|tu|sus|sua|seu|suas) (?:[a-z@.0-9-]{2,40} ){0,2}?(?:account|mailbox|mail|e-?mail|password|storage|identity|domain|"
    r"cuenta|casilla|buzon|correo|contrasena|clave|servicio|tarjeta|conta|caixa|senha|cartao|cadastro|dominio)\b|"
    # What shall become of the reader's site or trademark: a client says that of his own.
    r"\b(?:your|su|tu|seu|sua) (?:web ?site|site|sitio(?: web)?|pagina(?: web)?|tienda|loja|shop|store|marca|trademark|brand) (?:sera|saira|saldra|quedara|ficara|will be|is going to be|do ar)\b"
)
_WRITERS = re.compile(
    r"\b(?:my|our) (?:account|password|mailbox|e-?mail|users?)\b|\b(?:mi|nuestra|nuestro) (?:cuenta|clave|contrasena|casilla|correo|usuario)\b|"
    r"\b(?:minha|nossa|meu|nosso) (?:conta|senha|caixa|e-?mail|usuario)\b|\bno (?:puedo|podemos|pude) (?:entrar|acceder|ingresar)|\bnao consigo"
)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)

_SUBSCRIBED = folded(
    (
        "recibís este boletín", "recibes este boletín", "recibe este boletín", "recibís este mail porque", "recibes este correo porque", "recibe este correo porque", "recibís este correo porque", "recibiste este", "recibió este mail porque", "te suscribiste", "se suscribió", "está suscripto", "está suscrito", "estás suscripto", "estás suscrito", "este boletín", "nuestro boletín", "ver en el navegador", "ver este correo en", "ver este mail en", "ver online", "versión web", "si no puede ver este", "si no podés ver", "si no ves correctamente", "gestionar preferencias", "preferencias de correo",
        "você recebe este e-mail", "você está recebendo este", "você recebeu este e-mail porque", "recebe este email porque", "se inscreveu", "está inscrito", "ver no navegador", "visualizar no navegador", "veja no navegador", "não consegue visualizar", "versão web", "nossa newsletter", "esta newsletter", "gerenciar preferências",
        "you receive this email because", "you receive this e-mail because", "you are receiving this e-mail because", "you're receiving this e-mail because", "you received this e-mail because", "you are on our mailing list", "recibe este e-mail porque", "recibís este e-mail porque", "recebe este e-mail porque", "recebeu este email porque", "está recebendo este e-mail porque", "você está em nossa lista", "you are receiving this email because", "you're receiving this email because", "you received this email because", "you are receiving this because you", "you're receiving this because", "you are subscribed to", "you subscribed", "you signed up", "view in browser", "view this email in your browser", "view online", "web version", "having trouble viewing", "can't see this email", "email preferences", "manage your preferences", "manage preferences", "update your preferences", "manage your subscription", "our newsletter", "this newsletter", "weekly digest", "monthly newsletter",
    )
)  # fmt: skip
_TO_MANY = Tables({"subscribed": _SUBSCRIBED, "opt-out": _MARKS["opt-out"]})
# A campaign's own fields; and those that a sending service puts on shop forms as well.
_CAMPAIGN_FIELDS = ("x-campaign", "x-campaignid", "x-campaign-id", "x-mc-user", "x-mailchimp-campaign", "x-csa-complaints", "x-accounttype", "x-newsletter", "x-emailmarketing", "x-mailjet-campaign", "x-rpcampaign", "list-unsubscribe-post", "x-mailer-recptid")  # fmt: skip
_SERVICE_FIELDS = ("feedback-id", "x-sg-eid", "x-mailgun-sid", "x-mailgun-tag", "x-mj-mid", "x-sib-id", "x-ses-outgoing", "x-mandrill-user", "x-pm-message-id", "x-report-abuse", "x-abuse-reports-to", "x-hs-message")  # fmt: skip
_BULK_LOCALS = ("newsletter", "news", "boletin", "boletín", "novedades", "marketing", "promo", "promos", "promociones", "ofertas", "offers", "deals", "info-mail", "mailing", "campanas", "noticias", "novidades", "promocoes", "digest", "updates", "emailing", "hello-news")  # fmt: skip


def unwanted(message: Message, text: str, trust: Trust) -> str:
    """Return why nobody waits for an answer to this content, or an empty string; `text`: what was written now."""
    if is_newsletter(message, message.text):
        return "a newsletter"
    marks = spam_marks(message, text, trust)
    return f"advertising or phishing: {', '.join(marks)}" if is_spam(marks) else ""


def spam_marks(message: Message, text: str, trust: Trust) -> tuple[str, ...]:
    """Return the independent marks of advertising or phishing in a mail; `text`: what a reader sees of it."""
    if _answers(message):
        return ()
    content = f"{fold(message.subject[:300])} {fold(text[:_READ])}"
    found = _MARKS.found_in(content)
    if "threat" in found and (not _READERS.search(content) or _WRITERS.search(content)):
        found.remove("threat")
    sender = fold(message.headers.get("from")[:300])
    if "impostor" not in found and holds_any(sender, _MARKS["impostor"]):
        found.append("impostor")
    if _has_link(text[:_READ]):
        found.append("link")
    if trust is not Trust.AUTHENTICATED:
        found.append("unproven sender")
    if flagged(message):
        found.append("flagged by a filter")
    return tuple(found)


def _has_link(text: str) -> bool:
    """Look for the plain middle of a link first: letters of either case are searched for twenty times slower."""
    return ("://" in text or "w." in text or "W." in text) and _LINK.search(text) is not None


def is_spam(marks: tuple[str, ...]) -> bool:
    """Say whether the marks together convict: one that names the trade, and enough beside it."""
    found = set(marks)
    if "flagged by a filter" in found and found & {"pitch", "threat", "fortune", "approach"}:
        return True
    if "link trade" in found and found & {"approach", "lure", "opt-out", "anyone"}:
        return True
    selling = found & {"pitch", "approach", "lure", "opt-out", "anyone"}
    if found & {"pitch", "approach"} and len(selling) >= 3:
        return True
    if {"threat", "link"} <= found and len(found & {"hurry", "impostor", "anyone", "unproven sender"}) >= 2:
        return (bool(found & {"hurry", "impostor", "anyone"}) and "unproven sender" in found) or {
            "hurry",
            "impostor",
        } <= found
    return (
        "fortune" in found
        and len(found & {"anyone", "link", "unproven sender", "hurry", "lure", "opt-out"}) >= 3
    )


def flagged(message: Message) -> bool:
    """Say whether a spam filter marked the mail (SpamAssassin's and rspamd's fields)."""
    values = (
        message.headers.get(name).strip().lower() for name in ("x-spam-flag", "x-spam-status", "x-spam")
    )
    return any(value.startswith("yes") or value == "true" for value in values)


def is_newsletter(message: Message, text: str) -> bool:
    """Say whether it is a newsletter or an advertisement to many: enough marks, one of them a campaign's own."""
    return not _answers(message) and newsletter_points(message, text) >= _NEWSLETTER


def newsletter_points(message: Message, text: str) -> int:
    """Weigh the marks of a newsletter; 0 where nothing speaks of a campaign. A discussion list weighs against it."""
    headers = message.headers
    local = message.sender.address.partition("@")[0] if message.sender else ""
    content = fold(text[: _READ * 2])
    campaign = headers.any_of(_CAMPAIGN_FIELDS)
    told = _TO_MANY.found_in(content)
    subscribed, opt_out = "subscribed" in told, "opt-out" in told
    # One to many, and says how to leave: an announcement, even where it holds no word of a campaign.
    announced = "list-unsubscribe" in headers and bool({"bulk", "junk"} & precedences(message))
    if not (campaign or subscribed or opt_out or announced):
        return 0
    posted = "list-post" in headers and "no" not in headers.get("list-post").lower().split()
    marks = (
        (2, campaign),
        (2, subscribed),
        (1, opt_out),
        (1, "list-unsubscribe" in headers),
        (1, bool({"bulk", "junk"} & precedences(message))),
        (1, local.startswith(_BULK_LOCALS)),
        (1, headers.any_of(_SERVICE_FIELDS)),
        (1, "auto-generated" in auto_submitted(message) and "list-unsubscribe" in headers),
        (-3, posted),
    )
    return sum(points for points, holds in marks if holds)


def _answers(message: Message) -> bool:
    """It answers a mail or hands one on: a person's act."""
    return bool(message.in_reply_to) or forwards.says_forward(message.subject) or bool(message.enclosed)
