"""The API's part about people: administrators see, invite, change and revoke; a second person confirms.

What takes a second person answers 202 with the proposal's id.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.door.answers import no, refusal
from presscheck.door.doorway import Doorway
from presscheck.ledger import timestamp
from presscheck.models import Refused
from presscheck.people.absence import Absence, absences
from presscheck.people.lookalikes import doubts_about
from presscheck.people.proposals import BY_GROUPS, Proposal, confirmers, open_proposals
from presscheck.people.rights import DECIDING, Grant, everybody, person_email, person_name, rights_of
from presscheck.people.sessions import Session

_grants = TypeAdapter(tuple[Grant, ...])


def listed(door: Doorway, _request: Request, session: Session) -> Response:
    if "administrator" not in session.rights.roles:
        return no(403, "only an administrator sees who is here")
    with door.ledger.read() as tx:
        away = absences(tx)
        found = [
            {
                "person": rights.person,
                "name": person_name(tx, rights.person),
                "email": person_email(tx, rights.person) or "",
                "active": rights.active,
                # All that was given; a grant with days may not have begun, or be over.
                "grants": [grant.model_dump(mode="json") for grant in rights.granted],
                "roles_now": list(rights.roles),
                "absent": rights.person in away,
                "absent_until": _last_day(away.get(rights.person)),
            }
            for rights in everybody(tx)
        ]
    return JSONResponse({"people": found})


def invite(door: Doorway, _request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    grants = _read_grants(body.get("grants"))
    if isinstance(grants, str):
        return no(422, grants, 'Send {"email", "name", "grants": [{"role": "brand_lead", "markets": ["US"]}]}.')
    email, name = str(body.get("email", ""))[:320], str(body.get("name", ""))
    invitation = door.accounts.invite(email=email, name=name, grants=grants, by=session.person)
    if isinstance(invitation, Refused):
        return refusal(invitation, 403 if invitation.code == "not-administrator" else 409)
    with door.ledger.read() as tx:
        doubts = list(doubts_about(tx, invitation.person))
    return JSONResponse(
        {
            "person": invitation.person,
            "code": invitation.code,
            "expires_at": timestamp(invitation.expires_at),
            "url": f"{door.url}/enrol",
            # Empty where the code is whole; otherwise a second person has to confirm this and gets the other half.
            "proposal": invitation.proposal,
            "name_doubts": doubts,
        },
        status_code=201,
    )


def anew(door: Doorway, _request: Request, session: Session) -> Response:
    """Propose everybody anew whose code ended when somebody who decides enrolled."""
    made = door.accounts.invite_anew(by=session.person)
    faults = [one for _, one in made if isinstance(one, Refused)]
    if faults and len(faults) == len(made):
        return refusal(faults[0], _STATUS.get(faults[0].code, 409))
    told = [
        {"name": name, "refused": one.reason}
        if isinstance(one, Refused)
        else {"name": name, "code": one.code, "proposal": one.proposal}
        for name, one in made
    ]
    return JSONResponse({"anew": told}, status_code=201)


def proposals(door: Doorway, _request: Request, session: Session) -> Response:
    """What waits for a second person, for those who administer or decide."""
    found = proposals_for(door, session.person)
    if isinstance(found, Refused):
        return no(403, found.reason)
    return JSONResponse({"proposals": found})


def proposals_for(door: Doorway, person: str) -> list[dict[str, Any]] | Refused:
    """Every open proposal, and whether `person` may confirm it; only who administers or decides sees them."""
    with door.ledger.read() as tx:
        rights = rights_of(tx, person)
        if rights is None or not {"administrator", *DECIDING} & set(rights.roles):
            return Refused(reason="only those who administer or decide see what is proposed", code="not-administrator")
        found: list[dict[str, Any]] = []
        for one in open_proposals(tx):
            able = confirmers(tx, person=one.person, by=one.by)
            held = rights_of(tx, one.person)
            found.append(
                {
                    "proposal": one.id,
                    "purpose": one.purpose,
                    "person": one.person,
                    "name": person_name(tx, one.person),
                    "name_doubts": list(doubts_about(tx, one.person)),
                    "email": person_email(tx, one.person) or "",
                    "before": [] if held is None else [grant.model_dump(mode="json") for grant in held.granted],
                    "grants": [grant.model_dump(mode="json") for grant in one.grants],
                    "by": one.by,
                    "by_name": "the provider's groups" if one.by == BY_GROUPS else person_name(tx, one.by),
                    "at": one.at,
                    "expires_at": one.expires_at,
                    "may_confirm": person in {other.person for other in able},
                    "may_decline": person in {one.by, *(other.person for other in able)},
                    "confirmers": [person_name(tx, other.person) for other in able],
                }
            )
        return found


def confirm(door: Doorway, request: Request, session: Session) -> Response:
    confirmed = door.accounts.confirm(request.path_params["proposal"], by=session.person)
    if isinstance(confirmed, Refused):
        return refusal(confirmed, _STATUS.get(confirmed.code, 409))
    with door.ledger.read() as tx:
        name = person_name(tx, confirmed.proposal.person)
    return JSONResponse(
        {
            "person": confirmed.proposal.person,
            "name": name,
            "purpose": confirmed.proposal.purpose,
            # Half of the code, for whoever enrols; empty where rights were changed.
            "code": confirmed.code,
            "expires_at": timestamp(confirmed.expires_at),
            "url": f"{door.url}/enrol",
        }
    )


def decline(door: Doorway, request: Request, session: Session) -> Response:
    return _done(door.accounts.decline(request.path_params["proposal"], by=session.person))


def revoke(door: Doorway, request: Request, session: Session) -> Response:
    return _done(door.accounts.revoke(request.path_params["person"], by=session.person))


def change(door: Doorway, request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    grants = _read_grants(body.get("grants"))
    if isinstance(grants, str):
        return no(422, grants, 'Send {"grants": [{"role": "brand_lead", "markets": "all"}]}.')
    return _done(door.accounts.change(request.path_params["person"], grants, by=session.person))


_STATUS = {"not-administrator": 403, "not-second": 403, "unknown-person": 404, "unknown-proposal": 404}


def _done(answer: Proposal | Refused | None) -> Response:
    if answer is None:
        return JSONResponse({"done": True, "proposal": ""})
    if isinstance(answer, Proposal):
        return JSONResponse({"done": False, "proposal": answer.id, "expires_at": answer.expires_at}, status_code=202)
    return refusal(answer, _STATUS.get(answer.code, 409))


def _last_day(absence: Absence | None) -> str | None:
    return None if absence is None or absence.until is None else absence.until.isoformat()


def _read_grants(given: object) -> tuple[Grant, ...] | str:
    try:
        grants = _grants.validate_python(given)
        nowhere = [grant.role for grant in grants if not grant.markets]
        return f'{nowhere[0]} is given in no market; name markets, or write "all"' if nowhere else grants
    except ValidationError as error:
        faults = (f"grants.{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
        return "; ".join(faults)
