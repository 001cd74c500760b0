"""Ways to take a stranger off the list, to stop somebody's delivery, to fill the ledger, or to come in by that path."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from presscheck.addresses import address_hash
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Keyring, Signer, tables, verify
from presscheck.ledger.feedback import feedback_counts, feedback_fault
from presscheck.ledger.suppressions import suppressed_hashes
from presscheck.press.feedback import Feedback
from presscheck.press.feedback_mail import read_notice
from presscheck.recipients.leaving import Leaving, read_token
from presscheck.unsubscribe_links import LEAVE_HERE, TOKEN_LENGTH, tokens_of_link
from tests.desk.scene import RUN, Ledgers, Scene
from tests.door.conftest import _quick_argon2, _servers, _still_scene, house, open_house, still_house
from tests.door.house import House
from tests.door.test_leaving import ADDRESS, ONE_CLICK, call, link_of, requested, suppressed
from tests.press.returned import Answers, arf, dsn, original
from tests.press.stand import Stand
from tests.press.test_feedback import strict

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "_still_scene", "house", "open_house", "still_house"]

DELIVERY = "D-0123456789ab"
SIGNER = Signer("press", Ed25519PrivateKey.from_private_bytes(b"p" * 32))
KEYRING = Keyring({"press": SIGNER.key.public_key(), "door": Ed25519PrivateKey.generate().public_key()})
TOKEN = Leaving(SIGNER, LEAVE_HERE).token(DELIVERY, address_hash(ADDRESS))


# ---------------------------------------------------------------- forged links


def test_a_token_of_another_key_takes_nobody_off(house: House) -> None:
    delivery = requested(house)
    door = house.ledger.signer
    for key in (Ed25519PrivateKey.generate(), door.key):
        forged = Leaving(Signer("press", key), LEAVE_HERE).token(delivery, address_hash(ADDRESS))

        answer = call(house, "POST", f"/unsubscribe/{forged}", data=ONE_CLICK)

        assert (answer.status_code, "not a link that we sent" in answer.text) == (404, True)
    assert suppressed(house) == set()


def test_a_token_cannot_be_turned_to_another_address(house: House) -> None:
    path = link_of(house)
    raw = base64.urlsafe_b64decode(path.rpartition("/")[2] + "==")
    stranger = raw[:7] + bytes.fromhex(address_hash("stranger@example.com")) + raw[39:]
    forged = base64.urlsafe_b64encode(stranger).rstrip(b"=").decode()

    assert call(house, "POST", f"/unsubscribe/{forged}", data=ONE_CLICK).status_code == 404
    assert suppressed(house) == set()


@given(at=st.integers(0, TOKEN_LENGTH - 1), letter=st.sampled_from("abcXYZ019-_=/.%\n"))
def test_no_letter_of_a_token_can_be_changed(at: int, letter: str) -> None:
    changed = TOKEN[:at] + letter + TOKEN[at + 1 :]

    assert (read_token(changed, KEYRING) is not None) == (changed == TOKEN)


@given(st.one_of(st.text(max_size=300), st.text(alphabet="aZ9-_", min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH)))
def test_whatever_somebody_makes_up_proves_nothing(text: str) -> None:
    assert read_token(text, KEYRING) is None
    assert Leaving(SIGNER, LEAVE_HERE).read_tag(text) is None


def test_a_signature_over_something_else_is_no_token() -> None:
    # The press signs events and permits with the same key: none of them may be read as a wish to leave.
    payload = base64.urlsafe_b64decode(TOKEN + "==")[:39]
    for context in (b"", b"presscheck-event-v1:", b"presscheck-return-v1:"):
        forged = base64.urlsafe_b64encode(payload + SIGNER.sign(context + payload)).rstrip(b"=").decode()
        assert read_token(forged, KEYRING) is None


def test_a_token_shows_nothing_of_the_person() -> None:
    raw = base64.urlsafe_b64decode(TOKEN + "==")

    assert b"person" not in raw
    assert b"example" not in raw


# ---------------------------------------------------------------- coming in by that path


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_other_verb_comes_in_by_a_link(still_house: House, method: str) -> None:
    path = link_of(still_house, delivery=DELIVERY)

    assert call(still_house, method, path).status_code in (403, 405)
    assert still_house.upstream.seen == []


@pytest.mark.parametrize(
    "path",
    [
        f"/x/unsubscribe/{'a' * TOKEN_LENGTH}",
        f"/unsubscribe-{'a' * TOKEN_LENGTH}",
        f"//unsubscribe/{'a' * TOKEN_LENGTH}",
        "/sign-in",
        f"/api/flow_runs/{RUN}/resume",
    ],
)
def test_no_other_write_comes_in_without_an_origin(still_house: House, path: str) -> None:
    answer = call(still_house, "POST", path, data=ONE_CLICK)

    assert answer.status_code in (400, 403)
    assert suppressed(still_house) == set()
    assert still_house.upstream.seen == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "rest",
    [
        "",
        "/",
        "%3E",
        f"/{'a' * (TOKEN_LENGTH - 1)}",
        f"/{'a' * (TOKEN_LENGTH + 1)}",
        f"/{'a' * TOKEN_LENGTH}/",
        f"/{'a' * (TOKEN_LENGTH - 2)}..",
        f"/{'a' * TOKEN_LENGTH}%0d%0aX-A:b",
        f"/../api/flow_runs/{RUN}/resume",
        f"/%2e%2e/api/flow_runs/{RUN}/resume",
        f"/..%2fapi/flow_runs/{RUN}/resume",
        f"/{TOKEN.upper()}",
        f"/{TOKEN[:-1]}",
        f"/{TOKEN[1:]}",
        f"/{TOKEN[:60]}",
        "/%00%FF%zz%",
        "/\\..\\inbox",
        "/;jsessionid=1",
        "/?next=/inbox",
    ],
)
def test_a_link_that_proves_nothing_gets_a_page_with_what_to_do_and_changes_nothing(
    still_house: House, rest: str, method: str
) -> None:
    answer = still_house.raw_request(
        f"{method} /unsubscribe{rest} HTTP/1.1\r\nHost: 127.0.0.1:{still_house.port}\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 26\r\n\r\n"
        "List-Unsubscribe=One-Click"
    )

    assert answer.startswith("HTTP/1.1 404")
    assert "Open it from the e-mail itself" in answer
    assert "x-a:" not in answer.lower()
    assert suppressed(still_house) == set()
    assert still_house.upstream.seen == []
    assert still_house.scene.kinds("request:") == []


AROUND = [
    "{}%3E", "{}>", "{}.", "{})", "{}%29.", "{}%22", '{}"', "{}%20", "{}%20and%20more", "{}%2C", "{};", "{}/", "{}//",
    "{}=", "{}=20", "{}%3D%0D%0A", "{}%0A", "{}%E2%80%9D", "{}%C2%A0", "{}%253E", "{}]", "{}%5D(x)", "{}%3C%2Fa%3E",
    "{}&amp;x", "{}?utm_source=mail", "{}!", "{}'", "{}*", "{}_", "{}__", "{}-", "{}--", "{}s", "%3C{}%3E", "({})",
    "%20{}", "../{}", "-{}", "{}/../../inbox", "{}%2Findex.html", "x/{}", "{}%00",
]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_stands_around_the_token_of_a_link_keeps_nobody_from_leaving(house: House, method: str) -> None:
    """As mail programs and people pass links on; also broken in the middle, or encoded letter by letter."""
    token = link_of(house).rpartition("/")[2]
    inside = [f"{token[:76]}{fold}{token[76:]}" for fold in ("=", "%20", "=%0A", "%3D%0D%0A", "=0D=0A", "%0D%0A%20")]
    spelt = "".join(f"%{ord(letter):02X}" for letter in token)
    for form in [*(around.format(token) for around in AROUND), *inside, spelt, spelt.replace("%", "%25")]:
        path = f"/unsubscribe/{form}"
        answer = house.raw_request(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 26\r\n\r\n"
            "List-Unsubscribe=One-Click"
        )

        said = "You are unsubscribed" if method == "POST" else "<button>Unsubscribe</button>"
        assert (path, answer[:12], said in answer) == (path, "HTTP/1.1 200", True)
    assert suppressed(house) == ({address_hash(ADDRESS)} if method == "POST" else set())
    assert house.upstream.seen == []


def test_a_link_with_the_tokens_of_two_people_takes_neither_off(house: House) -> None:
    first, second = (link_of(house, f"person{at}@example.com", delivery=DELIVERY).rpartition("/")[2] for at in (1, 2))

    for path in (f"{first}/{second}", f"{first}%20{second}", f"{first}&{second}"):
        assert call(house, "POST", f"/unsubscribe/{path}", data=ONE_CLICK).status_code == 404
    assert call(house, "POST", f"/unsubscribe/{first}/{first}", data=ONE_CLICK).status_code == 200
    assert suppressed(house) == {address_hash("person1@example.com")}


@given(
    before=st.text(alphabet="./<>\"'()% =\n", max_size=12),
    after=st.text(max_size=40),
    fold=st.integers(1, TOKEN_LENGTH - 1),
)
def test_a_token_is_found_whatever_stands_behind_it(before: str, after: str, fold: int) -> None:
    assert TOKEN in tokens_of_link(before + TOKEN + after)
    assert TOKEN in tokens_of_link(quote(TOKEN[:fold] + "=\r\n" + TOKEN[fold:], safe="="))


@given(st.text(max_size=3_000))
def test_reading_a_link_ends_and_gives_a_few_plain_words(text: str) -> None:
    found = tokens_of_link(text)

    assert len(found) <= 4
    assert all(re.fullmatch(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}", token) for token in found)


def test_a_token_that_breaks_a_line_reaches_no_header(still_house: House) -> None:
    answer = still_house.raw_request(
        f"GET /unsubscribe/{'a' * 40}\r\nSet-Cookie:x HTTP/1.1\r\nHost: 127.0.0.1:{still_house.port}\r\n"
        "Connection: close\r\n\r\n"
    )

    assert "set-cookie" not in answer.lower()
    assert answer.startswith("HTTP/1.1 400")


def test_a_cookie_of_somebody_signed_in_is_not_looked_at(house: House) -> None:
    visitor = house.visitor("ana")
    path = link_of(house)

    answer = call(house, "POST", path, data=ONE_CLICK, headers={"cookie": f"presscheck={visitor.token}"})

    assert answer.status_code == 200
    with house.ledger.read() as tx:
        assert "P-ana" not in tx.events(EventKind.ADDRESS_SUPPRESSED)[0].body


@pytest.mark.slow
def test_a_flood_writes_one_event_an_address_and_leaves_the_door_open(house: House) -> None:
    path = link_of(house)
    bad = f"/unsubscribe/{'a' * TOKEN_LENGTH}"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda at: call(house, "POST", (path, bad)[at % 2], data=ONE_CLICK), range(120)))

    assert {answer.status_code for answer in answers} <= {200, 404, 503}
    assert house.scene.kinds("address:") == ["address:suppressed"]
    assert house.scene.kinds("request:") == []
    assert house.visitor("ana").get("/inbox").status_code == 200


@pytest.mark.parametrize(("method", "sent"), [("POST", 6), ("GET", 7)])
def test_only_a_click_between_two_batches_takes_somebody_out_of_the_next(house: House, method: str, sent: int) -> None:
    first = Stand(house.scene)
    delivery = first.approve_and_request()
    path = link_of(house, "person6@example.com", delivery=delivery)

    def click() -> None:
        if first.files():
            # A scanner that follows links does the one, a person or a mailbox provider the other.
            call(house, method, path, data=ONE_CLICK if method == "POST" else None)

    stand = Stand(house.scene, came_back=click)
    stand.press.step()

    assert (stand.row(delivery).state, stand.row(delivery).sent) == ("done", sent)


# ---------------------------------------------------------------- forged returns


class _Box:
    """A delivery that went out, and a feedback reader that a stranger writes to."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.delivery = stand.approve_and_request()
        stand.press.step()
        ledgers = stand.scene.ledgers
        self.feedback = Feedback(ledgers.press, ledgers.home, LEAVE_HERE, stand.scene.policies)
        self.came = Answers(stand.scene, self.delivery)

    def set_aside(self, raw: bytes) -> bool:
        notice = read_notice(raw)
        assert notice is not None
        return self.feedback.record([notice]).set_aside == 1

    def nothing_happened(self) -> bool:
        with self.stand.scene.ledgers.door.read() as tx:
            return not suppressed_hashes(tx) and not tx.events(EventKind.MESSAGE_BOUNCED, EventKind.MESSAGE_COMPLAINED)


@pytest.fixture
def box(sqlite_ledgers: Ledgers) -> _Box:
    return _Box(Stand(Scene(sqlite_ledgers)))


def test_a_bounce_that_somebody_made_up_suppresses_no_stranger(box: _Box) -> None:
    number, position = box.delivery[2:], (0).to_bytes(4, "big").hex()
    other = Leaving(Signer("press", Ed25519PrivateKey.generate()), LEAVE_HERE)
    key = "0" * 40
    for tag in (number + position + "0" * 20, other.return_tag(box.delivery, 0), key):
        assert box.set_aside(dsn(to=f"bounce+{tag}@brand.example", status="5.1.1"))
    assert box.nothing_happened()


def test_a_tag_of_ones_own_message_cannot_be_turned_to_another_place(box: _Box) -> None:
    mine = box.came.tag(0)
    for position in (1, 2, 6):
        forged = mine[:12] + position.to_bytes(4, "big").hex() + mine[20:]
        assert box.set_aside(dsn(to=f"bounce+{forged}@brand.example", status="5.1.1"))
    assert box.nothing_happened()


def test_a_message_id_alone_proves_nothing(box: _Box) -> None:
    # Whoever gets a message sees its delivery, and ids of customers can be guessed: so can the keys of messages.
    guessed = dsn(
        to="postmaster@brand.example", status="5.1.1", original="Message-ID: <" + "ab" * 32 + "@brand.example>\r\n"
    )

    assert box.set_aside(guessed)
    assert box.nothing_happened()


def test_a_complaint_with_a_forged_token_counts_for_nobody(box: _Box) -> None:
    other = Leaving(Signer("press", Ed25519PrivateKey.generate()), LEAVE_HERE)
    for token in (other.token(box.delivery, address_hash(ADDRESS)), "a" * TOKEN_LENGTH):
        assert box.set_aside(arf(original(token)))
    assert box.nothing_happened()


def test_proofs_of_two_people_in_one_mail_count_for_neither(box: _Box) -> None:
    both = dsn(to=f"bounce+{box.came.tag(0)}@brand.example", status="5.1.1", original=original(box.came.token(1)))

    assert box.set_aside(both)
    assert box.nothing_happened()


def test_a_proof_about_a_delivery_that_never_was_counts_for_nothing(box: _Box) -> None:
    token = box.came.leaving.token("D-ffffffffffff", address_hash(ADDRESS))
    tag = box.came.leaving.return_tag("D-ffffffffffff", 0)

    assert box.set_aside(arf(original(token)))
    assert box.set_aside(dsn(to=f"bounce+{tag}@brand.example", status="5.1.1"))
    assert box.nothing_happened()


def test_a_bounce_of_a_message_that_nobody_sent_counts_for_nothing(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    with sqlite_ledgers.press.write() as tx:
        from presscheck.ledger.suppressions import suppress

        suppress(tx, [address_hash("person2@example.com")], reason="asked")
    box = _Box(stand)

    assert box.set_aside(box.came.bounce(2))


@pytest.mark.slow
def test_one_recipient_cannot_stop_a_delivery_by_complaining_often(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, policies=lambda: strict(complaints_at_most="34%"))
    first = Stand(scene)
    delivery = first.approve_and_request()
    came = Answers(scene, delivery)
    feedback = Feedback(sqlite_ledgers.press, sqlite_ledgers.home, LEAVE_HERE, scene.policies)

    def often() -> None:
        if first.files():
            feedback.record([read_notice(came.complaint(0))] * 50)

    stand = Stand(scene, came_back=often)
    stand.press.step()

    assert stand.row(delivery).state == "done"
    with sqlite_ledgers.door.read() as tx:
        assert feedback_counts(tx, delivery).complaint == 1


@pytest.mark.slow
def test_complaints_that_nobody_signed_stop_nothing_and_show(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, policies=strict)
    stand = Stand(scene)
    delivery = stand.approve_and_request()
    planted = [{"delivery": delivery, "address_hash": f"{at:064x}", "kind": "complaint", "event": 1} for at in range(7)]
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(insert(tables.feedback), planted)

    stand.press.step()

    assert stand.row(delivery).state == "done"
    assert "feedback of event 1" in str(verify(sqlite_ledgers.press).fault)


@pytest.mark.parametrize("process", ["worker", "door"])
def test_complaints_that_another_process_signs_are_not_believed(sqlite_ledgers: Ledgers, process: str) -> None:
    scene = Scene(sqlite_ledgers, policies=strict)
    stand = Stand(scene)
    delivery = stand.approve_and_request()
    body = {"kind": "complaint", "count": 1000, "addresses": "0" * 64}
    with getattr(sqlite_ledgers, process).write() as tx:
        tx.append(EventKind.MESSAGE_COMPLAINED, delivery, body, run=RUN)

    with sqlite_ledgers.door.read() as tx:
        assert feedback_counts(tx, delivery).complaint == 0
    with pytest.raises(LedgerError, match="recorded by the press"):
        Feedback(getattr(sqlite_ledgers, process), sqlite_ledgers.home, LEAVE_HERE, scene.policies)


def test_a_complaint_that_somebody_takes_out_shows(box: _Box) -> None:
    box.feedback.record([read_notice(box.came.complaint(0))])
    ledgers: Any = box.stand.scene.ledgers
    with ledgers.worker.write() as tx:
        tx.execute(delete(tables.feedback))

    with ledgers.door.read() as tx:
        assert "not the messages that were recorded" in str(feedback_fault(tx))
        # The count is of what the press signed.
        assert feedback_counts(tx, box.delivery).complaint == 1


def test_a_swapped_audience_turns_no_bounce_to_a_stranger(box: _Box, tmp_path: Path) -> None:
    audience = box.stand.scene.audience_path
    other = audience.with_name("other")
    audience.rename(other)
    audience.write_bytes(other.read_bytes() + b" ")

    assert box.set_aside(box.came.bounce(0))
    assert box.nothing_happened()
