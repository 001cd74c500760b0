"""What a system is told of an event: an id, a kind, a state, a link and a moment. No content and no personal data.

The fields of the envelope are those of Standard Webhooks (`type`, `timestamp`, `data`). Everything in it is a word of
ours, a number, or an id of ours that looks like one: a worker signs which review it asks, and no text of its own.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.deliveries import review_of
from presscheck.settings.webhooks import HOOK_TYPES, HookType

_TYPES: dict[EventKind, HookType] = {
    EventKind.REVIEW_OPENED: "review.opened",
    EventKind.DECISION_APPROVED: "review.approved",
    EventKind.DECISION_WRITTEN: "review.written",
    EventKind.DECISION_CHANGES: "review.changes-requested",
    EventKind.DECISION_REJECTED: "review.rejected",
    EventKind.DECISION_EXPIRED: "review.expired",
    EventKind.DECISION_WITHDRAWN: "review.withdrawn",
    EventKind.DECISION_REOPENED: "review.reopened",
    EventKind.COMMENT_MADE: "comment.made",
    EventKind.DELIVERY_COMPLETED: "delivery.sent",
    EventKind.DELIVERY_HELD: "delivery.held",
    EventKind.RECALL_DONE: "delivery.recalled",
}
_OURS = re.compile(r"[RDC]-[0-9a-f]{12}")


@dataclass(frozen=True)
class HookMessage:
    """One message. Told again, it has the same id and the same body."""

    id: str
    body: bytes


def kinds_for(types: Iterable[HookType]) -> tuple[EventKind, ...]:
    """The kinds of events that a system is told, which names these types; everything where it names none."""
    wanted = set(types) or set(HOOK_TYPES)
    return tuple(kind for kind, type_ in _TYPES.items() if type_ in wanted)


def message_of(tx: Reader, event: Event, *, door_url: str) -> HookMessage | None:
    """The message about an event; None where it names nothing of ours, which nobody could look up."""
    type_ = _TYPES[EventKind(event.kind)]
    kind, _, state = type_.partition(".")
    review = review_of(tx, event.subject) if kind == "delivery" else str(event.data.get("review") or event.subject)
    about = str(event.data.get("comment", "")) if kind == "comment" else event.subject
    if review is None or _OURS.fullmatch(review) is None or _OURS.fullmatch(about) is None:
        return None
    data = {
        "id": about,
        "kind": kind,
        "state": state,
        "review": review,
        "link": f"{door_url.rstrip('/')}/proof/{review}",
        "sequence": event.seq,
    }
    return _message(f"evt_{event.hash[:32]}", type_, event.at, data)


def trial_message(at: str, nonce: str, *, door_url: str) -> HookMessage:
    """A message that says it is a trial and is about nothing."""
    data = {
        "id": "",
        "kind": "trial",
        "state": "sent",
        "review": "",
        "link": f"{door_url.rstrip('/')}/inbox",
        "sequence": 0,
    }
    return _message(f"trial_{nonce}", "trial.sent", at, data)


def _message(id_: str, type_: str, at: str, data: dict[str, str | int]) -> HookMessage:
    body = {"type": type_, "timestamp": at, "data": data}
    return HookMessage(id_, json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii"))
