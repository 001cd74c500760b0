"""The documents tell what is there: every shipped policy is listed, and every example loads."""

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from policies import PolicySet, load_policies
from policies.engine.guardrail import Match
from policies.engine.overlaps import overlaps
from presscheck.handbook.packs_page import guardrails_page
from tasks.briefs import load_brief

DOCS = Path(__file__).parents[2] / "docs"


def examples(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def shipped_overlaps(shipped: PolicySet) -> set[str]:
    return set(overlaps(shipped))


def test_every_shipped_policy_is_listed(shipped: PolicySet) -> None:
    page = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("policies.md", "guardrails.md"))

    assert [id_ for id_ in shipped.versions if f"`{id_}`" not in page] == []
    kinds = "brand|legal|privacy|safety|format|approvals|delivery|tiers|calendars|campaigns|rights|usage"
    listed = re.findall(rf"`((?:{kinds})\.[a-z-]+)`", page)
    assert [id_ for id_ in listed if id_ not in shipped.versions] == []


def test_the_page_of_the_guardrails_is_what_ships(shipped: PolicySet) -> None:
    page = (DOCS / "guardrails.md").read_text(encoding="utf-8")

    assert page == guardrails_page(shipped), "presscheck policies packs --page > docs/guardrails.md"


def test_every_kind_of_rule_is_explained() -> None:
    page = (DOCS / "policies.md").read_text(encoding="utf-8")

    kinds = [one.model_fields["kind"].annotation for one in get_args(get_args(Match)[0])]
    assert [kind for (kind,) in map(get_args, kinds) if f"\n| `{kind}` | " not in page] == []


@pytest.mark.parametrize("text", [*examples("policies.md"), *examples("workflow-map.md"), *examples("library.md")])
@pytest.mark.slow
def test_the_example_policies_load_on_top_of_the_shipped_ones(
    shipped: PolicySet, shipped_overlaps: set[str], tmp_path: Path, text: str
) -> None:
    # The files of a pack stand together.
    pack = re.search(r"# (packs/\S+/)", text)
    texts = [one for one in examples("policies.md") if pack is not None and f"# {pack[1]}" in one] or [text]
    for one in texts:
        name = re.search(r"# (\S+\.yaml)", one)
        assert name is not None
        path = tmp_path / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one, encoding="utf-8")

    laid_over = load_policies(overlay=tmp_path)

    changed = dict(laid_over.versions.items() - shipped.versions.items())
    assert list(changed) == re.findall(r"(?m)^(?:id|extends): (\S+\.\S+)$", "\n".join(texts))
    assert set(overlaps(laid_over)) <= shipped_overlaps


@pytest.mark.slow
def test_the_example_models_leave_no_tier_to_two_of_them(shipped_overlaps: set[str], tmp_path: Path) -> None:
    for text in examples("policies.md"):
        name = re.search(r"# (\S+\.yaml)", text)
        assert name is not None
        (tmp_path / name[1]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name[1]).write_text(text, encoding="utf-8")

    assert set(overlaps(load_policies(overlay=tmp_path))) <= shipped_overlaps


def test_the_example_brief_loads(tmp_path: Path) -> None:
    (text,) = examples("briefs.md")
    path = tmp_path / "brief.yaml"
    path.write_text(text, encoding="utf-8")

    assert load_brief(path, as_of=date(2026, 11, 1)).markets == ("US", "NO")
