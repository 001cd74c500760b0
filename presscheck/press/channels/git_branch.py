"""One branch of a Git repository, in a folder or behind https: read it, build upon it, move it on.

    branch = Branch(section, password, cache)
    head = branch.head()
    made = branch.commit(head, NewFile(...))
    branch.move(head, made)          None, or Moved where somebody else moved it since `head`

Objects are written and a reference is compared and set: no working copy, no hooks, no force, and
no configuration of whoever runs the press.
"""

import contextlib
import logging
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from presscheck.cleaning import clean_line
from presscheck.errors import ChannelError, SettingsError
from presscheck.press.channels.git_words import in_our_words
from presscheck.press.channels.whole_file import try_writing
from presscheck.settings.ways_out import GitSection

if TYPE_CHECKING:
    from dulwich.repo import Repo

_log = logging.getLogger(__name__)
T = TypeVar("T")
_FOLDER, _FILE = 0o040000, 0o100644
_MOST_COMMITS = 20_000
_TRAILER, _RECALLED = b"Presscheck-Key: ", b"Presscheck-Recalled: "
_LOOK_SECONDS = 0.25
_AUTHOR = re.compile(r"[^<>\x00-\x1f\x7f]+ <[!-;=?-~]+>")


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

    def __init__(
        self, section: GitSection, password: SecretStr | None, cache: Path, *, ca_file: Path | None = None
    ) -> None:
        self.section = section
        self.place = f"{section.remote} ({section.branch})"
        self.read_whole_history = True
        self._password = password
        self._cache = cache
        self._ca_file = ca_file
        self._answered: tuple[str, int] | None = None
        self._away = "://" in section.remote
        self._ref = b"refs/heads/" + section.branch.encode("ascii")
        self._known: dict[bytes, tuple[frozenset[str], frozenset[str]]] = {}
        self._stopping: Callable[[], bool] = lambda: False

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

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """End a push that is under way once this says true; what the remote then has, `keys` says."""
        self._stopping = stopping

    def greet(self, *, seconds: float) -> str:
        """Read the branch and ask to write to it, without writing. ChannelError, with what to do, where that fails."""
        until = time.monotonic() + seconds
        before, self._stopping = self._stopping, lambda: time.monotonic() > until
        try:
            self._guarded(self._greeted if self._away else self._tried)
        finally:
            self._stopping = before
        return f"{self.place} can be read and written"

    def head(self) -> bytes:
        """The commit that the branch is at. ChannelError where the repository cannot be read or has no such branch."""
        return self._guarded(self._fetched if self._away else self._local_head)

    def keys(self, head: bytes) -> frozenset[str]:
        """The keys of all messages that the branch has at this commit, by the trailers of its commits."""
        return self._read(head)[0]

    def recalled(self, head: bytes) -> frozenset[str]:
        """The keys of all messages that were recalled up to this commit, by the trailers of its commits."""
        return self._read(head)[1]

    def names(self, head: bytes, folder: tuple[str, ...]) -> list[str]:
        """The names of the files in a folder at this commit; none where there is no such folder."""
        return self._guarded(lambda: self._names(head, folder))

    def remove(self, parent: bytes, places: Sequence[tuple[str, ...]], *, message: str, at: int) -> bytes:
        """A commit upon `parent` without these files; the branch is not moved yet."""
        return self._guarded(lambda: self._without(parent, places, message, at))

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

    def _read(self, head: bytes) -> tuple[frozenset[str], frozenset[str]]:
        if head not in self._known:
            self._known = {head: self._guarded(lambda: self._trailers(head))}
        return self._known[head]

    def _trailers(self, head: bytes) -> tuple[frozenset[str], frozenset[str]]:
        found: dict[bytes, set[str]] = {_TRAILER: set(), _RECALLED: set()}
        repo: Any = self._repo()
        with repo:
            read = 0
            for entry in repo.get_walker(include=[head], max_entries=_MOST_COMMITS + 1):
                read += 1
                for line in entry.commit.message.splitlines():
                    for name, keys in found.items():
                        if line.startswith(name):
                            keys.add(line.removeprefix(name).decode("ascii", "replace").strip())
        self.read_whole_history = read <= _MOST_COMMITS
        return frozenset(found[_TRAILER]), frozenset(found[_RECALLED])

    def _names(self, head: bytes, folder: tuple[str, ...]) -> list[str]:
        repo: Any = self._repo()
        with repo:
            tree: Any = repo.object_store[repo[head].tree]
            for part in folder:
                entry: Any = next((tree[one] for one in tree if one == part.encode("ascii")), None)
                if entry is None or entry[0] != _FOLDER:
                    return []
                tree = repo.object_store[entry[1]]
            return [bytes(name).decode("utf-8", "replace") for name in tree if tree[name][0] == _FILE]

    def _commit(self, parent: bytes, new: NewFile) -> bytes | Refusal:
        from dulwich.objects import Blob

        repo: Any = self._repo()
        with repo:
            blob: Any = Blob.from_string(new.content)
            store = repo.object_store
            tree = _with_file(store, store[repo[parent].tree].copy(), new.parts, blob)
            if isinstance(tree, Refusal):
                return tree
            repo.object_store.add_object(blob)
            return _committed(store, tree, parent, author=new.author, at=new.at, message=new.message)

    def _without(self, parent: bytes, places: Sequence[tuple[str, ...]], message: str, at: int) -> bytes:
        repo: Any = self._repo()
        with repo:
            store = repo.object_store
            tree: Any = store[repo[parent].tree].copy()
            for parts in places:
                tree = _without_file(store, tree, parts)
            store.add_object(tree)
            author = f"Presscheck <{self.section.user}@presscheck.invalid>"
            return _committed(store, tree.id, parent, author=author, at=at, message=message)

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

    def _tried(self) -> None:
        repo: Any = self._local()
        with repo:
            self._of(repo.refs.as_dict())
            for folder in ("objects", "refs/heads"):
                try_writing(Path(repo.controldir()) / folder)

    # ------------------------------------------------------------ https

    @contextmanager
    def _client(self) -> Generator[Any]:
        import urllib3
        from dulwich.client import Urllib3HttpGitClient
        from dulwich.config import ConfigFile

        password = None if self._password is None else self._password.get_secret_value()
        # No redirects and no retries: the address in the settings is the one that gets the password. The empty
        # configuration keeps proxies and other addresses of the account's own Git out.
        trusted = None if self._ca_file is None else str(self._ca_file)
        with (
            urllib3.PoolManager(retries=False, cert_reqs="CERT_REQUIRED", ca_certs=trusted) as pool,
            self._ended_by_a_stop(pool),
        ):
            self._note_answers(pool)
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

    def _greeted(self) -> None:
        repo: Any = self._repo()
        with repo, self._client() as client:
            self._of(client.get_refs("").refs)
            # The beginning of a push, which says whether there may be one; there is nothing to push.
            client.send_pack("", _nothing, repo.generate_pack_data)

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
            raise ChannelError(f"{self.place}: the remote refuses the commit: {clean_line(told)[:200]}")
        return None if refs.get(self._ref) == to else Moved()

    def _note_answers(self, pool: Any) -> None:
        """Keep each answer's status: the library's errors have it in their text, or not at all."""
        ask = pool.urlopen

        def asking(method: str, url: str, *args: Any, **more: Any) -> Any:
            self._answered = None
            answer = ask(method, url, *args, **more)
            self._answered = (url, int(answer.status))
            return answer

        pool.urlopen = asking

    @contextmanager
    def _ended_by_a_stop(self, pool: Any) -> Generator[None]:
        """While somebody talks to the remote, look for a stop, and end their connections at one."""
        opened: list[Any] = []
        pool.pool_classes_by_scheme = {
            scheme: _noting(kind, opened) for scheme, kind in pool.pool_classes_by_scheme.items()
        }
        over = threading.Event()

        def look() -> None:
            while not over.wait(_LOOK_SECONDS):
                if self._stopping():
                    for connection in opened:
                        with contextlib.suppress(OSError, AttributeError):
                            # The one who waits on it wakes, and says that the connection broke.
                            connection.sock.shutdown(socket.SHUT_RDWR)
                    return

        thread = threading.Thread(target=look, name="git stop", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            for connection in opened:
                connection.close()

    def _of(self, refs: dict[bytes, bytes]) -> bytes:
        head = refs.get(self._ref)
        if head is None:
            raise ChannelError(f"{self.place}: there is no such branch; push a first commit to it")
        return head

    def _guarded(self, work: Callable[[], T]) -> T:
        """The work's result; ChannelError, without a password in it, for whatever Git or the network says."""
        from dulwich.file import FileLocked

        self._answered = None
        try:
            return work()
        except (ChannelError, SettingsError):
            raise
        except FileLocked as error:
            raise ChannelError(
                f"{self.place}: another Git holds the branch; if none is running, remove {error.args[-1]!r}"
            ) from None
        except Exception as error:  # noqa: BLE001 - whatever a stranger's answer makes of the library that reads it.
            url, status = self._answered or ("", None)
            told = in_our_words(
                error,
                status,
                writing="git-receive-pack" in url,
                user=self.section.user,
                branch=self.section.branch,
                signed_in=self._password is not None,
            )
            _log.debug("%s: %s", self.place, told, exc_info=error)
            raise ChannelError(f"{self.place}: {told}") from None


def _nothing(_refs: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {}


def _noting(pool: Any, opened: list[Any]) -> Any:
    """A kind of connection pool that notes each connection that it opens."""

    kind: Any = pool.ConnectionCls

    def connect(self: Any) -> None:
        kind.connect(self)
        opened.append(self)

    noted = type(kind.__name__, (kind,), {"connect": connect})
    return type(pool.__name__, (pool,), {"ConnectionCls": noted})


def _committed(store: Any, tree: bytes, parent: bytes, *, author: str, at: int, message: str) -> bytes:
    from dulwich.objects import Commit

    if _AUTHOR.fullmatch(author) is None or not message.replace("\n", "").isprintable():
        # A line of its own in a commit's head would name other parents, or another tree.
        raise ValueError("an author or a message holds a line end or a sign that a commit's head does not take")
    commit: Any = Commit()
    commit.tree, commit.parents = tree, [parent]
    commit.author = commit.committer = author.encode("utf-8")
    commit.author_time = commit.commit_time = at
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding, commit.message = b"UTF-8", message.encode("utf-8")
    store.add_object(commit)
    return bytes(commit.id)


def _without_file(store: Any, tree: Any, parts: tuple[str, ...]) -> Any:
    """The tree without this file, its folders stored; a folder that is empty then is gone too, as Git has it."""
    name, *deeper = parts
    entry = name.encode("utf-8")
    if not deeper:
        del tree[entry]
        return tree
    inner = _without_file(store, store[tree[entry][1]].copy(), tuple(deeper))
    if len(inner) == 0:
        del tree[entry]
    else:
        store.add_object(inner)
        tree[entry] = (_FOLDER, inner.id)
    return tree


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
