"""A hand-written `deployments/prefect.yaml`: what Prefect would pass over in silence is told with its line.

    file = read_deployments(Path("deployments/prefect.yaml"), as_of=now)
    [entry.faults for entry in file.entries]

Prefect leaves out a key that it does not know, `shedules:` among them, and starts what a night skips at another hour.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from presscheck.cleaning import clean_line
from presscheck.documents.sentences import did_you_mean, listed, shown
from presscheck.errors import Fault, InputError

DEPLOYMENTS = Path("deployments/prefect.yaml")
_TEMPLATE = re.compile(r"\{\{.*\}\}")

Step = str | int


@dataclass(frozen=True)
class Entry:
    """One deployment as somebody wrote it, and what is wrong with it."""

    value: dict[str, Any]
    place: str
    """Its file and line."""
    faults: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        return str(self.value.get("name"))

    @property
    def entrypoint(self) -> str:
        return str(self.value.get("entrypoint"))


@dataclass(frozen=True)
class DeploymentFile:
    """What the file says; without one, nothing."""

    document: dict[str, Any] = field(default_factory=dict[str, Any])
    entries: tuple[Entry, ...] = ()


def read_deployments(path: Path, *, as_of: datetime) -> DeploymentFile:
    """The file's entries, none where there is no file. InputError: it cannot be read, or lists no deployments."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text("utf-8")
        # Read twice: one reader keeps lines, and the other gives plain values, anchors and merges resolved.
        read: Any = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
        lined: Any = YAML(typ="rt").load(text)  # pyright: ignore[reportUnknownMemberType]
    except FileNotFoundError:
        return DeploymentFile()
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        said = " ".join(str(error).split())[:300]
        raise InputError([Fault(str(path), None, "", f"cannot be read: {said}")]) from error
    listed_there = cast("dict[str, Any]", read).get("deployments") if isinstance(read, dict) else None
    if not isinstance(listed_there, list) or not all(isinstance(one, dict) for one in cast("list[Any]", listed_there)):
        said = "holds no list of deployments; write deployments: [] or take the file away"
        raise InputError([Fault(str(path), None, "", said)])
    document = cast("dict[str, Any]", read)
    reader = _Reader(str(path), lined, as_of)
    entries = cast("list[dict[str, Any]]", listed_there)
    return DeploymentFile(document, tuple(reader.entry(at, one) for at, one in enumerate(entries)))


@dataclass(frozen=True)
class _Reader:
    """Looks at the entries of one file."""

    path: str
    lined: Any
    as_of: datetime

    def entry(self, at: int, value: dict[str, Any]) -> Entry:
        place: tuple[Step, ...] = ("deployments", at)
        return Entry(value, f"{self.path}:{self._line(place)}", tuple(self._faults(place, value)))

    def _faults(self, place: tuple[Step, ...], value: dict[str, Any]) -> Iterator[Fault]:
        from prefect.cli.deploy._models import (
            ConcurrencyLimitSpec,
            DeploymentConfig,
            RawScheduleConfig,
            WorkPoolConfig,
        )

        yield from self._unknown(place, value, DeploymentConfig)
        for key, such in (("name", "winter-sale"), ("entrypoint", "flows/winter_sale.py:winter_sale")):
            if not isinstance(value.get(key), str) or not value[key]:
                yield self._fault(place, f"has no {key}; write {key}: {such}")
        for key, model in (("work_pool", WorkPoolConfig), ("concurrency_limit", ConcurrencyLimitSpec)):
            if isinstance(value.get(key), dict):
                yield from self._unknown((*place, key), value[key], model)
        limit = value.get("concurrency_limit")
        limit = cast("dict[str, Any]", limit).get("limit") if isinstance(limit, dict) else limit
        if isinstance(limit, int) and limit < 1:
            yield self._fault((*place, "concurrency_limit"), f"{limit} is not how many runs may work at once; write 1")
        schedules = value.get("schedules")
        if schedules is not None and not isinstance(schedules, list):
            yield self._fault((*place, "schedules"), "is no list; write each schedule after a hyphen")
            return
        for at, one in enumerate(cast("list[Any]", schedules or [])):
            yield from self._schedule((*place, "schedules", at), one, RawScheduleConfig)

    def _schedule(self, place: tuple[Step, ...], value: Any, model: type[BaseModel]) -> Iterator[Fault]:
        from tasks.schedules import faults_of_schedule, faults_of_zone

        if not isinstance(value, dict):
            yield self._fault(place, f"{shown(value)} is no schedule; write cron: and timezone: below it")
            return
        schedule = cast("dict[str, Any]", value)
        yield from self._unknown(place, schedule, model)
        cron, zone = schedule.get("cron"), schedule.get("timezone") or "UTC"
        if not any(schedule.get(key) for key in ("cron", "interval", "rrule")):
            yield self._fault(place, 'says no time; write cron: "0 9 * * 1", or interval: or rrule:')
        elif any(isinstance(one, str) and _TEMPLATE.search(one) for one in (cron, zone)):
            # What Prefect puts in is known when it is registered.
            return
        elif cron is None:
            yield from (self._fault((*place, "timezone"), said) for said in faults_of_zone(zone))
        else:
            both = schedule.get("day_or", True) is not False
            said = faults_of_schedule(cron, zone, as_of=self.as_of, day_or=both)
            yield from (self._fault((*place, "cron"), one) for one in said)

    def _unknown(self, place: tuple[Step, ...], value: Mapping[str, Any], model: type[BaseModel]) -> Iterator[Fault]:
        known = [field.alias or name for name, field in model.model_fields.items()]
        for key in value:
            if key not in known:
                instead = did_you_mean(str(key), known, f"known are {listed(sorted(known))}")
                yield self._fault(
                    (*place, clean_line(str(key))[:80]), f"is not a known key, and Prefect passes over it; {instead}"
                )

    def _fault(self, place: tuple[Step, ...], message: str) -> Fault:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
        return Fault(self.path, self._line(place), where, message)

    def _line(self, place: tuple[Step, ...]) -> int:
        """The line of a place, or of the nearest above it that is written there and comes from no anchor."""
        line, value = 1, self.lined
        for step in place:
            try:
                at = value.lc.item(step) if isinstance(step, int) else value.lc.key(step)
                line, value = int(at[0]) + 1, value[step]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line
