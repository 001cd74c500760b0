"""Has a language model write variants: asked in bounded steps, paid from a purse, believed in nothing.

    writer = ModelCopywriter(section, keys, admission=admission, purse=purse, tell=print)
    variants = writer.write(brief, product, prompt=prompt, count=50, seed=7)

The prompt is the instruction; brief, product and note are fenced data. What comes back is typed,
cleaned and compared, asked for again where it is missing or alike, and judged by policies and people
like every other text.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from presscheck.cleaning import clean_line, shorten
from presscheck.errors import Fault, ProviderError, SettingsError
from presscheck.models import Author, Brief, CommentAsked, Product, Prompt, Variant
from presscheck.providers.admission import Admission, NotAdmitted, given_by
from presscheck.providers.model_answers import Answer, Harvest, answer_type, repair_type
from presscheck.providers.model_client import faults_of, http_client, open_model, place_of
from presscheck.providers.model_fence import repair_text, request_text
from presscheck.providers.repairs import Faulty
from presscheck.providers.spending import Purse, price_of
from presscheck.settings.models import ModelSection, OneModel

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model

    from presscheck.providers.model_requests import MeteredModel, Pace

_MOST = 200
_BARREN = 2
"""So many answers in a row without one new variant, and the model is asked no more."""
R = TypeVar("R")
Opener = Callable[[OneModel, SecretStr | None, "httpx2.AsyncClient"], "Model"]


class ModelCopywriter:
    """A language model, and perhaps another behind it, that answers to the `Copywriter` protocol."""

    name = "model"

    def __init__(
        self,
        section: ModelSection,
        keys: Mapping[str, SecretStr | None],
        *,
        admission: Admission,
        purse: Purse,
        tell: Callable[[str], None] = lambda line: None,
        purpose: str = "draft",
        opener: Opener | None = None,
    ) -> None:
        """`keys` has the secrets `model` and `model-fallback`, where there are any. SettingsError with every fault."""
        faults = faults_of(section)
        if faults:
            raise SettingsError(faults)
        self._section = section
        self._models: list[tuple[OneModel, SecretStr | None]] = [(section, keys.get("model"))]
        if section.fallback is not None:
            self._models.append((section.fallback, keys.get("model-fallback")))
        unpriced = [one for one, _ in self._models if price_of(one) is None]
        if section.cap_dollars is not None and unpriced:
            raise SettingsError([_unpriced(one, section) for one in unpriced])
        self._admission = admission
        self._purse = purse
        self._tell = tell
        self._purpose = purpose
        self._opener = opener or open_model

    def describe(self) -> str:
        """What it is, in words for the person who reads its texts."""
        named = [_called(one) for one, _ in self._models]
        behind = f", or {named[1]} where that could not be asked" if len(named) > 1 else ""
        return f"a language model ({named[0]}{behind}): it may state things that are wrong, check what it says"

    def write(
        self,
        brief: Brief,
        product: Product | None,
        *,
        prompt: Prompt,
        count: int,
        seed: int,
        round: int = 1,
        note: str = "",
        comments: Sequence[CommentAsked] = (),
    ) -> list[Variant]:
        """`count` different variants, or `[model] fewest` of them at least; ProviderError with the reason otherwise.

        A model cannot be made to repeat itself: `seed` changes nothing here.
        """
        if not 1 <= count <= _MOST:
            raise ProviderError(f"model copywriter: asked for {count} variants; ask for 1 to {_MOST}")
        harvest = Harvest(brief, product, count=count)
        stopped = ""
        try:
            fill = self._fill_from
            _run(
                lambda: self._ask(
                    prompt, lambda model: fill(model, harvest, brief, product, prompt, round, note, comments)
                )
            )
        except NotAdmitted:
            # What came until then was written under an approval; what is missing nobody may ask for.
            raise
        except ProviderError as fault:
            stopped = str(fault)
        came = len(harvest.variants)
        if harvest.missing and came < min(count, self._section.fewest or count):
            raise ProviderError(self._too_few(harvest, count, stopped))
        if harvest.missing:
            self._tell(self._too_few(harvest, count, stopped))
        return harvest.variants

    def rewrite(
        self,
        brief: Brief,
        product: Product | None,
        faulty: Sequence[Faulty],
        *,
        prompt: Prompt,
        seed: int,
        round: int = 1,
        note: str = "",
        comments: Sequence[CommentAsked] = (),
    ) -> list[Variant | None]:
        """A text in place of each; None where the model gave none, or could not be asked, or the cap is reached."""
        del seed
        came: dict[int, Variant] = {}
        try:
            mend = self._mend
            _run(
                lambda: self._ask(
                    prompt, lambda model: mend(model, came, brief, product, faulty, prompt, round, note, comments)
                )
            )
        except NotAdmitted:
            # Nothing is left as it was in silence because nobody may ask.
            raise
        except ProviderError as fault:
            self._tell(f"{len(came)} of {len(faulty)} texts were written anew: {fault}")
        return [came.get(number) for number in range(1, len(faulty) + 1)]

    async def _mend(
        self,
        model: "MeteredModel",
        came: dict[int, Variant],
        brief: Brief,
        product: Product | None,
        faulty: Sequence[Faulty],
        prompt: Prompt,
        round: int,
        note: str,
        comments: Sequence[CommentAsked],
    ) -> None:
        """Ask once for each text that is not there yet: whoever calls has it tried a second time with what came."""
        from pydantic_ai.exceptions import UnexpectedModelBehavior, UserError

        agent = self._agent(repair_type(brief.channel), prompt)
        left = [(number, one) for number, one in enumerate(faulty, start=1) if number not in came]
        for start in range(0, len(left), self._section.variants_per_request):
            asked = dict(left[start : start + self._section.variants_per_request])
            text = repair_text(brief, product, [*asked.items()], round=round, note=note, comments=comments)
            model.given = given_by(brief, note=note, comments=comments, written=True)
            try:
                answered = await agent.run(text, model=model)
            except UnexpectedModelBehavior as error:
                self._tell(
                    f"{model.ticket.called}: what it wrote anew has another shape ({shorten(error.message, 160)})"
                )
                continue
            except UserError as error:
                raise ProviderError(f"{model.ticket.called}: {shorten(error.message, 200)}") from None
            author = _author(model, answered, prompt)
            for one in answered.output.variants:
                # Each by itself: what is judged later is whether it may go out, not whether it is like another.
                harvest = Harvest(brief, product, count=1)
                if one.number in asked and one.number not in came and harvest.take([one], author):
                    came[one.number] = harvest.variants[0]

    async def _ask(self, prompt: Prompt, act: "Callable[[MeteredModel], Coroutine[Any, Any, None]]") -> None:
        """Let the model do it, or the one behind it where it could not be asked; ProviderError where neither could."""
        from presscheck.providers.model_requests import ModelUnavailable, Pace

        section = self._section
        pace = Pace(section.requests_per_minute, asyncio.get_running_loop().time() + section.total_seconds)
        reasons: list[str] = []
        for one, key in self._models:
            if reasons:
                self._tell(f"{reasons[-1]}; going on with {_called(one)}")
            async with http_client(one, timeout_seconds=section.timeout_seconds) as client:
                model = self._metered(self._opener(one, key, client), one, key, pace, prompt)
                try:
                    await act(model)
                    return
                except ModelUnavailable as fault:
                    reasons.append(str(fault))
        raise ProviderError("; ".join(reasons))

    async def _fill_from(
        self,
        model: "MeteredModel",
        harvest: Harvest,
        brief: Brief,
        product: Product | None,
        prompt: Prompt,
        round: int,
        note: str,
        comments: Sequence[CommentAsked],
    ) -> None:
        """Ask until there is enough; ModelUnavailable once the model's answers hold nothing new or nothing usable."""
        from pydantic_ai.exceptions import UnexpectedModelBehavior, UserError

        from presscheck.providers.model_requests import ModelUnavailable

        agent = self._agent(answer_type(brief.channel), prompt)
        barren = 0
        why = ""
        while harvest.missing and barren < _BARREN:
            asked = min(harvest.missing, self._section.variants_per_request)
            written = harvest.beginnings()
            text = request_text(brief, product, count=asked, round=round, note=note, comments=comments, written=written)
            model.given = given_by(brief, note=note, comments=comments, written=bool(written))
            try:
                answered = await agent.run(text, model=model)
            except UnexpectedModelBehavior as error:
                barren += 1
                # "Exceeded maximum retries" is about us and not about the answer.
                said = "" if error.message.startswith("Exceeded") else f" ({shorten(error.message, 160)})"
                why = f"its answers do not have the shape that was asked for{said}"
                self._tell(f"{model.ticket.called}: {why}")
                continue
            except UserError as error:
                way = "another way of asking for typed answers ([model] answers: tool, schema or prompt) may do"
                raise ProviderError(f"{model.ticket.called}: {shorten(error.message, 200)}; {way}") from None
            kept = harvest.take(answered.output.variants, _author(model, answered, prompt))
            barren = 0 if kept else barren + 1
            why = why if kept else "its answers hold nothing new"
            self._tell(f"{model.ticket.called}: {len(harvest.variants)} variants, {harvest.missing} to go")
        if harvest.missing:
            raise ModelUnavailable(f"{model.ticket.called} was asked no more: {why}")

    def _agent(self, kind: type[Answer], prompt: Prompt) -> Any:
        from pydantic_ai import Agent, NativeOutput, PromptedOutput, ToolOutput

        open_servers = ("openai-compatible", "local")
        way = self._section.answers or ("schema" if self._section.provider in open_servers else "tool")
        asked: Any = {
            "tool": lambda: ToolOutput(kind, name="variants"),
            "schema": lambda: NativeOutput(kind, name="variants"),
            "prompt": lambda: PromptedOutput(kind, name="variants"),
        }[way]()
        # One more chance for an answer of the wrong shape, with what was wrong with it; then it is asked anew.
        return Agent(output_type=asked, instructions=prompt.text, retries={"output": min(1, self._section.retries)})

    def _metered(
        self, model: "Model", one: OneModel, key: SecretStr | None, pace: "Pace", prompt: Prompt
    ) -> "MeteredModel":
        from presscheck.providers.model_requests import MeteredModel, Ticket

        section = self._section
        ticket = Ticket(
            provider=one.provider or "",
            name=one.name or (one.provider or ""),
            at=place_of(one),
            price=price_of(one),
            key=key,
            purpose=self._purpose,
            timeout_seconds=section.timeout_seconds,
            retries=section.retries,
            output_tokens=section.output_tokens,
        )
        return MeteredModel(
            model, ticket, prompt=prompt, admission=self._admission, purse=self._purse, pace=pace, tell=self._tell
        )

    def _too_few(self, harvest: Harvest, count: int, stopped: str) -> str:
        spent = self._purse.spent()
        left_out = "; ".join(f"{many} {why}" for why, many in sorted(harvest.left_out.items()))
        price = f"${spent.microdollars / 1_000_000:.6f}" + (" and requests of unknown price" if spent.unpriced else "")
        return (
            f"{len(harvest.variants)} of {count} variants came"
            + (f" (left out: {left_out})" if left_out else "")
            + (f": {stopped}" if stopped else "")
            + f". This run's {spent.requests} requests came to {price}"
        )


def _author(model: "MeteredModel", answered: Any, prompt: Prompt) -> Author:
    # A server says which model answered: its words, so one clean and short line of them.
    named = shorten(clean_line(answered.response.model_name or ""), 120) or model.ticket.name
    return Author.machine(model.ticket.provider, named, prompt.id, prompt.version)


def _called(one: OneModel) -> str:
    return "/".join(part for part in (one.provider, one.name) if part)


def _unpriced(one: OneModel, section: ModelSection) -> Fault:
    where = "model" if one is section else "model.fallback"
    message = (
        f"nobody here knows what {_called(one)} costs{' at this address' if one.base_url else ''}, so the cap of "
        f"${section.cap_dollars} cannot be kept; give price_in and price_out in dollars for a million tokens"
    )
    return Fault("presscheck.toml", None, f"{where}.price_in", message)


def _run(make: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """Run to the end from plain code, also where somebody's event loop runs in this thread already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(make())
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(lambda: asyncio.run(make())).result()
