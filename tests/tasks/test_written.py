"""What is no step and no campaign is told where it is written, at import, with what to write instead."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from presscheck.errors import CodeError
from presscheck.models import Frozen
from tasks.written import unfit_input

HEAD = """\
from __future__ import annotations
from typing import Any, ClassVar, Literal, Sequence
import pandas as pd
from pydantic import BaseModel
from prefect import flow, task
from presscheck.models import Copy
from tasks import Audience, Campaign, Drafts, Kept, Made, hold_on_fault, step

class Lines(Kept):
    shape: ClassVar[str] = "lines/1"
    lines: tuple[str, ...] = ()

class Price(BaseModel):
    amount: float

class Wave(BaseModel):
    amount: complex

"""
FIRST = len(HEAD.splitlines()) + 1


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Loads a file of an engineer's, as the worker does."""
    monkeypatch.chdir(tmp_path)

    def load(text: str, head: str = HEAD) -> Any:
        path = tmp_path / "shop_steps.py"
        path.write_text(head + text)
        spec = importlib.util.spec_from_file_location("shop_steps_of_a_test", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    yield load
    sys.modules.pop("shop_steps_of_a_test", None)


STEP = '@step("lines", effect="makes")\n'
RESULT = 'class Bad(Kept):\n    shape: ClassVar[str] = "bad/1"\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (f"{STEP}async def f(campaign: Campaign) -> Made[Lines]: ...\n", 1, "f is async; write def"),
        (f"{STEP}async def f(campaign: Campaign):\n    yield 1\n", 1, "f is async; write def"),
        (f"{STEP}def f(campaign: Campaign) -> Made[Lines]:\n    yield 1\n", 1, "f yields; write return"),
        (f"{STEP}def f(campaign: Campaign):\n    return 1\n", 1, "says nothing of what it returns"),
        (f"{STEP}def f(campaign: Campaign) -> None: ...\n", 1, "returns NoneType; write -> Result"),
        (f"{STEP}def f(campaign: Campaign) -> Made: ...\n", 1, "returns Made; write -> Result"),
        (f"{STEP}def f(campaign: Campaign) -> float: ...\n", 1, "returns float; write -> Result"),
        (f"{STEP}def f(campaign: Campaign) -> pd.Series: ...\n", 1, "Series cannot be kept"),
        (f"{STEP}def f(campaign: Campaign) -> Made[pd.DataFrame]: ...\n", 1, "returns Made; write -> Result"),
        (f"{STEP}def f(campaign: Campaign) -> Made[float]: ...\n", 1, "write -> Result"),
        (f"{STEP}def f(campaign: Campaign) -> Made[dict[str, int]]: ...\n", 1, "write -> Result"),
        (f"{STEP}def f(campaign: Campaign) -> Made[Lines] | None: ...\n", 1, "write -> Result"),
        (f"{STEP}def f(campaign: Campaign) -> list[Lines]: ...\n", 1, "write -> Result"),
        (
            f"{STEP}def f(campaign: Campaign) -> Price: ...\n",
            1,
            "write class Price(Kept)",
        ),
        (f"{STEP}def f(campaign: Campaign, at: complex) -> Made[Lines]: ...\n", 1, "at: a complex has no digest"),
        (f"{STEP}def f(campaign: Campaign, rows: pd.DataFrame) -> Made[Lines]: ...\n", 1, "rows: DataFrame cannot"),
        (f"{STEP}def f(campaign: Campaign, rows: list[pd.Series]) -> Made[Lines]: ...\n", 1, "rows: Series cannot"),
        (f"{STEP}def f(campaign: Campaign, of: set[str]) -> Made[Lines]: ...\n", 1, "of: set cannot"),
        (f"{STEP}def f() -> Made[Lines]: ...\n", 1, "takes no campaign"),
        (f"{STEP}@task\ndef f(campaign: Campaign) -> Made[Lines]: ...\n", 2, "stands over a Task"),
        (f"{STEP}class F: ...\n", 1, "stands over a type"),
        (f"{RESULT}    at: complex\n", 2, "Bad.at: a complex has no digest"),
        (f"{RESULT}    by: dict[str, tuple[int, complex]]\n", 2, "Bad.by: a complex has no digest"),
        (f"{RESULT}    line: str\n    rows: pd.DataFrame\n", 3, "Bad.rows: DataFrame cannot be kept"),
        (f"{RESULT}    rows: list[pd.DataFrame]\n", 2, "Bad.rows: DataFrame cannot be kept"),
        (f"{RESULT}    price: Wave\n", 2, "Bad.price: a complex has no digest"),
        ("class Worse(Lines):\n    rows: pd.DataFrame\n", 1, "Worse.rows: DataFrame"),
        ("@flow\n@hold_on_fault\nasync def f(): ...\n", 2, "f is async; write def"),
        ("@flow\n@hold_on_fault\ndef f():\n    yield 1\n", 2, "f yields; write return"),
        ("@hold_on_fault\n@flow\ndef f(): ...\n", 2, "stands over a Flow"),
    ],
)
@pytest.mark.parametrize("future", [True, False], ids=["annotations as text", "annotations as they are"])
def test_what_is_none_is_told_at_its_line_with_what_to_write(
    loaded: Callable[..., Any], text: str, line: int, said: str, future: bool
) -> None:
    head = HEAD if future else HEAD.replace("from __future__ import annotations", "import typing")

    with pytest.raises(CodeError) as refused:
        loaded(text, head)

    assert f"shop_steps.py:{FIRST + line}: " in str(refused.value)
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_name_that_is_not_there_is_told_at_the_step(loaded: Callable[..., Any]) -> None:
    with pytest.raises(CodeError, match=rf"shop_steps.py:{FIRST + 1}: .* name 'Linez' is not defined"):
        loaded(f"{STEP}def f(campaign: Campaign) -> Made[Linez]: ...\n")


def test_all_that_is_wrong_with_a_step_is_told_at_once(loaded: Callable[..., Any]) -> None:
    with pytest.raises(CodeError) as refused:
        loaded(f"{STEP}def f(campaign: Campaign, share: complex, rows: pd.DataFrame):\n    return rows\n")

    assert [fault.message.partition(":")[0] for fault in refused.value.faults] == [
        "says nothing of what it returns; write -> and the class of its result, such as -> Result",
        "share",
        "rows",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"from functools import cache\n{STEP}@cache\ndef f(campaign: Campaign) -> Made[Lines]: ...\n",
        "from functools import partial\ndef f(campaign: Campaign, count: int) -> Made[Lines]: ...\n"
        "step('lines', effect='makes')(partial(f, count=1))\n",
    ],
)
def test_a_function_in_a_wrapping_is_told_with_the_file_and_line_of_the_function(
    loaded: Callable[..., Any], text: str
) -> None:
    with pytest.raises(CodeError) as refused:
        loaded(text)

    [fault] = refused.value.faults
    line = next(at for at, words in enumerate(text.splitlines()) if words.startswith("def f"))
    assert (fault.path, fault.line) == ("shop_steps.py", FIRST + line)
    assert "and not over a plain function" in fault.message


@pytest.mark.parametrize(
    "text",
    [
        f"{STEP}def f(campaign: Campaign, answer: Any, of: Literal['a'], n: int | None = 1) -> Made[Lines]: ...\n",
        f"{STEP}def f(campaign: Campaign, drafts: Drafts, to: tuple[Audience, ...] = ()) -> Made[Lines]: ...\n",
        f"{STEP}def f(campaign, count=3, names: Sequence[str] = (), *more: str, **most: int) -> Made[Lines]: ...\n",
        "from decimal import Decimal\nfrom datetime import date\n\nclass Kind(Kept):\n"
        "    price: Decimal\n    day: date\n    by: dict[str, list[int]]\n    any: Any = None\n    of: Lines | None\n",
        "class Tree(Kept):\n    inner: tuple[Tree, ...] = ()\n",
        f"{STEP}def f(campaign: Campaign, share: float = 0.5) -> Lines: ...\n",
        f"{STEP}def f(campaign: Campaign) -> pd.DataFrame: ...\n",
        f"{STEP}def f(campaign: Campaign) -> list[Copy]: ...\n",
        f"class Bare(BaseModel, frozen=True):\n    price: float\n{STEP}def f(campaign: Campaign) -> Bare: ...\n",
    ],
)
def test_what_is_a_step_or_a_result_is_taken(loaded: Callable[..., Any], text: str) -> None:
    assert loaded(text)


class Frost(Frozen):
    degrees: int


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1, ""),
        (None, ""),
        ("a", ""),
        ([True, {"a": ("b", Frost(degrees=1))}], ""),
        (0.5, ""),
        ({"a": [1, 0.5]}, ""),
        (float("nan"), "nan is no number"),
        ({"a": [1, float("inf")]}, "inf is no number"),
        ({1: "a"}, "a key is to be text"),
        ({"a", "b"}, "set cannot be kept"),
        (date(2027, 3, 31), "date has no digest; hand it on as text"),
        ([Decimal("1.10")], "Decimal has no digest; hand it on as text"),
        ({"where": Path("rows.csv")}, "PosixPath has no digest; hand it on as text"),
        (object(), "object cannot be kept"),
    ],
)
def test_an_argument_is_what_has_a_digest(value: Any, said: str) -> None:
    assert unfit_input(value).startswith(said) if said else unfit_input(value) == ""
