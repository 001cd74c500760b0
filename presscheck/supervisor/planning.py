"""What is to be registered, and what is wrong: hand-written deployments, decorated campaigns, the standing duty.

    plan = plan_deployments(read_deployments(DEPLOYMENTS, as_of=now), [load_flows(file) for file in files])
    plan.by_hand, plan.decorated, plan.faults

What is sound is registered whatever is wrong beside it. Of a deployment that is written by hand and in a decorator,
the hand-written one counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from presscheck.supervisor.deployment_file import DeploymentFile, Entry
from presscheck.supervisor.flow_loading import Found, Loaded, file_of, function_of
from presscheck.supervisor.standing import DUTY, STANDING


@dataclass
class Plan:
    """What is to be registered."""

    by_hand: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Entries for `prefect deploy`: hand-written ones, and the standing duty."""
    whole: bool = False
    """They are all that stands in the file, and nothing else: it can be deployed as it is."""
    decorated: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Entries of `@campaign`s."""
    named: dict[str, str] = field(default_factory=dict[str, str])
    """Every deployment that some file names, sound or not, with its entrypoint."""
    schedules: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """By deployment that is written by hand, how its schedules are known: by slug, or by when they come."""
    faults: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """By name why it is not registered."""
    files: dict[str, str] = field(default_factory=dict[str, str])
    """Why a file does not load of which no hand-written entry says what it holds."""
    notes: list[str] = field(default_factory=list[str])


def plan_deployments(file: DeploymentFile, loaded: Iterable[Loaded]) -> Plan:
    """The plan for what the files say; `loaded` is every file that they need."""
    plan, found = Plan(), {one.file: one for one in loaded}
    for entry in file.entries:
        _say(plan, entry.name, entry.entrypoint, [*map(str, entry.faults), *_unloadable(entry, found)])
        plan.schedules.setdefault(entry.name, []).extend(map(key_of, entry.value.get("schedules") or []))
    _say_twice(plan, ((entry.name, entry.place) for entry in file.entries))
    decorated = [each for one in found.values() for each in _campaigns(one)]
    mine: list[dict[str, Any]] = []
    for entry, place in decorated:
        _say(plan, entry["name"], entry["entrypoint"], [])
        if (hand := _by_hand(entry, file)) is None:
            mine.append(entry)
        else:
            said = f"{hand.name}: {hand.place} deploys it, so what {place} says of schedule, limit and parameters"
            plan.notes.append(f"{said} does not count; take one of them away")
    _say_twice(plan, _flow_names(found.values()))
    for entry, place in decorated:
        if entry["name"] == DUTY:
            _say(plan, DUTY, "", [f"{place}: {DUTY} is the duty that comes with Presscheck; choose another name"])
    plan.by_hand = [entry.value for entry in file.entries if not plan.faults.get(entry.name)]
    if _by_hand(STANDING, file) is None:
        plan.by_hand.append(STANDING)
        plan.named.setdefault(DUTY, STANDING["entrypoint"])
        plan.schedules.setdefault(DUTY, []).extend(map(key_of, STANDING["schedules"]))
    plan.whole = plan.by_hand == [entry.value for entry in file.entries]
    plan.decorated = [entry for entry in mine if not plan.faults.get(entry["name"])]
    named = {file_of(entry.entrypoint) for entry in file.entries}
    plan.files = {one.file: one.fault for one in found.values() if one.fault and one.file not in named}
    return plan


def key_of(schedule: Any) -> str:
    """How a schedule is known, in a file and to Prefect's server, which has its time one level deeper."""
    said = cast("dict[str, Any]", schedule) if isinstance(schedule, dict) else {}
    time: dict[str, Any] = {**said, **(said.get("schedule") or {})}
    return str(said.get("slug") or time.get("cron") or time.get("rrule") or "interval")


def _say(plan: Plan, name: str, entrypoint: str, faults: list[str]) -> None:
    plan.named.setdefault(name, entrypoint)
    if faults:
        plan.faults.setdefault(name, []).extend(faults)


def _unloadable(entry: Entry, found: dict[str, Loaded]) -> Iterator[str]:
    """Why the flow that an entry names cannot be loaded."""
    file, function = file_of(entry.entrypoint), function_of(entry.entrypoint)
    loaded = found.get(file)
    if loaded is None:
        return
    if loaded.fault:
        yield loaded.fault
    elif function not in loaded.flows:
        yield f"{file}: it holds no flow {function}; correct entrypoint"


def _campaigns(loaded: Loaded) -> Iterator[tuple[dict[str, Any], str]]:
    seen: set[int] = set()
    for flow in loaded.flows.values():
        # A flow may stand under two names in its module; it is one flow.
        if flow.entry is not None and id(flow.flow) not in seen:
            seen.add(id(flow.flow))
            yield flow.entry, _place(loaded, flow)


def _flow_names(found: Iterable[Loaded]) -> Iterator[tuple[str, str]]:
    for loaded in found:
        yield from dict.fromkeys((flow.name, _place(loaded, flow)) for flow in loaded.flows.values() if flow.line)


def _place(loaded: Loaded, flow: Found) -> str:
    return f"{loaded.file}:{flow.line}"


def _by_hand(entry: dict[str, Any], file: DeploymentFile) -> Entry | None:
    return next(
        (one for one in file.entries if one.name == entry["name"] or one.entrypoint == entry["entrypoint"]), None
    )


def _say_twice(plan: Plan, named: Iterable[tuple[str, str]]) -> None:
    """Whatever bears one name in two places is told with both, and neither counts."""
    places: dict[str, list[str]] = {}
    for name, place in named:
        places.setdefault(name, []).append(place)
    for name, where in places.items():
        if len(where) > 1:
            said = f"{where[0]} and {where[1]} are both called {name}; give one of them another name"
            plan.faults.setdefault(name, []).append(said)
