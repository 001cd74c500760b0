"""What people do in a rehearsal, as values: typed on a keyboard, or read from a list in a YAML file.

- gate: copy                   # optional, as is `round`: where it is another, the script does not fit
  who: brand_lead              # a role or an address; without it, whoever is asked
  decision: request_changes
  reason: voice
  note: Shorter, please.
- decision: approve
  picks: [V01, V02]
- decision: let_time_pass      # until what is asked expires or the timer is over; or `by: 8d`, `by: 36h`
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self, cast

from pydantic import Field, ValidationError, field_validator, model_validator

from presscheck.documents.document import Document, read_document
from presscheck.documents.sentences import sentence_for
from presscheck.errors import Fault, InputError
from presscheck.models import Edit, Frozen, ReasonCode, Slug, Written

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_LONGEST_DAYS = 3_660


class Answer(Frozen):
    """One thing that somebody does while the run waits."""

    decision: Literal["approve", "request_changes", "reject", "hand_in", "let_time_pass", "wake"] = Field(
        description="What is done."
    )
    gate: Slug | None = Field(default=None, description="At which gate; without one, at whichever asks.")
    round: int | None = Field(default=None, ge=1, le=99, description="In which round.")
    asleep: bool = Field(default=False, description="Only where nobody is asked, and a timer or the press wakes it.")
    who: str = Field(default="", max_length=320, description="A role or an address; without one, whoever is asked.")
    picks: tuple[str, ...] = Field(default=(), max_length=20, description="The choices that are approved, by code.")
    edits: tuple[Edit, ...] = Field(default=(), max_length=60, description="As `presscheck decide --edit` takes them.")
    text: Written | None = Field(default=None, description="The text that is handed in.")
    reason: ReasonCode | None = Field(default=None, description="Why; changes and rejections need one.")
    note: str = Field(default="", max_length=4_000, description="In words.")
    by: str = Field(default="", description="How much time passes, such as 8d, 36h or 30m.")

    @field_validator("by")
    @classmethod
    def _is_a_span(cls, by: str) -> str:
        if by:
            span(by)
        return by

    @model_validator(mode="after")
    def _text_where_one_is_handed_in(self) -> Self:
        if (self.decision == "hand_in") != (self.text is not None):
            raise ValueError("`text` belongs to `decision: hand_in`, and that needs one")
        return self

    def fits(self, gate: str, round: int) -> bool:
        """Whether it may be given where this is asked; gate and round are empty where the run sleeps for no person."""
        return self.gate in (None, gate) and self.round in (None, round) and not (self.asleep and gate)

    @property
    def place(self) -> str:
        """Where it belongs, in words."""
        if self.asleep:
            return "for a run that sleeps"
        named = [*([f"gate {self.gate}"] if self.gate else []), *([f"round {self.round}"] if self.round else [])]
        return f"for {', '.join(named) or 'any gate'}"

    @property
    def words(self) -> str:
        """What is done, in a line."""
        said = self.decision.replace("_", " ")
        return said + (f" {', '.join(self.picks)}" if self.picks else f" {self.by}" if self.by else "")


@dataclass(frozen=True)
class Scripted:
    """An answer of a file; `fault` tells what is wrong with it at its line."""

    answer: Answer
    document: Document
    at: int

    def fault(self, message: str) -> Fault:
        return self.document.fault((self.at,), message)


def span(text: str) -> timedelta:
    """`8d`, `36h` or `30m`. ValueError for anything else."""
    found = re.fullmatch(r"([0-9]{1,6})([dhm])", text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no span of time; write a number and d, h or m, such as 8d")
    by = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if by > timedelta(days=_LONGEST_DAYS):
        raise ValueError(f"{text} is longer than a rehearsal reaches, which is {_LONGEST_DAYS} days")
    return by


def read_script(path: Path) -> tuple[Scripted, ...]:
    """The answers of a file in order; InputError with every fault, each with its line."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "is not UTF-8; save it as UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise InputError([Fault(str(path), None, "", f"cannot be read: {why}")]) from error
    document = read_document(text, path=str(path))
    faults, read = list(document.faults), list[Scripted]()
    value: Any = document.value
    if value is not None and not isinstance(value, list):
        faults.append(document.fault((), "is not a list; write one item for each answer"))
    elif not faults:
        for at, item in enumerate(cast("list[Any]", value or [])):
            try:
                read.append(Scripted(Answer.model_validate(item), document, at))
            except ValidationError as error:
                faults += [
                    document.fault((at, *problem["loc"]), sentence_for(Answer, problem["loc"], problem))
                    for problem in error.errors(include_url=False)
                ]
    if faults:
        raise InputError(sorted(faults, key=lambda fault: (fault.line or 0, fault.where)))
    return tuple(read)
