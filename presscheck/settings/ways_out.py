"""The ways out: one table of which takes which channel, for gate, press, doctor and docs; and their sections.

    carried_by("webhook")           the channels that it takes
    why_not("smtp", "social")       why it cannot take one, or None

A name that is not in the table is no way out, whatever a setting says.
"""

import re
from pathlib import Path
from typing import Annotated, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from presscheck.models import Channel
from presscheck.settings.section import Section, is_loopback

_ALL: tuple[Channel, ...] = get_args(Channel)

WAYS_OUT: dict[str, tuple[Channel, ...]] = {
    "outbox": _ALL,
    "smtp": ("email",),
    "webhook": _ALL,
    "search-csv": ("search",),
    "social-calendar": ("social",),
    "blog-git": ("blog",),
}
"""Every way out by name, and the channels that it takes."""


def carried_by(via: str) -> tuple[Channel, ...]:
    """The channels that a way out takes; none for a name that is no way out."""
    return WAYS_OUT.get(via, ())


def why_not(via: str, channel: Channel) -> str | None:
    """Why this way out cannot take this channel, in a sentence; None where it can."""
    if channel in carried_by(via):
        return None
    fitting = ", ".join(name for name, taken in WAYS_OUT.items() if channel in taken)
    if via not in WAYS_OUT:
        return f"there is no way out {via}; for {channel} there are: {fitting}"
    return f"{via} takes {', '.join(carried_by(via))} and not {channel}; for {channel} there are: {fitting}"


def webhook_address(text: str) -> str:
    """An address that messages may be posted to; ValueError with what is wrong with any other."""
    if not text:
        return text
    try:
        parts = urlsplit(text.replace("{key}", "key"))
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not a web address; write https://HOST/PATH") from None
    if parts.scheme not in ("http", "https") or not host or not re.fullmatch(r"[!-~]+", text):
        raise ValueError("is not a web address; write https://HOST/PATH")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("would send messages unencrypted; write https://, http only for 127.0.0.1")
    if "@" in parts.netloc:
        raise ValueError("carries a user or a password; take it out: secrets have a place of their own")
    if parts.fragment:
        raise ValueError("carries a fragment (#...); take it out")
    return text


class WebhookSection(Section):
    """`[webhook]`: where `via = "webhook"` posts; the key that signs is the secret `webhook`."""

    url: Annotated[str, AfterValidator(webhook_address)] = Field(
        default="", max_length=2000, description="The receiver's address; https, or http on this machine."
    )
    status_url: Annotated[str, AfterValidator(webhook_address)] = Field(
        default="",
        max_length=2000,
        description="Asked what became of a message, with {key} in it; empty: such a message stays unknown.",
    )
    ca_file: Path | None = Field(default=None, description="PEM certificates to trust instead of the system's.")
    concurrency: int = Field(default=8, ge=1, le=64, description="How many messages are posted side by side.")
    timeout_seconds: float = Field(default=10.0, gt=0, le=120, description="How long one post may take, in whole.")
    attempts: int = Field(default=4, ge=1, le=10, description="How often a post is tried that the receiver puts off.")
    first_wait_seconds: float = Field(
        default=1.0, ge=0, le=60, description="The wait before the second attempt; doubled for each further one."
    )
    longest_wait_seconds: float = Field(
        default=30.0,
        gt=0,
        le=300,
        description="The longest wait between attempts, also where the receiver asks for more.",
    )

    @model_validator(mode="after")
    def _key_in_the_status_address(self) -> "WebhookSection":
        if self.status_url and "{key}" not in self.status_url:
            raise ValueError("status_url: put {key} where the message's key goes, such as https://HOST/messages/{key}")
        if "{key}" in self.url:
            raise ValueError("url: {key} belongs into status_url only")
        return self


class GitSection(Section):
    """`[files.git]`: where `via = "blog-git"` commits; the password of an https remote is the secret `git`."""

    remote: str = Field(default="", max_length=1000, description="A bare repository's folder, or its https address.")
    branch: str = Field(default="main", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$", description="Must exist there.")
    folder: str = Field(default="posts", max_length=200, description="The folder in the repository; empty: its top.")
    user: str = Field(default="presscheck", pattern=r"^[^\s:]{1,100}$", description="Who signs in at an https remote.")
    ca_file: Path | None = Field(default=None, description="PEM certificates to trust instead of the system's.")
    timeout_seconds: float = Field(
        default=30.0, gt=0, le=300, description="How long one answer of the remote may take."
    )

    @field_validator("remote")
    @classmethod
    def _address(cls, text: str) -> str:
        return webhook_address(text) if "://" in text else text

    @field_validator("branch")
    @classmethod
    def _branch(cls, text: str) -> str:
        if ".." in text or "//" in text or text.endswith(("/", ".", ".lock")):
            raise ValueError("is no name of a branch")
        return text

    @field_validator("folder")
    @classmethod
    def _folder(cls, text: str) -> str:
        parts = text.strip("/").split("/") if text.strip("/") else []
        if any(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._ -]*", part) is None or part.endswith(".") for part in parts):
            raise ValueError("write a folder inside the repository, such as content/posts; no .., no hidden folders")
        return "/".join(parts)


class FilesSection(Section):
    """`[files]`: where the ways out that write files put them."""

    folder: Path = Field(default=Path(), description="Where ads and calendars are written; empty: home/files.")
    ad_group: str = Field(default="Presscheck", min_length=1, max_length=255, description="The ad group of search ads.")
    publish_hour: int = Field(default=9, ge=0, le=23, description="At which hour, UTC, the social calendar puts posts.")
    git: GitSection = GitSection()
