"""Loads flow files as the worker does, and registers with Prefect what is sound, in the same process.

    python -m presscheck.supervisor.registering ANSWERS GO {"flows/a.py": "hangs"}

Before and after each file it writes down in ANSWERS how that went. It is a process of its own, because a file that
is loaded may do anything: print, hang, end the process; a last line without an answer names the file that did, and
whoever starts it again says so, and that file is left alone. When all are loaded, it writes down what is to be
registered and what is wrong, and waits for GO; GO is gone when that is done. What takes long of it, importing Prefect
and the flows, is over when Prefect's server answers.
"""

import contextlib
import io
import json
import os
import runpy
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from presscheck.errors import InputError
from presscheck.supervisor.deployment_file import DEPLOYMENTS, DeploymentFile, read_deployments
from presscheck.supervisor.flow_loading import Loaded, campaign_files, file_of, load_flows
from presscheck.supervisor.planning import Plan, plan_deployments

_LOOK_EVERY = 0.05


def main() -> None:
    """Load, a line of JSON before each file and one after it; say what is planned; register; end with 0 if all went."""
    answers, go, culprits = sys.argv[1:]
    starter = os.getppid()
    with Path(answers).open("w", buffering=1, encoding="utf-8") as told:
        try:
            file = read_deployments(DEPLOYMENTS, as_of=datetime.now(UTC))
        except InputError as error:
            _write(told, {"error": str(error)})
            os._exit(0)
        plan = plan_deployments(file, [_load(each, told, json.loads(culprits)) for each in _files(file)])
        _write(told, {"plan": asdict(plan)})
        while not Path(go).is_file():
            if os.getppid() != starter:
                # Nobody will write it any more; and a flow's file may have seen to it that no signal ends this process.
                os._exit(1)
            time.sleep(_LOOK_EVERY)
        from presscheck.supervisor.decorated import register

        for one in plan.decorated:
            _write(told, {"registered": one["name"], **register(one)})
        beside = Path(go).with_name("deployments.yaml")
        code = _deploy(_file_for(plan, file, beside))
        if code:
            # Prefect stops at the first that it does not take; alone, each of the others is registered.
            for entry in plan.by_hand:
                _write(told, {"registered": entry["name"], "fault": _alone(entry, file, beside)})
            code = 0
    if code == 0:
        Path(go).unlink()
    sys.stdout.flush()
    sys.stderr.flush()
    # What a flow's file started, such as a thread, keeps nobody waiting.
    os._exit(code)


def _files(file: DeploymentFile) -> list[str]:
    return list(dict.fromkeys([*(file_of(one.entrypoint) for one in file.entries), *campaign_files(Path())]))


def _load(file: str, told: IO[str], culprits: Mapping[str, str]) -> Loaded:
    if file in culprits:
        return Loaded(file, faults=(f"{file}: {culprits[file]}; what a file does belongs into its flow",))
    _write(told, {"file": file})
    loaded = load_flows(file)
    _write(told, {"file": file, "loaded": True})
    return loaded


def _write(told: IO[str], answer: Mapping[str, Any]) -> None:
    told.write(json.dumps(answer, default=str) + "\n")


def _file_for(plan: Plan, file: DeploymentFile, path: Path) -> Path | None:
    """What Prefect is to read: the file as it is where nothing is to be left out or put in; None for nothing."""
    if not plan.by_hand:
        return None
    if plan.whole:
        return DEPLOYMENTS
    # JSON is YAML, and needs no writer that knows how Prefect wants it.
    path.write_text(json.dumps({**file.document, "deployments": plan.by_hand}, default=str), "utf-8")
    return path


def _alone(entry: Mapping[str, Any], file: DeploymentFile, path: Path) -> str:
    """Register one entry; why it could not be, in Prefect's last words, or nothing."""
    path.write_text(json.dumps({**file.document, "deployments": [entry]}, default=str), "utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        code = _deploy(path)
    words = " ".join(said.getvalue().split())
    return (words[-400:] or f"`prefect deploy` ended with {code}") if code else ""


def _deploy(file: Path | None) -> int:
    if file is None:
        return 0
    sys.argv = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
    try:
        runpy.run_module("prefect", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    main()
