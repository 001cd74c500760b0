"""A mail server that refuses, and rows of those whom it put off: nobody is burned, and nobody gets anything twice.

What the server says of us is in tests/press/test_patience.py, a table of real ones; here is what a crash leaves
of the queue of those put off, and what somebody makes of it who can write into the database or the press's folder.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update

from presscheck.ledger import EventKind, tables
from presscheck.ledger.deliveries import messages
from presscheck.press.channels.smtp import Smtp
from tests.desk.scene import Ledgers
from tests.press.crashed import Killed
from tests.press.mailing import Papers, Running, mail_server, make_papers
from tests.press.patient import PEOPLE, Post, given_up, retried

PUT_OFF = (2, 3, 5)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Running]:
    with mail_server(tmp_path_factory.mktemp("server"), papers=papers, tls="none") as running:
        yield running


@pytest.fixture
def post(sqlite_ledgers: Ledgers, server: Running) -> Post:
    server.forget()
    server.say()
    return Post(sqlite_ledgers, server)


def write(post: Post, statement: Any) -> None:
    """As somebody who may write into the database, and has no key of ours."""
    with post.scene.ledgers.press.engine.begin() as connection:
        connection.execute(statement)


def put_off(post: Post) -> None:
    post.running.say(
        *({"at": "rcpt", "to": f"person{at}@example.com", "say": "450 4.2.0 Greylisted", "times": 1} for at in PUT_OFF)
    )
    assert post.step().state == "waiting"


def crash(post: Post, *, before: bool) -> None:
    """Killed in a round of further tries: before the first message of it went, or after the last was taken."""
    smtp: Any = post.stand.press.channels["smtp"]
    send = smtp.send

    def dying(delivery: str, batch: Any) -> Any:
        if not before:
            send(delivery, batch)
        raise Killed

    smtp.send = dying
    with pytest.raises(Killed):
        post.step(minutes=1)
    smtp.hang_up()
    post.start()


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False])
def test_a_press_killed_while_it_tries_again_sends_nothing_twice_and_loses_nobody(post: Post, before: bool) -> None:
    put_off(post)
    crash(post, before=before)

    row = post.step(minutes=1)

    assert (row.state, row.sent, row.unknown) == ("done", PEOPLE, 0)
    post.assert_each_once()


def _journals_gone(post: Post) -> None:
    smtp = post.stand.press.channels["smtp"]
    assert isinstance(smtp, Smtp)
    for path in smtp.folder.glob("*.journal"):
        path.unlink()


def _all_put_off(post: Post) -> None:
    write(post, update(tables.outbox).values(state="put-off", at="2020-01-01T00:00:00.000000+00:00"))


def _keys_exchanged(post: Post) -> None:
    """Each has another's key, so that the journal knows nothing of the one that was taken."""
    with post.scene.ledgers.press.read() as tx:
        rows = {row.position: row.key for row in messages(tx, post.delivery)}
    for at, key in ((2, "0" * 64), (10, rows[2]), (2, rows[10])):
        write(post, update(tables.outbox).where(tables.outbox.c.position == at).values(key=key))


@pytest.mark.slow
@pytest.mark.parametrize("attack", [_journals_gone, _all_put_off, _keys_exchanged])
def test_after_a_crash_in_a_further_try_nobody_who_meddles_makes_it_send_twice(
    post: Post, attack: Callable[[Post], None]
) -> None:
    put_off(post)
    crash(post, before=False)
    attack(post)

    post.step(minutes=1)
    post.step(minutes=10)

    got = post.running.addresses()
    assert len(got) == len(set(got)) == PEOPLE


def _said_to_be_sent(at: int) -> Any:
    return update(tables.outbox).where(tables.outbox.c.position == at).values(state="sent")


@pytest.mark.slow
def test_who_was_put_off_and_is_called_sent_by_a_row_is_missed(post: Post) -> None:
    put_off(post)
    for at in PUT_OFF:
        write(post, _said_to_be_sent(at))

    row = post.step(minutes=1)

    assert (row.state, "somebody wrote into it" in row.reason) == ("held", True)
    (held,) = post.told(EventKind.DELIVERY_HELD)
    assert (held["code"], held["sent"]) == ("outbox-altered", PEOPLE - len(PUT_OFF))


@pytest.mark.slow
@pytest.mark.parametrize("at", ["2020", "2020-01-01T00:00:00", "2020-01-01T00:00:00.000000+00:00", "soon", ""])
def test_nobody_is_tried_again_whom_a_row_calls_put_off(post: Post, at: str) -> None:
    row = given_up(post)
    with post.scene.ledgers.press.engine.connect().execution_options(presscheck_write=True) as connection:
        with connection.begin():
            connection.execute(update(tables.outbox).values(state="put-off", at=at))
    post.running.say()
    retried(post)

    row = post.step()

    assert row.state == "held"
    assert "somebody wrote into it" in row.reason
    got = post.running.addresses()
    assert len(got) == len(set(got)), got
    assert "person4@example.com" not in got
