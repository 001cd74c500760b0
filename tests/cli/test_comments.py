"""`presscheck review ID --comments` shows what was said beside a question."""

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
