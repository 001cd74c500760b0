"""Everything that a review is judged by, read once: its brief, its choices, the policies as they are now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from pydantic import ValidationError

from presscheck.assets.copy.copy import CopyText
from presscheck.assets.pictures.believing import read_pictures
from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Look, Signable
from presscheck.desk.reopening import kept_model
from presscheck.desk.so_far import SoFar, so_far_of
from presscheck.documents.sentences import in_one_sentence, listed
from presscheck.errors import LedgerForged, LedgerGone, PoliciesUnsigned, PolicyError
from presscheck.ledger import Reader
from presscheck.ledger.assets import get_asset
from presscheck.models import AssetKind, Brief, Finding, Picture, Product, Question, Refused, Review

if TYPE_CHECKING:
    from policies import ApprovalPolicy, Calendar, Facts, PolicySet
    from policies.engine.tiers import TierRow

_MOST_SPENT = 1_000_000_000
"""What a brief may say at most: an earlier one that cannot be read counts as that."""

_MOST_PEOPLE = 10**12

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
    spends: int = 0
    """Whole US dollars that a yes commits at most, by what the choices say of themselves."""
    about: int = 0
    """How many people the choices are about at most, by what they say of themselves."""
    checked: "dict[tuple[str, date], tuple[Finding, ...]]" = field(
        default_factory=dict["tuple[str, date]", "tuple[Finding, ...]"], compare=False, repr=False
    )
    """What the guardrails found in an asset on a day, so that each is checked once in a judgement."""

    @property
    def question(self) -> Question:
        return self.review.question

    @property
    def adds_up(self) -> str:
        """`Reach 999 now, 8,991 more in the last 7 days.`; empty where nothing came before."""
        return self.so_far.said(self.question, self.brief, self.spends, self.about)

    def look(self, as_of: date) -> Look:
        """By what its choices are judged on a day."""
        return Look(self.brief, self.product, self.policies, as_of, self.pictures)


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
    if asset.kind != "brief" or (question.channel is not None and told != (brief.channel, brief.sender)):
        return Refused(
            code="broken-question",
            reason="The question's channel or sender is not the brief's; start the run again with one brief.",
        )
    codes = [proposal.code for proposal in question.proposals]
    if len(set(codes)) != len(codes):
        return Refused(code="broken-question", reason="Two choices carry the same code; start the run again.")
    return brief, product


def read_situation(tx: Reader, review: Review, source: PolicySource) -> Situation | Refused:
    """The situation, or why nothing can be decided in it; worked out once in a view."""
    policies = current_policies(source)
    if isinstance(policies, Refused):
        return policies
    kept, found = tx.once(("situation", review.id, policies), lambda: (review, _situation(tx, review, policies)))
    return found if kept == review else _situation(tx, review, policies)


def _situation(tx: Reader, review: Review, policies: "PolicySet") -> Situation | Refused:
    question = review.question
    read = read_brief(tx, question)
    if isinstance(read, Refused):
        return read
    brief, product = read
    stakes = stakes_of(tx, question)
    if isinstance(stakes, Refused):
        return stakes
    so_far = so_far_of(tx, question, brief, product, policies)
    facts = facts_of(question, brief, so_far, stakes)
    row = policies.row_for(facts)
    if isinstance(row, Refused):
        return row
    now = scope_of(policies, question, brief)
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
    return Situation(
        review, brief, product, policies, rule, row, policies.calendar_of(rule), facts, so_far, pictures,
        stakes.spends, stakes.reach,
    )  # fmt: skip


@dataclass(frozen=True)
class Stakes:
    """What the choices of a question come to by themselves, whatever the brief says."""

    spends: int = 0
    """Whole US dollars: of each kind the choice that spends most, because one of them is picked."""
    reach: int = 0
    """People: as many as the largest of them is about."""


def stakes_of(tx: Reader, question: Question) -> Stakes | Refused:
    """What the choices themselves spend and reach; of copy nothing, which has a brief and an audience for that."""
    if set(question.kinds) <= {"copy"}:
        return Stakes()
    spends: dict[str, int] = {}
    reach = 0
    for proposal in question.proposals:
        one = read_choice(tx, proposal.asset, question)
        if isinstance(one, Refused):
            return one
        spends[one.asset.kind] = max(spends.get(one.asset.kind, 0), one.spends or 0)
        reach = max(reach, one.reach)
    if absent := sorted(set(question.kinds) - set(spends)):
        reason = f"The question says that it is about {listed(absent)}, and none of its choices is; start again."
        return Refused(code="broken-question", reason=reason)
    return Stakes(sum(spends.values()), reach)


def facts_of(question: Question, brief: Brief, so_far: SoFar, stakes: Stakes) -> "Facts":
    """What the tier of a question, and every right about it, is worked out from.

    What does not go out is judged by the channel that its campaign is for.
    """
    from policies import Facts

    here = stakes.spends + (so_far.here or 0)
    spent = None if so_far.spend is None else max(brief.spend_dollars, here) + so_far.spend
    return Facts(
        gate=question.gate,
        channel=brief.channel,
        kinds=("material",) if question.asks == "writing" else kinds_of(question, brief),
        reach=_reach(question, so_far, stakes),
        spend=_MOST_SPENT if spent is None else min(spent, _MOST_SPENT),
        markets=brief.markets,
        collaboration=brief.collaboration,
        worst_finding=question.worst_finding,
        first_use=question.first_use,
    )


def _reach(question: Question, so_far: SoFar, stakes: Stakes) -> int | None:
    """How many people; None for everybody, and where an earlier question cannot be read."""
    if so_far.reach is None or (question.channel is not None and question.audience is None):
        return None
    reach = max(question.audience_rows, stakes.reach) + so_far.reach
    # A number that nobody could reach is not believed; everybody is more than any.
    return reach if reach <= _MOST_PEOPLE else None


def kinds_of(question: Question, brief: Brief) -> tuple[AssetKind, ...]:
    """What a question is about, a text's picture included."""
    pictured = "copy" in question.kinds and brief.images
    return (*question.kinds, "image") if pictured else question.kinds


def scope_of(policies: "PolicySet", question: Question, brief: Brief) -> dict[str, str]:
    """Every policy that is evaluated for a question, with its version."""
    return policies.in_scope(
        channel=brief.channel,
        markets=brief.markets,
        gate=question.gate,
        kinds=question.kinds,
        flow=question.campaign,
    )


def scope_changes(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What differs between the policies that were evaluated and those in scope now, in words."""
    changed = sorted(id_ for id_ in then.keys() & now.keys() if then[id_] != now[id_])
    words = [(changed, "was changed"), (sorted(now.keys() - then.keys()), "was added")]
    words.append((sorted(then.keys() - now.keys()), "was removed"))
    return [f"{id_} {what}" for ids, what in words for id_ in ids]


def read_choice(tx: Reader, digest: str, question: Question) -> Signable | Refused:
    """One choice as what its question asks about, or why it is none."""
    try:
        asset = get_asset(tx, digest)
    except (LedgerForged, LedgerGone) as error:
        return Refused(code="forged", reason=f"A text is not the one that was proposed: {error}.")
    try:
        found = read_signable(asset)
    except LedgerForged as error:
        told = str(error)
        return Refused(code="broken-question", reason=f"{told[0].upper()}{told[1:]}. Start the run again.")
    # Raw material is written from and never approved, whatever kinds a question names.
    approved = tuple(kind for kind in question.kinds if kind != "material")
    wanted = ("material",) if question.asks == "writing" else approved
    if asset.kind not in wanted:
        words = listed((f"{question.channel} copy" if kind == "copy" else kind for kind in wanted), "or")
        return Refused(code="broken-question", reason=f"{digest[:12]} is no {words} but {asset.kind}; start again.")
    if isinstance(found, CopyText) and found.copy.channel != question.channel:
        return Refused(code="broken-question", reason=f"{digest[:12]} is no {question.channel} copy; start again.")
    return found
