"""`presscheck comment` says something beside a question, and `presscheck review ID --comments` shows what was said."""

import json
from collections.abc import Callable

from tests.cli.conftest import CommandLine
from tests.door.house import House
from tests.door.test_comments import post, said

As = Callable[[str], CommandLine]


def test_comments_are_told_with_their_words_and_answers(as_person: As, house: House) -> None:
    comment, review = said(house, words="Shorter\u202e, <b>please</b>."), house.scene.review.id
    post(house.visitor("uma"), house, words="Why?", answers=comment)

    told = as_person("ben")("review", review, "--comments").stdout
    listed = json.loads(as_person("ben")("review", review, "--comments", "--json").stdout)

    assert f"1. ana, 2026-03-02T09:00Z, on V02, body: “keeps the rain out”  {comment}\n" in told
    assert "   Shorter, <b>please</b>.\n   uma: Why?\n" in told
    assert [one["id"] for one in listed] == [comment]


def test_where_nobody_commented_it_says_so_and_goes_with_no_edits(as_person: As, house: House) -> None:
    ana, review = as_person("ana"), house.scene.review.id

    assert "Nobody has commented." in ana("review", review, "--comments").stdout
    assert ana("review", review, "--comments", "--edits", "x.yaml").exit_code == 2


def test_a_comment_is_said_on_words_of_a_draft_and_answered(as_person: As, house: House) -> None:
    uma, review = as_person("uma"), house.scene.review.id

    said = uma("comment", review, "Dry?  @cleo", "--on", "V02", "--part", "body", "--words", "keeps the rain out")
    made = json.loads(uma("review", review, "--comments", "--json").stdout)[0]
    answer = json.loads(uma("comment", review, "Yes.", "--answers", made["id"], "--json").stdout)

    assert said.stdout == f"Said: {made['id']}. `presscheck review {review} --comments` shows all.\n"
    assert (made["draft"], made["part"], made["quote"], made["words"]) == (
        "V02", "body", "keeps the rain out", "Dry?  @cleo",
    )  # fmt: skip
    assert made["mentions"] == ["P-cleo"]
    assert answer["comment"].startswith("C-")
    assert house.scene.kinds("decision:") == []


def test_a_comment_that_is_not_taken_says_why(as_person: As, house: House) -> None:
    ana, review = as_person("ana"), house.scene.review.id

    nowhere = ana("comment", review, "Dry?", "--on", "V02", "--words", "keeps the sun out")
    nobody = ana("comment", review, "Look, @bob")
    strange = ana("comment", "R-../../x", "Hm")

    assert 0 not in (nowhere.exit_code, nobody.exit_code, strange.exit_code)
    assert "These words do not stand in it" in nowhere.stderr
    assert "Nobody beside this question is called “@bob”: write @" in nobody.stderr
    assert house.scene.kinds("comment:") == []
