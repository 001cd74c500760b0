"""What somebody types for a parameter becomes what the campaign takes, or is told; a text stays the text that it is."""

from datetime import date
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.utilities.callables import parameter_schema

from presscheck.door.parameters import fitted
from tests.door.house import DEPLOYMENT


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


def campaign(
    brief: str = "a.yaml",
    count: int = 3,
    share: float = 0.5,
    on: bool = True,
    size: int | None = None,
    name: str | int = "x",
    when: date | None = None,
    way: Literal["a", "b"] = "a",
    stage: Literal[1, 2] = 1,
    markets: list[str] = [],  # noqa: B006 - a signature as somebody writes it.
    limits: dict[str, int] = {},  # noqa: B006
    colour: Colour = Colour.RED,
    any_of: object = None,
) -> None: ...


SCHEMA = parameter_schema(campaign).model_dump(mode="json", exclude_unset=True)
SALE = {"id": DEPLOYMENT, "name": "sale", "parameter_openapi_schema": SCHEMA}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("brief", "007", "007"),
        ("brief", "true", "true"),
        ("count", "3", 3),
        ("count", "-12", -12),
        ("share", "0.25", 0.25),
        ("share", "1e3", 1000.0),
        ("share", "2", 2.0),
        ("on", "false", False),
        ("on", "True", True),
        ("size", "7", 7),
        ("size", "null", None),
        ("name", "3", "3"),
        ("when", "2027-01-31", "2027-01-31"),
        ("way", "b", "b"),
        ("stage", "2", 2),
        ("markets", '["DE"]', ["DE"]),
        ("limits", '{"DE": 3}', {"DE": 3}),
        ("colour", "blue", "blue"),
        ("any_of", "3", "3"),
    ],
)
def test_what_is_typed_becomes_what_the_campaign_takes(name: str, typed: str, value: object) -> None:
    made, wrong = fitted(SALE, {name: typed})

    assert wrong is None
    assert (made[name], type(made[name])) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("count", "three", "count: “three” is not a whole number, such as 3"),
        ("count", "3.5", "is not a whole number"),
        ("count", "", "count: “” is not a whole number"),
        ("count", "9" * 5000, "is not a whole number"),
        ("share", "nan", "share: “nan” is not a number"),
        ("share", "1e999", "is not a number"),
        ("on", "yes", "on: “yes” is not true or false"),
        ("size", "x", "size: “x” is not a whole number, such as 3 or null"),
        ("stage", "3", "stage: “3” is not one of 1 or 2"),
        ("way", "c", "way: “c” is not one of a or b"),
        ("colour", "green", "colour: “green” is not one of red or blue"),
        ("markets", "DE", "markets: “DE” is not a list in JSON"),
        ("limits", "[1]", "limits: “[1]” is not a mapping in JSON"),
        ("limits", "[" * 9000, "is not a mapping in JSON"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(name: str, typed: str, said: str) -> None:
    _, wrong = fitted(SALE, {name: typed})

    assert wrong is not None
    assert said in wrong[0]


def test_all_that_is_wrong_is_told_at_once_with_what_was_meant() -> None:
    _, wrong = fitted(SALE, {"cuont": "3", "count": "x", "on": "y"})

    assert wrong is not None
    assert wrong[0].startswith("sale has no parameter cuont; count: “x” is not")
    assert "on: “y”" in wrong[0]
    assert wrong[1].endswith("Did you mean cuont (count)?")


@pytest.mark.parametrize("value", [3, 2.5, None, True, [1], {"a": 1}])
def test_what_is_no_text_is_handed_on_as_it_came(value: object) -> None:
    assert fitted(SALE, {"count": value}) == ({"count": value}, None)


@given(st.text(max_size=40), st.sampled_from(sorted(SCHEMA["properties"])))
def test_whatever_is_typed_nothing_breaks(typed: str, name: str) -> None:
    made, wrong = fitted(SALE, {name: typed})

    assert (name in made) is (wrong is None)


def test_a_deployment_without_a_schema_takes_what_is_given() -> None:
    assert fitted({"name": "old"}, {"count": "3"}) == ({"count": "3"}, None)


def test_a_number_reaches_prefect_as_a_number(house: Any) -> None:
    house.upstream.answers["/api/deployments/filter"] = (200, [SALE])

    answer = house.visitor("eva").post(
        "/-/api/runs", {"campaign": "sale", "parameters": {"count": "3", "brief": "007"}}
    )

    [call] = house.upstream.calls("POST", "create_flow_run")
    assert answer.status_code == 201
    assert call["body"]["parameters"] == {"count": 3, "brief": "007"}


def test_a_mapping_that_prefect_would_evaluate_is_refused(still_house: Any) -> None:
    still_house.upstream.answers["/api/deployments/filter"] = (200, [SALE])
    typed = '{"__prefect_kind": "jinja", "template": "{{ 1 }}"}'

    answer = still_house.visitor("eva").post("/-/api/runs", {"campaign": "sale", "parameters": {"limits": typed}})

    assert answer.status_code == 422
    assert not still_house.upstream.calls("POST", "create_flow_run")
