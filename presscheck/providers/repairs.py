"""What a copywriter is given to repair: a text that may not go out as it is, and what was found in it."""

from dataclasses import dataclass

from presscheck.models import Copy, Finding

_MOST_WORDS = 6
_MOST_CHARACTERS = 60


@dataclass(frozen=True)
class Faulty:
    """One text, and the findings because of which it is written anew."""

    copy: Copy
    findings: tuple[Finding, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that caused them, where they are few: a whole text that is too long names none to avoid."""
        found = (one.text for one in self.findings if one.span is not None)
        few = (text for text in found if 0 < len(text) <= _MOST_CHARACTERS and len(text.split()) <= _MOST_WORDS)
        return tuple(dict.fromkeys(few))
