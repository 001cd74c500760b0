"""Which stored questions and texts name a digest, on both databases: a hint to read by, and nothing to believe."""

from typing import Any

from presscheck.ledger.assets import put_asset, texts_with_pictures
from presscheck.ledger.reviews import open_review, reviews_naming
from presscheck.models import Asset, Author
from tests.ledger.filled import copy_asset, question

MACHINE = Author.machine("offline", "phrases-1", "prompts.email", "1")
PICTURE = "3fa1" * 16


def with_picture(picture: str | None) -> Asset:
    content = {**copy_asset("Hello").content, "channel": "blog", "image": picture}
    return Asset(kind="copy", content=content, author=MACHINE)


def test_questions_are_found_by_what_they_propose_and_by_nothing_else(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        first, second = (put_asset(tx, copy_asset(words), run="r") for words in ("one", "two"))
        asked = open_review(tx, question(first), expires_at=tx.now)
        open_review(tx, question(second, round_=2), expires_at=tx.now)

        found = [reviews_naming(tx, [digest]) for digest in (first, "%", "_" * 64, "0" * 64)]

    assert found == [[asked.id], [], [], []]


def test_texts_are_found_by_the_picture_that_they_show(ledgers: Any) -> None:
    with ledgers.worker.write() as tx:
        shown = put_asset(tx, with_picture(PICTURE), run="r")
        put_asset(tx, with_picture(None), run="r")

        found = [texts_with_pictures(tx, [picture]) for picture in (PICTURE, "%", "null")]

    assert found == [[shown], [], []]
