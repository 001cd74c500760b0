"""A town of people: an administrator, a brand lead and an author, each with password and authenticator."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher

from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people import passwords
from presscheck.people.accounts import Accounts, SignedIn, first_code
from presscheck.people.rights import Grant, find_person, record_rights, remember_person
from tests.second import whole_code

ROOT = "first-code"


@dataclass
class Member:
    """Somebody who enrolled, with what only they know."""

    accounts: Accounts
    id: str
    email: str
    password: str
    secret: str

    @property
    def code(self) -> str:
        """The six digits of this moment."""
        return pyotp.TOTP(self.secret).at(self.accounts.ledger.clock())

    def sign_in(self, **instead: str) -> SignedIn | Refused:
        """Sign in, with some of it wrong where a test says so."""
        given = {"email": self.email, "password": self.password, "code": self.code} | instead
        return self.accounts.sign_in(given["email"], given["password"], given["code"])


@pytest.fixture(autouse=True)
def _quick_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2id with little memory: dozens of people enrol here."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody"))


class Town:
    """The accounts of a ledger and ways to fill them."""

    def __init__(self, accounts: Accounts, clock: Any) -> None:
        self.accounts = accounts
        self.clock = clock
        self.first = self.take_place(first_code(accounts.home), "root@example.com", name="Ruth Root")

    def take_place(self, code: str, email: str, *, name: str = "") -> Member:
        start = self.accounts.begin(code, email=email, name=name)
        assert not isinstance(start, Refused), start
        password = f"four unrelated {email[0]} words"
        digits = pyotp.TOTP(start.secret).at(self.clock())
        person = self.accounts.enrol(code, start.sealed, password=password, code=digits, email=email, name=name)
        assert isinstance(person, str), person
        # The code spent on enrolling is not good for signing in: wait for the next one.
        self.clock.advance(seconds=60)
        return Member(self.accounts, person, email, password, start.secret)

    def invite(self, email: str, name: str, *grants: Grant) -> Any:
        return self.accounts.invite(email=email, name=name, grants=grants, by=self.first.id)

    def join(self, email: str, name: str, *grants: Grant) -> Member:
        return self.take_place(whole_code(self.accounts, self.invite(email, name, *grants)), email)


@pytest.fixture
def town(ledgers: Any, home: Path, clock: Any) -> Town:
    """Ruth is the administrator; on SQLite and again on PostgreSQL."""
    return Town(Accounts(ledgers.door, home), clock)


@pytest.fixture
def lite_town(sqlite_ledgers: Any, home: Path, clock: Any) -> Town:
    """The same, on SQLite only."""
    return Town(Accounts(sqlite_ledgers.door, home), clock)


class Hamlet:
    """People as events only: nobody enrols with password and authenticator where neither matters."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.first = self.join("root@example.com", "Ruth", Grant(role="administrator", markets="all"))

    def join(self, email: str, name: str, *grants: Grant) -> "Neighbour":
        with self.accounts.ledger.write() as tx:
            found = find_person(tx, email)
            person = found or f"P-{email.partition('@')[0]}"
            remember_person(tx, person, email=email, name=name)
            record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=name, by="P-root")
        return Neighbour(person, email)

    def invite(self, email: str, name: str, *grants: Grant) -> Any:
        return self.accounts.invite(email=email, name=name, grants=grants, by=self.first.id)


@dataclass(frozen=True)
class Neighbour:
    """Somebody who is on record."""

    id: str
    email: str


@pytest.fixture
def hamlet(sqlite_ledgers: Any, home: Path) -> Hamlet:
    """Ruth is the administrator; on SQLite."""
    return Hamlet(Accounts(sqlite_ledgers.door, home))


@pytest.fixture
def lead() -> Grant:
    return Grant(role="brand_lead", markets=("US", "DE"))
