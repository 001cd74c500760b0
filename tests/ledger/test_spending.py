"""A cap is kept whatever happens: races, kills, forged charges and prices that nobody knows."""

import threading
from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.spending import CapReached, LedgerPurse, Spent, spent_in_run
from tests.conftest import Ledgers

ASK: dict[str, Any] = {"provider": "openai", "model": "gpt-5-mini", "purpose": "draft"}


def charged(purse: LedgerPurse, request: str, cost: int | None, *, outcome: Any = "answered") -> None:
    purse.charge(request, **ASK, input_tokens=10, output_tokens=20, cost=cost, outcome=outcome)


def test_a_request_and_its_charge_stand_in_the_ledger_as_figures_without_words(ledgers: Ledgers) -> None:
    purse = LedgerPurse(ledgers.worker, "run-1")

    charged(purse, purse.reserve(**ASK, worst=500), 120)

    with ledgers.door.read() as tx:
        asked, paid = tx.events(EventKind.MODEL_ASKED, EventKind.MODEL_CHARGED, run="run-1")
    assert asked.data == {**ASK, "worst_microdollars": 500}
    assert paid.data == {
        **ASK,
        "input_tokens": 10,
        "output_tokens": 20,
        "cost_microdollars": 120,
        "outcome": "answered",
    }
    assert paid.subject == asked.subject
    assert purse.spent() == Spent(microdollars=120, requests=1, input_tokens=10, output_tokens=20)


def test_a_request_that_could_pass_the_cap_is_not_allowed_and_the_figures_are_told(sqlite_ledgers: Ledgers) -> None:
    purse = LedgerPurse(sqlite_ledgers.worker, "run-1", cap_microdollars=1_000_000)
    charged(purse, purse.reserve(**ASK, worst=900_000), 600_000)

    with pytest.raises(CapReached, match=r"cap of \$1\.00 .* \$0\.600000 is spent, .* up to \$0\.400001"):
        purse.reserve(**ASK, worst=400_001)

    purse.reserve(**ASK, worst=400_000)
    assert purse.spent().microdollars == 1_000_000


def test_a_request_whose_process_was_killed_counts_with_the_most_it_could_have_cost(sqlite_ledgers: Ledgers) -> None:
    LedgerPurse(sqlite_ledgers.worker, "run-1").reserve(**ASK, worst=700_000)

    replay = LedgerPurse(sqlite_ledgers.worker, "run-1", cap_microdollars=1_000_000)

    assert replay.spent().microdollars == 700_000
    with pytest.raises(CapReached):
        replay.reserve(**ASK, worst=300_001)


def test_one_runs_money_is_not_anothers(sqlite_ledgers: Ledgers) -> None:
    LedgerPurse(sqlite_ledgers.worker, "run-1").reserve(**ASK, worst=700_000)

    assert LedgerPurse(sqlite_ledgers.worker, "run-2").spent() == Spent()


def test_a_price_that_nobody_knows_is_refused_under_a_cap_and_counted_without_one(sqlite_ledgers: Ledgers) -> None:
    capped = LedgerPurse(sqlite_ledgers.worker, "run-1", cap_microdollars=1_000_000)
    with pytest.raises(CapReached, match="give \\[model\\] price_in"):
        capped.reserve(**ASK, worst=None)

    free = LedgerPurse(sqlite_ledgers.worker, "run-1")
    charged(free, free.reserve(**ASK, worst=None), None)

    assert free.spent() == Spent(microdollars=0, requests=1, input_tokens=10, output_tokens=20, unpriced=1)


def test_of_many_who_want_the_last_dollar_at_once_only_one_gets_it(ledgers: Ledgers) -> None:
    got: list[str] = []
    meet = threading.Barrier(6, timeout=30)

    def ask() -> None:
        purse = LedgerPurse(ledgers.worker, "run-1", cap_microdollars=1_000_000)
        meet.wait()
        try:
            got.append(purse.reserve(**ASK, worst=600_000))
        except CapReached:
            return

    racing = [threading.Thread(target=ask) for _ in range(6)]
    for one in racing:
        one.start()
    for one in racing:
        one.join(timeout=60)

    assert len(got) == 1


def test_charges_that_the_worker_did_not_sign_make_nothing_cheaper(sqlite_ledgers: Ledgers) -> None:
    purse = LedgerPurse(sqlite_ledgers.worker, "run-1")
    request = purse.reserve(**ASK, worst=700_000)

    # The press signs what it may not write, and a second charge of the worker's own comes too late.
    charged(LedgerPurse(sqlite_ledgers.press, "run-1"), request, 0)
    assert purse.spent().microdollars == 700_000
    charged(purse, request, 650_000)
    charged(purse, request, 0)

    with sqlite_ledgers.door.read() as tx:
        assert spent_in_run(tx, "run-1").microdollars == 650_000
