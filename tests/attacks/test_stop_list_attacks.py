"""Whoever stands on a stop list is not written to, however the list was written; or the list is refused with its lines.

The same reader and the same form of an address for `presscheck suppress`, `data/suppressed.csv`, audience rows and
what comes back (`presscheck.addresses`).
"""

import gzip
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.addresses import address_hash
from presscheck.errors import InputError, SegmentError
from presscheck.recipients.stop_lists import read_stop_list
from presscheck.screening.segment import run_segment
from presscheck.screening.suppression import load_suppressions

# Each stands alone in a line, or in the column `address`; ana@example.com is who wants to leave.
LINES = {
    "a reason behind it": "ana@example.com,unsubscribed",
    "a semicolon behind it": "ana@example.com;",
    "a comma behind it": "ana@example.com,",
    "a full stop behind it": "ana@example.com.",
    "angle brackets": "<ana@example.com>",
    "a name before it": "Ana <ana@example.com>",
    "a name behind it": "ana@example.com (Ana)",
    "the name without brackets": "Ana ana@example.com",
    "mailto": "mailto:ana@example.com",
    "single quotes": "'ana@example.com'",
    "double quotes": '"ana@example.com"',
    "one single quote before it": "'ana@example.com",
    "two with a semicolon": "ana@example.com;ben@example.com",
    "two with a semicolon and a blank": "ana@example.com; ben@example.com",
    "two with a blank": "ana@example.com ben@example.com",
    "two with a tab": "ana@example.com\tben@example.com",
    "two with a bar": "ana@example.com|ben@example.com",
    "two with a line separator": "ana@example.com\u2028ben@example.com",
    "two with an old Mac's line end": "ana@example.com\rben@example.com",
    "a mark of a list": "- ana@example.com",
    "a mark of a list without a blank": "-ana@example.com",
    "a star": "*ana@example.com",
    "a comment": "# ana@example.com",
    "a comment without a blank": "#ana@example.com",
    "a formula": "=ana@example.com",
    "a link": "https://example.com/?u=ana@example.com",
    "a hidden link": "[ana@example.com](mailto:ana@example.com)",
    "escaped": "ana&#64;example.com",
    "spelt": "ana(at)example.com",
    "a blank inside": "ana @example.com",
    "a no-break space inside": "ana\xa0@example.com",
    "two ats": "ana@@example.com",
    "no domain": "ana@",
    "no public domain": "ana@localhost",
    "a literal": "ana@[192.0.2.1]",
    "a hash, as the ledger has it": address_hash("ana@example.com"),
    "no address": "n/a",
    "null": "NULL",
    "nothing that is seen": "\u200b",
    "a joiner in the domain": "ana@exam\u200dple.com",
    "a domain that no register takes": "ana@☕.example",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_that_is_more_or_less_than_an_address_refuses_the_list_with_its_line(line, tmp_path):
    file = tmp_path / "left.txt"
    file.write_text(f"ben@example.com\n{line}\n", encoding="utf-8", newline="")

    with pytest.raises(InputError) as refused:
        read_stop_list(file)

    assert [fault.line for fault in refused.value.faults] == [2]


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_cell_that_is_more_or_less_than_an_address_refuses_the_file_with_its_line(line, tmp_path):
    file = tmp_path / "suppressed.csv"
    quoted = line.replace('"', '""')
    file.write_text(f'address,reason\nben@example.com,x\n"{quoted}",x\n', encoding="utf-8", newline="")

    with pytest.raises(SegmentError) as refused:
        load_suppressions(file)

    assert [fault.line for fault in refused.value.faults] == [3]


FILES = {
    "two columns of one name": "address,address\nana@example.com,ben@example.com\n",
    "two columns of two names": "address,email\nana@example.com,ben@example.com\n",
    "another address in a column that is not read": "address,second\nana@example.com,ben@example.com\n",
    "another address in a column without a name": "address,\nana@example.com,ben@example.com\n",
    "another heading": "person\nana@example.com\n",
    "a column called address with more than one": "email,address\nana@example.com,<ben@example.com>\n",
    "two columns that are called alike": "email,E-Mail\nana@example.com,ben@example.com\n",
    "two columns that are called alike, and junk": "Email Address,e-mail\nana@example.com,ben@example.com;\n",
    "a note for Excel": "sep=;\naddress;reason\nana@example.com;x\n",
    "no heading": "ana@example.com\nben@example.com\n",
    "an unquoted comma": "address,reason\nana@example.com,too many, too often\n",
    "a row without an address": "address,reason\n,ana@example.com\n",
    "a quote that swallows a row": 'address,reason\nana@example.com,"x\nben@example.com,y"\n',
    "two lines in a cell": 'address\n"ana@example.com\nben@example.com"\n',
    "a preamble": "Left until November\n\naddress\nana@example.com\n",
    "a second export": "address,reason\nana@example.com,x\nreason,address\nx,ben@example.com\n",
    "a second list of a column more": "address\nana@example.com\naddress,reason\nben@example.com,x\n",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("reader", [load_suppressions, read_stop_list])
def test_a_file_of_which_a_part_would_not_be_read_is_refused(reader, content, tmp_path):
    file = tmp_path / "suppressed.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(InputError):
        reader(file)


# As shops, mailers and office programs write them.
EXPORTS = {
    "Mailchimp": "Email Address,First Name,Address,TAGS,UNSUB_TIME\n"
    'ana@example.com,Ana,"3 Weir Lane, Otley",,2026-01-02\n'
    "ben@example.com,,,,\n",
    "HubSpot": '\ufeff"Record ID","Email","Last Activity"\n"1","ana@example.com",""\n"2","ben@example.com","x"\n',
    "Salesforce": '"Id","Email","Mailing Street"\r\n"1","ana@example.com","1 High St\nOtley"\r\n'
    '"2","ben@example.com",""\r\n',
    "German Excel": "\ufeffE-Mail;Grund;;\r\nana@example.com;zu oft, zu viel;;\r\nben@example.com;;;\r\n;;;\r\n\r\n",
    "Outlook": '"First Name","E-mail Address"\r\n"Ana","ana@example.com"\r\n"","ben@example.com"\r\n',
    "one column": "E-Mail-Adresse\nana@example.com\nben@example.com",
    "a column called mail": "mail\nana@example.com\nben@example.com\n",
    "two hundred columns": "email"
    + "".join(f",c{at}" for at in range(199))
    + f"\nana@example.com{',' * 199}\nben@example.com{',x' * 199}\n",
}


@pytest.mark.parametrize("content", EXPORTS.values(), ids=EXPORTS)
def test_an_export_that_people_have_is_read_whole(content, tmp_path):
    file = tmp_path / "left.csv"
    file.write_text(content, encoding="utf-8", newline="")

    assert read_stop_list(file) == ["ana@example.com", "ben@example.com"]


def test_a_list_with_columns_is_read_by_them_in_any_of_its_files(tmp_path):
    tabs, packed = tmp_path / "left.tsv", tmp_path / "left.csv.gz"
    tabs.write_text("email\treason, if any\nana@example.com\tx\n")
    packed.write_bytes(gzip.compress(b"email,reason\nana@example.com,x\n"))

    assert read_stop_list(tabs) == read_stop_list(packed) == ["ana@example.com"]


def test_all_lines_that_are_no_addresses_are_told_at_once(tmp_path):
    lines = tmp_path / "left.txt"
    lines.write_text("ana@example.com\n<ben@example.com>\n\ncy@example.com;\n" + "x\n" * 100)
    cells = tmp_path / "left.csv"
    cells.write_text("email,reason\nana@example.com,x\nn/a,x\nben@example.com\n")

    with pytest.raises(InputError) as of_lines:
        read_stop_list(lines)
    with pytest.raises(InputError) as of_cells:
        read_stop_list(cells)

    assert [fault.line for fault in of_lines.value.faults[:3]] == [2, 4, 5]
    assert of_lines.value.faults[-1].message == "52 more lines like these"
    assert [(fault.line, fault.where) for fault in of_cells.value.faults] == [(3, "email"), (4, "")]


SPELLINGS = {
    "capitals": "ANA@EXAMPLE.COM",
    "blanks around": "  ana@example.com\t",
    "a no-break space behind": "ana@example.com\xa0",
    "a zero-width space inside": "an\u200ba@example.com",
    "a soft hyphen inside": "ana@exam\u00adple.com",
    "marks of writing direction": "\u202dana@example.com\u202c",
    "a word joiner": "ana\u2060@example.com",
    "a variation selector": "ana\ufe0f@example.com",
    "a tag character": "ana\U000e0041@example.com",
    "a fullwidth at": "ana＠example.com",
    "fullwidth letters": "ａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "an ideographic full stop": "ana@example。com",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_spelling_that_is_beyond_doubt_stops_the_person(spelling, tmp_path):
    file = tmp_path / "suppressed.csv"
    file.write_text(f'email,reason\n"{spelling}",x\n', encoding="utf-8")

    assert load_suppressions(file) == {address_hash("ana@example.com")}


DOMAINS = {
    "bücher.example": "xn--bcher-kva.example",
    "BÜCHER.EXAMPLE": "xn--bcher-kva.example",
    "bu\u0308cher.example": "XN--BCHER-KVA.example",
    "пример.рф": "xn--e1afmkfd.xn--p1ai",
    "例え.テスト": "xn--r8jz45g.xn--zckzah",
    "straße.example": "xn--strae-oqa.example",
}


@pytest.mark.parametrize(("written", "punycode"), DOMAINS.items())
def test_a_stop_in_either_writing_of_a_domain_stops_rows_in_both(written, punycode, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    rows = "".join(f"{at},jo@{domain}\n" for at, domain in enumerate((written, punycode, "other.example")))
    (data / "people.csv").write_text(f"id,email\n{rows}", encoding="utf-8")
    segment = tmp_path / "segment.sql"
    segment.write_text(
        "SELECT id, email AS address, 'consent' AS consent_basis, 'form' AS consent_proof, '2026-03-01' AS "
        "consented_at, 'US' AS market FROM 'people.csv'"
    )
    out = run_segment(segment, data, tmp_path / "out.parquet")

    for at, domain in enumerate((written, punycode)):
        listed = tmp_path / f"{at}.csv"
        listed.write_text(f"address\nJo@{domain}\n", encoding="utf-8")
        (stopped,) = load_suppressions(listed)
        found = duckdb.sql(f"SELECT id FROM read_parquet('{out}') WHERE address_hash = '{stopped}' ORDER BY id")
        assert found.fetchall() == [("0",), ("1",)]


def test_a_stop_list_joined_in_sql_can_be_compared_in_the_one_form(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "people.csv").write_text("id,email\n1,jo@xn--bcher-kva.example\n2,Al@Example.com\n3,di@example.com\n")
    (data / "left.csv").write_text("email\nJO@Bücher.example\nal@example.com\n", encoding="utf-8")
    segment = tmp_path / "segment.sql"
    segment.write_text(
        "SELECT id, email AS address, 'consent' AS consent_basis, 'form' AS consent_proof, '2026-03-01' AS "
        "consented_at, 'US' AS market FROM 'people.csv' "
        "WHERE address_form(email) NOT IN (SELECT address_form(email) FROM 'left.csv')"
    )

    out = run_segment(segment, data, tmp_path / "out.parquet")

    assert duckdb.sql(f"SELECT id FROM read_parquet('{out}')").fetchall() == [("3",)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.text(st.sampled_from("ana@b.co ,;<>\"'#-\r\t\u200b\xa0é"), max_size=14), max_size=4))
def test_a_list_is_read_whole_or_refused(tmp_path: Path, lines: list[str]):
    file = tmp_path / "left.txt"
    file.write_text("\n".join(lines), encoding="utf-8", newline="")

    try:
        found = read_stop_list(file)
    except InputError:
        return

    assert len(found) == len([line for line in lines if line.strip()])
    assert [address_hash(one) for one in found] == [address_hash(line) for line in lines if line.strip()]
