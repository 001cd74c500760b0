"""Ledgers on PostgreSQL whose processes have roles of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from presscheck.ledger import make_keys, utc_now, verify
from tests.ledger.filled import fill
from tests.ledger.under_roles import NAMES, TEMPLATE, RoleLedgers, make_template, shut_out_others


@pytest.fixture(scope="session")
def roles_template(postgres: Any) -> str:
    make_template(postgres)
    return TEMPLATE


@contextmanager
def fresh_database(postgres: Any, template: str) -> Iterator[str]:
    name = f"roles_{uuid4().hex[:12]}"
    postgres.sql(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {NAMES['owner']}")
    # Who may enter a database is not copied with it.
    shut_out_others(postgres, name)
    yield f"postgresql://127.0.0.1:{postgres.port}/{name}"
    postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def roles_url(postgres: Any, roles_template: str) -> Iterator[str]:
    """A fresh ledger with every role and right, as an address without a user."""
    with fresh_database(postgres, roles_template) as url:
        yield url


@pytest.fixture
def role_ledgers(roles_url: str, home: Path, clock: Any) -> Iterator[RoleLedgers]:
    """Door, worker and press, each through its own role."""
    opened = RoleLedgers(roles_url, home, clock)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def guarded(postgres: Any, roles_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoleLedgers]:
    """A filled ledger for tests that only try what they may not do."""
    home = tmp_path_factory.mktemp("guarded")
    make_keys(home / "keys")
    with fresh_database(postgres, roles_template) as url:
        opened = RoleLedgers(url, home, utc_now)
        fill(opened.worker, opened.door)
        yield opened
        assert verify(opened.door).sound
        opened.close()
