"""The keys of triage.yaml, each with its type, default and description; docs, schema and `triage init` are made of them.

Called by `finding.load`; `Settings.identity` gives the core its Site. Opens nothing.
"""

import re
from datetime import date
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, field_validator, model_validator

from triage import strict_yaml
from triage.core.model import Language
from triage.core.site import Agent, Area, MailboxIdentity, OnCall, Site
from triage.settings.limits import Limits
from triage.settings.operations import Backup, Canary, Retention, WeeklyReport
from triage.settings.secret import Secret
from triage.settings.servers import Imap, Smtp
from triage.settings.values import Duration, MailAddress, Strict, Zone, absence, weekly_windows


class Mailbox(Strict):
    name: str = Field(
        pattern=r"^[A-Za-z0-9._-]+$",
        description="ours, short: in the log, in `templates/NAME/`, in the store",
    )
    address: MailAddress = Field(
        description="the support address that clients write to; our mails come from it"
    )
    aliases: tuple[MailAddress, ...] = Field(default=(), description="further addresses that arrive here")
    folder: str = Field(default="INBOX", description="the folder that is read")
    sent: str | None = Field(
        default=None,
        description="the account's folder of sent mail: watched for answers written elsewhere, and where copies go",
    )
    start: str = Field(
        default="now",
        description="the very first look at the folder: now (old mail is left alone), all, or from a date on",
    )
    settle: Literal["keyword", "move", "none"] = Field(
        default="keyword",
        description="how a message that has its outcome is marked: keyword ($Triaged), move (to move_to), none",
    )
    move_to: str = Field(default="Triaged", description="the folder for settle: move")
    poll: Duration = Field(
        default=60.0, description="safety net beside IDLE: how often the folder is looked at anyway"
    )
    eager: Duration | None = Field(
        default=None,
        description="how often to ask instead of waiting for notices; null: 0.2s, on Dovecot only; 0: never",
    )
    imap: Imap = Field(description="how to reach the account")

    @field_validator("start", mode="before")
    @classmethod
    def _start(cls, value: object) -> object:
        if isinstance(value, date):
            return value.isoformat()
        if value not in {"now", "all"}:
            try:
                date.fromisoformat(str(value))
            except ValueError as error:
                raise ValueError("is now, all or a date such as 2026-01-31") from error
        return value


class SiteModel(Strict):
    name: str = Field(description="the company, as clients read it")
    domain: str = Field(description="of our Message-IDs")
    timezone: Zone = Field(description="in which clients and agents read times; a tz name")
    language: Language = Field(default=Language.ES, description="in doubt: es, en or pt")
    reference_prefix: str = Field(
        default="NO", pattern=r"^[A-Z][A-Z0-9]{0,9}$", description="of case references: NO-2026-000123"
    )
    authserv_id: str | None = Field(
        default=None,
        description="the server whose Authentication-Results we believe; null: nobody counts as authenticated",
    )
    same_organisation: bool = Field(
        default=False,
        description="whoever writes, authenticated, from a client's own mail domain takes part in his cases",
    )
    answers_as: str = Field(
        default="{agent} - {company}",
        pattern=r"^(?:[^{}]|\{agent\}|\{company\})*$",
        description="the name in From of an agent's answer to a client; of {agent} and {company}",
    )
    original: bool = Field(
        default=False,
        description="agents get the client's mail itself (.eml) with the first mail about a case",
    )
    secret: Secret = Field(
        description="signs Message-IDs, return paths and actions; keep it when the host changes"
    )


class AgentModel(Strict):
    address: MailAddress = Field(description="the mail address that the agent writes from")
    name: str = Field(
        default="", description="as clients and colleagues read it; default: what stands before the @"
    )
    roles: tuple[Literal["lead", "manager", "planning"], ...] = Field(
        default=(),
        description="any of lead, manager (hear of breaches), planning (confirms dates of severity 3)",
    )
    areas: tuple[str, ...] = Field(default=(), description="keys of areas: whose cases the agent gets")
    hours: dict[str, tuple[str, ...]] | None = Field(
        default=None,
        description='working hours, as {mon-fri: ["09:00-18:00"]}; null: those of the SLA calendar',
    )
    absent: tuple[str, ...] = Field(
        default=(), description="days away, as 2026-12-24 or 2026-12-24..2027-01-05, both inclusive"
    )
    original: bool | None = Field(
        default=None, description="gets the client's mail itself (.eml) too; null: as site.original says"
    )

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: dict[str, tuple[str, ...]] | None) -> dict[str, tuple[str, ...]] | None:
        if value is not None:
            weekly_windows(value)
        return value

    @field_validator("absent")
    @classmethod
    def _absent(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            absence(text)
        return value


class AreaModel(Strict):
    address: MailAddress | None = Field(
        default=None, description="where an escalation to the area is mailed; null: to the area's agents"
    )
    products: tuple[str, ...] = Field(default=(), description="whose cases belong here from the start")


class OnCallModel(Strict):
    rotation: Literal["weekly", "daily"] = Field(
        default="weekly", description="weekly (changes on Mondays) or daily"
    )
    start: date = Field(description="the day on which the first agent begins")
    agents: tuple[MailAddress, ...] = Field(
        default=(),
        description="who takes turns, for severity 1 out of hours; empty: the lead and the admin are told, without a lead every agent",
    )


class Http(Strict):
    listen: str = Field(
        default="127.0.0.1:9464", description="address and port of metrics and health; keep it on loopback"
    )


class Log(Strict):
    format: Literal["auto", "json", "text"] = Field(
        default="auto", description="json, text, or auto (text on a terminal)"
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )


class Settings(Strict):
    """The whole wiring, checked. Paths are taken relative to the file's folder."""

    site: SiteModel = Field(description="who we are")
    store: str = Field(
        default="sqlite:////var/lib/triage/triage.db",
        description="sqlite:////absolute/path, or postgresql://user@host/database (extra [postgres]); a relative path is beside this file",
    )
    rules: Path = Field(default=Path("rules.yaml"), description="the support model, beside this file")
    templates: Path | None = Field(
        default=None,
        description="a folder of overrides, beside this file; null: the shipped mails as they are",
    )
    mailboxes: tuple[Mailbox, ...] = Field(min_length=1, description="the watched accounts")
    smtp: Smtp = Field(description="the relay that takes our mail")
    agents: tuple[AgentModel, ...] = Field(default=(), description="who answers; clients are all others")
    areas: dict[str, AreaModel] = Field(
        default_factory=dict,
        description="where a case can be escalated to, as {development: {address: dev@example.com}}",
    )
    oncall: OnCallModel | None = Field(default=None, description="who is reached out of hours")
    monitors: tuple[MailAddress, ...] = Field(
        default=(),
        description="addresses of monitoring systems, whose mail is a case without an acknowledgement",
    )
    suggestions: MailAddress | None = Field(
        default=None,
        description="where clients write suggestions to: thanked and counted, no case; make it an alias of a mailbox",
    )
    admin: MailAddress | None = Field(default=None, description="gets the daemon's own alarms")
    limits: Limits = Field(default_factory=Limits, description="every limit has a default")
    backup: Backup | None = Field(default=None, description="copies of the store by itself; null: none")
    retention: Retention = Field(
        default_factory=Retention, description="how long contents are kept; by default for ever"
    )
    report: WeeklyReport | None = Field(default=None, description="the week by mail; null: to nobody")
    canary: Canary | None = Field(
        default=None,
        description="test mails through the whole way of our own mail, relay and mailbox included; null: none",
    )
    http: Http | None = Field(default=None, description="metrics and health; null: none")
    log: Log = Field(default_factory=Log, description="on stderr; systemd puts it into the journal")
    _folder: Path = PrivateAttr(default=Path())
    _document: strict_yaml.Document = PrivateAttr(
        default_factory=lambda: strict_yaml.Document("triage.yaml", {})
    )

    @field_validator("oncall", mode="before")
    @classmethod
    def _no_oncall(cls, value: object) -> object:
        return None if isinstance(value, dict) and not value.get("agents") else value

    @field_validator("store")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if not re.match(r"sqlite:///|postgresql(\+psycopg)?://", value):
            raise ValueError("is sqlite:////absolute/path or postgresql://user@host/database")
        return value

    @field_validator("limits", mode="before")
    @classmethod
    def _default_limits(cls, value: object) -> object:
        return {} if value is None else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [box.name for box in self.mailboxes]
        if len(set(names)) != len(names):
            raise ValueError("two mailboxes have the same name")
        addresses = [agent.address for agent in self.agents]
        if len(set(addresses)) != len(addresses):
            raise ValueError("two agents have the same address")
        unknown = {a for agent in self.agents for a in agent.areas} - set(self.areas)
        if unknown:
            raise ValueError(f"agents name areas that areas: does not have: {', '.join(sorted(unknown))}")
        strangers = set(self.oncall.agents if self.oncall else ()) - set(addresses)
        if strangers:
            raise ValueError(f"oncall: {', '.join(sorted(strangers))} is no agent")
        return self

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def document(self) -> strict_yaml.Document:
        """The file as it was written: where each value stands."""
        return self._document

    def path(self, path: Path) -> Path:
        """Return a configured path, relative ones beside the configuration file."""
        return self._folder / path

    @property
    def rules_path(self) -> Path:
        return self.path(self.rules)

    @property
    def templates_path(self) -> Path | None:
        return self.path(self.templates) if self.templates is not None else None

    def store_url(self) -> str:
        """Return the store's URL with a relative SQLite path made absolute, beside the configuration file."""
        prefix = "sqlite:///"
        if self.store.startswith(prefix) and not self.store.startswith("sqlite:////"):
            return prefix + str((self._folder / self.store[len(prefix) :]).resolve())
        return self.store

    def identity(self, secret: bytes | None = None) -> Site:
        """Return the site as the core sees it; resolves the signing secret unless one is given."""
        key = secret if secret is not None else self.site.secret.read(self._folder).encode()
        return Site(
            name=self.site.name,
            domain=self.site.domain.lower(),
            zone=ZoneInfo(self.site.timezone),
            language=self.site.language,
            reference_prefix=self.site.reference_prefix,
            authserv_id=self.site.authserv_id.lower() if self.site.authserv_id else None,
            secret=key,
            mailboxes=tuple(MailboxIdentity(box.name, box.address, box.aliases) for box in self.mailboxes),
            agents=tuple(_agent(agent, original=self.site.original) for agent in self.agents),
            areas={name: Area(name, area.address, area.products) for name, area in self.areas.items()},
            oncall=OnCall(self.oncall.start, self.oncall.agents, self.oncall.rotation)
            if self.oncall
            else None,
            monitors=frozenset(self.monitors),
            suggestions=self.suggestions,
            admin=self.admin,
            plus_addresses=self.smtp.return_path == "plus",
            same_organisation=self.site.same_organisation,
        )


strict_yaml.register(Settings)


def _agent(model: AgentModel, *, original: bool) -> Agent:
    return Agent(
        address=model.address,
        name=model.name or model.address.partition("@")[0],
        roles=frozenset(model.roles),
        areas=frozenset(model.areas),
        hours=weekly_windows(model.hours) if model.hours is not None else None,
        absent=tuple(absence(text) for text in model.absent),
        original=original if model.original is None else model.original,
    )
