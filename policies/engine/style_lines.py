"""What the style rules in force say to whoever writes: a prompt's line `{{style}}`, filled when a set is put together.

    Write “jacket”, not “outerwear piece”.
    Do not write: gadget, techwear.

So a master prompt carries the house style without anybody copying it, and what the checks find afterwards was said
before. The filled text is the prompt: its digest, its versions and what people approve; a changed rule is a changed
prompt. The same rules give the same lines, whatever the day: of each rule its first dozen phrases, and of all of them
no more than `MOST` characters.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from policies.engine.guardrail import Guardrail
from policies.engine.prompt_file import PromptFile
from policies.engine.rule_kinds import Phrases
from policies.engine.style_kinds import VoiceScore
from presscheck.cleaning import clean_line, shorten
from presscheck.models import Channel

MARK = "{{style}}"
MOST = 4_000
_OF_A_RULE = 12
_FAMILIES = ("brand", "style", "inclusive", "voice")
_EXEMPLARS = 3
_LONGEST_EXEMPLAR = 300
_CHANNELS: tuple[Channel, ...] = get_args(Channel)


def with_style(prompt: PromptFile, rules: Sequence[Guardrail], shipped: Iterable[Guardrail] = ()) -> PromptFile:
    """The prompt with its line filled, the project's own rules before those that ship; one without it as it is."""
    lines = prompt.text.splitlines()
    if MARK not in (line.strip() for line in lines):
        return prompt
    # A prompt is named after the channel that it is for; one that is not is for all.
    channel: Channel | None = next((one for one in _CHANNELS if prompt.id.startswith(f"prompts.{one}-")), None)
    as_shipped = {rule.id: rule.version for rule in shipped}
    own_first = sorted(rules, key=lambda rule: as_shipped.get(rule.id) == rule.version)
    style = "\n".join(style_lines(own_first, channel))
    filled = [style if line.strip() == MARK else line for line in lines]
    return prompt.model_copy(update={"text": "\n".join(filled).strip()})


def style_lines(rules: Iterable[Guardrail], channel: Channel | None = None) -> list[str]:
    """What to write and what not, as Markdown, rule by rule; what is left out for its length is counted."""
    wanted = [line for rule in rules if _is_style(rule, channel) for line in _lines_of(rule)]
    found: list[str] = []
    room = MOST
    for at, line in enumerate(wanted):
        room -= len(line) + 1
        if room < 0:
            # Said, so that nobody who approves the prompt takes it for the whole of the style.
            return [*found, f"- {len(wanted) - at} more lines of the house style are left to the checks."]
        found.append(line)
    return found or ["- No style rule is in force."]


def _is_style(rule: Guardrail, channel: Channel | None) -> bool:
    """Whether a rule of style says something to whoever writes copy, on every day."""
    reaches = rule.scope.channels == "all" or (channel is not None and channel in rule.scope.channels)
    about_copy = rule.scope.kinds == "all" or "copy" in rule.scope.kinds
    always = rule.starts is None and rule.until is None
    return rule.id.partition(".")[0] in _FAMILIES and reaches and about_copy and always


def _lines_of(rule: Guardrail) -> Iterator[str]:
    """A rule's exemplars, then what to write instead of what, then what not to write."""
    for one in rule.match:
        if isinstance(one, VoiceScore):
            for exemplar in one.exemplars[:_EXEMPLARS]:
                yield f"- Sound like this: “{shorten(clean_line(exemplar), _LONGEST_EXEMPLAR)}”"
    phrases = [one for one in rule.match if isinstance(one, Phrases)]
    for phrase, instead in [pair for one in phrases for pair in one.replace.items()][:_OF_A_RULE]:
        told = clean_line(phrase).removesuffix("*")
        yield f"- Write “{clean_line(instead)}”, not “{told}”." if instead else f"- Leave out “{told}”."
    banned = [clean_line(phrase).removesuffix("*") for one in phrases for phrase in one.phrases]
    if banned:
        more = ", and the like" if len(banned) > _OF_A_RULE else ""
        yield f"- {clean_line(rule.title)}. Do not write: {', '.join(banned[:_OF_A_RULE])}{more}."
    elif not any(isinstance(one, Phrases | VoiceScore) for one in rule.match):
        yield f"- {clean_line(rule.title)}."
