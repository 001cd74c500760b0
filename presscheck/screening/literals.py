"""Values become SQL literals here and nowhere else, so that none can end its own quotes."""

from pathlib import Path


def name_literal(name: str) -> str:
    """A quoted name of a column or a table, whatever quotes it holds."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A DuckDB string literal that is `text`, whatever quotes it holds.

    Raises ValueError for a NUL character, which no SQL text can carry.
    """
    if "\x00" in text:
        raise ValueError("a NUL character cannot stand in SQL")
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """A DuckDB string literal for a path."""
    return text_literal(str(path))
