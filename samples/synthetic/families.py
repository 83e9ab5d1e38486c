"""What institutions did for children and mothers: sound tables, before any fault."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from synthetic.people import AS_OF, CHILD_BORN_AFTER, PERIOD_START, dates, day
from synthetic.services import between, effort, top

_START, _END = day(PERIOD_START), day(AS_OF)
# Vaccine and the months of age at which its doses are due; the national schedule of 2021, without its rarer variants.
SCHEDULE: dict[str, tuple[int, ...]] = {
    "乙肝疫苗": (0, 1, 6),
    "卡介苗": (0,),
    "脊灰疫苗": (2, 3, 4, 48),
    "百白破疫苗": (3, 4, 5, 18),
    "流脑疫苗": (6, 9, 36, 72),
    "麻腮风疫苗": (8, 18),
    "乙脑疫苗": (8, 24),
    "甲肝疫苗": (18,),
    "白破疫苗": (72,),
}


def children(records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Children of 0 to 6 years who have a file, with the visits of the period."""
    pool = records.filter(~pl.col("_dead") & (pl.col("birth_date") > CHILD_BORN_AFTER))
    unit, n = pool["_u"].to_numpy(), pool.height
    born = pool["birth_date"].cast(pl.Int32).to_numpy().astype(np.int64)
    listed = rng.random(n) < 0.90 + 0.08 * effort(units, rng)[unit]
    visited = rng.random(n) < 0.70 + 0.28 * effort(units, rng)[unit]
    # A visit of the newborn comes within a week of leaving the hospital.
    visit = born + between(rng, 2, 10, n)
    followed = rng.random(n) < 0.60 + 0.36 * effort(units, rng)[unit]
    certificate = rng.random(n) < 0.90 + 0.098 * effort(units, rng)[unit]
    tcm = (rng.random(n) < 0.45 + 0.45 * effort(units, rng)[unit]) & (born > day(dt.date(2021, 6, 30)))
    return (
        pool.select("_p", "_u", "person_id", "birth_date", "temporary")
        .with_columns(
            followed_up=pl.Series(np.where(followed, between(rng, 1, 2, n), 0)),
            newborn_visit_on=dates(visit),
            certificate=pl.Series(certificate),
            tcm=pl.Series(tcm),
        )
        .with_columns(newborn_visit_on=pl.when(pl.Series(visited & (visit <= _END))).then("newborn_visit_on"))
        .filter(pl.Series(listed))
    )


def vaccinations(
    files: pl.DataFrame, units: pl.DataFrame, punctual: int | None, rng: np.random.Generator
) -> pl.DataFrame:
    """Doses that fell due in the period, for children who have a file; those of the last days may still be to come.

    The unit `punctual` gives nearly all of them on the very first day: a column copied from the one beside it.
    """
    doses = pl.DataFrame(
        [(vaccine, months) for vaccine, ages in SCHEDULE.items() for months in ages],
        schema={"vaccine": pl.String, "months": pl.Int64}, orient="row",
    )  # fmt: skip
    due = (
        files.join(doses, how="cross")
        .with_columns(due_on=pl.col("birth_date").dt.offset_by(pl.format("{}mo", "months")))
        .filter(pl.col("due_on").is_between(PERIOD_START, AS_OF))
    )
    unit, n = due["_u"].to_numpy(), due.height
    wait = np.floor(rng.random(n) ** 1.3 * 22).astype(np.int64)
    at_once = (unit == (-1 if punctual is None else punctual)) & (rng.random(n) < 0.97)
    given = due["due_on"].cast(pl.Int32).to_numpy() + np.where(at_once, 0, wait)
    done = (rng.random(n) < 0.84 + 0.155 * effort(units, rng)[unit]) & (given <= _END)
    return due.select("_p", "_u", "person_id", "birth_date", "vaccine", "due_on").with_columns(
        given_on=pl.when(pl.Series(done)).then(pl.Series(dates(given)))
    )


def maternal(records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Women who gave birth in the period, and some who are still pregnant."""
    young = pl.col("birth_date").is_between(dt.date(1982, 7, 1), dt.date(2003, 12, 31))
    pool = records.filter(~pl.col("_dead") & (pl.col("sex") == "女") & young)
    unit, n = pool["_u"].to_numpy(), pool.height
    births = np.maximum(1, np.round(units["born"].to_numpy() * (0.82 + 0.16 * rng.random(units.height))))
    pregnant = np.maximum(1, np.round(births * (0.4 + 0.4 * rng.random(units.height))))
    rank, everyone = rng.random(n), np.ones(n, dtype=bool)
    listed = top(unit, rank, everyone, (births + pregnant).astype(np.int64))
    delivered = top(unit, rank, everyone, births.astype(np.int64))
    delivery = between(rng, _START + 2, _END - 4, n)
    expected = np.where(delivered, delivery, between(rng, _END + 10, _END + 190, n))
    early = rng.random(n) < 0.52 + 0.42 * effort(units, rng)[unit]
    weeks = np.where(early, between(rng, 6, 12, n), between(rng, 13, 32, n))
    # The day of delivery is in week 40, give or take one; nobody is booked after the day of assessment.
    booked = np.minimum(expected - (40 - weeks) * 7 + between(rng, -6, 6, n), _END - 1)
    weeks = np.where(booked == _END - 1, np.maximum(5, 40 - (expected - booked) // 7), weeks)
    discharged = delivery + between(rng, 2, 5, n)
    visited = rng.random(n) < 0.64 + 0.34 * effort(units, rng)[unit]
    # A few visits come too late to count.
    visit = discharged + np.where(rng.random(n) < 0.08, between(rng, 29, 45, n), between(rng, 2, 14, n))
    frame = pool.select("_p", "_u", "person_id").with_columns(
        booked_on=dates(booked),
        weeks_at_booking=pl.Series(weeks),
        first_check=pl.Series(early | (rng.random(n) < 0.6)),
        delivered_on=dates(delivery),
        discharged_on=dates(discharged),
        postpartum_visit_on=dates(visit),
        live_births=pl.Series(np.where(rng.random(n) < 0.012, 2, 1)),
        _delivered=pl.Series(delivered),
    )
    home = pl.Series(delivered & (discharged <= _END))
    return frame.with_columns(
        delivered_on=pl.when("_delivered").then("delivered_on"),
        live_births=pl.when("_delivered").then("live_births"),
        discharged_on=pl.when(home).then("discharged_on"),
        postpartum_visit_on=pl.when(home & pl.Series(visited & (visit <= _END))).then("postpartum_visit_on"),
    ).filter(pl.Series(listed))
