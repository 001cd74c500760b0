"""Everything on one machine: made ready, started side by side, kept running, stopped without remains."""

import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import FrameType
from typing import IO, Literal, NoReturn

from presscheck.errors import PresscheckError, SettingsError
from presscheck.settings import Settings
from presscheck.supervisor import plan
from presscheck.supervisor.campaigns import Campaigns
from presscheck.supervisor.children import Child, Children
from presscheck.supervisor.inner import Inner
from presscheck.supervisor.steps import Steps

Only = Literal["prepare", "server", "door", "press", "worker"]
"""One part of everything, for whoever keeps processes running by other means."""

# Prefect's server takes 5 to 45 s, the longest on a small machine that is busy; this is when something is wrong.
_READY_SECONDS = 180.0
_LOOK_EVERY_SECONDS = 0.5
# At the start somebody waits for it.
_READY_EVERY_SECONDS = 0.1
_ENDING_SECONDS = 15.0
_CRASHED_EVERY_SECONDS = 5.0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(
    settings: Settings, *, deploy: bool = True, only: Only | None = None, say: Callable[[str], None] = _say
) -> None:
    """Start everything, or `only` one of it, print where it is, and keep it running until SIGINT or SIGTERM.

    SettingsError if a port is taken or another `presscheck up` runs here; PresscheckError if a process
    does not come up. In every case nothing that was started is left behind.
    """
    if only == "prepare":
        prepare(settings)
        say("\n".join(_how_to_enrol(settings)) or "keys and ledger are there, and somebody is enrolled")
        return
    if only is not None and only != "worker":
        become({"server": plan.server, "door": plan.door, "press": plan.press}[only](settings))
    supervisor = Supervisor(settings, say=say)
    start = supervisor.start if only is None else supervisor.start_worker

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        supervisor.stopping.set()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with supervisor:
            with supervisor.steps.shown():
                start(deploy=deploy)
            supervisor.watch()
            say("stopping")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def prepare(settings: Settings) -> None:
    """Keys, ledger and Prefect's password, where they are missing; as whoever may migrate the ledger."""
    from presscheck.ledger import make_keys
    from presscheck.supervisor.databases import prepare_prefects
    from presscheck.wiring import upgrade_ledger

    make_keys(settings.keys)
    upgrade_ledger(settings)
    prepare_prefects(settings)
    plan.prefect_auth(settings)


def become(child: Child) -> NoReturn:
    """Go on as this child, with its environment and in its folder, for whoever keeps processes running."""
    os.chdir(child.cwd)
    os.execve(child.command[0], list(child.command), dict(child.env))  # noqa: S606 - as every child, without a shell.


@dataclass(frozen=True)
class _Awaited:
    """A step that is under way: the process that it waits for, how it shows to be over, what is said and done then."""

    what: str
    child: Child | None
    ready: Callable[[], bool]
    told: str
    then: Callable[[], None] = lambda: None


class Supervisor:
    """The processes of one home. Use it as a context: leaving stops all."""

    def __init__(self, settings: Settings, *, say: Callable[[str], None] = _say) -> None:
        self.settings = settings
        self.stopping = threading.Event()
        self.steps = Steps(say)
        self._say = say
        self._children = Children(say)
        self._inner: Inner | None = None
        self._lock: IO[str] | None = None
        self._looked_for_crashed = 0.0
        self._campaigns = Campaigns(settings)
        self._not_registered: tuple[str, ...] = ()

    def __enter__(self) -> "Supervisor":
        for folder in (self.settings.home, self.settings.home / "logs", self.settings.prefect_home):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (self.settings.home / "up.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise SettingsError(
                f"{self.settings.home}: another `presscheck up` runs here; stop it, or choose another home "
                "with home in presscheck.toml or PRESSCHECK_HOME"
            ) from None
        return self

    def __exit__(self, *exc: object) -> None:
        self._campaigns.stop()
        self._children.stop()
        if self._inner is not None:
            self._inner.close()
        (self.settings.home / "up.json").unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def start(self, *, deploy: bool = True) -> None:
        """Make keys and ledger, start all four, register the campaigns, say where everything is.

        The door is there long before Prefect's server, and whoever signs in need not wait for it: what would take the
        processors from these two begins when the door answers.
        """
        settings = self.settings
        self._require_free(settings.door_port, "door_port", "the door")
        self._require_free(settings.prefect_port, "prefect_port", "Prefect's server")
        self.steps.begin("keys and ledger")
        prepare(settings)
        self.steps.done("keys and ledger", "keys and ledger are there")
        self._inner = Inner(settings)

        def beside_the_server() -> None:
            self._start(plan.press(settings))
            if deploy:
                self._campaigns.look()

        server, door = self._start(plan.server(settings)), self._start(plan.door(settings))
        told = f"the door answers at {settings.door_url}; Prefect is still starting"
        self._wait_for(
            _Awaited("the door", door, lambda: _listens(settings.door_port), told, beside_the_server),
            self._server(self._inner, server),
        )
        self._work(self._inner, deploy)
        if not self.stopping.is_set():
            self._say(self.summary())

    def start_worker(self, *, deploy: bool = True) -> None:
        """Start the worker alone, beside a server that runs; what is registered and rescued is as with everything."""
        self._inner = Inner(self.settings)
        if deploy:
            self._campaigns.look()
        self._wait_for(self._server(self._inner, None))
        self._work(self._inner, deploy)
        if not self.stopping.is_set():
            self._say("the worker is up, and the campaigns are registered")

    def _server(self, inner: Inner, child: Child | None) -> _Awaited:
        return _Awaited("Prefect's server", child, inner.healthy, "Prefect's server answers")

    def _work(self, inner: Inner, deploy: bool) -> None:
        """Start the worker, and register the campaigns as soon as it has its pool."""
        if self.stopping.is_set():
            return
        since = datetime.now(UTC)
        # No campaign's process is alive now, and again whenever the worker has just ended.
        self._rescue("RUNNING", "PENDING")
        worker = self._start(replace(plan.worker(self.settings), may_start=self._worker_may_start))

        def register() -> None:
            self.steps.begin("the campaigns")
            self._not_registered = self._campaigns.register(inner, self.stopping)
            well = "the campaigns are registered"
            self._done("the campaigns", "the campaigns, and what is wrong:" if self._not_registered else well)
            for line in (*self._not_registered, *self._campaigns.notes):
                self._say(line)

        at_work = _Awaited("the worker", worker, lambda: inner.has_worker(since), "the worker is at work")
        pool = _Awaited("the worker's pool", worker, inner.has_pool, "", register)
        self._wait_for(at_work, *([pool] if deploy else []))

    def watch(self) -> None:
        """Keep everything running until `stopping` is set."""
        while not self.stopping.wait(_LOOK_EVERY_SECONDS):
            self.tend()

    def tend(self) -> None:
        """Start again what died; campaigns that lost their process go on."""
        started = {child.name for child in self._children.tend()}
        if "server" in started:
            # Campaigns that could not reach the server have failed or will: none may be half alive.
            for child in self._children.all:
                if child.name == "worker":
                    child.restart()
        if started:
            self._write_state()
        if time.monotonic() - self._looked_for_crashed > _CRASHED_EVERY_SECONDS and self._healthy():
            self._looked_for_crashed = time.monotonic()
            self._rescue("CRASHED")

    def _worker_may_start(self) -> bool:
        """A worker is started when the server answers and no run is left to a process that is gone."""
        return self._healthy() and self._rescue("RUNNING", "PENDING")

    def summary(self) -> str:
        """One screen: where to go, what runs, how to stop it."""
        settings = self.settings
        lines = [
            "",
            f"  Presscheck is up: {settings.door_url}",
            "",
            f"  reviews     {settings.door_url}/inbox",
            f"  campaigns   {settings.door_url}/v2/deployments",
            f"  ledger      {_without_password(settings.ledger_url)}",
            f"  database    {_prefect_place(settings)} (Prefect's own)",
            f"  logs        {settings.home / 'logs'}",
        ]
        if told := _how_to_enrol(settings):
            lines += ["", *(f"  {line}" for line in told)]
        return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])

    def _require_free(self, port: int, setting: str, what: str) -> None:
        fault = _fault_of(port)
        # Whoever ends in order takes the file along, and whoever was killed had children, which end by themselves.
        if fault and (self.settings.home / "up.json").exists():
            self._say(f"port {port} is taken still: an earlier `presscheck up` was killed, and its own are ending")
            until = time.monotonic() + _ENDING_SECONDS
            while fault and time.monotonic() < until and not self.stopping.wait(_READY_EVERY_SECONDS):
                fault = _fault_of(port)
        if fault:
            raise SettingsError(
                f"port {port} for {what} is taken ({fault}); choose another with {setting} in "
                f"presscheck.toml or PRESSCHECK_{setting.upper()}"
            )

    def _start(self, child: Child) -> Child:
        started = self._children.start(child)
        self._write_state()
        return started

    def _done(self, step: str, told: str) -> None:
        if not self.stopping.is_set():
            self.steps.done(step, told)
            self._write_state()

    def _healthy(self) -> bool:
        return self._inner is not None and self._inner.healthy()

    def _rescue(self, *lost: str) -> bool:
        if self._inner is None:
            return False
        try:
            rescued = self._inner.rescue(*lost)
        except PresscheckError as error:
            # The next look tries again; campaigns are safe where they are.
            self._say(f"campaigns that lost their process could not be looked for: {error}")
            return False
        for run_id in rescued:
            self._say(f"campaign run {run_id} had lost its process; it goes on from what the ledger holds")
        return True

    def _wait_for(self, *awaited: _Awaited) -> None:
        """Until all are over, or everything is to stop; PresscheckError as soon as a process waited for is gone."""
        for one in awaited:
            self.steps.begin(one.what)
        self._write_state()
        until = time.monotonic() + _READY_SECONDS
        left = list(awaited)
        while left and not self.stopping.wait(_READY_EVERY_SECONDS):
            for one in list(left):
                if one.ready():
                    left.remove(one)
                    self._done(one.what, one.told)
                    one.then()
                elif one.child is not None and one.child.pid is None:
                    raise PresscheckError(
                        f"{one.what} did not come up; it said:\n{one.child.last_words()}\n"
                        f"The whole log: {one.child.log}"
                    )
                elif time.monotonic() > until:
                    raise PresscheckError(
                        f"{one.what} did not come up within {_READY_SECONDS:.0f} s; see {self.settings.home / 'logs'}"
                    )
            if self._children.tend():
                self._write_state()

    def _write_state(self) -> None:
        """`up.json`: what runs here, for `presscheck doctor` and for people with a shell."""
        state = {
            "pid": os.getpid(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "door": self.settings.door_url,
            "prefect_port": self.settings.prefect_port,
            "campaigns": list(self._not_registered),
            "steps": self.steps.as_json(),
            "processes": {
                child.name: {"pid": child.pid, "restarts": child.restarts, "log": str(child.log)}
                for child in self._children.all
            },
        }
        path = self.settings.home / "up.json"
        fresh = path.with_suffix(".json.new")
        fresh.write_text(json.dumps(state, indent=2) + "\n", "utf-8")
        fresh.replace(path)


def _fault_of(port: int) -> str:
    with socket.socket() as probe:
        # As the servers do: a port that only lingers after its last owner counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return str(error.strerror)
    return ""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _prefect_place(settings: Settings) -> str:
    return settings.postgres.prefect_url or f"sqlite:///{settings.prefect_home / 'prefect.db'}"


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _how_to_enrol(settings: Settings) -> list[str]:
    """How the first administrator gets in, with a fresh one-time code; no line once somebody is enrolled."""
    from presscheck.people.enrolment import first_code, needs_first_person
    from presscheck.wiring import open_ledger

    ledger = open_ledger(settings, None)
    try:
        with ledger.read() as tx:
            wanted = needs_first_person(tx)
    finally:
        ledger.close()
    if not wanted:
        return []
    return [
        f"Nobody is enrolled yet. The first administrator enrols at {settings.door_url}/enrol",
        f"with the code {first_code(settings.home)}",
    ]
