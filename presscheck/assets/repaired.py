"""How a text came of another that the guardrails had blocked, as the worker signed it.

repairs_of(tx, digest, run=run)      # the bodies of `asset:repaired`, the newest last
repaired_how(body)                   # "by the copywriter, round 1, for brand.no-shouting"
"""

from collections.abc import Mapping
from typing import Any, cast

from presscheck.documents.sentences import listed
from presscheck.ledger import EventKind, Reader

_BY = {"replacement": "by what the rules say to write instead", "copywriter": "by the copywriter"}


def repairs_of(tx: Reader, digest: str, *, run: str) -> list[dict[str, Any]]:
    """How this text came of another in this run; empty for one that was drafted as it is."""
    return [event.data for event in tx.events(EventKind.ASSET_REPAIRED, subject=digest) if event.run == run]


def repaired_how(body: Mapping[str, Any]) -> str:
    """By whom, in which round, and for which rules; nothing of the words."""
    round = body.get("round")
    given = body.get("rules")
    rules = listed([str(rule) for rule in cast("list[Any]", given)] if isinstance(given, list) else [])
    turn = f", round {round}" if isinstance(round, int) and round > 0 else ""
    return f"{_BY.get(str(body.get('how')), 'in another way')}{turn}{f', for {rules}' if rules else ''}"
