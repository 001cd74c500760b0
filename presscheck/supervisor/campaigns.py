"""The project's campaigns: those that are sound are registered, all others told and switched off.

    campaigns = Campaigns(settings)
    campaigns.look()                        # while Prefect's server starts: both take their time
    told = campaigns.register(inner, stopping)

A campaign whose file does not load would be started and crash; one that stands in no file any more would go on
being started by its schedule. Neither keeps the others from running.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, cast

from presscheck.documents.sentences import listed
from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.supervisor import plan
from presscheck.supervisor.children import Child
from presscheck.supervisor.flow_loading import file_of
from presscheck.supervisor.inner import Inner
from presscheck.supervisor.planning import Plan
from presscheck.supervisor.remembered import Registered, remember, remembered

# A file that takes longer to load keeps every answer of a person waiting as long.
_LOADS_WITHIN = 60.0
_REGISTERED_WITHIN = 300.0
_LOOK_EVERY = 0.2


class Campaigns:
    """The campaigns of one project."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.notes: tuple[str, ...] = ()
        """What somebody should know of what was registered, and need not mend."""
        self._child: Child | None = None

    def look(self) -> None:
        """Begin to load the files, in a process of its own; `register` waits for what it finds."""
        self._load({})

    def stop(self) -> None:
        """End what is under way."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def register(self, inner: Inner, stopping: threading.Event) -> tuple[str, ...]:
        """Register what is sound, switch off what is not or is gone; a line for each of these.

        PresscheckError where nothing could be registered although its files load.
        """
        planned = self._planned(stopping)
        if stopping.is_set():
            return ()
        if isinstance(planned, str):
            return (f"no campaign was registered, and those from before stay as they were: {planned}",)
        answers = self._deploy(planned, stopping)
        self.stop()
        notes = list(planned.notes)
        for one in answers:
            if said := one.get("fault"):
                planned.faults.setdefault(str(one["registered"]), []).append(str(said))
            if gone := one.get("gone"):
                whose = f"{one['registered']}: its schedule {listed(gone)} stands in its file no more"
                notes.append(f"{whose}, and was taken away")
        self.notes = tuple(notes)
        before = remembered(self.settings.home)
        told = [*_unsound(planned, before, inner), *_gone(planned, before, inner)]
        now = {name: Registered(at, planned.schedules.get(name, [])) for name, at in planned.named.items()}
        # What a file holds that does not load is as it was.
        kept = {name: one for name, one in before.items() if file_of(one.entrypoint) in planned.files}
        remember(self.settings.home, kept | now)
        return tuple(told)

    def _planned(self, stopping: threading.Event) -> Plan | str:
        """What the process that loads the files found: the plan, or why there is none."""
        culprits: dict[str, str] = {}
        child = self._child or self._load(culprits)
        while True:
            in_time = _until(self._has_looked, _LOADS_WITHIN, stopping)
            last, answers = self._last(), self._answers()
            if last is not None or stopping.is_set():
                return "" if last is None else str(last["error"]) if "error" in last else Plan(**last["plan"])
            # Whichever was being loaded when the process ended, or did not, is at fault.
            begun = [str(one["file"]) for one in answers if "file" in one]
            loaded = {str(one["file"]) for one in answers if one.get("loaded")}
            culprit = next((one for one in begun if one not in loaded), None)
            if culprit is None:
                raise PresscheckError(f"the campaigns could not be loaded:\n{child.last_words()}\nThe log: {child.log}")
            how = "ends the process that loads it" if in_time else f"does not load within {_LOADS_WITHIN:.0f} s"
            culprits[culprit] = how
            child = self._load(culprits)

    def _load(self, culprits: dict[str, str]) -> Child:
        self.stop()
        plan.answers(self.settings).unlink(missing_ok=True)
        plan.go(self.settings).unlink(missing_ok=True)
        self._child = plan.registering(self.settings, culprits)
        self._child.start()
        return self._child

    def _has_looked(self) -> bool:
        return self._child is None or self._child.pid is None or self._last() is not None

    def _last(self) -> dict[str, Any] | None:
        return next((one for one in self._answers() if "error" in one or _is_plan(one.get("plan"))), None)

    def _answers(self) -> list[dict[str, Any]]:
        """What the process that loads has said so far."""
        found: list[dict[str, Any]] = []
        with contextlib.suppress(OSError):
            # The end may be a line that is just being written.
            for line in plan.answers(self.settings).read_text("utf-8").rpartition("\n")[0].splitlines():
                # A file that is loaded can write here as well; what is no answer is none.
                with contextlib.suppress(ValueError):
                    answer = json.loads(line)
                    if isinstance(answer, dict):
                        found.append(cast("dict[str, Any]", answer))
        return found

    def _deploy(self, planned: Plan, stopping: threading.Event) -> list[dict[str, Any]]:
        """Have it registered; what became of each decorated campaign."""
        child = self._child
        if child is None or not (planned.by_hand or planned.decorated):
            return []
        plan.go(self.settings).touch()
        in_time = _until(lambda: child.pid is None, _REGISTERED_WITHIN, stopping)
        # A file may end the process with any code, also when it is loaded once more.
        if plan.go(self.settings).exists() and not stopping.is_set():
            how = f"(exit code {child.code})" if in_time else f"within {_REGISTERED_WITHIN:.0f} s"
            raise PresscheckError(
                f"the campaigns could not be registered {how}:\n{child.last_words()}\nThe whole log: {child.log}"
            )
        return [one for one in self._answers() if "registered" in one]


def _unsound(planned: Plan, before: dict[str, Registered], inner: Inner) -> Iterator[str]:
    """Switch off what is not sound, and say why."""
    why = {name: "; ".join(said) for name, said in planned.faults.items()}
    at = dict(planned.named)
    for file, fault in planned.files.items():
        here = {name: one.entrypoint for name, one in before.items() if file_of(one.entrypoint) == file}
        why |= dict.fromkeys(here, fault)
        at |= here
        if not here:
            yield f"a campaign was not registered: {fault}"
    for name, fault in why.items():
        inner.switch_off(name, at.get(name, ""))
        yield f"{name} was not registered, and its schedule is off: {fault}"


def _gone(planned: Plan, before: dict[str, Registered], inner: Inner) -> Iterator[str]:
    """Switch off the deployments and the schedules that stood in a file the last time, and say so."""
    for name, one in before.items():
        if name not in planned.named:
            if file_of(one.entrypoint) not in planned.files:
                was_on = inner.switch_off(name, one.entrypoint)
                what = "its schedule was switched off" if was_on else "nothing starts it by itself"
                yield f"{name} stands in no file any more; {what}"
            continue
        now, left = planned.named[name], planned.schedules.get(name, [])
        # Of another flow's under the same name everything is gone.
        other = now != one.entrypoint and inner.switch_off(name, one.entrypoint)
        if inner.switch_off(name, now, lambda schedule, one=one, left=left: one.is_gone(schedule, left)) or other:
            yield f"{name}: a schedule of it stands in no file any more, and was switched off"


def _is_plan(said: Any) -> bool:
    return isinstance(said, dict) and cast("dict[str, Any]", said).keys() == {one.name for one in fields(Plan)}


def _until(over: Callable[[], bool], seconds: float, stopping: threading.Event) -> bool:
    """Whether it is over within so many seconds, and before everything is to stop."""
    until = time.monotonic() + seconds
    while not over():
        if time.monotonic() > until or stopping.wait(_LOOK_EVERY):
            return False
    return True
