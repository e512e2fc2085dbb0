"""The one place that reads the system's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The port Clock on the machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251
