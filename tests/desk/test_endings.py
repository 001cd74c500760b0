"""How a question ended is told in one way, and nobody is said to have approved what they never saw."""

from datetime import timedelta
from typing import Any

import pytest

from presscheck.desk.endings import Ending, ending_at, ending_of
from presscheck.desk.upkeep import Upkeep
from presscheck.ledger import EventKind
from presscheck.ledger.reviews import decision_event
from presscheck.models import Refused
from tests.desk.scene import Ledgers, Scene
from tests.desk.test_glass import Glazier
from tests.desk.test_spot_checks import DIRECTOR, RULE, of_both_sorts, sign
from tests.desk.test_stages import Staged, approve_all


def ending(scene: Scene) -> Ending:
    with scene.ledgers.press.read() as tx:
        decision = scene.desk.outcome(tx, scene.review.id).decision
        assert decision is not None
        return ending_of(tx, decision)


def let_out(ledgers: Ledgers) -> Scene:
    """A mailing that a rule let out; mark signed the rule and saw nothing of it."""
    Scene(ledgers).approve()
    enrol(ledgers, "mark", DIRECTOR)
    sign(ledgers)
    return of_both_sorts(ledgers)[0]


def enrol(ledgers: Ledgers, name: str, grants: Any) -> None:
    from presscheck.people.rights import record_rights, remember_person

    email = f"{name}@brand.example"
    with ledgers.door.write() as tx:
        remember_person(tx, f"P-{name}", email=email, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")


@pytest.mark.parametrize(
    ("decision", "more", "words"),
    [
        ("Approve", {}, "Approved by ana (brand lead)"),
        ("Reject", {"reason": "voice"}, "Rejected by ana (brand lead)"),
        ("Request changes", {"reason": "voice", "note": "Warmer"}, "Changes requested by ana (brand lead)"),
    ],
)
def test_a_persons_answer_names_the_person_and_the_role(
    scene: Scene, decision: str, more: dict[str, Any], words: str
) -> None:
    scene.answer("ana", decision, **more)

    told = ending(scene)

    assert (told.how, told.words, told.more) == ("people", words, "")
    assert told.nameless == words.replace("ana (brand lead)", "a brand lead")


def test_of_several_stages_everybody_who_said_yes_is_named(sqlite_ledgers: Ledgers) -> None:
    staged = Staged(sqlite_ledgers)
    approve_all(staged)

    told = ending(staged)

    everybody = "ana (brand lead), rita (regional reviewer), dora (regional reviewer) and lex (legal)"
    assert told.words == f"Approved by {everybody}"
    assert told.nameless == "Approved by a brand lead, a regional reviewer and a legal reviewer"


def test_what_a_rule_let_out_says_the_rule_who_signed_it_and_that_nobody_looked(sqlite_ledgers: Ledgers) -> None:
    scene = let_out(sqlite_ledgers)

    told = ending(scene)

    assert (told.how, told.words) == ("rule", f"Let out by the rule {RULE}, and nobody looked at it")
    assert told.more.startswith("mark (marketing director) signed the rule on 02 Mar 2026, 09:00 UTC.")
    assert "people look at 20%, drawn by lot, and not at this" in told.more
    assert "mark" not in told.nameless


def test_a_late_answer_to_what_a_rule_let_out_hears_the_rule_and_not_that_time_was_over(
    sqlite_ledgers: Ledgers,
) -> None:
    scene = let_out(sqlite_ledgers)

    late = scene.answer("ana", "Reject", reason="voice")

    assert isinstance(late, Refused)
    assert late.reason.startswith(f"This is over: let out by the rule {RULE}, and nobody looked at it")
    assert "mark (marketing director) signed the rule" in late.reason


def test_broken_glass_names_both_who_broke_it(sqlite_ledgers: Ledgers) -> None:
    glazier = Glazier(sqlite_ledgers)
    glazier.confirm(glazier.ask())

    told = ending(glazier.scene)

    assert told.how == "glass"
    assert told.words.startswith("Let out by broken glass, past the people whom the policies demand, by ")
    assert "approved" not in told.words.lower()


def test_what_time_ended_names_nobody(scene: Scene, sqlite_ledgers: Ledgers) -> None:
    sqlite_ledgers.clock.now += timedelta(days=8)
    scene.desk.expire_due()

    told = ending(scene)

    assert (told.how, told.words) == ("nobody", "Expired, because nobody answered in time")


def test_who_withdrew_is_named_with_the_role(scene: Scene) -> None:
    scene.desk.withdraw(scene.review.id, person="P-eva")

    assert ending(scene).words == "Withdrawn by eva (engineer)"


@pytest.mark.slow
def test_a_draw_that_is_not_there_names_no_signer(sqlite_ledgers: Ledgers) -> None:
    scene = let_out(sqlite_ledgers)
    with sqlite_ledgers.door.read() as tx:
        decision = scene.desk.outcome(tx, scene.review.id).decision
        assert decision is not None
        # Of an event that is no draw, nobody's name is taken for a signer's.
        told = ending_of(tx, decision.model_copy(update={"draw": 1}))
        gone = ending_of(tx, decision.model_copy(update={"draw": 10**6}))

    assert {told.more, gone.more} == {"Who signed the rule is not on record."}


def test_where_no_decision_stands_there_is_no_ending(scene: Scene) -> None:
    scene.approve()
    with scene.ledgers.door.read() as tx:
        event = decision_event(tx, scene.review.id)
        assert event is not None
        assert ending_at(tx, event.seq).words == "Approved by ana (brand lead)"
        with pytest.raises(KeyError):
            ending_at(tx, 10**6)


def test_asked_again_under_other_policies_is_nobodys_answer(sqlite_ledgers: Ledgers, tmp_path: Any) -> None:
    from policies import load_policies
    from tests.desk.scene import policy_folder

    folder = policy_folder(tmp_path)
    current = [load_policies(folder)]
    scene = Scene(sqlite_ledgers, policies=lambda: current[0])
    upkeep = Upkeep(scene.desk)
    upkeep.follow_policies()
    file = folder / "approvals" / "campaign-copy.yaml"
    file.write_text(file.read_text().replace("at_most: 3", "at_most: 2"))
    current[0] = load_policies(folder)

    upkeep.follow_policies()

    assert ending(scene).words == "Asked again, because its policies changed"
