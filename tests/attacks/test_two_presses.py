"""Two presses on one ledger would each send what the other is sending: by whatever path they come to it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from presscheck.errors import LedgerDenied, LedgerLocked, LedgerReadOnly
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.engine import sqlite_path
from presscheck.press.lock import PlaceLost, only_press

WAYS: dict[str, Callable[[Path, Path], Path]] = {
    "its own path": lambda path, _: path,
    "a path with a turn": lambda path, _: path.parent / "keys" / ".." / path.name,
    "a path with a doubled slash": lambda path, _: Path(f"{path.parent}/./{path.name}"),
    "a link to the file": lambda path, other: _linked(other / "ledger.db", path),
    "a link to its folder": lambda path, other: _linked(other / "data", path.parent) / path.name,
    "a link to a link": lambda path, other: _linked(other / "second", _linked(other / "first", path)),
    "a path below the working folder": lambda path, _: Path(os.path.relpath(path)),
}


def _linked(place: Path, to: Path) -> Path:
    place.symlink_to(to)
    return place


def opened(path: Path, keys: Path) -> Ledger:
    """The ledger as a press of another home opens it."""
    return Ledger.open(f"sqlite:///{path}", keyring=Keyring.load(keys), signer=Signer.load(keys, "press"))


@pytest.mark.parametrize("way", WAYS)
def test_a_press_of_another_home_does_not_start_on_the_same_ledger(
    sqlite_ledgers: Any, tmp_path: Path, way: str
) -> None:
    other = tmp_path / "other home"
    other.mkdir()
    path = WAYS[way](sqlite_path(sqlite_ledgers.url), other)
    second = opened(path, sqlite_ledgers.home / "keys")

    with only_press(sqlite_ledgers.home, sqlite_ledgers.press):
        with pytest.raises(LedgerLocked, match="another press is running on this ledger; stop it first"):
            with only_press(other, second):
                pass

    with only_press(other, second):
        pass
    second.close()


def test_a_press_of_a_copied_home_that_names_the_first_ledger_does_not_start(
    sqlite_ledgers: Any, tmp_path: Path
) -> None:
    copied = tmp_path / "copied"
    with only_press(sqlite_ledgers.home, sqlite_ledgers.press):
        shutil.copytree(sqlite_ledgers.home, copied)

        with pytest.raises(LedgerLocked, match="on this ledger"), only_press(copied, sqlite_ledgers.press):
            pass


def test_a_ledger_of_two_names_is_refused_and_both_names_are_one_file(sqlite_ledgers: Any, tmp_path: Path) -> None:
    second = tmp_path / "second.db"
    second.hardlink_to(sqlite_path(sqlite_ledgers.url))

    for ledger in (opened(second, sqlite_ledgers.home / "keys"), sqlite_ledgers.press):
        with pytest.raises(LedgerDenied, match="a second name"), only_press(tmp_path / "other", ledger):
            pass
    second.unlink()
    with only_press(tmp_path / "other", sqlite_ledgers.press):
        pass


@pytest.mark.parametrize("anew", [False, True])
def test_a_press_whose_lock_somebody_removed_sends_nothing_more(sqlite_ledgers: Any, anew: bool) -> None:
    (place,) = _held(sqlite_ledgers)
    with only_press(sqlite_ledgers.home, sqlite_ledgers.press) as alone, sqlite_ledgers.press.read() as tx:
        alone(tx)
        place.unlink()
        if anew:
            place.touch()

        with pytest.raises(PlaceLost, match="Nothing more is sent"):
            alone(tx)


def _held(ledgers: Any) -> list[Path]:
    """The files that a press locks beside the ledger."""
    with only_press(ledgers.home / "elsewhere", ledgers.press):
        return list(ledgers.home.glob("*.press.lock"))


def test_a_lock_that_cannot_be_written_is_told_in_words(sqlite_ledgers: Any) -> None:
    place = Path(f"{sqlite_path(sqlite_ledgers.url)}.press.lock")
    place.mkdir()

    with pytest.raises(LedgerReadOnly, match="cannot write the file that it locks"):
        with only_press(sqlite_ledgers.home, sqlite_ledgers.press):
            pass


def test_two_ledgers_in_one_folder_have_a_press_each(sqlite_ledgers: Any, tmp_path: Path) -> None:
    path = sqlite_path(sqlite_ledgers.url)
    shutil.copy(path, path.with_name("second.db"))
    second = opened(path.with_name("second.db"), sqlite_ledgers.home / "keys")

    with only_press(sqlite_ledgers.home, sqlite_ledgers.press), only_press(tmp_path / "other", second):
        pass

    second.close()
