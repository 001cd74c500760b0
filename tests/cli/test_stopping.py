"""`pause`, `unpause` and `recall` at a real door, carried out by a real press."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from presscheck.desk.endings import ending_at
from presscheck.errors import NotNow
from presscheck.ledger import EventKind
from tests.cli.conftest import CommandLine
from tests.door.house import House
from tests.press.stand import Stand
from tests.press.stopping import told


@pytest.fixture
def stand(house: House) -> Stand:
    return Stand(house.scene)


@pytest.mark.slow
def test_a_campaign_is_stopped_shown_and_let_go_on(
    house: House, stand: Stand, as_person: Callable[[str], CommandLine]
) -> None:
    delivery = stand.approve_and_request()
    stopped = as_person("eva")("pause", "product_launch", "--reason", "factual", "--wait", "0")
    stand.press.step()

    shown = as_person("eva").json("pause", "--list")
    refused = as_person("ben")("unpause", "product-launch")
    goes_on = as_person("ana")("unpause", "product-launch")
    stand.press.step()

    assert (stopped.exit_code, f"Not stopped yet: {delivery}" in stopped.output) == (1, True)
    assert [(one["scope"], one["by"], one["reason"]) for one in shown["pauses"]] == [
        ("product-launch", "eva", "factual")
    ]
    assert [(one["paused"], one["sent"], one["left"]) for one in shown["deliveries"]] == [(True, 0, 7)]
    assert (refused.exit_code, "rights.own-brief" in refused.output) == (1, True)
    assert goes_on.exit_code == 0, goes_on.output
    assert len(stand.files()) == 7


def test_a_name_that_nobody_knows_is_refused_with_those_that_there_are(
    house: House, as_person: Callable[[str], CommandLine]
) -> None:
    typed = as_person("eva")("pause", "product-lunch")
    nothing = as_person("eva")("pause")

    assert (typed.exit_code, "There are:" in typed.output, "product-launch" in typed.output) == (2, True, True)
    assert (nothing.exit_code, house.scene.kinds("campaign:paused")) == (2, [])


def test_everything_is_stopped_by_one_word(stand: Stand, as_person: Callable[[str], CommandLine]) -> None:
    result = as_person("eva")("pause", "--all")

    assert result.exit_code == 0, result.output
    assert "Paused: everything." in result.output
    assert stand.scene.kinds("campaign:paused") == ["campaign:paused"]


@pytest.mark.slow
def test_a_recall_tells_what_came_of_each_message(stand: Stand, as_person: Callable[[str], CommandLine]) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    before = as_person("ana")("recall", delivery)
    refused = as_person("eva")("recall", delivery, "--reason", "factual")
    asked = as_person("ana")("recall", delivery, "--reason", "factual", "--wait", "0")
    stand.press.step()

    answer = as_person("ana").json("recall", delivery)
    table = as_person("ana")("recall", delivery)

    assert (before.exit_code, "was not recalled" in before.output) == (0, True)
    assert (refused.exit_code, asked.exit_code) == (1, 1)
    assert (answer["state"], answer["taken_back"], answer["listed"], answer["counts"]["sent"]) == ("done", 7, 0, 7)
    assert "Taken back: 7. Out, and listed: 0." in table.output
    (event,) = told(stand.scene, EventKind.RECALL_DECIDED, delivery)
    assert (event["person"], event["rule"]) == ("P-ana", "rights.recalling")


def test_a_delivery_that_there_is_none_of_is_told(as_person: Callable[[str], CommandLine]) -> None:
    shown = as_person("ana")("recall", "D-ffffffffffff")
    asked = as_person("ana")("recall", "D-ffffffffffff", "--reason", "other")

    assert (shown.exit_code, asked.exit_code) == (2, 2)


def test_the_history_tells_it_in_words(stand: Stand, as_person: Callable[[str], CommandLine]) -> None:
    from presscheck.stories.story import sentence

    delivery = stand.approve_and_request()
    as_person("eva")("pause", delivery, "--wait", "0")
    stand.press.step()
    as_person("ana")("recall", delivery, "--reason", "compliance", "--wait", "0")
    stand.press.step()

    with stand.scene.ledgers.door.read() as tx:
        said = [
            sentence(event, lambda person: person.removeprefix("P-"), partial(ending_at, tx))
            for event in tx.events()
            if event.kind.startswith(("campaign:paused", "recall:", "delivery:paused"))
        ]
    assert said == [
        f"eva as engineer paused {delivery} by rights.pausing-is-easy",
        f"delivery {delivery} stopped, because {delivery} was paused: 0 sent, 7 left",
        f"ana as brand lead recalled delivery {delivery} by rights.recalling, reason compliance",
        f"recall of {delivery} carried out: 0 taken back, 0 out and listed, 7 never sent; nothing was out",
    ]
    assert json.dumps(said).count("@") == 0


class _Away:
    def send(self, delivery: str, batch: Any) -> Any:
        raise NotNow("the mail server refuses the sender: 553 5.7.1 not yours", code="sender")

    def outcome(self, delivery: str, key: str) -> str:
        return "not-sent"


@pytest.mark.slow
def test_what_waits_for_its_way_out_is_listed_and_shown_where_people_look(
    house: House, as_person: Callable[[str], CommandLine]
) -> None:
    stand = Stand(house.scene, channels={"outbox": _Away()})
    delivery = stand.approve_and_request()
    with pytest.raises(NotNow):
        stand.press.step()

    listed = as_person("eva").json("pause", "--list")
    shown = as_person("eva")("pause", "--list")
    pages = [house.visitor("ana").get(path).text for path in ("/inbox", f"/proof/{house.scene.review.id}")]

    assert [(one["waiting"], one["paused"], one["sent"], one["left"]) for one in listed["deliveries"]] == [
        (True, False, 0, 7)
    ]
    assert f"{delivery}: It waits since 2026-03-02 09:00 UTC: the mail server refuses the sender" in shown.output
    for page in pages:
        assert f"Delivery {delivery}" in page
        assert "the mail server refuses the sender: 553 5.7.1 not yours. The next try is at" in page


@pytest.mark.slow
def test_nobody_is_tried_again_where_nobody_was_given_up(stand: Stand, as_person: Callable[[str], CommandLine]) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()

    nothing = as_person("ana")("retry", delivery)
    forbidden = as_person("eva")("retry", delivery)
    unknown = as_person("ana")("retry", "D-ffffffffffff")

    assert (nothing.exit_code, forbidden.exit_code, unknown.exit_code) == (1, 1, 2)
    assert "has nobody to be tried again: nobody was given up in it" in nothing.output
    assert stand.scene.kinds("retry:") == []
