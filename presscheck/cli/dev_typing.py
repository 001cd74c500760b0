"""What somebody types at `presscheck dev`: a letter, and what belongs to it.

a V01,V03 as legal      c voice Shorter, please.      t 8d      v V01      q
"""

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import ValidationError

from presscheck.cli.edits import read_edits, read_text
from presscheck.documents.sentences import in_one_sentence
from presscheck.errors import Fault, InputError
from presscheck.models import ReasonCode
from presscheck.people.rights import Role
from presscheck.rehearsal.script import Answer

HELP = """\
a [V01,V02] [edits.yaml]   approve these; with nothing, the only choice
c [REASON] NOTE            request changes       r [REASON] NOTE   reject
h TEXT.yaml [V01,V02]      hand in a text, where one is asked for
t [8d]                     let time pass, 8d, 36h or 30m; with nothing, until the timer or what is asked is over
w                          wake the run without an answer
v [V01]                    read a choice whole, or all
s                          start over, without the answers so far
q                          quit
... as WHO                 after a, c, r, h: as another role, or as an address who holds the role that is asked"""
_ROLES: tuple[str, ...] = get_args(Role)
_REASONS: tuple[str, ...] = get_args(ReasonCode)
_DECISIONS = {"a": "approve", "c": "request_changes", "r": "reject", "h": "hand_in", "t": "let_time_pass", "w": "wake"}


_PROMPT = "a approve · c changes · r reject · t time · v read · s over · q quit · ? more > "


class Keyboard:
    """Lines as they are typed, also ahead of what is asked."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.ahead: deque[str] = deque()
        self._begun = b""

    def read(self) -> None:
        """Take what was typed. EOFError where nobody types any more."""
        read = os.read(self.number, 65_536)
        if not read:
            raise EOFError
        *lines, self._begun = (self._begun + read).split(b"\n")
        self.ahead.extend(line.decode("utf-8", "replace").strip() for line in lines)

    def prompt(self) -> None:
        """Ask for a line, where somebody sits there."""
        if os.isatty(self.number):
            click.echo(_PROMPT, nl=False)


@dataclass(frozen=True)
class Typed:
    """One line: an answer, or one of the letters v, s, q and ? with what stands behind it."""

    letter: str
    rest: str = ""
    answer: Answer | None = None


def read_typed(line: str, *, gate: str, round: int) -> Typed:
    """What was typed while this is asked. InputError, in words for whoever sits there."""
    letter, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    if letter in ("v", "s", "q", "?"):
        return Typed(letter, rest)
    if letter not in _DECISIONS:
        raise InputError(f"{letter[:20]!r} is none of the letters; ? lists them")
    said: dict[str, Any] = {"decision": _DECISIONS[letter]}
    said |= {"gate": gate, "round": round} if gate else {"asleep": True}
    if letter in "acrh":
        rest, said["who"] = _whom(rest, in_words=letter in "cr")
    if letter in "ah":
        said |= _picked(rest, text=letter == "h")
    elif letter in "cr":
        reason, _, note = rest.partition(" ")
        said |= {"reason": reason, "note": note} if reason in _REASONS else {"reason": "other", "note": rest}
    elif letter == "t":
        said["by"] = rest
    elif rest:
        raise InputError("w stands alone")
    try:
        return Typed(letter, rest, Answer.model_validate(said))
    except ValidationError as error:
        raise InputError(in_one_sentence(Answer, error)) from error


def _whom(rest: str, *, in_words: bool) -> tuple[str, str]:
    """What stands before `as WHO`, and who; a note may end in `as before`."""
    before, _, who = f" {rest}".rpartition(" as ")
    if not who or " " in who or (in_words and "@" not in who and who not in _ROLES):
        return rest, ""
    return before.strip(), who


def _picked(rest: str, *, text: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"picks": []}
    for word in rest.replace(",", " ").split():
        if not word.endswith((".yaml", ".yml", ".json")):
            said["picks"].append(word.upper())
        elif text:
            said["text"] = read_text(Path(word))
        else:
            said["edits"] = [edit.model_dump() for edit in read_edits(Path(word))]
    if text and "text" not in said:
        raise InputError([Fault("h", None, "", "name the YAML file of the text, with subject, preheader and body")])
    return said
