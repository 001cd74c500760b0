"""Cells of tables that people open in a spreadsheet, which runs what begins like a formula (OWASP, CSV injection).

guarded("=1+1")          "'=1+1": spreadsheets hide the apostrophe, and show the words
unguarded("'=1+1")       the text again
formula_in("a; =1+1")    where a spreadsheet would run it, or None
"""

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""A cell that begins so is run; the wide forms too, by some spreadsheets."""

# An apostrophe of the text's own is guarded too, so that reading the file gives the text again.
_FIRST = rf"\A(?=['{''.join(map(re.escape, FORMULA))}])"
# For a spreadsheet that takes the file for one with semicolons (Excel, under most of Europe's settings) quotes are
# none, a line end in a text ends the row, and cells begin in its middle. Lists and @names that call nothing are let be.
_LATER = r"""(?<=[\r\n;])(?=[ "']*(?:[=＝\t]|[+\-@＋－＠|%][^\r\n;]*[(!|]))"""
_TO_GUARD = re.compile(f"{_FIRST}|{_LATER}")
_GUARD = re.compile(f"{_FIRST[:2]}'{_FIRST[2:]}|{_LATER}'")


def guarded(text: str) -> str:
    """The text with an apostrophe before each place where a cell begins that would be run."""
    return _TO_GUARD.sub("'", text)


def unguarded(cell: str) -> str:
    """The text that `guarded` made this of."""
    return _GUARD.sub("", cell)


def formula_in(text: str) -> int | None:
    """Where a cell begins that would be run, counted from 0: at the beginning, or later on; None where none does."""
    if text.startswith(FORMULA):
        return 0
    later = re.search(_LATER, text)
    return None if later is None else later.start()
