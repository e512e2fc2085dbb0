"""The files of a new site, as text: triage.yaml with every key, the support model, a folder for overrides, the unit.

Pure: gets the answers and the shipped texts, returns what shall be written where and which commands remain for the
admin. Called by `triage init` through wiring.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.app import commented_yaml
from triage.settings import Settings

MODELINE = "# yaml-language-server: $schema="
_OURS = "NetOne"  # whose telephone numbers and links the shipped rules.yaml holds

_HEAD = """\
{modeline}schema/triage.json
# The wiring of {name}'s triage: mailboxes, relay, store, agents. What it promises to clients stands in rules.yaml.
# Commented keys show their default. Durations: 60s, 15m, 1h30m, 2d or seconds. Secrets only by reference:
# {{credential: NAME}} (systemd's LoadCredential), {{env: NAME}} or {{file: PATH}}. Paths are relative to this folder.
# After a change: triage check, then systemctl restart triage (rules.yaml and templates are reloaded by themselves).
"""

_TEMPLATES = """\
# Your own mails

A file here overrides the shipped one of the same name: `LANGUAGE/NAME.txt`, `MAILBOX/LANGUAGE/NAME.txt`,
`SEVERITY/LANGUAGE/NAME.txt` or `MAILBOX/SEVERITY/LANGUAGE/NAME.txt`, the most specific first.
`triage templates list` names the mails and says which file won; `triage templates preview NAME` shows one.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What `init` asks. `agents`: (name, address); an empty `user` or `smtp_user`: none; `secrets`: how they are kept."""

    name: str
    domain: str
    address: str
    imap_host: str
    smtp_host: str
    user: str
    timezone: str
    language: str
    imap_port: int = 993
    imap_tls: str = "implicit"
    smtp_port: int = 587
    smtp_tls: str = "starttls"
    smtp_user: str = ""
    agents: tuple[tuple[str, str], ...] = ()
    admin: str = ""
    prefix: str = "NO"
    authserv_id: str = ""
    store: str = ""
    secrets: str = "credential"

    @property
    def mailbox(self) -> str:
        """Return the mailbox's short name: what stands before the @."""
        return re.sub(r"[^A-Za-z0-9._-]", "-", self.address.partition("@")[0]) or "support"

    def secret_names(self) -> tuple[str, ...]:
        """Return the names of the secrets that this site needs."""
        return ("triage-secret", "imap-password", *(("smtp-password",) if self.smtp_user else ()))


@dataclass(frozen=True, slots=True)
class Shipped:
    """The texts we bring along: rules.yaml, triage.service, and the JSON Schema of both files."""

    rules: str
    unit: str
    triage_schema: Mapping[str, Any]
    rules_schema: Mapping[str, Any]


def files(answers: Answers, shipped: Shipped, folder: Path, program: str) -> dict[str, str]:
    """Return path below `folder` -> text. `program`: the absolute path of the `triage` command."""
    return {
        "triage.yaml": configuration(answers),
        "rules.yaml": rules(answers, shipped.rules),
        "templates/README.md": _TEMPLATES,
        "triage.service": unit(answers, shipped.unit, folder, program),
        "schema/triage.json": schema_text(shipped.triage_schema),
        "schema/rules.json": schema_text(shipped.rules_schema),
    }


def schema_text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


# -- triage.yaml -----------------------------------------------------------------------------------------------------


def configuration(answers: Answers) -> str:
    """Return the commented triage.yaml; what was answered stands there, every other key as a comment."""
    blocks = commented_yaml.blocks(Settings, _values(answers))
    head = _HEAD.format(modeline=MODELINE, name=answers.name)
    return head + "".join("\n" + "\n".join(block) + "\n" for block in blocks)


def _values(answers: Answers) -> dict[str, Any]:
    site = {
        "name": answers.name,
        "domain": answers.domain,
        "timezone": answers.timezone,
        "language": answers.language,
        "reference_prefix": answers.prefix,
        "secret": _secret(answers, "triage-secret"),
    }
    if answers.authserv_id:
        site["authserv_id"] = answers.authserv_id
    smtp: dict[str, Any] = {"host": answers.smtp_host, "port": answers.smtp_port, "tls": answers.smtp_tls}
    if answers.smtp_user:
        smtp |= {"user": answers.smtp_user, "password": _secret(answers, "smtp-password")}
    box = {
        "name": answers.mailbox,
        "address": answers.address,
        "folder": "INBOX",
        "start": "now",
        "settle": "keyword",
        "imap": {
            "host": answers.imap_host,
            "port": answers.imap_port,
            "tls": answers.imap_tls,
            "user": answers.user,
            "password": _secret(answers, "imap-password"),
        },
    }
    values: dict[str, Any] = {
        "site": site,
        "rules": "rules.yaml",
        "templates": "templates/",
        "mailboxes": [box],
        "smtp": smtp,
        "agents": [{"address": address, "name": name} for name, address in answers.agents],
        "limits": {},
    }
    if answers.store:
        values["store"] = answers.store
    if answers.admin:
        values["admin"] = answers.admin
    return values


def _secret(answers: Answers, name: str) -> dict[str, str]:
    match answers.secrets:
        case "file":
            return {"file": f"secrets/{name}"}
        case "env":
            return {"env": environment_name(name)}
        case _:
            return {"credential": name}


def environment_name(secret: str) -> str:
    """Return the variable that holds a secret: TRIAGE_IMAP_PASSWORD."""
    return f"TRIAGE_{secret.removeprefix('triage-').upper().replace('-', '_')}"


# -- rules.yaml and the unit -------------------------------------------------------------------------------------------


def rules(answers: Answers, shipped: str) -> str:
    """Return the shipped support model in this company's name; ways to reach somebody else are emptied."""
    text = re.sub(rf"\A{re.escape(MODELINE)}.*\n", "", shipped)
    begin = text.index("\ncompany:")
    rest = re.search(r"\n[^\s#]", text[begin + 1 :])
    end = begin + 1 + rest.start() if rest else len(text)
    company = _set(text[begin:end], "name", answers.name)
    company = _set(company, "email", answers.address)
    if answers.name != _OURS:
        for key, empty in (("phones", []), ("mobiles", []), ("web", []), ("chat", ""), ("wiki", "")):
            company = _set(company, key, empty)
    text = text[:begin] + company + text[end:]
    text = text.replace(f"The support model of {_OURS}", f"The support model of {answers.name}", 1)
    text = re.sub(r"(?m)^(      timezone: ).*$", lambda m: m[1] + answers.timezone, text)
    return f"{MODELINE}schema/rules.json\n{text}"


def _set(block: str, key: str, value: object) -> str:
    """Give a one-line key of the company's block another value; its comment stays."""
    written = commented_yaml.scalar(value)
    return re.sub(
        rf"(?m)^(  {key}: )[^#\n]*?(\s+#.*)?$", lambda m: f"{m[1]}{written}{m[2] or ''}", block, count=1
    )


def unit(answers: Answers, shipped: str, folder: Path, program: str) -> str:
    """Return the unit for this folder and program; a credential that the site has not would keep it from starting."""
    text = re.sub(
        r"(?m)^ExecStart=.*$", lambda _: f"ExecStart={program} run --config {folder}/triage.yaml", shipped
    )
    wanted = answers.secret_names() if answers.secrets == "credential" else ()
    kept = [
        line
        for line in text.splitlines()
        if not (line.startswith("LoadCredential=") and line[15:].partition(":")[0] not in wanted)
    ]
    return "\n".join(kept) + "\n"


def remaining(answers: Answers, folder: Path) -> list[str]:
    """Return the commands that are left to the admin, with a comment line before each group."""
    found = ["# 1. the secrets; none of them is written into triage.yaml"]
    match answers.secrets:
        case "credential":
            found.append("install -d -m 0700 /etc/credstore")
            found.append("openssl rand -base64 32 | install -m 0600 /dev/stdin /etc/credstore/triage-secret")
            found += [
                f"systemd-ask-password '{name} of {answers.name}:' | install -m 0600 /dev/stdin /etc/credstore/{name}"
                for name in answers.secret_names()[1:]
            ]
        case "file":
            found += [
                f"systemd-ask-password '{name}:' | install -m 0600 /dev/stdin {folder}/secrets/{name}"
                for name in answers.secret_names()[1:]
            ]
        case _:
            found += [f"export {environment_name(name)}=..." for name in answers.secret_names()]
    found.append(
        "# 2. agents, areas and limits; your company, products, hours and holidays; then look at it all"
    )
    found.append(f"editor {folder}/triage.yaml {folder}/rules.yaml")
    found.append(f"triage check --config {folder}/triage.yaml")
    found.append("# 3. the service")
    found.append(f"cp {folder}/triage.service /etc/systemd/system/ && systemctl daemon-reload")
    found.append("systemctl enable --now triage && journalctl -fu triage")
    return found
