"""What the demo prints lets other commands find it from another terminal."""

import shlex
from pathlib import Path

from presscheck.cli.demo import _demo_settings, _for_another_terminal
from presscheck.settings import Settings


def test_the_line_that_the_demo_prints_leads_other_commands_to_its_ledger_and_its_briefs(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    demo = _demo_settings(Settings.read(folder, {}))

    exported = dict(word.split("=", 1) for word in shlex.split(_for_another_terminal(demo)) if "=" in word)
    found = Settings.read(folder, exported)

    assert (found.ledger_url, found.data, found.door_url) == (demo.ledger_url, demo.data, demo.door_url)
    assert found.keys == demo.keys


def test_a_demo_pays_no_model_and_reaches_no_channel_whatever_the_project_names(tmp_path: Path) -> None:
    settings = {"PRESSCHECK_COPYWRITER": "model", "PRESSCHECK_VIA": "smtp"}

    demo = _demo_settings(Settings.read(tmp_path, settings))

    assert (demo.copywriter, demo.via, demo.demo) == ("offline", "outbox", True)
