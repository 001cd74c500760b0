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


def results_of(tx: Reader, run: str, *, shape: str) -> list[Any]:
    """What steps of a run made in this shape, oldest first. LedgerForged as `find_step` says."""
    table = tables.steps
    query = select(table).where(table.c.run == run, table.c.shape == shape).order_by(table.c.at)
    rows = tx.execute(query).mappings().all()
    keys = [StepKey(**{name: row[name] for name in StepKey.model_fields}) for row in rows]
    return [found for key in keys if (found := find_step(tx, key, shape=shape)) is not None]


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


def record_step(tx: Writer, key: StepKey, *, shape: str, payload: Any, place: int | None = None) -> None:
    """Keep a result (canonical JSON: no floats). Recording it a second time is refused by the database.

    `place` counts what the flow's body came to before it, from 1; None for what no body called.
    """
    digest = digest_of(payload)
    body = {"inputs": key.inputs, "shape": shape, "payload": digest} | ({} if place is None else {"place": place})
    event = tx.append(EventKind.STEP_RECORDED, key.subject, body, run=key.run)
    row = {
        **key.model_dump(),
        "shape": shape,
        "payload": canonical(payload).decode(),
        "payload_digest": digest,
        "at": event.at,
    }
    tx.execute(insert(tables.steps), row)


def way_so_far(tx: Reader, run: str) -> dict[int, str]:
    """What a run's body came to so far, by its place from 1: `step draft/1//ab12`, `gate copy/1`, `wait 24h`."""
    found: dict[int, str] = {}
    for event in tx.events(EventKind.STEP_RECORDED, EventKind.REVIEW_OPENED, EventKind.TIMER_SET, run=run):
        place = event.data.get("place")
        if not isinstance(place, int):
            # Of a version before there were places, or of a step that another step called.
            continue
        match event.kind:
            case EventKind.STEP_RECORDED:
                found[place] = f"step {event.subject}"
            case EventKind.REVIEW_OPENED:
                found[place] = f"gate {event.data.get('gate')}/{event.data.get('round')}"
            case _:
                found[place] = f"wait {event.data.get('name')}"
    return found
