"""Why a mail opened no case or was set aside, in the words of those who read it in a mail of ours.

Reasons are kept in English, for the log and `triage aside`; a mail to agents is in the site's language throughout.
Every reason that can reach such a mail stands here (a test collects them); one that does not is given as it is.
"""

from collections.abc import Mapping

from triage.core.model import Language

ES, PT = Language.ES, Language.PT

_WORDS: Mapping[str, Mapping[Language, str]] = {
    # why no case was opened: `reading`, `contents`, `reception`, `ways`
    "ours, or in our own name": {ES: "nuestro, o a nuestro nombre", PT: "nosso, ou em nosso nome"},
    "a delivery report about nothing that we sent": {
        ES: "aviso de entrega de un mail que no enviamos", PT: "aviso de entrega de um e-mail que não enviamos",
    },
    "a report of mail systems": {ES: "informe de un servidor de correo", PT: "relatório de um servidor de e-mail"},
    "a receipt": {ES: "confirmación de lectura o de entrega", PT: "confirmação de leitura ou de entrega"},
    "an answer to an invitation": {ES: "respuesta a una invitación", PT: "resposta a um convite"},
    "an automatic answer": {ES: "respuesta automática", PT: "resposta automática"},
    "a monitor tells that all is well again": {
        ES: "un monitor avisa que todo volvió a andar", PT: "um monitor avisa que tudo voltou a funcionar",
    },
    "a newsletter": {ES: "boletín", PT: "boletim informativo"},
    "advertising or phishing": {ES: "publicidad o engaño", PT: "propaganda ou golpe"},
    "thanks or a greeting only": {ES: "solo agradece o saluda", PT: "só agradece ou cumprimenta"},
    "an agent's own mail to others, about no case": {
        ES: "mail de un agente a otras personas, de ningún caso", PT: "e-mail de um agente a outras pessoas, de nenhum caso",
    },
    "the sender could not be authenticated": {
        ES: "no se pudo verificar quién lo envía", PT: "não foi possível verificar quem o enviou",
    },
    # why a mail in an agent's name was set aside: `reception`
    "in an agent's name, but not authenticated (failed)": {
        ES: "nuestro servidor de correo comprobó que no salió de esa cuenta",
        PT: "o nosso servidor de e-mail verificou que não saiu dessa conta",
    },
    "in an agent's name, but nothing proves it": {
        ES: "nada prueba que lo haya escrito esa persona", PT: "nada prova que essa pessoa o escreveu",
    },
    "in an agent's name, but nothing proves it: its token does not hold": {
        ES: "nada prueba que lo haya escrito esa persona: el enlace es de otra, venció o ya se usó",
        PT: "nada prova que essa pessoa o escreveu: o link é de outra, venceu ou já foi usado",
    },
    "commands that nothing proves": {
        ES: "trae órdenes y nada prueba que las haya escrito esa persona",
        PT: "traz comandos e nada prova que essa pessoa os escreveu",
    },
}  # fmt: skip


def said(reason: str, language: Language) -> str:
    """Return a reason in a language; the marks after "advertising or phishing" are for who looks closer."""
    if language is Language.EN:
        return reason
    words = _WORDS.get(reason) or _WORDS.get(reason.partition(": ")[0], {})
    return words.get(language, reason)
