"""What a brief and its product allow a text to say, and by which words.

Nothing lets a rule be silent but what `docs/policies.md` names: the offer, the key points, the claims that have not
expired, and the product's whole name; for figures also the product's own columns, for links the brief's link, for
contacts the sender's address. Keywords, labels, brands and categories allow nothing: nobody reads them as promises.
Each answer is the `Source` that allows it, because whatever lets a rule be silent is shown beside the text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from policies.engine.guardrail import Given
from presscheck.matching import (
    Figure,
    FigureWords,
    claimed_by,
    figures,
    links,
    meaning,
    normalise,
    personal_data,
    states,
)
from presscheck.models import Brief, Product
from presscheck.world.languages import languages_in

# A catalogue's text is long; the figure with some words around it is what a reviewer needs.
_AROUND = 40
_REVIEWERS = ("", "reviews", "ratings", "customers")


@dataclass(frozen=True)
class Source:
    """One text that may let a rule be silent."""

    what: str
    """What it is to a reviewer: `offer`, `key point 2`, `claim 1`, `product name` and so on."""
    text: str


@dataclass(frozen=True, eq=False)
class Support:
    """The sayable content of one brief on one day; expired claims support nothing."""

    said: tuple[Source, ...] = ()
    """Offer, key points and live claims."""
    claims: tuple[Source, ...] = ()
    """The live claims among them."""
    name: Source | None = None
    """The product's name, in which, where it stands whole, a superlative or a figure is part of a name."""
    columns: tuple[Source, ...] = ()
    """What the catalogue's own columns state in figures: prices, rating, reviews."""
    description: str = ""
    """The catalogue's free text. It comes from a feed, so it supports no price and no share."""
    link: Source | None = None
    """Where the brief leads."""
    contact: Source | None = None
    """The sender's address."""
    markets: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    """Key points that every body must say."""
    known: bool = True
    """False where there is no brief at all, as for `presscheck check`."""

    @classmethod
    def none(cls, markets: Iterable[str]) -> Self:
        """No brief: nothing is supported, and nothing can be compared."""
        return cls(markets=tuple(markets), known=False)

    @classmethod
    def of(cls, brief: Brief, product: Product | None, as_of: date) -> Self:
        """What `brief` and `product` allow on the day `as_of`."""
        claims = tuple(
            Source(f"claim {at}", claim.text)
            for at, claim in enumerate(brief.claims, start=1)
            if claim.expires is None or claim.expires >= as_of
        )
        facts = tuple(Source(f"key point {at}", fact.text) for at, fact in enumerate(brief.key_points, start=1))
        return cls(
            said=(Source("offer", brief.offer), *facts, *claims),
            claims=claims,
            name=None if product is None else Source("product name", product.name),
            columns=_columns_of(product),
            description="" if product is None else product.description,
            link=Source("link of the brief", brief.call_to_action.url),
            contact=Source("sender of the brief", brief.sender.address),
            markets=brief.markets,
            required=tuple(fact.text for fact in brief.key_points if fact.required),
        )

    @classmethod
    def given(cls, given: Given) -> Self:
        """What a policy's case says its brief holds."""
        claims = tuple(Source("claim", c.text) for c in given.claims if c.expires is None or c.expires >= given.on)
        facts = tuple(Source("key point", text) for text in (*given.facts, *given.required))
        offer = (Source("offer", given.offer),) if given.offer else ()
        return cls(
            said=(*offer, *facts, *claims),
            claims=claims,
            name=Source("product name", given.product) if given.product else None,
            columns=(Source("product price", f"{given.price} {given.currency}"),) if given.price else (),
            link=Source("link of the brief", given.url) if given.url else None,
            markets=given.markets,
            required=given.required,
        )

    def _figures(self, words: FigureWords) -> tuple[tuple[Source, Figure], ...]:
        """What the sources state, read by the words that the rule reads the text by."""
        if words not in self._stated:
            stated = [(one, figure) for one in (*self.said, *self.columns) for figure in figures(one.text, words)]
            for figure in figures(self.description, words):
                if figure.unit != "%" and not figure.unit.isupper():
                    around = self.description[max(0, figure.start - _AROUND) : figure.end + _AROUND]
                    stated.append((Source("product description", around), figure))
            self._stated[words] = tuple(stated)
        return self._stated[words]

    @cached_property
    def _stated(self) -> dict[FigureWords, tuple[tuple[Source, Figure], ...]]:
        return {}

    @cached_property
    def _words(self) -> tuple[tuple[Source, str], ...]:
        """The sayable texts as a matcher reads them."""
        return tuple((source, normalise(source.text).text.text) for source in self.said)

    @cached_property
    def _links(self) -> dict[str, Source]:
        sources = (*self.said, *(() if self.link is None else (self.link,)))
        return {link.target: source for source in reversed(sources) for link in links(source.text)}

    @cached_property
    def _contacts(self) -> dict[str, Source]:
        sources = (*self.said, *(() if self.contact is None else (self.contact,)))
        return {
            piece.value: source
            for source in reversed(sources)
            for piece in personal_data(source.text, regions=self.markets)
        }

    def says(self, words: str) -> Source | None:
        """Which text of the brief holds all these words, one after the other and as whole words."""
        read = normalise(words).text.text.strip()
        return next((source for source, text in self._words if _holds(text, read)), None)

    def names(self, text: str, start: int, end: int, *, any_case: bool = False) -> Source | None:
        """The product's name, where it stands whole in `text` (but for a full stop at its end) around the place."""
        if self.name is None:
            return None
        read, name = normalise(text), normalise(self.name.text)
        for reading, words in (
            (read.folded, name.folded),
            (read.parted or read.folded, name.parted or name.folded),
        ):
            where, what = reading.text, words.text.strip().rstrip(".!")
            if any_case:
                where, what = where.lower(), what.lower()
            for at in _places(where, what):
                first, last = reading.span(at, at + len(what))
                if first <= start and end <= last:
                    return self.name
        return None

    def claims_it(self, text: str, start: int, end: int) -> Source | None:
        """Which live claim says what the sentence around a word says, with the same word."""
        return next((claim for claim in self.claims if claimed_by(text, start, end, (claim.text,))), None)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the markets, of those that `likely_language` tells apart."""
        return languages_in(self.markets)

    def is_part_of_the_name(self, text: str, start: int, end: int, *, any_case: bool = False) -> Source | None:
        """`names`, where the name has a word besides: `Best`, `The Ultimate` and `20%` are only what a rule looks for,
        and tell no product from another."""
        if self.name is None:
            return None
        besides = meaning(self.name.text) - meaning(text[start:end])
        own = any(any(one.isalpha() for one in word) for word in besides)
        return self.names(text, start, end, any_case=any_case) if own else None

    def states(self, figure: Figure, words: FigureWords) -> Source | None:
        """Which text states the same value with the same unit; `words` are those that the figure was read by."""
        return next((source for source, stated in self._figures(words) if states(stated, figure)), None)

    def leads_to(self, target: str) -> Source | None:
        """Which text holds a link to this target."""
        return self._links.get(target)

    def owns(self, contact: str) -> Source | None:
        """Which text holds this address or number, given in the form that `personal_data` compares."""
        return self._contacts.get(contact)

    def unsaid(self, body: str) -> tuple[str, ...]:
        """The required key points that a body does not say; a full stop at their end does not matter."""
        readings = [reading.text for reading in normalise(body).lowered]
        return tuple(fact for fact in self.required if not any(_holds(read, _required(fact)) for read in readings))


def _required(fact: str) -> str:
    return normalise(fact).text.text.strip().rstrip(".!")


def _holds(text: str, words: str) -> bool:
    return next(_places(text, words), None) is not None


def _places(text: str, words: str) -> Iterator[int]:
    """Where these words stand as whole words; `lead-free trial` holds no free trial."""
    at = text.find(words) if words else -1
    while at >= 0:
        end = at + len(words)
        before = words[0].isalnum() and _joins(text, at - 1, -1)
        behind = words[-1].isalnum() and _joins(text, end, 1)
        if not before and not behind:
            yield at
        at = text.find(words, at + 1)


def _joins(text: str, at: int, step: int) -> bool:
    """True where the character beside a word belongs to it: a letter or digit, or a hyphen before one."""
    if not 0 <= at < len(text):
        return False
    beyond = at + step
    return text[at].isalnum() or (text[at] in "-_" and 0 <= beyond < len(text) and text[beyond].isalnum())


def _columns_of(product: Product | None) -> tuple[Source, ...]:
    if product is None:
        return ()
    prices = (("product price", product.price), ("product list price", product.list_price))
    told = [Source(what, f"{price} {product.currency}") for what, price in prices if price]
    if product.rating is not None:
        told += [Source("product rating", text) for text in (f"{product.rating} stars", product.rating)]
    if product.reviews is not None:
        told += [Source("product reviews", f"{product.reviews} {noun}".strip()) for noun in _REVIEWERS]
    return tuple(told)
