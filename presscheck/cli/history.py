"""`presscheck history`: the ledger's story in readable lines, its verification, its export."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project

_DIGITS = 8
"""So many digits of a digest ask for its story; fewer are the beginning of whatever there is."""

if TYPE_CHECKING:
    from presscheck.ledger import Event, Ledger, Reader, Verification
    from presscheck.stories.histories import Story, Thing


@click.command(short_help="Tell the ledger's story: who, what, when; and verify it.")
@click.argument("digest", required=False)
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N events.")
@click.option("--verify", is_flag=True, help="Check every event, the heads outside and all content; exit 1 if unsound.")
@click.option(
    "--export", type=click.Path(path_type=Path, file_okay=False), help="Write all events, heads and keys there."
)
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write DIGEST's story there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def history(
    ctx: click.Context,
    digest: str | None,
    last: int | None,
    verify: bool,
    export: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Who did what, when; all of it, or what concerns DIGEST.

    Eight characters or more of the digest (or the fingerprint) of a text, a picture, a brief, an audience, a
    manifest or a policy's version tell its whole story: made, checked, asked, approved, delivered, brought back.
    Any other DIGEST is the beginning (four characters or more) of a run, a review, a delivery or a person's id.
    Only events that the right process signed are told.
    """
    project: Project = ctx.obj
    beginning = _beginning(digest)
    told: dict[str, Any] = {}
    with project.ledger() as ledger:
        if export is not None:
            from presscheck.cli.export import export_history

            told["export"] = {"folder": str(export), "events": export_history(ledger, project.settings, export)}
        if verify:
            told["verification"] = _verified(ledger)
        if digest is not None or not told:
            with ledger.read() as tx:
                things, story = _told_of(tx, beginning)
                told["candidates"] = [thing.__dict__ for thing in things] if len(things) > 1 else []
                told["story"] = None if story is None else story.as_json()
                told["events"] = _story(tx, beginning, last)
            if page is not None:
                _write_page(page, story, digest)
    if as_json:
        emit(told)
    else:
        _tell(told, digest)
    unsound = verify and not told["verification"]["sound"]
    nothing = digest is not None and not told["events"] and not told["story"]
    ambiguous = bool(told.get("candidates"))
    ctx.exit(2 if ambiguous else 1 if unsound or nothing else 0)


def _beginning(digest: str | None) -> str:
    if digest is None:
        return ""
    # A fingerprint is a digest's beginning with hyphens in it: 3fa1-09bc-77de.
    parts = digest.split("-")
    plain = all(len(part) == 4 for part in parts) and all(c in "0123456789abcdef" for c in "".join(parts))
    beginning = "".join(parts) if plain else digest
    if len(beginning) < 4:
        raise click.BadParameter("give at least its first four characters", param_hint="DIGEST")
    return beginning


def _told_of(tx: "Reader", beginning: str) -> "tuple[list[Thing], Story | None]":
    """What a digest's beginning stands for, and its story where that is one thing."""
    from presscheck.stories.histories import find_things, tell

    if len(beginning) < _DIGITS or set(beginning) - set("0123456789abcdef"):
        return [], None
    things = find_things(tx, beginning)
    return things, tell(tx, things[0], _names(tx)) if len(things) == 1 else None


def _write_page(path: Path, story: "Story | None", digest: str | None) -> None:
    from presscheck.cli.history_page import history_page
    from presscheck.errors import Fault, InputError

    if story is None:
        told = f"{digest or 'everything'} is not one thing with a story; give eight digits or more of one digest"
        raise InputError([Fault("--html", None, "", told)])
    try:
        path.write_text(history_page(story), "utf-8")
    except OSError as error:
        raise InputError([Fault(str(path), None, "", f"cannot be written: {error.strerror}")]) from error


def _names(tx: "Reader") -> "Callable[[str], str]":
    from presscheck.people import person_name

    names: dict[str, str] = {}

    def name_of(person: str) -> str:
        if person not in names:
            names[person] = person_name(tx, person)
        return names[person]

    return name_of


def _verified(ledger: "Ledger") -> dict[str, Any]:
    from presscheck.ledger import verify

    counts = sys.stderr.isatty()

    def progress(done: int) -> None:
        if counts:
            click.echo(f"\r{done:,} events verified", nl=False, err=True)

    found: Verification = verify(ledger, progress)
    if counts:
        click.echo("\r\033[K", nl=False, err=True)
    return {
        "sound": found.sound,
        "events": found.events,
        "head": found.head,
        "fault": found.fault,
        "heads_compared": list(found.heads),
        "gaps": list(found.gaps),
    }


def _story(tx: "Reader", beginning: str, last: int | None) -> list[dict[str, Any]]:
    from presscheck.desk.endings import ending_at
    from presscheck.ledger.search import events_about
    from presscheck.stories.story import sentence

    name_of, ending = _names(tx), partial(ending_at, tx)
    found: Sequence[Event] = events_about(tx, beginning)
    return [
        {
            "seq": event.seq,
            "at": event.at,
            "kind": event.kind,
            "process": event.process,
            "run": event.run,
            "subject": event.subject,
            "told": sentence(event, name_of, ending),
            "body": event.data,
        }
        for event in (found if last is None else found[-last:])
    ]


def _alike(events: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Events in order, with those of one author's drafts in a row taken together: fifty lines say no more than one."""
    groups: list[list[dict[str, Any]]] = []
    for event in events:
        last = groups[-1][-1] if groups else None
        drafted = event["kind"] == "asset:drafted"
        if (
            last
            and drafted
            and (last["kind"], last["run"], last["body"]) == (event["kind"], event["run"], event["body"])
        ):
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _tell_story(story: dict[str, Any]) -> None:
    say(f"{story['what']} {story['digest'][:12]}")
    for name, words in story["facts"].items():
        say(f"  {name:<12} {words}")
    if len(story["versions"]) > 1:
        say(f"  {'versions':<12} {', '.join(_version(one) for one in story['versions'])}")
    for one in story["happenings"]:
        at = str(one["at"])
        say(f"{one['event']:>6}  {at[:10]} {at[11:19]}Z  {one['process']:<6}  {one['told']}")
        for more in one["more"]:
            say(f"{'':>6}  {'':<28}    {more}")


def _version(one: dict[str, Any]) -> str:
    return f"{one['number']} {one['how']} {one['digest'][:12]}"


def _tell(told: dict[str, Any], digest: str | None) -> None:
    if told.get("candidates"):
        say(f"{digest} is the beginning of {len(told['candidates'])} digests; give more of it:")
        for thing in told["candidates"]:
            say(f"  {thing['digest']}  {thing['kind']}: {thing['what']}")
        return
    if told.get("story"):
        _tell_story(told["story"])
        told = {name: one for name, one in told.items() if name != "events"}
    for alike in _alike(told.get("events", ())):
        first, more = alike[0], len(alike) - 1
        at = str(first["at"])
        rest = f", and {more} more like it up to event {alike[-1]['seq']}" if more else ""
        say(f"{first['seq']:>6}  {at[:10]} {at[11:19]}Z  {first['process']:<6}  {first['told']}{rest}")
    if "events" in told and not told["events"]:
        say("Nothing has happened yet." if digest is None else f"No signed event concerns {digest}.")
    if "export" in told:
        kept = told["export"]
        say(f"{kept['events']} events written to {kept['folder']}; its README says how to verify them.")
    if "verification" in told:
        found = told["verification"]
        if found["sound"]:
            say(f"Sound: {found['events']} events, chained and signed; head {found['head'][:12]}.")
            if found["gaps"]:
                say(f"With a gap on record, which two people signed, at event {', '.join(map(str, found['gaps']))}.")
            heads = found["heads_compared"]
            say(
                f"Compared with the heads kept by {', '.join(heads)}."
                if heads
                else "No head is kept outside the database here, so a tail cut off could not be seen."
            )
        else:
            say(f"NOT SOUND after event {found['events']}: {found['fault']}")
