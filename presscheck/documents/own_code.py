"""Where in somebody's own code a fault is: campaigns and steps are written outside the package.

    place = place_of(traceback.extract_tb(error.__traceback__), project)
    str(place), place.words         # flows/shop_steps.py:12, total = row["colour"]

Whoever reads "KeyError" needs the line that they wrote, and neither ours, nor Prefect's, nor a library's.
"""

import sysconfig
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from presscheck.cleaning import shorten
from presscheck.errors import Fault, InputError

_ROOT = Path(__file__).resolve().parents[2]
# The flows that ship are campaigns like any other: their lines are named.
_NOT_THEIRS = (
    *(_ROOT / room for room in ("presscheck", "tasks", "policies")),
    *(Path(path).resolve() for path in {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}),
)


@dataclass(frozen=True)
class Place:
    """A line of a file; `words` is what stands there, empty where nobody kept it."""

    file: str
    line: int
    words: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of(frames: Iterable[traceback.FrameSummary], root: Path) -> Place | None:
    """The innermost of these frames that somebody wrote beside Presscheck; None where there is none."""
    for frame in reversed(list(frames)):
        if _is_theirs(frame.filename):
            return Place(short(frame.filename, root), frame.lineno or 0, (frame.line or "").strip())
    return None


def short(filename: str, root: Path) -> str:
    """The file as whoever stands in `root` names it."""
    try:
        return str(Path(filename).resolve().relative_to(root.resolve()))
    except (OSError, ValueError):
        # Elsewhere, or no file at all.
        return filename


def told_of(error: BaseException, hide: Callable[[str], str] = str) -> str:
    """`KeyError: 'colour'`, in one line of at most 300 characters; `hide` takes out what nobody is to read."""
    try:
        # Before it is cut: nobody knows the first half of a secret for one.
        said = shorten(hide(str(error)), 300)
    except Exception:  # noqa: BLE001 - the fault to be told is the other one.
        said = "its text cannot be read"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def faults_of_loading(error: BaseException, path: str, root: Path) -> tuple[Fault, ...]:
    """Why the file `path` does not load, with the line of whoever wrote it, in it or in what it imports."""
    if isinstance(error, InputError) and error.faults:
        return error.faults
    if isinstance(error, SyntaxError):
        return (Fault(short(error.filename or path, root), error.lineno, "", f"is not Python: {error.msg}"),)
    place = place_of(traceback.extract_tb(error.__traceback__), root)
    where = (path, None) if place is None else (place.file, place.line)
    return (Fault(*where, "", f"does not load: {told_of(error)}"),)


def _is_theirs(filename: str) -> bool:
    if filename.startswith("<frozen "):
        return False
    path = Path(filename).resolve()
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    return not installed and not any(path.is_relative_to(folder) for folder in _NOT_THEIRS)
