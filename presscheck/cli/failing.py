"""Errors as people read them: where, what, what to do; never a traceback for a user's mistake.

With --json an error is one document on standard output, `{"error": ..., "faults": [...]}`; without,
it is text on standard error. An error that nobody expected is told in one line, and its details go
to a file in the project's logs.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from presscheck.cli.output import clean, emit
from presscheck.cli.project import Project
from presscheck.errors import InputError, PresscheckError


def exit_code_for(error: Exception, typed: Sequence[str], project: Project) -> int:
    """Tell the error to whoever called, and give the exit code that goes with it."""
    # The options of a command line that click could not parse are known only as it was typed.
    as_json = "--json" in typed
    if isinstance(error, click.Abort):
        _tell("Stopped.", as_json=as_json)
        return 130
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.UsageError):
        asked = "" if error.ctx is None else f"\n{error.ctx.get_usage()}\n`{error.ctx.command_path} --help` says more."
        _tell(error.format_message(), after="" if as_json else asked, as_json=as_json)
        return 2
    if isinstance(error, click.ClickException):
        _tell(error.format_message(), as_json=as_json)
        return 2
    if isinstance(error, InputError):
        faults = [asdict(fault) for fault in error.faults]
        _tell(str(error), as_json=as_json, faults=faults)
        return error.exit_code
    if isinstance(error, PresscheckError):
        _tell(str(error), as_json=as_json)
        return error.exit_code
    return _unexpected(error, project, as_json=as_json)


@contextmanager
def quiet_end_of_pipe() -> Generator[None, None, None]:
    """`presscheck history | head` ends as other programs do, by status 141 and without a word."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit; give it something that takes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _tell(message: str, *, as_json: bool, after: str = "", faults: Sequence[dict[str, Any]] = ()) -> None:
    if as_json:
        emit({"error": message, "faults": list(faults)})
    else:
        click.echo(clean(message) + after, err=True)


def _unexpected(error: Exception, project: Project, *, as_json: bool) -> int:
    details = "".join(traceback.format_exception(error))
    if project.debug:
        click.echo(details, err=True)
    said = (str(error).splitlines() or [""])[0][:300]
    told = f"Something broke that should not have: {type(error).__name__}{': ' if said else ''}{said}"
    kept = _keep(details, project)
    _tell(f"{told}\nThe details are in {kept}; `presscheck --debug ...` shows them.", as_json=as_json)
    return 3


def _keep(details: str, project: Project) -> Path:
    """Write the traceback to home/logs, or to a folder of its own where the project cannot be read or written."""
    name = f"error-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.txt"
    try:
        logs = project.settings.home / "logs"
        # Only a home that is there: an error must not make one wherever somebody happens to stand.
        logs.mkdir(exist_ok=True, mode=0o700)
        _write_private(logs / name, details)
        return logs / name
    except (PresscheckError, OSError):
        path = Path(tempfile.mkdtemp(prefix="presscheck-")) / name
        _write_private(path, details)
        return path


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
