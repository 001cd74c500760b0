"""What is written stays, in order, and only what the right process signed counts."""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from presscheck.errors import LedgerError, LedgerForged, LedgerGone, SettingsError
from presscheck.ledger import EventKind, Keyring, Ledger, Signer, make_keys, timestamp, upgrade, verify
from presscheck.ledger.assets import get_asset, put_asset
from presscheck.ledger.reviews import decision_of, find_review, open_review, open_reviews, record_decision, unread_wakes
from presscheck.ledger.search import events_about
from presscheck.ledger.steps import StepKey, find_step, record_step
from presscheck.ledger.suppressions import suppress, suppressed_hashes
from tests.ledger.filled import RUN, approval, copy_asset, fill, question, tamper


@pytest.mark.parametrize("table", ["events", "decisions"])
@pytest.mark.parametrize("verb", ["UPDATE {table} SET at = 'x'", "DELETE FROM {table}"])
def test_events_and_decisions_can_be_neither_changed_nor_deleted(ledgers: Any, table: str, verb: str) -> None:
    fill(ledgers.worker, ledgers.door)

    with pytest.raises(DBAPIError, match="append-only"), ledgers.door.engine.begin() as connection:
        connection.execute(text(verb.format(table=table)))

    assert verify(ledgers.door).sound


def test_postgresql_refuses_to_truncate_events(postgres_url: str, home: Path) -> None:
    ledger = Ledger.open(postgres_url, keyring=Keyring.load(home / "keys"))

    with pytest.raises(DBAPIError, match="append-only"), ledger.engine.begin() as connection:
        connection.execute(text("TRUNCATE events"))
    ledger.close()


def test_what_is_written_together_is_kept_together_or_not_at_all(ledgers: Any) -> None:
    def stumble() -> None:
        with ledgers.worker.write() as tx:
            tx.append(EventKind.CAMPAIGN_OPENED, "x", {}, run=RUN)
            raise RuntimeError("the worker stumbled")

    with pytest.raises(RuntimeError):
        stumble()

    with ledgers.worker.read() as tx:
        assert tx.events() == []
    assert verify(ledgers.worker).events == 0


def test_an_event_that_its_process_may_not_write_is_invisible(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        tx.append(EventKind.DECISION_APPROVED, "R-1", {})

    with ledgers.press.read() as tx:
        assert tx.events(EventKind.DECISION_APPROVED) == []
        assert tx.event(1) is None


def test_a_clock_set_back_does_not_make_an_answer_older_than_its_question(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        first = tx.append(EventKind.CAMPAIGN_OPENED, "x", {})
    ledgers.clock.advance(hours=-3)

    with ledgers.door.write() as tx:
        second = tx.append(EventKind.RUN_STARTED, "x", {})

    assert second.at == first.at


def test_a_float_in_a_body_is_refused_and_nothing_is_written(ledgers: Any) -> None:
    with pytest.raises(TypeError, match="canonical"), ledgers.worker.write() as tx:
        tx.append(EventKind.CAMPAIGN_OPENED, "x", {"price": 1.5})

    assert verify(ledgers.worker).events == 0


def test_a_ledger_opened_for_reading_does_not_write(sqlite_ledgers: Any, home: Path) -> None:
    reader = Ledger.open(sqlite_ledgers.url, keyring=Keyring.load(home / "keys"))

    with pytest.raises(LedgerError, match="reading only"), reader.write():
        pass
    reader.close()


@pytest.mark.slow
@given(
    st.dictionaries(
        # PostgreSQL's text holds no NUL; canonical JSON escapes it, so a body may.
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=40),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_canonical_body_comes_back_as_it_was(sqlite_ledgers: Any, body: dict[str, Any]) -> None:
    with sqlite_ledgers.worker.write() as tx:
        written = tx.append(EventKind.AUDIENCE_FROZEN, "x", body)

    with sqlite_ledgers.press.read() as tx:
        read = tx.event(written.seq)
    assert read is not None
    assert read.data == body
    assert verify(sqlite_ledgers.press).sound


def test_the_same_question_is_the_same_review_with_its_first_times(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        asked = question(put_asset(tx, copy_asset("Quiet shoes"), run=RUN))
        first = open_review(tx, asked, expires_at=tx.now + timedelta(days=1))
    ledgers.clock.advance(hours=5)

    with ledgers.worker.write() as tx:
        again = open_review(tx, asked, expires_at=tx.now + timedelta(days=9))

    assert again == first


def test_a_decision_answers_the_review_and_rings_for_the_run(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        asked = question(put_asset(tx, copy_asset("Quiet shoes"), run=RUN))
        review = open_review(tx, asked, expires_at=tx.now + timedelta(days=1))
    with ledgers.door.write() as tx:
        record_decision(tx, approval(review), run=RUN)

    with ledgers.worker.read() as tx:
        assert decision_of(tx, review.id) == approval(review)
        assert open_reviews(tx) == []
        assert unread_wakes(tx) == [(RUN, review.id)]


def test_the_database_refuses_a_second_decision(ledgers: Any) -> None:
    review = fill(ledgers.worker, ledgers.door)

    with pytest.raises(LedgerError), ledgers.door.write() as tx:
        record_decision(tx, approval(review, person="P-2"), run=RUN)

    with ledgers.door.read() as tx:
        decision = decision_of(tx, review.id)
    assert decision is not None
    assert decision.person == "P-1"
    assert verify(ledgers.door).sound


def test_a_decision_row_without_an_event_answers_nothing(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        asset = put_asset(tx, copy_asset("Quiet shoes"), run=RUN)
        review = open_review(tx, question(asset), expires_at=tx.now + timedelta(days=1))
    tamper(
        ledgers.door,
        "INSERT INTO decisions (review, kind, event, at) VALUES (:review, 'approved', 1, 'x')",
        {"review": review.id},
    )

    with ledgers.worker.read() as tx:
        assert decision_of(tx, review.id) is None
    assert "not the one that the door signed" in str(verify(ledgers.worker).fault)


def test_an_asset_with_other_words_than_its_digest_is_refused(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        digest = put_asset(tx, copy_asset("Quiet shoes"), run=RUN)
    tamper(ledgers.worker, "UPDATE assets SET content = replace(content, 'Quiet', 'Loud')")

    with pytest.raises(LedgerForged, match=digest[:12]), ledgers.worker.read() as tx:
        get_asset(tx, digest)


def test_an_asset_that_is_not_there_is_gone_and_not_empty(ledgers: Any) -> None:
    with pytest.raises(LedgerGone, match="not in the ledger"), ledgers.worker.read() as tx:
        get_asset(tx, "0" * 64)


def test_a_step_is_recorded_once_and_read_ever_after(ledgers: Any) -> None:
    key = StepKey(run=RUN, step="draft", inputs="d" * 64)
    with ledgers.worker.write() as tx:
        record_step(tx, key, shape="drafts-1", payload=["one"])

    with pytest.raises(LedgerError), ledgers.worker.write() as tx:
        record_step(tx, key, shape="drafts-1", payload=["two"])

    with ledgers.worker.read() as tx:
        assert find_step(tx, key, shape="drafts-1") == ["one"]
        assert find_step(tx, key.model_copy(update={"round": 2}), shape="drafts-1") is None
    assert verify(ledgers.worker).sound


def test_a_step_of_another_shape_is_held_and_not_made_again(ledgers: Any) -> None:
    key = StepKey(run=RUN, step="draft", inputs="d" * 64)
    with ledgers.worker.write() as tx:
        record_step(tx, key, shape="drafts-1", payload=["one"])

    with pytest.raises(LedgerForged, match="drafts-2"), ledgers.worker.read() as tx:
        find_step(tx, key, shape="drafts-2")


def test_a_review_whose_question_was_swapped_is_refused(ledgers: Any) -> None:
    review = fill(ledgers.worker, ledgers.door)
    tamper(ledgers.worker, "UPDATE reviews SET question = replace(question, 'outbox', 'smtp')")

    with pytest.raises(LedgerForged, match=review.id), ledgers.worker.read() as tx:
        find_review(tx, review.id)


def test_suppressing_again_adds_nothing(ledgers: Any) -> None:
    with ledgers.press.write() as tx:
        assert suppress(tx, ["a" * 64, "b" * 64, "a" * 64], reason="asked") == 2

    with ledgers.door.write() as tx:
        assert suppress(tx, ["b" * 64], reason="asked") == 0

    with ledgers.press.read() as tx:
        assert suppressed_hashes(tx) == {"a" * 64, "b" * 64}
    assert verify(ledgers.press).sound


def test_searching_finds_by_the_beginning_of_run_subject_and_digest(ledgers: Any) -> None:
    review = fill(ledgers.worker, ledgers.door)

    with ledgers.door.read() as tx:
        by_review = {event.kind for event in events_about(tx, review.id[:6])}
        by_run = events_about(tx, RUN[:6])
        by_policy = {event.kind for event in events_about(tx, "aaaaaaaa")}
        by_pattern = events_about(tx, "%%%%")

    assert {"review:opened", "decision:approved", "delivery:requested"} <= by_review
    assert len(by_run) > 5
    assert by_policy == {"decision:approved"}
    assert by_pattern == []


@given(st.integers(0, 250_000_000_000), st.timezones())
def test_timestamps_are_27_characters_that_sort_as_the_moments_do(seconds: int, zone: tzinfo) -> None:
    moment = (datetime(1970, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)
    later = moment.astimezone(UTC) + timedelta(microseconds=1)

    assert len(timestamp(moment)) == 27
    assert timestamp(moment) < timestamp(later)


def test_upgrading_again_changes_nothing(database_url: str, home: Path) -> None:
    upgrade(database_url)

    ledger = Ledger.open(database_url, keyring=Keyring.load(home / "keys"), signer=Signer.load(home / "keys", "door"))
    assert verify(ledger).sound
    ledger.close()


def test_a_ledger_of_another_version_is_not_opened(sqlite_ledgers: Any, home: Path) -> None:
    tamper(sqlite_ledgers.door, "UPDATE alembic_version SET version_num = '0999'")

    with pytest.raises(LedgerGone, match="version 0999"):
        Ledger.open(sqlite_ledgers.url, keyring=Keyring.load(home / "keys"))


def test_keys_are_private_and_made_once(home: Path) -> None:
    before = {path: path.read_bytes() for path in (home / "keys").rglob("*") if path.is_file()}

    make_keys(home / "keys")

    assert {path: path.read_bytes() for path in before} == before
    assert {(path.stat().st_mode & 0o777) for path in before if path.name == "private.pem"} == {0o600}


@pytest.mark.parametrize("gone", ["trusted/door.pub", "door/private.pem"])
def test_half_a_key_pair_is_never_made_anew(home: Path, gone: str) -> None:
    (home / "keys" / gone).unlink()

    with pytest.raises(SettingsError, match="restore"):
        make_keys(home / "keys")


@pytest.mark.parametrize("spoilt", ["", "nothing", "[1.5]", "{}", "[" * 100_000, '"text"'])
def test_content_that_can_no_longer_be_read_was_altered_and_breaks_nothing_else(
    sqlite_ledgers: Any, spoilt: str
) -> None:
    review = fill(sqlite_ledgers.worker, sqlite_ledgers.door)
    for table, column in (("assets", "content"), ("reviews", "question"), ("steps", "payload")):
        tamper(sqlite_ledgers.door, f"UPDATE {table} SET {column} = :spoilt", {"spoilt": spoilt})

    with sqlite_ledgers.worker.read() as tx:
        with pytest.raises(LedgerForged, match="asset"):
            get_asset(tx, review.question.proposals[0].asset)
        with pytest.raises(LedgerForged, match="review"):
            find_review(tx, review.id)
        with pytest.raises(LedgerForged, match="step draft"):
            find_step(tx, StepKey(run=RUN, step="draft", inputs="d" * 64), shape="drafts-1")
    assert not verify(sqlite_ledgers.press).sound
