"""Reading a database: every table that the ruleset names as an extract, in one transaction that only reads.

An extract is a CSV file in a folder of its own, and is taken in as a file that somebody submitted: whatever holds for
files holds for tables. The database turns values into text, so that no driver decides what a number or a date is. Rows
come in batches and in a fixed order, that of the primary key or else of all columns that are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import polars as pl

from assess.errors import NotAssessedError, Problem, UsageError
from assess.intake.address import PASSWORD, Address
from assess.intake.discover import Source
from assess.intake.header import key
from assess.tables import Table

_BATCH = 100_000
_SECONDS = 10  # to wait for a server
# Tables and views by schema, their columns in order, and the columns of primary keys; ? is the schema.
_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = {schema}
ORDER BY table_name, ordinal_position"""
_KEYS = """
SELECT k.table_name, k.column_name FROM information_schema.table_constraints c
JOIN information_schema.key_column_usage k ON c.constraint_name = k.constraint_name
  AND c.table_schema = k.table_schema AND c.table_name = k.table_name
WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = {schema} ORDER BY k.table_name, k.ordinal_position"""


class Connection(Protocol):
    """A transaction that reads one state of a database."""

    schema: str

    def quoted(self, name: str) -> str:
        """A name as it is written in a statement."""
        ...

    def literal(self, value: str) -> str:
        """A text as it is written in a statement."""
        ...

    def text(self, column: str) -> str:
        """The expression that is a column as text."""
        ...

    def rows(self, statement: str) -> Iterator[pl.DataFrame]:
        """What a statement gives, in batches of text."""
        ...


def extracts(address: Address, tables: Mapping[str, Table], folder: Path) -> list[Source]:
    """The tables of the database that the ruleset names, each written into a file of `folder`.

    Raises NotAssessedError when the server is not there, refuses, or holds none of them, and UsageError when there is
    no driver.
    """
    labels = {label.casefold(): name for name, table in tables.items() for label in (name, *table.aliases)}
    with _connected(address) as connection:
        there = _listed(connection, _COLUMNS)
        keys = _listed(connection, _KEYS)
        found: list[Source] = []
        for name, columns in there.items():
            table = labels.get(name.casefold())
            if table is None:
                continue
            path = folder / f"{len(found)}.csv"
            wanted = {key(label) for column, spec in tables[table].columns.items() for label in (column, *spec.aliases)}
            read = [column for column in columns if key(column) in wanted]
            _write(connection, _Extract(name, read, keys.get(name, [])), path)
            found.append(Source(path, f"{connection.schema}.{name}", address.kind, None, table))
    if not found:
        wanted_names = ", ".join(list(tables)[:4])
        raise NotAssessedError(
            Problem(
                str(address), 0, 0, "IN011", "holds no table of the ruleset", f"expected for example {wanted_names}"
            )
        )
    return found


@dataclass(frozen=True)
class _Extract:
    table: str
    columns: Sequence[str]
    primary: Sequence[str]


def _listed(connection: Connection, statement: str) -> dict[str, list[str]]:
    """Names of columns by table."""
    found: dict[str, list[str]] = {}
    for batch in connection.rows(statement.format(schema=connection.literal(connection.schema))):
        for table, column in batch.iter_rows():
            found.setdefault(table, []).append(column)
    return found


def _write(connection: Connection, extract: _Extract, path: Path) -> None:
    """One table as CSV, with the names of the columns that are read."""
    texts = [connection.text(column) for column in extract.columns]
    order = [f"s.{connection.quoted(column)}" for column in extract.primary] or [str(i + 1) for i in range(len(texts))]
    table = f"{connection.quoted(connection.schema)}.{connection.quoted(extract.table)} AS s"
    with path.open("wb") as file:
        pl.DataFrame(schema=dict.fromkeys(extract.columns, pl.String)).write_csv(file)
        if not texts:
            return
        statement = f"SELECT {', '.join(texts)} FROM {table} ORDER BY {', '.join(order)}"  # noqa: S608 - quoted names
        for batch in connection.rows(statement):
            # An empty text is no value, and needs no quotes to tell it from none.
            batch.with_columns(pl.all().replace("", None)).write_csv(file, include_header=False)


@contextmanager
def _connected(address: Address) -> Iterator[Connection]:
    try:
        with _postgres(address) if address.kind == "postgresql" else _mysql(address) as connection:
            yield connection
    except ImportError as missing:
        hint = 'pip install "assess[databases]"'
        problem = Problem(str(address), 0, 0, "IN012", f"{missing.name} is needed to read this database", hint)
        raise UsageError(problem) from None
    except _Refused as error:
        said = address.hushed(str(error))
        hint = f"the password is taken from {PASSWORD}" if "password" in said.lower() else ""
        raise NotAssessedError(Problem(str(address), 0, 0, "IN013", said, hint)) from None


class _Refused(Exception):  # noqa: N818 - it is turned into the error that is shown
    """What a server or its driver said."""


class _Postgres:
    """A read-only transaction of PostgreSQL, in which a cursor of the server hands out rows."""

    def __init__(self, cursor: Any, error: type[Exception], schema: str | None):
        self.cursor, self.error = cursor, error
        # Without this the driver copies, which a cursor cannot be.
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
        self._run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self._run("SET LOCAL datestyle TO 'ISO, YMD'")
        self.schema = schema or str(self._fetched("SELECT CAST(current_schema() AS text)").item() or "public")

    def _run(self, statement: str) -> None:
        try:
            self.cursor.execute(statement)
        except self.error as error:
            raise _Refused(str(error).partition("\n")[0]) from None

    def _fetched(self, statement: str) -> pl.DataFrame:
        self._run(statement)
        try:
            return pl.DataFrame(self.cursor.fetch_arrow())
        except self.error as error:
            raise _Refused(str(error).partition("\n")[0]) from None

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def text(self, column: str) -> str:
        # In the order of its characters, whatever language the database speaks.
        return f'CAST(s.{self.quoted(column)} AS text) COLLATE "C" AS {self.quoted(column)}'

    def rows(self, statement: str) -> Iterator[pl.DataFrame]:
        self._run(f"DECLARE assess_rows NO SCROLL CURSOR FOR {statement}")
        while (batch := self._fetched(f"FETCH {_BATCH} FROM assess_rows")).height:
            yield batch.cast(pl.String)
        self._run("CLOSE assess_rows")


@contextmanager
def _postgres(address: Address) -> Iterator[Connection]:
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    options = {"connect_timeout": str(_SECONDS), **dict(address.options)}
    who = quote(address.user, safe="") if address.user else ""
    who += f":{quote(address.password, safe='')}" if address.password else ""
    host = f"[{address.host}]" if ":" in address.host else quote(address.host, safe="")
    place = f"{host}:{address.port}/{quote(address.database, safe='')}?{urlencode(options)}"
    try:
        connection = dbapi.connect(f"postgresql://{who}{'@' if who else ''}{place}")
    except Error as error:
        raise _Refused(str(error).removeprefix("IO: [libpq] ")) from None
    try:
        with connection.cursor() as cursor:
            yield _Postgres(cursor, Error, address.schema)
    finally:
        connection.close()


class _Mysql:
    """A read-only transaction of MySQL, whose rows come as they are fetched."""

    def __init__(self, connection: Any, error: type[Exception], schema: str):
        self.connection, self.error, self.schema = connection, error, schema
        for statement in ("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                          "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"):  # fmt: skip
            connection.query(statement)

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def literal(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"

    def text(self, column: str) -> str:
        return (
            f"CAST(s.{self.quoted(column)} AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS {self.quoted(column)}"
        )

    def rows(self, statement: str) -> Iterator[pl.DataFrame]:
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(statement)
                names = [each[0] for each in cursor.description]
                while batch := cursor.fetchmany(_BATCH):
                    yield pl.DataFrame(batch, schema=dict.fromkeys(names, pl.String), orient="row")
        except self.error as error:
            raise _Refused(str(error.args[-1])) from None


@contextmanager
def _mysql(address: Address) -> Iterator[Connection]:
    import os

    import pymysql
    from pymysql.cursors import SSCursor

    try:
        connection = pymysql.connect(
            host=address.host, port=address.port, database=address.database, user=address.user,
            password=address.password or os.environ.get("MYSQL_PWD", ""), charset="utf8mb4", cursorclass=SSCursor,
            connect_timeout=_SECONDS,
        )  # fmt: skip
    except pymysql.MySQLError as error:
        raise _Refused(str(error.args[-1] if error.args else error)) from None
    try:
        yield _Mysql(connection, pymysql.MySQLError, address.database)
    finally:
        connection.close()
