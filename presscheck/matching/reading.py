"""Tells how hard a text is to read, by the formulas that editors know.

    counts = count(text)
    flesch_reading_ease(counts), flesch_kincaid(counts), evaluate("words / sentences", counts)

The counts carry the names that rules of Vale's kinds `metric` and `readability` use, so that a formula of such a rule
can be evaluated over them. Syllables are those of English or of the given language by rules
(`presscheck/matching/syllables.py`). All formulas were made for prose of a hundred words and more; on a headline they
say little.
"""

import ast
import math
import operator
from collections.abc import Callable
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


# Flesch's formula fitted to other languages: the constant, what a sentence's length and a word's syllables take off.
_EASE = {
    "en": (206.835, 1.015, 84.6),  # Flesch 1948
    "de": (180.0, 1.0, 58.5),  # Amstad 1978
    "es": (206.84, 1.02, 60.0),  # Fernández Huerta 1959
    "fr": (207.0, 1.015, 73.6),  # Kandel and Moles 1958
    "it": (217.0, 1.3, 60.0),  # Franchina and Vacca 1986
    "nl": (206.84, 0.93, 77.0),  # Douma 1960
    "pt": (248.835, 1.015, 84.6),  # Martins and others 1996
}


def flesch_reading_ease(counts: Counts, language: str = "en") -> float:
    """100 is very easy, 60 to 70 plain, below 30 for graduates; ValueError for a language without a formula."""
    if language not in _EASE:
        raise ValueError(f"reading ease knows {', '.join(sorted(_EASE))}, not {language!r}; use lix")
    constant, by_sentence, by_word = _EASE[language]
    return (
        constant - by_sentence * _per(counts.words, counts.sentences) - by_word * _per(counts.syllables, counts.words)
    )


def flesch_kincaid(counts: Counts) -> float:
    """School grade (Kincaid and others 1975)."""
    return 0.39 * _per(counts.words, counts.sentences) + 11.8 * _per(counts.syllables, counts.words) - 15.59


def gunning_fog(counts: Counts) -> float:
    """School grade (Gunning 1952)."""
    return 0.4 * (_per(counts.words, counts.sentences) + 100 * _per(counts.complex_words, counts.words))


def smog(counts: Counts) -> float:
    """School grade (McLaughlin 1969)."""
    return 1.0430 * math.sqrt(30 * _per(counts.polysyllabic_words, counts.sentences)) + 3.1291


def coleman_liau(counts: Counts) -> float:
    """School grade, without syllables (Coleman and Liau 1975)."""
    return 5.88 * _per(counts.characters, counts.words) - 29.6 * _per(counts.sentences, counts.words) - 15.8


def automated_readability(counts: Counts) -> float:
    """School grade, without syllables (Smith and Senter 1967)."""
    return 4.71 * _per(counts.characters, counts.words) + 0.5 * _per(counts.words, counts.sentences) - 21.43


def lix(counts: Counts) -> float:
    """For any language with words: below 30 easy, above 50 hard (Björnsson 1968)."""
    return _per(counts.words, counts.sentences) + 100 * _per(counts.long_words, counts.words)


def _per(many: int, few: int) -> float:
    return many / few if few else 0.0


GRADES: dict[str, Callable[[Counts], float]] = {
    "Flesch-Kincaid": flesch_kincaid,
    "Gunning Fog": gunning_fog,
    "Coleman-Liau": coleman_liau,
    "SMOG": smog,
    "Automated Readability": automated_readability,
}
"""School grades by the names that Vale's `readability` rules use."""


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
