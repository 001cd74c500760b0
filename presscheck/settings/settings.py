"""Every setting, in one class; read from `presscheck.toml` and `PRESSCHECK_*` by `wiring`, nowhere else.

PRESSCHECK_DOOR_PORT=8500            a setting
PRESSCHECK_MAIL__HOST=mail.example   a setting of the section [mail]
PRESSCHECK_VIA='{"email": "smtp"}'   lists and tables as JSON
PRESSCHECK_SECRET_SMTP=...           no setting: a secret (presscheck.settings.secrets)
"""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from presscheck.errors import Fault, SettingsError
from presscheck.models import Channel
from presscheck.settings.databases import DatabaseSection, PostgresSection
from presscheck.settings.figures import BaselineSection
from presscheck.settings.mail import MailSection
from presscheck.settings.models import ModelSection
from presscheck.settings.notices import NoticesSection
from presscheck.settings.policies import PoliciesSection
from presscheck.settings.section import without_password
from presscheck.settings.sign_in import SignInSection
from presscheck.settings.ways_out import FilesSection, WebhookSection
from presscheck.settings.webhooks import WebhookName, WebhooksSection
from presscheck.unsubscribe_links import WayToLeave

_PREFIX = "PRESSCHECK_"
_NAMED = {"databases": DatabaseSection, "webhooks": WebhooksSection}
"""Tables whose sections have names that a project gives them."""
_KEPT_ELSEWHERE = "PRESSCHECK_SECRET_"
_LIKE_A_SECRET = re.compile(r"pass|secret|token|key", re.I)
# These steer the test suite, the demo script and the command line's sign-in, not the program.
_NOT_SETTINGS = {"PRESSCHECK_FAST", "PRESSCHECK_REQUIRE", "PRESSCHECK_SESSION_FILE", "PRESSCHECK_SOAK"}


class Settings(BaseModel):
    """Where things are and how long they last. Paths may be relative to the project folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Path = Field(default=Path(), description="The project folder: flows, policies, deployments.")
    home: Path = Field(default=Path(".presscheck"), description="Ledger, keys, audiences, outbox, Prefect's home.")
    ledger_url: str = Field(
        default="",
        description="sqlite:///PATH or postgresql://HOST/NAME, without password and, where each process has "
        "a role of its own, without user; empty: SQLite in home.",
    )
    policies: PoliciesSection = Field(
        default=PoliciesSection(),
        description="A folder of policies that adds to the shipped ones: its name alone, or a section [policies] "
        "with folder and signed.",
    )
    data: Path = Field(default=Path("data"), description="The folder that segments read CSV and Parquet from.")
    door_port: int = Field(default=8400, ge=1, le=65535, description="The only published port.")
    door_url: str = Field(default="", description="How people reach the door; empty: http://127.0.0.1:PORT.")
    prefect_port: int = Field(default=8401, ge=1, le=65535, description="Prefect's server, on loopback only.")
    poll_seconds: float = Field(default=1.0, ge=0.1, le=60, description="How often worker, door and press look.")
    warm: bool = Field(
        default=True, description="Whether runs start in a warm engine: seconds sooner, for 100 to 320 MB of memory."
    )
    via: str | dict[Channel, str] = Field(
        default="outbox",
        description='The way out: one for all channels, or one a channel, such as {email = "smtp"}; '
        "a channel that is not named goes to the outbox.",
    )
    demo: bool = Field(default=False, description="A demo refuses every way out but the outbox.")
    copywriter: Literal["offline", "model"] = Field(default="offline", description="Who drafts: offline, or model.")
    secrets: Path = Field(
        default=Path(), description="A folder with a file for each secret, mode 0600; empty: home/secrets."
    )
    session_hours: float = Field(default=12.0, gt=0, le=72, description="How long a sign-in lasts.")
    batch_size: int = Field(default=500, ge=1, le=10_000, description="Messages a batch.")
    model: ModelSection = ModelSection()
    mail: MailSection = MailSection()
    webhook: WebhookSection = WebhookSection()
    files: FilesSection = FilesSection()
    databases: dict[str, DatabaseSection] = Field(default_factory=dict, description="Databases by name.")
    postgres: PostgresSection = PostgresSection()
    sign_in: SignInSection = SignInSection()
    baseline: BaselineSection = BaselineSection()
    notices: NoticesSection = NoticesSection()
    webhooks: dict[WebhookName, WebhooksSection] = Field(
        default_factory=dict, max_length=20, description="Other systems that are told what happened, by name."
    )

    @field_validator("via", mode="before")
    @classmethod
    def _by_channel(cls, via: object) -> object:
        channels = ", ".join(get_args(Channel))
        if isinstance(via, dict):
            table = cast("dict[object, object]", via)
            if unknown := sorted(str(name) for name in table if name not in get_args(Channel)):
                raise ValueError(f"there is no channel {', '.join(unknown)}; there are: {channels}")
            named = list(table.values())
        else:
            named = [via]
        if not all(isinstance(name, str) for name in named):
            raise ValueError('name one way out, or one for each channel, such as {email = "smtp"}')
        return cast("object", via)

    @field_validator("policies", mode="before")
    @classmethod
    def _folder_alone(cls, given: object) -> object:
        return _policies_section(given)

    @field_validator("ledger_url")
    @classmethod
    def _no_password(cls, url: str) -> str:
        return without_password(url, "ledger-ROLE, or leave the user out too and use roles (`presscheck db init`)")

    @classmethod
    def read(cls, folder: Path, environ: Mapping[str, str]) -> "Settings":
        """`folder/presscheck.toml` overridden by PRESSCHECK_*; SettingsError names every fault."""
        path = folder / "presscheck.toml"
        values: dict[str, Any] = {}
        if path.exists():
            try:
                values = tomllib.loads(path.read_text("utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise SettingsError([Fault(str(path), None, "", f"not TOML: {error}")]) from error
        from_file = set(values)
        for name, value in environ.items():
            if name.startswith(_PREFIX) and name not in _NOT_SETTINGS and not name.startswith(_KEPT_ELSEWHERE):
                _put(values, name.removeprefix(_PREFIX).lower().split("__"), _parsed(value))
        values.setdefault("project", str(folder))
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError([_fault(path, from_file, problem) for problem in error.errors()]) from error
        return settings.resolved()

    def resolved(self) -> "Settings":
        """The same with absolute paths and the addresses filled in."""
        project = self.project.resolve()
        home = project / self.home
        return self.model_copy(
            update={
                "project": project,
                "home": home,
                "data": project / self.data,
                "secrets": project / self.secrets if self.secrets != Path() else home / "secrets",
                "policies": self.policies
                if self.policies.folder is None
                else self.policies.model_copy(update={"folder": project / self.policies.folder}),
                "ledger_url": self.ledger_url or f"sqlite:///{home / 'ledger.db'}",
                "door_url": self.door_url or f"http://127.0.0.1:{self.door_port}",
            }
        )

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def heads(self) -> Path:
        return self.home / "heads"

    @property
    def prefect_home(self) -> Path:
        return self.home / "prefect"

    @property
    def prefect_url(self) -> str:
        return f"http://127.0.0.1:{self.prefect_port}/api"

    @property
    def prefect_auth_file(self) -> Path:
        """Holds `user:password` for Prefect's API, mode 0600; made by `presscheck up`."""
        return self.keys / "prefect-api"

    @property
    def outbox(self) -> Path:
        return self.home / "outbox"

    @property
    def way_to_leave(self) -> WayToLeave:
        """What every e-mail says about unsubscribing."""
        return WayToLeave(
            self.mail.unsubscribe_url or f"{self.door_url.rstrip('/')}/unsubscribe", self.mail.unsubscribe_mailto
        )

    @property
    def files_folder(self) -> Path:
        """Where the ways out that write files put them."""
        return self.project / self.files.folder if self.files.folder != Path() else self.home / "files"

    def way_out(self, channel: Channel) -> str:
        """The name of the way out for a channel."""
        return self.via if isinstance(self.via, str) else self.via.get(channel, "outbox")

    def __hash__(self) -> int:
        # Tables such as `via` and `databases` have no hash of their own; what a process opens once, it keeps by this.
        return hash(self.model_dump_json())

    def as_environment(self) -> dict[str, str]:
        """These settings as PRESSCHECK_* variables, for a process of ours; no secret is among them."""
        found: dict[str, str] = {}
        for name, value in self.model_dump(mode="json", exclude_none=True).items():
            found[_PREFIX + name.upper()] = json.dumps(value) if isinstance(value, dict | list) else str(value)
        return found


def _put(values: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a value that lies in sections, which are made where they are missing."""
    for name in path[:-1]:
        inner = _policies_section(values.get(name)) if name == "policies" else values.get(name)
        values[name] = inner = dict(cast("dict[str, Any]", inner)) if isinstance(inner, dict) else {}
        values = inner
    name = path[-1]
    if name == "policies" and (before := _policies_section(values.get(name))) is not None:
        # A folder named by a variable says nothing about signatures: whoever sets it does not switch them off.
        value = _policies_section(value)
        if isinstance(before, dict) and isinstance(value, dict):
            value = {**cast("dict[str, Any]", before), **cast("dict[str, Any]", value)}
    values[name] = value


def _policies_section(given: object) -> object:
    """The section that a folder's name alone stands for."""
    return {"folder": given} if isinstance(given, str | Path) else given


def _parsed(text: str) -> Any:
    """Tables and lists are JSON; everything else is the text itself, which pydantic reads."""
    if text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except ValueError:
            # It is told as a wrong value of its setting.
            return text
    return text


def _fault(path: Path, from_file: set[str], problem: Any) -> Fault:
    loc = [str(part) for part in problem["loc"]]
    name = loc[0] if loc else ""
    place = str(path) if name in from_file else f"{_PREFIX}{'__'.join(loc).upper()}"
    return Fault(place, None, ".".join(loc), _message(loc, problem))


def _message(loc: list[str], problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        known = ", ".join(sorted(_known(loc)))
        elsewhere = "; a password or a key is no setting, and goes into a file of its own in `secrets`"
        return (
            f"there is no such setting; the settings are {known}{elsewhere if _LIKE_A_SECRET.search(loc[-1]) else ''}"
        )
    said = problem["msg"].removeprefix("Value error, ")
    # A database address may carry a password, and a whole section may hold one: they are never repeated.
    if _may_hold_a_password(loc) or isinstance(problem["input"], dict | list):
        return said
    return f"{said}; it is {problem['input']!r} now"


def _may_hold_a_password(loc: list[str]) -> bool:
    return any(part.endswith(("url", "user", "dsn", "remote", "issuer", "secret")) for part in loc) or loc[:1] == [
        "databases"
    ]


def _known(loc: list[str]) -> set[str]:
    """The names that there are where an unknown one was found."""
    model: Any = Settings
    for part in loc[:-1]:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        if field is None:
            break
        model = _NAMED.get(part) or field.annotation
        # A section that may be left out is annotated with None beside it.
        model = next((one for one in get_args(model) if hasattr(one, "model_fields")), model)
    return set(getattr(model, "model_fields", Settings.model_fields))
