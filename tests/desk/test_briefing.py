"""Every fact that is approved with the words is told, whichever field of brief or product it stands in."""

from datetime import date
from typing import Any

import pytest

from presscheck.desk.briefing import brief_told
from presscheck.models import Brief, CallToAction, Product
from tests.desk.scene import BRIEF, Ledgers, Scene

PRODUCT = Product(
    id="fell-jacket",
    name="Fell jacket",
    category="Rainwear",
    brand="Fellside",
    price="129.00",
    list_price="149.00",
    currency="EUR",
    rating="4.5",
    reviews=1312,
    description="Three layers, no seams.",
)
FULL = BRIEF.model_copy(
    update={
        "product": "fell-jacket",
        "spend_dollars": 6_000,
        "keywords": ("rain jacket", "hills"),
        "begun": date(2026, 2, 3),
        "images": ("fell-on-a-hill",),
    }
)


def lines(brief: Brief = FULL, product: Product | None = PRODUCT) -> dict[str, str]:
    return {told.title: "\n".join(told.words) for told in brief_told(brief, product)}


def _values(value: Any) -> list[str]:
    """Every value within, each as the words in which it is told."""
    if isinstance(value, dict):
        return [found for one in value.values() for found in _values(one)]
    if isinstance(value, list):
        return [found for one in value for found in _values(one)]
    if isinstance(value, bool) or value is None:
        return []
    return [f"{value:,}" if isinstance(value, int) else str(value)]


def test_no_value_of_brief_or_product_is_left_out() -> None:
    told = "\n".join(lines().values())

    dumped = [*_values(FULL.model_dump(mode="json")), *_values(PRODUCT.model_dump(mode="json"))]

    assert [value for value in dumped if value not in told] == []
    assert "(required)" in told


def test_a_field_that_nobody_thought_of_is_told_under_its_own_name() -> None:
    class Later(Brief):
        season_of_sale: str = "late spring"

    later = Later.model_validate({**FULL.model_dump(), "season_of_sale": "early summer"})

    assert lines(later)["Season of sale"] == "early summer"


@pytest.mark.parametrize(
    ("change", "title", "words"),
    [
        ({}, "Spends on media", "6,000 US dollars"),
        ({"spend_dollars": 0}, "Spends on media", "nothing"),
        ({}, "Of use until", "2026-03-20"),
        ({}, "Speaks to", "People who walk in the hills."),
        ({}, "Claims with evidence", "Waterproof to 10,000 mm. [evidence: Lab report 7, until 2026-03-15]"),
    ],
)
def test_the_amount_the_deadline_the_persona_and_the_claims_are_titled(
    change: dict[str, Any], title: str, words: str
) -> None:
    assert lines(FULL.model_copy(update=change))[title] == words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "129.00 EUR, before 149.00 EUR"),
        ({"list_price": None}, "129.00 EUR"),
        ({"price": "4900.00", "list_price": "5900.00", "currency": "JPY"}, "4900 JPY, before 5900 JPY"),
    ],
)
def test_a_price_is_told_with_its_currency_and_the_price_before(change: dict[str, Any], words: str) -> None:
    assert lines(product=PRODUCT.model_copy(update=change))["Price"] == words


def test_what_is_empty_takes_no_line() -> None:
    bare = PRODUCT.model_copy(update={"category": "", "rating": None, "reviews": None, "description": ""})

    titles = set(lines(BRIEF, bare))

    assert titles & {"Category", "Rating", "Reviews", "Description", "Keywords", "Work began"} == set()


def test_an_address_with_a_letter_that_looks_like_another_is_told_letter_by_letter() -> None:
    button = CallToAction(label="See it", url="https://br\u0430nd.example/fell")

    told = lines(FULL.model_copy(update={"call_to_action": button}))["Leads to"]

    assert told == "See it: https://br\\u0430nd.example/fell, which is https://xn--brnd-63d.example/fell"


def test_the_form_holds_them(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, brief=FULL.model_copy(update={"images": ()}), product=PRODUCT)

    with sqlite_ledgers.door.read() as tx:
        text = scene.desk.form(tx, scene.review).description

    for part in (
        "Spends on media** 6,000 US dollars",
        "Of use until** 2026-03-20",
        "Speaks to** People",
        "Price** 129",
    ):
        assert f"**{part}" in text


def test_a_product_is_told_once_with_the_id_by_which_the_brief_names_it() -> None:
    titles = [told.title for told in brief_told(FULL, PRODUCT)]

    assert titles.count("Product") == 1
    assert lines()["Product"] == "Fell jacket (fell-jacket)"
    assert lines(product=None)["Product"] == "fell-jacket"


def test_a_product_that_is_not_the_one_that_the_brief_names_is_told_beside_it() -> None:
    told = [
        one.words for one in brief_told(FULL, PRODUCT.model_copy(update={"id": "dale-coat"})) if one.title == "Product"
    ]

    assert told == [("Fell jacket (dale-coat)",), ("fell-jacket",)]
