"""A copy put back: by whoever wants to send twice, to be let in again, or to have nobody look."""

import fcntl
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from presscheck.addresses import address_hash
from presscheck.cli import main
from presscheck.desk import Desk
from presscheck.desk.gaps import GapSigned
from presscheck.digests import file_digest
from presscheck.errors import InputError, LedgerForged, LedgerLocked, SettingsError
from presscheck.ledger import ChainMark, Event, EventKind, Ledger, tables
from presscheck.ledger.gaps import gap_of, heads_said
from presscheck.ledger.heads import read_heads
from presscheck.ledger.suppressions import suppress, suppressed_among
from presscheck.models import Refused
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.backups.conftest import disaster, fresh_url
from tests.backups.disaster import LATER, Disaster, back_up, settings_of, sign, verified
from tests.desk.scene import RUN, Scene
from tests.ledger.filled import tamper
from tests.press.stopping import lifted, paused

# The fixtures of the backups' tests, on SQLite alone.
__all__ = ["disaster", "fresh_url"]


@pytest.fixture
def ledgers(sqlite_ledgers: Any) -> Any:
    return sqlite_ledgers


def both_sign(ledgers: Any) -> None:
    assert [type(sign(ledgers, name)) for name in ("adi", "ana")] == [GapSigned, GapSigned]


def send_later(found: Disaster) -> list[str]:
    """A run that is begun, approved and sent after the backup; what then lies in the outbox."""
    found.begin_again(LATER)
    stand = found.stand(found.ledgers)
    stand.press.step()
    return stand.files()


def assert_nothing_more(found: Disaster, before: list[str]) -> None:
    stand = found.stand(found.ledgers)
    stand.press.step()
    assert stand.files() == before


# ---------------------------------------------------------------- who signs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("ana", "ana"), "not-second"),
        (("ana", "ana-lead"), "not-second"),
        (("adi", "root"), "not-second"),
        (("eva",), "no-right"),
        (("nobody",), "no-right"),
    ],
    ids=" and ".join,
)
def test_one_person_alone_or_two_administrators_sign_no_gap(
    disaster: Disaster, names: tuple[str, ...], code: str
) -> None:
    with disaster.ledgers.door.write() as tx:
        grants = (Grant(role="brand_lead", markets="all"),)
        email = "ana+lead@brand.example"
        remember_person(tx, "P-ana-lead", email=email, name="ana")
        record_rights(tx, EventKind.PERSON_ENROLLED, "P-ana-lead", grants, email=email, name="ana", by="P-root")
    folder = back_up(disaster.ledgers, disaster.backup.with_name("second"))
    ledgers, _ = disaster.put_back(folder=folder)

    said = [sign(ledgers, name) for name in names]

    assert isinstance(said[-1], Refused)
    assert said[-1].code == code
    assert not verified(ledgers).sound


def test_a_name_without_a_fresh_proof_counts_nothing(disaster: Disaster) -> None:
    ledgers, _ = disaster.put_back()

    said = sign(ledgers, "ana", proved=False)

    assert isinstance(said, Refused)
    assert said.code == "step-up"


def test_a_first_name_is_worth_nothing_after_three_days_or_once_its_right_is_gone(disaster: Disaster) -> None:
    ledgers, _ = disaster.put_back()
    sign(ledgers, "ana")
    with ledgers.door.write() as tx:
        record_rights(tx, EventKind.PERSON_REVOKED, "P-ana", (), email="ana@brand.example", name="ana", by="P-root")

    late = sign(ledgers, "cleo")
    ledgers.clock.advance(hours=73)
    later = sign(ledgers, "ben")

    assert [isinstance(one, GapSigned) and one.confirmed_by for one in (late, later)] == ["", ""]
    assert not verified(ledgers).sound


def test_what_was_not_shown_is_not_signed(disaster: Disaster) -> None:
    ledgers, _ = disaster.put_back()

    said = sign(ledgers, "ana", digest="a" * 64)

    assert isinstance(said, Refused)
    assert said.code == "other-gap"


@pytest.mark.parametrize("process", ["worker", "press"])
def test_a_gap_that_another_process_than_the_door_signs_counts_nothing(disaster: Disaster, process: str) -> None:
    ledgers, _ = disaster.put_back()
    before = disaster.stand(ledgers).files()
    heads = read_heads(ledgers.home / "heads", ledgers.door.keyring)
    with getattr(ledgers, process).write() as tx:
        gap = gap_of(tx, heads)
        first = tx.append(EventKind.LEDGER_GAP_PROPOSED, "ledger", {"person": "P-ana", **gap.said})
        body = {"person": "P-adi", "proposal": first.seq, **gap.said}
        tx.append(EventKind.LEDGER_GAP_SIGNED, "ledger", body)

    fault = verified(ledgers).fault

    assert fault is not None
    assert "was written by the" in fault
    assert_nothing_more(disaster, before)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [{"person": "P-ana"}, {"heads": []}, {"restored": []}, {"proposal": 1}, {"proposal": None}, {"person": ""}],
    ids=str,
)
def test_two_names_under_two_different_things_are_no_gap(disaster: Disaster, change: dict[str, Any]) -> None:
    disaster.begin_again(LATER)
    ledgers, _ = disaster.put_back()
    heads = read_heads(ledgers.home / "heads", ledgers.door.keyring)
    sign(ledgers, "ana")
    with ledgers.door.write() as tx:
        gap = gap_of(tx, heads)
        proposal = tx.events(EventKind.LEDGER_GAP_PROPOSED)[-1].seq
        body = {"person": "P-adi", "proposal": proposal, **gap.said}
        tx.append(EventKind.LEDGER_GAP_SIGNED, "ledger", {**body, **change})

    found = verified(ledgers)

    assert (found.sound, found.gaps) == (False, ())


# ---------------------------------------------------------------- hiding it


@pytest.mark.slow
def test_heads_that_were_deleted_before_hide_no_copy_that_was_put_back(disaster: Disaster) -> None:
    before = send_later(disaster)
    shutil.rmtree(disaster.ledgers.home / "heads")

    ledgers, _ = disaster.put_back()

    assert not verified(ledgers).sound
    assert_nothing_more(disaster, before)


@pytest.mark.slow
def test_heads_that_are_deleted_afterwards_hide_it_neither(disaster: Disaster) -> None:
    before = send_later(disaster)
    ledgers, _ = disaster.put_back()

    shutil.rmtree(ledgers.home / "heads")

    assert not verified(ledgers).sound
    assert_nothing_more(disaster, before)


def test_what_says_that_a_copy_was_put_back_is_missed_when_it_is_cut_off(disaster: Disaster) -> None:
    shutil.rmtree(disaster.ledgers.home / "heads")
    ledgers, restored = disaster.put_back()

    assert tamper(ledgers.door, "DELETE FROM events WHERE seq >= :last", {"last": restored.event})

    fault = verified(ledgers).fault
    assert fault is not None
    assert f"event {restored.event} is missing: the press has seen it" in fault


@pytest.mark.slow
def test_an_old_copy_is_not_believed_because_it_was_written_to_for_long_enough(disaster: Disaster) -> None:
    send_later(disaster)
    put_back_by_hand(disaster.ledgers, disaster.backup / "ledger.db")

    for number in range(60):
        with disaster.ledgers.door.write() as tx:
            tx.append(EventKind.RUN_REQUESTED, f"presscheck-{number}", {"person": "P-eva"})

    fault = verified(disaster.ledgers).fault
    assert fault is not None
    assert "an old copy was put back and written to" in fault


@pytest.mark.slow
def test_a_copy_put_back_by_hand_is_signed_the_same_way(disaster: Disaster) -> None:
    before = send_later(disaster)
    put_back_by_hand(disaster.ledgers, disaster.backup / "ledger.db")

    both_sign(disaster.ledgers)

    found = verified(disaster.ledgers)
    assert found.sound, found.fault
    assert len(found.gaps) == 1
    assert_nothing_more(disaster, before)
    assert disaster.state(disaster.delivery) == "held"


@pytest.mark.slow
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_second_old_copy_is_a_fault_again(disaster: Disaster, by_hand: bool) -> None:
    before = send_later(disaster)
    ledgers, _ = disaster.put_back()
    after_the_first = back_up_unsigned(ledgers, disaster.backup.with_name("between"))
    both_sign(ledgers)
    assert verified(ledgers).sound

    if by_hand:
        put_back_by_hand(ledgers, after_the_first)
    else:
        ledgers, _ = disaster.put_back()

    assert not verified(ledgers).sound
    assert_nothing_more(disaster, before)


@pytest.mark.slow
def test_a_copy_from_between_two_gaps_is_a_fault_although_it_holds_the_first(disaster: Disaster) -> None:
    send_later(disaster)
    ledgers, _ = disaster.put_back()
    both_sign(ledgers)
    folder = back_up(ledgers, disaster.backup.with_name("after-the-gap"))
    with ledgers.door.write() as tx:
        suppress(tx, ["9" * 64], reason="unsubscribed")

    put_back_by_hand(ledgers, folder / "ledger.db")

    fault = verified(ledgers).fault
    assert fault is not None
    assert "the door has seen it" in fault


@pytest.mark.slow
def test_a_second_restoration_names_what_is_lost_since_and_not_what_was_signed_already(disaster: Disaster) -> None:
    send_later(disaster)
    ledgers, _ = disaster.put_back()
    both_sign(ledgers)
    folder = back_up(ledgers, disaster.backup.with_name("after-the-gap"))
    with ledgers.door.write() as tx:
        seq = suppress(tx, ["9" * 64], reason="unsubscribed") and tx.tip().seq

    ledgers, restored = disaster.put_back(folder=folder)

    assert [(head.process, head.mark.seq) for head in restored.heads] == [("door", seq)]
    both_sign(ledgers)
    found = verified(ledgers)
    assert (found.sound, len(found.gaps)) == (True, 2), found.fault


# ---------------------------------------------------------------- sending twice


@pytest.mark.slow
def test_a_delivery_that_was_requested_after_the_backup_is_not_carried_out_again(disaster: Disaster) -> None:
    before = send_later(disaster)
    ledgers, _ = disaster.put_back()
    both_sign(ledgers)
    ledgers.clock.advance(hours=1)

    # The run wakes, and the ledger knows nothing of it: it begins anew, under the door's word of when it was made.
    scene, _ = disaster.begin_again(LATER, door=False)
    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_FOUND, LATER, {"deployment": "", "created": "2026-03-02T09:00:00+00:00"}, run=LATER)
    answer = scene.answer()

    assert isinstance(answer, Refused)
    assert answer.code == "before-gap"
    assert_nothing_more(disaster, before)


@pytest.mark.slow
def test_an_approval_from_before_the_gap_lets_nothing_out_after_it(disaster: Disaster) -> None:
    _, delivery = disaster.begin_again(LATER)
    folder = back_up(disaster.ledgers, disaster.backup.with_name("approved"))
    stand = disaster.stand(disaster.ledgers)
    stand.press.step()
    ledgers, _ = disaster.put_back(folder=folder)
    both_sign(ledgers)

    assert_nothing_more(disaster, stand.files())

    assert disaster.state(delivery) == "held"
    with ledgers.press.read() as tx:
        assert [event.data["code"] for event in tx.events(EventKind.DELIVERY_HELD, subject=delivery)] == ["before-gap"]


@pytest.mark.slow
@pytest.mark.parametrize("scope", ["*", "product-launch", "run", "delivery"])
@pytest.mark.parametrize("lifted_first", [True, False])
def test_a_pause_in_the_copy_keeps_nothing_open_that_was_begun_before_the_gap(
    disaster: Disaster, scope: str, lifted_first: bool
) -> None:
    scope = {"run": RUN, "delivery": disaster.delivery}.get(scope, scope)
    paused(disaster.scene, scope)
    disaster.stand(disaster.ledgers).press.step()
    assert disaster.state(disaster.delivery) == "paused"
    folder = back_up(disaster.ledgers, disaster.backup.with_name("paused"))
    lifted(disaster.scene, scope)
    stand = disaster.stand(disaster.ledgers)
    stand.press.step()
    before = stand.files()
    ledgers, _ = disaster.put_back(folder=folder)

    # A press that has looked before anybody signed holds it too, once it may.
    pressed = disaster.stand(ledgers)
    pressed.press.step()
    assert disaster.state(disaster.delivery) == "paused"
    both_sign(ledgers)
    if lifted_first:
        lifted(disaster.scene, scope)
    pressed.press.step()

    assert disaster.state(disaster.delivery) == "held"
    if not lifted_first:
        lifted(disaster.scene, scope)
    assert_nothing_more(disaster, before)
    with ledgers.press.read() as tx:
        (held,) = tx.events(EventKind.DELIVERY_HELD, subject=disaster.delivery)
    assert (held.data["code"], held.data["sent"]) == ("before-gap", 3)


@pytest.mark.slow
def test_a_question_from_before_the_gap_that_is_answered_after_it_leads_to_nothing(disaster: Disaster) -> None:
    scene = Scene(disaster.ledgers, run=LATER, people=False)
    folder = back_up(disaster.ledgers, disaster.backup.with_name("asked"))
    with disaster.ledgers.door.write() as tx:
        tx.append(EventKind.RUN_FOUND, LATER, {"deployment": "", "created": "2026-03-02T08:00:00+00:00"}, run=LATER)
    scene.request(scene.approve().manifest)
    before = disaster.stand(disaster.ledgers).files()
    ledgers, _ = disaster.put_back(folder=folder)
    both_sign(ledgers)
    ledgers.clock.advance(hours=1)
    scene.desk = Desk(ledgers.door, scene.policies)
    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_FOUND, LATER, {"deployment": "", "created": "2026-03-02T08:00:00+00:00"}, run=LATER)

    yes, no = scene.answer(), scene.answer(decision="Reject", reason="other")

    assert (yes.code, getattr(no, "kind", no)) == ("before-gap", "rejected")
    assert_nothing_more(disaster, before)


def test_a_run_of_which_nobody_knows_since_when_it_is_sends_nothing_after_a_gap(disaster: Disaster) -> None:
    ledgers, _ = disaster.put_back()
    both_sign(ledgers)
    ledgers.clock.advance(hours=1)

    _, code = disaster.begin_again(LATER, door=False)

    assert code == "before-gap"


# ---------------------------------------------------------------- who comes in again, who is written to again


def test_whoever_left_after_the_backup_stays_out_even_where_the_old_ledger_is_broken(disaster: Disaster) -> None:
    left = address_hash("person6@example.com")
    with disaster.ledgers.door.write() as tx:
        suppress(tx, [left], reason="unsubscribed")
    tamper(disaster.ledgers.door, "UPDATE events SET body = '[' WHERE seq = 3")

    ledgers, restored = disaster.put_back()

    with ledgers.press.read() as tx:
        assert suppressed_among(tx, [left]) == {left}
    assert restored.suppressed == 1


@pytest.mark.slow
def test_an_old_ledger_that_is_no_database_is_told_as_that(disaster: Disaster) -> None:
    for ledger in (disaster.ledgers.door, disaster.ledgers.worker, disaster.ledgers.press):
        ledger.close()
    for path in disaster.ledgers.home.glob("ledger.db*"):
        path.write_bytes(b"no database at all" * 500)

    _, restored = disaster.put_back()

    assert restored.lost is not None
    assert "file is not a database" in restored.lost.unknown


@pytest.mark.slow
def test_a_session_that_a_copy_still_holds_opens_nothing(disaster: Disaster) -> None:
    with disaster.ledgers.door.write() as tx:
        row = {"token_hash": "a" * 64, "person": "P-ana", "opened_at": "x", "expires_at": "x", "last_seen_at": "x"}
        tx.execute(tables.sessions.insert(), row)
    folder = back_up(disaster.ledgers, disaster.backup.with_name("signed-in"))

    ledgers, _ = disaster.put_back(folder=folder)

    with ledgers.door.read() as tx:
        assert list(tx.execute(tables.sessions.select())) == []


# ---------------------------------------------------------------- the backup itself


def alter_ledger(folder: Path) -> None:
    with (folder / "ledger.db").open("ab") as file:
        file.write(b"x")


def alter_audience(folder: Path) -> None:
    next((folder / "home" / "audiences").iterdir()).write_bytes(b"others")


def point_elsewhere(folder: Path) -> None:
    told = json.loads((folder / "backup.json").read_text())
    (folder / "planted").write_text("x")
    told["files"]["home/outbox/../../planted"] = file_digest(folder / "planted")
    (folder / "backup.json").write_text(json.dumps(told))


def swap_by_a_link(folder: Path) -> None:
    (folder / "ledger.db").rename(folder.parent / "elsewhere.db")
    (folder / "ledger.db").symlink_to(folder.parent / "elsewhere.db")


def take_away_the_ledger(folder: Path) -> None:
    told = json.loads((folder / "backup.json").read_text())
    del told["files"]["ledger.db"]
    (folder / "backup.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (alter_ledger, "is not the file that was backed up"),
        (alter_audience, "is not the file that was backed up"),
        (point_elsewhere, "lies outside of the backup"),
        (swap_by_a_link, "lies outside of the backup"),
        (take_away_the_ledger, "names no ledger.db"),
        (lambda folder: (folder / "backup.json").unlink(), "no backup, or one that was never finished"),
        (lambda folder: (folder / "backup.json").write_text("[]"), "is not what `presscheck backup` wrote"),
    ],
)
def test_an_altered_backup_is_refused_before_anything_is_touched(
    disaster: Disaster, alter: Callable[[Path], None], told: str
) -> None:
    alter(disaster.backup)
    before = verified(disaster.ledgers)

    with pytest.raises(InputError, match=told):
        disaster.put_back()

    assert verified(disaster.ledgers) == before
    assert not list(disaster.ledgers.home.glob("*restor*"))


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM events WHERE seq > 5",
        "UPDATE events SET body = '{}' WHERE seq = 2",
        "UPDATE assets SET content = '{}'",
        "INSERT INTO suppressions VALUES ('x', 'asked', '2026', 1)",
    ],
)
def test_a_ledger_altered_with_its_digest_in_a_backup_is_refused_all_the_same(disaster: Disaster, change: str) -> None:
    inside = Ledger.open(f"sqlite:///{disaster.backup / 'ledger.db'}", keyring=disaster.ledgers.door.keyring)
    assert tamper(inside, change)
    inside.close()
    told = json.loads((disaster.backup / "backup.json").read_text())
    told["files"]["ledger.db"] = file_digest(disaster.backup / "ledger.db")
    (disaster.backup / "backup.json").write_text(json.dumps(told))
    before = verified(disaster.ledgers)

    with pytest.raises(LedgerForged, match="nothing was restored"):
        disaster.put_back()

    assert verified(disaster.ledgers) == before


def test_what_somebody_laid_into_a_backup_is_put_nowhere(disaster: Disaster) -> None:
    planted = disaster.backup / "home" / "outbox" / "D-1" / "planted.eml"
    planted.parent.mkdir(parents=True)
    planted.write_text("x")

    ledgers, _ = disaster.put_back()

    assert not list(ledgers.home.rglob("planted.eml"))


def test_settings_that_somebody_laid_into_a_backup_are_put_nowhere(
    disaster: Disaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (disaster.backup / "project").mkdir(exist_ok=True)
    (disaster.backup / "project" / "presscheck.toml").write_text('home = "elsewhere"\n')
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(main, ["--project", "shop", "restore", str(disaster.backup)])

    assert done.exit_code == 2, done.output
    assert not (tmp_path / "shop" / "presscheck.toml").exists()


def test_nothing_is_put_back_under_a_service_that_runs_apart(disaster: Disaster) -> None:
    apart = Ledger.open(disaster.ledgers.url, keyring=disaster.ledgers.door.keyring)
    with apart.read() as tx:
        tip = tx.tip()

    with pytest.raises(LedgerLocked, match="somebody has this ledger open; stop it"):
        disaster.put_back()

    with apart.read() as tx:
        assert tx.tip() == tip
    apart.close()


@pytest.mark.parametrize("lock", ["up.lock", "press.lock"])
def test_nothing_is_put_back_while_something_runs(disaster: Disaster, lock: str) -> None:
    with (disaster.ledgers.home / lock).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(LedgerLocked, match="stop it, then restore"):
            disaster.put_back()


def test_a_backup_holds_no_key_and_no_secret_and_keys_do_not_lie_with_it(disaster: Disaster, tmp_path: Path) -> None:
    secrets = settings_of(disaster.ledgers).secrets
    secrets.mkdir(mode=0o700)
    (secrets / "smtp").write_text("hush-hush")
    private = [path.read_bytes() for path in disaster.ledgers.home.glob("keys/*/private.pem")]

    folder = back_up(disaster.ledgers, tmp_path / "whole", keys=tmp_path / "apart")

    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert [one for one in (*private, b"hush-hush") if one in written] == []
    assert (tmp_path / "apart" / "secrets" / "smtp").read_text() == "hush-hush"
    assert not [path for path in (tmp_path / "apart").rglob("*") if path.stat().st_mode & 0o077]
    for keys in (tmp_path / "again", tmp_path / "again" / "keys", tmp_path):
        with pytest.raises(InputError, match="--keys"):
            back_up(disaster.ledgers, tmp_path / "again", keys=keys)


def test_keys_of_another_house_are_not_put_over_those_that_are_there(disaster: Disaster, tmp_path: Path) -> None:
    back_up(disaster.ledgers, tmp_path / "whole", keys=tmp_path / "apart")

    with pytest.raises(SettingsError, match="has keys of its own"):
        disaster.put_back(keys=tmp_path / "apart")


def test_a_ledger_that_is_not_sound_gives_no_backup(disaster: Disaster, tmp_path: Path) -> None:
    tamper(disaster.ledgers.door, "UPDATE assets SET content = '{}'")

    with pytest.raises(LedgerForged, match="does not verify"):
        back_up(disaster.ledgers, tmp_path / "unsound")

    assert [path.name for path in tmp_path.iterdir() if "unsound" in path.name] == []


# ---------------------------------------------------------------- shapes


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["process", "seq", "hash", "heads", "restored"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_no_shape_of_heads_breaks_what_reads_them(heads: Any) -> None:
    body = json.dumps({"heads": heads})
    event = Event(1, "x", EventKind.LEDGER_RESTORED, "press", "", "ledger", body, "0", "0", "0")

    assert all(isinstance(head.mark, ChainMark) for head in heads_said(event))


def put_back_by_hand(ledgers: Any, copy: Path) -> None:
    for ledger in (ledgers.door, ledgers.worker, ledgers.press):
        ledger.close()
    for path in ledgers.home.glob("ledger.db-*"):
        path.unlink()
    shutil.copy(copy, ledgers.home / "ledger.db")


def back_up_unsigned(ledgers: Any, to: Path) -> Path:
    """The file as it lies there: a ledger whose gap nobody has signed gives no backup."""
    with ledgers.door.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copy(ledgers.home / "ledger.db", to))
