"""What an imported rule says to a marketer: Vale fills `%s` with the words found, a message of ours stands as it is.

Words in quotes that only name what was found go; where the sentence needs them, it says `this wording` instead. The
words themselves are marked in the text, with what to write for them.
"""

import re

# Quoted, alone or with a few words beside it, or bare; numbered or not.
_BARE = r"%(?:\[\d\])?[sd]"
_SLOT = (
    rf"(?:(?<!\w)'[^'%\n]{{0,30}}{_BARE}[^'%\n]{{0,30}}'(?!\w)"
    rf"""|"{_BARE}"|[‘“`]{_BARE}[’”`]|\*{{1,2}}{_BARE}\*{{1,2}}|{_BARE})"""
)
# What names the found words and is not missed: `such as '%s'`, `('%s')`, `, not '%s'`, `in '%s'.`
_EXAMPLE = re.compile(
    rf"\s*(?:\(\s*(?:e\.g\.\s*)?{_SLOT}\s*\)"
    rf"|,?\s*(?:such as(?: in)?|like|including|for example,?|e\.g\.)\s+{_SLOT}"
    rf"|,\s*not\s+{_SLOT}|\s+in\s+{_SLOT}(?=[.!,;]|$)|:\s*{_SLOT}(?=[.!]?$)|\s*[-–]\s*{_SLOT}(?=[.!]?$))"
)
_INSTEAD = re.compile(rf"{_SLOT}(?P<between>[^%]*?\b(?:instead of|rather than|over|not|for)\s+){_SLOT}", re.DOTALL)
_AT_START = re.compile(rf"^{_SLOT}")
_ANY = re.compile(_SLOT)
_LINKS = re.compile(r"\[([^\]]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_MOST = 900


def message_of(message: str, *, swaps: bool, measures: bool = False) -> str:
    """The message without slots. `swaps`: the first stands for a replacement; `measures`: it stands for a number."""
    text = _LINKS.sub(r"\1", message).replace("%%", "\0")
    if swaps:
        text = _INSTEAD.sub(lambda found: f"the suggested wording{found['between']}the marked one", text)
    text = _EXAMPLE.sub("", text)
    text = _AT_START.sub("This text" if measures else "This wording", text)
    text = _ANY.sub("this text" if measures else "this wording", text).replace("\0", "%")
    text = re.sub(r"\bthe the\b", "the", text.replace("()", ""))
    text = re.sub(r"[ \t]{2,}", " ", text).strip().rstrip(" -–:,")
    if text.lower() == "this wording":
        text = ""
    text = re.sub(r"\s+([.,;!?])", r"\1", text) if text else "This wording is not in style."
    return shortened(text[0].upper() + text[1:] if text[0].isascii() else text)


def shortened(text: str, most: int = _MOST) -> str:
    """At most so many characters, cut between words."""
    return text if len(text) <= most else f"{text[: most - 2].rsplit(' ', 1)[0]} …"


def title_of(name: str) -> str:
    """`WordList-CaseSensitive` as words: word list case sensitive."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.sub(r"[-_. ]+", " ", parted).strip().split(" ")
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def slug_of(name: str) -> str:
    """A name as the part of an id: word-list-case-sensitive; empty where nothing of it is a letter or a digit."""
    return re.sub(r"[^a-z0-9]+", "-", title_of(name).lower()).strip("-")
