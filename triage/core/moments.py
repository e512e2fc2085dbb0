"""An instant, a day or a span in the words of a person: Spanish (rioplatense), English, Brazilian Portuguese.

Knows how people say times; does not know why a moment matters. Called by the templates' filters (through
`adapters.renderer_jinja`) and by the transcript. Local time exists here and in `sla_calendar` only: every
function takes an aware instant and the zone in which it is to be said.

Two rules hold throughout. Minutes are floored, so that a promise is never said later than it is. An instant that
is the first of a local day ends the day before: it is said as 24:00 or the end of that day, never as the next one,
which may be a Saturday on which nobody works.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triage.core.model import Kind, Language
from triage.core.moments_words import (
    CITIES,
    DAYS_ABBREVIATED,
    MONTHS,
    MONTHS_ABBREVIATED,
    RELATIVE,
    WEEKDAYS,
)

ES, EN, PT = Language.ES, Language.EN, Language.PT
_NEAR = timedelta(days=6)
_DAY_MINUTES = 24 * 60
_SATURDAY = 5


def city(zone: ZoneInfo, language: Language) -> str:
    """Return the place after which a zone is named ("Buenos Aires"), or the zone's own name where there is none."""
    key = zone.key
    if "/" not in key or key.startswith("Etc/"):
        return "UTC" if key in {"UTC", "Etc/UTC", "Etc/Universal", "Universal"} else key
    last = key.rsplit("/", 1)[1]
    names = CITIES.get(last)
    return names[language] if names else last.replace("_", " ")


def city_time(zone: ZoneInfo, language: Language) -> str:
    """Return "hora de Buenos Aires", "Buenos Aires time", "horário de Buenos Aires"."""
    place = city(zone, language)
    if place == "UTC":
        return {ES: "hora UTC", EN: "UTC", PT: "horário UTC"}[language]
    return {ES: f"hora de {place}", EN: f"{place} time", PT: f"horário de {place}"}[language]


def civil(at: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """Return the local day and the minute of it, floored; a day's end is minute 1440 of that day.

    Where midnight is skipped by summer time the first instant of the day is 01:00: it is the day before's end too.
    """
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    local, before = whole.astimezone(zone), (whole - timedelta(seconds=1)).astimezone(zone)
    if before.date() < local.date():
        return before.date(), _DAY_MINUTES
    return local.date(), local.hour * 60 + local.minute


def clock(minute: int, language: Language) -> str:
    """Return a time of day as it is written: "15:42", "18"; "15:42", "18:00"; "15h42", "18h"."""
    hour, rest = divmod(minute, 60)
    if language is PT:
        return f"{hour}h{rest:02d}" if rest else f"{hour}h"
    if language is ES and not rest and hour != 24:
        return str(hour)
    return f"{hour}:{rest:02d}"


def _article(minute: int, language: Language) -> str:
    """Return the article of an hour: one o'clock is singular."""
    one = minute // 60 == 1
    return {ES: "la" if one else "las", EN: "", PT: "a" if one else "as"}[language]


def at_clock(minute: int, language: Language) -> str:
    """Return "a las 15:42", "at 15:42", "às 15h42"."""
    words, article = clock(minute, language), _article(minute, language)
    return {ES: f"a {article} {words}", EN: f"at {words}", PT: f"{'à' if article == 'a' else 'às'} {words}"}[
        language
    ]


def before_clock(minute: int, language: Language) -> str:
    """Return "antes de las 15:42", "by 15:42", "antes das 15h42"; the day's end is "hasta las 24:00"."""
    words, article = clock(minute, language), _article(minute, language)
    if minute == _DAY_MINUTES:
        return {ES: f"hasta {article} {words}", EN: f"by {words}", PT: f"até {article} {words}"}[language]
    return {ES: f"antes de {article} {words}", EN: f"by {words}", PT: f"antes d{article} {words}"}[language]


def day_words(day: date, today: date, language: Language) -> str:
    """Return "el lunes 26", "Monday 26", "segunda-feira, dia 26", with month and year where that leaves a doubt."""
    if abs(day - today) > _NEAR or (day.year, day.month) != (today.year, today.month):
        return date_words(day, today, language)
    weekday = WEEKDAYS[language][day.weekday()]
    return {ES: f"el {weekday} {day.day}", EN: f"{weekday} {day.day}", PT: f"{weekday}, dia {day.day}"}[
        language
    ]


def date_words(day: date, today: date, language: Language) -> str:
    """Return a day with its month: "el martes 15 de diciembre", with the year where it is another than today's."""
    words = calendar_day(day, today, language)
    return f"el {words}" if language is ES else words


def calendar_day(day: date, today: date, language: Language) -> str:
    """Return a day without article: "martes 15 de diciembre", "Tuesday 15 December", "terça-feira, 15 de dezembro"."""
    weekday, month = WEEKDAYS[language][day.weekday()], MONTHS[language][day.month - 1]
    year = "" if day.year == today.year else f"{day.year}"
    if language is EN:
        return f"{weekday} {day.day} {month} {year}".rstrip()
    words = f"{day.day} de {month}" + (f" de {year}" if year else "")
    return f"{weekday}{',' if language is PT else ''} {words}"


def _on_day(day: date, today: date, language: Language) -> str:
    """Return the day as an adverb: "hoy", "el lunes 26", "on Monday 26", "na segunda-feira, dia 26,"."""
    named = RELATIVE[language].get((day - today).days)
    if named:
        return named
    words = day_words(day, today, language)
    if language is EN:
        return f"on {words}"
    return words if language is ES else f"{'no' if day.weekday() >= _SATURDAY else 'na'} {words},"


def moment(at: datetime, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return an instant: "hoy a las 15:42", "el lunes 26 a las 18", "on Monday 26 at 18:00"."""
    day, minute = civil(at, zone)
    return f"{_on_day(day, now.astimezone(zone).date(), language)} {at_clock(minute, language)}"


def deadline(at: datetime, kind: Kind, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return a promise: "hoy antes de las 15:42, hora de Buenos Aires"; of `from` only the first possible day."""
    if kind is Kind.FROM:
        return since(at, now, zone, language)
    return f"{by(at, now, zone, language)}, {city_time(zone, language)}"


def by(at: datetime, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return "hoy antes de las 15:42", "el lunes 26 hasta las 24:00", "on Monday 26 by 18:00"."""
    day, minute = civil(at, zone)
    return f"{_on_day(day, now.astimezone(zone).date(), language)} {before_clock(minute, language)}"


def since(at: datetime, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return "a partir del viernes 23 (fecha a confirmar)"; of a day's end: "a partir del final del viernes 23 (...)"."""
    day, minute = civil(at, zone)
    words = day_words(day, now.astimezone(zone).date(), language)
    if minute == _DAY_MINUTES:
        start = {ES: f"del final d{words}", EN: f"the end of {words}", PT: f"do fim de {words}"}[language]
    else:
        start = {ES: f"d{words}", EN: words, PT: f"de {words}"}[language]
    return {
        ES: f"a partir {start} (fecha a confirmar)",
        EN: f"from {start} (date to be confirmed)",
        PT: f"a partir {start} (data a confirmar)",
    }[language]


def exact(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return an instant that needs no context: "martes 20 de octubre de 2026, 15:42 (hora de Buenos Aires)"."""
    day, minute = civil(at, zone)
    clock_words = clock(minute, language) if language is PT else f"{minute // 60}:{minute % 60:02d}"
    return f"{calendar_day(day, date.min, language)}, {clock_words} ({city_time(zone, language)})"


def stamp(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return a short moment for lists: "mar 20/10 15:42", "Tue 20 Oct 15:42", "ter 20/10 15:42"."""
    day, minute = civil(at, zone)
    name = DAYS_ABBREVIATED[language][day.weekday()]
    clock_words = f"{minute // 60:02d}:{minute % 60:02d}"
    if language is EN:
        return f"{name} {day.day} {MONTHS_ABBREVIATED[language][day.month - 1]} {clock_words}"
    return f"{name} {day.day}/{day.month} {clock_words}"


def span(seconds: float, language: Language) -> str:
    """Return a duration: "45 min", "1 h 30 min", "2 días 3 h"; less than a minute is said so."""
    minutes = int(seconds) // 60
    if minutes < 1:
        return {ES: "menos de 1 min", EN: "less than 1 min", PT: "menos de 1 min"}[language]
    if minutes < 2 * _DAY_MINUTES:
        hours, rest = divmod(minutes, 60)
        return " ".join(
            part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part
        )
    days, rest = divmod(minutes, _DAY_MINUTES)
    name = {ES: "días", EN: "days", PT: "dias"}[language]
    return f"{days} {name}" + (f" {rest // 60} h" if rest // 60 else "")


def left(at: datetime, now: datetime, language: Language) -> str:
    """Return what is left until an instant, or for how long it is past: "quedan 1 h 30 min", "venció hace 20 min"."""
    seconds = (at - now).total_seconds()
    if seconds <= 0:
        words = span(-seconds, language)
        return {ES: f"venció hace {words}", EN: f"overdue by {words}", PT: f"venceu há {words}"}[language]
    words = span(seconds, language)
    one = words in {"1 h", "1 min"} or seconds < 60
    if language is EN:
        return f"{words} left"
    verb = {ES: "queda" if one else "quedan", PT: "falta" if one else "faltam"}[language]
    return f"{verb} {words}"


def opening_hours(hours: Mapping[int, Sequence[tuple[time, time]]], language: Language) -> str:
    """Return weekly hours (0 Monday): "lunes a viernes de 9 a 18"; neighbouring days with the same hours are joined."""
    groups: list[tuple[list[int], tuple[tuple[time, time], ...]]] = []
    for day in range(7):
        windows = tuple(hours.get(day) or ())
        if not windows:
            continue
        if groups and groups[-1][1] == windows and groups[-1][0][-1] == day - 1:
            groups[-1][0].append(day)
        else:
            groups.append(([day], windows))
    return "; ".join(_group_words(days, windows, language) for days, windows in groups)


def _group_words(days: Sequence[int], windows: Sequence[tuple[time, time]], language: Language) -> str:
    names = [WEEKDAYS[language][day] for day in (days if len(days) == 1 else (days[0], days[-1]))]
    if language is PT and len(names) > 1:
        names[0] = names[0].removesuffix("-feira")
    form = {ES: "de {} a {}", EN: "{} to {}", PT: "das {} às {}"}[language]
    times = [
        form.format(clock(_minute(a), language), clock(_minute(b) or _DAY_MINUTES, language))
        for a, b in windows
    ]
    joint, also = {ES: (" a ", " y "), EN: (" to ", " and "), PT: (" a ", " e ")}[language]
    return f"{joint.join(names)}{'' if language is ES else ','} {also.join(times)}"


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
