"""The house as a whole: what is committed, what the wheel holds."""

import re
import subprocess
import zipfile
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text()

    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", lock)
    assert "--hash=sha256:" in lock


@pytest.mark.slow
def test_the_wheel_holds_the_rooms_and_no_tests(tmp_path: Path) -> None:
    subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )

    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()

    rooms = {name.split("/")[0] for name in names if "dist-info" not in name}
    assert rooms == {"presscheck", "tasks", "policies", "flows"}
    assert not [name for name in names if "test" in Path(name).name.lower() and name.endswith(".py")]
    assert "presscheck/ledger/migrations/versions/v0001_first.py" in names
    assert "presscheck/providers/phrases/shared.toml" in names
    assert "presscheck/__init__.pyi" in names


def test_the_root_of_presscheck_holds_only_what_every_room_uses() -> None:
    used_everywhere = {"__init__.py", "models.py", "errors.py", "digests.py", "cleaning.py", "wiring.py"}
    named_by_scripts = {"addresses.py", "unsubscribe_links.py"}

    files = {path.name for path in (ROOT / "presscheck").glob("*.py")}

    assert files == used_everywhere | named_by_scripts


@pytest.mark.slow
def test_no_two_files_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("presscheck", "policies", "tasks", "flows", cache_dir=None)

    left = {module: graph.find_modules_directly_imported_by(module) & graph.modules for module in graph.modules}
    # A file is taken away once it imports nothing that is left: what cannot be taken away imports itself by others.
    while free := {module for module, imported in left.items() if not imported & left.keys()}:
        left = {module: imported for module, imported in left.items() if module not in free}

    assert not left, sorted(left)


def test_what_runs_beside_hostile_files_imports_no_more_than_it_needs() -> None:
    for room in ("assets", "assets/pictures"):
        assert (ROOT / "presscheck" / room / "__init__.py").read_text() == ""
