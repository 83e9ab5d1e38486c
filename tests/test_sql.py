"""Conditions are SQL over one record; parameters are data and stay data."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from assess.sql import Sql, parameters_in


def value_of(text: str, row: dict[str, Any], parameters: dict[str, Any] | None = None) -> Any:
    return pl.DataFrame([row]).select(Sql.parse(text, parameters).expr).item()


@pytest.mark.parametrize(
    "text",
    ["COUNT(*) > 1", "SUM(a) > 1", "a > MAX(b)", "ROUND(AVG(a)) = 1", "FIRST(a) = 1", "COUNT(DISTINCT a) = 1",
     "CASE WHEN b > 1 THEN SUM(a) END > 1", "a > 1 AND MEDIAN(b) < 3", "QUANTILE_CONT(a, 0.5) > 1", "CORR(a, b) > 0",
     "ROW_NUMBER() OVER (ORDER BY a) = 1", "LAG(a) OVER (ORDER BY b) > 1", "SUM(a) OVER (PARTITION BY b) > 1",
     "a > ALL(b)", "EXISTS (SELECT 1)", "UNNEST(a) > 1", "STRING_AGG(a, ',') = 'x'"],
)  # fmt: skip
def test_what_needs_other_records_is_refused_because_parts_would_not_add_up(text: str) -> None:
    with pytest.raises(ValueError, match="more than one record"):
        Sql.parse(text)


@pytest.mark.parametrize("text", ["CURRENT_DATE > day", "day < current_timestamp", "NOW() > day", "LOCALTIME > a"])
def test_what_reads_the_clock_is_refused_because_a_run_could_not_be_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="@as_of"):
        Sql.parse(text)


@pytest.mark.parametrize("text", ["COLUMNS('.*') > 1", '"^.*$" > 1'])
def test_columns_by_pattern_are_refused_because_they_name_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="by a pattern"):
        Sql.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "(", "*", "a,", "a; DROP TABLE visits", "SELECT 1", "a IN (SELECT b FROM visits)", "a = 'open",
     "no_such_function(a)", "a > :name", "a > $1", "a > ?", "DATE 'x' > day", "read_csv('/etc/passwd')"],
)  # fmt: skip
def test_what_is_no_expression_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="not a SQL expression") as refused:
        Sql.parse(text)
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 300


def test_an_expression_that_is_too_deep_is_refused() -> None:
    with pytest.raises(ValueError, match="nested"):
        Sql.parse("+".join(["a"] * 1900))


@pytest.mark.parametrize("column", ["Len", "Over", "Agg", "Sort", "now", "count", "sum"])
def test_columns_may_bear_the_names_of_what_is_refused(column: str) -> None:
    sql = Sql.parse(f'"{column}" > 3 AND "{column}" <> 5')
    assert sql.columns == [column]
    assert value_of(f'"{column}" > 3', {column: 4}) is True


def test_text_may_hold_the_words_that_are_refused() -> None:
    sql = Sql.parse("note IN ('Over', 'CURRENT_DATE', 'now()') OR note LIKE '%Agg%' OR note = 'SUM(a)'")
    assert sql.columns == ["note"]
    assert value_of("note = 'NOW()'", {"note": "NOW()"}) is True


def test_columns_are_listed_once_in_order_of_appearance() -> None:
    assert Sql.parse('b > a AND a > 0 AND "c d" = b').columns == ["b", "a", "c d"]


def test_a_parameter_inside_quotes_or_a_remark_stays_text() -> None:
    text = "a = '@x' AND \"@x\" = 1 AND b = 'it''s @x' /* it's @x */ AND c = @x -- it's @x"
    assert Sql.parse(text, {"x": 5}).columns == ["a", "@x", "b", "c"]
    assert "c = 5" in Sql.parse(text, {"x": 5}).bound
    assert parameters_in(text) == {"x"}


def test_a_parameter_that_nobody_declared_is_named() -> None:
    with pytest.raises(ValueError, match="@per_capita is not declared"):
        Sql.parse("people * @per_capita", {"percapita": 1})


@pytest.mark.parametrize(
    "hostile",
    ["x' OR 1=1 --", "'; DROP TABLE visits; --", "''", "\\", '"', "@other", "a\nb", "\0", "%", "*/", "全角＇"],
)
def test_a_text_parameter_cannot_leave_its_quotes(hostile: str) -> None:
    sql = Sql.parse("name = @wanted AND secret = 1", {"wanted": hostile, "other": 1})
    assert sql.columns == ["name", "secret"]
    assert value_of("name = @wanted", {"name": hostile}, {"wanted": hostile, "other": 1}) is True
    assert value_of("name = @wanted", {"name": "x"}, {"wanted": hostile, "other": 1}) is False


@given(st.text(max_size=30))
def test_any_text_parameter_equals_itself(text: str) -> None:
    assert value_of("name = @wanted", {"name": text}, {"wanted": text}) is True


@pytest.mark.parametrize("number", [-1, -2.5, 0, 7, 1e-7, 1e16, -1e300, 2**62])
def test_a_number_parameter_is_that_number_whatever_stands_before_it(number: float) -> None:
    assert value_of("a = @n", {"a": number}, {"n": number}) is True
    # `5-@n` with a negative number must not become a remark, which would hide the rest.
    assert value_of("5-@n > 5", {"a": 1}, {"n": number}) is (5 - number > 5)


def test_dates_and_truth_values_are_parameters_too() -> None:
    row = {"day": dt.date(2024, 6, 30), "on": True}
    assert value_of('day <= @last AND "on" = @flag', row, {"last": dt.date(2024, 6, 30), "flag": True}) is True
    assert value_of("day <= @last", row, {"last": dt.date(2024, 6, 29)}) is False


def test_null_is_neither_true_nor_false() -> None:
    assert value_of("a > 1", {"a": None}) is None
    assert value_of("a > 1 OR b > 1", {"a": None, "b": 2}) is True


class Holder(BaseModel):
    sql: Sql


def test_in_a_model_numbers_and_truth_values_are_expressions_and_nothing_else_is() -> None:
    assert Holder.model_validate({"sql": 1}).sql.text == "1"
    assert Holder.model_validate({"sql": True}).sql.text == "TRUE"
    for wrong in (None, "", "  ", ["a"], {"a": 1}):
        with pytest.raises(ValidationError, match="SQL expression"):
            Holder.model_validate({"sql": wrong})


def test_what_was_written_is_kept_beside_what_is_run() -> None:
    holder = Holder.model_validate({"sql": " people * @rate "}, context={"parameters": {"rate": 0.5}})
    assert (holder.sql.text, holder.sql.bound) == ("people * @rate", "people * 0.5")
    assert holder.model_dump() == {"sql": "people * @rate"}
