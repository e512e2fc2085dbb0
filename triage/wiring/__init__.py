"""THE composition root, a package: the only place that knows every adapter. Importing it connects to nothing.

Reading order: servers, reloadable, loops, building (Settings in, a Daemon out) | commands, checks (what the command line needs).
"""

from triage.wiring.building import Built, ByHand, by_hand, daemon
from triage.wiring.checks import connection_findings, file_problems, probe_findings
from triage.wiring.commands import (
    Tools,
    backtested,
    changing,
    erased,
    exported,
    mail_ages,
    nearest_rules,
    new_site_files,
    plots,
    random_secret,
    reading,
    report,
    report_page,
    standing,
    suggested,
    today,
    tools,
    triage_schema,
)
from triage.wiring.reloadable import Reloadable
from triage.wiring.servers import Tokens, imap_config, sent_name

__all__ = [
    "Built",
    "ByHand",
    "Reloadable",
    "Tokens",
    "Tools",
    "backtested",
    "by_hand",
    "changing",
    "connection_findings",
    "daemon",
    "erased",
    "exported",
    "file_problems",
    "imap_config",
    "mail_ages",
    "nearest_rules",
    "new_site_files",
    "plots",
    "probe_findings",
    "random_secret",
    "reading",
    "report",
    "report_page",
    "sent_name",
    "standing",
    "suggested",
    "today",
    "tools",
    "triage_schema",
]
