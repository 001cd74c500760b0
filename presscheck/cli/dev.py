"""`presscheck dev`: a campaign on a warm stage of its own, played by keyboard or by a script, again at each save."""

import os
import signal
import time
from pathlib import Path
from types import FrameType

import click

from presscheck.cli.project import Project
from presscheck.errors import Fault, InputError, SettingsError


@click.command(short_help="Play a campaign on a stage of its own, seconds after each save: you are its people.")
@click.argument("flow")
@click.option("--answers", type=click.Path(path_type=Path, dir_okay=False), help="A YAML list of answers, given first.")
@click.option("--once", is_flag=True, help="Play it once, ask nobody, and end: for scripts and CI.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A parameter of the flow; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document a line.")
@click.pass_context
def dev(ctx: click.Context, flow: str, answers: Path | None, once: bool, pairs: tuple[str, ...], as_json: bool) -> None:
    """Run FLOW (a name such as spring-sale, or a file) to its first question, and play whoever is asked.

    Flow, policies, ledger, desk, press and outbox are the real ones, and thrown away afterwards: nothing of the
    project is written to, and nothing goes out. At each save of one of the project's files it runs again from the
    start, and your answers are given again as far as the questions are the same. Ctrl-C ends it.

    With --once it exits 0 when it delivered or waits after the last answer, 1 when it ended otherwise or an answer
    was refused, 2 when something is wrong with the code, a policy or the answers.
    """
    began = time.monotonic()
    project: Project = ctx.obj
    parameters = _parameters(pairs)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    from presscheck.cli.dev_loop import Loop
    from presscheck.cli.dev_telling import Telling
    from presscheck.rehearsal.warm import keep_warm
    from presscheck.rehearsal.watching import Watch

    folder, home = _place(project)
    telling = Telling(as_json=as_json)
    named = str(Path(flow).absolute()) if flow.endswith(".py") else flow
    watch = Watch(folder, also=None if answers is None else answers.absolute(), but=home)
    telling.told("warming", "Prefect and what runs import get warm, once; what comes after a save is quick.")
    try:
        with keep_warm(folder) as warm:
            loop = Loop(warm, watch, telling, flow=named, parameters=parameters, script=answers, once=once)
            code = loop.run(began)
    except KeyboardInterrupt:
        # The usual way out.
        telling.told("stopped", "\nStopped.")
        code = 130
    ctx.exit(code)


def _parameters(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            faults.append(Fault("--set", None, "", f"{pair} is not KEY=VALUE"))
        elif key in found:
            faults.append(Fault("--set", None, key, "is given twice; keep one"))
        found[key] = value
    if faults:
        raise InputError(faults)
    return found


def _place(project: Project) -> tuple[Path, Path | None]:
    """The project's folder, and the home that a running Presscheck writes into; its settings may be wrong just now."""
    folder = (project.folder or Path(os.environ.get("PRESSCHECK_PROJECT", "."))).resolve()
    if not folder.is_dir():
        raise InputError([Fault(str(folder), None, "", "there is no such folder")])
    try:
        return folder, project.settings.home
    except SettingsError:
        return folder, None


def _end(number: int, _frame: FrameType | None) -> None:
    """What is warm is let go on the way out."""
    raise SystemExit(128 + number)
