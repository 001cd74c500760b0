"""A usage policy: which models, tools and prompts are approved, each by whom, until when and for which data.

models:
  - {name: openai/gpt-5-mini, owner: marketing operations, purpose: Drafts e-mails, for: [draft, try], runs: public,
     sees: [public, internal], approved: {by: Ana Pires, on: 2026-11-30}, until: 2027-11-30}

What no entry names is refused. An entry is good for the place that it names and for no other: a local one on this
machine, a private one at its hosts, a public one at the provider's own address or at a host that it names.
`presscheck.library` asks it before anything is sent to a model.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from policies.engine.policy import Policy, Words, both_ways
from presscheck.models import THIS_MACHINE, Frozen
from presscheck.world.days import Day

DataClass = Literal["public", "internal", "personal"]
"""public: what brief and catalogue say to everybody. internal: persona, a reviewer's note, what was written before.
personal: whatever the rules of the family pii find in what is about to be sent."""
Purpose = Literal["draft", "ideas", "try"]
Runs = Literal["local", "private", "public"]

ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*/[^\s*]{1,200}\*?$", max_length=220)]
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*/[a-z0-9][a-z0-9._-]{0,99}$", max_length=140)]
PromptName = Annotated[str, StringConstraints(pattern=r"^prompts\.[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=120)]
PromptVersion = Annotated[str, StringConstraints(pattern=r"^[0-9]+(?:\.[0-9]+){0,2}$")]
PROMPT_DIGITS = 32
"""So many digits of the digest of its words name a prompt: of fewer somebody could make a second text."""
PromptWords = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{PROMPT_DIGITS},64}}$")]
Host = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$",
        max_length=260,
    ),
]


def _filled_in(words: str) -> str:
    if words.strip() in ("TEAM", "NAME", "WORDS"):
        raise ValueError(f"{words.strip()} stands there to be filled in; write who it is, or what for")
    return words


Filled = Annotated[Words, AfterValidator(_filled_in)]
"""Words of whoever approves, and not those of the entry that a message shows."""


class Approval(Frozen):
    """Who answers for it that something may be used, and since when."""

    by: Filled = Field(description="Who approved it: a name or a role.")
    on: Day = Field(description="The day of the approval: year-month-day.")


class _Entry(Frozen):
    """What every entry says."""

    owner: Filled = Field(description="The role or team that answers for it.")
    approved: Approval = Field(description="Who approved it, and when: {by: NAME, on: DAY}.")
    until: Day = Field(description="The last day on which it may be used.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until < self.approved.on:
            raise ValueError(f"until: {self.until} is before {self.approved.on}, the day of the approval")
        return self


class ToolEntry(_Entry):
    """A tool that a campaign's own step may use: `@step(..., uses="deepl/translate")`."""

    name: ToolName = Field(description="Who makes it, and its name: deepl/translate.")
    purpose: Filled = Field(description="What it is used for, in words.")
    runs: Runs = Field(description="local: on this machine. private: at hosts of your own. public: at a provider.")
    hosts: tuple[Host, ...] = Field(
        default=(), max_length=20, description="Where it may be reached: HOST, or HOST:PORT for a port of its own."
    )
    sees: Annotated[tuple[DataClass, ...], Field(min_length=1)] = Field(
        description="Which classes of data it may be given: public, internal, personal."
    )

    @model_validator(mode="after")
    def _keeps_within_walls(self) -> Self:
        if self.runs == "public" and "personal" in self.sees:
            raise ValueError("sees: personal data goes to nothing that runs in public; take personal out")
        if self.runs == "private" and not self.hosts:
            raise ValueError("hosts: name where a private one may be reached, such as [llm.brand.example]")
        if self.runs == "local" and self.hosts:
            raise ValueError("hosts: what runs on this machine has none; take them out, or write runs: private")
        return self

    def is_called(self, name: str) -> bool:
        """Whether it speaks of this name."""
        return name.startswith(self.name[:-1]) if self.name.endswith("*") else name == self.name

    def reaches(self, at: str) -> bool:
        """Whether it may be used at a place: this machine, the provider's own address (empty), or a host."""
        if self.runs == "local":
            return at == THIS_MACHINE
        return at in self.hosts or (self.runs == "public" and not at)


class ModelEntry(ToolEntry):
    """A model, by its provider and name as the settings have them."""

    model_config = ConfigDict(populate_by_name=True)

    name: ModelName = Field(description="provider/name, such as openai/gpt-5-mini; a closing * takes every version.")  # pyright: ignore[reportIncompatibleVariableOverride]
    for_: Annotated[tuple[Purpose, ...], Field(min_length=1)] = Field(
        alias="for", description="What it may be asked for: draft, ideas, try."
    )


class PromptEntry(_Entry):
    """A prompt in one version, with its words."""

    id: PromptName = Field(description="The prompt's id, such as prompts.email-variants.")
    version: PromptVersion = Field(description='The version in quotes, such as "1".')
    words: PromptWords = Field(
        description="The first 32 digits or more of the digest of its words (`presscheck library`)."
    )

    def has(self, words: str) -> bool:
        """Whether these are the words that were approved."""
        return words.startswith(self.words)


class UsageWhen(Frozen):
    """Something that somebody wants to use on a day."""

    model_config = ConfigDict(populate_by_name=True)

    model: str | None = Field(default=None, description="provider/name.")
    for_: Purpose = Field(default="draft", alias="for", description="What a model is asked for.")
    tool: str | None = Field(default=None, description="A tool's name.")
    prompt: str | None = Field(default=None, description="A prompt's id.")
    version: str = Field(default="", description="The prompt's version.")
    words: str = Field(default="", description="The digest of its words.")
    at: str = Field(default="", description="this-machine, or a host; empty: the provider's own address.")
    given: tuple[DataClass, ...] = Field(default=("public",), description="The classes of data that it is given.")
    on: Day = Field(description="The day.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(one is not None for one in (self.model, self.tool, self.prompt)) != 1:
            raise ValueError("name one of model, tool and prompt")
        return self


class UsageCase(Frozen):
    """A use, and whether it is allowed."""

    when: UsageWhen
    allowed: bool


class UsagePolicy(Policy):
    """What may be used; what is not in it may not."""

    kind: Literal["usage"] = Field(description="usage.")
    models: tuple[ModelEntry, ...] = Field(default=(), max_length=200, description="Approved models.")
    tools: tuple[ToolEntry, ...] = Field(default=(), max_length=200, description="Approved tools of campaigns' steps.")
    prompts: tuple[PromptEntry, ...] = Field(default=(), max_length=500, description="Approved prompts, by words.")
    prompts_need: Literal["listed", "decision"] = Field(
        default="listed",
        description="listed: an entry is a prompt's approval. decision: only people's yes at a gate is one.",
    )
    cases: Annotated[tuple[UsageCase, ...], both_ways("allowed")] = Field(
        description="Uses with allowed: true and false, at least one each."
    )

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        for name, keys in (
            ("models", [one.name for one in self.models]),
            ("tools", [one.name for one in self.tools]),
            ("prompts", [f"{one.id} version {one.version}" for one in self.prompts]),
        ):
            if doubled := sorted({key for key in keys if keys.count(key) > 1}):
                raise ValueError(f"{name}: {', '.join(doubled)} is there twice; leave one entry, with all that it may")
        return self


def prompts_need(policies: Iterable[UsagePolicy]) -> Literal["listed", "decision"]:
    """What a prompt takes by all policies together: the stricter one."""
    return "decision" if any(one.prompts_need == "decision" for one in policies) else "listed"


def spoken_of_twice(policies: Iterable[UsagePolicy]) -> Iterator[tuple[str, str, str]]:
    """What two policies say in different words: the ids of both, and of what they speak."""
    held = tuple(policies)
    for at, one in enumerate(held):
        for other in held[at + 1 :]:
            for ours, theirs in ((one.models, other.models), (one.tools, other.tools)):
                for mine in ours:
                    yield from ((one.id, other.id, mine.name) for its in theirs if _meet(mine, its) and mine != its)
            for mine in one.prompts:
                for its in other.prompts:
                    if (mine.id, mine.version) == (its.id, its.version) and mine != its:
                        yield one.id, other.id, f"{mine.id} version {mine.version}"


def _meet(one: ToolEntry, other: ToolEntry) -> bool:
    return one.is_called(other.name.removesuffix("*")) or other.is_called(one.name.removesuffix("*"))
