"""A flow file is loaded as the worker does, and what is wrong with it is told at the line of whoever wrote it."""

from pathlib import Path

import pytest

from presscheck.supervisor.flow_loading import campaign_files, file_of, function_of, load_flows

SOUND = "from prefect import flow\n\n\n@flow(name='a')\ndef a() -> None:\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "helper.py").write_text("def _() -> None: ...\nraise ValueError('here')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def x(:\n", "flows/a.py:1: is not Python"),
        ("import sys\n\nsys.exit('no')\n", "flows/a.py:3: does not load: SystemExit: no"),
        ("from prefect import flow\n\n1 / 0\n", "flows/a.py:3: does not load: ZeroDivisionError"),
        ("import helper\n", "helper.py:2: does not load: ValueError: here"),
        (
            "try:\n    {}[1]\nexcept KeyError as e:\n    raise OSError(1) from e\n",
            "flows/a.py:4: does not load: OSError: 1",
        ),
        (SOUND, ""),
    ],
)
def test_a_fault_names_the_line_of_the_projects_own_code(folder: Path, text: str, said: str) -> None:
    (folder / "flows/a.py").write_text(text)

    found = load_flows("flows/a.py").fault

    assert found.startswith(said) if said else found == ""


def test_what_is_installed_is_loaded_by_its_dotted_name() -> None:
    assert "escalate_reviews" in load_flows("flows.escalate_reviews").flows
    assert "flows.gone: does not load: ModuleNotFoundError" in load_flows("flows.gone").fault


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    assert "flows/gone.py: there is no such file" in load_flows("flows/gone.py").fault


def test_a_campaign_says_where_it_stands_and_one_that_is_imported_is_not_its_importers(folder: Path) -> None:
    (folder / "flows/sale.py").write_text(
        "from presscheck import campaign, deliver\n\n\n@campaign\ndef sale():\n    return deliver(None)\n"
    )
    (folder / "flows/all.py").write_text("from flows.sale import sale\n")

    sale, importer = load_flows("flows/sale.py").flows["sale"], load_flows("flows/all.py").flows["sale"]

    assert (sale.name, sale.line) == ("sale", 4)
    assert sale.entry is not None
    assert sale.entry["entrypoint"] == "flows/sale.py:sale"
    assert (importer.entry, importer.line) == (None, 0)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("from presscheck import campaign\n", True),
        ("from tasks import campaign as c\n", True),
        ("from presscheck import *\n", True),
        ("import presscheck\n\n\n@presscheck.campaign\ndef a():\n    return 1\n", True),
        ("def broken(:\n", True),
        ("from presscheck import step\n\n# campaign\n", False),
        ("from tasks import Campaign\n", False),
    ],
)
def test_a_module_of_steps_is_not_loaded_by_itself(folder: Path, text: str, holds: bool) -> None:
    (folder / "flows/a.py").write_text(text)

    assert campaign_files(folder) == (["flows/a.py"] if holds else [])


@pytest.mark.parametrize(
    ("entrypoint", "file", "function"),
    [("flows/a.py:b", "flows/a.py", "b"), ("./flows/a.py:b", "flows/a.py", "b"), ("flows.a.b", "flows.a", "b")],
)
def test_an_entrypoint_is_a_file_or_a_module_and_a_function(entrypoint: str, file: str, function: str) -> None:
    assert (file_of(entrypoint), function_of(entrypoint)) == (file, function)
