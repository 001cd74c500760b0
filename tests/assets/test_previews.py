"""Previews: every view says exactly the words that go out, cut where programs cut them, and is no more than words."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.assets.copy.letters import Letter, framed, preview_html
from presscheck.assets.copy.strict_mail import read_mail
from presscheck.assets.previews.cuts import cut, inbox_rows
from presscheck.assets.previews.documents import previewed
from presscheck.assets.previews.views import VIEWS, seen, views_of
from presscheck.matching import columns, sms_parts
from presscheck.models import CallToAction, Copy
from presscheck.unsubscribe_links import LEAVE_HERE
from tests.desk.scene import BRIEF, draft

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CSS = "@media (prefers-color-scheme:dark){ and color-scheme:light dark and <style> and <body>"


def shown(copy: Copy, view: str = "", **changes: Any) -> str:
    brief = BRIEF.model_copy(update={"channel": copy.channel})
    values: dict[str, Any] = {"sender": BRIEF.sender, "shown": None, "at": AT, "leave": LEAVE_HERE, **changes}
    return previewed(copy, brief, None, view=VIEWS.get(view), **values)


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", html.partition("<body>")[2])).split())


def test_without_a_view_it_is_the_document_that_goes_out() -> None:
    assert shown(draft(0)) == framed(preview_html(draft(0), BRIEF))


@pytest.mark.parametrize("view", ["phone", "desktop", "dark", "inverted", "no-images"])
def test_a_view_changes_how_it_looks_and_no_word_even_where_the_words_are_css(view: str) -> None:
    copy = draft(0, body=f"Hello,\n\n{CSS} the Fell jacket is here.")

    html = shown(copy, view)

    note, _, rest = words_of(html).partition(VIEWS[view].note)
    assert (note, rest) == ("", f" {words_of(preview_html(copy, BRIEF))}")
    assert html.count("<style>") == html.count("<body>") == 1


def test_dark_and_light_do_not_ask_the_device() -> None:
    assert "prefers-color-scheme" not in shown(draft(0), "dark") + shown(draft(0), "phone")
    assert "@media all{" in shown(draft(0), "dark")
    assert "@media not all{" in shown(draft(0), "phone")


def test_plain_text_is_that_of_the_finished_message() -> None:
    letter = Letter.of(draft(0), BRIEF, sender=BRIEF.sender, at=AT)
    told = read_mail(letter.to("somebody@brand.example", key="0" * 64, token="t" * 138))
    [text] = [content.decode() for kind, content in told.leaves if kind.startswith("text/plain")]

    seen_words = words_of(shown(draft(0), "text"))

    before_the_link = text[: text.index("http://127.0.0.1")]
    assert " ".join(before_the_link.split()) in seen_words
    assert "/unsubscribe/not-a-token-" in seen_words


def test_the_inbox_says_sender_subject_and_head_of_the_finished_message() -> None:
    copy = draft(0).model_copy(update={"subject": "Für nasse Hügel: A jacket for everybody who walks from March on"})

    told = words_of(shown(copy, "inbox"))

    assert "Für nasse Hügel: A jacket for everybody who walks from March on It keeps the rain out. Hello" in told
    assert "Für nasse Hügel: A jacket for ev… It keeps the rain out. Hello, the Fell…" in told
    assert "Subject: =?utf-8?q?" in told
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in told
    assert "To: each reader's own address" in told


def test_what_makes_no_message_is_not_shown_as_one() -> None:
    copy = Copy.model_construct(**{**dict(draft(0)), "subject": "A jacket =?utf-8?q?x?="})

    for view in ("text", "inbox"):
        told = words_of(shown(copy, view))
        assert "It would not go out: what was signed would go out as other words" in told
        assert "the Fell jacket" not in told


@pytest.mark.parametrize("view", ["", *VIEWS])
def test_markup_and_turned_words_stay_words_in_every_view(view: str) -> None:
    hostile = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)> \u202egnp.exe"
    copy = Copy.model_construct(**{**dict(draft(0)), "subject": hostile, "preheader": hostile, "body": hostile})
    brief = BRIEF.model_copy(update={"call_to_action": CallToAction(label="Look", url="https://brand.example/")})

    html = previewed(copy, brief, None, sender=BRIEF.sender, shown=None, at=AT, leave=LEAVE_HERE, view=VIEWS.get(view))

    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert html.count("</style>") == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("The Fell jacket is here.", "24 of 160 characters in 1 part; 1 with the link's address behind it"),
        ("Rain? " * 26, "155 of 160 characters in 1 part; 2 with the link's address behind it"),
        ("雨" * 71, "71 characters in 2 parts of 67; 2 with the link's address behind it"),
    ],
)
def test_a_text_message_says_its_parts_with_and_without_the_link(body: str, told: str) -> None:
    html = shown(Copy(channel="sms", body=body.strip()), "phone")

    assert told in words_of(html)
    assert f"{sms_parts(body.strip())} part" in words_of(html)


def test_each_channel_has_the_views_that_it_knows() -> None:
    email = [view.name for view in views_of(draft(0))]
    pictured = [view.name for view in views_of(draft(0).model_copy(update={"image": "a" * 64}))]
    push = [view.name for view in views_of(Copy(channel="push", subject="Rain?", body="Dry."))]

    assert email == ["phone", "desktop", "dark", "inverted", "text", "inbox"]
    assert "no-images" in pictured
    assert push == ["phone", "desktop", "dark", "lock"]


@given(st.text(max_size=200), st.integers(2, 120))
def test_a_cut_line_is_never_longer_and_loses_nothing(text: str, most: int) -> None:
    line = cut(text, most)

    assert columns(line.shown) <= most
    if line.cut:
        assert columns(text) > most
        assert text.startswith(line.shown.removesuffix("…"))
        assert text.rstrip().endswith(line.cut)


def test_a_family_is_not_torn_apart() -> None:
    line = cut("Rain! 👨\u200d👩\u200d👧 and the hills", 10)

    assert line.shown == "Rain!…"


def test_without_a_preheader_the_words_of_the_mail_stand_in_the_list() -> None:
    [iphone, *_] = inbox_rows("Brand", "A jacket", "Hello, the Fell jacket is here.")

    assert (iphone.sender, iphone.title.shown, iphone.text.shown) == (
        "Brand",
        "A jacket",
        "Hello, the Fell jacket is here.",
    )


def test_no_note_no_strip() -> None:
    assert '<p class="note"' not in seen(preview_html(draft(0), BRIEF), None, note="")
