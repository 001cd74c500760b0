"""`presscheck reviews` and `presscheck review`: what waits for an answer, and one of them in full."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from presscheck.cleaning import clean_line, clean_text
from presscheck.cli.client import review_path
from presscheck.cli.glass import tell_waiting
from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted
from presscheck.recipients.audiences import audience_words

_MOST_ROWS = 50


@click.command(short_help="List what waits for an answer: for whom, since when, until when.")
@click.option("--mine", is_flag=True, help="Only those that you may answer.")
@click.option("--tier", type=click.Choice(["low", "medium", "high", "critical"]), help="Only those of this risk.")
@click.option("--gate", metavar="NAME", help="Only those at this gate.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 200), default=50, show_default=True, help="So many.")
@click.option("--page", metavar="N", type=click.IntRange(1, 1_000_000), default=1, help="The next so many, and so on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: a page, with how many there are.")
@click.pass_obj
def reviews(
    project: Project, mine: bool, tier: str | None, gate: str | None, limit: int, page: int, as_json: bool
) -> None:
    """List what waits for an answer: for whom, since when, until when; yours first, then the most urgent."""
    query = {"mine": "1" if mine else None, "tier": tier, "gate": gate, "limit": str(limit), "page": str(page)}
    with project.door() as door:
        told = door.get("/-/api/reviews", **{name: value for name, value in query.items() if value is not None})
    if as_json:
        emit(told)
        return
    if told["glass"]:
        tell_waiting(told["glass"])
    for trouble in told["broken"]:
        say(f"Not believed: {trouble}")
    if not told["reviews"]:
        say("Nothing waits for you." if mine else "Nothing waits for an answer.")
        _tell_left(told)
        return
    now = datetime.now(UTC)
    rows = [
        (
            one["id"],
            one["title"],
            f"{one['gate']}, round {one['round']}",
            f"{one['about']}{', cell ' if one['cell'] else ''}{one['cell']}",
            one["risk"] or "-",
            _since(one["opened_at"], now),
            until(one["expires_at"], now),
            one["trouble"] or ("you" if one["mine"] else ", ".join(one["who_may"]) or "nobody"),
        )
        for one in told["reviews"]
    ]
    table(("REVIEW", "CAMPAIGN", "GATE", "ABOUT", "RISK", "WAITS", "UNTIL", "FOR"), rows)
    for words in dict.fromkeys(f"{stop['words']} {stop['means']}" for one in told["reviews"] for stop in one["stops"]):
        say(words)
    total = told["mine"] if mine else told["total"]
    if told["pages"] > 1:
        say(f"Page {told['page']} of {told['pages']}, {total:,} in all; --page and --limit show more.")
    _tell_left(told)


def _tell_left(told: dict[str, Any]) -> None:
    if told["left"]:
        say(f"{told['left']:,} are still being looked at: counts and places may change.")


@click.command(short_help="Show one review: the question, the words, the findings, who may decide and why.")
@click.argument("review_id", metavar="ID")
@click.option(
    "--edits",
    "edits_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the safe replacements to a new file, which `presscheck decide --edit FILE` takes.",
)
@click.option("--pick", "picks", metavar="V01,V07", default="", help="With --edits: of these choices alone.")
@click.option("--comments", is_flag=True, help="Show what was said beside it instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def review(
    project: Project, review_id: str, edits_file: Path | None, picks: str, comments: bool, as_json: bool
) -> None:
    """Show one review: the question, the words, the findings, what changed, who may decide and why.

    Where a rule knows what to write instead, and the text would be no worse for it, --edits writes that down. Nothing
    is edited by it: read the file, and sign it with `presscheck decide ID --approve --pick ... --edit FILE`.
    """
    if picks and edits_file is None:
        raise click.UsageError("--pick goes with --edits")
    if comments:
        if edits_file is not None:
            raise click.UsageError("--comments shows what was said, and goes with --json alone")
        from presscheck.cli.comments import tell_comments

        with project.door() as door:
            said = door.get(f"{review_path(review_id)}/comments")["comments"]
        emit(said) if as_json else tell_comments(said)
        return
    with project.door() as door:
        told = door.get(review_path(review_id))
        links = {name: door.link(told[f"{name}_url"]) for name in ("proof", "run")}
    if edits_file is not None:
        from presscheck.cli.edits import safe_edits, write_edits

        edits = safe_edits(told["proposals"], {code.strip() for code in picks.split(",") if code.strip()})
        write_edits(edits_file, edits)
        if as_json:
            emit([edit.model_dump() for edit in edits])
        else:
            of = ", ".join(dict.fromkeys(edit.pick for edit in edits))
            say(f"{counted(len(edits), 'edit')} of {of}: {edits_file}")
    elif as_json:
        emit(told)
    else:
        _tell(told, links)


def until(moment: str, now: datetime) -> str:
    """A time to come as people say it: `in 3 h`, `in 2 d`, or `over`."""
    seconds = (datetime.fromisoformat(moment) - now).total_seconds()
    return f"in {_span(seconds)}" if seconds > 0 else "over"


def _since(moment: str, now: datetime) -> str:
    return _span((now - datetime.fromisoformat(moment)).total_seconds())


def _span(seconds: float) -> str:
    minutes = int(max(seconds, 0)) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def _tell(told: dict[str, Any], links: dict[str, str]) -> None:
    question: dict[str, Any] = told["question"]
    say(f"{told['title']} ({told['campaign']}): gate {told['gate']}, round {told['round']}")
    say(f"Review {told['id']} · {told['form_key']}")
    if told["risk"]:
        risk = told["risk"]
        say(f"Risk {risk['tier']}: {risk['why']} (row {risk['row']}; {risk['rule']})")
        if risk.get("adds_up"):
            say(risk["adds_up"])
        say(f"Asks for {told['model']['asks_for']}")
    if question["channel"]:
        whom = audience_words(question["channel"], question["audience_rows"])
        say(f"Goes to {whom} by {question['channel']}, through {question['via']}")
    else:
        say("Goes to nobody: a yes to it is for the campaign's steps; nothing goes out by it")
    for line in told["beside"]:
        say(clean_line(line))
    for one in told["rests_on"]:
        agreed = f", agreed in {one['review']}" if one["review"] else ""
        say(f"Rests on {clean_line(one['label'])} ({one['digest'][:12]}{agreed})")
        if one["why_not"]:
            say(f"  It does not hold: {clean_line(one['why_not'])}")
    say(f"Asked {told['opened_at']}, until {told['expires_at']}")
    for stop in told["stops"]:
        say(f"{stop['words']} {stop['means']}")
    for fact in told["brief"]:
        say(f"{fact['title']}: {'; '.join(map(clean_line, fact['words']))}")
    for change in told["since_last"]:
        say(f"Since the last round: {clean_line(change)}")
    for name, how in (("asked_before", "Asked in place of"), ("asked_again", "Asked again as")):
        if same := told[name]:
            say(f"{how} {same['review'] or '(not yet)'}, because policies changed: {' '.join(same['changes'])}")
    if told["blocked"]:
        kept = ", ".join(f"{count} by {rule}" for rule, count in sorted(told["blocked"].items()))
        say(f"Blocked and not shown: {kept}")
    for one in told["weakened"]:
        why = f" {clean_line(one['owner'])}: {clean_line(one['why'])}" if one["why"] else ""
        say(f"Weaker here than shipped: {', '.join(one['rules'])}: {clean_line(one['said'])}.{why}")
    for proposal in told["proposals"]:
        tell_proposal(proposal)
    say()
    _tell_answer(told)
    say(f"To read: {links['proof']}")
    say(f"To answer: {links['run']}")


def tell_proposal(proposal: dict[str, Any]) -> None:
    copy: dict[str, Any] | None = proposal["copy"]
    say()
    picked = "  PICKED" if proposal["picked"] else ""
    edited = ", AS EDITED" if proposal["asset"] != proposal["proposed"] else ""
    title = clean_line(proposal["noun"]) if copy is None else copy["subject"] or ""
    say(f"{proposal['code']}{picked}{edited}  {title}".rstrip())
    if copy is None:
        _tell_parts(proposal)
    for line in str("" if copy is None else copy["body"]).splitlines():
        say(f"      {line}".rstrip())
    if button := proposal["button"]:
        say(f"      [{button['label']}: {button['url']}]")
    if picture := proposal["picture"]:
        caption = f" · {picture['caption']}" if picture["caption"] else ""
        say(f"      [picture {picture['name']}: {picture['alt']}{caption}]")
        if proposal["picture_fault"]:
            say(f"      NOT SHOWN: {proposal['picture_fault']}")
    since = f"{clean_line(proposal['noun'])} {'it came from' if proposal['came_from'] else 'of the round before'}"
    if proposal["repaired"]:
        say(f"    repaired {clean_line(proposal['repaired'])}")
    for name, words in proposal["changes"].items():
        say(f"    since the {since}, {name}: {clean_line(words)}")
    for name, words in proposal["edits"].items():
        say(f"    the approver's edit, {name}: {clean_line(words)}")
    for finding in proposal["findings"]:
        words = f" “{clean_line(finding['text'])}”" if finding["text"] else ""
        instead = f"Write “{clean_line(new)}” instead." if (new := finding["replacement"]) else finding["suggestion"]
        say(f"    {finding['level']} {finding['rule']}:{words} {finding['message']} {instead}".rstrip())
    for one in proposal["let_pass"]:
        say(f"    let pass {one['rule']}: “{clean_line(one['text'])}” by the {one['by']} “{clean_line(one['words'])}”")


def _tell_parts(proposal: dict[str, Any]) -> None:
    """All that is signed of what is no copy, part by part."""
    told = [f"kind {proposal['kind']}"]
    told += [f"a yes commits {proposal['spends']:,} US dollars"] if proposal["spends"] is not None else []
    told += [f"about {counted(proposal['reach'], 'person', 'people')}"] if proposal["reach"] else []
    told += [f"stands for audience {proposal['audience'][:12]}"] if proposal["audience"] else []
    say(f"      {', '.join(told)}")
    for part in proposal["parts"]:
        terms = f" ({clean_line(part['terms'])})" if part["terms"] else ""
        rows = [" | ".join(map(clean_line, row)) for row in part["rows"][: _MOST_ROWS + 1]]
        left = len(part["rows"]) - len(rows)
        say(f"      {clean_line(part['title'])}{terms}:")
        for line in rows or clean_text(part["text"]).splitlines():
            say(f"        {line}".rstrip())
        if left:
            say(f"        and {counted(left, 'more row')}; --json has all")


def _tell_answer(told: dict[str, Any]) -> None:
    answer = told["answer"]
    if answer:
        note = f": “{clean_line(answer['note'])}”" if answer["note"] else ""
        say(f"{answer['words']}, {answer['decision']['answered_at']}{note}")
        if answer["more"]:
            say(answer["more"])
        return
    if told["trouble"]:
        say(f"Nobody can answer now: {told['trouble']}")
    elif told["who_may"]:
        who = told["who_may"]
        if who["stages"] > 1:
            say(f"Stage {who['number']} of {who['stages']}: {who['stage']}")
        for line in told["said"]:
            say(f"Said yes: {line}")
        say(f"May decide: {', '.join(who['names']) or 'nobody'}; {who['why']}.")
    say("You may decide." if told["mine"] else f"You may not: {told['why_not']['reason']}")
