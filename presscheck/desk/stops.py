"""What somebody stopped, took back or went back on, of what a question asks: told wherever the question is shown.

    stops_over(tx, review)      # pauses in force, recalls and versions brought back that touch this question
    stops_of_runs(tx, runs)     # the same of everything that each of some runs asked
    stops_of_late(tx)           # for the inbox: pauses in force, and what was recalled or brought back in a week

All of it is on record as signed events, and the press heeds it whatever is shown. It is told so that nobody answers,
waits or believes that readers have something, without knowing of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from presscheck.digests import fingerprint
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset, read_ahead
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import delivery_id, ending_of, read_endings_ahead
from presscheck.ledger.pausing import EVERYTHING, Pause, all_pauses, read_scopes_ahead, recall_done, scopes_of
from presscheck.ledger.reviews import decision_of, read_decisions_ahead, reviews_of_runs
from presscheck.ledger.versions import is_revert_of
from presscheck.models import Frozen, Review
from presscheck.people.rights import person_name

_OF_LATE = timedelta(days=7)


class Stop(Frozen):
    """One of them, in words."""

    kind: Literal["paused", "recalled", "reverted"]
    words: str
    """What was done, by whom, why and when; a sentence."""
    means: str
    """What that does to the question, its answer and its readers; a sentence."""
    seq: int
    """Its event."""
    run: str = ""
    """The run that it is about; empty where it is about more."""
    review: str = ""
    """The review whose delivery it is about; empty where it is about more."""

    @property
    def told(self) -> str:
        return f"{self.words} {self.means}"


def stops_over(tx: Reader, review: Review) -> tuple[Stop, ...]:
    """What touches this question now, in the order in which it happened."""
    found = [*_pauses_over(tx, review), *_recalls(tx, review.question.run), *_reverts_over(tx, review)]
    return tuple(sorted(found, key=lambda stop: stop.seq))


def any_stops(tx: Reader) -> bool:
    """Whether there is anything at all that could touch a question."""
    return bool(_pauses(tx) or _recalled(tx) or _reverted(tx))


def stops_of_runs(tx: Reader, runs: Sequence[str]) -> dict[str, tuple[Stop, ...]]:
    """What touches anything that each of these runs has asked, each once; a run without any is left out.

    A page lists two hundred runs. What is said of one is asked for all of them at once, in a number of questions to the
    database that does not grow with them, and of those that nothing stops no more than that is read.
    """
    if not any_stops(tx):
        return {}
    if _pauses(tx):
        read_scopes_ahead(tx, runs)
    recalled = _recalled_by_run(tx)
    touched = [run for run in runs if _reverted(tx) or run in recalled or _paused_of(tx, run)]
    reviews = reviews_of_runs(tx, touched)
    asked = [review for found in reviews.values() for review in found]
    read_decisions_ahead(tx, [review.id for review in asked])
    if _pauses(tx):
        read_endings_ahead(tx, [delivery_id(review.question.run, review.id) for review in asked])
        tx.read_ahead(EventKind.CAMPAIGN_ENDED, subjects=[run for run, found in reviews.items() if not found])
    for kind in (EventKind.RECALL_DONE, EventKind.DELIVERY_REQUESTED):
        tx.read_ahead(kind, subjects=[event.subject for run in touched for event in recalled.get(run, ())])
    if _reverted(tx):
        named = (one for review in asked if _reverted_after(tx, review) for one in _approved(tx, review))
        read_ahead(tx, dict.fromkeys(named))
    return {run: stops for run, found in reviews.items() if (stops := _stops_of(tx, run, found))}


def _paused_of(tx: Reader, run: str) -> list[Pause]:
    """The pauses that may touch something of a run."""
    scopes = scopes_of(tx, "", run) if _pauses(tx) else ()
    return [one for one in _pauses(tx) if one.scope in scopes or one.scope.startswith("D-")]


def _stops_of(tx: Reader, run: str, reviews: Sequence[Review]) -> tuple[Stop, ...]:
    if reviews:
        return tuple({stop.seq: stop for review in reviews for stop in stops_over(tx, review)}.values())
    paused = _paused_of(tx, run)
    if not paused or tx.events(EventKind.CAMPAIGN_ENDED, subject=run):
        return ()
    # It has asked nothing yet, and what it will ask is stopped as well.
    scopes = scopes_of(tx, "", run)
    return tuple(_pause(tx, one) for one in paused if one.scope in scopes)


def stops_of_late(tx: Reader) -> tuple[Stop, ...]:
    """Every pause in force, and every recall and every version brought back within seven days, newest first."""
    since = tx.now - _OF_LATE
    lately = [event for event in (*_recalled(tx), *_reverted(tx)) if datetime.fromisoformat(event.at) > since]
    found = [_pause(tx, one) for one in _pauses(tx)]
    found += [
        _recall(tx, event) if event.kind == EventKind.RECALL_DECIDED else _revert(tx, event, {}) for event in lately
    ]
    return tuple(sorted(found, key=lambda stop: -stop.seq))


# ---------------------------------------------------------------- pauses


def _pauses(tx: Reader) -> tuple[Pause, ...]:
    # Asked once in a view: an inbox has fifty lines.
    return tx.once("pauses in force", lambda: all_pauses(tx))


def _pauses_over(tx: Reader, review: Review) -> Iterator[Stop]:
    pauses, question = _pauses(tx), review.question
    if not pauses:
        return
    delivery = delivery_id(question.run, review.id)
    decision = decision_of(tx, review.id)
    if (decision is not None and decision.manifest is None) or ending_of(tx, delivery) is not None:
        # Nothing of it is left that could go out: a pause says nothing about it.
        return
    scopes = scopes_of(tx, delivery, question.run, question.campaign)
    yield from (_pause(tx, one) for one in pauses if one.scope in scopes)


def _pause(tx: Reader, one: Pause) -> Stop:
    what = "Everything" if one.scope == EVERYTHING else one.scope
    return Stop(
        kind="paused",
        words=f"{what} is paused, {_since(tx, one.person, one.role, one.reason, one.at)}.",
        means="Answers are taken and count; nothing goes out until somebody who may lets it go on.",
        seq=one.seq,
    )


# ---------------------------------------------------------------- recalls


def _recalled(tx: Reader) -> list[Event]:
    return tx.once("recalls", lambda: _first_of_each(tx.events(EventKind.RECALL_DECIDED)))


def _recalls(tx: Reader, run: str) -> Iterator[Stop]:
    # By the run: whoever answers its next question has to know that its last delivery was taken back.
    yield from (_recall(tx, event) for event in _recalled_by_run(tx).get(run, ()))


def _recalled_by_run(tx: Reader) -> Mapping[str, list[Event]]:
    def sorted_out() -> Mapping[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for event in _recalled(tx):
            found.setdefault(event.run, []).append(event)
        return found

    return tx.once("recalls by run", sorted_out)


def _recall(tx: Reader, event: Event) -> Stop:
    body, delivery = event.data, event.subject
    done = recall_done(tx, delivery)
    requests = tx.events(EventKind.DELIVERY_REQUESTED, subject=delivery)
    means = "The press has not carried it out yet; nothing more of it goes out, and nobody can undo that."
    if done is not None:
        counts = {name: int(done.data.get(name, 0)) for name in ("taken_back", "listed", "left")}
        means = (
            f"{counts['taken_back']:,} taken back, {counts['listed']:,} out and listed, {counts['left']:,} never sent; "
            "nothing more of it goes out, and nobody can undo that."
        )
    who = _since(tx, str(body.get("person", "")), str(body.get("role", "")), str(body.get("reason", "")), event.at)
    return Stop(
        kind="recalled",
        words=f"Delivery {delivery} was recalled, {who}.",
        means=means,
        seq=event.seq,
        run=event.run,
        review=str(requests[0].data.get("review", "")) if requests else "",
    )


# ---------------------------------------------------------------- versions brought back


def _reverted(tx: Reader) -> list[Event]:
    return tx.once("reverts", lambda: tx.events(EventKind.ASSET_REVERTED))


def _reverts_over(tx: Reader, review: Review) -> Iterator[Stop]:
    later = _reverted_after(tx, review)
    if not later:
        return
    named = _named(tx, review)
    yield from (_revert(tx, event, named) for event in later if is_revert_of(event, named))


def _reverted_after(tx: Reader, review: Review) -> list[Event]:
    """The reverts since a question was asked that may be of what it asks about: which picture, only its texts say."""
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review.id) if _reverted(tx) else []
    later = [event for event in _reverted(tx) if event.seq > opened[0].seq] if opened else []
    texts = set(_approved(tx, review)) if later else ()
    return [event for event in later if event.data.get("kind") != "copy" or is_revert_of(event, texts)]


def _named(tx: Reader, review: Review) -> Mapping[str, str]:
    """What is asked about, or was approved, by digest: the code of each text, and of the picture that it shows."""
    codes = {proposal.asset: proposal.code for proposal in review.question.proposals}
    found: dict[str, str] = {}
    for digest in _approved(tx, review):
        try:
            asset = get_asset(tx, digest)
        except LedgerError:
            # A text that cannot be believed is told as such where it is shown; it has no picture to speak of.
            continue
        code = codes.get(digest) or codes.get(asset.parent or "", "")
        found[digest] = code
        if isinstance(image := asset.content.get("image"), str):
            found.setdefault(image, f"{code}'s picture")
    return found


def _approved(tx: Reader, review: Review) -> Sequence[str]:
    """The digests of the texts that were approved or, while nobody has, of those that are asked about."""
    decision = decision_of(tx, review.id)
    if decision is None or decision.manifest is None:
        return [proposal.asset for proposal in review.question.proposals]
    return decision.manifest.signed


def _revert(tx: Reader, event: Event, named: Mapping[str, str]) -> Stop:
    body = event.data
    line = {event.subject, *map(str, body.get("line", ()))}
    codes = ", ".join(dict.fromkeys(code for digest, code in named.items() if digest in line and code))
    what = codes or f"{body.get('kind', 'asset')} {fingerprint(event.subject)}"
    who = _since(tx, str(body["author"]["person"]), "", str(body.get("reason", "")), event.at)
    return Stop(
        kind="reverted",
        words=f"Version {body.get('version', '?')} of {what} was brought back, {who}.",
        means="No yes from before holds for it: what has not gone out is held, and what went out stays out.",
        seq=event.seq,
        run=event.run,
    )


# ---------------------------------------------------------------- in words


def _since(tx: Reader, person: str, role: str, reason: str, at: str) -> str:
    """`by ana (brand lead), reason factual, 02 Mar 2026, 09:00 UTC`."""
    who = f"by {person_name(tx, person)}" + (f" ({role.replace('_', ' ')})" if role else "")
    why = f", reason {reason}" if reason else ""
    return f"{who}{why}, {datetime.fromisoformat(at).strftime('%d %b %Y, %H:%M UTC')}"


def _first_of_each(events: list[Event]) -> list[Event]:
    """The first event about each subject: a delivery is recalled once, whoever asks again."""
    found: dict[str, Event] = {}
    for event in events:
        found.setdefault(event.subject, event)
    return list(found.values())
