"""The whole chain, the heads and the public keys in one folder, with what it takes to verify them elsewhere."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from presscheck.errors import Fault, InputError
from presscheck.ledger import Ledger
from presscheck.ledger.search import stored_events
from presscheck.settings import Settings


def export_history(ledger: Ledger, settings: Settings, folder: Path) -> int:
    """Write events.jsonl, heads/, keys/, verify.py and README.md into an empty folder; the number of events.

    Events are written exactly as stored, believed or not: whoever verifies must see what there is.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError([Fault(str(folder), None, "", "is not empty; name a new folder")])
        # Heads first: they never lead the database, so what they say is in the events read after them.
        _copy(settings.heads, "*.json", folder / "heads")
        _copy(settings.keys / "trusted", "*.pub", folder / "keys")
        with (folder / "events.jsonl").open("w", encoding="utf-8") as file, ledger.read() as tx:
            count = 0
            for event in stored_events(tx):
                file.write(json.dumps(asdict(event), ensure_ascii=True) + "\n")
                count += 1
        shutil.copyfile(Path(__file__).with_name("verify_export.py"), folder / "verify.py")
        (folder / "README.md").write_text(_README.format(count=count), "utf-8")
    except OSError as error:
        raise InputError([Fault(str(folder), None, "", f"cannot be written: {error.strerror}")]) from error
    return count


def _copy(source: Path, pattern: str, target: Path) -> None:
    target.mkdir()
    for path in sorted(source.glob(pattern)):
        shutil.copyfile(path, target / path.name)


_README = """# A ledger's events

`events.jsonl` holds {count} events, one a line, as they are stored. `keys/` holds the public keys (Ed25519, 32 bytes in
hexadecimal) that the exporting machine believes, `heads/` the signed heads that each process kept outside the database.

`python verify.py` checks them; it needs Python 3.11 and the package `cryptography`, and nothing of Presscheck.
Compare the files in `keys/` with keys that you got another way: whoever can replace the events can replace the keys
beside them.

What is checked, for each event in order:

1. `seq` is one more than the event's before, and `previous` is that event's `hash` (64 zeros for the first).
2. `hash` is the SHA-256 of the JSON array `[seq, at, kind, process, run, subject, body, previous]`, written in UTF-8
   without white space; `body` is the text as stored.
3. `signature` is the Ed25519 signature of `presscheck-event-v1:` followed by the hash in hexadecimal, under the key of
   the process that is named.
4. Each head is the Ed25519 signature of `presscheck-head-v1:SEQ:HASH`, and the event SEQ has that HASH.

Not checked here: whether a process may write an event of its kind (`presscheck history --verify` does), and the
content that events name by digest, which is not exported because it may hold personal data.
"""
