"""Test sends as the press carries them out: one enrolled address, once, on record, and nothing that counts."""

import os
import signal
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from presscheck.desk.pausing import pause
from presscheck.desk.trials import OWN, Trial, ask_trial
from presscheck.digests import fingerprint
from presscheck.figures.facts import gather
from presscheck.ledger import EventKind, tables
from presscheck.models import Copy
from presscheck.people.rights import email_digest
from presscheck.press.channels.outbox import Outbox
from presscheck.press.feedback import Feedback
from presscheck.press.feedback_mail import read_notice
from presscheck.press.trials import Trials
from presscheck.recipients.leaving import read_token
from presscheck.unsubscribe_links import INERT_TOKEN, LEAVE_HERE, tokens_in
from tests.assets.pictures.pictured import PicturedScene, file_of, png
from tests.desk.scene import Ledgers, Scene, draft
from tests.press.mailing import Papers, Running, channel, mail_server, make_papers
from tests.press.returned import arf, dsn
from tests.press.stand import Stand

SEEDS = {"clients": ["gmail@seeds.example", "outlook@seeds.example"]}
ENDS = (EventKind.TEST_SENT, EventKind.TEST_REFUSED)


class Sending:
    """A scene, and the press's part that carries out its tests."""

    def __init__(self, ledgers: Any, way: Any = None, *, made: type[Scene] = Scene, **scene: Any) -> None:
        self.scene = made(ledgers, **scene)
        self.outbox = Outbox(ledgers.home / "outbox")
        self.channels = {self.scene.question.via: way or self.outbox}
        self.trials = self.press()

    def press(self, **more: Any) -> Trials:
        ledgers = self.scene.ledgers
        values: dict[str, Any] = {"leave": LEAVE_HERE, "seeds": SEEDS, **more}
        return Trials(ledgers.press, Stand(self.scene).press.desk, self.channels, ledgers.home, **values)

    def ask(self, code: str = "V01", *, person: str = "P-ana", to: str = OWN) -> Trial:
        with self.scene.ledgers.door.write() as tx:
            said = ask_trial(tx, self.scene.policies, self.scene.review, code, person=person, to=to, groups=SEEDS)
        assert isinstance(said, Trial), said
        return said

    @property
    def ends(self) -> list[tuple[str, str]]:
        with self.scene.ledgers.door.read() as tx:
            return [(event.kind, str(event.data.get("code", ""))) for event in tx.events(*ENDS)]

    @property
    def mails(self) -> list[Any]:
        paths = sorted(self.outbox.folder.rglob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def server(tmp_path: Path, papers: Papers) -> Iterator[Running]:
    with mail_server(tmp_path, papers=papers) as running:
        yield running


def test_a_test_goes_by_mail_to_the_own_address_with_mark_and_fingerprint(
    sqlite_ledgers: Ledgers, tmp_path: Path, server: Running
) -> None:
    sending = Sending(sqlite_ledgers, channel(server, tmp_path / "smtp"), via="smtp")
    order = sending.ask("V02")

    assert sending.trials.look() == 1

    [mail] = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in server.kept.iterdir()]
    assert server.addresses() == ["ana@brand.example"]
    assert mail["Subject"] == f"[TEST] {draft(1).subject} [{fingerprint(order.asset)}]"
    assert mail["From"] == "Brand <news@brand.example>"
    assert "This is draft b" in mail.get_body(("plain",)).get_content()
    assert mail["DKIM-Signature"]
    assert sending.ends == [("test:sent", "")]
    assert sending.trials.look() == 0
    assert list((tmp_path / "smtp").glob("*.journal")) == []


def test_a_test_is_on_record_with_digests_and_without_an_address(sqlite_ledgers: Ledgers) -> None:
    sending = Sending(sqlite_ledgers)
    order = sending.ask()

    sending.trials.look()

    with sqlite_ledgers.door.read() as tx:
        [sent] = tx.events(EventKind.TEST_SENT)
        everything = [str(event.data) for event in tx.events() if event.kind.startswith("test:")]
    assert (sent.subject, sent.run, sent.process) == (order.id, order.run, "press")
    assert sent.data == {
        "requested": order.seq,
        "review": sending.scene.review.id,
        "draft": "V01",
        "asset": order.asset,
        "person": "P-ana",
        "taken": 1,
        "to": [email_digest("ana@brand.example")],
    }
    assert len(everything) == 3
    assert not [told for told in everything if "@" in told]


def test_a_picture_goes_with_the_words_and_no_other_in_its_place(sqlite_ledgers: Ledgers) -> None:
    sending = Sending(sqlite_ledgers, made=PicturedScene)
    scene: Any = sending.scene
    sending.ask()
    sending.trials.look()
    [mail] = sending.mails
    [image] = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert image.get_content() == file_of(sqlite_ledgers, scene.picture).read_bytes()

    file_of(sqlite_ledgers, scene.picture).write_bytes(png("blue"))
    sending.ask()
    sending.trials.look()

    assert len(sending.mails) == 1
    assert sending.ends == [("test:sent", ""), ("test:refused", "picture-changed")]


def test_a_seed_group_gets_a_message_each(sqlite_ledgers: Ledgers) -> None:
    sending = Sending(sqlite_ledgers)
    sending.ask(to="clients")

    sending.trials.look()

    assert sorted(mail["To"] for mail in sending.mails) == SEEDS["clients"]
    assert sending.ends == [("test:sent", "")]


def test_a_test_counts_as_no_delivery_and_takes_nobody_out(sqlite_ledgers: Ledgers) -> None:
    sending = Sending(sqlite_ledgers)
    stand = Stand(sending.scene)
    with sqlite_ledgers.door.read() as tx:
        before = gather(tx)
    sending.ask()

    sending.trials.look()

    [mail] = sending.mails
    with sqlite_ledgers.door.read() as tx:
        rows = [tx.execute(select(func.count()).select_from(table)).scalar_one() for table in (
            tables.deliveries, tables.outbox, tables.suppressions, tables.feedback
        )]  # fmt: skip
        after = gather(tx)
    assert rows == [0, 0, 0, 0]
    assert after == before
    assert sending.scene.kinds("delivery:") + sending.scene.kinds("batch:") + sending.scene.kinds("permit:") == []
    assert mail["List-Unsubscribe-Post"]
    tokens = tokens_in(mail["List-Unsubscribe"])
    assert [read_token(token, sqlite_ledgers.door.keyring) for token in tokens] == [None]
    delivery = stand.approve_and_request()
    stand.press.step()
    assert stand.row(delivery).sent == 7


def test_the_press_sends_tests_before_its_deliveries_and_between_their_batches(sqlite_ledgers: Ledgers) -> None:
    sending = Sending(sqlite_ledgers)
    asked = iter([True])

    def look() -> object:
        if next(asked, False):
            sending.ask()
        return sending.trials.look()

    stand = Stand(sending.scene, trials=look)

    stand.press.step()

    assert sending.ends == [("test:sent", "")]


def cut_off(sending: Sending, order: Trial) -> None:
    with sending.scene.ledgers.press.write() as tx:
        tx.append(EventKind.TEST_BEGUN, order.id, {"requested": order.seq}, run=order.run)


def hours_later(sending: Sending, _order: Trial) -> None:
    sending.scene.ledgers.clock.advance(hours=2)


def paused(sending: Sending, _order: Trial) -> None:
    with sending.scene.ledgers.door.write() as tx:
        said = pause(tx, sending.scene.policies, "*", person="P-ana", reason="factual")
    assert not hasattr(said, "code"), said


def answered(sending: Sending, _order: Trial) -> None:
    sending.scene.approve()


def other_address(sending: Sending, _order: Trial) -> None:
    """Whoever can write to the database points the row of a person at somebody else."""
    with sending.scene.ledgers.door.write() as tx:
        tx.execute(update(tables.people).where(tables.people.c.id == "P-ana").values(email="victim@elsewhere.example"))


def other_question(sending: Sending, _order: Trial) -> None:
    with sending.scene.ledgers.worker.write() as tx:
        question = sending.scene.question.model_copy(update={"audience_rows": 1})
        tx.execute(update(tables.reviews).values(question=question.model_dump_json()))


def no_group(sending: Sending, _order: Trial) -> None:
    sending.trials = sending.press(seeds={})


@pytest.mark.parametrize(
    ("happens", "to", "code"),
    [
        (cut_off, OWN, "unknown"),
        (hours_later, OWN, "too-late"),
        (paused, OWN, "paused"),
        (answered, OWN, "not-open"),
        (other_address, OWN, "no-address"),
        (other_question, OWN, "forged"),
        (no_group, "clients", "no-address"),
    ],
)
def test_what_happens_between_asking_and_sending_keeps_it_from_going_out(
    sqlite_ledgers: Ledgers, happens: Callable[[Sending, Trial], None], to: str, code: str
) -> None:
    sending = Sending(sqlite_ledgers)
    happens(sending, sending.ask(to=to))

    sending.trials.look()

    assert sending.mails == []
    assert sending.ends == [("test:refused", code)]
    assert sending.press().look() == 0


def test_an_order_that_the_door_did_not_sign_is_none(sqlite_ledgers: Ledgers) -> None:
    sending = Sending(sqlite_ledgers)
    body = {"review": sending.scene.review.id, "code": "V01", "asset": "a" * 64, "person": "P-ana", "to": OWN}

    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.TEST_REQUESTED, "T-0123456789ab", body)

    assert (sending.trials.look(), sending.mails) == (0, [])


def test_words_that_would_begin_headers_make_no_message(sqlite_ledgers: Ledgers) -> None:
    hostile = Copy.model_construct(**{**dict(draft(0)), "subject": "A jacket\r\nBcc: victim@elsewhere.example"})
    sending = Sending(sqlite_ledgers, drafts=(hostile, draft(1)))

    with sqlite_ledgers.door.write() as tx:
        said = ask_trial(tx, sending.scene.policies, sending.scene.review, "V01", person="P-ana", to=OWN, groups=SEEDS)
    sending.trials.look()

    assert not isinstance(said, Trial)
    assert sending.mails == []


@pytest.mark.parametrize(
    ("answer", "code"), [("550 5.1.1 no such user", "refused"), ("450 4.2.0 greylisted", "put-off")]
)
def test_what_the_server_does_not_take_is_not_tried_again(
    sqlite_ledgers: Ledgers, tmp_path: Path, server: Running, answer: str, code: str
) -> None:
    sending = Sending(sqlite_ledgers, channel(server, tmp_path / "smtp"), via="smtp")
    server.say({"at": "rcpt", "say": answer})
    sending.ask()

    sending.trials.look()
    sending.scene.ledgers.clock.advance(minutes=30)

    assert sending.ends == [("test:refused", code)]
    assert (sending.trials.look(), server.taken()) == (0, [])


@pytest.mark.parametrize("comes", ["bounce", "complaint", "wish to leave"])
def test_what_comes_back_of_a_test_takes_nobody_out_and_counts_nowhere(
    sqlite_ledgers: Ledgers, tmp_path: Path, server: Running, comes: str
) -> None:
    sending = Sending(sqlite_ledgers, channel(server, tmp_path / "smtp"), via="smtp")
    sending.ask()
    sending.trials.look()
    [taken] = server.taken()
    [mail] = [path.read_text() for path in server.kept.iterdir()]
    head = mail.replace("\r\n", "\n").partition("\n\n")[0].replace("\n", "\r\n") + "\r\n"
    back = {
        "bounce": dsn(to=taken["from"], status="5.1.1", original=head),
        "complaint": arf(head),
        "wish to leave": f"From: a@b.example\nTo: l@brand.example\nSubject: unsubscribe {INERT_TOKEN}\n\n.\n".encode(),
    }[comes]
    feedback = Feedback(sqlite_ledgers.press, sqlite_ledgers.home, LEAVE_HERE, sending.scene.policies)

    counted = feedback.record([read_notice(back)])

    assert (counted.hard, counted.soft, counted.complaints) == (0, 0, 0)
    assert sending.scene.kinds("message:") + sending.scene.kinds("address:") == []
    with sqlite_ledgers.door.read() as tx:
        assert tx.execute(select(func.count()).select_from(tables.suppressions)).scalar_one() == 0


@pytest.mark.parametrize(("dies", "mails"), [("before the first", 0), ("after the first", 1), ("before the end", 2)])
def test_a_press_that_is_killed_sends_nothing_twice_and_says_that_nobody_knows(
    sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch, dies: str, mails: int
) -> None:
    sending = Sending(sqlite_ledgers)
    sending.ask(to="clients")
    took: list[str] = []
    send = sending.outbox.send

    def killed(delivery: str, messages: Any) -> Any:
        if dies == "before the first" or (dies == "after the first" and took):
            os.kill(os.getpid(), signal.SIGKILL)
        took.append(delivery)
        return send(delivery, messages)

    child = os.fork()
    if child == 0:
        try:
            sending.scene.ledgers.press.engine.dispose(close=False)
            monkeypatch.setattr(sending.outbox, "send", killed)
            if dies == "before the end":
                monkeypatch.setattr(sending.trials, "_end", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
            sending.trials.look()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    back = sending.press()
    looks = [back.look(), back.look()]

    assert os.WTERMSIG(status) == signal.SIGKILL
    assert len(sending.mails) == mails
    assert sending.ends == [("test:refused", "unknown")]
    assert looks == [1, 0]
