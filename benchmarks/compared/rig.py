"""What every contender can be made to do, and what came of it in the outbox.

A contender is a campaign of this folder in the tool that it was written for, with that tool's own services. It is laid
into a folder of its own together with `shop.py`, answered as its people would answer it, and attacked as somebody would
who reaches what it keeps. One more is a class like the three, named in `run.CONTENDERS` and in `page.TITLES`.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from benchmarks.compared import shop

HERE = Path(__file__).parent
ANSWERS = {"segment": "sam", "copy": "ana", "rollout": "bea"}
_PATIENCE_SECONDS = 180

T = TypeVar("T")
Change = tuple[str, str]


class Stuck(TimeoutError):
    """What was waited for did not come."""


@dataclass(frozen=True)
class Question:
    gate: str
    text: str


@dataclass(frozen=True)
class Sent:
    """The messages of an outbox, as a mail server and an advertising platform would have seen them."""

    messages: tuple[dict[str, str], ...]

    @property
    def emails(self) -> list[dict[str, str]]:
        return [message for message in self.messages if message["channel"] == "email"]

    @property
    def ads(self) -> list[dict[str, str]]:
        return [message for message in self.messages if message["channel"] == "search_ad"]

    @property
    def people(self) -> set[str]:
        return {message["to"] for message in self.emails}

    @property
    def written_to_twice(self) -> set[str]:
        return {address for address, times in Counter(message["to"] for message in self.emails).items() if times > 1}


def read_outbox(folder: Path) -> Sent:
    files = sorted((folder / "outbox").iterdir())
    return Sent(tuple(json.loads(file.read_text()) for file in files))


def wait_for(what: str, look: Callable[[], T | None], patience: float = _PATIENCE_SECONDS, pause: float = 0.2) -> T:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(pause)
    raise Stuck(f"{what} did not come within {patience:.0f} seconds")


class Process:
    """A program in a group of its own, with its words in a file, ended with everything that it started."""

    def __init__(self, arguments: list[str], *, cwd: Path, env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self._popen = subprocess.Popen(
                arguments, cwd=cwd, env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )

    @property
    def is_over(self) -> bool:
        return self._popen.poll() is not None

    def end(self) -> None:
        for sign, patience in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
            try:
                os.killpg(self._popen.pid, sign)
                self._popen.wait(patience)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._popen.wait()


class Contender(ABC):
    """One campaign in one tool. `run` is the name of a campaign run, made up by whoever starts it."""

    name: ClassVar[str]
    everybody: ClassVar[Change]
    held_out_too: ClassVar[Change]
    ad_not_shown: ClassVar[Change]
    other_sending: ClassVar[Change]
    other_words: ClassVar[Change] = ('f"{title}. {shoes}."', 'f"Wet feet all day. {shoes}."')
    shorter_wait: ClassVar[Change] = ("WAIT = timedelta(hours=24)", "WAIT = timedelta(seconds=2)")
    packages: ClassVar[tuple[str, ...]]
    broken: ClassVar[frozenset[str]] = frozenset()
    """Ends of a run in which the tool itself failed, so that it says nothing about what gets through."""
    closes_edited_words: ClassVar[tuple[Change, ...]] = ()

    def __init__(self, python: Path, home: Path, *, quick: bool = True) -> None:
        """`quick`: it looks for work more often than it does as it comes, where that is a setting."""
        self.python = python
        self.quick = quick
        self.home = home
        self.project = home / "project"
        self.project.mkdir(parents=True)
        shutil.copy(HERE / "shop.py", self.project)

    def __enter__(self) -> Self:
        try:
            self.begin()
        except BaseException:
            self.finish()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.finish()

    def write_campaign(self, *changes: Change) -> None:
        text = (HERE / self.name / "campaign.py").read_text()
        for old, new in (self.shorter_wait, *changes):
            if text.count(old) != 1:
                raise ValueError(f"{self.name}/campaign.py: {old!r} stands there {text.count(old)} times, not once")
            text = text.replace(old, new)
        (self.project / "campaign.py").write_text(text)

    def make_shop(self, run: str) -> Path:
        folder = self.folder(run)
        shop.make_shop(folder)
        return folder

    def folder(self, run: str) -> Path:
        return self.home / "shops" / run

    def sent(self, run: str) -> Sent:
        return read_outbox(self.folder(run))

    def versions(self) -> dict[str, str]:
        code = "import sys, json, importlib.metadata as m; print(json.dumps({p: m.version(p) for p in sys.argv[1:]}))"
        return json.loads(subprocess.check_output([self.python, "-c", code, *self.packages], text=True))

    @abstractmethod
    def begin(self) -> None:
        """Starts what the tool needs and loads the campaign as it stands."""

    @abstractmethod
    def finish(self) -> None:
        """Ends what was started."""

    @abstractmethod
    def load(self, *changes: Change) -> None:
        """Makes the campaign with these changes the one that runs, as an engineer would after an edit."""

    def try_edit(self, run: str, *changes: Change) -> None:
        """What an engineer does to see an edit: makes it the campaign that runs, and starts it."""
        self.load(*changes)
        self.start(run)

    def load_other_tasks(self, at: int) -> None:
        """Makes a campaign of other tasks the one that runs."""
        self.load()

    @abstractmethod
    def start(self, run: str) -> None:
        """Starts a run in the shop of that name."""

    @abstractmethod
    def asked(self, run: str) -> Question | None:
        """The question that waits for somebody now."""

    @abstractmethod
    def ended(self, run: str) -> str | None:
        """How the run came to its end."""

    @abstractmethod
    def answer(self, run: str, who: str, *, yes: bool = True, signed_in: str | None = None) -> str:
        """Answers the question as `who`; "taken", or the tool's own words of refusal.

        Where people sign in, it is `signed_in` who does; where they only say who they are, it makes no difference.
        """

    @abstractmethod
    def alter_store(self, run: str, old: str, new: str) -> str:
        """Puts other words of the same length into what the tool keeps of the run; says where."""

    @abstractmethod
    def forgeries(self) -> dict[str, Callable[[str], str]]:
        """Ways to pass the question of a run without an answer of anybody who may: what it is, and what does it."""

    @abstractmethod
    def withdraw(self, run: str, who: str) -> str:
        """Takes somebody's right away, as far as the tool knows of rights; says how."""

    @abstractmethod
    def repeat(self, run: str) -> str:
        """Lets a run go on whose process died, as the tool's documentation says; says how."""

    def settled(self, run: str, *, but: Question | None = None) -> Question | str:
        """Waits for the next question or the end."""

        def look() -> Question | str | None:
            ended = self.ended(run)
            if ended is not None:
                return ended
            asked = self.asked(run)
            return asked if asked != but else None

        return wait_for(f"{self.name}: a question or the end of {run}", look)

    def play(self, run: str, *, until: str = "the end") -> str:
        """Answers as the right people until a question of this name waits, or to the end; says how it ended."""
        last: Question | None = None
        while isinstance(settled := self.settled(run, but=last), Question):
            if settled.gate == until:
                return until
            refusal = self.answer(run, ANSWERS[settled.gate])
            if refusal != "taken":
                raise Stuck(f"{self.name}: {ANSWERS[settled.gate]} could not answer {settled.gate}: {refusal}")
            last = settled
        if settled in self.broken:
            raise Stuck(f"{self.name}: {run} ended as {settled}")
        return settled


def words(value: Any) -> str:
    """A refusal in one line, so that it fits a table."""
    return " ".join(str(value).split())[:200]
