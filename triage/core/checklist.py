"""What of the support model's checklist a mail lacks: steps, error message, screenshot, description.

Judged from the mail itself, in three languages, by what such words look like; a doubt counts as given, because to be
asked for what one has sent is worse than not to be asked. Knows no case; called where a case is opened.
"""

import re
from collections.abc import Sequence

from triage.core.message import Attachment
from triage.core.model import Severity

ITEMS = ("steps", "error", "screenshot", "description")
TEXT_LIMIT = 20_000
_ENOUGH_WORDS = 10
_SIGNATURE_BYTES = 6_000  # a logo in a signature is smaller than any picture of a screen

_STEPS = re.compile(
    r"\b(?:cuando|al (?:hacer|entrar|querer|intentar|tocar|apretar|cargar|guardar|abrir|confirmar|pagar|\w+ar\b)|"
    r"despu[eé]s de|luego de|antes de|hice|hago|hacemos|entr[eéo]|entramos|toqu[eé]|apret[eéo]|clic|click|clique|"
    r"clico|cliquei|cliquear|paso \d|pasos|prob[eéa]mos|prob[eé]|intent[eéo]|intentamos|"
    r"when|after|before|i (?:click|press|open|go|try|tried|clicked|went|opened)|steps?|we (?:tried|click|open)|"
    r"(?:cada|toda) vez que|siempre que|sempre que|every time|whenever|qui[eé]n(?:es)? intenta\w*|quem tenta|testamos|testei|"
    r"si (?:hago|entro|pongo|toco|quiero)|se eu|if (?:i|we|you)|"
    r"quando|depois de|antes de|ao (?:clicar|entrar|tentar|abrir|salvar|\w+[aei]r\b)|tentei|tento|tentamos|passo)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:\d{1,2}[.)-]|[-*•])\s+\S", re.MULTILINE)
_ERROR = re.compile(
    r"\b(?:error(?:es)?|erros?|excepci[oó]n|exception|mensaje|mensagem|message|aviso|alerta|leyenda|cartel|c[oó]digo|"
    r"dice|dicen|diciendo|diz|dizem|dizendo|says?|saying|"
    r"warning|timeout|time-out|fatal|stack ?trace|[45]\d\d)\b|[\"“«'‘][^\"”»'’\n]{6,200}[\"”»'’]",
    re.IGNORECASE,
)
_PICTURE_NAME = re.compile(r"\.(?:png|jpe?g|gif|webp|heic|bmp|tiff?|mp4|mov|webm|avi)$", re.IGNORECASE)
_DOCUMENT_NAME = re.compile(r"\.(?:pdf|docx?|pptx?|odt|zip)$", re.IGNORECASE)
_PICTURE_LINK = re.compile(
    r"https?://\S*(?:prnt\.sc|imgur|gyazo|loom\.com|drive\.google|dropbox|photos\.|\.png|\.jpe?g)",
    re.IGNORECASE,
)


def missing(
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    severity: Severity = Severity.MEDIUM,
    ask: Sequence[str] = (),
    subject: str = "",
) -> tuple[str, ...]:
    """Return the items to ask for, in order.

    The winning rule may say which to ask for (`ask`; an item this module cannot judge is asked for always). Without
    it: all of them for a fault, only a description for severity 3, where nothing fails, and for severity 1, where it can
    be seen from here and whoever asks for a picture has not understood.
    """
    wanted = tuple(ask) or (ITEMS if severity is Severity.MEDIUM else ("description",))
    body = text[:TEXT_LIMIT]
    pictured = any(map(_shows, attachments)) or bool(_PICTURE_LINK.search(body))
    words = f"{subject}\n{body}"
    return tuple(dict.fromkeys(item for item in wanted if not _given(item, words, body, pictured=pictured)))


def _given(item: str, words: str, body: str, *, pictured: bool) -> bool:
    """Does the mail hold an item? A picture of the screen shows the error and describes the rest."""
    match item:
        case "steps":
            return bool(_STEPS.search(words)) or len(_NUMBERED.findall(words)) > 1
        case "error":
            return pictured or bool(_ERROR.search(words))
        case "screenshot":
            return pictured
        case "description":
            return pictured or len(body.split()) >= _ENOUGH_WORDS
        case _:
            return False


def _shows(attachment: Attachment) -> bool:
    kind = attachment.content_type.lower()
    if kind.startswith(("image/", "video/")) or _PICTURE_NAME.search(attachment.name):
        return not attachment.inline or attachment.size >= _SIGNATURE_BYTES
    return bool(kind in {"application/pdf", "application/zip"} or _DOCUMENT_NAME.search(attachment.name))
