"""A process that takes the place of the only press and keeps it until it is killed: `python held_place.py URL HOME`."""

import sys
import time
from pathlib import Path

from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.press.lock import only_press

if __name__ == "__main__":
    home = Path(sys.argv[2])
    keys = home / "keys"
    ledger = Ledger.open(sys.argv[1], keyring=Keyring.load(keys), signer=Signer.load(keys, "press"))
    with only_press(home / "elsewhere", ledger):
        print("held", flush=True)
        time.sleep(600)
