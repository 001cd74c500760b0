"""Verifies an exported ledger with nothing of Presscheck: `python verify.py [FOLDER]`; exit 1 if it is unsound."""

import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIELDS = ("seq", "at", "kind", "process", "run", "subject", "body", "previous")


def first_fault(folder: Path) -> str | None:
    """What is wrong first; None if every event and every head is sound."""
    keys = {
        path.stem: Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.read_text().strip()))
        for path in (folder / "keys").glob("*.pub")
    }
    hashes = ["0" * 64]
    for at, line in enumerate((folder / "events.jsonl").read_text("utf-8").splitlines(), 1):
        event = json.loads(line)
        if event["seq"] != at or event["previous"] != hashes[-1]:
            return f"event {at}: does not follow the one before"
        text = json.dumps([event[name] for name in FIELDS], separators=(",", ":"), ensure_ascii=False)
        if event["hash"] != hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest():
            return f"event {at}: was altered"
        if not signed(keys, event["process"], f"presscheck-event-v1:{event['hash']}", event["signature"]):
            return f"event {at}: is not signed by the {event['process']}"
        hashes.append(event["hash"])
    for path in sorted((folder / "heads").glob("*.json")):
        head = json.loads(path.read_text())
        if not signed(keys, path.stem, f"presscheck-head-v1:{head['seq']}:{head['hash']}", head["signature"]):
            return f"head of the {path.stem}: is not signed by it"
        if head["seq"] >= len(hashes) or hashes[head["seq"]] != head["hash"]:
            return f"event {head['seq']}: is not the one that the {path.stem} has seen; the tail was cut or replaced"
    return None


def signed(keys: dict[str, Ed25519PublicKey], process: str, message: str, signature: str) -> bool:
    """Whether this is the process's signature of the message."""
    if process not in keys:
        return False
    try:
        keys[process].verify(bytes.fromhex(signature), message.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    fault = first_fault(chosen)
    sys.stdout.write("Sound.\n" if fault is None else f"NOT SOUND: {fault}\n")
    sys.exit(0 if fault is None else 1)
