"""Step results: a step of a campaign run is made once and read ever after.

The key is (run, step, round, partition, digest of the inputs), the shape is the version of the
result's form. A result of another shape, or one that is not what was recorded, is a hold and not
a new attempt: making it again could send something twice.
"""

import json
from typing import Any

from sqlalchemy import insert, select

from presscheck.digests import canonical, digest_of
from presscheck.errors import LedgerForged
from presscheck.ledger import tables
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer
from presscheck.models import Frozen


class StepKey(Frozen):
    """Which step of which run, made from which inputs."""

    run: str
    step: str
    round: int = 1
    partition: str = ""
    inputs: str

    @property
    def subject(self) -> str:
        return f"{self.step}/{self.round}/{self.partition}/{self.inputs[:16]}"


def find_step(tx: Reader, key: StepKey, *, shape: str) -> Any | None:
    """The recorded result, or None if the step was not made yet.

    LedgerForged if the result has another shape or is not what the worker signed.
    """
    table = tables.steps
    query = select(table).where(
        table.c.run == key.run,
        table.c.step == key.step,
        table.c.round == key.round,
        table.c.partition == key.partition,
        table.c.inputs == key.inputs,
    )
    row = tx.execute(query).first()
    if row is None:
        return None
    if row.shape != shape:
        raise LedgerForged(
            f"step {key.step}, round {key.round}: its result was kept as {row.shape}, this code reads {shape}; "
            "held, because making it again might do something twice"
        )
    signed = [event.data for event in tx.events(EventKind.STEP_RECORDED, subject=key.subject, run=key.run)]
    try:
        payload = json.loads(row.payload)
        stored = digest_of(payload)
    except (ValueError, TypeError, RecursionError) as error:
        raise LedgerForged(f"step {key.step}, round {key.round}: its stored result can no longer be read") from error
    if not any((data["payload"], data["shape"]) == (stored, shape) for data in signed):
        raise LedgerForged(f"step {key.step}, round {key.round}: its stored result is not what the worker recorded")
    return payload


def record_step(tx: Writer, key: StepKey, *, shape: str, payload: Any) -> None:
    """Keep a result (canonical JSON: no floats). Recording it a second time is refused by the database."""
    digest = digest_of(payload)
    body = {"inputs": key.inputs, "shape": shape, "payload": digest}
    event = tx.append(EventKind.STEP_RECORDED, key.subject, body, run=key.run)
    row = {
        **key.model_dump(),
        "shape": shape,
        "payload": canonical(payload).decode(),
        "payload_digest": digest,
        "at": event.at,
    }
    tx.execute(insert(tables.steps), row)
