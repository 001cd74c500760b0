"""How much one question to Prefect may ask: it answers everybody from one process, and one long list stops it.

    fault = too_much(body)              # of a filter, in words; None where it may pass
    fault = token_fault(page_token)     # of the next page's token, which is a filter that the client holds

20,000 beginnings of names in one filter of events kept Prefect's server (3.8.8) from answering anybody for 21 s, 60,000
tags of a run for 15 s; below these bounds it is a fraction of a second. Its own pages ask for 200 things at once.
"""

import binascii
import json
from base64 import b64decode
from typing import Any, cast

from presscheck.people.rights import Rights

_MOST_VALUES = 500
_MOST_DEPTH = 12
_LONGEST = 1000
_LARGEST = 2**31
_PAGE = 50
"""Events on a page of Prefect's own (`INTERACTIVE_PAGE_SIZE` of prefect.server.events.storage)."""


def too_much(body: Any, _rights: Rights | None = None) -> str | None:
    """Why a filter asks for too much; None where it does not."""
    values, level, depth = 0, [body], 0
    while level:
        depth += 1
        values += len(level)
        if values > _MOST_VALUES or depth > _MOST_DEPTH:
            return f"a question to Prefect has at most {_MOST_VALUES} values, {_MOST_DEPTH} deep; ask for less at once"
        if any(isinstance(one, str) and len(one) > _LONGEST for one in level):
            return f"a text in a question to Prefect has at most {_LONGEST:,} characters"
        # A number that its database cannot hold is an error in its log, and an answer to nobody.
        if any(isinstance(one, int | float) and abs(one) >= _LARGEST for one in level):
            return f"a number in a question to Prefect is below {_LARGEST:,}"
        level = [inner for one in level for inner in _inside(one)]
    return None


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        found = cast(dict[str, Any], value)
        return [*found, *found.values()]
    return cast(list[Any], value) if isinstance(value, list) else []


def token_fault(token: str) -> str | None:
    """Why a token is not one for the next page that Prefect's own page would send; None where it is."""
    try:
        asked = json.loads(b64decode(b64decode(token, validate=True), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        return "the token names no next page; start again at the first"
    given = cast(dict[str, Any], asked)
    size = given.get("page_size")
    if type(size) is not int or not 0 < size <= _PAGE:
        return f"a page of events has at most {_PAGE} of them"
    return too_much(given)
