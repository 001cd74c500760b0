"""The proof: everything that one review asks, gathered for people to look at.

Findings are worked out again here, by the policies as they are now; what a worker stored is not shown.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from markupsafe import Markup

from presscheck.assets.pictures.believing import file_fault, picture_of
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.cleaning import clean_line
from presscheck.desk import Desk, WhoMay
from presscheck.desk.briefing import Told, brief_told
from presscheck.desk.changing import policy_changes
from presscheck.desk.endings import Ending, ending_of
from presscheck.desk.situation import Situation, current_policies, read_brief, read_situation, scope_changes, scope_of
from presscheck.desk.stops import Stop, stops_over
from presscheck.digests import fingerprint
from presscheck.door.marking import beside, in_plain, marked
from presscheck.door.policy_state import shown_change
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset, parents_of
from presscheck.ledger.reviews import asked_again, asked_in_place_of, decision_of, find_review
from presscheck.models import (
    Allowance,
    Asset,
    Brief,
    CallToAction,
    Copy,
    Finding,
    Manifest,
    Outcome,
    OutcomeStatus,
    Picture,
    Refused,
    Review,
)
from presscheck.recipients.audiences import audience_words
from presscheck.rendering import frame_height, preview_html

_FIELDS = ("subject", "preheader", "body")
_REPORT = re.compile(r"[0-9a-f]{64}")
_MOST_CHANGES = 20
_BEFORE_ASKING = timedelta(days=7)
_Told = TypeVar("_Told", Finding, Allowance)


@dataclass(frozen=True)
class Change:
    """Two versions of one field, side by side and in one plain text."""

    before: Markup
    after: Markup
    plain: str


@dataclass(frozen=True)
class Shown:
    """One choice as the proof shows it: in the words that would be signed now, which an approver may have edited."""

    code: str
    asset: Asset
    proposed: Asset
    """The choice as it was asked about; the same where nobody edited it."""
    copy: Copy
    findings: tuple[Finding, ...]
    words: dict[str, Markup]
    """Field to its words, findings marked."""
    changes: dict[str, "Change"]
    """Field to what changed since the text that it came from; empty where nothing did, or it came from none."""
    came_from: str = ""
    """The digest of the text that it was made from, as its maker signed; empty for one that was written anew."""
    edits: dict[str, "Change"] = field(default_factory=dict[str, "Change"])
    """Field to what the approver changed."""
    let_pass: tuple[Allowance, ...] = ()
    """Words of the text on which rules were silent, and what let them be."""
    button: CallToAction | None = None
    """The words and the address of its button: its own, or else the brief's; None where the brief is not known."""
    picked: bool = False
    picture: Picture | None = None
    """The picture that goes with the words."""
    picture_fault: str = ""
    """Why it is not shown."""
    frame_height: int = 0
    """Pixels that its preview needs."""

    @property
    def edited(self) -> bool:
        return self.asset.digest != self.proposed.digest

    @property
    def made_by(self) -> str:
        author = self.proposed.author
        if author.kind == "person":
            return "a person"
        return " ".join(part for part in (author.provider, author.model, author.prompt_id) if part)


@dataclass(frozen=True)
class SameAsked:
    """The same question under other policies."""

    review: str
    """Its id; empty while the gate has not asked it yet."""
    changes: tuple[str, ...]
    """Which policies differ between the two, a sentence each."""


@dataclass(frozen=True)
class Proof:
    """One review with all that belongs to it."""

    review: Review
    title: str
    brief: Brief | None
    facts: tuple[Told, ...]
    """Every fact of the brief and its product, which is approved with the words."""
    stops: tuple[Stop, ...]
    """What was paused, recalled or brought back of it."""
    rule: Any
    row: Any
    """The approval model, and the row of the tier table that says how much is at stake; None where nothing can be
    decided."""
    trouble: str
    """Why nothing can be decided now; empty if it can."""
    who: WhoMay | None
    said: tuple[str, ...]
    """A sentence for each yes that counts already."""
    fixed: bool
    """Whether somebody has picked, so that everybody after signs exactly that."""
    why_not_me: Refused | None
    deadline: datetime
    choices: tuple[Shown, ...]
    since_last: tuple[str, ...]
    """What changed since the round before, in sentences."""
    outcome: Outcome
    ending: Ending | None
    """How it ended; None while it is open."""
    answered_at: datetime | None
    audience_report: str = ""
    """The name of the report of the screening that this run asked about; empty where there is no audience."""
    asked_before: "SameAsked | None" = None
    """The question in whose place this one is asked, because policies changed."""
    asked_again: "SameAsked | None" = None
    """What is asked in place of this one, for the same reason."""
    policy_changes: tuple[dict[str, Any], ...] = ()
    """What changed of the policies that it was asked under, from a week before it was asked on."""
    adds_up: str = ""
    """What other runs of the campaign add to its risk, in a sentence; empty where nothing."""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.review.question.digest)

    @property
    def goes_to(self) -> str:
        """Whom it reaches: people of an audience, or everybody."""
        question = self.review.question
        return audience_words(question.channel, question.audience_rows, self.brief.markets if self.brief else ())


def gather(tx: Reader, desk: Desk, review: Review, *, person: str) -> Proof:
    """Read everything. LedgerForged where a choice or the question is not what was signed."""
    question = review.question
    situation = read_situation(tx, review, desk.policies)
    brief = read_brief(tx, question)
    outcome = desk.outcome(tx, review.id)
    broken = isinstance(situation, Refused)
    decision = outcome.decision
    fixed = desk.fixed(tx, review)
    previous = None if question.previous is None else find_review(tx, question.previous)
    known = None if isinstance(brief, Refused) else brief[0]
    before = asked_in_place_of(tx, review)
    return Proof(
        review=review,
        title=question.campaign if known is None else clean_line(known.title),
        brief=known,
        facts=() if isinstance(brief, Refused) else brief_told(*brief),
        stops=stops_over(tx, review),
        rule=None if broken else situation.rule,
        row=None if broken else situation.row,
        adds_up="" if broken else situation.adds_up,
        trouble=situation.reason if broken else "",
        who=_who(desk, tx, review),
        said=desk.said(tx, review),
        fixed=fixed is not None,
        why_not_me=desk.why_not(tx, review, person),
        deadline=desk.deadline(tx, review),
        choices=tuple(_choices(tx, desk, review, known, situation, outcome, fixed)),
        since_last=(*desk.changes_asked(tx, review), *_since_last(review, previous)),
        outcome=outcome,
        ending=None if decision is None else ending_of(tx, decision),
        answered_at=None if decision is None else datetime.fromisoformat(decision.answered_at),
        audience_report=_audience_report(tx, review),
        asked_before=None if before is None else _same_asked(before.id, before.question.policies, question.policies),
        asked_again=_asked_again(tx, desk, review, known) if outcome.status is OutcomeStatus.REOPENED else None,
        policy_changes=tuple(_policy_changes(tx, review)),
    )


def _asked_again(tx: Reader, desk: Desk, review: Review, brief: Brief | None) -> SameAsked:
    """The question in the place of one whose policies changed; before its gate has asked it, by the policies now."""
    question = review.question
    if (again := asked_again(tx, review)) is not None:
        return _same_asked(again.id, question.policies, again.question.policies)
    policies = current_policies(desk.policies)
    if isinstance(policies, Refused) or brief is None:
        return SameAsked("", ())
    now = scope_of(policies, question, brief)
    return _same_asked("", question.policies, now)


def _same_asked(review: str, then: Mapping[str, str], now: Mapping[str, str]) -> SameAsked:
    return SameAsked(review, tuple(f"{change}." for change in scope_changes(then, now)))


def _audience_report(tx: Reader, review: Review) -> str:
    """By the screening of this very run: another run's may have let the same people pass for other reasons."""
    audience = review.question.audience
    if audience is None:
        return ""
    frozen = [one for one in tx.events(EventKind.AUDIENCE_FROZEN, subject=audience) if one.run == review.question.run]
    # Reports of before this was signed lie under the audience's digest.
    said = str(frozen[-1].data.get("report") or audience) if frozen else audience
    return said if _REPORT.fullmatch(said) else ""


def _policy_changes(tx: Reader, review: Review) -> Iterator[dict[str, Any]]:
    """Those that touch a policy which the question was asked under, each with the lines about it, newest first."""
    for change in policy_changes(tx, most=_MOST_CHANGES):
        lines = change.touching(review.question.policies)
        if lines and change.at > review.opened_at - _BEFORE_ASKING:
            shown = shown_change(tx, change)
            yield {**shown, "lines": [line.model_dump() for line in lines[:_MOST_CHANGES]]}


def text_named(tx: Reader, desk: Desk, review: Review, code: str) -> Copy | None:
    """One text of a review: `V01` as it was proposed, `V01.edited` as it was approved; None where there is none."""
    plain = code.removesuffix(".edited")
    asset = next((one.asset for one in review.question.proposals if one.code == plain), None)
    if asset is None or plain == code:
        return None if asset is None else get_asset(tx, asset).copy_text
    decision = decision_of(tx, review.id)
    manifest = desk.fixed(tx, review) if decision is None else decision.manifest
    published = () if manifest is None else manifest.assets
    edits = (digest for digest in published if asset in parents_of(tx, digest, run=review.question.run))
    return next((get_asset(tx, edit).copy_text for edit in edits), None)


def _who(desk: Desk, tx: Reader, review: Review) -> WhoMay | None:
    who = desk.who_may(tx, review)
    return None if isinstance(who, Refused) else who


def _choices(
    tx: Reader,
    desk: Desk,
    review: Review,
    brief: Brief | None,
    situation: Situation | Refused,
    outcome: Outcome,
    fixed: Manifest | None,
) -> list[Shown]:
    manifest = fixed if outcome.decision is None else outcome.decision.manifest
    published = [] if manifest is None else [get_asset(tx, digest) for digest in manifest.assets]
    run, proposed = review.question.run, {proposal.asset for proposal in review.question.proposals}
    edited = {
        parent: asset
        for asset in published
        if asset.digest not in proposed
        for parent in parents_of(tx, asset.digest, run=run)
    }
    shown: list[Shown] = []
    for code, proposed in _assets_by_code(tx, review).items():
        # Findings, marks and what was let pass are of the words that are signed, not of those before an edit.
        asset = edited.get(proposed.digest, proposed)
        copy = asset.copy_text
        pictures: Mapping[str, Picture] = {} if isinstance(situation, Refused) else situation.pictures
        picture = pictures.get(copy.image or "")
        missing = file_fault(desk.pictures, [picture]) if picture is not None else None
        found = _findings(copy, situation, tx.now)
        button = copy.call_to_action or (None if brief is None else brief.call_to_action)
        # Only of what it came from: a text that stands in the same place of another round is another text.
        ancestor = next((get_asset(tx, parent) for parent in parents_of(tx, proposed.digest, run=run)), None)
        # For its height alone, so without the picture's bytes.
        size = None if picture is None else ShownPicture(picture, b"")
        preview = "" if brief is None else preview_html(copy, brief, sender=review.question.sender, shown=size)
        shown.append(
            Shown(
                code=code,
                asset=asset,
                proposed=proposed,
                copy=copy,
                findings=found,
                words=_marked(copy, picture, button, found),
                changes={} if ancestor is None else _differences(ancestor.copy_text, proposed.copy_text),
                came_from="" if ancestor is None else ancestor.digest,
                edits=_differences(proposed.copy_text, copy),
                let_pass=_let_pass(copy, situation, tx.now),
                button=None if button is None else button.as_sent,
                picked=any(one.digest == asset.digest for one in published),
                picture=picture,
                picture_fault="" if missing is None else missing.reason,
                frame_height=frame_height(preview),
            )
        )
    # Whoever signs what others picked reads that first.
    return sorted(shown, key=lambda one: not one.picked) if fixed is not None else shown


def _marked(
    copy: Copy, picture: Picture | None, button: CallToAction | None, found: tuple[Finding, ...]
) -> dict[str, Markup]:
    texts = {name: str(getattr(copy, name)) for name in _FIELDS}
    texts["call_to_action"] = "" if button is None else button.label
    if picture is not None:
        texts |= {"alt": picture.alt, "caption": picture.caption}
    return {name: marked(text, [f for f in found if f.field == name]) for name, text in texts.items()}


def _assets_by_code(tx: Reader, review: Review) -> dict[str, Asset]:
    return {proposal.code: get_asset(tx, proposal.asset) for proposal in review.question.proposals}


def _differences(before: Copy, after: Copy) -> dict[str, Change]:
    return {
        name: Change(
            *beside(getattr(before, name), getattr(after, name)), in_plain(getattr(before, name), getattr(after, name))
        )
        for name in _FIELDS
        if getattr(before, name) != getattr(after, name)
    }


def _findings(copy: Copy, situation: Situation | Refused, now: datetime) -> tuple[Finding, ...]:
    from policies import check_copy

    return _judged(check_copy, copy, situation, now)


def _let_pass(copy: Copy, situation: Situation | Refused, now: datetime) -> tuple[Allowance, ...]:
    from policies import allowances

    return _judged(allowances, copy, situation, now)


def _judged(
    judge: Callable[..., tuple[_Told, ...]], copy: Copy, situation: Situation | Refused, now: datetime
) -> tuple[_Told, ...]:
    if isinstance(situation, Refused):
        return ()
    picture = picture_of(copy, situation.pictures)
    if isinstance(picture, Refused):
        # Nothing is shown as checked that cannot be approved either; the desk says why.
        return ()
    return judge(
        copy,
        brief=situation.brief,
        product=situation.product,
        policies=situation.policies,
        as_of=now.date(),
        picture=picture,
    )


def _since_last(review: Review, previous: Review | None) -> list[str]:
    if previous is None:
        return []
    now, then = review.question, previous.question
    told: list[str] = []
    if now.audience != then.audience:
        before = audience_words(then.channel, then.audience_rows)
        told.append(
            f"The audience is another one: {before} before, {audience_words(now.channel, now.audience_rows)} now."
        )
    if now.brief != then.brief:
        told.append("The brief is another one.")
    told += [f"Policy {change}." for change in scope_changes(then.policies, now.policies)]
    if not told:
        told.append("Only the drafts changed; audience, brief and policies are the same.")
    return told
