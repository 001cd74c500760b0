"""Composes search ads: two short headlines and two descriptions, into which every required fact is fitted.

The lengths are those of Google's responsive search ads, 30 and 90 characters. A required fact that
fits nowhere stands there all the same: the policies judge, and whoever wrote the brief reads why.
"""

from collections.abc import Sequence

from presscheck.providers._grammar import Piece, join, sentence, slots_of
from presscheck.providers._headlines import subject
from presscheck.providers._speaker import Speaker, stands_alone

HEADLINE, DESCRIPTION = 30, 90
_TRIES = 16
_SHORTEST_FILL = 8


def ad_headlines(speaker: Speaker, angle: str, taken: frozenset[str]) -> tuple[Piece, Piece]:
    """Two different headlines; the first is none of those `taken` (case-folded) while there are others."""
    first = subject(speaker, angle, HEADLINE, taken)
    second = subject(speaker, angle, HEADLINE, frozenset({first.text.casefold()}))
    return first, Piece("") if second.text.casefold() == first.text.casefold() else second


def ad_body(speaker: Speaker, angle: str) -> Piece:
    """Two paragraphs, each one description."""
    facts, deck = speaker.facts, speaker.deck
    wanted = [text for text in (*facts.optional, *facts.claims) if text in facts.wanted]
    asked_for = [speaker.keyword(0.0), speaker.naming() if speaker.name_wanted else None]
    due = [*(Piece(sentence(text)) for text in (*facts.required, *wanted)), *(one for one in asked_for if one)]
    with_offer = facts.offer_needed or deck.chance(0.65)
    offers: list[list[Piece]] = [[speaker.offer()], []] if with_offer else [[]]
    for offer in offers:
        for _ in range(_TRIES):
            items = deck.shuffled([*offer, *due])
            cut = int(deck.rng.random() * (len(items) + 1))
            halves = [items[:cut], items[cut:]]
            if all(len(join(half).text) <= DESCRIPTION for half in halves):
                return join([_filled(speaker, angle, half) for half in halves], "\n\n")
    # Too much is required for an ad. Everything is said, and the length says the rest.
    everything = [*due, speaker.offer()] if facts.offer_needed or not due else due
    middle = (len(everything) + 1) // 2
    return join([join(everything[:middle]), join(everything[middle:])], "\n\n")


def _filled(speaker: Speaker, angle: str, items: Sequence[Piece]) -> Piece:
    """One description: what must be in it, and what still fits around that."""
    deck = speaker.deck
    text = join(items)
    # A text in lower case, or with a sign in front, needs something before it.
    needs_lead = bool(items) and not stands_alone(text.text)
    for _ in range(2):
        room = DESCRIPTION - len(text.text) - 1
        if room < _SHORTEST_FILL:
            return text
        filler = _filler(speaker, angle, room)
        if filler is None:
            return text
        text = join([filler, text]) if needs_lead or not text.text or deck.chance(0.5) else join([text, filler])
        needs_lead = False
        if speaker.length < 0 or deck.chance(0.4):
            return text
    return text


def _filler(speaker: Speaker, angle: str, room: int) -> Piece | None:
    """Something to say of at most `room` characters; None where nothing fits."""
    facts, voice, deck = speaker.facts, speaker.voice, speaker.deck
    themed = [phrase for phrase in voice.subjects[angle] if not slots_of(phrase)]
    spare = [text for text in (*facts.optional, *facts.claims) if stands_alone(text) and len(sentence(text)) <= room]
    ways: list[Piece | None] = [
        speaker.say(voice.hooks, at_most=room),
        _ended(speaker.say(themed, at_most=room)),
        speaker.say(voice.closes, at_most=min(room, 50)),
        Piece(sentence(deck.choose(spare))) if spare else None,
        speaker.naming(share=0.3),
        speaker.keyword(0.3),
        speaker.say(voice.price_lines, at_most=room) if facts.price else None,
    ]
    fitting = [piece for piece in ways if piece is not None and piece.text and len(piece.text) <= room]
    return deck.choose(fitting) if fitting else None


def _ended(piece: Piece | None) -> Piece | None:
    return None if piece is None else Piece(sentence(piece.text), piece.own, piece.used)
