"""What somebody paused, recalled or brought back is told on inbox, proof, form, API and run, while it holds."""

from typing import Any

import pytest

from presscheck.desk.pausing import pause, unpause
from presscheck.desk.recalling import decide_recall
from presscheck.desk.stops import stops_of_late, stops_of_runs, stops_over
from presscheck.models import Refused
from tests.desk.scene import RUN, Scene, shipped_policies
from tests.press.stand import Stand

PAGES = ("inbox", "proof", "form", "api", "queue", "run", "runs")


def told(house: Any, person: str = "ana") -> dict[str, str]:
    """What each place shows to a person, as text."""
    visitor, review, run = house.visitor(person), house.scene.review.id, house.scene.run
    house.upstream.answers["/api/flow_runs/paginate"] = (200, {"results": [_run(run)], "count": 1})
    shown = {
        "inbox": visitor.get("/inbox"),
        "proof": visitor.get(f"/proof/{review}"),
        "form": visitor.get(f"/api/flow_runs/{run}/input/suspended-copy-description"),
        "api": visitor.get(f"/-/api/reviews/{review}"),
        "queue": visitor.get("/-/api/reviews"),
        "run": visitor.get(f"/api/flow_runs/{run}"),
        "runs": visitor.post("/api/flow_runs/paginate"),
    }
    return {name: answer.text.replace("\\\\", "").replace("\\u00b7", "·") for name, answer in shown.items()}


def _run(run: str) -> dict[str, Any]:
    return {"id": run, "state_name": "Suspended", "state": {"type": "PAUSED", "name": "Suspended", "message": None}}


def stop(scene: Scene, scope: str, person: str = "ana", reason: str = "factual") -> None:
    with scene.ledgers.door.write() as tx:
        done = pause(tx, shipped_policies, scope, person=f"P-{person}", reason=reason)
    assert not isinstance(done, Refused), done


def let_go_on(scene: Scene, scope: str, person: str = "ana") -> None:
    with scene.ledgers.door.write() as tx:
        done = unpause(tx, shipped_policies, scope, person=f"P-{person}", proved_at=tx.now)
    assert not isinstance(done, Refused), done


def recall(scene: Scene, delivery: str) -> None:
    with scene.ledgers.door.write() as tx:
        done = decide_recall(tx, shipped_policies, delivery, person="P-ana", reason="factual", proved_at=tx.now)
    assert not isinstance(done, Refused), done


@pytest.mark.slow
@pytest.mark.parametrize("scope", ["*", "product-launch", RUN])
def test_a_pause_is_told_wherever_its_question_is_shown_until_it_is_lifted(house: Any, scope: str) -> None:
    stop(house.scene, scope)

    paused = told(house)
    let_go_on(house.scene, scope)
    lifted = told(house)

    what = "Everything" if scope == "*" else scope
    words = f"{what} is paused, by ana (brand lead), reason factual, 02 Mar 2026, 09:00 UTC."
    for place in PAGES:
        assert words in paused[place], place
        assert "is paused" not in lifted[place], place
    assert "Suspended · paused" in paused["run"]
    assert "Suspended · paused" in paused["runs"]


def test_another_campaigns_pause_is_told_in_the_inbox_and_of_no_other_question(house: Any) -> None:
    with house.scene.ledgers.door.write() as tx:
        pause(tx, shipped_policies, "winter-sale", person="P-ana")

    shown = told(house)

    assert [place for place in PAGES if "winter-sale is paused" in shown[place]] == ["inbox"]


@pytest.mark.slow
def test_a_recall_is_told_on_inbox_proof_and_run_with_what_came_of_it(house: Any) -> None:
    stand = Stand(house.scene)
    delivery = stand.approve_and_request()
    stand.press.step()
    recall(house.scene, delivery)

    decided = told(house)
    stand.press.step()
    done = told(house)

    words = f"Delivery {delivery} was recalled, by ana (brand lead), reason factual, 02 Mar 2026, 09:00 UTC."
    for place in ("inbox", "proof", "api", "run", "runs"):
        assert words in decided[place], place
        assert "The press has not carried it out yet" in decided[place], place
        assert "7 taken back, 0 out and listed, 0 never sent" in done[place], place
    assert f'<a href="/proof/{house.scene.review.id}">What went out</a>' in done["inbox"]
    assert "· recalled" in done["run"]


@pytest.mark.slow
def test_whoever_answers_the_next_question_of_a_run_reads_that_its_last_delivery_was_recalled(house: Any) -> None:
    stand = Stand(house.scene)
    delivery = stand.approve_and_request()
    stand.press.step()
    recall(house.scene, delivery)
    house.scene = Scene(house.scene.ledgers, gate="copy", round=2, people=False, previous=house.scene.review.id)

    assert f"Delivery {delivery} was recalled" in told(house)["form"]


def test_a_version_brought_back_is_told_with_the_code_of_its_text(house: Any) -> None:
    scene = house.scene
    later = _next_version(scene)
    with scene.ledgers.door.write() as tx:
        from presscheck.ledger.versions import line_of, record_revert

        line = line_of(tx, later)
        record_revert(tx, line, line[0], person="P-eva", reason="voice")

    shown = told(house)

    words = "Version 1 of V01 was brought back, by eva, reason voice, 02 Mar 2026, 09:00 UTC."
    for place in set(PAGES) - {"inbox"}:
        assert words in shown[place], place
    assert words in shown["inbox"]
    assert "· version brought back" in shown["run"]


def _next_version(scene: Scene) -> str:
    """The digest of a text that somebody made of V01."""
    from presscheck.ledger.assets import put_asset
    from presscheck.models import Asset, Author
    from tests.desk.scene import draft

    asset = Asset(
        kind="copy",
        content=draft(9).model_dump(mode="json"),
        parent=scene.assets[0].digest,
        author=Author.by("P-eva"),
    )
    with scene.ledgers.door.write() as tx:
        return put_asset(tx, asset, run=scene.run)


def test_what_has_gone_out_is_not_called_paused_by_what_is_paused_afterwards(house: Any) -> None:
    stand = Stand(house.scene)
    stand.approve_and_request()
    stand.press.step()
    stop(house.scene, "product-launch")

    with house.ledger.read() as tx:
        over = stops_over(tx, house.scene.review)
        late = [stop.kind for stop in stops_of_late(tx)]

    assert (over, late) == ((), ["paused"])


def test_a_run_that_has_asked_nothing_yet_is_told_as_paused(house: Any) -> None:
    from presscheck.ledger.campaigns import open_campaign

    run = "6f0c6a52-0000-4000-8000-0000000000bb"
    with house.scene.ledgers.worker.write() as tx:
        open_campaign(tx, run, campaign="product-launch", brief=house.scene.brief_asset.digest)
    stop(house.scene, "product-launch")

    with house.ledger.read() as tx:
        assert [one.kind for one in stops_of_runs(tx, [run])[run]] == ["paused"]


def test_without_anything_stopped_a_run_passes_as_prefect_gave_it(house: Any) -> None:
    shown = told(house)

    assert '"name":"Suspended"' in shown["run"].replace(" ", "")
    assert "·" not in shown["runs"]


@pytest.mark.parametrize("answer", [(404, {"detail": "gone"}), (200, []), (200, [None, "x", {"id": RUN}]), (200, None)])
def test_whatever_prefect_answers_of_runs_passes_whole_while_something_is_paused(house: Any, answer: Any) -> None:
    stop(house.scene, "*")
    house.upstream.answers["/api/flow_runs/filter"] = answer

    passed = house.visitor("ana").post("/api/flow_runs/filter", {"limit": 5})

    assert (passed.status_code, passed.json()) == answer
    assert house.upstream.calls("POST", "/flow_runs/filter")[-1]["body"] == {"limit": 5}
