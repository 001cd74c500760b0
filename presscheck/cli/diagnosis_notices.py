"""What `presscheck doctor` looks at about notices: which roles are told, which are not, and whether anybody tells."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from presscheck.cli.look import Look
from presscheck.errors import PresscheckError, SettingsError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from policies import ApprovalPolicy

_DUTY = "escalate-reviews"


def notice_looks(settings: Settings, models: "Sequence[ApprovalPolicy]") -> Iterator[Look]:
    """Whoever the settings name, then the roles that approval models ask and nobody tells, then the standing duty."""
    from presscheck.notices import EMAIL_SECRET, told_roles

    told = told_roles(settings.notices)
    secrets = {**told, **({"email": EMAIL_SECRET} if settings.notices.email else {})}
    sound: list[str] = []
    for name, secret in secrets.items():
        if (fault := _fault(name, secret, settings)) is not None:
            mend = f"Put an Apprise address into the secret {secret}; docs/escalation.md has examples."
            yield Look(f"notices {name}", "missing", fault, mend)
        else:
            sound.append("each person by e-mail" if name == "email" else name)
    if sound:
        yield Look("notices", "ok", f"told: {', '.join(sound)}")
    untold = [] if settings.notices.email else [role for role in _asked(models) if role not in told]
    if "owner" not in told:
        untold.append("owner")
    if untold:
        mend = "Write [notices.ROLE] for each, or [notices] email = true; they still find everything in the inbox."
        yield Look("notices", "note", f"not told: {', '.join(untold)}", mend)
    yield from _duty(settings)


def _fault(name: str, secret: str, settings: Settings) -> str | None:
    from presscheck.notices import NotSent, is_address, way_to_address, way_to_role

    try:
        way = way_to_address("doctor@example.com", settings) if name == "email" else way_to_role(name, settings)
    except NotSent as failed:
        return f"there is no secret {secret}" if failed.code == "no-secret" else f"{secret} is no mailto:// address"
    except PresscheckError as error:
        return str(error)
    return None if is_address(way) else f"{secret} holds nothing that Apprise can read"


def _asked(models: "Sequence[ApprovalPolicy]") -> list[str]:
    """Every role that some approval model asks, or that is next in line, in order."""
    stages = [stage for model in models for stage in model.stages]
    asked = {role for stage in stages for need in stage.needs for role in need.roles}
    return sorted(asked | {stage.escalate.to for stage in stages if stage.escalate is not None})


def _duty(settings: Settings) -> Iterator[Look]:
    from presscheck.supervisor.plan import code_folder

    try:
        path = code_folder(settings) / "deployments" / "prefect.yaml"
        there = f"name: {_DUTY}" in path.read_text("utf-8")
    except (SettingsError, OSError, UnicodeDecodeError):
        # Without deployments nothing runs at all; `presscheck up` says so.
        return
    if not there:
        mend = "Add it as docs/escalation.md shows; without it nobody is told, and reviews still escalate and expire."
        yield Look("notices", "note", f"{path} has no {_DUTY}", mend)
