"""One address has one pseudonym, in Python and in DuckDB alike."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presscheck.addresses import address_hash, address_hash_sql, normalise_address, normalise_address_sql

no_surrogates = st.characters(exclude_categories=["Cs"])
awkward = st.sampled_from(list(" \t\n\r\x0b\x0c\xa0\u200b\ufeff\x00AZaz@İſßΣ'\"\\％é"))
texts = st.text(st.one_of(awkward, no_surrogates), max_size=40)


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        yield connection


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_python_and_duckdb_agree_on_every_text(database, text):
    row = database.execute(
        f"SELECT {normalise_address_sql('a')}, {address_hash_sql('a')} FROM (SELECT $1::VARCHAR AS a)", [text]
    ).fetchone()

    assert row == (normalise_address(text), address_hash(text))


@given(text=texts)
def test_normalising_twice_changes_nothing(text):
    assert normalise_address(normalise_address(text)) == normalise_address(text)


@pytest.mark.parametrize(
    "spelling", ["ANA@Example.COM", " ana@example.com\r\n", "\ufeffana@example.com", "ana@example.com\xa0"]
)
def test_spellings_of_one_mailbox_have_one_hash(spelling):
    assert address_hash(spelling) == address_hash("ana@example.com")


@pytest.mark.parametrize("other", ["ana+news@example.com", "a.na@example.com", "ana@example.org"])
def test_tags_and_dots_are_other_mailboxes(other):
    assert address_hash(other) != address_hash("ana@example.com")


def test_a_missing_address_has_no_hash_in_sql(database):
    assert database.execute(f"SELECT {address_hash_sql('NULL::VARCHAR')}").fetchone() == (None,)


def test_the_hash_is_the_same_for_ever():
    # Written down: suppressions are stored as these hashes, and a change would forget them all.
    assert address_hash("Ana@example.com") == "3b5d32ae696872554a0b5c0cab753883f4a94a70fe100129cece88ac59fd0bcb"
