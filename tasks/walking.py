"""Walk through a campaign's flow in every way in which people can answer, and do nothing on the way.

for walk in walks(product_launch.fn, briefs): ...

The flow's own code runs; each step, gate and delivery is a stand-in that records that it was reached
and what it was given. There is no Prefect server, no ledger, no model and no file in it, unless the
flow's body does something that is no step: that runs, and cannot be seen.
"""

import asyncio
import inspect
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from prefect import Flow, State, Task
from prefect.logging.loggers import disable_run_logger
from prefect.states import Completed, Failed

from presscheck.assets.kind import only_walked
from presscheck.cleaning import clean_line
from presscheck.documents.own_code import place_of, short, told_of
from presscheck.documents.sentences import listed
from presscheck.errors import CodeError, PresscheckError
from presscheck.handbook.chart import MOST_ROUNDS, NodeKind
from presscheck.models import (
    PUBLIC_CHANNELS,
    Asset,
    Author,
    Brief,
    Channel,
    Decision,
    DecisionKind,
    Manifest,
    Outcome,
    OutcomeStatus,
    Product,
)
from tasks.audience import Audience
from tasks.cells import HOLD_OUT, REST, Cells
from tasks.delivery import Sent
from tasks.effects import Effect, standing_in
from tasks.holding import Hold
from tasks.opening import Campaign
from tasks.stand_ins import Marks, made_up
from tasks.waiting import span_of
from tasks.written import PLAIN

if TYPE_CHECKING:
    from presscheck.assets.kind import Kind
    from tasks.assets import Approved
    from tasks.gate import Subject

_MOST_VISITS = 200
_MOST_WAYS = 20_000
_APPROVAL = (
    OutcomeStatus.APPROVED,
    OutcomeStatus.CHANGES,
    OutcomeStatus.REJECTED,
    OutcomeStatus.EXPIRED,
    OutcomeStatus.WITHDRAWN,
)
_WRITING = (OutcomeStatus.WRITTEN, OutcomeStatus.REJECTED, OutcomeStatus.EXPIRED, OutcomeStatus.WITHDRAWN)


@dataclass(frozen=True)
class Visit:
    """One step, gate, delivery or end that was reached; `given` are the visits whose results it was given."""

    kind: NodeKind
    name: str
    title: str
    effects: tuple[Effect, ...] = ()
    given: frozenset[int] = frozenset()
    answer: OutcomeStatus | None = None
    kinds: tuple[str, ...] = ()
    """Of a gate: what it asks about."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class Publication:
    """A visit that publishes or spends, and what the yes behind it covers; `gate` None: there is none."""

    at: int
    gate: int | None
    covers: frozenset[int]


@dataclass
class _Given:
    """An answer that a gate gave on this walk."""

    at: int
    outcome: Outcome
    subject: frozenset[int]
    recipients: Audience | None = None
    besides: tuple[str, ...] = ()
    used: bool = False
    """Whether what goes out under it went out."""
    spent: bool = False
    """Whether the money under it was spent."""


class _Stop(BaseException):
    """Leaves the flow's body, whatever it catches."""


@dataclass
class Walk:
    """One way through a flow: the stand-in, and afterwards what it saw."""

    flow: str
    brief: Brief
    script: tuple[int, ...]
    much: bool
    sends: bool = True
    """Whether the flow's file can hand over for delivery; if not, it may be a standing duty with no map."""
    visits: list[Visit] = field(default_factory=list[Visit])
    publications: list[Publication] = field(default_factory=list[Publication])
    faults: list[str] = field(default_factory=list[str])
    remarks: list[str] = field(default_factory=list[str])
    options: list[int] = field(default_factory=list[int])
    """How many answers there were at each gate, in order."""
    _marks: Marks = field(default_factory=Marks)
    _answers: dict[str, _Given] = field(default_factory=dict[str, _Given])
    _reached: dict[str, str] = field(default_factory=dict[str, str])
    """The audiences that something went to, each with the gate that let it."""
    _held_out: set[str] = field(default_factory=set[str])

    # ------------------------------------------------------------ what stands in

    def open_campaign(
        self,
        *,
        brief: str,
        audience: str = "",
        catalogue: str = "",
        channel: Channel | None = None,
        language: str | None = None,
    ) -> Campaign:
        at = self._visit("start", "start", "open the campaign")
        product = made_up(Product, at, self._marks, much=self.much) if self.brief.product is not None else None
        said = {"channel": channel, "language": language}
        narrowed = {name: value for name, value in said.items() if value is not None}
        campaign = Campaign.model_construct(
            run=self._marks.text(at),
            name=self.flow,
            brief_digest=self._marks.text(at),
            brief=self.brief.model_copy(update=narrowed),
            product=product,
            audience=audience,
        )
        self._marks.remember(at, campaign)
        return campaign

    def require_audience(self, campaign: Campaign, segment: str = "", *, expectations: str = "") -> Audience:
        if campaign.brief.channel not in PUBLIC_CHANNELS:
            return self._made("audience", "screen the audience", "targets", Audience, [campaign, segment])
        at = self._visit("step", "audience", "everybody is the audience", ("targets",), campaign)
        everybody = Audience(digest=None, rows=0, candidates=0, exceptions={}, report=self._marks.text(at))
        self._marks.remember(at, everybody)
        return everybody

    def split(
        self, campaign: Campaign, audience: Audience, cells: Mapping[str, float], *, hold_out: float = 0
    ) -> Cells:
        at = self._visit("step", "split", "split the audience", ("targets",), campaign, audience)
        if campaign.brief.channel in PUBLIC_CHANNELS:
            raise Hold("everybody cannot be split")
        if sum(cells.values()) + hold_out > 100:
            self.faults.append(f"split: the cells come to {sum(cells.values()) + hold_out} %, and there are only 100")
        names = [*cells, REST, *([HOLD_OUT] if hold_out else [])]
        parts = {name: made_up(Audience, at, self._marks, much=self.much) for name in names}
        if hold_out:
            self._held_out.add(str(parts[HOLD_OUT].digest))
        made = Cells.model_construct(by_name=parts)
        self._marks.remember(at, made)
        return made

    def wait(self, lasts: str, *, name: str = "") -> None:
        span_of(lasts)
        self._visit("step", f"wait {name or lasts}", f"wait {name or lasts}")

    def step(self, name: str, title: str, effect: Effect, wanted: Any, arguments: Mapping[str, Any]) -> Any:
        made = self._made(name, title, effect, wanted, list(arguments.values()))
        if effect in ("publishes", "spends"):
            self._publish_by_step(len(self.visits) - 1, name, list(arguments.values()))
        return made

    def propose(
        self,
        campaign: Campaign,
        choices: Any,
        recipients: Any,
        *,
        round: int | None = None,
        asks: Any = "approval",
        also: Sequence["Kind"] = (),
        besides: Sequence[str] = (),
    ) -> "Subject":
        from tasks.gate import Subject

        turn = campaign.round if round is None else round
        return Subject(campaign, choices, recipients, turn, asks, self._offered(also), tuple(besides))

    def offer(self, campaign: Campaign, *choices: "Kind", round: int | None = None, author: Any = None) -> "Subject":
        from tasks.gate import Subject

        del author
        turn = campaign.round if round is None else round
        return Subject(campaign, None, None, turn, offered=self._offered(choices))

    def approved(self, outcome: Outcome, kind: type[Any]) -> "Approved[Any]":
        from tasks.assets import Approved, name_of

        known = self._answers.get(outcome.review)
        if outcome.status is not OutcomeStatus.APPROVED or known is None or known.outcome != outcome:
            raise Hold("nothing was approved")
        asked = self.visits[known.at]
        if name_of(kind) not in asked.kinds:
            told = listed(asked.kinds) or "nothing"
            self.faults.append(f"approved(..., {kind.__name__}): the gate {asked.name} is asked about {told}")
        value = made_up(kind, known.at, self._marks, much=self.much)
        return Approved[kind].model_construct(value=value, review=outcome.review, asset=self._marks.text(known.at))

    def await_decision(self, subject: Any, *, gate: str = "copy") -> Outcome:
        given = self._marks.found_in([subject.choices, subject.recipients, subject.offered])
        if not isinstance(gate, str):
            raise TypeError(f"a gate's name is a text such as copy, and not {type(gate).__name__}")
        rounds = sum(visit.name == gate for visit in self.visits if visit.kind == "gate")
        possible = _APPROVAL if subject.asks == "approval" else _WRITING
        if rounds >= MOST_ROUNDS:
            said = f"the gate {gate} may be asked without end; the approval model's max_rounds ends it"
            self.remarks.append(said)
            possible = tuple(one for one in possible if one not in (OutcomeStatus.CHANGES, OutcomeStatus.WRITTEN))
        turn = len(self.options)
        self.options.append(len(possible))
        status = possible[self.script[turn] if turn < len(self.script) else 0]
        title = f"approval: {gate}" if subject.asks == "approval" else gate
        kinds = subject.kinds if subject.asks == "approval" else ("material",)
        at = self._visit("gate", gate, title, (), given=given, answer=status, kinds=kinds)
        outcome = self._outcome(at, status)
        self._answers[outcome.review] = _Given(
            at, outcome, self._behind(given), subject.recipients, tuple(subject.besides)
        )
        self._marks.remember(at, outcome)
        subject.campaign.hear(outcome)
        return outcome

    def send(self, outcome: Outcome, *, patience_seconds: float = 30) -> Sent:
        del patience_seconds
        if outcome.status is not OutcomeStatus.APPROVED:
            raise Hold("nothing was approved")
        self._deliver(outcome)
        return made_up(Sent, len(self.visits) - 1, self._marks, much=self.much)

    def deliver(self, *outcomes: Outcome | None, patience_seconds: float = 30) -> State:
        del patience_seconds
        answers = [one for one in outcomes if one is not None and one.decision is not None]
        if not answers:
            return self.held(Hold("there is no decision to deliver on"))
        statuses = [self._deliver(one) for one in answers]
        if any(one in (OutcomeStatus.CHANGES, OutcomeStatus.WRITTEN) for one in statuses):
            return self.held(Hold("nothing was approved"))
        delivered = OutcomeStatus.APPROVED in statuses
        return self.ended("Delivered" if delivered else statuses[0].value.title(), "")

    def _deliver(self, outcome: Outcome) -> OutcomeStatus:
        """What goes out under an answer, if it is a yes; the status that it counts as."""
        known = self._answers.get(outcome.review)
        if known is None or known.outcome != outcome:
            self.faults.append(
                "delivery: deliver() is given an answer that no gate gave in this run; give it what await_decision "
                "returned"
            )
            self._publication(None, frozenset())
            return OutcomeStatus.APPROVED
        if outcome.status is not OutcomeStatus.APPROVED:
            return outcome.status
        asked = self.visits[known.at]
        if "copy" not in asked.kinds:
            self.faults.append(
                f"delivery: deliver() is given the answer of the gate {asked.name}, which is asked about nothing that "
                "goes out; give it the answer about the texts"
            )
        self._reach(asked.name, known)
        self._publication(known, known.subject)
        return outcome.status

    def _reach(self, gate: str, known: _Given) -> None:
        """Whom it goes to has had nothing of this run yet, or people signed that it goes to them besides."""
        digest = None if known.recipients is None else known.recipients.digest
        if digest is None or known.used:
            return
        if digest in self._held_out:
            self.faults.append(
                f"delivery: the gate {gate} lets something out to the cell {HOLD_OUT}, whom nobody writes to"
            )
        before = self._reached.get(digest)
        if before is not None and before not in known.besides:
            self.faults.append(
                f"delivery: what the gate {gate} lets out goes to the very people who got what {before} let out; split "
                f'the audience, or write propose(..., besides=["{before}"])'
            )
        self._reached[digest] = gate

    def held(self, fault: PresscheckError) -> State:
        if isinstance(fault, CodeError):
            # A flow may hold itself on purpose; what its author wrote wrongly it holds on every way.
            self.faults.append(str(fault))
        self._visit("unsent", "unsent", "Ends; nothing is sent")
        return Failed(name="Held", message=str(fault))

    def ended(self, name: str, message: str) -> State:
        if name == "Delivered":
            self._visit("sent", "sent", "Ends; delivered")
        else:
            self._visit("unsent", "unsent", "Ends; nothing is sent")
        return Completed(name=name, message=message)

    def reach_house(self, *_: Any) -> NoReturn:
        """A flow's body asks for the ledger or the desk: it works by itself, and nobody sees what it does."""
        self.reach("the ledger")

    def reach(self, what: str) -> NoReturn:
        if self.sends or self.visits:
            self.faults.append(
                f"uses {what} outside a step, so nobody knows what it does; "
                'make it a step: @step("name", effect="makes")'
            )
        else:
            self.remarks.append(
                f"opens no campaign and hands nothing over for delivery, and uses {what} by itself: a standing duty, "
                "which has no map"
            )
        raise _Stop

    # ------------------------------------------------------------ what is recorded

    def _visit(
        self,
        kind: NodeKind,
        name: str,
        title: str,
        effects: tuple[Effect, ...] = (),
        *values: Any,
        given: frozenset[int] | None = None,
        answer: OutcomeStatus | None = None,
        kinds: tuple[str, ...] = (),
    ) -> int:
        if len(self.visits) >= _MOST_VISITS:
            self.faults.append(f"comes to no end: {_MOST_VISITS} steps on one way; bound its loops")
            raise _Stop
        found = self._marks.found_in(values) if given is None else given
        self.visits.append(Visit(kind, name, title, effects, found, answer, kinds))
        return len(self.visits) - 1

    def _offered(self, choices: Sequence["Kind"]) -> tuple[Asset, ...]:
        """Assets of these kinds that still tell where their content came from."""
        author = Author.machine("presscheck", "flow", self.flow, "1")
        return tuple(Asset.model_construct(kind=one.kind, content=dict(one), author=author) for one in choices)

    def _made(self, name: str, title: str, effect: Effect, wanted: Any, given: Any) -> Any:
        at = self._visit("step", name, title, (effect,), given)
        return made_up(wanted, at, self._marks, much=self.much)

    def _outcome(self, at: int, status: OutcomeStatus) -> Outcome:
        text = self._marks.text
        review = f"R-{text(at)[-12:]}"
        manifest = made_up(Manifest, at, self._marks, much=self.much) if status is OutcomeStatus.APPROVED else None
        written = text(at) if status is OutcomeStatus.WRITTEN else None
        known = {"review": review, "kind": DecisionKind(status.value), "manifest": manifest, "written": written}
        return Outcome.model_construct(
            status=status,
            review=review,
            decision=made_up(Decision, at, self._marks, much=self.much, **known),
            person_name="Somebody",
            note="A note." if status is OutcomeStatus.CHANGES and self.much else "",
        )

    def _behind(self, given: frozenset[int]) -> frozenset[int]:
        """These visits and all whose results they were given."""
        found = set(given)
        waiting = list(given)
        while waiting:
            more = self.visits[waiting.pop()].given - found
            found |= more
            waiting.extend(more)
        return frozenset(found)

    def _publication(self, known: _Given | None, covers: frozenset[int]) -> None:
        spends: tuple[Effect, ...] = ("spends",) if self.brief.spend_dollars else ()
        given = frozenset() if known is None else frozenset({known.at})
        again = known is not None and known.used
        name = "delivery" if not again else "delivery again"
        at = self._visit("delivery", name, name, ("publishes", *spends), given=given)
        if known is not None and again:
            self.faults.append(
                f"delivery: delivers a second time under the answer of the gate {self.visits[known.at].name}; "
                "ask again about what is to go out a second time"
            )
        if known is not None:
            known.used = True
        self.publications.append(Publication(at, None if known is None else known.at, covers))

    def _publish_by_step(self, at: int, name: str, values: Sequence[Any]) -> None:
        """A step of the flow's own that publishes or spends: what was approved must cover all that it is given."""
        from tasks.assets import approved_among

        approved = approved_among(values)
        effect = self.visits[at].effects[0]
        money = [one for one in approved if getattr(one.value, "spends", "")]
        if effect == "spends" and approved and not money:
            self.faults.append(f"{name}: spends, and nothing approved that it is given is money; give it a budget")
        # Whatever stands beside it, it is the money that may be spent once.
        counted = money if effect == "spends" and money else approved
        answers = [known for one in counted if (known := self._answers.get(one.review)) is not None]
        given = next(iter(answers), None)
        if given is None:
            self.faults.append(
                f"{name}: {effect} without a gate that said yes; give it approved(outcome, ...) of what people signed"
            )
            self.publications.append(Publication(at, None, frozenset()))
            return
        for known in answers:
            if known.spent and effect == "spends":
                self.faults.append(
                    f"{name}: {effect} under the answer of the gate {self.visits[known.at].name}, which something else "
                    "spent under already; ask again"
                )
        for known in answers:
            known.spent = known.spent or effect == "spends"
            # The money beside some texts is spent, and the texts go out: both were signed.
            known.used = known.used or effect != "spends"
        rest = self._marks.found_in(values) - {given.at}
        beyond = {self.visits[one].name for one in rest - given.subject if self.visits[one].kind == "step"}
        for other in sorted(beyond):
            self.faults.append(
                f"{name}: {effect} what {other} gave, and the gate {self.visits[given.at].name} was not asked about "
                "that; put it to the gate, or ask after it"
            )
        self.publications.append(Publication(at, given.at, given.subject))


def walks(
    body: Callable[..., Any],
    briefs: Sequence[Brief],
    *,
    flow: str,
    file: str = "",
    sends: bool = True,
    detours: int | None = None,
) -> Iterator[Walk]:
    """Every way through a flow's body, with each of the briefs, and with large and with small results.

    `file` is the flow's own, to say at which of its lines something was raised. `sends`: its file can deliver.
    `detours`: only ways on which at most so many answers are others than the first possible.
    """
    done = 0
    for brief in briefs:
        for much in (True, False):
            waiting: list[tuple[int, ...]] = [()]
            while waiting:
                script = waiting.pop()
                walk = _walk(body, Walk(flow, brief, script, much, sends), file)
                done += 1
                yield walk
                if done >= _MOST_WAYS:
                    walk.faults.append(f"has more than {_MOST_WAYS:,} ways; split it into flows that can be read")
                    return
                if detours is not None and sum(map(bool, script)) >= detours:
                    continue
                for turn in range(len(script), len(walk.options)):
                    taken = (*script, *(0 for _ in range(turn - len(script))))
                    waiting += [(*taken, other) for other in range(1, walk.options[turn])]


def _walk(body: Callable[..., Any], walk: Walk, file: str) -> Walk:
    with ExitStack() as stack:
        stack.enter_context(standing_in(walk))
        stack.enter_context(only_walked())
        stack.enter_context(disable_run_logger())
        stack.enter_context(_prefect_kept_out(walk))
        try:
            ended = body(**_parameters(body))
            if inspect.isawaitable(ended):
                asyncio.run(_awaited(ended))
                if walk.visits:
                    walk.faults.append(f"is async; {PLAIN}")
        except _Stop:
            return walk
        except Exception as error:  # noqa: BLE001 - whatever a flow's own code raises is told, and is its fault.
            walk.faults.append(_told(error, file))
    if not walk.visits or walk.visits[-1].kind not in ("sent", "unsent"):
        walk.visits.append(Visit("unsent", "unsent", "Ends; nothing is sent"))
    return walk


async def _awaited(value: Any) -> Any:
    return await value


def _parameters(body: Callable[..., Any]) -> dict[str, str]:
    """A text for every parameter without a default."""
    found = inspect.signature(body).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {one.name: one.name for one in found if one.default is one.empty and one.kind in plain}


@contextmanager
def _prefect_kept_out(walk: Walk) -> Generator[None, None, None]:
    """While this lasts, a Prefect task or subflow is a fault: nobody knows what it does, and it needs a server."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
        del args, kwargs
        what = "task" if isinstance(self, Task) else "flow"
        walk.reach(f"Prefect's {what} {clean_line(str(self.name))}")

    places = [(Task, name) for name in ("__call__", "submit", "map", "delay", "apply_async")] + [(Flow, "__call__")]
    before = [(owner, name, getattr(owner, name)) for owner, name in places]
    for owner, name in places:
        setattr(owner, name, refuse)
    try:
        yield
    finally:
        for owner, name, method in before:
            setattr(owner, name, method)


def _told(error: Exception, file: str) -> str:
    here = Path.cwd()
    place = place_of(traceback.extract_tb(error.__traceback__), here)
    if place is None:
        where = ""
    else:
        where = f"line {place.line}: " if file and place.file == short(file, here) else f"{place}: "
    return f"{where}raised {told_of(error)}"
