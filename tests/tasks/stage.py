"""A small campaign on Prefect's test server, and the hands that start, wake, answer and disturb it."""

import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import Flow, State, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.states import Scheduled

from presscheck.desk import Desk
from presscheck.ledger import Event, EventKind, Keyring, Ledger, Signer
from presscheck.ledger.reviews import record_decision, reviews_of_run
from presscheck.models import Decision, Refused, Review
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.wiring import open_desk, read_settings
from tasks import (
    Audience,
    Campaign,
    Made,
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    open_campaign,
    propose,
    step,
)
from tests.desk.scene import write_audience

__all__ = ["BRIEF", "Stage", "small_launch"]

BRIEF = """\
id: spring-launch
title: Spring launch
collaboration: producer
author: ben@brand.example
offer: The Fell jacket is here.
key_points:
  - text: It keeps the rain out.
    required: true
persona: People who walk in the hills.
tone: warm
channel: email
markets: [US, DE]
deadline: {deadline}
call_to_action:
  label: See the jacket
  url: https://brand.example/fell
sender:
  name: Brand
  address: news@brand.example
  postal_address: 1 Mill Lane, Leeds
"""

PEOPLE: dict[str, tuple[Grant, ...]] = {
    "ana": (Grant(role="brand_lead", markets="all"),),
    "ben": (Grant(role="brand_lead", markets="all"), Grant(role="author", markets="all")),
    "eva": (Grant(role="engineer", markets="all"),),
}

MADE: list[str] = []
"""What the small campaign's own step made, in this process."""


@step("audience", effect="targets", title="screen the audience")
def seven_people(campaign: Campaign) -> Made[Audience]:
    """An audience without Great Expectations, which takes longer than all these tests."""
    MADE.append(campaign.run)
    digest = write_audience(read_settings().home, 7)
    return Made(Audience(digest=digest, rows=7, candidates=7, exceptions={}, report="none"))


@flow(name="small-launch")
@hold_on_fault
def small_launch(brief: str = "brief.yaml", gate: str = "copy") -> State:
    campaign = open_campaign(brief=brief, audience="segment.sql")
    recipients = seven_people(campaign)
    answer = None
    for round in (1, 2, 3):
        drafts = draft_variants(campaign, count=4, round=round, answer=answer)
        choices = check_variants(campaign, drafts, round=round)
        answer = await_decision(propose(campaign, choices, recipients, round=round), gate=gate)
        if not answer.changes_wanted:
            break
    return deliver(answer, patience_seconds=0)


@dataclass
class Stage:
    """One project, its ledger, and one run of the small campaign."""

    project: Path
    later: timedelta = timedelta()
    run: FlowRun | None = None
    ledgers: dict[str, Ledger] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.project / "brief.yaml").write_text(BRIEF.format(deadline=datetime.now(UTC).date() + timedelta(days=30)))
        with self.door.write() as tx:
            for name, grants in PEOPLE.items():
                email = f"{name}@brand.example"
                remember_person(tx, f"P-{name}", email=email, name=name)
                record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")

    # ------------------------------------------------------------ the three processes

    def ledger(self, process: Any) -> Ledger:
        if process not in self.ledgers:
            settings = read_settings()
            self.ledgers[process] = Ledger.open(
                settings.ledger_url,
                keyring=Keyring.load(settings.keys),
                signer=Signer.load(settings.keys, process),
                heads=settings.heads,
                clock=lambda: datetime.now(UTC) + self.later,
            )
        return self.ledgers[process]

    @property
    def door(self) -> Ledger:
        return self.ledger("door")

    @property
    def press(self) -> Ledger:
        return self.ledger("press")

    @property
    def desk(self) -> Desk:
        return open_desk(read_settings(), self.door)

    def close(self) -> None:
        for ledger in self.ledgers.values():
            ledger.close()

    # ------------------------------------------------------------ the run

    def campaign(self) -> Flow[..., State]:
        return small_launch

    def start(self, *, empirical_policy: dict[str, Any] | None = None, **parameters: Any) -> State | None:
        with get_client(sync_client=True) as client:
            flow_id = client.create_flow(self.campaign())
            deployment = client.create_deployment(flow_id=flow_id, name="test")
            self.run = client.create_flow_run_from_deployment(deployment, parameters=parameters)
            if empirical_policy is not None:
                client._client.patch(
                    f"/flow_runs/{self.run.id}", json={"empirical_policy": empirical_policy}
                ).raise_for_status()
        return self.go()

    def go(self) -> State | None:
        """Run the flow's body; None if it went to sleep."""
        with get_client(sync_client=True) as client:
            run = client.read_flow_run(self.id)
        try:
            return run_flow(self.campaign(), flow_run=run, return_type="state")
        except Pause:
            return None

    def wake(self) -> State | None:
        """As the bell wakes it, and as anybody else could who reaches Prefect: by its state."""
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(self.id, Scheduled(), force=True)
        return self.go()

    @property
    def id(self) -> UUID:
        assert self.run is not None
        return self.run.id

    @property
    def state(self) -> State:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(self.id).state
        assert state is not None
        return state

    def nodes(self) -> dict[str, TaskRun]:
        """The graph: every task run of this run, by name; two of one name fail the test."""
        asked = FlowRunFilter(id=FlowRunFilterId(any_=[self.id]))
        until = time.monotonic() + 10
        with get_client(sync_client=True) as client:
            # Prefect writes down what became of a task a moment after the flow went on.
            while runs := client.read_task_runs(flow_run_filter=asked, limit=200):
                if time.monotonic() > until or not any(run.state_name == "Running" for run in runs):
                    break
                time.sleep(0.1)
        named = {run.name: run for run in runs}
        assert len(named) == len(runs), sorted(run.name for run in runs)
        return named

    # ------------------------------------------------------------ what happens at it

    def review(self) -> Review:
        """The last review that the run opened."""
        with self.door.read() as tx:
            return reviews_of_run(tx, str(self.id))[-1]

    def answer(self, person: str = "ana", decision: str = "Approve", **more: Any) -> Decision | Refused:
        review = self.review()
        form: dict[str, Any] = {"form": review.form_key, "decision": decision, **more}
        if decision == "Approve":
            form.setdefault("picks", ["V01", "V02"])
        return self.desk.apply(review.id, person=f"P-{person}", raw=form)

    def forge_approval(self, process: Any) -> None:
        """An approval of the open review, signed by the wrong process."""
        review = self.review()
        approved = Decision(
            review=review.id,
            question=review.question.digest,
            kind="approved",
            person="P-ana",
            role="brand_lead",
            rule="approvals.campaign-copy",
            rule_version="0" * 64,
            asked_at="2026-01-01T00:00:00.000000Z",
            answered_at="2026-01-01T00:00:01.000000Z",
            manifest=review.question.manifest((review.question.proposals[0].asset,)),
        )
        with self.ledger(process).write() as tx:
            record_decision(tx, approved, run=str(self.id))

    def press_reports(self, kind: EventKind, **said: Any) -> None:
        with self.press.write() as tx:
            tx.append(kind, self.deliveries()[0].subject, said, run=str(self.id))

    def deliveries(self) -> list[Event]:
        return self.events(EventKind.DELIVERY_REQUESTED)

    def events(self, *kinds: EventKind) -> list[Event]:
        with self.door.read() as tx:
            return tx.events(*kinds, run=str(self.id))

    def spoil(self, statement: str, *values: Any) -> None:
        """Change the ledger behind its back, triggers and all."""
        with sqlite3.connect(self.project / ".presscheck" / "ledger.db") as database:
            changed = database.execute(statement, values).rowcount
        assert changed >= 1, "nothing was spoilt"


def fresh_project(folder: Path, template: Path) -> None:
    """Keys and an empty ledger in `folder`."""
    from presscheck.ledger import make_keys

    make_keys(folder / ".presscheck" / "keys")
    shutil.copy(template, folder / ".presscheck" / "ledger.db")
