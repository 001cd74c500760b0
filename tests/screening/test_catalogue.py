"""A catalogue gives one product that copy may speak of, or says what is wrong with its row."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.errors import CatalogueError
from presscheck.screening.catalogue import check_catalogue, load_product

GOOD = """id,name,category,brand,price,list_price,currency,rating,reviews,description,colour
P1,"Lamp, brass",lighting,Glim,129.00,159.00,EUR,4.6,12,"A lamp
on two lines",gold
P2,Stool,,,49,,EUR,,,,
"""


@pytest.fixture
def catalogue(tmp_path: Path):
    def write(text: str, name: str = "catalogue.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refused(path: Path, product: str = "P1") -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_product(path, product)
    return [str(fault) for fault in caught.value.faults]


def test_a_product_is_loaded_with_its_facts(catalogue):
    product = load_product(catalogue(GOOD), "P1")

    assert (product.name, product.rating, product.reviews) == ("Lamp, brass", "4.6", 12)
    assert (product.price, product.list_price, product.currency) == ("129.00", "159.00", "EUR")


def test_what_is_not_known_stays_unknown(catalogue):
    product = load_product(catalogue(GOOD), "P2")

    assert (product.price, product.list_price, product.rating, product.reviews) == ("49.00", None, None, None)


def test_a_good_catalogue_has_no_faults(catalogue):
    assert check_catalogue(catalogue(GOOD)) == []


def test_a_byte_order_mark_is_no_part_of_the_first_column(catalogue):
    assert load_product(catalogue("\ufeff" + GOOD), "P1").id == "P1"


def test_a_missing_price_column_is_named_with_the_way_out(catalogue):
    faults = refused(catalogue("id,name,cost,currency\nP1,Lamp,12,EUR\n"))

    assert len(faults) == 1
    assert "catalogue.csv:1: there is no column price" in faults[0]
    assert "AS price" in faults[0]


def test_all_missing_columns_are_told_at_once(catalogue):
    assert len(refused(catalogue("sku,title,cost\nP1,Lamp,12\n"))) == 4


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ("0", "the price is 0"),
        ("0.00", "the price is 0"),
        ("", "price is empty"),
        ("1,299.00", "such as 1299.00"),
        ("1299,00", "such as 1299.00"),
        ("€ 12", "the currency in the column currency"),
        ("-5", "is no plain price"),
        ("12.345", "is no plain price"),
        ("1e3", "is no plain price"),
        ("nan", "is no plain price"),
        ("٣", "is no plain price"),
        ("ask us", "is no plain price"),
    ],
)
def test_a_price_that_cannot_be_said_in_public_is_refused_with_its_line(price, message, catalogue):
    faults = refused(catalogue(f'id,name,price,currency\nP0,Chair,1,EUR\nP1,Lamp,"{price}",EUR\n'))

    assert len(faults) == 1
    assert "catalogue.csv:3: P1, price: " in faults[0]
    assert message in faults[0]


def test_every_fault_of_the_wanted_row_is_told_at_once(catalogue):
    faults = refused(catalogue("id,name,price,currency,rating,reviews,list_price\nP1,,0,euro,7,many,0\n"))

    assert len(faults) == 6


@pytest.mark.parametrize("rating", ["5.1", "-1", "4,6", "five", "4.6/5"])
def test_a_rating_out_of_range_is_refused(rating, catalogue):
    assert "is not from 0 to 5" in refused(catalogue(f'id,name,price,currency,rating\nP1,Lamp,12,EUR,"{rating}"\n'))[0]


@pytest.mark.parametrize("cells", ["id,name,price\nP1,Mug,49.00\n", "id,name,price,currency\nP1,Mug,49.00,\n"])
def test_a_price_without_its_currency_is_refused(cells, catalogue):
    assert "currency" in refused(catalogue(cells))[0]


@pytest.mark.parametrize(
    ("price", "currency", "said"), [("4900", "JPY", "4900"), ("4900.00", "KRW", "4900"), ("49", "EUR", "49.00")]
)
def test_a_price_is_said_as_its_currency_is_written(price, currency, said, catalogue):
    product = load_product(catalogue(f"id,name,price,currency\nP1,Mug,{price},{currency}\n"), "P1")

    assert product.price_said == said


def test_a_currency_without_cents_has_no_price_with_cents(catalogue):
    assert "JPY has no decimals" in refused(catalogue("id,name,price,currency\nP1,Mug,49.50,JPY\n"))[0]


def test_a_fault_of_another_row_is_a_finding_and_stops_nobody(catalogue):
    path = catalogue("id,name,price,currency\nP1,Lamp,12,EUR\n,Nameless,3,EUR\nP3,Free,0,EUR\n")

    assert load_product(path, "P1").name == "Lamp"
    assert [(fault.line, fault.message.split(";")[0]) for fault in check_catalogue(path)] == [
        (3, "id is empty"),
        (4, "the price is 0"),
    ]


def test_a_product_that_comes_twice_is_refused(catalogue):
    path = catalogue("id,name,price,currency\nP1,Lamp,12,EUR\nP1,Lamp,13,EUR\n")

    assert "catalogue.csv:3: id: the id 'P1' comes more than once" in refused(path)[0]
    assert len(check_catalogue(path)) == 1


def test_an_unknown_product_is_told(catalogue):
    assert "there is no product 'P9'" in refused(catalogue(GOOD), "P9")[0]


def test_latin_1_is_named_with_its_line_and_how_to_convert_it(tmp_path):
    path = tmp_path / "catalogue.csv"
    path.write_bytes("id,name,price,currency\nP0,Chair,1,EUR\nP1,Café table,12,EUR\n".encode("latin-1"))

    faults = refused(path)

    assert f"{path}:3: byte 0xe9 is not UTF-8" in faults[0]
    assert "iconv -f WINDOWS-1252 -t UTF-8" in faults[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "id,name,price,currency\n",
        "id,name,price,currency\nP1,Lamp\n",
        'id,name,price,currency\nP1,"Lamp,12,EUR\n',
        "id,id,name,price,currency\n1,1,a,2,EUR\n",
    ],
)
def test_a_file_that_is_no_whole_catalogue_is_refused(text, catalogue):
    assert refused(catalogue(text))


def test_a_missing_file_and_another_kind_of_file_are_refused(tmp_path, catalogue):
    assert "cannot be read" in refused(tmp_path / "none.csv")[0]
    assert ".csv, .parquet or .sql" in refused(catalogue("x", "catalogue.xlsx"))[0]


def test_a_sql_file_maps_other_columns_to_ours(catalogue):
    catalogue("sku,title,sale,was\nP1,Lamp,129,159\nP2,Stool,0,0\n", "shop.csv")
    path = catalogue(
        "SELECT sku AS id, title AS name, sale AS price, 'EUR' AS currency, nullif(was, '0') AS list_price\n"
        "FROM read_csv('shop.csv', all_varchar = true)",
        "catalogue.sql",
    )

    assert load_product(path, "P1").list_price == "159.00"
    assert [str(fault) for fault in check_catalogue(path)] == [
        f"{path}: row 2, P2, price: the price is 0; write what it costs"
    ]


def test_a_sql_catalogue_is_held_by_the_same_jail(catalogue):
    path = catalogue(
        "SELECT content AS id, 'x' AS name, '1' AS price, 'EUR' AS currency FROM read_text('/etc/passwd')",
        "catalogue.sql",
    )

    assert "read_text may not be used" in refused(path)[0]


def test_a_fault_in_a_sql_catalogue_names_its_line(catalogue):
    catalogue(GOOD, "shop.csv")

    assert ".sql:2: " in refused(catalogue("SELECT id, name,\n cost FROM 'shop.csv'", "catalogue.sql"))[0]


def test_parquet_is_a_catalogue_too(tmp_path):
    path = tmp_path / "catalogue.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'P1' AS id, 'Lamp' AS name, 12.5 AS price, 'EUR' AS currency, 0 AS reviews) TO '{path}'"
        )

    product = load_product(path, "P1")

    assert (product.price, product.reviews) == ("12.50", 0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=120).map(lambda text: ("id,name,price,currency\n" + text).encode("utf-8", "replace")),
    )
)
def test_no_bytes_bring_anything_but_a_catalogue_error(raw, tmp_path):
    path = tmp_path / "catalogue.csv"
    path.write_bytes(raw)

    try:
        check_catalogue(path)
        product = load_product(path, "P1")
    except CatalogueError:
        return

    assert product.id == "P1"
