"""One branch of a Git repository, in a folder or behind https: read it, build upon it, move it on.

    branch = Branch(section, password, cache)
    head = branch.head()
    made = branch.commit(head, NewFile(...))
    branch.move(head, made)          None, or Moved where somebody else moved it since `head`

Objects are written and a reference is compared and set: no working copy, no hooks, no force, and
no configuration of whoever runs the press.
"""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from presscheck.errors import ChannelError, SettingsError
from presscheck.sections import GitSection

if TYPE_CHECKING:
    from dulwich.repo import Repo

__all__ = ["Branch", "Moved", "NewFile", "Refusal"]

T = TypeVar("T")
_FOLDER, _FILE = 0o040000, 0o100644
_MOST_COMMITS = 20_000
_TRAILER = b"Presscheck-Key: "


@dataclass(frozen=True)
class NewFile:
    """A file that is to be committed."""

    parts: tuple[str, ...]
    content: bytes = field(repr=False)
    key: str
    message: str
    author: str
    at: int


@dataclass(frozen=True)
class Refusal:
    """Why a file cannot be committed, whoever tries."""

    reason: str


@dataclass(frozen=True)
class Moved:
    """The branch is somewhere else by now."""


class Branch:
    """A branch that the press commits to. `cache` is a folder of the press's own, for a remote's objects."""

    def __init__(self, section: GitSection, password: SecretStr | None, cache: Path) -> None:
        self.section = section
        self.place = f"{section.remote} ({section.branch})"
        self.read_whole_history = True
        self._password = password
        self._cache = cache
        self._away = "://" in section.remote
        self._ref = b"refs/heads/" + section.branch.encode("ascii")
        self._known: dict[bytes, frozenset[str]] = {}

    def __repr__(self) -> str:
        return f"Branch({self.place!r})"

    def check(self) -> str | None:
        """What is wrong with a repository in a folder, before anything is sent; None for one that is right."""
        if self._away:
            return None
        try:
            self._local()
        except (ChannelError, SettingsError) as error:
            return str(error)
        return None

    def head(self) -> bytes:
        """The commit that the branch is at. ChannelError where the repository cannot be read or has no such branch."""
        return self._guarded(self._fetched if self._away else self._local_head)

    def keys(self, head: bytes) -> frozenset[str]:
        """The keys of all messages that the branch has at this commit, by the trailers of its commits."""
        if head not in self._known:
            self._known = {head: self._guarded(lambda: self._trailers(head))}
        return self._known[head]

    def commit(self, parent: bytes, new: NewFile) -> bytes | Refusal:
        """A commit upon `parent` with one more file; the branch is not moved yet."""
        return self._guarded(lambda: self._commit(parent, new))

    def move(self, head: bytes, to: bytes) -> Moved | None:
        """Move the branch from `head` to `to`, which is built upon it. Moved if it is not at `head` any more."""
        return self._guarded(lambda: self._push(head, to) if self._away else self._set(head, to))

    # ------------------------------------------------------------ objects

    def _repo(self) -> "Repo":
        from dulwich.errors import NotGitRepository
        from dulwich.repo import Repo

        if not self._away:
            return self._local()
        try:
            return Repo(str(self._cache))
        except NotGitRepository:
            # Not there yet, or cut off while it was made: it is only a copy of what the remote has.
            shutil.rmtree(self._cache, ignore_errors=True)
            self._cache.mkdir(parents=True, mode=0o700)
            return Repo.init_bare(str(self._cache))

    def _trailers(self, head: bytes) -> frozenset[str]:
        found: set[str] = set()
        repo: Any = self._repo()
        with repo:
            read = 0
            for entry in repo.get_walker(include=[head], max_entries=_MOST_COMMITS + 1):
                read += 1
                for line in entry.commit.message.splitlines():
                    if line.startswith(_TRAILER):
                        found.add(line.removeprefix(_TRAILER).decode("ascii", "replace").strip())
        self.read_whole_history = read <= _MOST_COMMITS
        return frozenset(found)

    def _commit(self, parent: bytes, new: NewFile) -> bytes | Refusal:
        from dulwich.objects import Blob, Commit

        repo: Any = self._repo()
        with repo:
            blob: Any = Blob.from_string(new.content)
            store = repo.object_store
            tree = _with_file(store, store[repo[parent].tree].copy(), new.parts, blob)
            if isinstance(tree, Refusal):
                return tree
            repo.object_store.add_object(blob)
            commit: Any = Commit()
            commit.tree, commit.parents = tree, [parent]
            commit.author = commit.committer = new.author.encode("utf-8")
            commit.author_time = commit.commit_time = new.at
            commit.author_timezone = commit.commit_timezone = 0
            commit.encoding, commit.message = b"UTF-8", new.message.encode("utf-8")
            repo.object_store.add_object(commit)
            return bytes(commit.id)

    # ------------------------------------------------------------ a folder

    def _local(self) -> "Repo":
        from dulwich.errors import NotGitRepository
        from dulwich.repo import Repo

        path = Path(self.section.remote)
        where = f"[files.git] remote {path}"
        if path.is_symlink():
            raise SettingsError(f"{where}: it is a link; name the folder that it leads to")
        try:
            repo = Repo(str(path))
        except NotGitRepository as error:
            raise SettingsError(f"{where}: there is no Git repository; git init --bare makes one") from error
        if not repo.bare and repo.refs.read_ref(b"HEAD") == b"ref: " + self._ref:  # pyright: ignore[reportArgumentType]
            repo.close()
            raise SettingsError(
                f"{where}: {self.section.branch} is checked out there, and its files would be behind; "
                "name a bare repository, or another branch"
            )
        return repo

    def _local_head(self) -> bytes:
        repo: Any = self._local()
        with repo:
            return self._of(repo.refs.as_dict())

    def _set(self, head: bytes, to: bytes) -> Moved | None:
        repo: Any = self._local()
        with repo:
            return None if repo.refs.set_if_equals(self._ref, head, to) else Moved()

    # ------------------------------------------------------------ https

    @contextmanager
    def _client(self) -> Generator[Any]:
        import urllib3
        from dulwich.client import Urllib3HttpGitClient
        from dulwich.config import ConfigFile

        password = None if self._password is None else self._password.get_secret_value()
        # No redirects and no retries: the address in the settings is the one that gets the password. The empty
        # configuration keeps proxies and other addresses of the account's own Git out.
        with urllib3.PoolManager(retries=False, cert_reqs="CERT_REQUIRED") as pool:
            yield Urllib3HttpGitClient(
                self.section.remote,
                pool_manager=pool,
                config=ConfigFile(),
                username=None if password is None else self.section.user,
                password=password,
                timeout=self.section.timeout_seconds,
                thin_packs=False,
            )

    def _fetched(self) -> bytes:
        repo: Any = self._repo()

        def wanted(refs: dict[bytes, bytes], depth: int | None = None) -> list[bytes]:
            head = refs.get(self._ref)
            return [] if head is None or head in repo.object_store else [head]

        with repo, self._client() as client:
            refs = client.fetch("", repo, determine_wants=wanted).refs
            head = self._of(refs)
            # Kept by a reference of the cache, so that the next fetch asks for what is new alone.
            repo.refs.set_if_equals(self._ref, None, head)
            return head

    def _push(self, head: bytes, to: bytes) -> Moved | None:
        repo: Any = self._repo()

        def update(refs: dict[bytes, bytes]) -> dict[bytes, bytes]:
            # The server compares once more with what it told us, and refuses if it was moved since.
            return {self._ref: to} if refs.get(self._ref) == head else {}

        with repo, self._client() as client:
            result = client.send_pack("", update, repo.generate_pack_data)
        status: dict[bytes, str | None] = result.ref_status or {}
        refs: dict[bytes, bytes] = result.refs or {}
        told = status.get(self._ref)
        if told is not None:
            raise ChannelError(f"{self.place}: the remote refuses the commit: {told[:200]}")
        return None if refs.get(self._ref) == to else Moved()

    def _of(self, refs: dict[bytes, bytes]) -> bytes:
        head = refs.get(self._ref)
        if head is None:
            raise ChannelError(f"{self.place}: there is no such branch; push a first commit to it")
        return head

    def _guarded(self, work: Callable[[], T]) -> T:
        """The work's result; ChannelError, without a password in it, for whatever Git or the network says."""
        import urllib3.exceptions
        from dulwich.client import HTTPUnauthorized
        from dulwich.errors import GitProtocolError, NotGitRepository
        from dulwich.file import FileLocked

        try:
            return work()
        except FileLocked as error:
            raise ChannelError(
                f"{self.place}: another Git holds the branch; if none is running, remove {error.args[-1]!r}"
            ) from None
        except HTTPUnauthorized:
            raise ChannelError(
                f"{self.place}: it does not let {self.section.user} in; look at the secret git"
            ) from None
        except NotGitRepository:
            raise ChannelError(f"{self.place}: there is no repository at this address") from None
        except (GitProtocolError, urllib3.exceptions.HTTPError, OSError, KeyError, ValueError, AssertionError) as error:
            said = f"{type(error).__name__}: {error}"[:300]
            raise ChannelError(f"{self.place}: the repository does not answer as one should: {said}") from None


def _with_file(store: Any, tree: Any, parts: tuple[str, ...], blob: Any) -> bytes | Refusal:
    """The tree with the blob at this path, stored; Refusal where the path is taken, or leads through a link."""
    from dulwich.objects import Tree

    name, *deeper = parts
    entry = name.encode("ascii")
    there: Any = next((tree[one] for one in tree if one == entry), None)
    if deeper:
        if there is not None and there[0] != _FOLDER:
            what = "a symbolic link" if there[0] == 0o120000 else "no folder"
            return Refusal(f"{name} is {what} in the repository; the press writes into folders only")
        inner = Tree() if there is None else store[there[1]].copy()
        made = _with_file(store, inner, tuple(deeper), blob)
        if isinstance(made, Refusal):
            return made
        tree[entry] = (_FOLDER, made)
    else:
        if there is not None and there[1] != blob.id:
            return Refusal(f"{name} is there already and is not ours")
        tree[entry] = (_FILE, blob.id)
    store.add_object(tree)
    return bytes(tree.id)
