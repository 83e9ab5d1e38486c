"""Replays: the same conclusions from the counts alone, refused where counts are missing, and nothing that is hidden."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from conftest import HEADER, KEPT_ROWS, RULESET, UNITS

from assess import replay
from assess.cli import main
from assess.errors import NotAssessedError
from assess.pipeline import assess
from assess.replay.impact import impact
from assess.replay.needs import needs
from assess.replay.verify import verify
from assess.replay.whatif import whatif
from assess.results import CONCLUDED_FROM, Directory, StoredTables
from assess.ruleset.load import Loaded, load

Write = Callable[..., Path]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Loaded]:
    """The tiny ruleset with some of its text replaced, beside the one it was."""

    def change(*changes: tuple[str, str]) -> Loaded:
        text = RULESET
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after, 1)
        path = tmp_path / "new.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path, "new.yaml")

    return change


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((directory / "tables").iterdir())}


def test_the_same_ruleset_gives_the_same_bytes(kept: Path, ruleset_file: Write, tmp_path: Path) -> None:
    done = run("rescore", kept, "--ruleset", ruleset_file(), "--out", tmp_path / "again")
    assert done.exit_code == 0, done.output
    assert "3 units scored again: 0 scores and 0 grades differ" in done.output
    assert files(tmp_path / "again") == files(kept)
    assert (tmp_path / "again" / "ruleset.json").read_bytes() == (kept / "ruleset.json").read_bytes()


def test_evidence_is_taken_over_without_being_read(kept: Path, old: Loaded, tmp_path: Path) -> None:
    before = replay.keep(StoredTables.at(kept, CONCLUDED_FROM))
    replay.write(before, old, replay.checked(before, old), tmp_path / "again", "assess rescore")
    assert before.tables.unread("evidence")
    assert before.tables.unread("rejects")
    assert files(tmp_path / "again") == files(kept)
    assert not verify(tmp_path / "again")


def test_evidence_that_is_no_longer_the_file_that_was_written_is_read(kept: Path, old: Loaded, tmp_path: Path) -> None:
    file = kept / "tables" / "evidence.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    before = replay.keep(StoredTables.at(kept, CONCLUDED_FROM))
    with pytest.raises(NotAssessedError, match="evidence"):
        replay.write(before, old, replay.checked(before, old), tmp_path / "again", "assess rescore")
    assert not (tmp_path / "again").exists()


def test_of_indicators_only_names_are_read(kept: Path, old: Loaded) -> None:
    before = replay.keep(StoredTables.at(kept, CONCLUDED_FROM))
    replay.checked(before, old)
    assert before.tables.unread("indicators")


@pytest.mark.parametrize("damage", ["other type", "no column", "no table", "no file"])
def test_indicators_that_are_damaged_are_told_by_their_file(kept: Path, old: Loaded, damage: str) -> None:
    file = kept / "tables" / "indicators.parquet"
    frame = pl.read_parquet(file)
    file.unlink()
    if damage == "no table":
        file.write_bytes(b"junk")
    elif damage != "no file":
        other = frame.with_columns(pl.col("units").cast(pl.String))
        (other if damage == "other type" else frame.drop("indicator")).write_parquet(file)
    before = replay.keep(StoredTables.at(kept, CONCLUDED_FROM))
    with pytest.raises(NotAssessedError, match="indicators"):
        replay.checked(before, old)


def test_evidence_of_a_rule_that_is_gone_goes_with_it(
    kept: Path, changed: Callable[..., Loaded], tmp_path: Path
) -> None:
    text = RULESET[RULESET.index("  - id: V-DONE") : RULESET.index("indicators:")]
    new = changed((text, ""))
    before = replay.keep(StoredTables.at(kept, CONCLUDED_FROM))
    replay.write(before, new, replay.checked(before, new), tmp_path / "again", "assess rescore")
    left = set(replay.read(tmp_path / "again").tables["evidence"]["rule"])
    assert left == set(replay.read(kept).tables["evidence"]["rule"]) - {"V-DONE"}
    assert left


@pytest.mark.parametrize(
    "changes",
    [
        [("method: proportional", "method: pass_fail")],
        [("target: {value: 0.5}", "target: {value: 0.75, schedule: linear}")],
        [("points: 60", "points: 30"), ("points: 40", "points: 70")],
        [("above: 0.5, cap: 50", "above: 0.2, cap: 10")],
        [("min: 80", "min: 10")],
        [("pool: 1000.00", "pool: 77.77")],
        [("basis: {sum: people * @per_capita}", "basis: {sum: people + 3}")],
        [("method: linear", "method: cliff, full_from: 0.6")],
        [("severity: minor", "severity: info")],
        [("severity: major", "severity: major\n    tolerance: 0.5")],
        [("denominator: {table: units, sum: people}", "denominator: {table: units, sum: people * 2}")],
        [("kind: coverage", "kind: completion")],
        [("levels: [county]", "levels: []")],
        [("per_capita: 94", "per_capita: 5")],
    ],
    ids=lambda changes: changes[0][1][:40],
)
def test_another_ruleset_concludes_as_if_it_had_been_run(
    kept: Path, changed: Callable[..., Loaded], lay: Write, changes: list[tuple[str, str]]
) -> None:
    new = changed(*changes)
    again = replay.checked(replay.read(kept), new)
    fresh = assess(new, lay({"visits.csv": HEADER + KEPT_ROWS}, units=UNITS))
    for name, frame in fresh.tables.items():
        from assess.results import conform

        assert conform(name, again.tables[name]).equals(conform(name, frame)), name
    assert again.concluded.money == fresh.manifest["allocation"]


@pytest.mark.parametrize(
    ("changes", "line", "message"),
    [
        ([("min: 60", "min: 70")], 30, "rule 'V-SBP' checks something else"),
        ([("where: done", "where: NOT done")], 55, "the numerator of indicator 'VISITED' counts something else"),
        ([("    effect: disqualify\n", "")], 51, "rule 'V-SBP' takes no more records out of indicator 'VISITED'"),
        ([("end: 2024-12-31}", "end: 2024-11-30}")], 39, "rule 'V-DAY' checks something else"),
        ([("people: {type: integer}", "people: {type: number}")], 19, "column 'people' of 'units' was read as integer"),
        ([("weight: {type: number}", "weight: {type: integer}")], 28, "column 'weight' of 'visits' was read as number"),
    ],
    ids=["check", "numerator", "effect", "period", "register", "column"],
)
def test_what_was_not_measured_is_refused_at_its_line(
    kept: Path, changed: Callable[..., Loaded], tmp_path: Path, changes: list[tuple[str, str]], line: int, message: str
) -> None:
    changed(*changes)
    done = run("rescore", kept, "--ruleset", tmp_path / "new.yaml", "--out", tmp_path / "again")
    assert done.exit_code == 2, done.output
    assert not (tmp_path / "again").exists()
    assert any(f"new.yaml:{line}:" in said and "RP001" in said and message in said for said in done.output.splitlines())


def test_a_new_rule_and_a_new_indicator_are_refused_together(kept: Path, changed: Callable[..., Loaded]) -> None:
    new = changed(
        ("  - id: V-DONE", "  - {id: V-NEW, table: visits, check: not_null, column: day, title: x}\n  - id: V-DONE"),
        ("score:\n", "  - {id: NEW, title: x, kind: count, numerator: {table: visits}}\nscore:\n"),
    )
    found = [need.message for need in needs(replay.read(kept).ruleset, new.ruleset)]
    assert found == ["rule 'V-NEW' was not checked", "indicator 'NEW' was not counted"]


def test_a_rule_that_is_left_out_takes_its_findings_along(kept: Path, changed: Callable[..., Loaded]) -> None:
    start = RULESET.index("  - id: V-DONE")
    new = changed((RULESET[start : RULESET.index("indicators:")], ""))
    again = replay.checked(replay.read(kept), new)
    for name, column in (("findings", "source"), ("measurements", "rule"), ("evidence", "rule")):
        assert "V-DONE" in set(Directory(kept).read(name)[column])
        assert "V-DONE" not in set(again.tables[name][column])


def test_a_rescored_assessment_says_what_it_was_made_from(
    kept: Path, changed: Callable[..., Loaded], tmp_path: Path
) -> None:
    changed(("pool: 1000.00", "pool: 500.00"))
    run("rescore", kept, "--ruleset", tmp_path / "new.yaml", "--out", tmp_path / "again", "--set", "per_capita=7")
    manifest = Directory.open(tmp_path / "again").manifest
    assert manifest["rescored"]["ruleset"] == Directory.open(kept).manifest["ruleset"]
    assert manifest["parameters"]["per_capita"] == 7
    assert manifest["inputs"] == Directory.open(kept).manifest["inputs"]
    assert "--set per_capita=7" in manifest["command"]
    assert verify(tmp_path / "again") == []


# ---- impact ----------------------------------------------------------------------------------------------------------


def test_impact_names_who_changes_and_by_which_change(kept: Path, old: Loaded, changed: Callable[..., Loaded]) -> None:
    new = changed(("pool: 1000.00", "pool: 2000.00"), ("target: {value: 0.5}", "target: {value: 1.0}"))
    found = impact(replay.read(kept), old.ruleset, new.ruleset)
    assert [step.said for step in found.steps] == [
        ("indicators VISITED target value: 0.5 → 1.0",),
        ("allocation pool: 1000.00 → 2000.00",),
    ]
    assert found.steps[0].moved_minor > 0
    assert {each.unit for each in found.units} <= {"A", "B", "C"}


def test_causes_add_up(kept: Path, old: Loaded, changed: Callable[..., Loaded]) -> None:
    new = changed(
        ("pool: 1000.00", "pool: 900.01"), ("target: {value: 0.5}", "target: {value: 0.9}"), ("cap: 50", "cap: 20"),
        ("points: 60", "points: 55"), ("points: 40", "points: 45"), ("min: 80", "min: 30"),
        ("lower: 0.2", "lower: 0.5"),
    )  # fmt: skip
    found = impact(replay.read(kept), old.ruleset, new.ruleset)
    assert len(found.steps) == 6, "points change together, all else one by one"
    for each in found.units:
        assert each.before.score is not None
        assert each.after.score is not None
        gained = sum((cause.points or Decimal(0) for cause in each.causes), Decimal(0))
        assert each.after.score - each.before.score == gained
        moved = sum(cause.amount_minor or 0 for cause in each.causes)
        assert (each.after.amount_minor or 0) - (each.before.amount_minor or 0) == moved


def test_changes_that_only_hold_together_are_one_step(kept: Path, old: Loaded, changed: Callable[..., Loaded]) -> None:
    text = "    - {rule: V-DONE, points: 10, method: proportional}\n  veto:"
    new = changed(("points: 40", "points: 30"), ("  veto:", text))
    found = impact(replay.read(kept), old.ruleset, new.ruleset)
    assert len(found.steps) == 1
    assert "score points" in found.steps[0].names


def test_the_same_ruleset_has_no_impact(kept: Path, ruleset_file: Write) -> None:
    done = run("impact", ruleset_file(), ruleset_file(), "--on", kept)
    assert (done.exit_code, done.output) == (0, "the two rulesets conclude the same\n")


def test_impact_as_json(kept: Path, tmp_path: Path, ruleset_file: Write, changed: Callable[..., Loaded]) -> None:
    changed(("pool: 1000.00", "pool: 2000.00"))
    done = run("impact", ruleset_file(), tmp_path / "new.yaml", "--on", kept, "--format", "json")
    data = json.loads(done.output)
    assert data["steps"][0]["changes"] == ["allocation pool: 1000.00 → 2000.00"]
    assert all(each["after"]["amount_minor"] > each["before"]["amount_minor"] for each in data["affected"])


def test_impact_refuses_what_was_not_measured(
    kept: Path, tmp_path: Path, ruleset_file: Write, changed: Callable[..., Loaded]
) -> None:
    changed(("min: 60", "min: 70"))
    done = run("impact", ruleset_file(), tmp_path / "new.yaml", "--on", kept)
    assert (done.exit_code, "RP001" in done.output) == (2, True)


# ---- what if ---------------------------------------------------------------------------------------------------------


def mended(rows: str) -> str:
    """The rows with the readings that are out of range put right."""
    return rows.replace(",900,", ",120,").replace(",10,", ",110,")


@pytest.mark.parametrize("unit", ["A", "B"])
def test_what_if_is_what_comes_of_it(kept: Path, old: Loaded, lay: Write, unit: str) -> None:
    prospect = whatif(replay.read(kept), unit, ["V-SBP"])
    rows = "".join(mended(line) if line.startswith(unit) else line for line in KEPT_ROWS.splitlines(keepends=True))
    fresh = assess(old, lay({"visits.csv": HEADER + rows}, units=UNITS))
    score = fresh.tables["scores"].filter(unit=unit).row(0, named=True)
    award = fresh.tables["awards"].filter(unit=unit).row(0, named=True)
    assert prospect.score[1] == score["score"]
    assert prospect.grade[1] == score["grade"]
    assert prospect.amount_minor[1] == award["amount_minor"]
    assert prospect.records == 1


def test_remedies_are_the_same_as_asking_one_by_one(kept: Path) -> None:
    found = replay.read(kept)
    remedies = found.tables["remedies"]
    assert set(remedies["rule"]) >= {"V-SBP", "V-DAY", "*"}
    for unit, rule, points, money in remedies.select("unit", "rule", "points", "amount_minor").iter_rows():
        prospect = whatif(found, unit, [] if rule == "*" else [rule])
        assert prospect.score[0] is not None
        assert prospect.score[1] is not None
        assert prospect.score[1] - prospect.score[0] == points
        before, after = prospect.amount_minor
        assert before is not None
        assert after is not None
        assert abs(after - before - money) <= 1, "largest remainder may move one unit of the last place"


def test_what_if_in_words(kept: Path) -> None:
    done = run("whatif", kept, "--unit", "A", "--fix", "V-SBP")
    assert done.exit_code == 0, done.output
    assert "1 violations of V-SBP put right" in done.output
    assert "proportional:VISITED" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--unit", "Z"], "there is no unit 'Z'"), (["--unit", "A", "--fix", "V-SPB"], "did you mean 'V-SBP'?")],
)
def test_what_if_asks_for_what_is_there(kept: Path, arguments: list[str], said: str) -> None:
    done = run("whatif", kept, *arguments)
    assert (done.exit_code, said in done.output) == (2, True)


# ---- a province ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["reported-figures", "bphs-2024"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    data = {"reported-figures": "reported-figures", "bphs-2024": "province"}[request.param]
    out = tmp_path_factory.mktemp("sample") / "out"
    ruleset = ROOT / "rulesets" / f"{request.param}.yaml"
    assess(load(ruleset), ROOT / "samples" / data).write(out)
    yield out, str(ruleset)
    shutil.rmtree(out)


def test_samples_replay_to_the_byte_and_verify(sample: tuple[Path, str], tmp_path: Path) -> None:
    out, ruleset = sample
    done = run("rescore", out, "--ruleset", ruleset, "--out", tmp_path / "again")
    assert done.exit_code == 0, done.output
    assert files(tmp_path / "again") == files(out)
    assert verify(out) == []


def test_nobody_loses_by_correcting(sample: tuple[Path, str]) -> None:
    remedies = Directory.open(sample[0]).read("remedies")
    assert remedies.filter((pl.col("points") < 0) | (pl.col("amount_minor") < 0)).is_empty()
