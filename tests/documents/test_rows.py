"""A CSV file is read whole, each row with its line, or its faults are told."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from presscheck.documents.rows import CsvFile
from presscheck.errors import InputError

anywhere = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, content: str | bytes, name: str = "a.csv", **how: object) -> tuple[list[list[str]], list[str]]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = CsvFile(path, **how)
    rows = [cells for _, cells in table]
    return rows, [str(fault).removeprefix(f"{path}") for fault in table.faults]


def by_the_book(text: str) -> list[list[str]]:
    """RFC 4180, section 2, a character at a time; ValueError for what its grammar does not have."""
    rows, row, cell, at = [], [], "", 0
    while at < len(text):
        if text[at] == '"':
            while True:
                end = text.index('"', at + 1)
                cell += text[at + 1 : end]
                at = end + 1
                if text[at : at + 1] != '"':
                    break
                cell += '"'
        else:
            end = min((found for one in ',\r\n"' if (found := text.find(one, at)) >= 0), default=len(text))
            cell, at = text[at:end], end
        row.append(cell)
        cell = ""
        if text[at : at + 1] == ",":
            at += 1
            if at < len(text):
                continue
            row.append("")
        elif text[at : at + 2] == "\r\n":
            at += 2
        elif text[at : at + 1] == "\n":
            at += 1
        elif text[at:] not in ("", "\r"):
            raise ValueError("neither a comma nor the end of a line")
        else:
            at = len(text)
        rows.append(row)
        row = []
    return rows


@anywhere
@given(text=st.text(st.sampled_from(list('aé,"\n\r;\t @|\ufeff\x00')), max_size=30))
@example('h,i\n"a","b\nc",d"\n')
@example('h,i\na,"\n\n",b\n')
@example('h\n"a""b"\n')
def test_whatever_is_in_a_file_it_is_read_by_the_book_or_not_at_all(tmp_path, text):
    rows, faults = read(tmp_path, text, delimiter=",")
    if faults:
        return

    whole = [row for row in by_the_book(text.removeprefix("\ufeff")) if "".join(row).strip()]
    assert rows == whole[1:]
    assert {len(row) for row in whole} == {len(whole[0])}


@pytest.mark.slow
@anywhere
@given(
    rows=st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=3, max_size=3)),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    delimiter=st.sampled_from(",;|\t"),
)
def test_what_was_written_by_the_book_comes_back_cell_by_cell(tmp_path, rows, end, quoting, delimiter):
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=end, quoting=quoting, delimiter=delimiter)
    writer.writerows([["one", "two", "three"], *rows])

    back, faults = read(tmp_path, written.getvalue())

    assert faults or back == [row for row in rows if "".join(row).strip()]
    if not any(one in cell for row in rows for cell in row for one in "\x00\r\n\ufeff"):
        assert not faults


RAGGED = {
    "a cell too many": "a,b\n1,2\n3,4,5\n",
    "a cell too many in the last line": "a,b\n1,2\n3,4,5",
    "a cell too few": "a,b\n1,2\n3\n",
    "a comma at the end": "a,b\n1,2\n3,4,\n",
    "another end of a cell": "a,b\n1,2\n3;4\n",
    "a last line that sums up": "a,b\n1,2\nTotal: 1\n",
    "the same headings again": "a,b\n1,2\na,b\n",
    "the same headings in capitals": "a,b\n1,2\n A , B\n",
    "the same headings in another order": "a,b\n1,2\nb,a\n",
    "headings with one more": "a,b\n1,2\na,b,c\n",
    "a byte-order mark of a second file": "a,b\n1,2\n\ufeffx,y\n",
    "a quote that is never closed": 'a,b\n1,2\n3,"4\n',
    "a quote that is closed in another row": 'a,b\n1,2\n3,"4\n5,6"\n',
    "a quote that opens in the middle": 'a,b\n1,2\n3,x"4"\n',
    "a quote after a blank": 'a,b\n1,2\n3, "4"\n',
    "a quote that only closes": 'a,b\n1,2\n3,4"\n',
    "a quote that closes too early": 'a,b\n1,2\n3,"4"5\n',
    "a line end of an old Mac": "a,b\n1,2\n3,4\r5,6\n",
    "a NUL": "a,b\n1,2\n3,\x00\n",
    "a cell without an end": f'a,b\n1,2\n3,"{"x" * 140_000}"\n',
}


@pytest.mark.parametrize("content", RAGGED.values(), ids=RAGGED)
def test_the_line_that_is_no_row_is_named(tmp_path, content):
    _, faults = read(tmp_path, content)

    assert [fault.split(": ")[0] for fault in faults] == [":3"]


HEADINGS = {
    "": "the file is empty",
    "\n\n": "the file is empty",
    "email,Email\nx,y\n": ":1: the column email comes twice",
    "email, email ,b\nx,y,z\n": ":1: the column email comes twice",
    "jo@example.com\nal@example.com\n": ":1: an address stands where the columns are named",
    "x;y,z\n1;2,3\n": ":1: the first line holds a comma and a semicolon",
    '"a"b,c\n1,2\n': ":1: ",
    "sep=;\na;b\n1;2\n": ":1: a note for Excel stands where the columns are named",
    '"sep=,"\na,b\n1,2\n': ":1: a note for Excel stands where the columns are named",
    '"email,reason"\n"x,y"\n': ":1: double quotes stand around the whole first line, which holds a comma",
    'id,"reason\nC-1,spam"\nC-2,x\n': ":1: a double quote that opens in the headings closes below them",
    'id,reason,"x\nC-1,a,\nC-2,b,"\nC-3,c,\n': ":1: a double quote that opens in the headings closes below them",
    '"id\nC-1"\nC-2\n': ":1: a double quote that opens in the headings closes below them",
}


@pytest.mark.parametrize(("content", "said"), HEADINGS.items())
def test_headings_that_are_none_are_a_fault(tmp_path, content, said):
    _, faults = read(tmp_path, content)

    assert said in faults[0]


def test_a_delimiter_that_is_not_in_the_file_is_a_fault(tmp_path):
    _, faults = read(tmp_path, "email,reason\na@example.com,x\n", delimiter=";")

    assert "holds a comma and not a semicolon" in faults[0]


@pytest.mark.parametrize("delimiter", list(",;|\t"))
def test_what_ends_a_cell_in_the_first_line_ends_it_everywhere(tmp_path, delimiter):
    rows, faults = read(tmp_path, f'a{delimiter}"b, b"\n1{delimiter}2\n')

    assert (rows, faults) == ([["1", "2"]], [])


@pytest.mark.parametrize("delimiter", list(",;|\t"))
def test_a_heading_of_several_lines_is_one_cell(tmp_path, delimiter):
    rows, faults = read(tmp_path, f'"First\r\nname (or; only)"{delimiter}email\r\nAna{delimiter}a@example.com\r\n')

    assert (rows, faults) == ([["Ana", "a@example.com"]], [])


def test_line_ends_that_windows_wrote_twice_end_lines(tmp_path):
    rows, faults = read(tmp_path, '"a","b"\r\r\n"1","2"\r\r\n3,"4"\r\r\n')

    assert (rows, faults) == ([["1", "2"], ["3", "4"]], [])


def test_a_line_below_a_report_is_not_told_to_be_quoted(tmp_path):
    _, faults = read(tmp_path, '"Email","Name"\n"a@example.com","A"\n\n"Confidential. Do not distribute"\n')

    assert faults == [
        ":4: 1 cell where the first line has 2; add what is missing, and remove lines that are no rows, "
        "as below a report"
    ]


def test_a_cell_that_is_called_as_a_column_is_no_heading(tmp_path):
    rows, faults = read(tmp_path, "check,entry\nwords,chase\nwords,check\nchannel,email\n")

    assert faults == []
    assert len(rows) == 3


def test_a_million_lines_that_hold_nothing_are_not_read_for_ever(tmp_path):
    rows, faults = read(tmp_path, gzip.compress(b"a,b\n1,2\n" + b"\n" * 1_000_001 + b"3,4\n"), "a.csv.gz")

    assert rows == [["1", "2"]]
    assert "more than a million lines hold nothing" in faults[0]


def test_lines_of_prose_are_no_rows_that_a_quote_swallowed(tmp_path):
    rows, faults = read(tmp_path, 'id,text\n1,"Hello Ana,\nmugs, and plates\n"\n2,"One,\n\nTwo"\n')

    assert faults == []
    assert [row[0] for row in rows] == ["1", "2"]


def test_lines_are_counted_through_blank_ones_and_cells_of_several_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbf\r\na,b\r\n\r\n1,"2\n3\n"\r\n,\r\n4,5')

    table = CsvFile(path)

    assert list(table) == [(4, ["1", "2\n3\n"]), (8, ["4", "5"])]
    assert table.faults == []


def test_a_row_whose_first_cell_is_blank_stays(tmp_path):
    rows, faults = read(tmp_path, "a,b\n ,x\n,y\n")

    assert (rows, faults) == ([[" ", "x"], ["", "y"]], [])


def test_all_faults_are_told_at_once_but_not_a_million(tmp_path):
    _, faults = read(tmp_path, "a,b\n" + "1,2,3\n" * 1_000)

    assert len(faults) == 51
    assert "read no further" in faults[-1]


@pytest.mark.slow
def test_a_fault_beyond_the_first_block_has_its_line_too(tmp_path):
    rows = "".join(f"{number},{'x' * 100}\n" for number in range(40_000))

    assert read(tmp_path, f"a,b\n{rows}1,2,3\n")[1][0].startswith(":40002: ")
    assert read(tmp_path, f"a,b\n{rows}1,é\n".encode("latin-1"))[1][0].startswith(":40002: byte 0xe9")


def test_a_file_of_the_same_name_that_is_compressed_is_read(tmp_path):
    whole = gzip.compress(b"a,b\n1,2\n", mtime=0)

    assert read(tmp_path, whole, "a.csv.gz") == ([["1", "2"]], [])
    for torn in (whole[:-6], whole[:-12] + b"x" * 12, b"a,b\n"):
        assert "is no gzip file, or one that is cut off" in read(tmp_path, torn, "a.csv.gz")[1][0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "a,b\n1,2\n".encode("utf-16"),
            "is UTF-16 and not UTF-8; convert it, and look at the names in it: iconv -f UTF-16 -t UTF-8 'a b.csv'",
        ),
        ("a,b\n1,2\n".encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8"),
        ("a,b\n1,2\n".encode("utf-16-be"), "iconv -f UTF-16BE -t UTF-8"),
        ("a,b\n1,2\n".encode("utf-32"), "iconv -f UTF-32 -t UTF-8"),
        ("a,b\n1,é\n".encode("utf-32-le"), "iconv -f UTF-32LE -t UTF-8"),
        ("a,b\n1,é\n".encode("utf-32-be"), "iconv -f UTF-32BE -t UTF-8"),
        ("名前,b\n東京,靴\n".encode("utf-16-le"), "cannot be told; save the file as UTF-8 where it comes from"),
        ("名前,b\n東京,靴\n".encode("utf-16-be"), "cannot be told; save the file as UTF-8 where it comes from"),
        ("a,b\n1,é\n".encode("cp1252"), ":2: byte 0xe9 is not UTF-8, the file looks like Latin-1 or Windows-1252"),
        ("a,b\n1,\x9d\n".encode("latin-1"), ":2: byte 0x9d is not UTF-8, and which encoding it is cannot be told"),
        ("a,b\n1,Привет\n".encode("cp1251"), ":2: byte 0xcf is not UTF-8, and which encoding it is cannot be told"),
        ("a,b\n1,Привет\n".encode("koi8-r"), "cannot be told; save the file as UTF-8 where it comes from"),
        ("a,b\n1,テスト\n".encode("shift-jis"), "cannot be told"),
        ("a,b\n1,测试\n".encode("gbk"), "cannot be told"),
        (b"PK\x03\x04\x14\x00\xff", "is a workbook or a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel workbook"),
        (gzip.compress(b"a,b\n", mtime=0), "is compressed with gzip"),
    ],
)
def test_a_file_that_is_no_utf_8_is_called_what_it_is_with_the_command_that_converts_it(tmp_path, content, said):
    rows, faults = read(tmp_path, content, "a b.csv")

    assert rows == []
    assert len(faults) == 1
    assert said in faults[0]
    assert "WINDOWS-1252" not in faults[0] or content[-2:] == b"\xe9\n"


def test_quotes_that_mean_nothing_are_a_fault_where_a_cell_begins_with_one(tmp_path):
    assert read(tmp_path, 'a,b\n24" screen,x\n', quoted=False) == ([['24" screen', "x"]], [])
    assert "quotes were said to mean nothing" in read(tmp_path, 'a,b\n"x",y\n', quoted=False)[1][0]


def test_faults_are_raised_together_as_the_reader_wants_them(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1\n2\n")
    table = CsvFile(path)
    list(table)

    with pytest.raises(InputError) as caught:
        table.raise_faults(InputError)

    assert [fault.line for fault in caught.value.faults] == [2, 3]
