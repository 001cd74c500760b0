"""What of a question's texts is like another, or like one that was approved before it: told, and never in the way."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from policies import PolicySet
from presscheck.assets.reading import read_signable
from presscheck.desk.likenesses import approved_before, too_like_in
from presscheck.desk.situation import Situation, read_situation
from presscheck.models import Finding
from tests.desk.scene import Ledgers, Scene, draft, shipped_policies

LATER = "6f0c6a52-0000-4000-8000-000000000002"
ANOTHER = draft(5, body="Wet hills again? See how this one is made: it keeps the rain out, from collar to hem.")


def alike(scene: Scene) -> Mapping[str, tuple[Finding, ...]]:
    with scene.ledgers.door.read() as tx:
        situation = read_situation(tx, scene.review, scene.policies)
        assert isinstance(situation, Situation)
        choices = {f"V{at:02}": read_signable(asset) for at, asset in enumerate(scene.assets, start=1)}
        return too_like_in(tx, situation, choices)


def told(scene: Scene) -> dict[str, list[tuple[str, str]]]:
    return {code: [(one.rule, one.text) for one in some] for code, some in alike(scene).items()}


def test_drafts_that_are_alike_are_told_with_the_code_of_the_one_before(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0), ANOTHER, draft(1)))

    assert told(scene) == {"V03": [("brand.near-duplicates", "V01")]}


def test_what_was_approved_in_another_run_is_told_with_its_review_and_day(sqlite_ledgers: Ledgers) -> None:
    first = Scene(sqlite_ledgers, drafts=(draft(0), ANOTHER))
    first.approve(picks=["V01"])
    sqlite_ledgers.clock.advance(hours=1)
    later = Scene(sqlite_ledgers, drafts=(ANOTHER, draft(1)), run=LATER, people=False)

    day = sqlite_ledgers.clock().date()
    assert told(later) == {"V02": [("brand.sent-before", f"one approved in {first.review.id} on {day}")]}


def test_the_proof_of_an_approval_does_not_find_the_approval_itself(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0), ANOTHER))
    scene.approve(picks=["V01", "V02"])

    assert told(scene) == {}


def test_only_what_was_approved_in_the_days_and_before_the_question_is_read(sqlite_ledgers: Ledgers) -> None:
    first = Scene(sqlite_ledgers, drafts=(draft(0), ANOTHER))
    first.approve(picks=["V01"])
    now = sqlite_ledgers.clock()

    def read(since: date | None, before: datetime, channel: str = "email", run: str = LATER) -> int:
        with sqlite_ledgers.door.read() as tx:
            return len([*approved_before(tx, channel, run=run, since=since, before=before)])  # type: ignore[arg-type]

    after = now + timedelta(hours=1)
    assert read(None, after) == read(now.date(), after) == 1
    assert read(now.date() + timedelta(days=1), after) == 0
    assert read(None, datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert read(None, after, channel="sms") == 0
    assert read(None, after, run=first.run) == 0


def test_a_rule_of_level_review_stops_nobody_who_approves(sqlite_ledgers: Ledgers) -> None:
    shipped = shipped_policies()
    stricter = tuple(
        one.model_copy(update={"level": "review"}) if one.id == "brand.near-duplicates" else one
        for one in shipped.guardrails
    )
    held: PolicySet = replace(shipped, guardrails=stricter)
    scene = Scene(sqlite_ledgers, policies=lambda: held, worst_finding="review")

    scene.approve(picks=["V01", "V02"])

    assert [some[0].level for some in alike(scene).values()] == ["review"] * 3
