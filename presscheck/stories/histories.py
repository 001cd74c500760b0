"""The whole story of one thing, told from believed events: a text, a picture, an audience, a brief, a manifest, a rule.

    things = find_things(tx, "3fa109bc")             # what begins like this
    story = tell(tx, things[0], name_of)             # Story: what it is, its versions, and what happened when

Findings and counts that stand beside the chain are told as such; who did what comes from signatures alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, cast

from presscheck.assets.reading import read_signable
from presscheck.cleaning import clean_line, shorten
from presscheck.desk.endings import ending_at
from presscheck.digests import digest_of, fingerprint
from presscheck.documents.sentences import counted
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.assets import findings_of, get_asset, texts_with_pictures
from presscheck.ledger.reviews import DECISION_EVENTS, find_review, reviews_naming
from presscheck.ledger.versions import Version, line_of
from presscheck.models import Asset, Decision, Picture, Question, Review
from presscheck.stories.histories_cells import all_splits, facts_of_audience, splits_with
from presscheck.stories.story import sentence

ThingKind = Literal["asset", "audience", "manifest", "policy"]
Names = Callable[[str], str]

_MAKING = (EventKind.ASSET_DRAFTED, EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN, EventKind.ASSET_REVERTED)
_DELIVERY = (
    EventKind.DELIVERY_REQUESTED, EventKind.PERMIT_ISSUED, EventKind.PERMIT_REFUSED, EventKind.PERMIT_SPENT,
    EventKind.BATCH_SENT, EventKind.RETRY_ENDED, EventKind.DELIVERY_WAITING, EventKind.DELIVERY_HELD,
    EventKind.DELIVERY_COMPLETED, EventKind.RETRY_DECIDED, EventKind.DELIVERY_REOPENED,
)  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """Something that a digest stands for."""

    kind: ThingKind
    digest: str
    what: str
    """In a few words."""


@dataclass(frozen=True)
class Happening:
    """One thing that happened, in a sentence."""

    at: str
    event: int
    process: str
    kind: str
    told: str
    more: tuple[str, ...] = ()
    """Details, such as findings."""


@dataclass(frozen=True)
class Story:
    """All that is known of one thing, oldest first."""

    thing: Thing
    facts: tuple[tuple[str, str], ...]
    versions: tuple[Version, ...] = ()
    happenings: tuple[Happening, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {
            "digest": self.thing.digest,
            "kind": self.thing.kind,
            "what": self.thing.what,
            "facts": dict(self.facts),
            "versions": [one.model_dump(mode="json") for one in self.versions],
            "happenings": [
                {"at": one.at, "event": one.event, "process": one.process, "kind": one.kind, "told": one.told,
                 "more": list(one.more)}
                for one in self.happenings
            ],
        }  # fmt: skip


def find_things(tx: Reader, beginning: str) -> list[Thing]:
    """What a digest's beginning can stand for, each once; assets first."""
    found: dict[str, Thing] = {}
    for event in tx.events(*_MAKING):
        if event.subject.startswith(beginning):
            found.setdefault(event.subject, Thing("asset", event.subject, str(event.data.get("kind", "asset"))))
    for event in tx.events(EventKind.AUDIENCE_FROZEN):
        if event.subject.startswith(beginning):
            found.setdefault(event.subject, Thing("audience", event.subject, "frozen audience"))
    for one in all_splits(tx):
        for name, cell in one.split.cells.items():
            if cell.audience is not None and cell.audience.startswith(beginning):
                what = f"cell {name} of audience {one.split.source[:12]}"
                found.setdefault(cell.audience, Thing("audience", cell.audience, what))
    for review in _reviews(tx, lambda _: True):
        question = review.question
        if question.audience and question.audience.startswith(beginning):
            found.setdefault(question.audience, Thing("audience", question.audience, "frozen audience"))
        for rule, version in question.policies.items():
            if version.startswith(beginning):
                found.setdefault(version, Thing("policy", version, rule))
    for event in tx.events(EventKind.DECISION_APPROVED, EventKind.DELIVERY_REQUESTED):
        manifest = _manifest_digest(event)
        if manifest and manifest.startswith(beginning):
            what = "what was approved to go out" if _goes_out(event) else "what was agreed"
            found.setdefault(manifest, Thing("manifest", manifest, what))
    return list(found.values())


def asset_of(tx: Reader, digest: str) -> Thing | None:
    """The asset that a whole digest stands for; None where nobody signed that it was made."""
    made = tx.events(*_MAKING, subject=digest)
    return Thing("asset", digest, str(made[0].data.get("kind", "asset"))) if made else None


def happening(tx: Reader, event: Event, name_of: Names, more: tuple[str, ...] = ()) -> Happening:
    """An event in a sentence, with its details."""
    told = sentence(event, name_of, partial(ending_at, tx))
    return Happening(event.at, event.seq, event.process, event.kind, told, more)


def tell(tx: Reader, thing: Thing, name_of: Names) -> Story:
    """The story of a thing."""
    line = line_of(tx, thing.digest) if thing.kind == "asset" else ()
    digests = {thing.digest, *(one.digest for one in line)}
    reviews = _reviews(
        tx, lambda question: _asks_about(tx, question, thing, digests), _opened_about(tx, thing, digests)
    )
    decisions = [event for review in reviews for event in tx.events(*DECISION_EVENTS.values(), subject=review.id)]
    if thing.kind == "manifest":
        decisions = [event for event in decisions if _manifest_digest(event) == thing.digest]
        kept = {event.subject for event in decisions}
        reviews = [review for review in reviews if review.id in kept]
    happened: dict[int, Happening] = {}

    def add(events: Iterable[Event], more: Callable[[Event], tuple[str, ...]] = lambda _: ()) -> None:
        for event in events:
            happened[event.seq] = happening(tx, event, name_of, more(event))

    if thing.kind == "asset":
        for digest in digests:
            add(tx.events(*_MAKING, subject=digest), lambda event: _made_with(event))
            add(tx.events(EventKind.ASSET_USED, subject=digest))
        begun = tx.events(EventKind.CAMPAIGN_OPENED, EventKind.BRIEF_ADDED)
        add(event for event in begun if event.data.get("brief") == thing.digest)
    if thing.kind == "audience":
        add(tx.events(EventKind.AUDIENCE_FROZEN, subject=thing.digest))
        for one in splits_with(tx, thing.digest):
            # A cell has no screening of its own: it is a part of what was screened.
            add([one.event, *tx.events(EventKind.AUDIENCE_FROZEN, subject=one.split.source)])
    for run in {review.question.run for review in reviews} if thing.kind == "asset" else ():
        rounds = {f"{run}/{review.question.round}" for review in reviews if review.question.run == run}
        checks = [event for event in tx.events(EventKind.ASSETS_CHECKED, run=run) if event.subject in rounds]
        add(checks, lambda event: _found(tx, sorted(digests), event.run))
    for review in reviews:
        add(tx.events(EventKind.REVIEW_OPENED, subject=review.id), lambda _, asked=review: _asked(asked, digests))
        add(tx.events(EventKind.APPLICATION_REFUSED, subject=review.id))
    add(decisions, lambda event: _decided(event, digests))
    wanted = {_manifest_digest(event) for event in decisions if event.kind == EventKind.DECISION_APPROVED}
    wanted = {one for one in wanted if one} if thing.kind != "asset" else _manifests_with(tx, decisions, digests)
    for event in tx.events(EventKind.DELIVERY_REQUESTED):
        if event.data.get("manifest") in wanted:
            add(tx.events(*_DELIVERY, subject=event.subject))
    return Story(thing, tuple(_facts(tx, thing, reviews)), line, tuple(happened[seq] for seq in sorted(happened)))


# ---------------------------------------------------------------- what belongs to it


def _opened_about(tx: Reader, thing: Thing, digests: set[str]) -> list[Event]:
    """The openings of the questions in whose stored text one of these digests stands; what it says is judged later."""
    if thing.kind == "manifest":
        return tx.events(EventKind.REVIEW_OPENED)
    named = digests | set(texts_with_pictures(tx, digests)) if thing.what == "image" else digests
    opened = [event for one in reviews_naming(tx, named) for event in tx.events(EventKind.REVIEW_OPENED, subject=one)]
    return sorted(opened, key=lambda event: event.seq)


def _reviews(tx: Reader, wanted: Callable[[Question], bool], opened: Iterable[Event] | None = None) -> list[Review]:
    """The reviews whose opening is believed and whose question is wanted, oldest first."""
    found: list[Review] = []
    for event in tx.events(EventKind.REVIEW_OPENED) if opened is None else opened:
        try:
            review = find_review(tx, event.subject)
        except LedgerForged:
            # `history --verify` names it; a story is told of what can be believed.
            continue
        if review is not None and wanted(review.question):
            found.append(review)
    return found


def _asks_about(tx: Reader, question: Question, thing: Thing, digests: set[str]) -> bool:
    match thing.kind:
        case "audience":
            return question.audience == thing.digest
        case "policy":
            return thing.digest in question.policies.values()
        case "manifest":
            return True
        case "asset":
            proposed = {proposal.asset for proposal in question.proposals}
            named = {*proposed, *question.rests_on, question.brief}
            return bool(named & digests) or _shows(tx, question, digests)


def _shows(tx: Reader, question: Question, digests: set[str]) -> bool:
    """Whether one of the choices shows a picture of this line."""
    for proposal in question.proposals:
        asset = _asset(tx, proposal.asset)
        if asset is not None and asset.content.get("image") in digests:
            return True
    return False


def _asset(tx: Reader, digest: str) -> Asset | None:
    try:
        return get_asset(tx, digest)
    except (LedgerForged, LedgerGone):
        return None


def _manifest_digest(event: Event) -> str | None:
    manifest = event.data.get("manifest")
    return digest_of(manifest) if isinstance(manifest, dict) else manifest if isinstance(manifest, str) else None


def _goes_out(event: Event) -> bool:
    """Whether anything goes out by what an event names; a delivery names only its digest, and is there to send."""
    manifest: Any = event.data.get("manifest")
    return not isinstance(manifest, dict) or bool(cast(dict[str, Any], manifest).get("assets"))


def _manifests_with(tx: Reader, decisions: list[Event], digests: set[str]) -> set[str]:
    """The manifests in which something of this line goes out, or on which what goes out rests."""
    found: set[str] = set()
    for event in decisions:
        manifest = Decision.model_validate(event.data).manifest
        if manifest is None:
            continue
        shown = {asset.content.get("image") for one in manifest.assets if (asset := _asset(tx, one)) is not None}
        if digests & {*manifest.signed, *manifest.rests_on, manifest.brief, *shown}:
            found.add(manifest.digest)
    return found


# ---------------------------------------------------------------- in words


def _facts(tx: Reader, thing: Thing, reviews: list[Review]) -> Iterable[tuple[str, str]]:
    yield "digest", thing.digest
    yield "fingerprint", fingerprint(thing.digest)
    asset = _asset(tx, thing.digest) if thing.kind == "asset" else None
    if asset is not None:
        yield "kind", asset.kind
        yield from _content(asset)
    elif thing.kind == "policy":
        yield "rule", thing.what
        yield "evaluated in", counted(len(reviews), "review")
    elif thing.kind == "audience":
        yield from facts_of_audience(tx, thing.digest, reviews)


def _content(asset: Asset) -> Iterable[tuple[str, str]]:
    content: dict[str, Any] = asset.content
    if asset.kind == "image":
        picture = Picture.model_validate(content)
        yield "name", picture.name
        yield "shows", clean_line(picture.alt)
        yield "declared", f"{', '.join(picture.labels) or 'no labels'}, source {picture.source_type or 'not declared'}"
        yield "file", f"{picture.file} ({picture.media_type}, {picture.width}x{picture.height}, {picture.size:,} bytes)"
    elif asset.kind == "copy":
        yield "subject", clean_line(str(content.get("subject") or "")) or "none"
        yield "words", shorten(str(content.get("body") or ""), 200)
        if content.get("image"):
            yield "picture", str(content["image"])
    elif asset.kind == "brief":
        brief: dict[str, Any] = content.get("brief") or {}
        yield "title", clean_line(str(brief.get("title", "")))
        yield "offer", clean_line(str(brief.get("offer", "")))
    else:
        yield from _parts(asset)


def _parts(asset: Asset) -> Iterable[tuple[str, str]]:
    """What describes itself, part by part, with the terms that are signed with it."""
    try:
        one = read_signable(asset)
    except LedgerForged as error:
        yield "content", str(error)
        return
    yield "called", one.noun
    for part in one.parts:
        terms = f" ({part.terms})" if part.terms else ""
        said = counted(len(part.rows) - 1, "row") if part.rows else shorten(part.text, 200)
        yield part.title, f"{said}{terms}"


def _made_with(event: Event) -> tuple[str, ...]:
    cost = event.data.get("cost_microdollars")
    return (f"it cost ${cost / 1_000_000:.6f}",) if isinstance(cost, int) and cost else ()


def _found(tx: Reader, digests: list[str], run: str) -> tuple[str, ...]:
    told = [
        f"{finding.level} {finding.rule}" + (f" “{shorten(finding.text, 60)}”" if finding.text else "")
        for digest in digests
        for finding in findings_of(tx, digest, run=run)
    ]
    return tuple(told) or ("nothing was found in this one",)


def _asked(review: Review, digests: set[str]) -> tuple[str, ...]:
    codes = [proposal.code for proposal in review.question.proposals if proposal.asset in digests]
    many = counted(len(review.question.proposals), "choice")
    shown = f"shown as {', '.join(codes)} of {many}" if codes else many
    shown = f"{many}, which rest on it" if not codes and digests & set(review.question.rests_on) else shown
    return (shown, f"{counted(len(review.question.policies), 'policy was', 'policies were')} evaluated")


def _decided(event: Event, digests: set[str]) -> tuple[str, ...]:
    decision = Decision.model_validate(event.data)
    told = [f"asked {decision.asked_at[:19]}Z, answered {decision.answered_at[:19]}Z"]
    if decision.manifest is not None and digests & set(decision.manifest.signed):
        told.append(f"picked, one of {len(decision.manifest.signed)}")
    return tuple(told)
