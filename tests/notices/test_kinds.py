"""Notices about what is no copy: a question is a question without a channel, and not a word of it is told."""

from typing import Any

import pytest

from presscheck.notices.due import Notice
from presscheck.notices.words import words_for

DOOR = "https://door.example"


def notice(**values: Any) -> Notice:
    given = {
        "review": "R-1", "run": "run", "step": "question", "asks": "approval", "channel": None, "roles": (),
        "kinds": ("budget",),
    }  # fmt: skip
    return Notice(**{**given, **values})


def test_a_question_about_a_budget_is_told_as_a_question() -> None:
    words = words_for([notice()], door_url=DOOR, titles=False)

    assert words.title == "Presscheck: a question waits for you"
    assert "A question waits for you: approval of a budget (R-1)" in words.body
    assert f"The proof: {DOOR}/proof/R-1" in words.body
    assert "/policies" not in words.body


def test_several_questions_without_a_channel_are_counted_as_questions() -> None:
    assert words_for([notice(), notice(review="R-2")], door_url=DOOR, titles=False).title == "Presscheck: 2 questions"


@pytest.mark.parametrize(
    ("kinds", "channel", "said"),
    [
        (("copy", "plan"), "email", "approval of e-mail and a plan"),
        (("segment", "recommendations"), None, "approval of a segment and recommendations"),
        (("call-0900-123456",), None, "approval of something of a kind of your own"),
        (("split", "media-plan"), None, "approval of something of a kind of your own"),
    ],
)
def test_only_kinds_that_are_known_everywhere_are_named(kinds: Any, channel: Any, said: str) -> None:
    body = words_for([notice(kinds=kinds, channel=channel)], door_url=DOOR, titles=True).body

    assert f"{said} (R-1)" in body
    assert "0900" not in body


def test_news_of_policies_is_no_question() -> None:
    news = notice(review="policies-3", step="policies", kinds=(), about=("brand.no-shouting",))

    words = words_for([news, notice()], door_url=DOOR, titles=False)

    assert words.title == "Presscheck: 2 things to look at"
    assert f"What changed, word for word: {DOOR}/policies" in words.body
