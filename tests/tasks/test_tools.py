"""A step names the tools that it uses; one that no policy approves holds before the step's body runs."""

from collections.abc import Callable
from typing import Any

import pytest
from prefect import State, flow

from presscheck.ledger import EventKind
from tasks import Campaign, Kept, hold_on_fault, open_campaign, step
from tasks.holding import ended
from tests.tasks.stage import Stage
from tests.usages import tool, write_usage


class Translated(Kept):
    words: str


MADE: list[str] = []


@step("translate", effect="makes", uses="deepl/translate")
def translate(campaign: Campaign) -> Translated:
    MADE.append(campaign.run)
    return Translated(words="Regen")


@flow(name="translating")
@hold_on_fault
def translating() -> State:
    translate(open_campaign(brief="brief.yaml", audience="segment.sql"))
    return ended("Approved", "It was translated.")


@pytest.fixture
def translation(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., State | None]:
    """A run of that campaign, with these tools approved."""

    def start(*tools: dict[str, Any]) -> State | None:
        MADE.clear()
        write_usage(stage.project / "policies", tools=list(tools))
        monkeypatch.setenv("PRESSCHECK_POLICIES", "policies")
        monkeypatch.setattr(stage, "campaign", lambda: translating)
        return stage.start()

    return start


@pytest.mark.slow
@pytest.mark.parametrize("tools", [[], [tool("deepl/translate", until="2026-01-01")], [tool("deepl/write")]])
def test_a_step_that_uses_a_tool_that_nobody_approved_holds_before_its_body_runs(
    stage: Stage, translation: Callable[..., State | None], tools: list[dict[str, Any]]
) -> None:
    held = translation(*tools)

    assert held is not None
    assert held.name == "Held"
    assert "the tool deepl/translate" in (held.message or "")
    assert MADE == []
    (event,) = stage.events(EventKind.TOOL_REFUSED)
    assert (event.process, event.subject) == ("worker", "deepl/translate")
    assert str(event.data["step"]).startswith("translate/")


@pytest.mark.slow
def test_a_step_uses_an_approved_tool_and_that_is_on_record(
    stage: Stage, translation: Callable[..., State | None]
) -> None:
    ran = translation(tool("deepl/translate"))

    assert ran is not None
    assert ran.name == "Approved", ran.message
    assert len(MADE) == 1
    (event,) = stage.events(EventKind.TOOL_USED)
    assert event.subject == "deepl/translate"
    assert stage.events(EventKind.TOOL_REFUSED) == []
