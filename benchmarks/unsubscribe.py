"""What a link of one's own costs a message, and a link that is clicked costs the door.

    python benchmarks/unsubscribe.py [--messages 5000]

Messages a second, each with its signed link: as the press makes them (a letter is put together once
and its link's place filled in), and put together anew for each recipient with Python's `email`, which
is the plain way to do it. Then how many links a second can be signed, and looked at.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from presscheck.addresses import address_hash
from presscheck.assets.copy.letters import Letter
from presscheck.ledger import Keyring, Signer
from presscheck.recipients.leaving import Leaving, read_token
from presscheck.unsubscribe_links import WayToLeave
from tests.desk.scene import BRIEF, draft

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DELIVERY = "D-0123456789ab"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=5000)
    count = arguments.parse_args().messages
    signer = Signer("press", Ed25519PrivateKey.generate())
    keyring = Keyring({"press": signer.key.public_key()})
    leaving = Leaving(signer, WayToLeave("https://brand.example/unsubscribe"))

    def letter() -> Letter:
        return Letter.of(draft(0), BRIEF, sender=BRIEF.sender, at=AT, leave=leaving.way)

    once = letter()

    def made(put_together: Callable[[], Letter]) -> Callable[[int], bytes]:
        def message(at: int) -> bytes:
            address = f"person{at}@example.com"
            token = leaving.token(DELIVERY, address_hash(address))
            return put_together().to(address, key=f"{at:064x}", token=token)

        return message

    ours, plain = made(lambda: once), made(letter)
    assert all(ours(at) == plain(at) for at in range(20))
    tokens = [leaving.token(DELIVERY, f"{at:064x}") for at in range(count)]
    fast, slow = rate(ours, count), rate(plain, max(count // 10, 1))
    print(
        f"messages with a link of their own: {fast:,.0f} a second; put together anew: {slow:,.0f}; {fast / slow:.0f}x"
    )
    print(f"links signed: {rate(lambda at: leaving.token(DELIVERY, f'{at:064x}'), count):,.0f} a second")
    print(f"links looked at: {rate(lambda at: read_token(tokens[at], keyring), count):,.0f} a second")
    bad = tokens[0][:-2] + "AA"
    print(f"forged links turned away: {rate(lambda _: read_token(bad, keyring), count):,.0f} a second")


def rate(work: Callable[[int], object], count: int) -> float:
    start = time.perf_counter()
    for at in range(count):
        work(at)
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
