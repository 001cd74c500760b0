"""What tests of pauses and recalls share: somebody who stops things, also in the middle of a batch."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from presscheck.desk.pausing import pause, unpause
from presscheck.desk.recalling import decide_recall
from presscheck.ledger import EventKind
from presscheck.ledger.chain import Event
from presscheck.ledger.pausing import Pause, Recall
from tests.desk.scene import Scene


def set_pause(scene: Scene, scope: str = "*", *, person: str = "eva") -> Any:
    with scene.ledgers.door.write() as tx:
        return pause(tx, scene.policies, scope, person=f"P-{person}")


def lift(scene: Scene, scope: str = "*", *, person: str = "ana", proved: bool = True) -> Any:
    with scene.ledgers.door.write() as tx:
        proved_at = tx.now if proved else tx.now - timedelta(hours=1)
        return unpause(tx, scene.policies, scope, person=f"P-{person}", proved_at=proved_at)


def recall(scene: Scene, delivery: str, *, person: str = "ana", reason: str = "factual", proved: bool = True) -> Any:
    with scene.ledgers.door.write() as tx:
        proved_at = tx.now if proved else tx.now - timedelta(hours=1)
        return decide_recall(tx, scene.policies, delivery, person=f"P-{person}", reason=reason, proved_at=proved_at)


def paused(scene: Scene, scope: str = "*", *, person: str = "eva") -> Pause:
    found = set_pause(scene, scope, person=person)
    assert isinstance(found, Pause), found
    return found


def lifted(scene: Scene, scope: str = "*", *, person: str = "ana") -> None:
    gone = lift(scene, scope, person=person)
    assert isinstance(gone, tuple), gone


def recalled(scene: Scene, delivery: str) -> Recall:
    found = recall(scene, delivery)
    assert isinstance(found, Recall), found
    return found


def told(scene: Scene, kind: EventKind, delivery: str) -> list[dict[str, Any]]:
    """The bodies of the believed events of a kind about a delivery."""
    with scene.ledgers.door.read() as tx:
        found: list[Event] = tx.events(kind, subject=delivery)
    return [event.data for event in found]


def interrupt(channel: Any, *, at: int, do: Callable[[], object]) -> Any:
    """Let `do` happen when the channel asks for the `at`th time whether to stop, and the press then look."""
    stop_when = channel.stop_when
    asked = 0

    def stop_where(stopping: Callable[[], bool]) -> None:
        def asking() -> bool:
            nonlocal asked
            asked += 1
            if asked == at:
                do()
                # At the hundredth question the ledger is read, however little time has passed.
                return any(stopping() for _ in range(100))
            return stopping()

        stop_when(asking)

    channel.stop_when = stop_where
    return channel
