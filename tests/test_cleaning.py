"""Cleaning: what nobody sees goes, what shapes a letter or an emoji stays, and a fault says which character it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from presscheck.cleaning import clean_line, clean_text, coded_word_in, hidden_in, unfit_line, unfit_text, words_of
from presscheck.models import CallToAction, Copy, Picture, Product, Sender

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
any_text = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    "text",
    [
        "Rain? 👩‍👩‍👧 and ❤️‍🔥 1️⃣",
        f"From {SCOTLAND} and {WALES}",
        "می‌خواهم",  # Persian, with a joiner that is none (ZWNJ).
        "CD‌ها",
        "क्‍ष",  # Devanagari, joined (ZWJ).
        "അവന്‍ വന്നു",  # Malayalam, whose joiner behind a virama ends the word.
        "क्‌ क्‌ष",  # Devanagari, kept apart (ZWNJ).
        "葛󠄀城市",  # An ideograph in one of its shapes.
        "Ünï ©️ ™ №",
        "\u0601123",  # An Arabic sign of category Cf that is seen.
    ],
)
def test_what_shapes_letters_and_emoji_stays(text: str) -> None:
    assert clean_text(text) == text
    assert hidden_in(text) == unfit_text(text) == ""


@pytest.mark.parametrize("sides", ["한국", "日本", "ひら", "カナ", "ไท", "ab", "αβ", "аб"])
@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_between_letters_that_join_nothing_a_joiner_only_hides_a_word(sides: str, joiner: str) -> None:
    assert clean_text(joiner.join(sides)) == sides


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("fr\u200bee", "U+200B"),
        ("fr\u200dee", "U+200D"),
        ("fr\u200cee", "U+200C"),
        ("fr\u00adee", "U+00AD"),
        ("fr\ufe0fee", "U+FE0F"),
        ("fr\ue000ee", "U+E000"),
        ("fr\U000f0000ee", "U+F0000"),
        ("fr\ufdd0ee", "U+FDD0"),
        ("fr\U0001fffeee", "U+1FFFE"),
        ("fr\x9bee", "U+009B"),
        ("fr\x00ee", "U+0000"),
        ("fr\u034fee", "U+034F"),
        ("fr\u3164ee", "U+3164"),
        ("fr\u115fee", "U+115F"),
        ("fr\u2061ee", "U+2061"),
        ("fr\U000e0065ee", "U+E0065"),
        ("fr\U000e0100ee", "U+E0100"),
        ("fr\U000e01f0ee", "U+E01F0"),
        ("fr\ufff9ee", "U+FFF9"),
        ("fr\ud800ee", "U+D800"),
    ],
)
def test_what_nobody_sees_is_taken_out_and_named_with_its_place(text: str, number: str) -> None:
    assert clean_text(text) == "free"
    assert hidden_in(text).startswith(f"character 3 is {number} (")
    assert unfit_text(text) == unfit_line(text) == hidden_in(text)


@pytest.mark.slow
def test_no_character_is_hidden_but_those_that_unicode_shows_nothing_of() -> None:
    categories = {one: unicodedata.category(chr(one)) for one in range(0x110000)}
    # Signs of category Cf that enclose the figures after them (Prepended_Concatenation_Mark).
    seen = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}

    hidden = {one for one in categories if hidden_in(chr(one))}

    formats = {one for one, category in categories.items() if category in ("Cc", "Cs", "Co", "Cf")}
    # Line ends and tabs are white space, which is evened out.
    assert formats - hidden - seen == {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85}
    beyond = hidden - formats
    assert {categories[one] for one in beyond} <= {"Cn", "Mn", "Lo"}
    assert {one for one in beyond if categories[one] == "Lo"} == {0x115F, 0x1160, 0x3164, 0xFFA0}
    assert {chr(one) for one in beyond if categories[one] == "Mn" and one < 0xE0000} == set(
        "\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f" + "".join(map(chr, range(0xFE00, 0xFE10)))
    )


@pytest.mark.parametrize(
    "smuggled",
    [
        "🏴" + "".join(chr(0xE0000 + ord(one)) for one in "free"),  # No flag of Unicode's list.
        SCOTLAND[:-1],  # A flag that does not end.
        "🙂" + "".join(chr(0xFE00 + ord(one) % 16) for one in "free"),
        "©" + "".join(chr(0xE0100 + ord(one)) for one in "free"),
        "🙂\u200d\u200d\u200d🙂",
        "a\u200d\u200b🙂",
    ],
)
def test_words_hidden_in_tags_selectors_and_joiners_are_found(smuggled: str) -> None:
    assert hidden_in(smuggled)
    assert not [one for one in clean_text(smuggled) if ord(one) >= 0xE0000]


@given(any_text)
def test_what_is_clean_is_fit_and_what_is_fit_is_clean(text: str) -> None:
    cleaned = clean_text(text)

    assert clean_text(cleaned) == cleaned
    assert (unfit_text(text) == "") == (cleaned == text)
    assert unfit_text(cleaned) == hidden_in(cleaned) == ""
    assert unfit_line(clean_line(text)) == coded_word_in(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode("utf-8")


@pytest.mark.parametrize("text", ["=?utf-8?q?a?=", "Rain =?", "a=\u200b?us-ascii?b?YQ==?=", "=\x00?", "x=?\n"])
def test_a_line_that_mail_programs_would_decode_is_named(text: str) -> None:
    assert "mail programs read as other words" in coded_word_in(text)


@pytest.mark.parametrize(
    ("part", "typed", "taken"),
    [
        ("subject", " Rain\t on\r\nus ", "Rain on us"),
        ("body", "One.\r\n\r\nTwo. \n", "One.\n\nTwo."),
        ("preheader", "Cafe\u0301", "Café"),
    ],
)
def test_a_persons_white_space_and_accents_are_evened_out_and_nothing_else_is(
    part: str, typed: str, taken: str
) -> None:
    assert words_of(part, typed) == (taken, "")


COPY = {"channel": "email", "subject": "Rain", "preheader": "Soon.", "body": "One.\n\nTwo."}
SENDER = {"name": "Brand", "address": "news@brand.example", "postal_address": "1 Mill Lane, Leeds"}
PICTURE = {"name": "hero", "file": "a" * 64, "media_type": "image/png", "width": 1, "height": 1, "size": 1, "alt": "A"}


@pytest.mark.parametrize(
    "hidden", ["fr\u200bee", "fr\ue000ee", "fr\ufdd0ee", "fr\x9bee", "fr\U000e0065ee", "fr\u202eee"]
)
@pytest.mark.parametrize(
    ("model", "values", "name"),
    [
        *((Copy, COPY, name) for name in ("subject", "preheader", "body")),
        *((Sender, SENDER, name) for name in ("name", "postal_address")),
        (CallToAction, {"label": "Look", "url": "https://brand.example/"}, "label"),
        *((Product, {"id": "P1", "name": "Mug", "price": "9.00"}, name) for name in ("name", "brand", "description")),
        *((Picture, PICTURE, name) for name in ("alt", "caption", "credit")),
    ],
)
def test_no_word_that_goes_out_can_hold_what_nobody_sees(
    model: type, values: dict[str, object], name: str, hidden: str
) -> None:
    with pytest.raises(ValidationError, match="which nobody sees; take it out"):
        model(**{**values, name: hidden})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("subject", "Two  spaces"),
        ("subject", "A\u00a0b"),
        ("preheader", "A\nb"),
        ("body", "A\r\nb"),
        ("body", "e\u0301"),
    ],
)
def test_a_copy_holds_nothing_that_would_be_evened_out_later(name: str, text: str) -> None:
    with pytest.raises(ValidationError, match="character"):
        Copy.model_validate({**COPY, name: text})


@pytest.mark.parametrize("name", ["subject", "preheader"])
def test_a_copys_lines_hold_no_coded_word_and_its_body_may(name: str) -> None:
    with pytest.raises(ValidationError, match="mail programs read as other words"):
        Copy.model_validate({**COPY, name: "=?us-ascii?b?YQ==?="})

    assert Copy.model_validate({**COPY, "body": "Write =? so."}).body == "Write =? so."


def test_a_link_shows_every_character_that_it_has() -> None:
    for hidden in "\u202e\u200b\x1b\ue000":
        with pytest.raises(ValidationError, match="nobody sees"):
            CallToAction(label="Look", url=f"https://brand.example/{hidden}x")


@pytest.mark.parametrize("address", ["a..b@brand.example", ".a@brand.example", "a.@brand.example", "a@brand..example"])
def test_a_sender_is_an_address_that_stands_in_a_header_as_it_is(address: str) -> None:
    with pytest.raises(ValidationError, match="two dots in a row"):
        Sender.model_validate({**SENDER, "address": address})


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\t"])
def test_a_line_of_a_brief_is_one_line_by_every_line_end(end: str) -> None:
    with pytest.raises(ValidationError, match="must be one line"):
        Sender.model_validate({**SENDER, "name": f"Brand{end}Co"})
