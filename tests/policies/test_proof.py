"""No order of answers completes an approval without those whom it demands, and none who is demanded is refused.

`make soak` searches every company of every model; `python -m tests.policies.proof` prints the table.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policies.engine.approval import ApprovalPolicy
from policies.engine.stages import Need, Stage
from policies.engine.standing import Held, Standing, standing_of
from tests.policies.proof import Hat, Searched, companies, made_up, prove, search, shipped, wander
from tests.running import SOAK, times


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("model", shipped(), ids=lambda model: model.id)
def test_a_shipped_model_is_complete_with_the_demanded_people_and_never_without(model: ApprovalPolicy):
    found = prove(model, at_most=None if SOAK else 4, thorough=SOAK)

    assert not found.wrong, str(found.wrong[0])
    assert found.completed
    print(f"{model.id}: {found.companies} companies, {found.states} states, {found.answers} answers")


@pytest.mark.soak
@pytest.mark.parametrize("model", made_up(), ids=lambda model: model.id)
def test_so_is_a_model_with_any_other_sort_of_need(model: ApprovalPolicy):
    found = prove(model, at_most=None if SOAK else 3, thorough=SOAK)

    assert not found.wrong, str(found.wrong[0])
    assert found.completed


@pytest.mark.slow
@pytest.mark.soak
def test_long_sequences_by_chance_find_nothing_that_the_search_left_out():
    found = Searched(companies=0)

    for model in (*shipped(), *made_up()):
        all_of_them = list(companies(model))
        for seed in range(times(3, 400)):
            found.add(wander(model, all_of_them[seed * 7 % len(all_of_them)], seed=seed))

    assert not found.wrong, str(found.wrong[0])
    assert found.completed


# --- broken on purpose: the search must find each ---------------------------------------------------------


def with_stages(change: Callable[[Stage], Stage | None]) -> Any:
    """A code that reads another model than the one that holds."""

    def decide(model: ApprovalPolicy, **situation: Any) -> Standing:
        stages = tuple(changed for stage in model.stages if (changed := change(stage)) is not None)
        return standing_of(model.model_copy(update={"stages": stages}), **situation)

    return decide


def with_voices(change: Callable[[int, Any, ApprovalPolicy], Any]) -> Any:
    """A code that hears something else than what was said."""

    def decide(model: ApprovalPolicy, *, voices: Any, **situation: Any) -> Standing:
        heard = [change(at, voice, model) for at, voice in enumerate(voices)]
        return standing_of(model, voices=heard, **situation)

    return decide


def with_needs(change: Callable[[Need], Need]) -> Any:
    return with_stages(lambda stage: stage.model_copy(update={"needs": tuple(map(change, stage.needs))}))


def without_the_second_stage(stage: Stage) -> Stage | None:
    return None if stage.stage == "region" else stage


def anybody_once(need: Need) -> Need:
    return need.model_copy(update={"markets": "any"}) if need.markets == "each" else need


def any_of_several(need: Need) -> Need:
    return need.model_copy(update={"any_of": need.roles, "all_of": ()})


def one_is_enough(need: Need) -> Need:
    return need.model_copy(update={"count": 1})


def any_market(need: Need) -> Need:
    return need.model_copy(update={"markets": "any"})


def lasting_for_ever(stage: Stage) -> Stage:
    return stage.model_copy(update={"expires_after": "90d"})


def next_in_line_at_once(stage: Stage) -> Stage:
    if stage.escalate is None:
        return stage
    return stage.model_copy(update={"escalate": stage.escalate.model_copy(update={"after": "1m"})})


def veto_approves(stage: Stage) -> Stage:
    needs = tuple(need.model_copy(update={"any_of": (*need.any_of, *stage.veto)}) for need in stage.needs)
    return stage if any(need.all_of for need in stage.needs) else stage.model_copy(update={"needs": needs})


def counted_every_time(at: int, voice: Any, model: ApprovalPolicy) -> Any:
    return replace(voice, person=f"{voice.person}#{at}", acts_for="")


def for_nobody_but_themselves(at: int, voice: Any, model: ApprovalPolicy) -> Any:
    return replace(voice, acts_for="")


def in_any_order(at: int, voice: Any, model: ApprovalPolicy) -> Any:
    # A yes of somebody who fits another stage is put where it fits.
    roles = {held.role for held in voice.held}
    for stage in model.stages:
        if roles & {role for need in stage.needs for role in need.roles}:
            return replace(voice, stage=stage.stage)
    return voice


def in_every_market(at: int, voice: Any, model: ApprovalPolicy) -> Any:
    return replace(voice, held=tuple(Held(held.role, "all") for held in voice.held))


BROKEN = {
    "a stage is skipped": ("high-risk-copy", with_stages(without_the_second_stage)),
    "a person is counted twice": ("national-campaign", with_voices(counted_every_time)),
    "a delegate and who delegated count as two": ("two-of-either", with_voices(for_nobody_but_themselves)),
    "each market is read as any market": ("one-for-two", with_needs(anybody_once)),
    "all of several roles is read as any of them": ("one-too-many", with_needs(any_of_several)),
    "one is enough where two are needed": ("national-campaign", with_needs(one_is_enough)),
    "responsible for one market is enough": ("campaign-copy", with_needs(any_market)),
    "a role counts in markets where it is not held": ("campaign-copy", with_voices(in_every_market)),
    "nothing expires": ("campaign-copy", with_stages(lasting_for_ever)),
    "the next in line may answer at once": ("two-of-either", with_stages(next_in_line_at_once)),
    "a veto role approves": ("veto", with_stages(veto_approves)),
    "stages come in any order": ("high-risk-copy", with_voices(in_any_order)),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_code_that_is_broken_is_caught_with_the_answers_that_show_it(how: str):
    model, decide = BROKEN[how]

    found = first_wrong(model, decide)

    assert found is not None, f"nothing shows that {how}"
    assert "says yes to stage" in found
    print(f"{how}:\n{found}")


@pytest.mark.slow
def test_a_code_that_takes_the_first_seat_and_never_moves_anybody_is_caught(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("policies.engine.seating._best", lambda found: (max(found, key=lambda one: len(one.seats)),))

    found = first_wrong("one-for-two", standing_of)

    assert found is not None
    assert "not wanted" in found


def test_whose_yes_was_one_too_many_may_still_sign_a_later_stage():
    model = next(model for model in made_up() if model.id == "approvals.one-too-many")
    law = [Hat(name, (Held("legal", "all"),)) for name in ("ana", "ben")]

    found = search(model, (*law, Hat("cleo", (Held("ethics_officer", "all"),))))

    assert not found.wrong, str(found.wrong[0])
    assert found.completed


def first_wrong(name: str, decide: Any) -> str | None:
    """The first counter-example that some company of a model shows."""
    model = next(model for model in (*shipped(), *made_up()) if model.id == f"approvals.{name}")
    there = list(companies(model))
    both_ways = (company for pair in zip(there, reversed(there), strict=True) for company in pair)
    shown = (search(model, company, decide=decide) for company in both_ways)
    return next((str(one.wrong[0]) for one in shown if one.wrong), None)
