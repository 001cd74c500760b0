"""Ways to make the press send what nobody approved: each delivers nothing, and each is on record."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from presscheck.desk import CurrentPolicies
from presscheck.digests import canonical, file_digest
from presscheck.ledger import EventKind, Ledger, Signer, make_keys, tables
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import record_decision
from presscheck.models import Asset, Author, Decision, DecisionKind, Manifest, OutcomeStatus
from presscheck.people.rights import Grant, record_rights
from presscheck.press.channels.outbox import Outbox
from tests.desk.scene import BRIEF, Ledgers, Scene, draft, policy_folder, write_audience
from tests.places import place_of
from tests.press.stand import Stand


@pytest.fixture
def stand(sqlite_ledgers: Ledgers) -> Stand:
    return Stand(Scene(sqlite_ledgers))


def test_a_request_without_any_decision_is_held(stand: Stand) -> None:
    delivery = stand.scene.request(_picked(stand.scene))

    stand.press.step()

    _assert_held(stand, delivery, "no-decision", "no decision that the door signed")


def test_a_request_after_a_rejection_is_held(stand: Stand) -> None:
    stand.scene.answer(decision="Reject", reason="voice")
    delivery = stand.scene.request(_picked(stand.scene))

    stand.press.step()

    _assert_held(stand, delivery, "not-approved", "ended as rejected")


def test_a_decision_written_by_the_worker_is_believed_by_nobody(stand: Stand) -> None:
    manifest = _picked(stand.scene)
    with stand.scene.ledgers.worker.write() as tx:
        record_decision(tx, _decision(stand.scene, manifest), run=stand.scene.run)
    delivery = stand.scene.request(manifest)

    stand.press.step()

    _assert_held(stand, delivery, "ledger-unsound", "written by the worker")
    with stand.scene.ledgers.worker.read() as tx:
        assert stand.scene.desk.outcome(tx, stand.scene.review.id).status is OutcomeStatus.OPEN


def test_a_decision_signed_with_another_key_is_believed_by_nobody(stand: Stand, tmp_path: Path) -> None:
    make_keys(tmp_path / "forger")
    forger = Ledger.open(
        stand.scene.ledgers.door.url,
        keyring=stand.scene.ledgers.door.keyring,
        signer=Signer.load(tmp_path / "forger", "door"),
        clock=stand.scene.ledgers.clock,
    )
    manifest = _picked(stand.scene)
    with forger.write() as tx:
        record_decision(tx, _decision(stand.scene, manifest), run=stand.scene.run)
    forger.close()
    delivery = stand.scene.request(manifest)

    stand.press.step()

    _assert_held(stand, delivery, "ledger-unsound", "not signed with the door's key")


def test_a_decision_planted_as_a_row_alone_opens_nothing_and_keeps_nobody_out(stand: Stand) -> None:
    manifest = _picked(stand.scene)
    row = {"review": stand.scene.review.id, "kind": "approved", "event": 1, "at": "2026-03-02T09:00:00.000000Z"}
    _sql(stand, insert(tables.decisions).values(row))
    delivery = stand.scene.request(manifest)

    stand.press.step()

    _assert_held(stand, delivery, "no-decision", "no decision")
    assert stand.scene.approve().kind is DecisionKind.APPROVED


def test_one_byte_changed_in_a_pick_holds(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    asset = stand.scene.assets[1]
    text = canonical(asset.content).decode().replace("rain out", "rain 0ut")
    _sql(stand, update(tables.assets).where(tables.assets.c.digest == asset.digest).values(content=text))

    stand.press.step()

    _assert_held(stand, delivery, "forged", "not the one that was proposed")


def test_another_brief_under_the_same_digest_holds(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    content = {**stand.scene.brief_asset.content, "product": None}
    content["brief"] = {**content["brief"], "author": "someone@brand.example"}
    table = tables.assets
    where = table.c.digest == stand.scene.brief_asset.digest
    _sql(stand, update(table).where(where).values(content=canonical(content).decode()))

    stand.press.step()

    _assert_held(stand, delivery, "forged", "brief cannot be believed")


def test_a_row_added_to_the_audience_holds(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    larger = write_audience(stand.scene.ledgers.home, 8)
    (stand.scene.ledgers.home / "audiences" / f"{larger}.parquet").replace(stand.scene.audience_path)

    stand.press.step()

    _assert_held(stand, delivery, "audience-changed", "changed after it was frozen")


def test_an_audience_that_is_gone_holds(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.scene.audience_path.unlink()

    stand.press.step()

    _assert_held(stand, delivery, "audience-changed", "cannot be read")


def test_fewer_rows_than_were_asked_about_hold(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers, recipients=7, audience_rows=9))
    delivery = stand.approve_and_request()

    stand.press.step()

    _assert_held(stand, delivery, "audience-changed", "7 rows and 9 were approved")


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("address", "jo@brand.example", "jo@brand.example"),
        ("address", "jo@brand.example", "jo@BRAND.example"),
        ("address", "Jo@brand.example", "jO@brand.example"),
        ("address", "jo@xn--bcher-kva.example", "jo@XN--Bcher-kva.example"),
        ("id", "r1", "r1"),
    ],
)
def test_nobody_is_written_to_twice_whatever_was_frozen(
    sqlite_ledgers: Ledgers, column: str, first: str, second: str
) -> None:
    digest = _doubled(sqlite_ledgers.home, column, first, second)
    stand = Stand(Scene(sqlite_ledgers, recipients=7, audience=digest))
    delivery = stand.approve_and_request()

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, stand.files()) == ("held", [])
    assert f"two of its rows have one {column}" in row.reason


@pytest.mark.slow
@pytest.mark.parametrize("column", ["id", "address", "market", "consented_at", "attributes"])
@pytest.mark.parametrize(
    "values",
    [[n + 0.5 for n in range(7)], [None] * 7, [b"\xff%d" % n for n in range(7)], [{"a": 1}] * 7, [["x"]] * 7],
    ids=["numbers", "nothing", "bytes", "records", "lists"],
)
def test_an_audience_of_another_shape_holds_its_delivery_and_no_other(
    sqlite_ledgers: Ledgers, column: str, values: list[Any]
) -> None:
    digest = _frozen_with(sqlite_ledgers.home, column, lambda _: values)
    stand = Stand(Scene(sqlite_ledgers, recipients=7, audience=digest))
    delivery = stand.approve_and_request()
    sound = Stand(Scene(sqlite_ledgers, run="6f0c6a52-0000-4000-8000-000000000002", people=False))
    other = sound.approve_and_request()

    stand.press.step()

    assert (stand.row(delivery).state, stand.row(other).state) == ("held", "done")


def _doubled(home: Path, column: str, first: str, second: str) -> str:
    """A frozen audience in which the first and the last row have one `column`; its digest."""
    return _frozen_with(home, column, lambda values: [first, *values[1:-1], second])


def _frozen_with(home: Path, column: str, change: Callable[[list[Any]], list[Any]]) -> str:
    """A frozen audience of seven in which one column is another; its digest."""
    import pyarrow
    import pyarrow.parquet

    path = home / "audiences" / f"{write_audience(home, 7)}.parquet"
    rows: Any = pyarrow.parquet.read_table(path)
    values = change(rows.column(column).to_pylist())
    rows = rows.set_column(rows.schema.get_field_index(column), column, pyarrow.array(values))
    pyarrow.parquet.write_table(rows, path)
    digest = file_digest(path)
    path.rename(path.with_name(f"{digest}.parquet"))
    return digest


@pytest.mark.slow
@pytest.mark.parametrize("change", ["edited", "removed", "added", "approval edited"])
def test_an_evaluated_policy_that_changes_after_the_approval_holds(
    sqlite_ledgers: Ledgers, tmp_path: Path, change: str
) -> None:
    folder = policy_folder(tmp_path)
    stand = Stand(Scene(sqlite_ledgers, policies=CurrentPolicies(folder)))
    delivery = stand.approve_and_request()
    shouting = folder / place_of("no-shouting")
    approval = folder / "approvals" / "campaign-copy.yaml"
    said = {"edited": "brand.no-shouting was changed", "removed": "brand.no-shouting was removed"}
    if change == "edited":
        shouting.write_text(
            shouting.read_text().replace("level: ", "owner: somebody else\nlevel: ", 1).replace("owner: brand\n", "", 1)
        )
    elif change == "removed":
        shouting.unlink()
    elif change == "added":
        text = shouting.read_text().replace("id: brand.no-shouting", "id: brand.no-loudness")
        shouting.with_name("no-loudness.yaml").write_text(text)
    else:
        approval.write_text(approval.read_text().replace("expires_after: 7d", "expires_after: 8d"))

    stand.press.step()

    expected = said.get(change, "brand.no-loudness was added" if change == "added" else "campaign-copy was changed")
    _assert_held(stand, delivery, "policies-changed", expected)


@pytest.mark.slow
def test_policies_that_no_longer_load_hold(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    folder = policy_folder(tmp_path)
    stand = Stand(Scene(sqlite_ledgers, policies=CurrentPolicies(folder)))
    delivery = stand.approve_and_request()
    (folder / place_of("no-shouting")).write_text("id: [\n")

    stand.press.step()

    _assert_held(stand, delivery, "policies-broken", "do not load")


@pytest.mark.parametrize("grants", [(), (Grant(role="brand_lead", markets=("US",)),)])
def test_a_decider_who_lost_the_right_holds(stand: Stand, grants: tuple[Grant, ...]) -> None:
    delivery = stand.approve_and_request()
    kind = EventKind.PERSON_CHANGED if grants else EventKind.PERSON_REVOKED
    with stand.scene.ledgers.door.write() as tx:
        record_rights(tx, kind, "P-ana", grants, email="ana@brand.example", name="ana", by="P-root")

    stand.press.step()

    _assert_held(stand, delivery, "rights-gone", "may not any more")


def test_rights_that_a_worker_gave_itself_are_none(stand: Stand) -> None:
    with stand.scene.ledgers.worker.write() as tx:
        grants = [Grant(role="brand_lead", markets="all")]
        email = "mal@brand.example"
        record_rights(tx, EventKind.PERSON_ENROLLED, "P-mal", grants, email=email, name="mal", by="P-mal")

    refused = stand.scene.answer("mal")

    assert not isinstance(refused, Decision)
    assert refused.code == "not-active"


@pytest.mark.parametrize(
    "changed",
    [
        {"via": "smtp"},
        {"sender": BRIEF.sender.model_copy(update={"address": "news@evil.example"})},
        {"audience_rows": 6},
        {"dealing": {"kind": "stable-hash", "salt": "other"}},
        {"policies": {}},
    ],
)
def test_a_manifest_with_anything_else_in_it_is_another_manifest(stand: Stand, changed: dict[str, Any]) -> None:
    decision = stand.scene.approve()
    assert decision.manifest is not None
    manifest = Manifest.model_validate({**decision.manifest.model_dump(), **changed})
    stand.press.channels = {"outbox": stand.outbox, "smtp": stand.outbox}

    delivery = stand.scene.request(manifest)
    stand.press.step()

    _assert_held(stand, delivery, "other-manifest", next(iter(changed)))


def test_other_picks_than_those_approved_hold(stand: Stand) -> None:
    decision = stand.scene.approve(picks=["V01"])
    assert decision.manifest is not None
    manifest = decision.manifest.model_copy(update={"assets": (stand.scene.assets[1].digest,)})

    delivery = stand.scene.request(manifest)
    stand.press.step()

    _assert_held(stand, delivery, "other-manifest", "assets")


def test_an_approval_of_the_round_before_is_none_for_this_one(sqlite_ledgers: Ledgers) -> None:
    first = Scene(sqlite_ledgers)
    approved = first.approve().manifest
    second = Scene(sqlite_ledgers, round=2, drafts=[draft(7), draft(8)], people=False)
    assert approved is not None
    stand = Stand(second)

    delivery = second.request(approved)
    stand.press.step()

    _assert_held(stand, delivery, "no-decision", "no decision")


def test_a_text_that_the_door_signed_for_nobody_is_not_asked(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    smuggled = Asset(
        kind="copy", content=draft(9).model_dump(mode="json"), parent=scene.assets[0].digest, author=Author.by("P-ana")
    )
    manifest = scene.question.manifest((smuggled.digest,))
    with sqlite_ledgers.door.write() as tx:
        # Even with a decision that the door did sign, a text is traced back to the choices.
        record_decision(tx, _decision(scene, manifest), run=scene.run)
    with sqlite_ledgers.worker.write() as tx:
        put_asset(tx, smuggled.model_copy(update={"author": Author.machine("x", "y", "z", "1")}), run=scene.run)
    stand = Stand(scene)

    delivery = scene.request(manifest)
    stand.press.step()

    _assert_held(stand, delivery, "not-asked", "neither proposed nor edited")


def test_a_pick_that_guardrails_block_does_not_go_out_however_it_was_approved(sqlite_ledgers: Ledgers) -> None:
    bad = draft(0, body="It is the best jacket in the world, 97% of all hikers say so, and it costs $1. Really now.")
    scene = Scene(sqlite_ledgers, drafts=[bad])
    manifest = scene.question.manifest((scene.assets[0].digest,))
    with sqlite_ledgers.door.write() as tx:
        record_decision(tx, _decision(scene, manifest), run=scene.run)
    stand = Stand(scene)

    delivery = scene.request(manifest)
    stand.press.step()

    _assert_held(stand, delivery, "guardrail", "may not go out")


def test_an_approval_does_not_outlive_the_deadline_or_a_claim(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.scene.ledgers.clock.advance(days=14)

    stand.press.step()

    assert BRIEF.claims[0].expires == date(2026, 3, 15)
    _assert_held(stand, delivery, "claim-expired", "was good until 2026-03-15")


def test_a_cancelled_run_is_not_delivered(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    with stand.scene.ledgers.door.write() as tx:
        tx.append(EventKind.RUN_CANCELLED, stand.scene.run, {"person": "P-eva"}, run=stand.scene.run)

    stand.press.step()

    _assert_held(stand, delivery, "cancelled", "cancelled")


def test_a_delivery_put_back_after_it_was_done_sends_nothing_again(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stand.press.step()
    before = {path: path.stat().st_mtime_ns for path in stand.outbox.folder.rglob("*.eml")}
    _sql(stand, update(tables.deliveries).where(tables.deliveries.c.id == delivery).values(state="requested"))
    _sql(stand, tables.outbox.delete())

    stand.press.step()

    assert {path: path.stat().st_mtime_ns for path in stand.outbox.folder.rglob("*.eml")} == before
    assert stand.row(delivery).state == "done"
    assert stand.scene.kinds("permit:") == ["permit:issued", "permit:spent", "permit:refused"]
    assert stand.scene.kinds("batch:") == ["batch:sent"] * 3


def test_batches_taken_out_of_the_outbox_table_are_not_sent_again(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    stopped = Stand(stand.scene, stopping=_after(2))
    stopped.press.step()
    _sql(stand, tables.outbox.delete())
    sent = stand.files()

    counting = _Counting(stand.outbox)
    stand.press.channels = {"outbox": counting}  # type: ignore[dict-item]
    stand.press.step()

    assert len(sent) == 3
    assert counting.handed == 4
    assert len(stand.files()) == 7
    assert stand.row(delivery).state == "done"


def test_another_recipient_written_into_the_outbox_table_holds(stand: Stand) -> None:
    delivery = stand.approve_and_request()
    row = {"delivery": delivery, "position": 0, "key": "0" * 64, "recipient": "me@evil.example"}
    more = {"asset": stand.scene.assets[0].digest, "state": "pending", "at": "2026-03-02T09:00:00.000000Z"}
    _sql(stand, insert(tables.outbox).values({**row, **more}))

    stand.press.step()

    _assert_held(stand, delivery, "outbox-altered", "not the one that was planned")


def test_a_delivery_planted_as_a_row_is_held(stand: Stand) -> None:
    manifest = _picked(stand.scene)
    row = {
        "id": "D-000000000000",
        "run": stand.scene.run,
        "review": stand.scene.review.id,
        "manifest": json.dumps(manifest.model_dump(mode="json")),
        "state": "requested",
        "requested_at": "2026-03-02T09:00:00.000000Z",
    }
    _sql(stand, insert(tables.deliveries).values(row))

    stand.press.step()

    _assert_held(stand, "D-000000000000", "forged", "did not request this")


@pytest.mark.parametrize("restarted", [False, True])
def test_an_old_copy_of_the_ledger_put_back_holds_everything(stand: Stand, restarted: bool) -> None:
    stand.approve_and_request()
    stand.press.step()
    sent = stand.files()
    _sql(stand, _drop_triggers(stand))
    _sql(stand, tables.events.delete().where(tables.events.c.seq >= _tip(stand) - 1))
    second = Scene(stand.scene.ledgers, run="run-2", people=False)
    delivery = second.request(second.question.manifest((second.assets[0].digest,)))

    (Stand(second) if restarted else stand).press.step()

    assert stand.row(delivery).state == "held"
    assert "not sound" in stand.row(delivery).reason
    assert stand.files() == sent


# ---------------------------------------------------------------- within


def _assert_held(stand: Stand, delivery: str, code: str, said: str) -> None:
    """Nothing went out, the row says why in words, the events say it by code, and the flow is rung for."""
    row = stand.row(delivery)
    assert row.state == "held", row.reason
    assert said in row.reason
    assert stand.files() == []
    with stand.scene.ledgers.door.read() as tx:
        held = tx.events(EventKind.DELIVERY_HELD, subject=delivery)
        refused = tx.events(EventKind.PERMIT_REFUSED, subject=delivery)
        assert tx.events(EventKind.BATCH_SENT, subject=delivery) == []
    assert [event.data["code"] for event in held] == [code]
    assert code == "outbox-altered" or [event.data["code"] for event in refused] == [code]


def _picked(scene: Scene) -> Manifest:
    return scene.question.manifest(tuple(asset.digest for asset in scene.assets[:2]))


def _decision(scene: Scene, manifest: Manifest) -> Decision:
    rule = next(model for model in scene.policies().approvals if model.id == "approvals.campaign-copy")
    return Decision(
        review=scene.review.id,
        question=scene.question.digest,
        kind=DecisionKind.APPROVED,
        person="P-ana",
        role="brand_lead",
        rule=rule.id,
        rule_version=rule.version,
        stage="approval",
        asked_at="2026-03-02T09:00:00.000000Z",
        answered_at="2026-03-02T09:00:00.000000Z",
        manifest=manifest,
    )


def _sql(stand: Stand, statement: Any) -> None:
    """What somebody with the database's password can do."""
    engine = stand.scene.ledgers.press.engine
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        for one in statement if isinstance(statement, list) else [statement]:
            connection.exec_driver_sql(one) if isinstance(one, str) else connection.execute(one)


def _drop_triggers(stand: Stand) -> list[str]:
    with stand.scene.ledgers.press.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    return [f"DROP TRIGGER {name}" for name in names]


def _tip(stand: Stand) -> int:
    with stand.scene.ledgers.press.read() as tx:
        return tx.tip().seq


def _after(asked: int) -> Any:
    """True from the given question on: stops a press between two batches."""
    times: list[int] = []

    def stopping() -> bool:
        times.append(1)
        return len(times) > asked

    return stopping


class _Counting:
    """The outbox, counting what it is handed."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.handed = 0
        self.outcome = outbox.outcome
        self.close = outbox.close

    def send(self, delivery: str, batch: Any) -> Any:
        self.handed += len(batch)
        return self._outbox.send(delivery, batch)
