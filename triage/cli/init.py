"""`triage init`: asks on a terminal or takes flags, and writes the configuration of a new site."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from triage.app.new_site import Answers

_TLS = click.Choice(["implicit", "starttls", "none"])
_AGENT = re.compile(r"\s*(?:(?P<name>[^<>]*?)\s*<(?P<in>[^<>\s]+@[^<>\s]+)>|(?P<bare>[^<>\s]+@[^<>\s]+))\s*")
_EXAMPLES = """\b
Examples:
  triage init /etc/triage
  triage init ./acme --yes --name Acme --domain acme.example --address support@acme.example \\
    --imap-host imap.acme.example --smtp-host smtp.acme.example --user support --timezone Europe/Madrid \\
    --language es --agent "Ana Ruiz <ana@acme.example>" --agent bob@acme.example
"""


def _agent(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> tuple[Any, ...]:
    found = []
    for text in value:
        match = _AGENT.fullmatch(text)
        if match is None:
            raise click.BadParameter(f"{text!r}: write ana@acme.example or 'Ana Ruiz <ana@acme.example>'")
        address = (match["in"] or match["bare"]).lower()
        found.append(((match["name"] or address.partition("@")[0]).strip('" '), address))
    return tuple(found)


@click.command(epilog=_EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="The company, as clients read it.")
@click.option("--domain", help="Of our Message-IDs; default: the address's.")
@click.option("--address", help="The support address that clients write to.")
@click.option("--imap-host", help="Default: imap.DOMAIN.")
@click.option("--imap-port", type=click.IntRange(1, 65535), help="Default: 993, or 143 without implicit TLS.")
@click.option("--imap-tls", type=_TLS, default="implicit", show_default=True)
@click.option("--smtp-host", help="Default: smtp.DOMAIN.")
@click.option("--smtp-port", type=click.IntRange(1, 65535), help="Default: 587, or 465 for implicit TLS.")
@click.option("--smtp-tls", type=_TLS, default="starttls", show_default=True)
@click.option("--user", help="Who signs in to both servers; default: the address.")
@click.option("--smtp-user", help="Who signs in to the relay; '' where it wants nobody. Default: --user.")
@click.option("--timezone", help="A tz name; default: this machine's.")
@click.option("--language", type=click.Choice(["es", "en", "pt"]), help="In doubt. Default: es.")
@click.option("--prefix", help="Of case references: PREFIX-2026-000123.")
@click.option(
    "--agent", "agents", multiple=True, callback=_agent, help="ADDRESS or 'NAME <ADDRESS>'; repeat."
)
@click.option("--admin", default="", help="Gets the daemon's own alarms.")
@click.option("--authserv-id", default="", help="The server whose Authentication-Results we believe.")
@click.option("--store", default="", help="Default: sqlite:////var/lib/triage/triage.db.")
@click.option(
    "--secrets",
    type=click.Choice(["credential", "file", "env"]),
    default="credential",
    show_default=True,
    help="How secrets are given: by systemd, in DIR/secrets, in the environment.",
)
@click.option("--yes", is_flag=True, help="Ask nothing: flags and defaults.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def init(folder: Path, *, yes: bool, force: bool, **given: Any) -> None:
    """Write triage.yaml, rules.yaml, a folder for templates and the unit of a new site into DIR.

    Prints the files written; the commands that remain (secrets, unit) go to stderr.
    """
    from triage.app import new_site
    from triage.wiring import commands

    answers = _answers(given, asking=not yes and sys.stdin.isatty())
    target = folder.resolve()
    contents = commands.new_site_files(answers, target)
    secret = {"secrets/triage-secret": commands.random_secret()} if answers.secrets == "file" else {}
    there = [name for name in (*contents, *secret) if (target / name).exists()]
    if there and not force:
        click.echo(
            f"not written, because there is already: {', '.join(there)} (--force overwrites)", err=True
        )
        sys.exit(2)
    try:
        for name, text in contents.items():
            _write(folder / name, text)
        for name, text in secret.items():
            if not (folder / name).exists():  # a new key would make strangers of our own mails
                _write(folder / name, text, private=True)
    except OSError as error:
        click.echo(f"{error.filename or folder}: {error.strerror}", err=True)
        sys.exit(2)
    for name in (*contents, *secret):
        click.echo(folder / name)
    click.echo("\nWhat remains, as root:", err=True)
    for line in new_site.remaining(answers, target):
        click.echo(click.style(line, dim=True) if line.startswith("#") else f"  {line}", err=True)


def _write(path: Path, text: str, *, private: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o755)
    path.touch(mode=0o600 if private else 0o644)
    path.write_text(text, encoding="utf-8")


def _answers(given: dict[str, Any], *, asking: bool) -> "Answers":
    """Complete the flags: by questions on a terminal, by defaults elsewhere."""
    from triage import settings
    from triage.app.new_site import Answers

    example = settings.sample()

    def ask(key: str, question: str, default: str) -> str:
        if given[key] is not None:
            return str(given[key]).strip()
        return str(click.prompt(question, default=default, err=True)).strip() if asking else default

    name = ask("name", "Company", example.site.name)
    address = ask(
        "address", "Support address", _known(given["domain"]) or example.mailboxes[0].address
    ).lower()
    domain = ask("domain", "Domain of our Message-IDs", address.rpartition("@")[2]).lower()
    imap_host = ask("imap_host", "IMAP server", f"imap.{domain}")
    user = ask("user", "User who signs in", address)
    smtp_host = ask("smtp_host", "SMTP relay", f"smtp.{domain}")
    zone = ask("timezone", "Time zone", settings.machine_zone() or example.site.timezone)
    language = ask("language", "Language in doubt (es, en, pt)", "es")
    prefix = ask("prefix", "Prefix of case references", _prefix(name)).upper()
    agents = given["agents"] or (_ask_agents() if asking else ())
    return Answers(
        name=name,
        domain=domain,
        address=address,
        imap_host=imap_host,
        imap_port=given["imap_port"] or (993 if given["imap_tls"] == "implicit" else 143),
        imap_tls=given["imap_tls"],
        smtp_host=smtp_host,
        smtp_port=given["smtp_port"] or (465 if given["smtp_tls"] == "implicit" else 587),
        smtp_tls=given["smtp_tls"],
        smtp_user=user if given["smtp_user"] is None else given["smtp_user"],
        user=user,
        timezone=zone,
        language=language,
        prefix=prefix,
        agents=agents,
        admin=given["admin"],
        authserv_id=given["authserv_id"],
        store=given["store"],
        secrets=given["secrets"],
    )


def _known(domain: str | None) -> str:
    return f"support@{domain}" if domain else ""


def _ask_agents() -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    while text := click.prompt(
        "Agent, as 'Ana Ruiz <ana@acme.example>' (empty: no more)", default="", show_default=False, err=True
    ):
        match = _AGENT.fullmatch(text)
        if match is None:
            click.echo("that is no mail address", err=True)
            continue
        address = (match["in"] or match["bare"]).lower()
        found.append((match["name"] or address.partition("@")[0], address))
    return tuple(found)


def _prefix(name: str) -> str:
    """Return the capitals of a name (NetOne: NO), or its first letters."""
    letters = re.sub(r"[^A-Za-z]", "", name)
    capitals = re.sub(r"[^A-Z]", "", letters)
    return (capitals if len(capitals) > 1 else letters[:2].upper())[:10] or "CASE"
