"""How to reach the mail servers, and what is refused: a password in the clear, no way to sign in."""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from triage.settings.secret import OAuth2, Secret
from triage.settings.values import Duration, Strict

Tls = Literal["implicit", "starttls", "none"]
_LOOPBACK = re.compile(r"localhost|127(?:\.\d+){3}|::1|\[::1\]")


class _Server(Strict):
    host: str = Field(description="name or address of the server")
    port: int = Field(ge=1, le=65535, description="of the server")
    tls: Tls = Field(description="implicit (from the first byte), starttls, or none (towards loopback only)")
    ca: Path | None = Field(
        default=None, description="a PEM file of the authority to trust, where it is not a public one"
    )
    password: Secret | None = Field(default=None, description="a secret by reference")
    oauth2: OAuth2 | None = Field(default=None, description="a token endpoint in the place of a password")

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
    port: int = Field(default=993, ge=1, le=65535, description="usually 993, or 143 for starttls")
    tls: Tls = Field(default="implicit", description="implicit, starttls, or none (towards loopback only)")
    user: str = Field(description="who signs in")
    timeout: Duration = Field(default=60.0, gt=0, description="patience with one command")

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        if self.password is None and self.oauth2 is None:
            raise ValueError("password (or oauth2) is required")
        return self


class Smtp(_Server):
    port: int = Field(default=587, ge=1, le=65535, description="usually 587, or 465 for implicit")
    tls: Tls = Field(default="starttls", description="implicit, starttls, or none (towards loopback only)")
    user: str | None = Field(default=None, description="who signs in; null: the relay takes our mail without")
    return_path: Literal["address", "plus"] = Field(
        default="address",
        description="address: bounces come to the support address; plus: to a signed support+...@ address of each mail",
    )
    connections: int = Field(default=4, ge=1, le=32, description="how many are kept open at most")
    per_minute: int | None = Field(
        default=None, ge=1, description="mails a minute at most, where the provider sets a limit"
    )
    timeout: Duration = Field(default=30.0, description="patience with one command of the dialogue")
    answer_timeout: Duration = Field(
        default=600.0,
        gt=0,
        description="patience with the answer to a mail handed over; a client that gives up sooner than "
        "RFC 5321 asks for sends mails twice",
    )
