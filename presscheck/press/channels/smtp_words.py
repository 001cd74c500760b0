"""What a mail server says, made fit for a ledger: one short line, without addresses or control characters."""

import re

from presscheck.cleaning import clean_line

_LONGEST = 200
# Anything that could be a mailbox, also in brackets or quoted; what is cut too much is only a reason's text.
_ADDRESS = re.compile(r"<?[^\s<>()\[\],;:\"']{1,128}@[^\s<>()\[\],;\"']{1,255}>?")
_LINK = re.compile(r"\bhttps?://\S+", re.IGNORECASE)


def server_words(code: int, said: bytes) -> str:
    """The code and the first words, such as `550 5.1.1 No such user`.

    Addresses and links are taken out: a reason is shown to people and kept longer than the address.
    """
    text = said[: 4 * _LONGEST].decode("utf-8", "replace")
    text = clean_line(" ".join(text.split()))
    text = _ADDRESS.sub("[address]", _LINK.sub("[link]", text))
    # A mailbox that is quoted or cut off at the end still has its sign.
    text = re.sub(r"\S*@\S*", "[address]", text)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
    return f"{code} {text}".rstrip()
