"""Make the database: tables, the helpdesk's own mail templates, one queue that reads the benchmark's mailbox."""

import os

import django
from django.core.management import call_command

django.setup()

from helpdesk.models import EmailTemplate, Queue  # noqa: E402 - models exist only after setup

call_command("migrate", verbosity=0, interactive=False)
call_command("loaddata", "emailtemplate.json", verbosity=0)
# without its template an acknowledgement would be left out, and the helpdesk look faster than it is
assert EmailTemplate.objects.filter(template_name="newticket_submitter", locale="en").count() == 1
Queue.objects.create(
    title="Soporte",
    slug="soporte",
    email_address="soporte@netone.example",  # the mails' To: no ticket notes it down as a Cc
    allow_email_submission=True,
    email_box_type="imap",
    email_box_host="127.0.0.1",
    email_box_port=int(os.environ["DESK_IMAP"]),
    email_box_ssl=False,
    email_box_user=os.environ["DESK_USER"],
    email_box_pass=os.environ["DESK_PASSWORD"],
    email_box_imap_folder="INBOX",
    email_box_interval=0,
)
