"""Policies as the files say now, parsed again only when a byte of them has changed."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from presscheck.digests import digest_of, file_digest
from presscheck.errors import PolicyError

if TYPE_CHECKING:
    from policies import PolicySet

__all__ = ["CurrentPolicies"]

_WATCHED = (".yaml", ".yml", ".cedar", ".cedarschema")


class CurrentPolicies:
    """Call it for the policies of a folder and its overlay; PolicyError where they do not load.

    Every call reads the files' bytes, some dozens of small files, so that a policy edited after
    an approval holds the very next batch. Parsing them and running their cases takes far longer
    and is done when the bytes differ.
    """

    def __init__(self, folder: Path | None = None, overlay: Path | None = None) -> None:
        self._folder = folder
        self._overlay = overlay
        self._lock = Lock()
        self._seen = ""
        self._found: PolicySet | PolicyError | None = None

    def __call__(self) -> "PolicySet":
        from policies import load_policies

        with self._lock:
            # Taken before the files are parsed: whatever changes meanwhile differs at the next call.
            seen = digest_of(list(self._files()))
            if self._found is None or seen != self._seen:
                try:
                    self._found = load_policies(self._folder, self._overlay)
                except PolicyError as error:
                    # Broken files stay broken until they change; asking again would only take time.
                    self._found = error
                self._seen = seen
            if isinstance(self._found, PolicyError):
                raise self._found.with_traceback(None)
            return self._found

    def _files(self) -> Iterator[list[str]]:
        from policies.loading import SHIPPED

        for root in (self._folder or SHIPPED, self._overlay):
            if root is None:
                continue
            for path in sorted(path for path in root.rglob("*") if path.suffix.lower() in _WATCHED):
                try:
                    yield [str(path), file_digest(path)]
                except OSError as error:
                    # A file that cannot be read is a fault that load_policies tells in full.
                    yield [str(path), f"unreadable: {error.strerror}"]
