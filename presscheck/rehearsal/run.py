"""Starts a campaign in this process, plays the people it waits for, and tells what went out."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presscheck.desk.changing import WaitingChange, sign_policies, waiting_change
from presscheck.errors import PolicyError
from presscheck.ledger import Keyring, Ledger, Signer, make_keys, upgrade
from presscheck.ledger.deliveries import delivery_id
from presscheck.ledger.reviews import reviews_of_run
from presscheck.models import Approval, Decision, OutcomeStatus, Process, Refused, Review
from presscheck.press.__main__ import open_press
from presscheck.press.__main__ import run as run_press
from presscheck.rehearsal.company import enrol, enrol_company, person_of
from presscheck.settings import Settings
from presscheck.wiring import open_desk, read_settings

if TYPE_CHECKING:
    from prefect import Flow, State
    from prefect.client.schemas.objects import FlowRun

_ANSWERS = ("approve", "request_changes", "reject")


@dataclass
class Rehearsal:
    """One project with a ledger of its own, a press that carries out, and a clock that can be put forward."""

    settings: Settings
    later: timedelta = timedelta()
    _ledgers: dict[Process, Ledger] = field(default_factory=dict[Process, Ledger])

    @classmethod
    @contextmanager
    def open(cls, project: Path) -> "Generator[Rehearsal, None, None]":
        """Keys, ledger and people are made anew; the press carries out until the end of the block."""
        settings = read_settings(project)
        make_keys(settings.keys)
        upgrade(settings.ledger_url)
        rehearsal = cls(settings)
        enrol_company(rehearsal.ledger("door"))
        rehearsal.sign_policies()
        stop = threading.Event()
        press = open_press(settings, rehearsal.ledger("press"), stopping=stop.is_set)
        thread = threading.Thread(target=run_press, args=(press, stop), kwargs={"poll_seconds": 0.2}, daemon=True)
        thread.start()
        try:
            yield rehearsal
        finally:
            stop.set()
            thread.join(timeout=30)
            for ledger in rehearsal._ledgers.values():
                ledger.close()

    def ledger(self, process: Process) -> Ledger:
        """The ledger as one of the three processes."""
        if process not in self._ledgers:
            keys = self.settings.keys
            self._ledgers[process] = Ledger.open(
                self.settings.ledger_url,
                keyring=Keyring.load(keys),
                signer=Signer.load(keys, process),
                heads=self.settings.heads,
                clock=lambda: datetime.now(UTC) + self.later,
            )
        return self._ledgers[process]

    def sign_policies(self) -> None:
        """Where the project's policies count by signature, sign what its files say, as legal would."""
        policies = open_desk(self.settings, self.ledger("door")).policies
        with self.ledger("door").write() as tx:
            waiting = waiting_change(tx, policies)
            if isinstance(waiting, WaitingChange):
                signed = sign_policies(tx, policies, waiting.shown, person="P-legal", proved_at=tx.now)
                if isinstance(signed, Refused):
                    raise PolicyError(signed.reason)

    def enrol(self, email: str, *roles: str) -> str:
        """Enrol one more person, such as the author of the brief; the person's id."""
        return enrol(self.ledger("door"), email, *roles)

    def start(self, campaign: "Flow[..., Any]", **parameters: Any) -> "RehearsedRun":
        """Run the campaign until it waits for a person, or ends."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            flow = client.create_flow(campaign)
            deployment = client.create_deployment(flow_id=flow, name="rehearsal")
            begun = client.create_flow_run_from_deployment(deployment, parameters=parameters)
        run = RehearsedRun(self, campaign, begun)
        run.go_on()
        return run


@dataclass
class RehearsedRun:
    """One campaign run, as a test plays it."""

    rehearsal: Rehearsal
    campaign: "Flow[..., Any]"
    begun: "FlowRun"

    # ------------------------------------------------------------ what it says of itself

    @property
    def id(self) -> str:
        return str(self.begun.id)

    @property
    def state(self) -> "State":
        """Prefect's state of the run now."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            state = client.read_flow_run(self.begun.id).state
        if state is None:
            raise LookupError(f"run {self.id}: Prefect knows no state of it")
        return state

    @property
    def ended(self) -> str:
        """How it ended, such as Delivered, Rejected, Expired, Held; empty while it waits."""
        state = self.state
        return (state.name or state.type.value) if state.is_final() else ""

    @property
    def message(self) -> str:
        """What the run says of its state: the reason of a hold, the counts of a delivery."""
        return self.state.message or ""

    @property
    def review(self) -> Review:
        """The question that was asked last; LookupError where nobody was asked."""
        with self.rehearsal.ledger("door").read() as tx:
            found = reviews_of_run(tx, self.id)
        if not found:
            raise LookupError(f"the run asked nobody; it is {self.state.name}: {self.message}")
        return found[-1]

    @property
    def waits_for(self) -> str:
        """The role that the run waits for, such as brand_lead; empty when it waits for nobody."""
        with self.rehearsal.ledger("door").read() as tx:
            reviews = reviews_of_run(tx, self.id)
            if not reviews or self.desk.outcome(tx, reviews[-1].id).status is not OutcomeStatus.OPEN:
                return ""
            who = self.desk.who_may(tx, reviews[-1])
        return "" if isinstance(who, Refused) else who.role

    @property
    def outbox(self) -> list[EmailMessage]:
        """Every e-mail that this run put into the outbox, in order of address."""
        found: list[EmailMessage] = []
        for review in self._reviews():
            folder = self.rehearsal.settings.outbox / delivery_id(self.id, review.id)
            for path in folder.glob("*/*.eml"):
                found.append(message_from_bytes(path.read_bytes(), policy=policy.default))
        return sorted(found, key=lambda message: str(message["To"]))

    @property
    def desk(self) -> Any:
        return open_desk(self.rehearsal.settings, self.rehearsal.ledger("door"))

    # ------------------------------------------------------------ what people do

    def answer(
        self,
        who: str,
        decision: str,
        *,
        picks: Sequence[str] = (),
        reason: str | None = None,
        note: str = "",
        edits: Sequence[dict[str, str]] = (),
    ) -> Decision | Approval | Refused:
        """Answer as `who` (a role, or an enrolled address): approve, request_changes or reject.

        Decided, the run goes on. An Approval is one yes of several: the run waits for the
        next. A refusal comes back as a value with its reason, and the run waits on.
        """
        if decision not in _ANSWERS:
            raise ValueError(f"{decision!r} is no answer; there are: {', '.join(_ANSWERS)}")
        raw: dict[str, Any] = {"decision": decision, "picks": list(picks), "note": note}
        raw |= ({"edits": list(edits)} if edits else {}) | ({} if reason is None else {"reason": reason})
        return self._submit(who, raw)

    def hand_in(
        self, who: str, *, subject: str = "", preheader: str = "", body: str, picks: Sequence[str] = ()
    ) -> Decision | Approval | Refused:
        """Hand in a text where the run asks for one; `picks` are the proposals that it draws on."""
        parts = {"subject": subject, "preheader": preheader, "body": body}
        written = {name: text for name, text in parts.items() if text}
        return self._submit(who, {"decision": "approve", "picks": list(picks), **written})

    def _submit(self, who: str, raw: dict[str, Any]) -> Decision | Approval | Refused:
        review = self.review
        person = person_of(self.rehearsal.ledger("door"), who)
        answered = self.desk.apply(
            review.id,
            person=person,
            raw={"form": self._form_key(review), **raw},
            proved_at=self.rehearsal.ledger("door").clock(),
        )
        if isinstance(answered, Decision):
            self.go_on()
        return answered

    def _form_key(self, review: Review) -> str:
        with self.rehearsal.ledger("door").read() as tx:
            return str(self.desk.form(tx, review).key)

    def let_time_pass(self, **by: float) -> None:
        """Put the clock forward, such as `days=8`; what is due then expires, and the run goes on."""
        self.rehearsal.later += timedelta(**by)
        if self.desk.expire_due():
            self.go_on()

    def wake(self) -> None:
        """Wake the run without an answer, as anybody could who reaches Prefect."""
        self.go_on()

    def go_on(self) -> None:
        """Run the flow's body once more from the top, as at every wake."""
        from prefect.client.orchestration import get_client
        from prefect.exceptions import Pause
        from prefect.flow_engine import run_flow
        from prefect.states import Scheduled

        with get_client(sync_client=True) as client:
            if self.state.type.value != "SCHEDULED":
                client.set_flow_run_state(self.begun.id, Scheduled(), force=True)
            run = client.read_flow_run(self.begun.id)
        try:
            run_flow(self.campaign, flow_run=run, return_type="state")
        except Pause:
            # It sleeps until somebody answers, which is what a campaign is for.
            return

    def _reviews(self) -> list[Review]:
        with self.rehearsal.ledger("door").read() as tx:
            return reviews_of_run(tx, self.id)
