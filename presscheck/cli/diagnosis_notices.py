"""What `presscheck doctor` looks at about notices: which roles are told, and which are not."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from presscheck.cli.look import Look
from presscheck.errors import PresscheckError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from policies import ApprovalPolicy


def notice_looks(settings: Settings, models: "Sequence[ApprovalPolicy]") -> Iterator[Look]:
    """Whoever the settings name, then the roles that approval models ask and nobody tells."""
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
