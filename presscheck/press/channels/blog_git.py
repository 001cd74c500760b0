"""Blog posts as Markdown with front matter, one commit each on a branch of a Git repository.

    posts/2026-03-02-a-jacket-for-wet-hills-3f9a0c12.md

The repository's files are never checked out, so no hook runs and no link is followed: a commit is
made of objects, and the branch moves only from the commit that was looked at, never by force. The
message's key is in the commit's trailer, so that the branch itself says what it has. A recall is one more
commit, which takes the files away again.
"""

import re
import time
import unicodedata
from collections.abc import Callable, Sequence

from presscheck.assets.copy.posts import Post
from presscheck.cleaning import clean_line, markdown_text
from presscheck.errors import ChannelError
from presscheck.press.channels import Failed, Fate, Message, Recalled, Report, Sent, Unknown
from presscheck.press.channels.git_branch import Branch, Moved, NewFile, Refusal

_KEY = re.compile(r"[0-9a-f]{64}")
_TRIES = 5
_OF_SOME = re.compile(r"\\([{}@~^=$|:])")
_LONGEST_SLUG = 60


class BlogGit:
    """Posts as commits on one branch."""

    def __init__(self, branch: Branch, folder: str) -> None:
        self.branch = branch
        self.folder = folder
        self._stopping: Callable[[], bool] = lambda: False
        self._doubtful: frozenset[str] = frozenset()
        self._doubtful_until = 0.0

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Push nothing more once this says true, and end a push that is under way."""
        self._stopping = stopping
        self.branch.stop_when(stopping)

    def greet(self, *, seconds: float) -> str:
        """Whether the branch can be read and written, without a commit. ChannelError, with what to do, if not."""
        return self.branch.greet(seconds=seconds)

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Sent | Failed | Unknown]:
        """Commit a batch. ChannelError where the repository does not take it; the branch stays as it was."""
        for _ in range(_TRIES):
            head = self.branch.head()
            there = self.branch.keys(head)
            tip, answers = head, list[Sent | Failed | Unknown]()
            for message in batch:
                self._unless_stopped()
                post = message.post
                if post is None or post.channel != "blog":
                    answers.append(Failed(message.key, "it is no blog post"))
                    continue
                if message.key not in there:
                    made = self.branch.commit(tip, self._file(message.key, post))
                    if isinstance(made, Refusal):
                        answers.append(Failed(message.key, made.reason))
                        continue
                    tip = made
                answers.append(Sent(message.key))
            self._unless_stopped()
            if tip == head or not isinstance(self._pushed(head, tip, batch), Moved):
                return answers
            # Somebody else committed meanwhile: look again, and build upon theirs.
        raise ChannelError(f"{self.branch.place}: others kept moving the branch; the press tries again by itself")

    def outcome(self, delivery: str, key: str) -> Fate:
        """What the branch says. Unknown only where its history is too long to be read."""
        if _KEY.fullmatch(key) is None:
            raise ValueError("keys are hexadecimal")
        head = self.branch.head()
        if key in self.branch.keys(head):
            return "sent"
        if key in self._doubtful and time.monotonic() < self._doubtful_until:
            return "unknown"
        return "not-sent" if self.branch.read_whole_history else "unknown"

    def close(self, report: Report) -> str:
        """Where the posts are."""
        return self.branch.place

    def take_back(self, delivery: str, keys: Sequence[str]) -> Recalled:
        """One commit that removes the posts' files. A post whose file is not where it was put is listed."""
        for _ in range(_TRIES):
            head = self.branch.head()
            before = self.branch.recalled(head)
            places = {key: self._place(head, key) for key in keys if key not in before}
            found = {key: place for key, place in places.items() if place is not None}
            if not found:
                gone = tuple(key for key in keys if key in before)
                listed = tuple(key for key in keys if key not in before)
                return Recalled(gone, listed, "a commit removes the posts from the branch; its history keeps them")
            said = "".join(f"Presscheck-Recalled: {key}\n" for key in found)
            message = f"Recall {delivery}\n\nPresscheck-Delivery: {_word(delivery)}\n{said}"
            tip = self.branch.remove(head, tuple(found.values()), message=message, at=int(time.time()))
            self.branch.move(head, tip)
            # Whether it moved or somebody else did: the next look says what the branch has now.
        raise ChannelError(f"{self.branch.place}: others kept moving the branch; the recall is tried again by itself")

    def _place(self, head: bytes, key: str) -> tuple[str, ...] | None:
        """Where a post's file is at this commit, by the key's digits that end its name."""
        if _KEY.fullmatch(key) is None:
            raise ValueError("keys are hexadecimal")
        folder = tuple(part for part in self.folder.split("/") if part)
        names = [name for name in self.branch.names(head, folder) if name.endswith(f"-{key[:8]}.md")]
        return (*folder, names[0]) if len(names) == 1 and key in self.branch.keys(head) else None

    def _pushed(self, head: bytes, tip: bytes, batch: Sequence[Message]) -> Moved | None:
        try:
            return self.branch.move(head, tip)
        except ChannelError:
            if self._stopping():
                # The remote may have all of it and be at work still; until it would have answered, nobody knows.
                self._doubtful = frozenset(message.key for message in batch)
                self._doubtful_until = time.monotonic() + self.branch.section.timeout_seconds
            raise

    def _unless_stopped(self) -> None:
        if self._stopping():
            raise ChannelError(f"{self.branch.place}: told to stop before the push; it goes on by itself")

    def _file(self, key: str, post: Post) -> NewFile:
        name = file_name(key, post)
        sender = re.sub(r"[<>]", "", clean_line(post.sender.name)).strip() or "Presscheck"
        return NewFile(
            parts=(*[part for part in self.folder.split("/") if part], name),
            content=markdown(post).encode("utf-8"),
            key=key,
            # Nothing of the text stands here: a line of it could look like a trailer.
            message=(
                f"Publish {name}\n\n"
                f"Presscheck-Key: {key}\nPresscheck-Delivery: {_word(post.delivery)}\n"
                f"Presscheck-Run: {_word(post.run)}\n"
            ),
            author=f"{sender} <{post.sender.address}>",
            at=int(post.at.timestamp()),
        )


def file_name(key: str, post: Post) -> str:
    """A name of ours: the permit's day, letters and figures of the title, and the key's first digits."""
    plain = unicodedata.normalize("NFKD", post.title).encode("ascii", "ignore").decode("ascii").lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    if len(slug) > _LONGEST_SLUG:
        slug = slug[: _LONGEST_SLUG + 1].rsplit("-", 1)[0][:_LONGEST_SLUG]
    return f"{post.at.date().isoformat()}-{slug or post.campaign}-{key[:8]}.md"


def markdown(post: Post) -> str:
    """The whole file. The text is shown as it was approved: nothing in it is Markdown, HTML or a template."""
    paragraphs = ["  \n".join(_plain(line) for line in part.split("\n")) for part in post.paragraphs]
    link = f"[{_plain(post.link.label)}](<{post.link.url}>)"
    return front_matter(post) + "\n" + "\n\n".join([*paragraphs, link]) + "\n"


def _plain(line: str) -> str:
    """The line as Markdown shows it, and as template engines that come before Markdown leave it.

    A backslash keeps what every dialect knows as a mark; the marks of some alone, where others would show the
    backslash (kramdown, Python-Markdown), are written by their numbers.
    """
    return _OF_SOME.sub(lambda mark: f"&#{ord(mark[1])};", markdown_text(line))


def front_matter(post: Post) -> str:
    """YAML of quoted strings only, which Jekyll, Hugo, Eleventy and Astro read alike."""
    fields = [
        ("title", _quoted(post.title)),
        ("description", _quoted(post.summary)),
        ("date", _quoted(post.at.isoformat(timespec="seconds"))),
        ("author", _quoted(clean_line(post.sender.name))),
        ("markets", f"[{', '.join(_quoted(one) for one in post.markets)}]"),
        ("campaign", _quoted(post.campaign)),
        ("presscheck", _quoted(post.asset)),
    ]
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in fields) + "---\n"


def _quoted(text: str) -> str:
    """A double-quoted YAML string: everything that could end it, or the line, is escaped."""
    return '"' + "".join(_escaped(one) for one in text) + '"'


def _escaped(one: str) -> str:
    if one in '"\\':
        return f"\\{one}"
    # Line ends of YAML are more than those of Python: U+0085, U+2028 and U+2029 are not printable either.
    return one if one.isprintable() else f"\\U{ord(one):08X}"


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "", text)[:80]
