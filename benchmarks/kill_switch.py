"""How soon a pause stops a delivery under way: messages and seconds from the word to the last message.

    python benchmarks/kill_switch.py [--times 3] [--batch-size 500]

A real press over a ledger on SQLite, with each way out in turn, and a real server in a process of its own. Somebody
pauses everything in the middle; time counts from the commit of that event. The worst of so many times is told. At
the end of each the pause is lifted, and every message has to have gone out exactly once.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from presscheck.errors import PresscheckError
from presscheck.ledger import make_keys, upgrade
from presscheck.press.channels.outbox import Outbox
from presscheck.press.channels.smtp_hand_over import Manners
from presscheck.press.channels.webhook import Webhook
from presscheck.settings.ways_out import WebhookSection
from tests.conftest import Clock, Ledgers
from tests.desk.scene import Scene
from tests.press.mailing import channel, mail_server, rsa_pem
from tests.press.stand import Stand
from tests.press.stopping import lifted, paused
from tests.press.test_webhook import KEY, SEAL

RECEIVER = Path(__file__).resolve().parents[1] / "tests" / "press" / "receiver.py"


@dataclass
class Way:
    """A way out, its channel, and how many messages its other end has by now."""

    via: str
    made: Any
    taken: Callable[[], list[str]]


@contextmanager
def mail(folder: Path, home: Path, latency: float) -> Generator[Way]:
    with mail_server(folder, latency=latency) as running:
        smtp = channel(running, home / "press" / "smtp", manners=Manners(connections=8))
        yield Way("smtp", smtp, running.addresses)
        smtp.hang_up()


@contextmanager
def webhook(folder: Path, home: Path, mood: str) -> Generator[Way]:
    log = folder / "log"
    log.touch()
    process = subprocess.Popen([sys.executable, str(RECEIVER), str(log)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}/{mood}"
        made = Webhook(WebhookSection(url=url, concurrency=8), KEY, home / "press" / "webhook", SEAL)

        def taken() -> list[str]:
            # Each request is one line; reading their keys again and again would slow down what is measured.
            return log.read_text().splitlines()

        yield Way("webhook", made, taken)
    finally:
        process.kill()
        process.wait()


@contextmanager
def outbox(folder: Path, home: Path) -> Generator[Way]:
    made = Outbox(home / "outbox")
    yield Way("outbox", made, lambda: [path.name for path in made.folder.rglob("*.eml")])


@dataclass(frozen=True)
class Seen:
    """One stop."""

    before: int
    after: int
    last: float
    recorded: float


def measured(way_of: Callable[[Path, Path], Any], recipients: int, at: float, batch_size: int) -> Seen:
    """Begin a delivery, pause it when a share `at` is out, and see how many follow, and until when."""
    folder = Path(tempfile.mkdtemp(prefix="presscheck-bench-"))
    try:
        home = folder / "home"
        make_keys(home / "keys")
        url = f"sqlite:///{home / 'ledger.db'}"
        upgrade(url)
        ledgers = Ledgers(url, home, Clock())
        with way_of(folder, home) as way:
            scene = Scene(ledgers, recipients=recipients, via=way.via)
            stand = Stand(scene, channels={way.via: way.made}, batch_size=batch_size)
            delivery = stand.approve_and_request()
            over = threading.Event()

            def press() -> None:
                while not over.is_set():
                    try:
                        stand.press.step()
                    except PresscheckError as error:
                        print(error, file=sys.stderr)
                    over.wait(0.1)

            thread = threading.Thread(target=press)
            thread.start()
            while len(way.taken()) < recipients * at:
                time.sleep(0.01)
            paused(scene)
            said, before = time.perf_counter(), len(way.taken())
            last, count, recorded = said, before, 0.0
            while not recorded or time.perf_counter() - max(last, recorded) < 1.5:
                now = len(way.taken())
                if now > count:
                    last, count = time.perf_counter(), now
                if not recorded and stand.row(delivery).state == "paused":
                    recorded = time.perf_counter()
                time.sleep(0.01)
            lifted(scene)
            while stand.row(delivery).state != "done":
                time.sleep(0.05)
            over.set()
            thread.join()
            everybody = way.taken()
            assert len(everybody) == recipients == stand.row(delivery).sent, "a message was lost or sent twice"
        ledgers.close()
        return Seen(before, count - before, last - said, recorded - said)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--times", type=int, default=3)
    arguments.add_argument("--batch-size", type=int, default=500)
    given = arguments.parse_args()
    rsa_pem()
    ways: dict[str, tuple[Callable[[Path, Path], Any], int, int]] = {
        "mail, a fast server": (lambda folder, home: mail(folder, home, 0), 3_000, given.batch_size),
        "mail, 3 x 0.5 s a message": (lambda folder, home: mail(folder, home, 500), 120, given.batch_size),
        "webhook, at once": (lambda folder, home: webhook(folder, home, "ok"), 2_000, given.batch_size),
        "webhook, 20 ms": (lambda folder, home: webhook(folder, home, "slow"), 2_000, given.batch_size),
        "outbox, batches of 10,000": (outbox, 20_000, 10_000),
    }
    print(f"{'way out':28} {'out before':>10} {'out after':>10} {'last after s':>13} {'recorded s':>11}")
    for name, (way_of, recipients, batch_size) in ways.items():
        seen = [measured(way_of, recipients, 0.3, batch_size) for _ in range(given.times)]
        worst, slowest = max(seen, key=lambda one: one.after), max(seen, key=lambda one: one.last)
        told = max(one.recorded for one in seen)
        print(f"{name:28} {worst.before:>10,} {worst.after:>10,} {slowest.last:>13.2f} {told:>11.2f}", flush=True)


if __name__ == "__main__":
    main()
