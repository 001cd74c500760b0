"""How long an answer can be taken back, and whether alike questions go together: what loads, what a change weighs."""

import pytest
from pydantic import ValidationError

from policies import ApprovalPolicy, load_policies
from policies.engine.weighing import weigh

SHIPPED = {model.id: model for model in load_policies().approvals}


def changed(model: str, **values: str) -> ApprovalPolicy:
    short = dict.fromkeys(("role", "markets", "expires_after"))
    return ApprovalPolicy.model_validate(SHIPPED[model].model_dump(mode="json") | short | values)


@pytest.mark.parametrize(("regret", "seconds"), [("0s", 0), ("20s", 20), ("120s", 120)])
def test_a_time_that_somebody_can_use_or_none(regret: str, seconds: int) -> None:
    assert changed("approvals.campaign-copy", regret=regret).regret_seconds == seconds


@pytest.mark.parametrize("regret", ["5s", "19s", "121s", "20", "1m", "-20s", "2e1s"])
def test_no_time_that_nobody_can_use_and_none_without_end(regret: str) -> None:
    with pytest.raises(ValidationError, match="regret"):
        changed("approvals.campaign-copy", regret=regret)


@pytest.mark.parametrize("model", ["approvals.high-risk-copy", "approvals.national-campaign", "approvals.writing"])
def test_only_low_and_medium_go_together(model: str) -> None:
    with pytest.raises(ValidationError, match="alike: only approvals of tier low and medium"):
        changed(model, alike="together")


def test_a_model_that_says_nothing_has_each_answered_by_itself_and_at_once() -> None:
    values = SHIPPED["approvals.campaign-copy"].model_dump(mode="json", exclude={"regret", "alike", "stages"})

    model = ApprovalPolicy.model_validate(values)

    assert (model.regret_seconds, model.alike) == (0, "each")


def test_together_is_the_weaker() -> None:
    assert weigh("approval", "alike", "each", "together") == "weaker"
