"""Rules on units: their statistics worked out by hand, and their way from a submission to a sentence in the report."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from stdnum.cn import uscc

from assess.checks import REGISTRY, Profile
from assess.checks.signals import modified_z
from assess.engine.dry_run import dry_run
from assess.engine.local import Local
from assess.engine.plan import plans
from assess.engine.profiles import judge
from assess.errors import RulesetError
from assess.pipeline import assess
from assess.report.html import render
from assess.results import Directory
from assess.ruleset.load import load
from assess.ruleset.spec import Rule

Write = Callable[..., Path]


def verdicts(kind: str, fields: Mapping[str, Any], sums: Mapping[str, list[Any]]) -> pl.DataFrame:
    check = REGISTRY[kind].model_validate(fields)
    assert isinstance(check, Profile)
    count = len(next(iter(sums.values())))
    return check.judge(pl.DataFrame({"unit": [chr(65 + i) for i in range(count)], **sums}))


def z_of(values: list[float], peers: list[bool] | None = None) -> list[float | None]:
    frame = pl.DataFrame({"x": values, "peer": peers or [True] * len(values)})
    return frame.select(z=modified_z(pl.col("x"), pl.col("peer")))["z"].to_list()


def test_the_modified_z_is_that_of_iglewicz_and_hoaglin() -> None:
    # Median 3, deviations 2 1 0 1 97, of which the median is 1.
    assert z_of([1, 2, 3, 4, 100]) == pytest.approx([-1.349, -0.6745, 0, 0.6745, 65.4265])


def test_where_the_median_deviation_is_zero_the_mean_deviation_takes_its_place() -> None:
    # Median 1; the deviations are 0 0 0 0 5, of which the mean is 1.
    assert z_of([1, 1, 1, 1, 6]) == pytest.approx([0, 0, 0, 0, 5 / 1.253314])
    assert z_of([2, 2, 2]) == [0, 0, 0]


def test_a_place_too_small_to_be_judged_does_not_shift_the_others() -> None:
    assert z_of([1, 2, 3, 4, 100, 9999], [True] * 5 + [False])[:5] == pytest.approx(z_of([1, 2, 3, 4, 100]))
    assert z_of([1, 2, 3, 4, 100, 9999], [True] * 5 + [False])[5] is None


def test_the_figures_of_an_outlier_are_those_it_was_judged_by() -> None:
    sums = {"total": [5, 5, 6, 4, 5, 10], "records": [10] * 6}
    found = verdicts("outlier", {"numerator": "x", "min_records": 10}, sums).row(5, named=True)
    # Median 0.5; deviations 0 0 0.1 0.1 0 0.5, of which the median is 0.05.
    assert found["valid"] is False
    assert (found["value"], found["median"], found["peers"]) == ("1.0", "0.5", "6")
    assert float(found["z"]) == pytest.approx(0.6745 * 0.5 / 0.05, abs=0.006)


def test_heaping_is_the_z_of_two_proportions_divided_by_the_over_dispersion() -> None:
    n, heaped = [100] * 6, [60, 62, 64, 58, 61, 10]
    found = verdicts("heaping", {"column": "x"}, {"records": n, "heaped": heaped})
    pooled, z = sum(heaped) / 600, []
    for k in heaped:
        others = (sum(heaped) - k) / 500
        z.append((k / 100 - others) / math.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 500)))
    # The 10th and 90th percentile of six, taken inwards, are the second and the fifth in order.
    low, high = sorted(z)[1], sorted(z)[4]
    dispersion = max(1.0, sum(min(max(value, low), high) ** 2 for value in z) / 6)
    assert [float(value) for value in found["z"]] == pytest.approx([v / math.sqrt(dispersion) for v in z], abs=0.006)
    assert found["valid"].to_list() == [True] * 5 + [False]
    assert found["expected"][5] == "0.61"


def test_units_that_differ_among_each_other_are_not_all_accused_of_heaping() -> None:
    # With 10,000 values each, every one of these shares is far beyond chance; none is far beyond the others.
    heaped = [5000, 5500, 6000, 6500, 7000, 4500, 5200, 6300]
    found = verdicts("heaping", {"column": "x"}, {"records": [10_000] * 8, "heaped": heaped})
    assert found["valid"].to_list() == [True] * 8


def test_spread_is_the_standard_deviation_of_the_sample() -> None:
    values = [[1, 2, 3, 4], [2, 4, 6, 8], [1, 2, 3, 4.0], [5, 5, 5, 6]]
    sums = {
        "values": [4] * 4,
        "total": [float(sum(v)) for v in values],
        "squares": [float(sum(x * x for x in v)) for v in values],
    }
    found = verdicts("too_regular", {"spread": "x", "min_records": 3, "min_peers": 3}, sums)
    # Variances 5/3, 20/3, 5/3 and 1/4; the median of the deviations is that of 5/3.
    assert found["spread"].to_list() == ["1.290994", "2.581989", "1.290994", "0.5"]
    assert found["usual"].to_list() == ["1.290994"] * 4
    assert found["valid"].to_list() == [True, True, True, False]


def test_the_chance_that_two_records_agree_does_not_grow_with_the_unit() -> None:
    # Ten values that are equally frequent: 4 of each in a small unit, 400 of each in a large one.
    small, large = 10 * 4 * 3, 10 * 400 * 399
    sums = {"compared": [40, 40, 4000], "pairs": [small, small, large], "alike": [40, 40, 4000]}
    found = verdicts("too_regular", {"identical": ["x"], "min_peers": 3}, sums)
    assert found["chance"].to_list() == ["0.076923", "0.076923", "0.099775"]
    assert found["valid"].to_list() == [True] * 3


def test_copies_in_one_unit_are_seen_even_where_the_others_have_none() -> None:
    sums = {"compared": [50] * 6, "pairs": [0, 0, 0, 0, 0, 20], "alike": [0, 0, 0, 0, 0, 10]}
    found = verdicts("too_regular", {"identical": ["x"]}, sums)
    # 20 of 2,450 pairs there, 20 of 14,700 in all units together: six times as often.
    assert found["valid"].to_list() == [True] * 5 + [False]
    assert found["reason"][5] == "records_alike"


BASE31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"


# The other implementation refuses letters at the head, which the standard has (N, Y: registers of other authorities).
@given(st.from_regex(r"[1-9]{2}", fullmatch=True), st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
       st.text(BASE31, min_size=10, max_size=10), st.booleans())  # fmt: skip
def test_credit_codes_are_judged_as_by_another_implementation(head: str, place: str, tail: str, right: bool) -> None:
    number = head + place + tail
    if right:
        number = number[:17] + uscc.calc_check_digit(number[:17])
    check = REGISTRY["organisation_code"].model_validate({"column": "code"})
    assert pl.DataFrame({"code": [number]}).select(check.outcome.alias("valid"))["valid"][0] is uscc.is_valid(number)


# --- From the ruleset to the report ---------------------------------------------------------------------------------

RULE = {"id": "S", "table": "visits", "title": "t"}


def test_a_signal_ends_in_a_review_and_nothing_else() -> None:
    assert Rule.model_validate({**RULE, "check": "heaping", "column": "sbp"}).effect == "review"
    assert Rule.model_validate({**RULE, "check": "filled_share", "column": "sbp", "min": 0.9}).effect == "report"
    with pytest.raises(ValidationError, match="signal and no proof"):
        Rule.model_validate({**RULE, "check": "heaping", "column": "sbp", "effect": "report"})
    with pytest.raises(ValidationError, match="no records to disqualify"):
        Rule.model_validate({**RULE, "check": "filled_share", "column": "sbp", "min": 0.9, "effect": "disqualify"})


def with_rule(ruleset_file: Write, *lines: str) -> Path:
    rule = "\n".join(f"    {line}" for line in lines)
    return ruleset_file(("indicators:\n", f"  - id: SIGNAL\n    table: visits\n{rule}\n    title: 信号\nindicators:\n"))


@pytest.mark.parametrize(
    "rule",
    [
        ("check: heaping", "column: person"),
        ("check: outlier", "mean: day"),
        ("check: outlier", "mean: person"),
        ("check: outlier", "numerator: sbp + 1"),
        ("check: change_since", "sum: person"),
        ("check: too_regular", "spread: day"),
        ("check: filled_share", "column: sbp", "min: 0.5", "where: sbp + 1"),
        ("check: not_after", "column: person", "other: day"),
        ("check: not_future", "column: person", "by: '@as_of'"),
        ("check: within_days", "from: person", "to: person"),
        ("check: spacing", "columns: [unit]", "date: person", "min: 1"),
        ("check: precision", "column: weight", "exactly: 1"),
        ("check: required_if", "column: sbp", "when: sbp + 1"),
    ],
    ids=", ".join,
)
def test_a_rule_that_cannot_run_is_named_before_the_run(ruleset_file: Write, rule: tuple[str, ...]) -> None:
    assert list(dry_run(load(with_rule(ruleset_file, *rule)).ruleset)) == ["SIGNAL"]


def test_names_in_rules_that_look_elsewhere_are_checked(ruleset_file: Write) -> None:
    path = with_rule(
        ruleset_file, "check: same_as", "column: sbp", "columns: [unit]", "to: units", "keys: [unti]", "value: poeple"
    )
    with pytest.raises(RulesetError) as caught:
        load(path)
    assert [problem.code for problem in caught.value.problems] == ["RS011", "RS011"]
    assert "did you mean 'people'?" in str(caught.value)


def visits(**counts: int) -> str:
    rows = [f"{unit},p{unit}{i},120,2024-03-01,是,60" for unit, count in counts.items() for i in range(count)]
    return "unit,person,sbp,day,done,weight\n" + "".join(row + "\n" for row in rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_change_since_the_last_assessment_reaches_the_report(
    tmp_path: Path, ruleset_file: Write, lay: Write, lang: str
) -> None:
    loaded = load(with_rule(ruleset_file, "check: change_since"))
    first = assess(loaded, lay({"visits.csv": visits(A=30, B=40, C=29)}))
    assert first.tables["measurements"].filter(rule="SIGNAL")["status"].unique().to_list() == ["not_applicable"]
    first.write(tmp_path / "before", lambda folder: render(folder, lang))
    second = assess(loaded, lay({"visits.csv": visits(A=91, B=40, C=300)}), previous=tmp_path / "before")
    measured = second.tables["measurements"].filter(rule="SIGNAL").select("unit", "applicable", "violated", "status")
    assert measured.rows() == [
        ("A", 1, 1, "needs_review"), ("B", 1, 0, "pass"), ("C", 0, 0, "not_applicable")
    ]  # fmt: skip
    finding = second.tables["findings"].filter(source="SIGNAL").row(0, named=True)
    assert (finding["unit"], finding["status"], finding["reason"]) == ("A", "needs_review", "grew")
    assert json.loads(finding["numbers"]) == {"now": "91.0", "before": "30.0", "fold": "3.0333"}
    assert second.tables["evidence"].filter(rule="SIGNAL").is_empty()
    assert second.manifest["previous"]["inputs_sha256"] == first.manifest["inputs_sha256"]
    second.write(tmp_path / "after", lambda folder: render(folder, lang))
    page = (tmp_path / "after" / "units" / "A.html").read_text(encoding="utf-8")
    assert {"zh": "本次 91，为上次评价 30 的 3.0333 倍", "en": "91, 3.0333 times the 30 of the previous"}[lang] in page
    assert {"zh": "待核查", "en": "To be verified"}[lang] in page


def test_a_unit_that_sends_an_empty_table_is_compared_as_zero(tmp_path: Path, ruleset_file: Write, lay: Write) -> None:
    loaded = load(with_rule(ruleset_file, "check: change_since"))
    first = assess(loaded, lay({"A/visits.csv": visits(A=30)}))
    first.write(tmp_path / "before")
    second = assess(loaded, lay({"A/visits.csv": visits()}), previous=tmp_path / "before")
    assert second.tables["findings"].filter(source="SIGNAL").select("unit", "reason").rows() == [("A", "shrank")]


def test_a_rule_that_counts_otherwise_than_before_is_an_error_and_no_silent_pass(
    tmp_path: Path, ruleset_file: Write, lay: Write
) -> None:
    data = lay({"visits.csv": visits(A=30, B=40, C=29)})
    assess(load(with_rule(ruleset_file, "check: change_since")), data).write(tmp_path / "before")
    changed = load(with_rule(ruleset_file, "check: change_since", "where: done"))
    second = assess(changed, data, previous=tmp_path / "before")
    assert second.tables["measurements"].filter(rule="SIGNAL")["status"].unique().to_list() == ["error"]
    finding = second.tables["findings"].filter(source="SIGNAL").row(0, named=True)
    assert (finding["status"], finding["reason"]) == ("error", "broken_rule")
    assert "another way" in finding["numbers"]


def test_the_sums_of_an_assessment_are_kept_exactly(tmp_path: Path, ruleset_file: Write, lay: Write) -> None:
    loaded = load(with_rule(ruleset_file, "check: change_since", "sum: weight * 0.1"))
    assess(loaded, lay({"visits.csv": visits(A=3)})).write(tmp_path / "out")
    kept = Directory.open(tmp_path / "out").read("profiles")
    assert [(r["unit"], r["rule"], r["name"], str(r["value"])) for r in kept.filter(unit="A").to_dicts()] == [
        ("A", "SIGNAL", "total", "18.000000")
    ]


def test_a_rule_on_units_that_breaks_on_the_data_leaves_the_others_running(ruleset_file: Write) -> None:
    loaded = load(with_rule(ruleset_file, "check: change_since", "sum: CAST(person AS INT)"))
    plan = plans(loaded.ruleset)["visits"]
    frame = pl.DataFrame({"unit": ["A"], "person": ["x"]}).join(
        pl.DataFrame(schema=plan.table.dtypes).drop("unit", "person"), how="cross"
    )
    rows = pl.concat([frame, pl.DataFrame({"unit": ["A"], "person": ["x"], "sbp": [400]})], how="diagonal_relaxed")
    rows = rows.select(pl.col(name).cast(dtype) for name, dtype in plan.table.dtypes.items())
    judged = judge(plan, Local().run(plan, lambda _: rows.lazy()), ["A"], {})
    assert list(judged.outcome.broken) == ["SIGNAL"]
    assert judged.outcome.measured["violated V-SBP"].to_list() == [1]
