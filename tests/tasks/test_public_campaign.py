"""A campaign for everybody: no audience is screened, a person signs, and each pick is handed over once."""

from pathlib import Path

import pytest
from prefect import State, flow

from presscheck.ledger import EventKind
from presscheck.ledger.deliveries import messages
from presscheck.press import Press
from presscheck.press.channels.opening import open_channels
from presscheck.wiring import open_desk, read_settings
from tasks import (
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    open_campaign,
    propose,
    require_audience,
)
from tests.tasks.stage import Stage


@flow(name="public-launch")
@hold_on_fault
def public_launch(brief: str = "brief.yaml") -> State:
    campaign = open_campaign(brief=brief, audience="no-such-segment.sql")
    recipients = require_audience(campaign)
    drafts = draft_variants(campaign, count=4)
    choices = check_variants(campaign, drafts)
    return deliver(await_decision(propose(campaign, choices, recipients), gate="copy"), patience_seconds=0)


class Public(Stage):
    def campaign(self):  # type: ignore[no-untyped-def]
        return public_launch

    def carried_by_the_press(self) -> int:
        settings = read_settings()
        press = Press(self.press, open_desk(settings, self.press), open_channels(settings), settings.home)
        press.step()
        with self.press.read() as tx:
            return len(messages(tx, self.deliveries()[0].subject, "sent"))


@pytest.fixture
def public(project: Path, prefect: None) -> Public:
    staged = Public(project)
    brief = project / "brief.yaml"
    brief.write_text(brief.read_text().replace("channel: email", "channel: social"))
    return staged


def test_a_campaign_for_everybody_goes_out_once_a_pick_and_screens_nobody(public: Public) -> None:
    public.start()
    review = public.review()
    public.answer(picks=["V01", "V03"])
    public.wake()
    sent = public.carried_by_the_press()
    state = public.wake()
    nodes = public.nodes()
    frozen = public.events(EventKind.AUDIENCE_FROZEN)
    public.close()

    assert (review.question.audience, review.question.audience_rows) == (None, 0)
    assert sent == 2
    assert state is not None
    assert state.name == "Delivered"
    assert frozen == []
    assert not [name for name in nodes if "audience" in name]


def test_nobody_is_asked_where_the_way_out_does_not_take_the_channel(
    public: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSCHECK_VIA", "smtp")

    state = public.start()
    public.close()

    assert state is not None
    assert state.name == "Held"
    assert "smtp takes email and not social; for social there are: outbox, webhook, social-calendar" in state.message
