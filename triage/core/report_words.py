"""The words of the report's page and pictures in the site's language; the weekly mail has its own templates."""

from collections.abc import Mapping

from triage.core.model import Language

Words = Mapping[str, str]

_KEYS = [
    "title",
    "severity",
    "cases",
    "in_time",
    "of",
    "missed",
    "reopened",
    "attended_in_time",
    "time_to_attention",
    "attended",
    "median",
    "p90",
    "acknowledged",
    "by_hour",
    "by_weekday",
    "weekdays",
    "rules",
    "rule",
    "fired",
    "corrected",
    "corrections",
    "said",
    "became",
    "clients",
    "surveys_sent",
    "answers",
    "average",
    "comments",
    "suggestions",
    "missed_promises",
    "case",
    "deadline",
    "from",
    "to",
    "nothing",
    "ignored",
    "messages",
]
_ES = (
    "Informe de soporte|Severidad|Casos|En plazo|De|Vencidos|Reabiertos|Atendidos en plazo|Tiempo hasta la atención|"
    "Atendidos|Mediana|90 % dentro de|Acuse (mediana)|Casos por hora de llegada|Casos por día de llegada|"
    "lun mar mié jue vie sáb dom|Reglas que actuaron|Regla|Veces|Corregida a mano|Correcciones|La regla dijo|"
    "Una persona dijo|Clientes|Encuestas enviadas|Respuestas|Promedio|Comentarios|Sugerencias|Plazos vencidos|Caso|"
    "Plazo|Desde|Hasta|Sin casos en estos días.|No eran casos|Mensajes"
)
_EN = (
    "Support report|Severity|Cases|In time|Of|Missed|Reopened|Attended in time|Time to attention|"
    "Attended|Median|90 % within|Acknowledged (median)|Cases by hour of arrival|Cases by day of arrival|"
    "Mon Tue Wed Thu Fri Sat Sun|Rules that fired|Rule|Times|Corrected by hand|Corrections|The rule said|"
    "A person said|Clients|Surveys sent|Answers|Average|Comments|Suggestions|Deadlines missed|Case|"
    "Deadline|From|To|No cases in these days.|Were no cases|Messages"
)
_PT = (
    "Relatório de suporte|Severidade|Casos|No prazo|De|Vencidos|Reabertos|Atendidos no prazo|Tempo até o atendimento|"
    "Atendidos|Mediana|90 % em até|Confirmação (mediana)|Casos por hora de chegada|Casos por dia de chegada|"
    "seg ter qua qui sex sáb dom|Regras que atuaram|Regra|Vezes|Corrigida à mão|Correções|A regra disse|"
    "Uma pessoa disse|Clientes|Pesquisas enviadas|Respostas|Média|Comentários|Sugestões|Prazos vencidos|Caso|"
    "Prazo|De|Até|Nenhum caso nestes dias.|Não eram casos|Mensagens"
)
_ALL: Mapping[Language, Words] = {
    language: dict(zip(_KEYS, words.split("|"), strict=True))
    for language, words in ((Language.ES, _ES), (Language.EN, _EN), (Language.PT, _PT))
}


def words(language: Language) -> Words:
    return _ALL[language]
