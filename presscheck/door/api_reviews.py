"""The API's part about questions: what waits, one of them whole, and answering it."""

from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.door.answering import judged
from presscheck.door.answers import BadBody, json_body, no, refusal
from presscheck.door.api_glass import waits_for
from presscheck.door.choices import Choice
from presscheck.door.doorway import Doorway
from presscheck.door.minutes import mark_seen
from presscheck.door.plain import Evaluates, plain
from presscheck.door.proof import Proof, gather
from presscheck.door.waiting import asked_for, inbox, run_page
from presscheck.ledger import timestamp
from presscheck.ledger.reviews import find_review
from presscheck.models import Approval, Refused
from presscheck.people.sessions import Session


def several(door: Doorway, request: Request, session: Session) -> Response:
    number, size, only = asked_for(request.query_params)
    told = inbox(door.desk, person=session.person, page=number, size=size, only=only).as_json(door.url)
    with door.ledger.read() as tx:
        return JSONResponse({**told, "glass": waits_for(tx, door.desk, session.person)})


def one(door: Doorway, request: Request, session: Session) -> Response:
    with door.ledger.read() as tx:
        review = find_review(tx, request.path_params["review"])
        if review is None:
            return no(404, "there is no such review", "`presscheck reviews` lists those that wait.")
        proof = gather(tx, door.desk, review, person=session.person)
        form = door.desk.form(tx, review, proved_at=session.proved_at)
    told = as_json(proof, door.url)
    told["form"] = {
        "key": form.key,
        "fixed": form.fixed,
        "description": form.description,
        "initial": form.initial,
        "choices": dict(form.choices),
        "settled": list(form.settled),
    }
    mark_seen(door, review.id, session.person)
    return JSONResponse(told)


async def decide(door: Doorway, request: Request, session: Session) -> Response:
    review = request.path_params["review"]
    try:
        raw = plain(await json_body(request))
    except Evaluates as error:
        tired = await run_in_threadpool(_turn_away, door, review, session.person)
        return refusal(tired or Refused(reason=str(error), code="evaluates"))
    except BadBody:
        if tired := await run_in_threadpool(_turn_away, door, review, session.person):
            return refusal(tired)
        raise
    answer = await judged(door, session, review, raw)
    if isinstance(answer, Refused):
        return refusal(answer, 404 if answer.code == "no-review" else 409)
    if isinstance(answer, Approval):
        return JSONResponse(await run_in_threadpool(_in_part, door, review, answer))
    return JSONResponse({"accepted": True, "decision": answer.model_dump(mode="json")})


def _in_part(door: Doorway, review_id: str, approval: Approval) -> dict[str, Any]:
    """One yes of several, and whom it still needs."""
    with door.ledger.read() as tx:
        review = find_review(tx, review_id)
        who = None if review is None else door.desk.who_may(tx, review)
    waits = None if who is None or isinstance(who, Refused) else who.model_dump(mode="json", exclude={"people"})
    return {"accepted": True, "approval": approval.model_dump(mode="json"), "waits_for": waits}


def _turn_away(door: Doorway, review_id: str, person: str) -> Refused | None:
    with door.ledger.read() as tx:
        review = find_review(tx, review_id)
    # An id that nobody opened is a stranger's text: it names nothing, and is kept out of the chain.
    return None if review is None else door.desk.turn_away(review, person=person, code="unreadable-form")


def as_json(proof: Proof, door_url: str) -> dict[str, Any]:
    question = proof.review.question
    rule, row = proof.rule, proof.row
    answer = None
    if proof.outcome.decision is not None and proof.ending is not None:
        answer = {
            "status": proof.outcome.status.value,
            "how": proof.ending.how,
            "words": proof.ending.words,
            "more": proof.ending.more,
            "by": proof.outcome.person_name,
            "note": proof.outcome.note,
            "decision": proof.outcome.decision.model_dump(mode="json"),
        }
    return {
        "id": proof.review.id,
        "title": proof.title,
        "run": question.run,
        "campaign": question.campaign,
        "gate": question.gate,
        "round": question.round,
        "form_key": proof.review.form_key,
        "fingerprint": proof.fingerprint,
        "digest": question.digest,
        "question": question.model_dump(mode="json"),
        "risk": None
        if rule is None
        else {"tier": row.tier, "why": row.why, "row": row.row, "rule": rule.id, "adds_up": proof.adds_up},
        "brief": [told.model_dump() for told in proof.facts],
        "stops": [stop.model_dump(include={"kind", "words", "means"}) for stop in proof.stops],
        "trouble": proof.trouble,
        "opened_at": timestamp(proof.review.opened_at),
        "expires_at": timestamp(proof.deadline),
        "who_may": None if proof.who is None else proof.who.model_dump(mode="json", exclude={"people"}),
        "mine": proof.why_not_me is None,
        "said": list(proof.said),
        "fixed": proof.fixed,
        "model": None if rule is None else {"rule": rule.id, "asks_for": rule.asks_for()},
        "why_not": None if proof.why_not_me is None else proof.why_not_me.model_dump(),
        "beside": list(proof.beside),
        "weakened": [asdict(one) for one in proof.weakened],
        "rests_on": [asdict(one) for one in proof.rests_on],
        "proposals": [_choice(shown) for shown in proof.choices],
        "blocked": question.blocked,
        "since_last": list(proof.since_last),
        "asked_before": None if proof.asked_before is None else asdict(proof.asked_before),
        "asked_again": None if proof.asked_again is None else asdict(proof.asked_again),
        "answer": answer,
        "run_url": door_url + run_page(question.run),
        "proof_url": f"{door_url}/proof/{proof.review.id}",
    }


def _choice(shown: Choice) -> dict[str, Any]:
    arriving = shown.arriving
    button = None if arriving is None else arriving.button
    picture = None if arriving is None else arriving.picture
    return {
        "code": shown.code,
        "asset": shown.asset.digest,
        "proposed": shown.proposed.asset.digest,
        "kind": shown.asset.kind,
        "noun": shown.one.noun,
        "parts": [
            {
                "name": part.name,
                "title": part.title,
                "text": part.text,
                "rows": [list(row) for row in part.rows],
                "terms": part.terms,
                "edited": part.edited,
            }
            for part in shown.one.parts
        ],
        "spends": shown.one.spends,
        "reach": shown.one.reach,
        "audience": shown.one.audience,
        "copy": None if arriving is None else arriving.copy.model_dump(mode="json"),
        "made_by": shown.made_by,
        "findings": [
            {**finding.model_dump(mode="json"), "replacement": finding.replacement} for finding in shown.findings
        ],
        "let_pass": [allowance.model_dump(mode="json") for allowance in shown.let_pass],
        "button": None if button is None else button.model_dump(mode="json"),
        "picked": shown.picked,
        "picture": None if picture is None else picture.model_dump(mode="json"),
        "picture_fault": "" if arriving is None else arriving.picture_fault,
        "came_from": shown.came_from,
        "repaired": shown.repaired,
        "compared_with": "" if shown.earlier is None else shown.earlier.asset.digest,
        "changes": {title: change.plain for title, change in shown.changes.items()},
        "edits": {title: change.plain for title, change in shown.edits.items()},
    }
