"""Secrets by reference: systemd credentials, the environment, files; never text in triage.yaml, never in an error."""

import errno
import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from triage.settings.values import Strict

_FOLDER = "CREDENTIALS_DIRECTORY"
_STORES = ("/etc/credstore", "/run/credstore", "/usr/lib/credstore")  # systemd.exec(5), LoadCredential=


class Secret(Strict):
    """A secret by reference, never its text: exactly one of credential (systemd), env, file."""

    credential: str | None = Field(
        default=None, description="the name of a systemd credential (LoadCredential=)"
    )
    env: str | None = Field(default=None, description="the name of an environment variable")
    file: Path | None = Field(default=None, description="a file beside triage.yaml that holds nothing else")

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
            if not value:
                raise LookupError(
                    f"the environment's {self.env} is empty"
                    if value is not None
                    else f"the environment has no variable {self.env}"
                )
            return value
        if self.file is not None:
            return _read_secret(beside / self.file)
        return _read_secret(self._credential_path())

    @property
    def elsewhere(self) -> bool:
        """Whether only systemd could say what it is: a credential, asked for outside the unit."""
        return self.credential is not None and not os.environ.get(_FOLDER)  # noqa: TID251

    def _credential_path(self) -> Path:
        """Return the unit's credential; outside a unit what LoadCredential= would read, so that `check` can sign in."""
        folder = os.environ.get(_FOLDER)  # noqa: TID251
        if folder:
            return Path(folder) / str(self.credential)
        found = next(
            (path for path in (Path(s) / str(self.credential) for s in _STORES) if path.exists()), None
        )
        if found is None:
            raise LookupError(
                f"credential {self.credential}: no ${_FOLDER} and no {_STORES[0]}/{self.credential}; run under "
                "systemd with LoadCredential, or use {file: PATH}"
            )
        return found


def keep(secret: "Secret | None", beside: Path, text: str) -> None:
    """Replace the text of a secret that lies in a file, at once and for the owner's eyes only; raises OSError.

    Secrets given otherwise cannot be replaced from here: PermissionError says so.
    """
    if secret is None or secret.file is None:
        raise PermissionError(errno.EPERM, "the secret does not come from a file: it cannot be replaced")
    path = beside / secret.file
    fresh = path.with_name(f".{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _read_secret(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise LookupError(f"secret file {path}: {error.strerror}") from error
    if not text:  # what wrote it failed; a key of nothing would be anybody's
        raise LookupError(f"secret file {path} is empty")
    return text


class OAuth2(Strict):
    """A token endpoint in the place of a password; `flow` refresh_token or client_credentials."""

    token_url: str = Field(description="where tokens are fetched")
    client_id: str = Field(description="ours, as the provider registered it")
    client_secret: Secret | None = Field(default=None, description="a secret by reference")
    refresh_token: Secret | None = Field(
        default=None, description="a secret by reference, for flow: refresh_token"
    )
    scope: str = Field(default="", description="what the provider wants, blanks between several")
    flow: Literal["refresh_token", "client_credentials"] = Field(
        default="refresh_token", description="refresh_token or client_credentials"
    )
    ca: Path | None = Field(
        default=None, description="a PEM file of the authority to trust, where it is not a public one"
    )
    mechanism: Literal["xoauth2", "oauthbearer"] = Field(
        default="xoauth2", description="how the token is shown: xoauth2 or oauthbearer"
    )
