"""Rendering: everything escaped, headers beyond injection, the same bytes each time, in the proof as in the mail."""

import re
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from presscheck.addresses import sendable_address
from presscheck.assets.copy.letters import Letter, framed, preview_html
from presscheck.cleaning import clean_line, clean_text, markdown_text, shorten, unfit_line, unfit_text
from presscheck.errors import NotAsSigned
from presscheck.models import Brief, CallToAction, Copy, Sender
from presscheck.unsubscribe_links import TOKEN_LENGTH, WayToLeave

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "ab" * 32
TOKEN = "aZ9-_x" * 23
LINK = f"http://127.0.0.1:8400/unsubscribe/{TOKEN}"
NAMES = [
    "Content-Language", "Content-Type", "Date", "From", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version",
    "Message-ID", "Subject", "To",
]  # fmt: skip
BRIEF = Brief(
    id="x",
    title="Spring",
    collaboration="producer",
    author="ben@brand.example",
    offer="o",
    persona="p",
    tone="warm",
    channel="email",
    markets=("US",),
    deadline=date(2026, 12, 1),
    call_to_action=CallToAction(label="Look & buy", url="https://brand.example/?a=1&b=2"),
    sender=Sender(name='Ünï "Brand", Co', address="news@brand.example", postal_address="1 Mill <Lane>, Leeds"),
)
COPY = Copy(channel="email", subject="Hällo", preheader="Soon <b>", body="Hello,\n\n<script>x</script> & é\nline two")


def _read(copy: Copy, sender: Sender = BRIEF.sender) -> EmailMessage:
    letter = Letter.of(copy, BRIEF, sender=sender, at=AT)
    return message_from_bytes(letter.to("a@b.com", key=KEY, token=TOKEN), policy=policy.default)


def test_a_message_has_a_text_and_an_html_part_with_the_postal_address() -> None:
    mail = _read(COPY)

    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "<script>x</script> & é\r\nline two" in text.get_content()
    assert "Look & buy: https://brand.example/?a=1&b=2" in text.get_content()
    assert "1 Mill <Lane>, Leeds" in text.get_content()
    assert "&lt;script&gt;x&lt;/script&gt; &amp; é<br>line two" in html.get_content()
    assert "1 Mill &lt;Lane&gt;, Leeds" in html.get_content()


def test_the_headers_are_those_of_the_sender_the_permit_and_the_key() -> None:
    mail = _read(COPY)

    assert mail["From"].addresses[0].display_name == 'Ünï "Brand", Co'
    assert mail["From"].addresses[0].addr_spec == "news@brand.example"
    assert mail["Subject"] == "Hällo"
    assert mail["Date"].datetime == AT
    assert mail["Content-Language"] == "en"
    assert mail["Message-ID"] == f"<{KEY}@brand.example>"
    assert sorted(mail.keys()) == NAMES


def test_the_same_message_has_the_same_bytes() -> None:
    made = {Letter.of(COPY, BRIEF, sender=BRIEF.sender, at=AT).to("a@b.com", key=KEY, token=TOKEN) for _ in range(3)}

    assert len(made) == 1


def test_the_proof_shows_the_html_that_is_sent() -> None:
    html = list(_read(COPY).iter_parts())[1].get_content()

    assert html.rstrip("\r\n") == preview_html(COPY, BRIEF, unsubscribe=LINK)
    assert html.rstrip("\r\n").replace(LINK, "#") == preview_html(COPY, BRIEF)


def _html_of(copy: Copy, **brief: object) -> str:
    letter = Letter.of(copy, BRIEF.model_copy(update=brief), sender=BRIEF.sender, at=AT)
    mail = message_from_bytes(letter.to("a@b.com", key=KEY, token=TOKEN), policy=policy.default)
    return list(mail.iter_parts())[1].get_content()


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        (None, "Hello there", 'lang="en" dir="ltr"'),
        ("de-AT", "Guten Tag", 'lang="de-AT" dir="ltr"'),
        (None, "Здравствуйте", 'lang="und" dir="ltr"'),
        ("he", "שלום לכולם", 'lang="he" dir="rtl"'),
        ("ar", "مرحبا iPhone", 'lang="ar" dir="rtl"'),
        ("en", "We say שלום here", 'lang="en" dir="ltr"'),
    ],
)
def test_a_mail_says_its_language_and_its_direction_also_where_webmail_takes_html_and_body_away(
    language: str | None, words: str, said: str
) -> None:
    html = _html_of(Copy(channel="email", subject=words, preheader=words, body=words), language=language)

    for start in ("<html", "<main", "<div"):
        assert f"{start} {said}" in html


def test_a_paragraph_that_is_read_the_other_way_says_so() -> None:
    html = _html_of(Copy(channel="email", subject="Hello", body="Hello to all of you\n\nשלום לכולם\n\nBye"))

    assert '<p>Hello to all of you</p><p dir="rtl">שלום לכולם</p><p>Bye</p>' in html


def test_an_address_at_the_foot_of_a_hebrew_letter_is_read_from_its_house_number_on() -> None:
    html = _html_of(Copy(channel="email", subject="שלום", body="שלום לכולם"))

    assert '<footer dir="ltr">' in html
    assert '<p dir="ltr"><a class="cta"' in html
    assert "<footer>" in _html_of(COPY)


def test_the_preheader_is_hidden_where_no_style_sheet_is_read_and_in_outlook() -> None:
    html = _html_of(COPY)

    hidden = re.search(r'<div [^>]*style="([^"]*)">Soon &lt;b&gt;</div>', html)
    assert hidden is not None
    assert {"display:none", "max-height:0", "max-width:0", "overflow:hidden", "opacity:0", "mso-hide:all"} <= set(
        hidden[1].split(";")
    )
    # Nothing is hidden by a style sheet, which Gmail and others take away.
    assert "none" not in re.sub(r"text-decoration:none", "", html.partition("<style>")[2].partition("</style>")[0])


def test_a_mail_without_a_preheader_hides_nothing() -> None:
    assert "display:none" not in _html_of(COPY.model_copy(update={"preheader": ""}))


def test_a_mail_says_that_its_colours_hold_in_light_and_dark_and_has_a_title() -> None:
    html = _html_of(COPY)

    assert '<meta name="color-scheme" content="light dark">' in html
    assert '<meta name="supported-color-schemes" content="light dark">' in html
    assert "@media (prefers-color-scheme:dark)" in html
    assert "<title>Hällo</title>" in html


def test_a_frame_s_document_is_the_mail_s_but_for_links_that_lead_nowhere() -> None:
    html = preview_html(COPY, BRIEF)

    assert framed(html).replace('<base target="_blank">', "") == html
    assert framed(html).count("<base") == 1


@pytest.mark.parametrize(
    "address",
    ["a@b.com\r\nBcc: c@d.com", "a@b.com, c@d.com", "A <a@b.com>", "a@b", "a b@c.com", "", "ä@b.com", "a@b..com"],
)
def test_an_address_that_is_more_than_one_is_not_sent_to(address: str) -> None:
    assert not sendable_address(address)
    with pytest.raises(ValueError, match="not an address"):
        Letter.of(COPY, BRIEF, sender=BRIEF.sender, at=AT).to(address, key=KEY, token=TOKEN)


def test_a_key_that_is_none_makes_no_message_id() -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        Letter.of(COPY, BRIEF, sender=BRIEF.sender, at=AT).to("a@b.com", key="x>\r\nBcc: a@b.com", token=TOKEN)


def test_another_channel_is_shown_and_not_made_into_a_message() -> None:
    sms = Copy(channel="sms", body="Rain? <b>")

    assert "Rain? &lt;b&gt;" in preview_html(sms, BRIEF)
    with pytest.raises(ValueError, match="only e-mail"):
        Letter.of(sms, BRIEF, sender=BRIEF.sender, at=AT)


_ELEMENTS = {"html", "head", "meta", "title", "style", "body", "div", "main", "p", "br", "a", "footer"}
_nasty = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=300)


@pytest.mark.slow
@given(subject=_nasty.map(clean_line), body=_nasty.map(clean_text), name=_nasty.map(clean_line).filter(bool))
def test_no_text_whatever_adds_a_header_a_part_or_an_element(subject: str, body: str, name: str) -> None:
    copy = Copy.model_construct(
        channel="email", subject=subject, preheader=subject, body=body, call_to_action=BRIEF.call_to_action
    )
    sender = BRIEF.sender.model_construct(name=name, address="news@brand.example", postal_address=subject)
    assume("=?" not in subject + name)

    mail = _read(copy, sender)

    assert sorted(mail.keys()) == NAMES
    assert len(list(mail.iter_parts())) == 2
    assert len(mail["From"].addresses) == 1
    assert mail["From"].addresses[0].addr_spec == "news@brand.example"
    assert not mail.defects
    assert str(mail["Subject"]) == subject
    html = list(mail.iter_parts())[1].get_content()
    assert _elements(html) <= _ELEMENTS


@given(subject=_nasty, body=_nasty, name=_nasty)
def test_words_that_cleaning_would_change_make_no_letter(subject: str, body: str, name: str) -> None:
    copy = Copy.model_construct(channel="email", subject=subject, preheader="", body=body, call_to_action=None)
    sender = BRIEF.sender.model_construct(name=name, address="news@brand.example", postal_address="x")
    assume(any((unfit_line(subject), unfit_text(body), unfit_line(name))))

    with pytest.raises(NotAsSigned):
        _read(copy, sender)


@given(_nasty)
def test_cleaned_text_hides_nothing_and_cleaning_again_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)

    assert clean_text(cleaned) == cleaned
    assert not any(ord(one) < 32 and one not in "\n\t" for one in cleaned)
    assert not set(cleaned) & set("\u200b\u200e\u202a\u202e\u2066\u2069\ufeff\u2028\ue000\ud800")
    assert "\n" not in clean_line(text)
    cleaned.encode("utf-8")


@given(_nasty, st.integers(min_value=2, max_value=80))
def test_a_shortened_line_is_never_longer_than_asked(text: str, most: int) -> None:
    assert len(shorten(text, most)) <= most


def test_markdown_text_means_nothing() -> None:
    said = markdown_text("# [a](https://x) <img> **b** | `c`\n- d")

    assert said == ("\\# \\[a\\]\\(https\\://x\\) &lt;img&gt; \\*\\*b\\*\\* \\| \\`c\\` - d")


def _elements(html: str) -> set[str]:
    found: set[str] = set()

    class Collect(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            found.add(tag)

    Collect().feed(html)
    return found


_tokens = st.text(
    alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    min_size=TOKEN_LENGTH,
    max_size=TOKEN_LENGTH,
)


@pytest.mark.slow
@given(token=_tokens, path=st.text(alphabet="abc/", max_size=60), body=st.text(max_size=200).map(clean_text))
def test_every_message_has_exactly_its_own_link_and_lines_that_every_server_takes(
    token: str, path: str, body: str
) -> None:
    way = WayToLeave(f"https://brand.example/{path}", "leave@brand.example")
    copy = Copy.model_construct(channel="email", subject="S", preheader="", body=body, call_to_action=None)
    letter = Letter.of(copy, BRIEF, sender=BRIEF.sender, at=AT, leave=way)

    raw = letter.to("a@b.com", key=KEY, token=token)

    mail = message_from_bytes(raw, policy=policy.default)
    text, html = (part.get_content() for part in mail.iter_parts())
    assert f"\r\nUnsubscribe: {way.url}/{token}\r\n" in text
    assert f'<a href="{way.url}/{token}">Unsubscribe</a>' in html
    assert (text + html).count(f"{way.url}/{token}") == 2
    assert "".join(mail["List-Unsubscribe"].split()) == (
        f"<{way.url}/{token}>,<mailto:leave@brand.example?subject=unsubscribe%20{token}>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not mail.defects
    # A link or an id in a header cannot be broken; every other line is short.
    lines = [line for line in raw.split(b"\r\n") if token.encode() not in line]
    assert max(len(line) for line in lines if not line.startswith(b"Message-ID: ")) <= 78
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("token", ["", "a" * 137, "a" * 139, "a" * 136 + "\r\n", ">" * 138, "ä" * 138])
def test_a_token_that_is_none_gets_into_no_header(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        Letter.of(COPY, BRIEF, sender=BRIEF.sender, at=AT).to("a@b.com", key=KEY, token=token)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list", "\\- a list"),
        ("12. a list", "12\\. a list"),
        ("www.evil.example", "www\\.evil.example"),
        ("brand.no-shouting, 2.5", "brand.no-shouting, 2.5"),
    ],
)
def test_markdown_that_needs_its_place_is_quoted_only_there(text: str, said: str) -> None:
    assert markdown_text(text) == said
