"""The door's JSON under /-/api: what the command line and scripts use, with the same rights as the pages.

A write carries the session's token in `X-Presscheck-CSRF` and the door's own Origin.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.door import gates
from presscheck.door.answers import BadBody, json_body, no, refusal
from presscheck.door.doorway import Doorway
from presscheck.door.plain import Evaluates, plain
from presscheck.door.proof import Proof, Shown, gather
from presscheck.door.waiting import run_page, waiting
from presscheck.errors import DoorError
from presscheck.ledger import timestamp
from presscheck.ledger.reviews import find_review
from presscheck.models import Refused
from presscheck.people.rights import Grant, everybody, person_email, person_name
from presscheck.people.sessions import Session

__all__ = ["routes"]

Handler = Callable[[Doorway, Request, Session], Awaitable[Response]]
_grants = TypeAdapter(tuple[Grant, ...])


def routes(door: Doorway) -> list[Route]:
    """All routes of the API."""

    def at(path: str, method: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            return await _as_person(door, request, handler)

        return Route(f"/-/api{path}", endpoint, methods=[method])

    async def health(_request: Request) -> Response:
        return await _health(door)

    async def sign_in(request: Request) -> Response:
        return await _sign_in(door, request)

    async def begin(request: Request) -> Response:
        return await _begin_enrolment(door, request)

    async def enrol(request: Request) -> Response:
        return await _enrol(door, request)

    return [
        Route("/-/api/health", health, methods=["GET"]),
        Route("/-/api/sign-in", sign_in, methods=["POST"]),
        Route("/-/api/enrol/begin", begin, methods=["POST"]),
        Route("/-/api/enrol", enrol, methods=["POST"]),
        at("/sign-out", "POST", _sign_out),
        at("/session", "GET", _session),
        at("/reviews", "GET", _reviews),
        at("/reviews/{review}", "GET", _review),
        at("/reviews/{review}/decision", "POST", _decide),
        at("/runs", "POST", _start),
        at("/people", "GET", _people),
        at("/people", "POST", _invite),
        at("/people/{person}/revoke", "POST", _revoke),
        at("/people/{person}/grants", "POST", _change),
    ]


async def _as_person(door: Doorway, request: Request, handler: Handler) -> Response:
    session = await door.session(request)
    if session is None:
        return no(401, "nobody is signed in, or the session has ended", "`presscheck login` signs you in.")
    if request.method != "GET" and not hmac.compare_digest(
        request.headers.get("x-presscheck-csrf", "").encode(), session.csrf.encode()
    ):
        await door.forbidden.record(session.person, request.method, request.url.path, "the form token is missing")
        return no(403, "the header X-Presscheck-CSRF is missing or not this session's", "Sign in again.")
    try:
        return await handler(door, request, session)
    except BadBody as error:
        return no(400, str(error), "Send one JSON object as application/json.")


# ---------------------------------------------------------------- who


async def _health(door: Doorway) -> Response:
    """Whether ledger and Prefect answer; tells nothing else, because anybody may ask."""

    def ledger_answers() -> bool:
        with door.ledger.read() as tx:
            return tx.tip().seq >= 0

    await run_in_threadpool(ledger_answers)
    try:
        status, _ = await door.prefect.ask("GET", "/api/health")
    except DoorError:
        status = 503
    return JSONResponse({"door": "ok", "ledger": "ok", "prefect": "ok" if status == 200 else "away"})


async def _sign_in(door: Doorway, request: Request) -> Response:
    try:
        body = await json_body(request)
    except BadBody as error:
        return no(400, str(error), 'Send {"email": ..., "password": ..., "code": ...}.')
    given = [body.get(key) for key in ("email", "password", "code")]
    if not all(isinstance(value, str) and len(value) <= 1000 for value in given):
        return no(422, "email, password and code are three texts", "Send all three.")
    email, password, code = cast(list[str], given)
    signed_in = await run_in_threadpool(door.accounts.sign_in, email, password, code)
    if isinstance(signed_in, Refused):
        return no(429 if signed_in.code == "busy" else 403, signed_in.reason)
    response = JSONResponse(await run_in_threadpool(_who, door, signed_in.session))
    door.let_in(response, signed_in.token, signed_in.expires_at)
    return response


async def _sign_out(door: Doorway, request: Request, session: Session) -> Response:
    await run_in_threadpool(door.accounts.sign_out, session)
    response = JSONResponse({"signed_out": True})
    door.let_out(response)
    return response


async def _session(door: Doorway, request: Request, session: Session) -> Response:
    return JSONResponse(await run_in_threadpool(_who, door, session))


def _who(door: Doorway, session: Session) -> dict[str, Any]:
    with door.ledger.read() as tx:
        name = person_name(tx, session.person)
    return {
        "person": session.person,
        "name": name,
        "roles": list(session.rights.roles),
        "csrf": session.csrf,
        "expires_at": timestamp(session.expires_at),
    }


async def _begin_enrolment(door: Doorway, request: Request) -> Response:
    try:
        body = await json_body(request)
    except BadBody as error:
        return no(400, str(error))
    texts = {key: str(body.get(key, ""))[:400] for key in ("code", "email", "name")}
    start = await run_in_threadpool(_begin, door, texts)
    if isinstance(start, Refused):
        return refusal(start, 403)
    return JSONResponse(start.__dict__)


def _begin(door: Doorway, texts: Mapping[str, str]) -> Any:
    return door.accounts.begin(texts["code"], email=texts["email"], name=texts["name"])


async def _enrol(door: Doorway, request: Request) -> Response:
    try:
        body = await json_body(request)
    except BadBody as error:
        return no(400, str(error))
    keys = ("code", "sealed", "password", "one_time_code", "email", "name")
    texts = {key: str(body.get(key, ""))[:1000] for key in keys}

    def enrol() -> str | Refused:
        return door.accounts.enrol(
            texts["code"],
            texts["sealed"],
            password=texts["password"],
            code=texts["one_time_code"],
            email=texts["email"],
            name=texts["name"],
        )

    person = await run_in_threadpool(enrol)
    return refusal(person, 403) if isinstance(person, Refused) else JSONResponse({"person": person})


# ---------------------------------------------------------------- reviews


async def _reviews(door: Doorway, request: Request, session: Session) -> Response:
    def read() -> dict[str, Any]:
        with door.ledger.read() as tx:
            lines, broken = waiting(tx, door.desk, person=session.person)
        mine = request.query_params.get("mine", "") in ("1", "true")
        return {"reviews": [line.as_json(_url(door)) for line in lines if line.mine or not mine], "broken": broken}

    return JSONResponse(await run_in_threadpool(read))


async def _review(door: Doorway, request: Request, session: Session) -> Response:
    def read() -> dict[str, Any] | None:
        with door.ledger.read() as tx:
            review = find_review(tx, request.path_params["review"])
            if review is None:
                return None
            proof = gather(tx, door.desk, review, person=session.person)
            form = door.desk.form(tx, review)
            told = _as_json(proof, _url(door))
            told["form"] = {
                "key": review.form_key,
                "description": form.description,
                "initial": form.initial,
                "choices": dict(form.choices),
            }
            return told

    found = await run_in_threadpool(read)
    if found is None:
        return no(404, "there is no such review", "`presscheck reviews` lists those that wait.")
    return JSONResponse(found)


async def _decide(door: Doorway, request: Request, session: Session) -> Response:
    try:
        raw = plain(await json_body(request))
    except Evaluates as error:
        return refusal(Refused(reason=str(error), code="evaluates"))
    review = request.path_params["review"]

    def apply() -> Any:
        return door.desk.apply(review, person=session.person, raw=raw)

    answer = await run_in_threadpool(apply)
    if isinstance(answer, Refused):
        return refusal(answer, 404 if answer.code == "no-review" else 409)
    door.bell.ring_soon()
    return JSONResponse({"accepted": True, "decision": answer.model_dump(mode="json")})


def _as_json(proof: Proof, door_url: str) -> dict[str, Any]:
    question = proof.review.question
    rule = proof.rule
    answer = None
    if proof.outcome.decision is not None:
        answer = {
            "status": proof.outcome.status.value,
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
        "risk": None if rule is None else {"tier": rule.risk.tier, "why": rule.risk.why, "rule": rule.id},
        "trouble": proof.trouble,
        "opened_at": timestamp(proof.review.opened_at),
        "expires_at": timestamp(proof.deadline),
        "who_may": None if proof.who is None else proof.who.model_dump(mode="json", exclude={"people"}),
        "mine": proof.why_not_me is None,
        "why_not": None if proof.why_not_me is None else proof.why_not_me.model_dump(),
        "proposals": [_choice(shown) for shown in proof.choices],
        "blocked": question.blocked,
        "since_last": list(proof.since_last),
        "answer": answer,
        "run_url": door_url + run_page(question.run),
        "proof_url": f"{door_url}/proof/{proof.review.id}",
    }


def _choice(shown: Shown) -> dict[str, Any]:
    return {
        "code": shown.code,
        "asset": shown.asset.digest,
        "copy": shown.copy.model_dump(mode="json"),
        "made_by": shown.made_by,
        "findings": [finding.model_dump(mode="json") for finding in shown.findings],
        "picked": shown.picked,
    }


# ---------------------------------------------------------------- runs


async def _start(door: Doorway, request: Request, session: Session) -> Response:
    if not set(gates.RUNNERS) & set(session.rights.roles):
        reason = "only an engineer or a scheduler may start a run"
        await door.forbidden.record(session.person, request.method, request.url.path, reason)
        return no(403, reason, "Ask one, or ask an administrator for the role.")
    body = await json_body(request)
    campaign = str(body.get("campaign", ""))[:120]
    wanted = {"deployments": {"name": {"any_": [campaign]}}, "limit": 2}
    try:
        status, found = await door.prefect.ask("POST", "/api/deployments/filter", wanted)
    except DoorError as error:
        return no(503, str(error), "Wait a moment, or look at `presscheck doctor`.")
    rows = cast(list[dict[str, Any]], found) if status == 200 and isinstance(found, list) else []
    if len(rows) != 1:
        how_many = "no" if not rows else "more than one"
        return no(404, f"there is {how_many} deployment named {campaign!r}", "deployments/prefect.yaml names them.")

    def shown(run: Mapping[str, Any]) -> Response:
        page = _url(door) + run_page(str(run["id"]))
        return JSONResponse({"run": run["id"], "name": run.get("name", ""), "url": page}, status_code=201)

    return await gates.start_run(door, session, str(rows[0]["id"]), body, shown=shown)


def _url(door: Doorway) -> str:
    return door.settings.door_url.rstrip("/")


# ---------------------------------------------------------------- people


async def _people(door: Doorway, request: Request, session: Session) -> Response:
    if "administrator" not in session.rights.roles:
        return no(403, "only an administrator sees who is here")

    def read() -> list[dict[str, Any]]:
        with door.ledger.read() as tx:
            return [
                {
                    "person": rights.person,
                    "name": person_name(tx, rights.person),
                    "email": person_email(tx, rights.person) or "",
                    "active": rights.active,
                    "grants": [grant.model_dump(mode="json") for grant in rights.grants],
                }
                for rights in everybody(tx)
            ]

    return JSONResponse({"people": await run_in_threadpool(read)})


async def _invite(door: Doorway, request: Request, session: Session) -> Response:
    body = await json_body(request)
    grants = _read_grants(body.get("grants"))
    if isinstance(grants, str):
        return no(422, grants, 'Send {"email", "name", "grants": [{"role": "brand_lead", "markets": ["US"]}]}.')

    def invite() -> Any:
        email, name = str(body.get("email", ""))[:320], str(body.get("name", ""))[:300]
        return door.accounts.invite(email=email, name=name, grants=grants, by=session.person)

    invitation = await run_in_threadpool(invite)
    if isinstance(invitation, Refused):
        return refusal(invitation, 403 if invitation.code == "not-administrator" else 409)
    return JSONResponse(
        {
            "person": invitation.person,
            "code": invitation.code,
            "expires_at": timestamp(invitation.expires_at),
            "url": f"{_url(door)}/enrol",
        },
        status_code=201,
    )


async def _revoke(door: Doorway, request: Request, session: Session) -> Response:
    def revoke() -> Refused | None:
        return door.accounts.revoke(request.path_params["person"], by=session.person)

    return _done(await run_in_threadpool(revoke))


async def _change(door: Doorway, request: Request, session: Session) -> Response:
    grants = _read_grants((await json_body(request)).get("grants"))
    if isinstance(grants, str):
        return no(422, grants, 'Send {"grants": [{"role": "brand_lead", "markets": "all"}]}.')

    def change() -> Refused | None:
        return door.accounts.change(request.path_params["person"], grants, by=session.person)

    return _done(await run_in_threadpool(change))


def _done(refused: Refused | None) -> Response:
    if refused is None:
        return JSONResponse({"done": True})
    return refusal(refused, {"not-administrator": 403, "unknown-person": 404}.get(refused.code, 409))


def _read_grants(given: object) -> tuple[Grant, ...] | str:
    try:
        return _grants.validate_python(given)
    except ValidationError as error:
        faults = (f"grants.{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
        return "; ".join(faults)
