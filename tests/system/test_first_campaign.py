"""A newcomer's way, as docs/first-campaign.md tells it: the wheel, an empty environment, every command of the page.

`make test` runs one of the project's own tests there, because each takes Prefect's and Great Expectations' start;
`make soak` runs them all, then starts the project and has its campaign wait for a person.
"""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.running import ROOT, SOAK

_BLOCK = re.compile(r"<!-- run(?P<how>: fails with 1)? -->\n```\n(?P<commands>.*?)```", re.S)
_QUICK = "pytest -k signs_is_delivered"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A fresh environment with the wheel; what it depends on is borrowed, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("newcomer")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    wheel = next(folder.glob("presscheck-*.whl"))
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps", "--python", str(python)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    site = next((folder / "venv" / "lib").glob("python3*/site-packages"))
    # Behind the wheel in the search order. A .pth of an editable install is not read from here: the repository
    # itself stays out of reach.
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PRESSCHECK_", "PYTHON"))}
    tools = folder / "venv" / "bin"
    pytest_here = tools / "pytest"
    pytest_here.write_text(f'#!/bin/sh\nexec "{python}" -m pytest "$@"\n')
    pytest_here.chmod(0o755)
    return env | {"PATH": f"{tools}{os.pathsep}{env['PATH']}", "PREFECT_HOME": str(folder / "prefect")}


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(900)
def test_every_command_of_the_page_does_what_it_says(environment: dict[str, str], tmp_path: Path) -> None:
    page = (ROOT / "docs" / "first-campaign.md").read_text("utf-8")
    blocks = [(match["commands"], 1 if match["how"] else 0) for match in _BLOCK.finditer(page)]
    assert [commands.split()[0] for commands, _ in blocks] == ["presscheck", "presscheck", "echo", "pytest"]

    folder = tmp_path
    for commands, expected in blocks:
        script = commands if SOAK else commands.replace("pytest\n", f"{_QUICK}\n")
        done = subprocess.run(
            ["sh", "-e", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == expected, f"{script}\n{done.stdout}\n{done.stderr}"
        if "cd shop" in script:
            folder = folder / "shop"
            where = "import presscheck, flows; print(presscheck.__file__)"
            found = subprocess.run(
                ["python", "-c", where], cwd=folder, env=environment, capture_output=True, text=True, check=True
            )
            assert not found.stdout.startswith(str(ROOT)), "the wheel is what runs, not the repository"

    assert "1 passed" in done.stdout or "6 passed" in done.stdout
    assert "brand.our-words" in (folder / "policies" / "guardrails" / "our-words.yaml").read_text()
