"""Under a signed rule a share is looked at and the rest goes out; without a signature everything waits."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from presscheck.desk import Desk
from presscheck.desk.current import CurrentPolicies
from presscheck.desk.upkeep import Upkeep
from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import record_found, record_start
from presscheck.ledger.reviews import open_review
from presscheck.models import Decision, Refused
from presscheck.people.rights import Grant, email_digest, record_rights, remember_person
from tests.desk.scene import Ledgers, Scene, policy_folder, shipped_policies

RULE = "approvals.spot-check"
DIRECTOR = (Grant(role="marketing_director", markets="all"),)


def enrol_director(ledgers: Ledgers, kind: EventKind = EventKind.PERSON_ENROLLED) -> None:
    with ledgers.door.write() as tx:
        remember_person(tx, "P-mark", email="mark@brand.example", name="mark")
        grants = () if kind == EventKind.PERSON_REVOKED else DIRECTOR
        record_rights(tx, kind, "P-mark", grants, email="mark@brand.example", name="mark", by="P-root")


def sign(ledgers: Ledgers, policies: Any = shipped_policies, person: str = "P-mark") -> Any:
    desk = Desk(ledgers.door, policies)
    return Upkeep(desk).sign_rule(RULE, person=person, proved_at=ledgers.clock())


def run_of(number: int) -> str:
    return f"6f0c6a52-0000-4000-8001-{number:012d}"


def small(ledgers: Ledgers, number: int = 1, **more: Any) -> Scene:
    """A small mailing by a model and a prompt that ana has approved something of before."""
    return Scene(ledgers, run=run_of(number), people=False, first_use=False, **more)


@pytest.fixture
def known(sqlite_ledgers: Ledgers) -> Ledgers:
    """A ledger in which a person has approved the model and its prompt once."""
    Scene(sqlite_ledgers).approve()
    enrol_director(sqlite_ledgers)
    return sqlite_ledgers


def basis(scene: Scene, decision: Decision) -> Any:
    assert decision.manifest is not None
    with scene.ledgers.press.read() as tx:
        return scene.desk.authorise(
            tx, decision.manifest, scene.review.id, audience=scene.audience_path, as_of=scene.ledgers.clock()
        )


def decided(scene: Scene) -> Decision | None:
    with scene.ledgers.door.read() as tx:
        return scene.desk.outcome(tx, scene.review.id).decision


def drawn(ledgers: Ledgers, scenes: int) -> list[Scene]:
    """Some small mailings, drawn for where a rule is signed."""
    found = [small(ledgers, number) for number in range(1, scenes + 1)]
    Upkeep(found[0].desk).draw_new()
    return found


def of_both_sorts(ledgers: Ledgers) -> tuple[Scene, Scene]:
    """A mailing that the rule let out, and one that a person looks at; the keys, and so the draws, are random."""
    by_rule: Scene | None = None
    by_person: Scene | None = None
    for number in range(1, 200):
        scene = small(ledgers, number)
        Upkeep(scene.desk).draw_new()
        by_rule, by_person = (scene, by_person) if decided(scene) else (by_rule, scene)
        if by_rule is not None and by_person is not None:
            return by_rule, by_person
    raise AssertionError("of 199 mailings all went one way")


def test_until_somebody_signs_the_rule_every_one_waits_for_a_person(known: Ledgers) -> None:
    scenes = drawn(known, 3)

    assert [decided(scene) for scene in scenes] == [None, None, None]


def test_of_what_is_asked_after_it_was_signed_a_share_waits_and_the_rest_may_go_out(known: Ledgers) -> None:
    signed = sign(known)
    by_rule, by_person = of_both_sorts(known)

    decision = decided(by_rule)

    assert (signed.rule, signed.role) == (RULE, "marketing_director")
    assert decision is not None
    allowed = basis(by_rule, decision)
    assert not isinstance(allowed, Refused), allowed
    assert (allowed.person, allowed.rule, decision.person) == ("P-mark", RULE, None)
    assert isinstance(by_person.answer("ana", picks=["V01"]), Decision)


def test_everybody_can_check_the_draw_and_drawing_again_changes_nothing(known: Ledgers) -> None:
    sign(known)
    scenes = drawn(known, 6)

    again = Upkeep(scenes[0].desk).draw_new()

    with known.door.read() as tx:
        draws = [event.data for event in tx.events(EventKind.SPOT_DRAWN)]
    below = [int(sha256(bytes.fromhex(one["seed"])).hexdigest()[:16], 16) < 2**64 / 5 for one in draws]
    assert [one["person_looks"] for one in draws] == below
    assert [decided(scene) is None for scene in scenes] == below
    assert (again, len(draws)) == (0, 6)


def test_what_was_asked_before_the_rule_was_signed_waits_for_its_people(known: Ledgers) -> None:
    scene = small(known)
    sign(known)

    Upkeep(scene.desk).draw_new()

    assert decided(scene) is None


@pytest.mark.parametrize("how", ["revoked", "signer revoked", "signer back", "edited"])
def test_nothing_goes_out_by_a_rule_whose_signature_fell(known: Ledgers, tmp_path: Path, how: str) -> None:
    folder = policy_folder(tmp_path)
    policies = CurrentPolicies(folder)
    sign(known, policies)
    scene = next(one for one in (small(known, number, policies=policies) for number in range(1, 200)) if _went(one))
    decision = decided(scene)
    assert decision is not None
    if how == "revoked":
        Upkeep(scene.desk).revoke_rule(RULE, person="P-mark")
    elif how == "edited":
        path = folder / "approvals/spot-check.yaml"
        path.write_text(path.read_text().replace("share: 20%", "share: 1%"))
    else:
        enrol_director(known, EventKind.PERSON_REVOKED)
        if how == "signer back":
            enrol_director(known)

    refused = basis(scene, decision)

    assert isinstance(refused, Refused)
    assert refused.code == ("policies-changed" if how == "edited" else "rights-gone")


def test_only_who_may_signs_a_rule_and_only_with_a_fresh_proof(known: Ledgers) -> None:
    upkeep = Upkeep(Desk(known.door, shipped_policies))
    long_ago = known.clock() - timedelta(hours=1)

    assert sign(known, person="P-eva").code == "no-right"
    assert upkeep.sign_rule(RULE, person="P-mark", proved_at=long_ago).code == "step-up"
    assert upkeep.sign_rule("approvals.campaign-copy", person="P-mark", proved_at=known.clock()).code == "no-such-rule"


def test_a_decision_by_the_rule_that_was_never_drawn_lets_nothing_out(known: Ledgers) -> None:
    sign(known)
    by_rule, scene = of_both_sorts(known)
    real = decided(by_rule)
    assert real is not None
    forged = real.model_copy(
        update={
            "review": scene.review.id,
            "question": scene.question.digest,
            "manifest": scene.question.manifest((scene.question.proposals[0].asset,)),
        }
    )
    with known.door.write() as tx:
        tx.append(EventKind.DECISION_APPROVED, scene.review.id, forged.model_dump(mode="json"), run=scene.run)

    refused = basis(scene, forged)

    assert isinstance(refused, Refused)
    assert refused.code == "not-drawn"


@pytest.mark.slow
def test_what_a_person_is_to_look_at_is_not_drawn_for_again_in_a_later_round(known: Ledgers) -> None:
    sign(known)
    _, scene = of_both_sorts(known)
    asked = [scene.question.model_copy(update={"round": number}) for number in range(2, 9)]
    with known.worker.write() as tx:
        later = [open_review(tx, question, expires_at=scene.review.expires_at) for question in asked]

    Upkeep(scene.desk).draw_new()

    with known.door.read() as tx:
        assert {scene.desk.outcome(tx, review.id).decision for review in later} == {None}


def test_a_signature_lets_nothing_out_that_the_signer_had_a_part_in(known: Ledgers) -> None:
    sign(known)
    scenes = [small(known, number) for number in range(1, 8)]
    with known.door.write() as tx:
        for scene in scenes:
            record_start(tx, scene.run, person="P-mark", campaign="product-launch")

    Upkeep(scenes[0].desk).draw_new()

    assert {decided(scene) for scene in scenes} == {None}


def test_a_run_of_unknown_origin_is_drawn_for_later_and_the_others_once(known: Ledgers) -> None:
    sign(known)
    scenes = [small(known, number) for number in range(1, 5)]
    upkeep = Upkeep(scenes[0].desk)
    with known.door.write() as tx:
        for number in (0, 2, 3):
            record_found(tx, scenes[number].run, deployment="", created="")

    upkeep.draw_new(of_known_origin=True)
    early = [len(scene.kinds("spot:drawn")) for scene in scenes[:1]]
    with known.door.write() as tx:
        record_found(tx, scenes[1].run, deployment="", created="")
    upkeep.draw_new(of_known_origin=True)

    with known.door.read() as tx:
        subjects = [event.subject for event in tx.events(EventKind.SPOT_DRAWN)]
    assert early == [3]
    assert subjects == [scenes[number].review.id for number in (0, 2, 3, 1)]


def test_what_nobody_answered_in_time_is_not_let_out_by_a_door_that_comes_late(known: Ledgers) -> None:
    sign(known)
    scenes = [small(known, number, expires_in=timedelta(0)) for number in range(1, 8)]

    Upkeep(scenes[0].desk).draw_new()

    assert {decided(scene) for scene in scenes} == {None}


def test_at_tier_low_the_prompts_editor_may_approve_as_the_shipped_rights_say(known: Ledgers) -> None:
    scene = small(known, 7, prompt_editor=email_digest("ana@brand.example"))

    assert isinstance(scene.answer("ana", picks=["V01"]), Decision)


def _went(scene: Scene) -> bool:
    return Upkeep(scene.desk).draw_new() > 0
