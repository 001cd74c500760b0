"""What a copywriter asks before it sends anything: each request, with where it goes and the very text of it."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from presscheck.models import THIS_MACHINE, Brief, Copy, Prompt
from presscheck.providers import open_copywriter
from presscheck.providers.admission import AdmittedCopywriter, NotAdmitted, Wanted, as_read
from presscheck.providers.model import ModelCopywriter
from presscheck.providers.model_client import place_of
from presscheck.providers.offline import MODEL
from presscheck.providers.repairs import Faulty
from presscheck.settings.models import ModelSection, OneModel
from tests.model_server import ModelServer
from tests.providers.test_model import Pocket
from tests.usages import OpenDoors


class ClosedDoors:
    """An admission that lets nothing pass."""

    def admit(self, wanted: Wanted) -> None:
        raise NotAdmitted(f"not {wanted.model}")


@pytest.mark.parametrize(
    ("provider", "base_url", "place"),
    [
        ("local", "", THIS_MACHINE),
        ("openai", "", ""),
        ("openai", "https://api.openai.com/v1", ""),
        ("openai", "https://API.openai.com:443/v1", ""),
        ("openai", "https://api.openai.com.evil.example/v1", "api.openai.com.evil.example"),
        ("openai", "https://api.openai.com:8443/v1", "api.openai.com:8443"),
        ("openai", "https://api.anthropic.com/v1", "api.anthropic.com"),
        ("anthropic", "", ""),
        ("google", "", ""),
        ("openai-compatible", "https://LLM.brand.example/v1", "llm.brand.example"),
        ("openai-compatible", "https://llm.brand.example:8443/v1", "llm.brand.example:8443"),
        ("openai-compatible", "http://127.0.0.1:9/v1", THIS_MACHINE),
        ("openai-compatible", "https://[::1]:9/v1", THIS_MACHINE),
        ("openai-compatible", "https://127.example.com/v1", "127.example.com"),
    ],
)
def test_where_a_model_is_asked_is_its_providers_address_this_machine_or_a_host(
    provider: Any, base_url: str, place: str
) -> None:
    assert place_of(OneModel(provider=provider, name="m", base_url=base_url)) == place


@pytest.mark.parametrize("answers", ["tool", "schema", "prompt"])
def test_each_request_is_asked_for_with_the_instruction_and_all_that_is_sent(
    model_server: ModelServer, a_brief: Callable[..., Brief], prompt: Prompt, answers: Any
) -> None:
    doors = OpenDoors()
    model_server.behave("schema,good")
    section = ModelSection(
        provider="openai-compatible", name="m", base_url=model_server.url, variants_per_request=2, retries=1,
        answers=answers,
    )  # fmt: skip
    writer = ModelCopywriter(section, {"model": SecretStr("k")}, admission=doors, purse=Pocket())

    writer.write(a_brief(), None, prompt=prompt, count=4, seed=1, note="Warmer, please.")

    assert len(doors.wanted) == len(model_server.seen) > 2
    for wanted, request in zip(doors.wanted, model_server.seen, strict=True):
        assert (wanted.model, wanted.at, wanted.told) == ("openai-compatible/m", THIS_MACHINE, prompt.text)
        assert wanted.given == {"public", "internal"}
        for message in request["body"]["messages"]:
            if isinstance(message.get("content"), str) and message["role"] == "user":
                assert message["content"] in wanted.text
        assert "Warmer, please." in wanted.text


def test_the_offline_copywriter_is_asked_for_as_a_model_is(a_brief: Callable[..., Brief], prompt: Prompt) -> None:
    doors = OpenDoors()
    offline = open_copywriter("offline")
    writer = AdmittedCopywriter(offline, doors, model=f"offline/{MODEL}", purpose="draft")

    written = writer.write(a_brief(), None, prompt=prompt, count=2, seed=7, note="Warmer.")

    assert written == offline.write(a_brief(), None, prompt=prompt, count=2, seed=7, note="Warmer.")
    (wanted,) = doors.wanted
    assert (wanted.model, wanted.at, wanted.told) == ("offline/phrase-grammar/1", THIS_MACHINE, prompt.text)
    assert "Readers get 15% off" in wanted.text
    assert (writer.name, writer.describe()) == (offline.name, offline.describe())


def test_what_is_not_admitted_is_not_written(a_brief: Callable[..., Brief], prompt: Prompt) -> None:
    writer = AdmittedCopywriter(open_copywriter("offline"), ClosedDoors(), model="offline/x", purpose="draft")

    with pytest.raises(NotAdmitted, match="not offline/x"):
        writer.write(a_brief(), None, prompt=prompt, count=2, seed=7)


def test_a_refusal_in_the_middle_is_told_also_where_fewer_texts_would_do(
    model_server: ModelServer, a_brief: Callable[..., Brief], prompt: Prompt
) -> None:
    class Twice(OpenDoors):
        def admit(self, wanted: Wanted) -> None:
            super().admit(wanted)
            if len(self.wanted) > 1:
                raise NotAdmitted("no more")

    section = ModelSection(
        provider="openai-compatible", name="m", base_url=model_server.url, variants_per_request=2, fewest=1
    )
    writer = ModelCopywriter(section, {"model": SecretStr("k")}, admission=Twice(), purse=Pocket())

    with pytest.raises(NotAdmitted, match="no more"):
        writer.write(a_brief(), None, prompt=prompt, count=4, seed=1)

    assert len(model_server.seen) == 1


def test_a_text_that_is_to_be_mended_is_asked_for_with_its_words_and_as_one_that_was_written_before(
    model_server: ModelServer, a_brief: Callable[..., Brief], prompt: Prompt
) -> None:
    faulty = [Faulty(Copy(channel="email", subject="A jacket", body="Write to jo.smith@mail.example."), ())]
    closed = ModelCopywriter(
        ModelSection(provider="openai-compatible", name="m", base_url=model_server.url),
        {"model": SecretStr("k")},
        admission=ClosedDoors(),
        purse=Pocket(),
        purpose="repair",
    )
    doors = OpenDoors()
    offline = AdmittedCopywriter(open_copywriter("offline"), doors, model="offline/x", purpose="repair")

    with pytest.raises(NotAdmitted):
        closed.rewrite(a_brief(), None, faulty, prompt=prompt, seed=1)
    assert len(offline.rewrite(a_brief(), None, faulty, prompt=prompt, seed=1)) == 1

    assert model_server.seen == []
    (wanted,) = doors.wanted
    assert "jo.smith@mail.example" in wanted.text
    assert (wanted.purpose, wanted.given) == ("repair", {"public", "internal"})


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("plain", "plain"),
        (r"one\n0170", "one\\n0170\none 0170"),
        (r"\u003cjo\u00e4", "\\u003cjo\\u00e4\n<joä"),
        (r"a\ud83d\ude00b", "a\\ud83d\\ude00b\na  b"),
    ],
)
def test_what_is_sent_as_json_is_looked_at_as_it_reads_too(sent: str, read: str) -> None:
    assert as_read(sent) == read
