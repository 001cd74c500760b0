"""A step is made once in a campaign run, and read from the ledger ever after.

    @step(effect="makes")
    def collect_subjects(campaign: Campaign, *, count: int) -> Subjects:
        return Subjects(...)

In a flow, `collect_subjects(campaign, count=50)` gives a `Subjects`. A flow starts again from the top at
every wake; the step then finds its result under (run, step, round, partition, digest of its inputs)
and calls no task. The result, and what `keep` of a `Made` writes, are recorded in one transaction, by whichever
attempt comes first. A result of another shape, or one that nobody signed, holds the campaign.

A step is tried once. What it raises holds the campaign with the step, the file and the line; Prefect tries nothing
again by itself, because nobody knows how much of it was done. What may be tried again, the step tries again.
"""

import inspect
import json
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload
from uuid import UUID

from prefect import State, Task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext, TaskRunContext
from prefect.logging import get_run_logger
from prefect.states import Failed
from pydantic import BaseModel, ValidationError

from presscheck.assets.reading import read_signable
from presscheck.desk.passed import Before
from presscheck.digests import digest_of
from presscheck.documents.own_code import Place, place_of, short, told_of
from presscheck.errors import CodeError, Fault, LedgerForged, PresscheckError
from presscheck.ledger import EventKind
from presscheck.ledger.assets import get_asset
from presscheck.ledger.steps import StepKey, find_step, record_step
from presscheck.models import Copy, Frozen, Outcome
from presscheck.settings.secrets import without_secrets
from tasks import house
from tasks.assets import Approved, approved_among, differs
from tasks.effects import Effect, checked_effect, stand_in
from tasks.forms import Form, form_of
from tasks.graph import link
from tasks.holding import Hold, this_run
from tasks.kept import Kept, Made, form_to_keep, packed, read_back, shape_of, unfit_fields
from tasks.opening import Campaign
from tasks.order import came_to, hold_here, refuse_edited
from tasks.tables import Table
from tasks.telling import told
from tasks.texts import Drafts
from tasks.written import refuse_step, takes_approved, unfit_input

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Kept", "Made", "step"]

P = ParamSpec("P")
_BEFORE: dict[Effect, Before] = {"spends": "spending", "publishes": "publishing"}
_MOST_BYTES = 1_000_000
_OUTSIDE = (
    "was called outside of a campaign; call it in the body of a flow. A test of what it does calls "
    "{0}.__wrapped__(campaign, ...), and a test of the campaign uses presscheck.rehearsal"
)
_PLACE: ContextVar[int | None] = ContextVar("presscheck-place", default=None)
"""The place of the step that is made, as `tasks.order` counts."""

R = TypeVar("R", bound=BaseModel)


class _Decorate(Protocol):
    """What a function's result is in the flow (see `tasks.forms`)."""

    @overload
    def __call__(self, make: Callable[Concatenate[Campaign, P], Made[R]]) -> Callable[Concatenate[Campaign, P], R]: ...
    @overload
    def __call__(
        self, make: "Callable[Concatenate[Campaign, P], list[Copy] | tuple[Copy, ...]]"
    ) -> Callable[Concatenate[Campaign, P], Drafts]: ...
    @overload
    def __call__(self, make: Callable[Concatenate[Campaign, P], R]) -> Callable[Concatenate[Campaign, P], R]: ...
    @overload
    def __call__(
        self, make: "Callable[Concatenate[Campaign, P], pl.DataFrame | pl.LazyFrame]"
    ) -> Callable[Concatenate[Campaign, P], Table]: ...
    @overload
    def __call__(self, make: Callable[Concatenate[Campaign, P], Any]) -> Callable[Concatenate[Campaign, P], Any]: ...
    def __call__(self, make: Any) -> Any: ...


def step(
    name: str = "",
    *,
    effect: Effect | None = None,
    title: str = "",
    was: str | Sequence[str] = (),
    uses: str | Sequence[str] = (),
) -> _Decorate:
    """Turn a function that makes something into a step of campaigns.

    The arguments after the campaign are the inputs; `round` and `partition`, where there are any, are part of the key,
    and `round` and `answer` that are not given are the campaign's (see `rounds`). The return annotation names the
    result: a frozen model, `list[Copy]`, a class of rows, or `Made[...]` of a model. `name` is the function's own
    without one; `was` is what it was called in runs that sleep still. `uses` names tools, such as
    deepl/translate, that the usage policy has to approve. `effect` is what the step does to the world (see
    `tasks.effects`); TypeError without one, and CodeError with every fault, file and line, where the function or its
    result's type is none that can be a step's.
    """
    if not isinstance(name, str):
        # @step without brackets: the function stands where the name does.
        checked_effect(getattr(name, "__name__", str(name)), None)
    if name:
        checked_effect(name, effect)

    def decorate(make: Callable[..., Any]) -> Callable[..., Any]:
        called = name or make.__name__.strip("_").replace("_", "-")
        does = checked_effect(called, effect)
        earlier, tools = ((one,) if isinstance(one, str) else tuple(one) for one in (was, uses))
        kept = _Step(called, title or called.replace("-", " "), make, does, tuple(filter(None, earlier)), tuple(tools))

        @wraps(make)
        def call(campaign: Campaign, *args: Any, **kwargs: Any) -> Any:
            given = kept.bound(campaign, args, kwargs)
            kept.refuse_unfit(given.arguments)
            mapper = stand_in()
            if mapper is not None:
                return mapper.step(called, kept.title, does, kept.form.type, given.arguments)
            if FlowRunContext.get() is None:
                raise kept.called_with([_OUTSIDE.format(make.__name__)])
            return kept.result(given)

        # What comes out is the result; a reader of the signature should not be told otherwise.
        call.__annotations__ = {**make.__annotations__, "return": kept.form.type}
        return call

    return cast("_Decorate", decorate)


class _Step:
    def __init__(
        self,
        name: str,
        title: str,
        make: Callable[..., Any],
        effect: Effect,
        was: tuple[str, ...],
        uses: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.title = title
        self.was = was
        self.uses = tuple(filter(None, uses))
        self.make = make
        self.before: Before | None = _BEFORE.get(effect)
        """What it does that takes a yes; None for a step that needs none."""
        self.form: Form = refuse_step(name, make, form_of)
        self.shape = shape_of(self.form.type)
        self.signature = inspect.signature(make)
        rounds = "round" in self.signature.parameters
        self.task: Task[..., Any] = Task(
            self._attempt_of(make),
            name=name,
            task_run_name=_named(title, rounds=rounds),
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

    def bound(self, campaign: Campaign, args: Sequence[Any], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
        """Every argument by its name. Hold where the first is no campaign, TypeError where they do not fit."""
        if not isinstance(campaign, Campaign):
            raise self.called_with(["its first argument is the campaign that open_campaign gave"])
        given = self.signature.bind(campaign, *args, **kwargs)
        ambient = {"round": campaign.round, "answer": campaign.answer}
        named = {name: value for name, value in ambient.items() if name in self.signature.parameters}
        given.arguments = {**named, **given.arguments}
        given.apply_defaults()
        return given

    def refuse_unfit(self, arguments: Mapping[str, Any]) -> None:
        """CodeError for the arguments that have no digest, at the line of the call."""
        unfit = {name: wrong for name, value in list(arguments.items())[1:] if (wrong := unfit_input(value))}
        if unfit:
            raise self.called_with([f"{name}: {wrong}" for name, wrong in unfit.items()])

    def called_with(self, messages: Sequence[str]) -> CodeError:
        here = place_of(traceback.extract_stack(), Path.cwd()) or self._written()
        return CodeError([Fault(here.file, here.line, f"step {self.name}", message) for message in messages])

    def result(self, given: inspect.BoundArguments) -> Any:
        key = self._key(given.arguments)
        earlier = [key.model_copy(update={"step": name}) for name in self.was]
        place = came_to(f"step {key.subject}", run=key.run, also=tuple(f"step {one.subject}" for one in earlier))
        with house.ledger().read() as tx:
            found = (find_step(tx, one, shape=self.shape) for one in (key, *earlier))
            known = next((one for one in found if one is not None), None)
        if known is None:
            if self.uses and (refused := house.admission(key.run).tools(self.uses, step=key.subject)):
                raise Hold(f"step {self.name} did nothing, because it may not use what it names: {refused.reason}")
            if self.before is not None:
                self._claim(key, self.before, list(given.arguments.values()))
            with _in_place(place):
                state = self.task(*given.args, return_state=True, **given.kwargs)
            if not state.is_completed():
                hold_here(f"step {key.subject}")
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

    def _attempt_of(self, make: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(make)
        def attempt(campaign: Campaign, *args: Any, **kwargs: Any) -> "dict[str, Any] | State":
            try:
                made = self.form.made(self.name, campaign, make(campaign, *args, **kwargs))
                return self._record(self._key(self.bound(campaign, args, kwargs).arguments), made)
            except Hold as fault:
                # What a step returned wrongly is its author's to find.
                said = str(fault)
                where = f"{self._written()}: " if said.startswith(f"step {self.name} returned") else ""
                return Failed(name="Held", message=told(f"{where}{said}"))
            except PresscheckError as fault:
                # Returned, not raised: a user's mistake needs its message and no traceback.
                return Failed(name="Held", message=told(str(fault)))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a step is anybody's code, and may end the process.
                return Failed(name="Held", message=told(self._raised(error)))

        return attempt

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

    def _record(self, key: StepKey, made: Made[Any]) -> dict[str, Any]:
        context = TaskRunContext.get()
        try:
            result = form_to_keep(made.result, self.form.type)
        except ValueError as error:
            raise Hold(f"step {self.name} returned what cannot be kept: {error}") from error
        payload = {"result": result, "node": str(context.task_run.id) if context else None}
        if (size := len(json.dumps(payload))) > _MOST_BYTES:
            raise Hold(
                f"step {self.name} returned {size / 1e6:,.1f} MB, and the ledger keeps a few kilobytes of a result; "
                "return rows (-> pl.DataFrame), which are kept in a file by digest"
            )
        with house.ledger().write() as tx:
            first = find_step(tx, key, shape=self.shape)
            if first is not None:
                # Another process was quicker. Its result stands, and nothing of ours is kept.
                return first
            was = (key.model_copy(update={"step": name}).subject for name in self.was)
            so_called = tuple(f"step {one}" for one in was)
            refuse_edited(tx, _PLACE.get(), f"step {key.subject}", run=key.run, also=so_called)
            made.keep(tx)
            record_step(tx, key, shape=self.shape, payload=payload, place=_PLACE.get())
        return payload

    def _read(self, payload: Mapping[str, Any]) -> tuple[Any, UUID | None]:
        try:
            node = payload["node"]
            value = read_back(self.form.type, payload["result"])
            return value, None if node is None else UUID(node)
        except (KeyError, TypeError, ValueError, ValidationError) as fault:
            why = unfit_fields(fault) if isinstance(fault, ValidationError) else type(fault).__name__
            raise LedgerForged(
                f"step {self.name}: its kept result cannot be read as {self.shape} ({why}); "
                "held, because making it again might do something twice"
            ) from fault

    def _key(self, arguments: Mapping[str, Any]) -> StepKey:
        campaign, *_ = arguments.values()
        inputs = dict(list(arguments.items())[1:])
        round, partition = inputs.pop("round", campaign.round), inputs.pop("partition", "")
        identity = {name: _identity(value) for name, value in inputs.items()}
        # What a run was opened with needs no name: a run has had one campaign only.
        identity |= {"": campaign.part} if campaign.part else {}
        try:
            digest = digest_of(packed(identity))
        except (TypeError, ValueError) as error:
            # Something inside a model that was handed over.
            raise self.called_with([str(error)]) from error
        return StepKey(run=campaign.run, step=self.name, round=round, partition=partition, inputs=digest)


@contextmanager
def _in_place(place: int | None) -> Generator[None, None, None]:
    token = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(token)


def _named(title: str, *, rounds: bool) -> Callable[[], str]:
    """What Prefect calls a task run: with its round where a step counts them, and the channel of a further campaign."""

    def name() -> str:
        from prefect.runtime import task_run

        given = task_run.parameters
        campaign = next((one for one in given.values() if isinstance(one, Campaign)), None)
        turn = given.get("round", 1 if campaign is None else campaign.round)
        said = f"{title}, round {turn}" if rounds or turn > 1 else title
        return said if campaign is None or campaign.part is None else f"{said}, {campaign.brief.channel}"

    return name


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
