"""The API's part about rules by which things go out without a person: who signed which, signing, taking it back."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.desk.situation import current_policies
from presscheck.desk.spot_check import signature_of
from presscheck.desk.upkeep import Upkeep
from presscheck.door.answers import refusal
from presscheck.door.doorway import Doorway
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session


def rules_in(door: Doorway) -> list[dict[str, Any]] | Refused:
    """Every rule that lets something out without a person, and whose name stands under it."""
    policies = current_policies(door.desk.policies)
    if isinstance(policies, Refused):
        return policies
    found: list[dict[str, Any]] = []
    with door.ledger.read() as tx:
        for rule in policies.approvals:
            if rule.automatic is None:
                continue
            signed = signature_of(tx, policies, rule.id, rule.version)
            by = None if signed is None else {"name": person_name(tx, signed.person), "role": signed.role}
            found.append(
                {
                    "rule": rule.id,
                    "title": rule.title,
                    "version": rule.version,
                    "share": rule.automatic.share,
                    "picks": rule.automatic.picks,
                    "signed_by": by,
                }
            )
    return found


def listed(door: Doorway, _request: Request, _session: Session) -> Response:
    """The same as JSON."""
    found = rules_in(door)
    return refusal(found) if isinstance(found, Refused) else JSONResponse({"rules": found})


def sign(door: Doorway, request: Request, session: Session) -> Response:
    rule = str(request.path_params["rule"])
    signed = Upkeep(door.desk).sign_rule(rule, person=session.person, proved_at=session.proved_at)
    if isinstance(signed, Refused):
        return refusal(signed, 404 if signed.code == "no-such-rule" else 409)
    return JSONResponse({"rule": signed.rule, "version": signed.version, "role": signed.role}, status_code=201)


def take_back(door: Doorway, request: Request, session: Session) -> Response:
    rule = str(request.path_params["rule"])
    refused = Upkeep(door.desk).revoke_rule(rule, person=session.person)
    if refused is not None:
        return refusal(refused, 404 if refused.code == "no-such-rule" else 409)
    return JSONResponse({"rule": rule, "signed_by": None})
