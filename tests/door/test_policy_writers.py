"""Who wrote a change of the policies, by the history of the files: everybody with a hand in it since the signature."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies import read_texts
from policies.engine.texts import PolicyTexts
from presscheck.door.policy_writers import Writers, writers_of

LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


class Repository:
    """A project under Git, with an overlay of two policy files below it."""

    def __init__(self, root: Path) -> None:
        from dulwich import porcelain

        self.porcelain = porcelain
        self.root = root
        self.folder = root / "project" / "policies"
        (self.folder / "guardrails").mkdir(parents=True)
        self.repo = porcelain.init(str(root))
        self.write("one", "first")
        self.write("two", "first")
        self.signed = self.commit("Ana <ana@brand.example>")
        self.before = self.texts()

    def write(self, name: str, text: str) -> None:
        (self.folder / "guardrails" / f"{name}.yaml").write_text(text)

    def texts(self) -> PolicyTexts:
        return read_texts(self.folder, self.folder)

    def commit(self, author: str, *, committer: str = "", message: str = "change", at: datetime | None = None) -> str:
        when = None if at is None else at.timestamp()
        self.porcelain.add(str(self.root), [str(path) for path in self.root.rglob("*.yaml")])
        made = self.porcelain.commit(
            str(self.root),
            message=message.encode(),
            author=author.encode(),
            committer=(committer or author).encode(),
            author_timestamp=when,
            commit_timestamp=when,
        )
        return made.decode()

    def writers(self, since: str | None = None) -> Writers:
        return writers_of(self.folder, self.before, self.texts(), since=self.signed if since is None else since)


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    # Whoever runs the tests has a configuration of their own, which may sign commits or run hooks.
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return Repository(tmp_path / "git")


def test_author_committer_and_co_authors_of_what_is_not_signed_yet_are_its_writers(git: Repository) -> None:
    git.write("one", "second")
    git.commit(
        "Eva <eva@brand.example>",
        committer="Ben <BEN@brand.example>",
        message="Weaker\n\nCo-authored-by: Lea <lea@brand.example>\n",
    )

    found = git.writers()

    assert found.addresses == ("ben@brand.example", "eva@brand.example", "lea@brand.example")
    assert (found.unknown, found.whole) == ((), True)


def test_who_wrote_what_was_signed_before_or_another_file_is_no_writer(git: Repository) -> None:
    (git.root / "readme.yaml").write_text("x")
    git.commit("Max <max@brand.example>")
    git.write("two", "second")
    git.commit("Eva <eva@brand.example>")

    assert git.writers().addresses == ("eva@brand.example",)


def test_a_commit_that_claims_to_be_old_is_found_all_the_same(git: Repository) -> None:
    git.write("one", "second")
    git.commit("Lea <lea@brand.example>", at=LONG_AGO)
    git.write("one", "third")
    git.commit("Eva <eva@brand.example>")

    assert git.writers().addresses == ("eva@brand.example", "lea@brand.example")


def test_who_wrote_a_line_that_another_wrote_over_stays_a_writer(git: Repository) -> None:
    git.write("one", "weak")
    git.commit("Lea <lea@brand.example>")
    git.write("one", "first")
    git.commit("Eva <eva@brand.example>")
    git.write("one", "weak")
    git.commit("Eva <eva@brand.example>")

    assert "lea@brand.example" in git.writers().addresses


def test_a_file_that_is_not_committed_has_no_known_writer(git: Repository) -> None:
    git.write("one", "second")

    found = git.writers()

    assert (found.addresses, found.unknown) == ((), ("guardrails/one.yaml",))


def test_a_file_that_was_taken_out_has_writers_too(git: Repository) -> None:
    (git.folder / "guardrails" / "two.yaml").unlink()
    git.porcelain.remove(str(git.root), [str(git.folder / "guardrails" / "two.yaml")])
    git.porcelain.commit(
        str(git.root), message=b"gone", author=b"Eva <eva@brand.example>", committer=b"E <e@b.example>"
    )

    assert git.writers().addresses == ("e@b.example", "eva@brand.example")


@pytest.mark.parametrize("since", ["", "f" * 40])
def test_where_the_signed_commit_is_not_known_everybody_who_ever_wrote_them_is_a_writer(
    git: Repository, since: str
) -> None:
    git.write("one", "second")
    git.commit("Eva <eva@brand.example>")

    found = git.writers(since=since)

    assert found.addresses == ("ana@brand.example", "eva@brand.example")
    assert found.whole is (since == "")


def test_where_there_is_no_history_nobody_is_known_and_it_says_so(tmp_path: Path, git: Repository) -> None:
    folder = tmp_path / "plain"
    (folder / "guardrails").mkdir(parents=True)
    (folder / "guardrails" / "one.yaml").write_text("x")

    found = writers_of(folder, git.before, read_texts(folder, folder), since="")

    assert found.addresses == ()
    assert not found.whole
    assert "guardrails/one.yaml" in found.unknown


def test_a_hook_or_a_filter_of_the_repository_is_not_run(git: Repository) -> None:
    ran = git.root / "ran"
    config = git.root / ".git" / "config"
    config.write_text(config.read_text() + f'\n[filter "x"]\n\tsmudge = touch {ran}\n\tclean = touch {ran}\n')
    (git.root / ".gitattributes").write_text("*.yaml filter=x\n")
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        path = git.root / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {ran}\n")
        path.chmod(0o755)

    git.writers()

    assert not ran.exists()
