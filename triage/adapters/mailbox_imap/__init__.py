"""The mailbox port on IMAP (imapclient): one connection per watched folder, owned by one thread.

Reading order: mailbox (the port), session and worker (the thread and its deadlines), connection (sign-in), folder,
idle, settling | batches, fetching, answers and structure (what the server says), sections (what of a mail is
fetched) | config, failures (the world's errors in our words).
"""

from triage.adapters.mailbox_imap.config import Auth, FetchLimits, ImapConfig, Settling, Timeouts, Tls
from triage.adapters.mailbox_imap.mailbox import ImapMailbox, ServerFacts

__all__ = ["Auth", "FetchLimits", "ImapConfig", "ImapMailbox", "ServerFacts", "Settling", "Timeouts", "Tls"]
