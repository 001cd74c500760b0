"""Answers: every no in the same shape, with what to do about it.

{"error": "...", "what_to_do": "..."}
"""

import json
import re
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse

from presscheck.models import Refused

_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class BadBody(Exception):
    """The body is not the JSON object that was asked for; `str()` says what it is instead."""


def no(status: int, error: str, what_to_do: str = "") -> JSONResponse:
    """A refusal with an HTTP status. `detail` repeats it where Prefect's own page looks for words."""
    return JSONResponse({"error": error, "what_to_do": what_to_do, "detail": error}, status_code=status)


def refusal(refused: Refused, status: int = 409) -> JSONResponse:
    """A `Refused` as JSON, with its code for machines."""
    return JSONResponse(
        {"accepted": False, "error": refused.reason, "reason": refused.reason, "code": refused.code, "what_to_do": ""},
        status_code=status,
    )


async def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object. BadBody for anything else."""
    value = await _json(request, {})
    if not isinstance(value, dict):
        raise BadBody("the body must be one JSON object")
    return cast(dict[str, Any], value)


async def json_list(request: Request) -> list[Any]:
    """The body as a JSON list. BadBody for anything else."""
    value = await _json(request, None)
    if not isinstance(value, list):
        raise BadBody("the body must be one JSON list")
    return cast(list[Any], value)


async def _json(request: Request, empty: Any) -> Any:
    raw = await request.body()
    if not raw:
        return empty
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    # A form of another site can post text/plain without asking the browser; JSON it cannot.
    if kind != "application/json":
        raise BadBody(f"the body must be application/json, not {kind[:60] or 'unnamed'}")
    try:
        return _storable(json.loads(raw, object_pairs_hook=_no_duplicates, parse_constant=_no_constant))
    except (ValueError, RecursionError) as error:
        raise BadBody(f"the body is not JSON: {str(error)[:200]}") from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two parsers may take different ones of two equal keys: what was checked must be what is used.
    found = {as_text(key): _storable(value) for key, value in pairs}
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def as_text(given: str) -> str:
    """With U+FFFD for NUL, which PostgreSQL takes in no text, and for half characters, which nothing keeps."""
    return _NO_TEXT.sub("\ufffd", given)


def _storable(value: Any) -> Any:
    # What lies within an object has been through here already.
    if isinstance(value, list):
        return [_storable(one) for one in cast(list[Any], value)]
    return as_text(value) if isinstance(value, str) else value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def pairs_of(given: object) -> list[tuple[str, str]] | None:
    """A list of pairs of texts, as a script sends fields; None for anything else."""
    pairs: list[tuple[str, str]] = []
    for one in cast(list[object], given if isinstance(given, list) else [None]):
        match one:
            case [str(name), str(value)]:
                pairs.append((name, value))
            case _:
                return None
    return pairs
