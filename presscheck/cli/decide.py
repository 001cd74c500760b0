"""`presscheck decide`: an answer through the same door, and judged by the same desk, as the form's."""

from pathlib import Path
from typing import Any, get_args

import click

from presscheck.cli.client import review_path
from presscheck.cli.output import emit, refusal_told, say
from presscheck.cli.project import Project
from presscheck.models import ReasonCode


@click.command(short_help="Answer a review: approve, reject or request changes.")
@click.argument("review_id", metavar="ID")
@click.option("--approve", "decision", flag_value="approve", help="Sign the picks; exactly those go out.")
@click.option("--reject", "decision", flag_value="reject", help="End it; nothing goes out.")
@click.option(
    "--request-changes", "decision", flag_value="request_changes", help="Have it drafted again with your note."
)
@click.option("--pick", "picks", help="The choices to sign, such as V01,V07; not needed where there is one.")
@click.option("--edit", "edit_file", type=click.Path(path_type=Path), help="A YAML or JSON list of pick, field, text.")
@click.option(
    "--write",
    "text_file",
    type=click.Path(path_type=Path),
    help="Hand in a text, where the review asks for one: a YAML file with subject, preheader and body.",
)
@click.option("--reason", type=click.Choice(get_args(ReasonCode)), help="Why: needed to reject and to request changes.")
@click.option("--note", default="", help="What you want to say; needed to request changes where no comment is open.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: the decision or the refusal.")
@click.pass_context
def decide(
    ctx: click.Context,
    review_id: str,
    decision: str | None,
    picks: str | None,
    edit_file: Path | None,
    text_file: Path | None,
    reason: str | None,
    note: str,
    as_json: bool,
) -> None:
    """Answer the review ID as the signed-in person: --approve, --reject or --request-changes, or --write a text.

    The question is read first, and the answer holds for exactly that one. Exits 1 with the reason
    where the desk refuses it. Where much is at stake it asks for your password and code again.
    """
    from presscheck.cli.edits import read_edits, read_text
    from presscheck.cli.step_up import post_proved

    if text_file is not None and decision is None:
        decision = "approve"
    if decision is None:
        raise click.UsageError("give one of --approve, --reject and --request-changes, or --write FILE", ctx)
    if text_file is not None and (decision != "approve" or edit_file is not None):
        raise click.UsageError("--write hands a text in; leave --reject, --request-changes and --edit out", ctx)
    codes = [code.strip() for code in (picks or "").split(",") if code.strip()]
    edits = [edit.model_dump() for edit in read_edits(edit_file)] if edit_file else []
    project: Project = ctx.obj
    with project.door() as door:
        told = door.get(review_path(review_id))
        if not as_json:
            # What is the only one of its kind needs no pick, and is shown before it is signed as any other.
            taken = [] if text_file is not None else [code for code in told["form"]["settled"] if code not in codes]
            _show(told, "hand in a text" if text_file is not None else decision, [*codes, *taken], edits)
        answer: dict[str, Any] = {"decision": decision, "picks": codes, "reason": reason, "note": note}
        if told["question"]["asks"] == "approval":
            answer["edits"] = edits
        if text_file is not None:
            answer |= read_text(text_file)
        with refusal_told(ctx, as_json=as_json):
            path = f"{review_path(review_id)}/decision"
            accepted = post_proved(door, path, {"form": told["form"]["key"], **answer})
        url = door.link(told["run_url"])
    if as_json:
        emit(accepted)
        return
    if "approval" in accepted:
        given: dict[str, Any] = accepted["approval"]
        waits: dict[str, Any] = accepted["waits_for"] or {}
        say(f"Accepted: your yes at stage {given['stage']}, as {given['role'].replace('_', ' ')}, by {given['rule']}.")
        say(f"Still needed: {waits.get('why', 'nobody can say')}: {', '.join(waits.get('names', ())) or 'nobody yet'}.")
        return
    signed = accepted["decision"]
    say(f"Accepted: {signed['kind']} at {signed['answered_at']} by {signed['rule']}. The run goes on: {url}")


def _show(told: dict[str, Any], doing: str, codes: list[str], edits: list[dict[str, Any]]) -> None:
    say(f"{told['title']}, {told['form_key']}: {doing.replace('_', ' ')}")
    for stop in told["stops"]:
        say(f"{stop['words']} {stop['means']}")
    asked = [one for one in told["proposals"] if one["code"] in told["form"]["choices"]]
    subjects = {one["code"]: _title_of(one, told["form"]["choices"]) for one in asked}
    for code in codes:
        changed = ", ".join(edit["field"] for edit in edits if edit["pick"] == code)
        words = str(subjects.get(code, "")).splitlines()
        say(f"  {code}  {words[0] if words else ''}{f'  (edited: {changed})' if changed else ''}")


def _title_of(proposal: dict[str, Any], choices: dict[str, str]) -> str:
    """By what a choice is known: the subject of a text, the label of anything else."""
    copy: dict[str, Any] | None = proposal["copy"]
    if copy is None:
        return choices[proposal["code"]].removeprefix(f"{proposal['code']} · ")
    return str(copy["subject"] or copy["body"])
