"""A prompt file's text as a `PromptFile`: front matter that says who owns it, then the instruction."""

import re
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from policies.engine.policy import Words
from presscheck.digests import digest_of
from presscheck.documents.document import read_document
from presscheck.errors import Fault, PolicyError
from presscheck.models import Digest, Email, Frozen, Prompt

_FENCE = re.compile(r"^---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


class FrontMatter(Frozen):
    """What stands between the two lines of three hyphens."""

    id: Annotated[str, StringConstraints(pattern=r"^prompts\.[a-z0-9]+(?:-[a-z0-9]+)*$")] = Field(
        description="prompts. and the file's name, such as prompts.email-variants."
    )
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+(?:\.[0-9]+){0,2}$")] = Field(
        description='The version in quotes, such as "1"; raise it with every change of the text.'
    )
    owner: Words = Field(description="The role or team that answers for this prompt.")
    edited_by: Email | None = Field(
        default=None,
        description="Who edited the text last; that person does not approve what is drafted with it, above tier low.",
    )
    why: Words = Field(description="What the prompt is for.")


class PromptFile(FrontMatter):
    """A whole prompt file: its front matter and the instruction below it."""

    text: str = Field(min_length=1, description="The instruction.")

    @cached_property
    def digest(self) -> Digest:
        """Of all that the file says, whether or not somebody raised the number of its version."""
        return digest_of(self.model_dump(mode="json"))

    @property
    def prompt(self) -> Prompt:
        """What a model is given of it."""
        return Prompt(id=self.id, version=self.version, text=self.text, edited_by=self.edited_by or "")


def parse_prompt(text: str, *, path: str, id: str) -> PromptFile:
    """The prompt in `text`; raises PolicyError with all faults, lines counted in the whole file."""
    found = _FENCE.match(text)
    if found is None:
        message = "has no front matter; start with ---, id, version, owner, why, one a line, and close with ---"
        raise PolicyError([Fault(path, 1, "", message)])
    # The opening fence is put back as an empty line, so that lines count from the file's start.
    document = read_document("\n" + found[1], path=path)
    front = document.parse(FrontMatter, PolicyError)
    body = text[found.end() :].strip()
    faults: list[Fault] = []
    if front.id != id:
        faults.append(document.fault(("id",), f"is {front.id}, but the file's name makes it {id}; make both the same"))
    if not body:
        faults.append(Fault(path, None, "", "holds no instruction below its front matter; write one"))
    if faults:
        raise PolicyError(faults)
    return PromptFile(**front.model_dump(), text=body)
