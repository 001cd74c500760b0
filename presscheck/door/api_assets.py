"""The API's part about assets: adding a picture, listing pictures, bringing an older version back."""

import base64
import binascii
from typing import Any

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.assets.pictures.believing import read_picture_asset
from presscheck.assets.pictures.files import keep_picture, pictures_folder
from presscheck.assets.pictures.intake import DECLARED, Prepared, prepare
from presscheck.desk.reverting import MAY_REVERT
from presscheck.door.answers import json_body, no, refusal
from presscheck.door.doorway import Doorway
from presscheck.errors import PictureError
from presscheck.ledger import tables
from presscheck.ledger.assets import put_asset
from presscheck.ledger.versions import Version, assets_named, current_picture, line_of
from presscheck.models import Asset, Author, Refused
from presscheck.people.sessions import Session


async def add_picture(door: Doorway, request: Request, session: Session) -> Response:
    """Draw a picture anew and keep it under the person's name; every fault at once where it cannot be."""
    if not set(MAY_REVERT) & set(session.rights.roles):
        return await _no_right(door, request, session, "only an author or an engineer may add a picture")
    body = await json_body(request)
    try:
        data = base64.b64decode(str(body.get("file", "")), validate=True)
    except (binascii.Error, ValueError):
        return no(422, "file is no base64", "`presscheck image add FILE` sends it as it should be.")
    declared = {name: body[name] for name in DECLARED if name in body}
    path = str(body.get("path") or "the picture")[:200]
    try:
        told = await run_in_threadpool(lambda: _kept(door, prepare(data, declared, path=path), session.person))
    except PictureError as error:
        faults = [{"where": fault.where, "message": fault.message} for fault in error.faults]
        return JSONResponse({"error": str(error), "what_to_do": "", "faults": faults}, status_code=422)
    return refusal(told) if isinstance(told, Refused) else JSONResponse(told, status_code=201)


def pictures(door: Doorway, _request: Request, _session: Session) -> Response:
    """Every picture that a person has added, the current one of each name first told as such."""
    table = tables.assets
    told: list[dict[str, Any]] = []
    with door.ledger.read() as tx:
        query = select(table.c.digest, table.c.at).where(table.c.kind == "image").order_by(table.c.at)
        for row in tx.execute(query).all():
            read = read_picture_asset(tx, row.digest)
            if not isinstance(read, Refused):
                current = current_picture(tx, read.name) == row.digest
                told.append({"asset": row.digest, "at": row.at, "current": current, **read.model_dump(mode="json")})
    return JSONResponse({"pictures": told})


async def revert(door: Doorway, request: Request, session: Session) -> Response:
    """Bring an older version of an asset's line back."""
    named = str(request.path_params["digest"])[:80]
    body = await json_body(request)
    number, reason = body.get("version"), str(body.get("reason") or "")[:40]
    if not isinstance(number, int) or isinstance(number, bool):
        return no(422, "version is the number of a version", "`presscheck versions DIGEST` lists them.")
    answer = await run_in_threadpool(_brought_back, door, named, number, session.person, reason)
    if isinstance(answer, Refused):
        if answer.code == "no-right":
            return await _no_right(door, request, session, answer.reason)
        return refusal(answer, 404 if answer.code in ("no-asset", "no-version") else 409)
    return JSONResponse({"accepted": True, "version": answer.model_dump(mode="json")})


def _brought_back(door: Doorway, named: str, number: int, person: str, reason: str) -> Version | Refused:
    with door.ledger.read() as tx:
        found = assets_named(tx, named)
    if len(found) != 1:
        many = f"{named} begins {len(found)} digests: {', '.join(one[:16] for one in found)}."
        none = f"There is no asset {named[:20]}; give eight digits of its digest or more."
        return Refused(code="no-asset", reason=many if found else none)
    return door.desk.revert(found[0], number, person=person, reason=reason)


async def _no_right(door: Doorway, request: Request, session: Session, reason: str) -> Response:
    await door.forbidden.record(session.person, request.method, request.url.path, reason)
    return no(403, reason, "Ask one, or ask an administrator for the role.")


def _kept(door: Doorway, prepared: Prepared, person: str) -> dict[str, Any] | Refused:
    picture = prepared.picture
    # The bytes first: an asset without its file could never be shown, a file without its asset is only a file.
    keep_picture(pictures_folder(door.settings.home), prepared.data, picture.media_type)
    with door.ledger.write() as tx:
        current = current_picture(tx, picture.name)
        content = picture.model_dump(mode="json")
        asset = Asset(kind="image", content=content, parent=current, author=Author.by(person))
        if asset.digest != current:
            line: tuple[Version, ...] = () if current is None else line_of(tx, current)
            known = next((one.number for one in line if one.digest == asset.digest), None)
            if known is not None:
                return Refused(
                    code="known",
                    reason=f"This is version {known} of {picture.name} already; `presscheck revert {asset.digest[:12]} "
                    f"{known} --reason other` brings it back.",
                )
            put_asset(tx, asset, run="")
    notes = list(prepared.notes) if asset.digest != current else ["it is the current one already; nothing was changed"]
    return {"asset": asset.digest, "picture": content, "replaces": current, "notes": notes}
