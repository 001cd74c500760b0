"""Loads one flow file as the worker does, and says what it holds: its flows, its campaigns, or why it does not load.

    loaded = load_flows("flows/winter_sale.py")
    loaded.fault, loaded.flows["winter_sale"].entry

A file of flows/ that mentions no `campaign` is a module of steps: it is loaded by whatever imports it, and not here.
"""

import ast
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from presscheck.documents.own_code import faults_of_loading

if TYPE_CHECKING:
    from prefect import Flow

FLOWS = Path("flows")


@dataclass(frozen=True)
class Found:
    """A flow of a file; `line` 0: it is imported from elsewhere. `entry`: how a campaign is deployed."""

    name: str
    line: int
    flow: "Flow[..., Any]"
    entry: dict[str, Any] | None = None


@dataclass(frozen=True)
class Loaded:
    """What loading gave: flows by function, or `faults`."""

    file: str
    flows: dict[str, Found] = field(default_factory=dict[str, Found])
    faults: tuple[str, ...] = ()

    @property
    def fault(self) -> str:
        """All faults in a line; empty where there is none."""
        return "; ".join(self.faults)


def campaign_files(folder: Path) -> list[str]:
    """The files of flows/ that may hold a campaign, relative to the folder; one that is no Python may."""
    return _files_with(folder, "campaign")


def flow_files(folder: Path) -> list[str]:
    """The files of flows/ that may hold a flow of any kind."""
    return _files_with(folder, "campaign", "flow")


def _files_with(folder: Path, *words: str) -> list[str]:
    paths = sorted((folder / FLOWS).glob("[!_]*.py"))
    return [path.relative_to(folder).as_posix() for path in paths if _mentions(path, {*words})]


def file_of(entrypoint: str) -> str:
    """What is loaded for an entrypoint: `flows/a.py` of `flows/a.py:a`, and `flows.a` of `flows.a.a`."""
    path, of_file, _ = entrypoint.rpartition(":")
    return path.removeprefix("./") if of_file else entrypoint.rpartition(".")[0]


def function_of(entrypoint: str) -> str:
    """`a` of `flows/a.py:a`, and of `flows.a.a`."""
    return entrypoint.rpartition(":" if ":" in entrypoint else ".")[2]


def load_flows(file: str) -> Loaded:
    """The flows of a file, or of a module that is installed. Whatever the file does, a Loaded comes back."""
    from prefect.exceptions import ScriptError
    from prefect.utilities.importtools import load_module, load_script_as_module

    of_file = file.endswith(".py")
    if of_file and not Path(file).is_file():
        said = f"{file}: there is no such file; correct entrypoint, or take the campaign out"
        return Loaded(file, faults=(said,))
    try:
        module = load_script_as_module(file) if of_file else load_module(file)
    except ScriptError as error:
        return Loaded(file, faults=_told(file, error.user_exc))
    except BaseException as error:  # noqa: BLE001  SystemExit too: a file that ends the process is a fault of the file.
        return Loaded(file, faults=_told(file, error))
    return Loaded(file, _flows_of(module, file))


def _flows_of(module: ModuleType, file: str) -> dict[str, Found]:
    from prefect import Flow

    from tasks import CampaignFlow

    found: dict[str, Found] = {}
    for function, value in vars(module).items():
        if isinstance(value, Flow):
            flow = cast("Flow[..., Any]", value)
            # One that is imported is deployed from where it is written, unless a file names it by hand.
            own = getattr(flow.fn, "__module__", None) == module.__name__
            entry = flow.entry(f"{file}:{function}") if own and isinstance(flow, CampaignFlow) else None
            found[function] = Found(flow.name, _line_of(flow) if own else 0, flow, entry)
    return found


def _line_of(flow: "Flow[..., Any]") -> int:
    import inspect

    code = getattr(inspect.unwrap(flow.fn), "__code__", None)
    return 0 if code is None else int(code.co_firstlineno)


def _mentions(path: Path, words: set[str]) -> bool:
    try:
        read = ast.walk(ast.parse(path.read_bytes()))
        return any(
            (isinstance(one, ast.ImportFrom) and {*words, "*"} & {alias.name for alias in one.names})
            or (isinstance(one, ast.Attribute) and one.attr in words)
            for one in read
        )
    except (OSError, ValueError, SyntaxError):
        # Loading it says what is wrong, and at which line.
        return True


def _told(file: str, error: BaseException) -> tuple[str, ...]:
    return tuple(map(str, faults_of_loading(error, file, Path.cwd())))
