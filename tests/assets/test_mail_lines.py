"""Header lines: any name and any subject, read back by three parsers as exactly those words."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from presscheck.assets.copy.mail_lines import from_line, subject_line
from presscheck.assets.copy.strict_mail import mailbox_in, read_mail, words_in
from presscheck.cleaning import clean_line

ADDRESS = "news@brand.example"
REST = b'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
lines = st.text(alphabet=st.characters(codec="utf-8"), max_size=200).map(clean_line).filter(bool)

SUBJECTS = [
    "",
    "Rain",
    "Hällo",
    "=?us-ascii?b?QmNjOiBhQGIuY29t?=",
    "Rain =?utf-8?q?=0D=0ABcc:_a@b.com?= again",
    "=?utf-8?q?x?= =?utf-8?q?y?=",
    "a" * 300,
    "word " * 40 + "end",
    "Ünï " * 40 + "end",
    "日本語の長い件名" * 20,
    "👩‍👩‍👧" * 30,
    'Re: [x] <y> (z) "q" \\ ;,:@',
    "?= =? ?=",
    "_underscore = and ? marks",
]
NAMES = [
    "Brand",
    'Ünï "Brand", Co',
    "Ben, Jerry & Sons, Limited, of a street with a very long name in the north of England, UK",
    "Smith, " * 20 + "Co",
    'Say "hi" \\ now',
    "a@b.example",
    "evil@x.example <evil@x.example>",
    "Brand (the real one)",
    "=?us-ascii?b?ImFAYi5jb20iIDxhQGIuY29tPiw=?=",
    "News =?utf-8?q?=3Cevil=40x.example=3E?=",
    "Dr. Brand",
    "日本語, 株式会社" * 10,
    ", ; : < > @",
    "undisclosed-recipients:;",
]


def assert_reads(name: str, subject: str) -> None:
    """Three readers: the standard library's two, and the strict one that the press uses."""
    raw = from_line(name, ADDRESS) + subject_line(subject) + REST
    modern = message_from_bytes(raw, policy=policy.default)
    old = message_from_bytes(raw, policy=policy.compat32)
    strict = read_mail(raw)

    assert modern.keys() == ["From", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    assert str(modern["Subject"]) == subject
    (mailbox,) = modern["From"].addresses
    assert mailbox.addr_spec == ADDRESS
    if raw.partition(b"<")[0].count(b"=?utf-8?") > 1:
        # This parser keeps the space between two encoded words of a name, which RFC 2047, 6.2 takes away.
        assert mailbox.display_name.replace(" ", "") == name.replace(" ", "")
    else:
        assert mailbox.display_name == name
    assert str(make_header(decode_header(parseaddr(old["From"].replace("\r\n", ""))[0]))) == name
    assert words_in(strict.headers[1][1]) == subject
    assert mailbox_in(strict.headers[0][1]) == (name, ADDRESS)
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    assert_reads("Brand", subject)


@pytest.mark.parametrize("name", NAMES)
def test_a_display_name_is_read_as_it_was_written(name: str) -> None:
    assert_reads(name, "Rain")


@given(name=lines, subject=lines)
@example(name="=?", subject="=?")
@example(name="a b", subject="x" * 61)
@example(name='"', subject="é" * 61)
def test_any_clean_line_is_read_as_it_was_written(name: str, subject: str) -> None:
    assert_reads(name, subject)


def test_plain_words_stand_as_they_are_so_that_people_can_read_them_in_a_log() -> None:
    assert from_line("Brand & Sons", ADDRESS) == b"From: Brand & Sons <news@brand.example>\r\n"
    assert from_line("Sons, Brand", ADDRESS) == b'From: "Sons, Brand" <news@brand.example>\r\n'
    assert subject_line("A jacket: 20% off?") == b"Subject: A jacket: 20% off?\r\n"
    assert subject_line("Hällo") == b"Subject: =?utf-8?q?H=C3=A4llo?=\r\n"


def test_half_a_character_is_no_line() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        subject_line("\ud800")
