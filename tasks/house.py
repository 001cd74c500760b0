"""What a worker's process works with: settings, ledger, desk and policies, each opened once.

Steps ask here instead of taking connections as arguments, because Prefect shows arguments to
everybody who may read a run. Which project it is comes from PRESSCHECK_PROJECT.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from presscheck.ledger import Ledger
from presscheck.settings import Settings
from presscheck.wiring import open_ledger, read_settings
from tasks.effects import stood_in_for_by

if TYPE_CHECKING:
    from policies import PolicySet
    from presscheck.desk import Desk
    from presscheck.library.admission import LibraryAdmission


def settings() -> Settings:
    """The project's settings, read again at each call: they are a small file."""
    return read_settings()


@stood_in_for_by("reach_house")
def ledger() -> Ledger:
    """The ledger as the worker may write it: no decisions, no permits."""
    # Frozen pydantic models hash by content; pyright does not know.
    return _ledger(settings())  # pyright: ignore[reportArgumentType]


@stood_in_for_by("reach_house")
def desk() -> "Desk":
    """The judge. A worker asks it what was decided; only the door can write what it decides."""
    return _desk(settings())  # pyright: ignore[reportArgumentType]


def policies() -> "PolicySet":
    """The policies that are in force now: the files', or those that were signed last. PolicyError names every fault."""
    return desk().policies()


def admission(run: str) -> "LibraryAdmission":
    """What lets a run use models, tools and prompts."""
    from presscheck.library.admission import LibraryAdmission

    return LibraryAdmission(ledger(), desk().policies, run=run)


@lru_cache(maxsize=4)
def _ledger(settings: Settings) -> Ledger:
    return open_ledger(settings, "worker")


@lru_cache(maxsize=4)
def _desk(settings: Settings) -> "Desk":
    from presscheck.wiring import open_desk

    return open_desk(settings, ledger())
