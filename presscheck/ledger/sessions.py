"""Connections that may lead through a pooler such as PgBouncer: what they can rely on, and what they cannot.

    if fault := session_fault(engine, connection):   this connection is no session of its own: whoever needs one stops

A pooler may give every transaction another backend. What a session holds then belongs to whoever comes next: its
settings, its prepared statements, its locks. So nothing of ours is said to a session but on a connection that leads
straight to its backend; behind a pooler it is said in each transaction. One thing cannot be had like that: the lock of
the only press, which is proven to be a session's before it is taken.
"""

import secrets
from typing import Any

from sqlalchemy import Connection, Engine, event, text

_POOLED = "presscheck_pooled"
# A busy pooler may by chance give a connection the same backend twice, and hardly so many times.
_ROUNDS = 5


def wait_for_locks(engine: Engine, *, milliseconds: int) -> None:
    """Let nobody on this engine wait longer for a lock, whether a pooler is in between or not.

    Not by the startup parameter `options`: PgBouncer refuses whoever sends it, or drops it without a word
    (`ignore_startup_parameters`), and then one stuck process would let all others wait for ever.
    """

    @event.listens_for(engine, "connect")
    def look(connection: Any, record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        # A pooler makes up the number that it greets with, because it has no backend for us yet.
        told = connection.info.backend_pid
        ask = "SELECT CASE WHEN pg_backend_pid() = %s THEN set_config('lock_timeout', %s, false) END"
        connection.autocommit = True
        direct = connection.execute(ask, (told, str(milliseconds))).fetchone()[0] is not None
        connection.autocommit = False
        record.info[_POOLED] = not direct
        if not direct:
            # Prepared statements stay with a backend, and the next transaction may have another.
            connection.prepare_threshold = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        if behind_pooler(connection):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")


def behind_pooler(connection: Connection) -> bool:
    """Whether a pooler stands between this connection and its backend."""
    return bool(connection.connection.info.get(_POOLED, False))


def backend_of(connection: Connection) -> int:
    """The id of the server's process that serves this transaction."""
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def session_fault(engine: Engine, connection: Connection) -> str | None:
    """Why nothing that a session holds would last on this connection; None where it is a session of its own.

    The connection must be in no transaction. A second one asks for a backend in between: where they are given out by
    the transaction, it gets ours, or we get another. This is tried also where no pooler shows itself.
    """
    mark = secrets.token_hex(8)
    with connection.begin():
        ours = backend_of(connection)
        connection.execute(text("SELECT set_config('presscheck.session', :mark, false)"), {"mark": mark})
    for _ in range(_ROUNDS):
        if not _still(connection, ours, mark):
            return _BY_THE_TRANSACTION
        with engine.connect() as other, other.begin():
            if backend_of(other) == ours or not _still(connection, ours, mark):
                return _BY_THE_TRANSACTION
    return _NOT_CLEARED if behind_pooler(connection) and _left_behind(engine) else None


def _still(connection: Connection, backend: int, mark: str) -> bool:
    """Whether a further transaction has the same backend, and the backend what was set in an earlier one."""
    with connection.begin():
        asked = text("SELECT pg_backend_pid(), current_setting('presscheck.session', true)")
        return tuple(connection.execute(asked).one()) == (backend, mark)


def _left_behind(engine: Engine) -> bool:
    """Whether what a session held is there still for whoever gets its backend next."""
    mark = secrets.token_hex(8)
    for _ in range(_ROUNDS):
        with engine.connect() as leaving:
            with leaving.begin():
                before = backend_of(leaving)
                leaving.execute(text("SELECT set_config('presscheck.session', :mark, false)"), {"mark": mark})
            # Closed, and not given back to our own pool.
            leaving.invalidate()
        with engine.connect() as coming, coming.begin():
            asked = text("SELECT pg_backend_pid(), current_setting('presscheck.session', true)")
            after, found = coming.execute(asked).one()
        if found == mark:
            return True
        if after == before:
            return False
    return False


_BY_THE_TRANSACTION = (
    "a pooler gives each transaction another of the server's processes (pool_mode = transaction), so that a lock would "
    "belong to whoever comes next, or to nobody. Set pool_mode = session for this role or database in the pooler, or "
    "name the server's own port with PRESSCHECK_LEDGER_URL"
)
_NOT_CLEARED = (
    "a pooler hands on what a session held to whoever gets its connection next, so that the lock of a press that died "
    "would be nobody's and kept. Set server_reset_query = DISCARD ALL in the pooler, or name the server's own port "
    "with PRESSCHECK_LEDGER_URL"
)


_NO_ROOM = ("query_wait_timeout", "no more connections allowed", "client_login_timeout")


def pooler_fault(low: str) -> str | None:
    """What a pooler's own refusal means, by its words in small letters; None for other errors."""
    if "statement pooling mode" in low:
        return (
            "a pooler takes no transactions (pool_mode = statement), and nothing here is written without one; set "
            "pool_mode = session or transaction in the pooler, and for the press session"
        )
    if any(sign in low for sign in _NO_ROOM):
        return (
            "a pooler has no connection left for us; each process here uses a few at once, and the press one more: "
            "raise default_pool_size and max_client_conn in the pooler"
        )
    if "unsupported startup parameter" in low:
        name = low.partition("unsupported startup parameter")[2].partition("\n")[0].lstrip(" s:=")
        return (
            f"a pooler refuses the startup parameter {name}, which comes from the address or from a variable such as "
            "PGOPTIONS; take it out there, or let the pooler drop it (ignore_startup_parameters)"
        )
    if low.startswith("prepared statement") and ("does not exist" in low or "already exists" in low):
        return (
            "a pooler gave this transaction a server process that another's prepared statements are on; set pool_mode "
            "= session in the pooler, or let nobody else sign in with this role"
        )
    return None
