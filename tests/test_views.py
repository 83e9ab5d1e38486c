"""Views: one SELECT over declared tables and nothing else, counted so that a false record never helps."""

# ruff: noqa: E501, S608
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from conftest import HEADER, RULESET

from assess.cli import main
from assess.engine.local import Local
from assess.engine.plan import combine, plans, scans
from assess.errors import RulesetError
from assess.results import Directory
from assess.ruleset.load import load
from assess.ruleset.select import MAX_SELECT, Select

Write = Callable[..., Path]
LATEST = "SELECT unit, person, day, sbp, done FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY person ORDER BY day DESC) = 1"


def with_view(sql: str = LATEST, *, per: str = "person", more: str = "") -> str:
    """The tiny ruleset, whose indicator counts a view instead of the visits."""
    view = f"views:\n  latest:\n    per: {per}\n    sql: >-\n      {sql}\n{more}checks:\n"
    return RULESET.replace("checks:\n", view, 1).replace("{table: visits, where: done}", "{table: latest, where: done}")


def problems(path: Path) -> list[tuple[str, str]]:
    try:
        load(path, "rules.yaml")
    except RulesetError as error:
        return [(problem.code, problem.message) for problem in error.problems if problem.level == "error"]
    return []


# ---- what the SQL may be ---------------------------------------------------------------------------------------------

WELCOME = [
    "SELECT unit, person FROM visits",
    "select unit, person from visits v where exists (select 1 from units u where u.unit = v.unit)",
    "WITH a AS (SELECT * FROM visits), b AS (SELECT * FROM a) SELECT unit, person FROM b",
    "SELECT v.unit, v.person FROM visits AS v JOIN units AS u ON v.unit = u.unit, visits w",
    "SELECT unit, person FROM visits UNION ALL SELECT unit, name FROM units",
    "SELECT unit, person FROM (SELECT * FROM visits) AS v",
    "SELECT unit, person FROM (visits JOIN units ON visits.unit = units.unit)",
    "SELECT unit, person FROM \"visits\" -- FROM read_csv('x')",
    "SELECT unit, 'FROM read_csv(''x'')' AS person FROM visits /* ; DROP TABLE visits */",
    "SELECT unit, EXTRACT(YEAR FROM day) AS person FROM visits WHERE day IS NOT DISTINCT FROM day",
    'SELECT unit, person AS "update" FROM visits GROUP BY unit, person ORDER BY unit, person',
    "SELECT unit, person, CASE WHEN sbp > 1 THEN 1 ELSE 0 END AS high FROM visits",
]


@pytest.mark.parametrize("sql", WELCOME)
def test_a_select_over_tables_is_welcome(sql: str) -> None:
    assert set(Select.parse(sql).tables) <= {"visits", "units"}


HOSTILE = [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM \"read_csv\"('/etc/passwd')", "SELECT * FROM READ_PARQUET ('x')",
    "SELECT * FROM read_csv/**/('/etc/passwd')", "SELECT * FROM read_csv -- x\n ('/etc/passwd')",
    "SELECT * FROM visits, read_csv('x')", "SELECT * FROM visits JOIN read_csv('x') ON 1=1",
    "SELECT * FROM visits WHERE unit IN (SELECT a FROM read_csv('x'))", "SELECT (SELECT a FROM read_json('x')) FROM visits",
    "SELECT * FROM visits UNION SELECT * FROM read_ipc('x')", "WITH a AS (SELECT * FROM scan_csv('x')) SELECT * FROM a",
    "SELECT * FROM (read_csv('x'))", "SELECT * FROM ((visits JOIN read_csv('x') ON 1=1))", "FROM read_csv('x') SELECT *",
    "SELECT * FROM visits WHERE EXISTS (FROM read_csv('x'))", "SELECT read_csv('x') FROM visits",
    "SELECT * FROM '/etc/passwd'", "SELECT * FROM visits v, '/etc/passwd'", "SELECT * FROM `visits`",
    "SELECT * FROM main.visits", "SELECT * FROM visits; DROP TABLE visits", "SELECT * FROM visits;", "DROP TABLE visits",
    "CREATE TABLE x AS SELECT * FROM visits", "INSERT INTO visits SELECT * FROM visits", "DELETE FROM visits",
    "WITH a AS (DELETE FROM visits) SELECT * FROM visits", "SELECT * INTO x FROM visits", "EXPLAIN SELECT * FROM visits",
    "SHOW TABLES", "TABLE visits", "VALUES (1)", "SELECT * FROM (VALUES (1)) AS t(unit)", "UPDATE visits SET unit = 'x'",
    "SELECT * FROM UNNEST([1]) AS t(unit)", "SELECT * FROM visits, LATERAL (SELECT 1)", "SELECT E'\\'' FROM visits --'",
    "SELECT $$x$$ FROM visits", "SELECT /* /* */ unit */ FROM visits", "SELECT 1", "", "SELECT * FROM", "SELECT * FROM (visits",
    "SELECT unit) FROM visits", "SELECT 'x FROM visits", "SELECT \"x FROM visits", "SELECT * FROM visits, ", "SELECT x'41' FROM visits",
    "SELECT U&'x' FROM visits", "SELECT * FROM visits WHERE day < NOW()", "SELECT CURRENT_DATE FROM visits", "SELECT @no FROM visits",
    "SELECT * FROM visits WHERE unit = :x", "SELECT * FROM visits WHERE unit = ?", "SELECT {a} FROM visits",
    "SELECT 'a' 'b' FROM visits \\", "COPY visits TO 'x'", "SELECT * FROM glob('*')", "SELECT * FROM visits TABLESAMPLE (1)",
    "WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a, visits", "WITH RECURSIVE a AS (SELECT * FROM visits) SELECT * FROM a",
    "SELECT * FROM visits WHERE " + "day > 1 AND " * 2000 + "TRUE", "SELECT * FROM visits" + " " * MAX_SELECT,
]  # fmt: skip


@pytest.mark.parametrize("sql", HOSTILE, ids=lambda sql: sql[:60])
def test_anything_else_is_refused_before_it_runs(sql: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Select.parse(sql)


@pytest.mark.parametrize("sql", [sql for sql in HOSTILE if sql and "\n" not in sql and len(sql) < 200])
def test_a_refused_view_is_one_problem_at_its_place(ruleset_file: Write, sql: str) -> None:
    path = ruleset_file(text=with_view(sql))
    found = problems(path)
    assert [code for code, _ in found] == ["RS022"], found


def test_a_parameter_cannot_end_its_literal(ruleset_file: Write, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("unit,person\nA,x\n", encoding="utf-8")
    evil = f"' UNION ALL SELECT unit, person FROM read_csv('{secret}') --"
    text = with_view("SELECT unit, person, done FROM visits WHERE person <> @who").replace("94\n", "94\n  who: x\n", 1)
    path = ruleset_file(text=text)
    loaded = load(path, settings={"who": evil})
    assert loaded.ruleset.views["latest"].sql.tables == ("visits",)
    assert loaded.ruleset.views["latest"].sql.bound.endswith("--'")


WRONG = [
    ("SELECT unit, person, done FROM vists", "RS010", "did you mean 'visits'?"),
    ("SELECT unit, person, done FROM Visits", "RS010", "no table 'Visits'"),
    ("SELECT unit, person, done, bps FROM visits", "RS020", "bps"),
    ("SELECT person, done FROM visits", "RS016", "no column 'unit'"),
    ("SELECT unit, done FROM visits", "RS011", "no column 'person'"),
    ("SELECT unit, person, done, COUNT(*) FROM visits GROUP BY unit, person, done", "ok", ""),
    ('SELECT unit, person, done, sbp + 1 AS "a b" FROM visits', "RS005", "'a b'"),
    ("SELECT unit, person, done, NULL AS nothing FROM visits", "RS020", "'nothing' comes out as Null"),
    ("SELECT sbp AS unit, person, done FROM visits", "RS005", "should be text"),
]


@pytest.mark.parametrize(("sql", "code", "says"), WRONG)
def test_what_a_view_gives_is_known_before_any_data(ruleset_file: Write, sql: str, code: str, says: str) -> None:
    path = ruleset_file(text=with_view(sql))
    if code == "ok":
        assert problems(path) == []
        return
    with pytest.raises(RulesetError) as refused:
        load(path)
    assert [problem.code for problem in refused.value.problems if problem.level == "error"] == [code]
    assert says in str(refused.value)


def test_a_view_may_use_earlier_views_and_no_later_one(ruleset_file: Write) -> None:
    second = "  second:\n    per: person\n    sql: SELECT unit, person, done FROM latest WHERE done\n"
    assert problems(ruleset_file(text=with_view(more=second))) == []
    swapped = with_view("SELECT unit, person, done FROM second", more=second.replace("latest WHERE done", "visits"))
    assert problems(ruleset_file(text=swapped))[0] == (
        "RS010",
        "view 'second' comes later; a view may use those before it",
    )


def test_rules_and_indicators_see_the_columns_of_a_view(ruleset_file: Write) -> None:
    rule = "  - {id: L, table: latest, check: not_null, column: %s, title: t}\nindicators:\n"
    assert problems(ruleset_file(text=with_view().replace("indicators:\n", rule % "sbp"))) == []
    found = problems(ruleset_file(text=with_view().replace("indicators:\n", rule % "weight")))
    assert found == [("RS011", "table 'latest' has no column 'weight'")]


def test_a_column_is_private_unless_its_name_is_known_to_be_harmless(ruleset_file: Write) -> None:
    sql = "SELECT unit, person, person AS who, sbp, day, name AS called FROM visits JOIN units USING (unit)"
    more = "    columns: {called: {personal: false, title: Called}}\n"
    spec = load(ruleset_file(text=with_view(sql + ", ").replace(", \n", "\n").replace("where: done", "where: sbp > 1"
                ).replace("checks:\n", more + "checks:\n", 1))).ruleset  # fmt: skip
    columns = spec.shapes["latest"].table.columns
    assert {name for name, column in columns.items() if column.personal} == {"person", "who"}
    assert columns["called"].title is not None


def test_a_disqualifying_rule_may_not_ask_a_view_that_asks_for_it(ruleset_file: Write) -> None:
    rule = (
        "  - {id: R, table: visits, check: references, columns: [person], to: latest, effect: disqualify, title: t}\n"
        "indicators:\n"
    )
    assert problems(ruleset_file(text=with_view().replace("indicators:\n", rule))) == []
    asking = with_view("SELECT unit, person, done FROM visits WHERE NOT disqualified").replace("indicators:\n", rule)
    assert [code for code, _ in problems(ruleset_file(text=asking))] == ["RS018"]


# ---- what is counted -------------------------------------------------------------------------------------------------


def assessed(
    ruleset_file: Write, lay: Callable[..., Path], tmp_path: Path, text: str, visits: str, *more: str
) -> Directory:
    data, out = lay({"visits.csv": HEADER + visits}), tmp_path / "out"
    arguments = ["run", "--ruleset", ruleset_file(text=text), "--data", data, "--out", out, "--fail-on", "never", *more]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return Directory.open(out)


def counted(found: Directory, unit: str = "A") -> tuple[float, float]:
    row = (
        found.read("indicators")
        .filter((pl.col("unit") == unit) & (pl.col("indicator") == "VISITED"))
        .row(0, named=True)
    )
    return row["numerator"], row["numerator_verified"]


CASES: dict[str, tuple[str, tuple[float, float]]] = {
    "the latest visit counts, not any": ("A,p,120,2024-01-01,是,\nA,p,120,2024-02-01,否,\n", (0, 0)),
    "a sound latest visit counts": ("A,p,120,2024-01-01,否,\nA,p,120,2024-02-01,是,\n", (1, 1)),
    "a false latest visit does not": ("A,p,120,2024-01-01,否,\nA,p,999,2024-02-01,是,\n", (1, 0)),
    "a false one hides no earlier failure": ("A,p,120,2024-01-01,是,\nA,p,999,2024-02-01,否,\n", (0, 0)),
    "an earlier success still stands": ("A,p,120,2024-01-01,是,\nA,p,999,2024-02-01,是,\n", (1, 1)),
    "persons are apart": ("A,p,999,2024-02-01,是,\nA,q,120,2024-01-01,是,\nA,q,999,2024-03-01,否,\n", (1, 0)),
}


@pytest.mark.parametrize(("visits", "expected"), CASES.values(), ids=CASES)
def test_the_latest_visit_of_each_person(
    ruleset_file: Write, lay: Any, tmp_path: Path, visits: str, expected: tuple[float, float]
) -> None:
    assert counted(assessed(ruleset_file, lay, tmp_path, with_view(), visits)) == expected


def test_an_author_may_ask_for_sound_records_himself(ruleset_file: Write, lay: Any, tmp_path: Path) -> None:
    sql = LATEST.replace("FROM visits", "FROM visits WHERE NOT disqualified")
    visits = "A,p,120,2024-01-01,是,\nA,p,999,2024-02-01,否,\n"
    assert counted(assessed(ruleset_file, lay, tmp_path, with_view(sql), visits)) == (1, 1)


def test_a_sum_over_a_view_is_what_sound_records_give(ruleset_file: Write, lay: Any, tmp_path: Path) -> None:
    sql = "SELECT unit, person, COUNT(*) AS times FROM visits GROUP BY unit, person"
    text = with_view(sql).replace("{table: latest, where: done}", "{table: latest, sum: times}")
    visits = "A,p,120,2024-01-01,是,\nA,p,999,2024-02-01,是,\nA,q,110,2024-02-01,是,\n"
    assert counted(assessed(ruleset_file, lay, tmp_path, text, visits)) == (3, 2)


RULE = "  - {id: L, table: latest, check: in_range, column: sbp, max: 150, title: t%s}\nindicators:\n"


def test_the_evidence_of_a_row_of_a_view_names_what_it_is_about(ruleset_file: Write, lay: Any, tmp_path: Path) -> None:
    text = with_view().replace("indicators:\n", RULE % "")
    found = assessed(ruleset_file, lay, tmp_path, text, "A,p1,160,2024-01-01,是,\nB,p2,100,2024-01-01,是,\n")
    (row,) = found.read("evidence").filter(pl.col("rule") == "L").to_dicts()
    assert (row["table"], row["file"], row["line"], row["unit"]) == ("latest", "", 0, "A")
    assert row["record"] == '{"person":"p**","sbp":"160"}'


def test_a_view_that_selects_file_and_line_keeps_them(ruleset_file: Write, lay: Any, tmp_path: Path) -> None:
    text = with_view(LATEST.replace("done FROM", "done, _file, _line FROM")).replace("indicators:\n", RULE % "")
    found = assessed(ruleset_file, lay, tmp_path, text, "A,p,100,2024-01-01,是,\nA,p,160,2024-02-01,是,\n")
    (row,) = found.read("evidence").filter(pl.col("rule") == "L").to_dicts()
    assert (row["file"], row["line"]) == ("visits.csv", 3)


def test_a_view_rule_may_disqualify_and_a_rule_may_look_into_a_view(
    ruleset_file: Write, lay: Any, tmp_path: Path
) -> None:
    text = with_view().replace("indicators:\n", RULE % ", effect: disqualify")
    assert counted(assessed(ruleset_file, lay, tmp_path, text, "A,p,160,2024-02-01,是,\n")) == (1, 0)
    rule = "  - {id: R, table: units, check: references, columns: [unit], to: latest, having: done, title: t}\nindicators:\n"
    found = assessed(
        ruleset_file, lay, tmp_path, with_view().replace("indicators:\n", rule), "A,p,120,2024-02-01,是,\n"
    )
    violated = found.read("measurements").filter((pl.col("rule") == "R") & (pl.col("violated") > 0))
    assert violated["unit"].to_list() == ["B", "C"]


def test_a_view_that_breaks_on_the_data_is_an_error_and_no_pass(ruleset_file: Write, lay: Any, tmp_path: Path) -> None:
    sql = LATEST.replace("sbp, done", "CAST(person AS INT) AS sbp, done")
    text = with_view(sql).replace("indicators:\n", RULE % "")
    found = assessed(ruleset_file, lay, tmp_path, text, "A,p,160,2024-02-01,是,\n")
    assert found.read("measurements").filter(pl.col("rule") == "L")["status"].unique().to_list() == ["error"]
    row = found.read("indicators").filter((pl.col("unit") == "A") & (pl.col("indicator") == "VISITED"))
    assert row["status"].to_list() == ["error"]
    assert found.read("measurements").filter(pl.col("rule") == "V-SBP")["violated"].sum() == 0


def test_measurements_of_parts_split_by_per_add_up(ruleset_file: Write) -> None:
    spec = load(ruleset_file(text=with_view().replace("indicators:\n", RULE % ""))).ruleset
    rows = pl.DataFrame(
        [{"unit": "AB"[n % 2], "person": f"p{n % 7}", "sbp": [100, 160, 999][n % 3], "done": n % 2 == 0, "weight": None,
          "day": None, "_row": n, "_file": 0, "_line": n, "_rejected": None} for n in range(40)],
        schema=spec.tables["visits"].dtypes,
    ).with_columns(day=pl.date(2024, 1, 1) + pl.duration(days=pl.col("_row").cast(pl.Int64)))  # fmt: skip
    found = plans(spec)
    assert found["latest"].partition_by == (("person",),)

    def measured(part: pl.DataFrame) -> pl.DataFrame:
        return Local().run(found["latest"], scans(spec, found, lambda _: part.lazy())).measured

    people = [[f"p{n}" for n in range(7) if n % 3 == k] for k in range(3)]
    parts = [measured(rows.filter(pl.col("person").is_in(some))) for some in people]
    assert combine(parts, "unit").equals(measured(rows))


def test_two_runs_over_a_view_are_the_same_bytes(ruleset_file: Write, lay: Any, tmp_path: Path) -> None:
    text = with_view("SELECT unit, person, MAX(sbp) AS sbp, TRUE AS done FROM visits GROUP BY unit, person").replace(
        "indicators:\n", RULE % "")  # fmt: skip
    visits = "".join(f"{'ABC'[n % 3]},p{n % 50},{100 + n},2024-01-01,是,\n" for n in range(200))
    first = assessed(ruleset_file, lay, tmp_path, text, visits).read("evidence")
    assert assessed(ruleset_file, lay, tmp_path, text, visits).read("evidence").equals(first)


def test_the_run_records_settings_and_files(ruleset_file: Write, lay: Any, tmp_path: Path) -> None:
    found = assessed(ruleset_file, lay, tmp_path, RULESET, "A,p,120,2024-01-01,是,\n", "--set", "per_capita=99")
    manifest = found.manifest
    assert manifest["parameters"]["per_capita"] == 99
    assert manifest["set"] == {"per_capita": "99"}
    assert manifest["command"].endswith("--set per_capita=99")
    assert [entry["file"] for entry in manifest["ruleset"]["files"]] == ["rules.yaml"]


def test_a_view_whose_rows_hang_on_those_of_others_is_run_over_everything(
    ruleset_file: Write, lay: Any, tmp_path: Path
) -> None:
    """Who counts hangs on how many there are, though `per` says that persons have nothing to do with each other."""
    three = "SELECT unit, person, COUNT(person) OVER (PARTITION BY unit) >= 3 AS done FROM visits"
    visits = "A,p,999,2024-01-01,是,\nA,q,120,2024-02-01,是,\nA,r,120,2024-03-01,是,\n"
    assert counted(assessed(ruleset_file, lay, tmp_path, with_view(three), visits)) == (3, 0)
