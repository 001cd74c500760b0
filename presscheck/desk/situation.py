"""Everything that a review is judged by, read once: its brief, its choices, the policies as they are now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from pydantic import ValidationError

from presscheck.assets.pictures.believing import read_pictures
from presscheck.desk.reopening import kept_model
from presscheck.desk.so_far import SoFar, so_far_of
from presscheck.documents.sentences import in_one_sentence
from presscheck.errors import LedgerForged, LedgerGone, PoliciesUnsigned, PolicyError
from presscheck.ledger import Reader
from presscheck.ledger.assets import get_asset
from presscheck.models import Asset, AssetKind, Brief, Copy, Finding, Picture, Product, Question, Refused, Review

if TYPE_CHECKING:
    from policies import ApprovalPolicy, Calendar, Facts, PolicySet
    from policies.engine.tiers import TierRow

_MOST_SPENT = 1_000_000_000
"""What a brief may say at most: an earlier one that cannot be read counts as that."""

PolicySource = Callable[[], "PolicySet"]
"""Gives the policies as they are now; called for every judgement, because policies change."""


@dataclass(frozen=True)
class Situation:
    """A review whose policies are still those that were evaluated when it was asked."""

    review: Review
    brief: Brief
    product: Product | None
    policies: "PolicySet"
    rule: "ApprovalPolicy"
    row: "TierRow"
    """The row of the tier table that says how much is at stake."""
    calendar: "Calendar | None"
    facts: "Facts"
    """What the row was found by."""
    so_far: SoFar
    """What of these facts other runs of the campaign came to."""
    pictures: Mapping[str, Picture] = field(default_factory=dict[str, Picture])
    """The brief's pictures by the digests of their assets."""
    checked: "dict[tuple[Copy, date], tuple[Finding, ...]]" = field(
        default_factory=dict["tuple[Copy, date]", "tuple[Finding, ...]"], compare=False, repr=False
    )
    """What the guardrails found in a text on a day, so that each is checked once in a judgement."""

    @property
    def question(self) -> Question:
        return self.review.question

    @property
    def adds_up(self) -> str:
        """`Reach 999 now, 8,991 more in the last 7 days.`; empty where nothing came before."""
        return self.so_far.said(self.question, self.brief)


def current_policies(source: PolicySource) -> "PolicySet | Refused":
    """The policies, or a refusal where they do not load: nothing is allowed under a broken set."""
    try:
        return source()
    except PoliciesUnsigned as error:
        said = str(error)
        return Refused(code="policies-unsigned", reason=f"{said[0].upper()}{said[1:]}.")
    except PolicyError as error:
        return Refused(
            code="policies-broken",
            reason=f"The policies do not load, so nothing is allowed until they are mended:\n{error}",
        )


def read_brief(tx: Reader, question: Question) -> tuple[Brief, Product | None] | Refused:
    """The brief and the product that a question was made from, if the question says what they say."""
    try:
        asset = get_asset(tx, question.brief)
        brief = Brief.model_validate(asset.content.get("brief"))
        given = asset.content.get("product")
        product = None if given is None else Product.model_validate(given)
    except (LedgerForged, LedgerGone) as error:
        return Refused(code="forged", reason=f"The brief cannot be believed: {error}.")
    except ValidationError as error:
        told = in_one_sentence(Brief, error)
        reason = f"The question names a brief that is none ({told}); start the run again."
        return Refused(code="broken-question", reason=reason)
    told = (question.channel, question.sender)
    if asset.kind != "brief" or told != (brief.channel, brief.sender):
        return Refused(
            code="broken-question",
            reason="The question's channel or sender is not the brief's; start the run again with one brief.",
        )
    codes = [proposal.code for proposal in question.proposals]
    if len(set(codes)) != len(codes):
        return Refused(code="broken-question", reason="Two choices carry the same code; start the run again.")
    return brief, product


def read_situation(tx: Reader, review: Review, source: PolicySource) -> Situation | Refused:
    """The situation, or why nothing can be decided in it."""
    question = review.question
    policies = current_policies(source)
    if isinstance(policies, Refused):
        return policies
    read = read_brief(tx, question)
    if isinstance(read, Refused):
        return read
    brief, product = read
    so_far = so_far_of(tx, question, brief, product, policies)
    facts = facts_of(question, brief, so_far)
    row = policies.row_for(facts)
    if isinstance(row, Refused):
        return row
    now = policies.in_scope(channel=question.channel, markets=brief.markets, gate=question.gate)
    changes = scope_changes(question.policies, now)
    kept = kept_model(tx, question, policies, facts, row.tier) if changes else None
    rule = kept or policies.approval_for(
        gate=facts.gate, channel=facts.channel, markets=facts.markets, tier=row.tier, kinds=facts.kinds
    )
    if isinstance(rule, Refused):
        return rule
    if rule.asks != question.asks:
        return Refused(
            code="broken-question",
            reason=f"{rule.id} is there for {rule.asks} and this asks for {question.asks}; "
            "use the gate that the policy is for, or change the policy's asks.",
        )
    if changes and kept is None:
        return Refused(
            code="policies-changed",
            reason=f"The policies changed since this was asked: {'; '.join(changes)}. "
            "What waits is asked again under the policies as they are now; what was approved before, and has not gone "
            "out, is held: start the campaign again.",
        )
    pictures = read_pictures(tx, brief)
    if isinstance(pictures, Refused):
        return pictures
    return Situation(review, brief, product, policies, rule, row, policies.calendar_of(rule), facts, so_far, pictures)


def facts_of(question: Question, brief: Brief, so_far: SoFar) -> "Facts":
    """What the tier of a question, and every right about it, is worked out from."""
    from policies import Facts

    kinds: tuple[AssetKind, ...] = ("copy", "image") if brief.images else ("copy",)
    return Facts(
        gate=question.gate,
        channel=question.channel,
        kinds=("material",) if question.asks == "writing" else kinds,
        reach=None if question.audience is None or so_far.reach is None else question.audience_rows + so_far.reach,
        spend=_MOST_SPENT if so_far.spend is None else brief.spend_dollars + so_far.spend,
        markets=brief.markets,
        collaboration=brief.collaboration,
        worst_finding=question.worst_finding,
        first_use=question.first_use,
    )


def scope_changes(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What differs between the policies that were evaluated and those in scope now, in words."""
    changed = sorted(id_ for id_ in then.keys() & now.keys() if then[id_] != now[id_])
    words = [(changed, "was changed"), (sorted(now.keys() - then.keys()), "was added")]
    words.append((sorted(then.keys() - now.keys()), "was removed"))
    return [f"{id_} {what}" for ids, what in words for id_ in ids]


def read_copy(tx: Reader, digest: str, question: Question) -> tuple[Asset, Copy] | Refused:
    """One choice's asset and its words, or why it is none."""
    try:
        asset = get_asset(tx, digest)
    except (LedgerForged, LedgerGone) as error:
        return Refused(code="forged", reason=f"A text is not the one that was proposed: {error}.")
    try:
        words = asset.copy_text
    except LedgerForged as error:
        return Refused(code="broken-question", reason=f"T{str(error)[1:]}. Start the run again.")
    wanted = "material" if question.asks == "writing" else "copy"
    if asset.kind != wanted or words.channel != question.channel:
        return Refused(code="broken-question", reason=f"{digest[:12]} is no {question.channel} copy; start again.")
    return asset, words
