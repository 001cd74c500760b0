"""Packs: rules that belong together, with one owner, one version and parameters that a project may set.

    policies/packs/NAME/pack.yaml       what the pack is, and its parameters
    policies/packs/NAME/*.yaml          its rules, in which ${parameter} stands for a parameter's value

In a project's folder `packs/NAME/pack.yaml` with `extends: NAME` switches a shipped pack on or off and sets its
parameters; without, it is a pack of the project's own.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Self, cast

from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, Field, StringConstraints

from policies.engine.policy import Source, Words
from policies.engine.rule_overlay import Reason
from presscheck.cleaning import shorten
from presscheck.documents.document import Document
from presscheck.documents.plain_yaml import Place, where
from presscheck.documents.sentences import counted, did_you_mean
from presscheck.errors import Fault, PolicyError
from presscheck.models import Frozen

FILE = "pack"
PackName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$", max_length=60)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Value = bool | int | float | str | list[str]
_PLACE = re.compile(r"\$\{([^{}\n]*)\}")


def _some_version(text: str) -> str:
    try:
        Version(text)
    except InvalidVersion as error:
        raise ValueError('is no version; write one such as "1.2" in quotes') from error
    return text


VersionText = Annotated[str, AfterValidator(_some_version)]


class Parameter(Frozen):
    """A value that a pack's rules leave open."""

    default: Value = Field(description="The value where a project sets none.")
    what: Words = Field(description="What it is, and what a larger or smaller value means.")


class Pack(Frozen):
    """What `pack.yaml` says of a pack."""

    pack: PackName = Field(description="The name of the folder.")
    version: VersionText = Field(description='The version in quotes, such as "1.2".')
    needs: VersionText = Field(default="0", description='The least version of Presscheck that reads it, such as "0.1".')
    title: Words = Field(description="What the pack is in one line.")
    why: Words = Field(description="Why a brand would want it.")
    source: Source = Field(description="Where its rules come from: name and date.")
    owner: Words = Field(description="The role or team that answers for it.")
    on: bool = Field(default=True, description="false: its rules hold only where a project switches the pack on.")
    parameters: dict[ParameterName, Parameter] = Field(default={}, description="Values that its rules leave open.")


class PackSettings(Frozen):
    """What a project's `pack.yaml` changes of a shipped pack."""

    extends: PackName = Field(description="The name of the shipped pack.")
    why: Words = Field(description="Why this brand differs.")
    owner: Words = Field(description="The role or team that answers for the difference.")
    on: bool | None = Field(default=None, description="true or false: switches the pack on or off.")
    set: dict[str, Value] = Field(default={}, description="Values for the pack's parameters.")


@dataclass(frozen=True)
class PackInForce:
    """A pack of a set of policies."""

    pack: Pack
    on: bool
    own: bool
    """Whether it is the project's own."""
    rules: tuple[str, ...] = ()
    """The ids of its rules; none where it is off."""
    set: tuple[tuple[str, str], ...] = ()
    """The parameters that the project sets, with their values in words."""
    written: tuple[Mapping[str, Any], ...] = ()
    """Its rules as their files say them, with the parameters in them; they may have faults where it is off."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all its rules, also where it is off."""
        return tuple(sorted(str(one.get("id")) for one in self.written))

    @property
    def values(self) -> dict[str, str]:
        """Every parameter with its value in words."""
        return {name: self.default(name) for name in self.pack.parameters} | dict(self.set)

    def default(self, parameter: str) -> str:
        """The value of a parameter where a project sets none, in words."""
        return _in_words(self.pack.parameters[parameter].default)


@dataclass(frozen=True)
class PackFiles:
    """A pack as its files say it, before its parameters have values."""

    pack: Pack
    document: Document
    rules: tuple[tuple[str, Document], ...]
    """The stem of each rule's file, with what it says."""
    values: Mapping[str, Value]
    on: bool
    own: bool
    reason: Reason | None = None
    """Why a project sets it otherwise than it ships."""
    settings: Document | None = None
    """The project's file that sets it."""

    @classmethod
    def of(cls, pack: Pack, document: Document, rules: tuple[tuple[str, Document], ...], *, own: bool) -> Self:
        """The pack with the defaults of its parameters."""
        return cls(pack, document, rules, {name: one.default for name, one in pack.parameters.items()}, pack.on, own)

    def with_settings(self, settings: PackSettings, document: Document, faults: list[Fault]) -> "PackFiles":
        """The pack as a project sets it; a parameter that it does not have is a fault."""
        values = dict(self.values)
        for name, value in settings.set.items():
            known = self.pack.parameters.get(name)
            if known is None:
                said = f"{self.pack.pack} has no such parameter; {_meant(name, self.pack.parameters)}"
                faults.append(document.fault(("set", name), said))
            elif (given := _kind(value)) != (wanted := _kind(known.default)):
                said = f"is {given}; write {wanted}, as its default is: {shorten(_in_words(known.default), 60)}"
                faults.append(document.fault(("set", name), said))
            else:
                values[name] = value
        on = self.on if settings.on is None else settings.on
        reason = Reason(self.pack.pack, settings.owner, settings.why)
        return replace(self, values=values, on=on, reason=reason, settings=document)

    def told(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """Faults of its rules; those that a value of the project's makes are told once, where the project sets it."""
        written = {document.path: document for _, document in self.rules}
        ours = {name for name, one in self.pack.parameters.items() if self.values[name] != one.default}
        found: dict[str, list[Fault]] = {}
        for fault in faults:
            names = _filled_in(written[fault.path], fault.where, ours) if self.settings is not None else ()
            for name in names:
                found.setdefault(name, []).append(fault)
            if not names:
                yield fault
        for name, some in found.items():
            rules = {one.path for one in some}
            others = f", and so say {counted(len(rules) - 1, 'more rule')}" if len(rules) > 1 else ""
            said = f"does not fit {some[0].path} ({some[0].where}): {some[0].message}{others}"
            yield cast(Document, self.settings).fault(("set", name), said)

    def in_force(self, held: Container[str]) -> PackInForce:
        """The pack as a set of policies knows it; `held` are the ids of the policies in force."""
        rules = [_mapping(document) for _, document in self.documents]
        ids = [str(one["id"]) for one in rules if str(one.get("id")) in held] if self.on else []
        differs = {name: value for name, value in self.values.items() if value != self.pack.parameters[name].default}
        told = tuple((name, _in_words(value)) for name, value in differs.items())
        return PackInForce(self.pack, self.on, self.own, tuple(sorted(ids)), told, tuple(rules))

    @property
    def ids(self) -> list[str]:
        """The ids of its rules."""
        return [str(said["id"]) for _, document in self.rules if "id" in (said := _mapping(document))]

    @cached_property
    def documents(self) -> list[tuple[str, Document]]:
        """The rules' documents with the values in them; an unknown parameter is a fault of the document."""
        return [(stem, _filled(document, self.values)) for stem, document in self.rules]


def read_pack(document: Document, name: str) -> Pack:
    """The pack of a folder. PolicyError with every fault, such as one that a newer Presscheck is needed for."""
    pack = document.parse(Pack, PolicyError)
    faults: list[Fault] = []
    if pack.pack != name:
        faults.append(document.fault(("pack",), f"is {pack.pack}, and the folder is called {name}; make both the same"))
    if Version(pack.needs) > _ours():
        message = f"needs Presscheck {pack.needs} and this is {_ours()}; update Presscheck, or take an older pack"
        faults.append(document.fault(("needs",), message))
    if faults:
        raise PolicyError(faults)
    return pack


@cache
def _ours() -> Version:
    try:
        return Version(version("presscheck"))
    except PackageNotFoundError:
        return Version("0")


def _mapping(document: Document) -> dict[str, Any]:
    """What a document says; nothing where it is no mapping, which is told where it is parsed."""
    said: object = document.value
    return cast(dict[str, Any], said) if isinstance(said, dict) else {}


def _filled(document: Document, values: Mapping[str, Value]) -> Document:
    """A rule's document in which `${name}` is the parameter's value: with its type where it stands alone."""
    faults: list[Fault] = []
    value = _fill(document.value, values, document, (), faults)
    return replace(document, value=value, faults=(*document.faults, *faults))


def _fill(
    value: Any, values: Mapping[str, Value], document: Document, place: tuple[str | int, ...], faults: list[Fault]
) -> Any:
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        return {name: _fill(one, values, document, (*place, name), faults) for name, one in items}
    if isinstance(value, list):
        filled: list[Any] = []
        for at, one in enumerate(cast(list[Any], value)):
            new = _fill(one, values, document, (*place, at), faults)
            # A list that stands as an item is a list of items: `phrases: [hurry, ${more}]`.
            filled.extend(cast(list[Any], new) if isinstance(new, list) and isinstance(one, str) else [new])
        return filled
    if not isinstance(value, str) or "${" not in value:
        return value
    for name in _PLACE.findall(value):
        if name not in values:
            faults.append(document.fault(place, f"there is no parameter {name[:60]}; {_meant(name, values)}"))
    whole = _PLACE.fullmatch(value)
    if whole is not None:
        return values.get(whole[1], value)
    return _PLACE.sub(lambda found: _in_words(values.get(found[1], found[0])), value)


def _filled_in(document: Document, where_: str, names: Container[str]) -> list[str]:
    """Which of these parameters stand at a fault's place, above or below it; of a case, all that its rule has."""
    found: dict[str, None] = {}
    for place, text in _texts(document.value, ()):
        # A list that stands as an item moves those behind it, so any item of a list may be what is told.
        here = where(place[:-1] if place and isinstance(place[-1], int) else place)
        if where_.startswith(("cases", here)) or here.startswith(where_):
            found |= dict.fromkeys(name for name in _PLACE.findall(text) if name in names)
    return [*found]


def without_parameters(document: Document) -> Iterator[Fault]:
    """Where a rule that is in no pack names a parameter, which would be looked for letter by letter. What its cases
    say is copy, in which anything may stand."""
    for place, text in _texts(_mapping(document), ()):
        names = [] if place[0] == "cases" else [one for one in _PLACE.findall(text) if one[:1].isalpha()]
        for name in names:
            said = f"${{{name[:60]}}} is a parameter, and a rule outside of a pack has none; write its value"
            yield document.fault(place, f"{said}, or where these signs are meant the pattern \\$\\{{")


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, one in cast(dict[str, Any], value).items():
            yield from _texts(one, (*place, name))
    elif isinstance(value, list):
        for at, one in enumerate(cast(list[Any], value)):
            yield from _texts(one, (*place, at))


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list) else "text" if isinstance(value, str) else "a number"


def _in_words(value: Value) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _meant(name: str, known: Mapping[str, object]) -> str:
    return did_you_mean(name, known, f"pack.yaml has {', '.join(known) or 'none'}")
