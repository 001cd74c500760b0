"""Wait for people: `await_decision` returns when the ledger holds a decision, and never before.

Prefect only keeps the campaign asleep and shows a form. What it stores, and how the run was woken, is
never believed: each time it wakes, the gate asks the ledger, and asks again if there is no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.logging import get_run_logger
from prefect.states import Completed, Paused
from pydantic import Field, ValidationError

from presscheck.assets.kind import Kind
from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Look
from presscheck.desk.apart import apart_fault
from presscheck.desk.duties import a_role
from presscheck.desk.endings import ending_of
from presscheck.desk.makers import gravest
from presscheck.desk.situation import facts_of, scope_of, stakes_of
from presscheck.desk.so_far import so_far_of
from presscheck.documents.sentences import in_one_sentence, listed
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import findings_of, put_asset
from presscheck.ledger.reviews import mark_read, open_review, read_marks, reviews_of_run
from presscheck.models import (
    Asset,
    Author,
    Channel,
    Dealing,
    Outcome,
    OutcomeStatus,
    Proposal,
    Question,
    Refused,
    Review,
    Sender,
    UsedTable,
    Worst,
)
from presscheck.settings.ways_out import why_not
from tasks import house
from tasks.audience import Audience
from tasks.checking import Choices
from tasks.effects import stood_in_for_by
from tasks.graph import Node, link
from tasks.holding import Hold, require_sleep, this_run
from tasks.opening import Campaign
from tasks.order import came_to, refuse_edited
from tasks.tables import require_rows, tables_of
from tasks.telling import question_page

if TYPE_CHECKING:
    from policies import PolicySet

# A suspend that returns at once means that Prefect's store was tampered with; a few are no harm.
_MOST_TRIES = 10


@dataclass(frozen=True)
class Subject:
    """What is put to people: texts with whom they go to, what the flow offers beside them, or that alone."""

    campaign: Campaign
    choices: Choices | None
    recipients: Audience | None
    round: int
    asks: Literal["approval", "writing"] = "approval"
    offered: tuple[Asset, ...] = ()
    besides: tuple[str, ...] = ()

    @property
    def run(self) -> str:
        return self.campaign.run

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """Every choice: the texts by their own codes, then what is offered."""
        texts = () if self.choices is None else self.choices.proposals
        last = max((int(one.code[1:]) for one in texts), default=0)
        more = (Proposal(code=f"V{last + at:02}", asset=one.digest) for at, one in enumerate(self.offered, start=1))
        return (*texts, *more)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the choices, each once."""
        return tuple(dict.fromkeys([*(() if self.choices is None else ("copy",)), *(one.kind for one in self.offered)]))

    @property
    def goes_to(self) -> tuple[str | None, int, Channel | None, Sender | None]:
        """Audience, rows, channel and sender; nobody and nothing where none of it goes out."""
        if self.choices is None or self.recipients is None:
            return None, 0, None, None
        brief = self.campaign.brief
        return self.recipients.digest, self.recipients.rows, brief.channel, brief.sender

    def question(
        self,
        gate: str,
        policies: "PolicySet",
        *,
        previous: str | None,
        worst_finding: Worst = "none",
        first_use: bool = True,
        prompt_editors: tuple[str, ...] = (),
        rests_on: tuple[str, ...] = (),
        tables: tuple[UsedTable, ...] = (),
        again: int = 0,
    ) -> Question:
        """What a gate asks, with every policy that is in scope there."""
        audience, rows, channel, sender = self.goes_to
        asked = Question(
            run=self.run,
            campaign=self.campaign.name,
            gate=gate,
            round=self.round,
            brief=self.campaign.brief_digest,
            proposals=self.proposals,
            kinds=self.kinds,
            rests_on=rests_on,
            besides=self.besides,
            tables=tables,
            blocked={} if self.choices is None else self.choices.blocked,
            # Some of very many are enough to read; `blocked` counts them all.
            kept_out=() if self.choices is None else self.choices.kept_out[:200],
            audience=audience,
            audience_rows=rows,
            dealing=Dealing(salt=self.run),
            channel=channel,
            via="" if channel is None else house.settings().way_out(channel),
            sender=sender,
            policies={},
            asks=self.asks,
            worst_finding=worst_finding,
            first_use=first_use,
            prompt_editors=prompt_editors,
            again=again,
            previous=previous,
            remark="" if self.choices is None else self.choices.remark[:2_000],
        )
        return asked.model_copy(update={"policies": scope_of(policies, asked, self.campaign.brief)})

    def is_asked_by(self, question: Question) -> bool:
        """Whether a question of before is about just this."""
        return (
            (question.run, question.brief) == (self.run, self.campaign.brief_digest)
            and (question.asks, question.proposals, question.besides) == (self.asks, self.proposals, self.besides)
            and (question.audience, question.audience_rows, question.channel, question.sender) == self.goes_to
        )


@stood_in_for_by("propose")
def propose(
    campaign: Campaign,
    choices: Choices,
    recipients: Audience,
    *,
    round: int | None = None,
    asks: Literal["approval", "writing"] = "approval",
    also: Sequence[Kind] = (),
    besides: Sequence[str] = (),
) -> Subject:
    """The subject of a review, for `await_decision`. Holds where the way out does not take the channel.

    `also` is approved with the texts and does not go out: a budget, a plan (see `offer`). Nobody gets two deliveries of
    one run, unless the later one names in `besides` the gates whose recipients may get it besides; people sign that.
    """
    channel = campaign.brief.channel
    why = why_not(house.settings().way_out(channel), channel)
    if why is not None:
        # Nobody should sign what would then be held.
        raise Hold(f"the drafts are kept, and nobody is asked to approve them: {why}; set via in presscheck.toml")
    if not isinstance(besides, list | tuple):
        raise Hold(f'besides names gates: write besides=["{besides}"]')
    turn = campaign.round if round is None else round
    offered = _offered(campaign, also, None) if also else ()
    return Subject(campaign, choices, recipients, turn, asks, offered, tuple(besides))


@stood_in_for_by("offer")
def offer(campaign: Campaign, *choices: Kind, round: int | None = None, author: Author | None = None) -> Subject:
    """The subject of a review about these, for `await_decision`: one of each kind, or several of one to pick from.

    Hold for what people could not be shown. `author` is the machine that made them, such as a model with its prompt;
    without one, the flow did.
    """
    turn = campaign.round if round is None else round
    return Subject(campaign, None, None, turn, offered=_offered(campaign, choices, author))


def _offered(campaign: Campaign, choices: Sequence[Kind], author: Author | None) -> tuple[Asset, ...]:
    """The assets of what a flow offers, kept in the ledger."""
    if campaign.brief.collaboration == "advisor":
        raise Hold("nobody is asked: under advisor a machine only proposes, so what a flow offers cannot be approved")
    by = author or Author.machine("presscheck", "flow", campaign.name, "1")
    if not choices or not all(isinstance(choice, Kind) for choice in choices):
        raise Hold("a flow offers what it wants to have approved: give offer() a Budget, a Plan or a class of your own")
    try:
        assets = tuple(choice.asset(by) for choice in choices)
    except ValueError as error:
        raise Hold(f"nobody can be asked about this: {error}") from error
    if len({asset.digest for asset in assets}) < len(assets):
        raise Hold("two of the choices are the same; offer each once")
    with house.ledger().write() as tx:
        for asset in assets:
            put_asset(tx, asset, run=campaign.run)
    return assets


@stood_in_for_by("await_decision")
def await_decision(subject: Subject, *, gate: str = "copy") -> Outcome:
    """Ask people, and sleep until there is an answer: approved, rejected, changes wanted, expired, withdrawn.

    Call it from the flow's body: Prefect suspends neither tasks nor subflows, and nobody is asked there. Holds if no
    approval policy covers the question, because then nobody may answer it.
    """
    require_sleep("await_decision")
    if subject.run != this_run():
        raise Hold("await_decision was given another run's campaign; ask in the run that opened it, which is woken")
    place = came_to(f"gate {gate}/{subject.round}", run=subject.run)
    review, asked_of, asked_before = _open(subject, gate, place)
    what = f"approval: {gate}" if subject.asks == "approval" else gate
    node = Node(
        f"{gate}-{subject.round}",
        what if subject.round == 1 else f"{what}, round {subject.round}",
        after=tuple(one for one in (subject.choices, subject.recipients) if one is not None),
        waiting=Paused(name=f"Awaiting {asked_of}"),
    )
    for attempt in range(_MOST_TRIES):
        with house.ledger().read() as tx:
            outcome = _by_role(house.desk().outcome(tx, review.id))
            known = review.id in read_marks(tx, subject.run)
        if outcome.status is OutcomeStatus.REOPENED:
            # The policies changed while people were asked: the same question, under the policies as they are now.
            get_run_logger().warning("%s: %s", review.id, "the policies changed while it waited; it is asked again")
            with house.ledger().write() as tx:
                mark_read(tx, subject.run, review.id)
            review, _, asked_before = _open(subject, gate, place)
            continue
        if outcome.status is not OutcomeStatus.OPEN:
            if not known and outcome.decision is not None:
                with house.ledger().read() as tx:
                    # Without names: what Prefect keeps cannot be erased from here.
                    answer = ending_of(tx, outcome.decision).nameless
                get_run_logger().info("%s: %s", review.id, answer)
                node.show(Completed(name=answer, message=question_page(review.id)))
                with house.ledger().write() as tx:
                    mark_read(tx, subject.run, review.id)
            link(outcome, node.id)
            subject.campaign.hear(outcome)
            return outcome
        if asked_before or attempt:
            _record_waking(review)
        # Drawn before the run sleeps, so that the graph shows whom it waits for.
        node.draw()
        _sleep_with(review)
    raise Hold(f"{review.id}: Prefect gave the form back unanswered {_MOST_TRIES} times; look at who changes its store")


def _open(subject: Subject, gate: str, place: int | None) -> tuple[Review, str, bool]:
    """The gate's review of this round, for whom it waits in words, and whether it was open before."""
    with house.ledger().read() as tx:
        review = _asked(tx, subject, gate)
    if review is not None:
        return review, "a decision", True
    _refuse_together(subject)
    held_to = house.policies()
    brief = subject.campaign.brief
    proposed = [proposal.asset for proposal in subject.proposals]
    with house.ledger().read() as tx:
        again = sum(
            _was_reopened(tx, one)
            for one in reviews_of_run(tx, subject.run)
            if (one.question.gate, one.question.round) == (gate, subject.round)
        )
        found: list[Worst] = [finding.level for one in proposed for finding in findings_of(tx, one, run=subject.run)]
        first_use = house.desk().first_use(tx, proposed)
        drafted = [event.data["author"] for event in tx.events_about(EventKind.ASSET_DRAFTED, proposed)]
        editors = tuple(sorted({str(author["prompt_editor"]) for author in drafted if author.get("prompt_editor")}))
        rests_on = house.desk().agreed_before(tx, subject.run, brief=subject.campaign.brief_digest)
        tables = _tables(tx, subject.run)
        found += _found_in(tx, subject, held_to)
    try:
        question = subject.question(
            gate,
            held_to,
            previous=_previous(subject, gate),
            worst_finding=gravest(found),
            first_use=first_use,
            prompt_editors=editors,
            rests_on=rests_on,
            tables=tables,
            again=again,
        )
    except ValidationError as error:
        # Too many choices, kinds or things agreed before: nobody could look through them.
        raise Hold(f"nobody can be asked about this: {in_one_sentence(Question, error)}") from error
    with house.ledger().read() as tx:
        so_far = so_far_of(tx, question, brief, subject.campaign.product, held_to)
        stakes = stakes_of(tx, question)
    if isinstance(stakes, Refused):
        raise Hold(stakes.reason)
    ruling = held_to.ruling(facts_of(question, brief, so_far, stakes))
    if isinstance(ruling, Refused):
        raise Hold(ruling.reason)
    policy = ruling.model
    now = house.ledger().clock()
    asked = Review(id=question.review_id, question=question, opened_at=now, expires_at=now + policy.longest)
    with house.ledger().read() as tx:
        nobody = house.desk().nobody_for(tx, asked)
        try:
            # Where no form can be made of it, nobody is asked: a question that nobody can answer helps nobody.
            house.desk().form(tx, asked)
        except (LedgerForged, LedgerGone) as error:
            raise Hold(f"nobody can be asked about this: {error}") from error
    if nobody:
        # Nobody should be asked what nobody can answer, and the run should not wait in vain.
        raise Hold(nobody)
    risk = {"tier": ruling.row.tier, "row": ruling.row.row, "model": policy.id}
    with house.ledger().write() as tx:
        # Another process of this run may have asked between the reading and now.
        refuse_edited(tx, place, f"gate {gate}/{subject.round}", run=subject.run)
        review = _asked(tx, subject, gate) or open_review(
            tx, question, expires_at=tx.now + policy.longest, risk=risk, place=place
        )
    get_run_logger().info("%s asks the %s until %s", review.id, policy.asks_for(), review.expires_at.isoformat())
    return review, policy.asks_for(), False


def _refuse_together(subject: Subject) -> None:
    """Hold where people of it get something else of this run, or are held out: nobody signs in vain."""
    audience, *_ = subject.goes_to
    if audience is None or subject.asks == "writing":
        return
    with house.ledger().read() as tx:
        home = house.settings().home
        if fault := apart_fault(tx, subject.run, audience, besides=subject.besides, home=home):
            raise Hold(f"nobody is asked: {fault.reason}")


def _tables(tx: Reader, run: str) -> tuple[UsedTable, ...]:
    """The rows that steps of the run have made so far. Hold where a file of them is no longer what it was."""
    used = tuple(table.used for table in tables_of(tx, run))
    for table in used:
        require_rows(table)
    return used


def _found_in(tx: Reader, subject: Subject, held_to: "PolicySet") -> list[Worst]:
    """The levels of what the guardrails find in what a flow offers. Hold where one of them blocks it."""
    campaign = subject.campaign
    look = Look(campaign.brief, campaign.product, held_to, tx.now.date(), {})
    read = [read_signable(asset) for asset in subject.offered]
    found = [(one, finding) for one in read for finding in one.findings(look)]
    blocks = [
        f"{part.title if (part := one.part(finding.field)) else 'all of it'}: {finding.message} {finding.suggestion} "
        f"({finding.rule})"
        for one, finding in found
        if finding.level == "block"
    ]
    if blocks:
        raise Hold(f"nobody is asked to approve what would be refused: {' '.join(blocks)}")
    return [finding.level for _, finding in found]


def _asked(tx: Reader, subject: Subject, gate: str) -> Review | None:
    """The review that this gate opened in this round. Hold if it asked about something else."""
    for review in reviews_of_run(tx, subject.run):
        question = review.question
        if (question.gate, question.round) != (gate, subject.round) or _was_reopened(tx, review):
            continue
        if set(question.kinds) != set(subject.kinds):
            raise Hold(
                f"the gate {gate} has asked about {listed(question.kinds)} in this run, and is now to ask about "
                f'{listed(subject.kinds)}; give each a gate of its own: await_decision(..., gate="budget")'
            )
        if not subject.is_asked_by(question):
            raise Hold(
                f"the gate {gate} has asked in this run already ({review.id}), about other texts or other people than "
                'now; give each question a gate of its own: await_decision(..., gate="rollout"), or start a new run'
            )
        return review
    return None


def _was_reopened(tx: Reader, review: Review) -> bool:
    return house.desk().outcome(tx, review.id).status is OutcomeStatus.REOPENED


def _previous(subject: Subject, gate: str) -> str | None:
    with house.ledger().read() as tx:
        earlier = [
            review.id
            for review in reviews_of_run(tx, subject.run)
            if review.question.gate == gate and review.question.round == subject.round - 1
        ]
    return earlier[-1] if earlier else None


def _record_waking(review: Review) -> None:
    # A retry after a crash looks the same as somebody forcing the run's state: both are on record.
    get_run_logger().warning("%s: the run was woken and the ledger holds no decision; it asks again", review.id)
    with house.ledger().write() as tx:
        tx.append(EventKind.RUN_WOKEN_UNANSWERED, review.id, {}, run=review.question.run)


class _AtTheDoor(RunInput):
    """All of a form that Prefect keeps: what it says stays there, and notes and names are to be erasable.

    People see the form that the door makes from the ledger (`presscheck.door.shown_form`).
    """

    form: str = Field(title="This form is for", description="It is answered at Presscheck's door and nowhere else.")


def _sleep_with(review: Review) -> None:
    """Suspend the run. Returns only if Prefect's store says it was answered."""
    with house.ledger().read() as tx:
        # A choice that is not the text that was proposed holds the run before anybody looks at it.
        key = house.desk().form(tx, review).key
    asked = _AtTheDoor.with_initial_data(description=f"{key}: {question_page(review.id)}")
    try:
        # The key is new each time and cannot be guessed: no answer can lie there beforehand, and no
        # `pause_keys` that somebody put into the run can name it.
        suspend_flow_run(wait_for_input=asked, key=f"{review.question.gate}-{uuid4().hex}", timeout=None)
    except ValidationError:
        get_run_logger().warning("%s: Prefect woke the run without an answer", review.id)


def _by_role(outcome: Outcome) -> Outcome:
    """The answer as a flow may know it: Prefect keeps what a flow says, and names are to be erasable."""
    role = "" if outcome.decision is None else outcome.decision.role
    said = a_role(role) if role else ""
    return outcome.model_copy(update={"person_name": said[:1].lower() + said[1:]})
