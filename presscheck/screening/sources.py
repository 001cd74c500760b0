"""A file that a segment names is inside the data folder, or it is refused.

No absolute paths, no `..`, no links: a link in the folder would lead the reader out of it.
"""

import difflib
import os
import stat
from pathlib import Path, PurePosixPath

from presscheck.errors import CatalogueError, Fault, SegmentError

_KNOWN = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
_CSV = tuple(kind for kind in _KNOWN if kind != ".parquet")
_WILD = frozenset("*?[")


class SourceRefused(Exception):
    """A file name that may not be read; `str()` is the message."""


def check_folder(data: Path, *, error: type[SegmentError] | type[CatalogueError] = SegmentError) -> Path:
    """The data folder as an absolute path without links.

    Raises `error` if it is no folder, or if anything in it is a link or no ordinary file.
    """
    try:
        folder = data.resolve(strict=True)
    except OSError as broken:
        raise error([Fault(str(data), None, "", "there is no such data folder")]) from broken
    if not folder.is_dir():
        raise error([Fault(str(data), None, "", "this is not a folder; name the folder that holds the data")])
    if not _WILD.isdisjoint(str(folder)):
        wild = "the folder's path holds one of * ? [, which DuckDB reads as wildcards; rename it"
        raise error([Fault(str(data), None, "", wild)])
    faults: list[Fault] = []
    for where, folders, files in os.walk(folder):
        for name in sorted(folders + files):
            entry = Path(where, name)
            try:
                kind = entry.lstat().st_mode
            except FileNotFoundError:
                # Somebody replaced it while we looked; what is gone cannot be read either.
                continue
            if stat.S_ISLNK(kind):
                faults.append(Fault(str(entry), None, "", "links may lead out of the data folder; copy the file in"))
            elif not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
                faults.append(Fault(str(entry), None, "", "this is no ordinary file; move it out of the data folder"))
    if faults:
        raise error(faults)
    return folder


def find_source(folder: Path, name: str) -> Path:
    """The absolute path, perhaps with wildcards, that `name` stands for under `folder`.

    Raises SourceRefused for a name that leads out, of another kind, or of nothing.
    """
    if any(ord(character) < 32 for character in name):
        raise SourceRefused("a file's name may not hold control characters")
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "://" in name or "\\" in name or name.startswith("~"):
        raise SourceRefused(f"{name!r} leads out of the data folder; name a file inside it, such as 'customers.csv'")
    if not name.lower().endswith(_KNOWN):
        raise SourceRefused(f"{name!r} is neither CSV nor Parquet; segments read {', '.join(_KNOWN)}")
    if _WILD.isdisjoint(name):
        if not (folder / pure).is_file():
            raise SourceRefused(f"there is no file {name!r} in the data folder{_did_you_mean(folder, name)}")
    elif not any(folder.glob(name)):
        raise SourceRefused(f"no file in the data folder matches {name!r}")
    return folder / pure


def is_csv(name: str) -> bool:
    """Whether a source's name says that it is a CSV file."""
    return name.lower().endswith(_CSV)


def matching(source: Path) -> tuple[Path, ...]:
    """The files that a path of `find_source`, perhaps with wildcards, stands for, by name."""
    if _WILD.isdisjoint(str(source)):
        return (source,)
    return tuple(sorted(path for path in Path("/").glob(str(source)[1:]) if path.is_file()))


def _did_you_mean(folder: Path, name: str) -> str:
    there = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.name.lower().endswith(_KNOWN)]
    near = difflib.get_close_matches(name, there, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
