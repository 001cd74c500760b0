"""The proof: everything that one review asks, gathered for people to look at.

Findings are worked out again here, by the policies as they are now; what a worker stored is not shown.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from markupsafe import Markup

from presscheck.cleaning import clean_line, clean_text
from presscheck.desk import Desk, WhoMay
from presscheck.desk.changing import policy_changes
from presscheck.desk.picturing import file_fault, picture_of
from presscheck.desk.situation import Situation, read_brief, read_situation, scope_changes
from presscheck.digests import fingerprint
from presscheck.door.marking import beside, in_plain, marked
from presscheck.door.policy_state import shown_change
from presscheck.ledger import Reader
from presscheck.ledger.assets import get_asset
from presscheck.ledger.reviews import decision_of, find_review
from presscheck.models import (
    Allowance,
    Asset,
    Brief,
    CallToAction,
    Copy,
    Finding,
    Manifest,
    Outcome,
    Picture,
    Refused,
    Review,
)
from presscheck.ways_out import audience_words

__all__ = ["Proof", "Shown", "gather", "text_named"]

_FIELDS = ("subject", "preheader", "body")
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
    """One choice as the proof shows it."""

    code: str
    asset: Asset
    copy: Copy
    findings: tuple[Finding, ...]
    words: dict[str, Markup]
    """Field to its words, findings marked."""
    changes: dict[str, "Change"]
    """Field to what changed since the choice of the round before; empty where nothing did, or it is new."""
    edits: dict[str, "Change"] = field(default_factory=dict[str, "Change"])
    """Field to what the approver changed."""
    edited: Copy | None = None
    """The text as it goes out, where the approver changed it."""
    let_pass: tuple[Allowance, ...] = ()
    """Words of the text as it goes out on which rules were silent, and what let them be."""
    button: CallToAction | None = None
    """The words and the address of its button: its own, or else the brief's; None where the brief is not known."""
    picked: bool = False
    picture: Picture | None = None
    """The picture that goes with the words."""
    picture_fault: str = ""
    """Why it is not shown."""

    @property
    def made_by(self) -> str:
        author = self.asset.author
        if author.kind == "person":
            return "a person"
        return " ".join(part for part in (author.provider, author.model, author.prompt_id) if part)


@dataclass(frozen=True)
class Proof:
    """One review with all that belongs to it."""

    review: Review
    title: str
    brief: Brief | None
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
    answered_at: datetime | None
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
    return Proof(
        review=review,
        title=question.campaign if known is None else clean_line(known.title),
        brief=known,
        rule=None if broken else situation.rule,
        row=None if broken else situation.row,
        adds_up="" if broken else situation.adds_up,
        trouble=situation.reason if broken else "",
        who=_who(desk, tx, review),
        said=desk.said(tx, review),
        fixed=fixed is not None,
        why_not_me=desk.why_not(tx, review, person),
        deadline=desk.deadline(tx, review),
        choices=tuple(_choices(tx, desk, review, known, previous, situation, outcome, fixed)),
        since_last=tuple(_since_last(tx, desk, review, previous)),
        outcome=outcome,
        answered_at=None if decision is None else datetime.fromisoformat(decision.answered_at),
        policy_changes=tuple(_policy_changes(tx, review)),
    )


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
    edits = (get_asset(tx, digest) for digest in published)
    return next((edit.copy_text for edit in edits if edit.parent == asset), None)


def _who(desk: Desk, tx: Reader, review: Review) -> WhoMay | None:
    who = desk.who_may(tx, review)
    return None if isinstance(who, Refused) else who


def _choices(
    tx: Reader,
    desk: Desk,
    review: Review,
    brief: Brief | None,
    previous: Review | None,
    situation: Situation | Refused,
    outcome: Outcome,
    fixed: Manifest | None,
) -> list[Shown]:
    before = {} if previous is None else _assets_by_code(tx, previous)
    by_digest = {asset.digest: asset for asset in before.values()}
    manifest = fixed if outcome.decision is None else outcome.decision.manifest
    published = [] if manifest is None else [get_asset(tx, digest) for digest in manifest.assets]
    edited = {asset.parent: asset for asset in published if asset.author.kind == "person"}
    shown: list[Shown] = []
    for code, asset in _assets_by_code(tx, review).items():
        copy = asset.copy_text
        pictures: Mapping[str, Picture] = {} if isinstance(situation, Refused) else situation.pictures
        picture = pictures.get(copy.image or "")
        missing = file_fault(desk.pictures, [picture]) if picture is not None else None
        found = _findings(copy, situation, tx.now)
        button = copy.call_to_action or (None if brief is None else brief.call_to_action)
        ancestor = by_digest.get(asset.parent or "") or before.get(code)
        edit = edited.get(asset.digest)
        shown.append(
            Shown(
                code=code,
                asset=asset,
                copy=copy,
                findings=found,
                words=_marked(copy, picture, button, found),
                changes={} if ancestor is None else _differences(ancestor.copy_text, copy),
                edits={} if edit is None else _differences(copy, edit.copy_text),
                edited=None if edit is None else edit.copy_text,
                let_pass=_let_pass(copy if edit is None else edit.copy_text, situation, tx.now),
                button=None if button is None else button.as_sent,
                picked=edit is not None or any(one.digest == asset.digest for one in published),
                picture=picture,
                picture_fault="" if missing is None else missing.reason,
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


def _since_last(tx: Reader, desk: Desk, review: Review, previous: Review | None) -> list[str]:
    if previous is None:
        return []
    now, then = review.question, previous.question
    told: list[str] = []
    outcome = desk.outcome(tx, previous.id)
    if outcome.note:
        told.append(f"{outcome.person_name} asked in round {then.round}: “{clean_text(outcome.note)}”")
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
