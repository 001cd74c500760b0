"""What somebody has begun on a proof is here again: after a reload, an ended session, in another tab or browser.

    typed = kept(door, session, review, typed)          # by the page's own form, whatever it asks for but an answer
    found = brought(tx, person, review)                 # when the page is opened
    POST /-/api/reviews/R-.../begun {"fields", "tab", "since"}          # by the script, while somebody types

Of passwords, codes and tokens nothing is kept. What was begun at a question in whose place another one is asked goes
on there: each draft by its digest, and what stands there no more is named.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.door.answers import no, pairs_of
from presscheck.door.doorway import Doorway
from presscheck.door.turns import A_MINUTE
from presscheck.errors import LedgerForged
from presscheck.ledger import Reader
from presscheck.ledger.begun import (
    MOST_CHARACTERS,
    Begun,
    Elsewhere,
    begun_by,
    begun_of,
    forget_begun,
    keep_begun,
    sweep_begun,
)
from presscheck.ledger.held import held_answer
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Review
from presscheck.people.sessions import Session

_MOST_FIELDS = 2_000
_KEPT, _KEPT_OF = frozenset({"form", "decision", "reason", "note", "pick"}), ("edit.", "text.", "comment.")
_TAB = re.compile(r"[0-9A-Za-z-]{1,40}")
_SAYS_NOTHING = frozenset({"form"})


@dataclass(frozen=True)
class Brought:
    """What is here again."""

    fields: tuple[tuple[str, str], ...]
    mark: str
    at: datetime
    lost: tuple[str, ...] = ()
    """The codes of drafts that it was about and that are not asked about any more."""
    before: str = ""
    """The question beside which it was begun, where that is another one."""


@dataclass(frozen=True)
class NotKept:
    """Why what was typed is on its page alone."""

    reason: str
    status: int
    newer: str = ""
    """The mark of what another tab or browser has kept since; whoever goes on from it keeps theirs instead."""


def fit_to_keep(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields that are kept, and nothing that opens a door; nothing at all where nothing was chosen or typed."""
    found = [(name, text) for name, text in fields if name in _KEPT or name.startswith(_KEPT_OF)]
    return found if any(text for name, text in found if name not in _SAYS_NOTHING) else []


def keep(
    door: Doorway, session: Session, review_id: str, fields: Sequence[tuple[str, str]], *, tab: str, since: str
) -> Begun | NotKept | None:
    """What is kept now, or why it is not; None where there was nothing to keep."""
    wanted = fit_to_keep(fields)
    if sum(len(name) + len(text) for name, text in wanted) > MOST_CHARACTERS or len(wanted) > _MOST_FIELDS:
        return NotKept(
            f"What you typed here is more than the door keeps ({MOST_CHARACTERS:,} characters), so it is on this page "
            "alone: shorten it, or answer with fewer drafts edited at once.",
            413,
        )
    with door.ledger.write() as tx:
        review = find_review(tx, review_id)
        if review is None or decision_event(tx, review_id) is not None:
            return None
        try:
            held = held_answer(tx, review_id, session.person)
            if held is not None and held.state == "held":
                told = "You have answered this already, so what stands here is on this page alone. Take the answer back"
                return NotKept(f"{told} first, to go on with it.", 423)
            sweep_begun(tx)
            if wanted:
                return keep_begun(tx, session.person, review_id, wanted, tab=tab, since=since)
            known = begun_of(tx, session.person, review_id)
            # An empty page erases what stands in its own tab, or what it began with, and nothing of another tab's.
            if known is not None and (known.tab == tab or known.mark == since):
                forget_begun(tx, session.person, review_id)
            return None
        except Elsewhere as found:
            return NotKept(
                f"You have gone on with this in another tab or browser, at {found.kept.at[11:16]} UTC: that is kept, "
                "and what stands here is not. Open the page again to go on with that.",
                409,
                found.kept.mark,
            )


def forget(door: Doorway, session: Session, review_id: str) -> None:
    """Erase what this person has begun beside a question, and beside the one in whose place it is asked."""
    with door.ledger.write() as tx:
        review = find_review(tx, review_id)
        again = None if review is None else brought(tx, session.person, review)
        if again is not None and again.before:
            forget_begun(tx, session.person, again.before)
        forget_begun(tx, session.person, review_id)


def keep_typing(door: Doorway, request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    """POST /-/api/reviews/ID/begun: kept while somebody types; 409 where another tab has gone on."""
    fields, tab, since = pairs_of(body.get("fields")), body.get("tab"), body.get("since")
    if fields is None or not isinstance(tab, str) or not _TAB.fullmatch(tab) or not isinstance(since, str):
        return no(
            422,
            "fields is a list of pairs of texts, tab a name of letters and digits, and since a text",
            'Send {"fields": [["note", "…"]], "tab": "0123456789abcdef", "since": ""}.',
        )
    if not door.turns.has(session.person, sum(len(text) for _, text in fields)):
        return no(429, f"{A_MINUTE} times within a minute are enough; it is kept in a moment")
    said = keep(door, session, str(request.path_params["review"]), fields, tab=tab, since=since)
    if isinstance(said, NotKept):
        return JSONResponse({"error": said.reason, "mark": said.newer}, status_code=said.status)
    return JSONResponse({"mark": "" if said is None else said.mark})


def brought(tx: Reader, person: str, review: Review) -> Brought | None:
    """What this person has begun beside this question, or beside the one in whose place it is asked; None for none."""
    every = begun_by(tx, person)
    for one in every:
        if one.review == review.id:
            return Brought(one.fields, one.mark, datetime.fromisoformat(one.at))
    for one in every:
        before = None
        with suppress(LedgerForged):
            before = find_review(tx, one.review)
        if before is not None and _is_followed_by(tx, before, review):
            return _translated(one, before, review)
    return None


def _is_followed_by(tx: Reader, before: Review, review: Review) -> bool:
    of_one = (before.question.run, before.question.gate) == (review.question.run, review.question.gate)
    return of_one and before.opened_at <= review.opened_at and decision_event(tx, before.id) is not None


def _translated(one: Begun, before: Review, review: Review) -> Brought:
    """With the codes that the same drafts have now."""
    now = {proposal.asset: proposal.code for proposal in review.question.proposals}
    codes = {proposal.code: now.get(proposal.asset, "") for proposal in before.question.proposals}
    fields: list[tuple[str, str]] = []
    lost: dict[str, None] = {}
    for name, text in one.fields:
        first, _, rest = name.partition(".")
        code, _, part = rest.partition(".")
        about = text if name == "pick" else code if first in ("edit", "comment") else ""
        if codes.get(about) == "":
            lost[about] = None
        elif name == "pick":
            fields.append((name, codes.get(about, about)))
        elif about:
            fields.append((f"{first}.{codes.get(about, about)}.{part}", text))
        # What was decided of another question is no decision of this one.
        elif name not in ("form", "decision"):
            fields.append((name, text))
    return Brought(tuple(fields), "", datetime.fromisoformat(one.at), tuple(lost), before.id)
