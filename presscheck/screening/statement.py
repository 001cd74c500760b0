"""A segment's SQL is read as one SELECT over files of the data folder, or refused with its line.

DuckDB parses the text; the tree is then walked with an allow-list. The statement's type is
not enough: DuckDB 2.0 calls `WITH x AS (COPY ... TO ...) SELECT ...` a SELECT, and it writes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from presscheck.errors import CatalogueError, Fault, SegmentError
from presscheck.screening.csv_sources import CsvRefused, CsvSource
from presscheck.screening.database_sql import database_of
from presscheck.screening.literals import name_literal, path_literal
from presscheck.screening.sources import SourceRefused, find_source, is_csv, matching

_LARGEST = 256 * 1024
_ADVICE = re.compile(
    r"\s+(?:Either add|Possible (?:fixes|solutions)|Try |Consider |Hint\b|HINT\b|You (?:can|might|may) |If you |Use "
    r"|Please |To (?:ignore|fix|disable|enable|cast|skip) ).*"
)

# Everything the tree may hold besides expressions: what is not here is refused, so a new
# kind of DuckDB statement inside a SELECT is refused until somebody has looked at it.
_HARMLESS = frozenset(
    {
        "SELECT_NODE",
        "SET_OPERATION_NODE",
        "RECURSIVE_CTE_NODE",
        "CTE_NODE",
        "BASE_TABLE",
        "TABLE_FUNCTION",
        "JOIN",
        "SUBQUERY",
        "EXPRESSION_LIST",
        "EMPTY",
        "PIVOT",
        "ORDER_MODIFIER",
        "LIMIT_MODIFIER",
        "LIMIT_PERCENT_MODIFIER",
        "DISTINCT_MODIFIER",
        "ORDER_DEFAULT",
        "ASCENDING",
        "DESCENDING",
    }
)
_CSV_READERS = frozenset({"read_csv", "read_csv_auto"})
_READERS = _CSV_READERS | {"read_parquet", "parquet_scan"}
_GENERATORS = frozenset({"range", "generate_series", "unnest"})

# These answer differently each time, or tell of the machine: the same segment over the same
# files must be the same audience.
_CHANGING = frozenset(
    {
        "random",
        "uuid",
        "uuidv4",
        "uuidv7",
        "gen_random_uuid",
        "setseed",
        "nextval",
        "currval",
        "setval",
        "now",
        "today",
        "get_current_time",
        "get_current_timestamp",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "transaction_timestamp",
        "txid_current",
        "ago",
        "current_setting",
        "current_query",
        "current_query_id",
        "current_transaction_id",
        "current_connection_id",
        "write_log",
        "sleep_ms",
        "pg_sleep",
        "stats",
        "version",
    }
)


@dataclass(frozen=True)
class Statement:
    """One checked SELECT, without a closing semicolon, its Parquet files' names made absolute.

    In place of each CSV stands the name of a view; `sources` say what it shows (`csv_sources.lay_out`).
    """

    path: Path
    text: str
    error: type[SegmentError] | type[CatalogueError]
    sources: Mapping[str, CsvSource] = field(default_factory=dict[str, CsvSource])

    def fault(self, message: str, *, line: int | None = None, where: str = "") -> Fault:
        return Fault(str(self.path), line, where, message)


def read_statement(
    path: Path, data: Path, *, error: type[SegmentError] | type[CatalogueError] = SegmentError
) -> Statement:
    """The SQL file at `path`, checked, with the files that it names under `data`.

    Raises `error` with every fault of the tree at once.
    """
    import duckdb

    def refuse(message: str, line: int | None = None) -> SegmentError | CatalogueError:
        return error([Fault(str(path), line, "", message)])

    text = text_of(path, error)
    if error is not SegmentError and (name := database_of(text, path)):
        raise refuse(f"reads the database {name}, and a catalogue is read from files; export it to CSV or Parquet")
    with duckdb.connect() as parser:
        try:
            statements = parser.extract_statements(text)
        except duckdb.Error as broken:
            raise error([fault_of(broken, path)]) from broken
        if not statements:
            raise refuse("there is no SQL in it; write one SELECT")
        if len(statements) > 1:
            # DuckDB gives each statement from its first word to the next one's.
            second = _first_word(text) + len(statements[0].query.encode())
            raise refuse(f"there are {len(statements)} statements; write exactly one SELECT", _line_at(text, second))
        if statements[0].type != duckdb.StatementType.SELECT:
            name = statements[0].type.name
            raise refuse(
                f"a segment only reads, and this is {name}; write one SELECT and nothing else", _line_at(text, 0)
            )
        try:
            row = parser.execute("SELECT json_serialize_sql(?)", [text]).fetchone()
            tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
        except (duckdb.Error, RecursionError) as broken:
            raise refuse("the SQL is nested too deeply to be checked; split it with WITH") from broken
        if tree.get("error"):
            raise refuse("this form of SELECT cannot be checked; write PIVOT and the like inside FROM (...)")
        operators = [at for at, kind in duckdb.tokenize(text) if kind == duckdb.token_type.operator]
    walk = _Walk(path=path, data=data, sql=_without_semicolon(text.encode(), operators), operators=operators)
    walk.look(tree["statements"])
    if walk.faults:
        raise error(sorted(walk.faults, key=lambda fault: (fault.line or 0, fault.message)))
    return Statement(path, walk.with_absolute_names(), error, walk.sources)


def _first_word(text: str, *, after: int = 0) -> int:
    """Where the first token from a byte on begins that is no comment; that byte if there is none."""
    import duckdb

    found = (at for at, kind in duckdb.tokenize(text) if at >= after and kind != duckdb.token_type.comment)
    return next(found, after)


def _line_at(text: str, after: int) -> int:
    return text.encode()[: _first_word(text, after=after)].count(b"\n") + 1


def fault_of(broken: Exception, path: Path, *, data: Path | None = None) -> Fault:
    """DuckDB's complaint in one sentence, with the line it names, and without its advice.

    What it advises is for whoever explores data: to take any value, to leave rows out, to set options that are locked.
    """
    text = str(broken)
    if data is not None:
        text = text.replace(f"{data}/", "")
    said, _, rest = text.partition("\nLINE ")
    number = rest.split(":", 1)[0]
    sentence = _ADVICE.sub("", " ".join(said.split()))
    return Fault(str(path), int(number) if number.isdecimal() else None, "", sentence)


def text_of(path: Path, error: type[SegmentError] | type[CatalogueError] = SegmentError) -> str:
    """The SQL file's text. Raises `error` where it cannot be read, is too large, or is no UTF-8 text."""
    try:
        raw = path.read_bytes()
    except OSError as broken:
        why = broken.strerror or "unknown reason"
        raise error([Fault(str(path), None, "", f"the SQL file cannot be read: {why}")]) from broken
    if len(raw) > _LARGEST:
        raise error([Fault(str(path), None, "", f"the SQL file is larger than {_LARGEST // 1024} KiB; shorten it")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        raise error([Fault(str(path), line, "", "the SQL is not UTF-8; save it as UTF-8")]) from broken
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise error([Fault(str(path), line, "", "there is a NUL character; remove it")])
    return text


def _without_semicolon(sql: bytes, operators: list[int]) -> bytes:
    # There is one statement, so the first semicolon that is an operator ends it.
    ends = [at for at in operators if sql[at : at + 1] == b";"]
    return sql[: ends[0]] if ends else sql


class _Walk:
    """Looks at every node of the tree once; collects faults and the places of file names."""

    def __init__(self, *, path: Path, data: Path, sql: bytes, operators: list[int]) -> None:
        self.faults: list[Fault] = []
        self.sources: dict[str, CsvSource] = {}
        self._path = path
        self._data = data
        self._sql = sql
        self._operators = operators
        self._view = "csv_"
        while self._view.encode() in sql.lower():
            self._view += "_"
        self._named: set[str] = set()
        self._replace: dict[tuple[int, int], bytes] = {}

    def look(self, tree: object) -> None:
        for node in _nodes(tree):
            for entry in node.get("cte_map", {}).get("map", []):
                self._named.add(str(entry["key"]).lower())
            if "cte_name" in node:
                self._named.add(str(node["cte_name"]).lower())
        for node in _nodes(tree):
            self._look_at(node)

    def with_absolute_names(self) -> str:
        sql = self._sql
        for (start, end), literal in sorted(self._replace.items(), reverse=True):
            sql = sql[:start] + literal + sql[end:]
        return sql.decode()

    def _look_at(self, node: dict[str, Any]) -> None:
        kind, group = node.get("type"), node.get("class")
        line = self._line(node)
        if group is None and isinstance(kind, str) and kind not in _HARMLESS and not kind.endswith("_TYPE_INFO"):
            what = kind.removesuffix("_NODE").removesuffix("_QUERY").removesuffix("_REF").replace("_", " ")
            self._refuse(line, f"a segment only reads, and this holds {what}; use SELECT, WITH and VALUES only")
        if node.get("sample") is not None and "alias" in node:
            self._refuse(line, "a sample is another one each time; choose by a condition on a column")
        if kind == "BASE_TABLE":
            self._table(node, line)
        elif kind == "TABLE_FUNCTION":
            self._table_function(node, line)
        elif group in ("FUNCTION", "WINDOW") and str(node.get("function_name", "")).lower() in _CHANGING:
            self._refuse_changing(line, str(node["function_name"]))
        elif group == "COLUMN_REF":
            names = cast(list[str], node.get("column_names", []))
            if len(names) == 1 and names[0].lower() in _CHANGING:
                self._refuse_changing(line, names[0])
        elif group == "PARAMETER":
            self._refuse(line, "there is nothing to fill a parameter with; write the value")

    def _table(self, node: dict[str, Any], line: int | None) -> None:
        name = str(node["table_name"])
        if node.get("schema_name") or node.get("catalog_name"):
            self._refuse(line, f"{name!r} is in a schema, and there are none; name a CSV or Parquet file")
        elif name.lower() not in self._named:
            found = self._file(name, int(node["query_location"]), line)
            if found is None:
                return
            source, end = found
            if is_csv(name):
                alias = "" if node["alias"] else Path(name).name.split(".", 1)[0]
                self._show(CsvSource(matching(source)), int(node["query_location"]), end, alias)
            else:
                self._replace[int(node["query_location"]), end] = path_literal(source).encode()

    def _table_function(self, node: dict[str, Any], line: int | None) -> None:
        function: dict[str, Any] = node["function"]
        name = str(function["function_name"]).lower()
        arguments: list[dict[str, Any]] = function["arguments"]
        if name in _GENERATORS:
            return
        if name not in _READERS:
            self._refuse(line, f"{name} may not be used; read files with read_csv or read_parquet")
            return
        first: dict[str, Any] = arguments[0]["expression"] if arguments else {}
        files = [first]
        if first.get("function_name") == "list_value":
            files = [inner["expression"] for inner in first["arguments"]]
        paths: list[Path] = []
        for file in files:
            literal: dict[str, Any] = file.get("literal") or {}
            if literal.get("kind") != "STRING":
                self._refuse(line, f"{name} needs the file's name in plain single quotes as its first argument")
            elif (found := self._file(str(literal["text"]), int(file["query_location"]), line)) is not None:
                source, end = found
                if name in _CSV_READERS:
                    paths += matching(source)
                else:
                    self._replace[int(file["query_location"]), end] = path_literal(source).encode()
        if name in _CSV_READERS:
            self._call(node, name, paths, [_option_of(argument) for argument in arguments[1:]], line)

    def _call(
        self, node: dict[str, Any], name: str, paths: list[Path], options: list[tuple[str, object]], line: int | None
    ) -> None:
        start = int(node["query_location"])
        end = _end_of_call(self._sql, start, self._operators)
        try:
            if end is None or not paths:
                raise CsvRefused(f"{name} needs the names of files in plain single quotes")
            self._show(CsvSource.of(paths, dict(options)), start, end, "" if node["alias"] else name)
        except CsvRefused as refused:
            self._refuse(line, str(refused))

    def _show(self, source: CsvSource, start: int, end: int, alias: str) -> None:
        """Put a view in the place of a source, with as many lines, so that faults name the file's own."""
        name = f"{self._view}{start}"
        self.sources[name] = source
        shown = f"{name} AS {name_literal(alias)}" if alias else name
        self._replace[start, end] = shown.encode() + b"\n" * self._sql.count(b"\n", start, end)

    def _file(self, name: str, at: int, line: int | None) -> tuple[Path, int] | None:
        """The file, and where its quoted name ends; a fault, and None, where there is none."""
        end = _end_of_quoted(self._sql, at, name)
        if end is None:
            # A bare name such as `customers`: neither quoted nor the name of a WITH query.
            self._refuse(line, f"there is no table {name!r}; name a file in single quotes, such as 'customers.csv'")
            return None
        try:
            return find_source(self._data, name), end
        except SourceRefused as refused:
            self._refuse(line, str(refused))
            return None

    def _refuse_changing(self, line: int | None, name: str) -> None:
        self._refuse(
            line,
            f"{name} answers differently each time; for the time of the campaign use getvariable('as_of'), "
            "and quote a column of that name with its table's name before it",
        )

    def _refuse(self, line: int | None, message: str) -> None:
        fault = Fault(str(self._path), line, "", message)
        if fault not in self.faults:
            self.faults.append(fault)

    def _line(self, node: dict[str, Any]) -> int | None:
        at = node.get("query_location")
        if not isinstance(at, int) or at > len(self._sql):
            return None
        return self._sql.count(b"\n", 0, at) + 1


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            known = cast(dict[str, Any], node)
            yield known
            waiting.extend(known.values())
        elif isinstance(node, list):
            waiting.extend(cast(list[object], node))


def _option_of(argument: dict[str, Any]) -> tuple[str, object]:
    """An option's name and its value as text or list of texts; None for a value that is not written out."""
    expression: dict[str, Any] = argument["expression"]
    if argument.get("name"):
        return str(argument["name"]).lower(), _value_of(expression)
    left: dict[str, Any] = expression.get("left") or {}
    names = cast(list[str], left.get("column_names", []))
    return names[0].lower() if len(names) == 1 else "", _value_of(expression.get("right") or {})


def _value_of(expression: dict[str, Any]) -> object:
    if expression.get("function_name") == "list_value":
        values = [_value_of(inner["expression"]) for inner in expression["arguments"]]
        return values if all(isinstance(value, str) for value in values) else None
    literal: dict[str, Any] = expression.get("literal") or {}
    return str(literal["text"]) if "text" in literal else None


def _end_of_call(sql: bytes, start: int, operators: list[int]) -> int | None:
    """Where the brackets close that open first after byte `start`."""
    depth = 0
    for at in operators:
        if at >= start and sql[at : at + 1] in (b"(", b")"):
            depth += 1 if sql[at : at + 1] == b"(" else -1
            if depth <= 0:
                return at + 1
    return None


def _end_of_quoted(sql: bytes, at: int, name: str) -> int | None:
    """Where the quoted `name` that starts at byte `at` ends, or None if there is no such thing."""
    for quote in (b"'", b'"'):
        written = quote + name.encode().replace(quote, quote * 2) + quote
        if sql[at : at + len(written)] == written:
            return at + len(written)
    return None
