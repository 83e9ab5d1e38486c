"""Nobody scores better for leaving something out, breaking a column, or submitting zeros."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.assessment import Assessment
from assess.intake import take_in
from assess.intake.store import Store
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).parent.parent
LOADED = load(ROOT / "rulesets" / "bphs-2024.yaml")
RULESET = LOADED.ruleset
KEY = RULESET.unit.key
# What is judged about a unit: its own submissions. The register and marks given on site are the assessor's.
TABLES = [name for name in RULESET.tables if name != RULESET.unit.table]
Frames = dict[str, pl.DataFrame]
Trick = Callable[[pl.DataFrame, pl.Expr], pl.DataFrame]


def text(frame: pl.DataFrame) -> pl.DataFrame:
    boolean = [name for name, dtype in frame.schema.items() if dtype == pl.Boolean]
    said = frame.with_columns(
        [pl.when(name).then(pl.lit("是")).when(pl.col(name).not_()).then(pl.lit("否")).alias(name) for name in boolean]
    )
    return said.cast(pl.String)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """Six units of the sample as they submitted, every cell as text."""
    store = Store(tmp_path_factory.mktemp("store"))
    taken = take_in(ROOT / "samples" / "province", RULESET.tables, RULESET.unit.table, KEY, store)
    units = taken.scan(RULESET.unit.table).collect()[KEY].sort()[::4].to_list()
    return {
        name: text(taken.scan(name).filter(pl.col(KEY).is_in(units)).select(list(table.columns)).collect())
        for name, table in RULESET.tables.items()
    }


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Frames], Assessment]:
    def submit(frames: Frames) -> Assessment:
        data = tmp_path_factory.mktemp("data")
        for name, frame in frames.items():
            frame.write_csv(data / f"{name}.csv")
        return assess(LOADED, data)

    return submit


@pytest.fixture(scope="module")
def scores(honest: Frames, submitted: Callable[[Frames], Assessment]) -> dict[str, float]:
    found = submitted(honest).tables["scores"]
    assert found["score"].null_count() == 0
    return dict(found.select("unit", pl.col("score").cast(pl.Float64)).iter_rows())


def omitted(frame: pl.DataFrame, mine: pl.Expr) -> pl.DataFrame:
    return frame.filter(~mine)


def zeros(table: str) -> Trick:
    types = {name: column.type for name, column in RULESET.tables[table].columns.items()}
    numbers = [name for name, kind in types.items() if kind in ("integer", "number", "decimal")]
    answers = [name for name, kind in types.items() if kind == "boolean"]
    return lambda frame, mine: frame.with_columns(
        [pl.when(mine).then(pl.lit("0")).otherwise(name).alias(name) for name in numbers]
        + [pl.when(mine).then(pl.lit("否")).otherwise(name).alias(name) for name in answers]
    )


def broken(column: str) -> Trick:
    return lambda frame, mine: frame.with_columns(pl.when(mine).then(pl.lit("坏#")).otherwise(column).alias(column))


def emptied(column: str) -> Trick:
    return lambda frame, mine: frame.with_columns(
        pl.when(mine).then(pl.lit(None, pl.String)).otherwise(column).alias(column)
    )


@st.composite
def tricks(draw: st.DrawFn) -> tuple[str, str, Trick]:
    table = draw(st.sampled_from(TABLES))
    column = draw(st.sampled_from([name for name in RULESET.tables[table].columns if name != KEY]))
    name, trick = draw(
        st.sampled_from([("omit", omitted), ("zeros", zeros(table)), (f"break {column}", broken(column)),
                         (f"empty {column}", emptied(column))])
    )  # fmt: skip
    return table, name, trick


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(trick=tricks(), place=st.integers(0, 5))
def test_a_trick_never_pays(
    honest: Frames, submitted: Callable[[Frames], Assessment], scores: dict[str, float], trick: tuple[str, str, Trick],
    place: int,
) -> None:  # fmt: skip
    table, name, change = trick
    unit = sorted(scores)[place]
    found = submitted({**honest, table: change(honest[table], pl.col(KEY) == unit)}).tables["scores"]
    score = found.filter(pl.col("unit") == unit)["score"][0]
    assert score is None or float(score) <= scores[unit], f"{unit}: {name} of {table}"


@pytest.mark.parametrize("table", TABLES)
def test_leaving_a_table_out_never_pays(
    honest: Frames, submitted: Callable[[Frames], Assessment], scores: dict[str, float], table: str
) -> None:
    unit = sorted(scores)[TABLES.index(table) % len(scores)]
    found = submitted({**honest, table: omitted(honest[table], pl.col(KEY) == unit)}).tables["scores"]
    score = found.filter(pl.col("unit") == unit)["score"][0]
    assert float(score) <= scores[unit], unit
