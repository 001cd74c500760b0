"""Whoever started, wrote or was asked hears what became of it, and whoever was mentioned; each as they chose."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import record_start
from presscheck.models import Refused
from presscheck.notices import Notice, tell_all, what_became_of_it
from presscheck.notices.choices import CHOICES, DEFAULTS, before, choose, chosen
from tests.conftest import Clock
from tests.desk.scene import BRIEF, Ledgers
from tests.notices.office import Office, Receiver


class House(Office):
    """Eva started the run, Ben wrote the brief, Ana answers."""

    def __init__(self, ledgers: Ledgers) -> None:
        super().__init__(ledgers, brief=BRIEF, email=True)
        with ledgers.door.write() as tx:
            record_start(tx, self.scene.run, person="P-eva", campaign="product-launch")

    def news(self) -> list[Notice]:
        with self.ledgers.worker.read() as tx:
            return what_became_of_it(tx)

    def heard(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(notice.step, notice.people) for notice in self.news()]

    def choose(self, name: str, *wanted: str) -> None:
        with self.ledgers.door.write() as tx:
            assert choose(tx, f"P-{name}", wanted) is None

    def comment(self, by: str, mentions: Any) -> None:
        with self.ledgers.door.write() as tx:
            body = {"comment": "C-0123456789ab", "person": f"P-{by}", "mentions": mentions}
            tx.append(EventKind.COMMENT_MADE, self.scene.review.id, body, run=self.scene.run)

    def deliver(self, kind: EventKind) -> str:
        decision = self.scene.approve("ana")
        assert decision.manifest is not None
        delivery = self.scene.request(decision.manifest)
        with self.ledgers.press.write() as tx:
            tx.append(kind, delivery, {"code": "paused"}, run=self.scene.run)
        return delivery


@pytest.fixture
def house(sqlite_ledgers: Ledgers) -> House:
    return House(sqlite_ledgers)


def test_who_started_and_who_wrote_the_brief_hear_that_it_was_approved(house: House) -> None:
    house.scene.approve("ana")

    assert house.heard() == [("approved", ("P-ben", "P-eva"))]


@pytest.mark.parametrize(("decision", "step"), [("Reject", "rejected"), ("Request changes", "changes")])
def test_they_hear_that_it_was_refused_or_that_changes_are_wanted(house: House, decision: str, step: str) -> None:
    house.answer("ana", decision, reason="factual", note="The offer has ended.")

    assert house.heard() == [(step, ("P-ben", "P-eva"))]


def test_who_approved_hears_too_that_it_is_held(house: House) -> None:
    house.deliver(EventKind.DELIVERY_HELD)

    assert house.heard() == [("approved", ("P-ben", "P-eva")), ("held", ("P-ben", "P-eva", "P-ana"))]


@pytest.mark.parametrize(
    ("kind", "step"), [(EventKind.DELIVERY_COMPLETED, "sent"), (EventKind.RECALL_DONE, "recalled")]
)
def test_they_hear_that_it_went_out_and_that_it_was_taken_back(house: House, kind: EventKind, step: str) -> None:
    house.deliver(kind)

    assert house.heard()[1][0] == step
    assert house.heard()[1][1][:2] == ("P-ben", "P-eva")


def test_who_wrote_one_of_its_texts_hears_of_it_as_of_their_own(house: House) -> None:
    with house.ledgers.door.write() as tx:
        tx.append(EventKind.ASSET_WRITTEN, "a" * 64, {"author": {"person": "P-uma"}}, run=house.scene.run)
        tx.append(EventKind.ASSET_WRITTEN, "b" * 64, {"author": {"person": "P-cleo"}}, run="another-run")

    house.scene.approve("ana")

    assert house.heard() == [("approved", ("P-ben", "P-eva", "P-uma"))]


def test_who_had_it_taken_back_does_not_hear_so(house: House) -> None:
    delivery = house.deliver(EventKind.DELIVERY_COMPLETED)
    with house.ledgers.door.write() as tx:
        tx.append(EventKind.RECALL_DECIDED, delivery, {"person": "P-eva"}, run=house.scene.run)
    with house.ledgers.press.write() as tx:
        tx.append(EventKind.RECALL_DONE, delivery, {}, run=house.scene.run)

    assert house.heard()[-1] == ("recalled", ("P-ben", "P-ana"))


def test_a_delivery_that_names_a_review_that_is_none_is_passed_over(house: House) -> None:
    with house.ledgers.worker.write() as tx:
        tx.append(EventKind.DELIVERY_REQUESTED, "D-0123456789ab", {"review": "R-nobody's"}, run=house.scene.run)
    with house.ledgers.press.write() as tx:
        tx.append(EventKind.DELIVERY_HELD, "D-0123456789ab", {"code": "paused"}, run=house.scene.run)
        tx.append(EventKind.DELIVERY_HELD, "D-aaaaaaaaaaaa", {"code": "paused"}, run=house.scene.run)

    assert house.news() == []


def test_nobody_hears_of_what_they_did_themselves(house: House) -> None:
    house.choose("ana", *CHOICES)
    house.scene.approve("ana")

    assert house.heard() == [("approved", ("P-ben", "P-eva"))]


def test_each_hears_what_they_chose(house: House) -> None:
    house.choose("eva")
    house.choose("ben", "held:mine")
    house.deliver(EventKind.DELIVERY_HELD)

    assert house.heard() == [("held", ("P-ben", "P-ana"))]


def test_who_was_told_of_the_question_counts_as_asked(house: House, receiver: Receiver) -> None:
    house.secret("notices-email", "mailto://u:p@127.0.0.1:1")
    tell_all(house.ledgers.worker, house.settings, house.due(), lambda *_: None)
    house.choose("cleo", "approved:asked")

    house.scene.approve("ana")

    assert house.heard() == [("approved", ("P-ben", "P-eva", "P-cleo"))]


def test_who_does_not_want_questions_is_not_mailed_one_and_the_others_are(house: House) -> None:
    house.choose("ana", "approved:mine")

    tell_all(house.ledgers.worker, house.settings, house.due(), lambda *_: None)

    told = {to for step, to in house.told() if step == "question"}
    assert "P-cleo" in told
    assert "P-ana" not in told


def test_whoever_a_comment_mentions_hears_of_it_but_for_who_wrote_it(house: House) -> None:
    house.choose("cleo", "questions")
    house.comment("ben", ["P-ana", "P-ben", "P-cleo", "P-nobody", "P-ana", 7])

    assert house.heard() == [("mentioned", ("P-ana",))]


@pytest.mark.parametrize("mentions", ["P-ana", None, {"P-ana": 1}, []])
def test_mentions_of_another_shape_mention_nobody(house: House, mentions: Any) -> None:
    house.comment("ben", mentions)

    assert house.news() == []


def test_whoever_lost_the_account_hears_nothing(house: House) -> None:
    house.scene.approve("ana")
    house.revoke("eva")

    assert house.heard() == [("approved", ("P-ben",))]


def test_what_is_older_than_a_day_is_told_to_nobody(house: House, clock: Clock) -> None:
    house.scene.approve("ana")
    clock.advance(hours=25)

    assert house.news() == []


def test_it_is_told_once_after_the_answer_with_links_that_answer_nothing(house: House) -> None:
    house.scene.approve("ana")
    said: list[tuple[str, str]] = []

    def attempt(addressee: str, words: Any) -> str | None:
        said.append((addressee, words.body))
        return None

    for _ in range(2):
        tell_all(house.ledgers.worker, house.settings, house.news(), attempt)

    assert [addressee for addressee, _ in said] == ["P-ben", "P-eva"]
    review = house.scene.review.id
    assert said[0][1] == (
        f"It was approved: e-mail ({review})\nThe proof: https://door.example/proof/{review}\n\n"
        "You sign in there before you see or answer anything. No link in this message answers by itself."
    )


def test_a_choice_is_kept_undone_and_the_same_again_is_no_event(house: House) -> None:
    with house.ledgers.door.write() as tx:
        first = (chosen(tx, "P-ana"), before(tx, "P-ana"))
        choose(tx, "P-ana", {"mentioned"})
        choose(tx, "P-ana", ["mentioned"])
        second = (chosen(tx, "P-ana"), before(tx, "P-ana"))
        events = len(tx.events(EventKind.NOTICES_CHOSEN))

    assert first == (DEFAULTS, None)
    assert second == ({"mentioned"}, DEFAULTS)
    assert events == 1


def test_a_choice_that_there_is_not_is_refused_and_changes_nothing(house: House) -> None:
    with house.ledgers.door.write() as tx:
        answer = choose(tx, "P-ana", {"mentioned", "<script>"})
        kept = chosen(tx, "P-ana")

    assert isinstance(answer, Refused)
    assert (answer.code, kept) == ("unknown-choice", DEFAULTS)


def test_what_an_older_choice_says_nothing_about_is_as_without_one(house: House) -> None:
    with house.ledgers.door.write() as tx:
        tx.append(EventKind.NOTICES_CHOSEN, "P-ana", {"told": ["gone"], "not": ["questions"]})

        assert chosen(tx, "P-ana") == DEFAULTS - {"questions"}
