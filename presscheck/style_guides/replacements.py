"""What a substitution of Vale says to write: its alternatives, and the one that can be offered as an edit."""

import re

_PARTS = re.compile(r"(?<!\\)\|")
_SEVERAL = re.compile(r",\s*(?:or\s+)?|\s+or\s+|/")
_PLURAL = re.compile(r"\((?:s|es)\)$")
_QUOTED = re.compile(r"""^(['"])([^'"]+)\1(?=$|,|\s+or\b)""")
# Advice to the writer, which is no text to put in the place of another.
_ADVICE = re.compile(
    r"""["{}<>“”]|(?:^|\s)'|^(?:do not|don't|use|avoid|omit|specify|when|refer|see|consider|try)\b(?:\s+\S+){2}""",
    re.IGNORECASE,
)


def alternatives(value: str) -> list[str]:
    """Each text that Vale would take as right."""
    return [one.replace("\\|", "|") for one in _PARTS.split(value) if one.strip()]


def edit_of(key: str, value: str) -> str | None:
    """The text to write in the place of the found one; empty: leave it out. None where the value is advice."""
    if not value.strip():
        return ""
    first = alternatives(value)[0] if alternatives(value) else ""
    quoted = _QUOTED.match(first.strip())
    first = quoted[2] if quoted else first
    if len(first) > 60 or _ADVICE.search(first):
        return None
    if not any(sign in key for sign in (",", "/", " or ")):
        # Some guides list alternatives in words: `stop, cancel, end`.
        first = _SEVERAL.split(first)[0] or first
    return _PLURAL.sub("", first).strip(" ") if first.strip() else None
