"""`assess export pandera`: the schemas that a supplier runs find what the engine finds, and say so in plain lines."""

from __future__ import annotations

import importlib.util
import inspect
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pandera.polars as pa
import polars as pl
import pytest
from conftest import HEADER, VISITS
from test_checks import ON_RECORDS
from test_cli import call
from test_export_sql import NEVER_HELD, ruleset_of, with_units

from assess.checks.cases import Case
from assess.exports import supplied
from assess.exports.sound import KINDS, sound
from assess.exports.unsaid import MANIFEST
from assess.intake import take_in
from assess.intake.store import Store
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).parent.parent
Write = Callable[..., Path]


def imported(path: Path) -> ModuleType:
    """The file as Python imports it."""
    spec = importlib.util.spec_from_file_location("schemas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exported(ruleset: object, out: Path, lang: str = "en") -> ModuleType:
    assert call("export", "pandera", ruleset, "--out", out, "--lang", lang).exit_code == 0
    return imported(out / "schemas.py")


def failures(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> dict[str, int]:
    """How many records fail each rule, by its id."""
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        counted: Counter[str] = Counter()
        for error in found.schema_errors:
            said = error.check.error if isinstance(error.check, pa.Check) else error.schema.description
            counted[said.split(":")[0]] += error.failure_cases.height
        return dict(counted)
    return {}


@pytest.mark.parametrize(
    ("name", "sample"),
    [("bphs-2024", "province"), ("family-doctor", "family-doctor"), ("roster-reconciliation", "roster-reconciliation"),
     ("capacity-grading", "capacity-grading"), ("task-completion", "task-completion")],
)  # fmt: skip
def test_the_counts_of_every_rule_are_those_of_the_engine(name: str, sample: str, tmp_path: Path) -> None:
    loaded, store, data = load(ROOT / "rulesets" / f"{name}.yaml"), tmp_path / "store", ROOT / "samples" / sample
    ruleset = loaded.ruleset
    measured = assess(loaded, data, store).tables["measurements"]
    taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(store))
    module = exported(name, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))
    typed = {rule["rule"] for rule in manifest["rules"] if rule["check"] != "parses"}
    found: dict[str, int] = {}
    for table, spec in ruleset.tables.items():
        found |= failures(module.SCHEMAS[table], taken.scan(table).select(list(spec.columns)).collect())
    violated = measured.group_by("rule").agg(pl.col("violated").sum()).filter(pl.col("violated") > 0).rows()
    assert found == {rule: number for rule, number in violated if rule in typed}
    assert found


@pytest.mark.parametrize(
    "case",
    [case for case in ON_RECORDS if type(case.build()) in KINDS and case.name not in NEVER_HELD],
    ids=lambda case: f"{case.kind}: {case.name}",
)
def test_a_case_has_the_outcome_that_its_file_states(case: Case) -> None:
    ruleset = ruleset_of(case)
    said = str(sound(ruleset.checks[0], ruleset))
    functions = {name: value for name, value in vars(supplied).items() if inspect.isfunction(value)}
    expression = eval(said, {"pl": pl, **functions})  # noqa: S307 - it is what the file holds
    assert with_units(case.frame()).select(sound=expression)["sound"].to_list() == case.expect


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["bphs-2024", "family-doctor", "reported-figures", "work-points-county"])
def test_the_file_is_as_a_formatter_leaves_it_and_the_same_every_time(name: str, lang: str, tmp_path: Path) -> None:
    for out in ("one", "two"):
        assert call("export", "pandera", name, "--out", tmp_path / out, "--lang", lang).exit_code == 0
    first, second = (tmp_path / out / "schemas.py" for out in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--check", "--isolated", "--line-length", "120", str(first)],
        check=True, capture_output=True,
    )  # fmt: skip


def test_what_it_does_not_check_stands_in_the_file_and_on_the_terminal(tmp_path: Path) -> None:
    result = call("export", "pandera", "bphs-2024", "--out", tmp_path / "out")
    module = imported(tmp_path / "out" / "schemas.py")
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))
    rules = {rule.id for rule in load(ROOT / "rulesets" / "bphs-2024.yaml").ruleset.checks}
    unsaid = {each["rule"] for each in manifest["not_expressed"]}
    assert {each["rule"] for each in manifest["rules"]} | unsaid == rules
    assert unsaid >= {"HTN-FACE", "VIS-HEAPING", "VIS-REGULAR"}
    assert module.__doc__ is not None
    assert all(f"- {rule} (" in module.__doc__ for rule in unsaid)
    assert all(rule in result.stdout for rule in unsaid)


def run(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """What a supplier sees, who has no assess: without this checkout on the path."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "schemas.py", *files], cwd=folder, capture_output=True, text=True, check=False,
        env={"PYTHONUTF8": "1", "PATH": ""},
    )  # fmt: skip


def test_a_supplier_sees_what_is_wrong_with_a_file(ruleset_file: Write, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("export", "pandera", ruleset_file(), "--out", out, "--lang", "en").exit_code == 0
    rows = "A,p1,59,2024-03-01,是,60.5\nA,p2,400,2025-03-02,是,\nB,p3,110,2024-13-03,,x\n"
    (out / "visits.csv").write_text(HEADER + rows, encoding="utf-8")
    result = run(out, "visits.csv")
    assert result.stdout.splitlines() == [
        "visits.csv: line 4: day is '2024-13-03', which is no Date",
        "visits.csv: line 4: weight is 'x', which is no Float64",
        "visits.csv: V-SBP: Out of range: 2 (lines 2, 3)",
        "visits.csv: V-DONE: Not filled in: 1 (line 4)",
        "visits.csv: V-DAY: After the period: 1 (line 3)",
    ]
    assert result.returncode == 1


def test_a_supplier_sees_that_nothing_is_wrong(ruleset_file: Write, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("export", "pandera", ruleset_file(), "--out", out).exit_code == 0
    (out / "随访.csv").write_text(VISITS.replace("unit,", "机构编码,", 1).replace("p4,,", "p4,120,"), encoding="utf-8")
    result = run(out, "随访.csv")
    assert (result.stdout, result.stderr, result.returncode) == ("nothing is wrong\n", "", 0)


@pytest.mark.parametrize("files", [[], ["other.csv"]])
def test_a_supplier_is_told_how_to_call_it(ruleset_file: Write, tmp_path: Path, files: list[str]) -> None:
    out = tmp_path / "out"
    assert call("export", "pandera", ruleset_file(), "--out", out).exit_code == 0
    result = run(out, *files)
    assert (
        ("usage: python schemas.py FILE ..." in result.stderr)
        if not files
        else ("there are units, visits" in result.stdout)
    )
    assert result.returncode == 1


def test_nothing_that_an_author_wrote_escapes_from_its_text(ruleset_file: Write, tmp_path: Path) -> None:
    hostile = '\\"\\"\\"); raise SystemExit(9)  # \\\\'
    rules = ruleset_file(
        ("en: Out of range", f'en: "{hostile}"'), ("en: A tiny ruleset", f'en: "{hostile}"'),
        ("aliases: [随访]", f'aliases: ["{hostile}"]'),
    )  # fmt: skip
    module = exported(rules, tmp_path / "out")
    assert module.SCHEMAS["visits"].metadata["aliases"] == ['"""); raise SystemExit(9)  # \\']
