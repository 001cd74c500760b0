"""`from presscheck import ...` gives a campaign's file all that it needs, and `import presscheck` loads nothing."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

import presscheck
import tasks

ROOT = Path(__file__).parents[1]


def test_every_name_of_tasks_and_the_words_of_a_campaign_are_there() -> None:
    words = {"State", "Brief", "Copy", "Decision", "Frozen", "Outcome", "Refused", "clean_line"}

    assert {*tasks.__all__, *words} <= set(dir(presscheck))
    assert all(getattr(presscheck, name) is getattr(tasks, name) for name in tasks.__all__)


def test_no_name_is_also_a_room_which_an_import_would_put_in_its_place() -> None:
    rooms = {path.stem for path in (ROOT / "presscheck").iterdir() if path.suffix == ".py" or path.is_dir()}

    offered = {name for name in dir(presscheck) if not name.startswith("_")}
    from_the_table = {name for name in offered if name not in vars(presscheck) or name in tasks.__all__}

    assert from_the_table & rooms == set()


def test_a_name_that_is_none_is_told_as_of_any_module() -> None:
    with pytest.raises(ImportError, match="cannot import name 'await_decison' from 'presscheck'"):
        exec("from presscheck import await_decison")  # noqa: S102 - an import that fails, as somebody types it.


def test_a_star_takes_them_all() -> None:
    taken: dict[str, object] = {}

    exec("from presscheck import *", taken)  # noqa: S102 - as somebody types it.

    assert {*tasks.__all__, "State", "Copy"} <= set(taken)


@pytest.mark.slow
def test_importing_presscheck_loads_nothing_and_a_word_no_prefect() -> None:
    code = (
        "import sys, presscheck; print({'tasks', 'pydantic', 'prefect'} & set(sys.modules)); "
        "from presscheck import Brief; print('prefect' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert said.splitlines() == ["set()", "False"]


@pytest.mark.slow
def test_the_house_itself_never_goes_through_the_root() -> None:
    # An import through the root is invisible to import-linter: for it the root imports nothing.
    graph = grimp.build_graph("presscheck", "policies", "tasks", cache_dir=None)

    through = graph.find_modules_that_directly_import("presscheck")
    lines = {
        detail["line_contents"]
        for one in through
        for detail in graph.get_import_details(importer=one, imported="presscheck")
    }

    assert lines == {"from presscheck import __version__"}
