"""Header lines of an e-mail with people's words in them, written so that mail programs read exactly those words.

    subject_line("Hällo")                     b'Subject: =?utf-8?q?H=C3=A4llo?=\\r\\n'
    from_line("Ünï, Co", "news@brand.example")

`email.message` decodes `=?...?=` in what it is given, and line ends that come of it begin headers of their own.
Here nothing is decoded on the way in: a line is written as it is, where every program reads it so, and otherwise
the whole of it in encoded words of UTF-8 (RFC 2047). No character is cut in two, and no line is longer than 78.
"""

import base64
import re

__all__ = ["from_line", "subject_line"]

_WIDTH = 78
# RFC 2047, section 2: an encoded word has at most 75 characters; this leaves room for the header's name before it.
_INSIDE = 54
_LONGEST_WORD = 60
_AS_IT_IS = re.compile(r"[!-~]+(?: [!-~]+)*")
# RFC 5322, section 3.2.3: what may stand in a display name without quotes.
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# RFC 2047, section 5 (3): what stands for itself in an encoded word within a display name, and so anywhere.
_PLAIN_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def subject_line(text: str) -> bytes:
    """The Subject header with its line end, folded. ValueError for half a character, which no charset has."""
    if _AS_IT_IS.fullmatch(text) and "=?" not in text and max(map(len, text.split(" "))) <= _LONGEST_WORD:
        return _folded("Subject:", text.split(" "))
    return _folded("Subject:", _encoded_words(text))


def from_line(name: str, address: str) -> bytes:
    """The From header with its line end: one mailbox. `address` is printable ASCII. ValueError as above."""
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    if "=?" in name or not _AS_IT_IS.fullmatch(name) or len(quoted) > _LONGEST_WORD:
        words = _encoded_words(name)
    else:
        # Never folded inside quotes: programs differ in what they make of that.
        words = [name if _ATOMS.fullmatch(name) else quoted]
    return _folded("From:", [*words, f"<{address}>"])


def _folded(name: str, words: list[str]) -> bytes:
    """Words with one space or a fold between them; whoever unfolds it reads the space."""
    lines, line = list[str](), name
    for word in words:
        if line != name and len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line, ""]).encode("ascii")


def _encoded_words(text: str) -> list[str]:
    """The whole text; readers leave out the white space between two encoded words (RFC 2047, section 6.2)."""
    by_quoting = sum(map(_quoted_size, text)) <= len(base64.b64encode(text.encode("utf-8")))
    words: list[str] = []
    held = ""
    for one in text:
        size = sum(map(_quoted_size, held + one)) if by_quoting else -(-len((held + one).encode("utf-8")) // 3) * 4
        if held and size > _INSIDE:
            words.append(held)
            held = ""
        held += one
    return [_encoded_word(part, by_quoting) for part in [*words, held]]


def _encoded_word(part: str, by_quoting: bool) -> str:
    if by_quoting:
        return f"=?utf-8?q?{''.join(map(_quoted, part))}?="
    return f"=?utf-8?b?{base64.b64encode(part.encode('utf-8')).decode('ascii')}?="


def _quoted(one: str) -> str:
    return "".join(chr(b) if b in _PLAIN_BYTES else "_" if b == 0x20 else f"={b:02X}" for b in one.encode("utf-8"))


def _quoted_size(one: str) -> int:
    return len(_quoted(one))
