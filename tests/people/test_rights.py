"""Rights: only administrators change them, never their own, and only the door's word counts."""

from typing import Any

import pytest
from sqlalchemy import update

from presscheck.ledger import EventKind, tables
from presscheck.models import Refused
from presscheck.people.rights import (
    Grant,
    email_digest,
    find_person,
    people_with,
    person_name,
    record_rights,
    rights_of,
)


def _rights(town: Any, person: str) -> Any:
    with town.accounts.ledger.read() as tx:
        return rights_of(tx, person)


def test_grants_of_one_role_add_up(lite_town: Any) -> None:
    ana = lite_town.join(
        "ana@example.com",
        "Ana",
        Grant(role="brand_lead", markets=("US",)),
        Grant(role="brand_lead", markets=("DE",)),
        Grant(role="legal", markets="all"),
    )

    rights = _rights(lite_town, ana.id)

    assert rights.may("brand_lead", ("US", "DE"))
    assert not rights.may("brand_lead", ("US", "FR"))
    assert rights.may("legal", ("FR",))
    assert not rights.may("scheduler", ())


def test_revoked_person_may_nothing(town: Any, lead: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)

    town.accounts.revoke(ana.id, by=town.first.id)

    rights = _rights(town, ana.id)
    assert not rights.active
    assert not rights.may("brand_lead", ("US",))
    with town.accounts.ledger.read() as tx:
        assert find_person(tx, "ana@example.com") is None
        assert people_with(tx, "brand_lead", ("US",)) == []


def test_right_that_a_worker_writes_is_believed_by_nobody(town: Any, lead: Any, ledgers: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    everything = [Grant(role="brand_lead", markets="all"), Grant(role="administrator", markets="all")]
    with ledgers.worker.write() as tx:
        record_rights(tx, EventKind.PERSON_CHANGED, ana.id, everything, email="ana@example.com", name="Ana", by="x")

    assert not _rights(town, ana.id).may("administrator", ())
    with ledgers.press.read() as tx:
        assert [rights.person for rights in people_with(tx, "administrator", ())] == [town.first.id]


def test_author_may_not_invite(lite_town: Any, lead: Any) -> None:
    ben = lite_town.join("ben@example.com", "Ben", Grant(role="author", markets="all"))

    answer = lite_town.accounts.invite(email="c@example.com", name="C", grants=[lead], by=ben.id)

    assert isinstance(answer, Refused)
    assert answer.code == "not-administrator"


@pytest.mark.parametrize("change", ["change", "revoke"])
def test_author_may_not_change_anybody(lite_town: Any, lead: Any, change: str) -> None:
    ben = lite_town.join("ben@example.com", "Ben", Grant(role="author", markets="all"))
    arguments: tuple[Any, ...] = ([lead],) if change == "change" else ()

    answer = getattr(lite_town.accounts, change)(lite_town.first.id, *arguments, by=ben.id)

    assert isinstance(answer, Refused)
    assert _rights(lite_town, lite_town.first.id).active


def test_administrator_may_not_give_themselves_a_role(lite_town: Any, lead: Any) -> None:
    ruth = lite_town.first

    changed = lite_town.accounts.change(ruth.id, [lead, Grant(role="administrator", markets="all")], by=ruth.id)
    invited = lite_town.invite(ruth.email, "Ruth", lead)

    assert isinstance(changed, Refused)
    assert isinstance(invited, Refused)
    assert _rights(lite_town, ruth.id).roles == ("administrator",)


def test_last_administrator_stays(lite_town: Any) -> None:
    answer = lite_town.accounts.revoke(lite_town.first.id, by=lite_town.first.id)

    assert isinstance(answer, Refused)
    assert answer.code == "last-administrator"


def test_changed_grants_replace_the_old_ones(town: Any, lead: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)

    town.accounts.change(ana.id, [Grant(role="author", markets=("US",))], by=town.first.id)

    assert _rights(town, ana.id).roles == ("author",)


def test_name_that_the_door_did_not_sign_is_not_shown(town: Any, lead: Any, ledgers: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    table = tables.people
    with ledgers.worker.write() as tx:
        tx.execute(update(table).where(table.c.id == ana.id).values(name="The Chief Executive"))

    with ledgers.door.read() as tx:
        assert person_name(tx, ana.id) == ana.id


def test_erased_person_can_still_be_revoked(lite_town: Any, lead: Any, sqlite_ledgers: Any) -> None:
    ana = lite_town.join("ana@example.com", "Ana", lead)
    with sqlite_ledgers.door.write() as tx:
        tx.execute(tables.people.delete().where(tables.people.c.id == ana.id))

    answer = lite_town.accounts.revoke(ana.id, by=lite_town.first.id)

    assert answer is None
    assert not _rights(lite_town, ana.id).active


def test_capitals_of_an_address_do_not_matter() -> None:
    assert email_digest("Ana@Example.com ") == email_digest("ana@example.com")
