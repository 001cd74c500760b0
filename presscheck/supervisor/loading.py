"""Loads flow files as the worker does, one after the other, and writes down before and after each how that went.

    python -m presscheck.supervisor.loading ANSWERS flows/a.py:a flows/b.py:b

A process of its own, because a file that is loaded may do anything: print, hang, end the process. A last line
without an answer names the file that did.
"""

import json
import sys
from pathlib import Path

from presscheck.own_code import faults_of_loading

__all__ = ["fault_of", "main"]


def main() -> None:
    """Load each entrypoint; a line of JSON before it and one after it."""
    with Path(sys.argv[1]).open("w", buffering=1, encoding="utf-8") as answers:
        for entrypoint in sys.argv[2:]:
            answers.write(json.dumps({"entrypoint": entrypoint}) + "\n")
            answers.write(json.dumps({"entrypoint": entrypoint, "fault": fault_of(entrypoint)}) + "\n")


def fault_of(entrypoint: str) -> str:
    """What keeps Prefect's worker from loading the flow, with file and line; empty for one that loads.

    An entrypoint is `flows/a.py:a`, or dotted (`flows.a.a`) for what is installed.
    """
    from prefect.exceptions import MissingFlowError, ScriptError
    from prefect.flows import load_flow_from_entrypoint

    path, of_file, function = entrypoint.rpartition(":")
    if not of_file:
        path, _, function = entrypoint.rpartition(".")
    elif not Path(path).is_file():
        return f"{path}: there is no such file; correct entrypoint, or take the campaign out of the file"
    try:
        load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    except MissingFlowError:
        return f"{path}: it holds no flow {function}; correct entrypoint"
    except ScriptError as error:
        return _told(path, error.user_exc)
    except BaseException as error:  # noqa: BLE001  SystemExit too: a file that ends the process is a fault of the file.
        return _told(path, error)
    return ""


def _told(path: str, error: BaseException) -> str:
    return "; ".join(map(str, faults_of_loading(error, path, Path.cwd())))


if __name__ == "__main__":
    main()
