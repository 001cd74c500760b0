"""Ways to decide without the right to: by an old invitation, a second address, or rights that came back."""

from typing import Any

import pyarrow
import pyarrow.parquet
import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from presscheck.digests import file_digest
from presscheck.ledger import EventKind, tables
from presscheck.models import Refused
from presscheck.people import passwords
from presscheck.people.accounts import Accounts
from presscheck.people.rights import Grant, record_rights, remember_person, rights_of
from presscheck.press.channels.outbox import Outbox
from tests.desk.scene import BRIEF, Ledgers, Scene, write_audience
from tests.press.stand import Stand
from tests.second import whole_code

LEAD = (Grant(role="brand_lead", markets="all"),)


@pytest.fixture(autouse=True)
def _quick_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2id with little memory, as in tests/people."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)


def test_an_invitation_gives_nothing_back_that_was_taken_away_after_it(sqlite_ledgers: Ledgers) -> None:
    Scene(sqlite_ledgers)
    _enrol(sqlite_ledgers, "root", Grant(role="administrator", markets="all"))
    accounts = Accounts(sqlite_ledgers.door, sqlite_ledgers.home)
    invitation = accounts.invite(email="ana@brand.example", name="ana", grants=LEAD, by="P-root")
    whole = whole_code(accounts, invitation)
    start = accounts.begin(whole)
    assert not isinstance(start, Refused)
    assert accounts.change("P-ana", [Grant(role="author", markets="all")], by="P-root") is None

    code = pyotp.TOTP(start.secret).at(sqlite_ledgers.clock())
    person = accounts.enrol(whole, start.sealed, password="four unrelated odd words", code=code)

    assert isinstance(person, Refused)
    assert person.code == "unknown-code"
    with sqlite_ledgers.door.read() as tx:
        rights = rights_of(tx, "P-ana")
    assert rights is not None
    assert rights.roles == ("author",)


@pytest.mark.parametrize("author", ["ana+news@brand.example", "Ana+A+B@Brand.Example"])
def test_a_sub_address_in_the_brief_makes_nobody_another_author(sqlite_ledgers: Ledgers, author: str) -> None:
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"author": author}))

    refused = scene.answer("ana")

    assert isinstance(refused, Refused)
    assert refused.code == "own-brief"


def test_an_account_under_a_sub_address_makes_nobody_another_person(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"author": "ana@brand.example"}))
    email, grants = "ana+lead@brand.example", (Grant(role="brand_lead", markets="all"),)
    with sqlite_ledgers.door.write() as tx:
        remember_person(tx, "P-ana-lead", email=email, name="ana")
        record_rights(tx, EventKind.PERSON_ENROLLED, "P-ana-lead", grants, email=email, name="ana", by="P-root")

    refused = scene.answer("ana-lead")

    assert isinstance(refused, Refused)
    assert refused.code == "own-brief"


def test_rights_that_were_taken_away_and_given_back_do_not_revive_what_was_approved(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    delivery = stand.approve_and_request()
    with sqlite_ledgers.door.write() as tx:
        for kind, grants in ((EventKind.PERSON_REVOKED, ()), (EventKind.PERSON_ENROLLED, LEAD)):
            record_rights(tx, kind, "P-ana", grants, email="ana@brand.example", name="ana", by="P-root")

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, "was taken away" in row.reason) == ("held", True)
    assert stand.files() == []


def test_rights_that_only_grew_hold_nothing(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    delivery = stand.approve_and_request()
    grants = (*LEAD, Grant(role="legal", markets=("US",)))
    with sqlite_ledgers.door.write() as tx:
        record_rights(tx, EventKind.PERSON_CHANGED, "P-ana", grants, email="ana@brand.example", name="ana", by="P-root")

    stand.press.step()

    assert stand.row(delivery).state == "done"


def test_recipients_beyond_the_briefs_markets_are_not_written_to(sqlite_ledgers: Ledgers) -> None:
    # A brand lead for the US may approve what is for the US; the file that a worker froze says where it goes.
    brief = BRIEF.model_copy(update={"markets": ("US",)})
    stand = Stand(Scene(sqlite_ledgers, brief=brief))
    delivery = stand.approve_and_request(person="uma")

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, "recipients in DE" in row.reason) == ("held", True)
    assert stand.files() == []


def test_a_recipient_without_a_market_is_beyond_every_brief(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    table = pyarrow.parquet.read_table(scene.audience_path)
    at = table.schema.get_field_index("market")
    changed = table.set_column(at, "market", pyarrow.array([None, *table.column("market").to_pylist()[1:]]))
    path = sqlite_ledgers.home / "audiences" / "changed.parquet"
    pyarrow.parquet.write_table(changed, path)
    digest = file_digest(path)
    path.rename(path.with_name(f"{digest}.parquet"))
    stand = Stand(Scene(sqlite_ledgers, run="run-2", people=False, audience=digest))
    delivery = stand.approve_and_request()

    stand.press.step()

    assert stand.row(delivery).state == "held"


def test_the_presss_own_copy_of_the_audience_is_looked_at_for_each_batch(sqlite_ledgers: Ledgers) -> None:
    other = write_audience(sqlite_ledgers.home, 9)

    class Meddling(Outbox):
        def send(self, delivery: str, batch: Any) -> Any:
            copy = sqlite_ledgers.home / "press" / f"{delivery}.parquet"
            copy.write_bytes((sqlite_ledgers.home / "audiences" / f"{other}.parquet").read_bytes())
            return super().send(delivery, batch)

    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": Meddling(sqlite_ledgers.home / "outbox")})
    delivery = stand.approve_and_request()

    stand.press.step()

    assert stand.row(delivery).state == "held"
    assert len(stand.files()) == 3


def test_counts_are_signed_as_the_batches_said_and_not_as_rows_say(sqlite_ledgers: Ledgers) -> None:
    class Meddling(Outbox):
        def close(self, report: Any) -> str:
            engine = sqlite_ledgers.press.engine
            with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
                connection.execute(update(tables.outbox).values(state="suppressed"))
            return super().close(report)

    stand = Stand(Scene(sqlite_ledgers), channels={"outbox": Meddling(sqlite_ledgers.home / "outbox")})
    delivery = stand.approve_and_request()

    stand.press.step()

    with sqlite_ledgers.press.read() as tx:
        done = tx.events(EventKind.DELIVERY_COMPLETED, subject=delivery)[0].data
    assert (done["sent"], done["suppressed"]) == (7, 0)


def _enrol(ledgers: Ledgers, name: str, *grants: Grant) -> None:
    email = f"{name}@brand.example"
    with ledgers.door.write() as tx:
        remember_person(tx, f"P-{name}", email=email, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")
