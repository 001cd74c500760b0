"""What is wrong with a campaign as it is written: told at import, all at once, at the line of its decorator."""

import ast
import inspect
import os
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from presscheck.cleaning import shorten
from presscheck.documents.own_code import short, told_of
from presscheck.documents.sentences import did_you_mean, listed, shown
from presscheck.errors import CodeError, Fault
from tasks.schedules import Cron, faults_of_schedule
from tasks.written import refuse_body

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 80


class FlowOptions(TypedDict, total=False):
    """What `@flow` takes and a campaign, which starts again from the top at every wake, can use.

    Not among them are those by which Prefect keeps results and runs tasks: the ledger keeps them.
    """

    retries: int
    retry_delay_seconds: int | float
    timeout_seconds: int | float
    flow_run_name: Callable[[], str] | str
    version: str
    log_prints: bool
    on_completion: list[Any]
    on_failure: list[Any]
    on_cancellation: list[Any]
    on_crashed: list[Any]
    on_running: list[Any]


def refuse_campaign(
    body: Callable[..., Any],
    name: object,
    schedule: object,
    limit: object,
    parameters: object,
    tags: object,
    options: Mapping[str, Any],
) -> None:
    """CodeError where `@campaign` stands over no plain function, or says what it cannot mean."""
    if not inspect.isfunction(body):
        said = f"stands over a {type(body).__name__} and not over a plain function; write it over def, without @flow"
        raise CodeError([fault_at(body, said)])
    told = [
        *_unlike_a_campaign(body),
        *_unfit_name(name, body),
        *_unfit_schedules(schedule),
        *_unfit_limit(limit),
        *_unfit_parameters(parameters, body),
        *_unfit_tags(tags),
        *(f"{one}: {_no_option(one)}" for one in options if one not in FlowOptions.__annotations__),
    ]
    if faults := [*_unlike_a_body(body), *(fault_at(body, one) for one in told)]:
        raise CodeError(faults)


def name_of(body: Callable[..., Any]) -> str:
    """`spring-sale` of `spring_sale`."""
    return body.__name__.replace("_", "-")


def defaults_of(body: Callable[..., Any]) -> dict[str, Any]:
    """The defaults of its signature, but None, which means the same where nothing is said."""
    found = inspect.signature(body).parameters.values()
    return {one.name: one.default for one in found if one.default is not one.empty and one.default is not None}


def _where(body: object) -> str:
    return f"campaign {getattr(body, '__name__', '')}".strip()


def fault_at(body: object, message: str) -> Fault:
    """The fault at the line of the decorator, which is where its function begins."""
    inner = inspect.unwrap(getattr(body, "fn", body))  # type: ignore[arg-type]
    code = getattr(inner, "__code__", None)
    if code is None:
        return Fault(type(body).__name__, None, _where(body), message)
    return Fault(short(code.co_filename, Path.cwd()), code.co_firstlineno, _where(body), message)


def _unlike_a_body(body: Callable[..., Any]) -> tuple[Fault, ...]:
    try:
        refuse_body(body)
    except CodeError as wrong:
        return tuple(replace(one, where=_where(body)) for one in wrong.faults)
    return ()


def _unlike_a_campaign(body: Callable[..., Any]) -> list[str]:
    within = body.__qualname__.rpartition(".")[0]
    if within and not within.endswith("<locals>"):
        return [f"stands in the class {within}, where nobody would find it; write it at the top of its file"]
    if inspect.iscoroutinefunction(body) or inspect.isgeneratorfunction(body) or inspect.isasyncgenfunction(body):
        return []
    return [] if _returns(body) else ["returns nothing; end it with return deliver(answer), which says how it ended"]


def _returns(body: Callable[..., Any]) -> bool:
    """Whether some line of its own returns something; yes where its text cannot be read."""
    try:
        read = ast.parse(textwrap.dedent(inspect.getsource(body))).body
    except (OSError, TypeError, SyntaxError):
        return True
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
    left: list[ast.AST] = [each for one in read if isinstance(one, ast.FunctionDef) for each in one.body]
    while left:
        one = left.pop()
        if isinstance(one, ast.Return) and ast.unparse(one) not in ("return", "return None"):
            return True
        if not isinstance(one, inner):
            left.extend(ast.iter_child_nodes(one))
    return False


def _unfit_name(given: object, body: Callable[..., Any]) -> list[str]:
    name = name_of(body) if given is None else given
    if isinstance(name, str) and _NAME.fullmatch(name) and len(name) <= _LONGEST:
        return []
    said = "" if given is not None else f", which its function's name {shown(body.__name__)} makes"
    return [f'{shown(name)} is no name{said}; write lower-case words joined by hyphens, such as name="spring-sale"']


def _in_a_run() -> bool:
    # A run that wakes was started long ago: no night of its schedule, and no parameter of runs to come, holds it up.
    return "PREFECT__FLOW_RUN_ID" in os.environ


def _unfit_schedules(given: object) -> list[str]:
    several = given if isinstance(given, list | tuple) else [given]
    return [f"schedule: {said}" for one in several for said in _unfit_schedule(one)]


def _unfit_schedule(given: object) -> list[str]:
    cron = Cron(given) if isinstance(given, str) else given
    if not isinstance(cron, Cron):
        return [f'{shown(given)} is no schedule; write Cron("0 9 * * 1", zone="Europe/London")']
    return [] if _in_a_run() else faults_of_schedule(cron.text, cron.zone, as_of=datetime.now(UTC))


def _unfit_limit(limit: object) -> list[str]:
    if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 1:
        return []
    return [f"limit: {shown(limit)} is not how many runs may work at once; write 1 or more"]


def _unfit_parameters(given: object, body: Callable[..., Any]) -> list[str]:
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        return [f'parameters: {shown(given)} is no mapping; write {{"brief": "briefs/spring_sale.yaml"}}']
    found = inspect.signature(body).parameters
    said: list[str] = []
    for one in given:
        if one not in found:
            instead = did_you_mean(str(one), found, f"it takes {listed(found) or 'none'}")
            said.append(f"parameters: {body.__name__} takes no {shown(one)}; {instead}")
    return said or ([] if _in_a_run() else _unfit_values(body, {**defaults_of(body), **given}))


def _unfit_values(body: Callable[..., Any], values: Mapping[str, Any]) -> list[str]:
    """What Prefect's server would not take when it is registered, or a run would crash on."""
    from prefect.utilities.callables import parameter_schema
    from prefect.utilities.schema_tools.validation import validate
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        plain = to_jsonable_python(values)
        found = validate(plain, parameter_schema(body).model_dump(exclude_unset=True), ignore_required=True)
    except (PydanticSerializationError, TypeError, ValueError) as error:
        return [f"parameters: {told_of(error)}; write texts, numbers, lists and mappings of these"]
    return [f"parameters: {'.'.join(map(str, one.absolute_path))}: {shorten(one.message, 200)}" for one in found]


def _unfit_tags(tags: object) -> list[str]:
    if isinstance(tags, Sequence) and not isinstance(tags, str) and all(isinstance(one, str) for one in tags):
        return []
    return [f'tags: {shown(tags)} is no list of texts; write tags=["newsletter"]']


def _no_option(option: str) -> str:
    known = ["name", "schedule", "limit", "parameters", "tags", *FlowOptions.__annotations__]
    return f"is nothing that a campaign takes; {did_you_mean(option, known, f'it takes {listed(known)}')}"
