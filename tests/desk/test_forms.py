"""The form: what Prefect's page shows, and that nothing but a filled form is ever an answer."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from presscheck.desk.forms import choice_label
from presscheck.models import Refused, Submission
from tests.desk.scene import Ledgers, Scene, draft


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

    assert "**Spring launch**: e-mail to 7 people in US, DE. Answer by 09 Mar 2026, 09:00 UTC." in text
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


def test_labels_hide_nothing() -> None:
    copy = draft(0).model_copy(update={"subject": "Rain\u202e\u200b jacket", "body": "One\n\nTwo " + "long " * 100})

    label = choice_label("V01", copy)

    assert label.startswith("V01 · Rain jacket — One Two long")
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
