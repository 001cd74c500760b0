"""What to write instead of a finding's words, offered only where the text is no worse for it.

    safe(findings, texts, judge)                       # the same, each with the `replacement` that held when tried
    replaced("A very light tent.", (2, 6), "")         # "A light tent."
    mended(copy, findings, levels, judge)              # the copy with every safe one of these levels written in

A rule knows a word for a word and nothing of the sentence around it. So each replacement is written into the text,
and the text is judged again: it is offered where the rule is silent there and nothing else is found that was not.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from presscheck.models import Copy, Finding, Level

Judge = Callable[[str, str], Sequence[Finding]]
"""What would be found in everything, were this field this text."""

MOST_TRIED = 8
"""Each costs another look at the text, and a text with more is better written anew."""
_MOST_WRITTEN = 40
_FIELDS = ("subject", "preheader", "body")
"""What may be written anew: the button and the picture's words are the brief's and the picture's."""
_ENDS = ".!?\n"


@dataclass(frozen=True)
class Mended:
    """A copy with replacements written in, what is still found in it, and the rules whose words were replaced."""

    copy: Copy
    findings: tuple[Finding, ...]
    rules: tuple[str, ...] = ()


def in_case_of(words: str, replacement: str) -> str:
    """The replacement in the capitals of what it stands for: Cheap, CHEAP, cheap.

    One with a capital of its own, such as a name, stays as the rule has it.
    """
    letters = [one for one in words if one.isalpha()]
    if not letters or replacement != replacement.lower():
        return replacement
    if len(letters) > 1 and all(one.isupper() for one in letters):
        return replacement.upper()
    return replacement[:1].upper() + replacement[1:] if letters[0].isupper() else replacement


def replaced(text: str, span: tuple[int, int], replacement: str) -> str:
    """The text with the replacement at the span; an empty one also takes the space and comma that it leaves over."""
    start, end = span
    if replacement:
        return text[:start] + replacement + text[end:]
    before, after = text[:start].rstrip(" "), text[end:]
    if before and before[-1] not in _ENDS:
        after = after.lstrip(" ")
        if after and after[0] not in ".,;:!?)\n":
            return f"{before} {after}"
        # A comma that stood before the words would stand before the full stop now.
        return before.rstrip(",") + after
    # The sentence begins with what followed.
    after = after.lstrip(" ,;:")
    return before + (" " if before and before[-1] != "\n" else "") + after[:1].upper() + after[1:]


def safe(findings: Sequence[Finding], texts: Mapping[str, str], judge: Judge) -> tuple[Finding, ...]:
    """The findings, of which those keep their replacement that leave the text no worse; at most eight are tried."""
    if all(one.replacement is None for one in findings):
        return tuple(findings)
    tried = 0
    told: list[Finding] = []
    for one in findings:
        if one.replacement is not None:
            tried += 1
            if one.field not in texts or tried > MOST_TRIED or not _holds(one, findings, texts[one.field], judge):
                one = one.model_copy(update={"replacement": None})
        told.append(one)
    return tuple(told)


def mended(
    copy: Copy,
    findings: Sequence[Finding],
    levels: Collection[Level],
    judge: Callable[[Copy], tuple[Finding, ...]],
) -> Mended:
    """The copy with the safe replacements of these levels written in, one after the other, each judged before the next.

    Every one of them takes a finding away and brings none, so that it comes to an end.
    """
    rules: list[str] = []
    left = tuple(findings)
    for _ in range(_MOST_WRITTEN):
        one = next((one for one in left if one.level in levels and one.replacement is not None), None)
        after = None if one is None else _written(copy, one)
        if one is None or after is None:
            break
        now = judge(after)
        if len(now) >= len(left):
            break
        copy, left = after, now
        rules.append(one.rule)
    return Mended(copy, left, tuple(dict.fromkeys(rules)))


def _written(copy: Copy, one: Finding) -> Copy | None:
    """None where no copy may hold what comes of it."""
    if one.span is None or one.replacement is None or one.field not in _FIELDS:
        return None
    text = replaced(str(getattr(copy, one.field)), one.span, one.replacement)
    try:
        return Copy.model_validate({**copy.model_dump(), one.field: text})
    except ValidationError:
        return None


def _holds(one: Finding, findings: Sequence[Finding], text: str, judge: Judge) -> bool:
    if one.span is None or one.replacement is None:
        return False
    after = replaced(text, one.span, one.replacement)
    if not after.strip():
        return False
    found = judge(one.field, after)
    before, now = Counter(map(_what, findings)), Counter(map(_what, found))
    # A rule tells twenty places and no more: where it told as many, nobody knows whether one is gone.
    if now[_what(one)] >= before[_what(one)] or any(many > before[what] for what, many in now.items()):
        return False
    start, end = one.span[0], one.span[0] + len(one.replacement)
    return not any(
        _what(other) == _what(one) and other.span is not None and other.span[0] <= end and start <= other.span[1]
        for other in found
    )


def _what(one: Finding) -> tuple[str, str]:
    return one.field, one.rule
