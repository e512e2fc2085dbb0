"""Mail-driven support triage; importing this connects to nothing."""

__version__ = "0.1.0"
