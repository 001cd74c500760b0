"""Invents the catalogue of the demo: 200 products with the climate that each is made for."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

PRODUCTS = 200
HERO_ID = "FH-1001"
"""The product of the demo's brief."""

_HERO = {
    "id": HERO_ID,
    "name": "Tidewater Rain Jacket",
    "category": "Jackets",
    "brand": "Fernholt",
    "price": "129.00",
    "list_price": "",
    "currency": "USD",
    "rating": "4.6",
    "reviews": "212",
    "description": "A light rain jacket for wet, mild weather in spring and autumn. Taped seams, a hood that fits "
    "over a helmet, and a chest pocket that the jacket folds into.",
}

_LINES = (
    *("Tidewater", "Birchwood", "Larkrise", "Stonebeck", "Heathmoor", "Amberley", "Kestrel", "Marlowe", "Saltmarsh"),
    *("Thornbury", "Willowby", "Harrow", "Cinder", "Juniper", "Foxglove", "Northlight", "Rowan", "Pebble", "Drift"),
    "Linden",
)


@dataclass(frozen=True)
class _Kind:
    category: str
    noun: str
    lowest: int
    highest: int
    """Prices in whole dollars."""
    told: str


# The climate is told in words, because that is how feeds tell it: a later check reads them.
_KINDS = (
    _Kind("Jackets", "Down Parka", 189, 349, "Thickly insulated for freezing winters with snow and wind."),
    _Kind("Jackets", "Rain Shell", 89, 189, "Waterproof and unlined, for rainy and mild weather."),
    _Kind("Jackets", "Wind Jacket", 59, 119, "A thin layer against wind on cool, dry days."),
    _Kind("Jackets", "Winter Coat", 149, 299, "Wool and padding for cold winters in town."),
    _Kind("Knitwear", "Wool Jumper", 69, 149, "Heavy lambswool for cold and frosty days."),
    _Kind("Knitwear", "Merino Base Layer", 49, 99, "Soft merino to wear under other layers in cold weather."),
    _Kind("Knitwear", "Cotton Cardigan", 49, 89, "A light knit for mild evenings in spring and autumn."),
    _Kind("Shirts", "Linen Shirt", 39, 79, "Airy linen for hot and humid summers."),
    _Kind("Shirts", "Sun Shirt", 45, 85, "Long sleeves against strong sun in hot, dry places."),
    _Kind("Shirts", "Flannel Shirt", 49, 79, "Brushed cotton for cool autumn days."),
    _Kind("Trousers", "Hiking Trousers", 69, 129, "Stretch fabric that dries fast, for mild weather."),
    _Kind("Trousers", "Snow Trousers", 119, 219, "Lined and waterproof for deep snow and frost."),
    _Kind("Trousers", "Trail Shorts", 39, 69, "Light shorts for warm and hot weather."),
    _Kind("Footwear", "Leather Boots", 129, 229, "Sturdy boots for wet paths and cool weather."),
    _Kind("Footwear", "Snow Boots", 109, 189, "Lined boots for ice and snow."),
    _Kind("Footwear", "River Sandals", 49, 89, "Open sandals for hot days and water."),
    _Kind("Accessories", "Knitted Hat", 19, 39, "A warm hat for cold winter days."),
    _Kind("Accessories", "Sun Hat", 25, 45, "A wide brim against tropical and desert sun."),
    _Kind("Accessories", "Lined Gloves", 29, 69, "Fleece lining for frosty mornings."),
    _Kind("Camping", "Two-Person Tent", 179, 379, "For mild nights from spring to autumn."),
    _Kind("Camping", "Winter Sleeping Bag", 159, 329, "Down filling for nights below freezing."),
    _Kind("Camping", "Summer Sleeping Bag", 59, 119, "A thin bag for warm nights."),
    _Kind("Camping", "Camp Stove", 39, 99, "A small gas stove for any weather."),
    _Kind("Camping", "Enamel Mug", 9, 19, "For tea by the fire, whatever the weather."),
    _Kind("Home", "Wool Blanket", 69, 149, "A heavy blanket for cold evenings."),
    _Kind("Home", "Mosquito Net", 25, 49, "Fine mesh for humid, tropical nights."),
    _Kind("Home", "Door Mat", 19, 39, "Coconut fibre for muddy shoes in all seasons."),
    _Kind("Home", "Storm Lantern", 29, 79, "A rechargeable lamp for porch and power cut."),
    _Kind("Garden", "Watering Can", 19, 45, "Zinc-plated steel for dry summers."),
    _Kind("Garden", "Frost Cover", 15, 35, "Fleece that keeps plants through frosty nights."),
    _Kind("Garden", "Rain Barrel", 59, 129, "Collects rain for the dry weeks of the year."),
    _Kind("Bags", "Day Pack", 49, 109, "A small rucksack with a rain cover."),
)


def products(seed: int) -> Iterator[dict[str, str]]:
    """The rows of the catalogue in order of their ids; the product of the brief comes first."""
    yield _HERO
    dice = random.Random(f"catalogue {seed}")  # noqa: S311 - repeatable on purpose, and no secret
    # Every line meets every kind at most once, so no name comes twice.
    pairs = [(line, kind) for kind in _KINDS for line in _LINES]
    order = sorted(range(len(pairs)), key=lambda _: dice.random())
    for number, at in enumerate(order[: PRODUCTS - 1], start=2):
        line, kind = pairs[at]
        yield _row(f"FH-{1000 + number}", line, kind, dice)


def _row(id_: str, line: str, kind: _Kind, dice: random.Random) -> dict[str, str]:
    price = kind.lowest + int(dice.random() * (kind.highest - kind.lowest + 1))
    reduced = dice.random() < 0.2
    # A young product has no rating yet, and an unknown rating is no rating of zero.
    reviews = 0 if dice.random() < 0.1 else 1 + int(dice.random() ** 3 * 600)
    return {
        "id": id_,
        "name": f"{line} {kind.noun}",
        "category": kind.category,
        "brand": "Fernholt",
        "price": f"{price}.00",
        "list_price": f"{price + 5 * (1 + int(dice.random() * 8))}.00" if reduced else "",
        "currency": "USD",
        "rating": f"{2.8 + dice.random() * 2.1:.1f}" if reviews else "",
        "reviews": str(reviews),
        "description": kind.told,
    }
