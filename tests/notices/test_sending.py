"""What gets out, by a real receiver and a real mail server; and what must never: addresses, tokens, copy, names."""

import logging
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from presscheck.errors import SettingsError
from presscheck.ledger import EventKind
from presscheck.notices import NotSent, Told, Words, send, words_for
from presscheck.notices.sending import Way, mail_to
from tests.conftest import Clock, free_port
from tests.desk.scene import Ledgers
from tests.notices.office import COSTLY, TOKEN, Office, Receiver

BRAND = {"brand_lead": {"secret": "notices-brand"}}
HELLO = Words("Presscheck: hello", "One line.")


class Mailbox:
    """Keeps what a real mail server is given."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], Any]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"mailto://127.0.0.1:{port}/?from=presscheck@brand.example&format=text&mode=insecure"
    controller.stop()


def test_a_notice_says_the_kind_the_risk_the_time_and_where_to_sign_in(
    sqlite_ledgers: Ledgers, receiver: Receiver
) -> None:
    office = Office(sqlite_ledgers, **BRAND)
    office.secret("notices-brand", receiver.url)

    office.look()

    review = office.scene.review
    assert receiver.got[0]["title"] == "Presscheck: a question waits for you"
    assert receiver.got[0]["message"] == (
        f"A question waits for you: approval of e-mail ({review.id})\n"
        "Risk: high\n"
        "Stage: 1 of 3\n"
        "Until: Mon 2026-03-09 09:00 Europe/London\n"
        f"To answer: https://door.example/v2/runs/flow-run/{review.question.run}\n"
        f"The proof: https://door.example/proof/{review.id}\n\n"
        "You sign in there before you see or answer anything. No link in this message answers by itself."
    )


def test_nothing_confidential_gets_out(sqlite_ledgers: Ledgers, receiver: Receiver, clock: Clock) -> None:
    roles = ("brand_lead", "marketing_director", "owner")
    office = Office(sqlite_ledgers, **{role: {"secret": f"notices-{role[:5]}"} for role in roles})
    for role in roles:
        office.secret(f"notices-{role[:5]}", receiver.url)

    office.look()
    for days in (1, 2, 3, 2):
        clock.advance(days=days)
        office.scene.desk.expire_due()
        office.look()

    said = "\n".join(f"{message['title']}\n{message['message']}" for message in receiver.got).lower()
    assert len(receiver.got) >= 5
    for secret in ("fell", "jacket", "rain", "spring", "launch", "ana", "cleo", "ben", "dora", "@", "lab", "leeds"):
        assert secret not in said, secret


def test_a_title_is_told_where_the_settings_say_so_and_cannot_mention_link_or_format(
    sqlite_ledgers: Ledgers, receiver: Receiver
) -> None:
    hostile = COSTLY.model_copy(update={"title": "Spring <!channel> @here [win](https://evil.example) *now* `rm`"})
    office = Office(sqlite_ledgers, brief=hostile, titles=True, **BRAND)
    office.secret("notices-brand", receiver.url)

    office.look()

    first = receiver.got[0]["message"].splitlines()[0]
    assert first.endswith("), Spring channel here win https evil example now rm")


def test_more_than_twenty_questions_are_counted_and_the_inbox_named(sqlite_ledgers: Ledgers) -> None:
    notice = Office(sqlite_ledgers).due()[0]

    words = words_for([notice] * 23, door_url="https://door.example", titles=False)

    assert words.title == "Presscheck: 23 questions"
    assert "And 3 more: https://door.example/inbox" in words.body
    assert words.body.count("To answer:") == 20


def test_each_person_who_is_asked_gets_a_mail_of_their_own(
    sqlite_ledgers: Ledgers, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    office = Office(sqlite_ledgers, email=True)
    # Whoever else the address names must not read along.
    office.secret("notices-email", url + "&cc=everybody@brand.example&to=list@brand.example")

    told = office.look()

    assert told == Told(sent=2)
    assert [to for to, _ in box.got] == [["ana@brand.example"], ["cleo@brand.example"]]
    assert box.got[0][1]["Subject"] == "Presscheck: a question waits for you"
    assert "/v2/runs/flow-run/" in box.got[0][1].get_body().get_content()
    assert office.told() == [("question", "P-ana"), ("question", "P-cleo")]


def test_a_person_whose_address_was_erased_or_altered_gets_none(
    sqlite_ledgers: Ledgers, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    office = Office(sqlite_ledgers, email=True)
    office.secret("notices-email", url)
    with sqlite_ledgers.door.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET email = 'mallory@evil.example' WHERE id = 'P-ana'")

    office.look()

    assert [to for to, _ in box.got] == [["cleo@brand.example"]]
    assert [(data["to"], data["code"]) for data in office.events(EventKind.NOTICE_FAILED)] == [("P-ana", "no-address")]


@pytest.mark.parametrize("status", [200, 500])
def test_an_address_with_its_token_is_in_no_event_log_or_file(
    sqlite_ledgers: Ledgers, receiver: Receiver, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    office = Office(sqlite_ledgers, **BRAND)
    kept = office.secret("notices-brand", receiver.url)
    receiver.status = status
    noisy = ("", "apprise", "urllib3", "urllib3.connectionpool", "requests")
    before = {name: logging.getLogger(name).level for name in noisy}

    for name in noisy:
        logging.getLogger(name).setLevel(1)
    office.look()
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)

    assert receiver.asked == 1
    assert TOKEN not in caplog.text
    assert "127.0.0.1" not in caplog.text
    assert TOKEN not in str(office.events())
    written = [path for path in office.settings.home.rglob("*") if path.is_file() and path != kept]
    assert not [path for path in written if TOKEN.encode() in path.read_bytes()]


def test_logging_goes_on_after_a_notice(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    send(Way(SecretStr(receiver.url)), HELLO)

    logging.getLogger("presscheck").warning("still here")

    assert "still here" in caplog.text


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"nonsense://{TOKEN}", "not-an-address"),
        (f"json://127.0.0.1:1/{TOKEN}", "refused"),
        (f"mailto://u:{TOKEN}@127.0.0.1:1/?from=a@b.example&to=c@d.example&mode=insecure", "refused"),
        ("", "not-an-address"),
    ],
)
def test_what_cannot_be_sent_says_a_code_and_nothing_of_the_address(url: str, code: str) -> None:
    with pytest.raises(NotSent) as failed:
        send(Way(SecretStr(url)), HELLO)

    assert failed.value.code == code
    assert failed.value.__context__ is None
    assert failed.value.__cause__ is None
    assert TOKEN not in repr(failed.value)


def test_a_way_does_not_show_its_address(receiver: Receiver) -> None:
    way = Way(SecretStr(receiver.url))

    assert TOKEN not in repr(way)
    assert TOKEN not in f"{way} {way.url}"


@pytest.mark.parametrize("url", ["json://127.0.0.1/", "mailto://h/?a=b, json://evil.example", "mailto://h json://e"])
def test_mail_to_a_person_goes_by_one_mail_server_only(url: str) -> None:
    with pytest.raises(NotSent, match="no-mail-address"):
        mail_to(SecretStr(url), "ana@brand.example")


def test_an_address_cannot_add_recipients_or_options() -> None:
    way = mail_to(SecretStr("mailtos://u:p@smtp.example?from=a@b.example&TO=x@y.example"), "ana+x&bcc=e@evil.example")

    assert way.url.get_secret_value() == (
        "mailtos://u:p@smtp.example?from=a@b.example&to=ana%2Bx%26bcc%3De%40evil.example"
    )


def test_a_secret_that_is_missing_is_a_code_and_one_that_lies_open_is_refused(
    sqlite_ledgers: Ledgers, receiver: Receiver
) -> None:
    office = Office(sqlite_ledgers, **BRAND)

    assert office.look() == Told(failed=1)
    office.secret("notices-brand", receiver.url, mode=0o644)
    with pytest.raises(SettingsError, match="others may read") as told:
        office.look()

    assert TOKEN not in str(told.value)
    assert receiver.asked == 0
