"""triage.yaml, the environment and systemd credentials, as one frozen Settings; nobody else reads the environment.

Finds the configuration (INTERFACE section 1), checks it whole (`Misconfigured` carries every problem), resolves
secrets only when asked, and knows where the shipped rules and templates lie. Opens no connection.
"""

import os
import re
from collections.abc import Mapping
from datetime import date, time
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from triage import strict_yaml
from triage.core.model import Language
from triage.core.site import Absence, Agent, Area, MailboxIdentity, OnCall, Site
from triage.errors import Misconfigured, Problem

_PARTS = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
_ADDRESS = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def seconds(value: object) -> float:
    """Read a duration: a number of seconds, or `90s`, `1h30m`, `2d`; zero included. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("is a duration, such as 60s or 1h30m, or a number of seconds")
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError("a duration cannot be negative")
        return float(value)
    text = str(value).strip().lower()
    match = _PARTS.fullmatch(text)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if not text or match is None:
        raise ValueError(f"{value!r} is no duration; write 60s, 15m, 1h30m, 2d or a number of seconds")
    weeks, days, hours, minutes, secs = (float(part or 0) for part in match.groups())
    return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + secs


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value.strip()):
        raise ValueError(f"{value!r} is no mail address")
    return value.strip().lower()


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"unknown time zone {value!r}; use a tz name such as America/Argentina/Buenos_Aires"
        ) from error
    return value


Duration = Annotated[float, BeforeValidator(seconds)]
MailAddress = Annotated[str, AfterValidator(_address)]
Zone = Annotated[str, AfterValidator(_zone)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Strict):
    """A secret by reference, never its text: exactly one of credential (systemd), env, file."""

    credential: str | None = None
    env: str | None = None
    file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_text(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError(
                "a secret is given by reference: {credential: NAME}, {env: NAME} or {file: PATH}"
            )
        return value

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(part is not None for part in (self.credential, self.env, self.file)) != 1:
            raise ValueError("give exactly one of credential, env, file")
        return self

    def read(self, beside: Path) -> str:
        """Return the secret's text without a closing line end; raises LookupError saying what is missing."""
        if self.env is not None:
            value = os.environ.get(self.env)  # noqa: TID251
            if value is None:
                raise LookupError(f"the environment has no variable {self.env}")
            return value
        if self.file is not None:
            return _read_secret(beside / self.file)
        folder = os.environ.get("CREDENTIALS_DIRECTORY")  # noqa: TID251
        if not folder:
            raise LookupError(
                f"credential {self.credential}: no $CREDENTIALS_DIRECTORY; run under systemd with LoadCredential, "
                "or use {file: PATH}"
            )
        return _read_secret(Path(folder) / str(self.credential))


def _read_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise LookupError(f"secret file {path}: {error.strerror}") from error


class OAuth2(_Strict):
    """A token endpoint in the place of a password; `flow` refresh_token or client_credentials."""

    token_url: str
    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: str = ""
    flow: Literal["refresh_token", "client_credentials"] = "refresh_token"
    mechanism: Literal["xoauth2", "oauthbearer"] = "xoauth2"


Tls = Literal["implicit", "starttls", "none"]
_LOOPBACK = re.compile(r"localhost|127(?:\.\d+){3}|::1|\[::1\]")


class _Server(_Strict):
    host: str
    port: int = Field(ge=1, le=65535)
    tls: Tls
    ca: Path | None = None
    password: Secret | None = None
    oauth2: OAuth2 | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.tls == "none" and not _LOOPBACK.fullmatch(self.host):
            raise ValueError(
                "tls: none is refused except towards loopback; a password would travel in the clear"
            )
        if self.password is not None and self.oauth2 is not None:
            raise ValueError("give password or oauth2, not both")
        return self


class Imap(_Server):
    port: int = Field(default=993, ge=1, le=65535)
    tls: Tls = "implicit"
    user: str

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        if self.password is None and self.oauth2 is None:
            raise ValueError("password (or oauth2) is required")
        return self


class Smtp(_Server):
    port: int = Field(default=587, ge=1, le=65535)
    tls: Tls = "starttls"
    user: str | None = None
    return_path: Literal["address", "plus"] = "address"
    connections: int = Field(default=4, ge=1, le=32)
    per_minute: int | None = Field(default=None, ge=1)
    timeout: Duration = 30.0


class Mailbox(_Strict):
    name: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    address: MailAddress
    aliases: tuple[MailAddress, ...] = ()
    folder: str = "INBOX"
    sent: str | None = None
    start: str = "now"
    settle: Literal["keyword", "move", "none"] = "keyword"
    move_to: str = "Triaged"
    poll: Duration = 60.0
    eager: Duration = 0.2
    imap: Imap

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


class SiteModel(_Strict):
    name: str
    domain: str
    timezone: Zone
    language: Language = Language.ES
    reference_prefix: str = Field(default="NO", pattern=r"^[A-Z][A-Z0-9]{0,9}$")
    authserv_id: str | None = None
    secret: Secret


class AgentModel(_Strict):
    address: MailAddress
    name: str = ""
    roles: tuple[Literal["lead", "manager", "planning"], ...] = ()
    areas: tuple[str, ...] = ()
    hours: dict[str, tuple[str, ...]] | None = None
    absent: tuple[str, ...] = ()

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


class AreaModel(_Strict):
    address: MailAddress | None = None
    products: tuple[str, ...] = ()


class OnCallModel(_Strict):
    rotation: Literal["weekly", "daily"] = "weekly"
    start: date
    agents: tuple[MailAddress, ...] = ()


class Limits(_Strict):
    """Every limit has a default; `triage init` writes them all with a word each."""

    batch: int = Field(default=50, ge=1, le=500, description="messages fetched and committed together")
    text_bytes: int = Field(default=1_000_000, ge=10_000, description="of one text part that is read")
    stored_bytes: int = Field(
        default=2_000_000, ge=10_000, description="of a mail's text parts that are kept"
    )
    whole_bytes: int = Field(
        default=10_000_000,
        ge=100_000,
        description="of a mail fetched whole because its structure is unusable",
    )
    strikes: int = Field(
        default=3, ge=1, le=10, description="tries at a message that hurts, before it is set aside"
    )
    backlog: Duration = Field(
        default=7 * 86400.0, description="older mail found later is not answered by itself"
    )
    acknowledgement_expires: Duration = Field(
        default=2 * 86400.0, description="after this an unsent acknowledgement is not sent any more"
    )
    mail_expires: Duration = Field(default=5 * 86400.0, description="how long any other mail is tried")
    per_address_hour: int = Field(
        default=20, ge=1, description="automatic mails to one client address an hour"
    )
    per_address_day: int = Field(default=400, ge=1, description="and a day")
    per_repeat_hour: int = Field(
        default=6, ge=1, description="answers to the very same words of one address an hour; this ends loops"
    )
    per_repeat_day: int = Field(default=20, ge=1, description="and a day")
    per_case_hour: int = Field(
        default=10, ge=1, description="automatic mails to clients about one case an hour"
    )
    per_case_day: int = Field(default=30, ge=1, description="and a day")
    breaker_hour: int = Field(
        default=500, ge=1, description="repeats to the same addresses in an hour that stop automatic sending"
    )
    unreachable_alarm: Duration = Field(
        default=600.0, description="a mailbox unreachable for so long is mailed to the admin"
    )
    attachments_to_agents: int = Field(
        default=5_000_000, ge=0, description="bytes of a client's attachments passed on to agents"
    )
    echo_subject: Literal["all", "authenticated"] = Field(
        default="all", description="to whom the client's own subject is repeated"
    )


class Http(_Strict):
    listen: str = "127.0.0.1:9464"


class Log(_Strict):
    format: Literal["auto", "json", "text"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(_Strict):
    """The whole wiring, checked. Paths are taken relative to the file's folder."""

    site: SiteModel
    store: str = "sqlite:////var/lib/triage/triage.db"
    rules: Path = Path("rules.yaml")
    templates: Path | None = None
    mailboxes: tuple[Mailbox, ...] = Field(min_length=1)
    smtp: Smtp
    agents: tuple[AgentModel, ...] = ()
    areas: dict[str, AreaModel] = Field(default_factory=dict)
    oncall: OnCallModel | None = None
    monitors: tuple[MailAddress, ...] = ()
    suggestions: MailAddress | None = None
    admin: MailAddress | None = None
    limits: Limits = Limits()
    http: Http | None = None
    log: Log = Log()
    _folder: Path = PrivateAttr(default=Path())

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
            agents=tuple(_agent(agent) for agent in self.agents),
            areas={name: Area(name, area.address, area.products) for name, area in self.areas.items()},
            oncall=OnCall(self.oncall.start, self.oncall.agents, self.oncall.rotation)
            if self.oncall
            else None,
            monitors=frozenset(self.monitors),
            suggestions=self.suggestions,
            admin=self.admin,
        )


strict_yaml.register(Settings)


def weekly_windows(hours: Mapping[str, tuple[str, ...]]) -> dict[int, tuple[tuple[time, time], ...]]:
    """Read an agent's `mon-fri: ["09:00-18:00"]` into weekday -> windows of local time. Raises ValueError."""
    weekly: dict[int, tuple[tuple[time, time], ...]] = {}
    for days, windows in hours.items():
        for day in _weekdays(days):
            weekly[day] = tuple(_window(text) for text in windows)
    return weekly


def _weekdays(text: str) -> list[int]:
    found: list[int] = []
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(f"{text!r} names no days; write mon-fri, sat or mon,wed")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found += range(start, end + 1) if start <= end else [*range(start, 7), *range(end + 1)]
    return found


def _window(text: str) -> tuple[time, time]:
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", text)
    if match is None:
        raise ValueError(f'{text!r} is no window; write "09:00-18:00"')
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    begin = time(begin_hour, begin_minute)
    end = time.max if (end_hour, end_minute) == (24, 0) else time(end_hour, end_minute)
    if end <= begin:
        raise ValueError(f"{text!r} runs backwards")
    return begin, end


def absence(text: str) -> Absence:
    """Read `2026-12-24` or `2026-12-24..2027-01-05` (both days inclusive). Raises ValueError."""
    first, _, last = text.partition("..")
    try:
        start = date.fromisoformat(first.strip())
        end = date.fromisoformat(last.strip()) if last else start
    except ValueError as error:
        raise ValueError(f"{text!r} is no absence; write 2026-12-24 or 2026-12-24..2027-01-05") from error
    if end < start:
        raise ValueError(f"{text!r} runs backwards")
    return Absence(start, end)


def _agent(model: AgentModel) -> Agent:
    return Agent(
        address=model.address,
        name=model.name or model.address.partition("@")[0],
        roles=frozenset(model.roles),
        areas=frozenset(model.areas),
        hours=weekly_windows(model.hours) if model.hours is not None else None,
        absent=tuple(absence(text) for text in model.absent),
    )


# -- finding and loading -------------------------------------------------------------------------------------------


def find(explicit: Path | None) -> Path | None:
    """Return the configuration to use: --config, $TRIAGE_CONFIG, ./triage.yaml, /etc/triage/triage.yaml, or None."""
    if explicit is not None:
        return explicit
    named = os.environ.get("TRIAGE_CONFIG")  # noqa: TID251
    if named:
        return Path(named)
    return next(
        (path for path in (Path("triage.yaml"), Path("/etc/triage/triage.yaml")) if path.is_file()), None
    )


def load(path: Path) -> Settings:
    """Read and check a triage.yaml; raises Misconfigured with every problem."""
    document = strict_yaml.read(path, str(path))
    settings = strict_yaml.validate(Settings, document)
    settings._folder = path.parent.resolve()  # noqa: SLF001
    return settings


def locate(explicit: Path | None) -> Settings:
    """Find and load the configuration; raises Misconfigured where there is none."""
    path = find(explicit)
    if path is None:
        raise Misconfigured(
            (
                Problem(
                    "triage.yaml",
                    0,
                    0,
                    "",
                    "no configuration: give --config FILE, set $TRIAGE_CONFIG, or make one with `triage init DIR`",
                ),
            )
        )
    return load(path)


def secret_problems(settings: Settings) -> tuple[Problem, ...]:
    """Try every secret reference; one problem per secret that cannot be read. Never the secret's text."""
    wanted: list[tuple[str, Secret | None]] = [("site.secret", settings.site.secret)]
    for index, box in enumerate(settings.mailboxes):
        wanted.append((f"mailboxes.{index}.imap.password", box.imap.password))
        wanted += _oauth_secrets(f"mailboxes.{index}.imap.oauth2", box.imap.oauth2)
    wanted.append(("smtp.password", settings.smtp.password))
    wanted += _oauth_secrets("smtp.oauth2", settings.smtp.oauth2)
    problems = []
    for key, secret in wanted:
        try:
            if secret is not None:
                secret.read(settings.folder)
        except LookupError as error:
            problems.append(Problem("triage.yaml", 0, 0, key, str(error)))
    return tuple(problems)


def _oauth_secrets(key: str, oauth: OAuth2 | None) -> list[tuple[str, Secret | None]]:
    if oauth is None:
        return []
    return [(f"{key}.client_secret", oauth.client_secret), (f"{key}.refresh_token", oauth.refresh_token)]


def shipped(name: str) -> Path:
    """Return a shipped file or folder (rules.yaml, templates): the wheel's copy, else the repository's original."""
    packaged = Path(str(resources.files("triage"))) / "_shipped" / name
    return packaged if packaged.exists() else Path(str(resources.files("triage"))).parent / name


SAMPLE_SECRET = b"sample site: signs nothing that leaves this machine"

_SAMPLE: dict[str, Any] = {
    "site": {
        "name": "NetOne",
        "domain": "netone.example",
        "timezone": "America/Argentina/Buenos_Aires",
        "language": "es",
        "reference_prefix": "NO",
        "authserv_id": "mx.netone.example",
        "secret": {"env": "TRIAGE_SAMPLE_SECRET"},
    },
    "mailboxes": [
        {
            "name": "soporte",
            "address": "soporte@netone.example",
            "imap": {
                "host": "127.0.0.1",
                "port": 143,
                "tls": "none",
                "user": "soporte",
                "password": {"env": "TRIAGE_SAMPLE_SECRET"},
            },
        }
    ],
    "smtp": {"host": "127.0.0.1", "port": 25, "tls": "none"},
    "agents": [
        {
            "address": "lucia.ferrari@netone.example",
            "name": "Lucía Ferrari",
            "roles": ["lead"],
            "areas": ["soporte"],
        },
        {"address": "diego.maidana@netone.example", "name": "Diego Maidana", "areas": ["soporte"]},
        {"address": "carla.benitez@netone.example", "name": "Carla Benítez", "areas": ["soporte"]},
    ],
    "areas": {"soporte": {}, "desarrollo": {"address": "desarrollo@netone.example"}},
    "suggestions": "sugerencias@netone.example",
    "admin": "sistemas@netone.example",
}


def sample() -> Settings:
    """Return the sample site (labelled/README): what commands use that need no configuration."""
    return Settings.model_validate(_SAMPLE)
