"""The documents tell what is there: every shipped policy is listed, and every example loads."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from policies import PolicySet, load_policies
from tasks.briefs import load_brief

DOCS = Path(__file__).parents[2] / "docs"


def examples(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def test_every_shipped_policy_is_listed(shipped: PolicySet) -> None:
    page = (DOCS / "policies.md").read_text(encoding="utf-8")

    assert [id_ for id_ in shipped.versions if f"`{id_}`" not in page] == []
    kinds = "brand|legal|privacy|safety|format|approvals|delivery|tiers|calendars|campaigns|rights"
    listed = re.findall(rf"`((?:{kinds})\.[a-z-]+)`", page)
    assert [id_ for id_ in listed if id_ not in shipped.versions] == []


@pytest.mark.parametrize("text", [*examples("policies.md"), *examples("workflow-map.md")])
def test_the_example_policies_load(folder: Path, write: Callable[[str, str], Path], text: str) -> None:
    name = re.search(r"# (\S+\.yaml)", text)
    assert name is not None
    before = len(load_policies(folder).versions)
    write(name[1], text)

    assert len(load_policies(folder).versions) == before + 1


def test_the_example_brief_loads(tmp_path: Path) -> None:
    (text,) = examples("briefs.md")
    path = tmp_path / "brief.yaml"
    path.write_text(text, encoding="utf-8")

    assert load_brief(path, as_of=date(2026, 11, 1)).markets == ("US", "NO")
