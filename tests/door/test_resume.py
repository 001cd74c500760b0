"""Resume: an application for the desk, answered in the form; Prefect never sees it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.reviews import decision_of
from presscheck.models import DecisionKind
from tests.desk.scene import RUN

RESUME = f"/api/flow_runs/{RUN}/resume"


def test_accepted_answer_is_a_decision_and_never_reaches_prefect(house: Any) -> None:
    answer = house.visitor("ana").post(RESUME, {"run_input": house.scene.raw()})

    assert answer.status_code == 200
    assert answer.json()["status"] == "ACCEPT"
    with house.ledger.read() as tx:
        decision = decision_of(tx, house.scene.review.id)
    assert decision is not None
    assert (decision.kind, decision.person) == (DecisionKind.APPROVED, "P-ana")
    assert house.upstream.calls("POST", "resume") == []


def test_author_is_told_in_the_form_why_not(house: Any) -> None:
    answer = house.visitor("ben").post(RESUME, {"run_input": house.scene.raw()})

    told = answer.json()
    assert (answer.status_code, told["status"], told["state"]) == (200, "REJECT", None)
    assert "ben wrote this brief and may not approve it" in told["details"]["reason"]
    assert "ana" in told["details"]["reason"]
    assert house.scene.kinds("decision:") == []
    assert house.upstream.calls("POST") == []


def test_form_is_shown_from_the_ledger_whatever_prefect_stored(still_house: Any) -> None:
    ana = still_house.visitor("ana")
    inputs = f"/api/flow_runs/{RUN}/input/suspended-copy-1"

    schema = ana.get(f"{inputs}-schema").json()
    description = ana.get(f"{inputs}-description").json()

    choices = schema["properties"]["picks"]["items"]["enum"]
    assert choices[0].startswith("V01 · A jacket for wet hills, draft a")
    assert schema["properties"]["form"]["default"] == still_house.scene.review.form_key
    assert schema["required"] == ["decision"]
    assert f"/proof/{still_house.scene.review.id}" in description
    assert still_house.upstream.seen == []


def test_form_of_a_run_that_asks_nothing_is_prefects_own(house: Any) -> None:
    house.scene.approve("ana")

    house.visitor("ana").get(f"/api/flow_runs/{RUN}/input/other-schema")

    assert len(house.upstream.calls("GET", "input")) == 1


@pytest.mark.parametrize(
    ("person", "more", "told"),
    [
        ("eva", {}, "may not decide this"),
        ("uma", {}, "may not decide this"),
        ("ana", {"form": "Round 9 · 0000-0000-0000"}, "This form was made for Round 9"),
        ("ana", {"picks": ["V09"]}, "is not one of the choices"),
        ("ana", {"picks": {"__prefect_kind": "jinja", "template": "{{ 7 }}"}}, "not evaluated here"),
        ("ana", {"note": {"__prefect_kind": "workspace_variable", "variable_name": "x"}}, "not evaluated here"),
        ("ana", {"note": {"$ref": {"block_document_id": RUN}}}, "blocks are not read here"),
        ("ana", {"edits": {"__prefect_kind": "json", "value": "[{"}}, "this is not JSON"),
    ],
)
def test_refused_answer_says_why(still_house: Any, person: str, more: dict[str, Any], told: str) -> None:
    answer = still_house.visitor(person).post(RESUME, {"run_input": {**still_house.scene.raw(), **more}})

    assert answer.json()["status"] == "REJECT"
    assert told in answer.json()["details"]["reason"]
    assert still_house.scene.kinds("decision:") == []
    assert still_house.upstream.calls("POST") == []


def test_template_in_a_note_stays_text(house: Any) -> None:
    raw = house.scene.raw("Request changes", reason="voice", note="Say {{ 7 * 7 }} and <b>more</b>", picks=[])

    house.visitor("ana").post(RESUME, {"run_input": raw})

    with house.ledger.read() as tx:
        outcome = house.scene.desk.outcome(tx, house.scene.review.id)
    assert outcome.note == "Say {{ 7 * 7 }} and <b>more</b>"


def test_value_typed_as_json_is_read(house: Any) -> None:
    raw = house.scene.raw(picks={"__prefect_kind": "json", "value": '["V01"]'})

    answer = house.visitor("ana").post(RESUME, {"run_input": raw})

    assert answer.json()["status"] == "ACCEPT"


def test_second_answer_is_told_who_was_first(house: Any) -> None:
    house.visitor("ana").post(RESUME, {"run_input": house.scene.raw()})

    answer = house.visitor("cleo").post(RESUME, {"run_input": house.scene.raw("Reject", reason="other")})

    assert answer.json()["status"] == "REJECT"
    assert "approved by ana (brand lead)" in answer.json()["details"]["reason"]


def test_run_that_asks_nothing_takes_no_answer(still_house: Any) -> None:
    other = "6f0c6a52-0000-4000-8000-00000000ffff"

    answer = still_house.visitor("ana").post(f"/api/flow_runs/{other}/resume", {"run_input": {}})

    assert (answer.status_code, answer.json()["status"]) == (200, "REJECT")


@pytest.mark.parametrize("body", [{}, {"run_input": None}, {"run_input": []}, {"run_input": "approve"}])
def test_resuming_with_nothing_decides_nothing(still_house: Any, body: Any) -> None:
    answer = still_house.visitor("ana").post(RESUME, body)

    assert answer.json()["status"] == "REJECT"
    assert still_house.scene.kinds("decision:") == []


def test_nobody_signed_in_answers_nothing(house: Any) -> None:
    answer = house.visitor(None).post(RESUME, {"run_input": house.scene.raw()})

    assert answer.status_code == 401
    assert house.scene.kinds("application:") == []


@pytest.mark.slow
def test_ledger_that_is_held_is_told_and_nothing_is_lost(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from presscheck.errors import LedgerLocked

    def locked(*_: object, **__: object) -> None:
        raise LedgerLocked("another process holds the ledger")

    monkeypatch.setattr(house.scene.desk, "apply", locked)

    answer = house.visitor("ana").post(RESUME, {"run_input": house.scene.raw()})

    assert answer.json()["status"] == "REJECT"
    assert "another process holds the ledger" in answer.json()["details"]["reason"]


@pytest.mark.slow
def test_eight_people_at_once_one_is_accepted(house: Any) -> None:
    visitors = [house.visitor("ana" if at % 2 else "cleo") for at in range(8)]
    forms = [house.scene.raw() if at % 2 else house.scene.raw("Reject", reason="other") for at in range(8)]

    def answer(at: int) -> Any:
        return visitors[at].post(RESUME, {"run_input": forms[at]}).json()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(answer, range(8)))

    refused = [answer["details"]["reason"] for answer in answers if answer["status"] == "REJECT"]
    assert len(refused) == 7
    assert all("ana" in reason or "cleo" in reason for reason in refused)
    assert len(house.scene.kinds("decision:")) == 1


@pytest.mark.parametrize(
    "input_given", [{"note": {"__prefect_kind": "jinja", "template": "{{ 7 }}"}}, [], "approve", {"$ref": {}}]
)
def test_form_that_cannot_be_read_is_on_record_with_whom_and_why(house: Any, input_given: Any) -> None:
    house.visitor("uma").post(RESUME, {"run_input": input_given})
    house.visitor("uma").post(f"/-/api/reviews/{house.scene.review.id}/decision", {"note": {"$ref": {}}})
    house.visitor("uma").post("/-/api/reviews/R-000000000000/decision", {"note": {"$ref": {}}})

    wanted = {"person": "P-uma", "code": "unreadable-form"}
    assert house.scene.refusals() == [wanted, wanted]
    with house.ledger.read() as tx:
        subjects = {event.subject for event in tx.events(EventKind.APPLICATION_REFUSED)}
    assert subjects == {house.scene.review.id}


def test_body_that_is_no_json_is_on_record(house: Any) -> None:
    for path in (RESUME, f"/-/api/reviews/{house.scene.review.id}/decision"):
        house.visitor("uma").ask("POST", path, content=b"{", headers={"content-type": "application/json"})

    assert [refusal["code"] for refusal in house.scene.refusals()] == ["unreadable-form"] * 2


@pytest.mark.parametrize("path", ["/-/api/enrol/begin", "/-/api/enrol"])
def test_code_that_is_no_text_is_refused_and_breaks_nothing(house: Any, path: str) -> None:
    answer = house.visitor(None).ask(
        "POST", path, content=b'{"code":"\\ud800"}', headers={"content-type": "application/json"}
    )

    assert answer.status_code == 403
