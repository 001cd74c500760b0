"""What was registered here the last time, so that whatever stands in no file any more is known and switched off.

before = remembered(settings.home)
before["spring-sale"].entrypoint, before["spring-sale"].schedules
remember(settings.home, now)
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from presscheck.supervisor.decorated import stands_in_a_decorator
from presscheck.supervisor.planning import key_of

_FILE = "registered.json"


@dataclass(frozen=True)
class Registered:
    """A deployment: where its flow is, and how the schedules are known that stood in a file."""

    entrypoint: str
    schedules: list[str] | None
    """None: an earlier version registered it, which wrote down no schedules."""

    def is_gone(self, schedule: dict[str, Any], left: list[str]) -> bool:
        """Whether this schedule of Prefect's stood in a file and does no more; `left` are those that still do."""
        if self.schedules is None:
            # A deployment that has none by hand any more is decorated by now.
            return not left and not stands_in_a_decorator(schedule.get("slug"))
        return key_of(schedule) in self.schedules and key_of(schedule) not in left


def remembered(home: Path) -> dict[str, Registered]:
    """By name what was registered the last time; nothing where that was never."""
    with contextlib.suppress(OSError, ValueError):
        read = json.loads((home / _FILE).read_text("utf-8"))
        return {str(name): _known(one) for name, one in cast("dict[str, Any]", read).items()}
    return {}


def remember(home: Path, registered: dict[str, Registered]) -> None:
    """Write it down, whole or not at all."""
    path = home / _FILE
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps({name: asdict(one) for name, one in registered.items()}, indent=2) + "\n", "utf-8")
    fresh.replace(path)


def _known(one: Any) -> Registered:
    if isinstance(one, str):
        return Registered(one, None)
    said = cast("dict[str, Any]", one)
    schedules = said.get("schedules")
    return Registered(str(said.get("entrypoint")), None if schedules is None else list(map(str, schedules)))
