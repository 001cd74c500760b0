"""Every request to a model: admitted and paid for first, timed, tried again within bounds, and on record after.

`MeteredModel` stands between pydantic-ai and a model, so that nothing reaches the model past it: also
the requests that pydantic-ai makes by itself, to ask for a better answer, are admitted, paced and charged.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pydantic import SecretStr
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelRequest, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_core import to_json

from presscheck.cleaning import shorten
from presscheck.errors import ProviderError
from presscheck.models import Prompt
from presscheck.providers.admission import Admission, Wanted, as_read
from presscheck.providers.spending import Price, Purse

_SAID = 200
# Chat templates, roles and tool frames add tokens that are in no message of ours.
_FRAME_TOKENS = 1_000
_MOST_TOKENS = 10**9
_FIRST_BACK_OFF = 1.0
_LONGEST_BACK_OFF = 30.0
# Gateways answer so when whoever is behind them did not answer in time: the work may be done, and charged for.
_PERHAPS_DONE = {408, 499, 502, 504, 520, 522, 524}
_NOT_SAID = {"timestamp", "kind", "part_kind", "run_id", "conversation_id", "tool_call_id", "provider_response_id"}
"""Of a message, what a program made and no sentence is; everything else is looked at."""


class ModelUnavailable(ProviderError):
    """The model could not be reached or would not take the request now; another one may be asked."""


class _Again(Exception):
    """One try failed; another may not."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.reason = reason
        self.wait = wait
        super().__init__(reason)


@dataclass
class Pace:
    """At most so many requests in any minute, and none after the deadline. One process's requests only."""

    per_minute: int
    deadline: float
    """On the running loop's clock."""
    _sent: deque[float] = field(default_factory=deque[float])

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - asyncio.get_running_loop().time()

    async def turn(self) -> None:
        """Wait until a request may be sent; ModelUnavailable where that is after the deadline."""
        now = asyncio.get_running_loop().time()
        while self._sent and self._sent[0] <= now - 60:
            self._sent.popleft()
        if len(self._sent) >= self.per_minute:
            await self.sleep(self._sent[0] + 60 - now, "the pace of requests_per_minute is reached", lambda line: None)
        if self.left <= 0:
            raise ModelUnavailable("the time for this draft is used up ([model] total_seconds)")
        self._sent.append(asyncio.get_running_loop().time())

    async def sleep(self, seconds: float, why: str, tell: Callable[[str], None]) -> None:
        """Wait, and tell so; ModelUnavailable at once where the wait would end after the deadline."""
        if seconds >= self.left:
            raise ModelUnavailable(
                f"{why}, and waiting {seconds:.0f} s would take longer than [model] total_seconds allows"
            )
        tell(f"{why}; trying again in {seconds:.1f} s")
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Ticket:
    """What a model is called in messages and in the ledger, what it costs, and how it may be asked."""

    provider: str
    name: str
    at: str
    """Where it is asked, as `Wanted` has it."""
    price: Price | None
    key: SecretStr | None
    purpose: str
    timeout_seconds: float
    retries: int
    output_tokens: int

    @property
    def called(self) -> str:
        return f"{self.provider}/{self.name}"

    def worst(self, input_tokens: int) -> int | None:
        """The most that a request can cost, in millionths of a dollar; None where no price is known."""
        return None if self.price is None else self.price.cost(input_tokens, self.output_tokens)


class MeteredModel(WrapperModel):
    """A model whose every request is admitted, and goes through a purse and a pace."""

    def __init__(
        self,
        wrapped: Model,
        ticket: Ticket,
        *,
        prompt: Prompt,
        admission: Admission,
        purse: Purse,
        pace: Pace,
        tell: Callable[[str], None],
    ) -> None:
        super().__init__(wrapped)
        self.ticket = ticket
        self.given: frozenset[str] = frozenset({"public", "internal"})
        """The classes of data in the material of the next request; whoever asks says so."""
        self._prompt = prompt
        self._admission = admission
        self._purse = purse
        self._pace = pace
        self._tell = tell

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """One answer, after as many tries as are allowed; ProviderError with what the last one came to."""
        # A token is never less than a byte, so no tokenizer can make more of the request than this.
        asked = to_json(model_request_parameters, serialize_unknown=True)
        bound = len(ModelMessagesTypeAdapter.dump_json(messages)) + len(asked) + _FRAME_TOKENS
        sent = ModelMessagesTypeAdapter.dump_python(messages, mode="json")
        wanted = Wanted(
            model=self.ticket.called,
            at=self.ticket.at,
            purpose=self.ticket.purpose,
            prompt=self._prompt,
            told=_instruction(messages, model_request_parameters),
            text=as_read("\n".join([*_texts_in(sent), asked.decode()])),
            # With a question after an answer the answer goes out again.
            given=self.given.union(["internal"] if any(isinstance(one, ModelResponse) for one in messages) else []),
        )
        settings = {**(model_settings or {}), "max_tokens": self.ticket.output_tokens, "max_retries": 0}
        for tried in range(self.ticket.retries + 1):
            await self._pace.turn()
            # Before each try: while it waited an approval may have ended.
            self._admission.admit(wanted)
            try:
                return await self._one_try(messages, settings, model_request_parameters, bound)
            except _Again as failed:
                reason = f"{self.ticket.called} {failed.reason}"
                if tried == self.ticket.retries:
                    raise ModelUnavailable(f"{reason} ({tried + 1} tries)") from None
                wait = failed.wait
                if wait is None:
                    # Many campaigns that failed together must not all come back in the same second.
                    wait = min(_LONGEST_BACK_OFF, _FIRST_BACK_OFF * 2**tried) * random.uniform(0.5, 1.0)  # noqa: S311
                await self._pace.sleep(wait, reason, self._tell)
        raise AssertionError("every try returns or raises")

    async def _one_try(
        self, messages: list[ModelMessage], settings: Any, parameters: ModelRequestParameters, bound: int
    ) -> ModelResponse:
        ticket = self.ticket
        worst = ticket.worst(bound)
        request = self._purse.reserve(provider=ticket.provider, model=ticket.name, purpose=ticket.purpose, worst=worst)
        seconds = min(ticket.timeout_seconds, self._pace.left)
        try:
            async with asyncio.timeout(seconds):
                settings["timeout"] = seconds
                response = await self.wrapped.request(messages, settings, parameters)
        except TimeoutError:
            self._charge(request, "unknown", cost=worst)
            raise _Again(f"did not answer within {seconds:.0f} s") from None
        except ModelAPIError as error:
            refused = _was_refused(error)
            self._charge(request, "refused" if refused else "unknown", cost=0 if refused else worst)
            raise self._reading_of(error) from None
        except UnexpectedModelBehavior as error:
            self._charge(request, "unknown", cost=worst)
            raise _Again(f"answered with something that is no answer: {self._said(error.message)}") from None
        except BaseException:
            # Stopped in the middle, or a fault of a library: what the provider made of it is not known.
            self._charge(request, "unknown", cost=worst)
            raise
        usage = response.usage
        if usage.unmeasured_requests or not usage.has_values():
            # A server that does not count is taken to have charged the most it could.
            self._charge(request, "answered", cost=worst)
        else:
            read, written = _counted(usage.input_tokens), _counted(usage.output_tokens)
            cost = None if ticket.price is None else ticket.price.cost(read, written)
            self._charge(request, "answered", cost=cost, input_tokens=read, output_tokens=written)
        return response

    def _charge(
        self,
        request: str,
        outcome: Literal["answered", "refused", "unknown"],
        *,
        cost: int | None,
        input_tokens: int = 0,
        output_tokens: int = 0,
    ) -> None:
        self._purse.charge(
            request,
            provider=self.ticket.provider,
            model=self.ticket.name,
            purpose=self.ticket.purpose,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost=cost,
            outcome=outcome,
        )

    def _reading_of(self, error: ModelAPIError) -> Exception:
        """What a failed request means: try again, ask another model, or tell the operator what to mend."""
        called, status = self.ticket.called, getattr(error, "status_code", None)
        said = self._said(_words_of(error))
        if isinstance(error, ModelAuthenticationError):
            return ProviderError(
                f"{called} refused the key ({status}): {said}. Look at the secret and at what the key may do"
            )
        if isinstance(error, ModelNotFoundError):
            return ProviderError(
                f"{called}: there is no such model or no such address ({status}): {said}. "
                "Look at [model] name and base_url"
            )
        if isinstance(error, ModelQuotaExceededError):
            return ModelUnavailable(f"{called} says that the account is used up ({status}): {said}")
        if isinstance(error, ModelConnectionError):
            return _Again(f"could not be reached or broke off: {said}")
        if _is_redirect(error):
            return ProviderError(f"{called} sends elsewhere, which is not followed; look at [model] base_url")
        if status is None or status in (408, 409, 425, 429) or status >= 500:
            return _Again(f"answered {status or 'with an error'}: {said}", wait=_asked_wait(error))
        return ProviderError(f"{called} refused the request ({status}): {said}")

    def _said(self, text: str) -> str:
        """A server's words, short, on one line, without the key that it may have repeated."""
        if self.ticket.key is not None:
            text = text.replace(self.ticket.key.get_secret_value(), "[the key]")
        return shorten(text, _SAID)


def _instruction(messages: list[ModelMessage], parameters: ModelRequestParameters) -> str:
    """The instruction as the model's adapter will send it; how answers are typed follows in a part of its own."""
    if parameters.instruction_parts is not None:
        return parameters.instruction_parts[0].content if parameters.instruction_parts else ""
    told = [one.instructions for one in messages if isinstance(one, ModelRequest) and one.instructions]
    return told[-1] if told else ""


def _texts_in(value: Any) -> list[str]:
    """Every text within messages as plain data."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        return [text for key, inner in entries.items() if key not in _NOT_SAID for text in _texts_in(inner)]
    if isinstance(value, list):
        return [text for inner in cast("list[Any]", value) for text in _texts_in(inner)]
    return []


def _words_of(error: ModelAPIError) -> str:
    """What the server or the network said, as far as it can be found."""
    body: Any = error.body
    if isinstance(body, dict):
        told = cast("dict[str, Any]", body)
        inner = told.get("error", told)
        message = cast("dict[str, Any]", inner).get("message") if isinstance(inner, dict) else inner
        return str(message or told)
    if body:
        return str(body)
    if not isinstance(error, ModelConnectionError):
        return error.message
    # Libraries wrap "connection refused" in their own "connection error": the innermost one knows most.
    said, cause = error.message, error.__cause__
    while cause is not None:
        said, cause = str(cause) or said, cause.__cause__
    return said


def _is_redirect(error: ModelAPIError) -> bool:
    response = getattr(error.__cause__, "response", None)
    return 300 <= getattr(response, "status_code", 0) < 400


def _was_refused(error: ModelAPIError) -> bool:
    """Whether the provider certainly did no work: it said no, or nothing was sent."""
    status = getattr(error, "status_code", None)
    if status is not None or _is_redirect(error):
        return status not in _PERHAPS_DONE
    return isinstance(error, ModelConnectionError) and error.phase in ("pool", "connect")


def _asked_wait(error: ModelAPIError) -> float | None:
    """How long the provider asks to wait; a negative or endless wait is no answer."""
    asked = error.retry_after
    return asked if asked is not None and 0 <= asked < float("inf") else None


def _counted(tokens: object) -> int:
    """A server's count as a number that can be stored: never negative, never without end."""
    return max(0, min(tokens, _MOST_TOKENS)) if isinstance(tokens, int) else 0
