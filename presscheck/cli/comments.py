"""What `presscheck review ID --comments` prints: each comment, what it is about, and its answers."""

from collections.abc import Sequence
from typing import Any

from presscheck.cleaning import clean_line, clean_text, shorten
from presscheck.cli.output import say


def tell_comments(comments: Sequence[dict[str, Any]]) -> None:
    """Every thread, by its number."""
    if not comments:
        say("Nobody has commented.")
    for one in comments:
        say(f"{one['number']}. {clean_line(one['by'])}, {one['at'][:16]}Z, on {_about(one)}  {one['id']}{_state(one)}")
        say(f"   {_words(one)}")
        for answer in one["answers"]:
            say(f"   {clean_line(answer['by'])}: {_words(answer)}")


def _about(one: dict[str, Any]) -> str:
    where = ", ".join(part for part in (one["draft"], clean_line(one["part"])) if part) or "the question as a whole"
    if not one["quote"]:
        return where
    gone = ", words that are gone" if one["gone"] else ""
    return f"{where}: “{shorten(one['quote'], 80)}”{gone}"


def _state(one: dict[str, Any]) -> str:
    return f"  settled by {clean_line(one['settled_by'])}" if one["resolved"] else ""


def _words(one: dict[str, Any]) -> str:
    if one["known"]:
        return clean_text(one["words"]).replace("\n", "\n   ")
    if one["taken_back"]:
        return "(taken back)"
    return "(not the words that were signed)" if one["altered"] else "(erased)"
