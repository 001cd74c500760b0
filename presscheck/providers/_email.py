"""Composes the body of an e-mail: an opening, the offer, the points, a close, in changing order."""

from collections.abc import Sequence

from presscheck.providers._grammar import Piece, fill, join, sentence
from presscheck.providers._speaker import Plan, Speaker

_MANY_CLAIMS = 5
"""A brief may hold fifty; a longer e-mail is still an e-mail."""


def email_body(speaker: Speaker, angle: str) -> Piece:
    """Paragraphs parted by blank lines; offer and required facts word for word."""
    deck, facts, voice, length = speaker.deck, speaker.facts, speaker.voice, speaker.length
    points = points_of(speaker)
    opening = speaker.say(voice.openings[angle], points=len(points) + len(facts.claims))
    naming = speaker.naming(share=0.4) if facts.names_product else naming_of(speaker)
    offer = speaker.offer()
    led = join([speaker.say(voice.offer_leads), offer], "\n" if deck.chance(0.3) else " ")
    price = speaker.say(voice.price_lines) if facts.price and (angle == "value" or deck.chance(0.2)) else None
    keyword = speaker.keyword(0.0 if length < 0 else 0.2)
    middle = speaker.say(voice.middles[angle]) if deck.chance({-1: 0.0, 0: 0.6, 1: 1.0}[length]) else None
    close = speaker.say(voice.closes) if deck.chance({-1: 0.4, 0: 0.9, 1: 1.0}[length]) else None
    told, claim = listed(speaker, points), claim_of(speaker)
    named_offer = join([naming, led], "\n\n")
    shapes: list[Plan] = [
        [join([opening, middle]), named_offer, told, join([claim, price]), join([keyword, close])],
        [join([opening, naming]), join([keyword, offer, price]), told, claim, join([middle, close])],
        [opening, join([keyword, naming]), join([offer, price]), told, claim, join([middle, close])],
        [opening, join([naming, middle]), join([led, price]), told, join([claim, keyword, close])],
    ]
    if naming is not None:
        # Points come before the offer only where the reader knows by then what they are about.
        shapes.append([opening, join([naming, middle]), told, join([led, claim, price]), join([keyword, close])])
    return join([*deck.choose(shapes), _sign_off(speaker)], "\n\n")


def naming_of(speaker: Speaker) -> Piece | None:
    """A sentence with the product's name; a long name is left to the preheader at times.

    Fifty bodies that all hold the same twelve words read alike, whatever else they say.
    """
    name = speaker.facts.name
    if name is None:
        return None
    share = 1.0 if speaker.name_wanted or len(name) <= 24 else 0.75 if len(name) <= 45 else 0.6
    return speaker.naming() if speaker.deck.chance(share) else None


def points_of(speaker: Speaker) -> list[str]:
    """The facts of one text: all required ones, and some of the others."""
    facts, deck = speaker.facts, speaker.deck
    share = {-1: 0.0, 0: 0.6, 1: 1.0}[speaker.length]
    extra = [text for text in facts.optional if text in facts.wanted or deck.chance(share)]
    if deck.chance(0.5):
        return [*facts.required, *deck.shuffled(extra)]
    return deck.shuffled([*facts.required, *extra])


def listed(speaker: Speaker, points: Sequence[str]) -> Piece | None:
    """The points as a list, or as sentences."""
    if not points:
        return None
    lead = speaker.say(speaker.voice.list_leads)
    if len(points) > 3 or (len(points) > 1 and speaker.deck.chance(0.5)):
        return join([lead, join([Piece(f"• {text}") for text in points], "\n")], "\n")
    said = [join([lead, Piece(sentence(points[0]))])]
    return join([*said, *(speaker.led(text, speaker.voice.fact_leads) for text in points[1:])])


def claim_of(speaker: Speaker) -> Piece | None:
    facts, deck = speaker.facts, speaker.deck
    wanted = [text for text in facts.claims if text in facts.wanted]
    if not facts.claims or not (wanted or deck.chance({-1: 0.15, 0: 0.55, 1: 1.0}[speaker.length])):
        return None
    said = wanted or (deck.shuffled(facts.claims)[:_MANY_CLAIMS] if speaker.length > 0 else [deck.choose(facts.claims)])
    return join([speaker.led(text, speaker.voice.claim_leads, share=0.7) for text in said])


def _sign_off(speaker: Speaker) -> Piece | None:
    sender, deck = speaker.facts.sender, speaker.deck
    if sender is None or not deck.chance(0.25 if speaker.length < 0 else 0.75):
        return None
    phrase = deck.draw(speaker.usable(speaker.voice.sign_offs))
    if phrase is None:
        return None
    # A greeting stands on a line of its own, as in a letter.
    piece = fill(phrase.replace(", {sender}", ",\n{sender}"), {"sender": sender}, deck.rng)
    return Piece(piece.text, piece.own, (phrase,))
