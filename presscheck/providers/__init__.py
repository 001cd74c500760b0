"""Copywriters: whatever turns a brief into proposals, under one small protocol.

    writer = open_copywriter("offline")
    variants = writer.write(brief, product, prompt=prompt, count=50, seed=7)

A copywriter proposes and nothing more: policies judge what it wrote, people pick from it.
"""

from collections.abc import Sequence
from typing import Protocol

from presscheck.errors import ProviderError
from presscheck.models import Brief, CommentAsked, Product, Prompt, Variant
from presscheck.providers._notes import NoteReading, read_note
from presscheck.providers.repairs import Faulty

__all__ = ["COPYWRITERS", "Copywriter", "Faulty", "NoteReading", "describe_note", "open_copywriter"]

COPYWRITERS: tuple[str, ...] = ("offline", "model")
"""Names that the setting `copywriter` knows; the model is opened by `presscheck.wiring`, with key and purse."""


class Copywriter(Protocol):
    """Writes variants of one brief."""

    @property
    def name(self) -> str:
        """The name it is opened by, and the provider that its assets record."""
        ...

    def describe(self) -> str:
        """What it is, in words for the person who reads its texts."""
        ...

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
        """`count` different variants for the brief's channel and tone, or ProviderError with the reason.

        `round` counts from 1; a later round writes anew, led by the reviewer's `note` and by the
        `comments` that were open.
        """
        ...

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
        """For each faulty text one in its place, without what was found in it; None where it has none.

        Nothing is raised where it cannot: what came is kept, and the rest stays as it was.
        """
        ...


def describe_note(provider: str, note: str, brief: Brief, product: Product | None = None) -> NoteReading:
    """What the copywriter whose assets record this provider acts on in a reviewer's note, and what it cannot."""
    if provider == "offline":
        return read_note(note, brief, product)
    # Whether a model followed it, only a reader can say.
    return NoteReading(understood=("handed to the model as it stands; please see for yourself what it made of it",))


def open_copywriter(name: str) -> Copywriter:
    """The copywriter of that name; ProviderError lists the names there are."""
    if name == "offline":
        from presscheck.providers.offline import OfflineCopywriter

        return OfflineCopywriter()
    if name == "model":
        raise ProviderError("copywriter 'model' needs settings, a key and a purse: presscheck.wiring.open_copywriter")
    raise ProviderError(f"copywriter {name!r}: there is none of that name; choose from: {', '.join(COPYWRITERS)}")
