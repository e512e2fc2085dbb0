"""`ports.Plots` over matplotlib (extra `report`): the report's figures as small PNG pictures.

Drawn off screen, without pyplot and its global state. Colours hold up in print, in the dark and for those who do not
see red and green; every bar carries its number.
"""

import io
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triage.core.report import Report
from triage.core.report_words import Words

_KEPT, _MISSED, _BAR, _INK = "#1f6feb", "#d97706", "#1f6feb", "#1f2328"
_SIZE, _DPI = (5.0, 2.5), 160  # small inches: on a phone's width the words are still read


class MatplotlibPlots:
    def draw(self, report: Report, words: Words) -> Mapping[str, bytes]:
        """Return pictures by name: kept, attention, hours, weekdays; those without figures are left out."""
        found = {}
        if any(row.due for row in report.severities):
            found["kept"] = _kept(report, words)
        if report.attentions:
            found["attention"] = _attention(report, words)
        if any(report.hours):
            hours = [f"{hour:02}" if hour % 3 == 0 else "" for hour in range(24)]
            found["hours"] = _bars(words["by_hour"], hours, report.hours)
            found["weekdays"] = _bars(words["by_weekday"], words["weekdays"].split(), report.weekdays)
        return found


def _kept(report: Report, words: Words) -> bytes:
    figure, axes = _canvas(words["attended_in_time"])
    rows = [row for row in report.severities if row.due][::-1]
    names = [f"{words['severity']} {int(row.severity)}" for row in rows]
    axes.barh(names, [row.kept for row in rows], color=_KEPT, height=0.55, label=words["in_time"])
    axes.barh(
        names,
        [row.breached for row in rows],
        left=[row.kept for row in rows],
        color=_MISSED,
        height=0.55,
        hatch="//",
        edgecolor="white",
        label=words["missed"],
    )
    most = max(row.due for row in rows)
    for index, row in enumerate(rows):
        share = f"{row.kept} / {row.due}  ({100 * row.kept / row.due:.0f} %)"
        axes.text(row.due + most * 0.02, index, share, va="center", color=_INK, fontsize=9)
    axes.set_xlim(0, most * 1.3)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=2)
    return _png(figure)


def _attention(report: Report, words: Words) -> bytes:
    """Show how long clients waited: the share of cases attended within a time, one line a severity."""
    figure, axes = _canvas(words["time_to_attention"])
    styles = {1: ("-", "#d97706"), 2: ("--", "#1f6feb"), 3: (":", "#57606a")}
    for severity, (style, colour) in styles.items():
        hours = sorted(seconds / 3600 for level, seconds in report.attentions if level == severity)
        if hours:
            shares = [100 * (index + 1) / len(hours) for index in range(len(hours))]
            axes.step(
                [0, *hours],
                [0, *shares],
                where="post",
                linestyle=style,
                color=colour,
                label=f"{words['severity']} {severity} ({len(hours)})",
            )
    axes.set_xscale("symlog", linthresh=0.5)
    ticks = [0, 1, 4, 24, 96, 240]
    longest = max(seconds for _, seconds in report.attentions) / 3600
    shown = [tick for tick in ticks if tick <= max(longest * 1.6, 1)]
    axes.set_xticks(shown, [f"{tick:g} h" for tick in shown], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_xlim(0, max(longest * 1.1, 0.6))
    axes.set_ylim(0, 104)
    axes.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    axes.grid(axis="y", color="#d0d7de", linewidth=0.6)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return _png(figure)


def _bars(title: str, names: Sequence[str], counts: Sequence[int]) -> bytes:
    figure, axes = _canvas(title)
    bars = axes.bar(range(len(names)), counts, color=_BAR, width=0.7)
    axes.set_xticks(range(len(names)), names)
    axes.bar_label(bars, [str(count) if count else "" for count in counts], fontsize=8, color=_INK)
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0, labelsize=8)
    axes.margins(y=0.15)
    return _png(figure)


def _canvas(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, color=_INK, fontweight="bold")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=9, colors=_INK)
    return figure, axes


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
