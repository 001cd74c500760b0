"""Blog posts in Git: one commit a post, only ever built upon what is there, with nothing of a text but its words."""

import multiprocessing
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, ValidationError

from presscheck.assets.copy.posts import Post
from presscheck.desk import Desk
from presscheck.digests import digest_of
from presscheck.errors import ChannelError, SettingsError
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.models import Copy
from presscheck.press import Press
from presscheck.press.channels import Failed, Message, Sent
from presscheck.press.channels.blog_git import BlogGit, file_name, markdown
from presscheck.press.channels.git_branch import Branch
from presscheck.settings import Settings
from presscheck.settings.ways_out import GitSection
from tests.conftest import Clock
from tests.desk.scene import BRIEF, Ledgers, shipped_policies
from tests.press.git_server import GitServer, git_server
from tests.press.stand import Stand
from tests.press.test_public_channels import public_scene

DELIVERY = "D-0123456789ab"
PASSWORD = "correct horse battery"


def git(folder: Path, *arguments: str, **more: Any) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        **{
            f"GIT_{who}_{what}": "someone@brand.example"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, env=environment, **more
    )
    return done.stdout.strip()


def write_first(bare: Path, path: str = "README.md", *, link: bool = False) -> None:
    """A first commit with one file, or one symbolic link, made by Git itself."""
    blob = git(bare, "hash-object", "-w", "--stdin", input="/etc" if link else "A blog.\n")
    git(bare, "update-index", "--add", "--cacheinfo", f"{'120000' if link else '100644'},{blob},{path}")
    commit = git(bare, "commit-tree", "-m", "First", git(bare, "write-tree"))
    git(bare, "update-ref", "refs/heads/main", commit)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    folder = tmp_path / "served" / "blog.git"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "-b", "main")
    git(folder, "config", "http.receivepack", "true")
    write_first(folder)
    return folder


@pytest.fixture
def server(bare: Path) -> Iterator[GitServer]:
    with git_server(bare.parent, user="press", password=PASSWORD) as running:
        yield running


def blog(bare: Path, **more: Any) -> BlogGit:
    section = GitSection(**{"remote": str(bare), **more})
    return BlogGit(Branch(section, None, bare.parent / "unused"), section.folder)


def away(server: GitServer, cache: Path, *, password: str = PASSWORD) -> BlogGit:
    section = GitSection(remote=server.url("blog.git"), user="press", timeout_seconds=5)
    return BlogGit(Branch(section, SecretStr(password), cache), section.folder)


def article(title: str = "A jacket for wet hills", body: str = "It keeps the rain out.", **more: Any) -> Message:
    # No such copy can be made any more; this is the line of defence behind that.
    copy = Copy.model_construct(channel="blog", subject=title, preheader="Rain stays out", body=body)
    one = Post.of(
        copy,
        BRIEF,
        asset="a" * 64,
        delivery=DELIVERY,
        run="run-1",
        sender=more.pop("sender", BRIEF.sender),
        at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        place=(0, 1),
    )
    key = digest_of([title, body])
    return Message(key, "", one.to("", key=key), one)


def commits(bare: Path) -> list[str]:
    return re.findall(r"Presscheck-Key: ([0-9a-f]{64})", git(bare, "log", "--format=%B", "main"))


def test_a_post_is_one_commit_with_its_file_and_its_key(bare: Path) -> None:
    message = article()
    channel = blog(bare)

    answers = channel.send(DELIVERY, [message])

    path = f"posts/2026-03-02-a-jacket-for-wet-hills-{message.key[:8]}.md"
    assert answers == [Sent(message.key)]
    assert git(bare, "ls-tree", "-r", "--name-only", "main").split() == ["README.md", path]
    assert commits(bare) == [message.key]
    assert git(bare, "log", "-1", "--format=%an <%ae> %at", "main") == "Brand <news@brand.example> 1772442000"
    head, _, body = git(bare, "show", f"main:{path}").removeprefix("---\n").partition("---\n")
    assert yaml.safe_load(head)["title"] == "A jacket for wet hills"
    assert yaml.safe_load(head)["date"] == "2026-03-02T09:00:00+00:00"
    assert body.strip() == "It keeps the rain out.\n\n[See the jacket](<https://brand.example/fell>)"
    assert git(bare, "fsck", "--strict") == ""
    assert (channel.outcome(DELIVERY, message.key), channel.outcome(DELIVERY, "f" * 64)) == ("sent", "not-sent")


def test_what_is_there_is_never_committed_again(bare: Path) -> None:
    message = article()
    blog(bare).send(DELIVERY, [message])
    tip = git(bare, "rev-parse", "main")

    assert blog(bare).send(DELIVERY, [message]) == [Sent(message.key)]
    assert git(bare, "rev-parse", "main") == tip


def test_a_commit_of_somebody_else_is_built_upon_and_never_pushed_away(bare: Path) -> None:
    class Meddled(Branch):
        met = False

        def move(self, head: bytes, to: bytes) -> Any:
            if not self.met:
                self.met = True
                tree = git(bare, "rev-parse", "main^{tree}")
                theirs = git(bare, "commit-tree", "-m", "Theirs", "-p", "main", tree)
                git(bare, "update-ref", "refs/heads/main", theirs)
            return super().move(head, to)

    branch = Meddled(GitSection(remote=str(bare)), None, bare.parent / "unused")

    BlogGit(branch, "posts").send(DELIVERY, [article()])

    subjects = git(bare, "log", "--format=%s", "main").split("\n")
    assert [subject.split()[0] for subject in subjects] == ["Publish", "Theirs", "First"]


def test_a_post_goes_through_https_with_a_password(bare: Path, server: GitServer, tmp_path: Path) -> None:
    first, second = article(), article("Another one")

    away(server, tmp_path / "cache").send(DELIVERY, [first])
    again = away(server, tmp_path / "cache")

    assert again.send(DELIVERY, [first, second]) == [Sent(first.key), Sent(second.key)]
    assert sorted(commits(bare)) == sorted([first.key, second.key])
    assert again.outcome(DELIVERY, second.key) == "sent"
    assert git(bare, "fsck", "--strict") == ""


def test_a_push_whose_answer_is_lost_is_found_on_the_branch(bare: Path, server: GitServer, tmp_path: Path) -> None:
    message = article()
    channel = away(server, tmp_path / "cache")
    server.mood = "drop-after-push"

    with pytest.raises(ChannelError):
        channel.send(DELIVERY, [message])

    assert channel.outcome(DELIVERY, message.key) == "sent"
    assert commits(bare) == [message.key]


@pytest.mark.parametrize("mood", ["busy", "redirect"])
def test_a_remote_on_a_bad_day_takes_nothing_and_no_redirect_gets_the_password(
    bare: Path, server: GitServer, tmp_path: Path, mood: str
) -> None:
    server.mood = mood

    with pytest.raises(ChannelError) as told:
        away(server, tmp_path / "cache").send(DELIVERY, [article()])

    assert commits(bare) == []
    assert not [path for path, _ in server.seen if "/elsewhere" in path]
    assert PASSWORD not in str(told.value)


def test_a_wrong_password_is_told_without_telling_it(server: GitServer, tmp_path: Path) -> None:
    channel = away(server, tmp_path / "cache", password="not the one")

    with pytest.raises(ChannelError, match="does not let press in; look at the secret git") as told:
        channel.outcome(DELIVERY, "a" * 64)

    assert "not the one" not in repr(told.value) + repr(channel.branch)


def test_a_repository_or_a_branch_that_is_not_there_is_told(tmp_path: Path, bare: Path) -> None:
    assert "there is no Git repository" in (Branch(GitSection(remote=str(tmp_path)), None, tmp_path).check() or "")
    with pytest.raises(ChannelError, match="no such branch"):
        blog(bare, branch="drafts").send(DELIVERY, [article()])


def test_a_cache_that_was_cut_off_is_made_anew(bare: Path, server: GitServer, tmp_path: Path) -> None:
    (tmp_path / "cache" / "objects").mkdir(parents=True)

    message = article()

    assert away(server, tmp_path / "cache").send(DELIVERY, [message]) == [Sent(message.key)]


def test_a_password_in_the_address_is_refused_without_repeating_it(tmp_path: Path) -> None:
    (tmp_path / "presscheck.toml").write_text('[files.git]\nremote = "https://me:hunter2@git.brand.example/b.git"\n')

    with pytest.raises(SettingsError, match="carries a user or a password") as told:
        Settings.read(tmp_path, {})

    assert "hunter2" not in str(told.value)


def test_a_branch_that_is_checked_out_is_left_alone(tmp_path: Path, bare: Path) -> None:
    git(tmp_path, "clone", "-q", str(bare), "work")

    said = Branch(GitSection(remote=str(tmp_path / "work")), None, tmp_path).check()

    assert said is not None
    assert "is checked out there" in said


# ---------------------------------------------------------------- attacks


def test_no_hook_of_the_repository_runs(bare: Path, tmp_path: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "update", "post-update", "reference-transaction"):
        hook = bare / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
        hook.chmod(0o755)

    assert isinstance(blog(bare).send(DELIVERY, [article()])[0], Sent)
    assert not (tmp_path / "ran").exists()


def test_a_linked_folder_in_the_repository_is_not_written_through(tmp_path: Path) -> None:
    folder = tmp_path / "linked.git"
    folder.mkdir()
    git(folder, "init", "-q", "--bare", "-b", "main")
    write_first(folder, "posts", link=True)

    (answer,) = blog(folder).send(DELIVERY, [article()])

    assert isinstance(answer, Failed)
    assert "symbolic link" in answer.reason


def test_a_linked_repository_is_refused(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "link.git").symlink_to(bare)

    assert "it is a link" in (Branch(GitSection(remote=str(tmp_path / "link.git")), None, tmp_path).check() or "")


@pytest.mark.parametrize(
    "folder", ["../posts", "a/../../b", ".git/hooks", ".github/workflows", "a//..", "posts/.", "a\\b"]
)
def test_a_folder_that_leads_out_or_is_hidden_is_refused_by_the_settings(folder: str) -> None:
    with pytest.raises(ValidationError, match="write a folder inside the repository"):
        GitSection(folder=folder)


@pytest.mark.parametrize("branch", ["../main", "a..b", "-f", "main.lock", "a//b", "main/", "ma in"])
def test_a_branch_that_is_no_name_is_refused_by_the_settings(branch: str) -> None:
    with pytest.raises(ValidationError):
        GitSection(branch=branch)


@pytest.mark.parametrize(
    "title", ["../../etc/passwd", "..\\..\\boot", "a/b", ".git/config", "…", "C:\\x", "%2e%2e%2f", "-rf /"]
)
def test_a_title_never_names_a_path(title: str) -> None:
    message = article(title)
    assert message.post is not None

    assert re.fullmatch(r"2026-03-02-[a-z0-9-]+-[0-9a-f]{8}\.md", file_name(message.key, message.post))


@pytest.mark.parametrize(
    "title",
    [
        'Rain" \nlayout: admin',
        "Rain\ndraft: false\n---\n<script>",
        "!!python/object/apply:os.system [id]",
        "a\u0085b: c",
        "a\u2028---\u2029b",
        "*anchor &x",
        "{{ site.secrets }}",
    ],
)
def test_front_matter_holds_the_title_and_nothing_that_it_could_add(title: str) -> None:
    message = article(title)
    assert message.post is not None

    text = markdown(message.post)

    head, body = text.removeprefix("---\n").split("---\n", 1)
    fields = yaml.safe_load(head)
    assert set(fields) == {"title", "description", "date", "author", "markets", "campaign", "presscheck"}
    assert fields["title"] == message.post.title
    assert "---" not in body


def test_a_body_is_words_and_neither_html_nor_a_template() -> None:
    message = article(body="<script>alert(1)</script> {{< include >}} {% raw %}\n---\ntitle: x\n\n[a](javascript:b)")
    assert message.post is not None

    body = markdown(message.post).split("---\n", 2)[2]

    assert "<script>" not in body
    assert "{{" not in body
    assert "{%" not in body
    assert "\n---" not in body
    assert "](javascript" not in body


def test_a_text_cannot_forge_a_trailer(bare: Path) -> None:
    key = "b" * 64
    message = article(f"Rain\n\nPresscheck-Key: {key}", f"Words.\n\nPresscheck-Key: {key}")
    channel = blog(bare)

    channel.send(DELIVERY, [message])

    assert channel.outcome(DELIVERY, key) == "not-sent"
    assert commits(bare) == [message.key]


# ---------------------------------------------------------------- kill -9


def _killed(home: Path, bare: Path) -> None:
    """A press that is killed between the commit and its record."""

    class Mortal(Branch):
        def move(self, head: bytes, to: bytes) -> Any:
            super().move(head, to)
            os.kill(os.getpid(), signal.SIGKILL)

    ledger = Ledger.open(
        f"sqlite:///{home / 'ledger.db'}",
        keyring=Keyring.load(home / "keys"),
        signer=Signer.load(home / "keys", "press"),
        heads=home / "heads",
        clock=Clock(),
    )
    channel = BlogGit(Mortal(GitSection(remote=str(bare)), None, home / "unused"), "posts")
    Press(ledger, Desk(ledger, shipped_policies), {"blog-git": channel}, home).step()


@pytest.mark.slow
def test_a_press_killed_between_commit_and_record_publishes_nothing_twice(sqlite_ledgers: Ledgers, bare: Path) -> None:
    stand = Stand(public_scene(sqlite_ledgers, "blog", via="blog-git"), channels={"blog-git": blog(bare)})
    delivery = stand.approve_and_request(picks=["V01", "V02"])
    sqlite_ledgers.close()
    process = multiprocessing.get_context("fork").Process(target=_killed, args=(sqlite_ledgers.home, bare))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert len(commits(bare)) == 2

    stand.press.step()

    assert (stand.row(delivery).state, stand.row(delivery).sent) == ("done", 2)
    assert len(commits(bare)) == 2
