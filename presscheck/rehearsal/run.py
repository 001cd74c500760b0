"""One campaign run of a rehearsal: what people do to it, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, cast

from presscheck.errors import AnswerRefused
from presscheck.ledger import Reader
from presscheck.ledger.deliveries import delivery_id
from presscheck.ledger.reviews import reviews_of_run
from presscheck.models import Approval, Decision, OutcomeStatus, Refused, Review
from presscheck.rehearsal.company import person_of
from presscheck.rehearsal.stage import Stage

if TYPE_CHECKING:
    from prefect import Flow, State
    from prefect.client.schemas.objects import FlowRun

    from presscheck.desk import Desk

_ANSWERS = ("approve", "request_changes", "reject")


@dataclass
class RehearsedRun:
    """One campaign run, as a test plays it."""

    rehearsal: Stage
    campaign: "Flow[..., Any]"
    begun: "FlowRun"
    raised: BaseException | None = None
    """What the flow's body raised when it ran last; a Hold where it was held."""

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
            review = self.open_review(tx)
            who = None if review is None else self.desk.who_may(tx, review)
        return "" if who is None or isinstance(who, Refused) else who.role

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
    def desk(self) -> "Desk":
        return self.rehearsal.desk

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
        next. A refusal comes back as a value with its reason, and the run waits on; `approve`,
        `request_changes` and `reject` raise it.
        """
        if decision not in _ANSWERS:
            raise ValueError(f"{decision!r} is no answer; there are: {', '.join(_ANSWERS)}")
        raw: dict[str, Any] = {"decision": decision, "picks": list(picks), "note": note}
        raw |= ({"edits": list(edits)} if edits else {}) | ({} if reason is None else {"reason": reason})
        return self._submit(who, raw)

    def approve(
        self, who: str, *, picks: Sequence[str] = (), note: str = "", edits: Sequence[dict[str, str]] = ()
    ) -> Decision | Approval:
        """Approve as `who`; AnswerRefused with the desk's reason where it does not count."""
        return self._counts(who, "approve", self.answer(who, "approve", picks=picks, note=note, edits=edits))

    def request_changes(self, who: str, *, reason: str, note: str, picks: Sequence[str] = ()) -> Decision | Approval:
        """Ask for changes as `who`; AnswerRefused with the desk's reason where it does not count."""
        answered = self.answer(who, "request_changes", picks=picks, reason=reason, note=note)
        return self._counts(who, "request changes", answered)

    def reject(self, who: str, *, reason: str, note: str) -> Decision | Approval:
        """Reject as `who`; AnswerRefused with the desk's reason where it does not count."""
        return self._counts(who, "reject", self.answer(who, "reject", reason=reason, note=note))

    def _counts(self, who: str, what: str, answered: Decision | Approval | Refused) -> Decision | Approval:
        if isinstance(answered, Refused):
            raise AnswerRefused(f"{who} could not {what}: {answered.reason}", code=answered.code)
        return answered

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
        """Put the clock forward, such as `days=8`. What is due then happens: expiries, timers, what was put off."""
        self.rehearsal.later += timedelta(**by)
        self.rehearsal.carry_out()
        # A run that nobody is asked by sleeps until its timer or the press lets it go on; it looks for itself.
        expired = self.desk.expire_due()
        with self.rehearsal.ledger("door").read() as tx:
            asks = self.open_review(tx) is not None
        if expired or not (asks or self.ended):
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
        self.raised = None
        try:
            state = cast("State[Any]", run_flow(self.campaign, flow_run=run, return_type="state"))
        except Pause:
            # It sleeps until somebody answers, which is what a campaign is for.
            return
        if state.is_failed() or state.is_crashed():
            said: object = state.result(raise_on_failure=False)
            self.raised = said if isinstance(said, BaseException) else None

    def open_review(self, tx: Reader) -> Review | None:
        """The question that waits for an answer; None where nobody is asked."""
        reviews = reviews_of_run(tx, self.id)
        waits = reviews and self.desk.outcome(tx, reviews[-1].id).status is OutcomeStatus.OPEN
        return reviews[-1] if waits else None

    def _reviews(self) -> list[Review]:
        with self.rehearsal.ledger("door").read() as tx:
            return reviews_of_run(tx, self.id)
