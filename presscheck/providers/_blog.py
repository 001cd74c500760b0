"""Composes blog posts: an opening, what it is about, the points, a thought beside them, a close.

Longer than an e-mail and signed by nobody; offer and required facts word for word.
"""

from presscheck.providers._email import claim_of, listed, naming_of, points_of
from presscheck.providers._grammar import Piece, join
from presscheck.providers._headlines import preheader
from presscheck.providers._speaker import Plan, Speaker
from presscheck.providers.phrases import ANGLES

TITLE = 60
"""What a page of search results shows of a title."""


def article_body(speaker: Speaker, angle: str) -> Piece:
    """Paragraphs parted by blank lines."""
    deck, facts, voice = speaker.deck, speaker.facts, speaker.voice
    beside = deck.choose([other for other in ANGLES if other != angle])
    points = points_of(speaker)
    opening = speaker.say(voice.openings[angle], points=len(points) + len(facts.claims))
    middle = speaker.say(voice.middles[angle])
    aside = speaker.say(voice.openings[beside], points=len(points))
    second = speaker.say(voice.middles[beside])
    naming = naming_of(speaker)
    offer = join([speaker.say(voice.offer_leads), speaker.offer()])
    price = speaker.say(voice.price_lines) if facts.price and (angle == "value" or deck.chance(0.3)) else None
    points_told, claim, keyword = listed(speaker, points), claim_of(speaker), speaker.keyword(0.4)
    close = speaker.say(voice.closes)
    short = speaker.length < 0
    shapes: list[Plan] = [
        [join([opening, middle]), join([naming, offer, price]), points_told, claim, join([aside, second]), close],
        [opening, join([naming, middle]), offer, points_told, join([claim, price]), aside, join([second, close])],
        [
            join([aside, second]),
            join([opening, naming]),
            join([offer, price]),
            points_told,
            claim,
            join([middle, close]),
        ],
        [opening, aside, join([naming, offer]), points_told, join([claim, price]), join([middle, second]), close],
    ]
    lean: Plan = [opening, join([naming, offer]), points_told, claim, close]
    return join([keyword, *lean] if short else [*deck.choose(shapes), keyword], "\n\n")


def standfirst(speaker: Speaker, title: str, body: str) -> Piece:
    """A line below the title, which names the product where nothing else does."""
    name = speaker.facts.name
    return preheader(speaker, title, naming=name is not None and not any(name in text for text in (title, body)))
