"""YAML that people write, read so that every fault is told at once with its line.

`parse_document` turns text into a pydantic model or raises the caller's `InputError`; `Document`
keeps the lines, for callers that find faults of their own later.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from presscheck.documents.plain_yaml import Place, read_yaml, where
from presscheck.documents.sentences import neither, sentence_for
from presscheck.errors import Fault, InputError

MAX_BYTES = 256 * 1024

M = TypeVar("M", bound=BaseModel)
_NO_LIST = ("list_type", "tuple_type")
_NAMED = re.compile(r"([a-z_]+): ")


@dataclass(frozen=True)
class Document:
    """What a file says, with the line of every key and item."""

    path: str
    value: Any
    """Plain dicts, lists, str, int, float, bool and None; None where nothing could be read."""
    lines: Mapping[Place, int]
    faults: tuple[Fault, ...] = ()
    """What was wrong with the YAML itself."""
    written: Mapping[Place, str] = field(default_factory=dict[Place, str])
    """How a value stands there that is no text."""

    def line(self, place: Place) -> int | None:
        """The line of the nearest known place at or above `place`, counted from 1."""
        for length in range(len(place), -1, -1):
            if (line := self.lines.get(place[:length])) is not None:
                return line
        return None

    def fault(self, place: Place, message: str) -> Fault:
        """A fault at a place of this document."""
        return Fault(self.path, self.line(place), where(place), message)

    def parse(self, model: type[M], error: type[InputError]) -> M:
        """The document as `model`; raises `error` with all its faults in order of line."""
        found = list(self.faults)
        parsed: M | None = None
        # A document that stopped in the middle would only add faults that are not there.
        if self.value is not None or not found:
            try:
                parsed = model.model_validate(self.value)
            except ValidationError as failure:
                found.extend(self._faults_of(model, failure))
        if found or parsed is None:
            raise error(sorted(found, key=lambda fault: (fault.line or 0, fault.where)))
        return parsed

    def _faults_of(self, model: type[BaseModel], failure: ValidationError) -> Iterator[Fault]:
        problems = failure.errors(include_url=False)
        places = [self._place(one["loc"]) for one in problems]
        words = {place: one for (place, _), one in zip(places, problems, strict=True) if one["type"] == "literal_error"}
        for (place, typed), problem in zip(places, problems, strict=True):
            context = problem.get("ctx", {})
            if problem["type"] == "too_short" and len(problem["input"]) >= context.get("min_length", 0):
                # Pydantic counts the items that are well-formed; those that are not have faults of their own.
                continue
            if place in words and words[place] is problem and sum(one[: len(place)] == place for one, _ in places) > 1:
                # Of `all, or a list`: what is wrong with the list is told by itself, and so is what is neither.
                continue
            if problem["type"] in _NO_LIST and place in words:
                yield self.fault(place, neither(words[place]))
                continue
            said = sentence_for(model, typed, problem, written=self.written.get(place))
            named = _NAMED.match(said) if problem["type"] == "value_error" else None
            if named and isinstance(problem["input"], dict) and named[1] in cast(dict[str, Any], problem["input"]):
                # A model's own fault that names the key it is about is told at that key.
                yield self.fault((*place, named[1]), said[named.end() :])
            else:
                yield self.fault(place, said)

    def _place(self, loc: Iterable[str | int]) -> tuple[Place, Place]:
        """Pydantic's location without the steps that name a member of a union, not a key; and with them."""
        place: list[str | int] = []
        typed: list[str | int] = []
        value = self.value
        named: object = None
        steps = list(loc)
        for at, step in enumerate(steps):
            # One name of a member and no second: what is missing in it may be called as its kind is.
            if value is not named and _is_tag(step, value, steps[at + 1 :]):
                named = cast(object, value)
                typed.append(step)
                continue
            before = len(place)
            if isinstance(value, dict) and step in value:
                value = cast(dict[Any, Any], value)[step]
                place.append(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(cast(list[Any], value)):
                value = cast(list[Any], value)[step]
                place.append(step)
            elif at == len(steps) - 1 and isinstance(value, dict):
                place.append(step)
            typed += place[before:]
        return tuple(place), tuple(typed)


def _is_tag(step: str | int, value: Any, beyond: list[str | int]) -> bool:
    """Whether a step names the member of a union by its `kind` or `type`, and not a key that is called the same."""
    if not isinstance(value, dict):
        return False
    said = cast(dict[Any, Any], value)
    return step in (said.get("kind"), said.get("type")) and (step not in said or (bool(beyond) and beyond[0] in said))


def parse_document(text: str, *, path: str, model: type[M], error: type[InputError]) -> M:
    """`text` as `model`; raises `error` carrying every fault with path, line and place.

    `path` is the name used in messages; nothing is opened here.
    """
    return read_document(text, path=path).parse(model, error)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) for editors that complete and check YAML."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}


# A set of policies and the same set with an overlay are mostly the same files.
@lru_cache(maxsize=1024)
def read_document(text: str, *, path: str) -> Document:
    """The text's plain values and their lines; faults of the YAML itself are kept, not raised."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        message = (
            f"is {size:,} bytes long; at most {MAX_BYTES:,} are read. Split it, or check that it is the right file"
        )
        return Document(path, None, {}, (Fault(path, None, "", message),))
    read = read_yaml(text, path)
    return Document(path, read.value, read.lines, tuple(read.faults), read.written)
