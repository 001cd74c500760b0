"""Copy, the first kind: the words of one message, with its picture and its button."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from presscheck.assets.pictures.believing import picture_of
from presscheck.assets.signable import Look, Shown, Signable
from presscheck.cleaning import clean_line, shorten
from presscheck.documents.sentences import in_one_sentence
from presscheck.models import Allowance, Channel, Copy, Digest, Finding, Picture, Refused

WORDS = ("subject", "preheader", "body")
"""The parts of a copy that are words, which people may write anew."""
MESSAGES: dict[Channel, str] = {
    "email": "e-mail",
    "sms": "text messages",
    "push": "push messages",
    "social": "social posts",
    "search": "search ads",
    "blog": "blog posts",
}
_LABEL = 150


@dataclass(frozen=True)
class CopyText(Signable):
    """A copy, or the raw material of one."""

    goes_out = True

    def __post_init__(self) -> None:
        _ = self.copy

    @cached_property
    def copy(self) -> Copy:
        """The words. LedgerForged where no copy may hold them."""
        return self.asset.copy_text

    @property
    def noun(self) -> str:
        return "text"

    @property
    def parts(self) -> tuple[Shown, ...]:
        told = {name: str(getattr(self.copy, name)) for name in WORDS}
        # A text has no part that it never had: a subject is not given to a text message.
        return tuple(Shown(name, name, text, several_lines=name == "body") for name, text in told.items() if text)

    @property
    def images(self) -> tuple[Digest, ...]:
        return () if self.copy.image is None else (self.copy.image,)

    def label(self, pictures: Mapping[str, Picture]) -> str:
        body, subject = clean_line(self.copy.body), clean_line(self.copy.subject)
        words = f"{shorten(subject, 80)} — {body}" if subject else body
        picture = pictures.get(self.copy.image or "")
        shows = f" · picture: {shorten(picture.alt, 80)}" if picture is not None else ""
        return f"{shorten(words, _LABEL)}{shows}"

    def findings(self, look: Look) -> tuple[Finding, ...]:
        from policies import check_copy

        return check_copy(self.copy, **self._given(look))

    def allowances(self, look: Look) -> tuple[Allowance, ...]:
        from policies import allowances

        return allowances(self.copy, **self._given(look))

    def fault(self, pictures: Mapping[str, Picture]) -> Refused | None:
        picture = picture_of(self.copy, pictures)
        return picture if isinstance(picture, Refused) else None

    def rewritten(self, edits: Mapping[str, str], faults: list[str]) -> dict[str, Any] | None:
        try:
            after = Copy.model_validate({**self.copy.model_dump(), **edits})
        except ValidationError as error:
            faults.append(f"the edited text cannot be used: {in_one_sentence(Copy, error)}")
            return None
        return after.model_dump(mode="json")

    def _given(self, look: Look) -> dict[str, Any]:
        picture = picture_of(self.copy, look.pictures)
        return {
            "brief": look.brief,
            "product": look.product,
            "policies": look.policies,
            "as_of": look.as_of,
            "picture": None if isinstance(picture, Refused) else picture,
        }
