"""Finds words at fault by where they stand: said twice, or with the wrong capitals."""

import re
from collections.abc import Iterable
from typing import Literal

from presscheck.matching.sentences import Span, words

Case = Literal["title", "sentence", "lower", "upper"]


def _listed(several: str) -> frozenset[str]:
    return frozenset(several.split())


# What is honestly said twice, in seven languages: "had had", "die, die", "nous nous", "poco poco".
_DOUBLED = _listed("""
    had that bye ha hah haha he ho hey no so very really many much long far way never now now yes yeah yay wow go knock
    chop tick tock there ding beep choo blah la na da dum hip hush night tut boo cha
    sehr die der das sie ganz viel nein ja lange immer wer mal doch hurra
    nous vous très bien oui non si tout très petit
    muy que sí ya casi poco no bien
    molto piano poco via così sì quasi
    heel zeer zo ja nee toch zij
    muito já sim não bem quase
""")
_ADDRESS = re.compile(r"[.@/:]\w")
_ASIDE = re.compile(r"[^\S\n]+|[^\S\n]*\n[^\S\n]*")

# Words that titles keep small (AP Stylebook, "composition titles").
_SMALL = _listed("a an and as at but by for if in nor of on or per so the to up via vs v vs. v. yet")
_PREPOSITIONS = _listed("""
    about above across after against along among around before behind below beneath beside besides between beyond
    despite down during except from inside into like near off onto opposite out outside over past since than through
    throughout till toward towards under underneath until unto upon with within without
""")


def repeated_words(text: str) -> tuple[Span, ...]:
    """Each word that stands twice in a row, also over the end of a line; the span covers both.

    Honest doubles ("had had", "sehr sehr", "Bora Bora", figures) are left alone.
    """
    found: list[Span] = []
    before: Span | None = None
    for word in words(text):
        if before is not None and _repeats(text, before, word):
            found.append(Span(before.start, word.end))
        before = word
    return tuple(found)


def _repeats(text: str, before: Span, word: Span) -> bool:
    if not _ASIDE.fullmatch(text, before.end, word.start) or _ADDRESS.match(text, word.end):
        return False
    one, other = before.of(text), word.of(text)
    low = other.lower()
    if one.lower() != low or not low.isalpha() or low in _DOUBLED:
        return False
    # "Bora Bora", "New York New York": a name is written with capitals both times.
    return not (one[0].isupper() and other[0].isupper() and not one.isupper() and low not in _SMALL | _PREPOSITIONS)


def capitalisation_faults(
    text: str,
    style: Case,
    exceptions: Iterable[str] = (),
    *,
    indicators: Iterable[str] = (),
    threshold: float = 1.0,
) -> tuple[Span, ...]:
    """The words of a heading whose capitals are not those of a style.

    `title`: each word has a capital but for the small ones (articles, conjunctions and short prepositions,
    AP Stylebook); the first and the last one always have. `sentence`: only the first word has, and one after an
    indicator such as ":". Abbreviations (NASA), words with a capital inside (iPhone) and exceptions, of one or more
    words, are right in any style. `threshold` is Vale's: where at least this share of the words is right nothing is
    found; 1.0 finds each.
    """
    spans = words(text)
    excused = _excused(text, exceptions)
    after_indicator = tuple(indicators)
    faults = [
        span
        for place, span in enumerate(spans)
        if span.start not in excused
        and _wrong(
            span.of(text),
            style,
            first=place == 0
            or (
                bool(after_indicator)
                and text[max(0, span.start - 20) : span.start].rstrip(" \t\"'“„«(").endswith(after_indicator)
            ),
            last=place == len(spans) - 1,
        )
    ]
    if faults and threshold < 1.0 and (len(spans) - len(faults)) / len(spans) >= threshold:
        return ()
    return tuple(faults)


def _excused(text: str, exceptions: Iterable[str]) -> frozenset[int]:
    """Where words begin that stand in an exception, written exactly so."""
    listed = sorted({one for one in exceptions if one}, key=lambda one: (-len(one), one))
    if not listed:
        return frozenset()
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)")
    return frozenset(match.start() + word.start for match in pattern.finditer(text) for word in words(match.group()))


def _wrong(word: str, style: Case, *, first: bool, last: bool) -> bool:
    letters = word.rstrip("0123456789")
    if not letters or not any(c.isalpha() for c in letters):
        return False
    if style == "upper":
        return any(c.islower() for c in word)
    if style == "lower":
        return any(c.isupper() for c in word)
    # An abbreviation, "I", or a capital that is not the first letter: the writer's own spelling.
    if any(c.isupper() for c in word[1:].replace("-", "")) or word.split("'")[0].split("’")[0] == "I":
        return False
    capital = word[0].isupper()
    if not word[0].isalpha():
        return False
    if style == "sentence":
        return capital != first
    low = word.lower()
    return capital != (first or last or low not in _SMALL)
