"""No row of a file vanishes: whoever left is not written to because a reader guessed how a file was meant.

DuckDB's CSV reader takes rows before a change of width for a preamble (duckdb/duckdb#25827) and reads on without a
word. Each file below is refused with its name and a line, or every row of it is read.
"""

import gzip
from pathlib import Path

import duckdb
import pytest

from presscheck.cli.texts import read_texts
from presscheck.errors import CatalogueError, InputError, SegmentError
from presscheck.figures.baseline import read_baseline
from presscheck.screening.catalogue import check_catalogue, load_product
from presscheck.screening.segment import run_segment

HEAD = "customer_id,email,country,newsletter\n"
SEGMENT = """SELECT customer_id AS id, email AS address, 'consent' AS consent_basis, 'signup form' AS consent_proof,
 '2026-03-01' AS consented_at, country AS market
FROM {people}
WHERE newsletter = 'yes' {more}"""
NOT_LEFT = "AND email NOT IN (SELECT email FROM {stop})"
CALL = "read_csv('{}', header = true, all_varchar = true)"
LEFT = {"a0001@example.com", "a0002@example.com", "a0003@example.com"}
REASONED = "email,reason\na0001@example.com,spam\na0002@example.com,spam\n"
ALONE = "email\na0001@example.com\na0002@example.com\n"


def people(count: int, start: int = 0, more: str = "") -> str:
    return "".join(f"C-{one:04d},a{one:04d}@example.com,US,yes{more}\n" for one in range(start, start + count))


def passed(folder: Path, files: dict[str, str | bytes], segment: str) -> set[str]:
    data = folder / "data"
    data.mkdir()
    for name, content in files.items():
        (data / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    sql = folder / "segment.sql"
    sql.write_text(segment)
    out = run_segment(sql, data, folder / "out.parquet")
    return {address for (address,) in duckdb.sql(f"SELECT address FROM read_parquet('{out}')").fetchall()}


STOP_LISTS = {
    "an unquoted comma in the last line": REASONED + "a0003@example.com,too many, too often\n",
    "an unquoted comma in the first line": "email,reason\na0003@example.com,too many, too often\na0001@example.com,x\n",
    "a comma too many, without a line end": REASONED + "a0003@example.com,x,",
    "a line that sums up": REASONED + "a0003@example.com,x\nTotal: 3\n",
    "a line before the headings": "Exported on 2026-11-29\n" + REASONED + "a0003@example.com,x\n",
    "two lines before the headings": "Exported,2026-11-29,by Jo\n\n" + REASONED + "a0003@example.com,x\n",
    "two exports, the second with a column more": REASONED + "email,reason,at\na0003@example.com,x,2026\n",
    "two exports, the second with its columns exchanged": REASONED + "reason,email\nx,a0003@example.com\n",
    "two exports, the second with a column renamed": REASONED + "why,email\nx,a0003@example.com\n",
    "two exports, the second with a byte-order mark": REASONED + "\ufeffemail,reason\na0003@example.com,x\n",
    "a quote that swallows the rest": 'email,reason\na0001@example.com,"x\na0002@example.com,y\na0003@example.com,z\n',
    "a quote that swallows rows": 'email,reason\na0001@example.com,"x\na0002@example.com,y\na0003@example.com,z"\n',
    "a quote that swallows rows with blanks": REASONED[:13]
    + 'a0001@example.com,"x\na0002@example.com, y\na0003@example.com, z"\n',
    "a quote that swallows rows of other widths": REASONED[:13]
    + 'a0001@example.com,"x\na0002@example.com,y, z\na0003@example.com,z\n"\n',
    "a quote that swallows rows from a first column": 'email,reason\n"a0001@example.com,x\na0002@example.com,y\n",z\n',
    "quotes after blanks": REASONED + 'a0003@example.com, "too many, too often"\n',
    "a quoted address after a blank": 'reason,email\nx,a0001@example.com\nx, "a0003@example.com"\n',
    "a quote that only closes": REASONED + 'a0003@example.com","x"\n',
    "a NUL": REASONED + "a0003@example.com,\x00\n",
    "line ends of an old Mac": (REASONED + "a0003@example.com,x\n").replace("\n", "\r"),
    "an old Mac's line end between two rows": REASONED.removesuffix("\n") + "\ra0003@example.com,x\n",
    "no headings": "a0001@example.com,x\na0002@example.com,x\na0003@example.com,x\n",
    "two columns of one name": "email,email\na0001@example.com,a0002@example.com\na0003@example.com,x\n",
    "two addresses in the last line": ALONE + "a0003@example.com;a0004@example.com\n",
    "two addresses with a bar between": ALONE + "a0003@example.com|a0004@example.com\n",
    "a comma at the end of a line": ALONE + "a0003@example.com,\n",
    "two addresses with a line separator between": ALONE + "a0003@example.com\u2028a0004@example.com\n",
    "an address with a blank behind it": "email\na0001@example.com \na0002@example.com\na0003@example.com\n",
    "angle brackets": ALONE + "<a0003@example.com>\n",
    "an address with a mark that nobody sees": ALONE + "a0003\u200b@example.com\n",
    "two lines in one cell": 'email\n"a0001@example.com\na0002@example.com"\na0003@example.com\n',
    "one column and no heading": "a0001@example.com\na0002@example.com\na0003@example.com\n",
    "UTF-16": (REASONED + "a0003@example.com,x\n").encode("utf-16"),
    "a byte of Windows-1252 in the last line": (REASONED + "a0003@example.com,caf\xe9\n").encode("cp1252"),
}


@pytest.mark.parametrize("reader", ["'{}'", CALL, "read_csv_auto('{}')"])
@pytest.mark.parametrize("content", STOP_LISTS.values(), ids=STOP_LISTS)
def test_a_stop_list_that_is_not_whole_lets_nobody_through(content, reader, tmp_path):
    more = NOT_LEFT.format(stop=reader.format("left.csv"))

    with pytest.raises(SegmentError) as refused:
        passed(
            tmp_path,
            {"people.csv": HEAD + people(10), "left.csv": content},
            SEGMENT.format(people=CALL.format("people.csv"), more=more),
        )

    assert {Path(fault.path).name for fault in refused.value.faults} == {"left.csv"}
    assert "ignore_errors" not in str(refused.value)


WHOLE_LISTS = {
    "plain": REASONED + "a0003@example.com,x\n",
    "CRLF": (REASONED + "a0003@example.com,x\n").replace("\n", "\r\n"),
    "no end of the last line": REASONED + "a0003@example.com,x",
    "a byte-order mark": "\ufeff" + REASONED + "a0003@example.com,x\n",
    "blank lines": "\n" + REASONED + "\n\na0003@example.com,x\n,\n",
    "semicolons": (REASONED + "a0003@example.com,x\n").replace(",", ";"),
    "tabs": (REASONED + "a0003@example.com,x\n").replace(",", "\t"),
    "quotes": REASONED + '"a0003@example.com","too many, ""too"" often"\n',
    "a cell of two lines": REASONED + 'a0003@example.com,"Dear all,\nplease, stop"',
    "five thousand rows first": "email,reason\n" + "x@example.com,\n" * 5000 + REASONED[13:] + "a0003@example.com,y\n",
}


@pytest.mark.parametrize("reader", ["'{}'", CALL])
@pytest.mark.parametrize("content", WHOLE_LISTS.values(), ids=WHOLE_LISTS)
def test_a_stop_list_that_is_whole_keeps_everybody_on_it_out(content, reader, tmp_path):
    more = NOT_LEFT.format(stop=reader.format("left.csv"))

    found = passed(
        tmp_path,
        {"people.csv": HEAD + people(10), "left.csv": content},
        SEGMENT.format(people="'people.csv'", more=more),
    )

    assert len(found) == 7
    assert not found & LEFT


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("first", [30, 2_040, 25_000])
def test_two_exports_in_one_file_lose_nobody(first, compressed, tmp_path):
    both = HEAD + people(first) + HEAD.replace("\n", ",city\n") + people(3, first, ",Paris")
    name = "people.csv.gz" if compressed else "people.csv"

    content = gzip.compress(both.encode()) if compressed else both

    with pytest.raises(SegmentError, match=rf"{name}:{first + 2}: the headings stand here again"):
        passed(tmp_path, {name: content}, SEGMENT.format(people=f"'{name}'", more=""))


HIDING = [
    "ignore_errors = true",
    "null_padding = true",
    "strict_mode = false",
    "store_rejects = true",
    "rejects_limit = 1",
    "skip = 3",
    "comment = 'a'",
    "quote = '@'",
    "quote = ''",
    "escape = '0'",
    "delim = '@'",
    "delim = ';'",
    "sep = '|'",
    "header = false",
    "header = false, names = ['email', 'reason']",
    "names = ['email', 'reason']",
    "columns = {'email': 'VARCHAR', 'reason': 'VARCHAR'}",
    "types = {'email': 'INTEGER'}",
    "nullstr = 'a0003@example.com'",
    "encoding = 'utf-16'",
    "normalize_names = true",
    "an_option_of_next_year = true",
    "'a0003'",
]


@pytest.mark.parametrize("option", HIDING)
def test_no_option_of_read_csv_hides_who_left(option, tmp_path):
    left = REASONED + '"a0003@example.com",x\n'
    stop = f"read_csv('left.csv', all_varchar = true, {option})"

    with pytest.raises(SegmentError):
        passed(
            tmp_path,
            {"people.csv": HEAD + people(10), "left.csv": left},
            SEGMENT.format(people="'people.csv'", more=NOT_LEFT.format(stop=stop)),
        )


STEERING = [
    "sample_size = 1",
    "auto_detect = false",
    "max_line_size = 5",
    "buffer_size = 8",
    "parallel = false",
    "new_line = '\\r\\n'",
    "skip = 0",
    "strict_mode = true",
    "delim = ','",
    "quote = '\"'",
]


@pytest.mark.parametrize("option", STEERING)
def test_what_steers_a_guess_changes_nothing_where_nothing_is_guessed(option, tmp_path):
    stop = f"read_csv('left.csv', {option})"

    found = passed(
        tmp_path,
        {"people.csv": HEAD + people(10), "left.csv": REASONED + "a0003@example.com,x\n"},
        SEGMENT.format(people="'people.csv'", more=NOT_LEFT.format(stop=stop)),
    )

    assert len(found) == 7


@pytest.mark.parametrize("source", ["'peo*.csv'", "read_csv('peo*.csv')", "read_csv(['people.csv', 'people2.csv'])"])
def test_several_files_read_as_one_have_the_same_columns_or_are_refused(source, tmp_path):
    files = {"people.csv": HEAD + people(3), "people2.csv": HEAD.replace("email", "mail") + people(3, 3)}

    with pytest.raises(SegmentError, match=r"people2\.csv:1: has other columns than people\.csv"):
        passed(tmp_path, files, SEGMENT.format(people=source, more=""))


def test_several_files_are_joined_by_the_names_of_their_columns(tmp_path):
    files = {
        "people.csv": HEAD + people(3),
        "people2.csv": "country,newsletter,customer_id,email\nUS,yes,C-9,z@example.com\n",
        "people3.csv": "country;newsletter;customer_id;email;city\nUS;yes;C-8;y@example.com;Bonn\n",
    }

    found = passed(tmp_path, files, SEGMENT.format(people="read_csv('people*.csv', union_by_name = true)", more=""))

    assert len(found) == 5
    assert {"z@example.com", "y@example.com"} <= found


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    files = {"people.csv": HEAD + people(2) + "C-9\n", "left.csv": REASONED + "x,y,z\n"}

    with pytest.raises(SegmentError) as refused:
        passed(tmp_path, files, SEGMENT.format(people="'people.csv'", more=NOT_LEFT.format(stop="'left.csv'")))

    assert {(Path(fault.path).name, fault.line) for fault in refused.value.faults} == {
        ("people.csv", 4),
        ("left.csv", 4),
    }


def test_a_column_has_a_type_only_where_every_cell_is_written_as_one(tmp_path):
    rows = "id,email,n,code,on\nC-1,a@example.com,9,01,2026-01-02\nC-2,b@example.com,10,02,2026-01-03\n"
    segment = (
        "SELECT id, email AS address, 'consent' AS consent_basis, code AS consent_proof, \"on\" AS consented_at, "
        "'US' AS market FROM 'people.csv' WHERE n > 9 AND \"on\" > DATE '2026-01-02' AND code = '02'"
    )

    assert passed(tmp_path, {"people.csv": rows}, segment) == {"b@example.com"}


def test_a_catalogue_that_is_not_whole_is_refused_with_its_line(tmp_path):
    catalogue = tmp_path / "products.csv"
    catalogue.write_text("id,name,price,currency\nP1,Mug,9.00,EUR\nP2,Mug, blue,9.00,EUR\n")
    mapped = tmp_path / "products.sql"
    mapped.write_text("SELECT id, name, price, currency FROM read_csv('products.csv', all_varchar = true)")

    for file in (catalogue, mapped):
        with pytest.raises(CatalogueError, match=r"products\.csv:3: 5 cells where the first line has 4"):
            load_product(file, "P1")
        with pytest.raises(CatalogueError, match=r"products\.csv:3: 5 cells"):
            check_catalogue(file)


FREE = "it is completely free of charge."
TEXTS = {
    "an unquoted comma": f"text\nA mug for the road, and {FREE}\n",
    "an unquoted comma in the last column": f"id,text\n1,A mug for the road, and {FREE}\n",
    "two columns of one name": f"text,text\n{FREE},A mug.\n",
    "two columns that differ in case": f"text,Text\nA mug.,{FREE}\n",
    "another delimiter": f"text,id\nA mug.;{FREE}\n",
    "another delimiter in the headings": f"id;text,more\n1;A mug.,{FREE}\n",
    "a quote that is never closed": f'id,text\n1,"A mug.\n2,{FREE}\n',
    "a row that is too short": f"text,id\nA mug.\n{FREE},2\n",
    "headings again": f"id,text\n1,A mug.\nid,text\n2,{FREE}\n",
    "no column of this name": f"id,words\n1,{FREE}\n",
    "UTF-16": f"text\n{FREE}\n".encode("utf-16"),
}


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_check_calls_no_text_clean_of_which_it_read_a_part(content, tmp_path):
    file = tmp_path / "texts.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(InputError) as refused:
        read_texts(file)

    assert all(fault.path == str(file) for fault in refused.value.faults)


def test_check_calls_no_object_clean_of_which_it_read_the_last_text(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text(f'{{"text": "A mug."}}\n{{"text": "{FREE}", "text": "A mug."}}\n')

    with pytest.raises(InputError, match=r"texts\.jsonl:2: “text”: stands twice in one object"):
        read_texts(file)


def test_check_calls_no_object_clean_that_has_a_text_in_another_spelling(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text(f'{{"text": "A mug.", "Text": "{FREE}"}}\n')

    with pytest.raises(InputError, match=r"texts\.jsonl:1: text: stands here in two spellings"):
        read_texts(file)


@pytest.mark.parametrize(
    "row", ["velocity-days,1,299,14", "velocity-days", 'velocity-days,"21,14', "measure,value,n", "velocity-days;21;14"]
)
def test_a_baseline_that_is_not_whole_is_refused(row, tmp_path):
    file = tmp_path / "before.csv"
    file.write_text(f"measure,value,n\nsince,2025-01-01\nuntil,2025-12-31\ncost-per-asset,180,52\n{row}\n")

    with pytest.raises(InputError, match=r"before\.csv:5: "):
        read_baseline(file)
