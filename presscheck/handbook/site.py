"""Writes the handbook's pages into a folder: whole or not at all, and never over anything else."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from presscheck.errors import Fault, InputError

_MARK = ".presscheck-handbook"


def check_folder(out: Path) -> None:
    """InputError unless the folder is new, empty, or a handbook of before."""
    try:
        taken = out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / _MARK).is_file()))
    except OSError as error:
        raise _unwritable(out, error) from error
    if taken:
        raise InputError([Fault(str(out), None, "", "holds something that is no handbook; name a new folder")])


def write_site(out: Path, pages: Mapping[str, str]) -> None:
    """Beside first, then named, so that nobody reads half a handbook. InputError where it cannot be written."""
    check_folder(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".handbook-", dir=out.resolve().parent))
        try:
            beside.chmod(0o755)
            (beside / _MARK).write_text("", "utf-8")
            for name, text in pages.items():
                (beside / name).write_text(text, "utf-8")
            if out.exists():
                shutil.rmtree(out)
            beside.rename(out)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise _unwritable(out, error) from error


def _unwritable(out: Path, error: OSError) -> InputError:
    return InputError(
        [Fault(str(out), None, "", f"cannot be written: {error.strerror or error}; choose another folder")]
    )
