"""The list of commands as `!help` gives it: what each does, in the site's language. Words only."""

from collections.abc import Mapping

from triage.core.commands import ACTIONS, Action
from triage.core.model import Language
from triage.core.site import Site

ES, PT = Language.ES, Language.PT

# English stands in ACTIONS itself.
MEANINGS: Mapping[Action, Mapping[Language, str]] = {
    Action.TAKE: {ES: "el caso es tuyo", PT: "o caso é seu"},
    Action.ASSIGN: {ES: "el caso es de otro agente", PT: "o caso é de outro agente"},
    Action.ATTENDED: {
        ES: "alguien ya respondió (teléfono, chat: qué se dijo): el reloj se detiene",
        PT: "alguém já respondeu (telefone, chat: o que foi dito): o relógio para",
    },
    Action.WAITING: {
        ES: "el reloj espera hasta que el cliente conteste; lo de abajo le llega como pregunta",
        PT: "o relógio espera até o cliente responder; o texto abaixo chega a ele como pergunta",
    },
    Action.NOTE: {ES: "queda entre nosotros", PT: "fica entre nós"},
    Action.SEVERITY: {
        ES: "el plazo se calcula de nuevo; si cambió, el cliente se entera",
        PT: "o prazo é recalculado; se mudou, o cliente é avisado",
    },
    Action.PRODUCT: {ES: "de qué producto se trata", PT: "de que produto se trata"},
    Action.ESCALATE: {ES: "pasa a otra área; el cliente se entera y recibe lo de abajo", PT: "passa a outra área; o cliente é avisado e recebe o texto abaixo"},
    Action.DATE: {
        ES: "fecha de la solución o del presupuesto; el cliente se entera y recibe lo de abajo",
        PT: "data da solução ou do orçamento; o cliente é avisado e recebe o texto abaixo",
    },
    Action.RESOLVE: {ES: "solucionado; lo de abajo le llega al cliente", PT: "resolvido; o texto abaixo chega ao cliente"},
    Action.CLOSE: {ES: "termina el caso; no se avisa a nadie", PT: "encerra o caso; ninguém é avisado"},
    Action.REOPEN: {ES: "abre de nuevo un caso terminado", PT: "reabre um caso encerrado"},
    Action.MERGE: {ES: "este caso sigue en aquel", PT: "este caso continua naquele"},
    Action.SPLIT: {ES: "el último mail del cliente pasa a ser otro caso", PT: "o último e-mail do cliente vira outro caso"},
    Action.SPAM: {ES: "termina el caso como spam; no se avisa a nadie", PT: "encerra o caso como spam; ninguém é avisado"},
    Action.SNOOZE: {ES: "sin recordatorios por ese tiempo; el plazo no cambia", PT: "sem lembretes por esse tempo; o prazo não muda"},
    Action.AWAY: {
        ES: "no estás (hoy, o esos días): tus recordatorios van a otros",
        PT: "você está fora (hoje, ou nesses dias): os seus lembretes vão para outros",
    },
    Action.FORWARD: {
        ES: "el caso es de quien escribió el mail reenviado", PT: "o caso é de quem escreveu o e-mail encaminhado",
    },
    Action.OPEN: {
        ES: "un mail del resumen diario pasa a ser un caso", PT: "um e-mail do resumo diário vira um caso",
    },
    Action.WHY: {ES: "por qué esta severidad y este plazo", PT: "por que esta severidade e este prazo"},
    Action.HISTORY: {ES: "qué pasó hasta ahora", PT: "o que aconteceu até agora"},
    Action.FILES: {
        ES: "lo que adjuntó el cliente te llega en mails aparte", PT: "o que o cliente anexou chega a você em e-mails à parte",
    },
    Action.UNDO: {
        ES: "deshace el último cierre, spam, unión, resuelto o severidad, por un rato",
        PT: "desfaz o último fechamento, spam, união, resolvido ou severidade, por um tempo",
    },
    Action.HELP: {ES: "esta lista", PT: "esta lista"},
}  # fmt: skip


def help_text(site: Site) -> str:
    """Return every command with its words, one a line."""
    return "\n".join(_line(action, site.language) for action in ACTIONS)


def _line(action: Action, language: Language) -> str:
    spelling = ACTIONS[action]
    others = ", ".join(f"!{word}" for word in spelling.words[1:])
    meaning = MEANINGS[action].get(language, spelling.meaning)
    return f"{spelling.usage}: {meaning}" + (f" ({others})" if others else "")
