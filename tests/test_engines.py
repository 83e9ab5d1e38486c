"""Whatever the engine, the tables are the same: in one piece, bucket by bucket, on Spark."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest
from click.testing import CliRunner, Result

from assess.checks import REGISTRY, Profile
from assess.checks.cases import Case, cases
from assess.cli import main
from assess.engine import passes, shards
from assess.engine.passes import Engine, Passed
from assess.engine.placing import placing
from assess.engine.plan import plans, sums
from assess.pipeline import assess
from assess.ruleset.load import load
from assess.ruleset.spec import Rule, Ruleset
from assess.tables import BOOKKEEPING, FILE, ROW, Part
from assess.texts import Text

ROOT = Path(__file__).parent.parent
SAMPLES = {"bphs-2024": "province", "reported-figures": "reported-figures"}
# Where two sorts of record are checked beside each other, buckets cannot hold both sorts together.
CASES = [case for kind in REGISTRY for case in cases(kind)]

missing = [name for name in ("pyspark", "pyarrow") if importlib.util.find_spec(name) is None]
missing += [] if shutil.which("java") else ["Java"]
needs_spark = pytest.mark.skipif(
    bool(missing) and not os.environ.get("CI"), reason=f"needs {', '.join(missing)} (make spark)"
)


@pytest.fixture(scope="module")
def on_spark() -> Iterator[Callable[[int], Engine]]:
    """Engines on a Spark of two workers on this machine, which is started once."""
    from assess.engine.spark import spark

    yield lambda number: shards.engine(spark("local[2,4]", number))
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()


class Stored:
    """Rows in files, as intake leaves them: each table in two."""

    def __init__(self, frames: dict[str, pl.DataFrame], folder: Path):
        self.frames, self.folder = frames, folder

    def rows(self, table: str) -> int:
        return self.frames[table].height if table in self.frames else 0

    def parts(self, table: str) -> list[Part]:
        frame, found = self.frames[table].drop(ROW, FILE), []
        half = (frame.height + 1) // 2
        for number, (first, piece) in enumerate(((0, frame[:half]), (half, frame[half:]))):
            path = self.folder / f"{table}-{number}.parquet"
            piece.write_parquet(path, compression="lz4")
            found.append(Part(path, first, number))
        return found

    def scan(self, table: str) -> pl.LazyFrame:
        frames = [
            pl.scan_parquet(path).with_row_index(ROW, offset=first).with_columns(pl.lit(file, pl.UInt32).alias(FILE))
            for path, first, file in self.parts(table)
        ]
        return pl.concat(frames).select(self.frames[table].columns)


TYPES = {pl.String: "code", pl.Int64: "integer", pl.Float64: "number", pl.Date: "date", pl.Boolean: "boolean"}


def laid_out(case: Case, copies: int) -> tuple[Ruleset, dict[str, pl.DataFrame]]:
    """A ruleset of the one rule of a case, and its records several times over, each time of another unit."""
    frames = {"t": case.frame(), **{name: case.table(name) for name in case.tables}}
    tables = {}
    for name, frame in frames.items():
        rows = [frame.drop("unit", strict=False).with_columns(unit=pl.lit(f"U{i}")) for i in range(copies)]
        whole = pl.concat(rows) if name == "t" else rows[0]
        declared = {n: t for n, t in whole.schema.items() if n not in BOOKKEEPING}
        tables[name] = {"columns": {n: {"type": TYPES[type(t)]} for n, t in declared.items()}}
        whole = whole.drop(ROW, FILE, strict=False).with_columns(pl.lit(0, pl.UInt32).alias(FILE)).with_row_index(ROW)
        lacking = [pl.lit(None, dtype=t).alias(n) for n, t in BOOKKEEPING.items() if n not in whole.columns]
        frames[name] = whole.with_columns(lacking).select(*declared, *BOOKKEEPING).cast(BOOKKEEPING)  # type: ignore[arg-type]
    review: Any = {"effect": "review"} if issubclass(REGISTRY[case.kind], Profile) else {}
    rule = Rule(id="R", table="t", title=Text(zh="规则", en="rule"), check=case.build(), **review)
    unit = {"table": "t", "key": "unit"}
    empty = Ruleset.model_validate({"ruleset": "case", "version": "1", "title": "t", "unit": unit, "tables": tables})
    return empty.model_copy(update={"checks": (rule,)}), frames


def yielded(passed: Passed, ruleset: Ruleset) -> list[object]:
    """What the engine says of the checked table, in an order of its own."""
    outcome, plan = passed.outcomes["t"], plans(ruleset)["t"]
    found: list[object] = [sorted(outcome.broken), outcome.failing.select(ROW, "unit").rows()]
    names = sorted(name for name in outcome.measured.columns if name != "unit")
    found.append(outcome.measured.sort("unit").select("unit", *names).rows())
    found += [sums(plan, rule, outcome.measured).sort("unit").rows() for rule, _ in plan.profiles]
    return found


def run(case: Case, engine: Engine, folder: Path) -> list[object]:
    ruleset, frames = laid_out(case, 3)
    folder.mkdir()
    return yielded(engine(ruleset, plans(ruleset), Stored(frames, folder), folder), ruleset)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.name}")
def test_buckets_yield_what_the_whole_does(case: Case, tmp_path: Path) -> None:
    whole = run(case, passes.whole, tmp_path / "whole")
    assert run(case, shards.engine(shards.local(7)), tmp_path / "shards") == whole


@needs_spark
@pytest.mark.parametrize("kind", REGISTRY)
def test_spark_yields_what_the_whole_does(kind: str, tmp_path: Path, on_spark: Callable[[int], Engine]) -> None:
    case = next(iter(cases(kind)))
    assert run(case, on_spark(2), tmp_path / "spark") == run(case, passes.whole, tmp_path / "whole")


def tables_of(ruleset: str, engine: Engine) -> dict[str, pl.DataFrame]:
    return assess(load(ROOT / f"rulesets/{ruleset}.yaml"), ROOT / "samples" / SAMPLES[ruleset], engine=engine).tables


def assert_alike(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> None:
    assert found.keys() == expected.keys()
    different = [name for name, frame in expected.items() if not found[name].equals(frame)]
    assert not different


@pytest.mark.parametrize("ruleset", SAMPLES)
def test_the_tables_of_a_sample_do_not_hang_on_the_number_of_buckets(ruleset: str) -> None:
    whole = tables_of(ruleset, passes.whole)
    assert_alike(tables_of(ruleset, shards.engine(shards.local(7))), whole)
    assert_alike(tables_of(ruleset, shards.engine(shards.local(1))), whole)


@needs_spark
@pytest.mark.parametrize("ruleset", SAMPLES)
def test_the_tables_of_a_sample_are_the_same_on_spark(ruleset: str, on_spark: Callable[[int], Engine]) -> None:
    assert_alike(tables_of(ruleset, on_spark(3)), tables_of(ruleset, passes.whole))


class Killed(shards.Work):
    """Work whose first attempt is killed midway."""

    mark: ClassVar[str]

    def run(self, scan: Callable[[str], pl.LazyFrame], folder: Path) -> shards.Outcomes:
        try:
            Path(self.mark).touch(exist_ok=False)
        except FileExistsError:
            return super().run(scan, folder)
        super().run(scan, folder)
        os.kill(os.getpid(), 9)
        raise AssertionError


@needs_spark
def test_a_task_killed_midway_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_spark: Callable[[int], Engine]
) -> None:
    on_spark(2)
    mark = tmp_path / "killed"
    case = next(iter(cases("unique")))
    expected = run(case, passes.whole, tmp_path / "whole")
    # The class travels by value: the workers do not know the tests.
    import pickle

    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(__import__(__name__))
    monkeypatch.setattr(pickle, "dumps", cloudpickle.dumps)
    monkeypatch.setattr(shards, "Work", Killed)
    monkeypatch.setattr(Killed, "mark", str(mark), raising=False)
    assert run(case, on_spark(2), tmp_path / "spark") == expected
    assert mark.exists()


def test_tables_go_by_what_most_rules_ask_for() -> None:
    ruleset = load(ROOT / "rulesets/bphs-2024.yaml").ruleset
    found = placing(ruleset, plans(ruleset))
    assert {found.keys[name] for name in ("residents", "hypertension", "visits", "contracts")} == {"person_id"}
    assert not found.apart
    strays = {rule.id for plan in plans(ruleset).values() for rule in found.strays(plan)}
    assert strays
    assert not strays & {"RES-DUP"}


def call(out: Path, *options: str) -> Result:
    """Assess the published figures by the command line."""
    data = str(ROOT / "samples/reported-figures")
    arguments = ["run", "--ruleset", "reported-figures", "--data", data, "--out", str(out), "--fail-on", "never"]
    return CliRunner().invoke(main, [*arguments, *options])


@pytest.mark.parametrize(
    "options", [("--shards", "2", "--engine", "spark"), ("--buckets", "2"), ("--spark-master", "x")]
)
def test_options_that_do_not_go_together_are_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    result = call(tmp_path / "out", *options)
    assert result.exit_code == 2
    assert "--engine spark" in result.stderr


def test_a_run_in_parts_says_so_in_its_provenance(tmp_path: Path) -> None:
    assert call(tmp_path / "out", "--shards", "3").exit_code == 0
    assert "--shards 3" in (tmp_path / "out" / "assessment.json").read_text(encoding="utf-8")


@pytest.mark.skipif("pyspark" not in missing, reason="PySpark is installed")
def test_without_spark_one_line_says_what_to_install(tmp_path: Path) -> None:
    result = call(tmp_path / "out", "--engine", "spark")
    assert result.exit_code == 2
    assert "assess[spark]" in result.stderr
    assert "Traceback" not in result.stderr
