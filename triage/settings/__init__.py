"""triage.yaml, the environment and systemd credentials, as one frozen Settings; nobody else reads the environment.

Finds the configuration (INTERFACE section 1), checks it whole (`Misconfigured` carries every problem), resolves
secrets only when asked, and knows where the shipped rules and templates lie. Opens no connection.
"""

from triage.settings.finding import (
    files_beside,
    find,
    given_by_systemd,
    load,
    locate,
    machine_zone,
    secret_problems,
    shipped,
    state_folder,
)
from triage.settings.limits import Limits
from triage.settings.model import AgentModel, Http, Log, Mailbox, OnCallModel, Settings
from triage.settings.sample import SAMPLE_SECRET, sample
from triage.settings.secret import OAuth2, Secret
from triage.settings.servers import Imap, Smtp
from triage.settings.values import absence, seconds, weekly_windows

__all__ = [
    "SAMPLE_SECRET",
    "AgentModel",
    "Http",
    "Imap",
    "Limits",
    "Log",
    "Mailbox",
    "OAuth2",
    "OnCallModel",
    "Secret",
    "Settings",
    "Smtp",
    "absence",
    "files_beside",
    "find",
    "given_by_systemd",
    "load",
    "locate",
    "machine_zone",
    "sample",
    "seconds",
    "secret_problems",
    "shipped",
    "state_folder",
    "weekly_windows",
]
