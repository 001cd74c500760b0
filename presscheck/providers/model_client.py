"""A pydantic-ai model from a section of the settings: always at the address that is written there.

No variable of a provider's own (OPENAI_BASE_URL, OPENAI_API_KEY, ...) steers where a brief is sent or
with which key. Redirects are not followed, answers are read to a bound, and the libraries' own
retries are off: `model_requests` retries, because each try costs and has to be on record.
"""

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from presscheck.errors import Fault, SettingsError
from presscheck.models import THIS_MACHINE
from presscheck.settings.models import ModelSection, OneModel
from presscheck.settings.section import is_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2
    from pydantic_ai.models import Model

_OWN_ADDRESS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
}
_MOST_BYTES = 16 * 1024 * 1024
"""No answer of a model is as long; a server that goes on and on is cut off here."""


def faults_of(section: ModelSection) -> list[Fault]:
    """What keeps the section from naming a model that can be asked; all of it at once."""
    found = _faults_of_one(section, "model")
    if section.fallback is not None:
        found += _faults_of_one(section.fallback, "model.fallback")
    return found


def place_of(model: OneModel) -> str:
    """Where the model is asked: this machine, HOST or HOST:PORT; empty for its provider's own address."""
    if model.provider == "local":
        return THIS_MACHINE
    parts = urlsplit(model.base_url or _OWN_ADDRESS[model.provider or ""])
    if is_loopback(parts.hostname or ""):
        return THIS_MACHINE
    host = parts.netloc.lower().removesuffix(":443")
    return "" if host == urlsplit(_OWN_ADDRESS.get(model.provider or "", "")).netloc else host


def needs_key(model: OneModel) -> bool:
    """Whether the model is asked only with a key: all but those on this machine are."""
    if model.provider == "local":
        return False
    return not (model.base_url and is_loopback(urlsplit(model.base_url).hostname or ""))


def open_model(model: OneModel, key: SecretStr | None, client: "httpx2.AsyncClient") -> "Model":
    """The model, not yet asked anything; SettingsError where what it needs is not installed."""
    if model.provider == "local":
        from presscheck.providers.model_local import open_local_model

        return open_local_model()
    try:
        return _remote(model, "no-key" if key is None else key.get_secret_value(), client)
    except ImportError as missing:
        extra = model.provider
        raise SettingsError(
            f"[model] provider = {extra!r} needs a package that is not here ({missing.name}): "
            f"pip install 'presscheck[{extra}]'"
        ) from None


def http_client(model: OneModel, *, timeout_seconds: float) -> "httpx2.AsyncClient":
    """What the model is reached through; whoever asks for it closes it."""
    import httpx2

    async def bound(response: httpx2.Response) -> None:
        # A compressed answer could unfold to any size; none was asked for.
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.DecodingError("the answer is compressed, which was not asked for", request=response.request)
        response.stream = _bounded(cast("httpx2.AsyncByteStream", response.stream), response.request)

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_seconds, connect=min(10.0, timeout_seconds)),
        follow_redirects=False,
        # A proxy of the environment is asked for the world outside, never for this machine.
        trust_env=not is_loopback(urlsplit(model.base_url).hostname or ""),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [bound]},
    )


def _remote(model: OneModel, key: str, client: "httpx2.AsyncClient") -> "Model":
    address = model.base_url or _OWN_ADDRESS[model.provider or ""]
    if model.provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(model.name, provider=AnthropicProvider(api_key=key, base_url=address, http_client=client))
    if model.provider == "google":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(model.name, provider=GoogleProvider(api_key=key, base_url=address, http_client=client))
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    if model.provider == "openai":
        from pydantic_ai.providers.openai import OpenAIProvider

        return OpenAIChatModel(model.name, provider=OpenAIProvider(api_key=key, base_url=address, http_client=client))
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    compatible = OpenAICompatibleProvider(
        "openai-compatible",
        api_key=key,
        base_url=address,
        http_client=client,
        # Servers of this kind know `max_tokens`; some refuse the newer name, others ignore it and write on.
        profile=OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False, supports_json_schema_output=True),
    )
    return OpenAIChatModel(model.name, provider=compatible)


def _faults_of_one(model: OneModel, where: str) -> list[Fault]:
    path = "presscheck.toml"
    if model.provider is None:
        message = "name one of openai, anthropic, google, openai-compatible, local"
        return [Fault(path, None, f"{where}.provider", message)]
    found: list[Fault] = []
    if not model.name and model.provider != "local":
        found.append(Fault(path, None, f"{where}.name", f"name a model of {model.provider}"))
    if model.provider == "openai-compatible" and not model.base_url:
        found.append(Fault(path, None, f"{where}.base_url", "name the server's address, such as https://HOST/v1"))
    if model.provider == "local" and model.base_url:
        message = "a local model runs in this process and has no address; take it out, or use openai-compatible"
        found.append(Fault(path, None, f"{where}.base_url", message))
    if (model.price_in is None) != (model.price_out is None):
        found.append(Fault(path, None, f"{where}.price_in", "give price_in and price_out together, or neither"))
    return found


def _bounded(stream: "httpx2.AsyncByteStream", request: Any) -> "httpx2.AsyncByteStream":
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        async def __aiter__(self) -> "AsyncIterator[bytes]":
            left = _MOST_BYTES
            async for chunk in stream:
                left -= len(chunk)
                if left < 0:
                    raise httpx2.ReadError(f"the answer is longer than {_MOST_BYTES:,} bytes", request=request)
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    return Bounded()
