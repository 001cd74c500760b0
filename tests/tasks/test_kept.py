"""What the ledger keeps of a result comes back as it was, whatever it looks like."""

import json
import math
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from presscheck.digests import canonical
from presscheck.models import Frozen
from tasks import Kept
from tasks.kept import form_to_keep, packed, read_back, shape_of, unpacked

WORDS = st.one_of(st.sampled_from(["__float__", "__plain__", "a", ""]), st.text(max_size=5))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_packed_is_unpacked_to_the_last_bit(value: Any) -> None:
    kept = json.loads(canonical(packed(value)))

    assert _exactly(unpacked(kept)) == _exactly(value)


@given(VALUES, VALUES)
def test_two_values_are_never_packed_to_one(one: Any, other: Any) -> None:
    assert (canonical(packed(one)) == canonical(packed(other))) == (_exactly(one) == _exactly(other))


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, float("1e400"), [1.0, math.nan], {"a": [math.inf]}])
def test_a_number_that_is_none_is_refused_wherever_it_stands(value: Any) -> None:
    with pytest.raises(ValueError, match="is no number"):
        packed(value)


class Cat(Frozen):
    kind: Literal["cat"] = "cat"
    weight: float


class Dog(Frozen):
    kind: Literal["dog"] = "dog"
    weight: int | float


class Zoo(Kept):
    pets: tuple[Cat | Dog, ...]
    prices: dict[str, Decimal] = {}
    anything: Any = None


class Aliased(Kept):
    total: float = Field(alias="grandTotal")


class Open(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    a: int


@pytest.mark.parametrize(
    "result",
    [
        Zoo(pets=(Cat(weight=1.5), Dog(weight=2), Dog(weight=2.0)), prices={"a": Decimal("1.50")}),
        Zoo(pets=(), anything={"__float__": "x"}),
        Zoo(pets=(), anything=[np.float64(0.1)]),
        Aliased(grandTotal=0.1),
        Open(a=1, b=2.5),
    ],
    ids=["a union", "a mark", "a number of NumPy", "an alias", "more than it says"],
)
def test_a_result_comes_back_as_it_was(result: Any) -> None:
    again = read_back(type(result), json.loads(canonical(form_to_keep(result, type(result)))))

    assert again == result
    assert again.model_dump_json(round_trip=True) == result.model_dump_json(round_trip=True)


def test_one_of_a_class_below_it_that_says_more_is_told_without_what_it_says() -> None:
    class Named(Cat):
        name: str

    with pytest.raises(ValueError, match=r"^Cat cannot be read back \(what does not fit: name\)$"):
        form_to_keep(Named(weight=1.5, name="Minka"), Cat)


def test_a_shape_is_of_fields_and_not_of_words_about_them() -> None:
    class One(Kept):
        """Some words."""

        title: str = Field(title="A title", description="What it is called.", examples=["x"])

    class Other(Kept):
        """Others."""

        title: str

    class Third(Kept):
        heading: str

    assert shape_of(One) == shape_of(Other) != shape_of(Third)


def _exactly(value: Any) -> str:
    """1, 1.0, True and -0.0 are four."""
    return json.dumps(value, sort_keys=True)
