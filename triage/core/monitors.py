"""Is it a monitor's alert, and does it tell a fault or a recovery? Known senders, and the forms alerts come in."""

import re

from triage.core.autoreplies import auto_submitted, precedences
from triage.core.comparable import Phrases, fold, folded, holding, holds_any
from triage.core.identity import is_silent
from triage.core.marks import CERTAIN, HIGH, WEAK, Signal
from triage.core.message import Message
from triage.core.site import Site

_HEAD = 4_000

# Subjects as monitoring and backup programs write them.
_SUBJECT_FORMS = re.compile(
    r"\*\* (?:problem|recovery|acknowledgement|flappingstart|flappingstop|downtimestart) "  # Nagios, Icinga, Naemon
    r"|\[(?:problem|recovery)\] .{1,120} is (?:down|up|critical|warning|ok|unknown)"  # Icinga 2
    r"|^(?:problem|resolved|update|updated problem)(?: in [\dhms ]{1,20})?: .{3,}"  # Zabbix
    r"|\[(?:firing|resolved)(?::\d{1,4})?\]"  # Alertmanager
    r"|^(?:\[[^\]]{1,40}\] )?(?:monitor|check|alert|alerta|site|host|service|servicio|server|servidor)[^a-z]{0,3}(?:is |esta |está )?(?:down|up|caido|inaccesible|unreachable)\b"
    r"|\bmonitor is (?:down|up)\b|^(?:\[?(?:up|down)(?: alert)?\]?:? )(?:.{0,80}\bis (?:up|down)\b|\S{1,80}\.\S{2,80}|.{0,60}(?:http|tcp|ping))"
    r"|\[(?:alert|alerta|alarma|alarm|alerting|ok|critical|warning|critico|error)[^\]]{0,30}\].{0,100}(?:\b(?:down|up|caid[oa]|http|cpu|disk|disco|memoria|memory|load|timeout|ping|ssl|latenc)|\d{1,3} ?%)"
    r"|\b(?:backup|respaldo|copia de seguridad|veeam|bacula|duplicati|rsync|cron|cobian|acronis|restic|borg)\b.{0,80}\b(?:fail(?:ed|ure)?|error|warning|success(?:ful)?|completed|fall[oó]|fallid[oa]|ok|incompleto|finalizad[oa]|falhou|conclu[ií]d[oa])\b"
    r"|\[(?:failed|success|warning|error)\] .{0,80}(?:backup|job|respaldo|tarea)"
    r"|^cron <[^>]{1,80}> "
    r"|^(?:alarm|alarma|ok|insufficient_data): \".{1,120}\" in "  # CloudWatch
    r"|^\[(?:grafana|datadog|new relic|pingdom|statuscake|site24x7|zabbix|nagios|icinga|prtg|uptime kuma|uptimerobot|pagerduty|opsgenie|sentry|wazuh|monit)\b"
    r"|^monit alert -- |^smartd? error|^(?:the following warning/error was logged by the smartd|degradedarray event|fail event on)"
    r"|^(?:incident|incidente) .{0,40}(?:opened|abierto|triggered|resolved)"
)

_TEXT_FORMS = (
    # (name, every one of these line starts or words must stand in the text)
    ("nagios", folded(("notification type:", "host:", "state:"))),
    ("icinga", folded(("***** ", "notification type", "host"))),
    ("zabbix", folded(("trigger:", "trigger status:", "trigger severity:"))),
    ("zabbix", folded(("problem started at", "problem name:", "host:"))),
    ("alertmanager", folded(("labels", "alertname", "annotations"))),
    ("uptime", folded(("monitor name:", "root cause"))),
    ("cloudwatch", folded(("you are receiving this email because your amazon cloudwatch alarm",))),
    ("http-check", folded(("url:", "http", "estado:"))),
    ("http-check", folded(("url:", "status:", "down"))),
    ("mdadm", folded(("this is an automatically generated mail message", "array"))),
)  # fmt: skip
_TEXT_WORDS = Phrases(dict.fromkeys(word for _, words in _TEXT_FORMS for word in words))

# Mailboxes of monitoring programs: nobody writes from them by hand.
_PROGRAMS = ("nagios", "icinga", "icinga2", "zabbix", "alertmanager", "prometheus", "uptimerobot", "pingdom", "statuscake", "prtg", "grafana", "munin", "cacti", "checkmk", "netdata", "wazuh", "bacula", "veeam", "monit", "mdadm", "smartd", "sentry", "datadog", "healthchecks")  # fmt: skip
_ROLES = ("monitor", "monitoring", "monitoreo", "monitoramento", "uptime", "alerts", "alertas", "alert", "alerta", "alarm", "alarmas", "backup", "backups", "cron", "watchdog")  # fmt: skip
_HOSTS = ("uptimerobot.com", "pingdom.com", "statuscake.com", "site24x7.com", "healthchecks.io", "datadoghq.com", "newrelic.com", "betteruptime.com", "betterstack.com", "freshping.io", "hetrixtools.com", "nodeping.com", "updown.io", "sentry.io", "opsgenie.net", "pagerduty.com")  # fmt: skip

_RECOVERY = re.compile(
    r"\*\* recovery |\[recovery\]|\[resolved(?::\d{1,4})?\]|^resolved(?: in [\dhms ]{1,20})?: |\bmonitor is up\b|\bis (?:back )?up\b|^\[?(?:up|ok)\]?(?: alert)?: |\[ok\]"
    r"|\b(?:backup|respaldo|copia de seguridad|job|tarea|cron)\b.{0,80}\b(?:success(?:ful|fully)?|completed|ok|finalizad[oa] (?:ok|correctamente|con exito)|exitos[oa]|correct[oa]|concluid[oa] com sucesso)\b|^\[success\]"
)
_WITHOUT_FAULT = re.compile(r"\b(?:error|fail|warning|fall|incomplet|falh|no (?:ok|complet))")
_AUTOMATIC = folded(("mensaje automático", "mensaje generado automáticamente", "mensagem automática", "automated message", "automatically generated", "automatic message", "no responda a este", "no responda a esta", "do not reply", "não responda"))  # fmt: skip


_ANSWERS = ("re:", "fwd:", "fw:", "rv:", "enc:", "res:")


def signals(message: Message, site: Site) -> tuple[Signal, ...]:
    """Return the marks of a monitor's alert. One certain, one high, or two weak ones suffice."""
    sender = message.sender.address if message.sender else ""
    if sender in site.monitors:
        return (Signal("configured monitor", CERTAIN),)
    subject = fold(message.subject[:300])
    if message.in_reply_to or subject.startswith(_ANSWERS):
        return ()
    text = fold(message.text[:_HEAD])
    program = _is_program(sender)
    named = program or sender.partition("@")[0] in _ROLES
    form = _SUBJECT_FORMS.search(subject) is not None
    words = set(holding(text, _TEXT_WORDS))
    written = any(words.issuperset(whole) for _, whole in _TEXT_FORMS)
    if not (named or form or written):
        return ()
    automatic = _is_automatic(message, sender, text)
    marks = (
        ("monitor's mailbox", HIGH, program),
        ("alert form", HIGH, form and (named or automatic or written)),
        ("alert fields", HIGH, written and (named or automatic)),
        ("alert subject", WEAK, form),
        ("monitor's address", WEAK, named),
        ("alert text", WEAK, written or (named and _SUBJECT_FORMS.search(text[:200]) is not None)),
        ("automatic", WEAK, named and automatic),
    )
    return tuple(Signal(name, strength) for name, strength, holds in marks if holds)


def _is_program(sender: str) -> bool:
    local, _, domain = sender.partition("@")
    return local in _PROGRAMS or local.split("-")[0].split(".")[0] in _PROGRAMS or domain.endswith(_HOSTS)


def _is_automatic(message: Message, sender: str, text: str) -> bool:
    return (
        bool(auto_submitted(message) or precedences(message))
        or is_silent(sender)
        or holds_any(text, _AUTOMATIC)
    )


def tells_recovery(message: Message) -> bool:
    """Say whether an alert reports only that all is well again, or that a job went well."""
    subject = fold(message.subject[:300])
    return (
        _RECOVERY.search(subject) is not None and _WITHOUT_FAULT.search(_RECOVERY.sub(" ", subject)) is None
    )


# -- what it watches -----------------------------------------------------------------------------------------------------

# What a subject says of the moment and not of the thing: states, counts, dates, durations.
_STATES = frozenset(
    [
        "problem",
        "recovery",
        "recovered",
        "acknowledgement",
        "firing",
        "resolved",
        "update",
        "updated",
        "alert",
        "alerta",
        "alarm",
        "alarma",
        "alerting",
        "service",
        "host",
        "notification",
        "is",
        "are",
        "esta",
        "now",
        "back",
        "down",
        "up",
        "critical",
        "critico",
        "warning",
        "ok",
        "unknown",
        "unreachable",
        "error",
        "failed",
        "failure",
        "fail",
        "fallo",
        "fallado",
        "fallida",
        "fallido",
        "success",
        "successful",
        "successfully",
        "completed",
        "completado",
        "correcta",
        "correcto",
        "exito",
        "con",
        "status",
        "state",
        "estado",
        "flappingstart",
        "flappingstop",
        "monitor",
        "monitoring",
        "in",
        "on",
        "at",
        "en",
        "the",
        "el",
        "la",
        "new",
        "open",
        "opened",
        "closed",
        "incident",
        "incidente",
        "triggered",
        "cleared",
        "caido",
        "caida",
        "inaccesible",
        "recuperado",
        "recuperada",
        "falhou",
        "falha",
        "concluido",
        "concluida",
        "finalizado",
        "finalizada",
        "incompleto",
        "terminado",
        "ha",
        "se",
        "restored",
        "down!",
        "up!",
    ]
)
_MOMENTS = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d+(?:[.,]\d+)? ?%"
    r"|\b(?:in|for|after|durante|por) (?:\d+ ?[dhms] ?)+|\b\d+ ?(?:d|h|m|s|ms|min|mins|minutes|seconds|hours|gb|mb|tb)\b"
    r"|\[(?:firing|resolved|problem|recovery)?:?\d{0,4}\]|#\d+|\b(?:z|utc|gmt|art)\b"
)
_TOKENS = re.compile(r"[^\W_](?:[\w.:/@-]*[^\W_])?")
_NAMED = re.compile(
    r"^\W{0,3}(?:host|hostname|service|servicio|monitor|monitor name|trigger|url|alertname|job|servidor|server)\s{0,3}[:=]\s{0,3}(\S[^\n]{0,100})",
    re.MULTILINE,
)


def thing(message: Message) -> str:
    """Return what an alert watches, the same for its repeats and its recovery: the monitor's address and the words of
    the subject (else of the named lines of the text) that are not about this moment. Empty where there are none.
    """
    sender = message.sender.address if message.sender else ""
    words = _lasting(fold(message.subject[:300]))
    if not words:
        words = [word for line in _NAMED.findall(fold(message.text[:_HEAD]))[:3] for word in _lasting(line)]
    return f"{sender} {' '.join(words)}" if sender and words else ""


def _lasting(text: str) -> list[str]:
    found = _TOKENS.findall(_MOMENTS.sub(" ", text))
    return sorted({word for word in found if word not in _STATES and not word.isdigit()})
