"""Counts what a channel counts: characters as a reader sees them, and the parts of a text message.

The alphabets and part sizes of text messages are those of 3GPP TS 23.038 and TS 23.040: 160
characters of the GSM alphabet in one part, 153 in each of several; 70 and 67 in UCS-2.
"""

import re
import unicodedata

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")


def characters(text: str) -> int:
    """Visible characters: combining marks and invisible format characters do not count."""
    if text.isascii():
        return len(text)
    return sum(unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in text)


def columns(text: str) -> int:
    """What ad platforms count: wide letters twice (UAX #11: W and F, as in Chinese, Japanese, Korean), all others once.

    Marks count as well: an ad of 44 code points of Thai is refused as one of 44 (Google Ads Help, text ads in
    double-width languages).
    """
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def paragraphs(text: str) -> list[str]:
    """The parts of a text that blank lines separate, trimmed."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def sms_size(text: str) -> tuple[int, int, int]:
    """How long a text message is in its alphabet, what one part alone holds, and what each of several holds."""
    if all(c in _GSM or c in _GSM_EXTENDED for c in text):
        return sum(2 if c in _GSM_EXTENDED else 1 for c in text), 160, 153
    return len(text.encode("utf-16-le", "replace")) // 2, 70, 67


def sms_parts(text: str) -> int:
    """How many parts a text message is sent and charged as; 0 for the empty text."""
    if not text:
        return 0
    size, single, several = sms_size(text)
    return 1 if size <= single else -(-size // several)
