"""Which database role may do what to which table, for a ledger on PostgreSQL.

    RIGHTS["decisions"]["door"]        # ("SELECT", "INSERT")

A role and a table that are not named together have nothing to do with each other: default deny.
Whoever adds a table adds a line here, and `presscheck db upgrade` (or `up`) hands the rights out.
Which kinds of events a role may insert is not here but in `EventKind.writers`: the database holds both.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from presscheck.ledger.kinds import EventKind
from presscheck.models import Process

Role = Literal["owner", "door", "worker", "press", "reader"]
"""`owner` holds the tables and migrates them; `reader` verifies and tells; the others are processes."""

ROLES: tuple[Role, ...] = get_args(Role)

Names = Mapping[Role, str]
"""The name that each role has in the database."""

Right = str
"""SELECT, INSERT, DELETE, or UPDATE with the columns that it is limited to: `UPDATE (read_at)`."""

_READ = ("SELECT",)
_ADD = ("SELECT", "INSERT")
_EVERYBODY_READS: dict[Role, tuple[Right, ...]] = {"door": _READ, "worker": _READ, "press": _READ, "reader": _READ}

RIGHTS: dict[str, dict[Role, tuple[Right, ...]]] = {
    "alembic_version": _EVERYBODY_READS,
    # Inserting is limited further, by row: see `kinds_of`. Nobody changes or deletes an event.
    "events": {"door": _ADD, "worker": _ADD, "press": _ADD, "reader": _READ},
    "campaigns": {**_EVERYBODY_READS, "worker": (*_ADD, "UPDATE (ended_at, ending)")},
    # The door adds what a person wrote in a form; the press only ever reads what was made.
    "assets": {**_EVERYBODY_READS, "door": _ADD, "worker": _ADD},
    "steps": {**_EVERYBODY_READS, "worker": _ADD},
    "findings": {**_EVERYBODY_READS, "worker": _ADD},
    "reviews": {**_EVERYBODY_READS, "worker": _ADD},
    "applications": {**_EVERYBODY_READS, "door": _ADD},
    "decisions": {**_EVERYBODY_READS, "door": _ADD},
    "wakes": {"door": _ADD, "press": _ADD, "worker": ("SELECT", "UPDATE (read_at)"), "reader": _READ},
    "deliveries": {
        **_EVERYBODY_READS,
        "worker": _ADD,
        # The manifest is what was asked for; the press says what became of it and cannot rewrite it.
        "press": ("SELECT", "UPDATE (state, reason, sent, suppressed, failed, unknown, finished_at)"),
    },
    "outbox": {**_EVERYBODY_READS, "press": (*_ADD, "UPDATE (state, detail, at)")},
    "people": {**_EVERYBODY_READS, "door": (*_ADD, "UPDATE", "DELETE")},
    # Each text counts by its digest alone; the worker reads what is in force and has nothing to add.
    "policy_texts": {"door": (*_ADD, "UPDATE (text)"), "press": _ADD, "worker": _READ, "reader": _READ},
    # The worker holds a row; the door lets it in, says why, and changes none of its words.
    "quarantine": {"door": ("SELECT", "UPDATE (note)"), "worker": _ADD, "reader": _READ},
    # The door adds and erases words and changes none; the worker brings those that are open to a copywriter.
    "comments": {"door": (*_ADD, "DELETE"), "worker": _READ, "reader": _READ},
    # What somebody types is between them and the door.
    "begun": {"door": (*_ADD, "DELETE")},
    # An answer that can still be taken back is its giver's and the door's alone: nobody else reads it before it counts.
    "held_answers": {"door": (*_ADD, "UPDATE (state, reason, due_at)", "DELETE")},
    # What opens an account is nobody's business but the door's, not even to look at.
    "credentials": {"door": (*_ADD, "DELETE")},
    "sessions": {"door": (*_ADD, "UPDATE (last_seen_at, closed_at)")},
    "passkeys": {"door": (*_ADD, "DELETE")},
    # Suppression can only take people out, so every process may add one and none may take one back.
    "suppressions": {"door": _ADD, "worker": _ADD, "press": _ADD, "reader": _READ},
    "feedback": {**_EVERYBODY_READS, "press": _ADD},
}


def rights_of_role(role: Role) -> dict[str, tuple[Right, ...]]:
    """The tables that a role may touch, with what it may do to each."""
    return {table: by_role[role] for table, by_role in RIGHTS.items() if role in by_role}


def kinds_of(process: Process) -> list[str]:
    """The kinds of events that this process's role may insert, in order."""
    return sorted(kind.value for kind in EventKind if process in kind.writers)
