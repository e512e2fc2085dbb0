"""What draws the report's pictures, where it is installed."""

from triage.ports import Plots


def plots() -> Plots | None:
    """Return what draws, or None where matplotlib is not installed (extra `report`)."""
    try:
        from triage.adapters.plots_matplotlib import MatplotlibPlots  # noqa: PLC0415 - slow, and an extra
    except ImportError:
        return None
    return MatplotlibPlots()
