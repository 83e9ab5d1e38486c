"""The engine: one plan a table, sums that add, rules that break alone."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.checks import REGISTRY, Profile
from assess.checks.cases import Case, cases
from assess.engine.counts import Count
from assess.engine.dry_run import dry_run
from assess.engine.local import Local
from assess.engine.plan import TablePlan, combine, plans
from assess.indicators import Measure
from assess.ruleset.spec import Rule, Ruleset
from assess.tables import FILE, Table
from assess.texts import Text

ALL = [case for kind in REGISTRY for case in cases(kind)]
TITLE = Text(zh="规则", en="rule")


def plan_of(case: Case) -> TablePlan:
    check = case.build()
    effect: Any = "review" if isinstance(check, Profile) else "disqualify"
    rule = Rule(id="R", table="t", title=TITLE, effect=effect, check=check)
    count = Count("I", "numerator", Measure(table="t"))
    table = Table.model_validate({"columns": {"u": {"type": "code"}}})
    return TablePlan("t", table, "u", (rule,), (count,))


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.kind}: {case.name}")
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_measurements_of_parts_add_up_to_the_whole(case: Case, data: st.DataObject) -> None:
    plan = plan_of(case)
    size = data.draw(st.integers(1, 25))
    picks = data.draw(st.lists(st.integers(0, case.frame().height - 1), min_size=size, max_size=size))
    units = data.draw(st.lists(st.sampled_from("ABC"), min_size=size, max_size=size))
    shards = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    rows = case.frame()[picks].with_columns(u=pl.Series(units), _row=pl.arange(size, dtype=pl.UInt32, eager=True))
    # Rows that a check compares stay together: they go where the first row of their key goes.
    for keys in plan.partition_by:
        first: dict[Any, int] = {}
        shards = [first.setdefault(key, shard) for key, shard in zip(rows.select(keys).rows(), shards, strict=True)]

    def measured(part: pl.DataFrame) -> pl.DataFrame:
        return plan.measured(plan.flagged(part.lazy(), lambda name: case.table(name).lazy())).collect(
            engine="streaming"
        )

    parts = [measured(rows.filter(pl.Series(shards) == shard)) for shard in sorted(set(shards))]
    assert combine(parts, "u").equals(measured(rows).sort("u"))


def small(**changes: Any) -> Ruleset:
    base: dict[str, Any] = {
        "ruleset": "small",
        "version": "1",
        "title": "small",
        "unit": {"table": "units", "key": "u"},
        "tables": {
            "units": {"columns": {"u": {"type": "code"}, "people": {"type": "integer"}}},
            "visits": {
                "columns": {
                    "u": {"type": "code"},
                    "name": {"type": "text", "personal": True},
                    "sbp": {"type": "integer"},
                    "seen": {"type": "date"},
                }
            },
        },
        "checks": [{"id": "SBP", "table": "visits", "title": "t", "check": "in_range", "column": "sbp", "max": 300}],
    }
    return Ruleset.model_validate(base | changes)


def visits(*rows: tuple[str, str | None, int | None]) -> pl.LazyFrame:
    frame = pl.DataFrame(rows, schema={"u": pl.String, "name": pl.String, "sbp": pl.Int64}, orient="row")
    return frame.lazy().with_columns(
        seen=pl.lit(None, dtype=pl.Date),
        _row=pl.int_range(pl.len(), dtype=pl.UInt32),
        _line=pl.int_range(2, pl.len() + 2, dtype=pl.UInt32),
        **{FILE: pl.lit(0, dtype=pl.UInt32), "_rejected": pl.lit(None, dtype=pl.String)},
    )


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"check": "expression", "valid": "name > 3"}, "compare"),
        ({"check": "expression", "valid": "sbp + 1"}, "not true or false"),
        ({"check": "matches", "column": "sbp", "pattern": "x"}, "String"),
        ({"check": "in_range", "column": "name", "max": 3}, "compare"),
        ({"check": "expression", "valid": "seen > 'yesterday'"}, ""),
        ({"check": "references", "columns": ["sbp"], "to": "units", "keys": ["u"]}, "join"),
    ],
)
def test_a_rule_that_cannot_run_is_named_before_the_run(rule: dict[str, Any], word: str) -> None:
    ruleset = small()
    broken = ruleset.model_copy(
        update={
            "checks": (*ruleset.checks, Rule.model_validate({"id": "BAD", "table": "visits", "title": "t", **rule}))
        }
    )
    found = dry_run(broken)
    assert list(found) == ["BAD"]
    assert word in found["BAD"]


def test_a_measure_that_cannot_run_is_named_by_its_indicator() -> None:
    measure = {"table": "visits", "where": "name + 1 > 3"}
    ruleset = small(indicators=[{"id": "I", "title": "t", "kind": "count", "numerator": measure}])
    assert list(dry_run(ruleset)) == ["I"]


def test_a_rule_that_breaks_on_the_data_leaves_the_others_running() -> None:
    ruleset = small(
        checks=[
            {"id": "SBP", "table": "visits", "title": "t", "check": "in_range", "column": "sbp", "max": 300},
            {"id": "BAD", "table": "visits", "title": "t", "check": "expression", "valid": "CAST(name AS INT) > 3"},
        ]
    )
    assert not dry_run(ruleset), "an empty table shows nothing wrong with it"
    plan = plans(ruleset)["visits"]
    outcome = Local().run(plan, lambda _: visits(("A", "5", 400), ("A", "x", 100)))
    assert list(outcome.broken) == ["BAD"]
    assert outcome.measured.select("applicable SBP", "violated SBP").row(0) == (2, 1)


def test_null_is_not_applicable_and_never_violated() -> None:
    plan = plans(small())["visits"]
    measured = Local().run(plan, lambda _: visits(("A", "x", None), ("A", "x", 1), ("B", "x", None))).measured
    assert measured.select("u", "applicable SBP", "violated SBP").rows() == [("A", 1, 0), ("B", 0, 0)]


def test_a_disqualified_record_leaves_the_verified_count_and_stays_in_the_raw_one() -> None:
    rule = {"id": "SBP", "table": "visits", "title": "t", "check": "in_range", "column": "sbp", "max": 300}
    ruleset = small(
        checks=[{**rule, "effect": "disqualify"}],
        indicators=[
            {"id": "N", "title": "t", "kind": "count", "numerator": {"table": "visits", "where": "name = 'x'"}},
            {"id": "S", "title": "t", "kind": "points", "numerator": {"table": "visits", "sum": "sbp"}},
        ],
    )
    rows = visits(("A", "x", 400), ("A", "x", 100), ("A", "y", 100), ("A", "x", None))
    measured = Local().run(plans(ruleset)["visits"], lambda _: rows).measured
    columns = ["numerator N", "numerator N verified", "numerator S", "numerator S verified"]
    assert measured.select(columns).row(0) == (3.0, 2.0, 600.0, 200.0)


def test_failing_records_are_every_violated_record_and_no_other() -> None:
    plan = plans(small())["visits"]
    failing = Local().run(plan, lambda _: visits(("A", "x", 400), ("A", "x", 100), ("B", "x", 301))).failing
    assert failing["_row"].to_list() == [0, 2]
