"""Three processes share the suite: one for the running stack, one for Prefect's harness, one for the rest.

`make test` runs with `-n 3`, also on two cores, because the first two mostly wait. Each of those two servers
takes half a minute to start, so all tests that use one stay together; every other file goes to whichever process
is free, those that start servers of their own first.

pytest-xdist's own groups (`xdist_group`) do not hold with pytest 9.2: they are told by a suffix to the
node id, which pytest no longer lets a plugin set. Its scheduler by scope, with scopes of ours, does.
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

__all__ = ["RoomScheduling", "place_of"]

_RUNNING_STACK = ("tests/system/", "tests/attacks/test_prefect_bypasses.py")
_STARTS_ITS_OWN = (
    "tests/system/test_first_campaign.py",
    "tests/system/test_real_parts.py",
    "tests/system/test_services.py",
)
_PREFECT_HARNESS = (
    "tests/flows/",
    "tests/tasks/",
    "tests/supervisor/test_inner.py",
    "tests/supervisor/test_prefect_schema.py",
    "tests/attacks/test_model_attacks.py",
)


def place_of(nodeid: str) -> tuple[int, str]:
    """In which order a test is handed out, and with which others it stays."""
    path = nodeid.split("::", 1)[0]
    if path in _STARTS_ITS_OWN:
        return 2, path
    if path.startswith(_RUNNING_STACK):
        return 0, "the running stack"
    if path.startswith(_PREFECT_HARNESS):
        return 1, "Prefect's harness"
    return 3, path


class RoomScheduling(LoadScopeScheduling):
    """Hands out tests by what they need; the longest first, so that the end is not one process alone."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return place_of(nodeid)[1]
