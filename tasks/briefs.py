"""Reads a brief from a file, with all its faults at once: of form, of expired claims, of dates."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.documents.document import MAX_BYTES, Document, read_document
from presscheck.errors import BriefError, Fault
from presscheck.models import Brief
from presscheck.world.days import read_day
from presscheck.world.languages import known_language

if TYPE_CHECKING:
    from policies import PolicySet

# Longer than any campaign is planned and any proof holds: a slip of the keyboard.
_MOST_YEARS = 25
_MOST_AT_ONCE = 100
_LATER = re.compile(r"\+(?P<many>[0-9]{1,4})(?P<unit>[dw])")


def load_brief(
    path: Path,
    *,
    as_of: date,
    channel: str | None = None,
    language: str | None = None,
    policies: "PolicySet | None" = None,
) -> Brief:
    """The brief in a YAML file, fit for use on the day `as_of`; of one that names several, that of this channel and
    language.

    Raises BriefError where there is no such file, where it is not UTF-8 or too large, with every fault of its content:
    keys, forms, claims past their expiry, a deadline in the past; with `policies` also words that read like orders to a
    machine; and where it is not clear which of several is meant.
    """
    found = load_briefs(path, as_of=as_of, policies=policies)
    wanted = {"channel": channel, "language": None if language is None else _tag(path, language)}
    for key, value in wanted.items():
        named = list(dict.fromkeys(getattr(brief, key) for brief in found))
        if value is None and len(named) > 1:
            message = f'names several: {", ".join(named)}; say which: open_campaign(..., {key}="{named[0]}")'
            raise BriefError([Fault(str(path), None, key, message)])
        if value is not None and value not in named:
            message = f"is {' or '.join(map(str, named))}, and the flow asks for {value}; name it in the brief as well"
            raise BriefError([Fault(str(path), None, key, message)])
        found = tuple(brief for brief in found if value in (None, getattr(brief, key)))
    return found[0]


def load_briefs(path: Path, *, as_of: date, policies: "PolicySet | None" = None) -> tuple[Brief, ...]:
    """Every brief of a file, one for each channel and language that it names. BriefError as `load_brief` says."""
    document = _from_the_day(read_document(_text_of(path), path=str(path)), as_of)
    faults: list[Fault] = []
    briefs: list[Brief] = []
    for one in _of_each(document, faults):
        try:
            briefs.append(one.parse(Brief, BriefError))
        except BriefError as broken:
            faults.extend(broken.faults)
    # Dates are compared in the document itself, so that a brief with a fault elsewhere tells these too.
    faults.extend(document.fault(place, said) for place, said in _out_of_date(document.value, as_of))
    if policies is not None:
        from tasks.hostile import hostile_places

        # Whoever wrote the brief is there to correct it: it is refused, where a feed's row is held for somebody to see.
        found = hostile_places(document.value, policies, as_of=as_of)
        faults.extend(document.fault(place, said) for place, said in found)
    if faults or not briefs:
        raise BriefError(sorted(dict.fromkeys(faults), key=lambda fault: (fault.line or 0, fault.where)))
    return tuple(briefs)


def _from_the_day(document: Document, as_of: date) -> Document:
    """The document with a deadline such as +14d as the day that it is; a schedule would outlive a fixed one."""
    said = document.value.get("deadline") if isinstance(document.value, dict) else None
    found = _LATER.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        return document
    days = int(found["many"]) * (7 if found["unit"] == "w" else 1)
    return replace(document, value={**document.value, "deadline": (as_of + timedelta(days=days)).isoformat()})


def _of_each(document: Document, faults: list[Fault]) -> Iterator[Document]:
    """The document once for each channel and language that it lists."""
    if not isinstance(document.value, dict):
        yield document
        return
    named: list[list[object]] = []
    for key in ("channel", "language"):
        value = document.value.get(key)
        each: list[object] = list(value) if isinstance(value, list) else [value]
        said = [str(one).lower() for one in each]
        if not each or len(set(said)) < len(said):
            wrong = "names nothing; write one or several" if not each else "names one twice; keep one"
            faults.append(document.fault((key,), wrong))
            each = each[:1] or [None]
        named.append(each)
    if (many := len(named[0]) * len(named[1])) > _MOST_AT_ONCE:
        # Each is read by itself, and one campaign has a handful.
        wrong = f"channels and languages are {many:,} campaigns, and a brief is of {_MOST_AT_ONCE} at most; split it"
        faults.append(document.fault(("channel",), wrong))
        named = [each[:1] for each in named]
    for channel, language in product(*named):
        given = {"channel": channel, "language": language}
        # What is not there stays away: a channel that is missing is told as missing.
        present = {key: value for key, value in given.items() if key in document.value}
        yield replace(document, value={**document.value, **present})


def _tag(path: Path, language: str) -> str:
    try:
        return known_language(language)
    except ValueError as error:
        raise BriefError([Fault(str(path), None, "language", f"the flow asks for it: {error}")]) from error


def _out_of_date(value: object, as_of: date) -> list[tuple[tuple[str | int, ...], str]]:
    if not isinstance(value, dict):
        return []
    late: list[tuple[tuple[str | int, ...], str]] = []
    claims = value.get("claims")
    for at, claim in enumerate(claims if isinstance(claims, list) else []):
        expires = _date_of(claim.get("expires")) if isinstance(claim, dict) else None
        if expires is None:
            continue
        said = _far(expires, as_of)
        if expires < as_of:
            said = f"the claim expired on {expires}; renew its evidence and its date, or remove the claim"
        if said is not None:
            late.append((("claims", at, "expires"), said))
    begun = _date_of(value.get("begun"))
    if begun is not None and begun > as_of:
        said = f"{begun} is to come (today is {as_of}); write the day on which work began, or leave it out"
        late.append((("begun",), said))
    deadline = _date_of(value.get("deadline"))
    if deadline is not None and deadline < as_of:
        late.append((("deadline",), f"{deadline} is past (today is {as_of}); write the last day it is of use to send"))
    elif deadline is not None and (far := _far(deadline, as_of)) is not None:
        late.append((("deadline",), far))
    return late


def _date_of(value: object) -> date | None:
    """A date where there is one, by the reading that the model has of it; what is none is told as a fault of form."""
    try:
        return read_day(value)
    except ValueError:
        return None


def _far(day: date, as_of: date) -> str | None:
    years = day.year - as_of.year
    return f"{day} is {years} years away (today is {as_of}); check the year" if years > _MOST_YEARS else None


def _text_of(path: Path) -> str:
    def fault(message: str, line: int | None = None) -> BriefError:
        return BriefError([Fault(str(path), line, "", message)])

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise fault("there is no such file; check the name and the folder you are in") from None
    except IsADirectoryError:
        raise fault("is a folder; name the brief in it, such as briefs/spring_launch.yaml") from None
    except (OSError, ValueError) as broken:
        raise fault(f"cannot be read: {getattr(broken, 'strerror', None) or broken}") from None
    if len(raw) > MAX_BYTES:
        raise fault(
            f"is larger than {MAX_BYTES:,} bytes; a brief is a page of text, so check that it is the right file"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = raw[: broken.start].count(b"\n") + 1
        raise fault("is not UTF-8 (perhaps Latin-1); save it as UTF-8", line) from None
