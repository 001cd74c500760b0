"""A segment for a database is one SELECT of known words, or it is refused with its line.

The text is cut into tokens where PostgreSQL and SQLite agree on how to cut; what one of them would read
differently (dollar quotes, brackets, backslash strings, nested comments) is refused. What runs is put together
from those tokens: no comment reaches the database. This is the first wall; the second is a session that cannot
write, the third a role that may not (docs/audiences.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from presscheck.errors import Fault, SegmentError
from presscheck.screening.database_words import (
    BEFORE_PARENTHESIS,
    CHANGING,
    FUNCTIONS,
    NOT_READING,
    PRIVATE,
    SAYS_NOW,
)

Dialect = Literal["postgresql", "sqlite"]

_HEADER = re.compile(r"--[ \t]*database[ \t]*:(.*)", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n\f]+)
    | (?P<remark>--[^\n]*)
    | (?P<comment>/\*.*?\*/)
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<word>[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*)
    | (?P<sign>[-+*/<>=~!%^&|,.;():\[\]\#@?])
    """,
    re.VERBOSE | re.DOTALL,
)
_LETTER = re.compile(r"[A-Za-z0-9_$'\"\u0080-\U0010ffff]")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int

    @property
    def name(self) -> str:
        """The word or quoted name as databases compare it; empty for everything else."""
        if self.kind == "word":
            return self.text.lower()
        return self.text[1:-1].replace('""', '"').lower() if self.kind == "quoted" else ""


def database_of(text: str, path: Path) -> str | None:
    """The database that a segment's header names (`-- database: shop`); None for a segment over files.

    SegmentError for a header that names none, or that stands below the first line of SQL, where it would be missed.
    """
    found: list[tuple[int, str]] = []
    late: list[Fault] = []
    header = True
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        match = _HEADER.fullmatch(stripped)
        if match and header:
            found.append((number, match[1].strip()))
        elif match:
            late.append(Fault(str(path), number, "", "name the database above the first line of SQL"))
        elif stripped and not stripped.startswith("--"):
            header = False
    wrong = [
        Fault(str(path), number, "", f"{name!r} is no database's name; write one of the settings' [databases.NAME]")
        for number, name in found
        if not _NAME.fullmatch(name)
    ]
    wrong += [Fault(str(path), number, "", "names a second database; a segment reads one") for number, _ in found[1:]]
    if wrong or late:
        raise SegmentError([*wrong, *late])
    return found[0][1] if found else None


def check_select(text: str, path: Path, dialect: Dialect, *, as_of: datetime | None) -> str:
    """The one SELECT of `text`, without comments and its closing semicolon, its lines where they were.

    `getvariable('as_of')` becomes the time of the campaign. Raises SegmentError with every fault at once.
    """
    reading = _Reading(path, dialect)
    tokens = list(reading.cut(text))
    meaning = [token for token in tokens if token.kind not in ("space", "remark", "comment")]
    while meaning and meaning[-1].text == ";":
        meaning.pop()
    reading.look_at(meaning)
    if reading.faults:
        raise SegmentError(sorted(set(reading.faults), key=lambda fault: (fault.line or 0, fault.message)))
    return _put_together(tokens, _moment(as_of, dialect))


class _Reading:
    """Collects the faults of one segment's text."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self.faults: list[Fault] = []
        self._path = path
        self._dialect = dialect

    def refuse(self, line: int, message: str) -> None:
        self.faults.append(Fault(str(self._path), line, "", message))

    def cut(self, text: str) -> Iterator[_Token]:
        at, line = 0, 1
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                self.refuse(line, self._uncut(text[at:]))
                return
            kind, found = str(match.lastgroup), match[0]
            self._look_at_edge(kind, found, text[match.end() : match.end() + 1], line)
            yield _Token(kind, found, line)
            line += found.count("\n")
            at = match.end()

    def _uncut(self, rest: str) -> str:
        opened = {"'": "a text", '"': "a name in double quotes"}
        if rest[0] in opened:
            return f"{opened[rest[0]]} begins here and does not end; close it"
        if rest[0] == "$":
            return "$ begins a dollar quote or a parameter; write texts in single quotes and values out"
        if rest[0] in "`\\{}":
            return f"{rest[0]} has no place in a segment; write names in double quotes, texts in single ones"
        return f"the character U+{ord(rest[0]):04X} cannot be read; remove it"

    def _look_at_edge(self, kind: str, found: str, after: str, line: int) -> None:
        """What stands directly beside a token decides in one database what it is, and not in the other."""
        if "\r" in found.replace("\r\n", ""):
            self.refuse(line, "a carriage return stands alone; end lines with a line feed")
        if "\ufeff" in found:
            self.refuse(line, "the character U+FEFF cannot be read; remove it")
        if kind == "comment" and "/*" in found[2:-2]:
            self.refuse(line, "a comment stands within a comment; end the first one before it")
        if kind == "sign" and found + after == "/*":
            self.refuse(line, "a comment begins here and does not end; close it")
        if kind == "number" and after and _LETTER.match(after):
            self.refuse(line, f"{found}{after} is neither a number nor a name; put a blank between them")
        if kind == "word" and after in ("'", "$"):
            self.refuse(line, f"{found}{after} begins a text of a special kind; write it in plain single quotes")
        if kind == "text" and after == '"':
            self.refuse(line, "put a blank between the text and the name")

    def look_at(self, tokens: list[_Token]) -> None:
        if not tokens:
            if not self.faults:
                self.refuse(1, "there is no SQL in it; write one SELECT")
            return
        if tokens[0].kind != "word" or tokens[0].name not in ("select", "with"):
            self.refuse(tokens[0].line, "a segment only reads: begin with SELECT or WITH, and write nothing else")
        depth: list[_Token] = []
        for at, token in enumerate(tokens):
            before = tokens[at - 1] if at else _NOTHING
            after = tokens[at + 1] if at + 1 < len(tokens) else _NOTHING
            self._parentheses(token, depth)
            if token.text == ";":
                self.refuse(after.line or token.line, "there is a second statement; write exactly one SELECT")
            elif token.kind == "word":
                self._word(token, before, after)
            if token.name:
                self._name(token, before, after, tokens, at)
            elif token.kind == "text" and re.fullmatch(SAYS_NOW, token.text[1:-1].lower()):
                self._changing(token.line, token.text)
            elif token.kind == "sign":
                self._sign(token, before, after)
        for left_open in depth:
            self.refuse(left_open.line, f"{left_open.text} is opened and not closed")

    def _parentheses(self, token: _Token, depth: list[_Token]) -> None:
        if token.kind != "sign":
            return
        if token.text in "([":
            depth.append(token)
        elif token.text in ")]" and (not depth or "([".index(depth.pop().text) != ")]".index(token.text)):
            self.refuse(token.line, f"{token.text} closes nothing")

    def _word(self, token: _Token, before: _Token, after: _Token) -> None:
        name = token.name
        if before.text == ".":
            return
        if name in NOT_READING:
            quoted = "; a column of that name is written in double quotes"
            self.refuse(token.line, f"a segment only reads, and this holds {token.text.upper()}{quoted}")
        elif name == "for" and after.name in ("update", "share", "no", "key"):
            self.refuse(token.line, "a segment locks nothing; leave FOR UPDATE and FOR SHARE out")
        elif name in CHANGING and after.text != ".":
            self._changing(token.line, token.text)
        if name == "u" and after.text == "&":
            self.refuse(token.line, "U& begins a text of a special kind; write it in plain single quotes")

    def _name(self, token: _Token, before: _Token, after: _Token, tokens: list[_Token], at: int) -> None:
        name = token.name
        if name.startswith(PRIVATE):
            self.refuse(token.line, f"{name} is the database's own; a segment reads customers' tables only")
            return
        if after.text != "(" or (before.name == "as" and before.kind == "word"):
            return
        if token.kind == "word" and name in BEFORE_PARENTHESIS and name not in FUNCTIONS and before.text != ".":
            return
        inside = [one.text for one in tokens[at + 2 : at + 4]]
        if before.text == ".":
            self.refuse(token.line, f"{name} is called with its schema; a segment calls only what the docs list")
        elif name == "getvariable":
            if token.kind != "word" or inside != ["'as_of'", ")"]:
                self.refuse(token.line, "getvariable gives the time of the campaign only: getvariable('as_of')")
        elif name not in FUNCTIONS:
            self.refuse(
                token.line,
                f"{name} may not be called in a segment; docs/audiences.md lists what may. If it names columns "
                "of WITH, name them in its SELECT; if it is needed, let the database's owner make a view",
            )
        elif self._dialect == "sqlite" and _tells_the_time(name, tokens, at):
            self._changing(token.line, f"{name}() without a time")

    def _sign(self, token: _Token, before: _Token, after: _Token) -> None:
        if self._dialect == "sqlite" and token.text in "?:@#[":
            say = "write names in double quotes" if token.text == "[" else "there is nothing to fill a parameter with"
            self.refuse(token.line, f"{token.text} has no place in a segment for SQLite; {say}")

    def _changing(self, line: int, what: str) -> None:
        self.refuse(line, f"{what} answers differently each time; the time of the campaign is getvariable('as_of')")


_NOTHING = _Token("nothing", "", 0)


def _tells_the_time(name: str, tokens: list[_Token], at: int) -> bool:
    """Whether a call of SQLite's time functions leaves the time out, which means now."""
    inside = [token.text for token in tokens[at + 2 : at + 4]]
    if name in ("date", "time", "datetime", "julianday"):
        return inside[:1] == [")"]
    return name == "strftime" and len(inside) == 2 and inside[1] == ")"


def _moment(as_of: datetime | None, dialect: Dialect) -> str:
    if as_of is None:
        return "(NULL)"
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    moment = as_of.astimezone(UTC)
    if dialect == "sqlite":
        # SQLite has no times: this is the text that its own datetime() writes, in UTC.
        return f"('{moment:%Y-%m-%d %H:%M:%S}')"
    return f"(CAST('{moment.isoformat()}' AS timestamptz))"


def _put_together(tokens: list[_Token], moment: str) -> str:
    parts: list[str] = []
    skip = 0
    for token in tokens:
        if skip:
            # What was replaced keeps its lines, so that the database's complaints name the file's.
            skip -= token.kind not in ("space", "remark", "comment")
            parts.append("\n" * token.text.count("\n"))
        elif token.kind in ("remark", "comment"):
            parts.append(" " + "\n" * token.text.count("\n"))
        elif token.name == "getvariable":
            parts.append(moment)
            skip = 3
        elif token.text != ";":
            parts.append(token.text)
    return "".join(parts)
