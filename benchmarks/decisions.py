"""How many decisions a second sixteen people come to: PostgreSQL with a role for each process, against SQLite.

    python benchmarks/decisions.py [--questions 200] [--deciders 16] [--times 2]

Each decider is a process of its own with a real desk and its own connection. Every question is
answered by two of them at about the same moment, so half of all applications come too late and
must be told so. Both databases write each commit to the disk before they say that it is done.
None may be lost: every question has exactly one decision, every application got an answer, and
the ledger verifies at the end; otherwise this ends with an error.
"""

import argparse
import multiprocessing
import os
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from presscheck.desk import Desk
from presscheck.desk import desk as desk_module
from presscheck.ledger import EventKind, make_keys, upgrade, verify
from presscheck.models import Decision
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.conftest import Clock, Ledgers, Postgres, free_port
from tests.desk.scene import Scene, shipped_policies
from tests.ledger.under_roles import RoleLedgers, make_template

APPLICANTS_A_QUESTION = 2
UNDER_THE_LOCK = "PostgreSQL, all read under the lock"


@dataclass
class Seen:
    """One round on one database."""

    decisions: int
    applications: int
    seconds: float
    waits: list[float]

    @property
    def rate(self) -> float:
        return self.decisions / self.seconds

    def percentile(self, part: float) -> float:
        return sorted(self.waits)[min(len(self.waits) - 1, int(part * len(self.waits)))] * 1000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--questions", type=int, default=200)
    arguments.add_argument("--deciders", type=int, default=16)
    arguments.add_argument("--times", type=int, default=2, help="rounds on each database, alternating")
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="presscheck-bench-"))
    rounds: dict[str, list[Seen]] = {"SQLite": [], "PostgreSQL": [], UNDER_THE_LOCK: []}
    try:
        with running_postgres() as postgres:
            make_template(postgres)
            for turn in range(given.times):
                for name in rounds:
                    home = folder / f"{name}-{turn}"
                    make_keys(home / "keys")
                    opening = on_sqlite(home) if name == "SQLite" else on_postgresql(postgres, home, name, turn)
                    seen = one_round(opening, given.questions, given.deciders, ahead=name != UNDER_THE_LOCK)
                    rounds[name].append(seen)
                    told(f"{name}, round {turn + 1}", seen)
    finally:
        shutil.rmtree(folder)
    rates = {name: statistics.median(seen.rate for seen in found) for name, found in rounds.items()}
    print(f"PostgreSQL / SQLite: {rates['PostgreSQL'] / rates['SQLite']:.2f}, none lost in {3 * given.times} rounds")
    print(f"PostgreSQL / {UNDER_THE_LOCK}: {rates['PostgreSQL'] / rates[UNDER_THE_LOCK]:.2f}")


def told(name: str, seen: Seen) -> None:
    print(
        f"{name}: {seen.decisions} decisions of {seen.applications} applications in {seen.seconds:.1f} s: "
        f"{seen.rate:.1f} decisions a second; an answer after p50 {seen.percentile(0.5):.0f} ms, "
        f"p95 {seen.percentile(0.95):.0f} ms, p99 {seen.percentile(0.99):.0f} ms",
        flush=True,
    )


# ---------------------------------------------------------------- one round


def one_round(opening: Callable[[], Any], questions: int, deciders: int, *, ahead: bool) -> Seen:
    """Ask the questions, let everybody answer at once, and count."""
    ledgers = opening()
    people = enrol(ledgers, deciders)
    scenes = [Scene(ledgers, run=f"run-{at}", people=False, recipients=2) for at in range(questions)]
    forms = [(scene.review.id, scene.raw(picks=["V01", "V02"])) for scene in scenes]
    ledgers.close()
    shares: list[list[tuple[str, dict[str, Any]]]] = [[] for _ in people]
    for at, form in enumerate(forms):
        for applicant in range(APPLICANTS_A_QUESTION):
            # Neighbours, so that both come to the question at about the same moment.
            shares[(at + applicant) % deciders].append(form)
    context = multiprocessing.get_context("fork")
    together, answers = context.Barrier(deciders + 1), context.Queue()
    workers = [
        context.Process(target=decide_all, args=(opening, person, share, together, answers, ahead))
        for person, share in zip(people, shares, strict=True)
    ]
    for worker in workers:
        worker.start()
    together.wait(timeout=120)
    began = time.perf_counter()
    given = [answer for _ in workers for answer in answers.get(timeout=600)]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    require_none_lost(opening, [review for review, _ in forms], given)
    accepted = sum(answer[1] == "accepted" for answer in given)
    return Seen(accepted, len(given), seconds, [answer[2] for answer in given])


def decide_all(
    opening: Callable[[], Any], person: str, share: list[Any], together: Any, answers: Any, ahead: bool
) -> None:
    """One decider's work, in a process of its own."""
    if not ahead:
        # The alternative: as it was before, everything is read while the write lock is held.
        desk_module.known_of = lambda *_: None
    ledgers = opening()
    desk = Desk(ledgers.door, shipped_policies)
    found: list[tuple[str, str, float]] = []
    together.wait(timeout=120)
    for review, form in share:
        began = time.perf_counter()
        answer = desk.apply(review, person=person, raw=form)
        took = time.perf_counter() - began
        found.append((review, "accepted" if isinstance(answer, Decision) else answer.code, took))
    answers.put(found)
    ledgers.close()


def require_none_lost(opening: Callable[[], Any], reviews: list[str], given: list[tuple[str, str, float]]) -> None:
    """Every question decided once, every application answered, and the ledger sound."""
    ledgers = opening()
    with ledgers.door.read() as tx:
        decided = [event.subject for event in tx.events(EventKind.DECISION_APPROVED)]
    verified = verify(ledgers.door)
    ledgers.close()
    accepted = [review for review, code, _ in given if code == "accepted"]
    if sorted(decided) != sorted(reviews) or sorted(accepted) != sorted(reviews):
        raise SystemExit(f"{len(reviews)} questions, {len(decided)} decisions, {len(accepted)} told that they decided")
    if len(given) != APPLICANTS_A_QUESTION * len(reviews):
        raise SystemExit(f"only {len(given)} of {APPLICANTS_A_QUESTION * len(reviews)} applications got an answer")
    if others := {code for _, code, _ in given} - {"accepted", "already-decided"}:
        raise SystemExit(f"some were refused for another reason: {others}")
    if not verified.sound:
        raise SystemExit(f"the ledger does not verify: {verified.fault}")


def enrol(ledgers: Any, count: int) -> list[str]:
    people = [f"P-lead{number}" for number in range(count)]
    with ledgers.door.write() as tx:
        for person in people:
            email = f"{person.lower()}@brand.example"
            remember_person(tx, person, email=email, name=person)
            grants = (Grant(role="brand_lead", markets="all"),)
            record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=person, by="P-root")
    return people


# ---------------------------------------------------------------- the databases


def on_sqlite(home: Path) -> Callable[[], Any]:
    url = f"sqlite:///{home / 'ledger.db'}"
    upgrade(url)
    return lambda: Ledgers(url, home, Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))


def on_postgresql(postgres: Postgres, home: Path, name: str, turn: int) -> Callable[[], Any]:
    database = f"bench_{turn}_{'ahead' if name != UNDER_THE_LOCK else 'locked'}"
    postgres.sql(f"CREATE DATABASE {database} TEMPLATE roles_template OWNER presscheck_owner")
    url = f"postgresql://127.0.0.1:{postgres.port}/{database}"
    return lambda: RoleLedgers(url, home, Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server with the settings that it comes with; above all, it writes commits to the disk."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))[-1].parent
    folder, as_user = Path(tempfile.mkdtemp(prefix="presscheck-bench-pg-")), []
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data, port = folder / "data", free_port()
    initdb = [*as_user, binaries / "initdb", "-D", data, "-U", "presscheck", "--auth=trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    flags = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    with (folder / "log").open("wb") as log:
        command = [*as_user, binaries / "postgres", "-D", data, *flags]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        ready = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, check=False).returncode != 0:
            if server.poll() is not None:
                raise SystemExit((folder / "log").read_text())
            time.sleep(0.1)
        yield Postgres(port, binaries)
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
