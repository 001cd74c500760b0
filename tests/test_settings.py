"""Settings that are wrong are told in words of ours, each with its place, and without what may be a secret."""

from pathlib import Path

import pytest

from presscheck.errors import SettingsError
from presscheck.settings import Settings


def told(folder: Path, toml: str) -> str:
    """What somebody reads who starts Presscheck with these settings."""
    (folder / "presscheck.toml").write_text(toml)
    with pytest.raises(SettingsError) as caught:
        Settings.read(folder, {})
    return str(caught.value)


def test_a_channel_that_there_is_not_is_named_beside_those_there_are(tmp_path: Path) -> None:
    said = told(tmp_path, 'via = {fax = "webhook", email = "smtp"}')

    assert said.endswith("via: there is no channel fax; there are: email, sms, push, social, search, blog")


@pytest.mark.parametrize("via", ["3", '["smtp"]', "{email = 3}"])
def test_a_way_out_that_is_no_name_is_told_in_one_sentence(tmp_path: Path, via: str) -> None:
    said = told(tmp_path, f"via = {via}")

    assert said.count("via: ") == 1
    assert "name one way out, or one for each channel" in said


def test_a_copywriter_that_there_is_not_is_refused_before_anything_starts(tmp_path: Path) -> None:
    assert "copywriter: Input should be 'offline' or 'model'; it is 'gpt' now" in told(tmp_path, 'copywriter = "gpt"')


def test_what_we_say_ourselves_comes_without_a_librarys_words(tmp_path: Path) -> None:
    said = told(tmp_path, '[model]\nbase_url = "not one"\n[webhook]\nurl = "nonsense"')

    assert "Value error" not in said
    assert "model.base_url: is not a web address; write https://HOST/v1" in said
    assert "webhook.url: is not a web address" in said


def test_a_section_that_is_wrong_as_a_whole_is_not_repeated(tmp_path: Path) -> None:
    said = told(tmp_path, '[webhook]\nurl = "https://hooks.example/T0KEN"\nstatus_url = "https://hooks.example/x"')

    assert "put {key} where the message's key goes" in said
    assert "T0KEN" not in said


def test_who_writes_a_password_into_the_settings_learns_where_it_goes(tmp_path: Path) -> None:
    said = told(tmp_path, '[mail]\npassword = "hunter2"\n[model]\napi_key = "sk-1"')

    assert said.count("is no setting, and goes into a file of its own in `secrets`") == 2
    assert "hunter2" not in said
    assert "sk-1" not in said
