"""docs/security.md is a table of attacks: every test that it names exists, and every file of attacks has one in it."""

import re
from pathlib import Path

ATTACKS = Path(__file__).parent
ROOT = ATTACKS.parents[1]
_TEST = re.compile(r"def (test_\w+)\(")


def test_every_test_that_the_page_names_exists_and_every_file_of_attacks_has_one_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    written = {path: set(_TEST.findall(path.read_text())) for path in (ROOT / "tests").rglob("test_*.py")}
    files = set(re.findall(r"`(?:tests/[a-z]+/)?(test_[a-z_]+\.py)`", page))
    tests = set(re.findall(r"`(test_[a-z0-9_]+)`", page))

    assert tests - set().union(*written.values()) == set()
    assert files - {path.name for path in written} == set()
    assert [path.name for path in ATTACKS.glob("test_*.py") if not written[path] & tests | {path.name} & files] == []


def test_every_attack_on_the_page_names_what_shows_it() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    table = page.partition("## The attacks")[2].partition("## The proof")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| attack |")]

    assert [row for row in rows if not re.search(r"`(tests/[a-z]+/)?test_[a-z0-9_]+(\.py)?`", row)] == []
    assert len(rows) >= 50
