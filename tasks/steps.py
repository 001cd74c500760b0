"""A step is made once in a campaign run, and read from the ledger ever after.

    @step("draft", effect="makes")
    def draft_variants(campaign: Campaign, *, count: int, round: int = 1) -> Made[Drafts]:
        ...
        return Made(Drafts(...), keep=lambda tx: ...)

In a flow, `draft_variants(campaign, count=50)` gives a `Drafts`. A flow starts again from the top at
every wake; the step then finds its result under (run, step, round, partition, digest of its inputs)
and calls no task. The result and what `keep` writes are recorded in one transaction, by whichever
attempt comes first. A result of another shape, or one that nobody signed, holds the campaign.

A step is tried once. What it raises holds the campaign with the step, the file and the line; Prefect tries nothing
again by itself, because nobody knows how much of it was done. What may be tried again, the step tries again.
"""

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, TypeVar
from uuid import UUID

from prefect import State, Task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext
from prefect.logging import get_run_logger
from prefect.states import Failed
from pydantic import ValidationError

from presscheck.assets.reading import read_signable
from presscheck.desk.passed import Before
from presscheck.digests import digest_of
from presscheck.documents.own_code import Place, place_of, short, told_of
from presscheck.errors import CodeError, Fault, LedgerForged, PresscheckError
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.assets import get_asset
from presscheck.ledger.steps import StepKey, find_step, record_step
from presscheck.models import Frozen, Outcome
from presscheck.settings.secrets import without_secrets
from tasks import house
from tasks.assets import Approved, approved_among, differs
from tasks.effects import Effect, checked_effect, stand_in
from tasks.graph import link
from tasks.holding import Hold, this_run
from tasks.opening import Campaign
from tasks.telling import told
from tasks.written import refuse_result, refuse_step, takes_approved, unfit_input

P = ParamSpec("P")
_BEFORE: dict[Effect, Before] = {"spends": "spending", "publishes": "publishing"}


class Kept(Frozen):
    """A step's result. Change `shape` whenever the fields change, so that old results are not misread.

    CodeError, where the class is written, for a field that the ledger cannot keep: a float, a DataFrame.
    """

    shape: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        refuse_result(cls)


R = TypeVar("R", bound=Kept)


def _nothing(tx: Writer) -> None:
    """Most steps write nothing but their result."""


@dataclass(frozen=True)
class Made(Generic[R]):
    """What a step made, and what else is to be written in the same transaction as the result."""

    result: R
    keep: Callable[[Writer], None] = _nothing


def step(
    name: str, *, effect: Effect | None = None, title: str = ""
) -> Callable[[Callable[Concatenate[Campaign, P], Made[R]]], Callable[Concatenate[Campaign, P], R]]:
    """Turn a function that makes something into a step of campaigns.

    The arguments after the campaign are the inputs; `round` and `partition`, where there are any,
    are part of the key. The function's return annotation, `Made[Result]`, names the result's type.
    `effect` is what the step does to the world (see `tasks.effects`); TypeError without one, and CodeError with
    every fault, file and line, where the function or its result's type is none that can be a step's.
    """
    does = checked_effect(name, effect)

    def decorate(make: Callable[Concatenate[Campaign, P], Made[R]]) -> Callable[Concatenate[Campaign, P], R]:
        kept = _Step(name, title or name, make, does)

        @wraps(make)
        def call(campaign: Campaign, *args: P.args, **kwargs: P.kwargs) -> R:
            given = kept.signature.bind(campaign, *args, **kwargs)
            given.apply_defaults()
            kept.refuse_unfit(given.arguments)
            mapper = stand_in()
            if mapper is not None:
                return mapper.step(name, title or name, does, kept.type, given.arguments)
            return kept.result(campaign, *args, **kwargs)

        # What comes out is the result; a reader of the signature should not be told otherwise.
        call.__annotations__ = {**make.__annotations__, "return": kept.type}
        return call

    return decorate


class _Step(Generic[R]):
    def __init__(self, name: str, title: str, make: Callable[..., Made[R]], effect: Effect) -> None:
        self.name = name
        self.make = make
        self.before: Before | None = _BEFORE.get(effect)
        """What it does that takes a yes; None for a step that needs none."""
        self.type: type[R] = refuse_step(name, make, Made, Kept)
        self.signature = inspect.signature(make)
        rounds = "round" in self.signature.parameters
        self.task: Task[..., Any] = Task(
            self._attempt_of(make),
            name=name,
            task_run_name=f"{title}, round {{round}}" if rounds else title,
            # Prefect's cache lives on one machine's disk and forgets when code changes.
            cache_policy=NO_CACHE,
            persist_result=False,
        )
        if self.before is not None and not takes_approved(make, Approved):
            takes = "budget: Approved[Budget]" if self.before == "spending" else "text: Approved[Copy]"
            written = self._written()
            raise CodeError(
                [
                    Fault(
                        written.file,
                        written.line,
                        f"step {name}",
                        f'has the effect "{effect}" and takes nothing that was approved; write {takes}, or a kind of '
                        "your own, and give it approved(outcome, ...)",
                    )
                ]
            )

    def refuse_unfit(self, arguments: Mapping[str, Any]) -> None:
        """CodeError for the arguments that have no digest, at the line of the call."""
        unfit = {name: wrong for name, value in list(arguments.items())[1:] if (wrong := unfit_input(value))}
        if unfit:
            raise self._called_with([f"{name}: {wrong}" for name, wrong in unfit.items()])

    def _called_with(self, messages: Sequence[str]) -> CodeError:
        here = place_of(traceback.extract_stack(), Path.cwd()) or self._written()
        return CodeError([Fault(here.file, here.line, f"step {self.name}", message) for message in messages])

    def result(self, campaign: Campaign, *args: Any, **kwargs: Any) -> R:
        key = self._key(campaign, *args, **kwargs)
        with house.ledger().read() as tx:
            known = find_step(tx, key, shape=self.type.shape)
        if known is None:
            if self.before is not None:
                self._claim(key, self.before, list(self.signature.bind(campaign, *args, **kwargs).arguments.values()))
            state = self.task(campaign, *args, return_state=True, **kwargs)
            if not state.is_completed():
                raise Hold(state.message or f"the step {self.name} did not end well")
            known = state.result()
        value, node = self._read(known)
        if node is not None:
            link(value, node)
        return value

    def _claim(self, key: StepKey, before: Before, arguments: Sequence[Any]) -> None:
        """Take down that this step uses what was approved. Hold where it was not, or is used up.

        Signed before anything is done: of a step that broke off, nobody knows how much of it was.
        """
        found = approved_among(arguments)
        given = dict.fromkeys(one.asset for one in found)
        if not given:
            raise Hold(f"step {self.name} is about {before} and was given nothing that was approved; nothing was done")
        if TaskRunContext.get() is not None:
            raise Hold(
                f"step {self.name} was called within another step, where no map sees what it does; call it in the "
                "flow's own body. Nothing was done"
            )
        if key.run != this_run():
            raise Hold(f"step {self.name} was given another run's campaign; what was approved there is for that run")
        with house.ledger().write() as tx:
            for one in found:
                if wrong := differs(tx, one):
                    raise Hold(f"step {self.name} was given other content than what {one.review} approved: {wrong}")
            if refused := house.desk().may_be_used(tx, list(given), run=key.run, before=before):
                raise Hold(f"step {self.name} did nothing, because its yes does not hold: {refused.reason}")
            for digest in given:
                events = tx.events(EventKind.ASSET_USED, subject=digest, run=key.run)
                used = [str(event.data.get("step", "")) for event in events]
                spent = [str(event.data.get("step", "")) for event in events if event.data.get("before") == "spending"]
                if key.subject in used:
                    raise Hold(
                        f"step {self.name} was begun before and broke off, and nobody knows how much of it was done; "
                        "look where it acts, and ask again in a new run for what is left"
                    )
                # A plan that is given beside the money is no money, and may stand beside more of it.
                if spent and before == "spending" and read_signable(get_asset(tx, digest)).spends is not None:
                    spender = spent[0].partition("/")[0]
                    raise Hold(
                        f"step {self.name} did nothing: step {spender} has spent this already; a yes is good once"
                    )
                tx.append(EventKind.ASSET_USED, digest, {"step": key.subject, "before": before}, run=key.run)

    def _attempt_of(self, make: Callable[..., Made[R]]) -> Callable[..., Any]:
        @wraps(make)
        def attempt(campaign: Campaign, *args: Any, **kwargs: Any) -> "dict[str, Any] | State":
            try:
                made = make(campaign, *args, **kwargs)
                if not (isinstance(made, Made) and isinstance(made.result, self.type)):
                    raise self._unlike(made)
                return self._record(self._key(campaign, *args, **kwargs), made)
            except PresscheckError as fault:
                # Returned, not raised: a user's mistake needs its message and no traceback.
                return Failed(name="Held", message=told(str(fault)))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a step is anybody's code, and may end the process.
                return Failed(name="Held", message=told(self._raised(error)))

        return attempt

    def _unlike(self, made: Any) -> Hold:
        given = f"Made({type(made.result).__name__})" if isinstance(made, Made) else type(made).__name__  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        wanted = self.type.__name__
        return Hold(f"{self._written()}: step {self.name} returned {given}; write return Made({wanted}(...))")

    def _raised(self, error: BaseException) -> str:
        """What a step raised, for whoever wrote it, at their own line; the log has the way there.

        Neither shows a secret: states and logs are Prefect's, lie open to everybody who may read a run, and stay.
        """
        settings = house.settings()
        hide = partial(without_secrets, settings)
        get_run_logger().error("%s", told(hide("".join(traceback.format_exception(error)))))
        place = place_of(traceback.extract_tb(error.__traceback__), settings.project) or self._written()
        line = f" at “{hide(place.words)}”" if place.words else ""
        raised = f"{place}: step {self.name} raised {told_of(error, hide)}{line}"
        if self.before is not None:
            # It is not begun a second time: see `_claim`.
            return f"{raised}; nobody knows how much of it was done. Look where it acts, and ask again in a new run"
        return f"{raised}; nothing of it was kept. Mend it and press Retry"

    def _written(self) -> Place:
        code = inspect.unwrap(self.make).__code__
        return Place(short(code.co_filename, house.settings().project), code.co_firstlineno)

    def _record(self, key: StepKey, made: Made[R]) -> dict[str, Any]:
        context = TaskRunContext.get()
        payload = {
            "result": made.result.model_dump(mode="json"),
            "node": str(context.task_run.id) if context else None,
        }
        with house.ledger().write() as tx:
            first = find_step(tx, key, shape=self.type.shape)
            if first is not None:
                # Another process was quicker. Its result stands, and nothing of ours is kept.
                return first
            made.keep(tx)
            record_step(tx, key, shape=self.type.shape, payload=payload)
        return payload

    def _read(self, payload: Mapping[str, Any]) -> tuple[R, UUID | None]:
        try:
            node = payload["node"]
            return self.type.model_validate(payload["result"]), None if node is None else UUID(node)
        except (KeyError, TypeError, ValueError, ValidationError) as fault:
            raise LedgerForged(
                f"step {self.name}: its kept result cannot be read as {self.type.shape}: {fault}; "
                "held, because making it again might do something twice"
            ) from fault

    def _key(self, campaign: Campaign, *args: Any, **kwargs: Any) -> StepKey:
        bound = self.signature.bind(campaign, *args, **kwargs)
        bound.apply_defaults()
        inputs = dict(bound.arguments)
        del inputs[next(iter(inputs))]
        round, partition = inputs.pop("round", 1), inputs.pop("partition", "")
        try:
            digest = digest_of({name: _identity(value) for name, value in inputs.items()})
        except TypeError as error:
            # A float inside a model that was handed over.
            raise self._called_with([str(error)]) from error
        return StepKey(run=campaign.run, step=self.name, round=round, partition=partition, inputs=digest)


def _identity(value: Any) -> Any:
    """What of an argument makes it this argument and no other."""
    if isinstance(value, Outcome):
        # An answer's note is personal data that may be erased; the review it answers stays.
        return {"review": value.review, "status": value.status.value}
    if isinstance(value, Frozen):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {name: _identity(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_identity(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value
