"""What is counted of records: exclusions, rules for some indicators alone, and what mending would bring back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import HEADER, RULESET, UNITS

from assess.assessment import Assessment
from assess.engine.mending import MENDABLE, Held
from assess.errors import RulesetError
from assess.pipeline import assess
from assess.ruleset.load import load

Write = Callable[..., Path]

SHARE = """\
  - id: SHARE
    title: Done
    kind: share
    numerator: {table: visits, where: done}
    denominator: {table: visits}
    exclusions: {table: visits, where: weight > 100}
"""
RULES = """\
  - {id: V-DUP, table: visits, check: unique, columns: [person], effect: disqualify, title: Twice}
  - {id: V-GONE, table: visits, check: expression, valid: person <> 'gone', effect: disqualify, mended_by: removal,
     title: Gone}
"""
TEXT = RULESET.replace("score:\n", SHARE + "score:\n", 1).replace("indicators:\n", RULES + "indicators:\n", 1)


def assessed(ruleset_file: Write, lay: Write, rows: str, *changes: tuple[str, str], text: str = TEXT) -> Assessment:
    return assess(load(ruleset_file(*changes, text=text)), lay({"visits.csv": HEADER + rows}, units=UNITS))


def counted(assessment: Assessment, unit: str, indicator: str) -> dict[str, Any]:
    return assessment.tables["counts"].filter(unit=unit, indicator=indicator).row(0, named=True)


def mendable(assessment: Assessment, unit: str) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for line in assessment.tables["mendable"].filter(unit=unit).iter_rows(named=True):
        key = (line["indicator"], line["side"])
        found.setdefault(key, {})["+".join(json.loads(line["rules"]))] = line["amount"]
    return found


def test_who_is_reached_is_never_excepted(ruleset_file: Write, lay: Write) -> None:
    rows = "A,p1,120,2024-03-01,是,120\nA,p2,120,2024-03-01,否,120\nA,p3,120,2024-03-01,否,60\n"
    row = counted(assessed(ruleset_file, lay, rows), "A", "SHARE")
    assert (row["numerator"], row["denominator"], row["excluded"]) == (1, 3, 1)


def test_a_record_that_is_disqualified_excepts_nobody(ruleset_file: Write, lay: Write) -> None:
    rows = "A,p1,900,2024-03-01,否,120\nA,p2,120,2024-03-01,是,60\n"
    assessment = assessed(ruleset_file, lay, rows)
    row = counted(assessment, "A", "SHARE")
    assert (row["excluded"], row["excluded_verified"]) == (1, 0)
    rated = assessment.tables["indicators"].filter(unit="A", indicator="SHARE").row(0, named=True)
    assert (rated["raw"], rated["verified"]) == (1.0, 0.5)


def test_exceptions_of_another_table_are_counted_as_they_are(ruleset_file: Write, lay: Write) -> None:
    change = ("exclusions: {table: visits, where: weight > 100}", "exclusions: {table: units, sum: 1}")
    row = counted(assessed(ruleset_file, lay, "A,p1,120,,是,\nA,p2,120,,否,\n", change), "A", "SHARE")
    assert (row["denominator"], row["excluded"]) == (2, 1)


def test_a_rule_may_take_records_out_of_some_indicators_alone(ruleset_file: Write, lay: Write) -> None:
    rows = "A,p1,900,2024-03-01,是,60\nA,p2,120,2024-03-01,是,60\n"
    change = ("    effect: disqualify\n", "    effect: disqualify\n    indicators: [SHARE]\n")
    assessment = assessed(ruleset_file, lay, rows, change)
    assert counted(assessment, "A", "SHARE")["numerator_verified"] == 1
    assert counted(assessment, "A", "VISITED")["numerator_verified"] == 2
    assert mendable(assessment, "A") == {("SHARE", "numerator"): {"V-SBP": 1}}


@pytest.mark.parametrize(
    ("stated", "code"),
    [("indicators: [SHAER]", "RS013"), ("indicators: [OTHER]", "RS005")],
    ids=["no such indicator", "counted elsewhere"],
)
def test_indicators_of_a_rule_are_counted_on_its_table(ruleset_file: Write, stated: str, code: str) -> None:
    other = (
        SHARE.replace("SHARE", "OTHER")
        .replace("visits, where: done", "units")
        .replace("{table: visits}", "{table: units}")
    )
    other = "".join(line for line in other.splitlines(keepends=True) if "exclusions" not in line)
    text = TEXT.replace("score:\n", other + "score:\n", 1)
    path = ruleset_file(("    effect: disqualify\n", f"    effect: disqualify\n    {stated}\n"), text=text)
    with pytest.raises(RulesetError) as error:
        load(path)
    errors = [problem for problem in error.value.problems if problem.level == "error"]
    assert [(problem.code, problem.line > 0) for problem in errors] == [(code, True)]


def test_stages_lie_inside_the_period(ruleset_file: Write) -> None:
    target = "target: {value: 0.5, schedule: step, stages: [{by: 2023-06-30, share: 0.5}, {by: 2024-12-31, share: 1}]}"
    with pytest.raises(RulesetError, match="2023-06-30 lies outside of the period"):
        load(ruleset_file(("target: {value: 0.5}", target)))


def test_what_mending_brings_back_is_kept_by_the_set_of_rules(ruleset_file: Write, lay: Write) -> None:
    rows = (
        "A,p1,900,2024-03-01,是,60\n"  # out of range
        "A,p2,900,2024-03-01,是,60\n"  # out of range, and twice with the next
        "A,p2,120,2024-03-01,是,60\n"
        "A,gone,900,2024-03-01,是,60\n"  # mended by taking it out: nothing comes back
        "A,p4,900,2024-03-01,否,60\n"  # not counted anyway
    )
    found = mendable(assessed(ruleset_file, lay, rows), "A")
    # Of the two records of p2 the first would stay, and it is out of range as well.
    assert found["VISITED", "numerator"] == {"V-SBP": 1, "V-SBP+V-DUP": 1}
    kept_out = [
        ("A", json.dumps(rules.split("+")), "I", "numerator", float(amount))
        for rules, amount in found["VISITED", "numerator"].items()
    ]
    held = Held(pl.DataFrame(kept_out, schema=MENDABLE, orient="row"), pl.Series(["A"]), ["V-SBP", "V-DUP", "V-DAY"])
    asked = [(0, "V-SBP"), (1, "V-DUP"), (2, "V-SBP"), (2, "V-DUP"), (2, "V-DAY")]
    mended = pl.DataFrame(asked, schema=["case", "rule"], orient="row").with_columns(row=0)
    assert held.regained(mended).rows() == [(0, "I", 1.0, 0.0), (2, "I", 2.0, 0.0)]


def test_exceptions_come_back_as_well(ruleset_file: Write, lay: Write) -> None:
    found = mendable(assessed(ruleset_file, lay, "A,p1,900,2024-03-01,否,120\n"), "A")
    assert found == {("SHARE", "excluded"): {"V-SBP": 1}}


def test_all_that_was_taken_out_is_mendable_or_needs_removal(ruleset_file: Write, lay: Write) -> None:
    rows = "".join(f"A,p{i},{900 if i % 3 else 120},2024-03-01,{'是' if i % 2 else '否'},60\n" for i in range(20))
    assessment = assessed(ruleset_file, lay, rows)
    row = counted(assessment, "A", "VISITED")
    back = sum(mendable(assessment, "A")["VISITED", "numerator"].values())
    assert row["numerator"] == row["numerator_verified"] + back


LATEST = """\
views:
  latest:
    per: person
    sql: >-
      SELECT unit, person, day, sbp, done FROM visits
      QUALIFY ROW_NUMBER() OVER (PARTITION BY person ORDER BY day DESC) = 1
checks:
"""


def test_a_view_says_what_each_rule_under_it_keeps_out(ruleset_file: Write, lay: Write) -> None:
    text = TEXT.replace("checks:\n", LATEST, 1).replace(
        "{table: visits, where: done}", "{table: latest, where: done}", 1
    )
    rows = (
        "A,p1,900,2024-03-01,是,60\n"  # false latest visit: mending it brings p1 back
        "A,p3,900,2024-03-02,是,60\n"  # and p3 as well
        "B,p2,120,2024-03-01,是,60\n"
    )
    assessment = assessed(ruleset_file, lay, rows, text=text)
    assert counted(assessment, "A", "VISITED")["numerator_verified"] == 0
    assert mendable(assessment, "A")["VISITED", "numerator"] == {"V-SBP": 2}
    assert mendable(assessment, "B") == {}


def test_the_register_is_kept_as_it_was_read(ruleset_file: Write, lay: Write) -> None:
    from assess.engine.register import restored

    loaded = load(ruleset_file())
    register = assess(loaded, lay()).tables["register"]
    again = restored(register, loaded.ruleset).collect()
    assert again.schema == {"unit": pl.String, "name": pl.String, "county": pl.String, "people": pl.Int64}
    assert again.rows() == [("A", "Ay", "east", 4), ("B", "Bee", "east", 4), ("C", "See", "west", 4)]


def test_personal_data_is_shown_in_full_only_where_that_is_asked_for(ruleset_file: Write, lay: Write) -> None:
    data = lay({"visits.csv": HEADER + "A,340123198001010011,900,2024-03-01,是,60\n"})
    masked = assess(load(ruleset_file()), data)
    full = assess(load(ruleset_file()), data, unmask=True)
    records = [frame.tables["evidence"].filter(rule="V-SBP")["record"][0] for frame in (masked, full)]
    assert [json.loads(record)["person"] for record in records] == ["340123***********1", "340123198001010011"]
    assert [frame.manifest["unmasked"] for frame in (masked, full)] == [False, True]
