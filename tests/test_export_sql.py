"""`assess export sql`: what DuckDB finds by the exported statements is what the engine finds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import sqlglot
from in_duckdb import DUCKDB, counted, filled
from random_rulesets import make, ours
from test_checks import ON_RECORDS
from test_cli import call, lines

from assess.checks import REGISTRY, Profile
from assess.checks.cases import Case
from assess.exports import sql
from assess.exports.dialect import DIALECTS
from assess.exports.patterns import portable
from assess.exports.predicates import KINDS
from assess.exports.queries import Queries
from assess.exports.unsaid import UnsaidError
from assess.intake import take_in
from assess.intake.store import Store
from assess.pipeline import assess
from assess.ruleset.load import load
from assess.ruleset.spec import Rule, Ruleset
from assess.tables import BOOKKEEPING

ROOT = Path(__file__).parent.parent
SAMPLES = {
    "bphs-2024": "province",
    "reported-figures": "reported-figures",
    "family-doctor": "family-doctor",
    "roster-reconciliation": "roster-reconciliation",
    "capacity-grading": "capacity-grading",
    "task-completion": "task-completion",
    "work-points": "work-points",
    "work-points-county": "work-points-county",
}
ON_UNITS = "judges units by sums of their records; no record violates it"
ON_CELLS = "a typed table has no cell that cannot be read"


@pytest.fixture(scope="module", params=SAMPLES)
def sample(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Ruleset, pl.DataFrame, dict[str, pl.DataFrame]]:
    """A ruleset, what the engine measured of its sample, and the typed tables of that sample."""
    store, data = tmp_path_factory.mktemp("store"), ROOT / "samples" / SAMPLES[request.param]
    loaded = load(ROOT / "rulesets" / f"{request.param}.yaml")
    ruleset = loaded.ruleset
    measured = assess(loaded, data, store).tables["measurements"]
    taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(store))
    return ruleset, measured, {name: taken.scan(name).collect() for name in ruleset.tables}


def test_the_counts_of_every_rule_and_unit_are_those_of_the_engine(
    sample: tuple[Ruleset, pl.DataFrame, dict[str, pl.DataFrame]],
) -> None:
    ruleset, measured, frames = sample
    queries = Queries(ruleset, DUCKDB)
    said = []
    with filled(ruleset.tables, frames) as database:
        for rule in ruleset.checks:
            try:
                query = queries.of(rule)
            except UnsaidError:
                continue
            said.append(rule)
            expected = measured.filter((pl.col("rule") == rule.id) & (pl.col("violated") > 0))
            found = database.execute(DUCKDB.written(query)).fetchall()
            assert counted(found) == dict(expected.select("unit", "violated").rows()), rule.id
        found = database.execute(DUCKDB.written(queries.counts(said))).fetchall()
    expected = measured.filter(pl.col("rule").is_in([rule.id for rule in said]) & (pl.col("violated") > 0))
    assert sorted(found) == sorted(expected.select("rule", "unit", "violated").rows())


def test_what_of_the_built_in_rulesets_has_no_sql() -> None:
    unsaid = {}
    for name in sorted(SAMPLES):
        ruleset = load(ROOT / "rulesets" / f"{name}.yaml").ruleset
        for rule in ruleset.checks:
            try:
                Queries(ruleset, DUCKDB).of(rule)
            except UnsaidError as error:
                unsaid[rule.id] = str(error)
    cells = {rule: why for rule, why in unsaid.items() if rule.endswith("-CELLS")}
    assert set(cells.values()) == {ON_CELLS}
    assert {rule: why for rule, why in unsaid.items() if rule not in cells} == {
        "CG-FILLED": ON_UNITS, "VIS-HEAPING": ON_UNITS, "VIS-SPREAD": ON_UNITS, "RES-CHANGE": ON_UNITS,
        "VAC-PUNCTUAL": ON_UNITS, "SV-RUSH": ON_UNITS, "WP-HOME": ON_UNITS,
        "RF-PARTS": "column 'parts' holds a sum as text, which not every database can take apart",
    }  # fmt: skip


def test_every_kind_that_judges_typed_records_is_said() -> None:
    on_records = {kind for kind in REGISTRY.values() if not issubclass(kind, Profile)}
    assert {kind.kind for kind in on_records - set(KINDS)} == {"parses"}


# What has no SQL, and what a typed table cannot hold: intake refuses what is no number.
UNSAID_CASES = {
    "a number column, which forgets trailing zeros": "column 'weight' is of type number, not decimal",
    "parts in one text": "column 'parts' holds a sum as text, which not every database can take apart",
}
NEVER_HELD = {"what is no number is not above a minimum"}
CASES = [case for case in ON_RECORDS if case.kind != "parses" and case.name not in NEVER_HELD]


def ruleset_of(case: Case) -> Ruleset:
    """A ruleset of one rule, with the tables and columns of a case."""

    def columns(frame: pl.DataFrame) -> dict[str, dict[str, str]]:
        names = [name for name in frame.columns if name not in BOOKKEEPING]
        return {name: {"type": case.types.get(name, "text")} for name in ["unit", *names]}

    tables = {"t": columns(case.frame()), **{name: columns(case.table(name)) for name in case.tables}}
    rule = Rule.model_validate({"id": "R", "table": "t", "title": "a rule", "check": case.build()})
    data = {
        "ruleset": "case", "version": "1", "title": "case", "unit": {"table": "t", "key": "unit"},
        "tables": {name: {"columns": found} for name, found in tables.items()}, "checks": [rule],
    }  # fmt: skip
    return Ruleset.model_validate(data)


def with_units(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a case with the column that names the unit, as text."""
    unit = "unit" if "unit" in frame.columns else "_row"
    return frame.with_columns(pl.col(unit).cast(pl.String).alias("unit"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.name}")
def test_a_case_has_the_outcome_in_sql_that_its_file_states(case: Case) -> None:
    ruleset = ruleset_of(case)
    frames = {"t": with_units(case.frame()), **{name: with_units(case.table(name)) for name in case.tables}}
    if case.name in UNSAID_CASES:
        with pytest.raises(UnsaidError, match=re.escape(UNSAID_CASES[case.name])):
            Queries(ruleset, DUCKDB).of(ruleset.checks[0])
        return
    query = Queries(ruleset, DUCKDB).of(ruleset.checks[0])
    with filled(ruleset.tables, frames) as database:
        found = database.execute(DUCKDB.written(query)).fetchall()
    assert len(found) == sum(expected is False for expected in case.expected())


# Ten rules on small tables with many nulls: 150 seeds, in pieces that can run beside each other.
@pytest.mark.parametrize("piece", range(10))
def test_rules_made_by_chance_find_as_many_records_in_duckdb_as_in_the_engine(piece: int) -> None:
    said = 0
    for seed in range(15 * piece, 15 * (piece + 1)):
        made = make(seed)
        queries, expected = Queries(made.ruleset, DUCKDB), ours(made)
        with filled(made.ruleset.tables, made.frames) as database:
            for rule in made.ruleset.checks:
                try:
                    query = queries.of(rule)
                except UnsaidError:
                    continue
                said += 1
                found = len(database.execute(DUCKDB.written(query)).fetchall())
                assert found == expected[rule.id][1], (seed, rule)
    assert said > 100  # most of the 150 rules have SQL


@pytest.mark.parametrize("name", DIALECTS)
def test_every_statement_is_read_back_in_its_dialect_as_it_was_written(name: str) -> None:
    ruleset, dialect = load(ROOT / "rulesets" / "bphs-2024.yaml").ruleset, DIALECTS[name]
    written = [dialect.written(dialect.table(table, spec)) for table, spec in ruleset.tables.items()]
    queries = Queries(ruleset, dialect)
    for rule in ruleset.checks:
        try:
            written.append(dialect.written(queries.of(rule)))
        except UnsaidError:
            continue
    for text in written:
        assert dialect.written(sqlglot.parse_one(text, read=name)) == text


@pytest.mark.parametrize(
    ("condition", "why"),
    [("LOWER(name) = 'x'", "LOWER may"), ("people / (people - 4) > 1", "division by something that can be zero"),
     ("name ~ '^a'", "REGEXP_LIKE may"), ("CONCAT(name, county) = 'x'", "CONCAT may"),
     ("CAST(people AS VARCHAR) = '4'", "a cast of integer to text"), ("INITCAP(name) = 'A'", "INITCAP may")],
)  # fmt: skip
def test_a_condition_that_may_mean_something_else_is_refused_by_name(
    ruleset_file: Callable[..., Path], condition: str, why: str
) -> None:
    changed = (
        "check: in_range\n    column: sbp\n    min: 60\n    max: 300",
        f'check: expression\n    valid: "{condition}"',
    )
    ruleset = load(ruleset_file(changed, ("table: visits\n    check", "table: units\n    check"))).ruleset
    with pytest.raises(UnsaidError, match=why):
        Queries(ruleset, DUCKDB).of(ruleset.checks[0])


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("[0-9]{2}", "[0-9]{2}"), ("a.b", r"a[^\n]b"), (r"(a|b)\.c?", r"(?:a|b)\.c?"), (r"\d+", r"\p{Nd}+"),
     ("[^a-f]*", "[^a-f]*"), (r"[\d\-]", r"[\p{Nd}\-]"), ("绿+", "绿+")],
)  # fmt: skip
def test_a_pattern_that_means_the_same_everywhere_is_taken_over(pattern: str, said: str) -> None:
    assert portable(pattern, r"\p{Nd}") == said


@pytest.mark.parametrize(
    "pattern", [r"\w", r"\bx", "^a", "a$", "a*?", "(?i)a", r"\pL", "[[:alpha:]]", "[a&&b]", "a{300}", r"\s"]
)
def test_a_pattern_that_may_mean_something_else_is_refused(pattern: str) -> None:
    with pytest.raises(UnsaidError, match="the pattern"):
        portable(pattern, r"\p{Nd}")


def test_a_digit_of_any_script_has_no_name_in_postgres() -> None:
    with pytest.raises(UnsaidError, match="has no name for"):
        portable(r"\d", DIALECTS["postgres"].digit)


def test_the_folder_says_what_it_holds_and_what_it_does_not(tmp_path: Path) -> None:
    out = tmp_path / "sql"
    result = call("export", "sql", "capacity-grading", "--dialect", "duckdb", "--out", out)
    assert result.exit_code == 0
    manifest = json.loads((out / sql.MANIFEST).read_text(encoding="utf-8"))
    said, unsaid = manifest["rules"], manifest["not_expressed"]
    ruleset = load(ROOT / "rulesets" / "capacity-grading.yaml").ruleset
    assert sorted(each["rule"] for each in said + unsaid) == sorted(rule.id for rule in ruleset.checks)
    assert {each["file"] for each in said} == {f"rules/{path.name}" for path in (out / "rules").iterdir()}
    assert result.stdout.startswith(f"{len(said)} of {len(said) + len(unsaid)} rules in ")
    assert all(each["rule"] in result.stdout for each in unsaid)
    assert f"not: CG-FILLED: {ON_UNITS}" in result.stdout.splitlines()


def test_a_file_says_of_which_rule_it_is_and_what_to_do(tmp_path: Path) -> None:
    call("export", "sql", "bphs-2024", "--dialect", "postgres", "--out", tmp_path / "sql")
    remarks = [
        line
        for line in (tmp_path / "sql" / "rules" / "HTN-FACE.sql").read_text(encoding="utf-8").splitlines()
        if line.startswith("--")
    ]
    assert remarks[0] == "-- HTN-FACE: references on hypertension, severity major, effect disqualify"
    assert "-- fix: Submit the visits that were made, or take the mark away." in remarks
    assert any(line.startswith("-- ruleset: bphs-2024 2024.3, sha256 ") for line in remarks)


def test_a_title_of_many_lines_stays_in_its_remark(ruleset_file: Callable[..., Path], tmp_path: Path) -> None:
    rules = ruleset_file(("en: Out of range", 'en: "Out\\n; DROP TABLE visits; --"'))
    call("export", "sql", rules, "--dialect", "duckdb", "--out", tmp_path / "sql")
    text = (tmp_path / "sql" / "rules" / "V-SBP.sql").read_text(encoding="utf-8")
    assert len(sqlglot.parse(text, read="duckdb")) == 1
    assert "-- Out ; DROP TABLE visits; --" in text.splitlines()


def test_the_same_ruleset_gives_the_same_bytes_and_replaces_what_was_there(tmp_path: Path) -> None:
    def export() -> dict[str, bytes]:
        assert call("export", "sql", "family-doctor", "--dialect", "mysql", "--out", tmp_path / "sql").exit_code == 0
        return {str(path): path.read_bytes() for path in (tmp_path / "sql").rglob("*") if path.is_file()}

    first = export()
    (tmp_path / "sql" / "rules" / "OLD.sql").touch()
    assert export() == first


def test_a_folder_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    result = call("export", "sql", "family-doctor", "--dialect", "duckdb", "--out", tmp_path)
    assert result.exit_code == 2
    assert "AD003" in lines(result)[0]
    assert (tmp_path / "mine.txt").exists()
