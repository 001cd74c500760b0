"""One address has one pseudonym, in Python and in DuckDB alike.

Suppression lists, ledgers and logs hold `address_hash` and never the address. It is a
pseudonym and not an anonymisation: whoever holds a list of addresses can hash them too.
"""

import hashlib

__all__ = ["address_hash", "address_hash_sql", "normalise_address", "normalise_address_sql"]

# What spreadsheets and copying leave around an address: ASCII white space, the no-break
# space, the zero-width space and joiners, and the byte-order mark.
_AROUND = " \t\n\r\x0b\x0c\u00a0\u200b\u200c\u200d\u2060\ufeff"

# Only A to Z are folded. Python and DuckDB lower other letters differently (the Turkish
# dotted I, the final sigma), and an address outside ASCII never passes the address check.
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = _UPPER.lower()
_FOLD = str.maketrans(_UPPER, _LOWER)

_PREFIX = "presscheck-address:"

# As code points, so that the SQL holds no line break: DuckDB's errors name a line of the query.
_AROUND_SQL = " || ".join(f"chr({ord(character)})" for character in _AROUND)


def normalise_address(text: str) -> str:
    """The form in which two spellings of one mailbox are equal: trimmed, A to Z lowered.

    Dots and `+tags` stay, because only some providers ignore them.
    """
    return text.strip(_AROUND).translate(_FOLD)


def address_hash(text: str) -> str:
    """SHA-256 of `presscheck-address:` and the normalised address, 64 hexadecimal digits."""
    return hashlib.sha256((_PREFIX + normalise_address(text)).encode("utf-8", "surrogatepass")).hexdigest()


def normalise_address_sql(expression: str) -> str:
    """DuckDB SQL for `normalise_address` of a VARCHAR expression; NULL stays NULL."""
    return f"translate(trim({expression}, {_AROUND_SQL}), '{_UPPER}', '{_LOWER}')"


def address_hash_sql(expression: str) -> str:
    """DuckDB SQL for `address_hash` of a VARCHAR expression; NULL stays NULL."""
    return f"sha256('{_PREFIX}' || {normalise_address_sql(expression)})"
