"""Mentions by name: whom a reader sees beside a question can be called as they are called there, and nobody else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.desk.comments import Saying, mentioned
from presscheck.desk.mentions import Beside, people_beside
from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.desk.scene import Scene
from tests.desk.test_comments import say

NAMES = {
    "P-1": "Ana Brandt",
    "P-2": "Ana Berg",
    "P-3": "Rosa",
    "P-4": "Rosa Luz",
    "P-5": "Gil (GB)",
    "P-6": "Jo",
    "P-7": "Jo",
    "P-8": "Brand Lead",
}
BESIDE = Beside(NAMES, "regional reviewer", ("P-3", "P-5"))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Look, @Ana Brandt: is it so?", "Look, @P-1: is it so?"),
        ("@ana  berg and @BRANDT.", "@P-2 and @P-1."),
        ("@rosa", "@P-3"),
        ("@Rosa Luz", "@P-4"),
        ("@Rosa\nLuz", "@P-4"),
        ("(@gil)", "(@P-5)"),
        ("@Regional reviewer, please", "@P-3 @P-5, please"),
        ("@P-1 and @P-nobody", "@P-1 and @P-nobody"),
        ("@brand lead", "@P-8"),
        ("ana@brandt.example, @ home, @5 pm, 20 @ $5", "ana@brandt.example, @ home, @5 pm, 20 @ $5"),
    ],
)
def test_a_name_is_called_as_it_is_seen(words: str, wanted: str) -> None:
    assert BESIDE.with_ids(words) == wanted


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("@ana, look", "“@ana” is more than one here: write @Ana Brandt or @Ana Berg."),
        ("@Jo?", "“@Jo” is more than one here: write @P-6 or @P-7."),
        ("@rosamund", "Nobody beside this question is called “@rosamund”: write @Ana Brandt, "),
        ("@Rosa-Maria", "Nobody beside this question is called “@Rosa-Maria”: "),
        ("@gil@press.example", "Nobody beside this question is called “@gil”: "),
        ("@legal officer", "an @ that calls nobody has a space behind it."),
        ("@p-1", "Nobody beside this question is called “@p-1”: "),
    ],
)
def test_who_is_unknown_or_one_of_several_is_told_with_what_to_write(words: str, told: str) -> None:
    refused = BESIDE.with_ids(words)

    assert isinstance(refused, Refused)
    assert refused.code == "bad-mention"
    assert told in refused.reason


@given(st.text(alphabet="@PAnaRosJ -1\n.(", max_size=40))
def test_nobody_is_called_who_is_not_beside_it_but_by_an_id(words: str) -> None:
    said = BESIDE.with_ids(words)

    if not isinstance(said, Refused):
        assert set(mentioned(said)) <= {*NAMES, *mentioned(words)}


def test_each_label_that_is_offered_calls_its_own_person() -> None:
    assert {person: BESIDE.with_ids(f"@{BESIDE.label(person)}!") for person in NAMES} == {
        person: f"@{person}!" for person in NAMES
    }


@pytest.fixture
def scene(sqlite_ledgers: Any) -> Scene:
    scene = Scene(sqlite_ledgers)
    with scene.ledgers.door.write() as tx:
        for person, name in (("P-lea", "Lea Stern"), ("P-xo", "a.*|(b")):
            grants, email = (Grant(role="author", markets="all"),), f"{person}@brand.example"
            remember_person(tx, person, email=email, name=name)
            record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=name, by="P-root")
    return scene


def around(scene: Scene) -> Beside:
    with scene.ledgers.door.read() as tx:
        who = scene.desk.who_may(tx, scene.review)
        return people_beside(tx, scene.review, None if isinstance(who, Refused) else who)


def test_whoever_is_asked_or_has_commented_is_beside_it_and_others_cannot_be_guessed(scene: Scene) -> None:
    before = around(scene).with_ids("@Lea Stern")
    unknown = around(scene).with_ids("@Lea Sturm")
    assert isinstance(say(scene, Saying(words="Hm"), "lea"), str)
    assert isinstance(say(scene, Saying(words="Hm"), "xo"), str)

    after = around(scene)

    assert isinstance(before, Refused)
    assert isinstance(unknown, Refused)
    assert before.reason == unknown.reason, "who works here is not told by it"
    assert after.with_ids("@Lea Stern") == "@P-lea"
    assert after.with_ids("@a.*|(b") == "@P-xo", "a name is no pattern"


def test_who_has_left_is_called_no_more(scene: Scene) -> None:
    assert isinstance(say(scene, Saying(words="Hm"), "lea"), str)
    with scene.ledgers.door.write() as tx:
        email = "P-lea@brand.example"
        record_rights(tx, EventKind.PERSON_REVOKED, "P-lea", [], email=email, name="Lea Stern", by="P-root")

    assert isinstance(around(scene).with_ids("@lea"), Refused)
