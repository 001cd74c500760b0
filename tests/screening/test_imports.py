"""Importing the room costs nothing: its engines load with the first call."""

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_no_engine_is_imported_with_the_room():
    code = (
        "import sys, presscheck.screening, presscheck.screening.catalogue, presscheck.screening.report, "
        "presscheck.recipients.audiences, presscheck.recipients.dealing\n"
        "print([name for name in ('duckdb', 'pyarrow', 'pandas', 'jinja2', 'numpy') if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
