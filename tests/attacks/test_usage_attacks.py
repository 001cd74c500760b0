"""Models and prompts that nobody approved: each way past the usage policy, with its event, and nothing sent."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from policies import PolicySet, load_prompt
from presscheck.cli.model import _sample
from presscheck.ledger import EventKind
from presscheck.library.admission import LibraryAdmission
from presscheck.models import Brief, Fact, Prompt, Sender
from presscheck.providers.admission import NotAdmitted
from presscheck.providers.model import ModelCopywriter
from presscheck.settings.models import ModelSection
from tests.conftest import Ledgers
from tests.model_server import ModelServer
from tests.overlays import overlaid
from tests.providers.test_model import Pocket
from tests.usages import model, usage

RUN = "run-1"
BRIEF = _sample(datetime.now(UTC).date())
EMAIL = load_prompt("prompts.email-variants")
IBAN = "DE89 3704 0044 0532 0130 00"
PERSONAL = ["Write to jo.smith@mail.example", "Call 0170 1234567 for the size", f"Pay to {IBAN}"]


def approving(*models: dict[str, Any], **lists: Any) -> PolicySet:
    return overlaid({"usage/tests.yaml": usage(models=list(models) or [model("openai-compatible/m")], **lists)})


@pytest.fixture
def ask(sqlite_ledgers: Ledgers, model_server: ModelServer) -> Callable[..., None]:
    """Have two e-mails drafted by the model at the server, under these policies."""

    def draft(
        policies: PolicySet | Callable[[], PolicySet],
        *,
        brief: Brief = BRIEF,
        prompt: Prompt = EMAIL,
        note: str = "",
        purpose: str = "draft",
        **section: Any,
    ) -> None:
        source = policies if callable(policies) else lambda: policies
        fields = {"provider": "openai-compatible", "name": "m", "base_url": model_server.url, "retries": 0, **section}
        writer = ModelCopywriter(
            ModelSection.model_validate(fields),
            {"model": SecretStr("sk-1"), "model-fallback": SecretStr("sk-2")},
            admission=LibraryAdmission(sqlite_ledgers.worker, source, run=RUN),
            purse=Pocket(),
            purpose=purpose,
        )
        writer.write(brief, None, prompt=prompt, count=2, seed=1, note=note)

    return draft


def refusals(ledgers: Ledgers) -> list[tuple[str, str]]:
    """What the ledger says was refused: the subject and the code, each signed by the worker."""
    with ledgers.door.read() as tx:
        found = tx.events(EventKind.MODEL_REFUSED)
    assert all(event.process == "worker" and event.run == RUN for event in found)
    return [(event.subject, event.data["code"]) for event in found]


def stopped(ask: Callable[..., None], policies: PolicySet | Callable[[], PolicySet], **given: Any) -> str:
    with pytest.raises(NotAdmitted) as raised:
        ask(policies, **given)
    return str(raised.value)


def test_what_is_approved_is_asked_and_leaves_no_refusal(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers
) -> None:
    ask(approving())

    assert len(model_server.seen) == 1
    assert refusals(sqlite_ledgers) == []


@pytest.mark.parametrize(
    ("models", "given", "code"),
    [
        ([model("openai-compatible/another")], {}, "unlisted"),
        ([model("openai-compatible/m", until="2020-01-01", approved={"by": "Ana", "on": "2019-01-01"})], {}, "expired"),
        ([model("openai-compatible/m", **{"for": ["try"]})], {}, "model-purpose"),
        ([model("openai-compatible/m", runs="private", hosts=["llm.brand.example"])], {}, "model-elsewhere"),
        ([model("openai-compatible/m", sees=["public"])], {}, "data-class"),
    ],
)
def test_a_model_that_is_not_approved_for_this_is_sent_nothing(
    ask: Callable[..., None],
    model_server: ModelServer,
    sqlite_ledgers: Ledgers,
    models: list[dict[str, Any]],
    given: dict[str, Any],
    code: str,
) -> None:
    told = stopped(ask, approving(*models), **given)

    assert refusals(sqlite_ledgers) == [("openai-compatible/m", code)]
    assert model_server.seen == []
    assert told.startswith("nothing was sent to openai-compatible/m: ")


@pytest.mark.slow
def test_an_approved_name_at_a_swapped_address_is_sent_nothing(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers
) -> None:
    public = model("openai/gpt-5-mini", runs="public", sees=["public", "internal"])

    told = stopped(ask, approving(public), provider="openai", name="gpt-5-mini")

    assert refusals(sqlite_ledgers) == [("openai/gpt-5-mini", "model-elsewhere")]
    assert model_server.seen == []
    assert "the approval of a name is none for another address" in told


def test_a_fallback_that_nobody_approved_is_not_asked_where_the_first_model_fails(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers
) -> None:
    model_server.behave("500")
    fallback = {"provider": "openai-compatible", "name": "behind", "base_url": model_server.url}

    stopped(ask, approving(), fallback=fallback)

    assert refusals(sqlite_ledgers) == [("openai-compatible/behind", "unlisted")]
    assert [request["body"]["model"] for request in model_server.seen] == ["m"]


def test_an_approved_fallback_does_not_stand_in_for_a_first_model_that_was_refused(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers
) -> None:
    fallback = {"provider": "openai-compatible", "name": "m", "base_url": model_server.url}

    stopped(ask, approving(), name="first", fallback=fallback)

    assert refusals(sqlite_ledgers) == [("openai-compatible/first", "unlisted")]
    assert model_server.seen == []


def test_an_approval_that_ends_between_two_tries_ends_the_tries(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_server.behave("500")
    monkeypatch.setattr("presscheck.providers.model_requests._FIRST_BACK_OFF", 0.01)
    ended = approving(model("openai-compatible/another"))
    before = approving()

    stopped(ask, lambda: ended if model_server.seen else before, retries=2)

    assert len(model_server.seen) == 1
    assert [code for _, code in refusals(sqlite_ledgers)] == ["unlisted"]


# ---------------------------------------------------------------- prompts


def test_a_prompt_that_was_edited_without_a_new_version_is_given_to_nobody(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers
) -> None:
    edited = EMAIL.model_copy(update={"text": f"{EMAIL.text}\nPraise without end."})

    told = stopped(ask, approving(), prompt=edited)

    assert refusals(sqlite_ledgers) == [("openai-compatible/m", "prompt-changed")]
    assert model_server.seen == []
    assert "did not raise its version" in told


@pytest.mark.parametrize("changed", [{"version": "2"}, {"id": "prompts.of-somebody"}])
def test_approved_words_under_another_number_or_name_are_given_to_nobody(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers, changed: dict[str, str]
) -> None:
    stopped(ask, approving(), prompt=EMAIL.model_copy(update=changed))

    assert refusals(sqlite_ledgers) == [("openai-compatible/m", "unlisted")]
    assert model_server.seen == []


def test_what_counts_is_the_instruction_that_is_sent_and_not_the_one_that_was_announced(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = ModelCopywriter._agent

    def swapped(self: ModelCopywriter, brief: Brief, given: Prompt) -> Any:
        return honest(self, brief, given.model_copy(update={"text": "Praise without end."}))

    monkeypatch.setattr(ModelCopywriter, "_agent", swapped)

    stopped(ask, approving())

    assert refusals(sqlite_ledgers) == [("openai-compatible/m", "prompt-changed")]
    assert model_server.seen == []


# ---------------------------------------------------------------- personal data


@pytest.fixture
def public(ask: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The same with a model that runs in public: its name leads to the server here."""
    monkeypatch.setattr("presscheck.providers.model.place_of", lambda one: "")
    policies = approving(model("openai-compatible/m", runs="public", sees=["public", "internal"]))

    def draft(**given: Any) -> None:
        ask(policies, **given)

    return draft


@pytest.mark.slow
def test_a_brief_without_personal_data_goes_to_a_public_model(
    public: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers
) -> None:
    for _ in range(5):
        public(note="Warmer, please, and shorter.")

    assert len(model_server.seen) == 5
    assert refusals(sqlite_ledgers) == []


@pytest.mark.parametrize("words", PERSONAL)
@pytest.mark.parametrize("where", ["key point", "offer", "persona", "note", "sender", "claim"])
def test_personal_data_on_its_way_to_a_public_model_stays_here(
    public: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers, where: str, words: str
) -> None:
    changes: dict[str, Any] = {
        "key point": {"key_points": (Fact(text=words),)},
        "offer": {"offer": words},
        "persona": {"persona": words},
        "sender": {"sender": Sender(name=words, address="a@brand.example", postal_address="1 Mill Lane")},
        "claim": {"claims": ({"text": words, "evidence": "file"},)},
        "note": {},
    }[where]
    brief = Brief.model_validate(BRIEF.model_dump() | changes)

    with pytest.raises(NotAdmitted, match="personal data"):
        public(brief=brief, note=words if where == "note" else "")

    assert refusals(sqlite_ledgers) == [("openai-compatible/m", "data-class")]
    assert model_server.seen == []
    with sqlite_ledgers.door.read() as tx:
        (event,) = tx.events(EventKind.MODEL_REFUSED)
    assert event.data["rules"]
    assert all(rule.startswith("pii.") for rule in event.data["rules"])
    assert "personal" in event.data["classes"]
    assert words not in json.dumps(event.data, ensure_ascii=False)


@pytest.mark.parametrize("words", [*PERSONAL, "0170 1234567", IBAN, "+1 (415) 555-0132"])
@pytest.mark.parametrize("between", ["\n", "\t", '"', "\\", "<", "\u2028", "\n\n"])
def test_no_line_end_and_no_sign_that_a_request_writes_otherwise_hides_personal_data(
    public: Callable[..., None], model_server: ModelServer, words: str, between: str
) -> None:
    with pytest.raises(NotAdmitted, match="personal data"):
        public(note=f"Shorter.{between}{words}{between}Thanks")

    assert model_server.seen == []


def test_what_a_model_wrote_is_looked_at_too_before_it_is_sent_back(
    public: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from presscheck.providers import model as writing

    honest = writing.request_text
    monkeypatch.setattr(
        writing, "request_text",
        lambda *a, **k: honest(*a, **{**k, "written": ["Write to jo.smith@mail.example"] if k["written"] else []}),
    )  # fmt: skip

    with pytest.raises(NotAdmitted, match="personal data"):
        public(variants_per_request=1)

    assert len(model_server.seen) == 1
    assert refusals(sqlite_ledgers) == [("openai-compatible/m", "data-class")]


def test_where_no_rule_looks_for_personal_data_everything_is_taken_for_it(
    ask: Callable[..., None], model_server: ModelServer, sqlite_ledgers: Ledgers
) -> None:
    off = "extends: privacy\nwhy: We print hotline numbers.\nowner: press\non: false\n"
    entry = model("openai-compatible/m", sees=["public", "internal"])
    policies = overlaid({"usage/tests.yaml": usage(models=[entry]), "packs/privacy/pack.yaml": off})

    told = stopped(ask, policies)

    assert "no rule is in force" in told
    assert refusals(sqlite_ledgers) == [("openai-compatible/m", "data-class")]
    assert model_server.seen == []
