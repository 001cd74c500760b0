"""The tests for the loop of whoever writes code: `make test FAST=1`.

What asks for the fixture `needs_a_server`, itself or through another fixture, is left out, and so is what is marked
with that name or as slow. The closing line counts what was left out, and the line before it says what that was.
"""

from types import SimpleNamespace
from typing import Any

import pytest

__all__ = ["Fast"]


def _is_left_out(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(mark) for mark in ("needs_a_server", "slow"))
    return marked or "needs_a_server" in getattr(item, "fixturenames", ())


class Fast:
    """Leaves out the rest, and says so."""

    def __init__(self) -> None:
        self._left_out = 0

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        left_out = [item for item in items if _is_left_out(item)]
        items[:] = [item for item in items if not _is_left_out(item)]
        self._left_out = len(left_out)
        if hasattr(config, "workeroutput"):
            config.workeroutput["left_out"] = len(left_out)
        else:
            config.hook.pytest_deselected(items=left_out)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        # Every process collects the same tests, and pytest-xdist hands on what they ran only.
        if not self._left_out:
            self._left_out = node.workeroutput["left_out"]
            node.config.hook.pytest_deselected(items=[SimpleNamespace()] * self._left_out)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.write_line(
            f"FAST: {self._left_out:,} tests were left out, which need Prefect's server, PostgreSQL, Postfix or a "
            "browser, or take more than a fifth of a second; property tests took 10 examples where they set no number "
            "of their own. `make test` runs them all, with 60."
        )
