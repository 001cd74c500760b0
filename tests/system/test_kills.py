"""kill -9 of any process, at any moment: one decision, every message exactly once, a sound ledger."""

import random
import threading
import time
from email import message_from_bytes

import pytest

from presscheck.errors import DoorError
from presscheck.ledger import EventKind, verify
from presscheck.ledger.reviews import DECISION_EVENTS, decision_of
from presscheck.models import Review
from tests.running import SOAK, Stack, times

# In `make test` each process dies at one moment, and the four moments differ; `make soak` tries 25 of each, in turns,
# because who dies again and again is started again ever later.
_PLAN = [("worker", 1), ("door", 2), ("press", 3), ("server", 4)]
_SOAK_PLAN = [(name, seed) for seed in range(times(1, 25)) for name in ("worker", "door", "press", "server")]


@pytest.mark.soak
@pytest.mark.timeout(1200 if SOAK else 400)
@pytest.mark.parametrize(("name", "seed"), _SOAK_PLAN if SOAK else _PLAN)
def test_a_killed_process_loses_nothing_and_repeats_nothing(stack: Stack, name: str, seed: int) -> None:
    chance = random.Random(f"{name}-{seed}")
    moment = ("drafting", "waiting", "answering", "delivering")[seed % 4]

    stack.wait_for_answers()
    run = stack.start_run()
    if moment == "drafting":
        time.sleep(chance.uniform(0, 12))
        _kill_and_wait(stack, name)
    review = stack.wait_for_review(run)
    if moment == "waiting":
        stack.wait_until_suspended(run)
        _kill_and_wait(stack, name)
    if moment == "answering":
        killer = threading.Timer(chance.uniform(0, 0.4), stack.kill, (name,))
        killer.start()
        _decide_until_it_stands(stack, review)
        killer.join()
    else:
        _decide_until_it_stands(stack, review)
    if moment == "delivering":
        time.sleep(chance.uniform(0, 4))
        _kill_and_wait(stack, name)
    delivery = stack.wait_for_delivery(review)
    stack.wait_for_state(run, "Delivered")

    with stack.ledger.read() as tx:
        decisions = tx.events(*DECISION_EVENTS.values(), subject=review.id)
        requests = tx.events(EventKind.DELIVERY_REQUESTED, run=run)
    assert len(decisions) == 1
    assert len(requests) == 1
    assert (delivery.state, delivery.sent) == ("done", review.question.audience_rows)
    receivers = [message_from_bytes(path.read_bytes())["To"] for path in stack.messages(review)]
    assert len(receivers) == len(set(receivers)) == review.question.audience_rows
    assert verify(stack.ledger).fault is None


def _kill_and_wait(stack: Stack, name: str) -> None:
    killed = stack.kill(name)
    stack.wait_for_restart(name, killed)


def _decide_until_it_stands(stack: Stack, review: Review) -> None:
    """Answer, and answer again while the door is gone, as a person would; a decision may already stand."""
    until = time.monotonic() + 300
    while True:
        try:
            stack.decide(review)
            return
        except DoorError as error:
            with stack.ledger.read() as tx:
                if decision_of(tx, review.id) is not None:
                    return
            if time.monotonic() > until:
                pytest.fail(f"the door did not come back: {error}")
            time.sleep(0.5)
