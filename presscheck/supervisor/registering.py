"""Loads flow files as the worker does, and registers with Prefect those that load, in the same process.

    python -m presscheck.supervisor.registering ANSWERS GO flows/a.py:a flows/b.py:b

Before and after each file it writes down in ANSWERS how that went. It is a process of its own, because a file that
is loaded may do anything: print, hang, end the process; a last line without an answer names the file that did. Then
it waits for GO, in which stands the file of deployments to register, and does what `prefect deploy --all` does; GO is
gone when that is done. What takes long of it, importing Prefect and the flows, is over when Prefect's server answers.
"""

import json
import os
import runpy
import sys
import time
from pathlib import Path

from presscheck.documents.own_code import faults_of_loading

_LOOK_EVERY = 0.05


def main() -> None:
    """Load each entrypoint, a line of JSON before it and one after it; register; end with Prefect's exit code."""
    answers, go, *entrypoints = sys.argv[1:]
    starter = os.getppid()
    with Path(answers).open("w", buffering=1, encoding="utf-8") as told:
        for entrypoint in entrypoints:
            told.write(json.dumps({"entrypoint": entrypoint}) + "\n")
            told.write(json.dumps({"entrypoint": entrypoint, "fault": fault_of(entrypoint)}) + "\n")
    while not Path(go).is_file():
        if os.getppid() != starter:
            # Nobody will write it any more; and a flow's file may have seen to it that no signal ends this process.
            os._exit(1)
        time.sleep(_LOOK_EVERY)
    code = _deploy(Path(go).read_text("utf-8"))
    if code == 0:
        Path(go).unlink()
    sys.stdout.flush()
    sys.stderr.flush()
    # What a flow's file started, such as a thread, keeps nobody waiting.
    os._exit(code)


def _deploy(file: str) -> int:
    sys.argv = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", file]
    try:
        runpy.run_module("prefect", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


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
