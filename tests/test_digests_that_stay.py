"""What was signed before a field existed still has the digest that was signed."""

import json

from presscheck.digests import digest_of
from presscheck.models import Author, Brief, Question
from tests.desk.scene import BRIEF, Ledgers, Scene


def test_a_brief_that_spends_nothing_has_the_digest_that_it_had_before_briefs_could_spend() -> None:
    told = BRIEF.model_dump(mode="json")

    assert "spend_dollars" not in told
    assert Brief.model_validate(told).digest == BRIEF.digest == digest_of(told)
    assert BRIEF.model_copy(update={"spend_dollars": 1}).digest != BRIEF.digest


def test_a_brief_that_names_no_language_has_the_digest_that_it_had_before_briefs_could() -> None:
    named = BRIEF.model_copy(update={"language": "de"})

    assert "language" not in BRIEF.model_dump(mode="json")
    assert named.digest != BRIEF.digest
    assert Brief.model_validate(named.model_dump(mode="json")) == named


def test_a_question_that_says_nothing_new_has_the_digest_that_it_had_before(sqlite_ledgers: Ledgers) -> None:
    question = Scene(sqlite_ledgers).question

    told = json.loads(question.model_dump_json())

    assert {"worst_finding", "first_use", "prompt_editors", "again"} & told.keys() == set()
    assert Question.model_validate(told).digest == question.digest
    for more in ({"worst_finding": "note"}, {"first_use": False}, {"prompt_editors": ("a" * 64,)}, {"again": 1}):
        other = question.model_copy(update=more)
        assert other.digest != question.digest
        assert Question.model_validate_json(other.model_dump_json()) == other


def test_an_author_without_a_prompts_editor_is_told_as_before() -> None:
    author = Author.machine("offline", "phrases-1", "prompts.email-variants", "1")

    assert "prompt_editor" not in author.model_dump()
    assert author.model_copy(update={"prompt_editor": "b" * 64}).model_dump()["prompt_editor"] == "b" * 64
