"""`[mail]`: the mail server that `via = "smtp"` hands messages to."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from presscheck.addresses import sendable_address
from presscheck.settings.section import Section
from presscheck.unsubscribe_links import url_fault


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
    attempts: int = Field(
        default=4,
        ge=1,
        le=10,
        description="How often a server is tried within a batch that breaks off or wants us slower.",
    )
    first_wait_seconds: float = Field(
        default=5.0,
        ge=0,
        le=300,
        description="The wait before the second of these attempts; doubled for each further one.",
    )
    rates: dict[str, Annotated[float, Field(gt=0, le=10_000)]] = Field(
        default_factory=dict,
        description='Messages a second by recipients\' domain, such as {"gmail.com" = 20}; "*" is for all others.',
    )
    dkim_by: Literal["press", "server"] = Field(
        default="press", description="Who signs messages: the press, or the mail server for dkim_domain."
    )
    dkim_domain: str = Field(default="", description="Who signs (d=); must be aligned with the sender's domain.")
    dkim_selector: str = Field(
        default="", description="Where its public key is published (s=); private key: secret dkim."
    )
    bounce_domain: str = Field(default="", description="Domain of the return address; empty: the sender's domain.")
    unsubscribe_url: str = Field(
        default="", description="Where people leave, without the token; empty: door_url/unsubscribe."
    )
    unsubscribe_mailto: str = Field(
        default="",
        pattern=r"^$|^[A-Za-z0-9._+\-]{1,64}@[A-Za-z0-9.\-]{1,190}$",
        description="A mailbox that people may leave by as well; let its mail arrive in returns.",
    )
    returns: Path | None = Field(
        default=None,
        description="The Maildir that bounces, complaints and leaving mails arrive in; the press reads it.",
    )
    seeds: dict[
        Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")],
        Annotated[list[str], Field(min_length=1, max_length=20)],
    ] = Field(
        default_factory=dict,
        description='Groups of addresses of yours that tests may go to, such as {clients = ["a@brand.example"]}.',
    )
    returns_seconds: float = Field(default=10.0, ge=0.1, le=3600, description="How often the press looks there.")

    @field_validator("seeds")
    @classmethod
    def _of_addresses(cls, seeds: dict[str, list[str]]) -> dict[str, list[str]]:
        if "own" in seeds:
            raise ValueError("own is what everybody's own address is called; name the group otherwise")
        if not all(sendable_address(address) for group in seeds.values() for address in group):
            raise ValueError("each is an e-mail address such as name@brand.example, without a display name")
        return seeds

    @field_validator("unsubscribe_url")
    @classmethod
    def _one_that_providers_call(cls, url: str) -> str:
        if url and (fault := url_fault(url.rstrip("/"))):
            raise ValueError(fault)
        return url.rstrip("/")
