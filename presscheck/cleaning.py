"""Text from a model, a feed or a form, made safe to show: nothing in it is invisible or turns around.

    clean_text(note)       several lines; tabs and line ends stay
    clean_line(subject)    one line; every run of white space is one space
    markdown_text(title)   one line that Markdown shows as it stands

Cleaning takes characters out and never evaluates anything. Whoever writes HTML escapes it as well.
"""

import re
import unicodedata

__all__ = ["clean_line", "clean_text", "markdown_text", "shorten"]

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_SPACES = re.compile(r"\s+")
# Emoji and some scripts need the joiners; every other format character hides or reorders text.
_JOINERS = "\u200c\u200d"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#|<>&~:@$^=]|^[-+]|(?<=\bwww)\.)", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d+)\.")


def clean_text(text: str) -> str:
    """`text` in NFC without control, bidirectional, invisible and private characters; lines end in \\n."""
    even = _LINE_ENDS.sub("\n", text)
    return unicodedata.normalize("NFC", "".join(one for one in even if _is_shown(one)))


def clean_line(text: str) -> str:
    """The same on one line, trimmed: line ends and tabs become spaces."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def markdown_text(text: str) -> str:
    """One clean line in which Markdown and HTML mean nothing: no heading, link, image or tag comes of it."""
    quoted = _NUMBERED.sub(r"\1\\.", _MARKDOWN.sub(r"\\\1", clean_line(text)))
    return quoted.replace("\\&", "&amp;").replace("\\<", "&lt;").replace("\\>", "&gt;")


def shorten(text: str, most: int) -> str:
    """One clean line of at most `most` characters, cut at a word where that leaves enough."""
    line = clean_line(text)
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > most // 2 else cut).rstrip(" ,.;:") + "…"


def _is_shown(one: str) -> bool:
    if one in "\n\t" or one in _JOINERS:
        return True
    category = unicodedata.category(one)
    if category in ("Cc", "Cs", "Co", "Cf"):
        return False
    # U+FDD0 to U+FDEF and the last two of each plane are no characters at all.
    return not (0xFDD0 <= ord(one) <= 0xFDEF or (ord(one) & 0xFFFE) == 0xFFFE)
