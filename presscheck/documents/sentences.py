"""Sentences made of lists, of numbers and of pydantic's complaints, in words that a marketer can act on.

    f"{counted(len(drafts), 'draft')} for {listed(markets)}"      # 1 draft for US and DE

A field's own description is the best advice there is, so a missing or malformed field quotes it.
Values are shown shortened and without control characters, because they may be hostile.
"""

import difflib
from collections.abc import Iterable
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


def listed(words: Iterable[str], last: str = "and") -> str:
    """`US`, `US and DE`, `US, DE and FR`; nothing of nothing. A comma parts those that are lists themselves."""
    *most, end = found if (found := list(words)) else [""]
    if not most:
        return end
    apart = "," if any(f" {last} " in word for word in found) else ""
    return f"{', '.join(most)}{apart} {last} {end}"


def capital(words: str) -> str:
    """The words as a sentence begins: only the first letter is another."""
    return words[:1].upper() + words[1:]


def an(noun: str) -> str:
    """`a budget`, `an offer`, `recommendations`."""
    return noun if plural(noun) == noun else f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def counted(count: int, noun: str, nouns: str = "") -> str:
    """`no drafts`, `1 draft`, `1,200 drafts`; `nouns` where more than one are not called `noun` with an s."""
    many = nouns or f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}" if count else f"no {many}"


def plural(noun: str) -> str:
    """`budgets`, `copies`; what ends in an s is called the same where there are several."""
    if noun.endswith("s"):
        return noun
    if noun.endswith("y") and noun[-2:-1] not in {*"aeiou", ""}:
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("ch", "sh", "x", "z")) else f"{noun}s"


def in_one_sentence(model: type[BaseModel], error: ValidationError) -> str:
    """All of an error's faults, each with its place, such as `sender.name: is missing; Display name`."""
    faults = [(".".join(map(str, fault["loc"])), sentence_for(model, fault["loc"], fault)) for fault in error.errors()]
    return "; ".join(f"{where}: {said}" if where else said for where, said in faults)


def sentence_for(
    model: type[BaseModel], place: tuple[str | int, ...], problem: ErrorDetails, *, written: str | None = None
) -> str:
    """One sentence for one of pydantic's errors at `place` in a document of `model`.

    `place` may name the members of unions that it leads through by their `kind`. `written` is how a number stands
    there: 00123 and 1.10 are other texts than 123 and 1.1.
    """
    kind = problem["type"]
    given: Any = problem["input"]
    context = problem.get("ctx", {})
    advice = _advice(_field_at(model, place))
    if not place and kind in ("model_type", "model_attributes_type"):
        return "is not a mapping; write one `key: value` a line"
    match kind:
        case "missing":
            return f"is missing{_after(advice)}"
        case "extra_forbidden":
            return _unknown_key(model, place)
        case "literal_error" | "enum":
            return f"{shown(given)} is not one of {_choices(context)}{_meant(given, context)}{_if_choices(advice)}"
        case "string_type" if given is None:
            return f"is empty{_after(advice)}"
        case "string_type" if isinstance(given, int | float) and not isinstance(given, bool):
            return f'is read as a number; write it in quotes: "{written or given}"'
        case "string_type":
            return f"must be text, not {_named(given)}{_after(advice)}"
        case "string_too_short" | "too_short" if not given:
            return (
                f"is empty; list at least {context.get('min_length', 1)}"
                if kind == "too_short"
                else (f"is empty{_after(advice)}")
            )
        case "string_too_short":
            return f"is shorter than {context['min_length']} characters{_after(advice)}"
        case "string_too_long":
            return f"is {len(str(given)):,} characters long; at most {context['max_length']:,} are taken"
        case "too_short":
            return f"has {context['actual_length']} items; list at least {context['min_length']}{_after(advice)}"
        case "too_long":
            return f"has more than {context['max_length']} items; shorten the list"
        case "string_pattern_mismatch":
            return f"{shown(given)} has the wrong form{_after(advice)}"
        case "list_type" | "tuple_type":
            return "must be a list: one item a line, each after a hyphen"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"must be a mapping of `key: value` lines, not {_named(given)}{_after(advice)}"
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return f"{shown(given)} is not a date; write year-month-day, such as 2027-03-31"
        case "bool_type" | "bool_parsing":
            return f"{shown(given)} is neither true nor false"
        case "int_type" | "int_parsing" | "int_from_float":
            return f"{shown(given)} is not a whole number"
        case "greater_than_equal":
            return f"{shown(given)} is too small; write {context['ge']} or more"
        case "less_than_equal":
            return f"{shown(given)} is too large; write {context['le']} or less"
        case "union_tag_invalid":
            tag, known = str(context["tag"]), str(context["expected_tags"]).replace("'", "").split(", ")
            return f"is of the kind {shown(tag)}, which there is not; {did_you_mean(tag, known)}"
        case "union_tag_not_found":
            return f"says not of which kind it is; write {str(context['discriminator']).strip(chr(39))}: first"
        case "value_error":
            return problem["msg"].removeprefix("Value error, ")
        case _:
            return f"{problem['msg'][:1].lower()}{problem['msg'][1:]}{_after(advice)}"


def neither(problem: ErrorDetails) -> str:
    """What is neither a word such as `all` nor a list, as a sentence for the word's error."""
    word, given = _choices(problem.get("ctx", {})), problem["input"]
    if not isinstance(given, str):
        return f"is neither {word} nor a list; write {word}, or one item a line, each after a hyphen"
    return f"{shown(given)} is neither {word} nor a list; {did_you_mean(given, [word], f'write [{given[:40]}]')}"


def shown(value: object) -> str:
    """A value in quotes, at most 60 characters, harmless on a terminal."""
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= 60 else f"{text[:57]}..."
    return "“" + "".join(c if c.isprintable() else "�" for c in short) + "”"


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that was probably meant, or None."""
    close = difflib.get_close_matches(word[:80].lower(), known, n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean subject?`; where none of the known words is near, `otherwise`, or what there is."""
    words = list(known)
    near = nearest(word, words)
    return f"did you mean {near}?" if near else otherwise or f"there are {', '.join(words) or 'none'}"


def _unknown_key(model: type[BaseModel], place: tuple[str | int, ...]) -> str:
    known = sorted({name for owner in _models_at(model, place[:-1]) for name in _keys(owner)})
    key = str(place[-1]) if place else ""
    return "is not a known key; " + did_you_mean(key, known, f"known are {', '.join(known)}")


def _choices(context: dict[str, Any]) -> str:
    return str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")


def _meant(given: object, context: dict[str, Any]) -> str:
    meant = nearest(given, _choices(context).split(", ")) if isinstance(given, str) else None
    return f"; did you mean {meant}?" if meant else ""


def _if_choices(advice: str) -> str:
    # Only a description that explains each choice (`advisor: ...`) says more than the list itself.
    return f"; {advice}" if ": " in advice else ""


def _after(advice: str) -> str:
    return f"; {advice}" if advice else ""


def _advice(field: FieldInfo | None) -> str:
    text = (field.description or "") if field is not None else ""
    return text.strip().rstrip(".")


def _named(value: object) -> str:
    if value is None:
        return "nothing"
    kinds: list[tuple[type, str]] = [
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (str, "text"),
        (list, "a list"),
        (dict, "a mapping"),
    ]
    return next((name for kind, name in kinds if isinstance(value, kind)), "this")


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _field_at(model: type[BaseModel], place: tuple[str | int, ...]) -> FieldInfo | None:
    names = [at for at, step in enumerate(place) if isinstance(step, str)]
    if not names:
        return None
    last = names[-1]
    for owner in _models_at(model, place[:last]):
        for name, field in owner.model_fields.items():
            if place[last] in (name, field.alias):
                return field
    return None


def _models_at(model: type[BaseModel], place: tuple[str | int, ...]) -> list[type[BaseModel]]:
    """The models whose keys may stand below `place`."""
    current = [model]
    for step in place:
        if isinstance(step, int):
            continue
        if len(current) > 1 and (meant := [one for one in current if _is_of_kind(one, step)]):
            current = meant
            continue
        found = [
            inner
            for owner in current
            for name, field in owner.model_fields.items()
            if step in (name, field.alias)
            for inner in _models_in(field.annotation)
        ]
        current = found or current
    return current


def _is_of_kind(model: type[BaseModel], tag: str) -> bool:
    fields = (model.model_fields.get("kind"), model.model_fields.get("type"))
    return any(field is not None and tag in get_args(field.annotation) for field in fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    inner = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
    return [found for part in inner for found in _models_in(part)]
