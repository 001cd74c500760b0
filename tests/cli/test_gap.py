"""`presscheck gap`: what is missing is read, and signed by its fingerprint."""

from collections.abc import Callable

import pytest

from presscheck.digests import fingerprint
from presscheck.ledger import ChainMark, EventKind
from tests.cli.conftest import CommandLine
from tests.door.house import House


def say_that_a_copy_was_put_back(house: House) -> None:
    tip = {"seq": 1, "hash": ChainMark().hash}
    body = {"tip": tip, "made_at": "2026-03-01T09:00:00.000000Z", "heads": [], "lost": None, "suppressed": 0}
    with house.scene.ledgers.press.write() as tx:
        tx.append(EventKind.LEDGER_RESTORED, "ledger", body)


def test_a_ledger_that_lacks_nothing_has_nothing_to_sign(as_person: Callable[[str], CommandLine]) -> None:
    ana = as_person("ana")

    shown, signed = ana("gap"), ana("gap", "--sign", "3fa1-09bc-77de")

    assert (shown.exit_code, signed.exit_code) == (0, 2)
    assert "lacks nothing that nobody has signed" in shown.stdout
    assert "no gap has this fingerprint now; `presscheck gap` shows it" in signed.stderr


@pytest.mark.slow
def test_what_is_missing_is_shown_and_signed_by_two_who_may(
    house: House, as_person: Callable[[str], CommandLine]
) -> None:
    say_that_a_copy_was_put_back(house)
    shown = as_person("eva").json("gap")
    short = fingerprint(shown["gap"]["digest"])

    refused = as_person("eva")("gap", "--sign", short)
    wrong = as_person("ana")("gap", "--sign", "0000-0000-0000")
    first, again = as_person("ana")("gap", "--sign", short), as_person("ana")("gap", "--sign", short)
    told = as_person("cleo")("gap").stdout
    second = as_person("cleo").json("gap", "--sign", short)

    assert (refused.exit_code, wrong.exit_code, first.exit_code, again.exit_code) == (1, 2, 0, 1)
    assert "Only an administrator or somebody who decides may sign a gap" in refused.stderr
    assert "Nothing has changed yet" in first.stdout
    assert "now another person has to sign the same" in again.stderr
    assert "nobody knows how many events lost" in told
    assert "ana has signed it; a second person does so with" in told
    assert (second["signed"], second["by"], second["confirmed_by"]) == (True, "ana", "cleo")
    assert "With a gap on record" in as_person("eva")("history", "--verify").stdout
