"""The API's part about what a put-back copy lacks: shown to whoever is signed in, signed by two."""

from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.desk.gaps import first_signature, sign_gap
from presscheck.door.answers import json_body, no
from presscheck.door.carrying_out import carry_out, two_names
from presscheck.door.doorway import Doorway
from presscheck.errors import DoorError
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.campaigns import find_campaign
from presscheck.ledger.gaps import gap_of, gap_signed
from presscheck.ledger.heads import Head, read_heads
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

_UNDER_WAY = ("PAUSED", "RUNNING", "PENDING", "CANCELLING")
_MOST_RUNS = 200


async def shown(door: Doorway, _request: Request, _session: Session) -> Response:
    """What the ledger lacks and nobody has signed, and the runs that Prefect knows of and this ledger does not."""
    told = await run_in_threadpool(_gap, door)
    if told["gap"] is not None:
        told["runs"] = await _runs_ahead(door)
    return JSONResponse(told)


async def sign(door: Doorway, request: Request, session: Session) -> Response:
    """Put one's name under it: `{"sign": "..."}`, with the digest that was shown."""
    digest = (await json_body(request)).get("sign")
    if not isinstance(digest, str) or len(digest) != 64:
        return no(422, "sign: this is not the digest of a gap", "`presscheck gap` shows it.")
    heads = await run_in_threadpool(_heads, door)

    def do(tx: Writer) -> dict[str, Any] | Refused:
        said = sign_gap(tx, heads, digest, person=session.person, proved_at=session.proved_at)
        return said if isinstance(said, Refused) else {"signed": bool(said.confirmed_by), **two_names(tx, said)}

    return await carry_out(door, request, session, do, {"step-up": 403, "no-gap": 404})


def _heads(door: Doorway) -> list[Head]:
    # Before the view begins: a head never leads the database.
    ledger = door.ledger
    return [] if ledger.heads is None else read_heads(ledger.heads, ledger.keyring)


def _gap(door: Doorway) -> dict[str, Any]:
    heads = _heads(door)
    with door.ledger.read() as tx:
        gap, last = gap_of(tx, heads), gap_signed(tx)
        told: dict[str, Any] = {"gap": None, "signed": None if last is None else last.seq}
        if gap is None:
            return told
        first = first_signature(tx, gap)
        restored = [event for event in tx.events(EventKind.LEDGER_RESTORED) if event.seq in gap.restored]
        told["gap"] = {
            "digest": gap.digest,
            **gap.said,
            "tip": tx.tip().seq,
            "signed_by": "" if first is None else person_name(tx, str(first.data["person"])),
            "restorations": [{"event": event.seq, "at": event.at, **event.data} for event in restored],
        }
        return told


async def _runs_ahead(door: Doorway) -> list[dict[str, str]] | None:
    """The runs that are under way in Prefect and that this ledger has lost; None where Prefect does not say."""
    wanted = {"flow_runs": {"state": {"type": {"any_": list(_UNDER_WAY)}}}, "limit": _MOST_RUNS}
    try:
        status, found = await door.prefect.ask("POST", "/api/flow_runs/filter", wanted)
    except DoorError:
        return None
    if status != 200 or not isinstance(found, list):
        return None
    runs = cast("list[dict[str, Any]]", found)

    def unknown() -> list[dict[str, str]]:
        with door.ledger.read() as tx:
            strange = [run for run in runs if find_campaign(tx, str(run.get("id"))) is None]
        return [{key: str(run.get(key) or "") for key in ("id", "name", "created")} for run in strange]

    return await run_in_threadpool(unknown)
