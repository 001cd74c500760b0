"""The parts of the settings that have a section of their own in `presscheck.toml`.

    [mail]
    host = "smtp.example.com"
    user = "campaigns"

What is secret is not here: see `presscheck.secret_store`.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "BaselineSection",
    "DatabaseSection",
    "FilesSection",
    "MailSection",
    "ModelSection",
    "PostgresSection",
    "Section",
    "SignInSection",
    "WebhookSection",
    "without_password",
]

_ROLE = r"^[a-z_][a-z0-9_]{0,62}$"


def without_password(url: str, secret: str) -> str:
    """The database address itself; ValueError if it carries a password, which belongs into a secret."""
    _, _, rest = url.partition("://")
    user, at, _ = rest.rpartition("@")
    if (at and ":" in user) or re.search(r"[?&](?:password|passfile)=", rest):
        raise ValueError(f"leave the password out: settings are shown and logged; put it into the secret {secret}")
    return url


class Section(BaseModel):
    """Base of every section: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelSection(Section):
    """`[model]`: which model writes, when `copywriter = "model"`."""


class MailSection(Section):
    """`[mail]`: the mail server that `via = "smtp"` hands messages to."""

    host: str = Field(default="", max_length=253, description="The mail server's name, as its certificate says it.")
    port: int = Field(default=0, ge=0, le=65535, description="0: 587 for starttls, 465 for implicit, 25 for none.")
    tls: Literal["starttls", "implicit", "none"] = Field(
        default="starttls", description="none is for a server on this machine only."
    )
    ca_file: Path | None = Field(default=None, description="PEM certificates to trust instead of the system's.")
    user: str = Field(default="", max_length=320, description="Who signs in there; the password is the secret smtp.")
    hello_name: str = Field(default="", description="What this machine calls itself there; empty: its host name.")
    connections: int = Field(default=8, ge=1, le=64, description="How many connections send side by side.")
    timeout_seconds: float = Field(default=60.0, gt=0, le=600, description="How long one answer may take.")
    attempts: int = Field(default=4, ge=1, le=10, description="How often a message is tried that is put off (4xx).")
    first_wait_seconds: float = Field(
        default=5.0, ge=0, le=300, description="The wait before the second attempt; doubled for each further one."
    )
    rates: dict[str, Annotated[float, Field(gt=0, le=10_000)]] = Field(
        default_factory=dict,
        description='Messages a second by recipients\' domain, such as {"gmail.com" = 20}; "*" is for all others.',
    )
    dkim_domain: str = Field(default="", description="Who signs (d=); must be aligned with the sender's domain.")
    dkim_selector: str = Field(default="", description="Where its public key is published (s=); key: secret dkim.")
    bounce_domain: str = Field(default="", description="Domain of the return address; empty: the sender's domain.")


class WebhookSection(Section):
    """`[webhook]`: where `via = "webhook"` posts."""


class FilesSection(Section):
    """`[files]`: where the ways out that write files put them."""


class DatabaseSection(Section):
    """`[databases.NAME]`: a database that segments may read."""


class PostgresSection(Section):
    """`[postgres]`: the roles that door, worker and press use, where the ledger is PostgreSQL.

    They are used where `ledger_url` names no user; passwords are the secrets `ledger-<role>`.
    """

    owner: str = Field(default="presscheck_owner", pattern=_ROLE, description="Holds the tables and migrates them.")
    door: str = Field(default="presscheck_door", pattern=_ROLE, description="The door's role: decides.")
    worker: str = Field(default="presscheck_worker", pattern=_ROLE, description="The worker's role: drafts and asks.")
    press: str = Field(default="presscheck_press", pattern=_ROLE, description="The press's role: sends.")
    reader: str = Field(default="presscheck_reader", pattern=_ROLE, description="Only reads: history, doctor.")
    prefect_url: str = Field(
        default="",
        description="postgresql://ROLE@HOST/NAME for Prefect's own database, with the secret prefect-database; "
        "empty: SQLite in home.",
    )

    @model_validator(mode="after")
    def _separate(self) -> "PostgresSection":
        names = [self.owner, self.door, self.worker, self.press, self.reader]
        if len(set(names)) < len(names):
            raise ValueError("one role stands for two processes, so it would separate nothing; give each its own name")
        return self

    @field_validator("prefect_url")
    @classmethod
    def _address(cls, url: str) -> str:
        if url and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("write postgresql://ROLE@HOST/NAME, or leave it empty for SQLite")
        return without_password(url, "prefect-database")


class SignInSection(Section):
    """`[sign_in]`: how people prove who they are, beside password and one-time code."""


class BaselineSection(Section):
    """`[baseline]`: what human minutes and tools cost."""
