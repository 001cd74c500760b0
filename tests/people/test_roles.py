"""The roles: whoever may let something out takes a second person, and everybody can read what each is."""

from pathlib import Path
from typing import get_args

from policies import load_policies
from policies.engine.rights import Action, Asking, Matter
from presscheck.models import ROLES
from presscheck.people.rights import DECIDING
from presscheck.people.role_words import ROLE_WORDS, told

LETS_OUT = [action for action in get_args(Action) if action.startswith("approve_") or action == "publish"]


def test_no_role_that_may_approve_is_given_by_one_person_alone() -> None:
    rights = load_policies().rights
    easy = Matter(tier="low", gate="copy", channel="email", kinds=("copy",), reach=1, collaboration="producer")

    approving = {
        role
        for role in ROLES
        for action in LETS_OUT
        if rights.decide(Asking(action=action, person="P-1", role=role, markets="all", fresh=True, matter=easy)).allowed
    }

    assert "brand_lead" in approving
    assert approving <= set(DECIDING)


def test_every_role_has_its_words_and_people_md_says_them() -> None:
    page = (Path(__file__).parents[2] / "docs" / "people.md").read_text("utf-8")

    assert tuple(ROLE_WORDS) == ROLES
    assert [role for role in ROLES if f"| `{role}` | {ROLE_WORDS[role]} |" not in page] == []
    assert told("legal").startswith("legal: ")
    assert told("emperor") == "emperor"
