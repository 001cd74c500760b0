"""Each way out is tried without anything going out: over real TLS, with good papers and bad, on good days and bad."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from presscheck.errors import ChannelError, SettingsError
from presscheck.ledger import make_keys
from presscheck.press.channels import Greeting, Sent
from presscheck.press.channels.blog_git import BlogGit
from presscheck.press.channels.git_branch import Branch
from presscheck.press.channels.opening import open_channels
from presscheck.press.channels.webhook import Webhook
from presscheck.settings import Settings
from presscheck.settings.ways_out import WAYS_OUT, GitSection, WebhookSection
from tests.press.git_server import GitServer, git_server
from tests.press.mailing import Papers, make_papers
from tests.press.test_blog_git import PASSWORD, article, bare, commits
from tests.press.test_webhook import KEY, SEAL, Running, messages, posted

__all__ = ["bare"]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("strangers"))


@contextmanager
def receiving(folder: Path, papers: Papers | None = None) -> Generator[Running]:
    log = folder / "log.jsonl"
    log.touch()
    command = [sys.executable, str(Path(__file__).with_name("receiver.py")), str(log)]
    command += [] if papers is None else [str(papers.certificate), str(papers.key)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Running(int(process.stdout.readline()), log)
        process.kill()


def webhook(
    running: Running, folder: Path, mood: str = "ok", *, ca_file: Path | None = None, secure: bool = False
) -> Webhook:
    url = f"{'https' if secure else 'http'}://localhost:{running.port}/{mood}"
    section = WebhookSection(url=url, timeout_seconds=2, attempts=1)
    return Webhook(section, KEY, folder / "journals", SEAL, ca_file=ca_file)


def blog(server: GitServer, folder: Path, *, ca_file: Path | None = None, password: str | None = PASSWORD) -> BlogGit:
    section = GitSection(remote=server.url("blog.git"), user="press", timeout_seconds=5)
    secret = None if password is None else SecretStr(password)
    return BlogGit(Branch(section, secret, folder / "cache", ca_file=ca_file), section.folder)


# ---------------------------------------------------------------- TLS with an authority of one's own


def test_a_webhook_is_posted_to_a_receiver_whose_authority_the_settings_name(tmp_path: Path, papers: Papers) -> None:
    with receiving(tmp_path, papers) as running:
        (message,) = messages()

        greeted = webhook(running, tmp_path, ca_file=papers.authority, secure=True).greet(seconds=5)
        answers = posted(webhook(running, tmp_path, ca_file=papers.authority, secure=True), [message])

    assert greeted == f"localhost:{running.port} answers"
    assert answers == [Sent(message.key)]
    assert [one["method"] for one in running.requests()] == ["OPTIONS", "POST"]


@pytest.mark.parametrize("trusted", ["the system's", "a stranger's"])
def test_a_webhook_with_a_certificate_of_somebody_else_gets_nothing(
    tmp_path: Path, papers: Papers, strangers: Papers, trusted: str
) -> None:
    ca_file = strangers.authority if trusted == "a stranger's" else None
    with receiving(tmp_path, papers) as running:
        channel = webhook(running, tmp_path, ca_file=ca_file, secure=True)

        with pytest.raises(ChannelError, match=r"its certificate is not good: .*\[webhook\] ca_file"):
            channel.greet(seconds=5)
        with pytest.raises(ChannelError, match="its certificate is not good"):
            posted(channel, messages())

        assert running.requests() == []


def test_a_post_goes_to_a_git_server_whose_authority_the_settings_name(
    bare: Path, tmp_path: Path, papers: Papers
) -> None:
    with git_server(bare.parent, user="press", password=PASSWORD, papers=papers) as server:
        channel = blog(server, tmp_path, ca_file=papers.authority)

        greeted = channel.greet(seconds=5)
        before, asked = commits(bare), [path for path, _ in server.seen]
        answers = channel.send("D-1", [article()])

    assert greeted.endswith("can be read and written")
    assert all("/info/refs?" in path for path in asked), "nothing is pushed to try whether it could be"
    assert (before, answers, len(commits(bare))) == ([], [Sent(article().key)], 1)


@pytest.mark.parametrize("trusted", ["the system's", "a stranger's"])
def test_a_git_server_with_a_certificate_of_somebody_else_gets_no_password(
    bare: Path, tmp_path: Path, papers: Papers, strangers: Papers, trusted: str
) -> None:
    ca_file = strangers.authority if trusted == "a stranger's" else None
    with git_server(bare.parent, user="press", password=PASSWORD, papers=papers) as server:
        channel = blog(server, tmp_path, ca_file=ca_file)

        with pytest.raises(ChannelError, match=r"its certificate is not good: .*\[files.git\] ca_file"):
            channel.greet(seconds=5)
        with pytest.raises(ChannelError, match="its certificate is not good"):
            channel.send("D-1", [article()])

        assert server.seen == []


@pytest.mark.parametrize("name", ["missing.pem", "no.pem", "."])
def test_a_file_of_certificates_that_is_none_is_a_fault_of_the_settings(tmp_path: Path, name: str) -> None:
    (tmp_path / "no.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    values = {
        "via": {"push": "webhook", "blog": "blog-git"},
        "webhook": {"url": "https://hooks.brand.example/in", "ca_file": name},
        "files": {"git": {"remote": "https://git.brand.example/blog.git", "ca_file": name}},
    }

    with pytest.raises(SettingsError) as told:
        open_channels(_settings(tmp_path, **values))

    assert f"[webhook] ca_file: {tmp_path / name}: no certificates can be read from it" in str(told.value)
    assert f"[files.git] ca_file: {tmp_path / name}: no certificates can be read from it" in str(told.value)


def _settings(folder: Path, **more: Any) -> Settings:
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "webhook").write_text("whsec_" + "A" * 44)
    (secrets / "webhook").chmod(0o600)
    make_keys(folder / ".presscheck" / "keys")
    return Settings.model_validate({"project": folder, "secrets": secrets, **more}).resolved()


# ---------------------------------------------------------------- a Git server's refusals

REFUSALS = [
    ("401", "does not let press in; look at the secret git"),
    ("403", "does not let press read; give the account, or the token in the secret git, the right to read and push"),
    ("read-only", "it lets press in and not write; give the account, .* the right to push to main"),
    ("404", "there is no repository at this address, or press may not see it"),
    ("410", "there is no repository at this address"),
    ("407", "a proxy on the way wants a password"),
    ("429", "it is busy or down; the press tries again by itself"),
    ("418", "it refuses what every Git server answers"),
    ("500", "it is busy or down"),
    ("busy", "it is busy or down"),
    ("redirect", "it leads elsewhere and is not followed"),
    ("page", "does not answer as a Git repository does"),
    ("noise", "does not answer as a Git repository does"),
    ("empty", "does not answer as a Git repository does|there is no such branch"),
    ("odd", "does not answer as a Git repository does|there is no such branch"),
    ("cut", "does not answer as a Git repository does|there is no such branch"),
]


@pytest.mark.parametrize(("mood", "said"), REFUSALS)
def test_what_a_git_server_refuses_is_told_in_our_words_and_without_the_password(
    bare: Path, tmp_path: Path, mood: str, said: str
) -> None:
    with git_server(bare.parent, user="press", password=PASSWORD) as server:
        server.mood = mood
        channel = blog(server, tmp_path)

        for attempt in (lambda: channel.greet(seconds=5), lambda: channel.send("D-1", [article()])):
            with pytest.raises(ChannelError, match=said) as told:
                attempt()

            assert str(told.value).startswith(f"{server.url('blog.git')} (main): ")
            for never in (PASSWORD, "dulwich", "urllib3", "Traceback", "elsewhere/", "info/refs"):
                assert never not in str(told.value)
    assert commits(bare) == []


def test_a_git_server_that_wants_a_password_where_there_is_none_is_told_so(bare: Path, tmp_path: Path) -> None:
    with (
        git_server(bare.parent, user="press", password=PASSWORD) as server,
        pytest.raises(ChannelError, match="there is no secret git; put the password or token there"),
    ):
        blog(server, tmp_path, password=None).greet(seconds=5)


def test_greeting_a_git_server_that_says_nothing_ends_in_time(tmp_path: Path) -> None:
    with silent() as port:
        channel = blog(GitServer(port), tmp_path)
        began = time.monotonic()

        with pytest.raises(ChannelError, match=r"in time|the connection broke"):
            channel.greet(seconds=0.5)

    assert time.monotonic() - began < 20


@contextmanager
def silent() -> Generator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def take() -> None:
            while not over.is_set():
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        taken: list[socket.socket] = []
        threading.Thread(target=take, daemon=True).start()
        yield int(server.getsockname()[1])
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        for one in taken:
            one.close()


# ---------------------------------------------------------------- a receiver's answers to a greeting

ANSWERS = [
    ("moves", "it answers 301, a redirect, which is not followed; write the address that it leads to"),
    ("broken", "it answers 500: it is there, and takes nothing now"),
    ("locked", None),
    ("away", None),
]


@pytest.mark.parametrize(("mood", "said"), ANSWERS)
def test_a_receiver_is_greeted_without_a_message(tmp_path: Path, mood: str, said: str | None) -> None:
    with receiving(tmp_path) as running:
        channel = webhook(running, tmp_path, mood)
        if said is None:
            assert "make sure of address and secret" in channel.greet(seconds=5)
        else:
            with pytest.raises(ChannelError, match=said):
                channel.greet(seconds=5)

        assert [(one["method"], one["body"]) for one in running.requests()] == [("OPTIONS", "")]


def test_a_receiver_that_is_not_there_or_says_nothing_is_told_in_time(tmp_path: Path) -> None:
    with silent() as port:
        mute = webhook(Running(port, tmp_path), tmp_path)
        began = time.monotonic()
        with pytest.raises(ChannelError, match="no answer in time"):
            mute.greet(seconds=0.5)
    with pytest.raises(ChannelError, match="does not answer"):
        mute.greet(seconds=0.5)

    assert time.monotonic() - began < 20


def test_a_receiver_in_a_private_network_is_not_connected_to(tmp_path: Path) -> None:
    section = WebhookSection(url="https://192.168.0.1/in")

    with pytest.raises(ChannelError, match="an address of a private network; it is not connected to"):
        Webhook(section, KEY, tmp_path, SEAL).greet(seconds=1)


# ---------------------------------------------------------------- files, and the whole


def test_every_way_out_can_be_greeted(tmp_path: Path, bare: Path) -> None:
    via = {"search": "search-csv", "social": "social-calendar", "blog": "blog-git", "push": "webhook"}
    channels = open_channels(
        _settings(
            tmp_path, via=via, webhook={"url": "https://hooks.brand.example"}, files={"git": {"remote": str(bare)}}
        )
    )

    assert all(isinstance(channel, Greeting) for channel in channels.values())
    assert {*channels, "smtp"} == set(WAYS_OUT)
    for name in ("outbox", "search-csv", "social-calendar"):
        assert channels[name].greet(seconds=1).endswith("can be written")  # type: ignore[attr-defined]
    assert channels["blog-git"].greet(seconds=1).endswith("(main) can be read and written")  # type: ignore[attr-defined]
    assert not (tmp_path / ".presscheck" / "files").exists(), "a look leaves nothing behind"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    via = {"search": "search-csv", "social": "social-calendar"}
    channels = open_channels(_settings(tmp_path, via=via, files={"folder": "file"}))

    for name in via.values():
        with pytest.raises(ChannelError, match="nothing can be written there: Not a directory"):
            channels[name].greet(seconds=1)  # type: ignore[attr-defined]
