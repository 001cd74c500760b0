"""What each kind of rule finds in one text: places of the original, and what lets the rule be silent there.

    find = finder(match)                          # once for a rule
    for place in find(match, Asked(rule, at, look)): ...

A kind is one function here, chosen by the type of its data. Words and patterns were found before, in one pass for
all rules (`Look.spots`); what is left is what each kind makes of them, and what it measures itself.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from itertools import accumulate, islice
from typing import NamedTuple, cast

from policies.engine.compiled import Slot, Spot, Spots
from policies.engine.guardrail import Guardrail
from policies.engine.measuring import (
    Measured,
    in_capitals,
    misspelt,
    of_sentences,
    out_of_bounds,
    out_of_voice,
    repeated,
)
from policies.engine.rule_kinds import (
    Claims,
    Disclosure,
    Facts,
    Figures,
    Length,
    Lengths,
    Links,
    Patterns,
    PersonalData,
    Phrases,
    Required,
    Signals,
)
from policies.engine.style_kinds import (
    Capitals,
    Consistency,
    LanguageOfText,
    Metric,
    Occurrence,
    Repetition,
    Sentences,
    Spelling,
    Together,
    VoiceScore,
)
from policies.engine.support import Source, Support
from policies.engine.wanted import EXCEPT, FIND, SAY
from presscheck.matching import (
    Personal,
    PersonalWords,
    carries,
    characters,
    columns,
    figures,
    imitates,
    in_link,
    leads_to_any,
    links,
    paragraphs,
    personal_data,
    places_of_figures,
    sms_parts,
)
from presscheck.matching.normal import KEPT
from presscheck.matching.sentences import sentences
from presscheck.models import Frozen
from presscheck.world.languages import likely_language
from presscheck.world.web_addresses import host_of, misleads

_UNCOMPARED = "A figure; there is no brief here that could support it, so compare it yourself."

_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True, eq=False)
class Look:
    """One field's text, what the brief allows, and what the pass over the text found."""

    field: str
    words: str
    spots: Spots
    support: Support
    unread: Sequence[str] = ()
    """Rules that do not know the language of the text."""


class Place(NamedTuple):
    """One place where a rule finds what it looks for."""

    span: tuple[int, int] | None
    """None is the whole text."""
    source: Source | None = None
    """What lets the rule be silent here; None where nothing does."""
    message: str | None = None
    """Instead of the rule's own."""
    replacement: str | None = None
    words: str | None = None
    """What is shown instead of the words at the place."""


class Asked(NamedTuple):
    """One match of one rule, in one text."""

    rule: Guardrail
    at: int
    look: Look

    def spots(self, role: str) -> Sequence[Spot]:
        return self.look.spots.at(Slot(self.rule.id, self.at, role))

    def may_stand(self, role: str) -> bool:
        """Whether something of the role may stand there, told without a look."""
        return Slot(self.rule.id, self.at, role) in self.look.spots.likely

    def found(self) -> Iterable[Spot]:
        """What was found and no exception lets pass."""
        spots = self.spots(FIND)
        return _apart_from(spots, self.spots(EXCEPT)) if spots else ()


def finder(match: Frozen) -> "Callable[[Frozen, Asked], Iterable[Place]]":
    """What finds the places of one kind of match, in no order."""
    return cast("Callable[[Frozen, Asked], Iterable[Place]]", _find.dispatch(type(match)))


@singledispatch
def _find(match: Frozen, asked: Asked) -> Iterator[Place]:
    # Pictures are judged with the picture (`verdicts`), and every other kind is one of these.
    del match, asked
    return iter(())


@_find.register(Phrases)
@_find.register(Patterns)
def _(match: Phrases | Patterns, asked: Asked) -> Iterator[Place]:
    del match
    for spot in asked.found():
        yield Place((spot.start, spot.end), _let_by(asked, spot), replacement=spot.replacement)


@_find.register
def _(match: Signals, asked: Asked) -> Iterator[Place]:
    # Signs are common, and most texts hold too few of them for a look at where they stand.
    if sum(one.weight for at, one in enumerate(match.signals) if asked.may_stand(str(at))) < match.at_least:
        return
    seen = sorted((spot.start, at) for at, _ in enumerate(match.signals) for spot in asked.spots(str(at)))
    # A window that moves along: a text may have thousands of the same sign, which counts once.
    within, behind, weight = [0] * len(match.signals), 0, 0
    for start, gone in seen:
        end = len(asked.look.words) if match.near is None else start + match.near
        while behind < len(seen) and seen[behind][0] <= end:
            entering = seen[behind][1]
            weight += match.signals[entering].weight * (not within[entering])
            within[entering] += 1
            behind += 1
        if weight >= match.at_least:
            together = [at for at, many in enumerate(within) if many]
            # The heaviest sign is marked: the whole stretch may be the whole text.
            heaviest = max(together, key=lambda at: match.signals[at].weight)
            spot = next(one for one in asked.spots(str(heaviest)) if one.start >= start)
            yield Place((spot.start, spot.end), _let_by(asked, spot))
            return
        within[gone] -= 1
        weight -= match.signals[gone].weight * (not within[gone])


@_find.register
def _(match: Claims, asked: Asked) -> Iterator[Place]:
    del match
    words, support = asked.look.words, asked.look.support
    for spot in asked.found():
        span = spot.start, spot.end
        yield Place(span, support.claims_it(words, *span) or support.is_part_of_the_name(words, *span))


@_find.register
def _(match: Figures, asked: Asked) -> Iterator[Place]:
    words, support = asked.look.words, asked.look.support
    if not support.known:
        # Without a brief nothing was compared, so one reminder a text is all there is to say.
        spans = (
            span for span in places_of_figures(words, match.figures, match.all_words) if not in_link(words, span[0])
        )
        yield from (Place(span, message=_UNCOMPARED) for span in islice(spans, 1))
        return
    for figure in figures(words, match.all_words):
        if figure.kind in match.figures and not in_link(words, figure.start):
            span = figure.start, figure.end
            yield Place(
                span,
                support.states(figure, match.all_words) or support.is_part_of_the_name(words, *span, any_case=True),
            )


@_find.register
def _(match: Links, asked: Asked) -> Iterator[Place]:
    words, support = asked.look.words, asked.look.support
    if match.links == "not-in-brief" and not support.known:
        return
    for link in links(words):
        span = link.start, link.end
        if match.links == "not-in-brief":
            told = misled(asked.rule, words[link.start : link.end])
            yield Place(span, support.leads_to(link.target), message=told)
        elif _is_meant(match, words[link.start : link.end]):
            yield Place(span, support.leads_to(link.target) if asked.rule.unless else None)


def _is_meant(match: Links, address: str) -> bool:
    match match.links:
        case "not-https":
            return address.lower().startswith("http:")
        case "among":
            return leads_to_any(address, match.hosts)
        case "outside":
            return not leads_to_any(address, match.hosts)
        case "look-alike":
            return imitates(address, match.hosts)
        case "tracking":
            return carries(address, match.parameters)
        case "not-in-brief":
            return True


def misled(rule: Guardrail, address: str) -> str | None:
    """The rule's message with the host that an address leads to, where that is not the one that people read."""
    return f"{rule.message} It leads to {host_of(address)}." if misleads(address) else None


@_find.register
def _(match: Facts, asked: Asked) -> Iterator[Place]:
    del match
    if asked.look.field == "body":
        for fact in asked.look.support.unsaid(asked.look.words):
            yield Place(None, words=fact)


@_find.register
def _(match: Required, asked: Asked) -> Iterator[Place]:
    if asked.look.words and not asked.spots(SAY):
        yield Place(None, words=match.say_one_of[0])


@_find.register
def _(match: Disclosure, asked: Asked) -> Iterator[Place]:
    if not asked.may_stand(FIND):
        return
    said = asked.spots(SAY)
    if said and (match.within is None or said[0].end <= match.within):
        return
    for spot in asked.spots(FIND)[:1]:
        yield Place((spot.start, spot.end), _let_by(asked, spot))


@_find.register
def _(match: Lengths, asked: Asked) -> Iterator[Place]:
    bounds = next((bound for name, bound in match.length.items() if name == asked.look.field), None)
    if bounds is not None and not _fits(asked.look.words, bounds):
        yield Place(None)


@_find.register
def _(match: PersonalData, asked: Asked) -> Iterator[Place]:
    look = asked.look
    for piece in _personal(look.words, look.support.markets, match.words):
        # Where there is a brief, `links` says which addresses are its own.
        if piece.kind in match.personal and not (piece.kind == "url" and look.support.known):
            yield Place((piece.start, piece.end), look.support.owns(piece.value))


# A rule a kind asks about the same text, and what is of one kind is of no other.
@lru_cache(maxsize=KEPT)
def _personal(text: str, markets: tuple[str, ...], words: PersonalWords) -> Sequence[Personal]:
    return personal_data(text, regions=markets, words=words)


@_find.register
def _(match: Occurrence, asked: Asked) -> Iterator[Place]:
    spots = asked.spots(FIND)
    for start, end in _units(asked.look.words, match):
        within = [spot for spot in _first_of_overlapping(spots) if start <= spot.start < end]
        if match.at_most is not None and len(within) > match.at_most:
            yield Place(within[match.at_most][:2])
        elif match.at_least is not None and len(within) < match.at_least:
            yield Place((start, end) if end > start else None)


@_find.register
def _(match: Together, asked: Asked) -> Iterator[Place]:
    words = asked.look.words
    explained = {words[spot.start : spot.end] for spot in asked.spots(SAY)}
    for spot in asked.spots(FIND):
        first = words[spot.start : spot.end]
        alone = re.compile(rf"(?<!\w){re.escape(first)}(?!\w)")
        if first not in match.exceptions and not any(map(alone.search, explained)):
            yield Place(spot[:2])


@_find.register
def _(match: Consistency, asked: Asked) -> Iterator[Place]:
    for at, _ in enumerate(match.either):
        one, other = asked.spots(f"{at}a"), asked.spots(f"{at}b")
        if one and other:
            yield Place(max(one[0], other[0])[:2])


@_find.register
def _(match: LanguageOfText, asked: Asked) -> Iterator[Place]:
    look = asked.look
    if match.language == "not-read":
        if look.unread:
            yield Place(None, words=", ".join(look.unread))
    elif likely_language(look.words) not in (None, *look.support.languages):
        yield Place(None)


def _measured(asked: Asked, found: Measured) -> Iterator[Place]:
    for span, replacement, more in found:
        told = None if more is None else f"{asked.rule.message} {more}"
        yield Place(span, message=told, replacement=replacement)


@_find.register
def _(match: Repetition, asked: Asked) -> Iterator[Place]:
    return _measured(asked, repeated(match, asked.look.words))


@_find.register
def _(match: Capitals, asked: Asked) -> Iterator[Place]:
    return _measured(asked, in_capitals(match, asked.look.words))


@_find.register
def _(match: Metric, asked: Asked) -> Iterator[Place]:
    return _measured(asked, out_of_bounds(match, asked.look.words))


@_find.register
def _(match: Sentences, asked: Asked) -> Iterator[Place]:
    return _measured(asked, of_sentences(match, asked.look.words))


@_find.register
def _(match: Spelling, asked: Asked) -> Iterator[Place]:
    return _measured(asked, misspelt(match, asked.look.words))


@_find.register
def _(match: VoiceScore, asked: Asked) -> Iterator[Place]:
    return _measured(asked, out_of_voice(match, asked.look.words))


def _first_of_overlapping(spots: Sequence[Spot]) -> Iterator[Spot]:
    end = -1
    for spot in spots:
        if spot.start >= end:
            yield spot
            end = spot.end


def _apart_from(spots: Sequence[Spot], exceptions: Sequence[Spot]) -> Iterable[Spot]:
    """Those that lie in no exception."""
    if not exceptions:
        return spots
    lies_in = within_any([(one.start, one.end) for one in exceptions])
    return [one for one in spots if not lies_in(one.start, one.end)]


def within_any(spans: Iterable[tuple[int, int]]) -> Callable[[int, int], bool]:
    """Whether a span lies within one of these; a text may have thousands."""
    ordered = sorted(spans)
    starts = [start for start, _ in ordered]
    # Of all that begin at a place or before it, the one that goes furthest decides.
    furthest = [*accumulate((end for _, end in ordered), max)]

    def lies_in(start: int, end: int) -> bool:
        before = bisect_right(starts, start)
        return before > 0 and furthest[before - 1] >= end

    return lies_in


def _let_by(asked: Asked, spot: Spot) -> Source | None:
    """What of the brief, or whether the product's own name, may use such words, where the policy lets it."""
    look = asked.look
    match asked.rule.unless:
        case "in-brief":
            return look.support.says(look.words[spot.start : spot.end])
        case "in-name":
            return look.support.names(look.words, spot.start, spot.end)
        case None:
            return None


def _units(text: str, match: Occurrence) -> Iterator[tuple[int, int]]:
    """The spans within which something is counted."""
    if match.per == "text":
        yield 0, len(text)
        return
    if match.per == "sentence":
        yield from sentences(text)
        return
    at = 0
    for end in _PARAGRAPH.finditer(text):
        yield at, end.start()
        at = end.end()
    yield at, len(text)


def _fits(text: str, length: Length) -> bool:
    size = columns if length.columns else characters
    count = size(text)
    return (
        (length.at_least is None or count >= length.at_least)
        and (length.at_most is None or count <= length.at_most)
        and (length.parts_at_most is None or sms_parts(text) <= length.parts_at_most)
        and (length.paragraphs_at_most is None or len(paragraphs(text)) <= length.paragraphs_at_most)
        and (
            length.paragraph_at_most is None or max(map(size, paragraphs(text)), default=0) <= length.paragraph_at_most
        )
    )
