"""How fast the press delivers: messages a second into the outbox, and its peak memory.

    python benchmarks/press.py [--recipients 44704] [--batch-size 500]

Everything is real except the people: a ledger on SQLite, the shipped policies, three approved
picks, a frozen audience of that size, and the outbox on the disk of --folder.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from presscheck.desk import CurrentPolicies, Desk
from presscheck.ledger import make_keys, upgrade
from presscheck.ledger.deliveries import find_delivery
from presscheck.press import Press
from presscheck.press.channels.outbox import Outbox
from tests.conftest import Clock, Ledgers
from tests.desk.scene import Scene


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--recipients", type=int, default=44_704)
    arguments.add_argument("--batch-size", type=int, default=500)
    arguments.add_argument("--folder", type=Path, default=None)
    given = arguments.parse_args()
    home = Path(tempfile.mkdtemp(prefix="presscheck-bench-", dir=given.folder))
    try:
        make_keys(home / "keys")
        url = f"sqlite:///{home / 'ledger.db'}"
        upgrade(url)
        ledgers = Ledgers(url, home, Clock())
        scene = Scene(ledgers, recipients=given.recipients)
        decision = scene.approve()
        assert decision.manifest is not None
        delivery = scene.request(decision.manifest)
        desk = Desk(ledgers.press, CurrentPolicies())
        desk.policies()
        channels = {"outbox": Outbox(home / "outbox")}
        press = Press(ledgers.press, desk, channels, home, batch_size=given.batch_size)
        start = time.perf_counter()
        press.step()
        seconds = time.perf_counter() - start
        with ledgers.press.read() as tx:
            row = find_delivery(tx, delivery)
        assert row is not None
        assert (row.state, row.sent) == ("done", given.recipients), row.reason
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{row.sent:,} messages in {seconds:.1f} s: {row.sent / seconds:,.0f} a second, "
            f"batches of {given.batch_size}, peak memory {peak:.0f} MiB"
        )
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
