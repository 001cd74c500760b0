"""Presscheck: nothing that a machine made reaches the public until the right person signed exactly that.

    from presscheck import State, await_decision, campaign, deliver, ...

All that a campaign's file and its tests need. `__init__.pyi` beside this file is the one table of these names:
editors read it, and so does this module when it is asked for a name, so that `import presscheck` loads nothing else.
"""

import importlib
from functools import cache
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return [*_homes(), "__version__"]
    # What else is looked for under such a name, by Python and by tools, is never a campaign's.
    if not name.startswith("_") and (home := _homes().get(name)):
        return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_homes()})


@cache
def _homes() -> dict[str, str]:
    """By name the module that it is imported from; of a room that is taken whole, what its `__all__` lists."""
    import ast
    from pathlib import Path

    found: dict[str, str] = {}
    for taken in ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8")).body:
        if isinstance(taken, ast.ImportFrom) and taken.module:
            names = [one.name for one in taken.names]
            whole = importlib.import_module(taken.module).__all__ if names == ["*"] else names
            found |= dict.fromkeys(whole, taken.module)
    return found
