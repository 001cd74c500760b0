"""Text from a model, a feed or a form, made safe to show: nothing in it is invisible or turns around.

    clean_text(note)       several lines; tabs and line ends stay
    clean_line(subject)    one line; every run of white space is one space
    hidden_in(edit)        the first character that nobody would see, in words; "" where there is none
    unfit_line(name)       what keeps a line out of a header, in words
    markdown_text(title)   one line that Markdown shows as it stands
    without_links(text)    Markdown of which no page makes links that are not written as links

What is judged, shown and sent is the same text. So a model's and a feed's words are cleaned where they
enter; people, whose words nobody alters behind their back, are told what to take out; and a copy can only
hold what cleaning leaves as it is. Cleaning takes characters out and never evaluates anything. Whoever
writes HTML escapes it as well.
"""

import re
import unicodedata
from collections.abc import Iterator

_PLAIN = re.compile(r"[\x20-\x7e\n\t]*")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_SPACES = re.compile(r"\s+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#|<>&~:@$^=]|^[-+]|(?<=\bwww)\.)", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d+)\.")
# Where GitHub's dialect finds addresses (GFM 0.29, 6.9); its programs look for them once more in what was escaped.
_AUTOLINKS = re.compile(r"(?<=:)(?=//)|(?<=@)|(?<=\bwww)(?=\\?\.)", re.IGNORECASE)

# What a reader sees nothing of, by Unicode 16: control characters (Cc), halves of characters (Cs), private use (Co),
# noncharacters, and Default_Ignorable_Code_Point with annotations and the formats of hieroglyphs beside it. The other
# formats (Cf) are seen, such as the Arabic signs around a number.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0xF0000, 0x10000))
    + "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_UNNAMED = {"Cc": "a control character", "Cs": "half a character", "Co": "a character of somebody's own"}
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_UNJOINED = ("LATIN", "GREEK", "CYRILLIC", "CJK", "HANGUL", "HIRAGANA", "KATAKANA", "THAI", "LAO")
_VIRAMA = 9
"""Canonical_Combining_Class of the signs that take a letter's vowel away."""
_EMOJI_LOOKS = "\ufe0e\ufe0f"
# The flags of England, Scotland and Wales: no other sequence of tags is in Unicode's list (emoji-sequences.txt, 16.0).
_TAGGED_FLAG = re.compile(
    "\U0001f3f4(?:\U000e0067\U000e0062)(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
# RFC 2047, section 2: how a header says other characters. Mail programs decode it wherever it stands, so it is no word.
_CODED_WORD = "=?"


def clean_text(text: str) -> str:
    """`text` in NFC without control, bidirectional, invisible and private characters; lines end in \\n."""
    if _PLAIN.fullmatch(text):
        return text
    while (cleaned := _cleaned(text)) != text:
        # What is left may stand beside other characters than before.
        text = cleaned
    return text


def clean_line(text: str) -> str:
    """The same on one line, trimmed: line ends and tabs become spaces."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def hidden_in(text: str) -> str:
    """The first character that nobody would see, by place, number and name, and what to do; "" where there is none."""
    if _PLAIN.fullmatch(text):
        return ""
    even = _LINE_ENDS.sub("\n", text)
    for at in _hidden(even):
        name = unicodedata.name(even[at], "") or _UNNAMED.get(unicodedata.category(even[at]), "no character")
        return f"character {at + 1} is U+{ord(even[at]):04X} ({name.lower()}), which nobody sees; take it out"
    return ""


def unfit_text(text: str) -> str:
    """Why a text cannot go out as it stands, and what to do; "" where cleaning would leave it as it is."""
    if hidden := hidden_in(text):
        return hidden
    cleaned = clean_text(text)
    return "" if cleaned == text else _differs(text, cleaned)


def unfit_line(text: str) -> str:
    """The same of a line, which may stand in a header of a mail: there `=?` begins words that nobody wrote so."""
    if hidden := hidden_in(text):
        return hidden
    cleaned = clean_line(text)
    if cleaned != text:
        return _differs(text, cleaned)
    return coded_word_in(text)


def coded_word_in(text: str) -> str:
    """Whether a line holds what mail programs read as other words; "" where it does not."""
    at = clean_line(text).find(_CODED_WORD)
    if at < 0:
        return ""
    return f"character {at + 1} begins “{_CODED_WORD}”, which mail programs read as other words; write it otherwise"


def words_of(part: str, text: str) -> tuple[str, str]:
    """A person's own words for a part of a copy, and why they are not taken ("" where they are).

    White space and letters are evened out, which alters no word; what nobody sees is never taken out in
    silence. `part` is body for a text of several lines; every other one is a line.
    """
    if part == "body":
        return clean_text(text).strip(), hidden_in(text)
    return clean_line(text), hidden_in(text) or coded_word_in(text)


def markdown_text(text: str) -> str:
    """One clean line in which Markdown and HTML mean nothing: no heading, link, image or tag comes of it."""
    quoted = _NUMBERED.sub(r"\1\\.", _MARKDOWN.sub(r"\\\1", clean_line(text)))
    return quoted.replace("\\&", "&amp;").replace("\\<", "&lt;").replace("\\>", "&gt;")


def without_links(markdown: str) -> str:
    """Markdown in which addresses of the net and of people stay text, also for pages that link whatever looks like one.

    Escaping does not help there: remark-gfm, which Prefect's pages show a form's description with, links what is left
    as text once it is read. A comment between the parts is two texts to it, and nothing to a reader.
    """
    return _AUTOLINKS.sub("<!-- -->", markdown)


def shorten(text: str, most: int) -> str:
    """One clean line of at most `most` characters, cut at a word where that leaves enough."""
    line = clean_line(text)
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > most // 2 else cut).rstrip(" ,.;:") + "…"


def _cleaned(text: str) -> str:
    even = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))
    hidden = set(_hidden(even))
    seen = even if not hidden else "".join(one for at, one in enumerate(even) if at not in hidden)
    return unicodedata.normalize("NFC", seen)


def _differs(text: str, cleaned: str) -> str:
    """Where a text and its cleaned form part, in words: white space, or letters written in another way."""
    at = next((at for at, (one, other) in enumerate(zip(text, cleaned, strict=False)) if one != other), len(cleaned))
    what = text[at : at + 1]
    if not what or what.isspace() or cleaned[at : at + 1].isspace():
        return f"character {at + 1} is white space that would not be kept; write one plain space, and none at the end"
    return f"character {at + 1} is not written in Unicode's usual form (NFC); type it anew"


def _hidden(text: str) -> Iterator[int]:
    """The places of all characters that nobody would see, from left to right."""
    flags = [flag.span() for flag in _TAGGED_FLAG.finditer(text)]
    gone = -1
    for found in _HIDDEN.finditer(text):
        at = found.start()
        # What goes itself is nothing that a mark after it could stand on.
        before = "" if gone == at - 1 else text[at - 1 : at]
        if not (_shapes(before, text[at], text[at + 1 : at + 2]) or any(first <= at < end for first, end in flags)):
            gone = at
            yield at


def _shapes(before: str, one: str, after: str) -> bool:
    """Whether an invisible character is needed here, because it shapes what stands beside it.

    Joiners in emoji and in scripts that join letters; a selector after what it selects the look of.
    """
    if not before or before.isspace():
        return False
    if one in (_NON_JOINER, _JOINER):
        # Behind a virama they say how the letter before it is written, also at a word's end (Unicode 16, section 12.1).
        if unicodedata.combining(before) == _VIRAMA:
            return True
        if not after or after.isspace() or _HIDDEN.match(after):
            return False
        # Letters of Europe and the Far East join nothing: a joiner between them only hides the word from a search.
        knows = [not _joins_nothing(side) for side in (before, after)]
        return all(knows) if one == _JOINER else any(knows)
    category, name = unicodedata.category(before), unicodedata.name(before, "")
    if one in _EMOJI_LOOKS:
        return (
            (before in "0123456789#*" and after == "\u20e3")
            or before == "ℹ"
            or (not before.isascii() and category[0] in "SP")
        )
    if "\U000e0100" <= one <= "\U000e01ef":
        return name.startswith("CJK")
    if "\ufe00" <= one <= "\ufe0d":
        return category == "Sm" or name.startswith(("CJK", "MYANMAR", "PHAGS-PA"))
    return one in "\u180b\u180c\u180d\u180e\u180f" and name.startswith("MONGOLIAN")


def _joins_nothing(one: str) -> bool:
    return one.isascii() or unicodedata.name(one, "").startswith(_UNJOINED)
