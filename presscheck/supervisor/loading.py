"""Loads flow files as the worker does, one after the other, and writes down before and after each how that went.

    python -m presscheck.supervisor.loading ANSWERS flows/a.py:a flows/b.py:b

A process of its own, because a file that is loaded may do anything: print, hang, end the process. A last line
without an answer names the file that did.
"""

import json
import sys
import traceback
from pathlib import Path

__all__ = ["fault_of", "main"]


def main() -> None:
    """Load each entrypoint; a line of JSON before it and one after it."""
    with Path(sys.argv[1]).open("w", buffering=1, encoding="utf-8") as answers:
        for entrypoint in sys.argv[2:]:
            answers.write(json.dumps({"entrypoint": entrypoint}) + "\n")
            answers.write(json.dumps({"entrypoint": entrypoint, "fault": fault_of(entrypoint)}) + "\n")


def fault_of(entrypoint: str) -> str:
    """What keeps Prefect's worker from loading the flow, with file and line; empty for one that loads."""
    from prefect.exceptions import MissingFlowError
    from prefect.flows import load_flow_from_entrypoint

    path, _, function = entrypoint.rpartition(":")
    if not Path(path).is_file():
        return f"{path}: there is no such file; correct entrypoint, or take the campaign out of the file"
    try:
        load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    except MissingFlowError:
        return f"{path}: it holds no flow {function}; correct entrypoint"
    except BaseException as error:  # noqa: BLE001  SystemExit too: a file that ends the process is a fault of the file.
        return _told(path, error)
    return ""


def _told(path: str, error: BaseException) -> str:
    """The fault as `file:line: what`: where the project's own code was when it happened."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    said = " ".join(str(error).split())[:300]
    if isinstance(error, SyntaxError):
        return f"{_short(error.filename or path)}:{error.lineno}: is not Python: {error.msg}"
    here = Path.cwd().resolve()
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve().is_relative_to(here) and _is_own(frame.filename)]
    place = f"{_short(own[-1].filename)}:{own[-1].lineno}" if own else path
    return f"{place}: does not load: {type(error).__name__}{': ' if said else ''}{said}"


def _is_own(filename: str) -> bool:
    return "site-packages" not in filename and not filename.startswith("<")


def _short(filename: str) -> str:
    path = Path(filename).resolve()
    return str(path.relative_to(Path.cwd().resolve())) if path.is_relative_to(Path.cwd().resolve()) else filename


if __name__ == "__main__":
    main()
