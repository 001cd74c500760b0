"""Composes one text for one channel out of phrases and material.

Every composer quotes all required facts word for word; whatever else there is gives way to the
channel's length. Lengths here are what the writer aims at; the policies judge.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from presscheck.models import Channel
from presscheck.providers._grammar import Deck, Piece, fill, join, sentence, slots_of
from presscheck.providers._material import Material, contains_word
from presscheck.providers.phrases import ANGLES, Voice

__all__ = ["AIMS", "Draft", "Writer"]

AIMS: dict[Channel, tuple[int, int]] = {"email": (60, 0), "sms": (0, 160), "push": (50, 178), "social": (0, 500)}
"""Characters of subject and body that a text tries to keep within, by channel; 0: no subject, or no such bound."""
_PREHEADER = 90
_SPEAKS_OF_MAIL = re.compile(
    r"\b(?:e-?mails?|in-?box(?:es)?|letters?|newsletter|messages?|page|pages|buttons?|server|attachments?|paragraph"
    r"|scroll\w*|ink|lines? below|below|under this)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Draft:
    """One composed text."""

    angle: str
    subject: str
    preheader: str
    body: Piece
    used: tuple[str, ...]
    """All phrases in it, subject and preheader included."""


@dataclass(frozen=True)
class Writer:
    """Composes drafts in one voice from one brief's material."""

    channel: Channel
    voice: Voice
    facts: Material
    deck: Deck
    avoid: tuple[str, ...] = ()
    length: int = 0
    """-1 shorter, 1 longer than usual."""
    known: dict[str, bool] = field(default_factory=dict[str, bool])
    """Which phrases were found to suit; looked up thousands of times."""

    def draft(self, angle: str, taken: frozenset[str], *, stretch: bool = False) -> Draft:
        """One text; its subject is none of those `taken` (case-folded) while there are others.

        `stretch` allows a short channel twice the usual room.
        """
        subject_room, body_room = AIMS[self.channel]
        # Where the room yields no other text any more, a longer text beats the same text again.
        body_room = body_room * 2 if stretch else body_room
        if self.channel == "email":
            body = self._email(angle)
        else:
            body = {"sms": self._sms, "push": self._push, "social": self._social}[self.channel](angle, body_room)
        subject = self._subject(angle, subject_room, taken) if subject_room else Piece("")
        preheader = self._preheader(subject.text) if self.channel == "email" else Piece("")
        used = (*body.used, *subject.used, *preheader.used)
        return Draft(angle, subject.text, preheader.text, body, used)

    # ------------------------------------------------------------ phrases

    def _usable(self, phrases: Sequence[str], *, points: int = 2) -> list[str]:
        """The phrases that suit the channel, whose slots we can fill and that hold no word to avoid."""
        return [phrase for phrase in phrases if self._suits(phrase) and (points > 1 or not phrase.startswith("+ "))]

    def _suits(self, phrase: str) -> bool:
        known = self.known.get(phrase)
        if known is None:
            filled = {"name": self.facts.name, "sender": self.facts.sender, "price": self.facts.price}
            known = self.known[phrase] = (
                all(slot == "keyword" or filled[slot] for slot in slots_of(phrase))
                and not any(contains_word(phrase, word) for word in self.avoid)
                and not (self.channel != "email" and _SPEAKS_OF_MAIL.search(phrase))
            )
        return known

    def _say(self, phrases: Sequence[str], *, points: int = 2, keyword: str = "") -> Piece | None:
        """One usable phrase, filled in."""
        phrase = self.deck.draw(self._usable(phrases, points=points))
        if phrase is None:
            return None
        slots = {
            "name": self.facts.name or "",
            "sender": self.facts.sender or "",
            "price": self.facts.price or "",
            "keyword": keyword,
        }
        return fill(phrase, slots, self.deck.rng)

    # ------------------------------------------------------------ e-mail

    def _email(self, angle: str) -> Piece:
        deck, facts, voice = self.deck, self.facts, self.voice
        points = self._points()
        named = facts.name is not None and (not facts.names_product or facts.name in facts.wanted or deck.chance(0.4))
        opening = self._say(voice.openings[angle], points=len(points) + len(facts.claims))
        naming = self._say(voice.namings) if named else None
        offer = Piece(sentence(facts.offer))
        led = join([self._say(voice.offer_leads), offer], "\n" if deck.chance(0.3) else " ")
        price = self._say(voice.price_lines) if facts.price and (angle == "value" or deck.chance(0.2)) else None
        wanted_keyword = any(word in facts.wanted for word in facts.keywords)
        keyword = self._keyword() if wanted_keyword or deck.chance(0.25 if self.length >= 0 else 0.0) else None
        middle = self._say(voice.middles[angle]) if deck.chance({-1: 0.0, 0: 0.6, 1: 1.0}[self.length]) else None
        close = self._say(voice.closes) if deck.chance({-1: 0.4, 0: 0.9, 1: 1.0}[self.length]) else None
        listed = self._listed(points)
        claim = self._claim()
        sign_off = self._sign_off()
        shapes: list[list[Piece | None]] = [
            [join([opening, middle]), join([naming, led], "\n\n"), listed, join([claim, price]), join([keyword, close])],
            [join([opening, naming]), join([keyword, offer, price]), listed, claim, join([middle, close])],
            [opening, join([naming, middle]), listed, join([led, claim, price]), join([keyword, close])],
            [opening, join([keyword, naming]), join([offer, price]), listed, claim, join([middle, close])],
        ]
        return join([*deck.choose(shapes), sign_off], "\n\n")

    def _points(self) -> list[str]:
        """The facts of one text: all required ones, and some of the others."""
        facts, deck = self.facts, self.deck
        share = {-1: 0.0, 0: 0.6, 1: 1.0}[self.length]
        extra = [text for text in facts.optional if text in facts.wanted or deck.chance(share)]
        return [*facts.required, *deck.shuffled(extra)] if deck.chance(0.5) else deck.shuffled([*facts.required, *extra])

    def _listed(self, points: Sequence[str]) -> Piece | None:
        """The points as a list, or as sentences."""
        if not points:
            return None
        lead = self._say(self.voice.list_leads)
        if len(points) > 3 or (len(points) > 1 and self.deck.chance(0.5)):
            bullets = [Piece(f"• {text}") for text in points]
            return join([lead, join(bullets, "\n")], "\n")
        said = [join([lead, Piece(sentence(points[0]))])]
        said += [self._led(text, self.voice.fact_leads) for text in points[1:]]
        return join(said)

    def _led(self, text: str, leads: Sequence[str]) -> Piece:
        """A sentence of the brief, with a lead-in where it cannot stand alone, and else at times."""
        lead = self._say(leads) if not _stands_alone(text) or self.deck.chance(0.35) else None
        return join([lead, Piece(sentence(text))])

    def _claim(self) -> Piece | None:
        facts, deck = self.facts, self.deck
        wanted = [text for text in facts.claims if text in facts.wanted]
        if not facts.claims or not (wanted or deck.chance({-1: 0.15, 0: 0.55, 1: 1.0}[self.length])):
            return None
        said = wanted or list(facts.claims if self.length > 0 else [deck.choose(facts.claims)])
        return join([self._led(text, self.voice.claim_leads) for text in said])

    def _keyword(self) -> Piece | None:
        words = [word for word in self.facts.keywords if word in self.facts.wanted] or list(self.facts.keywords)
        return self._say(self.voice.keyword_lines, keyword=self.deck.choose(words)) if words else None

    def _sign_off(self) -> Piece | None:
        if self.facts.sender is None or not self.deck.chance(0.25 if self.length < 0 else 0.75):
            return None
        phrase = self.deck.draw(self._usable(self.voice.sign_offs))
        if phrase is None:
            return None
        # A greeting stands on a line of its own, as in a letter.
        laid_out = phrase.replace(", {sender}", ",\n{sender}")
        piece = fill(laid_out, {"sender": self.facts.sender}, self.deck.rng)
        return Piece(piece.text, piece.own, (phrase,))

    # ------------------------------------------------------------ short channels

    def _sms(self, angle: str, room: int) -> Piece:
        sender = self.facts.sender
        prefix = Piece(f"{sender}:") if sender and len(sender) <= 20 and self.deck.chance(0.8) else None
        return self._short(angle, room, prefix)

    def _push(self, angle: str, room: int) -> Piece:
        return self._short(angle, room, None)

    def _short(self, angle: str, room: int, prefix: Piece | None) -> Piece:
        """The offer and the required facts, with as much around them as the room allows."""
        deck, facts, voice = self.deck, self.facts, self.voice
        offer = Piece(sentence(facts.offer))
        required = [Piece(sentence(text)) for text in facts.required]
        core = [offer, *required] if deck.chance(0.7) or not required else [*required, offer]
        hook = self._say(voice.hooks)
        longer = self._say([phrase for phrase in voice.subjects[angle] if not slots_of(phrase)])
        longer = Piece(sentence(longer.text), longer.own, longer.used) if longer else hook
        naming = self._say(voice.namings) if not facts.names_product else None
        extra = [self._led(text, voice.fact_leads) for text in self._extra(1)]
        close = self._say([phrase for phrase in voice.closes if len(phrase) <= 40]) if self.length >= 0 else None
        plans: list[list[Piece | None]] = [
            [prefix, longer, naming, *core, *extra, close],
            [prefix, hook, naming, *core, *extra],
            [prefix, longer, *core, *extra],
            [prefix, hook, naming, *core, close],
            [prefix, *core, *extra, close],
            [prefix, hook, *core, close],
            [prefix, naming, *core],
            [prefix, longer, *core],
            [prefix, *core, close],
            [prefix, hook, *core],
            [prefix, *core],
            [*core],
        ]
        # A fact in lower case, or with a sign in front, needs something before it.
        plans = [plan for plan in plans if plan[0] is not core[0] or _stands_alone(core[0].text)]
        # A text that always tried for everything would look like its neighbours.
        start = int(deck.rng.random() * 6)
        for plan in plans[start:]:
            text = join(plan)
            if len(text.text) <= room:
                return text
        bare: list[Piece | None] = [hook, *required]
        if not facts.offer_needed and len(join(bare).text) <= room:
            return join(bare)
        return join([hook, *core])

    def _extra(self, most: int) -> list[str]:
        """Facts beyond the required ones: what a reviewer asked for, and some of the others."""
        facts = self.facts
        wanted = [text for text in (*facts.optional, *facts.claims) if text in facts.wanted]
        spare = [text for text in facts.optional if text not in wanted]
        return wanted if self.length < 0 else wanted + self.deck.shuffled(spare)[:most]

    def _social(self, angle: str, room: int) -> Piece:
        deck, facts, voice = self.deck, self.facts, self.voice
        tags = Piece(self._hashtags())
        offer = Piece(sentence(facts.offer))
        opening, hook = self._say(voice.openings[angle], points=len(facts.required)), self._say(voice.hooks)
        naming = self._say(voice.namings) if not facts.names_product else None
        close = self._say([phrase for phrase in voice.closes if len(phrase) <= 60]) if self.length >= 0 else None
        required = self._lines(facts.required)
        more = self._lines(deck.shuffled([*facts.required, *self._extra(2 if self.length <= 0 else 9)]))
        plans: list[list[Piece | None]] = [
            [opening, join([naming, offer]), more, close, tags],
            [opening, join([naming, offer]), more, tags],
            [hook, join([naming, offer]), more, close, tags],
            [opening, offer, required, tags],
            [join([hook, naming]), offer, required, close, tags],
            [join([hook, offer]), required, close, tags],
            [hook, offer, required, tags],
            [join([hook, offer]), required, tags],
            [offer, required, close],
            [join([hook, offer]), required],
            [offer, required],
        ]
        start = 0 if self.length > 0 else int(deck.rng.random() * 5)
        for plan in plans[start:]:
            text = join(plan, "\n\n")
            if len(text.text) <= room:
                return text
        bare = join([hook, required], "\n\n")
        return bare if not facts.offer_needed and len(bare.text) <= room else join([hook, offer, required], "\n\n")

    def _lines(self, texts: Sequence[str]) -> Piece | None:
        """Facts as a list of several, or as a sentence."""
        if not texts:
            return None
        if len(texts) == 1:
            return self._led(texts[0], self.voice.fact_leads)
        return join([Piece(f"• {text}") for text in texts], "\n")

    def _hashtags(self) -> str:
        words = [word for word in self.facts.keywords if len(word) <= 24]
        chosen = self.deck.shuffled(words)[: 1 + int(self.deck.rng.random() * 3)]
        return " ".join("#" + "".join(w[:1].upper() + w[1:] for w in word.replace("-", " ").split()) for word in chosen)

    # ------------------------------------------------------------ subjects and preheaders

    def _subject(self, angle: str, room: int, taken: frozenset[str]) -> Piece:
        facts, deck = self.facts, self.deck

        def fresh(piece: Piece | None) -> bool:
            return piece is not None and 0 < len(piece.text) <= room and piece.text.casefold() not in taken

        quoted = [Piece(text.rstrip(".")) for text in (facts.offer, *facts.required, *facts.optional)]
        quoted = [piece for piece in quoted if piece.text[:1].isupper() and fresh(piece)]
        named = [self._headline(phrase, facts.name) for phrase in self._usable(self.voice.named_subjects)]
        named += [self._tail(facts.name, tail) for tail in self._usable(self.voice.tails)]
        named = [piece for piece in named if fresh(piece)]
        themed = [self._headline(phrase, facts.name) for phrase in self._usable(self.voice.subjects[angle])]
        themed = [piece for piece in themed if fresh(piece)]
        others = [
            self._headline(phrase, facts.name)
            for other in ANGLES
            for phrase in self._usable(self.voice.subjects[other])
        ]
        topics = [*(word for word in facts.keywords if len(word) <= 24), *([facts.sender] if facts.sender else [])]
        others += [self._tail(topic, tail) for topic in topics for tail in self._usable(self.voice.tails)]
        others += [self._tail(None, tail) for tail in self._usable(self.voice.tails)]
        roll = deck.rng.random()
        ways = [named, themed, quoted] if roll < 0.45 else [themed, named, quoted] if roll < 0.85 else [quoted, named]
        for way in [*ways, themed, [piece for piece in others if fresh(piece)]]:
            if way:
                return self._least_used(way)
        repeated = [piece for piece in [*others, *named] if len(piece.text) <= room]
        return self._least_used(repeated) if repeated else Piece("")

    def _headline(self, phrase: str, name: str | None) -> Piece:
        return fill(phrase, {"name": name or "", "sender": self.facts.sender or ""}, self.deck.rng)

    def _tail(self, topic: str | None, tail: str) -> Piece:
        if topic is None:
            return Piece(tail[:1].upper() + tail[1:], tail, (tail,))
        return Piece(f"{topic[:1].upper() + topic[1:]}: {tail}" if topic != self.facts.name else f"{topic}: {tail}", tail, (tail,))

    def _least_used(self, pieces: Sequence[Piece]) -> Piece:
        uses = [sum(self.deck.uses.get(phrase, 0) for phrase in piece.used) for piece in pieces]
        fewest = [piece for piece, count in zip(pieces, uses, strict=True) if count == min(uses)]
        return fewest[int(self.deck.rng.random() * len(fewest))]

    def _preheader(self, subject: str) -> Piece:
        facts = self.facts
        quoted = [sentence(text) for text in (facts.offer, *facts.required, *facts.optional)]
        quoted = [
            text
            for text in quoted
            if text[:1].isupper() and len(text) <= _PREHEADER and text.rstrip(".") != subject.rstrip(".")
        ]
        if quoted and self.deck.chance(0.4):
            return Piece(self.deck.choose(quoted))
        points = len(facts.required) + len(facts.optional)
        return self._say(self.voice.preheaders, points=points) or Piece("")


def _stands_alone(text: str) -> bool:
    """True where a text can begin a sentence as it is."""
    return text[:1].isupper() or text[:1].isdigit()
