"""What takes seconds to build is kept in the user's cache, and nobody else's file is read from there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policies import PolicySet, load_policies
from policies.engine import compiled as compiling
from policies.engine.compiled import Compiled, compiled_for
from presscheck.cli.kept import make_quick
from presscheck.matching import normalise

TEXT = "Hurry! Only 3 left in stock."


@pytest.fixture
def few() -> PolicySet:
    return load_policies().narrowed("pressure")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compiling.compiled_for.cache_clear()
    yield tmp_path / "presscheck/guardrails"
    compiling.compiled_for.cache_clear()


def kept(cache: Path) -> Path:
    (file,) = cache.iterdir()
    return file


@pytest.mark.slow
def test_what_was_built_is_kept_for_its_owner_alone_and_reads_the_same(few: PolicySet, cache: Path) -> None:
    make_quick(few, 10_000)
    file = kept(cache)
    built = compiled_for(few).spots([normalise(TEXT)], many=True)
    compiled_for.cache_clear()

    make_quick(few, 10_000)

    assert file.stat().st_mode & 0o777 == 0o600
    assert compiled_for(few).spots([normalise(TEXT)], many=True) == built
    assert built == Compiled(few.guardrails).spots([normalise(TEXT)])


@pytest.mark.slow
def test_a_damaged_file_is_built_anew(few: PolicySet, cache: Path) -> None:
    make_quick(few, 10_000)
    sound = kept(cache).read_bytes()
    kept(cache).write_bytes(sound[: len(sound) // 2])
    compiled_for.cache_clear()

    make_quick(few, 10_000)

    assert kept(cache).read_bytes()[:50] == sound[:50]
    assert len(kept(cache).read_bytes()) == len(sound)


@pytest.mark.slow
def test_a_file_that_others_may_write_is_not_read(few: PolicySet, cache: Path) -> None:
    make_quick(few, 10_000)
    file = kept(cache)
    file.write_bytes(b"somebody else's")
    file.chmod(0o666)
    compiled_for.cache_clear()

    make_quick(few, 10_000)

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes() != b"somebody else's"


def test_nothing_is_read_or_kept_in_a_folder_that_others_may_write(few: PolicySet, cache: Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)

    make_quick(few, 10_000)

    assert list(cache.iterdir()) == []
    assert compiled_for(few).spots([normalise(TEXT)], many=True)


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(few: PolicySet, cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file in the way")

    make_quick(few, 10_000)

    assert compiled_for(few).spots([normalise(TEXT)], many=True)


def test_a_few_texts_are_not_worth_building_for_and_use_what_is_there(few: PolicySet, cache: Path) -> None:
    assert not make_quick(few, 600)
    assert list(cache.iterdir()) == []

    assert make_quick(few, 10_000)
    compiled_for.cache_clear()

    assert make_quick(few, 600)
