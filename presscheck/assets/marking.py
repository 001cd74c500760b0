"""Findings made visible in the words where they stand, also where several of them overlap.

marked(text, findings)                     # Markup, escaped here: cleaned text and <mark>
shown_findings([("Body", text, findings)]) # plain values, for a page of our own or a script of ours
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, get_args

from markupsafe import Markup, escape

from presscheck.cleaning import clean_line, clean_text, shorten
from presscheck.models import Finding, Level

_LEVELS: tuple[Level, ...] = get_args(Level)
_MOST_WORDS = 80


class Stretch(NamedTuple):
    """Words on all of which the same findings stand."""

    text: str
    """Cleaned; where that leaves nothing of what was found, its first character by number."""
    found: tuple[int, ...]
    """Which findings, by their place among those that were given; the gravest first."""


def stretches(text: str, findings: Sequence[Finding]) -> Iterator[Stretch]:
    """The text, cut wherever a finding begins or ends."""
    begin: dict[int, list[int]] = {}
    ends: dict[int, int] = {}
    for at, finding in enumerate(findings):
        start, end = finding.span or (0, 0)
        # What a worker stored is no more than a hint where to draw.
        if 0 <= start < end <= len(text):
            begin.setdefault(start, []).append(at)
            ends[at] = end
    here: list[int] = []
    for start, end in pairwise(sorted({0, len(text), *begin, *ends.values()})):
        here = [*(at for at in here if ends[at] > start), *begin.get(start, ())]
        words = clean_text(text[start:end])
        if here and not words:
            words = f"[U+{ord(text[start]):04X}]"
        if words:
            yield Stretch(words, tuple(sorted(here, key=lambda at: (_LEVELS.index(findings[at].level), at))))


class Passage(NamedTuple):
    """Words that somebody commented on."""

    span: tuple[int, int]
    """Where they stand; they may begin before the text that is marked, and end behind it."""
    number: int
    """The comment's."""


def marked(text: str, findings: Sequence[Finding], passages: Sequence[Passage] = ()) -> Markup:
    """The text with every finding's words in a <mark>, whose title is all that was found there, and every passage that
    was commented on in one around those, with the numbers of the comments at its end."""
    out = Markup("")
    if passages:
        cuts = {at for one in passages for at in one.span if 0 < at < len(text)}
        for start, end in pairwise(sorted({0, len(text), *cuts})):
            inside = marked(text[start:end], [_moved(one, start, end - start) for one in findings if one.span])
            numbers = [one.number for one in passages if one.span[0] <= start < end <= one.span[1]]
            ending = [one.number for one in passages if one.span[1] == end and one.number in numbers]
            title = ", ".join(f"comment {number}" for number in numbers)
            around = Markup('<mark class="said" title="{}" data-numbers="{}">{}</mark>')
            out += around.format(title, ",".join(map(str, ending)), inside) if numbers else inside
        return out
    for words, found in stretches(text, findings):
        here = [findings[at] for at in found]
        mark = Markup('<mark class="{}" title="{}">{}</mark>')
        out += mark.format(here[0].level, _title(here), words) if here else escape(words)
    return out


class Row(NamedTuple):
    """One row of a table."""

    cells: tuple[Markup, ...]
    at: int
    """Where it begins in the table's text."""


def marked_rows(
    rows: Sequence[Sequence[str]], findings: Sequence[Finding], passages: Sequence[Passage] = ()
) -> tuple[Row, ...]:
    """The same of a table: spans count in its text, a line each row and tabs between the cells."""
    found = [one for one in findings if one.span is not None]
    out: list[Row] = []
    at = 0
    for row in rows:
        begins, cells = at, list[Markup]()
        for cell in row:
            said = [
                Passage((one.span[0] - at, one.span[1] - at), one.number)
                for one in passages
                if one.span[0] < at + len(cell) and one.span[1] > at
            ]
            cells.append(marked(cell, [_moved(one, at, len(cell)) for one in found], said))
            at += len(cell) + 1
        out.append(Row(tuple(cells), begins))
    return tuple(out)


def shown_findings(parts: Sequence[tuple[str, str, Sequence[Finding]]]) -> dict[str, Any]:
    """Parts (title, text, findings) as plain cleaned values: the words of each, with the numbers of the findings that
    end there, and all findings, the gravest first, counted from 1."""
    every = [(part, at, one) for part, (*_, findings) in enumerate(parts) for at, one in enumerate(findings)]
    every.sort(key=lambda told: _LEVELS.index(told[2].level))
    number = {(part, at): n for n, (part, at, _) in enumerate(every, 1)}
    shown: list[dict[str, Any]] = []
    for part, (title, text, findings) in enumerate(parts):
        words: list[dict[str, Any]] = []
        for (stretch, found), (_, after) in pairwise([*stretches(text, findings), Stretch("", ())]):
            here = [findings[at] for at in found]
            ending = sorted(number[part, at] for at in {*found} - {*after})
            level = here[0].level if here else ""
            words.append(
                {"text": stretch, "level": level, "numbers": ",".join(map(str, ending)), "title": _title(here)}
            )
        shown.append({"title": title, "words": words})
    told = [
        {
            "rule": one.rule,
            "level": one.level,
            "part": parts[part][0],
            "words": shorten(one.text, _MOST_WORDS),
            "message": clean_line(one.message),
            "suggestion": clean_line(instead(one)),
            "replacement": None if one.replacement is None else clean_line(one.replacement),
        }
        for part, _, one in every
    ]
    return {"parts": shown, "findings": told}


def instead(finding: Finding) -> str:
    """What to write instead: the very words where they are known to leave the text no worse."""
    return f"Write “{finding.replacement}” instead." if finding.replacement else finding.suggestion


def _title(findings: Iterable[Finding]) -> str:
    return "\n".join(f"{clean_text(one.message)} ({one.rule})" for one in findings)


def _moved(finding: Finding, at: int, length: int) -> Finding:
    """The finding as it stands in a cell that begins at `at`; without a span where it is in another one."""
    start, end = finding.span or (0, 0)
    inside = max(start - at, 0), min(end - at, length)
    return finding.model_copy(update={"span": inside if inside[0] < inside[1] else None})
