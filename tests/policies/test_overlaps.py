"""Two policies that would decide the same thing are told before a campaign runs into them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policies import PolicySet, load_policies
from policies.engine.overlaps import overlaps

Write = Callable[[str, str], Path]


def a_second(folder: Path, gates: str, tiers: str, *, kinds: str = "all") -> str:
    text = (folder / "approvals/campaign-copy.yaml").read_text().partition("cases:")[0]
    # Of graver tiers nothing is answered together.
    text = text.replace("alike: together\n", "").replace("id: approvals.campaign-copy", "id: approvals.second")
    text = text.replace("gates: [copy, ads, posts, pilot, rollout]", f"gates: {gates}").replace(
        "tiers: [medium]", f"tiers: {tiers}\n  kinds: {kinds}"
    )
    return text + (
        "cases:\n"
        "  - {when: {gate: second, channel: email, markets: [US]}, applies: true}\n"
        "  - {when: {gate: third, channel: email, markets: [US]}, applies: false}\n"
    )


@pytest.mark.slow
def test_what_ships_does_not_overlap(shipped: PolicySet) -> None:
    assert overlaps(shipped) == ()


def test_two_models_of_one_situation_are_named_with_it(folder: Path, write: Write) -> None:
    write("approvals/second.yaml", a_second(folder, "[second, copy]", "[medium, high]", kinds="[copy, image]"))

    (told,) = overlaps(load_policies(folder))

    assert "approvals.campaign-copy and approvals.second both decide at gate copy, email to US, tier medium" in told


def test_models_of_other_gates_or_tiers_do_not_overlap(folder: Path, write: Write) -> None:
    write("approvals/second.yaml", a_second(folder, "[second]", "all"))
    elsewhere = overlaps(load_policies(folder))
    write("approvals/second.yaml", a_second(folder, "[second, copy]", "[high]"))

    assert (elsewhere, overlaps(load_policies(folder))) == ((), ())


def test_a_model_of_texts_and_one_of_pictures_meet_where_a_text_has_a_picture(folder: Path, write: Write) -> None:
    own = folder / "approvals/campaign-copy.yaml"
    text = (
        own.read_text().replace("tiers: [medium]", "tiers: [medium]\n  kinds: [copy]").replace(", kinds: [image]", "")
    )
    own.write_text(text)
    second = a_second(folder, "[second, copy]", "[medium]", kinds="[image]").replace("  kinds: [copy]\n", "")
    write("approvals/second.yaml", second.replace("markets: [US]}, applies", "markets: [US], kinds: [image]}, applies"))

    (told,) = overlaps(load_policies(folder))

    assert "tier medium, with a picture" in told


def test_two_tier_tables_are_told(folder: Path, write: Write) -> None:
    text = (folder / "tiers/campaigns.yaml").read_text().replace("id: tiers.campaigns", "id: tiers.mine")
    write("tiers/mine.yaml", text)

    (told,) = overlaps(load_policies(folder))

    assert told.startswith("tiers.campaigns and tiers.mine both say how much is at stake")
