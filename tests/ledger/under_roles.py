"""A ledger on PostgreSQL as it is in production: each process under its own role, with its own password."""

from typing import Any

from pydantic import SecretStr

from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.engine import connect
from presscheck.ledger.roles import ROLES, Role
from presscheck.ledger.roles_address import as_role, names_of
from presscheck.ledger.roles_making import WantedRole, plan, plan_database, prepare
from presscheck.models import Process
from presscheck.settings import Settings

NAMES = names_of(Settings())
PASSWORDS: dict[Role, SecretStr] = {role: SecretStr(f"only-the-{role}-knows-this") for role in ROLES}
TEMPLATE = "roles_template"


def make_template(postgres: Any) -> None:
    """The roles, and a database with the ledger's tables and rights that tests can copy."""
    engine = connect(postgres.url("postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for step in list(plan(connection, [WantedRole(NAMES[role], PASSWORDS[role]) for role in ROLES])):
            step.run(connection)
        for step in list(plan_database(connection, TEMPLATE, NAMES["owner"], list(NAMES.values()))):
            step.run(connection)
    engine.dispose()
    prepare(postgres.url(TEMPLATE), NAMES, password=None)


def shut_out_others(postgres: Any, database: str) -> None:
    """Let the roles into a database, and nobody else."""
    engine = connect(postgres.url("postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for step in list(plan_database(connection, database, NAMES["owner"], list(NAMES.values()))):
            step.run(connection)
    engine.dispose()


class RoleLedgers:
    """One database as each of the three processes sees it through its own role."""

    def __init__(self, url: str, home: Any, clock: Any) -> None:
        self.url, self.home, self.clock = url, home, clock
        self.door = self.as_process("door")
        self.worker = self.as_process("worker")
        self.press = self.as_process("press")

    def as_process(self, process: Process) -> Ledger:
        return self.opened(process, Signer.load(self.home / "keys", process))

    def opened(self, role: Role, signer: Signer | None = None, *, wait: float = 30) -> Ledger:
        """The ledger through any role, with whichever key: a thief may have one and not the other."""
        return Ledger.open(
            as_role(self.url, NAMES, role),
            keyring=Keyring.load(self.home / "keys"),
            signer=signer,
            heads=self.home / "heads",
            clock=self.clock,
            password=PASSWORDS[role],
            wait_seconds=wait,
        )

    def close(self) -> None:
        for ledger in (self.door, self.worker, self.press):
            ledger.close()
