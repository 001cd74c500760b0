"""What a text may say: a brief's and a product's facts, cleaned until they can stand in a sentence.

Offer, facts and claims are the brief's words and are quoted as they are. A product comes from a
feed: of its words only the name and the price are used, never the description.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from presscheck.models import Brief, Product

_LONGEST_NAME = 90
_MARKUP = re.compile(r"<[^<>]*>|\{\{.*?\}\}|\{%.*?%\}|\$\{.*?\}|!?\[[^\]]*\]\([^)]*\)")
_ADDRESS = re.compile(r"\b(?:https?:|www\.)\S+|\b\S+@\S+\.\S+", re.IGNORECASE)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|rule|prompt|previous|above|polic|guardrail)"
    r"|\b(?:system|developer|hidden|initial) (?:prompt|message|instruction)|\byou are now\b|\bact as\b|\bas an ai\b"
    r"|\b(?:assistant|system|user)\s*:|\bnew instructions?\b|\bdo not tell\b|\bjailbreak",
    re.IGNORECASE,
)
_DANGLING = frozenset(
    (*("a", "an", "the", "and", "or", "for", "with", "of", "in", "on", "to", "by", "from", "at", "as", "x"), *"&+-–—/")
)
_MONEY = re.compile(
    r"[%$€£¥]|\b(?:percent|per cent|off|price[sd]?|discount\w*|sale|save|saving\w*|cost\w*|usd|eur|gbp|voucher|coupon"
    r"|free|half|reduc\w+|from \d)\b",
    re.IGNORECASE,
)
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_LETTERS = re.compile(r"[^\W\d_]")
_KEYWORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’\-](?=[^\W\d_])){0,29}")


@dataclass(frozen=True)
class Material:
    """Everything that the grammar may place, already fit for a sentence."""

    offer: str
    offer_needed: bool
    """True where the offer itself says a required fact, or where there is nothing else to say."""
    required: tuple[str, ...]
    """Must be in every text, word for word; those that the offer says already are left out."""
    optional: tuple[str, ...]
    claims: tuple[str, ...]
    """Claims whose evidence lasts until the brief's last day of sending."""
    keywords: tuple[str, ...]
    name: str | None
    """The product's name as it can be spoken; None without a product or with a name that cannot."""
    price: str | None
    """None where the brief speaks of money itself: two prices in one text contradict each other."""
    sender: str | None
    wanted: tuple[str, ...] = ()
    """Texts from above that a reviewer asked for: they are in every variant."""

    @property
    def names_product(self) -> bool:
        """True where the offer or a required fact says the product's name already."""
        name = (self.name or "").casefold()
        return bool(name) and any(name in text.casefold() for text in (self.offer, *self.required))


def material(
    brief: Brief, product: Product | None, *, avoid: tuple[str, ...] = (), wanted: tuple[str, ...] = ()
) -> Material:
    """What may be said for this brief; optional words that hold something to `avoid` are left out."""

    def allowed(text: str | None) -> bool:
        return text is not None and not any(contains_word(text, word) for word in avoid)

    required = _distinct([fact.text for fact in brief.key_points if fact.required], said=[brief.offer])
    optional = _distinct([fact.text for fact in brief.key_points if not fact.required], said=[brief.offer, *required])
    current = [claim.text for claim in brief.claims if claim.expires is None or claim.expires >= brief.deadline]
    claims = _distinct(current, said=[brief.offer, *required, *optional])
    name = product_name(product)
    sender = spoken_name(brief.sender.name)
    speaks_of_money = any(_MONEY.search(text) for text in (brief.offer, *required, *optional, *claims))
    price = _price(product) if product and not speaks_of_money else None
    return Material(
        offer=brief.offer,
        offer_needed=not required or brief.offer in (*wanted, *_offers_that_say_a_fact(brief)),
        required=required,
        optional=tuple(filter(allowed, optional)),
        claims=tuple(filter(allowed, claims)),
        keywords=tuple(filter(allowed, usable_keywords(brief))),
        name=name if allowed(name) else None,
        price=price,
        # A figure in the sender's name is supported by no fact, so such a sender signs outside the text.
        sender=sender if sender and allowed(sender) and len(sender) <= 40 and not re.search(r"\d", sender) else None,
        wanted=wanted,
    )


def spoken_name(raw: str) -> str | None:
    """A name as it can stand in a sentence: one line, no markup, at most 90 characters, whole words.

    None where nothing speakable is left, or where the name gives orders to whoever reads it.
    """
    # Feeds escape for the web, at times twice.
    text = unicodedata.normalize("NFC", html.unescape(html.unescape(raw)))
    if _ORDERS.search(text):
        return None
    text = _ADDRESS.sub(" ", _MARKUP.sub(" ", text))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Co", "Cs", "Cn"))
    text = re.sub(r"[<>{}\[\]\\`|^~*_]+|(?:--+)", " ", text)
    # Two marks in a row are noise, or ours plus theirs later on.
    text = re.sub(r"([!?.,;:])[!?.,;:]+", r"\1", text)
    text = _trim(" ".join(text.split()))
    if len(text) > _LONGEST_NAME:
        text = _shorten(text)
    text = _trim(_calm(_balanced(text)))
    return text if any(c.isalpha() for c in text) else None


def product_name(product: Product | None) -> str | None:
    """A product's name as it can be spoken; a bare number is said with its brand."""
    if product is None:
        return None
    return spoken_name(product.name) or spoken_name(f"{product.brand} {product.name}")


def usable_keywords(brief: Brief) -> tuple[str, ...]:
    """The keywords that can stand in a line of ours: letters, spaces and hyphens, up to 30 characters.

    A figure in a keyword is supported by no fact, so keywords with figures are left out.
    """
    return tuple(word for word in dict.fromkeys(brief.keywords) if _KEYWORD.fullmatch(word))


def contains_word(text: str, word: str) -> bool:
    """True where the word or phrase stands in the text, whatever its case."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _trim(text: str) -> str:
    return text.lstrip(" =+-@#&,.;:!?/–—").rstrip(" ,.;:!?-–—/&=@#")


def _shorten(text: str) -> str:
    """The name up to its last natural break, or up to its last whole word that may end it."""
    head = text[: _LONGEST_NAME + 1]
    for mark in (" - ", " – ", " — ", " (", ", ", ": "):
        at = head.rfind(mark)
        if at >= 30:
            return _balanced(head[:at])
    words = head.rsplit(" ", 1)[0].split() if " " in head else [head[:_LONGEST_NAME]]
    while len(words) > 1 and words[-1].casefold() in _DANGLING:
        words.pop()
    return _balanced(" ".join(words))


def _balanced(text: str) -> str:
    return text[: text.rfind("(")].rstrip() if text.count("(") > text.count(")") else text


def _calm(text: str) -> str:
    """The name with three and more words in capitals in a row said in a normal voice."""
    words = text.split(" ")
    loud = [word.isupper() or not any(c.isalpha() for c in word) for word in words]
    for start, end in _runs(loud):
        run = words[start:end]
        if sum(len(_LETTERS.findall(word)) > 1 for word in run) >= 3:
            words[start:end] = [_soften(word) for word in run]
    return " ".join(words)


def _runs(flags: list[bool]) -> list[tuple[int, int]]:
    """Start and end of each stretch of True."""
    edges = [at for at, (before, after) in enumerate(pairwise([False, *flags, False])) if before != after]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _soften(word: str) -> str:
    """Capitalised, unless it is one letter or holds a figure, as in 3MC or GTX2."""
    return word if len(_LETTERS.findall(word)) < 2 or any(c.isdigit() for c in word) else word.capitalize()


def _price(product: Product) -> str | None:
    try:
        amount = Decimal(product.price)
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount <= 0 or not re.fullmatch(r"\d{1,9}(?:\.\d{1,2})?", product.price):
        return None
    symbol = _SYMBOLS.get(product.currency)
    return f"{symbol}{product.price}" if symbol else f"{product.price_said} {product.currency}"


def _offers_that_say_a_fact(brief: Brief) -> list[str]:
    """The offer, once for each required fact that it says word for word."""
    return [brief.offer for fact in brief.key_points if fact.required and fact.text in brief.offer]


def _distinct(texts: list[str], *, said: list[str]) -> tuple[str, ...]:
    """The texts in order, without those that another text says word for word."""
    kept: list[str] = []
    for at, text in enumerate(texts):
        others = [*said, *kept, *(other for other in texts[at + 1 :] if other != text)]
        if not any(text in other for other in others):
            kept.append(text)
    return tuple(kept)
