"""The parts of the settings that have a section of their own in `presscheck.toml`.

    [mail]
    host = "smtp.example.com"
    user = "campaigns"

What is secret is not here: see `presscheck.secret_store`.
"""

import re
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from presscheck.unsubscribe_links import url_fault

__all__ = [
    "BaselineSection",
    "DatabaseSection",
    "FilesSection",
    "GitSection",
    "MailSection",
    "ModelProvider",
    "ModelSection",
    "NoticeSection",
    "NoticesSection",
    "OidcSection",
    "OneModel",
    "PostgresSection",
    "Section",
    "SignInSection",
    "WebhookSection",
    "is_loopback",
    "without_password",
]

_URL_OPTIONS = frozenset({"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"})
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


def is_loopback(host: str) -> bool:
    """Whether a host's name can only be this machine; 127.example.com is not."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


ModelProvider = Literal["openai", "anthropic", "google", "openai-compatible", "local"]


def _model_address(text: str) -> str:
    """An address that a key and a brief may be sent to; ValueError with what is wrong with any other."""
    if not text:
        return text
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not a web address; write https://HOST/v1") from None
    if parts.scheme not in ("http", "https") or not host or any(one.isspace() or not one.isprintable() for one in text):
        raise ValueError("is not a web address; write https://HOST/v1")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("would send the key and the brief unencrypted; write https://, http only for 127.0.0.1")
    if "@" in parts.netloc:
        raise ValueError("carries a user or a password; take it out and put the key into the secret `model`")
    if parts.query or parts.fragment:
        raise ValueError("carries a query or a fragment; write the address as far as /v1")
    return text.rstrip("/")


Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=16, decimal_places=6)]


class OneModel(Section):
    """A model and what it costs."""

    provider: ModelProvider | None = Field(
        default=None, description="openai, anthropic, google, openai-compatible (any such server) or local."
    )
    name: str = Field(default="", max_length=200, description="The model's name at its provider, such as gpt-5-mini.")
    base_url: Annotated[str, AfterValidator(_model_address)] = Field(
        default="", description="The server's address as far as /v1; empty: the provider's own."
    )
    price_in: Dollars | None = Field(
        default=None, description="Dollars for a million input tokens, where Presscheck does not know the price."
    )
    price_out: Dollars | None = Field(default=None, description="Dollars for a million output tokens.")


class ModelSection(OneModel):
    """`[model]`: which model writes, when `copywriter = "model"`."""

    fallback: OneModel | None = Field(
        default=None, description="Another model, asked where the first one cannot be reached or is overloaded."
    )
    answers: Literal["tool", "schema", "prompt"] | None = Field(
        default=None,
        description="How typed answers are asked for: a tool call, a JSON schema, or words alone. Empty: schema for "
        "openai-compatible and local, tool for the others.",
    )
    timeout_seconds: float = Field(default=90, gt=0, le=900, description="How long one request may take.")
    total_seconds: float = Field(default=900, gt=0, le=7200, description="How long all requests of a draft may take.")
    retries: int = Field(default=2, ge=0, le=10, description="How often a failed or unusable request is tried again.")
    requests_per_minute: int = Field(default=60, ge=1, le=10_000, description="The most requests in a minute.")
    variants_per_request: int = Field(default=10, ge=1, le=50, description="How many variants one request asks for.")
    output_tokens: int = Field(
        default=16_000, ge=200, le=200_000, description="The most a request may write, thinking included."
    )
    cap_dollars: Dollars | None = Field(default=None, description="The most that one campaign run may cost.")
    fewest: int | None = Field(
        default=None, ge=1, le=200, description="Go on with so many variants; empty: with all that were asked for."
    )


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
    returns_seconds: float = Field(default=10.0, ge=0.1, le=3600, description="How often the press looks there.")

    @field_validator("unsubscribe_url")
    @classmethod
    def _one_that_providers_call(cls, url: str) -> str:
        if url and (fault := url_fault(url.rstrip("/"))):
            raise ValueError(fault)
        return url.rstrip("/")


def _webhook_address(text: str) -> str:
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

    url: Annotated[str, AfterValidator(_webhook_address)] = Field(
        default="", max_length=2000, description="The receiver's address; https, or http on this machine."
    )
    status_url: Annotated[str, AfterValidator(_webhook_address)] = Field(
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
        return _webhook_address(text) if "://" in text else text

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


class DatabaseSection(Section):
    """`[databases.NAME]`: a database that segments may read; its password is the secret database-NAME."""

    url: str = Field(
        default="",
        max_length=2000,
        description="postgresql://HOST/NAME, or sqlite:///FILE, which starts from the project's folder.",
    )
    user: str = Field(
        default="", max_length=63, pattern=r"^[^\x00-\x1f]*$", description="Who reads there; may SELECT and no more."
    )
    time_limit_seconds: float = Field(default=300.0, gt=0, le=3600, description="How long one segment may take.")
    max_rows: int = Field(default=10_000_000, ge=1, description="A segment that selects more rows is refused.")
    max_megabytes: int = Field(default=4096, ge=1, le=65_536, description="The same for its size.")

    @field_validator("url")
    @classmethod
    def _readable(cls, url: str) -> str:
        if not url:
            return url
        without_password(url, "database-NAME, after the database's name")
        parts = urlsplit(url)
        if parts.scheme == "sqlite":
            if parts.netloc or parts.query or parts.fragment or len(parts.path) < 2:
                raise ValueError("write sqlite:///FILE, with three slashes and nothing after the file")
            return url
        if parts.scheme not in ("postgresql", "postgres") or "://" not in url:
            raise ValueError("segments read postgresql://HOST/NAME or sqlite:///FILE")
        if "@" in parts.netloc:
            raise ValueError("leave the user out of the address; write it as `user`")
        # An option could name a password file, another user, or settings of the session.
        for name, _ in parse_qsl(parts.query, keep_blank_values=True):
            if name not in _URL_OPTIONS:
                raise ValueError(f"{name} cannot be set in the address; it may set {', '.join(sorted(_URL_OPTIONS))}")
        return url


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


class OidcSection(Section):
    """`[sign_in.oidc]`: an OpenID Connect provider that people sign in with; its secret is named oidc."""

    issuer: str = Field(default="", max_length=500, description="The provider's address, exactly as it names itself.")
    client_id: str = Field(default="", max_length=300, description="What the provider calls this door.")
    label: str = Field(default="your organisation", min_length=1, max_length=60, description="Sign in with ...")
    groups_claim: str = Field(
        default="groups", min_length=1, max_length=200, description="The claim that lists groups."
    )
    groups: dict[str, list[str]] = Field(
        default_factory=dict,
        description='Roles by group, such as {"brand-team" = ["brand_lead:US,DE"]}; administrator is never among them.',
    )

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, issuer: str) -> str:
        # http is for a provider on this machine only: on the way, anybody could put their own keys in.
        if issuer and not re.fullmatch(
            r"https://[^\s?#@]+|http://(?:127\.0\.0\.1|localhost)(?::\d+)?(?:/[^\s?#@]*)?", issuer
        ):
            raise ValueError("write the provider's https address without a question mark; http is for loopback only")
        return issuer

    @model_validator(mode="after")
    def _whole(self) -> "OidcSection":
        if bool(self.issuer) != bool(self.client_id):
            raise ValueError("issuer and client_id belong together; give both or neither")
        return self


class SignInSection(Section):
    """`[sign_in]`: how people prove who they are, beside password and one-time code."""

    oidc: OidcSection = OidcSection()


class BaselineSection(Section):
    """`[baseline]`: what human minutes and tools cost."""

    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="What the amounts below are in.")
    hourly_rate: Decimal | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="What an hour of a person's work costs; empty: no cost is worked out.",
    )
    tools: dict[str, Annotated[Decimal, Field(ge=0, le=10_000_000)]] = Field(
        default_factory=dict, description='What each tool costs a month, such as {"copywriter" = 49}.'
    )
    minutes_cap: float = Field(
        default=60.0, gt=0, le=1440, description="A review counts as at most so much work: an open tab is none."
    )
    dollar_rate: Decimal | None = Field(
        default=None, gt=0, description="What one US dollar costs in `currency`; models charge in dollars."
    )


class NoticeSection(Section):
    """`[notices.ROLE]`: where everybody of one role is told, all in one place."""

    secret: str = Field(description="The name of the secret that holds the Apprise address, such as notices-brand.")

    @field_validator("secret")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not re.fullmatch(r"notices(-[a-z0-9]+){1,8}", name) or len(name) > 60 or name == "notices-email":
            raise ValueError(
                "name a secret of your own that begins with notices-, such as notices-brand; the address itself, with "
                "its passwords, goes into that secret"
            )
        return name


class NoticesSection(Section):
    """`[notices]`: who is told that a question waits; one section a role, and `owner` for what goes wrong."""

    titles: bool = Field(default=False, description="Whether a notice may say the campaign's title.")
    email: bool = Field(
        default=False, description="Whether each person who is asked gets an e-mail, by the secret notices-email."
    )
    owner: NoticeSection | None = Field(
        default=None, description="Who hears that nobody may answer, that time is nearly over, that it is over."
    )
    ai_strategist: NoticeSection | None = Field(default=None, description="Where AI marketing strategists are told.")
    prompt_engineer: NoticeSection | None = Field(default=None, description="Where prompt engineers are told.")
    content_editor: NoticeSection | None = Field(default=None, description="Where content editors are told.")
    brand_lead: NoticeSection | None = Field(default=None, description="Where brand leads are told.")
    regional_reviewer: NoticeSection | None = Field(default=None, description="Where regional reviewers are told.")
    legal: NoticeSection | None = Field(default=None, description="Where legal is told.")
    ethics_officer: NoticeSection | None = Field(default=None, description="Where ethics officers are told.")
    marketing_director: NoticeSection | None = Field(default=None, description="Where marketing directors are told.")
    author: NoticeSection | None = Field(default=None, description="Where authors are told.")
    engineer: NoticeSection | None = Field(default=None, description="Where engineers are told.")
    scheduler: NoticeSection | None = Field(default=None, description="Where schedulers are told.")
    administrator: NoticeSection | None = Field(default=None, description="Where administrators are told.")
