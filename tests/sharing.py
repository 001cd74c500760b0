"""Three processes share the suite: two begin with a running stack each, one with Prefect's harness.

`make test` runs with `-n 3` unless PROCESSES says another number, also on two cores, because a test of a running stack
mostly waits. A stack takes many seconds to start, so the tests that use one stay together, in two lots of about the
same length: those that look at its pages, and those that hurt it. Every other file goes to whichever process is free,
those that start processes of their own and take half a minute or more first.

pytest-xdist's own groups (`xdist_group`) do not hold with pytest 9.2: they are told by a suffix to the
node id, which pytest no longer lets a plugin set. Its scheduler by scope, with scopes of ours, does.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

__all__ = ["RoomScheduling", "misplaced", "place_of"]

_LOOKED_AT = ("tests/system/test_every_page.py", "tests/system/test_in_the_browser.py")
_HURT = ("tests/system/", "tests/attacks/test_prefect_bypasses.py")
_STARTS_ITS_OWN = (
    "tests/system/test_first_campaign.py",
    "tests/system/test_real_parts.py",
    "tests/system/test_services.py",
    "tests/cli/test_dev.py",
    "tests/door/test_form_in_the_browser.py",
    "tests/door/test_proofs_in_the_browser.py",
    "tests/press/test_patience.py",
    "tests/press/test_postfix.py",
    "tests/worker/test_engine.py",
    "tests/worker/test_warmth.py",
    "tests/worker/test_what_is_each_runs_own.py",
)
_PREFECT_HARNESS = (
    "tests/flows/",
    "tests/tasks/",
    "tests/rehearsal/",
    "tests/supervisor/test_inner.py",
    "tests/supervisor/test_campaigns.py",
    "tests/attacks/test_erasing_attacks.py",
    "tests/supervisor/test_prefect_schema.py",
    "tests/attacks/test_model_attacks.py",
)


def place_of(nodeid: str) -> tuple[int, str]:
    """In which order a test is handed out, and with which others it stays."""
    path = nodeid.split("::", 1)[0]
    if path in _STARTS_ITS_OWN:
        return 2, path
    if path.startswith(_LOOKED_AT):
        return 0, "a stack that is looked at"
    if path.startswith(_HURT):
        return 0, "a stack that is hurt"
    if path.startswith(_PREFECT_HARNESS):
        return 1, "Prefect's harness"
    return 3, path


def misplaced(items: list[pytest.Item]) -> list[str]:
    """Files that start once more what tests of another place share."""
    shared = {"stack": 0, "prefect": 1}
    return sorted(
        {
            item.nodeid.split("::", 1)[0]
            for item in items
            for fixture, place in shared.items()
            if fixture in getattr(item, "fixturenames", ()) and place_of(item.nodeid)[0] != place
        }
    )


class RoomScheduling(LoadScopeScheduling):
    """Hands out tests by what they need; the longest first, so that the end is not one process alone."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return place_of(nodeid)[1]
