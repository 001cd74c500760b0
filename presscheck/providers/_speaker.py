"""Says single things in one voice: a phrase, a fact with its lead-in, a claim, a keyword.

The composers for each channel put these together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from presscheck.models import Channel
from presscheck.providers._grammar import Deck, Piece, fill, join, sentence, slots_of
from presscheck.providers._material import Material, contains_word
from presscheck.providers.phrases import Voice

Plan = list[Piece | None]
"""The parts of a text in order; None where there is nothing to say."""

_SPEAKS_OF_MAIL = re.compile(
    r"\b(?:e-?mails?|in-?box(?:es)?|letters?|newsletters?|messages?|page|pages|buttons?|servers?|attachments?|paragraphs?"
    r"|scroll\w*|ink|below|under this)\b",
    re.IGNORECASE,
)


def stands_alone(text: str) -> bool:
    """True where a text can begin a sentence, or a message, as it is."""
    return text[:1].isupper() or text[:1].isdigit()


@dataclass(frozen=True)
class Speaker:
    """One voice with one brief's material."""

    channel: Channel
    voice: Voice
    facts: Material
    deck: Deck
    avoid: tuple[str, ...] = ()
    length: int = 0
    """-1 shorter, 1 longer than usual."""
    known: dict[str, bool] = field(default_factory=dict[str, bool])
    """Which phrases were found to suit; each is looked up many times."""

    def usable(self, phrases: Sequence[str], *, points: int = 2) -> list[str]:
        """The phrases that suit the channel, whose slots we can fill and that hold no word to avoid."""
        return [phrase for phrase in phrases if self._suits(phrase) and (points > 1 or not phrase.startswith("+ "))]

    def say(
        self, phrases: Sequence[str], *, points: int = 2, keyword: str = "", at_most: int | None = None
    ) -> Piece | None:
        """One usable phrase, filled in; `at_most` bounds the phrase's characters."""
        fitting = [phrase for phrase in phrases if len(phrase) <= at_most] if at_most else phrases
        phrase = self.deck.draw(self.usable(fitting, points=points))
        return None if phrase is None else self.filled(phrase, keyword)

    def filled(self, phrase: str, keyword: str = "") -> Piece:
        """The phrase with its slots filled."""
        facts = self.facts
        slots = {"name": facts.name or "", "sender": facts.sender or "", "price": facts.price or "", "keyword": keyword}
        return fill(phrase, slots, self.deck.rng)

    def offer(self) -> Piece:
        """The brief's offer as a sentence."""
        return Piece(sentence(self.facts.offer))

    def naming(self, share: float = 1.0) -> Piece | None:
        """A sentence with the product's name, unless the brief says it itself or chance is against it."""
        facts = self.facts
        if facts.name is None or not (self.name_wanted or not facts.names_product or self.deck.chance(share)):
            return None
        return self.say(self.voice.namings)

    @property
    def name_wanted(self) -> bool:
        """True where a reviewer asked for the product's name."""
        return self.facts.name is not None and self.facts.name in self.facts.wanted

    def led(self, text: str, leads: Sequence[str], share: float = 0.35) -> Piece:
        """A sentence of the brief, with a lead-in where it cannot stand alone, and else at times."""
        lead = self.say(leads) if not stands_alone(text) or self.deck.chance(share) else None
        return join([lead, Piece(sentence(text))])

    def keyword(self, share: float) -> Piece | None:
        """A line with one of the brief's keywords: always where a reviewer asked for it, else at times."""
        wanted = [word for word in self.facts.keywords if word in self.facts.wanted]
        words = wanted or list(self.facts.keywords)
        if not words or not (wanted or self.deck.chance(share)):
            return None
        said = wanted if wanted else [self.deck.choose(words)]
        return join([self.say(self.voice.keyword_lines, keyword=word) for word in said])

    def _suits(self, phrase: str) -> bool:
        known = self.known.get(phrase)
        if known is None:
            filled = {"name": self.facts.name, "sender": self.facts.sender, "price": self.facts.price}
            known = self.known[phrase] = (
                all(slot == "keyword" or filled[slot] for slot in slots_of(phrase))
                and not any(contains_word(phrase, word) for word in self.avoid)
                and not (self.channel != "email" and _SPEAKS_OF_MAIL.search(phrase))
                # "Make way for Free Run 5" would promise something for free.
                and not (" for {name}" in phrase and (self.facts.name or "").casefold().startswith("free"))
            )
        return known
