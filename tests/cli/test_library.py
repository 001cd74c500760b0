"""`presscheck library`, and what the doctor says of use: what is approved, until when, and what to write where not."""

import json
from pathlib import Path
from typing import Any

import pytest

from policies.engine.usage import PROMPT_DIGITS
from presscheck.ledger import EventKind
from tests.cli.conftest import CommandLine
from tests.conftest import Ledgers
from tests.model_server import ModelServer
from tests.usages import model, write_usage

GPT = {"provider": "openai", "name": "gpt-5-mini"}
PUBLIC: dict[str, Any] = {"runs": "public", "sees": ["public", "internal"]}


def use(environment: dict[str, str], section: dict[str, Any]) -> None:
    environment["PRESSCHECK_COPYWRITER"] = "model"
    environment["PRESSCHECK_MODEL"] = json.dumps(section)
    environment["PRESSCHECK_SECRET_MODEL"] = "sk-1"


def approve(environment: dict[str, str], project: Path, *models: dict[str, Any], **lists: Any) -> None:
    write_usage(project / "policies", models=list(models), **lists)
    environment["PRESSCHECK_POLICIES"] = "policies"


def looks(cli: CommandLine) -> dict[str, dict[str, str]]:
    return {look["what"]: look for look in cli.json("doctor")["checks"] if look["what"].startswith("use of")}


def test_it_lists_what_may_be_used_in_words_and_as_one_document(cli: CommandLine, sqlite_ledgers: Ledgers) -> None:
    said, told = cli("library"), cli.json("library")

    assert said.exit_code == 0
    assert "offline/phrase-grammar/1" in said.stdout
    assert "prompts.email-variants" in said.stdout
    assert [one["name"] for one in told["models"]] == ["offline/phrase-grammar/1"]
    listed = {one["id"]: one for one in told["prompts"]}["prompts.email-variants"]
    assert listed["refused"] == ""
    # As many as an entry needs: nobody has to look for them elsewhere.
    assert len(listed["digits"]) == PROMPT_DIGITS
    assert listed["digits"] in said.stdout


def test_policies_that_do_not_load_are_told_and_nothing_may_be_used(
    cli: CommandLine, environment: dict[str, str], project: Path, sqlite_ledgers: Ledgers
) -> None:
    approve(environment, project, {**model("a/b"), "runs": "public"})

    said = cli("library", "--json")

    assert said.exit_code == 1
    assert "personal data goes to nothing" in json.loads(said.stdout)["error"]


@pytest.mark.slow
def test_a_project_that_has_a_model_already_is_told_the_entry_to_paste(
    cli: CommandLine, environment: dict[str, str], project: Path, sqlite_ledgers: Ledgers
) -> None:
    use(environment, GPT)

    missing = looks(cli)["use of the model"]
    tried = cli("model", "try")

    assert missing["state"] == "missing"
    entry = "{name: openai/gpt-5-mini, owner: TEAM, purpose: WORDS, for: [draft, try], runs: public, sees:"
    assert entry in missing["mend"]
    assert tried.exit_code == 1
    assert "is approved by no usage policy" in tried.stderr
    with sqlite_ledgers.door.read() as tx:
        (event,) = tx.events(EventKind.MODEL_REFUSED)
        assert tx.events(EventKind.MODEL_ASKED) == []
    assert (event.subject, event.data["purpose"], event.data["at"]) == ("openai/gpt-5-mini", "try", "")


@pytest.mark.slow
def test_the_doctor_says_until_when_and_that_it_is_soon_or_over(
    cli: CommandLine, environment: dict[str, str], project: Path, sqlite_ledgers: Ledgers
) -> None:
    use(environment, {**GPT, "fallback": {"provider": "anthropic", "name": "claude-sonnet-4-5"}})
    # The doctor's clock is the real one.
    approve(environment, project, model("openai/gpt-5-mini", **PUBLIC), model("anthropic/claude-*", **PUBLIC))
    good = looks(cli)
    approve(
        environment, project, model("openai/gpt-5-mini", **{**PUBLIC, "until": "2026-01-02"}),
        model("tests/anything"), prompts_need="decision",
    )  # fmt: skip
    bad = looks(cli)

    assert good["use of the model"]["found"] == "openai/gpt-5-mini is approved until 2199-12-31"
    assert good["use of the fallback model"]["state"] == "ok"
    assert good["use of prompts"]["state"] == "ok"
    assert bad["use of the model"]["state"] == "missing"
    assert "was approved until 2026-01-02" in bad["use of the model"]["mend"]
    assert bad["use of the fallback model"]["state"] == "missing"
    assert bad["use of prompts"]["state"] == "missing"
    assert "presscheck run prompt-approval" in bad["use of prompts"]["mend"]


def test_the_doctor_says_so_before_there_is_a_ledger(cli: CommandLine, environment: dict[str, str]) -> None:
    use(environment, GPT)

    assert looks(cli)["use of the model"]["state"] == "missing"


@pytest.mark.slow
def test_a_trial_of_a_model_that_is_approved_for_drafts_alone_is_refused(
    cli: CommandLine, environment: dict[str, str], project: Path, sqlite_ledgers: Ledgers, model_server: ModelServer
) -> None:
    use(environment, {"provider": "openai-compatible", "name": "m", "base_url": model_server.url})
    approve(environment, project, model("openai-compatible/m", **{"for": ["draft"]}))

    said = cli("model", "try")

    assert "was to be asked for try" in said.stderr
    assert model_server.seen == []
