"""`assess compare`: what became of findings, and why every score, rank, grade and award is another than it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from assessed import HOSTILE, assessed, compared
from click.testing import CliRunner, Result
from conftest import HEADER, RULESET, UNITS, VISITS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.cli import main
from assess.replay.compare import Comparison, UnitChange

Make = Callable[..., Path]
# A: one reading out of range, and nothing of the kind in B.
WRONG = VISITS.replace("A,p1,120", "A,p1,500")


@pytest.fixture
def make(tmp_path: Path, lay: Callable[..., Path], ruleset_file: Callable[..., Path]) -> Make:
    """An assessment of `visits` by the tiny ruleset with some of its text replaced."""

    def run(name: str, visits: str | None = VISITS, *changes: tuple[str, str], units: str = UNITS,
            text: str = RULESET) -> Path:  # fmt: skip
        files = {"visits.csv": visits} if visits is not None else {"visits.csv": HEADER}
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        return assessed(ruleset_file(*changes, text=text), lay(files, units=units), tmp_path / name)

    return run


def cli(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


def of(found: Comparison, source: str) -> list[tuple[str, str, str | None]]:
    return [(each.change, each.why, each.unit) for each in found.findings if each.source == source]


def unit(found: Comparison, key: str) -> UnitChange:
    return next(each for each in found.units if each.unit == key)


def holds(found: Comparison) -> None:
    """Everything that is explained adds up exactly."""
    for each in found.units:
        if each.points is not None:
            assert sum(part.change for part in each.parts) == each.points
            assert sum(cause.points or 0 for cause in each.causes) == each.points
        for part in each.parts:
            assert sum(cause.points for cause in part.causes) == part.change
        if each.amount_minor is not None:
            assert sum(cause.amount_minor or 0 for cause in each.causes) == each.amount_minor
            assert sum((pool.amount_minor[1] or 0) - (pool.amount_minor[0] or 0) for pool in each.pools) == (
                each.amount_minor
            )


class TestFindings:
    def test_an_assessment_against_itself_has_only_what_persists(self, make: Make) -> None:
        found = compared(make("old", WRONG), make("new", WRONG))
        assert {each.change for each in found.findings} == {"persisting"}
        assert [each.unit for each in found.units if each.differs] == []
        assert found.notes == ("same_inputs",)
        assert found.ruleset == ()

    def test_a_record_put_right_resolves_its_finding_and_a_record_gone_wrong_makes_one(self, make: Make) -> None:
        found = compared(make("old", WRONG), make("new", VISITS.replace("B,p3,110", "B,p3,999")))
        assert sorted(of(found, "V-SBP")) == [("new", "", "B"), ("resolved", "", "A")]
        rule = next(rule for rule in found.rules if rule.source == "V-SBP")
        assert (rule.findings["new"], rule.findings["resolved"], rule.units, rule.records) == (1, 1, (1, 1), (1, 1))
        assert unit(found, "A").findings["resolved"] == 1

    def test_a_finding_persists_with_its_id_and_its_counts_before_and_after(self, make: Make) -> None:
        found = compared(make("old", WRONG), make("new", WRONG.replace("A,p2,130", "A,p2,500")))
        each = next(each for each in found.findings if each.source == "V-SBP")
        assert each.before is not None
        assert each.after is not None
        assert each.before.finding == each.after.finding
        assert (each.change, each.before.records, each.after.records) == ("persisting", 1, 2)

    def test_what_was_not_submitted_again_is_not_resolved(self, make: Make) -> None:
        found = compared(make("old", WRONG), make("new", HEADER + "B,p3,110,2024-03-03,是,71\n"))
        assert of(found, "V-SBP") == [("unchecked", "not_submitted", "A")]
        assert found.counts["resolved"] == 0

    def test_what_a_unit_that_is_gone_had_is_not_resolved(self, make: Make) -> None:
        found = compared(make("old", WRONG), make("new", VISITS, units="unit,name,county,people\nB,Bee,east,4\n"))
        assert ("unchecked", "unit_gone", "A") in of(found, "V-SBP")
        assert [each.unit for each in found.units if each.change == "gone"] == ["A", "C"]

    def test_a_unit_that_is_new_has_new_findings(self, make: Make) -> None:
        found = compared(make("old", VISITS, units="unit,name,county,people\nB,Bee,east,4\n"), make("new", WRONG))
        assert ("new", "unit_new", "A") in of(found, "V-SBP")

    def test_a_rule_that_is_dropped_resolves_nothing_and_one_that_is_added_says_so(self, make: Make) -> None:
        rule = "  - id: V-SBP"
        end = RULESET.index("  - id: V-DAY")
        without = RULESET[: RULESET.index(rule)] + RULESET[end:]
        without = without.replace("  veto:\n    - {id: FRAUD, title: Made up, rule: V-SBP, above: 0.5, cap: 50}\n", "")
        old, new = make("old", WRONG), make("new", WRONG, text=without)
        assert of(compared(old, new), "V-SBP") == [("unchecked", "rule_gone", "A")]
        assert of(compared(new, old), "V-SBP") == [("new", "rule_new", "A")]

    def test_a_rule_that_could_not_run_resolves_nothing(self, make: Make) -> None:
        broken = ("valid: day <= @as_of", "valid: CAST(person AS DATE) > day")
        late = VISITS.replace("2024-03-01", "2025-03-01")
        found = compared(make("old", late), make("new", late, broken))
        changes = of(found, "V-DAY")
        assert ("unchecked", "rule_error", "A") in changes
        assert not [change for change, _why, _unit in changes if change == "resolved"]

    def test_a_figure_on_another_line_is_the_same_figure(self, tmp_path: Path) -> None:
        root = Path(__file__).parent.parent
        data, moved = root / "samples" / "reported-figures", tmp_path / "moved"
        shutil.copytree(data, moved)
        lines = (moved / "figures.csv").read_text(encoding="utf-8").splitlines()
        lines.insert(1, "340000,20xx,新增指标,count,12,,,,,,,,,")
        (moved / "figures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        ruleset = root / "rulesets" / "reported-figures.yaml"
        found = compared(assessed(ruleset, data, tmp_path / "a"), assessed(ruleset, moved, tmp_path / "b"))
        assert len(found.findings) > 10
        assert {each.change for each in found.findings} == {"persisting"}

    def test_a_figure_that_is_no_longer_stated_is_not_put_right(self, tmp_path: Path) -> None:
        root = Path(__file__).parent.parent
        data, fewer = root / "samples" / "reported-figures", tmp_path / "fewer"
        shutil.copytree(data, fewer)
        text = (fewer / "figures.csv").read_text(encoding="utf-8")
        gone = next(line for line in text.splitlines() if "134.88" in line)
        (fewer / "figures.csv").write_text(text.replace(gone + "\n", ""), encoding="utf-8")
        ruleset = root / "rulesets" / "reported-figures.yaml"
        found = compared(assessed(ruleset, data, tmp_path / "a"), assessed(ruleset, fewer, tmp_path / "b"))
        about = [each for each in found.findings if each.subject == gone.split(",")[2] and each.unit in gone]
        assert {(each.change, each.why) for each in about} == {("unchecked", "not_stated")}


class TestScores:
    def test_other_submissions_explain_a_score_item_by_item(self, make: Make) -> None:
        found = compared(make("old", VISITS), make("new", WRONG))
        each = unit(found, "A")
        assert each.points is not None
        assert each.points < 0
        part = next(part for part in each.parts if part.subject == "VISITED")
        assert part.because == ("rate",)
        assert part.before is not None
        assert part.after is not None
        assert (part.before.numerator, part.after.numerator, part.after.denominator) == (2, 1, 4)
        assert [cause.kind for cause in each.causes] == ["submissions"]
        holds(found)

    def test_another_target_and_other_weights_are_named_as_changes_of_the_ruleset(self, make: Make) -> None:
        changes = (
            ("target: {value: 0.5}", "target: {value: 1.0}"),
            ("indicator: VISITED, points: 60", "indicator: VISITED, points: 70"),
            ("rule: V-DAY, points: 40", "rule: V-DAY, points: 30"),
        )
        found = compared(make("old"), make("new", VISITS, *changes))
        assert [stage.kind for stage in found.stages] == ["ruleset", "ruleset", "submissions"]
        assert {"score points VISITED points: 60.0 → 70.0", "indicators VISITED target value: 0.5 → 1.0"} <= set(
            found.ruleset
        )
        part = next(part for part in unit(found, "A").parts if part.subject == "VISITED")
        assert set(part.because) == {"target", "weight"}
        assert {cause.kind for cause in part.causes} == {"ruleset"}
        holds(found)

    def test_ruleset_and_submissions_are_told_apart(self, make: Make) -> None:
        found = compared(make("old"), make("new", WRONG, ("target: {value: 0.5}", "target: {value: 0.8}")))
        assert {cause.kind for cause in unit(found, "A").causes} == {"ruleset", "submissions"}
        holds(found)

    def test_what_only_the_new_files_were_asked_is_tried_on_them(self, make: Make) -> None:
        part = "    - {rule: V-NEW, points: 10, method: threshold, lower: 0, upper: 1}\n"
        more = ("    - {rule: V-DAY, points: 40,", part + "    - {rule: V-DAY, points: 30,")
        check = "  - {id: V-NEW, table: visits, check: not_null, column: weight, severity: minor, title: None}\n"
        rule = ("indicators:\n", check + "indicators:\n")
        found = compared(make("old"), make("new", WRONG, rule, more))
        assert found.hinders == ()
        assert found.stages[0].kind == "submissions"
        assert [part.because for part in unit(found, "A").parts if part.subject == "V-NEW"] == [("part_new",)]
        holds(found)

    def test_what_neither_counted_stays_with_the_submissions_and_the_rest_is_told_apart(self, make: Make) -> None:
        changes = (("max: 300", "max: 110"), ("target: {value: 0.5}", "target: {value: 1.0}"))
        found = compared(make("old"), make("new", VISITS, *changes))
        assert [stage.kind for stage in found.stages] == ["ruleset", "together"]
        assert any("V-SBP" in why for why in found.hinders)
        assert any("V-SBP" in line for line in found.stages[-1].said)
        holds(found)

    def test_a_veto_that_comes_is_an_item_of_its_own(self, make: Make) -> None:
        both = VISITS.replace("A,p1,120", "A,p1,500").replace("A,p2,130", "A,p2,500")
        found = compared(make("old"), make("new", both))
        veto = [part for part in unit(found, "A").parts if part.part == "veto:FRAUD"]
        assert len(veto) == 1
        assert all(part.because == ("part_new",) for part in veto)
        holds(found)

    def test_a_unit_without_a_score_has_no_change_of_it(self, make: Make) -> None:
        broken = ("valid: day <= @as_of", "valid: CAST(person AS DATE) > day")
        found = compared(make("old"), make("new", VISITS, broken))
        assert unit(found, "A").points is None
        assert found.new.refused == "indicator_in_error" or found.new.awarded_minor == 0
        holds(found)

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_all_that_is_explained_adds_up(self, make: Make, tmp_path: Path, data: st.DataObject) -> None:
        readings, days = ["40", "120", "500", ""], ["2024-05-01", "2025-05-01", "bad"]
        row = st.tuples(*map(st.sampled_from, ("ABC", readings, days, ["是", "否", ""])))
        sides = []
        for name in ("old", "new"):
            rows = data.draw(st.lists(row, min_size=1, max_size=8), label=name)
            lines = [f"{unit},p{number},{sbp},{day},{done},1\n" for number, (unit, sbp, day, done) in enumerate(rows)]
            target = data.draw(st.sampled_from(["0.5", "0.75", "1"]), label="target")
            pool = data.draw(st.sampled_from(["1000.00", "1234.56"]), label="pool")
            shutil.rmtree(tmp_path / name, ignore_errors=True)
            changes = (("target: {value: 0.5}", f"target: {{value: {target}}}"), ("pool: 1000.00", f"pool: {pool}"))
            sides.append(make(name, HEADER + "".join(lines), *changes))
        found = compared(*sides)
        holds(found)
        before, after = ({each.finding for one in found.findings if (each := getattr(one, side))}
                         for side in ("before", "after"))  # fmt: skip
        assert sum(found.counts.values()) == len(before | after)


class TestCommand:
    def test_the_text_names_rules_units_and_reasons(self, make: Make) -> None:
        said = cli("compare", make("old"), make("new", WRONG, ("target: {value: 0.5}", "target: {value: 0.8}"))).output
        assert "findings: 1 new" in said
        assert "indicators VISITED target value: 0.5 → 0.8" in said
        assert "A Ay" in said
        assert "proportional:VISITED" in said
        assert "change 1" in said

    def test_json_holds_all_and_points_are_text(self, make: Make) -> None:
        found = json.loads(cli("compare", make("old"), make("new", WRONG), "--format", "json").stdout)
        assert found["counts"]["new"] == 1
        own = next(each for each in found["units"] if each["unit"] == "A")
        assert sum(Decimal(part["change"]) for part in own["parts"]) == Decimal(own["points"])

    @pytest.mark.parametrize(("severity", "code"), [("critical", 1), ("major", 1), ("minor", 1), ("never", 0)])
    def test_new_faults_end_in_exit_code_1(self, make: Make, severity: str, code: int) -> None:
        assert cli("compare", make("old"), make("new", WRONG), "--fail-on-new", severity).exit_code == code

    def test_what_persists_is_resolved_or_is_graver_than_asked_fails_nothing(self, make: Make) -> None:
        wrong, sound = make("old", WRONG), make("new", VISITS.replace("B,p3,110,2024-03-03,是", "B,p3,110,2024-03-03,"))
        assert cli("compare", wrong, wrong, "--fail-on-new", "minor").exit_code == 0
        assert cli("compare", wrong, sound, "--fail-on-new", "critical").exit_code == 0
        assert cli("compare", wrong, sound, "--fail-on-new", "minor").exit_code == 1

    def test_a_question_that_becomes_a_fault_is_a_new_fault(self, make: Make) -> None:
        unseen = ("rule: V-SBP, above", "rule: V-DAY, above")  # a signal changes no score
        asked = ("severity: critical\n    effect: disqualify", "severity: critical\n    effect: review")
        old, new = make("old", WRONG, unseen, asked), make("new", WRONG, unseen)
        assert cli("compare", old, new, "--fail-on-new", "critical").exit_code == 1

    def test_units_can_be_named_and_unknown_ones_are_refused(self, make: Make) -> None:
        old, new = make("old"), make("new", WRONG)
        said = cli("compare", old, new, "--unit", "B").output
        assert "A Ay" not in said
        refused = CliRunner().invoke(main, ["compare", str(old), str(new), "--unit", "X"])
        assert refused.exit_code == 2
        assert "there is no unit 'X'" in refused.stderr

    def test_what_is_no_assessment_is_refused(self, make: Make, tmp_path: Path) -> None:
        refused = CliRunner().invoke(main, ["compare", str(tmp_path / "no"), str(make("new"))])
        assert refused.exit_code == 2
        assert "is not an assessment directory" in refused.stderr

    def test_names_do_nothing_to_a_terminal(self, make: Make) -> None:
        units = UNITS.replace("Ay", '"' + HOSTILE.replace('"', '""') + '\x1b[2J"')
        said = cli("compare", make("old", units=units), make("new", WRONG, units=units)).output
        assert "\x1b" not in said
        assert "\u202e" not in said
        assert "HYPERLINK" in said

    def test_a_later_day_first_is_noted(self, make: Make) -> None:
        early = ("period: {start: 2024-01-01, end: 2024-12-31}", "period: {start: 2024-01-01, end: 2024-06-30}")
        found = compared(make("old"), make("new", VISITS, early))
        assert "new_is_earlier" in found.notes
