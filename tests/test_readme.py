"""The README says what is so: its code is the file's, its commands exist, its links lead somewhere."""

import re
from pathlib import Path

import pytest

from presscheck.cli.root import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_QUOTED = re.compile(r"<!-- file: (?P<path>\S+) -->\n```\w*\n(?P<text>.*?)```", re.S)


def test_quoted_files_are_the_files() -> None:
    quoted = {match["path"]: match["text"] for match in _QUOTED.finditer((ROOT / "README.md").read_text())}

    assert quoted, "the README quotes a campaign"
    assert quoted == {path: (ROOT / path).read_text() for path in quoted}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"presscheck ([a-z]+)", (ROOT / "README.md").read_text()))

    assert named <= set(COMMANDS)


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))

    assert set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text())) - {"it"} <= targets
