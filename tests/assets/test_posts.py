"""Posts: the same bytes whenever they are made, clean words, and a page that shows an ad as an ad."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.assets.copy.letters import preview_html
from presscheck.assets.copy.posts import Post, third_headline
from presscheck.cleaning import clean_line, unfit_line
from presscheck.models import CallToAction, Copy
from tests.desk.scene import BRIEF

KEY = "a" * 64


def made(copy: Copy) -> Post:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    return Post.of(copy, BRIEF, asset="b" * 64, delivery="D-1", run="r", sender=BRIEF.sender, at=at, place=(0, 1))


def test_a_post_says_everything_that_a_platform_needs_and_nothing_of_the_reader() -> None:
    told = json.loads(made(Copy(channel="push", subject="Wet hills?", body="One.\n\nTwo.")).to("r000001", key=KEY))

    assert told == {
        "asset": "b" * 64,
        "body": "One.\n\nTwo.",
        "campaign": "spring-launch",
        "channel": "push",
        "deadline": "2026-03-20",
        "delivery": "D-1",
        "key": KEY,
        "link": {"label": "See the jacket", "url": "https://brand.example/fell"},
        "markets": ["US", "DE"],
        "permitted_at": "2026-03-02T09:00:00Z",
        "preheader": "",
        "run": "r",
        "sender": "Brand",
        "subject": "Wet hills?",
        "to": "r000001",
    }


@given(st.text(min_size=1, max_size=200).filter(lambda text: bool(text.strip())))
def test_a_post_is_the_same_bytes_whenever_it_is_made_and_holds_nothing_hidden(text: str) -> None:
    try:
        copy = Copy(channel="social", body=text)
    except ValueError:
        return

    content = made(copy).to("", key=KEY)

    assert content == made(copy).to("", key=KEY)
    assert json.loads(content)["to"] is None
    assert not set(json.loads(content)["body"]) & set("\u202e\u200b\u2066\x00\x1b")


def test_an_email_is_no_post() -> None:
    with pytest.raises(ValueError, match="rendered as a letter"):
        made(Copy(channel="email", subject="x", body="y"))


def test_an_ad_looks_like_an_ad_with_the_link_as_its_third_headline() -> None:
    page = preview_html(Copy(channel="search", subject="For wet hills", preheader="Dry feet", body="A.\n\nB."), BRIEF)

    assert '<p class="head">For wet hills | Dry feet | See the jacket</p>' in page
    assert "<strong>Ad</strong> · brand.example" in page
    assert "<p>A. B.</p>" in page


def test_a_blog_post_has_title_standfirst_and_paragraphs() -> None:
    page = preview_html(Copy(channel="blog", subject="Hills", preheader="In the rain", body="A.\nb\n\nC."), BRIEF)

    assert '<h1>Hills</h1><p class="standfirst">In the rain</p><p>A.<br>b</p><p>C.</p>' in page


@pytest.mark.parametrize("channel", ["sms", "push", "social"])
def test_a_message_is_shown_with_its_title_and_its_link_in_words_and_without_a_button(channel: str) -> None:
    page = preview_html(Copy(channel=channel, subject="Wet hills?", body="One.\n\nTwo."), BRIEF)

    assert '<p class="head">Wet hills?</p><p>One.</p><p>Two.</p>' in page
    assert "“See the jacket”, https://brand.example/fell" in page
    assert "<a" not in page
    assert "Unsubscribe" not in page


def read_off(page: str) -> str:
    """What somebody reads of a page, without white space, which HTML evens out."""
    return "".join(unescape(re.sub(r"<[^>]*>", "", page.partition("<body>")[2])).split())


def without_white(*texts: str) -> str:
    return "".join("".join(texts).split())


_line = st.text(max_size=60).map(clean_line).filter(lambda line: not unfit_line(line))
_words = _line.filter(bool)


@given(channel=st.sampled_from(["sms", "push", "social", "search", "blog"]), title=_line, summary=_line, label=_words,
       body=st.lists(_words, min_size=1, max_size=4).map("\n\n".join))  # fmt: skip
def test_law_the_proof_shows_all_that_is_sent_to_people_and_nothing_else(
    channel: str, title: str, summary: str, label: str, body: str
) -> None:
    copy = Copy.model_construct(
        channel=channel,
        subject=title,
        preheader=summary,
        body=body,
        call_to_action=CallToAction.model_construct(label=label, url="https://brand.example/fell?a=1&b=2"),
        image=None,
    )
    told = json.loads(made(copy).to("r1", key=KEY))

    page = read_off(preview_html(copy, BRIEF))

    sent = [told["subject"], told["preheader"], told["body"], told["link"]["label"]]
    assert [words for words in sent if without_white(*words.split("\n\n")) not in page] == []
    if channel == "search":
        assert told["link"]["url"] in page
        return
    ours = "" if channel == "blog" else f"Sent with it, as a link: “”, {told['link']['url']}"
    assert Counter(page) == Counter(without_white(*sent, told["sender"], ours))


@given(title=_words, summary=_line, label=_words, body=st.lists(_words, min_size=1, max_size=2).map("\n\n".join))
def test_law_an_ad_shows_every_cell_of_the_row_that_people_see(title: str, summary: str, label: str, body: str) -> None:
    action = CallToAction.model_construct(label=label, url="https://brand.example/fell")
    copy = Copy.model_construct(
        channel="search", subject=title, preheader=summary, body=body, call_to_action=action, image=None
    )
    post = made(copy)

    page = read_off(preview_html(copy, BRIEF))

    cells = [*post.headlines, *post.descriptions, post.shown_path, post.link.url]
    assert [cell for cell in cells if without_white(cell) not in page] == []


@pytest.mark.parametrize("channel", ["search", "blog"])
def test_nothing_in_a_text_becomes_markup_on_its_page(channel: str) -> None:
    attack = '<script>alert(1)</script><img src=x onerror=alert(1)>"'
    action = CallToAction(label=attack, url="https://brand.example/fell")
    page = preview_html(
        Copy(channel=channel, subject=attack, preheader=attack, body=attack, call_to_action=action), BRIEF
    )

    assert "<script" not in page
    assert "<img" not in page


def test_a_long_label_is_no_headline() -> None:
    assert third_headline(CallToAction(label="a" * 30, url="https://x.example/")) == "a" * 30
    assert third_headline(CallToAction(label="a" * 31, url="https://x.example/")) == ""
