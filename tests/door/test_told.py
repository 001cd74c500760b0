"""What one is told of, chosen at the door: by each for themselves, kept, undone, and only by one's own form."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.notices.choices import CHOICES, DEFAULTS, chosen
from tests.door.house import House


def wanted(house: House, name: str = "ana") -> frozenset[str]:
    with house.ledger.read() as tx:
        return chosen(tx, f"P-{name}")


def send(visitor: Any, path: str = "/told", **fields: str) -> Any:
    return visitor.ask("POST", path, data={"csrf": visitor.csrf, **fields})


def test_who_never_chose_sees_what_they_are_told_without_a_choice(house: House) -> None:
    page = house.visitor().get("/told").text

    assert page.count('type="checkbox"') == len(CHOICES)
    assert page.count(" checked") == len(DEFAULTS)
    assert "Undo the last change" not in page
    assert "Nobody is mailed at the moment" in page
    assert '<a href="/told">' in house.visitor().get("/people").text


def test_a_choice_is_kept_for_oneself_alone_shown_and_undone(house: House) -> None:
    ana = house.visitor()

    kept = send(ana, **{"mentioned": "on", "held:asked": "on"})

    assert kept.status_code == 200
    assert "Kept." in kept.text
    assert kept.text.count(" checked") == 2
    assert (wanted(house), wanted(house, "ben")) == ({"mentioned", "held:asked"}, DEFAULTS)

    assert "As before." in send(ana, "/told/undo").text
    assert wanted(house) == DEFAULTS
    send(ana)
    assert wanted(house) == frozenset()
    assert "As it is without a choice." in send(ana, "/told/defaults").text
    assert wanted(house) == DEFAULTS


def test_where_nothing_was_chosen_nothing_is_undone(house: House) -> None:
    answer = send(house.visitor(), "/told/undo")

    assert answer.status_code == 409
    assert "nothing to undo" in answer.text


@pytest.mark.parametrize("path", ["/told", "/told/undo", "/told/defaults"])
def test_a_form_from_elsewhere_changes_nothing(house: House, path: str) -> None:
    ana = house.visitor()

    answer = ana.ask("POST", path, data={"csrf": "forged", "mentioned": "on"})

    assert answer.status_code == 403
    with house.ledger.read() as tx:
        assert tx.events(EventKind.NOTICES_CHOSEN) == []
        assert tx.events(EventKind.REQUEST_FORBIDDEN)[-1].data["path"] == path


def test_fields_that_are_no_choice_are_left_out(house: House) -> None:
    send(house.visitor(), **{"approved:mine": "on", "<script>": "on", "person": "P-ben"})

    assert wanted(house) == {"approved:mine"}
    assert wanted(house, "ben") == DEFAULTS


def test_a_stranger_is_led_to_the_sign_in_page_and_back(house: House) -> None:
    stranger = house.visitor(None)

    assert stranger.get("/told").headers["location"] == "/sign-in?next=/told"
    assert stranger.ask("POST", "/told/undo", data={}).headers["location"] == "/sign-in?next=/told"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"told": "questions"}, "list what you want"),
        ({"told": [1]}, "list what you want"),
        ({"told": ["questions"], "person": "P-ben"}, "list what you want"),
        ({"told": ["<script>"]}, "there is no such choice"),
        ({}, "list what you want"),
    ],
)
def test_the_api_takes_a_list_of_choices_and_nothing_else(house: House, body: dict[str, Any], said: str) -> None:
    answer = house.visitor().post("/-/api/told", body)

    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert wanted(house) == DEFAULTS
