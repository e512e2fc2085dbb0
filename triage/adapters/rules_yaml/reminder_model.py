"""The shape of `lifecycle:` and `reminders:` as they are written, and their conversion to the core's values.

Pydantic only; every refusal with its key and reason. `sla` reads the document.
"""

import re
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from triage.adapters.rules_yaml import time_words
from triage.adapters.rules_yaml.sla_model import Level, Strict, text_keys
from triage.adapters.rules_yaml.time_words import SecondsText
from triage.core.model import Severity
from triage.core.reminders import Anchor, Digest, Escalated, ReminderRules, Step, Unless, When
from triage.core.support import Lifecycle
from triage.strict_yaml import register

# -- lifecycle -------------------------------------------------------------------------------------------------------

Act = Literal["run", "pause", "stop", "drop"]


class SeverityChangeModel(Strict):
    base: Literal["arrival", "change"] = "arrival"
    if_past: Literal["change", "keep"] = "change"
    raise_never_later: bool = True


class LifecycleForm(Strict):
    """What each state does to the clock; the defaults are sla/README's."""

    new: Act = "run"
    taken: Act = "run"
    escalated: Act = "run"
    waiting: Act = "pause"
    planned: Act = "stop"
    attended: Act = "stop"
    resolved: Act = "stop"
    closed: Act = "stop"
    merged: Act = "drop"
    reopening: Literal["restart"] = "restart"
    severity_change: SeverityChangeModel = SeverityChangeModel()
    calendar_change: Literal["keep", "recompute"] = "keep"
    reopen_days: Annotated[int, Field(ge=0)] = 30

    def lifecycle(self) -> Lifecycle:
        """Return the core's value."""
        states = (
            "new",
            "taken",
            "escalated",
            "waiting",
            "planned",
            "attended",
            "resolved",
            "closed",
            "merged",
        )
        return Lifecycle(
            clock={state: getattr(self, state) for state in states},
            severity_base=self.severity_change.base,
            severity_if_past=self.severity_change.if_past,
            raise_never_later=self.severity_change.raise_never_later,
            calendar_change=self.calendar_change,
            reopen_days=self.reopen_days,
        )


# -- reminders -------------------------------------------------------------------------------------------------------

Role = Literal["assignee", "oncall", "lead", "manager", "planning", "target"]
Roles = Annotated[tuple[Role, ...], Field(min_length=1, strict=False)]
UnlessName = Literal["taken", "told_client", "planned"]

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)%")
_ANCHORED = re.compile(r"(arrival|opening|breach|from)(?:\+(.+))?")


def _moment(text: str) -> tuple[Anchor, float, int]:
    """Read a step's `at`: anchor, percent, seconds. Raises ValueError."""
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        if float(percent[1]) > 100:
            raise ValueError(f"{text!r} is after the deadline; write breach+1h")
        return Anchor.FRACTION, float(percent[1]), 0
    if text.startswith("-"):
        return Anchor.BEFORE, 0, time_words.duration(time_words.seconds(text[1:]))
    anchored = _ANCHORED.fullmatch(text)
    if anchored is None:
        raise ValueError(
            f"{text!r} is no moment; write arrival, arrival+30m, opening, 50%, -15m, breach, breach+1h or from"
        )
    offset = time_words.duration(time_words.seconds(anchored[2])) if anchored[2] is not None else 0
    return Anchor(anchored[1]), 0, offset


def _checked_moment(text: str) -> str:
    _moment(text)
    return text


class StepModel(Strict):
    at: Annotated[str, AfterValidator(_checked_moment)]
    to: Roles
    when: Literal["any", "desk"] = "desk"
    unless: UnlessName | None = None
    repeat: Annotated[int, Field(ge=1, le=100)] = 1

    @model_validator(mode="after")
    def _spaced(self) -> Self:
        anchor, _, offset = _moment(self.at)
        if self.repeat > 1 and (offset == 0 or anchor is Anchor.BEFORE):
            raise ValueError("repeat needs an offset to be spaced by, such as breach+1h")
        return self

    def step(self, label: str) -> Step:
        """Return the core's value."""
        anchor, percent, offset = _moment(self.at)
        return Step(
            label=label,
            anchor=anchor,
            to=self.to,
            percent=percent,
            offset=offset,
            when=When(self.when),
            unless=Unless(self.unless) if self.unless else None,
            repeat=self.repeat,
        )


Section = Literal["breached", "due_today", "date_pending", "snoozed"]


class DigestModel(Strict):
    at: str = "opening"
    of: tuple[Section, ...] = Field(("breached", "due_today", "date_pending", "snoozed"), strict=False)
    empty: Literal["silent", "send"] = "silent"

    @model_validator(mode="after")
    def _time(self) -> Self:
        self.time()
        return self

    def time(self) -> time | None:
        """Return the fixed time of the day, None for the opening."""
        if self.at == "opening":
            return None
        match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", self.at)
        if match is None:
            raise ValueError(f'at: {self.at!r} is no time; write opening or "08:30"')
        return time(int(match[1]), int(match[2]))


class EscalatedModel(Strict):
    to: Roles = ("target",)
    remind: SecondsText = "1h"
    unless: UnlessName | None = None
    repeat: Annotated[int, Field(ge=0, le=100)] = 3

    @model_validator(mode="after")
    def _spaced(self) -> Self:
        if self.repeat and time_words.duration(self.remind) == 0:
            raise ValueError("remind: zero; write repeat: 0 for no reminders")
        return self

    def escalated(self) -> Escalated:
        """Return the core's value."""
        unless = Unless(self.unless) if self.unless else None
        return Escalated(self.to, time_words.duration(self.remind), unless, self.repeat)


class RemindersForm(Strict):
    """`reminders:` whole."""

    coalesce: SecondsText = "10m"
    min_gap: SecondsText = "15m"
    per_hour: Annotated[int, Field(ge=1)] = 6
    after_downtime: Literal["latest"] = "latest"
    digest: DigestModel | None = None
    steps: Annotated[
        dict[Level, list[StepModel]],
        Field(default_factory=dict),
        BeforeValidator(text_keys, json_schema_input_type=dict[str, list[StepModel]]),
    ]
    escalated: EscalatedModel | None = None

    def rules(self) -> ReminderRules:
        """Return the core's value."""
        digest = self.digest
        return ReminderRules(
            steps={Severity(int(level)): _steps(steps) for level, steps in self.steps.items()},
            escalated=self.escalated.escalated() if self.escalated else None,
            digest=Digest(digest.of, digest.time(), digest.empty == "send") if digest else None,
            coalesce=time_words.duration(self.coalesce),
            min_gap=time_words.duration(self.min_gap),
            per_hour=self.per_hour,
        )


def _steps(models: list[StepModel]) -> tuple[Step, ...]:
    """Convert steps; a second one at the same moment gets a label of its own (`50% #2`)."""
    found: list[Step] = []
    for model in models:
        same = sum(step.label.split(" #")[0] == model.at for step in found)
        found.append(model.step(f"{model.at} #{same + 1}" if same else model.at))
    return tuple(found)


register(LifecycleForm)
register(RemindersForm)
