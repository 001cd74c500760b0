"""A file is kept under the digest of its bytes, whole or not at all, readable by its owner only."""

import os
import stat
import time

import pytest

from presscheck.digests import file_digest
from presscheck.screening.frozen import keep, keep_text, workroom


def test_a_kept_file_has_its_digest_for_a_name(tmp_path):
    draft = tmp_path / "draft"
    draft.write_bytes(b"rows")

    digest, kept = keep(draft, tmp_path / "audiences", suffix=".parquet")

    assert kept.name == f"{file_digest(kept)}.parquet" == f"{digest}.parquet"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert not draft.exists()


def test_keeping_again_replaces_the_file_in_one_step(tmp_path):
    keep_text("one", tmp_path, tmp_path / "reports", name="r", suffix=".html")

    kept = keep_text("two", tmp_path, tmp_path / "reports", name="r", suffix=".html")

    assert kept.read_text() == "two"
    assert [path.name for path in kept.parent.iterdir()] == ["r.html"]


def test_a_room_is_private_and_gone_afterwards_even_after_an_error(tmp_path):
    modes: list[int] = []

    def screening_that_fails() -> None:
        with workroom(tmp_path) as room:
            modes.append(stat.S_IMODE(room.stat().st_mode))
            (room / "candidates.parquet").write_text("personal")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        screening_that_fails()

    assert modes == [0o700]
    assert list((tmp_path / "audiences").iterdir()) == []


def test_a_room_left_by_a_killed_process_is_cleared_after_a_day_and_not_before(tmp_path):
    old, fresh = (tmp_path / "audiences" / f".screening-{name}" for name in ("old", "fresh"))
    for room in (old, fresh):
        room.mkdir(parents=True)
        (room / "candidates.parquet").write_text("personal")
    yesterday = time.time() - 25 * 60 * 60
    os.utime(old, (yesterday, yesterday))

    with workroom(tmp_path):
        pass

    assert not old.exists()
    assert fresh.exists()
