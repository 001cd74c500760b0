"""The drafts as lines: in the order that somebody asked for, near-duplicates folded under the one that they are like.

for line in draft_lines(choices, sort="findings", open_ones={"V07"}):
    line.shown, line.folds, line.ends
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from presscheck.documents.sentences import listed
from presscheck.door.choices import Choice
from presscheck.models import Level

Sort = Literal["order", "findings", "length"]
SORTS: dict[Sort, str] = {"order": "as proposed", "findings": "gravest findings first", "length": "shortest first"}
_LEVELS: tuple[Level, ...] = get_args(Level)
_MOST_NAMED = 3
FEW = 5
"""So many choices are open to read at once; of more each is a line that unfolds."""


@dataclass(frozen=True)
class DraftLine:
    """One draft of the list."""

    shown: Choice
    folds: str = ""
    """What stands over it where it is the first of those that are folded together; empty where it is not."""
    ends: bool = False
    """Whether it is the last of those."""


def sort_of(given: str) -> Sort:
    """What a form says, or the order of the question."""
    return next((one for one in get_args(Sort) if one == given), "order")


def draft_lines(choices: Sequence[Choice], *, sort: Sort = "order", open_ones: Collection[str]) -> Iterator[DraftLine]:
    """All of them. Folded is what is almost the text of another, unless it is picked, among the open ones or has a
    finding graver than a note: what somebody has to see is in sight."""
    by_code = {choice.code: choice for choice in choices}

    def leader(choice: Choice) -> str:
        # Each is like one before it, so this ends, and at one that is like nobody and never folded.
        while choice.like:
            choice = by_code[choice.like]
        return choice.code

    folded: dict[str, list[Choice]] = {}
    alone: list[Choice] = []
    few = len(choices) <= FEW
    for choice in choices:
        if (
            few
            or not choice.like
            or choice.picked
            or choice.code in open_ones
            or _gravest(choice) < _LEVELS.index("note")
        ):
            alone.append(choice)
        else:
            folded.setdefault(leader(choice), []).append(choice)
    for choice in sorted(alone, key=lambda one: _place(one, sort)):
        yield DraftLine(choice)
        yield from _together(choice.code, folded.get(choice.code, ()))


def _together(code: str, those: Sequence[Choice]) -> Iterator[DraftLine]:
    names = [one.code for one in those]
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    said = f"{listed([*names[:_MOST_NAMED], *more])} {'is' if len(names) == 1 else 'are'} almost {code}"
    for at, one in enumerate(those):
        yield DraftLine(one, said if at == 0 else "", at == len(those) - 1)


def _place(choice: Choice, sort: Sort) -> tuple[int, ...]:
    # What others picked stands first in any order: whoever signs it reads that.
    first = not choice.picked
    if sort == "findings":
        return first, _gravest(choice), -len(choice.findings)
    return (first, sum(len(part.text) for part in choice.one.parts)) if sort == "length" else (first,)


def _gravest(choice: Choice) -> int:
    return min((_LEVELS.index(finding.level) for finding in choice.findings), default=len(_LEVELS))
