"""Whoever owns what changed of the policies hears of it, and where it waits for a signature those who may give it."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.notices import Notice, tell_all, words_for
from presscheck.notices.policies import policies_changed, roles_of_owner
from presscheck.settings import Settings
from tests.desk.scene import Ledgers
from tests.desk.signing import Signing
from tests.places import place_of


def news(house: Signing) -> list[Notice]:
    with house.ledgers.worker.read() as tx:
        return policies_changed(tx, house.desk)


@pytest.mark.parametrize(
    ("owner", "roles"),
    [
        ("brand", ("brand_lead",)),
        ("Legal", ("legal",)),
        ("legal team", ("legal",)),
        ("marketing_director", ("marketing_director",)),
        ("Ethics Officer", ("ethics_officer",)),
        ("engineering", ("engineer",)),
        ("privacy", ("owner",)),
        ("marketing operations", ("owner",)),
    ],
)
def test_an_owners_word_is_a_role_or_a_team_that_the_owner_hears_for(owner: str, roles: tuple[str, ...]) -> None:
    assert roles_of_owner(owner) == roles


@pytest.mark.slow
def test_without_signatures_those_who_own_what_changed_are_told(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    house = Signing(sqlite_ledgers, tmp_path, signed=False)
    house.note()
    house.weaken()
    house.note()

    (notice,) = news(house)

    assert (notice.step, notice.roles, notice.about) == ("policies", ("legal",), ("pressure.urgency",))
    assert set(notice.people) == {"P-lea", "P-leo"}


@pytest.mark.slow
def test_what_waits_for_a_signature_is_told_to_those_who_may_give_it(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    house = Signing(sqlite_ledgers, tmp_path)
    house.note()
    first = news(house)
    house.sign("lea")
    house.rewrite("title: ", "title: Our ", place_of("no-shouting"))
    house.note()

    *_, waiting = news(house)

    assert [notice.step for notice in first] == ["policies-waiting"]
    assert waiting.step == "policies-waiting"
    assert set(waiting.roles) == {"legal", "ethics_officer", "marketing_director", "brand_lead"}
    assert {"P-lea", "P-eli", "P-max", "P-ana"} <= set(waiting.people)


def test_a_signature_is_told_to_the_owners_and_nothing_is_told_after_a_day(
    sqlite_ledgers: Ledgers, tmp_path: Path
) -> None:
    house = Signing(sqlite_ledgers, tmp_path)
    house.sign("lea")
    house.weaken()
    house.sign("max")

    told = news(house)
    house.ledgers.clock.advance(hours=25)

    assert [(notice.step, notice.roles) for notice in told] == [("policies", ("legal",))]
    assert news(house) == []


def test_each_is_told_once_and_in_words_without_a_link_to_anywhere_else(
    sqlite_ledgers: Ledgers, tmp_path: Path
) -> None:
    house = Signing(sqlite_ledgers, tmp_path, signed=False)
    house.note()
    house.weaken()
    house.note()
    given: dict[str, Any] = {"legal": {"secret": "notices-legal"}}
    settings = Settings.model_validate(
        {"project": sqlite_ledgers.home, "home": sqlite_ledgers.home, "door_url": "https://d.example", "notices": given}
    ).resolved()
    said: list[str] = []

    for _ in range(2):
        tell_all(
            sqlite_ledgers.worker,
            settings,
            news(house),
            lambda to, words: said.append(f"{to}: {words.title}\n{words.body}"),  # pyright: ignore[reportArgumentType]
        )

    (words,) = said
    assert words.startswith("legal: Presscheck: the policies changed\nThe policies changed: pressure urgency\n")
    assert "https://d.example/policies" in words
    assert "pressure.urgency" not in words


def test_questions_and_policies_in_one_message_are_things_to_look_at() -> None:
    about = Notice(
        "policies-7", "", "policies", "approval", None, ("legal",), about=("brand.no-shouting",)
    )  # fmt: skip

    assert words_for([about, about], door_url="https://d.example", titles=False).title == (
        "Presscheck: 2 things to look at"
    )
