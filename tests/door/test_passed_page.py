"""Went out by a rule: the lots that nobody looked at, one of each drawn to look at, and looks that count."""

from collections.abc import Callable
from typing import Any

import pytest

from presscheck.desk.let_out import Lot, lots_let_out
from presscheck.ledger import EventKind
from tests.desk.scene import Scene
from tests.desk.test_spot_checks import known, of_both_sorts, sign  # pyright: ignore[reportUnusedImport]
from tests.door.house import House

__all__ = ["known"]


@pytest.fixture
def let_out(known: Any, open_house: Callable[..., House]) -> tuple[House, Scene]:
    sign(known)
    by_rule, _by_person = of_both_sorts(known)
    return open_house(scene=by_rule), by_rule


def lot_of(house: House) -> Lot:
    with house.ledger.read() as tx:
        [lot] = lots_let_out(tx, since=tx.now.replace(year=2025))
    return lot


def test_a_lot_says_how_much_went_out_and_that_nobody_looked(let_out: tuple[House, Scene]) -> None:
    house, scene = let_out

    page = house.visitor("ana").get("/passed").text

    lot = lot_of(house)
    assert "product-launch" in page
    assert "by offline phrases-1 prompts.email-variants 1" in page
    assert "nobody looked" in page
    assert scene.review.id in page
    assert len(lot.unseen) == len(lot.let_out) >= 1
    assert lot.drawn >= 1
    assert lot.reached == 7 * len(lot.let_out)


@pytest.mark.slow
def test_one_is_drawn_among_those_that_nobody_looked_at_and_opening_it_counts(let_out: tuple[House, Scene]) -> None:
    house, _scene = let_out
    ana, lot = house.visitor("ana"), lot_of(house)

    led = ana.get(f"/passed/one/{lot.name}").headers["location"]
    ana.get(led)
    ana.get(led)

    assert led in {f"/proof/{one.review.id}" for one in lot.let_out}
    assert len(lot_of(house).unseen) == len(lot.unseen) - 1
    with house.ledger.read() as tx:
        assert len(tx.events(EventKind.REVIEW_SEEN, subject=led.removeprefix("/proof/"))) == 1


def test_a_look_of_somebody_who_may_decide_nothing_is_none(let_out: tuple[House, Scene]) -> None:
    house, scene = let_out
    eva = house.visitor("eva")

    eva.get(f"/proof/{scene.review.id}")

    assert len(lot_of(house).unseen) == len(lot_of(house).let_out)
    assert "a look counts where somebody opens it who may decide" in eva.get("/passed").text


def test_what_a_person_approved_is_in_no_lot(house: House) -> None:
    house.scene.approve("ana")

    assert "No rule has let anything out" in house.visitor("ana").get("/passed").text


@pytest.mark.parametrize("lot", ["0" * 16, "R-1", "x"])
def test_a_lot_that_there_is_not_leads_nowhere(still_house: House, lot: str) -> None:
    answer = still_house.visitor("ana").get(f"/passed/one/{lot}")

    assert answer.status_code in (400, 404)
    assert "location" not in answer.headers


def test_strangers_see_nothing_of_it(still_house: House) -> None:
    answers = [still_house.visitor(None).get(path) for path in ("/passed", f"/passed/one/{'0' * 16}")]

    assert {answer.status_code for answer in answers} == {303}
    assert all("/sign-in?next=" in answer.headers["location"] for answer in answers)
