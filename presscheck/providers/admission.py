"""What a copywriter asks before anything reaches a model: may exactly this be sent there, with this prompt, for this?

    admission.admit(Wanted(model="openai/gpt-5-mini", at="", purpose="draft", prompt=prompt, ...))

Who says so is not the provider's business (`presscheck.library`). It is asked before each request, with what is about
to be sent, and raises `NotAdmitted` for what is not: then nothing is sent, and no other model is asked instead.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from presscheck.errors import ProviderError
from presscheck.models import THIS_MACHINE, Brief, CommentAsked, Product, Prompt, Variant
from presscheck.providers import Copywriter
from presscheck.providers.repairs import Faulty

_ESCAPED = re.compile(r"\\(?:u((?![dD][89a-fA-F])[0-9a-fA-F]{4})|u[0-9a-fA-F]{4}|.)")
"""What JSON writes for a character; a half of a pair is none by itself."""


class NotAdmitted(ProviderError):
    """The usage policy does not allow it; nothing was sent."""

    exit_code = 1


@dataclass(frozen=True)
class Wanted:
    """One request, as it is about to be sent."""

    model: str
    """provider/name."""
    at: str
    """Where it is asked: this machine, a host, or empty for the provider's own address."""
    purpose: str
    prompt: Prompt
    told: str
    """The instruction as it is sent, which is to be the prompt's text."""
    text: str
    """All that is sent, the instruction included, and once more as it reads where it is written in JSON."""
    given: frozenset[str]
    """The classes of data that are in it by where they come from: public, internal."""


class Admission(Protocol):
    """Lets requests pass."""

    def admit(self, wanted: Wanted) -> None:
        """Nothing where it may be sent; NotAdmitted, with what to do, where it may not."""
        ...


def as_read(sent: str) -> str:
    """What is sent, and once more without JSON's escapes: behind `\\n` a number would begin with a letter."""
    read = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", sent)
    return sent if read == sent else f"{sent}\n{read}"


def given_by(
    brief: Brief, *, note: str = "", comments: Sequence[CommentAsked] = (), written: bool = False
) -> frozenset[str]:
    """The classes of data of a brief's material, a note, comments and what was written before."""
    inside = bool(brief.persona or note or comments or written)
    return frozenset({"public", "internal"} if inside else {"public"})


class AdmittedCopywriter:
    """A copywriter that sends nothing anywhere, and is asked for as a model is: approved, by an approved prompt."""

    def __init__(self, writer: Copywriter, admission: Admission, *, model: str, purpose: str) -> None:
        self.name = writer.name
        self._writer = writer
        self._admission = admission
        self._model = model
        self._purpose = purpose

    def describe(self) -> str:
        """What it is, in words for the person who reads its texts."""
        return self._writer.describe()

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
        """As the copywriter itself does; NotAdmitted where it may not be used so."""
        self._admit(brief, product, prompt, _wished(note, comments), written=round > 1)
        return self._writer.write(
            brief, product, prompt=prompt, count=count, seed=seed, round=round, note=note, comments=comments
        )

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
        """As the copywriter itself does; NotAdmitted where it may not be used so."""
        wished = _wished(note, comments)
        self._admit(brief, product, prompt, wished, *(one.copy.model_dump_json() for one in faulty), written=True)
        return self._writer.rewrite(
            brief, product, faulty, prompt=prompt, seed=seed, round=round, note=note, comments=comments
        )

    def _admit(
        self, brief: Brief, product: Product | None, prompt: Prompt, note: str, *texts: str, written: bool
    ) -> None:
        material = [brief.model_dump_json(), "" if product is None else product.model_dump_json(), note, *texts]
        self._admission.admit(
            Wanted(
                model=self._model,
                at=THIS_MACHINE,
                purpose=self._purpose,
                prompt=prompt,
                told=prompt.text,
                text=as_read("\n".join([prompt.text, *material])),
                given=given_by(brief, note=note, written=written),
            )
        )


def _wished(note: str, comments: Sequence[CommentAsked]) -> str:
    """All that reviewers wished for, as one text."""
    return "\n".join([note, *(one.model_dump_json() for one in comments)]) if comments else note
