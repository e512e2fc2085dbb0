"""What the daemon does by itself to stay well for years: backups, retention, the weekly report, canaries."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from triage.settings.values import Duration, MailAddress, Strict

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _clock(value: object) -> str:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError('is a local time in quotes, such as "03:30"')
    return value


class Backup(Strict):
    folder: Path = Field(
        description="where copies of the store are written, beside this file; our unit may write below /var/lib/triage only"
    )
    at: str = Field(default="03:30", description='local time of every day, in quotes: "03:30"')
    keep: int = Field(
        default=14, ge=1, le=1000, description="how many copies are kept; older ones are deleted"
    )

    _at = field_validator("at", mode="before")(_clock)


class Retention(Strict):
    ended: Duration | None = Field(
        default=None,
        description="how long an ended case keeps its contents, then figures remain, as 730d; null: for ever",
    )
    ignored: Duration | None = Field(
        default=None, description="how long mail that opened no case is kept; null: for ever"
    )
    mails: Duration | None = Field(
        default=None,
        description="how long digests, alarms and reports that were sent are kept; null: for ever",
    )


class Canary(Strict):
    every: Duration = Field(
        default=300.0, description="how often a signed mail is sent to each support address, to be read back"
    )
    overdue: Duration = Field(
        default=900.0, description="a canary not read for so long is mailed to the admin"
    )


class WeeklyReport(Strict):
    to: tuple[MailAddress, ...] = Field(min_length=1, description="who gets it")
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = Field(
        default="mon", description="on which day; it tells of the seven days before"
    )
    at: str = Field(default="08:00", description='local time, in quotes: "08:00"')

    _at = field_validator("at", mode="before")(_clock)
