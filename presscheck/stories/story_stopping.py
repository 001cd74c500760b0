"""Pauses and recalls as sentences: who stopped what, what had gone out by then, and what came of taking it back."""

from collections.abc import Callable
from typing import Any

from presscheck.documents.sentences import counted
from presscheck.ledger import EventKind

Names = Callable[[str], str]
Body = dict[str, Any]


def _who(body: Body, name_of: Names) -> str:
    role = f" as {str(body['role']).replace('_', ' ')}" if body.get("role") else ""
    return f"{name_of(str(body.get('person', '')))}{role}"


def _why(body: Body) -> str:
    rule = f" by {body['rule']}" if body.get("rule") else ""
    return rule + (f", reason {body['reason']}" if body.get("reason") else "")


def _what(scope: Any) -> str:
    return "everything" if scope == "*" else str(scope)


def _paused(subject: str, body: Body, _: Names) -> str:
    unknown = f", {body['unknown']} perhaps" if body.get("unknown") else ""
    return (
        f"delivery {subject} stopped, because {_what(body['scope'])} was paused: {body['sent']} sent{unknown}, "
        f"{body['left']} left"
    )


def _recalled(subject: str, body: Body, _: Names) -> str:
    return (
        f"recall of {subject} carried out: {body['taken_back']} taken back, {body['listed']} out and listed, "
        f"{body['left']} never sent; {body['how']}"
    )


_WAITS_FOR = {
    "sender": "the mail server refuses the sender",
    "size": "the mail server does not take messages of this size",
    "rate": "the mail server wants less mail at once",
    "alike": "the mail server took nothing and gave everybody the same answer",
    "put-off": "the mail server put some off for later",
    "way-out": "its way out takes nothing now",
}


def _waiting(subject: str, body: Body, _: Names) -> str:
    why = _WAITS_FOR.get(str(body.get("code")), "something is in its way")
    return f"delivery {subject} waits, because {why}: {body['sent']} sent, {body['left']} left; it goes on by itself"


def _retried(subject: str, body: Body, _: Names) -> str:
    ends = ("sent", "failed", "given_up", "suppressed", "unknown")
    told = ", ".join(f"{len(body[f'{end}_at'])} {end.replace('_', ' ')}" for end in ends if body.get(f"{end}_at"))
    return f"those put off in {subject} were tried again: {told or 'all of them put off once more'}"


STOPPING: dict[str, Callable[[str, Body, Names], str]] = {
    EventKind.CAMPAIGN_PAUSED: lambda subject, body, names: f"{_who(body, names)} paused {_what(subject)}{_why(body)}",
    EventKind.CAMPAIGN_UNPAUSED: lambda subject, body, names: (
        f"{_who(body, names)} let {_what(subject)} go on{_why(body)}"
    ),
    EventKind.DELIVERY_PAUSED: _paused,
    EventKind.DELIVERY_RESUMED: lambda subject, body, _: f"delivery {subject} goes on with {body['left']} left",
    EventKind.DELIVERY_WAITING: _waiting,
    EventKind.DELIVERY_REOPENED: lambda subject, body, _: (
        f"delivery {subject} was opened again for {len(body['put_off_at'])} who were given up, and nobody else"
    ),
    EventKind.RETRY_DECIDED: lambda subject, body, names: (
        f"{_who(body, names)} had those tried again who were given up in delivery {subject}{_why(body)}"
    ),
    EventKind.RETRY_BEGUN: lambda subject, body, _: (
        f"{counted(len(body['positions']), 'message')} of {subject}, put off before, about to be tried again"
    ),
    EventKind.RETRY_ENDED: _retried,
    EventKind.RECALL_DECIDED: lambda subject, body, names: (
        f"{_who(body, names)} recalled delivery {subject}{_why(body)}"
    ),
    EventKind.RECALL_DONE: _recalled,
}
