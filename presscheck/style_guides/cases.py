"""Cases for an imported rule: texts that it fires on and texts that it leaves alone, tried on the rule itself."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policies.engine.guardrail import Guardrail, GuardrailCase
from policies.engine.verdicts import fires_on

_FRAMES = (
    "Here it says {} today.",
    "{}",
    "{} is what it says.",
    "It says {}",
    "It says {}.",
    "a{} b",
    "a{}b",
    "So.\n{}\n",
    "x {}",
    "x {}b",
    "({})",
)
_HARMLESS = (
    "Two mugs stand by the window.",
    "two mugs stand by the window",
    "Rain",
    "TWO MUGS",
    "Two Mugs Stand by the Window",
    "A",
    "",
    "The mug is red. It holds tea. You can wash it. It is light. Take it with you. It will last. "
    "The tea is hot. You sit by the window. The cat is on the mat. You like the cat. The day is good.",
)
_HEAVY = (
    "Notwithstanding considerable organisational responsibilities, multidisciplinary administrative representatives "
    "systematically operationalise unprecedented institutional transformation methodologies, simultaneously "
    "facilitating interdepartmental communication infrastructures throughout geographically distributed "
    "international manufacturing environments, predominantly characterised by unpredictable technological dependencies."
)
_MOST_FIRING = 3
_MOST_FRAMED = 3


@dataclass(frozen=True)
class Proved:
    """Cases that hold, and which of the samples the rule does not fire on, by their place."""

    cases: list[dict[str, Any]]
    silent: tuple[int, ...]


def proved(rule: dict[str, Any], samples: Sequence[Sequence[str]], right: Iterable[str] = ()) -> Proved:
    """Cases for a rule that has none yet. `samples`: texts for each token; `right`: texts that it should leave alone.

    No case of a sort stands there where none was found.
    """
    field = rule["fields"][0] if isinstance(rule.get("fields"), list) else "body"
    # Placeholders, since a guardrail without cases is none.
    empty = [{"text": "x", "fires": True}, {"text": "y", "fires": False}]
    guardrail = Guardrail.model_validate({**rule, "cases": empty})
    firing = _first_firing(guardrail, samples, field)
    chosen = _spread([text for text in firing if text is not None])
    quiet = _quiet(guardrail, [*list(right)[:6], *_HARMLESS], field)
    at = {} if field == "body" else {"field": field}
    cases = [{"text": text, "fires": True, **at} for text in chosen]
    cases += [{"text": text, "fires": False, **at} for text in quiet[:2]]
    return Proved(cases, tuple(index for index, text in enumerate(firing) if text is None))


def framed(texts: Sequence[str]) -> list[str]:
    """Each of the texts within others, since a token may need a word, a line's end or a full stop beside it."""
    found = [frame.replace("{}", text) for frame in _FRAMES for text in texts[:_MOST_FRAMED]]
    found += [*texts[_MOST_FRAMED:], *(text.lower() for text in texts[:2]), *(text.upper() for text in texts[:2])]
    return [text for text in dict.fromkeys(found) if text.strip()]


def heavy_texts() -> list[str]:
    """Texts that are hard to read, repeat words, shout or run on, for rules that measure."""
    return [
        _HEAVY,
        f"{_HEAVY} {_HEAVY}",
        ", and ".join([_HEAVY.rstrip(".")] * 12) + ".",
        " ".join([_HEAVY] * 12),
        "\n\n".join([_HEAVY] * 3),
        "the the mug",
        "TWO MUGS stand By The Window And Rain Falls",
        "two mugs stand by the window and rain falls",
        "Two mugs stand by the window and rain falls on all of them",
        "Two Mugs Stand By The Window And Rain Falls",
        "TWO MUGS STAND BY THE WINDOW",
        "We recieve the seperate mugs tommorow.",
        "Rain.",
        " ".join(["It rains."] * 60),
        "\n\n".join(["It rains."] * 12),
    ]


def _first_firing(rule: Guardrail, tried: Sequence[Sequence[str]], field: Any) -> list[str | None]:
    """For each token the first of its texts that the rule fires on; the rule's matchers are built once."""
    flat = [GuardrailCase(text=text, fires=True, field=field) for texts in tried for text in texts]
    fires = iter(list(fires_on(rule, flat)))
    found: list[str | None] = []
    for texts in tried:
        said = [next(fires) for _ in texts]
        found.append(next((text for text, fired in zip(texts, said, strict=True) if fired), None))
    return found


def _quiet(rule: Guardrail, texts: Iterable[str], field: Any) -> list[str]:
    cases = [GuardrailCase(text=text, fires=False, field=field) for text in dict.fromkeys(texts)]
    return [case.text for case, fires in zip(cases, fires_on(rule, cases), strict=True) if not fires]


def _spread(texts: Sequence[str]) -> Iterator[str]:
    """The first, the last and one between: a list is best shown at its ends."""
    places = dict.fromkeys((0, len(texts) // 2, len(texts) - 1)) if texts else {}
    yield from dict.fromkeys(texts[at] for at in list(places)[:_MOST_FIRING])
