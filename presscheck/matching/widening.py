r"""Widens a pattern to one that matches bytes wherever RE2 matches characters, and that makes a small automaton.

    widened(r"\p{Lu}[^.\n]{0,60}é")      # [a-zA-Z\x80-\xff]+[^.\n]*[\x80-\xff]+

Whatever may stand for a character beyond ASCII stands for any run of such bytes, a repetition of more than a few loses
its bounds, and where case does not count capitals are letters. It says yes more often than the pattern, never less.
"""

import re
from collections.abc import Iterator

_BEYOND = r"\x80-\xff"
_FEW = 4
# An escape, a class, a counted repetition, a group's opening, or one character.
_PIECE = re.compile(
    r"\\[pP](?:\{\^?\w+\}|\w)|\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\Q.*?(?:\\E|\Z)|\\."
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\[pP]\{\^?\w+\}|\\x\{[0-9A-Fa-f]+\}|\\.|[^\]\\])*\]"
    r"|\{\d+(?:,\d*)?\}\??|[*+?]\??|\(\?[^:)]*[:)>]|.",
    re.DOTALL,
)
_QUANTIFIER = re.compile(r"(?:\{(?P<least>\d+)(?P<comma>,)?(?P<most>\d*)\}|[*+?])\??")
_MEMBER = re.compile(r"\[:\^?\w+:\]|\\[pP](?:\{\^?\w+\}|\w)|\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\.|.", re.DOTALL)


def widened(pattern: str) -> str:
    """The wider pattern, for a matcher of bytes; ASCII alone."""
    out: list[str] = []
    runs = False
    for piece in _pieces(pattern):
        quantifier = _QUANTIFIER.fullmatch(piece) if out and piece[0] in "{*+?" else None
        if quantifier is None:
            atom, runs = _atom(piece)
            out.append(f"{atom}+" if runs else atom)
        elif runs:
            # A run is any number already; what matters is whether it may be missing.
            out[-1] = f"{out[-1][:-1]}{'*' if _least(quantifier) == 0 else '+'}"
            runs = False
        else:
            out.append(_unbounded(quantifier))
    return "".join(out)


def _pieces(pattern: str) -> Iterator[str]:
    return (found.group() for found in _PIECE.finditer(pattern))


def _atom(piece: str) -> tuple[str, bool]:
    """What stands for one piece, and whether it stands for a run of bytes."""
    if piece == ".":
        return r"[^\n]", True
    if piece.startswith("["):
        return _class(piece)
    if piece.startswith(("\\p", "\\P")) or piece in ("\\W", "\\S", "\\D", "\\C"):
        return f"[{''.join(_members(piece))}]", True
    if piece.startswith("\\x{"):
        code = int(piece[3:-1], 16)
        return (f"\\x{code:02x}", False) if code < 0x80 else (f"[{_BEYOND}]", True)
    if piece.startswith("\\Q"):
        return "".join(_atom(one)[0] for one in map(re.escape, piece[2:].removesuffix("\\E"))), False
    return (piece, False) if piece.isascii() else (f"[{_BEYOND}]", True)


def _class(piece: str) -> tuple[str, bool]:
    negated = piece.startswith("[^")
    members = [one for member in _ranges(piece[2 if negated else 1 : -1]) for one in _members(member)]
    kept = "".join(one for one in members if one != _BEYOND)
    if negated:
        # What is left out beyond ASCII may stand there all the same; a class that is left out is not taken in.
        shorthand = any(member.startswith(("\\p", "\\P", "\\W", "\\S", "\\D")) for member in members)
        return (f"[^{kept}]" if kept and not shorthand else r"[\x00-\xff]"), True
    beyond = len(kept) < sum(map(len, members))
    return (f"[{kept}{_BEYOND if beyond else ''}]", beyond)


def _ranges(inside: str) -> Iterator[str]:
    """The members of a class, a range as one."""
    members = _MEMBER.findall(inside)
    at = 0
    while at < len(members):
        if at + 2 < len(members) and members[at + 1] == "-" and not _is_shorthand(members[at]):
            yield "".join(members[at : at + 3])
            at += 3
        else:
            yield "\\-" if members[at] == "-" else members[at]
            at += 1


def _is_shorthand(member: str) -> bool:
    return member.startswith(("\\p", "\\P", "\\W", "\\S", "\\D", "\\w", "\\s", "\\d", "[:"))


def _members(member: str) -> list[str]:
    """What one member of a class, or one escape that stands for a class, holds."""
    if member in ("\\W", "\\S", "\\D"):
        # Of bytes they hold all beyond ASCII.
        return [member, _BEYOND]
    if member.startswith(("\\P", "\\C", "\\p{^")):
        return [r"\x00-\x7f", _BEYOND]
    if member.startswith("\\p"):
        name = member[2:].strip("{}")
        group = _OF_ASCII.get(name[0], ()) if len(name) <= 2 else ()
        return [*_OF_ASCII.get(name, group), _BEYOND]
    ends = _RANGE.fullmatch(member)
    if ends is None:
        plain = f"\\x{_code(member):02x}" if member.startswith("\\x{") else member
        return [plain] if _code(member) < 0x80 else [_BEYOND]
    low, high = _code(ends[1]), _code(ends[2])
    if high < 0x80:
        return [member]
    return [_BEYOND] if low >= 0x80 else [f"{ends[1]}-\\x7f", _BEYOND]


def _code(member: str) -> int:
    """The code of a member that is one character; of an escape such as `\\n` or `\\-`, something of ASCII."""
    if member.startswith("\\x"):
        return int(member[2:].strip("{}"), 16)
    return ord(member) if len(member) == 1 else 0


_ONE = r"(\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\.|[^\\])"
_RANGE = re.compile(f"{_ONE}-{_ONE}", re.DOTALL)
# What of ASCII lies in a category or a script of Unicode; nothing in those that are not named.
_OF_ASCII: dict[str, tuple[str, ...]] = {
    "L": ("a-zA-Z",),
    "Lo": (),
    "Lm": (),
    "N": ("0-9",),
    "P": (r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",),
    "S": (r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",),
    "Z": (r"\x20",),
    "Cc": (r"\x00-\x1f\x7f",),
    "Latin": ("a-zA-Z",),
    "Common": (r"\x00-\x7f",),
}


def _least(quantifier: re.Match[str]) -> int:
    if quantifier["least"] is not None:
        return int(quantifier["least"])
    return 1 if quantifier.group()[0] == "+" else 0


def _unbounded(quantifier: re.Match[str]) -> str:
    if quantifier["least"] is None:
        return quantifier.group()[0]
    least = int(quantifier["least"])
    most = int(quantifier["most"]) if quantifier["most"] else least if not quantifier["comma"] else None
    if most is not None and most <= _FEW:
        return f"{{{least},{most}}}"
    return f"{{{min(least, _FEW)},}}"
