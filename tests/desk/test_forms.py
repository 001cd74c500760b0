"""The form: what Prefect's page shows, and that nothing but a filled form is ever an answer."""

import json
import string
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies import ApprovalPolicy, PolicySet
from presscheck.assets.copy.copy import CopyText
from presscheck.desk import Form
from presscheck.desk.writing import WritingForm, form_for
from presscheck.models import Approval, Asset, Author, Copy, Decision, Refused, Submission
from tests.desk.scene import BRIEF, Ledgers, Scene, draft, shipped_policies
from tests.desk.test_stages import Staged
from tests.overlays import QUIETLY, overlaid


def test_the_form_shows_the_words_of_every_draft(scene: Scene) -> None:
    with scene.ledgers.worker.read() as tx:
        form = scene.desk.form(tx, scene.review)

    labels = list(form.choices.values())
    assert labels[0].startswith("V01 · A jacket for wet hills, draft a — Hello, the Fell jacket")
    assert labels == form.model.model_json_schema()["properties"]["picks"]["items"]["enum"]
    assert all(len(label) < 170 for label in labels)


def test_the_decision_and_the_form_key_have_no_default(scene: Scene) -> None:
    with scene.ledgers.worker.read() as tx:
        form = scene.desk.form(tx, scene.review)

    assert form.model.model_json_schema()["required"] == ["form", "decision"]
    with pytest.raises(ValidationError):
        form.model.model_validate({})
    assert form.initial == {"form": scene.review.form_key}


def test_every_field_has_its_position_and_reasons_carry_the_criteria(scene: Scene) -> None:
    with scene.ledgers.worker.read() as tx:
        schema = scene.desk.form(tx, scene.review).model.model_json_schema()

    positions = [field["position"] for field in schema["properties"].values()]
    assert positions == list(range(len(positions)))
    none, *reasons = schema["properties"]["reason"]["enum"]
    assert none == "none · I approve"
    assert reasons[0].startswith("factual · Does the brief or the product support every statement")


def test_the_description_is_short_and_says_what_risk_and_what_was_kept_out(scene: Scene) -> None:
    with scene.ledgers.worker.read() as tx:
        text = scene.desk.form(tx, scene.review, refusal="ben *wrote* this").description

    assert "**Spring launch**, gate copy: e-mail to 7 people in US, DE. Answer by 09 Mar 2026, 09:00 UTC." in text
    assert "Risk **medium**" in text
    assert "2 drafts were kept out by the guardrails: brand.no-shouting (2)" in text
    assert "ben \\*wrote\\* this" in text
    assert f"(/proof/{scene.review.id})" in text
    assert scene.review.form_key in text
    assert len(text.splitlines()) < 12


def test_markup_in_a_title_means_nothing_in_the_description(sqlite_ledgers: Ledgers) -> None:
    from tests.desk.scene import BRIEF

    title = "<img src=x> [go](https://evil.example) # now\u202e"
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"title": title}))

    with scene.ledgers.worker.read() as tx:
        text = scene.desk.form(tx, scene.review).description

    assert "<img" not in text
    assert "[go](" not in text
    assert "\u202e" not in text


class _Unclean(CopyText):
    """A text with words that no copy may hold."""

    def __post_init__(self) -> None:
        """Nothing is read."""


def _asset(copy: Copy) -> Asset:
    return Asset(kind="copy", content=copy.model_dump(mode="json"), author=Author.by("P-1"))


def _labelled(asset: Asset, copy: Copy) -> str:
    text = _Unclean(asset)
    text.__dict__["copy"] = copy
    return text.label({})


def test_labels_hide_nothing() -> None:
    copy = draft(0).model_copy(update={"subject": "Rain\u202e\u200b jacket", "body": "One\n\nTwo " + "long " * 100})

    asset = Asset.model_construct(kind="copy", content={}, author=Author.by("P-1"))
    label = _labelled(asset, copy)

    assert label.startswith("Rain jacket — One Two long")
    assert label.endswith("…")


def test_who_may_answer_is_named_with_the_rule(scene: Scene) -> None:
    with scene.ledgers.door.read() as tx:
        may = scene.desk.who_may(tx, scene.review)
        barred = scene.desk.why_not(tx, scene.review, "P-ben")
        free = scene.desk.why_not(tx, scene.review, "P-ana")

    assert not isinstance(may, Refused)
    assert (may.people, may.names) == (("P-ana", "P-cleo"), ("ana", "cleo"))
    assert may.why.startswith("A brand lead for all of US and DE")
    assert barred is not None
    assert barred.code == "own-brief"
    assert free is None


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_lowercase, max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from(["form", "decision", "picks", "edits", "reason", "note", "x"]), _anything, max_size=7
    )
)
def test_no_submission_whatever_breaks_the_parser(scene_form: object, raw: dict[str, object]) -> None:
    from presscheck.desk import Form

    assert isinstance(scene_form, Form)
    raw["form"] = scene_form.review.form_key

    parsed = scene_form.parse(raw)

    assert isinstance(parsed, Submission | Refused)


@given(st.text(max_size=200), st.sampled_from(["subject", "body"]))
def test_an_edit_arrives_cleaned_or_not_at_all(scene_form: object, text: str, field: str) -> None:
    from presscheck.desk import Form

    assert isinstance(scene_form, Form)
    raw = {
        "form": scene_form.review.form_key,
        "decision": "Approve",
        "picks": ["V01"],
        "edits": [{"pick": "V01", "field": field, "text": text}],
    }

    parsed = scene_form.parse(raw)

    if isinstance(parsed, Submission):
        (edit,) = parsed.edits
        assert edit.text.strip() == edit.text != ""
        assert not set(edit.text) & set("\r\x00\x1b\u200b\u202a\u202e\u2066\u2028")
        assert field == "body" or "\n" not in edit.text


@pytest.fixture
def scene_form(scene: Scene) -> object:
    with scene.ledgers.worker.read() as tx:
        return scene.desk.form(tx, scene.review)


def test_too_many_edits_or_picks_are_refused_and_none_left_out_silently(scene: Scene) -> None:
    with scene.ledgers.door.read() as tx:
        form = scene.desk.form(tx, scene.review)
    edit = {"pick": "V01", "field": "body", "text": "New words."}

    edits = form.parse({**form.initial, "decision": "approve", "picks": ["V01"], "edits": [edit] * 61})
    picks = form.parse({**form.initial, "decision": "approve", "picks": ["V01"] * 21})

    assert isinstance(edits, Refused)
    assert "At most 60 edits" in edits.reason
    assert isinstance(picks, Refused)
    assert "At most 20 picks" in picks.reason


def strict(own_edits: str) -> PolicySet:
    """The shipped policies, with another answer to whether an approver may approve an edit of their own."""
    shipped = shipped_policies()

    def changed(model: ApprovalPolicy) -> ApprovalPolicy:
        if model.id != "approvals.campaign-copy":
            return model
        short = dict.fromkeys(("role", "markets", "expires_after"))
        return ApprovalPolicy.model_validate({**model.model_dump(mode="json"), **short, "own_edits": own_edits})

    return replace(shipped, approvals=tuple(changed(model) for model in shipped.approvals))


def form_of(scene: Scene, **more: Any) -> Form:
    with scene.ledgers.door.read() as tx:
        return scene.desk.form(tx, scene.review, **more)


@pytest.mark.parametrize("picks", [{}, {"picks": None}, {"picks": []}, {"picks": ["V01"]}])
def test_a_question_with_one_choice_needs_no_pick(sqlite_ledgers: Ledgers, picks: dict[str, Any]) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0),))
    form = form_of(scene)

    decision = scene.desk.apply(
        scene.review.id, person="P-ana", raw={**form.initial, "decision": "Approve", "note": "Good.", **picks}
    )

    assert isinstance(decision, Decision)
    assert decision.manifest is not None
    assert decision.manifest.assets == (scene.assets[0].digest,)
    assert "picks" not in form.model.model_fields
    assert "There is one text, so there is nothing to pick: V01 · A jacket for wet hills, draft a" in form.description


@pytest.mark.parametrize(
    "picks", [["V02"], ["v01"], [""], [None], [1], [[]], [{}], "V01", {"V01": True}, ["V01", "V01"]]
)
def test_a_wrong_pick_of_the_only_choice_is_refused(sqlite_ledgers: Ledgers, picks: Any) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0),))

    refused = scene.answer(picks=picks)

    assert isinstance(refused, Refused)
    assert scene.kinds("decision") == []


def test_an_edit_of_the_only_choice_need_not_name_it(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, drafts=(draft(0),))

    decision = scene.approve(picks=[], edits=[{"field": "subject", "text": "A jacket for rainy hills"}])

    assert decision.own_edits
    edit = form_of(scene).model.model_json_schema()["$defs"]["Edit"]
    assert set(edit["properties"]) == {"field", "text"}


def test_of_several_choices_none_is_picked_by_itself(scene: Scene) -> None:
    refused = scene.answer(picks=[])

    assert isinstance(refused, Refused)
    assert refused.reason == "An approval has 1 to 3 picks; this has 0."


def test_the_one_text_that_others_approved_needs_no_pick_either(sqlite_ledgers: Ledgers) -> None:
    staged = Staged(sqlite_ledgers)
    staged.answer("ana", picks=["V02"])
    form = form_of(staged)

    assert list(form.choices) == ["V02"]
    assert not {"picks", "edits"} & set(form.model.model_fields)
    assert "nothing to pick: V02 · " in form.description
    assert isinstance(staged.answer("rita"), Approval)


@pytest.mark.slow
@pytest.mark.parametrize("drafts", [1, 2])
@pytest.mark.parametrize(("own_edits", "offered"), [("allowed", True), ("refused", False)])
def test_edits_are_offered_where_they_are_taken(
    sqlite_ledgers: Ledgers, drafts: int, own_edits: str, offered: bool
) -> None:
    scene = Scene(
        sqlite_ledgers, drafts=[draft(number) for number in range(drafts)], policies=lambda: strict(own_edits)
    )
    form = form_of(scene)

    answer = scene.answer(picks=["V01"], edits=[{"pick": "V01", "field": "subject", "text": "For rainy hills"}])

    assert ("edits" in form.model.model_fields, isinstance(answer, Decision)) == (offered, offered)
    if not offered:
        assert answer.reason == (
            "Under approvals.campaign-copy nobody may approve own edits; request changes and say in the note what to "
            "write."
        )


def test_under_advisor_no_edits_are_offered(sqlite_ledgers: Ledgers) -> None:
    advised = BRIEF.model_copy(update={"collaboration": "advisor"})

    assert "edits" not in form_of(Scene(sqlite_ledgers, brief=advised)).model.model_fields


def test_only_parts_that_a_draft_has_are_offered_for_editing(sqlite_ledgers: Ledgers) -> None:
    brief = BRIEF.model_copy(update={"channel": "sms"})
    words = "The Fell jacket is here. It keeps the rain out."
    scene = Scene(
        sqlite_ledgers, brief=brief, drafts=[Copy(channel="sms", body=f"{words} {n}") for n in ("One", "Two")]
    )

    edit = form_of(scene).model.model_json_schema()["$defs"]["Edit"]

    assert edit["properties"]["field"]["enum"] == ["body"]


@pytest.mark.parametrize("drafts", [1, 2, 3])
def test_no_list_of_the_form_becomes_a_box_to_type_a_constant_into(sqlite_ledgers: Ledgers, drafts: int) -> None:
    brief = BRIEF.model_copy(update={"channel": "sms"})
    words = "The Fell jacket is here. It keeps the rain out."
    texts = [Copy(channel="sms", body=f"{words} {'abc'[number]}") for number in range(drafts)]

    asked = form_of(Scene(sqlite_ledgers, brief=brief, drafts=texts))
    written = form_for(
        asked.review.model_copy(update={"question": asked.review.question.model_copy(update={"asks": "writing"})}),
        {f"V{at:02d}": CopyText(_asset(text)) for at, text in enumerate(texts, start=1)},
        Refused(reason="no policy", code="no-policy"),
        Refused(reason="no policy", code="no-policy"),
        title="Spring",
    )

    for form in (asked, written):
        assert '"const"' not in json.dumps(form.model.model_json_schema())
    assert "picks" in written.model.model_fields


def test_who_writes_drew_on_nothing_unless_they_say_so(sqlite_ledgers: Ledgers) -> None:
    form = form_of(Scene(sqlite_ledgers, drafts=(draft(0),)))
    writing = WritingForm(form.review, form.make_model, "", form.options, form.choices, form.key)

    assert writing.read({"decision": "Reject", "reason": "other"}, [])["picks"] == ()


def test_the_form_asks_for_a_new_proof_only_of_whom_the_door_would_ask(sqlite_ledgers: Ledgers) -> None:
    staged = Staged(sqlite_ledgers)
    now = sqlite_ledgers.clock()

    told = {
        minutes: "prove anew" in form_of(staged, proved_at=now - timedelta(minutes=minutes)).description
        for minutes in (0, 10, 11, 600)
    }

    assert told == {0: False, 10: False, 11: True, 600: True}
    assert "prove anew" in form_of(staged).description


def test_below_the_tier_that_asks_for_it_nobody_is_told_to_prove_anything(scene: Scene) -> None:
    assert "prove anew" not in form_of(scene).description


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"note": "n" * 4_001}, "The note is 4,001 characters long; at most 4,000 are taken."),
        ({"note": ["long"]}, "The note is no text."),
        (
            {"edits": [{"pick": "V01", "field": "body", "text": "b" * 20_500}]},
            "V01: the new body is 20,500 characters long; at most 20,000 are taken.",
        ),
        ({"edits": [{"pick": "V01", "field": "body", "text": 7}]}, "V01: the new body is no text."),
        ({"edits": [{"pick": "V01", "field": "body", "text": "b"}] * 61}, "At most 60 edits are read, and here are 61"),
        ({"picks": ["V01"] * 21}, "At most 20 picks are read, and here are 21."),
    ],
)
def test_a_refusal_of_a_length_says_how_long_it_is_and_how_long_it_may_be(
    scene: Scene, raw: dict[str, Any], told: str
) -> None:
    refused = form_of(scene).parse({"form": scene.review.form_key, "decision": "Approve", "picks": ["V01"], **raw})

    assert isinstance(refused, Refused)
    assert told in refused.reason


def test_words_of_a_copywriter_are_not_called_an_answer_to_a_note_that_nobody_wrote(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, remark="The second headline is the boldest.")

    with sqlite_ledgers.door.read() as tx:
        lines = scene.desk.form(tx, scene.review).description.splitlines()

    assert "The copywriter: The second headline is the boldest." in lines
    assert not any("note" in line for line in lines)


def test_the_description_names_the_rules_that_are_weaker_here_than_shipped(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers, policies=lambda: overlaid({"guardrails/quietly.yaml": QUIETLY}))

    assert "1 rule is weaker here than shipped\\: brand.no-shouting. The proof says how." in form_of(scene).description


def test_a_description_under_rules_as_they_ship_says_nothing_of_weaker_ones(scene: Scene) -> None:
    assert "weaker" not in form_of(scene).description
