"""What institutions did for people: sound tables, before any fault."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic.people import AS_OF, CHILD_BORN_AFTER, PERIOD_START, SENIOR_BORN_BY, UNITS_PER_COUNTY, Batch, dates, day

Tables = dict[str, pl.DataFrame]
Whole = NDArray[np.int64]
_START, _END = day(PERIOD_START), day(AS_OF)
_BEFORE = _START - 1
HYPERTENSION, DIABETES = 0.252, 0.112
# Of readings by hand, the share that is cut down to a ten.
BY_HAND = 0.58


def effort(units: pl.DataFrame, rng: np.random.Generator) -> NDArray[np.float64]:
    """How well each unit does one thing (0 to 1): nobody is equally good at everything."""
    return np.clip(units["quality"].to_numpy() + 0.36 * (rng.random(units.height) - 0.5), 0.0, 1.0)


def top(unit: Whole, rank: NDArray[np.float64], allowed: NDArray[np.bool_], many: Whole) -> NDArray[np.bool_]:
    """Of each unit the `many[unit]` allowed rows that rank highest."""
    rank = np.where(allowed, rank, -1.0)
    order = np.lexsort((-rank, unit))
    starts = np.searchsorted(unit[order], np.arange(len(many)))
    chosen = np.zeros(len(unit), dtype=bool)
    chosen[order] = np.arange(len(unit)) - starts[unit[order]] < many[unit[order]]
    return chosen & allowed


def between(rng: np.random.Generator, low: Whole | int, high: Whole | int, n: int) -> Whole:
    """Whole numbers from `low` to `high`, both included; `low` where the two cross."""
    span = np.maximum(np.asarray(high) - np.asarray(low), 0) + 1
    drawn: Whole = np.asarray(low) + np.floor(rng.random(n) * span).astype(np.int64)
    return drawn


def residents(batch: Batch, everyone: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One sound health record for everybody who is not a stranger."""
    frame = everyone.filter(~pl.col("stranger")).drop("stranger")
    n, unit = frame.height, frame["_u"].to_numpy()
    quality, activity = effort(batch.units, rng)[unit], effort(batch.units, rng)[unit]
    born = frame["birth_date"].cast(pl.Int32).to_numpy().astype(np.int64)
    filed = between(rng, np.maximum(born, day(dt.date(2009, 1, 1))), day(dt.date(2024, 6, 20)), n)
    old = born <= day(dt.date(1984, 1, 1))
    risk = np.where(born <= day(SENIOR_BORN_BY), 0.045, 0.006) * old * (filed < day(dt.date(2023, 6, 1)))
    fate = rng.random(n)
    died_before, died_within = fate < risk, (fate >= risk) & (fate < risk * 1.25)
    death = np.where(
        died_before,
        between(rng, filed + 30, day(dt.date(2023, 12, 28)), n),
        between(rng, day(dt.date(2024, 1, 10)), day(dt.date(2024, 6, 20)), n),
    )
    dead = died_before | died_within
    electronic = rng.random(n) < 0.86 + 0.135 * quality
    standardised = electronic & (rng.random(n) < 0.40 + 0.50 * quality)
    opened = electronic & (rng.random(n) < 0.3 + 0.5 * quality)
    viewed = opened & (rng.random(n) < 0.4)
    active = ~dead & (rng.random(n) < 0.12 + 0.30 * activity)
    updated = np.where(
        active,
        between(rng, np.maximum(filed, _START), _END, n),
        between(rng, filed, np.where(dead, death, np.maximum(filed, _BEFORE)), n),
    )
    return frame.with_columns(
        filed_on=dates(filed),
        electronic=pl.Series(electronic),
        standardised=pl.Series(standardised),
        opened=pl.Series(opened),
        viewed=pl.Series(viewed),
        active=pl.Series(active),
        last_updated=dates(updated),
        death_date=dates(death),
        _dead_before=pl.Series(died_before),
        _dead=pl.Series(dead),
    ).with_columns(death_date=pl.when("_dead").then("death_date"))


def register(batch: Batch, records: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The register of the batch: populations that the sound records are a credible part of."""
    units = batch.units
    alive = records.filter(~pl.col("_dead"))
    by_unit = units.select("unit").join(
        alive.group_by("_u").agg(
            alive=pl.len(),
            seniors=(pl.col("birth_date") <= SENIOR_BORN_BY).sum(),
            children=(pl.col("birth_date") > CHILD_BORN_AFTER).sum(),
            born=(pl.col("birth_date") >= PERIOD_START).sum(),
        ),
        left_on="unit", right_on="_u", how="left", maintain_order="left",
    ).fill_null(0)  # fmt: skip
    coverage = 0.79 + 0.19 * effort(units, rng)
    population = np.ceil(by_unit["alive"].to_numpy() / coverage).astype(int)
    adults = np.round(population * (0.79 + 0.04 * rng.random(units.height))).astype(int)
    elderly = np.ceil(by_unit["seniors"].to_numpy() / coverage).astype(int)
    # Some more than the records know of: a birth entered twice must not make a rate above 100 %.
    births = np.ceil(by_unit["born"].to_numpy() / (0.93 + 0.06 * rng.random(units.height))).astype(int) + 1
    children = np.maximum(births, np.ceil(by_unit["children"].to_numpy() / coverage).astype(int) + 2)
    # The first institution of each county is in its town.
    town = pl.col("institution_id").str.slice(6).cast(pl.Int64) % UNITS_PER_COUNTY == 1
    return units.with_columns(
        population=pl.Series(population),
        adults=pl.Series(adults),
        elderly=pl.Series(np.maximum(elderly, 5)),
        live_births=pl.Series(births),
        children=pl.Series(children),
        kind=pl.when(town).then(pl.lit("社区卫生服务中心")).otherwise(pl.lit("乡镇卫生院")),
        staff=pl.Series(np.maximum(4, np.round(population * (0.0012 + 0.0006 * rng.random(units.height)))).astype(int)),
        born=by_unit["born"],
        by_hand=pl.lit(BY_HAND),
        flat=pl.lit(value=False),
        registered=pl.Series(0.0044 + 0.0016 * rng.random(units.height)),
        exceptions=pl.Series(0.02 + 0.04 * rng.random(units.height)),
    )


def chronic(
    batch: Batch, records: pl.DataFrame, units: pl.DataFrame, managed_now: Whole, born_by: dt.date,
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, NDArray[np.bool_]]:  # fmt: skip
    """Patients of a chronic disease with their visits, and which of them were seen well controlled."""
    pool = records.filter(~pl.col("_dead_before") & (pl.col("birth_date") <= born_by))
    unit = pool["_u"].to_numpy()
    born = pool["birth_date"].cast(pl.Int32).to_numpy().astype(np.int64)
    rank = rng.random(pool.height) + 0.6 * (born <= day(SENIOR_BORN_BY))
    extra = np.ceil(managed_now * 0.05).astype(np.int64)
    listed = top(unit, rank, np.ones(len(unit), dtype=bool), managed_now + extra)
    managed = top(unit, rank, listed, managed_now)[listed]
    frame = pool.filter(pl.Series(listed)).select("_p", "_u", "person_id", "birth_date", "death_date")
    unit, born, n = unit[listed], born[listed], frame.height
    died = frame["death_date"].is_not_null().to_numpy()
    # Nobody is seen after death, which for these patients came within the period.
    death = frame["death_date"].cast(pl.Int32).fill_null(_END).to_numpy().astype(np.int64)
    until = np.where(died, death - 1, _END - 2)
    quality, control = effort(batch.units, rng), effort(batch.units, rng)
    late = (rng.random(n) < 0.05) & ~died
    diagnosed = between(
        rng,
        np.where(late, _START, np.maximum(born + 20 * 366, day(dt.date(2006, 1, 1)))),
        np.where(late, day(dt.date(2024, 5, 20)), day(dt.date(2023, 11, 30))),
        n,
    )
    # One visit is due for every 90 days under management in the period.
    due = np.maximum(death - np.maximum(diagnosed, _START), 0) // 90
    counts = np.bincount(unit[managed], minlength=len(quality))
    # Who died early in the period leaves no time for a visit.
    able = managed & (until >= _START + 20 + 30 * due)
    standard = top(unit, rng.random(n), able, np.round(counts * (0.38 + 0.42 * quality)).astype(np.int64))
    visits = np.where(standard, np.maximum(due, 1) + (rng.random(n) < 0.3), (rng.random(n) < 0.75).astype(int))
    visits = np.where(able, visits, 0)
    exceptions = np.round(counts * units["exceptions"].to_numpy()).astype(np.int64)
    excepted = top(unit, rng.random(n), managed & ~standard, exceptions)
    seen = visits > 0
    earlier = managed & ~seen & (diagnosed <= _BEFORE - 60)
    first = np.maximum(diagnosed, _START)
    last = np.where(
        seen,
        between(rng, np.minimum(first + 30 * np.maximum(visits - 1, 0), until), until, n),
        between(rng, np.maximum(diagnosed, _START - 300), _BEFORE, n),
    )
    wanted = np.round(counts * (0.38 + 0.40 * control)).astype(np.int64)
    controlled = top(unit, rng.random(n), seen & ~excepted, wanted)
    why = np.where(seen, np.where(rng.random(n) < 0.6, "拒绝", "不宜管理"), "失访")
    frame = frame.with_columns(
        diagnosed_on=dates(diagnosed),
        managed=pl.Series(managed),
        standardised=pl.Series(standard),
        visits=pl.Series(visits.astype(np.int64)),
        last_visit=dates(last),
        exception=pl.Series(why),
        _seen=pl.Series(seen),
        _read=pl.Series(seen | earlier),
        controlled=pl.Series(controlled),
    ).with_columns(
        last_visit=pl.when("_read").then("last_visit"),
        exception=pl.when(pl.Series(excepted)).then("exception"),
    )
    return frame, controlled


def tens(rng: np.random.Generator, values: Whole, unit: Whole, units: pl.DataFrame) -> Whole:
    """Readings by hand: each unit cuts its share of them down to a ten, and others end in 0 by chance: 62 % in all."""
    many = np.round(np.bincount(unit, minlength=units.height) * units["by_hand"].to_numpy()).astype(np.int64)
    cut = top(unit, rng.random(len(values)), np.ones(len(values), dtype=bool), many)
    return np.where(cut, values // 10 * 10, values)


def hypertension(batch: Batch, records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Patients with high blood pressure: controlled is below 140/90, from 65 years below 150/90.

    In `units`, `by_hand` is the share of readings that are cut down to a ten, and `flat` marks a unit whose readings
    are all alike.
    """
    rate = 0.34 + 0.36 * effort(units, rng)
    many = np.maximum(5, np.round(units["adults"].to_numpy() * HYPERTENSION * rate)).astype(np.int64)
    frame, controlled = chronic(batch, records, units, many, dt.date(1996, 1, 1), rng)
    n, unit = frame.height, frame["_u"].to_numpy()
    limit = np.where((frame["birth_date"] <= SENIOR_BORN_BY).to_numpy(), 150, 140)
    sbp = np.where(controlled, between(rng, 108, limit - 1, n), between(rng, limit, limit + 34, n))
    dbp = np.where(controlled, between(rng, 64, 89, n), between(rng, 76, 109, n))
    flat = units["flat"].to_numpy()[unit]
    sbp, dbp = np.where(flat, between(rng, 122, 129, n), sbp), np.where(flat, between(rng, 72, 84, n), dbp)
    frame = frame.with_columns(
        sbp=pl.Series(tens(rng, sbp, unit, units)),
        dbp=pl.Series(tens(rng, dbp, unit, units)),
        controlled=pl.Series(controlled | (flat & frame["_seen"].to_numpy())),
        _high=pl.Series(~controlled & ~flat),
    )
    return frame.with_columns(pl.when("_read").then(pl.col("sbp", "dbp")))


def diabetes(batch: Batch, records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Patients with diabetes: controlled is a fasting glucose below 7.0. `units` may state how many are managed."""
    rate = 0.36 + 0.36 * effort(units, rng)
    many = np.maximum(5, np.round(units["adults"].to_numpy() * DIABETES * rate)).astype(np.int64)
    if "diabetics" in units.columns:
        many = units["diabetics"].fill_null(pl.Series(many)).to_numpy().astype(np.int64)
    frame, controlled = chronic(batch, records, units, many, dt.date(1990, 1, 1), rng)
    n = frame.height
    tenths = np.where(controlled, between(rng, 43, 69, n), between(rng, 70, 138, n))
    frame = frame.with_columns(glucose=pl.Series(tenths / 10), _high=pl.Series(~controlled))
    return frame.with_columns(glucose=pl.when("_read").then("glucose"))


def elderly(records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Seniors who came for their annual examination, or were entered for it."""
    pool = records.filter(~pl.col("_dead_before") & (pl.col("birth_date") <= SENIOR_BORN_BY))
    unit, n = pool["_u"].to_numpy(), pool.height
    quality, all_of_them = effort(units, rng), units["elderly"].to_numpy()
    rank, everyone = rng.random(n), np.ones(n, dtype=bool)
    until = pool["death_date"].cast(pl.Int32).fill_null(_END + 1).to_numpy().astype(np.int64) - 1
    examined = np.round(all_of_them * (0.17 + 0.33 * quality)).astype(np.int64)
    treated = np.round(all_of_them * (0.19 + 0.30 * effort(units, rng))).astype(np.int64)
    listed = top(unit, rank, everyone, np.maximum(examined, treated) + 1 + all_of_them // 8)
    complete = top(unit, rank, listed, examined)
    tcm = top(unit, rng.random(n), listed, treated)
    return (
        pool.select("_p", "_u", "person_id", "birth_date")
        .with_columns(
            exam_on=dates(between(rng, day(dt.date(2024, 1, 8)), np.minimum(until, day(dt.date(2024, 6, 27))), n)),
            exam_complete=pl.Series(complete),
            selfcare=pl.Series(complete),
            tcm=pl.Series(tcm),
        )
        .filter(pl.Series(listed))
        .with_columns(exam_on=pl.when("exam_complete").then("exam_on"))
    )


def contracts(records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Contracts in force, and old ones of some of the same people."""
    pool = records.filter(~pl.col("_dead") & ~pl.col("temporary"))
    unit, n = pool["_u"].to_numpy(), pool.height
    quality, population = effort(units, rng), units["population"].to_numpy()
    senior = (pool["birth_date"] <= SENIOR_BORN_BY).to_numpy()
    many = np.round(population * (0.17 + 0.27 * quality)).astype(np.int64)
    signed_up = top(unit, rng.random(n) + 0.5 * senior, np.ones(n, dtype=bool), many)
    served = np.round(many * (0.42 + 0.48 * effort(units, rng))).astype(np.int64)
    fulfilled = top(unit, rng.random(n), signed_up, served)
    signed = between(rng, day(dt.date(2023, 7, 20)), day(dt.date(2024, 6, 10)), n)
    services = np.where(fulfilled, between(rng, 1, 6, n), 0)
    frame = pool.select("_p", "_u", "person_id").with_columns(
        signed_on=dates(signed),
        expires_on=dates(signed + 364),
        status=pl.lit("有效"),
        paid=pl.Series(rng.random(n) < 0.3),
        services=pl.Series(services),
        fulfilled=pl.Series(fulfilled),
        _again=pl.Series(rng.random(n)),
    ).filter(pl.Series(signed_up))  # fmt: skip
    old = frame.filter(pl.col("_again") < 0.12).with_columns(
        signed_on=pl.col("signed_on").dt.offset_by("-730d"),
        expires_on=pl.col("expires_on").dt.offset_by("-730d"),
        status=pl.when(pl.col("_again") < 0.03).then(pl.lit("解除")).otherwise(pl.lit("到期")),
        services=pl.lit(0, dtype=pl.Int64),
        fulfilled=pl.lit(value=False),
    )
    return pl.concat([frame, old]).drop("_again")
