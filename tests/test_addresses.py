"""One address has one form and one pseudonym, in Python and in DuckDB alike."""

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from presscheck.addresses import (
    address_hash,
    address_hash_sql,
    normalise_address,
    normalise_address_sql,
    read_address,
    sendable_address,
    sendable_address_sql,
    teach_addresses,
)

no_surrogates = st.characters(exclude_categories=["Cs"])
AWKWARD = " \t\n\r\x0b\x0c\xa0\u200b\u200c\u200d\u00ad\ufeff\x00AZaz@＠.。．İſßΣςK'\"\\％éü-_,;<>=?:"
texts = st.text(st.one_of(st.sampled_from(AWKWARD), no_surrogates), max_size=40)
atoms = st.text(st.sampled_from("aZ0'&+/=?^_`{|}~!#$%*-.@,; <>\"\\()[]:\r\n\x00é"), max_size=12)
hosts = st.text("aZ0-.xn", max_size=8)
addresses = st.builds("{}@{}.{}".format, atoms, hosts, st.sampled_from(["com", "xn--p1ai", "1", "c-", ""]))


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        teach_addresses(connection)
        yield connection


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(text=st.one_of(texts, addresses))
@example("JO@BÜCHER.example")
@example("jo@xn--bcher-kva.example")
@example("a@b.com\n")
def test_python_and_duckdb_agree_on_every_text(database, text):
    row = database.execute(
        f"SELECT {normalise_address_sql('a')}, {address_hash_sql('a')}, {sendable_address_sql('a')} "
        "FROM (SELECT $1::VARCHAR AS a)",
        [text],
    ).fetchone()

    assert row == (normalise_address(text), address_hash(text), sendable_address(text))


@settings(max_examples=400)
@given(text=texts)
@example("\u200d@\xdf.\u3002")
@example("İ@İ.example")
def test_normalising_twice_changes_nothing(text):
    assert normalise_address(normalise_address(text)) == normalise_address(text)


@given(text=st.one_of(texts, addresses))
def test_what_is_read_as_an_address_is_one_and_is_read_as_itself_again(text):
    try:
        form = read_address(text)
    except ValueError:
        return

    assert read_address(form) == form == normalise_address(text)
    assert address_hash(form) == address_hash(text)
    assert sendable_address(form) or not form.isascii()


@given(text=addresses)
def test_whoever_can_be_written_to_can_be_put_on_a_stop_list(text):
    if sendable_address(text):
        assert read_address(text) == normalise_address(text)


@pytest.mark.parametrize(
    "spelling",
    [
        "ANA@Example.COM",
        " ana@example.com\r\n",
        "\ufeffana@example.com",
        "ana@example.com\xa0",
        "an\u200ba@example.com",
        "ana@exam\u00adple.com",
        "\u202aana@example.com\u202c",
        "ana＠example.com",
        "ａｎａ@example。com",
    ],
)
def test_spellings_of_one_mailbox_have_one_hash(spelling):
    assert address_hash(spelling) == address_hash("ana@example.com")
    assert read_address(spelling) == "ana@example.com"


@pytest.mark.parametrize(
    ("written", "punycode"),
    [
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
        ("Jo@BÜCHER.Example", "jo@XN--BCHER-KVA.example"),
        ("jo@bu\u0308cher.example", "jo@xn--bcher-kva.example"),
        ("jo@пример.рф", "jo@xn--e1afmkfd.xn--p1ai"),
        ("jo@faß.de", "jo@xn--fa-hia.de"),
        ("jo@نامه\u200cای.com", "jo@xn--mgba3gch31f060k.com"),
        ("jo@例え。テスト", "jo@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_a_domain_is_the_same_in_its_own_letters_and_in_punycode(written, punycode):
    assert address_hash(written) == address_hash(punycode)
    assert read_address(written) == read_address(punycode) == punycode.lower()


@pytest.mark.parametrize("other", ["ana+news@example.com", "a.na@example.com", "ana@example.org"])
def test_tags_and_dots_are_other_mailboxes(other):
    assert address_hash(other) != address_hash("ana@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \u200b ",
        "n/a",
        "ana",
        "@example.com",
        "ana@",
        "ana@localhost",
        "ana@example",
        "ana@example.com.",
        "ana@example.com,",
        "ana@example.com;",
        "ana@example.com,unsubscribed",
        "ana@example.com;ben@example.com",
        "ana@example.com ben@example.com",
        "ana@example.com\nben@example.com",
        "<ana@example.com>",
        "Ana <ana@example.com>",
        "ana@example.com (Ana)",
        '"ana@example.com"',
        "'ana@example.com'",
        "mailto:ana@example.com",
        "ana@@example.com",
        "an a@example.com",
        ".ana@example.com",
        "ana.@example.com",
        "an..a@example.com",
        "ana@example..com",
        "ana@-example.com",
        "ana@example-.com",
        "ana@example.123",
        "ana@[192.0.2.1]",
        "ana@exa_mple.com",
        '"an a"@example.com',
        "=?utf-8?q?ana?=@example.com",
        "ana@exam\u200dple.com",
        "ana\\@example.com",
        "ana@example.com\x00",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.com",
        f"a@{'b.' * 126}com",
    ],
)
def test_what_is_more_or_less_than_one_address_is_none(text):
    with pytest.raises(ValueError, match=r"there is no address|is not one e-mail address"):
        read_address(text)
    assert not sendable_address(text)


@pytest.mark.parametrize(
    "address",
    [
        "mary.o'neil@example.com",
        "ben&jerry@example.com",
        "customer/department=shipping@example.com",  # This and the next two: RFC 3696 section 3.
        "$A12345@example.com",
        "!def!xyz%abc@example.com",
        "_somename@example.com",
        "a@b.co",
        "jo@xn--e1afmkfd.xn--p1ai",
        "jo@4you.example.com",
        f"{'a' * 64}@example.com",
        f"a@{'b' * 63}.com",
    ],
)
def test_what_rfc_5321_allows_is_written_to(address):
    assert sendable_address(address)
    assert read_address(address) == address.lower()


def test_an_address_outside_of_ascii_is_one_and_is_not_written_to():
    assert read_address("Jörg@example.de") == "jörg@example.de"
    assert not sendable_address("jörg@example.de")


def test_a_missing_address_has_no_hash_in_sql(database):
    assert database.execute(f"SELECT {address_hash_sql('NULL::VARCHAR')}").fetchone() == (None,)


def test_the_hash_is_the_same_for_ever():
    # Written down: suppressions are stored as these hashes, and a change would forget them all.
    assert address_hash("Ana@example.com") == "3b5d32ae696872554a0b5c0cab753883f4a94a70fe100129cece88ac59fd0bcb"
