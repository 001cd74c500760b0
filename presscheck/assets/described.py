"""Content that describes itself: titled parts with units and limits, so that it is shown, edited and compared anywhere.

    Description.model_validate(asset.content)      # ValidationError says everything that is wrong with it

What is signed is the description whole: titles, units, limits and sums as much as words and numbers. Nobody needs the
class that it was made from (`assets.kind`) to see what they sign, and nothing of it is shown that is not signed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from presscheck.assets.signable import Look, Shown, Signable
from presscheck.cleaning import clean_line, shorten, words_of
from presscheck.digests import canonical
from presscheck.documents.sentences import listed, sentence_for
from presscheck.errors import LedgerForged
from presscheck.matching import looks_of
from presscheck.models import Allowance, Asset, Digest, Finding, Frozen, PartName, Picture, SentLine, SentText

DOLLARS = "US dollars"
"""The unit of what is spent; limits and rights count in it."""
_MOST = 10**12
_MOST_BYTES = 256_000
_BLANK = "\u2800 \t\n"
"""White space, and the empty pattern of Braille: a sign to Unicode, and nothing to the eye."""
_COMMITS = "a yes commits it"
_NUMBER = re.compile(r"-?(?:[0-9]{1,13}|[0-9]{1,3}(?:,[0-9]{3}){1,4})")


def _read_aloud(title: str) -> str:
    if not any(character.isalnum() for character in title):
        raise ValueError("says nothing; write a title of letters or digits")
    return _no_terms(title)


def _no_terms(words: str) -> str:
    if looks_of(_COMMITS) in looks_of(words):
        raise ValueError(f"says “{_COMMITS}”, which stands beside the part that it is true of; write it otherwise")
    return words


def _plain_unit(unit: str) -> str:
    # Beside the unit stand the limits, and whether a yes commits the number: no unit says any of this.
    if set(unit) & set(",;:()"):
        raise ValueError("is a unit and nothing else, such as US dollars; take , ; : ( and ) out")
    return _no_terms(unit)


Title = Annotated[SentLine, StringConstraints(min_length=1, max_length=80), AfterValidator(_read_aloud)]
Unit = Annotated[SentLine, StringConstraints(max_length=40), AfterValidator(_plain_unit)]
Amount = Annotated[int, Field(ge=-_MOST, le=_MOST)]


class Words(Frozen):
    """A line, or a text of several."""

    type: Literal["line", "text"]
    name: PartName
    title: Title
    edited: bool = True
    text: SentText

    @model_validator(mode="after")
    def _one_line_where_it_is_one(self) -> Self:
        if self.type == "line" and ("\n" in self.text or len(self.text) > 500):
            raise ValueError(f"{self.title} is a line, so at most 500 characters without line ends")
        if not self.text.strip(_BLANK):
            raise ValueError(f"{self.title} shows nothing; write what it says, or - where it says nothing")
        return self

    @property
    def shown(self) -> Shown:
        return Shown(self.name, self.title, self.text, self.edited, several_lines=self.type == "text")


class Number(Frozen):
    """A whole number with its unit and its limits, both included."""

    type: Literal["number"] = "number"
    name: PartName
    title: Title
    edited: bool = True
    number: Amount
    unit: Unit = ""
    at_least: Amount | None = None
    at_most: Amount | None = None

    @model_validator(mode="after")
    def _within(self) -> Self:
        below = self.at_least is not None and self.number < self.at_least
        if below or (self.at_most is not None and self.number > self.at_most):
            raise ValueError(f"{self.title} is {self.number:,}, and it has to be {self._limits()}")
        return self

    def _limits(self) -> str:
        least, most = self.at_least, self.at_most
        if least is not None and most is not None:
            return f"{least:,} to {most:,}"
        return f"at least {least:,}" if least is not None else f"at most {most:,}" if most is not None else ""

    @property
    def shown(self) -> Shown:
        terms = ", ".join(part for part in (self.unit, self._limits()) if part)
        return Shown(self.name, self.title, f"{self.number:,}", self.edited, terms=terms)


class Table(Frozen):
    """Rows of one line a cell, under titled columns; a table is looked at and not edited."""

    type: Literal["table"] = "table"
    name: PartName
    title: Title
    columns: tuple[Title, ...] = Field(min_length=1, max_length=20)
    rows: tuple[tuple[SentLine, ...], ...] = Field(max_length=2_000)

    @model_validator(mode="after")
    def _rows_fill_the_columns(self) -> Self:
        if len({looks_of(column) for column in self.columns}) < len(self.columns):
            raise ValueError(f"two columns of {self.title} look alike; give each a title of its own")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title} has {len(self.columns)} columns, and one of its rows has not")
        return self

    @property
    def shown(self) -> Shown:
        rows = (self.columns, *self.rows)
        return Shown(self.name, self.title, "\n".join("\t".join(row) for row in rows), edited=False, rows=rows)


Part = Annotated[Words | Number | Table, Field(discriminator="type")]


class Sum(Frozen):
    """Numbers that have to add up to another one."""

    total: PartName
    of: tuple[PartName, ...] = Field(min_length=1, max_length=40)


class Description(Frozen):
    """One asset of a kind that describes itself."""

    noun: Title = Field(description="What people call its kind, such as budget split.")
    parts: tuple[Part, ...] = Field(min_length=1, max_length=40)
    sums: tuple[Sum, ...] = Field(default=(), max_length=10)
    spends: PartName | None = Field(default=None, description="The part that a yes commits, in US dollars.")
    reaches: PartName | None = Field(default=None, description="The part that says how many people it is about.")
    audience: Digest | None = Field(default=None, description="The frozen audience that it stands for.")

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if len(canonical(self.model_dump(mode="json"))) > _MOST_BYTES:
            raise ValueError(
                f"is larger than {_MOST_BYTES // 1000} kB, more than anybody reads; put rows into a file and its "
                "digest and counts here"
            )
        names, looks = [part.name for part in self.parts], [looks_of(part.title) for part in self.parts]
        if len(set(names)) < len(names):
            raise ValueError("two parts have one name")
        if doubled := [part.title for part in self.parts if looks.count(looks_of(part.title)) > 1]:
            raise ValueError(f"{listed(doubled)} look alike; give each part a title of its own")
        if taken := [part.title for part in self.parts if part.title in names and part.title != part.name]:
            # Whoever edits says which part by its title or its name: it has to be one and the same part.
            raise ValueError(f"{listed(taken)} is the name of another part; give it a title of its own")
        return self

    @model_validator(mode="after")
    def _shows_whom_it_stands_for(self) -> Self:
        if self.audience is not None:
            if self.audience not in [part.text for part in self.parts if isinstance(part, Words)]:
                raise ValueError("the audience that it stands for is none of its parts, so nobody would see it")
            if self.reaches is None:
                raise ValueError("it stands for an audience and does not say which part is how many people that is")
        return self

    @model_validator(mode="after")
    def _numbers_hold(self) -> Self:
        numbers = {part.name: part for part in self.parts if isinstance(part, Number)}
        named = {self.spends, self.reaches, *(name for one in self.sums for name in (one.total, *one.of))} - {None}
        if absent := sorted(str(name) for name in named if name not in numbers):
            raise ValueError(f"{listed(absent)} is no number among the parts")
        if len({one.total for one in self.sums}) < len(self.sums):
            raise ValueError("two sums have one total; only one of them would be shown")
        for one in self.sums:
            come, total = sum(numbers[name].number for name in one.of), numbers[one.total]
            if come != total.number:
                said = " + ".join(f"{numbers[name].title} {numbers[name].number:,}" for name in one.of)
                raise ValueError(f"{said} is {come:,}, and {total.title} is {total.number:,}; they have to add up")
        for name, unit in ((self.spends, DOLLARS), (self.reaches, None)):
            part = numbers.get(name or "")
            if part is not None and (part.number < 0 or (unit is not None and part.unit != unit)):
                raise ValueError(f"{part.title} has to be {f'in {unit} and ' if unit else ''}no less than 0")
        return self

    def number(self, name: str | None) -> int:
        """The number of a part; 0 without a name."""
        return sum(part.number for part in self.parts if isinstance(part, Number) and part.name == name)


@dataclass(frozen=True)
class Described(Signable):
    """An asset of a kind that describes itself."""

    def __post_init__(self) -> None:
        _ = self.description

    @cached_property
    def description(self) -> Description:
        return description_of(self.asset)

    @property
    def noun(self) -> str:
        return self.description.noun

    @property
    def spends(self) -> int | None:
        name = self.description.spends
        return None if name is None else self.description.number(name)

    @property
    def reach(self) -> int:
        return self.description.number(self.description.reaches)

    @property
    def audience(self) -> Digest | None:
        return self.description.audience

    @property
    def parts(self) -> tuple[Shown, ...]:
        return self._parts

    @cached_property
    def _parts(self) -> tuple[Shown, ...]:
        terms = {
            one.total: f"the sum of {listed([self._title(name) for name in one.of])}" for one in self.description.sums
        }
        money = {self.description.spends: _COMMITS}
        people = {self.description.reaches: "how many it is for"}
        told = (terms, people, money)
        return tuple(
            replace(one, terms=", ".join(filter(None, (one.terms, *(each.get(one.name) for each in told)))))
            for one in (part.shown for part in self.description.parts)
        )

    def label(self, pictures: Mapping[str, Picture]) -> str:
        # The amount first: it is what must not be cut off.
        parts = sorted(self.parts, key=lambda part: part.name != self.description.spends)
        said = [f"{part.title}: {shorten(part.text, 60)}" for part in parts if not part.rows]
        return f"{self.noun} · {shorten(' · '.join(said), 150)}" if said else self.noun

    def findings(self, look: Look) -> tuple[Finding, ...]:
        return tuple(one for one in self._judged(look) if isinstance(one, Finding))

    def allowances(self, look: Look) -> tuple[Allowance, ...]:
        return tuple(one for one in self._judged(look) if isinstance(one, Allowance))

    def fault(self, pictures: Mapping[str, Picture]) -> None:
        return None

    def rewritten(self, edits: Mapping[str, str], faults: list[str]) -> dict[str, Any] | None:
        by_name = {part.name: text for name, text in edits.items() if (part := self.part(name)) is not None}
        parts: list[dict[str, Any]] = []
        for part in self.description.parts:
            told = part.model_dump(mode="json")
            if part.name in by_name:
                told |= _written(part, by_name[part.name], faults)
            parts.append(told)
        told = {**self.description.model_dump(mode="json"), "parts": parts}
        try:
            after = Description.model_validate(told)
        except ValidationError as error:
            faults += [f"as edited it cannot be used: {said}" for said in said_of(error, told)]
            return None
        return after.model_dump(mode="json")

    def _judged(self, look: Look) -> tuple[Finding | Allowance, ...]:
        from policies import check_parts

        return check_parts(
            self.asset.kind,
            {part.name: part.text for part in self.parts},
            brief=look.brief,
            product=look.product,
            policies=look.policies,
            as_of=look.as_of,
        )

    def _title(self, name: str) -> str:
        return next(part.title for part in self.description.parts if part.name == name)


def description_of(asset: Asset) -> Description:
    """An asset's content as what it says of itself. LedgerForged where it is no such content."""
    try:
        said = Description.model_validate(asset.content)
    except ValidationError as error:
        told = "; ".join(said_of(error))
        raise LedgerForged(f"{asset.kind} {asset.digest[:12]} cannot be shown as what it is: {told}") from error
    if canonical(said.model_dump(mode="json")) != canonical(asset.content):
        # Two contents that read alike would be two digests of which nobody sees which one they sign.
        raise LedgerForged(f"{asset.kind} {asset.digest[:12]} is not written as what it says; describe it anew")
    return said


def said_of(error: ValidationError, given: Mapping[str, Any] | None = None) -> list[str]:
    """What is wrong, in the words of whoever looks at it: a part of `given` is named by its title, not by its place."""
    faults = error.errors(include_url=False)
    # Parts of which one cannot be read are none to pydantic, which then says that there are none.
    within = any(fault["loc"][:1] == ("parts",) and len(fault["loc"]) > 1 for fault in faults)
    said: list[str] = []
    for fault in faults:
        place = fault["loc"]
        if within and place == ("parts",):
            continue
        if fault["type"] == "value_error" and "ctx" in fault:
            words = str(fault["ctx"]["error"])
        else:
            words = sentence_for(Description, place, fault)
        said.append(f"{title}: {words}" if (title := _title_at(place, given)) and title not in words else words)
    return list(dict.fromkeys(said))


def _title_at(place: tuple[int | str, ...], given: Mapping[str, Any] | None) -> str:
    """The title of the part that a fault is in; empty for what is in none."""
    if given is None or len(place) < 2 or place[0] != "parts" or not isinstance(place[1], int):
        return ""
    return str(given["parts"][place[1]].get("title", ""))


def _written(part: Words | Number | Table, text: str, faults: list[str]) -> dict[str, Any]:
    """A person's words for a part, read as what it holds."""
    if isinstance(part, Words):
        cleaned, unfit = words_of("body" if part.type == "text" else "line", text)
        if unfit:
            faults.append(f"{part.title}: {unfit}")
        return {"text": cleaned}
    given = clean_line(text)
    if isinstance(part, Table) or not _NUMBER.fullmatch(given):
        faults.append(f"{part.title} is a whole number, such as 12000 or 12,000, and not “{shorten(given, 40)}”")
        return {}
    return {"number": int(given.replace(",", ""))}
