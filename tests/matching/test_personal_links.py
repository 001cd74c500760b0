"""A link is a link; one that carries a token, a login or somebody's data is told from the honest ones."""

import pytest

from presscheck.matching import personal_data


@pytest.mark.parametrize(
    "link",
    [
        "https://ana:geheim@shop.example/",
        "https://shop.example/a?access_token=8f3ab2c91d",
        "https://shop.example/a#access_token=8f3ab2c91d",
        "shop.example/?api_key=AbC123xyz789&page=2",
        "https://bucket.example/f.pdf?X-Amz-Signature=9f86d081884c7d659a2feaa0c55ad015",
        "https://shop.example/reset/9f86d081884c7d659a2feaa0c55ad015",
        "https://shop.example/unsubscribe/a1b2c3d4e5f6a7b8c9",
        "https://shop.example/?firstname=Ana&utm_source=x",
        "https://shop.example/?phone=%2B4930901820",
        "https://shop.example/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        "https://shop.example/?password=hunter2hunter2",
    ],
)
def test_a_link_that_lets_somebody_in_or_names_somebody_is_private(link: str) -> None:
    text = f"Go to {link} now"

    assert [(p.kind, text[p.start : p.end]) for p in personal_data(text)] == [("token-url", link)]


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.example/?utm_source=mail&utm_campaign=spring",
        "https://shop.example/boots?code=SAVE10&size=42",
        "https://shop.example/?email={{email}}&page=2",
        "https://shop.example/?email=*|EMAIL|*&token=%%TOKEN%%",
        "https://shop.example/login",
        "https://shop.example/p/4111111111111111",
        "https://shop.example/confirm/order",
        "https://shop.example/dp/B08N5WRWNW/ref=sr_1_1",
        "http://203.0.113.7/boots",
        "wa.me/4915112345678",
        "shop.example",
        "www.shop.example/#sizes",
    ],
)
def test_an_honest_link_is_only_a_link(link: str) -> None:
    text = f"Go to {link} now"

    assert [(p.kind, text[p.start : p.end]) for p in personal_data(text)] == [("url", link)]


def test_an_address_in_a_link_is_a_piece_of_its_own_and_the_link_stands_around_it() -> None:
    text = "See https://shop.example/?email=bob@example.com&token=8f3ab2c91d today"

    assert [(p.kind, text[p.start : p.end]) for p in personal_data(text)] == [
        ("token-url", "https://shop.example/?email="),
        ("email", "bob@example.com"),
        ("token-url", "&token=8f3ab2c91d"),
    ]
    assert [p.kind for p in personal_data(text, kinds=["email"])] == ["email"]


def test_the_host_behind_a_login_is_no_mail_address() -> None:
    assert personal_data("https://ana:geheim@shop.example/", kinds=["email"]) == ()


def test_a_link_has_the_value_that_it_is_compared_by() -> None:
    values = {p.value for p in personal_data("https://www.Shop.example/a/ and shop.example/a")}

    assert values == {"shop.example/a"}
