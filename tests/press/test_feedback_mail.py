"""Mails that came back are read for what they are, and whatever else arrives is none of ours."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.press.feedback_mail import MOST_BYTES, Notice, read_notice
from tests.growing import grows_in_proportion
from tests.press.returned import arf, dsn, original

TAG = "0123456789abcdef" * 2 + "01234567"
TOKEN = "aZ9-_x" * 23
TO = f"bounce+{TAG}@brand.example"


@pytest.mark.parametrize(
    ("status", "action", "kind"),
    [
        ("5.1.1", "failed", "hard"),
        ("5.7.1", "failed", "hard"),
        ("x", "failed", "hard"),
        ("4.2.2", "failed", "soft"),
        ("4.4.1", "delayed", "soft"),
        ("5.0.0", "delayed", "soft"),
    ],
)
def test_a_bounce_is_read_with_its_tag(status: str, action: str, kind: str) -> None:
    found = read_notice(dsn(to=TO, status=status, action=action))

    assert found == Notice(kind, tags=(TAG,), final=action == "failed")  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "action"), [("2.0.0", "delivered"), ("2.0.0", "relayed"), ("2.0.0", "failed")])
def test_a_report_of_success_is_no_bounce(status: str, action: str) -> None:
    assert read_notice(dsn(to=TO, status=status, action=action)) is None


def test_a_bounce_that_gives_the_message_back_is_read_with_its_token() -> None:
    raw = dsn(to="postmaster@brand.example", status="5.1.1", original=original(TOKEN))

    assert read_notice(raw) == Notice("hard", tokens=(TOKEN,))


def test_a_link_that_a_server_has_folded_is_read_whole() -> None:
    folded = original(TOKEN).replace(TOKEN, f"{TOKEN[:60]}\r\n {TOKEN[60:]}")

    assert read_notice(arf(folded)) == Notice("complaint", tokens=(TOKEN,))


@pytest.mark.parametrize(
    ("kind", "counts"), [("abuse", True), ("fraud", True), ("not-spam", False), ("auth-failure", False)]
)
def test_only_what_people_do_with_the_spam_button_is_a_complaint(kind: str, counts: bool) -> None:
    assert (read_notice(arf(original(TOKEN), kind=kind)) is not None) == counts


def test_a_wish_to_leave_by_mail_is_read() -> None:
    raw = f"From: a@b.com\nTo: leave@brand.example\nSubject: unsubscribe {TOKEN}\n\nplease\n".encode()

    assert read_notice(raw) == Notice("unsubscribe", tokens=(TOKEN,))


def test_a_report_in_base64_is_read() -> None:
    from base64 import encodebytes

    plain = b"Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n"
    raw = (
        (
            f"Content-Type: multipart/report; boundary=b\nTo: {TO}\n\n--b\nContent-Type: message/delivery-status\n"
            "Content-Transfer-Encoding: base64\n\n"
        ).encode()
        + encodebytes(plain)
        + b"\n--b--\n"
    )

    assert read_notice(raw) == Notice("hard", tags=(TAG,))


def _deep(levels: int) -> bytes:
    head = b"Content-Type: multipart/report; boundary=b0\n\n"
    inner = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (at, at + 1) for at in range(levels))
    return head + inner


_REPORT = b"Content-Type: multipart/report; boundary=b\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\x00" * 1000,
        b"Subject: Out of office\nTo: " + TO.encode() + b"\n\nI am away.\n",
        b"Content-Type: multipart/report\n\n",
        b'Content-Type: multipart/report; boundary=""\n\n',
        b"Content-Type: application/zip; name=bomb.zip\n\n" + b"PK\x03\x04" * 1000,
        b"Subject: =?broken?Q?=FF?=\nContent-Type: text/plain; charset=\xff\xfe\n\n\xff\xfe",
        dsn(to=TO, status="5.1.1") + b" " * MOST_BYTES,
    ],
    ids=range(9),
)
def test_what_is_no_notice_is_none_of_ours(raw: bytes) -> None:
    assert read_notice(raw) is None


@pytest.mark.parametrize(
    ("times", "made"),
    [
        (100_000, lambda times: _REPORT + b"\n" + b"--b\n" * times),
        (100_000, lambda times: b"Content-Type: multipart/report; " + b'"; ' * times + b"boundary=b\n\n--b\n\n"),
        (100_000, lambda times: _REPORT + b" folded\n" * times),
        (200_000, lambda times: b"X: y\n" * times),
        (90_000, lambda times: _REPORT + b"\n--b\nContent-Type: message/delivery-status\n\n" + b"A: b\n\n" * times),
        (
            500_000,
            lambda times: (
                _REPORT
                + b"\n--b\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
                + b"!" * times
            ),
        ),
        (20_000, _deep),
        (900_000, lambda times: b"Subject: x\nContent-Type: text/html\n\n" + b"<" * times),
        (80_000, lambda times: b"Subject: x\n\n" + b"unsubscribe " * times),
        (900_000, lambda times: b"Subject: x\n\n" + b"unsubscribe" + b" " * times),
        (90_000, lambda times: b"Subject: " + b"=?utf-8?q?" * times + b"\n\nx"),
        (
            150_000,
            lambda times: b"Subject: " + b"Re: [x] " * (times // 300) + b"unsubscribe\n\n" + b"aZ9-_x" * times,
        ),
        (300_000, lambda times: b"Subject: undelivered\nFrom: me\n\n" + b"-- " * times),
        (
            30_000,
            lambda times: (
                b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
                + b"--b\nContent-Type: text/html\n\n<a\n" * times
            ),
        ),
    ],
    ids=range(14),
)
def test_a_long_hostile_mail_is_none_of_ours_and_takes_no_longer_than_its_length(
    times: int, made: Callable[[int], bytes]
) -> None:
    def read(raw: bytes) -> None:
        assert read_notice(raw) is None

    assert grows_in_proportion(read, made, times)


_sound = [dsn(to=TO, status="5.1.1", original=original(TOKEN)), arf(original(TOKEN))]


@given(raw=st.binary(max_size=400), at=st.integers(0, 1200), cut=st.integers(0, 300), which=st.integers(0, 1))
def test_whatever_arrives_is_a_reading_or_none_of_ours(raw: bytes, at: int, cut: int, which: int) -> None:
    spoilt = _sound[which][:at] + raw + _sound[which][at + cut :]

    for mail in (raw, spoilt):
        found = read_notice(mail)
        assert found is None or (found.kind in ("hard", "soft", "complaint", "unsubscribe") and len(found.tokens) < 5)
