"""What a brief and its product allow a text to say: words, figures, claims, links, contacts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from policies.guardrail import Given
from presscheck.matching import Figure, Link, figures, links, normalise, personal_data
from presscheck.models import Brief, Product

__all__ = ["Support"]


@dataclass(frozen=True, eq=False)
class Support:
    """The sayable content of one brief on one day; expired claims support nothing."""

    sayable: tuple[str, ...]
    """Offer, key points, live claims, keywords and the call to action's label."""
    product: tuple[str, ...]
    """What the catalogue's own columns say of the product."""
    names: tuple[str, ...]
    """The product's name and brand, in which a superlative is a name."""
    claims: tuple[str, ...]
    markets: tuple[str, ...]
    required: tuple[str, ...] = ()
    """Key points that every body must say."""
    description: str = ""
    """The catalogue's free text. It comes from a feed, so it supports no price and no share."""
    targets: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    """Texts whose addresses and telephone numbers are the brand's own."""
    known: bool = True
    """False where there is no brief at all, as for `presscheck check`."""

    @classmethod
    def none(cls, markets: Iterable[str]) -> Self:
        """No brief: nothing is supported, and nothing can be compared."""
        return cls((), (), (), (), tuple(markets), known=False)

    @classmethod
    def of(cls, brief: Brief, product: Product | None, as_of: date) -> Self:
        """What `brief` and `product` allow on the day `as_of`."""
        claims = tuple(claim.text for claim in brief.claims if claim.expires is None or claim.expires >= as_of)
        facts = tuple(fact.text for fact in brief.key_points)
        said = (brief.offer, *facts, *claims, *brief.keywords, brief.call_to_action.label)
        return cls(
            sayable=said,
            product=_said_of(product),
            names=() if product is None else (product.name, product.brand),
            claims=claims,
            markets=brief.markets,
            required=tuple(fact.text for fact in brief.key_points if fact.required),
            description="" if product is None else product.description,
            targets=(brief.call_to_action.url,),
            contacts=(*said, brief.sender.address, brief.sender.name),
        )

    @classmethod
    def given(cls, given: Given) -> Self:
        """What a policy's case says its brief holds."""
        claims = tuple(c.text for c in given.claims if c.expires is None or c.expires >= given.on)
        said = tuple(text for text in (given.offer, *given.facts, *given.required, *claims) if text)
        price = (f"{given.price} {given.currency}",) if given.price else ()
        names = (given.product,) if given.product else ()
        return cls(
            sayable=said,
            product=(*names, *price),
            names=names,
            claims=claims,
            markets=given.markets,
            required=given.required,
            targets=(given.url,) if given.url else (),
            contacts=said,
        )

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Everything that the brief and the product state in figures."""
        stated = [figure for text in (*self.sayable, *self.product) for figure in figures(text)]
        stated += [figure for figure in figures(self.description) if figure.unit != "%" and not figure.unit.isupper()]
        return tuple(stated)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The sayable texts as a matcher reads them."""
        return tuple(normalise(text).text.text for text in self.sayable)

    @cached_property
    def links(self) -> frozenset[str]:
        """Where a text may lead."""
        texts = (*self.sayable, *self.targets)
        found: list[Link] = [link for text in texts for link in links(text)]
        return frozenset(link.target for link in found)

    @cached_property
    def own_contacts(self) -> frozenset[str]:
        """The brand's own addresses and numbers, in the form that `personal_data` compares."""
        return frozenset(piece.value for text in self.contacts for piece in personal_data(text, regions=self.markets))

    def says(self, words: str) -> bool:
        """True where the brief holds these words, as whole words."""
        read = normalise(words).text.text.strip()
        return any(_holds(text, read) for text in self.words)

    def unsaid(self, body: str) -> tuple[str, ...]:
        """The required key points that a body does not say; a full stop at their end does not matter."""
        read = normalise(body).text.text
        return tuple(fact for fact in self.required if not _holds(read, normalise(fact).text.text.strip().rstrip(".!")))


def _holds(text: str, words: str) -> bool:
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        starts = at == 0 or not (text[at - 1].isalnum() and words[:1].isalnum())
        ends = end == len(text) or not (text[end].isalnum() and words[-1:].isalnum())
        if starts and ends:
            return True
        at = text.find(words, at + 1)
    return False


def _said_of(product: Product | None) -> tuple[str, ...]:
    if product is None:
        return ()
    prices = [f"{price} {product.currency}" for price in (product.price, product.list_price) if price]
    rating = [] if product.rating is None else [f"{product.rating} stars", product.rating]
    reviews = (
        []
        if product.reviews is None
        else [f"{product.reviews} {noun}" for noun in ("", "reviews", "ratings", "customers")]
    )
    return (product.name, product.category, product.brand, *prices, *rating, *reviews)
