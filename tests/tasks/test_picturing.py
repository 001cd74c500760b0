"""A brief's pictures: pinned when the run opens, shown by the drafts in turn, looked at before people are asked."""

from typing import Any

import pytest

from presscheck.errors import BriefError
from presscheck.ledger.reviews import reviews_of_run
from presscheck.models import Brief, Copy
from tasks.picturing import pin_pictures, with_picture
from tests.assets.pictures.pictured import add_picture, file_of
from tests.desk.scene import BRIEF, draft
from tests.tasks.stage import Stage


def pinned(ledgers: Any, *images: str, brief: Brief = BRIEF) -> tuple[str, ...]:
    with ledgers.worker.read() as tx:
        return pin_pictures(tx, brief.model_copy(update={"images": images}), path="brief.yaml").images


def test_names_are_pinned_to_the_picture_that_is_current_now(sqlite_ledgers: Any) -> None:
    first = add_picture(sqlite_ledgers)
    before = pinned(sqlite_ledgers, "hero")
    second = add_picture(sqlite_ledgers, colour="blue", parent=first.digest)

    assert before == (first.digest,)
    assert pinned(sqlite_ledgers, "hero") == (second.digest,)
    assert pinned(sqlite_ledgers, first.digest) == (first.digest,)


def test_every_picture_that_cannot_be_shown_is_told_at_once(sqlite_ledgers: Any) -> None:
    hero = add_picture(sqlite_ledgers)

    with pytest.raises(BriefError) as raised:
        pinned(sqlite_ledgers, "none", "hero", hero.digest, "0" * 64)

    said = str(raised.value)
    assert "images[0]: there is no picture none; add it with `presscheck image add FILE --name none" in said
    assert "images[2]:" in said
    assert "is there twice" in said
    assert "images[3]: The brief names the picture 000000000000, and there is none" in said


def test_a_channel_that_shows_no_picture_says_so(sqlite_ledgers: Any) -> None:
    add_picture(sqlite_ledgers)

    with pytest.raises(BriefError, match="only an e-mail shows pictures"):
        pinned(sqlite_ledgers, "hero", brief=BRIEF.model_copy(update={"channel": "social"}))


def test_drafts_show_the_pictures_in_turn_and_no_other() -> None:
    brief = BRIEF.model_copy(update={"images": ("a" * 64, "b" * 64)})
    own_idea: Copy = draft(0).model_copy(update={"image": "c" * 64})

    assert [with_picture(own_idea, brief, at).image for at in range(3)] == ["a" * 64, "b" * 64, "a" * 64]
    assert with_picture(own_idea, BRIEF, 0).image is None


def test_a_run_asks_about_words_and_picture_and_holds_where_the_file_was_swapped(stage: Stage) -> None:
    from types import SimpleNamespace

    from presscheck.wiring import read_settings

    brief = stage.project / "brief.yaml"
    brief.write_text(brief.read_text() + "images: [hero]\n")
    world = SimpleNamespace(home=read_settings().home, door=stage.door)
    picture = add_picture(world)

    assert stage.start() is None

    with stage.door.read() as tx:
        [review] = reviews_of_run(tx, str(stage.id))
        form = stage.desk.form(tx, review)
    assert all(label.endswith("picture: A woman in a rain jacket on a hill") for label in form.choices.values())
    file_of(world, picture).write_bytes(b"another")
    stage.run = None
    held = stage.start()
    assert held is not None
    assert held.name == "Held"
    assert "is not the file that was added" in str(held.message)


def test_a_text_that_was_brought_back_is_asked_about_first_in_the_next_run(stage: Stage) -> None:
    stage.start()
    with stage.door.read() as tx:
        [review] = reviews_of_run(tx, str(stage.id))
    edit = {"pick": "V01", "field": "subject", "text": "A warm jacket for wet hills"}
    raw = {"form": review.form_key, "decision": "Approve", "picks": ["V01"], "edits": [edit]}
    decision = stage.desk.apply(review.id, person="P-ana", raw=raw)
    assert getattr(decision, "manifest", None) is not None, decision
    old = review.question.proposals[0].asset

    done = stage.desk.revert(old, 1, person="P-ben", reason="voice")
    stage.run = None
    stage.start()

    assert getattr(done, "of", None) == 1, done
    with stage.door.read() as tx:
        [again] = reviews_of_run(tx, str(stage.id))
    assert again.question.proposals[0].asset == old
    assert len(again.question.proposals) == 5
