"""The campaigns of `deployments/prefect.yaml`: those that load are registered, all others told and switched off.

    campaigns = Campaigns(settings)
    campaigns.look()                        # while Prefect's server starts: both take their time
    told = campaigns.register(inner, stopping)

A campaign whose file does not load would be started and crash; one that was taken out of the file would go on
being started by its schedule. Neither keeps the others from running.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.supervisor import plan
from presscheck.supervisor.children import Child
from presscheck.supervisor.inner import Inner

# A file that takes longer to load keeps every answer of a person waiting as long.
_LOADS_WITHIN = 60.0
_REGISTERED_WITHIN = 300.0
_LOOK_EVERY = 0.2


class Campaigns:
    """The campaigns of one project."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._child: Child | None = None

    def look(self) -> None:
        """Begin to load the files, in a process of its own; `register` waits for what it finds."""
        with contextlib.suppress(PresscheckError):
            self._load(_entrypoints(self._document()))

    def stop(self) -> None:
        """End what is under way."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def register(self, inner: Inner, stopping: threading.Event) -> tuple[str, ...]:
        """Register what is sound, switch off what is not or is gone; a line for each of these.

        PresscheckError where nothing could be registered although its files load.
        """
        try:
            document = self._document()
        except PresscheckError as error:
            return (f"no campaign was registered, and those from before stay as they were: {error}",)
        named = {str(one.get("name")): str(one.get("entrypoint")) for one in document["deployments"]}
        faults = self._faults(_entrypoints(document), stopping)
        if stopping.is_set():
            return ()
        sound = [one for one in document["deployments"] if not faults.get(str(one.get("entrypoint")))]
        if sound:
            whole = len(sound) == len(document["deployments"])
            self._deploy(None if whole else {**document, "deployments": sound}, stopping)
        self.stop()
        off = {name: at for name, at in named.items() if faults[at]}
        told = [f"{name} was not registered, and its schedule is off: {faults[at]}" for name, at in off.items()]
        gone = {name: at for name, at in self._before().items() if name not in named}
        for name, at in (off | gone).items():
            switched = inner.switch_off(name, at)
            if name in gone and switched:
                told.append(f"{name} stands in {plan.DEPLOYMENTS} no more; its schedule was switched off")
        self._remember(named)
        return tuple(told)

    def _document(self) -> dict[str, Any]:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        path = plan.code_folder(self.settings) / plan.DEPLOYMENTS
        try:
            read: Any = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))  # pyright: ignore[reportUnknownMemberType]
        except (OSError, UnicodeDecodeError, YAMLError) as error:
            said = " ".join(str(error).split())[:300]
            raise PresscheckError(f"{path}: cannot be read: {said}") from error
        listed = cast("dict[str, Any]", read).get("deployments") if isinstance(read, dict) else None
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in cast("list[Any]", listed)):
            raise PresscheckError(f"{path}: holds no list of deployments; docs/writing-a-campaign.md shows one")
        return cast("dict[str, Any]", read)

    def _faults(self, entrypoints: list[str], stopping: threading.Event) -> dict[str, str]:
        """By entrypoint what is wrong with it, empty where nothing is; a process that loads waits to be told of it."""
        found: dict[str, str] = {}
        child, left = self._child or self._load(entrypoints), entrypoints
        while True:
            in_time = self._until_loaded(child, left, stopping)
            found |= self._answers()
            # Whichever was being loaded when the process ended, or did not, is at fault.
            culprit = next((one for one in left if one not in found), None)
            if stopping.is_set() or (culprit is None and (child.pid is not None or not left)):
                return found
            if culprit is not None:
                how = "ends the process that loads it" if in_time else f"does not load within {_LOADS_WITHIN:.0f} s"
                found[culprit] = f"{culprit.rpartition(':')[0]}: {how}; what a file does belongs into its flow"
            left = [one for one in entrypoints if one not in found]
            child = self._load(left)

    def _until_loaded(self, child: Child, entrypoints: list[str], stopping: threading.Event) -> bool:
        return _until(lambda: child.pid is None or set(entrypoints) <= set(self._answers()), _LOADS_WITHIN, stopping)

    def _load(self, entrypoints: list[str]) -> Child:
        self.stop()
        plan.answers(self.settings).unlink(missing_ok=True)
        plan.go(self.settings).unlink(missing_ok=True)
        self._child = plan.registering(self.settings, entrypoints)
        self._child.start()
        return self._child

    def _answers(self) -> dict[str, str]:
        """By entrypoint what the process that loads has found so far."""
        found: dict[str, str] = {}
        with contextlib.suppress(OSError):
            # The end may be a line that is just being written.
            for line in plan.answers(self.settings).read_text("utf-8").rpartition("\n")[0].splitlines():
                # A file that is loaded can write here as well; what is no answer is none.
                with contextlib.suppress(ValueError, TypeError, KeyError):
                    answer = json.loads(line)
                    found[str(answer["entrypoint"])] = str(answer["fault"])
        return found

    def _deploy(self, only: dict[str, Any] | None, stopping: threading.Event) -> None:
        file = plan.DEPLOYMENTS
        if only is not None:
            file = self.settings.home / "deployments.yaml"
            # JSON is YAML, and needs no writer that knows how Prefect wants it.
            file.write_text(json.dumps(only, default=str), "utf-8")
        child = self._child or self._load([])
        _write(plan.go(self.settings), str(file))
        in_time = _until(lambda: child.pid is None, _REGISTERED_WITHIN, stopping)
        # A file may end the process with any code, also when it is loaded once more.
        if plan.go(self.settings).exists() and not stopping.is_set():
            how = f"(exit code {child.code})" if in_time else f"within {_REGISTERED_WITHIN:.0f} s"
            raise PresscheckError(
                f"the campaigns could not be registered {how}:\n{child.last_words()}\nThe whole log: {child.log}"
            )

    def _before(self) -> dict[str, str]:
        """What was registered here the last time."""
        with contextlib.suppress(OSError, ValueError):
            read = json.loads((self.settings.home / "registered.json").read_text("utf-8"))
            return {str(name): str(at) for name, at in read.items()}
        return {}

    def _remember(self, named: dict[str, str]) -> None:
        _write(self.settings.home / "registered.json", json.dumps(named, indent=2) + "\n")


def _entrypoints(document: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(str(one.get("entrypoint")) for one in document["deployments"]))


def _write(path: Path, text: str) -> None:
    """Whole, or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def _until(over: Callable[[], bool], seconds: float, stopping: threading.Event) -> bool:
    """Whether it is over within so many seconds, and before everything is to stop."""
    until = time.monotonic() + seconds
    while not over():
        if time.monotonic() > until or stopping.wait(_LOOK_EVERY):
            return False
    return True
