"""`presscheck run`: starts a campaign through the door, as the person who is signed in."""

from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import click

from presscheck.cli.output import emit, emit_line, say
from presscheck.cli.project import Project
from presscheck.errors import Fault, InputError

if TYPE_CHECKING:
    from presscheck.cli.client import DoorClient
    from presscheck.settings import Settings

_LOOK_EVERY_SECONDS = 1.0
_ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@click.command(short_help="Start a campaign through the door, as the signed-in person.")
@click.argument("campaign")
@click.option("--brief", type=click.Path(path_type=Path), help="The brief, a YAML file of the project.")
@click.option("--audience", type=click.Path(path_type=Path), help="The segment, an SQL file of the project.")
@click.option("--catalogue", type=click.Path(path_type=Path), help="The catalogue, a file of the project or its data.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Another parameter; may be given again.")
@click.option("--wait", is_flag=True, help="Show progress until the run waits for a person, or ends.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; with --wait a line for each change.")
@click.pass_context
def run(
    ctx: click.Context,
    campaign: str,
    brief: Path | None,
    audience: Path | None,
    catalogue: Path | None,
    settings: tuple[str, ...],
    wait: bool,
    as_json: bool,
) -> None:
    """Start CAMPAIGN, such as product-launch. Whoever starts it may not approve its copy.

    The brief is checked here first, so that its faults are told at once. With --wait it exits 0 when
    the run waits for a person or has delivered, and 1 when it ended rejected, expired or held.
    """
    project: Project = ctx.obj
    named = {"brief": brief, "audience": audience, "catalogue": catalogue}
    parameters = _parameters(project.settings, named, settings)
    with project.door() as door:
        told = door.post("/-/api/runs", {"campaign": campaign, "parameters": parameters})
        started = {"run": told["run"], "url": door.link(told["url"])}
        if not wait:
            if as_json:
                emit(started)
            else:
                say(f"Started {campaign}, run {started['run']}: {started['url']}")
            return
        _report({"state": "Started", **started}, as_json=as_json)
        ctx.exit(_follow(door, str(told["run"]), as_json=as_json))


def _parameters(settings: "Settings", named: dict[str, Path | None], pairs: tuple[str, ...]) -> dict[str, str]:
    """The run's parameters; InputError with every file that is not the project's, and every fault of the brief."""
    parameters: dict[str, str] = {}
    faults: list[Fault] = []
    for name, path in named.items():
        if path is not None:
            try:
                parameters[name] = _of_project(settings, name, path)
            except InputError as error:
                faults += error.faults
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            faults.append(Fault("--set", None, "", f"{pair} is not KEY=VALUE"))
        elif key in parameters:
            faults.append(Fault("--set", None, key, "is given twice; keep one"))
        else:
            parameters[key] = value
    if faults:
        raise InputError(faults)
    return parameters


def _of_project(settings: "Settings", name: str, path: Path) -> str:
    """The path as the campaign will read it, relative to the project or its data folder."""
    roots = (settings.project, settings.data)
    candidates = [path, *(root / path for root in roots)]
    found = next((candidate.resolve() for candidate in candidates if candidate.is_file()), None)
    if found is None:
        if not _door_is_here(settings):
            # The door's machine has its own copy of the project; it says whether the file is there.
            return path.as_posix()
        raise InputError([Fault(str(path), None, name, "there is no such file here or in the project")])
    root = next((root.resolve() for root in roots if found.is_relative_to(root.resolve())), None)
    if root is None:
        message = f"lies outside of the project {settings.project}; a campaign reads files of its project only"
        raise InputError([Fault(str(path), None, name, message)])
    if name == "brief":
        from tasks.briefs import load_briefs

        load_briefs(found, as_of=datetime.now(UTC).date())
    return found.relative_to(root).as_posix()


def _door_is_here(settings: "Settings") -> bool:
    return urlsplit(settings.door_url).hostname in ("127.0.0.1", "::1", "localhost")


def _follow(door: "DoorClient", run_id: str, *, as_json: bool) -> int:
    """Report every change of state until a person is waited for or the run ends; the exit code."""
    last = ""
    while True:
        state: dict[str, Any] = door.get(f"/api/flow_runs/{quote(run_id, safe='')}").get("state") or {}
        name, kind = str(state.get("name", "")), str(state.get("type", ""))
        if name != last:
            last = name
            _report({"state": name, "message": str(state.get("message") or "")}, as_json=as_json)
        if kind in _ENDED:
            return _code_of(kind, name)
        # A run also sleeps while the press delivers: only an open review is a person's turn.
        if kind == "PAUSED" and (review := _open_review(door, run_id)) is not None:
            waiting = {"state": "Waiting", "review": review["id"], "for": review["who_may"]}
            links = {"proof": door.link(review["proof_url"]), "url": door.link(review["run_url"])}
            _report({**waiting, **links}, as_json=as_json)
            return 0
        sleep(_LOOK_EVERY_SECONDS)


def _open_review(door: "DoorClient", run_id: str) -> dict[str, Any] | None:
    waiting: list[dict[str, Any]] = door.get("/-/api/reviews")["reviews"]
    return next((review for review in waiting if review["run"] == run_id), None)


def _code_of(kind: str, name: str) -> int:
    if kind == "CRASHED":
        return 3
    return 0 if kind == "COMPLETED" and name in ("Completed", "Delivered", "Approved") else 1


def _report(line: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit_line(line)
    elif line["state"] == "Waiting":
        say(f"Waits for {', '.join(line['for']) or 'nobody: no one may answer'} ({line['review']})")
        say(f"  to answer: {line['url']}")
        say(f"  to read:   {line['proof']}")
    elif line["state"] == "Started":
        say(f"Started run {line['run']}: {line['url']}")
    else:
        say(f"{line['state']}{': ' if line['message'] else ''}{line['message']}")
