"""Policies as the files say now: parsed once, and again only when a byte differs."""

from pathlib import Path

import pytest

from presscheck.desk import CurrentPolicies
from presscheck.errors import PolicyError
from tests.desk.scene import policy_folder
from tests.places import place_of


@pytest.mark.slow
def test_the_same_files_are_parsed_once(tmp_path: Path) -> None:
    policies = CurrentPolicies(policy_folder(tmp_path))

    assert policies() is policies()


def test_a_changed_byte_is_seen_at_the_next_call(tmp_path: Path) -> None:
    folder = policy_folder(tmp_path)
    policies = CurrentPolicies(folder)
    before = policies().versions
    path = folder / place_of("no-shouting")

    path.write_text(path.read_text().replace("owner: brand", "owner: legal"))

    changed = {id_ for id_, version in policies().versions.items() if before[id_] != version}
    assert changed == {"brand.no-shouting"}


@pytest.mark.slow
def test_a_file_that_breaks_is_told_at_every_call_until_it_is_mended(tmp_path: Path) -> None:
    folder = policy_folder(tmp_path)
    policies = CurrentPolicies(folder)
    path = folder / place_of("no-shouting")
    sound = path.read_text()
    path.write_text("id: [")

    for _ in range(2):
        with pytest.raises(PolicyError, match="no-shouting"):
            policies()
    path.write_text(sound)

    assert "brand.no-shouting" in policies().versions


@pytest.mark.slow
def test_a_file_added_under_another_ending_is_not_overlooked(tmp_path: Path) -> None:
    folder = policy_folder(tmp_path)
    policies = CurrentPolicies(folder)
    policies()

    (folder / "approvals" / "extra.yml").write_text("id: x\n")

    with pytest.raises(PolicyError, match=r"extra\.yml"):
        policies()
