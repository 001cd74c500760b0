"""The player: a process that runs one campaign on a stage of its own, does what it is told, and tells what came of it.

    {"event": "question", ...}                    to whoever started it, a JSON document a line
    {"decision": "approve", "picks": ["V01"]}     from there: an Answer

It is forked warm and imports the project's code fresh. It knows no terminal.
"""

import inspect
import json
import socket
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from presscheck.cli.flow_files import as_the_worker, find_flow
from presscheck.documents.own_code import place_of, short, told_of
from presscheck.documents.sentences import listed
from presscheck.door.api_reviews import as_json
from presscheck.door.proof import gather
from presscheck.errors import Fault, InputError, PresscheckError
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.timers import until_of
from presscheck.models import Approval, Refused, Review
from presscheck.rehearsal.company import person_of
from presscheck.rehearsal.rehearsal import Rehearsal
from presscheck.rehearsal.run import RehearsedRun
from presscheck.rehearsal.script import Answer, span
from presscheck.wiring import read_settings

if TYPE_CHECKING:
    from prefect import Flow

T = TypeVar("T")

_A_LITTLE = timedelta(seconds=1)
_A_DAY = timedelta(days=1)


class Player:
    """One run of a flow. Every event says where the outbox is and how many messages lie in it."""

    def __init__(self, line: socket.socket, project: Path) -> None:
        self._line = line
        self._project = project
        self._outbox = Path()

    def play(self, flow: str, parameters: Mapping[str, str]) -> None:
        """Run it to its first question, and then answer by answer until nobody tells it anything any more."""
        try:
            settings = read_settings()
            self._outbox = settings.outbox
            with as_the_worker(settings), ExitStack() as stack:
                wrong: list[InputError] = []
                campaign = _tried(lambda: find_flow(settings, flow), wrong)
                given = None if campaign is None else _tried(lambda: _fitting(campaign, parameters), wrong)
                rehearsal = _tried(lambda: stack.enter_context(Rehearsal.open(self._project)), wrong)
                if rehearsal is not None:
                    _tried(rehearsal.desk.policies, wrong)
                if wrong or campaign is None or given is None or rehearsal is None:
                    self._tell_faults(*wrong)
                    return
                run = rehearsal.start(campaign, **given)
                self._stand(run)
                for answer in self._told():
                    self._do(run, answer)
                    self._stand(run)
        except PresscheckError as error:
            self._tell_faults(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a flow is anybody's code, and may end the process.
            self._tell("faults", message=self._raised(error), faults=[])

    def _told(self) -> Iterator[Answer]:
        with self._line.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                yield Answer.model_validate_json(line)

    # ------------------------------------------------------------ what people do

    def _do(self, run: RehearsedRun, answer: Answer) -> None:
        with run.rehearsal.ledger("door").read() as tx:
            review = run.open_review(tx)
            deadline = _timer_of(tx, run.id) if review is None else run.desk.deadline(tx, review)
        if answer.decision == "wake":
            run.wake()
        elif answer.decision == "let_time_pass":
            left = _A_DAY if deadline is None else deadline - run.rehearsal.ledger("door").clock() + _A_LITTLE
            by = span(answer.by) if answer.by else left
            run.let_time_pass(seconds=by.total_seconds())
        elif review is None:
            self._tell("refused", reason="the run waits for nobody's answer", code="nothing-asked")
        else:
            self._answer(run, answer)

    def _answer(self, run: RehearsedRun, answer: Answer) -> None:
        who = answer.who or run.waits_for
        try:
            _enrol_who_is_new(run, who)
        except ValueError as error:
            self._tell("refused", reason=str(error), code="nobody")
            return
        if answer.text is not None:
            said = run.hand_in(who, **answer.text.model_dump(), picks=answer.picks)
        else:
            said = run.answer(
                who,
                answer.decision,
                picks=answer.picks,
                reason=answer.reason,
                note=answer.note,
                edits=[edit.model_dump() for edit in answer.edits],
            )
        if isinstance(said, Refused):
            self._tell("refused", reason=said.reason, code=said.code)
        else:
            self._tell("approval" if isinstance(said, Approval) else "decision", who=who, words=answer.words)

    # ------------------------------------------------------------ what came of it

    def _stand(self, run: RehearsedRun) -> None:
        """How the run stands: ended, at a question, or asleep for another reason."""
        if ended := run.ended:
            message = self._shortly(run.message)
            if run.raised is not None and not isinstance(run.raised, PresscheckError):
                message = self._raised(run.raised)
            self._tell("ended", state=ended, kind=run.state.type.value, message=message)
            return
        with run.rehearsal.ledger("door").read() as tx:
            review = run.open_review(tx)
        if review is None:
            with run.rehearsal.ledger("door").read() as tx:
                until = _timer_of(tx, run.id)
            said = "the press, or a wake" if until is None else f"a timer, until {until:%Y-%m-%d %H:%M} UTC"
            self._tell("asleep", message=f"It sleeps and asks nobody; what lets it go on is {said}.")
        else:
            self._tell("question", role=run.waits_for, question=_question(run, review))

    def _tell_faults(self, *errors: PresscheckError) -> None:
        faults = [
            {
                "path": short(fault.path, self._project),
                "line": fault.line,
                "where": fault.where,
                "message": fault.message,
            }
            for error in errors
            for fault in (error.faults if isinstance(error, InputError) else ())
        ]
        self._tell("faults", message=self._shortly("\n".join(map(str, errors))), faults=faults)

    def _shortly(self, text: str) -> str:
        """The project's files as whoever stands in it names them."""
        return text.replace(f"{self._project}/", "")

    def _raised(self, error: BaseException) -> str:
        """At the line that its author wrote, and not the way there."""
        place = place_of(traceback.extract_tb(error.__traceback__), self._project)
        return told_of(error) if place is None else f"{place}: {told_of(error)} at “{place.words}”"

    def _tell(self, event: str, **said: Any) -> None:
        messages = [path for kind in ("eml", "json") for path in self._outbox.glob(f"D-*/*/*.{kind}")]
        outbox = {"folder": str(self._outbox), "messages": len(messages)}
        self._line.sendall(json.dumps({"event": event, **said, "outbox": outbox}).encode() + b"\n")


def _tried(what: Callable[[], T], wrong: list[InputError]) -> T | None:
    """What comes of it, or None: what is wrong with a flow and with the policies is told at once."""
    try:
        return what()
    except InputError as error:
        wrong.append(error)
        return None


def _timer_of(tx: Reader, run: str) -> datetime | None:
    """When the next timer of a run that is asleep is over; None where it has none."""
    until = [until_of(event) for event in tx.events(EventKind.TIMER_SET, run=run)]
    return min((one for one in until if one is not None and one > tx.now), default=None)


def _fitting(campaign: "Flow[..., Any]", parameters: Mapping[str, str]) -> dict[str, Any]:
    """The parameters as the flow's annotations have them. InputError with those that it does not take or misses."""
    from prefect.exceptions import ParameterTypeError

    taken = inspect.signature(campaign.fn).parameters
    faults = [
        Fault("--set", None, name, f"{campaign.name} takes no such parameter; it takes {listed(taken) or 'none'}")
        for name in parameters
        if name not in taken
    ]
    faults += [
        Fault("--set", None, name, f"{campaign.name} needs it; write --set {name}=...")
        for name, one in taken.items()
        if one.default is one.empty and name not in parameters
    ]
    if faults:
        raise InputError(faults)
    try:
        return campaign.validate_parameters(dict(parameters))
    except ParameterTypeError as error:
        raise InputError([Fault("--set", None, "", " ".join(str(error).split()))]) from error


def _enrol_who_is_new(run: RehearsedRun, who: str) -> None:
    """An address plays somebody who holds the role that is asked. ValueError for a role that there is not."""
    ledger = run.rehearsal.ledger("door")
    try:
        person_of(ledger, who)
    except ValueError:
        if "@" not in who:
            raise
        run.rehearsal.enrol(who, run.waits_for)


def _question(run: RehearsedRun, review: Review) -> dict[str, Any]:
    person = person_of(run.rehearsal.ledger("door"), run.waits_for or "administrator")
    with run.rehearsal.ledger("door").read() as tx:
        return as_json(gather(tx, run.desk, review, person=person), "")
