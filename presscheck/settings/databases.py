"""`[databases.NAME]` and `[postgres]`: the databases that segments read, and the one that holds the ledger."""

from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, field_validator, model_validator

from presscheck.settings.section import Section, without_password

_URL_OPTIONS = frozenset({"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"})
_ROLE = r"^[a-z_][a-z0-9_]{0,62}$"


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
