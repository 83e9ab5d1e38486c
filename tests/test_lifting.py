"""What a rule keeps out of a view is what the view would verify more without it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import RULESET
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.engine.lifting import Lifting
from assess.engine.local import Local
from assess.engine.passes import Going
from assess.engine.plan import TablePlan, plans, scans
from assess.ruleset.load import load
from assess.ruleset.spec import Ruleset

POSTS = """\
  posts:
    columns:
      unit: {type: code, required: true}
      staffed: {type: integer}
checks:
  - {id: P-STAFF, table: posts, check: in_range, column: staffed, min: 1, effect: disqualify, title: Nobody there}
  - {id: V-DUP, table: visits, check: unique, columns: [person, day], effect: disqualify, title: Twice}
  - {id: V-WEIGHT, table: visits, check: in_range, column: weight, max: 200, effect: disqualify, title: Too heavy}
"""
ON_THE_VIEW = """\
  - {id: S-ONCE, table: seen, check: unique, columns: [person], effect: disqualify, title: More than one}
  - {id: S-DONE, table: seen, check: not_null, column: done, effect: disqualify, title: Not said}
"""
LATEST = """\
SELECT unit, person, day, done FROM visits
      QUALIFY ROW_NUMBER() OVER (PARTITION BY person ORDER BY day DESC, unit, done) = 1"""
VIEWS = {
    "the latest": (LATEST, ""),
    "a table that names nobody": ("SELECT v.unit, v.person, v.done FROM visits v JOIN posts p ON v.unit = p.unit", ""),
    "one that asks for sound records": ("SELECT unit, person, done FROM visits WHERE NOT disqualified", ""),
    "rules on the view": ("SELECT unit, person, done FROM visits", ON_THE_VIEW),
}
WHO = st.sampled_from(["p", "q", "r", None])
VISITS = st.tuples(
    st.sampled_from("AB"), WHO, st.sampled_from([120, 900, None]), st.sampled_from(["01-01", "02-01", None]),
    st.sampled_from([True, False, None]), st.sampled_from([60.0, 500.0, None]),
)  # fmt: skip
POST = st.tuples(st.sampled_from("AB"), st.sampled_from([0, 2, None]))


def ruleset_of(view: str) -> Ruleset:
    sql, rules = VIEWS[view]
    seen = f"views:\n  seen:\n    per: person\n    sql: >-\n      {sql}\nchecks:\n"
    text = RULESET.replace("checks:\n", POSTS, 1).replace("checks:\n", seen, 1)
    text = text.replace("indicators:\n", f"{rules}indicators:\n", 1).replace(
        "{table: visits, where: done}", "{table: seen, where: done}"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ruleset.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path).ruleset


RULESETS = {view: ruleset_of(view) for view in VIEWS}


def verified(ruleset: Ruleset, made: Mapping[str, TablePlan], frames: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    """What the indicator verifies in each unit, by plans that judge everything anew."""
    tables = scans(ruleset, made, lambda name: frames[name].lazy())
    measured = Local().run(made["seen"], tables).measured
    return dict(measured.select("unit", pl.col("numerator VISITED verified").fill_null(0.0)).rows())


@pytest.mark.parametrize("view", VIEWS)
@given(visits=st.lists(VISITS, max_size=8), posts=st.lists(POST, max_size=3))
@settings(max_examples=25, deadline=None)
def test_lifting_a_rule_is_doing_without_it(view: str, visits: list[Any], posts: list[Any]) -> None:
    ruleset = RULESETS[view]
    given_ = {
        "visits": [(*row[:3], f"2024-{row[3]}" if row[3] else None, *row[4:]) for row in visits],
        "posts": posts,
        "units": [("A", "Ay", "east", 4), ("B", "Bee", "east", 4)],
    }
    frames = {}
    for name, table in ruleset.tables.items():
        plain = pl.DataFrame(given_[name], schema=dict.fromkeys(table.columns, pl.Object), orient="row")
        columns = [pl.Series(column, plain[column].to_list(), strict=False) for column in table.columns]
        marks = {"_row": pl.UInt32, "_line": pl.UInt32}
        numbers = [pl.arange(len(given_[name]), eager=True).cast(dtype).alias(mark) for mark, dtype in marks.items()]
        frame = pl.DataFrame([*columns, *numbers]).with_columns(_file=pl.lit(0), _rejected=pl.lit(None))
        day = [pl.col("day").cast(pl.String).str.to_date()] if "day" in table.columns else []
        frames[name] = frame.with_columns(day).select(pl.col(name).cast(dtype) for name, dtype in table.dtypes.items())
    made = plans(ruleset)
    with tempfile.TemporaryDirectory() as folder:
        going = Going(ruleset, made, lambda name: frames[name].lazy(), Path(folder))
        for name, plan in made.items():
            going.settle(name, Local().run(plan, going.tables))
        gained = Lifting(ruleset, going.passed(), made["seen"], lambda name: frames[name].lazy()).gained()
    now = verified(ruleset, made, frames)
    violated = {rule.id for rule in ruleset.checks if rule.effect == "disqualify" and rule.table in made}
    found: dict[str, dict[str, float]] = {}
    for line in gained.iter_rows(named=True):
        assert (line["indicator"], line["side"]) == ("VISITED", "numerator")
        found.setdefault(line["rules"], {})[line["unit"]] = line["amount"]
    for rule in violated:
        without = verified(ruleset, {name: plan.without({rule}) for name, plan in made.items()}, frames)
        expected = {unit: amount - now.get(unit, 0.0) for unit, amount in without.items()}
        assert found.pop(json.dumps([rule]), {}) == {unit: more for unit, more in expected.items() if more}, rule
    # What is left stands under the set of all rules that anybody violates.
    assert len(found) <= 1
    without = verified(ruleset, {name: plan.without(violated) for name, plan in made.items()}, frames)
    more = {unit: amount - now.get(unit, 0.0) for unit, amount in without.items()}
    everything = gained.group_by("unit").agg(pl.col("amount").sum())
    assert {unit: said for unit, said in everything.rows() if said} == {
        unit: said for unit, said in more.items() if said
    }
