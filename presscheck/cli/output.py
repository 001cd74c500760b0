"""What commands print: one JSON document, or text that is safe on a terminal and plain in a pipe.

Texts come from models, feeds and forms: control characters, escape sequences and marks that turn
the direction of writing are taken out before a terminal sees them. JSON escapes them itself.
"""

import json
import sys
import unicodedata
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import click


def clean(text: str) -> str:
    """`text` without anything that steers a terminal; line breaks and tabs stay."""
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )


def emit(value: Any) -> None:
    """Print one JSON document, indented, on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def emit_line(value: Any) -> None:
    """Print one line of a JSON stream."""
    click.echo(json.dumps(value, ensure_ascii=True))


def say(text: str = "", *, err: bool = False) -> None:
    """Print a line of text on standard output, or with `err` on standard error."""
    click.echo(clean(text), err=err)


def on_terminal() -> bool:
    """Whether a person is looking, rather than a pipe."""
    return sys.stdout.isatty()


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: drawn to the terminal's width for a person, whole and aligned for a pipe."""
    cleaned = [[clean(cell).replace("\t", " ") for cell in row] for row in rows]
    if on_terminal():
        _draw(headings, cleaned)
        return
    lines = [list(headings), *([cell.replace("\n", " ") for cell in row] for row in cleaned)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _draw(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        # Text and not str: what a model wrote must not be read as rich's markup.
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


@contextmanager
def refusal_told(ctx: click.Context, *, as_json: bool) -> Generator[None]:
    """Tell what the door refuses within the block, as its JSON or in its words, and end with exit code 1."""
    from presscheck.cli.client import Refusal

    try:
        yield
    except Refusal as refusal:
        if as_json:
            emit(refusal.document)
        else:
            say(f"Refused: {refusal}", err=True)
        ctx.exit(1)
