"""What people browse: what may be used and until when, who uses it and what that cost, what was refused."""

from datetime import timedelta
from typing import Any

import pytest

from policies import PolicySet
from presscheck.ledger import EventKind
from presscheck.ledger.assets import put_asset
from presscheck.ledger.campaigns import open_campaign
from presscheck.ledger.spending import LedgerPurse
from presscheck.library.admission import LibraryAdmission
from presscheck.library.inventory import Library, Listed, library_of
from presscheck.models import THIS_MACHINE, Asset, Author, Prompt, Refused
from presscheck.providers.admission import NotAdmitted, Wanted
from tests.conftest import Clock, Ledgers
from tests.overlays import overlaid
from tests.usages import model, prompt, tool, usage

GPT = model("openai/gpt-5-mini", runs="public", sees=["public", "internal"], until="2026-03-20")


def policies(*models: dict[str, Any], **lists: Any) -> PolicySet:
    return overlaid({"usage/tests.yaml": usage(models=list(models) or [GPT], **lists)})


def look(ledgers: Ledgers, held: PolicySet) -> Library:
    with ledgers.door.read() as tx:
        found = library_of(tx, lambda: held)
    assert isinstance(found, Library), found
    return found


def entry(found: Library, name: str) -> Listed:
    return next(one for one in (*found.models, *found.tools) if one.name == name)


def drafts(
    ledgers: Ledgers,
    run: str,
    campaign: str,
    *,
    count: int,
    model: str = "gpt-5-mini",
    answers: str = "",
    cost: int = 7,
) -> None:
    """A run of a campaign for which a model drafted texts, under the name that it gave itself."""
    with ledgers.worker.write() as tx:
        open_campaign(tx, run, campaign=campaign, brief="b" * 64)
    purse = LedgerPurse(ledgers.worker, run)
    request = purse.reserve(provider="openai", model=model, purpose="draft", worst=900)
    purse.charge(
        request, provider="openai", model=model, purpose="draft", input_tokens=1, output_tokens=1, cost=cost,
        outcome="answered",
    )  # fmt: skip
    author = Author.machine("openai", answers or model, "prompts.email-variants", "1")
    with ledgers.worker.write() as tx:
        for at in range(count):
            put_asset(tx, Asset(kind="copy", content={"at": at, "of": run}, author=author), run=run)


def test_everything_is_listed_with_who_answers_for_it_where_it_runs_and_until_when(sqlite_ledgers: Ledgers) -> None:
    found = look(sqlite_ledgers, policies(tools=[tool("deepl/translate", until="2026-01-31")]))

    gpt = entry(found, "openai/gpt-5-mini")
    assert (gpt.owner, gpt.runs, gpt.sees, gpt.by) == ("tests", "public", ("public", "internal"), "Ana")
    assert (gpt.asked_for, gpt.policy) == (("draft", "ideas", "try"), "usage.tests")
    # The clock stands at 2 March 2026.
    states = {one.name: one.state for one in (*found.models, *found.tools)}
    assert states == {"offline/phrase-grammar/1": "approved", "openai/gpt-5-mini": "soon", "deepl/translate": "over"}


def test_who_used_a_model_is_told_by_campaign_with_texts_and_cost(sqlite_ledgers: Ledgers) -> None:
    drafts(sqlite_ledgers, "run-1", "spring-launch", count=3, answers="gpt-5-mini-2026-01-01")
    drafts(sqlite_ledgers, "run-2", "spring-launch", count=2, answers="something-of-its-own", cost=5)
    drafts(sqlite_ledgers, "run-3", "autumn", count=1, model="gpt-5")

    found = look(sqlite_ledgers, policies())

    (use,) = entry(found, "openai/gpt-5-mini").uses
    told = (use.campaign, use.runs, use.texts, use.requests, use.microdollars)
    assert told == ("spring-launch", 2, 5, 2, 12)
    assert entry(found, "offline/phrase-grammar/1").uses == ()
    (email,) = [one for one in found.prompts if one.id == "prompts.email-variants"]
    assert {one.campaign: one.texts for one in email.uses} == {"spring-launch": 5, "autumn": 1}


def test_a_request_whose_end_nobody_knows_counts_with_the_most_and_a_second_charge_changes_nothing(
    sqlite_ledgers: Ledgers,
) -> None:
    drafts(sqlite_ledgers, "run-1", "spring-launch", count=1, cost=7)
    purse = LedgerPurse(sqlite_ledgers.worker, "run-1")
    said: dict[str, Any] = {"provider": "openai", "model": "gpt-5-mini", "purpose": "draft"}
    purse.reserve(**said, worst=100)
    purse.reserve(**said, worst=None)
    with sqlite_ledgers.worker.write() as tx:
        (first,) = tx.events(EventKind.MODEL_CHARGED)
        tx.append(EventKind.MODEL_CHARGED, first.subject, {**first.data, "cost_microdollars": 0}, run="run-1")

    (use,) = entry(look(sqlite_ledgers, policies()), "openai/gpt-5-mini").uses

    assert (use.requests, use.microdollars, use.unpriced) == (3, 107, 1)


def test_what_is_long_ago_is_not_told(sqlite_ledgers: Ledgers, clock: Clock) -> None:
    drafts(sqlite_ledgers, "run-1", "spring-launch", count=1)
    clock.now += timedelta(days=91)

    found = look(sqlite_ledgers, policies())

    assert entry(found, "openai/gpt-5-mini").uses == ()
    assert entry(found, "openai/gpt-5-mini").state == "over"


def test_what_was_refused_is_told_without_a_word_of_it(sqlite_ledgers: Ledgers) -> None:
    with sqlite_ledgers.worker.write() as tx:
        open_campaign(tx, "run-1", campaign="spring-launch", brief="b" * 64)
    own = Prompt(id="prompts.own", version="4", text="Write to jo.smith@mail.example.")
    wanted = Wanted(
        model="openai/gpt-5-mini", at="", purpose="draft", prompt=own, told=own.text, text=own.text,
        given=frozenset({"public"}),
    )  # fmt: skip
    admission = LibraryAdmission(sqlite_ledgers.worker, policies, run="run-1")
    with pytest.raises(NotAdmitted):
        admission.admit(wanted)
    assert admission.tools(["deepl/translate"], step="translate/1") is not None

    found = look(sqlite_ledgers, policies())

    last, first = found.refused
    assert (first.what, first.campaign, first.code) == ("openai/gpt-5-mini", "spring-launch", "data-class")
    assert (first.prompt, first.rules, first.classes) == (
        "prompts.own version 4", ("pii.email",), ("personal", "public"),
    )  # fmt: skip
    assert (last.what, last.step, last.code) == ("deepl/translate", "translate/1", "unlisted")
    assert "jo.smith" not in found.model_dump_json()


def test_a_prompt_that_nobody_approved_says_what_to_write(sqlite_ledgers: Ledgers) -> None:
    files = {
        "usage/tests.yaml": usage(prompts=[prompt("prompts.own", "a" * 32)]),
        "prompts/own.md": '---\nid: prompts.own\nversion: "1"\nowner: brand\nwhy: Own.\n---\nWrite.\n',
    }
    found = look(sqlite_ledgers, overlaid(files))

    (own,) = [one for one in found.prompts if one.id == "prompts.own"]
    assert "has " + own.digits + " now" in own.refused
    (listed,) = own.approvals
    assert (listed.current, listed.counts, listed.source) == (False, True, "usage.tests")
    assert own.until == ""
    assert [one.id for one in found.prompts if one.refused] == ["prompts.own"]


def test_where_a_decision_is_needed_no_entry_counts(sqlite_ledgers: Ledgers) -> None:
    found = look(sqlite_ledgers, policies(prompts_need="decision"))

    assert found.prompts_need == "decision"
    assert all(one.refused for one in found.prompts)
    assert {yes.why_not for one in found.prompts for yes in one.approvals} == {"people's yes at a gate is needed"}


def test_without_policies_there_is_no_library_but_a_reason(sqlite_ledgers: Ledgers) -> None:
    from presscheck.errors import PolicyError

    def broken() -> PolicySet:
        raise PolicyError("policies/usage/x.yaml: no")

    with sqlite_ledgers.door.read() as tx:
        found = library_of(tx, broken)
    assert isinstance(found, Refused)
    with pytest.raises(NotAdmitted, match="do not load"):
        LibraryAdmission(sqlite_ledgers.worker, broken, run="run-1").admit(
            Wanted(
                model="offline/phrase-grammar/1", at=THIS_MACHINE, purpose="draft",
                prompt=Prompt(id="prompts.p", version="1", text="x"), told="x", text="x", given=frozenset({"public"}),
            )
        )  # fmt: skip
