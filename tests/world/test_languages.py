"""Languages: tags of BCP 47 in their usual capitals, slips told with what was meant, and the way a text is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.world.languages import direction, known_language, language_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("en", "en"),
        ("DE", "de"),
        ("en-gb", "en-GB"),
        ("pt_BR", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-ch-1996", "de-CH-1996"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("gsw", "gsw"),
        (" fr ", "fr"),
    ],
)
def test_a_tag_is_read_in_its_usual_capitals(written: str, read: str) -> None:
    assert known_language(written) == read


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("jp", "did you mean ja?"),
        ("CN", "did you mean zh?"),
        ("xx", "no language of ISO 639-1"),
        ("english", "no language tag of BCP 47; write one such as en"),
        ("German", "no language tag of BCP 47"),
        ("e", "no language tag"),
        ("", "no language tag"),
        ("en-", "no language tag"),
        ('en" onload="x', "no language tag"),
        ("en-x-private", "no language tag"),
        ("\u0435n", "no language tag"),
    ],
)
def test_what_is_no_tag_is_told_with_what_to_write(written: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice.replace("?", r"\?")):
        known_language(written)


@given(st.text(max_size=30))
def test_no_text_whatever_becomes_a_tag_that_ends_an_attribute(text: str) -> None:
    try:
        tag = known_language(text)
    except ValueError:
        return

    assert known_language(tag) == tag
    assert tag.isascii()
    assert not set(tag) & set("\"'<>& \n")


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Guten Tag", "ltr"),
        ("", "ltr"),
        ("12 %", "ltr"),
        ("שלום לכולם", "rtl"),
        ("مرحبا", "rtl"),
        ("iPhone 15 بسعر جديد للجميع", "rtl"),
        ("Say שלום to everybody", "ltr"),
        ("你好", "ltr"),
    ],
)
def test_a_text_is_read_the_way_of_most_of_its_letters(text: str, way: str) -> None:
    assert direction(text) == way


@pytest.mark.parametrize(("text", "tag"), [("A jacket", "en"), ("20 %", "en"), ("Куртка", "und"), ("夹克", "und")])
def test_where_nobody_names_a_language_only_latin_letters_are_taken_for_english(text: str, tag: str) -> None:
    assert language_of(text) == tag
