"""The files of a new site, as text: the shipped support model in another company's name, and its unit."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from triage import settings
from triage.app import new_site
from triage.app.new_site import Answers

ANSWERS = Answers(
    name="Acme: S.A.",
    domain="acme.example",
    address="help+me@acme.example",
    imap_host="imap.acme.example",
    smtp_host="smtp.acme.example",
    user="help",
    timezone="Europe/Madrid",
    language="en",
)
RULES = settings.shipped("rules.yaml").read_text(encoding="utf-8")
UNIT = settings.shipped("systemd/triage.service").read_text(encoding="utf-8")


def test_the_support_model_changes_in_name_and_zone_and_in_nothing_else() -> None:
    ours, theirs = yaml.safe_load(RULES), yaml.safe_load(new_site.rules(ANSWERS, RULES))
    assert theirs["company"]["name"] == "Acme: S.A."
    assert theirs["company"]["email"] == "help+me@acme.example"
    for calendar in theirs["sla"]["calendars"].values():
        assert calendar.pop("timezone") == "Europe/Madrid"
    for calendar in ours["sla"]["calendars"].values():
        calendar.pop("timezone")
    for key in ("name", "email", "phones", "mobiles", "chat", "wiki", "web"):
        ours["company"].pop(key, None)
        theirs["company"].pop(key, None)
    assert theirs == ours


def test_the_owner_of_the_shipped_rules_keeps_telephones_and_links() -> None:
    netone = replace(ANSWERS, name="NetOne", timezone="America/Argentina/Buenos_Aires")
    ours, theirs = yaml.safe_load(RULES), yaml.safe_load(new_site.rules(netone, RULES))
    assert theirs["company"] == {**ours["company"], "email": "help+me@acme.example"}


def test_the_rules_name_the_schema_beside_them_once() -> None:
    text = new_site.rules(ANSWERS, RULES)
    assert text.startswith("# yaml-language-server: $schema=schema/rules.json\n")
    assert text.count(new_site.MODELINE) == 1


@pytest.mark.parametrize(
    ("secrets", "smtp_user", "credentials"),
    [
        ("credential", "help", ["triage-secret", "imap-password", "smtp-password"]),
        ("credential", "", ["triage-secret", "imap-password"]),
        ("file", "help", []),
    ],
)
def test_the_unit_loads_the_credentials_that_the_site_needs(
    secrets: str, smtp_user: str, credentials: list[str]
) -> None:
    answers = replace(ANSWERS, secrets=secrets, smtp_user=smtp_user)
    text = new_site.unit(answers, UNIT, Path("/srv/acme"), "/opt/x/bin/triage")
    loaded = [line for line in text.splitlines() if line.startswith("LoadCredential=")]
    assert [line[15:].partition(":")[0] for line in loaded] == credentials
    assert "ExecStart=/opt/x/bin/triage run --config /srv/acme/triage.yaml\n" in text


@pytest.mark.parametrize("secrets", ["credential", "file", "env"])
def test_the_remaining_commands_name_every_secret_and_never_one_in_the_clear(secrets: str) -> None:
    answers = replace(ANSWERS, secrets=secrets, smtp_user="help")
    text = "\n".join(new_site.remaining(answers, Path("/srv/acme")))
    for name in ("imap-password", "smtp-password"):
        assert name in text or new_site.environment_name(name) in text


def test_the_mailbox_is_named_after_its_address() -> None:
    assert ANSWERS.mailbox == "help-me"
