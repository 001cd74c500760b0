"""While Prefect starts: who signs in looks and answers as ever; what needs Prefect says so, and nothing is written."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import record_found
from tests.desk.scene import RUN
from tests.door.house import DEPLOYMENT, PLAIN

NOTHING_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def starting(house: Any) -> Callable[[], None]:
    """The house, with nobody behind the door yet; called, Prefect is there."""
    prefect = house.app.state.door.prefect
    there, prefect.client = prefect.client, httpx.AsyncClient(base_url=NOTHING_LISTENS, verify=PLAIN, trust_env=False)

    def is_up() -> None:
        prefect.client = there

    return is_up


def _page(house: Any, path: str = "/v2/runs") -> httpx.Response:
    return house.visitor("ana").get(path, headers={"accept": "text/html"})


def test_a_decision_made_while_prefect_starts_counts_and_wakes_its_run_once_it_is_up(
    house: Any, starting: Callable[[], None]
) -> None:
    with house.ledger.write() as tx:
        record_found(tx, RUN, deployment=DEPLOYMENT, created="2026-11-30T09:00:00+00:00")
    ana = house.visitor("ana")
    inbox, proof = ana.get("/inbox"), ana.get(f"/proof/{house.scene.review.id}")

    decided = ana.post(f"/-/api/reviews/{house.scene.review.id}/decision", house.scene.raw())
    starting()

    assert (inbox.status_code, proof.status_code) == (200, 200)
    assert decided.json()["accepted"] is True
    assert house.ring() == 1


def test_nobody_answers_for_a_run_of_which_only_prefect_knows_where_it_comes_from(
    house: Any, starting: Callable[[], None]
) -> None:
    refused = house.visitor("ana").post(f"/-/api/reviews/{house.scene.review.id}/decision", house.scene.raw())

    assert refused.status_code == 409
    assert refused.json()["code"] == "unknown-start"
    assert house.scene.kinds("decision:") == []


@pytest.mark.parametrize("path", ["/-/api/runs", f"/api/deployments/{DEPLOYMENT}/create_flow_run"])
def test_a_run_is_not_started_and_no_start_is_left_open(house: Any, starting: Callable[[], None], path: str) -> None:
    eva = house.visitor("eva")

    refused = eva.post(path, {"campaign": "product-launch", "parameters": {}})
    starting()
    started = eva.post(path, {"campaign": "product-launch", "parameters": {}})

    assert refused.status_code == 503
    assert refused.json()["error"].startswith("Prefect is still starting")
    assert refused.json()["what_to_do"].startswith("Try again in a moment")
    assert started.status_code == 201
    with house.ledger.read() as tx:
        assert len(tx.events(EventKind.RUN_REQUESTED)) == len(tx.events(EventKind.RUN_STARTED)) == 1


def test_prefects_pages_say_that_it_starts_and_ask_again_by_themselves(
    house: Any, starting: Callable[[], None]
) -> None:
    before = _page(house)
    starting()
    there = _page(house, "/v2/page")

    assert before.status_code == 503
    assert "Prefect is still starting" in before.text
    assert before.headers["refresh"] == "3"
    assert before.headers["content-type"].startswith("text/html")
    assert there.status_code == 200


def test_a_prefect_that_went_away_is_told_from_one_that_starts(house: Any) -> None:
    prefect = house.app.state.door.prefect
    _page(house, "/v2/page")
    prefect.client = httpx.AsyncClient(base_url=NOTHING_LISTENS, verify=PLAIN, trust_env=False)

    away = _page(house)

    assert away.status_code == 503
    assert "does not answer at the moment" in away.text
    assert "refresh" not in away.headers


def test_a_stranger_is_not_told_what_is_behind_the_door(house: Any, starting: Callable[[], None]) -> None:
    answer = house.visitor(None).get("/v2/runs", headers={"accept": "text/html"}, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/v2/runs"
