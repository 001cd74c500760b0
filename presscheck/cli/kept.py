"""What takes seconds to build of the guardrails, kept between two commands in the user's cache.

A file is read only where it is the user's own and nobody else may write it: it is the memory of a program.
"""

import os
import stat
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from policies import PolicySet

_MOST = 4
# Building takes as long as reading so many texts without.
_WORTH_BUILDING = 4_000


def make_quick(policies: "PolicySet", texts: int) -> bool:
    """Whether so many texts are read the quick way, which is then built: from what was kept, or else for many texts.

    A cache that cannot be read or written costs the time that building takes, and nothing else.
    """
    from policies.engine.compiled import compiled_for

    compiled = compiled_for(policies)
    try:
        file = _folder() / f"{compiled.digest[:40]}-{version('hyperscan')}.automata"
    except (ImportError, OSError):
        return texts >= _WORTH_BUILDING
    known = _read(file)
    if known is not None:
        try:
            compiled.recall(known)
        except ValueError:
            file.unlink(missing_ok=True)
        else:
            return True
    if texts < _WORTH_BUILDING:
        return False
    built = compiled.to_keep()
    if built is not None:
        _write(file, built)
    return True


def _folder() -> Path:
    folder = Path(platformdirs.user_cache_dir("presscheck")) / "guardrails"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(folder.stat()):
        # Whoever may write there can call what was built of other rules by this name.
        raise PermissionError(f"{folder} is another user's, or others may write there")
    return folder


def _is_ours(about: os.stat_result) -> bool:
    return about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read() if _is_ours(os.fstat(opened.fileno())) else None
    except OSError:
        return None


def _write(file: Path, built: bytes) -> None:
    aside = file.with_suffix(f".{os.getpid()}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(built)
        aside.replace(file)
        for old in sorted(file.parent.glob("*.automata"), key=lambda one: one.stat().st_mtime)[:-_MOST]:
            old.unlink(missing_ok=True)
    except OSError:
        aside.unlink(missing_ok=True)
