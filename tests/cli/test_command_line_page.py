"""The page of the command line has every command."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from presscheck.cli.root import presscheck

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name)


def listed() -> set[tuple[str, ...]]:
    """Every word that the table names after a first command: `presscheck people propose` ..., `confirm`."""
    found: set[tuple[str, ...]] = set()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `presscheck"):
            continue
        named = [one.removeprefix("presscheck ") for one in re.findall(r"`([^`]+)`", line.split(" | ")[0])]
        group = named[0].split()[0]
        for one in named:
            words = one.split()
            found |= {(words[0],), tuple(words[:2]), (group, words[0])}
    return found


def test_every_command_stands_in_the_table() -> None:
    named = listed()

    assert [command for command in commands(presscheck) if command not in named] == []
