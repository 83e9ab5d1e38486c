"""Databases as tests fill and empty them: the same few statements for each kind of server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

import polars as pl
from servers import PASSWORD, USER


class Server(Protocol):
    """A database that a test fills."""

    kind: str
    place: str

    def do(self, *statements: str) -> None:
        """Carry statements out."""

    def fill(self, table: str, frame: pl.DataFrame) -> None:
        """Put rows into a table that is there."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement gives."""


class Postgres:
    kind = "postgresql"

    def __init__(self, place: str):
        import adbc_driver_postgresql.dbapi as adbc

        self.place = place
        self.connection = adbc.connect(address(self), autocommit=True)

    def do(self, *statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def fill(self, table: str, frame: pl.DataFrame) -> None:
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest(table, frame, mode="append")

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return pl.DataFrame(cursor.fetch_arrow()).rows()

    def empty(self) -> None:
        self.do("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


class Mysql:
    kind = "mysql"

    def __init__(self, place: str):
        import pymysql

        self.place = place
        host, _, rest = place.partition(":")
        port, _, database = rest.partition("/")
        self.connection = pymysql.connect(
            host=host, port=int(port), user=USER, password=PASSWORD, database=database, autocommit=True,
            charset="utf8mb4",
        )  # fmt: skip

    def do(self, *statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement.replace('"', "`"))

    def fill(self, table: str, frame: pl.DataFrame) -> None:
        marks = ", ".join(["%s"] * frame.width)
        if frame.is_empty():
            return
        with self.connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO `{table}` VALUES ({marks})", frame.rows())  # noqa: S608

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def empty(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
            self.do(*[f"DROP TABLE `{name}`" for (name,) in cursor.fetchall()])


def address(server: Server, *, user: str = USER, password: str | None = PASSWORD, place: str | None = None) -> str:
    who = user + (f":{quote(password, safe='')}" if password is not None else "")
    return f"{server.kind}://{who}@{place or server.place}"


def as_tables(server: Server, files: Mapping[str, str], keys: Mapping[str, str] | None = None) -> str:
    """Files as tables of text, with the columns of their headers and a primary key where one is named."""
    for name, content in files.items():
        frame = pl.read_csv(content.encode(), infer_schema=False)
        columns = [f'"{column}" VARCHAR(100)' for column in frame.columns]
        columns += [f'PRIMARY KEY ("{keys[name]}")'] if keys and name in keys else []
        server.do(f'CREATE TABLE "{name}" ({", ".join(columns)})')
        if frame.height:
            server.fill(name, frame)
    return address(server)
