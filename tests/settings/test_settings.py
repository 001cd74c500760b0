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


# ---------------------------------------------------------------- policies


def policies_of(folder: Path, text: str, **environ: str) -> tuple[Path | None, bool]:
    (folder / "presscheck.toml").write_text(text)
    found = Settings.read(folder, {f"PRESSCHECK_{name}": value for name, value in environ.items()}).policies
    return found.folder, found.signed


@pytest.mark.parametrize(
    ("text", "environ", "name", "signed"),
    [
        ("", {}, None, False),
        ('policies = "ours"', {}, "ours", False),
        ('[policies]\nfolder = "ours"\nsigned = true', {}, "ours", True),
        ("[policies]\nsigned = true", {}, None, True),
        ('policies = "ours"', {"POLICIES__SIGNED": "true"}, "ours", True),
        ('[policies]\nfolder = "ours"\nsigned = true', {"POLICIES": "theirs"}, "theirs", True),
        ('[policies]\nfolder = "ours"\nsigned = true', {"POLICIES": '{"folder": "theirs"}'}, "theirs", True),
        ('[policies]\nfolder = "ours"\nsigned = true', {"POLICIES__FOLDER": "theirs"}, "theirs", True),
        ("", {"POLICIES": "theirs", "POLICIES__SIGNED": "true"}, "theirs", True),
        ("", {"POLICIES__SIGNED": "true", "POLICIES": "theirs"}, "theirs", True),
    ],
)
def test_policies_are_a_folder_or_a_section_and_a_folder_switches_no_signature_off(
    tmp_path: Path, text: str, environ: dict[str, str], name: str | None, signed: bool
) -> None:
    folder = None if name is None else tmp_path.resolve() / name

    assert policies_of(tmp_path, text, **environ) == (folder, signed)


def test_the_processes_of_ours_get_the_same_policies(tmp_path: Path) -> None:
    (tmp_path / "presscheck.toml").write_text('[policies]\nfolder = "ours"\nsigned = true')
    settings = Settings.read(tmp_path, {})
    (tmp_path / "presscheck.toml").unlink()

    assert Settings.read(tmp_path, settings.as_environment()).policies == settings.policies


@pytest.mark.parametrize("text", ["policies = 7", "[policies]\nsignd = true", '[policies]\nsigned = "perhaps"'])
def test_policies_that_are_neither_are_told_with_their_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="policies"):
        policies_of(tmp_path, text)
