"""Who wrote a change of the policies, as far as the history of its files tells.

    known = writers_of(folder, before, after, since=commit)
    known.addresses     # authors, committers and co-authors of what is not signed yet
    known.unknown       # files that differ and that no commit has, so that nobody knows

Git's objects are read and nothing is run: no hook, no filter, no git. An address in a commit is what somebody
wrote there; without signed commits it proves nothing, and whoever signs policies reads it as a hint.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policies import PolicyTexts
from policies.engine.texts import Layer
from presscheck.addresses import account_address

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import Repo

_MOST_COMMITS = 20_000
_ADDRESS = re.compile(rb"<([^<>\s]{3,320})>")
_CO_AUTHOR = re.compile(rb"^co-authored-by:[^\n]*<([^<>\s]{3,320})>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Writers:
    """What is known of who wrote something."""

    addresses: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Files that differ and whose last text no commit has."""
    commit: str = ""
    """The commit that the folder stands at; empty where there is no history."""
    whole: bool = True
    """Whether the history could be read as far back as it had to be."""


def writers_of(folder: Path | None, before: PolicyTexts | None, after: PolicyTexts, *, since: str) -> Writers:
    """Who wrote what differs in the overlay `folder`, by the commits that `since`, a commit, does not hold."""
    changed = _changed(None if before is None else before.overlay, after.overlay)
    if folder is None or not changed:
        return Writers()
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo

    try:
        repo = Repo.discover(str(folder.resolve()))
    except NotGitRepository:
        return Writers(unknown=changed, whole=False)
    with repo:
        try:
            below = folder.resolve().relative_to(Path(repo.path).resolve())
            head = repo.head()
        except (KeyError, ValueError):
            # A history without a commit, or one whose files lie elsewhere.
            return Writers(unknown=changed, whole=False)
        history = _History(repo, tuple(part.encode() for part in below.parts))
        texts = _texts(after.overlay)
        unknown = tuple(place for place in changed if history.text(head, place) != texts.get(place))
        addresses = history.writers(head, since.encode(), changed)
        return Writers(tuple(sorted(addresses)), unknown, head.decode(), history.whole)


def _changed(before: Layer | None, after: Layer | None) -> tuple[str, ...]:
    then, now = _texts(before), _texts(after)
    return tuple(place for place in sorted(then.keys() | now.keys()) if then.get(place) != now.get(place))


def _texts(layer: Layer | None) -> Mapping[str, str]:
    return {} if layer is None else layer.texts


class _History:
    """The commits of one repository, as far as they touch some files below one folder."""

    def __init__(self, repo: "Repo", below: tuple[bytes, ...]) -> None:
        self._repo = repo
        self._below = below
        self._folders: dict[bytes, bytes | None] = {}
        self.whole = True

    def text(self, commit: bytes, place: str) -> str | None:
        """The text of a file in a commit; None where it has none."""
        found = self._entry(self._commit(commit), place)
        if found is None:
            return None
        try:
            return self._repo[found].as_raw_string().decode("utf-8-sig")
        except (KeyError, UnicodeDecodeError):
            return None

    def writers(self, head: bytes, since: bytes, places: Iterable[str]) -> set[str]:
        """Whoever made a commit, or had a part in it, that changed one of these files against all its parents."""
        known = set(self._ancestors(since)) if since else set[bytes]()
        wanted = tuple(places)
        found: set[str] = set()
        for commit in self._commits(head, known):
            parents = [self._commit(parent) for parent in commit.parents]
            if any(self._folder(commit) == self._folder(one) for one in parents):
                # Nothing in the folder differs from this parent: most commits of a long history are passed over here.
                continue
            if any(all(self._entry(commit, place) != self._entry(one, place) for one in parents) for place in wanted):
                if not parents and not any(self._entry(commit, place) for place in wanted):
                    continue
                found.update(_people(commit))
        return found

    def _ancestors(self, commit: bytes) -> Iterator[bytes]:
        for one in self._commits(commit, set()):
            yield one.id

    def _commits(self, head: bytes, known: set[bytes]) -> "Iterator[Commit]":
        """Every commit reachable from `head` that is not known; by parents, never by dates, which anybody can write."""
        seen, left = set(known), [head]
        while left:
            commit = None if (id_ := left.pop()) in seen else self._commit(id_)
            if commit is None:
                self.whole = self.whole and id_ in seen
                continue
            seen.add(id_)
            if len(seen) - len(known) > _MOST_COMMITS:
                self.whole = False
                return
            yield commit
            left.extend(commit.parents)

    def _commit(self, id_: bytes) -> "Commit | None":
        from dulwich.objects import Commit

        try:
            found = self._repo[id_]
        except (KeyError, ValueError):
            # A shallow copy, or a commit that was rewritten since.
            return None
        return found if isinstance(found, Commit) else None

    def _folder(self, commit: "Commit | None") -> bytes | None:
        """The id of the policy folder in a commit."""
        if commit is None:
            return None
        if commit.id not in self._folders:
            self._folders[commit.id] = self._find(commit.tree, self._below)
        return self._folders[commit.id]

    def _entry(self, commit: "Commit | None", place: str) -> bytes | None:
        """The id of a file's content in a commit."""
        folder = self._folder(commit)
        return None if folder is None else self._find(folder, tuple(name.encode() for name in place.split("/")))

    def _find(self, at: bytes, parts: tuple[bytes, ...]) -> bytes | None:
        from dulwich.objects import Tree

        for part in parts:
            try:
                tree = self._repo[at]
                if not isinstance(tree, Tree):
                    return None
                _, at = tree[part]
            except KeyError:
                return None
        return at


def _people(commit: "Commit") -> Iterator[str]:
    raw = [found for who in (commit.author, commit.committer) for found in _ADDRESS.findall(who)]
    for address in (*raw, *_CO_AUTHOR.findall(commit.message)):
        yield account_address(address.decode("utf-8", "replace"))
