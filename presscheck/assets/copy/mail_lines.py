"""Header lines of an e-mail with people's words in them, written so that mail programs read exactly those words.

    subject_line("Hällo")                     b'Subject: =?utf-8?q?H=C3=A4llo?=\\r\\n'
    from_line("Ünï, Co", "news@brand.example")

`email.message` decodes `=?...?=` in what it is given, and line ends that come of it begin headers of their own.
Here nothing is decoded on the way in: a line is written as it is, where every program reads it so, and otherwise
the whole of it in encoded words of UTF-8 (RFC 2047). No character is cut in two, and no line is longer than 78.
"""

import base64
import re

_WIDTH = 78
# RFC 2047, section 2: an encoded word has at most 75 characters; this leaves room for the header's name before it.
_INSIDE = 54
_LONGEST_WORD = 40
_AS_IT_IS = re.compile(r"[!-~]+(?: [!-~]+)*")
# RFC 5322, section 3.2.3: what may stand in a display name without quotes.
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_TO_ESCAPE, _ESCAPED = r'(["\\])', r"\\\1"
# RFC 2047, section 5 (3): what stands for itself in an encoded word within a display name, and so anywhere.
_PLAIN_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def subject_line(text: str) -> bytes:
    """The Subject header with its line end, folded. ValueError for half a character, which no charset has."""
    return _folded("Subject:", text.split(" ") if _stands_as_it_is(text) else _encoded_words(text))


def from_line(name: str, address: str) -> bytes:
    """The From header with its line end: one mailbox. `address` is printable ASCII. ValueError as above."""
    if not _stands_as_it_is(name):
        words = _encoded_words(name)
    elif _ATOMS.fullmatch(name):
        words = name.split(" ")
    else:
        # Programs unfold a header before they read it, so a quoted name may be folded at its spaces.
        words = f'"{re.sub(_TO_ESCAPE, _ESCAPED, name)}"'.split(" ")
    return _folded("From:", [*words, f"<{address}>"])


def _stands_as_it_is(text: str) -> bool:
    """Whether a header may hold a line without encoding it, and lines of 78 characters suffice."""
    if not text:
        return True
    if _AS_IT_IS.fullmatch(text) is None or "=?" in text:
        return False
    return max(map(len, text.split(" "))) <= _LONGEST_WORD


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
    # Quoted-printable leaves letters readable in a log; base64 is shorter for most scripts.
    by_quoting = sum(map(_quoted_size, text)) < len(base64.b64encode(text.encode("utf-8"))) + 5
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
