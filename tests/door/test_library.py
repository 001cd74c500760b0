"""The library at the door: everybody who is signed in reads what may be used and who uses it, and nobody else does."""

from collections.abc import Callable
from typing import Any

import pytest

from policies import PolicySet
from presscheck.library.admission import LibraryAdmission
from presscheck.models import Prompt
from presscheck.providers.admission import NotAdmitted, Wanted
from tests.conftest import Ledgers
from tests.desk.scene import Scene
from tests.door.house import House
from tests.library.test_inventory import GPT, drafts
from tests.overlays import overlaid
from tests.usages import tool, usage

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def door(sqlite_ledgers: Ledgers, open_house: Callable[..., House]) -> House:
    text = usage(models=[{**GPT, "purpose": f"Drafts e-mails {HOSTILE}"}], tools=[tool("deepl/translate")])
    held = overlaid({"usage/tests.yaml": text})

    def policies() -> PolicySet:
        return held

    scene = Scene(sqlite_ledgers, policies=policies)
    drafts(sqlite_ledgers, "run-9", "spring-launch", count=3, cost=1_230_000)
    secret = Prompt(id="prompts.own", version="4", text="Write to jo.smith@mail.example.")
    with pytest.raises(NotAdmitted):
        LibraryAdmission(sqlite_ledgers.worker, policies, run="run-9").admit(
            Wanted(
                model="openai/gpt-5-mini", at="", purpose="draft", prompt=secret, told=secret.text, text=secret.text,
                given=frozenset({"public"}),
            )
        )  # fmt: skip
    return open_house(scene=scene)


@pytest.mark.parametrize("person", ["ana", "ben", "eva", "uma"])
def test_whoever_is_signed_in_reads_what_may_be_used_who_uses_it_and_what_was_refused(door: House, person: str) -> None:
    answer = door.visitor(person).get("/library")

    assert answer.status_code == 200
    for said in (
        "openai/gpt-5-mini", "at a provider", "public, internal data", "approved by Ana on 2026-01-01", "over soon",
        "deepl/translate", "prompts.email-variants", "spring-launch", "$1.23", "pii.email", "data that it may not see",
        "You draft marketing e-mails",
    ):  # fmt: skip
        assert said in answer.text
    assert "jo.smith" not in answer.text
    assert HOSTILE not in answer.text


@pytest.mark.parametrize(("path", "status"), [("/library", 303), ("/-/api/library", 401)])
def test_nobody_else_does(door: House, path: str, status: int) -> None:
    assert door.visitor(None).get(path).status_code == status


def test_a_script_reads_the_same(door: House) -> None:
    told: dict[str, Any] = door.visitor().get("/-/api/library").json()

    assert [one["name"] for one in told["models"]] == ["offline/phrase-grammar/1", "openai/gpt-5-mini"]
    assert told["models"][1]["uses"][0]["texts"] == 3
    assert told["prompts_need"] == "listed"
    assert [(one["what"], one["code"]) for one in told["refused"]] == [("openai/gpt-5-mini", "data-class")]


def test_the_handbook_says_what_may_be_used_and_what_the_classes_mean(door: House) -> None:
    page = door.visitor().get("/handbook/library.html")

    assert page.status_code == 200
    assert "openai/gpt-5-mini" in page.text
    assert "whatever the rules of the family" in page.text
    assert HOSTILE not in page.text
