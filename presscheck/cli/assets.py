"""`presscheck image`, `presscheck versions` and `presscheck revert`: pictures, and what became of an asset."""

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

import click

from presscheck.cli.output import emit, refusal_told, say, table
from presscheck.cli.project import Project
from presscheck.models import PictureLabel, ReasonCode, SourceType

if TYPE_CHECKING:
    from presscheck.ledger import Reader
    from presscheck.ledger.versions import Version


@click.group(short_help="Add a picture that briefs may name, or list them.")
def image() -> None:
    """Pictures that briefs name: added by a person, drawn anew, and kept by digest."""


@image.command(short_help="Draw a picture anew and keep it under your name.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", default="", help="What briefs call it, such as spring-hero. Default: from the file's name.")
@click.option("--alt", default="", help="What it shows, for those who do not see it. Required.")
@click.option("--caption", default="", help="A visible line below it, such as a disclosure.")
@click.option(
    "--label", "labels", multiple=True, metavar="LABEL", help=f"{', '.join(get_args(PictureLabel))}; may be repeated."
)
@click.option(
    "--source-type", default="", metavar="TYPE", help=f"IPTC digital source type: {', '.join(get_args(SourceType))}."
)
@click.option("--creator", default="", help="Who made it.")
@click.option("--credit", default="", help="Whom to name.")
@click.option("--licence", default="", help="Under what terms it may be used.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def add(project: Project, file: Path, as_json: bool, **declared: Any) -> None:
    """Add the picture FILE: a PNG, JPEG, WebP, or the first frame of a GIF.

    What you declare is signed with your name. A second picture of the same name is its next version.
    """
    from presscheck.assets.pictures.intake import MOST_FILE_BYTES
    from presscheck.errors import Fault, PictureError

    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        raise PictureError([Fault(str(file), None, "", f"cannot be read: {error.strerror or error}")]) from error
    if len(data) > MOST_FILE_BYTES:
        told = f"is larger than {MOST_FILE_BYTES // 1024 // 1024} MB; scale it down"
        raise PictureError([Fault(str(file), None, "", told)])
    declared["name"] = declared["name"] or _name_of(file)
    declared["labels"] = list(declared["labels"])
    with project.door() as door:
        body = {**declared, "path": str(file), "file": b64encode(data).decode("ascii")}
        added = door.post("/-/api/images", body)
    if as_json:
        emit(added)
        return
    picture: dict[str, Any] = added["picture"]
    say(
        f"{picture['name']}: {picture['media_type']}, {picture['width']}x{picture['height']}, {picture['size']:,} bytes"
    )
    say(f"Asset {added['asset']}")
    for note in added["notes"]:
        say(f"  {note}")
    if added["replaces"] and added["replaces"] != added["asset"]:
        say(f"It replaces {added['replaces'][:12]}; runs that began before go on with that one.")
    say(f"A brief shows it with `images: [{picture['name']}]`.")


@image.command("list", short_help="List the pictures that there are.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def listed(project: Project, as_json: bool) -> None:
    """List the current picture of every name."""
    with project.door() as door:
        told = door.get("/-/api/images")
    if as_json:
        emit(told)
        return
    rows = [
        (one["name"], one["asset"][:12], f"{one['width']}x{one['height']}", one["source_type"] or "-",
         ", ".join(one["labels"]) or "-", one["alt"])
        for one in told["pictures"]
        if one["current"]
    ]  # fmt: skip
    if not rows:
        say("There is no picture yet; `presscheck image add FILE --alt ...` adds one.")
        return
    table(("NAME", "ASSET", "SIZE", "SOURCE", "LABELS", "SHOWS"), rows)


@click.command(short_help="List the versions of a text or a picture, oldest first.")
@click.argument("asset", metavar="ASSET")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def versions(ctx: click.Context, asset: str, as_json: bool) -> None:
    """List the line of ASSET: what it was made from, and what was made of it. The last one is current.

    ASSET is the beginning of a digest (eight characters or more), a fingerprint, or a picture's name.
    """
    from presscheck.ledger.versions import assets_named, line_of
    from presscheck.people import person_name

    project: Project = ctx.obj
    with project.ledger() as ledger, ledger.read() as tx:
        found = assets_named(tx, _plain(asset))
        line = line_of(tx, found[0]) if len(found) == 1 else ()
        told = [{**one.model_dump(mode="json"), "by": _by(tx, one, person_name)} for one in line]
    if as_json:
        emit({"asset": found[0] if len(found) == 1 else None, "candidates": found, "versions": told})
    elif len(found) > 1:
        say(f"{asset} begins {len(found)} digests; give more of it:")
        for digest in found:
            say(f"  {digest}")
    elif not told:
        say(f"There is no asset {asset} that anybody signed. Give eight digits of its digest or more, or a name.")
    else:
        table(("VERSION", "ASSET", "WHEN", "HOW", "BY"), [_row(one) for one in told])
    ctx.exit(0 if told else 2 if len(found) > 1 else 1)


@click.command(short_help="Bring an older version of a text or a picture back.")
@click.argument("asset", metavar="ASSET")
@click.argument("version", type=click.IntRange(min=1), metavar="VERSION")
@click.option("--reason", type=click.Choice(get_args(ReasonCode)), required=True, help="Why.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: the new version or the refusal.")
@click.pass_context
def revert(ctx: click.Context, asset: str, version: int, reason: str, as_json: bool) -> None:
    """Make VERSION of ASSET's line the current one, as the signed-in author or engineer.

    No approval that was given before holds for it, and what was approved of the line and has not gone
    out is held. Bringing back the version that you left undoes it. `presscheck versions` has the numbers.
    """

    project: Project = ctx.obj
    path = f"/-/api/assets/{quote(_plain(asset), safe='')}/revert"
    with project.door() as door:
        with refusal_told(ctx, as_json=as_json):
            done = door.post(path, {"version": version, "reason": reason})
    if as_json:
        emit(done)
        return
    now = done["version"]
    say(f"Version {now['number']} is current now; it is what version {now['of']} is ({now['digest'][:12]}).")
    say("Nothing that was approved of it before may go out; ask again in a new run.")


def _name_of(file: Path) -> str:
    words = "".join(one if one.isascii() and one.isalnum() else " " for one in file.stem.lower()).split()
    return "-".join(words)[:80]


def _plain(named: str) -> str:
    """A digest's beginning without the hyphens of a fingerprint; any other name as it stands."""
    joined = named.replace("-", "")
    return joined if joined and not set(joined) - set("0123456789abcdef") else named


def _by(tx: "Reader", one: "Version", name_of: Any) -> str:
    author = one.author
    if author.kind == "person":
        return str(name_of(tx, author.person))
    return " ".join(part for part in (author.provider, author.model, author.prompt_id) if part) or "a machine"


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    how = {"made": "made", "edited": f"edited from {str(one['parent'])[:12]}"}.get(
        one["how"], f"version {one['of']} brought back, {one['reason']}"
    )
    return (str(one["number"]), one["digest"][:12], f"{one['at'][:10]} {one['at'][11:16]}Z", how, one["by"])
