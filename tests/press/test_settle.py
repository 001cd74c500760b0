"""What is unknown after a crash is listed, and settled by the server's log alone; nothing of it is sent again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from presscheck.cli import main
from presscheck.errors import InputError, LedgerForged
from presscheck.ledger import EventKind, tables, verify
from presscheck.press.records import signed_counts
from presscheck.press.rows import COUNTED
from presscheck.press.settle import Settlement, settle, unknown_messages
from presscheck.press.settle_log import ServerLog, read_log
from tests.desk.scene import Ledgers
from tests.press.crashed import LOST, PEOPLE, Mailing
from tests.press.mailing import Papers, Running, mail_server, make_papers


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def losing(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Running]:
    """A server that loses one message after its final dot."""
    with mail_server(tmp_path_factory.mktemp("losing"), f"lose-after-dot={LOST}", papers=papers) as running:
        yield running


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Running]:
    """A server that takes one message and does not say so."""
    with mail_server(tmp_path_factory.mktemp("silent"), f"drop-after-dot={LOST}", papers=papers) as running:
        yield running


def _with_one_unknown(ledgers: Ledgers, running: Running) -> Mailing:
    running.forget()
    mailing = Mailing(ledgers, running)
    mailing.press(smtp := mailing.smtp()).press.step()
    smtp.hang_up()
    return mailing


@pytest.fixture
def crashed(sqlite_ledgers: Ledgers, losing: Running) -> Mailing:
    """A delivery that is done, with one message unknown, which the server has not."""
    return _with_one_unknown(sqlite_ledgers, losing)


@pytest.fixture(params=["losing", "silent"])
def either(request: pytest.FixtureRequest, sqlite_ledgers: Ledgers) -> Mailing:
    """The same, and once more with a message that the server has."""
    return _with_one_unknown(sqlite_ledgers, request.getfixturevalue(request.param))


def counts(mailing: Mailing) -> dict[str, int]:
    with mailing.ledgers.press.read() as tx:
        return signed_counts(tx, mailing.delivery, COUNTED)


def taken_by_server(mailing: Mailing) -> bool:
    return LOST in mailing.running.addresses()


@pytest.mark.slow
def test_the_server_s_log_settles_what_is_unknown_once(either: Mailing) -> None:
    log = read_log(either.running.log)
    was_taken = taken_by_server(either)

    first = settle(either.ledgers.press, either.delivery, log, whole=True)
    again = settle(either.ledgers.press, either.delivery, log, whole=True)

    assert first == (Settlement(1, 0, 0) if was_taken else Settlement(0, 1, 0))
    assert again == Settlement(0, 0, 0)
    assert counts(either) == {
        "sent": PEOPLE - 1 + was_taken, "suppressed": 0, "failed": int(not was_taken), "unknown": 0,
    }  # fmt: skip
    with either.ledgers.press.read() as tx:
        (event,) = tx.events(EventKind.DELIVERY_SETTLED, subject=either.delivery)
        assert unknown_messages(tx, either.delivery) == []
    assert event.data["log"] == log.sha256
    assert event.process == "press"
    either.assert_none_twice()
    assert verify(either.ledgers.press).sound


@pytest.mark.slow
def test_what_a_log_has_no_trace_of_stays_unknown(crashed: Mailing) -> None:
    empty = ServerLog("0" * 64, 1, {"<somebody@else.example>": "taken"})

    assert settle(crashed.ledgers.press, crashed.delivery, empty) == Settlement(0, 0, 1)
    assert counts(crashed)["unknown"] == 1


def test_a_log_that_lacks_an_acknowledged_message_is_not_whole(crashed: Mailing) -> None:
    log = read_log(crashed.running.log)
    with crashed.ledgers.press.read() as tx:
        (unknown,) = unknown_messages(tx, crashed.delivery)
    log.fates.pop(next(name for name in log.fates if name != unknown.message_id))

    with pytest.raises(InputError, match="the log is not whole: it lacks 1 of 6 messages"):
        settle(crashed.ledgers.press, crashed.delivery, log, whole=True)

    assert counts(crashed)["unknown"] == 1


def test_rows_that_somebody_altered_settle_nothing(crashed: Mailing) -> None:
    outbox = tables.outbox
    # A message that was sent is written down as the unknown one, and the unknown one as sent.
    crashed.write(update(outbox).where(outbox.c.position == 0).values(state="unknown"))
    crashed.write(update(outbox).where(outbox.c.position == 2).values(state="sent"))

    with pytest.raises(LedgerForged, match="are not as the press signed them"):
        settle(crashed.ledgers.press, crashed.delivery, read_log(crashed.running.log), whole=True)


@pytest.mark.slow
def test_a_settlement_that_the_worker_signs_counts_for_nothing(crashed: Mailing) -> None:
    settle(crashed.ledgers.worker, crashed.delivery, read_log(crashed.running.log), whole=True)

    assert counts(crashed)["unknown"] == 1


def test_an_unknown_message_is_not_sent_again_after_it_was_settled_as_not_taken(crashed: Mailing) -> None:
    settle(crashed.ledgers.press, crashed.delivery, read_log(crashed.running.log), whole=True)
    before = crashed.running.addresses()

    crashed.write(update(tables.deliveries).values(state="sending"))
    crashed.write(update(tables.outbox).values(state="pending"))
    crashed.go_on()

    assert crashed.running.addresses() == before


# ---------------------------------------------------------------- the command line


def call(mailing: Mailing, tmp_path: Path, *arguments: str) -> Any:
    project = tmp_path / "project"
    project.mkdir(exist_ok=True)
    environment = {"PRESSCHECK_PROJECT": str(project), "PRESSCHECK_HOME": str(mailing.ledgers.home)}
    return CliRunner().invoke(main, arguments, env=environment)


def test_the_command_lists_and_settles(either: Mailing, tmp_path: Path) -> None:
    was_taken = taken_by_server(either)

    listed = json.loads(call(either, tmp_path, "unknown", either.delivery, "--json").stdout)
    everywhere = json.loads(call(either, tmp_path, "unknown", "--json").stdout)
    shown = call(either, tmp_path, "unknown", either.delivery).stdout
    careful = call(either, tmp_path, "settle", either.delivery, "--log", str(either.running.log))
    settled = call(either, tmp_path, "settle", either.delivery, "--log", str(either.running.log), "--whole", "--json")
    after = call(either, tmp_path, "unknown", either.delivery).stdout

    (one,) = listed["unknown"]
    assert (one["position"], one["recipient"]) == (2, "r000002")
    assert one["delivery"] == either.delivery
    assert everywhere == listed
    assert one["message_id"] == f"<{one['key']}@brand.example>"
    assert LOST not in shown
    assert one["message_id"][1:20] in shown
    assert careful.exit_code == settled.exit_code == 0
    assert ("1 were sent, 0 were not, 0 stay" if was_taken else "If it covers the whole delivery") in careful.stdout
    assert json.loads(settled.stdout)["unknown"] == 0
    assert after == f"{either.delivery}: nothing is unknown.\n"
    assert "1 unknown message of" in call(either, tmp_path, "history").stdout


@pytest.mark.slow
def test_a_delivery_that_is_not_there_is_told(crashed: Mailing, tmp_path: Path) -> None:
    result = call(crashed, tmp_path, "unknown", "D-000000000000")

    assert result.exit_code == 2
    assert "there is no delivery D-000000000000" in result.stderr


@pytest.mark.slow
def test_a_log_that_is_none_is_told_before_the_ledger_is_touched(crashed: Mailing, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello\n")

    result = call(crashed, tmp_path, "settle", crashed.delivery, "--log", str(path))

    assert result.exit_code == 2
    assert "neither Postfix's log nor JSON lines" in result.stderr
    with crashed.ledgers.press.read() as tx:
        rows = tx.execute(select(tables.outbox.c.state).where(tables.outbox.c.position == 2)).scalars().all()
    assert rows == ["unknown"]
