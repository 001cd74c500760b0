"""Telephone numbers are found in the forms of every country, and numbers of other things are not."""

import phonenumbers
import pytest

from presscheck.matching import personal_data


def found(text: str, *regions: str) -> list[str]:
    return [text[p.start : p.end] for p in personal_data(text, kinds=["phone"], regions=regions)]


@pytest.mark.parametrize(
    "number",
    [
        "+49 (0)30 901820",
        "(+44) 20 7946 0000",
        "+(370) 61234567",
        "0044 20 7946 0000",
        "+5511998765432",
        "(202) 456-1111",
        "202.456.1111",
        "1-202-456-1111",
        "202-456-1111 ext. 12",
        "001-202-456-1111x123",
        "(08) 8747 6301",
        "(71) 4233-6306",
        "0171 2345678",
        "030/901820",
        "01.84.17.61.18",
        "0490 75 40 81",
        "07700 900123",
        "07700900123",
        "083 564 9312",
        "60-56-85-91",
        "612 34 56 78",
        "51 516 33 75",
        "138 1234 5678",
        "972 77 308",
        "8 (495) 123-45-67",
        "98765 43210",
        "1-800-FLOWERS",
    ],
)
def test_a_number_is_found_by_its_form_alone(number: str) -> None:
    assert found(f"Ana Brandt, {number} since May.") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "Phone:\n[467 3395]\n",
        "Can you call me on [9472 7916]?",
        "Hi, my mobile? [72 128 827]",
        "Tel. [434 14 557]",
        "Rufen Sie uns an: [901820 22]",
        "Appelez-nous au [55 12 34 56]",
        "Llame al [915 556 677]",
        "Chiamaci al numero [5551234]",
        "Bel ons op [555 1234]",
        "Ligue para [3555 1234]",
        "Ana Brandt\n[467 3395]\nBerlin",
        "[467 3395] (office)",
        "Call [467 3395] or [467 3396].",
    ],
)
def test_a_number_without_a_telling_form_is_found_by_the_words_and_lines_around_it(text: str) -> None:
    wanted = [part.split("]")[0] for part in text.split("[")[1:]]

    assert found(text.replace("[", "").replace("]", "")) == wanted


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_example_of_every_country_is_found_as_it_is_dialled_from_abroad(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    assert found(f"Ana Brandt, {number}.") == [number]


def test_nine_of_ten_examples_are_found_beside_a_word_as_they_are_dialled_at_home() -> None:
    examples = [
        example for region in phonenumbers.SUPPORTED_REGIONS if (example := phonenumbers.example_number(region))
    ]
    numbers = [phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.NATIONAL) for one in examples]

    missed = [number for number in numbers if not found(f"My number? Phone: {number}.")]

    assert len(missed) <= len(numbers) / 10, missed


@pytest.mark.parametrize("region", ["DE", "FR", "ES", "IT", "NL", "PT", "GB", "US", "DK", "NO", "PL", "JP", "BR", "IN"])
def test_every_example_of_a_market_is_found_by_form_where_the_market_is_named(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)

    (piece,) = personal_data(f"Ana Brandt, {number}, Hauptstadt", regions=(region,))

    assert piece.kind == "phone"
    assert f"+{piece.value}" == phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    "text",
    [
        "Order no. 790 102 979",
        "Bestellnummer 0171 2345678",
        "EAN 4006381333931, UPC 036000291452, ISBN 0306406152",
        "Sizes 36 38 40 42 and 36-37-38-39",
        "From 01.05.2027 to 31.05.2027, daily 10.30-12.30",
        "Call before 2027-03-31 or on 31/03/2027",
        "1.299.000 kr, 10 000 000 users, +1000000 downloads",
        "200 - 1500 calories, 1500-2000 mAh, 1080 1920 px",
        "Call us today! 36 38 40 are back, 24/7 and 365 days",
        "My driver's license number is 2270-66-1551",
        "921733-104, 2024-2025, 90210-1234",
        "A-555-123-4567-B and #5551234567 and $5551234567",
        "4111 1111 1111 1112",
        "03262 2437 Main Street, 638 2229 Wolmarans Street",
    ],
)
def test_numbers_of_other_things_are_left_alone(text: str) -> None:
    assert found(text) == []
    assert found(text, "US", "DE", "FI") == []


def test_the_value_is_the_same_however_a_number_is_written() -> None:
    text = "+49 (0)30 901820, 0049 30 901820, 030 901820 and 030/901820"

    assert {piece.value for piece in personal_data(text, regions=("DE",))} == {"4930901820"}
