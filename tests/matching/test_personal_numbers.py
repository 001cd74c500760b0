"""A number is believed for its check digits: right ones are always found, wrong ones never, in time that is linear."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.us import ssn

from presscheck.matching import personal_data
from tests.growing import grows_in_proportion

digits = st.text("0123456789", min_size=0, max_size=30)

# First digits and length, by network.
CARDS = [
    ("4", 16), ("4", 19), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("36", 14), ("6011", 16), ("65", 19),
    ("3528", 16), ("1800", 15), ("62", 17), ("6759", 18), ("2200", 16), ("5018", 16),
]  # fmt: skip
# What a country's account number consists of: letters, then digits.
IBANS = {"DE": (0, 18), "GB": (4, 14), "NL": (4, 10), "NO": (0, 11), "BE": (0, 12), "CH": (0, 17), "PL": (0, 24)}


def in_fours(number: str, gap: str) -> str:
    return gap.join(number[at : at + 4] for at in range(0, len(number), 4))


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    first, length = draw(st.sampled_from(CARDS))
    body = first + draw(st.text("0123456789", min_size=length - len(first) - 1, max_size=length - len(first) - 1))
    return body + luhn.calc_check_digit(body)


@st.composite
def iban_numbers(draw: st.DrawFn) -> str:
    country = draw(st.sampled_from(sorted(IBANS)))
    letters, figures = IBANS[country]
    account = draw(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=letters, max_size=letters))
    account += draw(st.text("0123456789", min_size=figures, max_size=figures))
    return country + iban.calc_check_digits(f"{country}00{account}") + account


@given(card_numbers(), st.sampled_from(["", " ", "-"]))
def test_every_card_is_found_in_one_piece_and_in_fours(number: str, gap: str) -> None:
    (piece,) = personal_data(f"Mine is {in_fours(number, gap)}, she said.")

    assert (piece.kind, piece.value) == ("card", number)


@pytest.mark.parametrize("between", [" ", "\n", ", ", " 12/27 123 "])
def test_each_card_of_a_list_is_found(between: str) -> None:
    cards = ["4111 1111 1111 1111", "5500 0000 0000 0004", "3782 822463 10005", "4012888888881881"]

    assert [piece.kind for piece in personal_data(between.join(cards))] == ["card"] * len(cards)


@given(iban_numbers(), st.sampled_from(["", " ", "-"]), st.booleans())
def test_every_iban_is_found_whatever_word_follows(number: str, gap: str, small: bool) -> None:
    written = in_fours(number, gap)

    (piece,) = personal_data(f"Pay {written.lower() if small else written} from here.")

    assert (piece.kind, piece.value) == ("iban", number)


@given(st.from_regex(r"\A[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}\Z").filter(ssn.is_valid))
def test_every_social_security_number_that_may_be_given_out_is_found(number: str) -> None:
    assert [piece.kind for piece in personal_data(f"It is {number}.")] == ["ssn"]


@given(digits.filter(lambda number: not luhn.is_valid(number)))
def test_digits_without_the_check_digit_are_no_card_even_beside_the_word(number: str) -> None:
    assert personal_data(f"card {number}", kinds=["card"]) == ()


@given(st.text("0123456789ABCDEFGH", max_size=34).filter(lambda number: not iban.is_valid(number, check_country=False)))
def test_letters_and_digits_without_check_digits_are_no_iban(number: str) -> None:
    # With the word any country's length counts, so here it is left out.
    assert personal_data(number, kinds=["iban"]) == ()


@given(digits)
def test_digits_alone_are_no_national_id_and_no_address(number: str) -> None:
    found = {piece.kind for piece in personal_data(f"Product {number}", kinds=["ssn", "ip-address", "iban"])}

    assert found == set()


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("PESEL", "44051401359"), ("CPF", "390.533.447-05"), ("SIN", "123-456-782"), ("TFN", "123 456 782"),
        ("Steuer-ID", "36 574 261 809"), ("NIF", "123456789"), ("Aadhaar", "2341 2341 2346"), 
        ("Fødselsnummer", "15108695088"), ("OIB", "33392005961"), ("TC Kimlik No", "17291716060"),
        ("PPS number", "6433435F"), ("SVNR", "1237 010180"), ("SA ID", "7503305044089"), ("CNP", "1630615123457"),
    ],
)  # fmt: skip
def test_a_bare_national_id_needs_its_name_and_its_check_digits(word: str, number: str) -> None:
    at = next(at for at in reversed(range(len(number))) if number[at].isdigit())
    wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]

    assert [p.kind for p in personal_data(f"{word}: {number}", kinds=["national-id"])] == ["national-id"]
    assert personal_data(f"{word}: {wrong}", kinds=["national-id"]) == ()


def test_an_indian_tax_number_is_known_by_its_letters_beside_its_name() -> None:
    assert [p.kind for p in personal_data("PAN: ACUPA7085R")] == ["national-id"]
    assert personal_data("PAN: ACUZA7085R, model ACUPA7085R") == ()


@pytest.mark.parametrize(
    "number",
    [
        "12345678Z", "X2482300W", "111.444.777-35", "736028/5163", "880320-0016", "120174-3399", "131052-308T",
        "85.07.30-033.28", "756.9217.0769.85", "20-05536168-2", "12.531.909-2", "1-2345-45678-78-1",
    ],
)  # fmt: skip
def test_a_national_id_of_a_telling_form_needs_no_name(number: str) -> None:
    assert [piece.kind for piece in personal_data(f"I am {number}, hello.")] == ["national-id"]


@pytest.mark.parametrize(
    "piece",
    [
        "7", "7 ", "7-", "7.", "1/", "4111 ", "555-123-4567 ", "555-123-4567, ", "467 3395\n", "DE89 3704 ", "1.2.3.4 ",
        "@", "a@", "a@b.", "[at]", " at a dot", "(", "+1 (", "a:", "::1", "call ", "call 1 ", "order 1 ", "ssn 1 ",
        "http://a.b/?a=1&", "1-800-A", "１２３ ", "1\u200b2", "bsn 1 ",
    ],
)  # fmt: skip
def test_time_is_linear_in_the_text(piece: str) -> None:
    personal_data(f"{piece} 4111 1111 1111 1111 +49 30 901820 a@b.de", regions=("DE",))

    assert grows_in_proportion(personal_data, lambda size: piece * (size // len(piece)), 32_000)


def test_time_is_linear_in_a_page_of_digits() -> None:
    assert grows_in_proportion(personal_data, lambda times: "1234567890" * times, 10_000)


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    for piece in personal_data(text + "\ud800", regions=("US",)):
        assert piece.value
