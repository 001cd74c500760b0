"""Who and what was told as sentences: what people chose to hear, and what other systems took."""

from collections.abc import Callable
from typing import Any

from presscheck.documents.sentences import counted, listed
from presscheck.ledger import EventKind

Names = Callable[[str], str]
Body = dict[str, Any]


def _words(choice: Any) -> str:
    return str(choice).replace(":mine", " (own work)").replace(":asked", " (when asked)")


def _chose(subject: str, body: Body, names: Names) -> str:
    return f"{names(subject)} chose to be mailed about {listed([_words(one) for one in body['told']]) or 'nothing'}"


def _failed(subject: str, body: Body, _: Names) -> str:
    tries = counted(int(body["tries"]), "try", "tries")
    if "gone" in body:
        return f"webhook {subject} did not take event {body['event']}: it is gone, and is told nothing more"
    return f"webhook {subject} did not take event {body['event']}: {body['code']}, {tries}, next at {body['next'][:16]}"


def _given_up(subject: str, body: Body, _: Names) -> str:
    what = counted(int(body["count"]), "message")
    return f"webhook {subject}: {what} given up, events {body['first']} to {body['event']}, {body['code']}"


TELLING: dict[str, Callable[[str, Body, Names], str]] = {
    EventKind.NOTICES_CHOSEN: _chose,
    EventKind.WEBHOOK_BEGUN: lambda subject, body, _: f"webhook {subject} is told what happens after {body['event']}",
    EventKind.WEBHOOK_SENT: lambda subject, body, _: f"webhook {subject} took event {body['event']}",
    EventKind.WEBHOOK_FAILED: _failed,
    EventKind.WEBHOOK_GIVEN_UP: _given_up,
}
