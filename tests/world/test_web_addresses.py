"""Two spellings of one place are one target, what only looks alike is another, and what is shown is ASCII."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.world.web_addresses import host_of, misleads, plain_address, target_of


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://example.com/x/", "example.com/x"),
        ("HTTP://WWW.Example.COM:80/x", "example.com/x"),
        ("example.com:443", "example.com"),
        ("https://example.com:8443/x", "example.com:8443/x"),
        ("http://example.com:443/x", "example.com:443/x"),
        ("https://example.com:0443/x", "example.com/x"),
        ("https://example.com./x", "example.com/x"),
        ("https:///example.com\\x", "example.com/x"),
        ("https:example.com", "example.com"),
        ("//example.com", "example.com"),
        ("https://exam\nple.com", "example.com"),
        ("https://a@example.com", "a@example.com"),
        ("https://example.com/a/./b/../c", "example.com/a/c"),
        ("https://example.com/%2e%2E/c%7e%c3%a9", "example.com/c~%C3%A9"),
        ("https://example.com/cé", "example.com/c%C3%A9"),
        ("https://example.com/%2Fc", "example.com/%2Fc"),
        ("https://example.com?a=1#b", "example.com?a=1#b"),
        ("https://b%C3%BCcher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher。example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("ｅxample．com", "example.com"),
        ("ex\u0430mple.com", "xn--exmple-4nf.com"),
        ("i❤.example", "xn--i-7iq.example"),
        ("ftp://example.com/x", "ftp://example.com/x"),
        ("", ""),
    ],
)
def test_a_target_says_where_an_address_leads(address: str, target: str) -> None:
    assert target_of(address) == target


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("https://example.com/X/?a=b#c", "https://example.com/X/?a=b#c"),
        ("https://ex\u0430mple.com/ä b?ö", "https://xn--exmple-4nf.com/%C3%A4%20b?%C3%B6"),
        ("https://jö@bücher.example:8443/x/", "https://j%C3%B6@xn--bcher-kva.example:8443/x/"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ftp://bücher.example", "ftp://b%C3%BCcher.example"),
    ],
)
def test_the_plain_form_is_what_goes_over_the_wire(address: str, plain: str) -> None:
    assert plain_address(address) == plain


def test_an_address_misleads_where_its_words_show_another_host() -> None:
    assert misleads("https://brand.example@evil.net")
    assert misleads("br\u0430nd.example")
    assert not misleads("https://Brand.example/x@y")


ADDRESSES = st.lists(
    st.one_of(
        st.sampled_from(
            ["https://", "http:", "//", "@", ":", "%2e", "..", "/", "\\", "?", "#", "brand", ".com", "xn--"]
        ),
        st.characters(),
    ),
    max_size=12,
).map("".join)


@given(ADDRESSES)
def test_any_address_has_a_target_and_a_plain_form_in_ascii(address: str) -> None:
    assert target_of(address).isascii()
    assert plain_address(address).isascii()


@given(ADDRESSES)
def test_the_plain_form_leads_where_the_address_leads(address: str) -> None:
    url = f"https://{address}"

    assert host_of(plain_address(url)) == host_of(url)


@given(st.characters(min_codepoint=128))
def test_no_letter_becomes_a_mark_that_leads_elsewhere(other: str) -> None:
    """A wide @ or / is none to a browser, and must be none when it went out."""
    url = plain_address(f"https://brand.example{other}evil.net/")

    assert not set(url.removeprefix("https://").removesuffix("/")) & set("@:/?#\\[]")
    assert host_of(url).endswith(".net")


@pytest.mark.slow
@given(st.integers(0, 4), st.characters(categories=["L", "N", "M", "Cf", "S"], min_codepoint=128))
def test_another_letter_in_the_host_is_another_host(at: int, other: str) -> None:
    """Unless a browser reads it as the letter that it stands for, in another width, style or case."""
    label = f"{'brand'[:at]}{other}{'brand'[at + 1 :]}"

    same = target_of(f"https://{label}.example/x") == "brand.example/x"

    assert same == (unicodedata.normalize("NFKC", other).lower() == "brand"[at])
