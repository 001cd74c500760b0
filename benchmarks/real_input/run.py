"""The main job on public data: 44,704 recipients, a product of a real catalogue, all the way into the outbox.

    python benchmarks/real_input/run.py --data FOLDER

FOLDER holds `hillstrom_email/` and `sports_catalogue/`. Everything runs as under `presscheck up`; a brand lead
signs through the door as soon as the run sleeps. Prints seconds a stage and the peak memory of each process.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from presscheck.ledger import verify

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.running import running_stack  # noqa: E402 - the path is set above, so that this runs from anywhere.


class Watch:
    """The greatest resident memory of each process below this one, looked at ten times a second."""

    def __init__(self) -> None:
        self.peaks: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.1):
            for process in psutil.Process().children(recursive=True):
                try:
                    name, size = _name(process.cmdline()), process.memory_info().rss
                except psutil.Error:
                    continue  # It ended between the listing and the look.
                self.peaks[name] = max(self.peaks.get(name, 0), size)


def _name(command: list[str]) -> str:
    line = " ".join(command)
    for part, name in (
        ("presscheck.door", "door"),
        ("presscheck.press", "press"),
        ("prefect.engine", "campaign"),
        ("worker start", "worker"),
        ("server start", "Prefect's server"),
        ("presscheck.cli", "supervisor"),
    ):
        if part in line:
            return name
    return "other"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with the public data")
    data = options.parse_args().data.resolve()
    home = Path(tempfile.mkdtemp(prefix="presscheck-real-")) / "home"
    parts = {part: f"benchmarks/real_input/{name}" for part, name in _PARTS.items()}
    with running_stack(home, data=data) as stack, Watch() as watch:
        started = time.monotonic()
        run = stack.start_run(**parts)
        review = stack.wait(lambda _: stack.wait_for_review(run), "the review", seconds=600)
        stack.wait_until_suspended(run)
        asked = time.monotonic()
        stack.decide(review)
        delivery = stack.wait(lambda _: stack.wait_for_delivery(review), "the delivery", seconds=900)
        stack.wait_for_state(run, "Delivered")
        done = time.monotonic()
        verifying = time.monotonic()
        verification = verify(stack.ledger)
        verified = time.monotonic()
        found = len(stack.messages(review))
    result = {
        "recipients": review.question.audience_rows,
        "sent": delivery.sent,
        "messages in the outbox": found,
        "state": delivery.state,
        "seconds from start to waiting": round(asked - started, 1),
        "seconds from the answer to delivered": round(done - asked, 1),
        "messages a second, answer to delivered": round(delivery.sent / (done - asked)),
        "seconds to verify the ledger": round(verified - verifying, 1),
        "ledger": verification.fault or f"sound, {verification.events} events",
        "peak MB": {name: round(size / 1e6) for name, size in sorted(watch.peaks.items())},
    }
    print(json.dumps(result, indent=2))


_PARTS = {"brief": "brief.yaml", "audience": "segment.sql", "catalogue": "catalogue.sql"}

if __name__ == "__main__":
    main()
