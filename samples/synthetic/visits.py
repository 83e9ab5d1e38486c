"""Follow-up visits of people with a chronic disease: the latest of each person is the one his table tells of."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from synthetic.people import PERIOD_START, dates, day
from synthetic.services import Tables, Whole, between, tens

CONDITIONS = {"hypertension": "高血压", "diabetes": "糖尿病"}
_READINGS = {"hypertension": ("sbp", "dbp"), "diabetes": ("glucose",)}
_TYPES = {"sbp": pl.Int64(), "dbp": pl.Int64(), "glucose": pl.Float64()}
_START = day(PERIOD_START)
# So many visits of one unit on one day are a signal.
ENTERED_AT_ONCE = 40
ONE_DAY = dt.date(2024, 6, 28)
_A_LITTLE_BEFORE = day(dt.date(2023, 10, 1))


def visits(tables: Tables, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """All visits of the period, and some of the quarter before it.

    `_latest` marks the latest of each person, `_before` those before the period of people who were seen in it, and
    `_died` people who died within the period.
    """
    return pl.concat([_of(tables[table], table, units, rng) for table in CONDITIONS])


def _of(patients: pl.DataFrame, table: str, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    read = patients.filter("_read")
    many, last = read["visits"].to_numpy(), _days(read, "last_visit")
    first = np.maximum(_days(read, "diagnosed_on"), _START)
    which, place = _repeated(np.maximum(many - 1, 0))
    # Earlier visits of the period: each in a stretch of its own of the time before the latest.
    length, stretches = (last - first)[which], np.maximum(many - 1, 1)[which]
    start, end = place * length // stretches, (place + 1) * length // stretches
    within = first[which] + between(rng, start, end - 1, len(which))
    seen, since = read["_seen"].to_numpy(), np.maximum(_days(read, "diagnosed_on"), _A_LITTLE_BEFORE)
    before = np.flatnonzero(seen & (since < _START - 10) & (rng.random(read.height) < 0.35))
    earlier_day = between(rng, since[before], _START - 1, len(before))
    # Spacing of exactly 90 days is a signal; nobody is to give it by chance.
    next_day = last.copy()
    np.minimum.at(next_day, which, within)
    exact = next_day[before] - earlier_day == 90
    earlier_day += np.where(exact, np.where(earlier_day > since[before], -1, 1), 0)
    n = read.height
    row = np.concatenate([np.arange(n), which, before])
    on = np.concatenate([last, within, earlier_day])
    latest = np.arange(len(row)) < n
    frame = read[row].select(
        "_p", "_u", "person_id", *_READINGS[table], "standardised",
        condition=pl.lit(CONDITIONS[table]),
        visited_on=dates(on),
        # Those under standard management are met in person each time that a visit is due.
        face_to_face=pl.col("standardised") | pl.Series(latest | (rng.random(len(row)) < 0.9)),
        medication=pl.Series(rng.random(len(row)) < 0.82),
        _latest=pl.Series(latest),
        _before=pl.Series(np.arange(len(row)) >= n + len(which)),
        _died=pl.col("death_date").is_not_null(),
    )  # fmt: skip
    unit = frame["_u"].to_numpy()
    flat = units["flat"].to_numpy()[unit]
    sbp = np.where(flat, between(rng, 122, 129, len(row)), between(rng, 112, 168, len(row)))
    dbp = np.minimum(sbp - 30, between(rng, 62, np.where(flat, 84, 104), len(row)))
    pressures = {"sbp": tens(rng, sbp, unit, units), "dbp": tens(rng, dbp, unit, units)}
    readings = pressures if table == "hypertension" else {"glucose": between(rng, 45, 112, len(row)) / 10}
    absent = ("sbp", "dbp") if table == "diabetes" else ("glucose",)
    return (
        frame.with_columns(
            pl.when("_latest").then(name).otherwise(pl.Series(values)).alias(name) for name, values in readings.items()
        )
        .with_columns(pl.lit(None, dtype=_TYPES[name]).alias(name) for name in absent)
        .select(
            "_p", "_u", "person_id", "condition", "visited_on", "face_to_face", "sbp", "dbp", "glucose", "medication",
            "_latest", "_before", "_died",
        )
    )  # fmt: skip


def batched(tables: Tables, unit: int) -> dt.date | None:
    """Move the latest visits of a unit to one day, as if they had been entered in one sitting; None for too few."""
    seen = (pl.col("_u") == unit) & pl.col("_seen") & pl.col("death_date").is_null()
    if sum(tables[table].filter(seen).height for table in CONDITIONS) <= ENTERED_AT_ONCE:
        return None
    for table, condition in CONDITIONS.items():
        who = tables[table].filter(seen)["_p"].implode()
        tables[table] = tables[table].with_columns(last_visit=pl.when(seen).then(ONE_DAY).otherwise("last_visit"))
        theirs = (pl.col("condition") == condition) & pl.col("_latest") & pl.col("_p").is_in(who)
        moved = pl.when(theirs).then(ONE_DAY).otherwise("visited_on")
        tables["visits"] = tables["visits"].with_columns(visited_on=moved)
    return ONE_DAY


def _days(frame: pl.DataFrame, name: str) -> Whole:
    days: Whole = frame[name].cast(pl.Int32).to_numpy().astype(np.int64)
    return days


def _repeated(many: Whole) -> tuple[Whole, Whole]:
    """Each index as often as `many` says, and its place among its repetitions."""
    which = np.repeat(np.arange(len(many)), many)
    return which, np.arange(len(which)) - (np.cumsum(many) - many)[which]
