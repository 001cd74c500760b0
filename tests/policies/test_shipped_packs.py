"""Packs that ship switched off load and hold their cases when a project switches them on."""

from pathlib import Path

import pytest

from policies import check_texts, load_policies

OFF = [pack.pack.pack for pack in load_policies().packs if not pack.on]


@pytest.mark.parametrize("name", OFF)
def test_a_pack_that_ships_off_can_be_switched_on(name: str, tmp_path: Path) -> None:
    (tmp_path / "packs" / name).mkdir(parents=True)
    settings = f"extends: {name}\nwhy: We want it.\nowner: brand\non: true\n"
    (tmp_path / "packs" / name / "pack.yaml").write_text(settings)

    policies = load_policies(overlay=tmp_path)

    (pack,) = [one for one in policies.packs if one.pack.pack == name]
    assert pack.on
    assert set(pack.rules) <= set(policies.versions)
    assert pack.rules


def test_plain_language_is_set_by_its_parameters(tmp_path: Path) -> None:
    (tmp_path / "packs/plain-language").mkdir(parents=True)
    settings = "extends: plain-language\nwhy: Ours.\nowner: brand\non: true\n"
    values = "set: {longest_sentence: 5, known_words: [wooll]}\n"
    (tmp_path / "packs/plain-language/pack.yaml").write_text(settings + values)

    policies = load_policies(overlay=tmp_path)

    (found,) = check_texts(["We have new boots for the winter, and they are made of wooll."], policies=policies)
    rules = [finding.rule for finding in found]
    assert "style.long-sentences" in rules
    assert "style.spelling" not in rules
