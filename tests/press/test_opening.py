"""The ways out that the settings name: opened, or refused with every fault at once."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from presscheck.errors import SettingsError
from presscheck.ledger import make_keys
from presscheck.press.channels import Preflight
from presscheck.press.channels.opening import open_channels
from presscheck.recipients.audiences import audience_words
from presscheck.settings import Settings
from presscheck.settings.ways_out import WAYS_OUT, why_not


def settings(folder: Path, **more: Any) -> Settings:
    return Settings.model_validate({"project": folder, **more}).resolved()


def test_there_is_always_the_outbox_and_nothing_else_by_itself(tmp_path: Path) -> None:
    assert set(open_channels(settings(tmp_path))) == {"outbox"}


def test_every_way_out_that_is_named_is_opened(tmp_path: Path) -> None:
    bare = tmp_path / "blog.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", bare], check=True)
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "webhook").write_text("whsec_" + "A" * 44)
    (secrets / "webhook").chmod(0o600)
    via = {"search": "search-csv", "social": "social-calendar", "blog": "blog-git", "push": "webhook"}
    make_keys(tmp_path / ".presscheck" / "keys")

    channels = open_channels(
        settings(
            tmp_path,
            via=via,
            secrets=secrets,
            webhook={"url": "https://hooks.brand.example/in"},
            files={"git": {"remote": "blog.git"}, "folder": "out"},
        )
    )

    assert set(channels) == {"outbox", *via.values()}
    assert channels["search-csv"].folder == tmp_path / "out" / "search"  # type: ignore[attr-defined]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    via = {"email": "webhook", "social": "blog-git", "sms": "pigeon", "blog": "blog-git"}

    with pytest.raises(SettingsError) as told:
        open_channels(settings(tmp_path, via=via, files={"git": {"remote": str(tmp_path)}}))

    said = str(told.value)
    assert "there is no way out pigeon" in said
    assert "via.social: blog-git takes blog and not social; for social there are: outbox, webhook" in said
    assert "[webhook] url: say where to post" in said
    assert "there is no Git repository; git init --bare makes one" in said


def test_a_missing_secret_is_told_with_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"secret webhook: there is none, and .webhook. signs every message with it"
    ):
        open_channels(settings(tmp_path, via="webhook", webhook={"url": "https://hooks.brand.example/in"}))


@pytest.mark.parametrize("via", [name for name in WAYS_OUT if name != "outbox"])
def test_a_demo_has_no_way_out_but_the_outbox(tmp_path: Path, via: str) -> None:
    with pytest.raises(SettingsError, match=f"a demo goes to the outbox only, not to {via}"):
        open_channels(settings(tmp_path, via=via, demo=True))


def test_a_way_out_that_takes_another_channel_says_which_there_are() -> None:
    assert why_not("outbox", "blog") is None
    assert why_not("search-csv", "sms") == "search-csv takes search and not sms; for sms there are: outbox, webhook"
    assert why_not("pigeon", "sms") == "there is no way out pigeon; for sms there are: outbox, webhook"


def test_whom_something_reaches_is_said_in_words() -> None:
    assert audience_words("email", 3412, ("US", "DE")) == "3,412 people in US, DE"
    assert audience_words("sms", 1) == "1 person"
    assert audience_words("blog", 0, ("US",)) == "everybody in US"


def test_e_mails_through_a_webhook_do_not_tell_people_to_leave_at_this_machine(tmp_path: Path) -> None:
    secrets = tmp_path / ".presscheck" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "webhook").write_text("whsec_" + "A" * 44)
    (secrets / "webhook").chmod(0o600)
    make_keys(tmp_path / ".presscheck" / "keys")
    hook = {"url": "https://hooks.brand.example/in"}

    with pytest.raises(SettingsError, match="their link to unsubscribe leads to it"):
        open_channels(settings(tmp_path, via="webhook", webhook=hook))
    made = open_channels(settings(tmp_path, via="webhook", webhook=hook, door_url="https://door.brand.example"))
    assert isinstance(made["webhook"], Preflight)
