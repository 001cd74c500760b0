"""A text that is too like another of its set, or one that was approved before."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from policies import Approved, PolicySet, check_copy, check_set, check_texts, check_texts_as_set
from policies.engine.guardrail import Guardrail
from presscheck.models import Copy
from tests.desk.scene import BRIEF
from tests.policies.test_rule_kinds import fires, rule

DAY = date(2026, 3, 1)
KESTREL = "The Kestrel keeps the rain out on the long way home. Try it in our shop this week."
CHANGED = "The Kestrel keeps the rain out on your long way home. Try it in our shop this week!"
OTHER = "Wet hills, dry shoulders: a jacket for whoever walks on. See how it is made."


def near(within: str = "set", at_least: int = 85, *, days: int | None = None, **more: Any) -> Guardrail:
    match = {"kind": "near-duplicate", "within": within, "at_least": at_least, "days": days}
    return rule(match, **{"level": "note", "fields": ["body"], **more})


def copy(body: str, subject: str = "A subject") -> Copy:
    return Copy(channel="email", subject=subject, body=body)


def found(one: Guardrail, *bodies: str, archive: Iterable[Approved] = ()) -> dict[str, list[str]]:
    texts = {f"V{at:02}": copy(body) for at, body in enumerate(bodies, start=1)}
    held = check_set(
        texts,
        brief=BRIEF,
        product=None,
        policies=PolicySet((one,), ()),
        as_of=DAY,
        archive=lambda since: [past for past in archive if since is None or past.on >= since],
    )
    return {name: [finding.text for finding in some] for name, some in held.items()}


def test_the_later_of_two_drafts_that_are_alike_is_told_with_the_earlier() -> None:
    assert found(near(), KESTREL, OTHER, CHANGED) == {"V03": ["V01"]}


def test_the_message_says_how_like_they_are() -> None:
    [finding] = check_texts_as_set({"line 1": KESTREL, "line 2": KESTREL}, policies=PolicySet((near(),), ()))["line 2"]

    assert finding.message.endswith("It is like line 1 (100 of 100).")
    assert (finding.level, finding.field, finding.span) == ("note", "body", None)


def test_what_the_brief_says_makes_no_two_texts_alike() -> None:
    fact = BRIEF.key_points[0].text + " " + BRIEF.claims[0].text + " " + BRIEF.offer
    one, other = f"Winter is wet. {fact}", f"Pack for hills. {fact}"

    assert found(near(), one, other) == {}
    assert found(near(), one, one) == {"V02": ["V01"]}


def test_texts_that_say_other_facts_of_the_brief_in_the_same_frame_are_two() -> None:
    one = f"Fernholt: {BRIEF.offer} Reply STOP to end."
    other = f"Fernholt: {BRIEF.claims[0].text} Reply STOP to end."

    assert found(near(), one, other) == {}


def test_a_text_is_compared_with_those_that_were_approved_in_its_days() -> None:
    archive = [Approved("one of R-1", date(2026, 2, 20), copy(CHANGED))]

    assert found(near("archive", days=30), KESTREL, OTHER, archive=archive) == {"V01": ["one of R-1"]}
    assert found(near("archive", days=5), KESTREL, archive=archive) == {}
    assert found(near("archive"), KESTREL, archive=archive) == {"V01": ["one of R-1"]}
    assert found(near("archive"), KESTREL, KESTREL) == {}


def test_nobody_asks_for_the_archive_where_no_rule_compares_with_it() -> None:
    def archive(since: date | None) -> Iterable[Approved]:
        raise AssertionError(f"asked for what was approved since {since}")

    texts = {"V01": copy(KESTREL), "V02": copy(KESTREL)}
    held = check_set(texts, brief=BRIEF, product=None, policies=PolicySet((near(),), ()), as_of=DAY, archive=archive)

    assert list(held) == ["V02"]


def test_each_field_is_compared_with_the_same_field() -> None:
    one = near(fields=["subject"])
    texts = {"V01": copy(KESTREL, "Dry on the way home"), "V02": copy(OTHER, "Dry on the way home")}

    held = check_set(texts, brief=BRIEF, product=None, policies=PolicySet((one,), ()), as_of=DAY)

    assert [(name, finding.field) for name, some in held.items() for finding in some] == [("V02", "subject")]


def test_a_rule_out_of_scope_or_out_of_its_days_compares_nothing() -> None:
    assert found(near(scope={"channels": ["sms"], "markets": "all", "kinds": ["copy"]}), KESTREL, KESTREL) == {}
    assert found(near(**{"from": date(2026, 4, 1)}), KESTREL, KESTREL) == {}


def test_rules_that_read_one_text_alone_do_not_see_it() -> None:
    held = PolicySet((near(),), ())

    assert [*check_texts([KESTREL, KESTREL], policies=held)] == [(), ()]
    assert check_copy(copy(KESTREL), brief=BRIEF, product=None, policies=held, as_of=DAY) == ()


def test_a_case_names_the_texts_that_its_text_is_compared_with() -> None:
    for within in ("set", "archive"):
        cases = [{"text": KESTREL, "fires": True, "among": [OTHER, CHANGED]}, {"text": KESTREL, "fires": False}]
        one = near(within, cases=cases)

        assert fires(one, KESTREL, among=[OTHER, CHANGED])
        assert not fires(one, KESTREL, among=[OTHER])
        assert not fires(one, KESTREL)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"level": "block"}, "near-duplicates cannot block"),
        ({"without_brief": "block"}, "near-duplicates cannot block"),
        ({"fields": ["alt"]}, "take alt out"),
        ({"days": 5}, "days count back in the archive"),
        ({"at_least": 20}, "greater than or equal to 50"),
    ],
)
def test_what_could_never_hold_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        near(**more)


def test_among_is_refused_where_nothing_is_compared() -> None:
    cases = [{"text": "a", "fires": True, "among": ["b"]}, {"text": "b", "fires": False}]

    with pytest.raises(ValidationError, match="among is for matches of the kind near-duplicate"):
        rule({"kind": "phrases", "phrases": ["a"]}, cases=cases)
