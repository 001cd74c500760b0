"""What was approved is words and picture together: swapped, planted, unlabelled or reverted, nothing goes out."""

from collections.abc import Sequence
from typing import Any

import pytest

from presscheck.ledger.assets import put_asset
from presscheck.ledger.versions import line_of
from presscheck.models import Asset, Author, Decision, Refused
from presscheck.press.channels import Failed, Message, Sent, Unknown
from presscheck.press.channels.outbox import Outbox
from tests.assets.pictures.pictured import PicturedScene, add_picture, file_of, png
from tests.desk.scene import draft

OTHER_RUN = "6f0c6a52-0000-4000-8000-000000000002"


def test_a_file_swapped_after_the_approval_holds_the_delivery(sqlite_ledgers: Any) -> None:
    scene = PicturedScene(sqlite_ledgers)
    stand = scene.stand()
    delivery = stand.approve_and_request()

    file_of(sqlite_ledgers, scene.picture).write_bytes(png("blue"))
    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent) == ("held", 0)
    assert "is not the file that was added" in row.reason
    assert stand.files() == []


def test_a_file_swapped_for_a_link_to_the_same_bytes_holds_too(sqlite_ledgers: Any) -> None:
    scene = PicturedScene(sqlite_ledgers)
    stand = scene.stand()
    delivery = stand.approve_and_request()
    path = file_of(sqlite_ledgers, scene.picture)

    # The same bytes now, and whatever somebody likes a moment later.
    path.rename(path.with_suffix(".away"))
    path.symlink_to(path.with_suffix(".away"))
    stand.press.step()

    assert stand.row(delivery).state == "held"


class Swapping(Outbox):
    """An outbox beside which somebody swaps the picture after the first batch."""

    path_of: Any = None

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Sent | Failed | Unknown]:
        answers = super().send(delivery, batch)
        self.path_of.write_bytes(png("blue"))
        return answers


def test_a_file_swapped_between_two_batches_holds_the_rest(sqlite_ledgers: Any) -> None:
    scene = PicturedScene(sqlite_ledgers)
    outbox = Swapping(sqlite_ledgers.home / "outbox")
    outbox.path_of = file_of(sqlite_ledgers, scene.picture)
    right = outbox.path_of.read_bytes()
    stand = scene.stand(channels={"outbox": outbox})
    stand.outbox = outbox
    delivery = stand.approve_and_request()

    stand.press.step()

    assert (stand.row(delivery).state, len(stand.files())) == ("held", 3)
    shown = [part.get_content() for mail in stand.mails() for part in mail.walk() if part.get_filename()]
    assert set(shown) == {right}


def test_a_file_swapped_before_the_answer_is_not_approved(sqlite_ledgers: Any) -> None:
    scene = PicturedScene(sqlite_ledgers)
    file_of(sqlite_ledgers, scene.picture).unlink()

    answer = scene.answer()

    assert isinstance(answer, Refused)
    assert answer.code == "picture-changed"


def test_a_picture_that_a_worker_planted_with_labels_of_its_own_is_not_believed(sqlite_ledgers: Any) -> None:
    honest = add_picture(sqlite_ledgers, labels=["synthetic-performer"], source_type="trainedAlgorithmicMedia")
    planted = Asset(
        kind="image",
        content={**honest.content, "labels": ["contains-people"]},
        author=Author.machine("x", "y", "z", "1"),
    )
    with sqlite_ledgers.worker.write() as tx:
        put_asset(tx, planted, run="r")
    signed = planted.model_copy(update={"author": Author.by("P-ben")})
    with sqlite_ledgers.worker.write() as tx:
        # Under a person's name, but with the worker's signature: the event is none.
        put_asset(tx, signed, run="s")

    answer = PicturedScene(sqlite_ledgers, planted).answer()

    assert isinstance(answer, Refused)
    assert "Nobody who was signed in has added the picture" in answer.reason


def test_a_picture_that_the_brief_does_not_name_is_not_approved(sqlite_ledgers: Any) -> None:
    other = add_picture(sqlite_ledgers, colour="blue", name="other")
    scene = PicturedScene(sqlite_ledgers, images=(other.digest,))

    answer = scene.answer()

    assert isinstance(answer, Refused)
    assert "which its brief does not name" in answer.reason


@pytest.mark.parametrize(
    ("caption", "body", "passes"),
    [
        ("", "", False),
        ("Photographed on the fells", "", False),
        ("Synthetic performer, created with AI", "", True),
        ("", "The person above is a synthetic performer.", True),
    ],
)
def test_a_synthetic_performer_is_disclosed_where_readers_see_it(
    sqlite_ledgers: Any, caption: str, body: str, passes: bool
) -> None:
    picture = add_picture(
        sqlite_ledgers,
        labels=["synthetic-performer"],
        source_type="trainedAlgorithmicMedia",
        caption=caption,
        # Said where few people ever read it: that is no disclosure.
        alt="A synthetic performer in a rain jacket",
    )
    words = [draft(number) for number in range(4)]
    drafts = [
        one.model_copy(update={"image": picture.digest, "body": f"{one.body}\n\n{body}".strip()}) for one in words
    ]

    answer = PicturedScene(sqlite_ledgers, picture, drafts=drafts).answer()

    assert isinstance(answer, Decision) is passes
    if not passes:
        # The law of New York holds from June; in March it is for a person, and the question said that nothing is.
        assert "one of level review" in answer.reason


def edited(scene: PicturedScene) -> Decision:
    edit = {"pick": "V01", "field": "subject", "text": "A warm jacket for wet hills"}
    return scene.approve(picks=["V01"], edits=[edit])


def bring_back(scene: PicturedScene, digest: str, version: int) -> None:
    done = scene.desk.revert(digest, version, person="P-ben", reason="factual")
    assert not isinstance(done, Refused), done


def test_an_old_approval_does_not_revive_when_its_version_is_brought_back(ledgers: Any) -> None:
    first = PicturedScene(ledgers)
    old = first.approve(picks=["V01"])
    second = PicturedScene(ledgers, first.picture, run=OTHER_RUN, people=False)
    edit = {"pick": "V01", "field": "subject", "text": "A warm jacket for wet hills"}
    new = second.approve(picks=["V01"], edits=[edit])
    assert old.manifest is not None
    assert new.manifest is not None

    bring_back(first, new.manifest.assets[0], 1)

    with ledgers.door.read() as tx:
        line = line_of(tx, old.manifest.assets[0])
    assert [(one.digest, one.of) for one in line] == [
        (old.manifest.assets[0], None),
        (new.manifest.assets[0], None),
        (old.manifest.assets[0], 1),
    ]
    # The very digest that was approved in the first run is current again, and its yes is still no yes.
    for scene, decision in ((first, old), (second, new)):
        stand = scene.stand()
        delivery = stand.request(decision)
        stand.press.step()
        assert stand.row(delivery).state == "held"
        assert "no yes of before holds for it" in stand.row(delivery).reason


def test_what_is_asked_again_after_a_revert_may_be_approved_and_sent(sqlite_ledgers: Any) -> None:
    first = PicturedScene(sqlite_ledgers)
    decision = edited(first)
    assert decision.manifest is not None
    bring_back(first, decision.manifest.assets[0], 1)

    again = PicturedScene(sqlite_ledgers, first.picture, run=OTHER_RUN, people=False)
    stand = again.stand()
    delivery = stand.request(again.approve(picks=["V01"]))
    stand.press.step()

    assert stand.row(delivery).state == "done"


def test_a_question_asked_before_a_revert_is_not_answered_after_it(sqlite_ledgers: Any) -> None:
    first = add_picture(sqlite_ledgers)
    second = add_picture(sqlite_ledgers, colour="blue", parent=first.digest)
    scene = PicturedScene(sqlite_ledgers, second)
    bring_back(scene, second.digest, 1)

    answer = scene.answer()

    assert isinstance(answer, Refused)
    assert answer.code == "reverted"


def test_a_revert_of_the_picture_ends_the_approval_of_the_words_with_it(sqlite_ledgers: Any) -> None:
    first = add_picture(sqlite_ledgers)
    second = add_picture(sqlite_ledgers, colour="blue", parent=first.digest)
    scene = PicturedScene(sqlite_ledgers, second)
    stand = scene.stand()
    delivery = stand.approve_and_request()

    bring_back(scene, first.digest, 1)
    stand.press.step()

    assert stand.row(delivery).state == "held"


def test_a_worker_cannot_bring_anything_back(sqlite_ledgers: Any) -> None:
    from presscheck.ledger import EventKind

    first = add_picture(sqlite_ledgers)
    second = add_picture(sqlite_ledgers, colour="blue", parent=first.digest)
    with sqlite_ledgers.worker.write() as tx:
        body = {"kind": "image", "parent": second.digest, "author": Author.by("P-ben").model_dump(), "version": 1}
        tx.append(EventKind.ASSET_REVERTED, first.digest, {**body, "line": []})

    with sqlite_ledgers.door.read() as tx:
        assert [one.digest for one in line_of(tx, first.digest)] == [first.digest, second.digest]
