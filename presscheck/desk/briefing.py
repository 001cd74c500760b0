"""What a yes approves beside the words: every fact of the brief and its product, as titled lines.

    for told in brief_told(brief, product):
        told.title, told.words          # "Price", ("129.00 EUR, before 149.00 EUR",)

The question's digest covers all of it, so whoever answers is shown all of it: proof, form, API and command line take
their lines from here. A field that nobody has thought of here is shown under its own name, never left out.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, cast

from presscheck.models import Brief, Claim, Collaboration, Fact, Frozen, Product

_COLLABORATIONS: dict[Collaboration, str] = {
    "advisor": "advisor: a person writes, a machine only proposes",
    "producer": "producer: a machine drafts, a person edits and approves",
    "agent": "agent: a machine acts inside an envelope",
}
_DIGITS, _SHOWN_OF_A_DIGEST = 64, 12


class Told(Frozen):
    """One fact: its title, and its words, one line each."""

    title: str
    words: tuple[str, ...]


def brief_told(brief: Brief, product: Product | None) -> tuple[Told, ...]:
    """Every fact that is approved with an answer, the amount and the deadline first; what is empty is left out."""
    # The id by which a brief names its product stands beside the product's name.
    doubled = product is not None and product.id == brief.product
    facts = [*_facts(brief.model_copy(update={"product": None}) if doubled else brief, _BRIEF)]
    facts[_BEFORE_THE_PRODUCT:_BEFORE_THE_PRODUCT] = () if product is None else _facts(product, _PRODUCT)
    return tuple(told for told in facts if any(told.words))


_Fact = tuple[str, Callable[[Any], tuple[str, ...]]]
"""A title, and the words made of the whole value."""

_BRIEF: dict[str, _Fact] = {
    "spend_dollars": ("Spends on media", lambda brief: (_dollars(brief),)),
    "deadline": ("Of use until", lambda brief: (brief.deadline.isoformat(),)),
    "persona": ("Speaks to", lambda brief: (brief.persona,)),
    "offer": ("Offer", lambda brief: (brief.offer,)),
    "title": ("Brief", lambda brief: (f"{brief.title} ({brief.id})",)),
    "key_points": ("Key points", lambda brief: tuple(_point(one) for one in brief.key_points)),
    "claims": ("Claims with evidence", lambda brief: tuple(map(_claim, brief.claims))),
    "images": ("Pictures", lambda brief: tuple(_picture(image) for image in brief.images)),
    "call_to_action": ("Leads to", lambda brief: (_button(brief),)),
    "sender": ("From", lambda brief: (_sender(brief),)),
    "collaboration": ("Collaboration", lambda brief: (_COLLABORATIONS[brief.collaboration],)),
    "begun": ("Work began", lambda brief: (brief.begun.isoformat() if brief.begun else "",)),
    "author": ("Written by", lambda brief: (brief.author,)),
}
_PRODUCT: dict[str, _Fact] = {
    "name": ("Product", lambda product: (f"{product.name} ({product.id})",)),
    "price": ("Price", lambda product: (_price(product),)),
    "rating": ("Rating", lambda product: (f"{product.rating} of 5" if product.rating else "",)),
    "reviews": ("Reviews", lambda product: ("" if product.reviews is None else f"{product.reviews:,}",)),
}
_BEFORE_THE_PRODUCT = 4
_SAID_WITH_ANOTHER = frozenset({"id", "list_price", "currency"})


def _facts(value: Brief | Product, known: Mapping[str, _Fact]) -> Iterator[Told]:
    rest = (name for name in type(value).model_fields if name not in _SAID_WITH_ANOTHER)
    for name in dict.fromkeys((*known, *rest)):
        title, say = known.get(name) or (name.replace("_", " ").capitalize(), partial(_plain, name))
        yield Told(title=title, words=say(value))


def _plain(name: str, value: Brief | Product) -> tuple[str, ...]:
    """A field's value as it stands: a list in one line."""
    held: object = getattr(value, name)
    if isinstance(held, tuple):
        return (", ".join(map(str, cast(tuple[object, ...], held))),)
    return ("" if held is None else str(held),)


def _dollars(brief: Brief) -> str:
    return f"{brief.spend_dollars:,} US dollars" if brief.spend_dollars else "nothing"


def _point(point: Fact) -> str:
    return f"{point.text}{' (required)' if point.required else ''}"


def _claim(claim: Claim) -> str:
    until = f", until {claim.expires.isoformat()}" if claim.expires is not None else ""
    return f"{claim.text} [evidence: {claim.evidence}{until}]"


def _picture(image: str) -> str:
    """A name as it is, a digest by its first digits."""
    return image[:_SHOWN_OF_A_DIGEST] if len(image) == _DIGITS else image


def _button(brief: Brief) -> str:
    """The button's words and address, letter by letter: a letter that only looks like another shows as its number."""
    button = brief.call_to_action
    plain = button.url.encode("ascii", "backslashreplace").decode("ascii")
    sent = "" if button.url.isascii() else f", which is {button.as_sent.url}"
    return f"{button.label}: {plain}{sent}"


def _sender(brief: Brief) -> str:
    return f"{brief.sender.name} <{brief.sender.address}>, {brief.sender.postal_address}"


def _price(product: Product) -> str:
    was = None if product.list_price is None else product.model_copy(update={"price": product.list_price}).price_said
    return f"{product.price_said} {product.currency}{f', before {was} {product.currency}' if was else ''}"
