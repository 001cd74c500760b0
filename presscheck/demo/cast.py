"""The demo's people: an administrator, the brief's author and a brand lead, with random passwords.

    cast = enrol_cast(settings)              # the same people when the demo runs again
    cast["brand_lead"].present_code(now)     # the six digits that sign her in now

Their passwords and authenticator secrets are kept in `home/demo-people.json`, mode 0600. Real people's
never are: they enrol at the door, and nobody else sees what they choose.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pyotp.totp import TOTP

from presscheck.errors import PresscheckError
from presscheck.models import Refused
from presscheck.people.accounts import Accounts, first_code
from presscheck.people.rights import Grant, Role
from presscheck.settings import Settings
from presscheck.wiring import open_ledger

T = TypeVar("T")

_FILE = "demo-people.json"
_STEP_SECONDS = 30


@dataclass(frozen=True)
class Member:
    """One of the demo's people, with what signs them in."""

    role: str
    name: str
    email: str
    password: str
    secret: str
    enrolled_step: int
    """The time step whose code was spent at enrolling; a code works once."""

    def present_code(self, now: datetime) -> str:
        """The six digits to type now: the next step's where enrolling spent this step's."""
        totp = TOTP(self.secret)
        step = int(now.timestamp()) // _STEP_SECONDS
        return totp.at((step + 1 if step == self.enrolled_step else step) * _STEP_SECONDS)


# The demo's author also starts campaigns; that alone would keep her from approving them.
_ALSO: dict[Role, tuple[Role, ...]] = {"author": ("scheduler",)}
_CAST: tuple[tuple[Role, str, str], ...] = (
    ("administrator", "Sam Idris", "sam@fernholt.example.com"),
    ("author", "Noor Haddad", "noor@fernholt.example.com"),
    ("brand_lead", "Ana Brandt", "ana@fernholt.example.com"),
)


def enrol_cast(settings: Settings) -> dict[str, Member]:
    """The demo's people by role; enrolled the first time, read from their file afterwards."""
    if not settings.demo:
        raise PresscheckError("the demo's people belong to a demo; set demo = true")
    path = settings.home / _FILE
    if path.exists():
        kept = json.loads(path.read_text("utf-8"))
        return {member["role"]: Member(**member) for member in kept}
    ledger = open_ledger(settings, "door")
    try:
        accounts = Accounts(ledger, settings.home)
        cast: dict[str, Member] = {}
        administrator = ""
        for role, name, email in _CAST:
            if role == "administrator":
                code = first_code(settings.home)
            else:
                grants = [Grant(role=granted, markets="all") for granted in (role, *_ALSO.get(role, ()))]
                code = _done(accounts.invite(email=email, name=name, grants=grants, by=administrator)).code
            member, person = enrol_member(accounts, code, role=role, name=name, email=email, now=ledger.clock())
            administrator = administrator or person
            cast[role] = member
    finally:
        ledger.close()
    _keep(path, list(cast.values()))
    return cast


def enrol_member(
    accounts: Accounts, code: str, *, role: str, name: str, email: str, now: datetime
) -> tuple[Member, str]:
    """Take up an invitation with a random password and authenticator; the member and the person's id."""
    start = _done(accounts.begin(code, email=email, name=name))
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    step = int(now.timestamp()) // _STEP_SECONDS
    digits = TOTP(start.secret).at(step * _STEP_SECONDS)
    person = _done(accounts.enrol(code, start.sealed, password=password, code=digits, email=email, name=name))
    return Member(role, name, email, password, start.secret, step), person


def _done(answer: T | Refused) -> T:
    if isinstance(answer, Refused):
        raise PresscheckError(f"the demo's people could not be enrolled: {answer.reason}")
    return answer


def _keep(path: Path, members: list[Member]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(member) for member in members], file, indent=2)
