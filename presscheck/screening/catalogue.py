"""A catalogue gives one product that copy may speak of, or says what is wrong with its row.

CSV, Parquet, or a SQL file that maps somebody else's columns to ours. A fault of the whole
file (no price column, not UTF-8) stops everything; a fault of one row stops only the
campaign that wants this product; `check_catalogue` lists the faults of all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from presscheck.cleaning import clean_line, clean_text
from presscheck.documents.rows import CsvFile
from presscheck.documents.sentences import sentence_for
from presscheck.errors import CatalogueError, Fault
from presscheck.models import WITHOUT_DECIMALS, Product
from presscheck.screening.csv_sources import lay_out
from presscheck.screening.jail import jail
from presscheck.screening.literals import name_literal, path_literal
from presscheck.screening.sources import check_folder
from presscheck.screening.statement import fault_of, read_statement

# Without its currency a price is a guess: 49.00 is a mug in dollars, and nothing in yen.
_REQUIRED = ("id", "name", "price", "currency")
_OPTIONAL = ("category", "brand", "list_price", "rating", "reviews", "description")
_KNOWN = _REQUIRED + _OPTIONAL

_PLAIN_PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_RATING = re.compile(r"[0-9](\.[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,9}")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class CatalogueRow:
    """One row as the file has it: its cells by column, whatever is in them."""

    line: int | None
    number: int
    cells: dict[str, str]

    @property
    def texts(self) -> dict[str, str]:
        """Every column that is known, empty where the file has none."""
        return {name: self.cells.get(name, "").strip() for name in _KNOWN}

    def place(self) -> str:
        # A CSV row has a line to go to; a row of Parquet or SQL has a number only.
        return "" if self.line is not None else f"row {self.number}"


def load_product(catalogue: Path, product_id: str, *, data: Path | None = None) -> Product:
    """The product with this id, as `load_row` says."""
    return load_row(catalogue, product_id, data=data)[0]


def load_row(catalogue: Path, product_id: str, *, data: Path | None = None) -> tuple[Product, CatalogueRow]:
    """The product with this id, and its row as it stands in the file.

    `data` is the folder whose files a `.sql` catalogue reads (its own folder if None).
    Raises CatalogueError with all faults of the file, or all faults of this product's row.
    """
    wanted = product_id.strip()
    rows = [row for row in _rows(catalogue, data) if row.cells.get("id", "").strip() == wanted]
    if not rows:
        missing = f"there is no product {wanted!r}; look at the column id"
        raise CatalogueError([Fault(str(catalogue), None, "", missing)])
    faults = [fault for row in rows for fault in _faults_of(catalogue, row)]
    if len(rows) > 1:
        faults += [_twice(catalogue, row, wanted) for row in rows[1:]]
    if faults:
        raise CatalogueError(faults)
    return _product(catalogue, rows[0]), rows[0]


def catalogue_rows(path: Path, *, data: Path | None = None) -> list[CatalogueRow]:
    """Every row in the file's order. CatalogueError if the file as a whole cannot be used."""
    return [*_rows(path, data)]


def check_catalogue(path: Path, *, data: Path | None = None) -> list[Fault]:
    """Every fault of every row, in the file's order; empty if there is none.

    Raises CatalogueError if the file as a whole cannot be used.
    """
    faults: list[Fault] = []
    seen: set[str] = set()
    for row in _rows(path, data):
        faults += _faults_of(path, row)
        id_ = row.cells.get("id", "").strip()
        if id_ and id_ in seen:
            faults.append(_twice(path, row, id_))
        seen.add(id_)
    return faults


def _rows(path: Path, data: Path | None) -> Iterator[CatalogueRow]:
    kind = path.suffix.lower()
    if kind == ".csv":
        return _csv_rows(path)
    if kind in (".parquet", ".sql"):
        return _queried_rows(path, data)
    raise CatalogueError([Fault(str(path), None, "", "a catalogue is a .csv, .parquet or .sql file; convert it")])


def _csv_rows(path: Path) -> Iterator[CatalogueRow]:
    table = CsvFile(path)
    names = [name.lower() for name in table.names]
    if not table.faults:
        _check_names(path, names, 1)
    # Read to the end before anything is given out: half a catalogue must not look whole.
    rows = [
        CatalogueRow(line, number, dict(zip(names, cells, strict=True)))
        for number, (line, cells) in enumerate(table, 1)
    ]
    if not rows and not table.faults:
        table.fault(None, "the catalogue has no products; add one line for each")
    table.raise_faults(CatalogueError)
    return iter(rows)


def _queried_rows(path: Path, data: Path | None) -> Iterator[CatalogueRow]:
    folder = check_folder(data or path.parent, error=CatalogueError)
    with TemporaryDirectory(prefix="catalogue-") as room:
        views: list[str] = []
        if path.suffix.lower() == ".sql":
            statement = read_statement(path, folder, error=CatalogueError)
            views = lay_out(statement.sources, Path(room), CatalogueError, time_limit_s=60)
            source = f"({statement.text}\n)"
        else:
            folder = check_folder(path.parent, error=CatalogueError)
            source = f"read_parquet({path_literal(folder / path.name)})"
        names, found = _queried(path, source, views, folder, Path(room).resolve())
    if not found:
        raise CatalogueError([Fault(str(path), None, "", "the catalogue has no products")])
    kept = [name for name in names if name in _KNOWN]
    return iter(
        [
            CatalogueRow(None, number, {name: str(cell or "") for name, cell in zip(kept, cells, strict=True)})
            for number, cells in enumerate(found, start=1)
        ]
    )


def _queried(
    path: Path, source: str, views: list[str], folder: Path, room: Path
) -> tuple[list[str], list[tuple[object, ...]]]:
    """The columns' names, and the rows of those that are known, as text."""
    import duckdb

    with jail(folder, room, writes=None, as_of=None, time_limit_s=60) as shut:
        try:
            for view in views:
                shut.execute(view)
            described = shut.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
            names = [str(name).lower() for name, *_ in described]
            _check_names(path, names, None)
            # One product is looked up and faults are told in words, so the rows come to
            # Python, as text; a catalogue has thousands of rows, not millions.
            columns = ", ".join(
                f"CAST({name_literal(str(name))} AS VARCHAR)" for name, *_ in described if str(name).lower() in _KNOWN
            )
            return names, shut.execute(f"SELECT {columns} FROM {source}").fetchall()  # noqa: S608
        except duckdb.Error as broken:
            raise CatalogueError([fault_of(broken, path, data=folder)]) from broken


def _check_names(path: Path, names: list[str], line: int | None) -> None:
    faults = [
        Fault(
            str(path), line, "", f"there is no column {name}; name it so, or use a SQL file that selects it AS {name}"
        )
        for name in _REQUIRED
        if name not in names
    ]
    faults += [
        Fault(str(path), line, "", f"the column {name} comes twice; keep one")
        for name in _KNOWN
        if names.count(name) > 1
    ]
    if faults:
        raise CatalogueError(faults)


def _faults_of(path: Path, row: CatalogueRow) -> list[Fault]:
    cell = {name: row.cells.get(name, "").strip() for name in _KNOWN}

    def fault(name: str, message: str) -> Fault:
        where = ", ".join(part for part in (row.place(), cell["id"][:40], name) if part)
        return Fault(str(path), row.line, where, message)

    faults = [fault(name, f"{name} is empty; fill it in") for name in _REQUIRED if not cell[name]]
    for name in ("price", "list_price"):
        if cell[name] and (wrong := _wrong_price(cell[name], name)):
            faults.append(fault(name, wrong))
    if cell["currency"] and not _CURRENCY.fullmatch(cell["currency"]):
        faults.append(fault("currency", f"{cell['currency'][:20]!r} is no currency; write three capitals, such as EUR"))
    for name in ("price", "list_price") if cell["currency"] in WITHOUT_DECIMALS else ():
        if _PLAIN_PRICE.fullmatch(cell[name]) and Decimal(cell[name]) % 1:
            faults.append(fault(name, f"{cell[name]}: {cell['currency']} has no decimals; write a whole number"))
    if cell["rating"] and not (_RATING.fullmatch(cell["rating"]) and Decimal(cell["rating"]) <= 5):
        faults.append(fault("rating", f"{cell['rating'][:20]!r} is not from 0 to 5; correct it or leave it empty"))
    if cell["reviews"] and not _COUNT.fullmatch(cell["reviews"]):
        faults.append(fault("reviews", f"{cell['reviews'][:20]!r} is no whole number; correct it or leave it empty"))
    if not faults:
        try:
            _build(row)
        except ValidationError as broken:
            faults += [fault(str(wrong["loc"][0]), _said(wrong)) for wrong in broken.errors()]
    return faults


def _wrong_price(text: str, name: str) -> str:
    """What is wrong with a price and how to write it, or nothing."""
    if not _PLAIN_PRICE.fullmatch(text):
        # A comma is a decimal point in one country and a thousand in the next: a guess
        # would be a wrong price in public.
        return (
            f"{text[:20]!r} is no plain price; write digits with a point before the cents, such as 1299.00, and "
            "the currency in the column currency"
        )
    if Decimal(text) > 0:
        return ""
    if name == "price":
        return "the price is 0; write what it costs"
    return "the list price is 0; leave it empty if there is none"


def _product(path: Path, row: CatalogueRow) -> Product:
    try:
        return _build(row)
    except ValidationError as broken:
        raise CatalogueError(
            [Fault(str(path), row.line, str(wrong["loc"][0]), _said(wrong)) for wrong in broken.errors()]
        ) from broken


def _said(wrong: ErrorDetails) -> str:
    return sentence_for(Product, wrong["loc"], wrong)


def _build(row: CatalogueRow) -> Product:
    # A feed's words are cleaned here, before anybody judges them; what then is still unfit is a fault of its row.
    cell = {name: clean_line(row.cells.get(name, "")) for name in _KNOWN}
    return Product(
        id=cell["id"],
        name=cell["name"],
        category=cell["category"],
        brand=cell["brand"],
        price=f"{Decimal(cell['price']):.2f}",
        list_price=f"{Decimal(cell['list_price']):.2f}" if cell["list_price"] else None,
        currency=cell["currency"],
        rating=cell["rating"] or None,
        reviews=int(cell["reviews"]) if cell["reviews"] else None,
        description=clean_text(row.cells.get("description", "")).strip(),
    )


def _twice(path: Path, row: CatalogueRow, id_: str) -> Fault:
    where = ", ".join(part for part in (row.place(), "id") if part)
    return Fault(str(path), row.line, where, f"the id {id_[:40]!r} comes more than once; keep one row for each product")
