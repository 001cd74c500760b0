"""The house as a whole: what is committed, what the wheel holds."""

import re
import subprocess
import zipfile
from pathlib import Path

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
