"""docs/security.md is a table of attacks: every test that it names exists, and every file of attacks is in it."""

import re
from pathlib import Path

ATTACKS = Path(__file__).parent
ROOT = ATTACKS.parents[1]


def test_every_test_that_the_page_names_exists_and_every_file_of_attacks_is_named() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    written = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    files = set(re.findall(r"`(?:tests/[a-z]+/)?(test_[a-z_]+\.py)`", page))
    tests = set(re.findall(r"`(test_[a-z0-9_]+)`", page))

    assert [name for name in sorted(tests) if not re.search(rf"def {name}\(", written)] == []
    assert [name for name in sorted(files) if not any((ROOT / "tests").rglob(name))] == []
    assert {path.name for path in ATTACKS.glob("test_*.py")} - files == set()


def test_every_attack_on_the_page_names_what_shows_it() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    table = page.partition("## The attacks")[2].partition("Files in `tests/attacks/`")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| attack |")]

    assert [row for row in rows if not re.search(r"`(tests/[a-z]+/)?test_[a-z0-9_]+(\.py)?`", row)] == []
    assert len(rows) >= 50
