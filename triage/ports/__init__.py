"""The contracts of the adapters: small protocols whose docstrings are the promise, with their errors.

One suite per port runs on every implementation (tests/contracts). The core is synchronous; what blocks stays
inside its adapter.

Reading order: process | mailbox reading | store and its tables | composing mailer | membership | monitoring.
"""

from triage.ports.composing import Composer, File, Rendered, Renderer
from triage.ports.mailbox import AccessTokens, Fetched, FolderStatus, Mailbox
from triage.ports.mailer import Delivery, HandoverLog, Mailer, Sent
from triage.ports.membership import Beat, Membership
from triage.ports.monitoring import Metrics, Page, PageServer, Plots
from triage.ports.process import AlarmClock, Clock, FileWatch, Supervisor
from triage.ports.reading import MessageParser, MessageReader
from triage.ports.store import Store, Transaction

__all__ = [
    "AccessTokens",
    "AlarmClock",
    "Beat",
    "Clock",
    "Composer",
    "Delivery",
    "Fetched",
    "File",
    "FileWatch",
    "FolderStatus",
    "HandoverLog",
    "Mailbox",
    "Mailer",
    "Membership",
    "MessageParser",
    "MessageReader",
    "Metrics",
    "Page",
    "PageServer",
    "Plots",
    "Rendered",
    "Renderer",
    "Sent",
    "Store",
    "Supervisor",
    "Transaction",
]
