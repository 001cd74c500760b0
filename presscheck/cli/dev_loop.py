"""The loop of `presscheck dev`: one run after the other, each played until a file is saved or somebody goes.

A run's answers are those of the script, then those that were typed before, then the keyboard's. Answers that no longer
fit what is asked are dropped, and said to be.
"""

import json
import os
import select
import time
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from presscheck.cli.dev_telling import Telling
from presscheck.cli.dev_typing import HELP, Keyboard, Typed, read_typed
from presscheck.documents.sentences import listed
from presscheck.errors import Fault, InputError
from presscheck.rehearsal.script import Answer, Scripted, read_script
from presscheck.rehearsal.warm import PlayerProcess, Warm
from presscheck.rehearsal.watching import Watch

_GOOD = ("Delivered", "Completed", "Approved")
# A file that changes during so many runs one after the other is written by the campaign.
_OFTEN = 3


class _Over(Exception):
    """This run is over: the next one begins, or everything ends with a code."""

    def __init__(self, code: int | None = None) -> None:
        self.code = code


@dataclass
class _Run:
    """One run as it stands."""

    player: PlayerProcess
    since: float
    """When what is waited for now began: the save, or the answer."""
    left: deque[Scripted | Answer]
    """The answers that are still to be given."""
    event: dict[str, Any] = field(default_factory=dict[str, Any])
    """How it stands; empty while it is at work."""
    given: Scripted | Answer | None = None
    """The answer that is being judged."""
    typed: int = 0
    """How many of those that were typed have been given in it."""
    was_refused: bool = False
    received: bytes = b""
    printed: bytes = b""
    """The beginning of a line."""
    silent: set[Any] = field(default_factory=set[Any])
    """Where nothing comes from any more."""


class Loop:
    """Runs a flow again at each save; `run` gives the exit code."""

    def __init__(
        self,
        warm: Warm,
        watch: Watch,
        telling: Telling,
        *,
        flow: str,
        parameters: Mapping[str, str],
        script: Path | None,
        once: bool,
        keyboard: int = 0,
    ) -> None:
        self._warm, self._watch, self._telling = warm, watch, telling
        self._flow, self._parameters = flow, parameters
        self._script = script
        self._once = once
        self._keyboard = Keyboard(keyboard)
        self._typed: list[Answer] = []
        self._written_by_runs: Counter[str] = Counter()

    def run(self, began: float) -> int:
        """Until somebody quits, or with `once` until there is nothing left to do."""
        while True:
            try:
                script = () if self._script is None else read_script(self._script)
            except InputError as error:
                self._tell_faults(error)
                if self._once:
                    return 2
                began = self._next_save()
                continue
            with self._warm.player(self._flow, self._parameters) as player:
                run = _Run(player, began, deque([*script, *self._typed]))
                try:
                    while True:
                        self._look(run)
                except _Over as over:
                    if over.code is not None:
                        return over.code
                began = run.since

    # ------------------------------------------------------------ what happens

    def _look(self, run: _Run) -> None:
        """Wait for the next thing and deal with it. Raises _Over."""
        if run.event and self._keyboard.ahead:
            self._type(run, self._keyboard.ahead.popleft())
            return
        listened: list[Any] = [run.player.line, run.player.printed]
        if run.event and not self._once:
            listened.append(self._keyboard.number)
        pause = None if self._once else self._watch.pause
        ready, _, _ = select.select([one for one in listened if one not in run.silent], [], [], pause)
        if run.player.printed in ready:
            # What it printed belongs before what came of it.
            self._print(run)
        elif run.player.line in ready:
            self._hear(run)
        elif self._keyboard.number in ready:
            try:
                self._keyboard.read()
            except EOFError:
                raise _Over(0) from None
        elif not self._once and (changed := self._watch.changed()):
            self._saved(run, changed)

    def _saved(self, run: _Run, changed: list[str]) -> None:
        run.since = time.monotonic() - self._watch.saved_seconds_ago(changed)
        if run.event:
            self._written_by_runs.clear()
        else:
            self._written_by_runs.update(changed)
        often = [name for name in changed if self._written_by_runs[name] >= _OFTEN]
        if often:
            self._watch.ignore(often)
            said = f"{listed(often)}: changes during each run, so the campaign itself writes it; not looked at any more"
            self._telling.told("trouble", said)
        self._telling.told("saved", f"{listed(changed[:5])} saved", files=changed)
        raise _Over

    def _next_save(self) -> float:
        while not (changed := self._watch.changed()):
            time.sleep(self._watch.pause)
        return time.monotonic() - self._watch.saved_seconds_ago(changed)

    def _print(self, run: _Run) -> None:
        printed = os.read(run.player.printed, 65_536)
        if not printed:
            run.silent.add(run.player.printed)
        # Its last line may have no end.
        lines, _, run.printed = (run.printed + printed + b"\n" * (not printed)).rpartition(b"\n")
        if lines:
            self._telling.printed(lines.decode("utf-8", "replace"))

    def _hear(self, run: _Run) -> None:
        received = b""
        with suppress(ConnectionError):
            received = run.player.line.recv(1 << 20)
        if not received:
            run.silent.add(run.player.line)
            if not run.event:
                self._ended_itself(run)
        *lines, run.received = (run.received + received).split(b"\n")
        for line in lines:
            self._came(run, json.loads(line))

    def _came(self, run: _Run, event: dict[str, Any]) -> None:
        """Deal with one event of the player's."""
        match event["event"]:
            case "faults":
                self._show(run, event)
                run.event = event
                self._finish(2)
                self._keyboard.prompt()
            case "refused":
                self._refused(run, event)
            case "decision" | "approval":
                self._telling.event(event, seconds=time.monotonic() - run.since)
                run.given = None
            case _:
                self._stands(run, event)

    def _refused(self, run: _Run, event: dict[str, Any]) -> None:
        given, run.given = run.given, None
        run.was_refused = True
        if isinstance(given, Scripted):
            self._telling.told("trouble", str(given.fault(f"is refused ({event['code']}): {event['reason']}")))
            self._finish(1)
        else:
            self._telling.event(event, seconds=time.monotonic() - run.since)
            self._typed = self._typed[: run.typed - 1]
        run.left.clear()

    def _stands(self, run: _Run, event: dict[str, Any]) -> None:
        """It waits for the next answer, or has ended."""
        run.event, run.given = event, None
        if run.left and event["event"] != "ended":
            gate, round = _asked(event)
            following = run.left.popleft()
            answer = following.answer if isinstance(following, Scripted) else following
            if answer.fits(gate, round):
                at = f"{gate}, round {round}" if gate else "asleep"
                by = f" as {answer.who}" if answer.who else ""
                self._telling.told("given", f"{at}: {answer.words}{by}")
                self._give(run, following)
                return
            self._unfit(run, following, f"is {answer.place}", gate, round)
        elif run.left and (isinstance(run.left[0], Scripted) or event["kind"] == "COMPLETED"):
            self._unfit(run, run.left.popleft(), f"is never given, for the run ended: {event['state']}", "", 0)
        if not (run.was_refused and event["event"] == "question"):
            self._show(run, event)
        run.was_refused = False
        self._finish(0 if event["event"] != "ended" or event["state"] in _GOOD else 1)
        self._keyboard.prompt()

    def _unfit(self, run: _Run, answer: Scripted | Answer, why: str, gate: str, round: int) -> None:
        run.left.clear()
        asked = f", and the run asks at gate {gate}, round {round}" if gate else ""
        if run.event["event"] == "asleep":
            asked = ", and the run sleeps"
        if isinstance(answer, Scripted):
            self._telling.told("trouble", str(answer.fault(f"{why}{asked}")))
            self._finish(2)
        else:
            self._typed = self._typed[: run.typed]
            self._telling.told(
                "dropped", f"Your answer “{answer.words}” {why}{asked}; it and those after it are dropped."
            )

    def _finish(self, code: int) -> None:
        """With `once`, what is wrong first decides how everything ends."""
        if self._once:
            raise _Over(code)

    def _ended_itself(self, run: _Run) -> None:
        said = "The run's process was ended from within, by the flow or by what it imports."
        self._telling.told("trouble", said)
        run.event = {"event": "faults"}
        self._finish(1)
        self._tell_log(run)

    def _show(self, run: _Run, event: dict[str, Any]) -> None:
        self._telling.event(event, seconds=time.monotonic() - run.since)
        if event["event"] == "faults" or event.get("kind") in ("FAILED", "CRASHED"):
            self._tell_log(run)

    def _tell_log(self, run: _Run) -> None:
        # With `once` it is gone before anybody could read it.
        if not self._once:
            self._telling.told("log", f"Its log: {run.player.log}", path=str(run.player.log))

    # ------------------------------------------------------------ the keyboard

    def _type(self, run: _Run, line: str) -> None:
        if not line:
            self._keyboard.prompt()
            return
        gate, round = _asked(run.event)
        try:
            typed = read_typed(line, gate=gate, round=round)
        except InputError as error:
            self._tell_faults(error)
            self._keyboard.prompt()
            return
        self._follow(run, typed)

    def _follow(self, run: _Run, typed: Typed) -> None:
        match typed.letter:
            case "q":
                raise _Over(0)
            case "s":
                self._typed.clear()
                run.since = time.monotonic()
                raise _Over
            case "?":
                self._telling.told("help", HELP)
                self._keyboard.prompt()
            case "v":
                self._read_whole(run, typed.rest.upper())
                self._keyboard.prompt()
            case _:
                if typed.answer is None or run.event.get("event") not in ("question", "asleep"):
                    self._telling.told("trouble", "Nothing is asked now; s starts over.")
                    self._keyboard.prompt()
                    return
                self._typed = [*self._typed[: run.typed], typed.answer]
                run.since = time.monotonic()
                self._give(run, typed.answer)

    def _read_whole(self, run: _Run, code: str) -> None:
        proposals = run.event.get("question", {}).get("proposals", [])
        if found := [one for one in proposals if code in ("", one["code"])]:
            self._telling.choices(found)
        else:
            self._telling.told("trouble", f"There is no choice {code[:20]}.")

    def _give(self, run: _Run, answer: Scripted | Answer) -> None:
        run.event, run.given = {}, answer
        if isinstance(answer, Scripted):
            said = answer.answer
        else:
            said, run.typed = answer, run.typed + 1
        with suppress(ConnectionError):  # It has ended itself, which is heard next.
            run.player.line.sendall(said.model_dump_json().encode() + b"\n")

    def _tell_faults(self, error: InputError) -> None:
        faults = [_as_json(fault) for fault in error.faults]
        self._telling.told("trouble", str(error), faults=faults)


def _asked(event: Mapping[str, Any]) -> tuple[str, int]:
    """Gate and round of what is asked; empty where nothing is."""
    told = event.get("question")
    return (told["gate"], told["round"]) if told else ("", 0)


def _as_json(fault: Fault) -> dict[str, Any]:
    return asdict(fault)
