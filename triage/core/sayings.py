"""What is said to an agent about one command line, in the site's language: a table of sentences, and no decision.

The mails themselves are templates; these are the short answers that `lifecycle` puts into a transcript or the command
line prints. Every key is there in every language (a test sees to it).
"""

from collections.abc import Mapping
from datetime import datetime

from triage.core import moments
from triage.core.commands import Command, Fault
from triage.core.model import Language, State
from triage.core.site import Site

ES, EN, PT = Language.ES, Language.EN, Language.PT

SAYINGS: Mapping[str, Mapping[Language, str]] = {
    "unknown": {
        ES: "no conozco esa orden; !ayuda las muestra todas",
        EN: "unknown command; !help lists them",
        PT: "não conheço esse comando; !ajuda mostra todos",
    },
    "near": {
        ES: "no conozco esa orden; ¿quisiste decir !{near}?",
        EN: "unknown command; did you mean !{near}?",
        PT: "não conheço esse comando; você quis dizer !{near}?",
    },
    "unmarked": {
        ES: "parece una orden sin su signo: para darla escribí !{near}; para escribirle al cliente, empezá con otra línea",
        EN: "looks like a command without its mark: write !{near} to give it, or begin with another line to write to the client",
        PT: "parece um comando sem o sinal: para dá-lo escreva !{near}; para escrever ao cliente, comece com outra linha",
    },
    "misplaced": {
        ES: "las órdenes van en las primeras líneas; no se hizo nada y al cliente no le llegó nada",
        EN: "commands belong in the first lines; nothing was done and nothing went to the client",
        PT: "os comandos vão nas primeiras linhas; nada foi feito e nada chegou ao cliente",
    },
    "quoted": {
        ES: "no distingo tu respuesta de lo citado; no se le mandó nada al cliente: contestá sin el texto de nuestro mail",
        EN: "your words cannot be told from the quoted mail; nothing went to the client: answer without our mail's text",
        PT: "não distingo a sua resposta do texto citado; nada foi enviado ao cliente: responda sem o texto do nosso e-mail",
    },
    "no_case": {
        ES: "no nombra ningún caso: contestá un mail del caso o poné su referencia en el asunto",
        EN: "names no case: answer a mail about the case, or write its reference in the subject",
        PT: "não indica nenhum caso: responda a um e-mail do caso ou escreva a referência no assunto",
    },
    "nobody": {
        ES: "el caso no tiene dirección de cliente y no se mandó nada; dásela con !como-cliente y la dirección",
        EN: "the case has no client's address, and nothing was sent; give it one: !forward-as-client and the address",
        PT: "o caso não tem endereço de cliente e nada foi enviado; indique um com !como-cliente e o endereço",
    },
    "not_now": {
        ES: "no se puede: el caso está {state}",
        EN: "not possible: the case is {state}",
        PT: "não é possível: o caso está {state}",
    },
    "state": {
        ES: "{reference}: {state}", EN: "{reference}: {state}", PT: "{reference}: {state}",
    },
    "no_agent": {
        ES: "no hay ningún agente así; están {all}", EN: "no such agent; there are {all}", PT: "não há nenhum agente assim; há {all}",
    },
    "noted": {ES: "anotado", EN: "noted", PT: "anotado"},
    "nothing_to_note": {ES: "no hay nada que anotar", EN: "there is nothing to note", PT: "não há nada para anotar"},
    "severity_usage": {
        ES: "escribí !severidad 1, 2 o 3", EN: "write !severity 1, 2 or 3", PT: "escreva !severidade 1, 2 ou 3",
    },
    "severity": {
        ES: "severidad {severity}, plazo {deadline}", EN: "severity {severity}, deadline {deadline}", PT: "severidade {severity}, prazo {deadline}",
    },
    "products": {ES: "los productos son {all}", EN: "the products are {all}", PT: "os produtos são {all}"},
    "product": {ES: "producto {product}", EN: "product {product}", PT: "produto {product}"},
    "areas": {ES: "las áreas son {all}", EN: "the areas are {all}", PT: "as áreas são {all}"},
    "date_usage": {
        ES: "escribí !fecha 2026-12-15 resolución, o presupuesto",
        EN: "write !date 2026-12-15 resolution, or quote",
        PT: "escreva !data 2026-12-15 resolução, ou orçamento",
    },
    "date_past": {ES: "ese día ya pasó", EN: "that day is past", PT: "esse dia já passou"},
    "resolve_usage": {
        ES: "escribí !resuelto o !resuelto provisional, y abajo lo que le llega al cliente",
        EN: "write !resolve or !resolve provisional, and below it what the client gets",
        PT: "escreva !resolvido ou !resolvido provisório, e abaixo o que o cliente recebe",
    },
    "closed_already": {ES: "ya estaba cerrado", EN: "was closed already", PT: "já estava fechado"},
    "reopened": {ES: "{reference}: reabierto", EN: "{reference}: reopened", PT: "{reference}: reaberto"},
    "snooze_usage": {ES: "escribí !posponer 2h o 1d", EN: "write !snooze 2h or 1d", PT: "escreva !adiar 2h ou 1d"},
    "snoozed": {
        ES: "sin recordatorios hasta el {until}; el plazo no cambia",
        EN: "no reminders until {until}; the deadline stays",
        PT: "sem lembretes até {until}; o prazo não muda",
    },
    "merge_usage": {
        ES: "escribí !unir y la referencia del caso que sigue", EN: "write !merge and the reference of the case that goes on",
        PT: "escreva !unir e a referência do caso que continua",
    },
    "merge_no_case": {ES: "ese caso no existe", EN: "there is no such case", PT: "esse caso não existe"},
    "merge_itself": {ES: "es el mismo caso", EN: "it is the same case", PT: "é o mesmo caso"},
    "merge_ended": {
        ES: "{reference} ya terminó: reabrilo primero", EN: "{reference} has ended: reopen it first", PT: "{reference} já terminou: reabra-o antes",
    },
    "merged": {ES: "sigue en {reference}", EN: "goes on in {reference}", PT: "continua em {reference}"},
    "split_nothing": {
        ES: "no hay otro mail del cliente que separar", EN: "there is no further mail of the client to split off",
        PT: "não há outro e-mail do cliente para separar",
    },
    "split": {ES: "se abrió {reference}", EN: "opened {reference}", PT: "aberto {reference}"},
    "open_usage": {
        ES: "ese mail no está, o ya tiene un caso", EN: "there is no such mail, or it has a case already",
        PT: "esse e-mail não existe ou já tem um caso",
    },
    "away_usage": {
        ES: "escribí !ausente 2026-12-01 2026-12-15, o !ausente no cuando vuelvas",
        EN: "write !away 2026-12-01 2026-12-15, or !away off when you are back",
        PT: "escreva !ausente 2026-12-01 2026-12-15, ou !ausente não quando voltar",
    },
    "away": {ES: "ausente del {start} al {end}", EN: "away from {start} to {end}", PT: "ausente de {start} a {end}"},
    "back": {ES: "de vuelta", EN: "back", PT: "de volta"},
    "forward_usage": {
        ES: "escribí !como-cliente y la dirección del cliente", EN: "write !forward-as-client and the client's address",
        PT: "escreva !como-cliente e o endereço do cliente",
    },
    "forward_agent": {ES: "esa dirección es nuestra", EN: "that address is ours", PT: "esse endereço é nosso"},
    "forwarded": {ES: "el caso es de {client}", EN: "the case is {client}'s", PT: "o caso é de {client}"},
    "undo_nothing": {ES: "no hay nada que deshacer", EN: "there is nothing to undo", PT: "não há nada para desfazer"},
    "undo_late": {ES: "ya es tarde para deshacerlo", EN: "it is too late to undo it", PT: "já é tarde para desfazer"},
    "undo_changed": {
        ES: "el caso cambió desde entonces", EN: "the case has changed since", PT: "o caso mudou desde então",
    },
    "undone": {ES: "deshecho: {action}; {reference}: {state}", EN: "undone: {action}; {reference}: {state}", PT: "desfeito: {action}; {reference}: {state}"},
    "undone_corrected": {
        ES: "deshecho: {action}; al cliente le llega la corrección del plazo, el aviso anterior no vuelve",
        EN: "undone: {action}; the client gets the corrected deadline, the earlier notice cannot be taken back",
        PT: "desfeito: {action}; o cliente recebe o prazo corrigido, o aviso anterior não volta",
    },
    "undone_told": {
        ES: "deshecho: {action}; {reference}: {state}; el cliente ya tenía el aviso, así que le llega otro: sigue abierto",
        EN: "undone: {action}; {reference}: {state}; the client had the notice already and gets another: it is still open",
        PT: "desfeito: {action}; {reference}: {state}; o cliente já tinha o aviso, então recebe outro: continua aberto",
    },
    "spent": {
        ES: "ese enlace ya se usó; para hacerlo otra vez escribí la orden",
        EN: "that link was used already; write the command to do it again",
        PT: "esse link já foi usado; para fazer de novo escreva o comando",
    },
    "text_kept": {
        ES: "El texto de abajo quedó como nota interna.", EN: "The text below stays inside as a note.", PT: "O texto abaixo ficou como nota interna.",
    },
    "text_sent": {
        ES: "El texto de abajo va al cliente con el aviso.", EN: "The text below goes to the client with the notice.",
        PT: "O texto abaixo vai para o cliente com o aviso.",
    },
    "text_dropped": {
        ES: "El texto de abajo no se usó: nada le llegó al cliente.", EN: "The text below was not used: nothing went to the client.",
        PT: "O texto abaixo não foi usado: nada chegou ao cliente.",
    },
    "attachments_dropped": {
        ES: "No se mandaron por su tamaño: {names}.", EN: "Not sent on because of their size: {names}.", PT: "Não enviados por causa do tamanho: {names}.",
    },
    "files": {ES: "van aparte, en un mail", EN: "on the way in a mail of their own", PT: "vão à parte, em um e-mail"},
    "files_parts": {
        ES: "van aparte, en {count} mails", EN: "on the way in {count} mails of their own", PT: "vão à parte, em {count} e-mails",
    },
    "files_none": {
        ES: "los clientes no adjuntaron nada en este caso", EN: "the clients attached nothing to this case",
        PT: "os clientes não anexaram nada neste caso",
    },
    "files_whom": {
        ES: "los archivos van por mail a un agente: decí a cuál", EN: "files are mailed to an agent: say to whom",
        PT: "os arquivos vão por e-mail a um agente: diga a qual",
    },
    "files_missing": {
        ES: "Estos archivos del cliente no pudieron venir con el mail:",
        EN: "These files of the client's could not come with the mail:",
        PT: "Estes arquivos do cliente não puderam vir com o e-mail:",
    },
    "files_again": {
        ES: "Con !archivos en la primera línea los pedís otra vez.",
        EN: "Answer with !files in the first line to ask for them again.",
        PT: "Responda com !arquivos na primeira linha para pedi-los de novo.",
    },
    "why": {ES: "severidad {severity}: {given}", EN: "severity {severity}: {given}", PT: "severidade {severity}: {given}"},
    "by_hand": {ES: "la fijó un agente", EN: "given by hand", PT: "definida por um agente"},
    "by_rule": {ES: "regla {rule} ({words})", EN: "rule {rule} ({words})", PT: "regra {rule} ({words})"},
    "by_words": {ES: "dice: {words}", EN: "it says: {words}", PT: "diz: {words}"},
    "why_then": {ES: "plazo: {deadline}", EN: "deadline: {deadline}", PT: "prazo: {deadline}"},
    "no_words": {ES: "sin palabras", EN: "no words", PT: "sem palavras"},
}  # fmt: skip

STATES: Mapping[State, Mapping[Language, str]] = {
    State.NEW: {ES: "nuevo", EN: "new", PT: "novo"},
    State.TAKEN: {ES: "tomado", EN: "taken", PT: "assumido"},
    State.WAITING: {ES: "en espera del cliente", EN: "waiting for the client", PT: "à espera do cliente"},
    State.ESCALATED: {ES: "escalado", EN: "escalated", PT: "escalado"},
    State.PLANNED: {ES: "con fecha", EN: "planned", PT: "com data"},
    State.ATTENDED: {ES: "atendido", EN: "attended", PT: "atendido"},
    State.RESOLVED: {ES: "resuelto", EN: "resolved", PT: "resolvido"},
    State.CLOSED: {ES: "cerrado", EN: "closed", PT: "fechado"},
    State.MERGED: {ES: "unido a otro", EN: "merged", PT: "unido a outro"},
}


def say(site: Site, key: str, **facts: object) -> str:
    """Return a sentence in the site's language, its facts filled in; states and instants in words and local time."""
    language = site.language
    words = {name: _words(site, fact) for name, fact in facts.items()}
    return SAYINGS[key][language].format(**words)


def fault(site: Site, command: Command) -> str:
    """Say why a line that looks like a command was not carried out, and what may have been meant."""
    if command.fault is not None and command.fault is not Fault.UNKNOWN:
        return say(site, command.fault.value, near=command.near)
    return say(site, "near", near=command.near) if command.near else say(site, "unknown")


def _words(site: Site, fact: object) -> object:
    if isinstance(fact, State):
        return STATES[fact][site.language]
    return moments.stamp(fact, site.zone, site.language) if isinstance(fact, datetime) else fact
