"""Reads a brief from a file, with all its faults at once: of form, of expired claims, of dates."""

from datetime import date
from pathlib import Path

from presscheck.documents.document import MAX_BYTES, read_document
from presscheck.errors import BriefError, Fault
from presscheck.models import Brief
from presscheck.world.days import read_day

# Longer than any campaign is planned and any proof holds: a slip of the keyboard.
_MOST_YEARS = 25


def load_brief(path: Path, *, as_of: date) -> Brief:
    """The brief in a YAML file, fit for use on the day `as_of`.

    Raises BriefError where there is no such file, where it is not UTF-8 or too large, and with
    every fault of its content: keys, forms, claims past their expiry, a deadline in the past.
    """
    document = read_document(_text_of(path), path=str(path))
    faults: list[Fault] = []
    brief: Brief | None = None
    try:
        brief = document.parse(Brief, BriefError)
    except BriefError as broken:
        faults.extend(broken.faults)
    # Dates are compared in the document itself, so that a brief with a fault elsewhere tells these too.
    faults.extend(document.fault(place, said) for place, said in _out_of_date(document.value, as_of))
    if faults or brief is None:
        raise BriefError(sorted(faults, key=lambda fault: (fault.line or 0, fault.where)))
    return brief


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
