"""Turns a block of text into phrases, one a line, so that a bank reads like a page."""

Angles = dict[str, tuple[str, ...]]
"""Phrases by angle."""


def lines(block: str) -> tuple[str, ...]:
    """The block's non-empty lines, stripped.

    In a phrase, `[a|b]` is a choice and `{name}`, `{sender}`, `{keyword}`, `{price}` are filled in.
    A leading `+ ` marks a phrase that speaks of several points and needs a brief that has them.
    """
    return tuple(line.strip() for line in block.splitlines() if line.strip())
