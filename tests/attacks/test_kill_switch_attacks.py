"""Ways round the kill switch: each sends nothing more, lifts nothing, and takes back nothing that it should not."""

from typing import Any

import pytest
from sqlalchemy import delete, update

from presscheck.errors import LedgerError, LedgerForged
from presscheck.ledger import EventKind, tables
from presscheck.ledger.campaigns import record_start
from presscheck.ledger.pausing import Pause, pauses_of
from presscheck.models import Refused
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.press.recalling import list_path
from tests.desk.scene import Ledgers, Scene
from tests.ledger.filled import TRIGGERS
from tests.press.stand import Stand
from tests.press.stopping import interrupt, lift, lifted, paused, recall, recalled, set_pause, told


@pytest.fixture
def stand(sqlite_ledgers: Ledgers) -> Stand:
    return Stand(Scene(sqlite_ledgers))


@pytest.fixture
def waiting(stand: Stand) -> tuple[Stand, str]:
    """A delivery that the press has stopped, because an engineer paused everything."""
    delivery = stand.approve_and_request()
    paused(stand.scene)
    stand.press.step()
    return stand, delivery


def code(found: Any) -> str:
    assert isinstance(found, Refused), found
    return found.code


def enrol(scene: Scene, name: str, *grants: Grant) -> None:
    with scene.ledgers.door.write() as tx:
        email = f"{name}@brand.example"
        remember_person(tx, f"P-{name}", email=email, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")


def sql(stand: Stand, statement: Any) -> None:
    """As the database's owner, who can take its triggers away."""
    with stand.scene.ledgers.press.engine.begin() as connection:
        for trigger in TRIGGERS:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
        connection.execute(statement)


# ---------------------------------------------------------------- forged


def test_who_started_the_run_does_not_let_it_go_on_by_another_account(waiting: tuple[Stand, str]) -> None:
    stand, delivery = waiting
    scene = stand.scene
    enrol(scene, "cleo+lead", Grant(role="marketing_director", markets="all"))
    set_pause(scene, delivery)
    with scene.ledgers.door.write() as tx:
        record_start(tx, scene.run, person="P-cleo", campaign="product-launch")

    assert code(lift(scene, delivery, person="cleo+lead")) == "no-right"


def test_an_unpause_that_the_worker_signed_lifts_nothing(waiting: tuple[Stand, str]) -> None:
    stand, delivery = waiting
    with stand.scene.ledgers.worker.write() as tx:
        tx.append(EventKind.CAMPAIGN_UNPAUSED, "*", {"person": "P-ana", "role": "brand_lead", "rule": "x"})
        tx.append(EventKind.DELIVERY_RESUMED, delivery, {"paused": 1, "sent": 0, "left": 7})

    stand.press.step()

    with stand.scene.ledgers.door.read() as tx:
        assert len(pauses_of(tx, "*")) == 1
    assert stand.files() == []


def test_a_pause_cut_out_of_the_ledger_holds_the_delivery(waiting: tuple[Stand, str]) -> None:
    stand, delivery = waiting
    sql(stand, delete(tables.events).where(tables.events.c.kind == EventKind.CAMPAIGN_PAUSED.value))

    stand.press.step()

    (event,) = told(stand.scene, EventKind.DELIVERY_HELD, delivery)
    assert (event["code"], stand.files()) == ("ledger-unsound", [])


@pytest.mark.parametrize("state", ["requested", "sending"])
def test_a_row_that_says_it_goes_on_sends_nothing(waiting: tuple[Stand, str], state: str) -> None:
    stand, delivery = waiting
    sql(stand, update(tables.deliveries).where(tables.deliveries.c.id == delivery).values(state=state))

    stand.press.step()

    assert stand.files() == []


def test_a_run_that_says_it_is_another_campaign_is_paused_under_its_own_name_too(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    with stand.scene.ledgers.door.write() as tx:
        record_start(tx, stand.scene.run, person="P-eva", campaign="spring_campaign")
    sql(stand, update(tables.campaigns).values(campaign="nothing-to-see"))
    for name in ("spring-campaign", "product-launch"):
        paused(stand.scene, name)
        stand.press.step()
        waits = stand.row(delivery).state
        lifted(stand.scene, name)
        assert (waits, stand.files()) == ("paused", [])


def test_rows_altered_while_it_waits_hold_it_when_it_goes_on(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    interrupt(stand.outbox, at=6, do=lambda: paused(stand.scene))
    stand.press.step()
    sql(stand, update(tables.outbox).where(tables.outbox.c.position == 4).values(recipient="r000006"))
    lifted(stand.scene)

    stand.press.step()

    (event,) = told(stand.scene, EventKind.DELIVERY_HELD, delivery)
    assert (event["code"], len(stand.files())) == ("outbox-altered", 3)


def test_a_recall_that_the_worker_signed_takes_nothing_back(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    with stand.scene.ledgers.worker.write() as tx:
        tx.append(EventKind.RECALL_DECIDED, delivery, {"person": "P-ana", "role": "brand_lead", "reason": "factual"})

    stand.press.step()

    assert len(stand.files()) == 7
    assert told(stand.scene, EventKind.RECALL_DONE, delivery) == []


def test_a_recall_over_altered_rows_names_nobody_as_written_to(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    recalled(stand.scene, delivery)
    sql(stand, update(tables.outbox).where(tables.outbox.c.position == 4).values(state="failed"))

    with pytest.raises(LedgerForged, match="somebody wrote into it"):
        stand.press.step()

    assert told(stand.scene, EventKind.RECALL_DONE, delivery) == []


def test_a_recall_over_a_ledger_that_was_cut_is_not_carried_out(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    recalled(stand.scene, delivery)
    sql(stand, delete(tables.events).where(tables.events.c.kind == EventKind.BATCH_SENT.value))

    with pytest.raises(LedgerError, match="not sound"):
        stand.press.step()

    assert not list_path(stand.scene.ledgers.home, delivery).exists()


# ---------------------------------------------------------------- not permitted


def test_whoever_holds_no_role_or_was_revoked_stops_nothing(stand: Stand) -> None:
    enrol(stand.scene, "nobody")
    enrol(stand.scene, "prompter", Grant(role="prompt_engineer", markets="all"))
    with stand.scene.ledgers.door.write() as tx:
        email = "eva@brand.example"
        record_rights(tx, EventKind.PERSON_REVOKED, "P-eva", (), email=email, name="eva", by="P-root")

    codes = [code(set_pause(stand.scene, person=person)) for person in ("nobody", "prompter", "eva", "stranger")]

    assert codes == ["no-right", "no-right", "not-active", "not-active"]
    assert stand.scene.kinds("campaign:paused") == []


@pytest.mark.parametrize("person", ["eva", "uma", "cleo"])
def test_whoever_runs_the_machine_or_has_single_markets_does_not_let_everything_go_on(
    waiting: tuple[Stand, str], person: str
) -> None:
    stand, _ = waiting

    assert code(lift(stand.scene, person=person)) == "no-right"
    stand.press.step()
    assert stand.files() == []


def test_the_author_does_not_lift_what_another_has_stopped(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    paused(stand.scene, delivery, person="ana")
    stand.press.step()

    # Ben is a brand lead, and the brief's author.
    assert code(lift(stand.scene, delivery, person="ben")) == "no-right"
    assert code(lift(stand.scene, "*", person="ben")) == "not-paused"


def test_the_starter_does_not_lift_what_another_has_stopped(stand: Stand) -> None:
    with stand.scene.ledgers.door.write() as tx:
        record_start(tx, stand.scene.run, person="P-ana", campaign="product-launch")
    for scope in ("*", "product-launch", stand.scene.run):
        paused(stand.scene, scope)
        assert code(lift(stand.scene, scope, person="ana")) == "no-right"


def test_an_engineer_lifts_a_slip_of_their_own_and_no_brand_leads_pause(stand: Stand) -> None:
    paused(stand.scene, "product-launch")
    lifted(stand.scene, "product-launch", person="eva")
    paused(stand.scene, "product-launch")
    paused(stand.scene, "product-launch", person="ana")

    assert code(lift(stand.scene, "product-launch", person="eva")) == "no-right"


def test_an_old_proof_lets_nothing_go_on_and_recalls_nothing_that_weighs(stand: Stand) -> None:
    paused(stand.scene)

    assert code(lift(stand.scene, person="ana", proved=False)) == "step-up"
    with stand.scene.ledgers.door.read() as tx:
        assert isinstance(pauses_of(tx, "*")[0], Pause)


def test_who_may_stop_may_not_therefore_recall(stand: Stand) -> None:
    delivery = stand.approve_and_request()

    assert code(recall(stand.scene, delivery, person="eva")) == "no-right"
    assert code(recall(stand.scene, delivery, reason="because")) == "incomplete"
    assert code(recall(stand.scene, "D-ffffffffffff")) == "no-delivery"
    assert stand.scene.kinds("recall:") == []


def test_an_unpause_does_not_revive_what_was_recalled_and_nobody_recalls_twice(waiting: tuple[Stand, str]) -> None:
    stand, delivery = waiting
    recalled(stand.scene, delivery)
    recalled(stand.scene, delivery)
    lifted(stand.scene)

    stand.press.step()
    stand.press.step()

    assert stand.scene.kinds("recall:") == ["recall:decided", "recall:done"]
    assert (stand.row(delivery).state, stand.files()) == ("held", [])


def test_events_about_stopping_hold_no_names_and_no_addresses(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    interrupt(stand.outbox, at=6, do=lambda: paused(stand.scene))
    stand.press.step()
    recalled(stand.scene, delivery)
    stand.press.step()

    with stand.scene.ledgers.door.read() as tx:
        bodies = " ".join(
            event.body for event in tx.events() if event.kind.startswith(("campaign:", "recall:", "delivery:"))
        )
    assert "@" not in bodies
    assert 'eva"' not in bodies.replace("P-eva", "")
