"""What the door itself answers where Prefect's pages ask for something that does not pass, or not for this person.

    if (answer := instead(method, path)) is not None: ...        # JSON, and 200

Prefect's UI draws no page of which one request was refused: it shows an error in place of all the rest. So what a
page asks for when it is opened gets nothing, in the shape that the page expects: no blocks, no variables, an
automation that is "not shown". Nothing of it comes from Prefect, and no body is read. What acts is never answered here.
tests/system/test_every_page.py opens every page as everybody, and says which request of a new version of the UI is
missing.
"""

import re
from typing import Any

_U = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_N = r"[A-Za-z0-9][A-Za-z0-9._~:@-]{0,120}"
_WORDS = "Not shown at the door"
_THING: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000000",
    "created": "1970-01-01T00:00:00Z",
    "updated": "1970-01-01T00:00:00Z",
    "name": _WORDS,
    "description": "Your roles do not read this here.",
}
_BLOCK_TYPE: dict[str, Any] = {**_THING, "slug": "not-shown", "is_protected": True}
_BLOCK_SCHEMA: dict[str, Any] = {
    **_THING,
    "checksum": "",
    "fields": {"properties": {}},
    "capabilities": [],
    "version": "0",
}
_BLOCK: dict[str, Any] = {
    **_THING,
    "data": {},
    "block_schema_id": _THING["id"],
    "block_schema": _BLOCK_SCHEMA,
    "block_type_id": _THING["id"],
    "block_type_name": _WORDS,
    "block_type": _BLOCK_TYPE,
    "block_document_references": {},
    "is_anonymous": False,
}
_AUTOMATION: dict[str, Any] = {
    **_THING,
    "enabled": False,
    "tags": [],
    "trigger": {"type": "event", "posture": "Reactive", "expect": [], "threshold": 1, "within": 0},
    "actions": [],
}
_LIMIT: dict[str, Any] = {**_THING, "tag": "not-shown", "concurrency_limit": 0, "limit": 0, "active_slots": []}

_ANSWERS: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/(?:automations|block_documents|block_types|variables)/filter", []),
    # A page to make a block draws nothing without one; making it is refused.
    ("POST", "/block_schemas/filter", [_BLOCK_SCHEMA]),
    ("POST", "/(?:v2/)?concurrency_limits/filter", []),
    ("POST", "/(?:automations|block_documents|variables)/count", 0),
    ("GET", f"/automations/related-to/{_N}", []),
    ("GET", f"/automations/{_U}", _AUTOMATION),
    ("GET", f"/block_documents/{_U}", _BLOCK),
    ("GET", f"/block_types/slug/{_N}", _BLOCK_TYPE),
    ("GET", f"/block_types/slug/{_N}/block_documents/name/{_N}", _BLOCK),
    ("GET", f"/(?:v2/)?concurrency_limits/{_U}", _LIMIT),
    ("GET", "/collections/views/aggregate-worker-metadata", {}),
    ("GET", "/admin/storage", {"default_result_storage_block_id": None}),
    # The server's own answer lists every setting that it has: no analytics and no advertisements is all that a
    # browser needs.
    ("GET", "/admin/settings", {"server": {"analytics_enabled": False, "ui": {"show_promotional_content": False}}}),
    # Prefect judges by whatever schema the request brings, and one pattern stops its server for everybody. What is
    # submitted is judged by the desk, and a run's parameters by the schema that was deployed with it.
    ("POST", "/ui/schemas/validate", {"valid": True, "errors": []}),
)
_TABLE = tuple((method, re.compile(f"/api{path}"), answer) for method, path, answer in _ANSWERS)


def instead(method: str, path: str) -> Any | None:
    """The JSON to answer with; None where nothing harmless can be answered, and the request is refused."""
    return next((answer for asked, known, answer in _TABLE if asked == method and known.fullmatch(path)), None)
