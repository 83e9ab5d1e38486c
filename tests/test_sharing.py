"""What the engine does in place of evaluating every rule by itself changes no outcome."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.checks import REGISTRY, Profile
from assess.checks.base import inline
from assess.checks.cases import Case, cases
from assess.checks.identity import ResidentId
from assess.engine import comparing
from assess.engine.held import Held
from assess.engine.local import Local
from assess.engine.plan import TablePlan, flag_of
from assess.ruleset.spec import Rule
from assess.tables import ROW, Table
from assess.texts import Text

ON_RECORDS = [case for kind, cls in REGISTRY.items() if not issubclass(cls, Profile) for case in cases(kind)]
COMPARING = [case for case in ON_RECORDS if case.build().compared()]


def rule_of(case: Case, **fields: Any) -> Rule:
    return Rule(id="R", table="t", title=Text(zh="规则", en="rule"), check=case.build(), **fields)


def plan_of(case: Case) -> TablePlan:
    table = Table.model_validate({"columns": {"u": {"type": "code"}}})
    return TablePlan("t", table, "u", (rule_of(case),), ())


def drawn(case: Case, data: st.DataObject) -> pl.DataFrame:
    """Records of a case, some of them several times, so that keys repeat in other ways than its author thought of."""
    picks = data.draw(st.lists(st.integers(0, case.frame().height - 1), min_size=1, max_size=20))
    units = data.draw(st.lists(st.sampled_from("AB"), min_size=len(picks), max_size=len(picks)))
    numbers = pl.arange(len(picks), dtype=pl.UInt32, eager=True)
    return case.frame()[picks].with_columns(u=pl.Series(units), _row=numbers)


def alone(plan: TablePlan, case: Case, rows: pl.DataFrame) -> pl.DataFrame:
    return plan.flagged(rows.lazy(), lambda name: case.table(name).lazy()).sort("_row").collect()


@pytest.mark.parametrize("case", ON_RECORDS, ids=lambda case: f"{case.kind}: {case.name}")
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_run_gives_the_outcomes_of_the_predicate(case: Case, data: st.DataObject) -> None:
    """Put by, counted by another expression, told by hashes: record by record the same."""
    plan, rows = plan_of(case), drawn(case, data)
    looked_up = alone(plan, case, rows)
    said = looked_up.select(pl.lit(value=True).alias("_"), R=case.build().outcome)["R"]
    assert looked_up[flag_of("R")].to_list() == said.to_list()
    outcome = Local().run(plan, lambda name: rows.lazy() if name == "t" else case.table(name).lazy())
    assert not outcome.broken
    assert outcome.failing["_row"].to_list() == said.not_().fill_null(value=False).arg_true().to_list()
    judged = pl.DataFrame({"u": rows["u"], "said": said}).group_by("u", maintain_order=True)
    expected = judged.agg(a=pl.col("said").count(), v=pl.col("said").not_().sum()).sort("u")
    assert outcome.measured["applicable R"].to_list() == expected["a"].to_list()
    assert outcome.measured["violated R"].to_list() == expected["v"].to_list()


@pytest.mark.parametrize("case", COMPARING, ids=lambda case: f"{case.kind}: {case.name}")
@pytest.mark.parametrize("hashes", ["all alike", "two of them"])
def test_keys_with_equal_hashes_are_told_apart(case: Case, hashes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of 64 bits is not a key. That two keys share one is too rare to wait for."""
    plan, rows = plan_of(case), case.frame().with_columns(u=pl.lit("A"))
    true_hash = comparing._hash
    few = {"all alike": 1, "two of them": 2}[hashes]
    monkeypatch.setattr(comparing, "_hash", lambda alike: true_hash(alike) % few)
    outcome = Local().run(plan, lambda name: rows.lazy() if name == "t" else case.table(name).lazy())
    assert outcome.failing["_row"].to_list() == [row for row, said in enumerate(case.expect) if said is False]
    assert outcome.measured["applicable R"].to_list() == [sum(said is not None for said in case.expect)]


def test_rules_on_one_column_share_what_they_read() -> None:
    held = Held()
    for aspect in ("form", "date", "check_digit"):
        ResidentId(column="id", verify=(aspect,)).shared(held)
    names = [name for stage in held.stages for name in stage]
    assert len(names) == len(set(names))
    assert sum("cast" in str(expr) and "slice" in str(expr) for stage in held.stages for expr in stage.values()) == 1
    other = Held()
    ResidentId(column="other").shared(other)
    assert not set(names) & {name for stage in other.stages for name in stage}


FORM = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
NUMBERS = st.one_of(
    st.from_regex(r"\A[1-9][0-9]{16}[0-9Xx]\Z"),
    st.from_regex(r"\A[ +\-1-9][0-9]{14,18}[0-9Xx]?\Z"),
    st.text("0123456789X+- \u4e00\uff11\U0001f600", min_size=0, max_size=19),
    st.from_regex(r"\A[0-9]{5}[0-9_.eE+\- \u4e00]{1,3}[0-9]{9,11}[Xx]?\Z"),
)


@given(st.lists(NUMBERS, min_size=1, max_size=40))
@settings(deadline=None)
def test_integers_tell_the_form_of_a_number_as_well_as_a_pattern(numbers: list[str]) -> None:
    frame = pl.DataFrame({"id": numbers})
    said = frame.select(form=ResidentId(column="id", verify=("form",)).shared(inline))["form"].to_list()
    assert said == [FORM.fullmatch(number) is not None for number in numbers]


@given(st.integers(1800, 2150), st.integers(0, 13), st.integers(0, 32))
@settings(deadline=None)
def test_days_told_by_arithmetic_are_days_of_the_calendar(year: int, month: int, day: int) -> None:
    number = f"110105{year:04}{month:02}{day:02}0015"
    check = ResidentId(column="id", verify=("date", "birth_date"), birth_date="born")
    text = f"{year:04}{month:02}{day:02}"
    born = pl.Series([text]).str.to_date("%Y%m%d", strict=False)
    frame = pl.DataFrame({"id": [number], "born": born})
    assert frame.select(ok=check.outcome)["ok"].to_list() == [born[0] is not None and year >= 1850]


def test_hashes_of_which_only_half_is_equal_are_not_shared() -> None:
    hashes = [1, 1 + 2**32, 7, 7, None, None, 0, 2**32, 9 + 2**33, 9 + 2**33]
    keys = pl.DataFrame({ROW: range(10), "hash": hashes}, schema={ROW: pl.UInt32, "hash": pl.UInt64})
    assert comparing._shared(keys)[ROW].sort().to_list() == [2, 3, 8, 9]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.sampled_from([True, False, None])), max_size=25),
    st.lists(st.sampled_from([None, "chosen", "NOT chosen", "other = 1"]), min_size=2, max_size=4),
)
@settings(deadline=None)
def test_rules_that_compare_by_one_key_share_it_whatever_they_select(
    lines: list[tuple[str, int, bool | None]], selected: list[str | None]
) -> None:
    frame = pl.DataFrame(lines, schema={"key": pl.String, "other": pl.Int64, "chosen": pl.Boolean}, orient="row")
    frame = frame.with_columns(u=pl.lit("A"), _row=pl.arange(frame.height, dtype=pl.UInt32, eager=True))
    made = [
        Rule.model_validate(
            {"id": f"R{i}", "table": "t", "title": {"zh": "规则", "en": "rule"}, "columns": ["key"]}
            | ({"check": "at_most", "max": 2} if i == 1 else {"check": "unique"})
            | ({"where": where} if where is not None else {})
        )
        for i, where in enumerate(selected)
    ]
    for closely in (False, True):
        known = comparing.verdicts(made, frame.lazy(), closely=closely)
        for rule in made:
            said = frame.select(comparing.flag(rule, known).alias("said"))["said"].to_list()
            assert said == frame.select(said=rule.check.outcome)["said"].to_list()
