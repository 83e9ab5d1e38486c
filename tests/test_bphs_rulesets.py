"""The national ruleset and the province on top of it: what every entry states, and what the province changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assess.indicators import Indicator
from assess.ruleset.load import load
from assess.ruleset.spec import Ruleset

ROOT = Path(__file__).parent.parent
NATIONAL = load(ROOT / "rulesets" / "bphs-national.yaml").ruleset
PROVINCE = load(ROOT / "rulesets" / "bphs-2024.yaml").ruleset
PAGE = (ROOT / "docs" / "basic-public-health.md").read_text(encoding="utf-8")


def of(ruleset: Ruleset) -> dict[str, Indicator]:
    return {indicator.id: indicator for indicator in ruleset.indicators}


@pytest.mark.parametrize("indicator", NATIONAL.indicators, ids=lambda indicator: indicator.id)
def test_every_indicator_says_what_it_counts_on_which_ground(indicator: Indicator) -> None:
    assert indicator.category is not None
    assert indicator.edition is not None
    assert re.search(r"20\d\d", indicator.edition["en"]), "an edition has a year"
    assert indicator.source is not None
    assert indicator.fix is not None
    assert indicator.target is not None
    assert indicator.numerator is not None
    if indicator.kind == "count":
        assert indicator.denominator is None
    else:
        assert indicator.denominator is not None
        assert indicator.denominator.source is not None
    if indicator.exclusions is not None:
        assert indicator.exclusions.source is not None
        assert indicator.numerator.table == indicator.exclusions.table, "who was reached is no exception"


def test_only_estimated_denominators_rest_on_a_prevalence() -> None:
    estimated = {i.id for i in NATIONAL.indicators if i.denominator and i.denominator.estimated}
    assert estimated == {"HTN-MGMT", "DM-MGMT"}
    for name in estimated:
        base = of(NATIONAL)[name].denominator
        assert base is not None
        assert base.sum is not None
        assert any(parameter.endswith("_prevalence") for parameter in base.sum.parameters)


def test_lost_to_follow_up_is_no_exception_from_control() -> None:
    for name, excepted in (("HTN-STD", True), ("DM-STD", True), ("HTN-CTRL", False), ("DM-CTRL", False)):
        excluded = of(NATIONAL)[name].exclusions
        assert excluded is not None
        assert excluded.where is not None
        assert ("失访" in excluded.where.text) == excepted


def test_a_rule_that_takes_records_from_one_rate_looks_at_the_table_that_rate_counts() -> None:
    named = [(rule, name) for rule in PROVINCE.checks for name in rule.indicators]
    assert len(named) > 10
    for rule, name in named:
        above = of(PROVINCE)[name].numerator
        assert above is not None
        assert above.table == rule.table, f"{rule.id} on {rule.table} cannot reach {name}"


def test_every_rule_says_how_to_mend_it_and_on_which_ground() -> None:
    written = [rule for rule in PROVINCE.checks if rule.check.kind != "parses"]
    assert [rule.id for rule in written if rule.fix is None or rule.source is None] == []


def test_the_province_changes_what_it_says_and_nothing_else() -> None:
    ours, base = of(PROVINCE), of(NATIONAL)
    assert set(base) - set(ours) == {"CON-PAID"}
    changed = {name for name, indicator in ours.items() if indicator != base[name]}
    assert changed == {"REC-STANDARD", "VAC-RATE", "ELD-MGMT", "CHD-MGMT"}
    assert all(ours[name].model_copy(update={"target": None}) == base[name].model_copy(update={"target": None})
               for name in changed)  # fmt: skip
    rules = {rule.id: rule for rule in NATIONAL.checks}
    own = {rule.id for rule in PROVINCE.checks if rules.get(rule.id) != rule}
    assert own == {"RES-PHONE", "RES-CHANGE", "VIS-BATCH", "VAC-PUNCTUAL"}
    assert PROVINCE.unit.levels == ("county", "prefecture")
    assert NATIONAL.allocation is None
    assert PROVINCE.allocation is not None


def test_the_page_names_all_that_is_there() -> None:
    counted = {str(i.category) for i in NATIONAL.indicators}
    assert f"{len(NATIONAL.indicators)} indicators in {len(counted)} categories" in PAGE
    names = [*of(NATIONAL), *NATIONAL.views]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_province_of_the_page_holds(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    path = tmp_path / "ours.yaml"
    path.write_text(block.group(1), encoding="utf-8")
    loaded = load(path)
    assert loaded.ruleset.parameters["hypertension_prevalence"] == 0.279
    assert "CON-PAID" not in of(loaded.ruleset)
