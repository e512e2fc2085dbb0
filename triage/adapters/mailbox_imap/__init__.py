"""The mailbox port on IMAP (imapclient): one connection per watched folder, owned by one thread.

Reading order: config, worker (the thread and its deadlines), connection (sign-in), folder, answers and structure
(what the server says), sections (what of a mail is fetched), fetching, idle, settling, mailbox (the port), failures
(the world's errors in our words).
"""

from triage.adapters.mailbox_imap.config import Auth, FetchLimits, ImapConfig, Settling, Timeouts, Tls
from triage.adapters.mailbox_imap.mailbox import ImapMailbox, ServerFacts

__all__ = ["Auth", "FetchLimits", "ImapConfig", "ImapMailbox", "ServerFacts", "Settling", "Timeouts", "Tls"]
