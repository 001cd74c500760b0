"""Repair takes away and never adds: whatever text goes in, nothing graver and nothing worse comes out."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import PolicySet, load_policies, verdict
from presscheck.models import Asset, Author, Brief, Copy, Prompt, Variant
from presscheck.providers.offline import OfflineCopywriter
from presscheck.providers.repairs import Faulty
from tasks.mending import Attempt, Rules, mend_all, replacing
from tests.policies.test_replacing import BRIEF, DAY
from tests.policies.test_rule_kinds import rule

AUTHOR = Author.machine("test", "words", "prompts.email-variants", "1")
CHEAP = rule({"kind": "phrases", "replace": {"cheap": "low-priced"}}, id="brand.cheap")
GADGET = rule({"kind": "phrases", "phrases": ["gadget"]}, id="brand.gadget")
SURE = rule({"kind": "phrases", "phrases": ["surely"]}, id="brand.surely", level="review")
OWN = PolicySet((CHEAP, GADGET, SURE), ())


def rules(policies: PolicySet = OWN, brief: Brief = BRIEF, **more: Any) -> Rules:
    return Rules(brief=brief, product=None, policies=policies, as_of=DAY, **more)


def text(body: str, subject: str = "A tent") -> Copy:
    return Copy(channel="email", subject=subject, body=body)


def keyed(*texts: Copy) -> dict[str, Copy]:
    return {Asset(kind="copy", content=one.model_dump(mode="json"), author=AUTHOR).digest: one for one in texts}


class Writer:
    """Writes these bodies, one after the other, and remembers what it was asked."""

    def __init__(self, *bodies: str | None) -> None:
        self.bodies = [*bodies]
        self.asked: list[tuple[int, list[Faulty]]] = []

    def __call__(self, turn: int, faulty: Sequence[Faulty]) -> list[Variant | None]:
        self.asked.append((turn, [*faulty]))
        written = [self.bodies.pop(0) if self.bodies else None for _ in faulty]
        return [None if body is None else Variant(copy=text(body), author=AUTHOR) for body in written]


def after(copies: dict[str, Copy], attempts: Sequence[Attempt]) -> list[str]:
    taken = replacing(copies, attempts)
    return [(taken[digest].copy if digest in taken else copy).body for digest, copy in copies.items()]


def test_a_word_that_a_rule_replaces_needs_no_copywriter() -> None:
    drafts, writer = keyed(text("A cheap tent.")), Writer("Another tent.")

    [one] = mend_all(drafts, rules(), writer)

    assert (one.copy.body, one.how, one.rules, one.round) == ("A low-priced tent.", "replacement", ["brand.cheap"], 0)
    assert writer.asked == []


def test_what_is_blocked_still_goes_back_with_what_was_found() -> None:
    drafts, writer = keyed(text("A cheap gadget.")), Writer("A light tent.")

    [one] = mend_all(drafts, rules(), writer)

    assert (one.copy.body, one.how, one.round) == ("A light tent.", "copywriter", 1)
    assert one.rules == ["brand.cheap", "brand.gadget"]
    [(turn, [faulty])] = writer.asked
    assert (turn, faulty.copy.body, faulty.words) == (1, "A low-priced gadget.", ("gadget",))


def test_it_goes_back_twice_and_not_a_third_time() -> None:
    drafts, writer = keyed(text("A gadget.")), Writer("That gadget.", "This gadget.", "A light tent.")

    attempts = mend_all(drafts, rules(), writer)

    assert [turn for turn, _ in writer.asked] == [1, 2]
    assert after(drafts, attempts) == ["A gadget."], "no draft is lost"


def test_what_came_better_and_not_well_goes_back_itself() -> None:
    drafts, writer = keyed(text("A gadget, a gadget.")), Writer("One gadget.", "A light tent.")

    [one] = mend_all(drafts, rules(), writer)

    assert [faulty.copy.body for _, [faulty] in writer.asked] == ["A gadget, a gadget.", "One gadget."]
    assert (one.copy.body, one.round) == ("A light tent.", 2)


def test_what_the_copywriter_writes_is_judged_like_every_other_text() -> None:
    drafts, writer = keyed(text("A gadget.")), Writer("Buy the gadget, gadget, gadget!", None)

    assert after(drafts, mend_all(drafts, rules(), writer)) == ["A gadget."]


def test_a_text_that_another_draft_is_already_takes_no_place() -> None:
    drafts, writer = keyed(text("A gadget."), text("A light tent.")), Writer("A light tent.", "A light tent.")

    assert after(drafts, mend_all(drafts, rules(), writer)) == ["A gadget.", "A light tent."]


def test_what_is_for_a_person_stays_unless_that_is_asked_for() -> None:
    drafts = keyed(text("Surely a tent."))

    assert mend_all(drafts, rules(), Writer("A tent.")) == []
    assert after(drafts, mend_all(drafts, rules(levels=("block", "review")), Writer("A tent."))) == ["A tent."]


def test_the_offline_copywriter_writes_another_text_without_the_words() -> None:
    brief = BRIEF.model_copy(update={"offer": "A tent for two", "tone": "warm"})
    prompt = Prompt(id="prompts.email-variants", version="1", text="Write.")
    writer = OfflineCopywriter()
    drafts = [one.copy_ for one in writer.write(brief, None, prompt=prompt, count=12, seed=3)]
    banned = rule({"kind": "phrases", "phrases": ["Fernholt"]}, id="brand.nameless", fields=["body", "preheader"])
    held = rules(PolicySet((banned,), ()), brief)

    def rewrite(turn: int, faulty: Sequence[Faulty]) -> list[Variant | None]:
        return writer.rewrite(brief, None, faulty, prompt=prompt, seed=turn)

    attempts = mend_all(keyed(*drafts), held, rewrite)

    assert attempts, "some draft names the sender"
    assert all("Fernholt" not in f"{one.copy.body} {one.copy.preheader}" for one in attempts)
    assert all(one.repaired and one.how == "copywriter" for one in attempts)


_WORDS = st.sampled_from(
    ["cheap", "tent", "gadget", "surely", "best", "Hurry!", "100% free", "manned", "cure", "a", ", ", "utilize"]
)
_BODIES = st.lists(_WORDS, min_size=1, max_size=8).map(lambda words: " ".join(" ".join(words).split()))
_STRICT = PolicySet((*load_policies().guardrails, CHEAP, GADGET, SURE), ())


@settings(max_examples=60, deadline=None)
@given(bodies=st.lists(_BODIES, min_size=1, max_size=3, unique=True), written=st.lists(_BODIES | st.none(), max_size=6))
@pytest.mark.slow
def test_repair_is_safe_on_any_text(bodies: list[str], written: list[str | None]) -> None:
    drafts, held = keyed(*map(text, bodies)), rules(_STRICT)

    def repaired(texts: dict[str, Copy]) -> dict[str, Copy]:
        taken = replacing(texts, mend_all(texts, held, Writer(*written)))
        return {digest: taken[digest].copy if digest in taken else copy for digest, copy in texts.items()}

    once = repaired(drafts)
    twice = repaired(once)

    assert len({one.body for one in once.values()}) == len(drafts), "no draft is lost, and none becomes another"
    for digest, before in drafts.items():
        had, has = held.find(before), held.find(once[digest])
        if verdict(had) != "block":
            assert once[digest] == before
        assert {one.rule for one in has if one.level == "block"} <= {one.rule for one in had}
        if once[digest] != before:
            assert verdict(has) != "block"
            assert twice[digest] == once[digest]


def test_a_day_of_another_year_judges_by_its_own_rules() -> None:
    late = rule({"kind": "phrases", "phrases": ["tent"]}, id="brand.late", **{"from": date(2027, 1, 1)})
    drafts = keyed(text("A tent."))

    assert mend_all(drafts, rules(PolicySet((late,), ())), Writer()) == []
