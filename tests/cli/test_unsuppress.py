"""`presscheck unsuppress`: two people say the same, each at their own machine."""

from collections.abc import Callable

from presscheck.addresses import address_hash
from presscheck.ledger.suppressions import suppress
from tests.cli.conftest import CommandLine
from tests.door.house import House

ADDRESS = "person2@example.com"


def test_two_people_say_the_same_and_each_reads_what_came_of_it(
    house: House, as_person: Callable[[str], CommandLine]
) -> None:
    house.enrol("root", "administrator")
    with house.scene.ledgers.press.write() as tx:
        suppress(tx, [address_hash(ADDRESS)], reason="bounced", found="mailbox")

    first, again = as_person("root")("unsuppress", ADDRESS), as_person("root")("unsuppress", ADDRESS)
    second = as_person("ana").json("unsuppress", ADDRESS)

    assert "Nothing has changed yet" in first.stdout
    assert (again.exit_code, "another person has to say the same" in again.stderr) == (1, True)
    assert (second["lifted"], second["by"], second["confirmed_by"]) == (True, "root", "ana")


def test_somebody_who_left_stays_out_and_the_command_says_why(
    house: House, as_person: Callable[[str], CommandLine]
) -> None:
    with house.scene.ledgers.door.write() as tx:
        suppress(tx, [address_hash(ADDRESS)], reason="unsubscribed")

    answer, unknown = as_person("ana")("unsuppress", ADDRESS), as_person("ana")("unsuppress", "nobody@example.com")

    assert (answer.exit_code, unknown.exit_code) == (1, 2)
    assert "its owner left or complained" in answer.stderr
    assert "not on the list" in unknown.stderr
