"""`presscheck model try`, and what the doctor says of the model: never the key."""

import json
from pathlib import Path
from typing import Any

import pytest

from presscheck.ledger import EventKind
from tests.cli.conftest import CommandLine
from tests.conftest import Ledgers
from tests.model_server import ModelServer
from tests.usages import model, write_usage

KEY = "sk-do-not-tell-anybody"


@pytest.fixture
def section(environment: dict[str, str], project: Path, model_server: ModelServer) -> dict[str, Any]:
    """The settings' [model], as a test changes it; `use` writes it."""
    write_usage(project / "policies", models=[model("openai-compatible/some-model")])
    environment["PRESSCHECK_POLICIES"] = "policies"
    return {
        "provider": "openai-compatible", "name": "some-model", "base_url": model_server.url, "price_in": "1",
        "price_out": "2", "cap_dollars": "1.00", "retries": 0,
    }  # fmt: skip


def use(environment: dict[str, str], section: dict[str, Any], *, key: str | None = KEY) -> None:
    environment["PRESSCHECK_COPYWRITER"] = "model"
    environment["PRESSCHECK_MODEL"] = json.dumps(section)
    if key is not None:
        environment["PRESSCHECK_SECRET_MODEL"] = key


@pytest.mark.slow
def test_a_trial_prints_variants_tokens_cost_and_time_and_is_on_record(
    cli: CommandLine, environment: dict[str, str], section: dict[str, Any], sqlite_ledgers: Ledgers
) -> None:
    use(environment, section)

    told = cli.json("model", "try")

    assert len(told["variants"]) == 3
    assert told["variants"][0]["model"] == "some-model-2026-11-01"
    assert told["variants"][0]["blocked_by"] == []
    assert told["requests"] == 1
    assert told["cost_microdollars"] == told["input_tokens"] + 2 * told["output_tokens"] > 0
    assert told["seconds"] > 0
    with sqlite_ledgers.door.read() as tx:
        paid = tx.events(EventKind.MODEL_CHARGED)
    assert [(event.data["purpose"], event.data["cost_microdollars"]) for event in paid] == [
        ("try", told["cost_microdollars"])
    ]


@pytest.mark.slow
def test_a_trial_in_words_takes_a_brief_of_ones_own_and_tells_its_history(
    cli: CommandLine, environment: dict[str, str], section: dict[str, Any], sqlite_ledgers: Ledgers, tmp_path: Path
) -> None:
    use(environment, section)
    brief = tmp_path / "brief.yaml"
    brief.write_text("id: half\ntitle: A brief without an offer\n")

    wrong = cli("model", "try", "--brief", str(brief))
    right = cli("model", "try", "--count", "2")
    history = cli("history")

    assert wrong.exit_code == 2
    assert "offer" in wrong.stderr
    assert right.exit_code == 0
    assert "passes the guardrails" in right.stdout
    assert "some-model-2026-11-01: 1 request," in right.stdout
    assert "openai-compatible/some-model answered" in history.stdout
    assert KEY not in right.output + history.output


@pytest.mark.parametrize(
    ("changes", "behaviour", "code", "said"),
    [
        ({}, "401", 3, "refused the key"),
        ({}, "404", 3, "no such model"),
        ({"base_url": "http://127.0.0.1:1/v1"}, "good", 3, "could not be reached"),
        ({"base_url": "elsewhere"}, "good", 2, "is not a web address"),
        ({"provider": None}, "good", 2, "name one of openai, anthropic, google"),
        ({"name": ""}, "good", 2, "name a model"),
        ({"price_in": None, "price_out": None}, "good", 2, "give price_in and price_out"),
        ({"cap_dollars": "0.000001"}, "good", 3, "the cap of $0.000001"),
    ],
)
def test_what_is_wrong_is_told_in_one_document_without_the_key(
    cli: CommandLine,
    environment: dict[str, str],
    section: dict[str, Any],
    sqlite_ledgers: Ledgers,
    model_server: ModelServer,
    changes: dict[str, Any],
    behaviour: str,
    code: int,
    said: str,
) -> None:
    model_server.behave(behaviour)
    use(environment, {name: value for name, value in {**section, **changes}.items() if value is not None})

    result = cli("model", "try", "--json")

    assert result.exit_code == code
    assert said in json.loads(result.stdout)["error"]
    assert KEY not in result.output
    assert "Traceback" not in result.output


def test_without_a_key_it_says_where_one_belongs_and_the_doctor_does_too(
    cli: CommandLine, environment: dict[str, str], section: dict[str, Any], sqlite_ledgers: Ledgers, home: Path
) -> None:
    use(environment, {**section, "base_url": "https://model.example/v1"}, key=None)

    result = cli("model", "try")
    look = next(look for look in cli.json("doctor")["checks"] if look["what"] == "model")

    assert result.exit_code == 2
    assert str(home / "secrets" / "model") in result.stderr
    assert look["state"] == "missing"
    assert look["found"] == "openai-compatible/some-model: there is no key"
    assert str(home / "secrets" / "model") in look["mend"]


def test_the_doctor_says_that_a_cap_over_an_unknown_price_cannot_be_kept(
    cli: CommandLine, environment: dict[str, str], section: dict[str, Any]
) -> None:
    use(environment, {name: value for name, value in section.items() if not name.startswith("price")})

    looks = [look for look in cli.json("doctor")["checks"] if look["what"] == "model"]

    assert looks[0]["state"] == "missing"
    assert "nobody here knows its price" in looks[0]["found"]


def test_the_doctor_names_model_fallback_and_cap_and_never_a_key(
    cli: CommandLine, environment: dict[str, str], section: dict[str, Any], home: Path
) -> None:
    use(environment, {**section, "fallback": {"provider": "anthropic", "name": "claude-sonnet-4-5"}})
    secret = home / "secrets" / "model-fallback"
    secret.parent.mkdir(mode=0o700)
    secret.write_text("sk-ant-also-not\n")
    secret.chmod(0o600)

    result = cli("doctor", "--json")
    looks = {look["what"]: look for look in json.loads(result.stdout)["checks"]}

    assert looks["model"]["found"].startswith("openai-compatible/some-model, a key is there, a cap of $1.00")
    assert looks["fallback model"]["found"].startswith("anthropic/claude-sonnet-4-5, a key is there")
    assert KEY not in result.output
    assert "sk-ant" not in result.output
    secret.chmod(0o644)
    assert "chmod 600" in next(
        look["found"] for look in cli.json("doctor")["checks"] if look["what"] == "fallback model"
    )
