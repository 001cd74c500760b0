"""`presscheck comment` says something beside a question; `presscheck review ID --comments` prints what was said."""

from collections.abc import Sequence
from typing import Any

import click

from presscheck.cleaning import clean_line, clean_text, shorten
from presscheck.cli.client import review_path
from presscheck.cli.output import emit, refusal_told, say
from presscheck.cli.project import Project


@click.command(short_help="Comment on a review, or on words of a draft; it decides nothing.")
@click.argument("review_id", metavar="ID")
@click.argument("text", metavar="TEXT")
@click.option("--on", "draft", metavar="V03", default="", help="On this choice; without it on the question as a whole.")
@click.option("--part", metavar="NAME", default="", help="On this part of it, such as body.")
@click.option("--words", "quote", metavar="PASSAGE", default="", help="On these words, as they stand there once.")
@click.option("--answers", metavar="C-...", default="", help="In answer to this comment.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: the comment's id or the refusal.")
@click.pass_context
def comment(
    ctx: click.Context, review_id: str, text: str, draft: str, part: str, quote: str, answers: str, as_json: bool
) -> None:
    """Say TEXT beside the review ID, as the signed-in person. Whoever reads it may; @name mentions who is beside it."""
    about = {"words": text, "draft": draft, "part": part, "quote": quote, "answers": answers}
    project: Project = ctx.obj
    with project.door() as door, refusal_told(ctx, as_json=as_json):
        made = door.post(f"{review_path(review_id)}/comments", about)["comment"]
    if as_json:
        emit({"comment": made})
    else:
        say(f"Said: {made}. `presscheck review {clean_line(review_id)} --comments` shows all.")


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
