"""A data folder, and a segment over it, as small as the tests need them."""

from pathlib import Path

import duckdb
import pytest

HEADER = "id,address,consent_basis,consent_proof,consented_at,market,time_zone,birth_year,attributes"
MAPPING = """SELECT id, address, consent_basis, consent_proof, consented_at, market, time_zone, birth_year, attributes
FROM read_csv('people.csv', all_varchar = true)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "people.csv").write_text(
        HEADER + "\n"
        "c2,Ben@example.com,consent,form-2,2026-02-01,US,,1985,\n"
        'c1,ana@example.com,consent,form-1,2026-01-01T10:00:00Z,DE,Europe/Berlin,1990,"{""first_name"":""Ana""}"\n'
    )
    return folder


@pytest.fixture
def write_sql(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "segment.sql"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def rows_of():
    def rows(path: Path, columns: str = "*") -> list[tuple]:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(f"SELECT {columns} FROM read_parquet($1)", [str(path)]).fetchall()

    return rows
