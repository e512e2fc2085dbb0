"""The report as one HTML page that stands alone: no script, no style sheet, no picture from elsewhere.

Every word that came from outside (rule names, subjects) is escaped. Pictures are handed in as PNG and written into the
page. Called by `triage report --html`.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from zoneinfo import ZoneInfo

from triage.app.reporting import length
from triage.core.model import Language
from triage.core.report import Report
from triage.core.report_words import Words

_STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--soft:#57606a;--line:#d0d7de;--paper:#fff;--card:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--line:#30363d;--paper:#0d1117;--card:#161b22}}
body{margin:0 auto;max-width:64rem;padding:2rem 1rem 4rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}.days{color:var(--soft);margin:.2rem 0 1.5rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.8rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem}
.card b{display:block;font-size:1.7rem;line-height:1.2}.card span{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.35rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap}
th{white-space:normal;vertical-align:bottom}
th:first-child,td:first-child{text-align:left}th{color:var(--soft);font-weight:600}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;margin-top:1.5rem}
img{width:100%;height:auto;background:#fff;border:1px solid var(--line);border-radius:.5rem}
@media (max-width:36rem){body{padding:1rem .8rem 3rem}th,td{padding:.3rem .25rem;font-size:.8rem}td{white-space:normal}
td:first-child{overflow-wrap:anywhere}}
@media print{.plots{grid-template-columns:1fr 1fr}}
"""


def page(
    found: Report,
    words: Words,
    pictures: Mapping[str, bytes],
    company: str,
    zone: ZoneInfo,
    language: Language,
) -> str:
    """Return the whole page."""
    first, last = found.start.astimezone(zone), found.end.astimezone(zone) - timedelta(seconds=1)
    days = f"{first:%Y-%m-%d} – {last:%Y-%m-%d}, {escape(zone.key)}"
    body = [
        f"<h1>{escape(words['title'])} · {escape(company)}</h1><p class=days>{days}</p>",
        _cards(found, words) if any(found.hours) else f"<p>{escape(words['nothing'])}</p>",
        _pictures(pictures, words),
        _severities(found, words),
        _table(
            words["rules"],
            (words["rule"], words["fired"], words["corrected"]),
            [(row.rule, row.fired, row.corrected) for row in found.rules],
        ),
        _table(
            words["corrections"],
            (words["rule"], words["said"], words["became"], words["cases"]),
            [(row.rule, row.was, row.became, row.count) for row in found.corrections],
        ),
        _clients(found, words),
        _table(words["ignored"], ("", words["messages"]), found.ignored),
        _missed(found, words, zone),
    ]
    return (
        f'<!doctype html>\n<html lang="{language.value}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(words['title'])} · {escape(company)}</title><style>{_STYLE}</style>\n"
        + "\n".join(part for part in body if part)
        + "\n</html>\n"
    )


def _cards(found: Report, words: Words) -> str:
    cards = [
        (
            "–" if row.percent is None else f"{row.percent:.0f} %",
            f"{words['severity']} {int(row.severity)}: {words['in_time'].lower()}, {row.kept} / {row.due}",
        )
        for row in found.severities
        if row.due
    ]
    cards.insert(0, (str(sum(found.hours)), words["cases"]))
    if found.survey.average is not None:
        cards.append(
            (
                f"{found.survey.average:.1f} / 5",
                f"{words['average']}, {found.survey.answers} {words['answers'].lower()}",
            )
        )
    made = (
        f"<div class=card><b>{escape(figure)}</b><span>{escape(what)}</span></div>" for figure, what in cards
    )
    return f"<div class=cards>{''.join(made)}</div>"


def _pictures(pictures: Mapping[str, bytes], words: Words) -> str:
    titles = {
        "kept": "attended_in_time",
        "attention": "time_to_attention",
        "hours": "by_hour",
        "weekdays": "by_weekday",
    }
    made = (
        f'<img alt="{escape(words[titles[name]])}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        for name, png in pictures.items()
    )
    return f"<div class=plots>{''.join(made)}</div>" if pictures else ""


def _severities(found: Report, words: Words) -> str:
    headings = tuple(
        words[key]
        for key in (
            "severity",
            "cases",
            "in_time",
            "of",
            "missed",
            "reopened",
            "attended",
            "median",
            "p90",
            "acknowledged",
        )
    )
    rows = [
        (
            int(row.severity),
            row.opened,
            row.kept,
            row.due,
            row.breached,
            row.reopened,
            row.attended,
            length(row.attention_median),
            length(row.attention_p90),
            length(row.acknowledgement_median),
        )
        for row in found.severities
    ]
    return _table(words["attended_in_time"], headings, rows)


def _clients(found: Report, words: Words) -> str:
    survey = found.survey
    rows = [
        (words["surveys_sent"], survey.sent),
        (words["answers"], survey.answers),
        *((f"{'★' * mark}", count) for mark, count in enumerate(survey.marks, 1) if survey.answers),
        (words["comments"], survey.comments),
        (words["suggestions"], found.suggestions),
    ]
    return _table(words["clients"], ("", ""), rows)


def _missed(found: Report, words: Words, zone: ZoneInfo) -> str:
    rows = [
        (
            case.reference,
            int(case.severity),
            f"{case.deadline.at.astimezone(zone):%Y-%m-%d %H:%M}",
            f"{case.attended_at.astimezone(zone):%Y-%m-%d %H:%M}" if case.attended_at else "–",
        )
        for case in found.breaches
    ]
    headings = (words["case"], words["severity"], words["deadline"], words["attended"])
    return _table(words["missed_promises"], headings, rows)


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th scope=col>{escape(str(one))}</th>" for one in headings)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    shown = f"<tr>{head}</tr>" if any(headings) else ""
    return f"<h2>{escape(title)}</h2><div class=wide><table>{shown}{lines}</table></div>"
