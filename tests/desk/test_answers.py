"""What the desk makes of an answer: accepted, or refused with what is wrong and what to do."""

from datetime import date, timedelta

import pytest

from presscheck.ledger.assets import get_asset
from presscheck.ledger.campaigns import record_start
from presscheck.ledger.reviews import applications_of, unread_wakes
from presscheck.models import Asset, Decision, DecisionKind, OutcomeStatus, Refused
from tests.desk.scene import BRIEF, Ledgers, Scene, draft


def test_an_approval_names_the_manifest_of_its_picks_in_order(scene: Scene) -> None:
    decision = scene.answer(picks=["V03", "V01"])

    assert isinstance(decision, Decision)
    assert decision.manifest == scene.question.manifest((scene.assets[2].digest, scene.assets[0].digest))
    assert (decision.person, decision.role, decision.rule) == ("P-ana", "brand_lead", "approvals.campaign-copy")
    assert not decision.own_edits


def test_an_accepted_answer_rings_for_the_flow_and_is_its_outcome(scene: Scene) -> None:
    scene.answer(decision="Request changes", reason="voice", note="Shorter, please.")

    with scene.ledgers.worker.read() as tx:
        outcome = scene.desk.outcome(tx, scene.review.id)
        wakes = unread_wakes(tx)
    assert outcome.status is OutcomeStatus.CHANGES
    assert (outcome.person_name, outcome.note) == ("ana", "Shorter, please.")
    assert wakes == [(scene.run, scene.review.id)]


def test_choices_may_be_given_by_the_label_that_the_form_shows(scene: Scene) -> None:
    with scene.ledgers.door.read() as tx:
        labels = list(scene.desk.form(tx, scene.review).choices.values())

    decision = scene.answer(picks=[labels[1]])

    assert isinstance(decision, Decision)
    assert decision.manifest is not None
    assert decision.manifest.assets == (scene.assets[1].digest,)


def test_an_author_may_not_approve_the_own_brief(scene: Scene) -> None:
    refused = scene.answer("ben")

    assert isinstance(refused, Refused)
    assert refused.code == "own-brief"
    assert refused.reason == "ben wrote this brief and may not approve it. A brand lead may: ana and cleo."
    assert scene.refusals() == [{"person": "P-ben", "code": "own-brief"}]


def test_who_started_the_run_may_not_approve_it(scene: Scene) -> None:
    with scene.ledgers.door.write() as tx:
        record_start(tx, scene.run, person="P-ana", campaign="product-launch")

    refused = scene.answer("ana")

    assert isinstance(refused, Refused)
    assert refused.code == "own-run"
    assert "A brand lead may: cleo." in refused.reason


def test_another_role_may_not_decide(scene: Scene) -> None:
    refused = scene.answer("eva")

    assert isinstance(refused, Refused)
    assert refused.code == "no-right"
    assert "eva is engineer" in refused.reason
    assert "ana and cleo" in refused.reason


def test_the_markets_of_the_decider_must_cover_the_audience(scene: Scene) -> None:
    refused = scene.answer("uma")

    assert isinstance(refused, Refused)
    assert refused.code == "no-right"


def test_grants_of_one_role_add_up_over_markets(scene: Scene) -> None:
    assert isinstance(scene.answer("cleo"), Decision)


def test_a_stranger_is_told_no_names(scene: Scene) -> None:
    refused = scene.answer("nobody")

    assert isinstance(refused, Refused)
    assert refused.code == "not-active"
    assert "ana" not in refused.reason


@pytest.mark.parametrize(
    ("form", "code", "said"),
    [
        ({"decision": "Approve", "picks": []}, "bad-picks", "1 to 3 picks"),
        ({"decision": "Approve", "picks": ["V01", "V02", "V03", "V04"]}, "bad-picks", "this has 4"),
        ({"decision": "Approve", "picks": ["V01", "V01"]}, "bad-form", "picked twice"),
        ({"decision": "Approve", "picks": ["V77"]}, "bad-form", "V01 to V04"),
        ({"decision": "Approve", "picks": "V01"}, "bad-form", "list of choices"),
        ({"decision": None, "picks": ["V01"]}, "bad-form", "Choose a decision"),
        ({"decision": "approved", "picks": ["V01"]}, "bad-form", "Choose a decision"),
        ({"decision": "Approve", "picks": ["V01"], "reviewer": "ana"}, "bad-form", "no field reviewer"),
        ({"decision": "Reject"}, "incomplete", "needs a reason"),
        ({"decision": "Reject", "reason": "because"}, "bad-form", "no reason"),
        ({"decision": "Request changes", "reason": "voice"}, "incomplete", "note"),
        (
            {"decision": "Reject", "reason": "voice", "edits": [{"pick": "V01", "field": "body", "text": "x"}]},
            "incomplete",
            "would be lost",
        ),
    ],
)
def test_an_answer_that_is_not_whole_is_refused_with_its_fault(
    scene: Scene, form: dict[str, object], code: str, said: str
) -> None:
    refused = scene.desk.apply(scene.review.id, person="P-ana", raw={"form": scene.review.form_key, **form})

    assert isinstance(refused, Refused)
    assert refused.code == code
    assert said in refused.reason
    assert scene.kinds("decision:") == []


def test_a_refused_answer_is_kept_with_its_reason(scene: Scene) -> None:
    scene.answer(picks=[])

    with scene.ledgers.door.read() as tx:
        (row,) = applications_of(tx, scene.review.id)
    assert (row.person, row.accepted) == ("P-ana", 0)
    assert "this has 0" in row.reason


def test_a_form_of_another_round_is_stale(scene: Scene) -> None:
    refused = scene.desk.apply(scene.review.id, person="P-ana", raw=scene.raw() | {"form": "Round 2 · 0000-0000-0000"})

    assert isinstance(refused, Refused)
    assert refused.code == "stale-form"
    assert "another round" in refused.reason
    assert scene.review.form_key in refused.reason


def test_request_for_changes_in_the_last_round_is_refused(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, round=3)

    refused = scene.answer(decision="Request changes", reason="voice", note="Again.")

    assert isinstance(refused, Refused)
    assert refused.code == "last-round"
    assert "round 3 of 3" in refused.reason


def test_an_edit_becomes_an_asset_of_its_editor_and_goes_out_instead(scene: Scene) -> None:
    text = "A jacket for the wettest walks of spring"

    decision = scene.answer(picks=["V01", "V02"], edits=[{"pick": "V02", "field": "subject", "text": text}])

    assert isinstance(decision, Decision)
    assert decision.manifest is not None
    assert decision.own_edits
    first, edited = decision.manifest.assets
    assert first == scene.assets[0].digest
    with scene.ledgers.press.read() as tx:
        asset: Asset = get_asset(tx, edited)
    assert asset.copy_text.subject == text
    assert asset.copy_text.body == scene.assets[1].copy_text.body
    assert (asset.parent, asset.author.person) == (scene.assets[1].digest, "P-ana")
    assert "asset:edited" in scene.kinds()


def test_an_edit_passes_the_guardrails_again(scene: Scene) -> None:
    edit = {"pick": "V01", "field": "subject", "text": "The best jacket in the world, 40% off"}

    refused = scene.answer(edits=[edit])

    assert isinstance(refused, Refused)
    assert refused.code == "guardrail"
    assert refused.reason.startswith("V01: subject:")
    assert "asset:edited" not in scene.kinds()


def test_an_unedited_pick_passes_the_guardrails_again(sqlite_ledgers: Ledgers) -> None:
    bad = draft(0, body="Buy now, it is the best jacket in the world, and 97% of all hikers say so. Really, they do.")
    scene = Scene(sqlite_ledgers, drafts=[bad, draft(1)])

    refused = scene.answer(picks=["V01"])

    assert isinstance(refused, Refused)
    assert refused.code == "guardrail"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"pick": "V04", "field": "subject", "text": "A new subject for it"}, "edited and not picked"),
        ({"pick": "V09", "field": "subject", "text": "A new subject"}, "not one of the choices"),
        ({"pick": "V01", "field": "sender", "text": "x"}, "cannot be edited"),
        ({"pick": "V01", "field": "body", "text": " \r\n\t "}, "is empty"),
        ({"pick": "V01", "field": "body", "text": " \u202e\u200b "}, "character 2 is U+202E"),
        ({"pick": "V01", "field": "subject", "text": draft(0).subject}, "not changed"),
        ({"pick": "V01", "field": "subject", "text": draft(1).subject, "by": "x"}, "nothing else"),
        ({"pick": "V01", "field": "subject", "text": 7}, "no text"),
    ],
)
def test_an_edit_that_is_none_is_refused(scene: Scene, edit: dict[str, object], said: str) -> None:
    refused = scene.answer(edits=[edit])

    assert isinstance(refused, Refused)
    assert said in refused.reason


def test_two_picks_edited_into_the_same_text_are_refused(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    other = scene.assets[0].copy_text
    edits = [
        {"pick": "V02", "field": "subject", "text": other.subject},
        {"pick": "V02", "field": "body", "text": other.body},
    ]

    refused = scene.answer(picks=["V01", "V02"], edits=edits)

    assert isinstance(refused, Refused)
    assert "the same text" in refused.reason


def test_a_second_answer_is_told_who_decided_and_when(scene: Scene) -> None:
    scene.approve("cleo")

    refused = scene.answer("ana", "Reject", reason="voice")

    assert isinstance(refused, Refused)
    assert refused.code == "already-decided"
    assert refused.reason == (
        "This is over: approved by cleo (brand lead), 02 Mar 2026 at 09:00:00 UTC. Another answer changes nothing."
    )
    assert scene.kinds("decision:") == ["decision:approved"]


def test_an_approval_after_the_deadline_of_the_brief_is_refused(sqlite_ledgers: Ledgers) -> None:
    brief = BRIEF.model_copy(update={"deadline": date(2026, 3, 1)})

    refused = Scene(sqlite_ledgers, brief=brief).answer()

    assert isinstance(refused, Refused)
    assert refused.code == "deadline"


def test_an_approval_over_an_expired_claim_is_refused(sqlite_ledgers: Ledgers) -> None:
    claim = BRIEF.claims[0].model_copy(update={"expires": date(2026, 3, 1)})
    brief = BRIEF.model_copy(update={"claims": (claim,)})

    refused = Scene(sqlite_ledgers, brief=brief).answer()

    assert isinstance(refused, Refused)
    assert refused.code == "claim-expired"


def test_a_review_expires_at_the_earlier_of_its_own_and_the_policys_time(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, expires_in=timedelta(days=400))
    sqlite_ledgers.clock.advance(days=8)

    refused = scene.answer()

    assert isinstance(refused, Refused)
    assert refused.code == "expired"
    assert scene.kinds("decision:") == ["decision:expired"]


def test_expire_due_ends_what_is_over_once(scene: Scene) -> None:
    assert scene.desk.expire_due() == 0
    scene.ledgers.clock.advance(days=7)

    assert scene.desk.expire_due() == 1
    assert scene.desk.expire_due() == 0

    with scene.ledgers.worker.read() as tx:
        outcome = scene.desk.outcome(tx, scene.review.id)
    assert outcome.status is OutcomeStatus.EXPIRED
    assert scene.kinds("decision:") == ["decision:expired"]


def test_an_engineer_withdraws_and_a_brand_lead_does_not(scene: Scene) -> None:
    refused = scene.desk.withdraw(scene.review.id, person="P-ana")
    withdrawn = scene.desk.withdraw(scene.review.id, person="P-eva")

    assert isinstance(refused, Refused)
    assert refused.code == "no-right"
    assert isinstance(withdrawn, Decision)
    assert withdrawn.kind is DecisionKind.WITHDRAWN
    late = scene.answer()
    assert isinstance(late, Refused)
    assert "withdrawn by eva (engineer)" in late.reason


def test_policies_that_do_not_load_allow_nothing(sqlite_ledgers: Ledgers) -> None:
    from presscheck.errors import PolicyError

    scene = Scene(sqlite_ledgers)

    def broken() -> object:
        raise PolicyError("policies/approvals/x.yaml:3: role: is missing")

    scene.desk.policies = broken  # type: ignore[assignment]

    refused = scene.answer()

    assert isinstance(refused, Refused)
    assert refused.code == "policies-broken"
    assert "x.yaml:3" in refused.reason


def test_an_edit_that_brings_in_a_graver_finding_is_refused_and_not_held_later(scene: Scene) -> None:
    edit = {
        "pick": "V01",
        "field": "body",
        "text": "the Fell jacket is here, AND IT KEEPS THE RAIN OUT. See you outside.",
    }

    refused = scene.answer("ana", picks=["V01"], edits=[edit])

    assert isinstance(refused, Refused), refused
    assert refused.code in ("bad-edit", "guardrail")
