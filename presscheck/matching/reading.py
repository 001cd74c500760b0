"""Tells how hard a text is to read, by the formulas that editors know.

    counts = count(text)
    evaluate(formula_of("gunning-fog"), counts), evaluate("words / sentences", counts)

The counts carry the names that rules of Vale's kinds `metric` and `readability` use, so that a formula of such a rule
can be evaluated over them. Syllables are those of English or of the given language by rules
(`presscheck/matching/syllables.py`). All formulas were made for prose of a hundred words and more; on a headline they
say little.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from presscheck.matching.lengths import paragraphs
from presscheck.matching.sentences import sentences, words
from presscheck.matching.syllables import syllables


@dataclass(frozen=True)
class Counts:
    """What is counted in a text."""

    characters: int
    """Letters and digits."""
    words: int
    sentences: int
    paragraphs: int
    syllables: int
    complex_words: int
    """Of three syllables or more, without -es, -ed, -ing and -ly, compounds and names (Gunning)."""
    long_words: int
    """Of more than six letters."""
    polysyllabic_words: int
    """Of three syllables or more."""


def count(text: str, language: str = "en") -> Counts:
    """Counts a text; a figure is a word of one syllable."""
    starts = {span.start for span in sentences(text)}
    letters = spoken = complex_words = long_words = polysyllabic = total = 0
    known: dict[str, int] = {}
    for span in words(text):
        word = span.of(text)
        total += 1
        size = sum(map(str.isalnum, word))
        letters += size
        long_words += size > 6
        if word not in known:
            known[word] = syllables(word, language)
        number = known[word]
        spoken += number
        polysyllabic += number > 2
        complex_words += number > 2 and _is_complex(word, language, begins=span.start in starts)
    return Counts(letters, total, len(starts), len(paragraphs(text)), spoken, complex_words, long_words, polysyllabic)


def _is_complex(word: str, language: str, *, begins: bool) -> bool:
    if "-" in word or (language != "de" and word[0].isupper() and not begins and not word.isupper()):
        return False
    if language != "en":
        return True
    for ending in ("ing", "ed", "es", "ly"):
        if word.endswith(ending):
            return syllables(word.removesuffix(ending), "en") > 2
    return True


FORMULAS: Mapping[str, str] = {
    "flesch-kincaid": "0.39 * (words / sentences) + 11.8 * (syllables / words) - 15.59",
    "gunning-fog": "0.4 * ((words / sentences) + 100 * (complex_words / words))",
    "smog": "1.043 * sqrt(30 * (polysyllabic_words / sentences)) + 3.1291",
    "coleman-liau": "5.88 * (characters / words) - 29.6 * (sentences / words) - 15.8",
    "automated-readability": "4.71 * (characters / words) + 0.5 * (words / sentences) - 21.43",
    "lix": "words / sentences + 100 * (long_words / words)",
}
"""School grades (Kincaid 1975, Gunning 1952, McLaughlin 1969, Coleman and Liau 1975, Smith and Senter 1967), and lix
for any language (Björnsson 1968: below 30 easy, above 50 hard)."""
_EASE: Mapping[str, str] = {
    "en": "206.835 - 1.015 * (words / sentences) - 84.6 * (syllables / words)",  # Flesch 1948
    "de": "180 - words / sentences - 58.5 * (syllables / words)",  # Amstad 1978
    "es": "206.84 - 1.02 * (words / sentences) - 60 * (syllables / words)",  # Fernández Huerta 1959
    "fr": "207 - 1.015 * (words / sentences) - 73.6 * (syllables / words)",  # Kandel and Moles 1958
    "it": "217 - 1.3 * (words / sentences) - 60 * (syllables / words)",  # Franchina and Vacca 1986
    "nl": "206.84 - 0.93 * (words / sentences) - 77 * (syllables / words)",  # Douma 1960
    "pt": "248.835 - 1.015 * (words / sentences) - 84.6 * (syllables / words)",  # Martins and others 1996
}


def formula_of(written: str, language: str = "en") -> str:
    """A known formula by its name, reading ease as it is fitted to the language; any other as it is written.

    Reading ease is 100 for very easy, 60 to 70 for plain, below 30 for graduates.
    """
    name = written.strip().lower()
    if name == "flesch-reading-ease":
        return _EASE.get(language, _EASE["en"])
    return FORMULAS.get(name, written)


def _quotient(one: float, other: float) -> float:
    return one / other


def _least(one: float, other: float) -> float:
    return min(one, other)


def _most(one: float, other: float) -> float:
    return max(one, other)


_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _quotient,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
}
_FUNCTIONS: dict[str, tuple[int, Callable[..., float]]] = {
    "sqrt": (1, math.sqrt),
    "abs": (1, math.fabs),
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    "exp": (1, math.exp),
    "log": (1, math.log),
    "log2": (1, math.log2),
    "log10": (1, math.log10),
    "pow": (2, math.pow),
    "min": (2, _least),
    "max": (2, _most),
}
_LONGEST_FORMULA = 1000


ORDINARY = Counts(
    characters=431, words=97, sentences=7, paragraphs=3, syllables=149, complex_words=11, long_words=23,
    polysyllabic_words=13,
)  # fmt: skip
"""Of a text as any other: a formula that has no value here is none."""


def evaluate(formula: str, counts: Counts) -> float:
    """The value of an arithmetic formula over the counts: numbers, names, + - * / % ** ( ) and some functions.

    Functions are written `sqrt(x)` or, as in Vale's rules, `math.sqrt(x)`. Raises ValueError that says what is
    wrong: a name that is no count, something that is no arithmetic, or a division by zero, as on an empty text.
    """
    if len(formula) > _LONGEST_FORMULA:
        raise ValueError(f"the formula is longer than {_LONGEST_FORMULA} characters")
    try:
        # In brackets, because Vale's formulas go over several lines.
        tree = ast.parse(f"({formula.strip()})", mode="eval")
        value = float(_value(tree.body, {name: float(number) for name, number in asdict(counts).items()}))
    except (SyntaxError, RecursionError, MemoryError, UnicodeError) as error:
        raise ValueError(f"the formula {formula!r} is no arithmetic") from error
    except ZeroDivisionError as error:
        raise ValueError(f"the formula {formula!r} divides by zero") from error
    except OverflowError as error:
        raise ValueError(f"the formula {formula!r} is out of range") from error
    if not math.isfinite(value):
        raise ValueError(f"the formula {formula!r} is out of range")
    return value


def _value(node: ast.expr, names: dict[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            if name not in names:
                raise ValueError(f"{name!r} is not counted; counted are {', '.join(sorted(names))}")
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, names)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _applied(_OPERATORS[type(op)], [_value(left, names), _value(right, names)])
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="math"), attr=name), keywords=[]):
            if name not in _FUNCTIONS:
                raise ValueError(f"there is no function {name!r}; there are {', '.join(sorted(_FUNCTIONS))}")
            arguments, function = _FUNCTIONS[name]
            if len(node.args) != arguments:
                raise ValueError(f"{name} takes {arguments} argument(s), not {len(node.args)}")
            return _applied(function, [_value(argument, names) for argument in node.args])
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is no arithmetic")


def _applied(function: Callable[..., float], values: list[float]) -> float:
    try:
        return float(function(*values))
    except ValueError as error:
        raise ValueError(f"there is no such value for {', '.join(f'{value:g}' for value in values)}") from error
