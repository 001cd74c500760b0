"""`[model]`: which model writes, and what it costs."""

from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from presscheck.settings.section import Section, is_loopback

ModelProvider = Literal["openai", "anthropic", "google", "openai-compatible", "local"]


def _model_address(text: str) -> str:
    """An address that a key and a brief may be sent to; ValueError with what is wrong with any other."""
    if not text:
        return text
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not a web address; write https://HOST/v1") from None
    if parts.scheme not in ("http", "https") or not host or any(one.isspace() or not one.isprintable() for one in text):
        raise ValueError("is not a web address; write https://HOST/v1")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("would send the key and the brief unencrypted; write https://, http only for 127.0.0.1")
    if "@" in parts.netloc:
        raise ValueError("carries a user or a password; take it out and put the key into the secret `model`")
    if parts.query or parts.fragment:
        raise ValueError("carries a query or a fragment; write the address as far as /v1")
    return text.rstrip("/")


Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=16, decimal_places=6)]


class OneModel(Section):
    """A model and what it costs."""

    provider: ModelProvider | None = Field(
        default=None, description="openai, anthropic, google, openai-compatible (any such server) or local."
    )
    name: str = Field(default="", max_length=200, description="The model's name at its provider, such as gpt-5-mini.")
    base_url: Annotated[str, AfterValidator(_model_address)] = Field(
        default="", description="The server's address as far as /v1; empty: the provider's own."
    )
    price_in: Dollars | None = Field(
        default=None, description="Dollars for a million input tokens, where Presscheck does not know the price."
    )
    price_out: Dollars | None = Field(default=None, description="Dollars for a million output tokens.")


class ModelSection(OneModel):
    """`[model]`: which model writes, when `copywriter = "model"`."""

    fallback: OneModel | None = Field(
        default=None, description="Another model, asked where the first one cannot be reached or is overloaded."
    )
    answers: Literal["tool", "schema", "prompt"] | None = Field(
        default=None,
        description="How typed answers are asked for: a tool call, a JSON schema, or words alone. Empty: schema for "
        "openai-compatible and local, tool for the others.",
    )
    timeout_seconds: float = Field(default=90, gt=0, le=900, description="How long one request may take.")
    total_seconds: float = Field(default=900, gt=0, le=7200, description="How long all requests of a draft may take.")
    retries: int = Field(default=2, ge=0, le=10, description="How often a failed or unusable request is tried again.")
    requests_per_minute: int = Field(default=60, ge=1, le=10_000, description="The most requests in a minute.")
    variants_per_request: int = Field(default=10, ge=1, le=50, description="How many variants one request asks for.")
    output_tokens: int = Field(
        default=16_000, ge=200, le=200_000, description="The most a request may write, thinking included."
    )
    cap_dollars: Dollars | None = Field(default=None, description="The most that one campaign run may cost.")
    fewest: int | None = Field(
        default=None, ge=1, le=200, description="Go on with so many variants; empty: with all that were asked for."
    )
