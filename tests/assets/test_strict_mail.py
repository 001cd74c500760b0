"""The strict reader: what two programs could read differently is no message."""

import pytest

from presscheck.assets.copy.strict_mail import mailbox_in, read_mail, wire_fault, words_in

HEAD = (
    b'Subject: Rain\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
)
BOTH = (
    b'Subject: Rain\r\nContent-Type: multipart/alternative; boundary="=_12345678"\r\n\r\n'
    b'--=_12345678\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\nWA==\r\n'
    b"--=_12345678--\r\n"
)


def test_a_message_is_read_with_its_headers_and_parts() -> None:
    told = read_mail(BOTH)

    assert [name for name, _ in told.headers] == ["Subject", "Content-Type"]
    assert (told.kind, told.leaves) == ("multipart/alternative", (('text/plain; charset="utf-8"', b"X"),))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"Rain\r\n", b"Rain\nBcc: a@b.com\r\n", "line end that is not CRLF"),
        (b"Rain\r\n", b"Rain\r.\r\r\n", "line end that is not CRLF"),
        (b"Rain", b"R\xe4in", "not ASCII"),
        (b"Rain", b"R\0in", "not ASCII"),
        (b"Rain", b"R" * 995, "more than 998"),
        (b"Rain\r\n", b"Rain\r\nBcc a@b.com\r\n", "is no header"),
        (b"Rain\r\n", b"Rain\r\n \r\nBcc: a@b.com\r\n", "is no header"),
        (b"Rain\r\n", b"Rain\r\nContent-Type: text/html\r\n", "says twice"),
        (b"quoted-printable", b"8bit", "no encoding of ours"),
        (b"charset", b"charset", "a sign that is none"),
        (b"Content-Type", b"X-Type", "not at all"),
    ],
)
def test_a_message_that_can_be_read_in_two_ways_is_none(old: bytes, new: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_mail((HEAD + b"It keeps =C3=A4 =xx\r\n").replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"\r\n\r\n--=_1", b"\r\n\r\nHello\r\n--=_1", "before or after"),
        (b"--=_12345678--\r\n", b"--=_12345678--\r\nHello\r\n", "before or after"),
        (b"--=_12345678--\r\n", b"", "before or after"),
        (b"WA==", b"WA=!", "holds something else"),
    ],
)
def test_parts_have_nothing_beside_them(old: bytes, new: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_mail(BOTH.replace(old, new))


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?a?= b",
        "a =?utf-8?q?b?=",
        "=?us-ascii?q?a?=",
        "=?utf-8?q?a b?=",
        "=?utf-8?b?!?=",
        "=?utf-8?q?=C3?= =?utf-8?q?=A4?=",
        "=?utf-8?q?=c3=a4?=",
        "=?utf-8?x?a?=",
        "=?utf-8?q?" + "a" * 70 + "?=",
    ],
)
def test_encoded_words_stand_alone_are_utf_8_and_hold_whole_characters(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what is said differs, that it is refused does not.
        words_in(value)


@pytest.mark.parametrize(
    "value",
    [
        "a@b.com",
        "Brand <a@b.com>, c@d.com",
        "Brand <a@b.com> (x)",
        "Brand, Co <a@b.com>",
        "Brand <a..b@c.com>",
        "Brand <@x:a@b.com>",
        '"Brand" <c@d.com> <a@b.com>',
        '"Bra"nd" <a@b.com>',
        "Brand: a <a@b.com>;",
        "Brand <a@b>",
    ],
)
def test_from_is_one_name_and_one_address(value: str) -> None:
    with pytest.raises(ValueError, match="From"):
        mailbox_in(value)


@pytest.mark.parametrize("raw", [b"a\r\nb\r\n", b"a", b""])
def test_what_may_go_over_a_wire_may(raw: bytes) -> None:
    assert wire_fault(raw) == ""
