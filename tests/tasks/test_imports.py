"""What `tasks` offers is what it says, and reading a brief does not start Prefect."""

import subprocess
import sys

import tasks


def test_every_name_that_tasks_offers_is_there() -> None:
    assert [name for name in tasks.__all__ if not callable(getattr(tasks, name))] == []


def test_reading_a_brief_does_not_load_prefect() -> None:
    code = "import tasks.briefs, sys; sys.exit('prefect' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
