"""The proof: everything that one review asks, gathered for people to look at; its choices are `door.choices`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from presscheck.assets.reading import read_signable
from presscheck.assets.signable import how_many
from presscheck.cleaning import clean_line
from presscheck.desk import Desk, WhoMay
from presscheck.desk.answers import no_edits
from presscheck.desk.beside import told_beside
from presscheck.desk.briefing import Told, brief_told
from presscheck.desk.changing import policy_changes
from presscheck.desk.endings import Ending, ending_of
from presscheck.desk.passed import agreed_in, review_that_agreed
from presscheck.desk.situation import current_policies, read_brief, read_situation, scope_changes, scope_of
from presscheck.desk.stops import Stop, stops_over
from presscheck.desk.weakened import Weakened, weakened_here
from presscheck.digests import fingerprint
from presscheck.door.choices import NO_EDITS, Choice, Edits, KeptOut, audience_report, kept_out, shown_choices
from presscheck.door.policy_state import shown_change
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Reader
from presscheck.ledger.assets import get_asset
from presscheck.ledger.reviews import asked_again, asked_in_place_of, find_review
from presscheck.models import Brief, Outcome, OutcomeStatus, Question, Refused, Review
from presscheck.recipients.audiences import audience_words

_MOST_CHANGES = 20
_BEFORE_ASKING = timedelta(days=7)


@dataclass(frozen=True)
class Agreed:
    """Something that was agreed earlier in the run, and that this question rests on."""

    digest: str
    kind: str
    noun: str
    label: str
    review: str
    """The review that agreed to it; empty where none did."""
    why_not: str
    """Why that does not hold any more; empty while it does."""


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
    choices: tuple[Choice, ...]
    may_edit: bool
    """Whether an approval of it may carry edits now."""
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
    rests_on: tuple[Agreed, ...] = ()
    beside: tuple[str, ...] = ()
    """Which cell it goes to, who else gets something, on which rows it rests: a sentence each."""
    weakened: tuple[Weakened, ...] = ()
    """What the project weakened of the rules that ship for such a text."""
    kept_out: tuple[KeptOut, ...] = ()
    """What the guardrails blocked; of a question of before it was kept, nothing."""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.review.question.digest)

    @property
    def goes_to(self) -> str:
        """Whom it reaches: people of an audience, or everybody."""
        question = self.review.question
        return audience_words(question.channel, question.audience_rows, self.brief.markets if self.brief else ())

    def evidence(self, by: str) -> str:
        """What proves a claim that let words pass, such as `claim 1`; empty for what is no claim of the brief."""
        noun, _, number = by.partition(" ")
        claims = () if self.brief is None else self.brief.claims
        if noun != "claim" or not number.isdecimal() or not 0 < int(number) <= len(claims):
            return ""
        claim = claims[int(number) - 1]
        until = "" if claim.expires is None else f", good until {claim.expires.isoformat()}"
        return f"evidence: {claim.evidence}{until}"

    @property
    def how_many(self) -> str:
        """`50 drafts`, `1 budget`."""
        return how_many(choice.proposed for choice in self.choices)


def gather(tx: Reader, desk: Desk, review: Review, *, person: str, tried: Edits = NO_EDITS) -> Proof:
    """Read everything, the choices with the edits that this person tries out. LedgerForged where a choice or the
    question is not what was signed."""
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
    manifest = fixed if decision is None else decision.manifest
    choices = shown_choices(
        tx, desk, review, situation, brief=known, manifest=manifest, previous=previous, tried=tried, person=person
    )
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
        # Whoever signs what others picked reads that first.
        choices=tuple(sorted(choices, key=lambda one: not one.picked) if fixed is not None else choices),
        may_edit=not broken and fixed is None and decision is None and not no_edits(situation),
        since_last=(*desk.changes_asked(tx, review), *_since_last(review, previous)),
        outcome=outcome,
        ending=None if decision is None else ending_of(tx, decision),
        answered_at=None if decision is None else datetime.fromisoformat(decision.answered_at),
        audience_report="" if question.audience is None else audience_report(tx, question.audience, run=question.run),
        asked_before=None if before is None else _same_asked(before.id, before.question.policies, question.policies),
        asked_again=_asked_again(tx, desk, review, known) if outcome.status is OutcomeStatus.REOPENED else None,
        policy_changes=tuple(_policy_changes(tx, review)),
        rests_on=tuple(_agreed(tx, desk, digest, question.run) for digest in question.rests_on),
        beside=told_beside(tx, question),
        weakened=_weakened(desk, question, known),
        kept_out=tuple(kept_out(tx, review, situation)),
    )


def _weakened(desk: Desk, question: Question, brief: Brief | None) -> tuple[Weakened, ...]:
    policies = current_policies(desk.policies)
    return () if isinstance(policies, Refused) or brief is None else weakened_here(policies, question, brief)


def _agreed(tx: Reader, desk: Desk, digest: str, run: str) -> Agreed:
    review = review_that_agreed(tx, digest, run=run)
    holds = agreed_in(tx, desk.policies, digest, run=run, as_of=tx.now)
    why_not = holds.reason if isinstance(holds, Refused) else ""
    try:
        one = read_signable(get_asset(tx, digest))
    except (LedgerForged, LedgerGone) as error:
        return Agreed(digest, "", "something", f"it cannot be shown: {error}", review, why_not)
    return Agreed(digest, one.asset.kind, one.noun, one.label({}), review, why_not)


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


def _policy_changes(tx: Reader, review: Review) -> Iterator[dict[str, Any]]:
    """Those that touch a policy which the question was asked under, each with the lines about it, newest first."""
    for change in policy_changes(tx, most=_MOST_CHANGES):
        lines = change.touching(review.question.policies)
        if lines and change.at > review.opened_at - _BEFORE_ASKING:
            shown = shown_change(tx, change)
            yield {**shown, "lines": [line.model_dump() for line in lines[:_MOST_CHANGES]]}


def _who(desk: Desk, tx: Reader, review: Review) -> WhoMay | None:
    who = desk.who_may(tx, review)
    return None if isinstance(who, Refused) else who


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
        told.append(
            "Only what is asked about changed; brief and policies are the same."
            if now.channel is None
            else "Only the drafts changed; audience, brief and policies are the same."
        )
    return told
