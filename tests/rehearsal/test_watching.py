"""A save is seen once, whatever way it is made, and what tools keep beside a project is not looked at."""

import os
from pathlib import Path

import pytest

from presscheck.rehearsal.watching import Watch


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "sale.py").write_text("one")
    (tmp_path / "run" / "logs").mkdir(parents=True)
    return tmp_path


def test_a_file_that_is_written_replaced_made_or_removed_is_seen_once(project: Path) -> None:
    watch, sale = Watch(project), project / "flows" / "sale.py"

    sale.write_text("another")
    written = watch.changed()
    again = watch.changed()
    beside = project / "flows" / ".sale.py.swp"
    beside.write_text("another")
    os.utime(beside, ns=(sale.stat().st_mtime_ns, sale.stat().st_mtime_ns))
    beside.replace(sale)
    replaced = watch.changed()
    (project / "flows" / "new.py").write_text("")
    made = watch.changed()
    sale.unlink()

    assert written == replaced == ["flows/sale.py"]
    assert again == []
    assert made == ["flows/new.py"]
    assert watch.changed() == ["flows/sale.py"]


@pytest.mark.parametrize(
    "name",
    [
        ".git/index",
        "__pycache__/sale.pyc",
        "flows/sale.py~",
        "flows/.#sale.py",
        "node_modules/x.js",
        "run/logs/door.log",
    ],
)
def test_what_is_not_the_projects_own_is_not_seen(project: Path, name: str) -> None:
    watch = Watch(project, but=project / "run")

    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("x")

    assert watch.changed() == []


def test_an_environment_within_the_project_is_not_seen(project: Path) -> None:
    (project / "env" / "lib").mkdir(parents=True)
    (project / "env" / "pyvenv.cfg").write_text("")
    watch = Watch(project)

    (project / "env" / "lib" / "installed.py").write_text("")

    assert watch.changed() == []


def test_a_script_elsewhere_is_seen_and_what_the_campaign_writes_itself_no_more(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    script = tmp_path_factory.mktemp("elsewhere") / "answers.yaml"
    watch = Watch(project, also=script)

    script.write_text("[]")
    seen = watch.changed()
    watch.ignore(["data.csv"])
    (project / "data.csv").write_text("1")

    assert [Path(project, name).resolve() for name in seen] == [script]
    assert watch.changed() == []


def test_a_time_that_is_not_to_be_believed_is_not_counted(project: Path) -> None:
    watch, sale = Watch(project), project / "flows" / "sale.py"
    sale.write_text("new")
    os.utime(sale, (10**9, 10**9))
    changed = watch.changed()

    assert changed == ["flows/sale.py"]
    assert watch.saved_seconds_ago(changed) == 0.0
