"""Splits a text into its sentences and its words, with their places.

Rules, not a model: punctuation ends a sentence unless what stands before it is an abbreviation, an
initial, a German date or the number of a list, or what follows goes on in lower case. A blank line, a
bullet and a short line before a capital (a headline) end one as well. Abbreviations are those of
English, German, French, Spanish, Italian, Dutch and Portuguese, all at once, because a text says
seldom for sure in which of them it is.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """A part of a text, `end` exclusive."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def _listed(several: str) -> frozenset[str]:
    return frozenset(several.split())


# A word of letters or digits goes on over an apostrophe, a hyphen, and the point or comma of a number.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad]|['’ʼ\-‐‑](?=[^\W_])|(?<=\d)[.,](?=\d))*")
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f\u200d"
_END = re.compile(
    rf"(?<![.!?…。！？])[.!?…。！？]++[\"'”’»)\]]*+(?=\s|$|[{_EMOJI}])(?:[^\S\n]*+[{_EMOJI}]++)*+"
    rf"|(?<![{_EMOJI}])[{_EMOJI}]++(?=[^\S\n]+[^\W\d_])|\n"
)
_BULLETS = "-*•·–—▪►✓✔➤→"
_CLOSING = "\"'”’»)]"
_OPENING = "\"'“„‘«»([¿¡*_"
_SHORT_LINE = 60
"""A line longer than this is taken to be wrapped: it may go on in the next one, also with a capital."""

# A point after these never ends a sentence: what they belong to follows.
_BEFORE = _listed("""
    mr mrs ms mx dr prof st sr jr rev gen col capt lt sgt hon nos vol cf e.g eg i.e viz vs approx ca incl excl tel
    dept z.b d.h u.a z.t bzw ggf vgl inkl exkl zzgl hr fr frl dipl ing str evtl  tägl mme mlle  p.ex  réf sra
    srta dña ud uds núm nº pág págs p.ej sig sigg dott dott.ssa avv  egr spett geom pagg mevr dhr mw drs  bijv
    d.w.z m.b.t t.a.v blz  dra exmo exma av  eds trad  """)
# These are words as well: "No. 5", but "He said no. We left."
_BEFORE_NUMBERS = _listed("""
    no nr n art fig p pp s ch sec max min abs est es ex pag tav ed nl
    jan feb mar apr jun jul aug sep sept oct okt nov dec dez
""")
# With these a sentence may end, and does before a word that usually begins one.
_EITHER = _listed("""
    inc ltd co corp plc llc bros u.s u.s.a u.k u.n e.u a.d b.c gmbh ag s.a s.l s.p.a s.r.l b.v n.v
    std tgl
""")
_STARTERS = _listed("""
    the a an it this that these those we you they he she i and but so if when our your there here not
    der die das ein eine es wir sie er und aber wenn le la les un une il elle nous vous el los las ella y pero
    lo gli noi het de een wij ze o os as um uma ele ela get shop try buy join see
""")
_DAY = re.compile(r"(?:^|\s)(?:am|vom|zum|der|den|dem|des|im|ab|bis|seit|und|,)?\s?\d{1,2}$", re.IGNORECASE)
_GERMAN_MONTHS = _listed("Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez")
_BEFORE_POINT = re.compile(r"[^\s\"'“„‘«(\[]*$")
_NUMBER_OF_LIST = re.compile(r"\d{1,2}[.)]\s")


def words(text: str) -> tuple[Span, ...]:
    """Each word and each number of `text`; a compound with hyphens and a contraction are one word."""
    return tuple(Span(*match.span()) for match in _WORD.finditer(text))


def sentences(text: str) -> tuple[Span, ...]:
    """Each sentence of `text`, without the white space around it; nothing between them is a word."""
    return tuple(_sentences(text))


def long_sentences(text: str, most_words: int) -> tuple[Span, ...]:
    """The sentences of more than `most_words` words."""
    return tuple(
        span for span in sentences(text) if sum(1 for _ in _WORD.finditer(text, span.start, span.end)) > most_words
    )


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for match in _END.finditer(text):
        if _ends(text, start, match):
            yield from _trimmed(text, start, match.end())
            start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    part = text[start:end]
    begun = start + len(part) - len(part.lstrip())
    ended = begun + len(part.strip())
    if ended > begun:
        yield Span(begun, ended)


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    mark = match.group()
    # 60 characters are enough to see the next word, and keep the whole linear.
    follows = text[match.end() : match.end() + 60]
    if mark == "\n":
        return _line_ends(text, match.start(), follows)
    after = follows.lstrip()
    if not after or follows[: len(follows) - len(after)].count("\n") > 1:
        return True
    after = after.lstrip(_OPENING)
    goes_on = after[:1].islower()
    if mark[0] not in ".!?…。！？":
        # An emoji between two clauses; German nouns have capitals too, so only a usual first word tells there.
        return after[:1].isupper() and _first_word(after) in _STARTERS
    if mark.startswith(("..", "…")):
        return not goes_on
    if mark[0] != ".":
        return not (goes_on and mark[-1] in _CLOSING)
    if goes_on:
        return False
    return not (mark == "." and _is_short(text, start, match.start(), after))


def _line_ends(text: str, place: int, follows: str) -> bool:
    after = follows.lstrip(" \t\r")
    if not after or after[0] in f"\n{_BULLETS}" or _NUMBER_OF_LIST.match(after):
        return True
    line_start = text.rfind("\n", max(0, place - _SHORT_LINE), place)
    return (line_start >= 0 or place < _SHORT_LINE) and not after[0].islower()


def _is_short(text: str, start: int, point: int, after: str) -> bool:
    """Whether the point belongs to a short form rather than to the sentence."""
    before = text[max(start, point - 40) : point]
    found = _BEFORE_POINT.search(before)
    word = found.group() if found else ""
    low = word.lower()
    if low in _BEFORE:
        return True
    if (low in _BEFORE_NUMBERS and after[:1].isdigit()) or (len(word) == 1 and after[1:2] == "."):
        return True
    if low in _EITHER or (len(word) == 1 and word.isupper()):
        return _first_word(after) not in _STARTERS
    if not word.isdigit() or len(word) > 2:
        return False
    # The number of a list begins the sentence, or follows a colon.
    if before[: len(before) - len(word)].strip()[-1:] in ("", ":", ";"):
        return True
    return after[:3] in _GERMAN_MONTHS and _DAY.search(before) is not None


def _first_word(text: str) -> str:
    found = _WORD.match(text)
    return found.group().lower() if found else ""
