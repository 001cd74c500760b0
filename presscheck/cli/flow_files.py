"""Finds campaigns' flows: those of the project, then those that ship. Reading one runs its file, as the worker does.

with as_the_worker(settings):
    chart = map_flow(find_flow(settings, "winter-sale"), policies)
"""

import contextlib
import importlib.util
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presscheck.documents.own_code import faults_of_loading, short
from presscheck.errors import Fault, InputError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from prefect import Flow

SHIPPED = Path(__file__).resolve().parents[2] / "flows"


@contextlib.contextmanager
def as_the_worker(settings: Settings) -> Generator[None, None, None]:
    """Stand in the project's folder, for as long as a flow is used: its body may read and import, too."""
    before = list(sys.path)
    with contextlib.chdir(settings.project if settings.project.is_dir() else SHIPPED.parent):
        try:
            yield
        finally:
            sys.path[:] = before


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
            raise InputError([Fault(short(named[:200], Path.cwd()), None, "", "there is no such file")])
        found = list(load_flows(path))
        if len(found) != 1:
            said = (
                f"a flow's file holds one flow, and this one holds {', '.join(flow.name for flow in found) or 'none'}"
            )
            raise InputError([Fault(short(named, Path.cwd()), None, "", said)])
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
    # As for the worker: a module beside the file is imported by its name alone, one of the project as `flows.name`.
    folders = [str(path.resolve().parent), str(path.resolve().parents[1])]
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(faults_of_loading(error, short(str(path), Path.cwd()), Path.cwd())) from error
    finally:
        sys.modules.pop(name, None)
    for value in vars(module).values():
        if isinstance(value, Flow) and getattr(value.fn, "__module__", None) == name:
            yield value
