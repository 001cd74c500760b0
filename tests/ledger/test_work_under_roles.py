"""Desk, press and people do all of their own work through roles that may do nothing else: the same tests again."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.ledger import verify
from presscheck.ledger.suppressions import suppress, suppressed_hashes
from presscheck.people.accounts import Accounts
from presscheck.people.rights import Grant
from tests.desk.scene import Scene
from tests.desk.test_answers import (
    test_a_refused_answer_is_kept_with_its_reason,
    test_an_accepted_answer_rings_for_the_flow_and_is_its_outcome,
    test_an_edit_becomes_an_asset_of_its_editor_and_goes_out_instead,
    test_an_engineer_withdraws_and_a_brand_lead_does_not,
    test_expire_due_ends_what_is_over_once,
)
from tests.ledger.filled import fill
from tests.ledger.under_roles import RoleLedgers
from tests.people.conftest import Town, _quick_argon2  # pyright: ignore[reportPrivateUsage]
from tests.people.test_enrolment import test_newer_invitation_voids_the_one_before
from tests.people.test_passkeys import (
    ana,
    passkeys,
    test_a_passkey_signs_its_person_in,
    test_enrolling_anew_ends_every_passkey_from_before,
)
from tests.people.test_sessions import test_revoking_a_person_ends_every_session, test_session_ends_when_nobody_uses_it
from tests.people.test_signing_in import test_code_works_once
from tests.press.stand import Stand
from tests.press.test_delivering import (
    test_a_channel_that_breaks_leaves_the_delivery_to_be_gone_on_with,
    test_a_right_taken_away_between_two_batches_holds_the_rest,
    test_a_stop_ends_after_the_batch_and_the_next_press_goes_on,
    test_every_recipient_gets_one_message_and_picks_are_dealt_evenly,
    test_the_flow_is_rung_for_when_the_delivery_is_over,
)
from tests.press.test_feedback import test_bounces_and_complaints_are_counted_and_suppress_on_both_databases
from tests.press.test_kills import test_there_is_one_press_at_a_time

# Tests of other rooms, which run here again with the fixtures below.
__all__ = [
    "_quick_argon2",
    "ana",
    "passkeys",
    "test_a_channel_that_breaks_leaves_the_delivery_to_be_gone_on_with",
    "test_a_passkey_signs_its_person_in",
    "test_a_refused_answer_is_kept_with_its_reason",
    "test_a_right_taken_away_between_two_batches_holds_the_rest",
    "test_a_stop_ends_after_the_batch_and_the_next_press_goes_on",
    "test_an_accepted_answer_rings_for_the_flow_and_is_its_outcome",
    "test_an_edit_becomes_an_asset_of_its_editor_and_goes_out_instead",
    "test_an_engineer_withdraws_and_a_brand_lead_does_not",
    "test_bounces_and_complaints_are_counted_and_suppress_on_both_databases",
    "test_code_works_once",
    "test_enrolling_anew_ends_every_passkey_from_before",
    "test_every_recipient_gets_one_message_and_picks_are_dealt_evenly",
    "test_expire_due_ends_what_is_over_once",
    "test_newer_invitation_voids_the_one_before",
    "test_revoking_a_person_ends_every_session",
    "test_session_ends_when_nobody_uses_it",
    "test_the_flow_is_rung_for_when_the_delivery_is_over",
    "test_there_is_one_press_at_a_time",
]


@pytest.fixture
def ledgers(role_ledgers: RoleLedgers) -> RoleLedgers:
    return role_ledgers


@pytest.fixture
def sqlite_ledgers(role_ledgers: RoleLedgers) -> RoleLedgers:
    """What those tests ask for as SQLite is PostgreSQL with roles here."""
    return role_ledgers


@pytest.fixture
def scene(role_ledgers: RoleLedgers) -> Scene:
    return Scene(role_ledgers)


@pytest.fixture
def stand(scene: Scene) -> Stand:
    return Stand(scene)


@pytest.fixture
def town(role_ledgers: RoleLedgers, home: Path, clock: Any) -> Town:
    return Town(Accounts(role_ledgers.door, home), clock)


@pytest.fixture
def lite_town(town: Town) -> Town:
    return town


@pytest.fixture
def lead() -> Grant:
    return Grant(role="brand_lead", markets=("US", "DE"))


def test_every_process_may_suppress_and_the_reader_verifies_it_all(role_ledgers: RoleLedgers) -> None:
    fill(role_ledgers.worker, role_ledgers.door)
    for at, ledger in enumerate((role_ledgers.door, role_ledgers.worker, role_ledgers.press)):
        with ledger.write() as tx:
            suppress(tx, [str(at) * 64], reason="asked")
    reader = role_ledgers.opened("reader")

    found = verify(reader)

    assert found.sound, found.fault
    assert found.heads == ("door", "worker", "press")
    with reader.read() as tx:
        assert len(suppressed_hashes(tx)) == 5
    reader.close()
