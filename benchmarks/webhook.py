"""How fast the webhook posts: side by side against one at a time, and against a plain httpx client.

    python benchmarks/webhook.py [--messages 500]

All three in one run, to the same receiver in a process of its own on loopback, which answers after
20 ms. Ours signs each message and keeps its journal on the disk; httpx posts the bytes and no more.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx

from presscheck.digests import digest_of
from presscheck.press.channels import Message, Sent
from presscheck.press.channels.webhook import Webhook
from presscheck.settings.ways_out import WebhookSection
from tests.press.test_public_channels import post
from tests.press.test_webhook import BRIEF, DELIVERY, KEY, SEAL, Post

RECEIVER = Path(__file__).resolve().parents[1] / "tests" / "press" / "receiver.py"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=500)
    count = arguments.parse_args().messages
    folder = Path(tempfile.mkdtemp(prefix="presscheck-bench-"))
    receiver = subprocess.Popen(
        [sys.executable, str(RECEIVER), str(folder / "log")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert receiver.stdout is not None
        url = f"http://127.0.0.1:{int(receiver.stdout.readline())}/slow"
        rates = {
            "httpx, one at a time": _rate(count, lambda batch: _plain(url, batch)),
            "ours, one at a time": _rate(count, lambda batch: _ours(url, folder, batch, 1)),
            "ours, 8 side by side": _rate(count, lambda batch: _ours(url, folder, batch, 8)),
        }
        base = rates["ours, one at a time"]
        for name, rate in rates.items():
            print(f"{name:22} {rate:6.0f} messages a second, {rate / base:4.1f} times ours one at a time")
    finally:
        receiver.kill()
        receiver.wait()
        shutil.rmtree(folder)


def _rate(count: int, send: Callable[[list[Message]], None]) -> float:
    batch = _batch(count)
    start = time.perf_counter()
    send(batch)
    return count / (time.perf_counter() - start)


def _batch(count: int) -> list[Message]:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    one = Post.of(
        post("social", "a"), BRIEF, asset="a" * 64, delivery=DELIVERY, run="r", sender=BRIEF.sender, at=at, place=(0, 1)
    )
    keys = [digest_of([time.time_ns(), number]) for number in range(count)]
    return [Message(key, "", one.to("", key=key), one) for key in keys]


def _plain(url: str, batch: list[Message]) -> None:
    with httpx.Client() as client:
        for message in batch:
            client.post(url, content=message.content, headers={"Idempotency-Key": message.key}).raise_for_status()


def _ours(url: str, folder: Path, batch: list[Message], concurrency: int) -> None:
    channel = Webhook(WebhookSection(url=url, concurrency=concurrency), KEY, folder / "journals", SEAL)
    channel.prepare(DELIVERY, [message.key for message in batch])
    answers = channel.send(DELIVERY, batch)
    assert all(isinstance(answer, Sent) for answer in answers)


if __name__ == "__main__":
    main()
