"""What was told, as events: once for each notice and addressee, however many processes look at once.

`review:reminded` and `review:escalated` say that a reminder or an escalation fell due; `notice:sent` and
`notice:failed` say what became of telling one addressee. Bodies hold steps, roles, ids and codes.
"""

from collections.abc import Iterable, Sequence

from presscheck.ledger import Event, EventKind, Ledger, Reader, Writer
from presscheck.ledger.reviews import decision_event
from presscheck.notices.due import Notice

_FALLS_DUE = {"reminder": EventKind.REVIEW_REMINDED, "escalation": EventKind.REVIEW_ESCALATED}


def record_due(ledger: Ledger, notices: Iterable[Notice]) -> None:
    """Write down each reminder and escalation that fell due, told to anybody or not; each once."""
    due = [(kind, notice) for notice in notices if (kind := _FALLS_DUE.get(notice.step.partition("-")[0]))]
    with ledger.read() as tx:
        fresh = [(kind, notice) for kind, notice in due if not _told(tx, notice, kind)]
    for kind, notice in fresh:
        with ledger.write() as tx:
            # Another process may have written it since, and somebody may have answered.
            if not _told(tx, notice, kind) and decision_event(tx, notice.review) is None:
                tx.append(kind, notice.review, {**_body(notice), "to": list(notice.roles)}, run=notice.run)


def still_to_send(tx: Reader, notice: Notice, to: Sequence[str]) -> list[str]:
    """Who of `to` has not been told; nobody of a question that was answered meanwhile."""
    if not notice.is_news and decision_event(tx, notice.review) is not None:
        return []
    return [addressee for addressee in to if not _was_sent(tx, notice, addressee)]


def record_sent(ledger: Ledger, notices: Iterable[Notice], to: str) -> None:
    """Write down that an addressee was told of all these."""
    with ledger.write() as tx:
        for notice in notices:
            if not _was_sent(tx, notice, to):
                _append(tx, EventKind.NOTICE_SENT, notice, {"to": to})


def record_failed(ledger: Ledger, notices: Iterable[Notice], to: str, *, code: str) -> None:
    """Write down that an addressee could not be told, and why by a code; the same failure only once."""
    with ledger.write() as tx:
        for notice in notices:
            failed = _told(tx, notice, EventKind.NOTICE_FAILED)
            before = [event.data.get("code") for event in failed if event.data.get("to") == to]
            if before[-1:] != [code]:
                _append(tx, EventKind.NOTICE_FAILED, notice, {"to": to, "code": code})


def _was_sent(tx: Reader, notice: Notice, to: str) -> bool:
    return any(event.data.get("to") == to for event in _told(tx, notice, EventKind.NOTICE_SENT))


def _append(tx: Writer, kind: EventKind, notice: Notice, more: dict[str, str]) -> None:
    tx.append(kind, notice.review, {**_body(notice), **more}, run=notice.run)


def _told(tx: Reader, notice: Notice, kind: EventKind) -> list[Event]:
    body = _body(notice)
    return [
        event
        for event in tx.events(kind, subject=notice.review)
        if all(event.data.get(name) == value for name, value in body.items())
    ]


def _body(notice: Notice) -> dict[str, str]:
    return {"stage": notice.stage, "began": notice.began, "step": notice.step}
