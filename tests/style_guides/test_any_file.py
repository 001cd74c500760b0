"""Whatever a file holds: a rule, or a fault with its place; never a crash, and never a guardrail that does not load."""

import json
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from policies import Guardrail
from policies.engine.cases import failing_cases
from presscheck.errors import Fault
from presscheck.style_guides import Wishes
from presscheck.style_guides.translating import translate
from presscheck.style_guides.vale_files import read_rule

PLACE = Path("styles/House/Rule.yml")
KINDS = (
    "existence", "substitution", "occurrence", "repetition", "capitalization", "conditional", "consistency", "metric",
    "readability", "spelling", "sequence", "script", "nonsense",
)  # fmt: skip
KEYS = (
    "tokens", "raw", "swap", "either", "token", "first", "second", "match", "formula", "condition", "metrics", "scope",
    "exceptions", "ignorecase", "nonword", "append", "level", "message", "action", "max", "min", "grade", "threshold",
    "link", "ignore", "filters",
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(
        ["foo", r"\bfoo\b", "a(?!b)", "(?<=a )b", "[a-z]+ed", "true", "3", "$1", "heading", "~alt", "> 8", "%s"]
    ),
    st.text(max_size=12),
)
VALUES = st.recursive(
    WORDS | st.booleans() | st.integers(-5, 99) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS.filter(bool), inner, max_size=3),
    max_leaves=6,
)


def brought(text: str) -> object:
    read = read_rule(text, PLACE, PLACE.parent)
    return read if isinstance(read, Fault) else translate(read, "House", PLACE.parent, Wishes(date(2026, 1, 1)))


@given(st.text(max_size=200))
def test_any_text_is_a_rule_or_a_fault(text: str) -> None:
    found = brought(text)

    assert not isinstance(found, Fault) or found.message


@settings(max_examples=150)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=7))
def test_a_rule_of_any_content_is_taken_with_cases_that_hold_or_told(kind: str, content: dict[str, object]) -> None:
    found = brought(json.dumps({"extends": kind, **content}))

    if isinstance(found, Fault):
        assert kind == "nonsense"
    elif found.document is None:
        assert found.left
    else:
        assert not list(failing_cases(Guardrail.model_validate(found.document)))
        assert 0 <= found.taken <= found.tokens
