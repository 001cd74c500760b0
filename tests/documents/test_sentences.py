"""A sentence made of a list or a number is right for none, one, two and three."""

import pytest

from presscheck.documents.sentences import capital, counted, listed
from presscheck.models import Refused
from tests.desk.scene import BRIEF, Ledgers, Scene
from tests.desk.test_stages import Staged


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], ""),
        (["US"], "US"),
        (["US", "DE"], "US and DE"),
        (["US", "DE", "FR"], "US, DE and FR"),
        (["a lead for US and DE"], "a lead for US and DE"),
        (["a lead for US and DE", "a lawyer"], "a lead for US and DE, and a lawyer"),
        (["a lawyer", "a lead for US and DE", "a chief"], "a lawyer, a lead for US and DE, and a chief"),
        (["Andrea", "Sandy"], "Andrea and Sandy"),
    ],
)
def test_a_list_reads_as_one(words: list[str], told: str) -> None:
    assert listed(words) == told
    assert listed(iter(words)) == told


def test_a_choice_reads_as_one() -> None:
    assert [listed("ABC"[:many], "or") for many in range(4)] == ["", "A", "A or B", "A, B or C"]


@pytest.mark.parametrize(
    ("count", "pick", "person"),
    [
        (0, "no picks", "no people"),
        (1, "1 pick", "1 person"),
        (2, "2 picks", "2 people"),
        (3, "3 picks", "3 people"),
        (1_200, "1,200 picks", "1,200 people"),
    ],
)
def test_a_number_goes_with_its_noun(count: int, pick: str, person: str) -> None:
    assert (counted(count, "pick"), counted(count, "person", "people")) == (pick, person)


@pytest.mark.parametrize(
    ("words", "told"), [("", ""), ("a", "A"), ("an AI strategist", "An AI strategist"), ("1 x", "1 x")]
)
def test_only_the_first_letter_of_a_sentence_is_made_large(words: str, told: str) -> None:
    assert capital(words) == told


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ((), "A brand lead for all of US and DE, who neither wrote"),
        (("ana",), "A regional reviewer for US and a regional reviewer for DE, who neither wrote"),
        (("ana", "dora"), "A regional reviewer for US, who neither wrote"),
        (("ana", "dora", "rita"), "A legal reviewer for all of US and DE, who neither wrote"),
    ],
)
@pytest.mark.slow
def test_whom_a_question_waits_for_reads_as_a_sentence(
    sqlite_ledgers: Ledgers, before: tuple[str, ...], told: str
) -> None:
    staged = Staged(sqlite_ledgers)
    for person in before:
        staged.answer(person)

    with staged.ledgers.door.read() as tx:
        who = staged.desk.who_may(tx, staged.review)

    assert not isinstance(who, Refused)
    assert who.why.startswith(told), who.why


def test_of_one_market_nobody_says_all(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"markets": ("US",)}))

    with scene.ledgers.door.read() as tx:
        who = scene.desk.who_may(tx, scene.review)

    assert not isinstance(who, Refused)
    assert who.why.startswith("A brand lead for US, who neither wrote")


@pytest.mark.parametrize(("picks", "told"), [([], "this has 0"), (["V01", "V02", "V03", "V04"], "this has 4")])
def test_a_refused_number_of_picks_names_both_numbers(sqlite_ledgers: Ledgers, picks: list[str], told: str) -> None:
    refused = Scene(sqlite_ledgers).answer(picks=picks)

    assert isinstance(refused, Refused)
    assert refused.reason == f"An approval has 1 to 3 picks; {told}."
