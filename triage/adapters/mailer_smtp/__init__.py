"""Mailer over SMTP (aiosmtplib): `config` how to reach the relay, `connection` how one comes to be ready, `wire`
commands and replies on it, `addresses` and `dialogue` one mail, `mailer` the pool behind the port. Nothing else imports
aiosmtplib.
"""

from triage.adapters.mailer_smtp.config import SmtpConfig
from triage.adapters.mailer_smtp.mailer import SmtpMailer

__all__ = ["SmtpConfig", "SmtpMailer"]
