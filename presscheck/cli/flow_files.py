"""Finds campaigns' flows: those of the project, then those that ship. Reading one runs its file."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presscheck.errors import Fault, InputError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from prefect import Flow

__all__ = ["find_flow", "flow_files", "load_flows"]

SHIPPED = Path(__file__).resolve().parents[2] / "flows"


def flow_files(settings: Settings) -> tuple[Path, ...]:
    """Every flow file, the project's before those that ship; one of the same name as the project's is left out."""
    found: dict[str, Path] = {}
    for folder in (settings.project / "flows", SHIPPED):
        for path in sorted(folder.glob("[!_]*.py")):
            found.setdefault(path.name, path.resolve())
    return tuple(found.values())


def find_flow(settings: Settings, named: str) -> "Flow[..., Any]":
    """The flow of this name (product-launch), or of this file. InputError: there is none, or it does not load."""
    if named.endswith(".py"):
        path = Path(named)
        if not path.is_file():
            raise InputError([Fault(named[:200], None, "", "there is no such file")])
        found = list(load_flows(path))
        if len(found) != 1:
            said = ", ".join(flow.name for flow in found) or "none"
            raise InputError([Fault(named, None, "", f"a flow's file holds one flow, and this one holds {said}")])
        return found[0]
    files = flow_files(settings)
    wanted = named.replace("-", "_") + ".py"
    for path in sorted(files, key=lambda path: path.name != wanted):
        try:
            flows = list(load_flows(path))
        except InputError:
            if path.name == wanted:
                raise
            # Another campaign's file; whoever asks for that one is told.
            continue
        for flow in flows:
            if flow.name == named:
                return flow
    known = ", ".join(path.stem.replace("_", "-") for path in files) or "none"
    raise InputError([Fault(named[:80], None, "", f"there is no such flow; the files are of: {known}")])


def load_flows(path: Path) -> "Iterator[Flow[..., Any]]":
    """The flows that a file defines. InputError, in a line, where it does not load."""
    from prefect import Flow

    # A name of its own: two projects' files of one name are two modules.
    name = f"presscheck_flow_{abs(hash(str(path.resolve())))}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError([Fault(str(path), None, "", "is no Python file")])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise InputError([Fault(str(path), error.lineno, "", f"is not Python: {error.msg}")]) from error
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        raise InputError([Fault(str(path), None, "", f"does not load: {type(error).__name__}: {said}")]) from error
    finally:
        sys.modules.pop(name, None)
    for value in vars(module).values():
        if isinstance(value, Flow) and getattr(value.fn, "__module__", None) == name:
            yield value
