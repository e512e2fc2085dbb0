"""How mail systems word a failure or a delay, in a dozen languages: tables for `bounces`, folded at import.

Phrases, not products: most of the hundred mail systems in use say one of these things.
"""

from triage.core.comparable import folded

SUBJECTS = folded(
    (
        # English
        "undeliverable", "undelivered", "undelivrable", "delivery failure", "delivery failed", "delivery has failed", "failed delivery", "failure delivery",
        "delivery status notification", "delivery notification", "delivery problem", "delivery error", "delivery delayed", "delivery delay",
        "non-delivery", "nondeliverable", "not deliverable", "non remis", "mail delivery", "message delivery", "returned mail", "mail returned",
        "returned to sender", "return to sender", "returning message to sender", "failure notice", "failed mail", "mail failure", "mail error",
        "message failed", "message delayed", "delayed mail", "mail delayed", "could not send message", "couldn't be delivered", "could not be delivered",
        "not delivered", "unable to deliver", "undelivered mail", "bounced mail", "mail system error", "error sending", "mail routing error", "unknown user",
        "user unknown", "permanent delivery failure", "delivery report", "dsn:", "warning: could not send", "warning: message", "delivery status",
        "rejected mail", "message rejected", "mail rejected", "message not delivered", "email delivery", "deferred delivery", "undelivered message",
        "message undeliverable", "processing error", "mail not delivered", "mdaemon notification", "message status - undeliverable", "unsent message",
        "invalid address", "address not found", "mailbox full", "mailbox unavailable", "mail could not be delivered", "transient delivery failure",
        # Spanish, Portuguese
        "no se puede entregar", "no se pudo entregar", "no se ha podido entregar", "no entregado", "no entregable", "error de entrega", "fallo de entrega",
        "fallo en la entrega", "falla en la entrega", "fallo al entregar", "entrega fallida", "correo devuelto", "mensaje devuelto", "correo no entregado", "mensaje no entregado",
        "estado de entrega", "notificación de estado de entrega", "estado de la entrega", "devuelto al remitente", "entrega retrasada", "entrega demorada", "retraso en la entrega",
        "imposible entregar", "no entregada", "notificación de entrega", "sin entregar", "rebotado", "problema de entrega", "problemas en la entrega",
        "não foi possível entregar", "não entregue", "não entregável", "falha na entrega", "falha de entrega", "erro na entrega", "mensagem devolvida", "email devolvido",
        "status de entrega", "notificação de status de entrega", "estado da entrega", "devolvido ao remetente", "entrega atrasada", "atraso na entrega", "não pode ser entregue",
        # others
        "non remis", "non distribu", "non délivré", "échec de la remise", "échec de livraison", "échec de distribution", "remise différée", "avis de non-remise", "état de la remise", "message non remis",
        "unzustellbar", "nicht zustellbar", "nicht zugestellt", "zustellung fehlgeschlagen", "zustellung verzögert", "fehler bei der zustellung", "übermittlungsstatus", "benachrichtigung zum übermittlungsstatus", "unzustellbare",
        "mancato recapito", "non recapitabile", "mancata consegna", "consegna fallita", "impossibile recapitare", "recapito non riuscito", "errore di consegna", "notifica di mancata", "impossibile consegnare", "stato del recapito",
        "onbestelbaar", "niet bezorgd", "bezorging mislukt", "kon niet worden bezorgd",
        "niedostarcz", "nie dostarczon", "niedoręczon", "nie można dostarczyć", "zwrot wiadomości", "odmowa dostarczenia", "błąd dostarcz", "raport dostarcz", "nieudane dostarcz",
        "nelze doručit", "nedoručiteln", "nedoručen", "kézbesíthetetlen", "kézbesítési hiba", "недоставлен", "не доставлен", "ошибка доставки", "не удалось доставить", "невозможно доставить", "сообщение не доставлено",
        "kan ikke leveres", "kunne ikke leveres", "kunde inte levereras", "olevererbar", "ikke leveret", "ei voitu toimittaa", "teslim edilemedi", "iletilemedi", "teslim durumu",
        "配信不能", "配信エラー", "配信できません", "配達できません", "配達不能", "送信エラー", "送信できません", "未達", "エラーメール", "返送", "送達不能", "配信失敗", "メール配信",
        "退信", "无法投递", "無法投遞", "投递失败", "退件", "无法送达", "系统退信", "傳遞失敗", "传递失败", "배달되지 않", "전송 실패", "반송", "배달 실패", "전달 실패",
    )
)  # fmt: skip

BODIES = folded(
    (
        # English
        "could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered", "can not be delivered", "was not delivered",
        "were not delivered", "wasn't delivered", "not been delivered", "unable to deliver", "not able to deliver", "wasn't able to deliver", "failed to deliver", "undeliverable",
        "undelivered", "delivery failed", "delivery has failed", "delivery to the following", "failed permanently", "permanent fatal errors",
        "had permanent", "had delivery", "delivery problems", "did not reach the following", "failed to reach the following", "could not be sent to", "error delivering your mail",
        "attempting to deliver", "while trying to deliver", "trying to deliver", "address(es) failed", "addresses failed", "address failed", "could not deliver", "can not deliver", "cannot deliver",
        "delivery of your message", "delivery of the following", "permanent error", "returned mail", "returned message", "mail has been returned", "being returned to you", "has been rejected", "was rejected",
        "has been blocked", "rejected your message", "recipient address rejected", "user unknown", "unknown user", "no such user", "unknown recipient", "user not found", "mailbox unavailable", "mailbox is full", "mailbox full", "mailfolder is full", "quota exceeded", "over quota", "exceeded the", "account has been disabled",
        "does not exist", "doesn't exist", "not listed in", "unrouteable address", "host unknown", "unknown address", "invalid recipient", "invalid address", "does not like recipient", "returning message to sender", "non-delivered information", "non-delivery",
        "failure reasons", "transcript of session follows", "unsent message follows", "giving up on", "i've given up", "could not be found", "wasn't found at", "couldn't be found", "delivery status notification",
        'notificationtype":"bounce', 'notificationtype\\":\\"bounce', "delivery has been delayed", "delivery error", "errors in delivering", "has been delayed", "not yet been delivered", "is delayed for more than", "will keep trying", "will be retried", "will continue to try", "delivery attempts", "still undelivered", "remains undelivered",
        "could not send", "not deliver your", "unable to send", "intended recipient", "encountered an error", "error occurred while", "no such recipient", "unknown local part", "550 5.1.1", "bad destination", "relaying denied", "message was undeliverable", "problem with the e-mail address",
        # Spanish, Portuguese
        "no se pudo entregar", "no pudo ser entregado", "no ha podido ser entregado", "no se ha podido entregar", "no se puede entregar", "no pudo entregarse", "no fue entregado", "imposible entregar", "no ha sido entregado", "no es posible entregar",
        "error al entregar", "fallo en la entrega", "falló la entrega", "la entrega ha fallado", "la entrega falló", "destinatario desconocido", "usuario desconocido", "la casilla no existe", "el buzón no existe", "casilla llena", "buzón lleno", "el buzón del destinatario", "dirección no existe", "cuota excedida", "se seguirá intentando", "se ha retrasado", "se demoró la entrega", "no se encontró la dirección", "no se ha encontrado", "ha sido rechazado", "fue rechazado", "devuelto al remitente",
        "não pôde ser entregue", "não pode ser entregue", "não foi possível entregar", "não foi entregue", "falha na entrega", "usuário desconhecido", "destinatário desconhecido", "caixa de correio cheia", "caixa postal cheia", "endereço não encontrado", "não existe", "foi rejeitada", "ainda não foi entregue", "está atrasada", "entrega está atrasada",
        # others
        "n'a pas pu être", "n'a pu être", "impossible de remettre", "n'ont pas pu être", "pas été remis", "échec de la remise", "boîte aux lettres", "utilisateur inconnu", "n'existe pas", "n'a pas été délivré", "n'a pas abouti",
        "konnte nicht zugestellt", "konnte nicht ausgeliefert", "nicht zugestellt werden", "konnte nicht übermittelt", "nicht zustellbar", "unbekannter empfänger", "zustellung ist fehlgeschlagen", "postfach ist voll", "verzögert",
        "non è stato possibile recapitare", "non è stato recapitato", "non può essere consegnato", "impossibile recapitare", "non è stato consegnato", "mancato recapito", "casella piena", "utente sconosciuto", "rilevato un problema nella consegna", "non e' stato possibile",
        "kon niet worden bezorgd", "kan niet worden afgeleverd", "niet bezorgd", "nie mogła zostać dostarczona", "nie może zostać dostarczon", "nie została dostarczona", "nie udało się dostarczyć", "nie można dostarczyć", "nie mogl", "skrzynka odbiorcy", "niedostarcz",
        "nebylo možné doručit", "не может быть доставлено", "не было доставлено", "не удалось доставить", "не доставлено", "невозможно доставить", "kunne ikke leveres", "kunde inte levereras", "teslim edilemedi",
        "配信できません", "配信でき", "配達できません", "送信できません", "送信することができません", "お届けできません", "届けることができません", "届けられません", "配信不能", "配送できません", "宛先不明", "見つかりません", "エラーが発生", "エラーとなりました", "受信者が存在しません", "受信拒否", "存在しません", "送信されませんでした", "配信されません",
        "无法投递", "投递失败", "退信", "被退回", "无法送达", "不存在", "無法投遞", "배달되지", "전송되지 못", "전달되지", "반송",
    )
)  # fmt: skip

DELAYS = folded(
    (
        "delayed", "(delay)", "delivery delay", "delay in delivery", "not yet been delivered", "not yet delivered", "will be retried", "will keep trying", "will continue to try", "will continue trying", "warning message only", "do not need to resend", "need not resend", "only a warning", "just a warning",
        "still trying", "temporary failure report", "still being retried", "will retry", "has not been delivered yet", "could not send message for past", "still undelivered", "no need to resend", "temporary delivery", "temporarily deferred", "transient failure", "transient delivery", "in the queue for up to",
        "demorado", "demora en la entrega", "retrasado", "retraso", "se seguirá intentando", "seguiremos intentando", "se volverá a intentar", "reintentará", "no es necesario que reenvíe", "no necesita reenviar", "aún no se ha entregado", "todavía no se ha entregado", "todavía no pudo", "aún no pudo",
        "atraso na entrega", "entrega atrasada", "está atrasada", "ainda não foi entregue", "continuaremos tentando", "continuará tentando", "não é necessário reenviar", "nova tentativa",
        "remise différée", "est retardé", "a été retardé", "n'a pas encore été", "verzögert", "noch nicht zugestellt", "weitere zustellversuche", "ritardo nella consegna", "in ritardo", "non è ancora stato", "vertraagd", "opóźnion", "задерж", "配信遅延", "遅延", "再送を試み", "退信延迟", "지연",
    )
)  # fmt: skip

FAILURES = folded(
    (
        "failed permanently", "permanent error", "permanent failure", "permanent fatal", "given up", "giving up", "gave up", "returned to sender", "final attempt", "has failed", "delivery failed", "was not delivered", "not be delivered", "undeliverable", "too long", "no further attempts", "message removed from",
        "no se pudo entregar", "no pudo ser entregado", "no se ha podido entregar", "não foi possível entregar", "não pôde ser entregue", "n'a pas pu être", "konnte nicht zugestellt", "impossibile",
    )
)  # fmt: skip

# Above these lines the mail system speaks; below them stands what it returns.
COPY_MARKS = folded(
    (
        "below this line is a copy", "below is a copy of", "below is the original", "original message follows", "message header follows", "message headers follow", "headers follow", "original message headers", "original message", "returned message", "returned mail follows", "unsent message follows", "message follows", "copy of the message",
        "this is a copy of the message", "this is a copy of your message", "here is a copy", "included is a copy", "the body of the original", "the text of the original", "header of original", "undelivered message", "mensaje original", "copia del mensaje", "encabezados del mensaje original", "cabeceras originales", "mensagem original", "cópia da mensagem", "cabeçalhos da mensagem",
        "message d'origine", "copie du message", "en-têtes", "ursprüngliche nachricht", "kopie der nachricht", "messaggio originale", "copia del messaggio", "wiadomość oryginalna", "kopia wiadomo", "копия", "исходное сообщение", "元のメッセージ", "原文", "送信内容", "original mail", "failed message", "text of original", "start of returned", "begin message", "rejected message", "message contents", "content of the mail", "return mail", "headers of the message",
    )
)  # fmt: skip
