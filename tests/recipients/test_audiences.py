"""A frozen audience is read batch by batch, and only if it is what its digest says."""

import json
from pathlib import Path

import duckdb
import pytest

from presscheck.digests import file_digest
from presscheck.errors import AudienceChanged
from presscheck.recipients.audiences import (
    audience_path,
    read_recipients,
    recipient_count,
    recipient_ids,
    verify_audience,
)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory) -> Path:
    """25,000 recipients in three row groups."""
    path = tmp_path_factory.mktemp("audience") / "frozen.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            "COPY (SELECT format('c{:05}', range) AS id, format('p{}@example.com', range) AS address, "
            "'consent' AS consent_basis, 'form' AS consent_proof, "
            "TIMESTAMPTZ '2026-01-01 10:00:00+00' AS consented_at, "
            "'DE' AS market, '' AS time_zone, '{\"first_name\":\"Ana\"}' AS attributes FROM range(25000)) "
            f"TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 10240)"
        )
    return path


@pytest.mark.parametrize(
    ("offset", "limit", "first", "count"),
    [(0, 500, "c00000", 500), (10_000, 500, "c10000", 500), (24_900, 500, "c24900", 100), (20_480, 1, "c20480", 1)],
)
def test_a_batch_is_these_rows_and_no_others(offset, limit, first, count, frozen):
    batch = read_recipients(frozen, offset=offset, limit=limit)

    assert [recipient.id for recipient in batch] == [f"c{n:05}" for n in range(offset, offset + count)]
    assert batch[0].id == first
    assert batch[0].attributes == {"first_name": "Ana"}


@pytest.mark.parametrize(("offset", "limit"), [(25_000, 10), (99_999, 10), (5, 0)])
def test_past_the_end_there_is_nobody(offset, limit, frozen):
    assert read_recipients(frozen, offset=offset, limit=limit) == ()


@pytest.mark.slow
def test_batches_together_are_everybody_once(frozen):
    ids = [r.id for offset in range(0, 25_000, 7_000) for r in read_recipients(frozen, offset=offset, limit=7_000)]

    assert ids == recipient_ids(frozen)
    assert len(set(ids)) == recipient_count(frozen) == 25_000


def test_an_untouched_audience_is_verified(frozen):
    verify_audience(frozen, file_digest(frozen))


def test_one_changed_byte_is_found(frozen, tmp_path):
    digest = file_digest(frozen)
    changed = bytearray(frozen.read_bytes())
    changed[len(changed) // 2] ^= 1
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(changed)

    with pytest.raises(AudienceChanged, match="changed after it was frozen"):
        verify_audience(copy, digest)


def test_an_audience_that_is_gone_is_told(tmp_path):
    gone = audience_path(tmp_path, "0" * 64)

    with pytest.raises(AudienceChanged, match="cannot be read"):
        verify_audience(gone, "0" * 64)
    with pytest.raises(AudienceChanged):
        read_recipients(gone)


def test_a_file_that_is_no_parquet_is_told(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text(json.dumps({}))

    with pytest.raises(AudienceChanged):
        read_recipients(path)


def test_rows_that_are_no_recipients_are_told(tmp_path):
    path = tmp_path / "x.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS id) TO '{path}'")

    with pytest.raises(AudienceChanged, match="no recipient"):
        read_recipients(path)


def test_a_negative_offset_is_refused(frozen):
    with pytest.raises(ValueError, match="count from 0"):
        read_recipients(frozen, offset=-1)
