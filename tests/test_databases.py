"""Submissions in a database: read as files are, and without a word of who may read them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import polars as pl
import pytest
from conftest import UNITS, VISITS
from databases import Mysql, Postgres, Server, address, as_tables
from polars.testing import assert_frame_equal
from servers import PASSWORD, USER, mariadb, postgres
from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from test_cli import call

from assess.errors import AssessError, NotAssessedError, UsageError
from assess.exports.dialect import DIALECTS
from assess.exports.queries import Queries
from assess.exports.unsaid import UnsaidError
from assess.intake import Intake, take_in
from assess.intake.address import Address, located
from assess.intake.store import Store
from assess.pipeline import assess
from assess.results import Directory
from assess.ruleset.load import load

ROOT = Path(__file__).parent.parent
Lay = Callable[..., Path]
Write = Callable[..., Path]
Take = Callable[[Path | Address], Intake]


@pytest.fixture(scope="module")
def pg() -> Iterator[Postgres]:
    with postgres() as place:
        server = Postgres(place)
        yield server
        server.connection.close()


@pytest.fixture(scope="module")
def my() -> Iterator[Mysql]:
    with mariadb() as place:
        server = Mysql(place)
        yield server
        server.connection.close()


@pytest.fixture(params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each kind of server, without a table."""
    found: Postgres | Mysql = request.getfixturevalue("pg" if request.param == "postgresql" else "my")
    found.empty()
    return found


def _unnamed(frame: pl.DataFrame) -> pl.DataFrame:
    """A table without the names of findings, which are made of the names of files."""
    return frame.drop("finding", strict=False)


def test_the_province_gives_the_same_tables_from_files_and_from_a_database(pg: Postgres, tmp_path: Path) -> None:
    loaded = load(ROOT / "rulesets" / "bphs-2024.yaml")
    ruleset, store = loaded.ruleset, Store(tmp_path / "store")
    taken = take_in(ROOT / "samples" / "province", ruleset.tables, ruleset.unit.table, ruleset.unit.key, store)
    pg.empty()
    (tmp_path / "data").mkdir()
    for name, table in ruleset.tables.items():
        # The database hands rows out in the order of their text, so the files have them in that order too.
        texts = [pl.col(column).cast(pl.String) for column in table.columns]
        frame = taken.scan(name).select(list(table.columns)).sort(texts, nulls_last=True).collect()
        pg.do(DIALECTS["postgres"].written(DIALECTS["postgres"].table(name, table)))
        pg.fill(name, frame.sample(fraction=1, shuffle=True, seed=1))
        frame.write_csv(tmp_path / "data" / f"{name}.csv")
    files, tables = assess(loaded, tmp_path / "data"), assess(loaded, located(address(pg)))
    assert set(files.tables) == set(tables.tables)
    for name, frame in files.tables.items():
        if name != "receipt":
            named = tables.tables[name].with_columns(pl.col(pl.String).str.replace_all(r"public\.(\w+)", "${1}.csv"))
            assert_frame_equal(_unnamed(frame), _unnamed(named))
    assert files.tables["receipt"].select("table", "rows_in", "rows_kept").sort("table").equals(
        tables.tables["receipt"].select("table", "rows_in", "rows_kept").sort("table")
    )  # fmt: skip


class MariaDb(MySQL):
    """SQL for MySQL as MariaDB reads it, which has REGEXP and no REGEXP_LIKE."""

    class Generator(MySQL.Generator):
        TRANSFORMS: ClassVar = {
            **MySQL.Generator.TRANSFORMS,
            exp.RegexpLike: lambda self, like: self.binary(like, "REGEXP"),
        }


@pytest.mark.parametrize("name", ["bphs-2024", "reported-figures", "family-doctor", "work-points"])
def test_the_exported_statements_find_in_a_server_what_the_engine_finds(
    server: Server, name: str, tmp_path: Path
) -> None:
    loaded, data = load(ROOT / "rulesets" / f"{name}.yaml"), ROOT / "samples" / name.replace("bphs-2024", "province")
    ruleset, dialect = loaded.ruleset, DIALECTS["mysql" if server.kind == "mysql" else "postgres"]
    measured = assess(loaded, data, tmp_path).tables["measurements"]
    taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(tmp_path))
    for table, spec in ruleset.tables.items():
        server.do(dialect.written(dialect.table(table, spec)))
        server.fill(table, taken.scan(table).select(list(spec.columns)).collect())
    queries, said = Queries(ruleset, dialect), []
    for rule in ruleset.checks:
        try:
            queries.of(rule)
        except UnsaidError:
            continue
        said.append(rule)
    counts = queries.counts(said)
    text = counts.sql(MariaDb, pretty=True, identify=True) if server.kind == "mysql" else dialect.written(counts)
    expected = measured.filter(pl.col("rule").is_in([rule.id for rule in said]) & (pl.col("violated") > 0))
    assert sorted(server.rows(text)) == sorted(expected.select("rule", "unit", "violated").rows())


def test_the_types_of_a_database_are_read_as_what_they_print(server: Server, taken: Take) -> None:
    server.do(
        'CREATE TABLE "units" ("unit" CHAR(1) PRIMARY KEY, "name" VARCHAR(9), "people" NUMERIC(9,2))',
        'CREATE TABLE "visits" ("unit" VARCHAR(9), "person" VARCHAR(20), "sbp" SMALLINT, "day" TIMESTAMP NULL, '
        '"done" BOOLEAN, "weight" DOUBLE PRECISION, "remark" VARCHAR(9))',
        "INSERT INTO units VALUES ('A', 'Ay', 4.00)",
        "INSERT INTO visits VALUES ('A', 'p1', 120, '2024-03-01 00:00:00', TRUE, 60.5, 'x'), "
        "('A', '  ', NULL, NULL, FALSE, 1e20, NULL)",
    )
    intake = taken(located(address(server)))
    assert intake.scan("units").select("unit", "people").collect().rows() == [("A", 4)]
    visits = intake.scan("visits").sort("sbp", nulls_last=True).collect()
    assert visits.select("person", "sbp", "done", "weight").rows() == [
        ("p1", 120, True, 60.5),
        (None, None, False, 1e20),
    ]
    assert [str(day) for day in visits["day"]] == ["2024-03-01", "None"]


HOSTILE = 'a "quoted", comma\nand a line\r\nor two\rthree 绿'


def test_a_cell_keeps_its_quotes_commas_and_line_breaks(server: Server, taken: Take) -> None:
    server.do('CREATE TABLE "units" ("unit" VARCHAR(9), "name" VARCHAR(90))')
    server.fill("units", pl.DataFrame({"unit": ["A", "B", "C"], "name": [HOSTILE, "Bee", ""]}))
    intake = taken(located(address(server)))
    assert intake.scan("units").select("unit", "name").collect().rows() == [("A", HOSTILE), ("B", "Bee"), ("C", None)]


def test_what_is_wrong_with_rows_and_cells_is_said_as_of_files(server: Server, lay: Lay, taken: Take) -> None:
    visits = "unit,person,sbp,day\nA,p1,120,2024-03-01\nA,p2,x,2024-13-01\nD,p3,110,2024-03-02\n,p4,110,2024-03-03\n"
    from_files = taken(lay({"visits.csv": visits}))
    from_tables = taken(located(as_tables(server, {"units": UNITS, "visits": visits})))
    for intake in (from_files, from_tables):
        counted = (
            intake.receipt().filter(table="visits").select("rows_in", "rows_kept", "rows_rejected", "cells_rejected")
        )
        assert counted.rows() == [(4, 2, 2, 2)]
    rejects = [intake.rejects().drop("file", "line") for intake in (from_files, from_tables)]
    assert_frame_equal(*rejects, check_row_order=False)


def test_a_line_is_the_place_in_the_order_of_the_primary_key(server: Server, taken: Take) -> None:
    visits = "person,unit,sbp\nq9,A,120\nq1,A,110\nq5,A,x\n"
    place = as_tables(server, {"units": UNITS, "visits": visits}, {"visits": "person"})
    intake = taken(located(place))
    assert intake.rejects().select("line", "raw").rows() == [(3, "x")]


def test_the_same_content_has_the_same_digest_however_it_lies(server: Server, taken: Take) -> None:
    def digests() -> list[str]:
        return taken(located(address(server))).receipt().sort("file")["digest"].to_list()

    as_tables(server, {"units": UNITS, "visits": VISITS})
    first = digests()
    server.do("DELETE FROM \"visits\" WHERE person = 'p1'")
    assert digests() != first
    server.fill("visits", pl.read_csv(VISITS.encode(), infer_schema=False).head(1))
    assert digests() == first


def test_tables_and_columns_come_under_their_other_names_and_nothing_else_is_read(server: Server, taken: Take) -> None:
    place = as_tables(
        server, {"units": UNITS, "随访": "机构编码,收缩压,secret,身份证号\nA,120,s,p1\n", "letters": "a\nb\n"}
    )
    intake = taken(located(place))
    assert intake.scan("visits").select("unit", "person", "sbp").collect().rows() == [("A", "p1", 120)]
    assert intake.receipt()["table"].to_list() == ["units", "visits"]
    assert intake.receipt()["detail"].to_list() == [None, None]


def test_a_table_without_a_required_column_is_rejected_as_a_file_is(server: Server, taken: Take) -> None:
    intake = taken(located(as_tables(server, {"units": UNITS, "visits": "unit,sbp\nA,120\n"})))
    rejected = intake.receipt().filter(table="visits")
    assert rejected.select("status", "reason").rows() == [("rejected", "missing_columns")]
    assert ("A", "visits") not in intake.submitted()


def test_a_table_that_is_not_there_was_not_submitted(server: Server, ruleset_file: Write) -> None:
    place = as_tables(server, {"units": UNITS})
    assessment = assess(load(ruleset_file()), located(place))
    missing = assessment.tables["findings"].filter(pl.col("status") == "not_submitted")
    assert set(missing["unit"].drop_nulls()) >= {"A", "B", "C"}


def test_more_rows_than_a_batch_are_all_read(pg: Postgres, taken: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    from assess.intake import database

    monkeypatch.setattr(database, "_BATCH", 7)
    pg.empty()
    rows = "".join(f"A,p{number},120\n" for number in range(50))
    intake = taken(located(as_tables(pg, {"units": UNITS, "visits": f"unit,person,sbp\n{rows}"})))
    assert intake.rows("visits") == 50


def test_another_schema_is_read_when_it_is_named(pg: Postgres, taken: Take) -> None:
    pg.empty()
    pg.do('DROP SCHEMA IF EXISTS "o""dd" CASCADE', 'CREATE SCHEMA "o""dd"', 'CREATE TABLE "o""dd".units (unit text)',
          'INSERT INTO "o""dd".units VALUES (\'Z\')')  # fmt: skip
    intake = taken(located(address(pg) + "?schema=o%22dd"))
    assert intake.units == ("Z",)
    assert intake.files == ['o"dd.units']


# ---- secrets ---------------------------------------------------------------------------------------------------------


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_results_say_where_the_data_were_and_never_who_read_them(
    server: Server, ruleset_file: Write, tmp_path: Path
) -> None:
    place = as_tables(server, {"units": UNITS, "visits": VISITS})
    out = tmp_path / "out"
    result = call("run", "--ruleset", ruleset_file(), "--data", place, "--out", out, "--fail-on", "never")
    assert result.exit_code == 0
    manifest = Directory.open(out).manifest
    host, port, name = "127.0.0.1", int(server.place.split(":")[1].split("/")[0]), server.place.split("/")[1]
    assert manifest["source"] == {"kind": server.kind, "host": host, "port": port, "database": name, "schema": None}
    assert f"--data {server.kind}://{server.place} " in manifest["command"]
    schema = "public" if server.kind == "postgresql" else name
    assert [(each["file"], each["rows_in"]) for each in manifest["inputs"]] == [
        (f"{schema}.units", 3), (f"{schema}.visits", 4),
    ]  # fmt: skip
    assert all(len(each["sha256"]) == 64 for each in manifest["inputs"])
    shown = f'<dt>数据库</dt><dd class="code">{server.kind}://{server.place}</dd>'
    assert shown in (out / "index.html").read_text(encoding="utf-8")
    written = everything_in(out) + result.output.encode()
    for secret in (PASSWORD, quote(PASSWORD, safe=""), USER):
        assert secret.encode() not in written


def test_the_password_may_come_from_the_environment(
    server: Server, ruleset_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_tables(server, {"units": UNITS, "visits": VISITS})
    command = ("intake", "--ruleset", ruleset_file(), "--data", address(server, password=None), "--fail-on", "never")
    assert call(*command).exit_code == 3
    monkeypatch.setenv("ASSESS_DATABASE_PASSWORD", PASSWORD)
    assert call(*command).exit_code == 0
    monkeypatch.delenv("ASSESS_DATABASE_PASSWORD")
    monkeypatch.setenv("PGPASSWORD" if server.kind == "postgresql" else "MYSQL_PWD", PASSWORD)
    assert call(*command).exit_code == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [({"password": "wr0ng-pass"}, "password|Access denied"), ({"place": "127.0.0.1:1/x"}, "refused"),
     ({"place": "nowhere.invalid/x"}, "nowhere.invalid"), ({"user": "nobody", "password": "wr0ng-pass"}, "nobody")],
    ids=["password", "no server", "no host", "user"],
)  # fmt: skip
def test_a_server_that_refuses_is_said_in_one_line_without_the_secret(
    server: Server, ruleset_file: Write, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    place = address(server, **change)
    result = call("run", "--ruleset", ruleset_file(), "--data", place, "--out", tmp_path / "out")
    assert result.exit_code == 3
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{server.kind}://")
    assert "IN013" in line
    assert re.search(said, line)
    for secret in ("wr0ng-pass", PASSWORD, quote(PASSWORD, safe="")):
        assert secret not in result.output
    assert not (tmp_path / "out").exists()


def test_a_database_without_a_declared_table_cannot_be_assessed(server: Server, taken: Take) -> None:
    server.do('CREATE TABLE "letters" ("a" VARCHAR(9))')
    with pytest.raises(NotAssessedError, match="IN011 holds no table of the ruleset"):
        taken(located(address(server)))


def test_a_table_that_must_not_be_read_is_said_in_one_line(pg: Postgres, ruleset_file: Write) -> None:
    pg.empty()
    as_tables(pg, {"units": UNITS, "visits": VISITS})
    pg.do("DROP ROLE IF EXISTS clerk", f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'",
          "GRANT USAGE ON SCHEMA public TO clerk", "GRANT SELECT ON units TO clerk",
          "GRANT INSERT ON visits TO clerk")  # fmt: skip
    result = call("intake", "--ruleset", ruleset_file(), "--data", address(pg, user="clerk"))
    assert result.exit_code == 3
    assert "permission denied for table visits" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_nothing_is_written_to_the_database(pg: Postgres, taken: Take) -> None:
    """A view that writes as it is read is refused by the transaction."""
    pg.empty()
    as_tables(pg, {"written": "a\nb\n", "visits": VISITS})
    pg.do(
        "CREATE FUNCTION spy() RETURNS text LANGUAGE sql AS $$ INSERT INTO written VALUES ('x') RETURNING a $$",
        'CREATE VIEW "units" AS SELECT spy() AS unit',
    )
    with pytest.raises(NotAssessedError, match="read-only transaction"):
        taken(located(address(pg)))
    assert pg.rows("SELECT COUNT(*) FROM written") == [(1,)]


# ---- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [("postgres://u:p@h/d", "postgresql://h:5432/d"), ("postgresql://h:99/d%20b?schema=s&sslmode=require",
      "postgresql://h:99/d b?schema=s"), ("mysql://u@[::1]/d", "mysql://[::1]:3306/d")],
)  # fmt: skip
def test_an_address_shows_the_database_and_nobody(text: str, shown: str) -> None:
    found = located(text)
    assert isinstance(found, Address)
    assert str(found) == shown
    assert "password" not in repr(found)


@pytest.mark.parametrize("text", ["data", "./a:b", "C:\\data", "/x/y"])
def test_whatever_is_no_address_is_a_folder(text: str) -> None:
    assert located(text) == Path(text)


@pytest.mark.parametrize(
    "text",
    ["oracle://u:s3cret@h/d", "postgresql://u:s3cret@h", "postgresql://u:s3cret@h:x/d", "postgresql://u:s3cret@/d",
     "postgresql://u:s3cret@h/d/e", "mysql://u:s3cret@h/d?ssl=1", "mysql://u:s3cret@h/d#f", "postgresql://u:s3cret@h/d?x"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="IN010") as refused:
        located(text)
    assert "s3cret" not in str(refused.value)


def test_without_its_driver_a_database_is_not_read(monkeypatch: pytest.MonkeyPatch, taken: Take) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(AssessError, match=r"IN012 pymysql is needed .*assess\[databases\]"):
        taken(located("mysql://u:p@h/d"))


def test_a_run_on_files_imports_no_driver() -> None:
    code = (
        "import sys\nfrom assess.cli import main\ntry:\n"
        "    main(['intake', '--ruleset', 'reported-figures', '--data', 'samples/reported-figures'])\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", "import json\n" + code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    imported = set(json.loads(ended.stdout.splitlines()[-1]))
    assert not imported & {"pymysql", "adbc_driver_postgresql", "adbc_driver_manager", "sqlglot", "duckdb"}
