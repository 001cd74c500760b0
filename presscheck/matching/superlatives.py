"""Finds superlatives that claim a rank: the best, the lightest, number one.

Only words that compare are listed; `at least`, `best wishes` and `most of us` compare nothing.
English only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from presscheck.matching.normal import Reading, normalise


@dataclass(frozen=True)
class Superlative:
    """One superlative in a text, `end` exclusive."""

    start: int
    end: int
    word: str
    """In lower case, with single spaces."""


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_EST = _listed("""
    best finest fastest slowest quickest cheapest lowest highest largest biggest greatest smallest tiniest lightest
    heaviest strongest toughest softest smoothest warmest coolest coldest hottest driest brightest boldest cleanest
    purest freshest healthiest safest simplest easiest smartest cleverest sharpest clearest thinnest thickest
    slimmest longest shortest tallest widest deepest richest tastiest sweetest yummiest coziest cosiest comfiest
    snuggest sturdiest hardiest greenest kindest gentlest happiest loveliest prettiest sexiest trendiest hippest
    fittest leanest loudest quietest stablest sleekest handiest mightiest noblest bravest wildest wisest thriftiest
    speediest nimblest crispest fluffiest silkiest juiciest crunchiest
""")
_RANK = (
    r"(?:(?:number|no\.|nr\.)[ ]?(?:one|1)|n[or] 1|#[ ]?1)(?![\d\w])"
    r"|world(?:'s|s)?[ ](?:leading|favou?rite|first)|world[ -]beating"
    r"|(?:market|industry|category)[ -](?:leading|leader|best)|best[ -]in[ -](?:class|show)|best[ -]?sell(?:ing|er)s?"
    r"|unbeat(?:able|en)|unmatched|unrival(?:l)?ed|unsurpassed|unparalleled|unequal(?:l)?ed|incomparable|peerless"
    r"|second to none|like no other|ultimate|top[ -]rated|top[ -]selling|top[ -]ranked|award[ -]winning|one of a kind"
    r"|(?:the|our|your) only (?=\w+ (?:that|which|with|you))|100 ?% (?:safe|effective|guaranteed|natural)"
    r"|most[ -](?!of\b|people\b|days?\b|cases?\b|times?\b|likely\b|often\b|importantly\b|recent(?:ly)?\b"
    r"|sincerely\b|everyone\b|anyone\b|anything\b|everything\b|evenings?\b|mornings?\b|weeks?\b|weekends?\b"
    r"|nights?\b|places?\b)"
    r"(?:[a-z]{3,}(?:able|ible|al|ant|ar|ary|ed|ent|ful|ic|ile|ing|ish|ive|less|like|ous|ory|ure|ute|ern|id|tic)"
    r"|popular|loved|trusted|wanted|secure|modern|robust|rugged|durable|stylish|complete|precise|versatile)\b"
    r"|least[ -](?:expensive|costly)|lowest[ -]price(?:s|d)?"
)
_FOUND = re.compile(rf"(?<![\w\-])(?:{_RANK}|(?:{'|'.join(_EST)})(?:[ -]ever)?\b)")
_HARMLESS = re.compile(
    r"\bbest (?:regards|wishes|of luck|before|friends?|man|practices?)\b"
    r"|\b(?:do|try|doing|trying) (?:my|our|your|their|its) best\b"
    r"|\b(?:at|all the) best\b|\bfor the best(?=[.,;!?]|$)|\bat (?:its|their|your|our) (?:best|finest|simplest)\b"
    r"|\b(?:works?|goes|pairs?|worn|served|enjoyed|suited) best\b|\bthe best of (?:both|all)\b"
    r"|\bbest (?:to|if|part|fits?|suits?)\b"
    r"|\b(?:feel|look|be|sleep|live|give) your best\b|\byour own (?:best|biggest)\b|\bhighest bidder\b"
    r"|\bmake the most of\b|\bas best\b|\bmay the best\b|\bultimately\b"
)
_WORD = re.compile(r"[\w']+")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")
_LITTLE = frozenset(
    _listed("""
        a an the our your its their his her my this that these those is are was be been in on of for to at by with
        and or as it we you they has have from than
    """)
)


def superlatives(text: str) -> tuple[Superlative, ...]:
    """All superlatives of `text`, in order of place."""
    found = {one for reading in normalise(text).lowered for one in _superlatives(reading)}
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))


def _superlatives(reading: Reading) -> list[Superlative]:
    read = reading.text
    harmless = [match.span() for match in _HARMLESS.finditer(read)]
    return [
        Superlative(*reading.span(*match.span()), re.sub(r"[ -]+", " ", match.group()))
        for match in _FOUND.finditer(read)
        if not any(start <= match.start() < end for start, end in harmless)
    ]


def claimed_by(text: str, found: Superlative, claims: Iterable[str]) -> bool:
    """True where the sentence around a superlative says what one of the claims says.

    A claim counts when it holds the same superlative and every word of it that carries meaning
    stands in the same sentence, in whatever order.
    """
    words = meaning(_sentence(text, found.start, found.end))
    for claim in claims:
        if all(word.word != found.word for word in superlatives(claim)):
            continue
        if meaning(claim) <= words:
            return True
    return False


def meaning(text: str) -> frozenset[str]:
    """The words of a text that carry meaning, as a matcher reads them."""
    return frozenset(_WORD.findall(normalise(text).text.text)) - _LITTLE


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a span; a paragraph's end also ends a sentence."""
    before = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    before += [match.end() for match in re.finditer(r"\n\s*\n", text[:start])]
    after = [match.start() for match in _SENTENCE_END.finditer(text, end)]
    after += [end + match.start() for match in re.finditer(r"\n\s*\n", text[end:])]
    return text[max(before, default=0) : min(after, default=len(text))]
