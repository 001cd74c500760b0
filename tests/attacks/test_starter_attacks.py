"""Whoever set a run going, by a schedule, by parameters or by a retry, does not approve what it asks.

A schedule's run begins without anybody at the door. Prefect says which deployment it came from; who had set that
deployment stands in the ledger from before Prefect heard of it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import SCHEDULES, record_found, record_setting, record_start, starters_of
from presscheck.ledger.reviews import open_review
from presscheck.models import Decision
from presscheck.people.rights import Grant, Role, record_rights, remember_person
from tests.desk.scene import RUN, Ledgers, Scene
from tests.desk.test_spot_checks import decided, enrol_director, sign, small
from tests.door.conftest import _quick_argon2, _servers, house, open_house
from tests.door.house import DEPLOYMENT, House

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "house", "open_house"]

OTHER = "99999999-2222-4333-8444-555555555555"
SCHEDULE = "77777777-2222-4333-8444-555555555555"
SECOND = "88888888-2222-4333-8444-555555555555"
PATH = f"/api/deployments/{DEPLOYMENT}"
WEEKLY = {"schedule": {"cron": "0 9 * * 1", "timezone": "UTC"}, "active": True}
PARAMETERS = {"brief": "briefs/mine.yaml"}


def holds(house: House, name: str, *roles: Role) -> None:
    """Somebody holds these roles in all markets from now on."""
    email, grants = f"{name}@brand.example", [Grant(role=role, markets="all") for role in roles]
    with house.ledger.write() as tx:
        remember_person(tx, f"P-{name}", email=email, name=name)
        record_rights(tx, EventKind.PERSON_CHANGED, f"P-{name}", grants, email=email, name=name, by="P-root")


def made_by_its_schedule(house: House, *, deployment: str | None = DEPLOYMENT, hours: float = 0, **more: Any) -> None:
    """Prefect made the run, for nobody, so many hours from now."""
    created = house.scene.ledgers.clock() + timedelta(hours=hours)
    told = {"id": RUN, "state": {"type": "PAUSED"}, "deployment_id": deployment, "created": created.isoformat(), **more}
    house.upstream.answers[f"/api/flow_runs/{RUN}"] = (200, told)


def ask(house: House, name: str, method: str, path: str, body: Any) -> int:
    return house.visitor(name).ask(method, path, json=body).status_code


def answer(house: House, name: str) -> str:
    """The code of the desk's no, or "accepted"."""
    said = house.visitor(name).post(f"/-/api/reviews/{house.scene.review.id}/decision", house.scene.raw()).json()
    return "accepted" if said["accepted"] else str(said["code"])


def ask_anew(house: House) -> None:
    """The run asks the next round."""
    scene = house.scene
    assert isinstance(scene.answer("cleo", "Request changes", reason="voice", note="Shorter."), Decision)
    scene.question = scene.question.model_copy(update={"round": 2, "previous": scene.review.id})
    with scene.ledgers.worker.write() as tx:
        scene.review = open_review(tx, scene.question, expires_at=tx.now + timedelta(days=7))


SETTINGS: dict[str, tuple[Role, str, str, Any]] = {
    "switches the schedule on": ("scheduler", "PATCH", f"{PATH}/schedules/{SCHEDULE}", {"active": True}),
    "writes the schedule anew": ("engineer", "PATCH", f"{PATH}/schedules/{SCHEDULE}", WEEKLY),
    "writes it and leaves it off": (
        "engineer", "PATCH", f"{PATH}/schedules/{SCHEDULE}", {**WEEKLY, "active": False},
    ),
    "gives the schedule parameters": (
        "engineer", "PATCH", f"{PATH}/schedules/{SCHEDULE}", {"parameters": PARAMETERS},
    ),
    "adds a schedule": ("engineer", "POST", f"{PATH}/schedules", [WEEKLY]),
    "replaces all schedules": ("engineer", "PATCH", PATH, {"schedules": [WEEKLY]}),
    "resumes the deployment": ("scheduler", "POST", f"{PATH}/resume_deployment", {}),
    "takes the deployment's pause away": ("scheduler", "PATCH", PATH, {"paused": False}),
    "changes the parameters": ("engineer", "PATCH", PATH, {"parameters": PARAMETERS}),
}  # fmt: skip


@pytest.mark.parametrize(("role", "method", "path", "body"), SETTINGS.values(), ids=SETTINGS)
def test_whoever_set_what_a_scheduled_run_began_with_may_not_approve_it(
    house: House, role: Role, method: str, path: str, body: Any
) -> None:
    holds(house, "ana", "brand_lead", role)
    asked = ask(house, "ana", method, path, body)
    house.scene.ledgers.clock.advance(hours=1)
    made_by_its_schedule(house)

    assert asked == 200
    assert answer(house, "ana") == "own-run"
    assert answer(house, "cleo") == "accepted"


def test_two_of_whom_one_wrote_it_and_the_other_switched_it_on_both_started_it(house: House) -> None:
    holds(house, "ana", "brand_lead", "engineer")
    holds(house, "cleo", "brand_lead", "scheduler")
    ask(house, "ana", "PATCH", PATH, {"parameters": PARAMETERS})
    ask(house, "cleo", "PATCH", f"{PATH}/schedules/{SCHEDULE}", {"active": True})
    made_by_its_schedule(house, hours=1)

    assert (answer(house, "ana"), answer(house, "cleo")) == ("own-run", "own-run")


def test_whoever_wrote_the_parameters_may_not_approve_what_somebody_else_starts_with_them(house: House) -> None:
    holds(house, "ana", "brand_lead", "engineer")
    ask(house, "ana", "PATCH", PATH, {"parameters": PARAMETERS})

    house.visitor("eva").post(f"{PATH}/create_flow_run", {})

    assert answer(house, "ana") == "own-run"


@pytest.mark.parametrize("before", [False, True])
def test_whoever_has_a_run_go_again_started_what_it_asks_from_then_on(house: House, before: bool) -> None:
    holds(house, "ana", "brand_lead", "engineer")
    house.upstream.state = {"type": "FAILED", "name": "Failed"}
    wanted = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}}

    retried = ask(house, "ana", "POST", f"/api/flow_runs/{RUN}/set_state", wanted)
    what_was_asked_before = answer(house, "ana") if before else ask_anew(house)

    assert retried == 201
    assert what_was_asked_before == ("accepted" if before else None)
    assert before or (answer(house, "ana"), answer(house, "cleo")) == ("own-run", "accepted")


def test_a_switch_turned_off_once_the_run_is_under_way_makes_nobody_a_stranger_to_it(house: House) -> None:
    holds(house, "ana", "brand_lead", "scheduler")
    switch = f"{PATH}/schedules/{SCHEDULE}"
    ask(house, "ana", "PATCH", switch, {"active": True})
    house.scene.ledgers.clock.advance(hours=1)
    made_by_its_schedule(house)
    house.scene.ledgers.clock.advance(minutes=1)
    ask(house, "ana", "PATCH", switch, {"active": False})

    assert answer(house, "ana") == "own-run"


def test_a_setting_that_came_to_nothing_while_the_ledger_was_away_is_not_asked_of_prefect(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from presscheck.door import deployments
    from presscheck.errors import LedgerLocked

    def locked(*_: object, **__: object) -> None:
        raise LedgerLocked("held")

    monkeypatch.setattr(deployments, "record_setting", locked)

    asked = [ask(house, "eva", method, path, body) for _, method, path, body in SETTINGS.values()]

    assert set(asked) == {503}
    assert house.upstream.calls("PATCH") == house.upstream.calls("POST") == []


@pytest.mark.parametrize("status", [404, 409, 422, 500, 503])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", PATH, {"paused": True, "tags": 5}),
        ("POST", f"{PATH}/pause_deployment", {}),
        ("PATCH", f"{PATH}/schedules/{SCHEDULE}", {"active": False}),
        ("PATCH", PATH, {"parameters": {"brief": 5}}),
    ],
)
def test_what_prefect_refused_takes_nobodys_part_from_them(
    house: House, status: int, method: str, path: str, body: Any
) -> None:
    holds(house, "ana", "brand_lead", "engineer")
    house.upstream.answers[PATH] = (200, {"id": DEPLOYMENT, "paused": True})
    ask(house, "ana", "PATCH", f"{PATH}/schedules/{SCHEDULE}", {"active": True})
    ask(house, "ana", "POST", f"{PATH}/resume_deployment", {})
    ask(house, "ana", "PATCH", PATH, {"parameters": PARAMETERS})
    house.upstream.answers = {path: (status, {"detail": "no"})}
    refused = ask(house, "eva", method, path, body)
    house.scene.ledgers.clock.advance(hours=1)
    made_by_its_schedule(house)

    assert refused >= 400
    with house.ledger.read() as tx:
        record = tx.events(EventKind.DEPLOYMENT_SET, subject=DEPLOYMENT)
    assert {event.data["person"] for event in record} == {"P-ana"}
    assert answer(house, "ana") == "own-run"


def test_who_set_it_stands_in_the_ledger_before_prefect_hears_of_it(house: House) -> None:
    for _, method, path, body in SETTINGS.values():
        house.upstream.answers[path] = (500, None) if method == "POST" else (200, {"id": DEPLOYMENT})
        ask(house, "eva", method, path, body)

    with house.ledger.read() as tx:
        told = tx.events(EventKind.DEPLOYMENT_REQUESTED, subject=DEPLOYMENT)
    assert {event.data["person"] for event in told} == {"P-eva"}
    assert len(told) == len(SETTINGS)


@pytest.mark.parametrize("told", [(404, {"detail": "not found"}), (503, None), (200, []), (200, None)])
def test_nobody_decides_about_a_run_of_which_prefect_does_not_say_where_it_comes_from(house: House, told: Any) -> None:
    house.upstream.answers[f"/api/flow_runs/{RUN}"] = told

    resumed = house.visitor("ana").post(f"/api/flow_runs/{RUN}/resume", {"run_input": house.scene.raw()}).json()

    assert answer(house, "ana") == "unknown-start"
    assert (resumed["status"], house.scene.kinds("decision:")) == ("REJECT", [])
    assert "Prefect does not say where this run comes from" in resumed["details"]["reason"]


def test_a_worker_that_says_where_a_run_comes_from_is_not_believed(house: House) -> None:
    holds(house, "ana", "brand_lead", "scheduler")
    ask(house, "ana", "PATCH", f"{PATH}/schedules/{SCHEDULE}", {"active": True})
    made_by_its_schedule(house, hours=1)
    with house.scene.ledgers.worker.write() as tx:
        record_found(tx, RUN, deployment="", created="2026-03-02T09:00:00+00:00")
        record_start(tx, RUN, person="P-eva", campaign="product-launch")

    assert answer(house, "ana") == "own-run"


def test_a_run_that_a_killed_door_made_for_another_is_theirs(house: House) -> None:
    key = house.app.state.door.starts.intend("P-cleo")
    made_by_its_schedule(house, idempotency_key=key)

    assert answer(house, "ana") == "accepted"
    with house.ledger.read() as tx:
        assert starters_of(tx, RUN) == {"P-cleo"}


def test_the_bell_finds_out_before_anybody_is_asked(house: House) -> None:
    holds(house, "ana", "brand_lead", "scheduler")
    ask(house, "ana", "PATCH", f"{PATH}/schedules/{SCHEDULE}", {"active": True})
    made_by_its_schedule(house, hours=1)

    house.ring()

    with house.ledger.read() as tx:
        asked = house.scene.desk.asked(tx, house.scene.review)
    assert "P-cleo" in asked
    assert "P-ana" not in asked


@pytest.mark.slow
def test_a_run_that_came_from_files_alone_has_no_starter_and_goes_on(house: House) -> None:
    holds(house, "ana", "brand_lead", "scheduler")
    ask(house, "ana", "PATCH", f"/api/deployments/{OTHER}/schedules/{SCHEDULE}", {"active": True})
    made_by_its_schedule(house, hours=1)

    assert answer(house, "ana") == "accepted"


@pytest.mark.parametrize(
    ("told", "went_out"),
    [((404, None), False), ((503, None), False), ((200, {"deployment_id": DEPLOYMENT}), False), ((200, {}), True)],
    ids=["no such run", "Prefect is away", "the signer's schedule", "a run of nobody's"],
)
def test_a_rule_lets_nothing_out_that_its_signer_set_going_or_may_have(
    sqlite_ledgers: Ledgers, open_house: Callable[..., House], told: Any, went_out: bool
) -> None:
    Scene(sqlite_ledgers).approve()
    enrol_director(sqlite_ledgers)
    sign(sqlite_ledgers)
    with sqlite_ledgers.door.write() as tx:
        record_setting(tx, DEPLOYMENT, person="P-mark", sets=[SCHEDULES])
    scenes = [small(sqlite_ledgers, number) for number in range(1, 6)]
    house = open_house(scene=scenes[0])
    for scene in scenes:
        house.upstream.answers[f"/api/flow_runs/{scene.run}"] = told

    house.ring()

    assert any(decided(scene) for scene in scenes) == went_out


# ---------------------------------------------------------------- by the ledger alone


Step = tuple[str, Sequence[str], Sequence[str]]
"""Who, what it sets, what it switches off."""
HELD: dict[str, tuple[list[Step], set[str]]] = {
    "nothing was set": ([], set()),
    "switched on": ([("ana", ["on"], [])], {"ana"}),
    "switched off before the run": ([("ana", ["on"], []), ("cleo", [], ["on"])], set()),
    "off, and on by another": ([("ana", ["on"], []), ("cleo", [], ["on"]), ("ben", ["on"], [])], {"ben"}),
    "two switches": ([("ana", ["on"], []), ("cleo", ["schedule 2"], [])], {"ana", "cleo"}),
    "another switch off": ([("ana", ["on"], []), ("cleo", [], ["schedule 2"])], {"ana"}),
    "written, then switched": ([("ana", ["schedules"], []), ("cleo", [], ["on"]), ("ben", ["on"], [])], {"ana", "ben"}),
    "written by two": ([("ana", ["schedules"], []), ("cleo", ["schedules"], [])], {"ana", "cleo"}),
    "parameters by two": ([("ana", ["parameters"], []), ("cleo", ["parameters"], [])], {"cleo"}),
    "all at once": ([("ana", ["on", "parameters", "schedules"], [])], {"ana"}),
}


@pytest.mark.parametrize(("steps", "starters"), HELD.values(), ids=HELD)
def test_a_scheduled_run_is_started_by_those_whose_settings_stood_when_it_was_made(
    sqlite_ledgers: Ledgers, steps: list[Step], starters: set[str]
) -> None:
    clock = sqlite_ledgers.clock
    with sqlite_ledgers.door.write() as tx:
        for who, sets, ends in steps:
            record_setting(tx, DEPLOYMENT, person=who, sets=sets, ends=ends)
    clock.advance(hours=1)
    with sqlite_ledgers.door.write() as tx:
        record_found(tx, RUN, deployment=DEPLOYMENT, created=clock().isoformat())
        assert starters_of(tx, RUN) == starters


def test_who_only_asked_to_set_something_is_a_starter_beside_those_whose_setting_stands(
    sqlite_ledgers: Ledgers,
) -> None:
    with sqlite_ledgers.door.write() as tx:
        record_setting(tx, DEPLOYMENT, person="ana", sets=["parameters"])
        record_setting(tx, DEPLOYMENT, person="cleo", sets=["parameters"], done=False)
    sqlite_ledgers.clock.advance(hours=1)
    with sqlite_ledgers.door.write() as tx:
        record_found(tx, RUN, deployment=DEPLOYMENT, created=sqlite_ledgers.clock().isoformat())

        assert starters_of(tx, RUN) == {"ana", "cleo"}


@pytest.mark.parametrize("created", ["", "yesterday", "None", "2026-03-02T08:00:00", "1970-01-01T00:00:00Z"])
def test_where_prefect_does_not_say_when_a_run_was_made_everybody_counts_who_ever_set_it(
    sqlite_ledgers: Ledgers, created: str
) -> None:
    with sqlite_ledgers.door.write() as tx:
        record_setting(tx, DEPLOYMENT, person="ana", sets=["on"])
        record_setting(tx, DEPLOYMENT, person="cleo", sets=["parameters"], ends=["on"])
        record_setting(tx, DEPLOYMENT, person="ben", sets=["parameters"])
        record_found(tx, RUN, deployment=DEPLOYMENT, created=created)

        assert starters_of(tx, RUN) == {"ana", "cleo", "ben"}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("ana", "cleo", "ben")),
        st.lists(st.sampled_from(("on", "schedule 2", "schedules", "parameters")), max_size=2, unique=True),
        st.lists(st.sampled_from(("on", "schedule 2")), max_size=1),
    ),
    max_size=8,
)


@pytest.mark.slow
@given(steps=STEPS, made=st.integers(0, 8), by_hand=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_nobody_leaves_what_they_set_going_by_anything_done_after_the_run_was_made(
    sqlite_ledgers: Ledgers, steps: list[Step], made: int, by_hand: bool
) -> None:
    door, clock = sqlite_ledgers.door, sqlite_ledgers.clock
    run, key, deployment = (str(uuid4()) for _ in range(3))
    made = min(made, len(steps))

    def happens(some: Sequence[Step]) -> None:
        for who, sets, ends in some:
            clock.advance(hours=1)
            with door.write() as tx:
                record_setting(tx, deployment, person=who, sets=sets, ends=ends)

    happens(steps[:made])
    clock.advance(hours=1)
    created = clock().isoformat()
    with door.write() as tx:
        tx.append(EventKind.RUN_REQUESTED, key, {"person": "eva"})
    happens(steps[made:])
    with door.write() as tx:
        if by_hand:
            record_start(tx, run, person="eva", campaign="", key=key, deployment=deployment)
        else:
            record_found(tx, run, deployment=deployment, created=created)
        found = starters_of(tx, run)

    assert _standing(steps[:made], by_hand) <= found
    assert found - {"eva"} <= {who for who, sets, _ in steps if sets}


def _standing(steps: Sequence[Step], by_hand: bool) -> set[str]:
    """Whose settings stand after these: each thing by whoever set it last, each writer of a schedule."""
    found = {who for who, sets, _ in steps if "schedules" in sets and not by_hand}
    for what in ("parameters",) if by_hand else ("parameters", "on", "schedule 2"):
        last = [(who, what in ends) for who, sets, ends in steps if what in sets or what in ends]
        if last and not last[-1][1]:
            found.add(last[-1][0])
    return found
