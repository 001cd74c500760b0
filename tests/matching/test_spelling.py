"""Slips of spelling are found in seven languages; names, codes and rare words are left alone."""

import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presscheck.matching.spelling import LANGUAGES, misspellings, suggestions
from tests.growing import grows_in_proportion


def found(text: str, language: str = "en", **more: object) -> list[str]:
    return [span.of(text) for span in misspellings(text, language, **more)]  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "We recieve definately more than we can accomodate here.", ["recieve", "definately", "accomodate"]),
        ("en", "The goverment occured to be usefull to us.", ["goverment", "occured", "usefull"]),
        ("en", "Recieve it tomorrow.", ["Recieve"]),
        ("de", "Das ist wirklcih sehr schön und gut.", ["wirklcih"]),
        ("fr", "Une offre exceptionnelle pour vous, madmae et monsieur.", ["madmae"]),
        ("es", "Una ofertta muy buena para todos los clientes.", ["ofertta"]),
        ("it", "Una giornata straordinarria per tutti noi.", ["straordinarria"]),
        ("nl", "Een geweldigge dag voor ons allemaal.", ["geweldigge"]),
        ("pt", "Uma semanna muito boa para todos.", ["semanna"]),
    ],
)  # fmt: skip
def test_a_slip_is_found(language: str, text: str, expected: list[str]) -> None:
    assert found(text, language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Ask Jonh Smiht or the people at Gooogle about it.",
        "Write to recieve@example.com, see www.definately.com/recieve or #recieve @recieve.",
        "The code is RECIEVE, recieve2 or re_cieve; your name is {recieve}.",
        "Our colourful homeware, smartwatches and the unboxing of travelling organisers.",
        "She's sayin' the brand's podcasts and apps are comfy.",
        "Wij leveren gratis aan huis en u kunt altijd retourneren binnen dertig dagen.",
        "This offer is only availa",
    ],
)
def test_what_is_no_slip_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wir liefern die Lieblingsstücke der Sommerkollektion versandkostenfrei nach Hause."),
        ("fr", "L'élégance à petit prix, c'est maintenant, et la livraison est gratuite aujourd'hui."),
        ("es", "Descubre nuestra nueva colección y disfruta de descuentos para clientes registrados."),
        ("it", "La spedizione è gratuita e il reso è facile, dall'acquisto alla consegna."),
        ("nl", "Ontdek onze nieuwe zomercollectie met gratis verzending vanaf twintig euro."),
        ("pt", "Descubra a nossa nova coleção de verão com frete grátis e devoluções fáceis."),
    ],
)  # fmt: skip
def test_honest_copy_in_other_languages_is_left_alone(language: str, text: str) -> None:
    assert found(text, language) == []


def test_accepted_words_are_right_with_their_plural_and_genitive() -> None:
    text = "The recieve, recieves and recieve’s of it all are here."

    assert found(text, accept=["Recieve"]) == []
    assert len(found(text)) == 3


def test_strict_finds_each_unknown_word() -> None:
    assert found("The zorblat is here with us.", strict=True) == ["zorblat"]
    assert found("The zorblat is here with us.") == []


def test_suggestions_begin_with_the_likeliest() -> None:
    assert suggestions("recieve", "en")[0] == "receive"
    assert suggestions("recieve", "en", most=1) == ("receive",)
    assert suggestions("x" * 10_000, "en") == ()


def test_a_language_without_a_dictionary_is_told() -> None:
    with pytest.raises(ValueError, match="spelling knows de, en"):
        misspellings("Hej", "sv")


def test_a_program_that_checks_no_spelling_loads_no_dictionary() -> None:
    program = "import sys, presscheck.matching.spelling; print('spellchecker' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


@settings(deadline=None)
@given(st.text(st.characters(codec=None, categories=None), max_size=200), st.sampled_from(["en", "de"]))
def test_what_is_found_lies_in_any_text(text: str, language: str) -> None:
    assert all(0 <= one.start < one.end <= len(text) for one in misspellings(text, language))


@pytest.mark.slow
def test_time_is_linear_in_words_that_nobody_knows() -> None:
    dice = random.Random(1)

    def text(words: int) -> str:
        unknown = ["".join(dice.choices("abcdefghijklmnoprstuvw", k=9)) for _ in range(words * 3 // 11)]
        return " ".join(dice.sample(unknown + ["the", "of", "and", "is"] * (words * 2 // 11), words))

    assert grows_in_proportion(lambda text: misspellings(text, "en"), text, 16_500)


def test_every_language_has_its_dictionary() -> None:
    for language in LANGUAGES:
        assert isinstance(suggestions("a", language), tuple)
