"""A segment's database behind a real PgBouncer: the same rows in each mode, and nothing of ours left with a backend."""

from contextlib import contextmanager

import psycopg
import pytest
from pydantic import SecretStr

from presscheck.screening import databases
from presscheck.screening.databases import Database, look
from presscheck.screening.landing_process import answer_to
from presscheck.settings.databases import DatabaseSection
from tests.pooler import pooler
from tests.screening.shop import PASSWORD, SELECT, Shop, served

__all__ = ["served"]

SETTINGS = ("lock_timeout", "statement_timeout", "IntervalStyle", "default_transaction_read_only", "DateStyle")
ASKED = (
    "SELECT " + ", ".join(f"current_setting('{name}')" for name in SETTINGS) + ", count(*) FROM pg_prepared_statements"
)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    """The landing's own code, without the second that starting its process takes."""

    def ask(database, order, *, seconds, segment=None, progress=None):
        return databases._judged(database, answer_to(order), 0, seconds=seconds, late=False, segment=segment)

    monkeypatch.setattr(databases, "_ask", ask)


@contextmanager
def pooled(postgres, served, tmp_path, pool_mode):
    """A shop behind three backends that take turns, and connections that have all three."""
    told = {"pool_mode": pool_mode, "default_pool_size": 3, "server_round_robin": 1}
    with pooler(postgres, passwords={"segment_reader": PASSWORD}, **told) as through:
        section = DatabaseSection(url=through(served), user="segment_reader")

        def everybody():
            # Each in a transaction that stays open, so that together they have every backend of the pool.
            others = [psycopg.connect(through(served), user="segment_reader", prepare_threshold=None) for _ in range(3)]
            found = [other.execute(ASKED).fetchone() for other in others]
            for other in others:
                other.rollback()
                other.close()
            return found

        everybody()
        yield Shop(Database("shop", section, SecretStr(PASSWORD)), tmp_path), everybody


@pytest.mark.parametrize("pool_mode", ["session", "transaction"])
def test_a_segment_lands_again_and_again_behind_a_pooler(served, postgres, tmp_path, rows_of, pool_mode):
    landed = []
    with pooled(postgres, served, tmp_path, pool_mode) as (shop, _):
        for _ in range(6):
            out = shop.run(SELECT)
            landed.append(rows_of(out))
            out.unlink()
        version = look(shop.database)["version"]

    assert all(rows == landed[0] for rows in landed)
    assert len(landed[0]) == 2
    assert version.startswith("PostgreSQL")


@pytest.mark.parametrize("pool_mode", ["session", "transaction"])
def test_a_segment_leaves_no_setting_and_no_statement_with_a_backend_that_others_get(
    served, postgres, tmp_path, pool_mode
):
    with pooled(postgres, served, tmp_path, pool_mode) as (shop, everybody):
        before = everybody()
        shop.run(SELECT)

        assert everybody() == before
