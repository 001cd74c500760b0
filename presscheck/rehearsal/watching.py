"""Which files of a project have changed: what a campaign is made of, and not what tools keep beside it."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_SETTLES_SECONDS = 0.05
_NOT_OURS = ("__pycache__", "node_modules")
_HALF_WRITTEN = ("~", ".tmp", ".part", ".swp", ".pyc")
_RECENT_SECONDS = 2.0

Stamps = dict[str, tuple[int, int, int]]


class Watch:
    """A project's files as they were when somebody looked last, and `also`; without `but` and whatever is hidden."""

    def __init__(self, project: Path, *, also: Path | None = None, but: Path | None = None) -> None:
        self._project = project
        self._also = also
        self._but = but
        self._ignored: set[str] = set()
        self._stamps = self._look()
        self.pause = 0.2
        """Seconds until it is worth looking again."""

    def changed(self) -> list[str]:
        """The files that were written, made or removed since it was asked last, once whoever writes is done."""
        began = time.monotonic()
        stamps = self._look()
        # A large project is looked at less often: no more than a tenth of the time goes into looking.
        self.pause = max(0.2, 10 * (time.monotonic() - began))
        if stamps == self._stamps:
            return []
        while True:
            time.sleep(_SETTLES_SECONDS)
            again = self._look()
            if again == stamps:
                break
            stamps = again
        before, self._stamps = self._stamps, stamps
        names = {name for name in (*before, *stamps) if before.get(name) != stamps.get(name)}
        return sorted(os.path.relpath(name, self._project) for name in names)

    def ignore(self, names: Iterable[str]) -> None:
        """Look at these no more: the campaign itself writes them."""
        self._ignored |= {str(self._project / name) for name in names}

    def saved_seconds_ago(self, names: list[str]) -> float:
        """How long ago the last of these was saved; 0 where its time is not to be believed."""
        now = time.time()
        times = [self._stamps[path][0] / 1e9 for name in names if (path := str(self._project / name)) in self._stamps]
        ago = now - max(times, default=now)
        return ago if 0 <= ago < _RECENT_SECONDS else 0.0

    def _look(self) -> Stamps:
        found: Stamps = {}
        for path in {*self._files(str(self._project)), *([] if self._also is None else [str(self._also)])}:
            try:
                seen = os.stat(path)
            except OSError:
                # Removed since it was listed.
                continue
            found[path] = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        return found

    def _files(self, folder: str) -> Iterator[str]:
        for place, folders, files in os.walk(folder):
            if "pyvenv.cfg" in files:
                folders.clear()
                continue
            folders[:] = [
                name
                for name in folders
                if not name.startswith(".") and name not in _NOT_OURS and Path(place, name) != self._but
            ]
            for name in files:
                path = os.path.join(place, name)
                if not name.startswith((".", "#")) and not name.endswith(_HALF_WRITTEN) and path not in self._ignored:
                    yield path
