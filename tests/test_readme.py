"""The README says what is so: its code is the file's, its commands exist, its links lead somewhere."""

import re
from pathlib import Path

import click
import pytest

from presscheck.cli.root import presscheck
from presscheck.settings import Settings

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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_shows_exists(page: Path) -> None:
    code = re.findall(r"```\n.*?```|^    presscheck .*$|`[^`\n]+`", page.read_text(), re.S | re.M)
    shown = [line for text in code for line in re.findall(r"presscheck ((?:--project DIR )?[a-z]+[^`\n#]*)", text)]

    wrong = [line for line in shown if _is_wrong(line.split())]

    assert wrong == [], "there is no such command or option"


def _is_wrong(words: list[str]) -> bool:
    command: click.Command = presscheck
    options = {option for parameter in command.params for option in parameter.opts}
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-") and word.islower():
            found = command.get_command(click.Context(command), word.strip(",."))
            if found is None:
                return True
            command = found
            options |= {option for parameter in command.params for option in parameter.opts} | {"--help", "--debug"}
    return not {word.strip("[](),.") for word in words if word.startswith(("--", "[--"))} <= options


def test_the_settings_that_the_docs_list_are_the_settings() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text().partition("## Settings")[2].partition("## How")[0]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(Settings.model_fields)


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))

    assert set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text())) - {"it"} <= targets
