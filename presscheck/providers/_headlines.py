"""Finds a subject that nobody in the set has yet, and a preheader that adds to it."""

from collections.abc import Sequence

from presscheck.providers._grammar import Piece, sentence
from presscheck.providers._speaker import Speaker, stands_alone
from presscheck.providers.phrases import ANGLES

_LONGEST_PREHEADER = 90
_LONGEST_KEYWORD = 24


def subject(speaker: Speaker, angle: str, room: int, taken: frozenset[str]) -> Piece:
    """A subject of at most `room` characters that is not `taken` (case-folded), while there is one.

    Nothing is ever cut to fit: what is too long is not used.
    """

    def fresh(pieces: Sequence[Piece]) -> list[Piece]:
        return [piece for piece in pieces if 0 < len(piece.text) <= room and piece.text.casefold() not in taken]

    facts, voice, deck = speaker.facts, speaker.voice, speaker.deck
    texts = (facts.offer, *facts.required, *facts.optional)
    quoted = fresh([Piece(text.removesuffix(".")) for text in texts if stands_alone(text)])
    named = fresh(_named(speaker))
    themed = fresh([speaker.filled(phrase) for phrase in speaker.usable(voice.subjects[angle])])
    roll = deck.rng.random()
    orders = [named, themed, quoted] if roll < 0.45 else [themed, named, quoted] if roll < 0.85 else [quoted, named]
    for way in orders:
        if way:
            return _least_used(speaker, way)
    others = [*themed, *_others(speaker)]
    candidates = fresh(others) or [piece for piece in others if len(piece.text) <= room]
    return _least_used(speaker, candidates) if candidates else Piece("")


def preheader(speaker: Speaker, beside: str, *, naming: bool) -> Piece:
    """A line that does not say again what the subject `beside` it says.

    `naming`: the line gives the product's name, because no other part of the text does.
    """
    facts = speaker.facts
    if naming and (named := speaker.say(speaker.voice.named_preheaders)):
        return named
    texts = [text for text in (facts.offer, *facts.required, *facts.optional) if stands_alone(text)]
    quoted = [sentence(text) for text in texts if text.removesuffix(".") != beside.removesuffix(".")]
    quoted = [text for text in quoted if len(text) <= _LONGEST_PREHEADER]
    if quoted and speaker.deck.chance(0.4):
        return Piece(speaker.deck.choose(quoted))
    points = len(facts.required) + len(facts.optional)
    return speaker.say(speaker.voice.preheaders, points=points) or Piece("")


def _named(speaker: Speaker) -> list[Piece]:
    if speaker.facts.name is None:
        return []
    headlines = [speaker.filled(phrase) for phrase in speaker.usable(speaker.voice.named_subjects)]
    return [*headlines, *_tailed(speaker, f"{speaker.facts.name}:")]


def _others(speaker: Speaker) -> list[Piece]:
    """Subjects of the other angles, and those made of keywords and the sender's name."""
    facts, voice = speaker.facts, speaker.voice
    found = [speaker.filled(phrase) for angle in ANGLES for phrase in speaker.usable(voice.subjects[angle])]
    for word in facts.keywords:
        if len(word) <= _LONGEST_KEYWORD:
            found += _tailed(speaker, f"{word[:1].upper()}{word[1:]}:")
    if facts.sender:
        found += _tailed(speaker, f"{facts.sender}:")
    return [*found, *_tailed(speaker, "")]


def _tailed(speaker: Speaker, topic: str) -> list[Piece]:
    """`topic` with every tail of the voice; without a topic the tail stands alone."""
    tails = speaker.usable(speaker.voice.tails)
    if topic:
        return [Piece(f"{topic} {tail}", tail, (tail,)) for tail in tails]
    return [Piece(f"{tail[:1].upper()}{tail[1:]}", tail, (tail,)) for tail in tails]


def _least_used(speaker: Speaker, pieces: Sequence[Piece]) -> Piece:
    uses = [sum(speaker.deck.uses.get(phrase, 0) for phrase in piece.used) for piece in pieces]
    fewest = min(uses)
    return speaker.deck.choose([piece for piece, count in zip(pieces, uses, strict=True) if count == fewest])
