"""Where several people are needed: every way to make it fewer of them, or others. Nothing goes out in any of them."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from presscheck.desk.current import CurrentPolicies
from presscheck.desk.makers import makers_of
from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import record_start
from presscheck.ledger.reviews import open_review
from presscheck.ledger.versions import line_of, record_revert
from presscheck.models import Decision, DecisionKind
from presscheck.people.absence import absent, present
from presscheck.people.delegation import Delegation, delegate, end_delegation
from presscheck.people.rights import Grant, email_digest, record_rights, remember_person
from tests.attacks.staged import ALL, BESIDE, SPENDING, WHOLE, Staged
from tests.desk.scene import Ledgers, policy_folder

EVERY_ROLE = tuple(
    Grant(role=role, markets=ALL) for role in ("brand_lead", "regional_reviewer", "legal", "marketing_director")
)


@pytest.fixture
def staged(sqlite_ledgers: Ledgers) -> Staged:
    return Staged(sqlite_ledgers)


@pytest.mark.slow
def test_with_everybody_whom_it_demands_it_goes_out(staged: Staged) -> None:
    *_, decision = staged.yes(*WHOLE)

    staged.request_all(decision.manifest)

    assert isinstance(decision, Decision)
    assert len(staged.files()) == 7


@pytest.mark.parametrize("count", [1, 3])
def test_before_the_last_of_them_nothing_goes_out(staged: Staged, count: int) -> None:
    *_, approval = staged.yes(*WHOLE[:count])

    delivery = staged.request_all(approval.manifest)

    staged.assert_held(delivery, "no-decision")


def test_nobody_counts_twice_whatever_roles_they_hold(staged: Staged) -> None:
    staged.give("ana", *EVERY_ROLE)
    staged.yes("ana")

    code = staged.refused("ana")

    assert code == "counted-already"
    assert staged.refusals() == [("P-ana", "counted-already")]


def test_a_delegate_and_who_delegated_count_as_one(staged: Staged) -> None:
    staged.give("ana", *EVERY_ROLE)
    lend(staged, "ana", "tim", "regional_reviewer")
    staged.yes("ana")

    assert staged.refused("tim") == "counted-already"


@pytest.mark.slow
@pytest.mark.parametrize("address", ["ana+law@brand.example", "Ana+X@Brand.Example"])
def test_two_accounts_of_one_person_count_as_one(staged: Staged, address: str) -> None:
    with staged.scene.ledgers.door.write() as tx:
        remember_person(tx, "P-other", email=address, name="A. Other")
        grants = (Grant(role="legal", markets=ALL),)
        record_rights(tx, EventKind.PERSON_ENROLLED, "P-other", grants, email=address, name="A. Other", by="P-root")
    staged.yes("ana", "rita", "dieter")

    assert staged.refused("other") == "counted-already"


def test_a_delegate_speaks_at_the_gates_and_in_the_markets_that_were_lent(staged: Staged) -> None:
    lend(staged, "ana", "tim", "brand_lead", gates=("budget",))
    lend(staged, "cleo", "tim", "brand_lead", markets=("US",))

    assert staged.refused("tim") == "no-right"


def test_a_delegate_does_not_approve_what_who_delegated_wrote(staged: Staged) -> None:
    lend(staged, "ben", "tim", "brand_lead")

    assert staged.refused("tim") == "own-brief"


@pytest.mark.slow
def test_two_delegations_of_one_person_both_count(staged: Staged) -> None:
    staged.give("ana", *EVERY_ROLE)
    lend(staged, "ana", "tim", "legal")
    lend(staged, "ana", "tim", "brand_lead")

    *_, decision = staged.yes("tim", "rita", "dieter", "lea")

    assert isinstance(decision, Decision)
    staged.request_all(decision.manifest)
    assert len(staged.files()) == 7


@pytest.mark.slow
def test_a_delegation_that_was_ended_and_made_anew_revives_nothing(staged: Staged) -> None:
    lent = lend(staged, "ana", "tim", "brand_lead")
    *_, decision = staged.yes("tim", "rita", "dieter", "lea")
    with staged.scene.ledgers.door.write() as tx:
        assert end_delegation(tx, lent.id, by="P-ana") is None
    lend(staged, "ana", "tim", "brand_lead")

    delivery = staged.request_all(decision.manifest)

    staged.assert_held(delivery, "rights-gone")


def test_a_role_that_was_swapped_for_another_carries_no_yes_along(staged: Staged) -> None:
    staged.yes("ana", "rita")
    # Who read it for the US is now responsible for DE, and has not read it for DE.
    staged.give("rita", Grant(role="regional_reviewer", markets=("DE",)))

    code = staged.refused("lea")

    assert code == "no-right"
    with staged.scene.ledgers.door.read() as tx:
        standing = staged.scene.desk.standing(tx, staged.scene.review)
    assert [seat.markets for seat in standing.missing] == [("US",), ("DE",)]


def test_a_right_that_grew_keeps_every_yes(staged: Staged) -> None:
    staged.yes("ana", "rita")

    staged.give("rita", Grant(role="regional_reviewer", markets=("US", "DE")), Grant(role="legal", markets=ALL))

    *_, decision = staged.yes("dieter", "lea")
    assert isinstance(decision, Decision)


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["ana", "dieter"])
def test_whoever_of_them_loses_the_right_holds_the_delivery(staged: Staged, gone: str) -> None:
    *_, decision = staged.yes(*WHOLE)
    staged.give(gone)

    delivery = staged.request_all(decision.manifest)

    staged.assert_held(delivery, "rights-gone")


@pytest.mark.slow
def test_a_right_that_comes_back_brings_no_yes_back(staged: Staged) -> None:
    *_, decision = staged.yes(*WHOLE)
    staged.give("rita")
    staged.give("rita", Grant(role="regional_reviewer", markets=("US",)), kind=EventKind.PERSON_ENROLLED)

    delivery = staged.request_all(decision.manifest)

    staged.assert_held(delivery, "rights-gone")


@pytest.mark.slow
def test_a_stage_whose_reviewer_was_revoked_is_asked_again_before_the_next(staged: Staged) -> None:
    staged.yes("ana", "rita", "dieter")
    staged.give("ana")

    assert staged.refused("lea") == "no-right"

    *_, decision = staged.yes("cleo", "rita", "dieter", "lea")
    assert isinstance(decision, Decision)


def test_others_sign_exactly_what_was_picked_first(staged: Staged) -> None:
    staged.yes("ana")

    assert staged.refused("rita", picks=["V03"]) == "bad-form"
    assert staged.refused("rita", edits=[{"pick": "V01", "field": "body", "text": "Other words."}]) == "bad-edit"
    assert staged.scene.kinds("approval:") == ["approval:given"]


def test_a_form_of_an_earlier_stage_answers_no_later_one(staged: Staged) -> None:
    first = staged.key()
    staged.yes("ana")

    assert staged.refused("rita", form=first) == "stale-form"


def test_another_manifest_than_the_one_that_all_signed_is_held(staged: Staged) -> None:
    *_, decision = staged.yes(*WHOLE)
    assert decision.manifest is not None
    fewer = decision.manifest.model_copy(update={"assets": decision.manifest.assets[:1]})

    delivery = staged.request_all(fewer)

    staged.assert_held(delivery, "other-manifest")


def test_an_approval_that_a_worker_wrote_is_believed_by_nobody(staged: Staged) -> None:
    (given,) = staged.yes("ana")
    planted = given.model_copy(update={"person": "P-rita", "stage": "region", "role": "regional_reviewer"})
    with staged.scene.ledgers.worker.write() as tx:
        body = planted.model_dump(mode="json")
        tx.append(EventKind.APPROVAL_GIVEN, staged.scene.review.id, body, run=staged.scene.run)

    assert stage_of(staged) == "region"
    delivery = staged.request_all(given.manifest)
    staged.assert_held(delivery, "ledger-unsound")


def test_an_approval_of_another_question_counts_nothing_here(sqlite_ledgers: Ledgers) -> None:
    before = Staged(sqlite_ledgers)
    (given,) = before.yes("ana")
    again = Staged(sqlite_ledgers, run=before.scene.run, round=2, people=False)
    with sqlite_ledgers.door.write() as tx:
        # Even the door's own signature, under the id of the new review.
        body = given.model_dump(mode="json")
        tx.append(EventKind.APPROVAL_GIVEN, again.scene.review.id, body, run=again.scene.run)

    assert stage_of(again) == "brand"


def test_who_is_away_does_not_decide_and_is_not_asked(staged: Staged) -> None:
    with staged.scene.ledgers.door.write() as tx:
        absent(tx, "P-ana", by="P-ana", until=None)

    assert staged.refused("ana") == "absent"
    with staged.scene.ledgers.door.read() as tx:
        assert "P-ana" not in staged.scene.desk.asked(tx, staged.scene.review)

    with staged.scene.ledgers.door.write() as tx:
        present(tx, "P-ana", by="P-ana")
    staged.yes("ana")


def test_the_next_in_line_waits_for_the_turn(staged: Staged) -> None:
    assert staged.refused("max") == "no-right"

    staged.scene.ledgers.clock.now += timedelta(days=3, minutes=1)

    staged.yes("max")


def test_a_clock_set_back_gives_nobody_more_time(staged: Staged) -> None:
    staged.scene.ledgers.clock.now += timedelta(days=6)
    staged.yes("ana", "rita")
    staged.scene.ledgers.clock.now += timedelta(days=9)
    with staged.scene.ledgers.door.write() as tx:
        absent(tx, "P-eli", by="P-eli", until=None)
    staged.scene.ledgers.clock.now -= timedelta(days=9)

    assert staged.refused("dieter") == "expired"


def test_when_the_time_of_one_stage_is_over_the_whole_is_refused(staged: Staged) -> None:
    *_, approval = staged.yes("ana", "rita")
    staged.scene.ledgers.clock.now += timedelta(days=9)

    assert staged.scene.desk.expire_due() == 1

    assert staged.refused("dieter") == "already-decided"
    delivery = staged.request_all(approval.manifest)
    staged.assert_held(delivery, "not-approved")


def test_any_no_of_somebody_who_may_decide_ends_it(staged: Staged) -> None:
    *_, approval = staged.yes("ana", "rita")

    no = staged.say("dieter", "Reject", reason="cultural")

    assert isinstance(no, Decision)
    assert no.kind is DecisionKind.REJECTED
    delivery = staged.request_all(approval.manifest)
    staged.assert_held(delivery, "not-approved")


def test_a_stranger_to_the_stage_ends_nothing(staged: Staged) -> None:
    assert staged.refused("lea", "Reject", reason="voice") == "no-right"
    assert staged.refused("eva", "Reject", reason="voice") == "no-right"


@pytest.mark.slow
def test_who_runs_the_machine_or_writes_approves_nothing(staged: Staged) -> None:
    roles: tuple[Any, ...] = ("administrator", "engineer", "scheduler", "prompt_engineer", "content_editor", "author")
    for role in roles:
        staged.give(role, Grant(role=role, markets=ALL), kind=EventKind.PERSON_ENROLLED)

        assert staged.refused(role) == "no-right"

    assert staged.refusals() == [(f"P-{role}", "no-right") for role in roles]


def test_from_tier_high_on_an_open_browser_is_not_enough(staged: Staged) -> None:
    assert staged.refused("ana", proved=False) == "step-up"

    staged.yes("ana")

    assert staged.refused("rita", proved=False) == "step-up"


@pytest.mark.parametrize("lie", [{"first_use": False}, {"audience_rows": 6}])
def test_a_flow_that_makes_its_question_look_smaller_gets_nothing_out(sqlite_ledgers: Ledgers, lie: Any) -> None:
    staged = Staged(sqlite_ledgers, brief=SPENDING.model_copy(update={"spend_dollars": 0}), **lie)

    said = staged.say("ana")

    manifest = staged.scene.question.manifest((staged.scene.question.proposals[0].asset,))
    if isinstance(said, Decision):
        manifest = said.manifest
    delivery = staged.request_all(manifest)
    staged.assert_held(delivery, "audience-changed" if isinstance(said, Decision) else "no-decision")


def lend(staged: Staged, by: str, to: str, role: Any, *, markets: Any = ALL, gates: Any = "all") -> Delegation:
    """A delegation from today on, for a week."""
    until = (staged.scene.ledgers.clock() + timedelta(days=7)).date()
    with staged.scene.ledgers.door.write() as tx:
        lent = delegate(
            tx,
            by=f"P-{by}",
            to=f"P-{to}",
            grants=[Grant(role=role, markets=markets)],
            begins=None,
            ends=until,
            gates=gates,
        )
    assert isinstance(lent, Delegation), lent
    return lent


def stage_of(staged: Staged) -> str:
    with staged.scene.ledgers.door.read() as tx:
        return staged.scene.desk.standing(tx, staged.scene.review).stage.stage


def test_two_accounts_of_one_person_have_the_same_own_work(staged: Staged) -> None:
    account(staged, "other", "ana+lead@brand.example", Grant(role="brand_lead", markets=ALL))
    with staged.scene.ledgers.door.write() as tx:
        record_start(tx, staged.scene.run, person="P-ana", campaign="product-launch")

    assert staged.refused("other") == "own-run"


def test_the_prompts_editor_under_a_sub_address_is_the_prompts_editor(sqlite_ledgers: Ledgers) -> None:
    staged = Staged(sqlite_ledgers, prompt_editor=email_digest("ana@brand.example"))
    account(staged, "other", "ana+lead@brand.example", Grant(role="brand_lead", markets=ALL))
    staged.give("ana")

    assert staged.refused("other") == "own-prompt"


def test_a_text_left_between_two_yeses_is_not_signed_and_does_not_go_out(staged: Staged) -> None:
    staged.yes("ana", "rita", "dieter")
    with staged.scene.ledgers.door.write() as tx:
        line = line_of(tx, staged.scene.assets[0].digest)
        record_revert(tx, line, line[0], person="P-ben", reason="factual")

    assert staged.refused("lea") == "reverted"


@pytest.mark.slow
def test_what_was_approved_before_a_rejection_is_not_carried_into_another_round(staged: Staged) -> None:
    staged.yes("ana", "rita", "dieter")
    assert isinstance(staged.say("lea", "Reject", reason="factual"), Decision)
    scene = staged.scene
    question = scene.question.model_copy(update={"round": 2, "previous": scene.review.id})
    with scene.ledgers.worker.write() as tx:
        scene.review = open_review(tx, question, expires_at=scene.review.expires_at)
    staged.yes("ana")

    assert staged.refused("lea") == "no-right"


def test_an_approval_that_was_rolled_back_makes_no_maker_known(staged: Staged) -> None:
    ledger, digest = staged.scene.ledgers.door, staged.scene.assets[0].digest
    makers = makers_of(ledger)
    with suppress(InterruptedError), ledger.write() as tx:
        tx.append(EventKind.DECISION_APPROVED, "R-1", {"person": "P-ana", "manifest": {"assets": [digest]}})
        makers.all_known(tx, [digest], before=10_000)
        raise InterruptedError

    with ledger.read() as tx:
        assert not makers.all_known(tx, [digest], before=10_000)


@pytest.mark.parametrize("author", [None, "offline", {}, {"provider": "offline", "model": "phrases-1"}])
def test_a_text_of_which_a_worker_does_not_say_who_made_it_is_by_nobody_known(staged: Staged, author: Any) -> None:
    digest = "ab" * 32
    with staged.scene.ledgers.worker.write() as tx:
        tx.append(EventKind.ASSET_DRAFTED, digest, {} if author is None else {"author": author}, run=staged.scene.run)

    with staged.scene.ledgers.press.read() as tx:
        assert not makers_of(staged.scene.ledgers.press).all_known(tx, [digest], before=10_000)


@pytest.mark.slow
def test_whoever_answers_for_the_money_has_to_keep_that_right(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    folder = policy_folder(tmp_path)
    for name, old, new in (("approving.cedar", "<= 50000", "<= 1000"), ("approving.cases.yaml", ": 5000", ": 100")):
        file = folder / "rights" / name
        file.write_text(file.read_text().replace(old, new))
    staged = Staged(sqlite_ledgers, policies=CurrentPolicies(folder))
    brand, director = (Grant(role=role, markets=ALL) for role in ("brand_lead", "marketing_director"))
    staged.give("ana", brand, director)
    *_, decision = staged.yes(*WHOLE)
    staged.give("ana", brand)

    delivery = staged.request_all(decision.manifest)

    staged.assert_held(delivery, "over-limit")


def account(staged: Staged, name: str, address: str, *grants: Grant) -> None:
    """One more account, under an address."""
    with staged.scene.ledgers.door.write() as tx:
        remember_person(tx, f"P-{name}", email=address, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=address, name=name, by="P-root")


US, DE = ("US",), ("DE",)
TAKEN_BACK: dict[str, tuple[tuple[str, ...], str, list[tuple[str, ...]]]] = {
    "nobody else's": (("rita", "dieter"), "lea", []),
    "their own, in the stage that is open": (("rita",), "rita", [US, DE]),
    "their own, by another role in a later stage": (("both", "dieter"), "both", [US]),
    "their own, as somebody's delegate": (("rita", "dieter", "rita for lea"), "rita", [US]),
    "what a delegate gave for them": (("tim for rita",), "rita", [US, DE]),
    "what they gave for somebody": (("tim for rita", "dieter", "tim for lea"), "tim", [US]),
    "what they gave for somebody, now by a right of their own": (("lena for rita", "dieter"), "lena", [US]),
    "what the one gave whose delegate they are": (("rita", "tim for rita"), "tim", [US, DE]),
    "what another delegate gave for the same person": (("tim for rita", "lou for rita"), "lou", [US, DE]),
    "what they gave under another account": (("rita", "dieter", "rita+x"), "rita+x", [US]),
    "what was given for another account of theirs": (("tim for rita", "dieter", "rita+x"), "rita+x", [US]),
    "only theirs, of two who answered": (("rita", "tim for dieter", "tim for lea"), "tim", [DE]),
}
"""Who said yes after brand (one who cannot say yes any more only lends), who asks for changes; what is open then."""


@pytest.mark.slow
@pytest.mark.parametrize(("yeses", "against", "open_again"), TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_a_yes_whose_giver_asks_for_changes_is_not_carried(
    sqlite_ledgers: Ledgers, yeses: tuple[str, ...], against: str, open_again: list[tuple[str, ...]]
) -> None:
    before = Staged(sqlite_ledgers)
    regional, legal = Grant(role="regional_reviewer", markets=US), Grant(role="legal", markets=ALL)
    for name, grants in (("both", (regional, legal)), ("lena", (legal,)), ("lou", (legal,)), ("rita+x", (legal,))):
        before.give(name, *grants, kind=EventKind.PERSON_ENROLLED)
    before.yes("ana")
    for one in yeses:
        name, _, giver = one.partition(" for ")
        if giver:
            lent = BESIDE[giver][0]
            lend(before, giver, name, lent.role, markets=lent.markets)
        before.say(name)

    said = before.say(against, "Request changes", reason="compliance", note="Say less.")
    again = Staged(sqlite_ledgers, round=2, people=False, previous=before.scene.review.id)
    again.yes("cleo")

    assert isinstance(said, Decision), said
    assert stage_of(again) == ("region" if open_again else "legal")
    with again.scene.ledgers.door.read() as tx:
        standing = again.scene.desk.standing(tx, again.scene.review)
    assert not open_again or [seat.markets for seat in standing.missing] == open_again
