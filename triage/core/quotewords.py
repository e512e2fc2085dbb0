"""How mail programs announce what they quote, in some twenty languages: tables of words, nothing else.

`quotes` searches with them. Written as mail programs write them; folded (case, accents) at import.
"""

import re

from triage.core.comparable import fold

# The verb of an attribution line: "El lun, 3 mar 2026 a las 10:14, Ana escribió:".
_WROTE = """
escribió|escribio|ha escrito|escribiste|escribieron|escreveu|escreveste|wrote|writes|written|a écrit|avez écrit|écrivait|
ha scritto|hai scritto|scrisse|scriveva|schrieb|schrieben|schreef|schreven|geschreven|skrev|skriver|kirjoitti|kirjoitit|
napisał|napisała|napisał(a)|napisal|napisał(-a)|pisze|piszesz|napsal|napsal(a)|napsala|napísal|napísal(a)|napísali|
je napisao|je napisal|napisao|napisala|napisali|написал|написал(а)|написала|написали|пишет|писал|писал(а)|написав|
написала(в)|пише|написа|написахте|yazdı|yazmış|yazdınız|yazdi|írta|ezt írta|έγραψε|γράψατε|a scris|ați scris|a scrie|
va escriure|vau escriure|va escrigué|escribiu|escribiches|scribeva|idatzi du|rašė|rašėte|rakstīja|kirjutas|kirjutasid|scríobh|napisaste|napisa|scrît|жазғаны|жазғаныңыз|எழுதியது|كتب|كتبت|skrifaði|
さんは書きました|は書きました|さんが書きました|のメッセージ|写道|寫道|写到|님이 작성|님이 쓴 글|쓴 내용|작성:|đã viết|menulis|เขียน
"""
WROTE = tuple(fold(word) for word in _WROTE.replace("\n", "").split("|") if word.strip())

# How an attribution line may begin, so that one broken over several lines is put together again.
_OPENINGS = """
on|el|em|le|am|il|in data|op|den|dnia|w dniu|dne|dňa|na|în|pe|a|at|στις|на|в|вт|пн|ср|чт|пт|сб|вс|от|tarihinde|o|
lun|mar|mié|jue|vie|sáb|dom|seg|ter|qua|qui|sex|mon|tue|wed|thu|fri|sat|sun|man|tir|ons|tor|fre|lør|søn|lör|sön|
ma|ti|ke|to|pe|la|su|mo|di|mi|do|fr|sa|so|pon|wt|śr|czw|pt|sob|niedz|dom.|ayer|ontem|yesterday|vào
"""
OPENINGS = frozenset(fold(word) for word in _OPENINGS.replace("\n", "").split("|") if word.strip())

# Keys of a header block that Outlook, phones and web mailers put above what they quote.
_FROM = """
from|de|von|da|van|fra|från|od|lähettäjä|kimden|gönderen|от|кого|від|expéditeur|remitente|mittente|remetente|feladó|de la|
από|odesílatel|odesilatel|avsändare|afsender|afzender|nadawca|差出人|发件人|寄件者|寄件人|보낸 사람|보낸사람|发送者|från|ut|saatja|pengirim|từ
"""
_ABOUT = """
sent|date|to|subject|cc|bcc|reply-to|reply to|importance|priority|attachments|sent at|
enviado|enviado el|enviado em|enviada|enviada em|enviados|fecha|para|asunto|cc|cco|responder a|importancia|data|assunto|
data e hora|dia|envoyé|envoyé le|date d'envoi|à|objet|copie à|répondre à|gesendet|gesendet am|datum|an|betreff|kopie|antwort an|
inviato|inviato il|data invio|a|oggetto|per|verzonden|aan|onderwerp|datum verzending|sendt|dato|til|emne|skickat|till|ämne|kopia|
wysłano|wyslano|data wysłania|do|temat|dw|lähetetty|vastaanottaja|aihe|pvm|päiväys|tarih|gönderme tarihi|gönderildi|kime|konu|
отправлено|дата|кому|тема|копия|надіслано|elküldve|dátum|címzett|tárgy|küldve|odesláno|komu|předmět|datum odeslání|
message du|message du |sujet|mensaje de|trimis|către|subiect|ημερομηνία|στάλθηκε|προς|θέμα|送信日時|日時|宛先|件名|送信日|发送时间|收件人|主题|主旨|日期|時間|抄送|副本|
보낸 날짜|날짜|받는 사람|받는사람|제목|참조|tanggal|kepada|perihal|chủ đề|ngày
"""


def _keys(table: str) -> frozenset[str]:
    return frozenset(fold(word) for word in table.replace("\n", "").split("|") if word.strip())


FROM_KEYS = _keys(_FROM)
ABOUT_KEYS = _keys(_ABOUT)

# "-----Mensaje original-----": the rest is what was answered.
_ORIGINAL = """
original message|mensaje original|mensagem original|message d'origine|message original|messaggio originale|
ursprüngliche nachricht|originalnachricht|ursprüngliche mitteilung|oorspronkelijk bericht|original meddelelse|
oprindelig meddelelse|oprindelig besked|opprinnelig melding|opprinnelig e-post|original besked|ursprungligt meddelande|originalmeddelande|alkuperäinen viesti|
wiadomość oryginalna|oryginalna wiadomość|původní zpráva|pôvodná správa|eredeti üzenet|исходное сообщение|
оригинальное сообщение|orijinal mesaj|özgün ileti|mesaj original|αρχικό μήνυμα|оригинал|missatge original|
original email|reply message|mensaje citado|元のメッセージ|オリジナル メッセージ|原始邮件|原郵件|原始郵件|original appointment|
원본 메시지|ursprungligt brev|원본 메일|original mail|izvorna poruka|izvirno sporočilo|mensaxe orixinal|appointment
"""
ORIGINAL = _keys(_ORIGINAL)

# "---------- Forwarded message ---------" and Apple's "Begin forwarded message:".
_FORWARDED = """
forwarded message|forwarded by|forwarded mail|mensaje reenviado|mensaje remitido|reenviado por|mensagem encaminhada|
mensagem reencaminhada|mensagem reenviada|encaminhado por|message transféré|message transmis|transféré par|
messaggio inoltrato|inoltrato da|weitergeleitete nachricht|weitergeleitet von|doorgestuurd bericht|videresendt meddelelse|
videresendt besked|videresendt melding|vidarebefordrat meddelande|välitetty viesti|wiadomość przekazana|przekazana wiadomość|
přeposlaná zpráva|preposlaná správa|továbbított üzenet|пересылаемое сообщение|пересланное сообщение|
перенаправленное сообщение|iletilen mesaj|iletilmiş ileti|mesaj redirecționat|προωθημένο μήνυμα|missatge reenviat|
転送されたメッセージ|转发的邮件|轉寄的郵件|전달된 메시지|begin forwarded message|inicio del mensaje reenviado|
comienzo del mensaje reenviado|início da mensagem encaminhada|início da mensagem reencaminhada|début du message réexpédié|
début du message transféré|inizio messaggio inoltrato|anfang der weitergeleiteten nachricht|
anfang der weitergeleiteten e-mail|begin doorgestuurd bericht|start på videresendt besked|vidarebefordrat brev|
resent message|forwarded email|mail reenviado|correo reenviado
"""
FORWARDED = _keys(_FORWARDED)

# Prefixes of a forwarded mail's subject; answers ("Re:", "RES:") are not among them.
FORWARD_SUBJECT = re.compile(
    r"(?:(?:re|rv|r|res|aw|sv|antw|odp|vs|ref)\s?:\s*){0,3}"
    r"(?:fwd?|rv|reenv|reenviado|enc|encaminhado|tr|wg|i|doorst|vb|vl|pd|továbbítás|пересл|转发|轉寄|転送)\s?:",
    re.IGNORECASE,
)
