"""Every kind of check against its case file, and the laws that all kinds keep."""

from __future__ import annotations

import inspect

import polars as pl
import pytest

from assess.checks import REGISTRY, Profile
from assess.checks.cases import Case, cases
from assess.engine.plan import TablePlan, flag_of, sums
from assess.ruleset.spec import Rule
from assess.tables import Table
from assess.texts import Text

ALL = [case for kind in REGISTRY for case in cases(kind)]
ON_RECORDS = [case for case in ALL if not issubclass(REGISTRY[case.kind], Profile)]
ON_UNITS = [case for case in ALL if issubclass(REGISTRY[case.kind], Profile)]


def plan_of(case: Case, unit: str) -> TablePlan:
    fields = {"id": "R", "table": "t", "title": Text(zh="规则", en="rule"), "check": case.build()}
    effect = {"effect": "review"} if case in ON_UNITS else {}
    table = Table.model_validate({"columns": {unit: {"type": "code"}}})
    return TablePlan("t", table, unit, (Rule.model_validate(fields | effect),), ())


def outcome(case: Case) -> pl.DataFrame:
    plan = plan_of(case, "u")
    rule = plan.rules[0]
    reasons = [pl.when(expr).then(pl.lit(name)) for name, expr in rule.check.reasons().items()]
    flagged = plan.flagged(case.frame().lazy(), lambda name: case.table(name).lazy())
    reason = pl.coalesce(reasons) if reasons else pl.lit(None, dtype=pl.String)
    return flagged.with_columns(reason=pl.when(pl.col(flag_of("R")).not_()).then(reason)).collect(engine="streaming")


@pytest.mark.parametrize("case", ON_RECORDS, ids=lambda case: f"{case.kind}: {case.name}")
def test_case(case: Case) -> None:
    result = outcome(case).sort("_row")
    assert result[flag_of("R")].to_list() == case.expect
    if case.reasons is not None:
        assert result["reason"].to_list() == case.reasons


@pytest.mark.parametrize("case", ON_RECORDS, ids=lambda case: f"{case.kind}: {case.name}")
def test_the_figures_of_a_record_can_be_shown_whatever_it_says(case: Case) -> None:
    """They are computed for every record of a listed table, so 0 of nothing at 0 % must not break the rule."""
    plan = plan_of(case, "u")
    flagged = plan.flagged(case.frame().lazy(), lambda name: case.table(name).lazy())
    shown = plan.explained(flagged).collect(engine="streaming")
    assert shown.height == case.frame().height


@pytest.mark.parametrize("case", ON_UNITS, ids=lambda case: f"{case.kind}: {case.name}")
def test_case_on_units(case: Case) -> None:
    plan = plan_of(case, "unit")
    measured = plan.measured(plan.flagged(case.frame().lazy(), lambda name: case.table(name).lazy()))
    verdicts = case.build_profile().judge(sums(plan, "R", measured.collect(engine="streaming")), case.earlier())
    assert dict(verdicts.select("unit", "valid").rows()) == case.expect
    assert all(dtype == pl.String for name, dtype in verdicts.schema.items() if name not in ("valid",))
    if case.reasons is not None:
        assert dict(verdicts.filter(pl.col("valid").not_()).select("unit", "reason").rows()) == case.reasons


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_kind_has_a_manual_and_shows_every_outcome(kind: str) -> None:
    cls = REGISTRY[kind]
    assert inspect.getdoc(cls), f"{kind} has no docstring"
    assert cls.__doc__ is not cls.__mro__[1].__doc__, f"{kind} inherits its docstring"
    undescribed = [name for name, info in cls.model_fields.items() if not info.description]
    assert not undescribed, f"{kind} has fields without a description"
    shown = {expected for case in cases(kind) for expected in case.expected()}
    assert shown == {True, False, None}, f"tests/checks/{kind}.yaml does not show every outcome"


@pytest.mark.parametrize("kind", REGISTRY)
def test_a_field_of_a_kind_is_none_of_the_rule_in_which_it_stands(kind: str) -> None:
    # Both are written beside each other, and the rule would take it for its own.
    written = {info.alias or name for name, info in REGISTRY[kind].model_fields.items()}
    assert not written & set(Rule.model_fields)


def test_every_case_file_belongs_to_a_kind() -> None:
    from assess.checks.cases import folder

    assert {path.stem for path in folder().glob("*.yaml")} == set(REGISTRY)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.kind}: {case.name}")
def test_a_check_is_an_expression_that_can_be_sent_elsewhere(case: Case) -> None:
    check = case.build()
    exprs = list(check.amounts("unit").values()) if isinstance(check, Profile) else [check.outcome]
    for expr in exprs:
        assert pl.Expr.deserialize(expr.meta.serialize()).meta.eq(expr)
