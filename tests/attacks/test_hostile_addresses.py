"""No page or button of the door falls over what stands in an address or a field, on either database."""

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from starlette.routing import Route

from tests.conftest import Ledgers
from tests.door.conftest import _quick_argon2, _servers, open_house  # noqa: F401 - fixtures.
from tests.door.house import House

# NUL, which PostgreSQL takes in no text; a number beyond 64 bits; what only looks like a NUL in JSON.
HOSTILE = ("R-\0", "9" * 25, "\\u0000", "-1", "💩\u202e")
RAW = ("%00", "%ED%A0%80", "%FF%FE", "..%2F..")
QUERIES = ("month", "view", "after", "next", "page", "q", "n", "show", "role", "market", "kind", "sort", "from", "to")
FIELDS = (
    "asks", "glass", "hours", "reason", "note", "finding", "rule", "version", "sure", "pick", "do", "next", "to",
    "form", "decision", "review", "run",
    "words", "place", "comment", "mention", "campaign", "person", "role", "until", "since",
    "tab", "questions", "id", "digest", "scope", "file", "market", "take", "key", "name", "title", "proposal", "why",
)  # fmt: skip


@pytest.fixture
def sqlite_ledgers(ledgers: Ledgers) -> Iterator[Ledgers]:
    """The house's ledger, on both databases."""
    return ledgers


def pages_of(house: House, method: str) -> list[str]:
    """The addresses of our own pages, with their parameters in braces."""
    found = [one.path for one in house.app.routes if isinstance(one, Route) and method in (one.methods or ())]
    return [path for path in found if not path.startswith(("/api/", "/v2"))]


def filled(path: str, with_: str) -> str:
    return re.sub(r"\{[^}]*\}", with_, path)


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:  # noqa: F811 - the fixture of the door's tests.
    return open_house()


def test_no_address_makes_a_page_fall_over(house: House) -> None:
    ana = house.visitor()
    fell: list[tuple[str, int]] = []
    for path in pages_of(house, "GET"):
        tried = [*HOSTILE, *RAW] if "{" in path else [""]
        for one in tried:
            address = filled(path, one if one in RAW else quote(one, safe=""))
            if (status := ana.get(address).status_code) >= 500:
                fell.append((address[:80], status))
        real = filled(path.replace("{code}", "V01"), house.scene.review.id)
        for one in HOSTILE[:2]:
            query = "&".join(f"{name}={quote(one, safe='')}" for name in QUERIES)
            if (status := ana.get(f"{real}?{query}").status_code) >= 500:
                fell.append((f"{real}?...{one[:20]!r}", status))

    assert fell == []


def test_no_field_makes_a_button_fall_over(house: House) -> None:
    ana = house.visitor()
    fell: list[tuple[str, str, int]] = []
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for path in pages_of(house, "POST"):
        real = filled(path.replace("{code}", "V01"), house.scene.review.id)
        if "sign-out" in real:
            continue
        for one in (*HOSTILE, "\ud800") if real.startswith("/-/api") else HOSTILE:
            if not real.startswith("/-/api"):
                body = "&".join(f"{name}={quote(one, safe='')}" for name in FIELDS) + f"&csrf={ana.csrf}"
                status = ana.ask("POST", real, content=body, headers=kind).status_code
            else:
                said = json.dumps(dict.fromkeys(FIELDS, one))
                status = ana.ask("POST", real, content=said, headers={"content-type": "application/json"}).status_code
            if status >= 500:
                fell.append((real, one[:20], status))
            for other in (filled(path, quote(one, safe="", errors="replace")),) if "{" in path else ():
                status = ana.ask("POST", other, content=f"csrf={ana.csrf}", headers=kind).status_code
                if status >= 500:
                    fell.append((other[:80], "in the address", status))

    assert fell == []
