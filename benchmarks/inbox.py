"""The inbox over many open questions: an index that follows the chain, against judging every question at each request.

    python benchmarks/inbox.py [--open 10000] [--people 16] [--anew 500]

Real reviews in a real ledger (SQLite), a real door on loopback, one signed-in brand lead whom every question
but their own needs. Judging everything anew, as the door did before, is measured on `--anew` questions and
told for each of them, because with 10,000 it takes minutes.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from policies import PolicySet
from presscheck.desk import CurrentPolicies, Desk
from presscheck.door.app import make_app
from presscheck.ledger import EventKind, Ledger, make_keys, upgrade
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import find_review, open_review, undecided_review_ids
from presscheck.models import Asset, Author, Dealing, Proposal, Question
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.people.sessions import open_session
from presscheck.settings import Settings
from tests.conftest import Clock, Ledgers
from tests.desk.scene import BRIEF, draft
from tests.door.house import PLAIN, Serving

MARKETS = [("US",), ("US", "DE"), ("US",)]
AUTHORS = 20
NAMES = ("amber", "birch", "cedar", "dune", "ember", "fern", "grove", "hazel", "iris", "juniper")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--open", type=int, default=10_000)
    arguments.add_argument("--people", type=int, default=16)
    arguments.add_argument("--anew", type=int, default=500)
    given = arguments.parse_args()
    home = Path(tempfile.mkdtemp(prefix="presscheck-bench-"))
    make_keys(home / "keys")
    url = f"sqlite:///{home / 'ledger.db'}"
    upgrade(url)
    ledgers = Ledgers(url, home, Clock())
    try:
        people = enrol(ledgers, given.people)
        fill(ledgers, CurrentPolicies()(), given.open)
        measure(ledgers, people[0], given.open, given.anew)
    finally:
        ledgers.close()
        shutil.rmtree(home)


def measure(ledgers: Ledgers, person: str, count: int, anew: int) -> None:
    policies = CurrentPolicies()
    show("the policies' files read once", median(lambda: policies(), 5))
    desk = Desk(ledgers.door, policies)
    began = time.perf_counter()
    while desk.open_questions.work(seconds=1.0):
        pass
    took = time.perf_counter() - began
    size = deep_size(vars(desk.open_questions), set())
    print(f"index of {len(desk.open_questions):,} questions: {took:.1f} s, {size / 1e6:.1f} MB, "
          f"{size / count:,.0f} bytes a question", flush=True)  # fmt: skip
    desk = Desk(ledgers.door, policies)
    with door(ledgers, desk, person) as ask:
        show("first page after the door's start, nothing looked at yet", once(lambda: ask("/inbox")))
        began = time.perf_counter()
        while desk.open_questions.work(seconds=0.1):
            pass
        print(f"looked at everything in {time.perf_counter() - began:.1f} s, the person's part included")
        for name, path in PATHS.items():
            show(name, median(lambda path=path: ask(path), 9))
        show("a quiet second of the bell (nothing expires)", median(desk.expire_due, 20))
    compare(ledgers, desk, person, count, anew)


def compare(ledgers: Ledgers, desk: Desk, person: str, count: int, anew: int) -> None:
    """The way before: every open question judged for every request and every second."""

    def everything() -> None:
        with ledgers.door.read() as tx:
            for review_id in undecided_review_ids(tx)[:anew]:
                review = find_review(tx, review_id)
                if review is not None:
                    desk.who_may(tx, review)
                    desk.why_not(tx, review, person)

    each = once(everything) / min(anew, count)
    print(f"every question judged anew: {each * 1000:.1f} ms each ({anew} measured), so {each * count:.0f} s a page")


def deep_size(thing: Any, seen: set[int]) -> int:
    """Bytes of a thing and of what it holds, each once; neither the ledger nor the policies belong to it."""
    if id(thing) in seen or isinstance(thing, Ledger | PolicySet | CurrentPolicies | type):
        return 0
    seen.add(id(thing))
    size = sys.getsizeof(thing)
    if isinstance(thing, dict):
        size += sum(deep_size(one, seen) for pair in thing.items() for one in pair)
    elif isinstance(thing, list | tuple | set | frozenset):
        size += sum(deep_size(one, seen) for one in thing)
    elif hasattr(thing, "__slots__") and type(thing).__module__.startswith("presscheck"):
        size += sum(deep_size(getattr(thing, name), seen) for name in thing.__slots__)
    return size


PATHS = {
    "inbox page": "/inbox",
    "page 3": "/inbox?page=3",
    "last page": "/inbox?page=1000000",
    "reviews --mine": "/-/api/reviews?mine=1&limit=50",
    "reviews --limit 200": "/-/api/reviews?limit=200",
    "reviews --tier high": "/-/api/reviews?tier=high",
}


@contextmanager
def door(ledgers: Ledgers, desk: Desk, person: str) -> Iterator[Callable[[str], httpx.Response]]:
    """The real door on loopback; what a signed-in person asks it."""
    settings = Settings(home=ledgers.home)
    behind = httpx.AsyncClient(base_url="http://127.0.0.1:9", verify=PLAIN, trust_env=False)
    app = make_app(settings, ledger=ledgers.door, desk=desk, client=behind, prefect_auth="a:b", ring=False)
    with ledgers.door.write() as tx:
        token, _ = open_session(tx, person, hours=12)
    headers = {"cookie": f"presscheck={token}", "host": urlsplit(settings.door_url).netloc}
    with Serving(app) as serving, httpx.Client(verify=PLAIN, trust_env=False, timeout=120) as client:

        def ask(path: str) -> httpx.Response:
            answer = client.get(f"http://127.0.0.1:{serving.port}{path}", headers=headers)
            answer.raise_for_status()
            return answer

        yield ask


def once(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def median(act: Callable[[], object], times: int) -> float:
    return statistics.median(once(act) for _ in range(times))


def show(name: str, seconds: float) -> None:
    print(f"{name}: {seconds * 1000:,.1f} ms", flush=True)


# ---------------------------------------------------------------- what is there


def enrol(ledgers: Ledgers, count: int) -> list[str]:
    people = [f"P-lead{number}" for number in range(count)]
    with ledgers.door.write() as tx:
        for person in people:
            email = f"{person.lower()}@brand.example"
            remember_person(tx, person, email=email, name=person)
            grants = (Grant(role="brand_lead", markets="all"),)
            record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=person, by="P-root")
    return people


def fill(ledgers: Ledgers, policies: PolicySet, count: int) -> None:
    """`count` open questions, each of a run of its own, with 3 choices each."""
    began = time.perf_counter()
    for start in range(0, count, 1000):
        with ledgers.worker.write() as tx:
            for at in range(start, min(start + 1000, count)):
                ask_one(tx, policies, at)
    print(f"{count:,} open questions written in {time.perf_counter() - began:.0f} s", flush=True)


def ask_one(tx: Any, policies: PolicySet, at: int) -> None:
    machine = Author.machine("offline", "phrases-1", "prompts.email-variants", "1")
    # No figures in it, so that each may be approved.
    launch = " ".join(NAMES[int(digit)] for digit in str(at))
    told = "Hello,\n\nthe Fell jacket is here, and it keeps the rain out. This is"
    copies = [draft(n, body=f"{told} text {'abc'[n]} of launch {launch}.\n\nSee you outside.") for n in range(3)]
    drafts = [Asset(kind="copy", content=one.model_dump(mode="json"), author=machine) for one in copies]
    run, markets = f"run-{at:05d}", MARKETS[at % len(MARKETS)]
    brief = BRIEF.model_copy(
        update={"title": f"Launch {at}", "markets": markets, "author": f"p-lead{at % AUTHORS}@brand.example"}
    )
    content = {"brief": brief.model_dump(mode="json"), "product": None}
    asset = Asset(kind="brief", content=content, author=machine)
    for one in (asset, *drafts):
        put_asset(tx, one, run=run)
    question = Question(
        run=run,
        campaign="product-launch",
        gate="copy",
        round=1,
        brief=asset.digest,
        proposals=tuple(Proposal(code=f"V{n:02d}", asset=one.digest) for n, one in enumerate(drafts, start=1)),
        blocked={},
        audience="a" * 64,
        audience_rows=1_000 + at * 10,
        dealing=Dealing(salt=run),
        channel=brief.channel,
        via="outbox",
        sender=brief.sender,
        policies=policies.in_scope(channel=brief.channel, markets=markets, gate="copy"),
    )
    open_review(tx, question, expires_at=tx.now + timedelta(days=2, minutes=at))


if __name__ == "__main__":
    main()
