"""What every room's tests share: a clock that obeys, ledgers on both databases, Prefect, a browser.

A missing PostgreSQL server, pooler, mail server or browser skips with its reason, and fails where PRESSCHECK_REQUIRE
names it.
"""

import gc
import os
import pickle
import pwd
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, lru_cache
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import httpx
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from sqlalchemy import Engine, create_engine

from presscheck.documents.plain_yaml import Read, read_yaml
from presscheck.ledger import Keyring, Ledger, Signer, make_keys, upgrade
from presscheck.models import Process

if TYPE_CHECKING:
    from tests.model_server import ModelServer
    from tests.running import Stack

# The same examples in every run: a red build is red for everybody, and again. FAST=1 takes the first of them.
hypothesis_settings.register_profile(
    "presscheck",
    deadline=None,
    derandomize=True,
    max_examples=10 if os.environ.get("PRESSCHECK_FAST") else 60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("presscheck")
# It draws constants from whichever modules of ours a process happens to have imported: other examples in each run.
assert callable(providers._get_local_constants), "named otherwise in this version of Hypothesis"
providers._get_local_constants = Constants


_ROOM = 4 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    # A setting in somebody's shell must not lead a test into their real ledger.
    for name in [name for name in os.environ if name.startswith("PRESSCHECK_")]:
        if name not in ("PRESSCHECK_REQUIRE", "PRESSCHECK_FAST", "PRESSCHECK_SOAK", "PRESSCHECK_SHOTS"):
            del os.environ[name]
    _work_in_memory()
    # Prefect keeps settings and a database in its home: never the developer's own, nor another process's.
    os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="presscheck-prefect-")
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    if os.environ.get("PRESSCHECK_FAST"):
        from tests.fast import Fast

        config.pluginmanager.register(Fast())


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["PREFECT_HOME"], ignore_errors=True)


def _work_in_memory() -> None:
    """Have temporary folders made in memory where there is room: a test brings to the disk what nobody wants there.

    A process that is killed leaves its files in either. Folders of tests that passed are removed at once.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" not in os.environ and memory.is_dir() and os.access(memory, os.W_OK):
        told = os.statvfs(memory)
        if told.f_bavail * told.f_frsize > _ROOM and not told.f_flag & os.ST_NOEXEC:
            os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from tests.sharing import misplaced, place_of

    if files := misplaced(items):
        raise pytest.UsageError(f"tests/sharing.py: name the place of {', '.join(files)}, which uses a shared server")
    items.sort(key=lambda item: place_of(item.nodeid)[0])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Nothing that is collected goes before the end: nobody looks for what could, neither now nor in each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


_RUNNING = ExitStack()
"""The running stack, or Prefect's server, until the last test that may use it; see tests/sharing.py."""


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    from tests.sharing import place_of

    # At rest either costs the others a tenth of a processor.
    if nextitem is None or place_of(nextitem.nodeid)[0] != place_of(item.nodeid)[0]:
        _RUNNING.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.sharing import RoomScheduling

    return RoomScheduling(config, log)


def require(what: str, present: object, advice: str) -> None:
    """Go on if it is there; otherwise fail where PRESSCHECK_REQUIRE names it, and skip elsewhere."""
    if present:
        return
    if what in os.environ.get("PRESSCHECK_REQUIRE", "").split(","):
        pytest.fail(f"{what} is required and missing: {advice}")
    pytest.skip(f"{what} is missing: {advice}")


@pytest.fixture(scope="session")
def needs_a_server() -> None:
    """Asked for by whatever starts Prefect, PostgreSQL, Postfix or a browser: FAST=1 leaves out what comes to it."""


BOTH_DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.needs_a_server))


@dataclass
class Clock:
    """Time as a test wants it; called like `utc_now`."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A Presscheck home with keys and nothing else."""
    folder = tmp_path / "home"
    make_keys(folder / "keys")
    return folder


# ---------------------------------------------------------------- databases


@dataclass(frozen=True)
class Postgres:
    """A throw-away server on loopback."""

    port: int
    binaries: Path

    def url(self, database: str) -> str:
        return f"postgresql://presscheck@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # pyright: ignore[reportArgumentType]


def free_port() -> int:
    """A port on loopback for a server that starts in a moment.

    It lies below those that the system gives to whoever connects: a connection of another test could take one of
    these before the server does.
    """
    while True:
        port = SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


@pytest.fixture(scope="session")
def postgres(needs_a_server: None) -> Iterator[Postgres]:
    """One server for the session; a database for each test is made by `postgres_url`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or [
        Path(path) for path in [shutil.which("postgres")] if path
    ]
    require("postgres", found, "install Debian's postgresql package")
    binaries = found[-1].parent
    as_user: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="presscheck-pg-"))
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root; Debian's package brings an account for it.
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data = folder / "data"
    subprocess.run(
        [*as_user, binaries / "initdb", "-D", data, "-U", "presscheck", "--auth=trust", "-E", "UTF8", "--locale=C"],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    # Presscheck's own roles need their passwords here as they would anywhere; the tests' account needs none.
    rules = (data / "pg_hba.conf").read_text("utf-8")
    named = ("owner", "door", "worker", "press", "reader", "prefect", "admin")
    roles = ",".join(f"{house}_{role}" for house in ("presscheck", "another") for role in named)
    (data / "pg_hba.conf").write_text(f"host all {roles} all scram-sha-256\n{rules}", "utf-8")
    port = free_port()
    flags = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F", "-c", "max_connections=200"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*as_user, binaries / "postgres", "-D", data, *flags], stdout=log, stderr=log, cwd=folder
        )
    try:
        ready = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        for _ in range(300):
            if subprocess.run(ready, check=False).returncode == 0:
                break
            if server.poll() is not None:
                pytest.fail(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
            subprocess.run(["sleep", "0.1"], check=True)
        running = Postgres(port, binaries)
        running.sql("CREATE DATABASE ledger_template")
        upgrade(running.url("ledger_template"))
        yield running
    finally:
        # SIGINT ends its connections; at SIGTERM it would wait for whoever forgot to close one.
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh, migrated PostgreSQL ledger."""
    name = f"ledger_{uuid4().hex[:12]}"
    postgres.sql(f"CREATE DATABASE {name} TEMPLATE ledger_template")
    yield postgres.url(name)
    postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    """Hundreds of small ledgers say the same to SQLite: a quarter of their time would go into SQLAlchemy's compiler.

    What it has compiled is kept by dialect, so they share one. What is said, to which file and with which values stays
    each ledger's own. PostgreSQL's engines do not: a password is handed over by the dialect.
    """
    compiled: dict[Any, Any] = {}
    first = create_engine("sqlite://")
    first.connect().close()

    def sharing(url: Any, **told: Any) -> Engine:
        made = create_engine(url, **told)
        if made.dialect.name == "sqlite":
            made.dialect = first.dialect
            made.update_execution_options(compiled_cache=compiled)
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("presscheck.ledger.engine.create_engine", sharing)
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_text_is_read_once() -> Iterator[None]:
    """Hundreds of tests load the shipped policies, a fifth of a second for the YAML alone.

    The same text says the same; only a fault names its file. Each who asks gets what it says anew, to change as they
    like.
    """

    @lru_cache(maxsize=2_000)
    def kept(text: str) -> bytes:
        return pickle.dumps(read_yaml(text, ""))

    def reading(text: str, path: str) -> Read:
        read = cast(Read, pickle.loads(kept(text)))  # noqa: S301 - our own, a moment ago
        return replace(read, faults=[replace(fault, path=path) for fault in read.faults])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("presscheck.documents.document.read_yaml", reading)
        yield


@pytest.fixture(scope="session", autouse=True)
def _authorities_are_loaded_once() -> Iterator[None]:
    """Every client of httpx reads all certificate authorities anew, twenty milliseconds, also for plain http."""
    loading = httpx.create_ssl_context

    @cache
    def loaded(file: str | None, folder: str | None, trust_env: bool) -> ssl.SSLContext:
        return loading(trust_env=trust_env)

    def context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        if verify is not True or cert is not None:
            return loading(verify, cert, trust_env)
        return loaded(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), trust_env)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("httpx._transports.default.create_ssl_context", context)
        yield


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session", autouse=True)
def _an_empty_file_is_migrated_once(_sqlite_template: Path) -> Iterator[None]:
    """A hundred tests make a ledger of their own: an empty SQLite one gets what the migrations made of the first."""
    with closing(sqlite3.connect(_sqlite_template)) as first:
        made = [each for each in first.iterdump() if each not in ("BEGIN TRANSACTION;", "COMMIT;")]
    migrated = command.upgrade

    def upgrading(config: Config, revision: str) -> None:
        connection = config.attributes["connection"]
        empty = "SELECT count(*) = 0 FROM sqlite_master"
        if (
            revision == "head"
            and connection.dialect.name == "sqlite"
            and connection.exec_driver_sql(empty).scalar_one()
        ):
            for statement in made:
                connection.exec_driver_sql(statement)
        else:
            migrated(config, revision)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(command, "upgrade", upgrading)
        yield


@pytest.fixture(scope="session", autouse=True)
def _the_machine_writes_in_its_own_time() -> Iterator[None]:
    """A backup waits until all that any process of the machine has written is on the disk: here it lies in memory."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "sync", lambda: None)
        yield


@pytest.fixture
def sqlite_url(_sqlite_template: Path, home: Path) -> str:
    """A fresh, migrated SQLite ledger under `home`."""
    path = home / "ledger.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@dataclass
class Ledgers:
    """One database as each of the three processes sees it."""

    url: str
    home: Path
    clock: Clock

    # Opened by who asks first: few tests ask for all three.
    @cached_property
    def door(self) -> Ledger:
        return self.as_process("door")

    @cached_property
    def worker(self) -> Ledger:
        return self.as_process("worker")

    @cached_property
    def press(self) -> Ledger:
        return self.as_process("press")

    def as_process(self, process: Process) -> Ledger:
        keys = self.home / "keys"
        return Ledger.open(
            self.url,
            keyring=Keyring.load(keys),
            signer=Signer.load(keys, process),
            heads=self.home / "heads",
            clock=self.clock,
        )

    def close(self) -> None:
        for process in ("door", "worker", "press"):
            if process in vars(self):
                vars(self)[process].close()


@pytest.fixture
def ledgers(database_url: str, home: Path, clock: Clock) -> Iterator[Ledgers]:
    """Door, worker and press on one ledger, on SQLite and again on PostgreSQL."""
    opened = Ledgers(database_url, home, clock)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_ledgers(sqlite_url: str, home: Path, clock: Clock) -> Iterator[Ledgers]:
    """Door, worker and press on one SQLite ledger, for what does not depend on the database."""
    opened = Ledgers(sqlite_url, home, clock)
    yield opened
    opened.close()


# ---------------------------------------------------------------- Prefect and the browser


@pytest.fixture(scope="session")
def prefect(needs_a_server: None) -> Iterator[None]:
    """A rehearsal's Prefect server, without a password: slow to start, so one for all that use it."""
    from presscheck.rehearsal.server import prefect_beside

    server = _RUNNING.enter_context(prefect_beside(Path(tempfile.mkdtemp(prefix="presscheck-prefect-")), password=""))
    _RUNNING.enter_context(server.as_prefects())
    yield
    _RUNNING.close()


@pytest.fixture(scope="session")
def _model_server() -> Iterator["ModelServer"]:
    from tests.model_server import running_model_server

    with running_model_server() as running:
        yield running


@pytest.fixture
def model_server(_model_server: "ModelServer") -> "ModelServer":
    """A server that speaks OpenAI's protocol; every test finds it well behaved."""
    _model_server.behave("good")
    return _model_server


@pytest.fixture(scope="session")
def chromium(needs_a_server: None) -> str:
    """The path of Debian's Chromium; of its shell where that is there, which lays out and runs the same pages.

    The shell draws no window around them: a page costs a fifth of the processor time.
    """
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium") or ""
    require("browser", path, "install Debian's chromium-headless-shell package, or chromium")
    return path


@pytest.fixture(scope="session")
def stack(needs_a_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stack"]:
    """The whole of Presscheck, running, with people and a small audience: one for the session."""
    from tests.running import ROOT, running_stack

    folder = tmp_path_factory.mktemp("stack")
    # The runs of all these tests are no campaign: what one of them spends makes nothing of another.
    tiers = Path("tiers", "campaigns.yaml")
    (folder / "policies" / "tiers").mkdir(parents=True)
    shipped = (ROOT / "policies" / tiers).read_text("utf-8")
    assert "\nwindow: 7d\n" in shipped
    (folder / "policies" / tiers).write_text(shipped.replace("\nwindow: 7d\n", "\noverrides: true\n"), "utf-8")
    yield _RUNNING.enter_context(running_stack(folder / "home", policies=str(folder / "policies")))
    _RUNNING.close()
