"""Where the configuration is, its loading with every problem at once, its secrets, and the files we ship."""

import os
from importlib import resources
from pathlib import Path

from triage import strict_yaml
from triage.errors import Misconfigured, Problem
from triage.settings.model import Settings
from triage.settings.secret import OAuth2, Secret


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


def state_folder(config: Settings) -> Path:
    """Return where a process keeps small files of its own: beside the SQLite store, else systemd's state directory,
    else beside the configuration.
    """
    url, prefix = config.store_url(), "sqlite:///"
    if url.startswith(prefix):
        return Path(url[len(prefix) :].partition("?")[0]).parent
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]  # noqa: TID251
    return Path(given) if given else config.folder


def load(path: Path) -> Settings:
    """Read and check a triage.yaml; raises Misconfigured with every problem."""
    document = strict_yaml.read(path, str(path))
    settings = strict_yaml.validate(Settings, document)
    settings._folder = path.parent.resolve()  # noqa: SLF001
    settings._document = document  # noqa: SLF001
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


def files_beside(explicit: Path | None) -> tuple[Path | None, Path | None]:
    """Return rules and templates that a configuration names, even where it cannot be used; None for what is not there."""
    path = find(explicit)
    if path is None:
        return None, None
    try:
        data = strict_yaml.read(path, str(path)).data
    except Misconfigured:
        data = {}
    named = data if isinstance(data, dict) else {}
    rules = path.parent / str(named.get("rules") or "rules.yaml")
    templates = path.parent / str(named["templates"]) if named.get("templates") else None
    return (rules if rules.is_file() else None), (templates if templates and templates.is_dir() else None)


def secret_problems(settings: Settings) -> tuple[Problem, ...]:
    """Try every secret reference; one problem per secret that cannot be read. Never the secret's text."""
    problems = []
    for key, secret in _secrets(settings):
        try:
            secret.read(settings.folder)
        except LookupError as error:
            place = [int(step) if step.isdecimal() else step for step in key.split(".")]
            problems.append(settings.document.problem(place, str(error)))
    return tuple(problems)


def given_by_systemd(settings: Settings) -> frozenset[str]:
    """Return the keys of the secrets that only the unit can read: they cannot be judged from here."""
    return frozenset(key for key, secret in _secrets(settings) if secret.elsewhere)


def _secrets(settings: Settings) -> list[tuple[str, Secret]]:
    wanted: list[tuple[str, Secret | None]] = [("site.secret", settings.site.secret)]
    for index, box in enumerate(settings.mailboxes):
        wanted.append((f"mailboxes.{index}.imap.password", box.imap.password))
        wanted += _oauth_secrets(f"mailboxes.{index}.imap.oauth2", box.imap.oauth2)
    wanted.append(("smtp.password", settings.smtp.password))
    wanted += _oauth_secrets("smtp.oauth2", settings.smtp.oauth2)
    return [(key, secret) for key, secret in wanted if secret is not None]


def _oauth_secrets(key: str, oauth: OAuth2 | None) -> list[tuple[str, Secret | None]]:
    if oauth is None:
        return []
    return [(f"{key}.client_secret", oauth.client_secret), (f"{key}.refresh_token", oauth.refresh_token)]


def shipped(name: str) -> Path:
    """Return a shipped file or folder (rules.yaml, templates): the wheel's copy, else the repository's original."""
    packaged = Path(str(resources.files("triage"))) / "_shipped" / name
    return packaged if packaged.exists() else Path(str(resources.files("triage"))).parent / name


def machine_zone() -> str | None:
    """Return this machine's time zone, where it is told by name and is one that people live in."""
    try:
        target = str(Path("/etc/localtime").resolve(strict=True))
    except OSError:
        return None
    name = target.rpartition("/zoneinfo/")[2]
    return name if "/" in name and not name.startswith(("/", "Etc/")) else None
