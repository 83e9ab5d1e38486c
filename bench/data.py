"""Synthetic records of people with hypertension, with a known share of defects.

    python bench/data.py --rows 1_000_000

1,500 institutions of unequal size, 13 columns, one Parquet file. No name, number or person in it is real. A file of
more rows begins with the rows of a smaller one.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "data"
INSTITUTIONS = 1_500
CHUNK = 250_000
SEED = 11643

# The share of all records that have a defect; those of one family exclude each other.
NUMBERS = {"missing": 0.0005, "malformed": 0.002, "impossible day": 0.003, "wrong check digit": 0.005}
PHONES = {"missing": 0.02, "wrong prefix": 0.0025, "too short": 0.0015, "with a hyphen": 0.001}
PRESSURES = {"not measured": 0.01, "systolic too high": 0.002, "diastolic too low": 0.0025, "exchanged": 0.0025}
REPEATED, OTHER_SEX, DIED_BEFORE, VISITED_BEFORE, DEAD = 0.01, 0.005, 0.002, 0.003, 0.02

CHECK_CHARACTERS = "10X98765432"
WEIGHTS = [2**i % 11 for i in range(17, 0, -1)]
NO_DAYS = np.array([1301, 1332, 230, 431, 1100, 631, 1232, 15])
BORN = np.arange(np.datetime64("1925-01-01"), np.datetime64("2005-01-01"))


def day(year: int, month: int, number: int) -> int:
    """Days since 1970-01-01."""
    return (dt.date(year, month, number) - dt.date(1970, 1, 1)).days


def drawn(rng: np.random.Generator, n: int, shares: dict[str, float]) -> NDArray[np.int64]:
    """For each of `n` records the position of its defect among `shares`, or a position behind them."""
    return np.searchsorted(np.cumsum(list(shares.values())), rng.random(n), side="right")


def numbers(rng: np.random.Generator, n: int) -> tuple[pl.Series, pl.Series, NDArray[np.int64]]:
    """Identity numbers, dates of birth, and the sex that the numbers say (1 male, 2 female)."""
    areas = np.random.default_rng(SEED).integers(110_101, 659_000, 340)
    area, born, order = areas[rng.integers(0, 340, n)], rng.integers(0, len(BORN), n), rng.integers(1, 1000, n)
    again, of = rng.choice(n, round(n * REPEATED), replace=False), rng.integers(0, n, round(n * REPEATED))
    area[again], born[again], order[again] = area[of], born[of], order[of]
    defect = drawn(rng, n, NUMBERS)
    defect[again], defect[of] = len(NUMBERS), len(NUMBERS)  # whoever is there twice is there twice in the same form
    dates = BORN[born]
    year = dates.astype("datetime64[Y]").astype(int) + 1970
    month = dates.astype("datetime64[M]").astype(int) % 12 + 1
    month_day = month * 100 + (dates - dates.astype("datetime64[M]")).astype(int) + 1
    month_day = np.where(defect == 2, NO_DAYS[rng.integers(0, len(NO_DAYS), n)], month_day)
    head = (area * 10**8 + year * 10**4 + month_day) * 1000 + order
    total = sum((head // 10 ** (16 - i) % 10) * weight for i, weight in enumerate(WEIGHTS))
    total = np.where(defect == 3, total + rng.integers(1, 11, n), total) % 11
    character = pl.Series(list(CHECK_CHARACTERS)).gather(pl.Series(total))
    text = pl.Series("id", head).cast(pl.String) + character
    form = pl.Series("form", np.where(defect == 1, rng.integers(0, 4, n), 4))
    malformed = [text.str.head(15), text.str.head(9) + "O" + text.str.tail(8), "0" + text.str.tail(17), text + "0"]
    choice = pl.when(pl.lit(pl.Series(defect == 0))).then(None)
    for i, wrong in enumerate(malformed):
        choice = choice.when(pl.lit(form == i)).then(pl.lit(wrong))
    found = pl.select(id_number=choice.otherwise(pl.lit(text)))["id_number"]
    return found, pl.Series("birth_date", dates.astype("datetime64[D]")).cast(pl.Date), np.where(order % 2 == 1, 1, 2)


def phones(rng: np.random.Generator, n: int) -> pl.Series:
    """Mobile telephone numbers."""
    defect = drawn(rng, n, PHONES)
    second = np.where(defect == 1, 0, rng.integers(3, 10, n))
    text = pl.Series("phone", 10**10 + second * 10**9 + rng.integers(0, 10**9, n)).cast(pl.String)
    kind = pl.lit(pl.Series("kind", defect))
    return pl.select(
        phone=pl.when(kind == 0).then(None)
        .when(kind == 2).then(pl.lit(text.str.head(10)))
        .when(kind == 3).then(pl.lit(text.str.head(3) + "-" + text.str.tail(8)))
        .otherwise(pl.lit(text))
    )["phone"]  # fmt: skip


def records(number: int, n: int) -> pl.DataFrame:
    """The records of one chunk."""
    rng, fixed = np.random.default_rng([SEED, number]), np.random.default_rng(SEED)
    sizes = 0.1 + fixed.gamma(2.0, size=INSTITUTIONS)
    at = np.searchsorted(np.cumsum(sizes) / sizes.sum(), rng.random(n))
    identity, born, sex = numbers(rng, n)
    diagnosed = rng.integers(day(2005, 1, 1), day(2023, 1, 1), n)
    visits = rng.integers(0, 9, n)
    early = rng.random(n) < VISITED_BEFORE
    visited = diagnosed + np.where(early, -rng.integers(1, 400, n), rng.integers(0, 1000, n))
    fate = drawn(rng, n, {"before": DIED_BEFORE, "dead": DEAD})
    died = visited + np.where(fate == 0, -rng.integers(1, 300, n), rng.integers(0, 300, n))
    systolic = np.clip(rng.normal(142, 16, n), 90, 240).astype(np.int64)
    diastolic = np.minimum(np.clip(rng.normal(86, 9, n), 50, 130).astype(np.int64), systolic - 5)
    defect = drawn(rng, n, PRESSURES)
    systolic = np.where(defect == 1, rng.integers(301, 999, n), systolic)
    diastolic = np.where(defect == 2, rng.integers(0, 30, n), diastolic)
    diastolic = np.where(defect == 3, systolic + rng.integers(0, 20, n), diastolic)
    frame = pl.DataFrame(
        {
            "institution_id": pl.Series([f"H{110_000 + 37 * i}{i:04}" for i in range(INSTITUTIONS)]).gather(at),
            "id_number": identity,
            "name_hash": pl.Series(rng.integers(0, 2**63, n)).cast(pl.String).str.zfill(19),
            "sex": pl.Series(np.where(rng.random(n) < OTHER_SEX, 3 - sex, sex)).cast(pl.String),
            "birth_date": born,
            "phone": phones(rng, n),
            "diagnosis_date": pl.Series(diagnosed.astype(np.int32)).cast(pl.Date),
            "last_followup_date": pl.Series(visited.astype(np.int32)).cast(pl.Date),
            "followups": visits,
            "sbp": systolic,
            "dbp": diastolic,
            "managed": rng.random(n) < 0.8,
            "death_date": pl.Series(died.astype(np.int32)).cast(pl.Date),
        }
    )
    return frame.with_columns(
        pl.when(pl.col("followups") > 0).then("last_followup_date"),
        pl.when(pl.lit(pl.Series(defect != 0))).then("sbp"),
        pl.when(pl.lit(pl.Series(fate < 2))).then("death_date"),
    )


def generate(rows: int, folder: Path = FOLDER) -> Path:
    """The file of so many records, made unless it is there."""
    path = folder / f"records-{rows}.parquet"
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        parts = []
        for number, first in enumerate(range(0, rows, CHUNK)):
            parts.append(Path(scratch) / f"{number:05}.parquet")
            records(number, CHUNK).head(rows - first).write_parquet(parts[-1], compression="uncompressed")
        whole = Path(scratch) / "whole.parquet"
        pl.concat([pl.scan_parquet(part, glob=False) for part in parts]).sink_parquet(
            whole, compression="zstd", row_group_size=CHUNK, statistics=True
        )
        whole.rename(path)
    return path


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, default=FOLDER)
    given = options.parse_args()
    made = generate(given.rows, given.folder)
    print(f"{made}: {made.stat().st_size / 2**20:,.0f} MiB")
