"""What institutions did for people with severe mental disorders and tuberculosis, against infections, and to teach."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from synthetic.people import ADULT_BORN_BY, AS_OF, PERIOD_START, dates, day
from synthetic.services import between, effort, top

_START, _END = day(PERIOD_START), day(AS_OF)
# Activities of half a year: the national specification asks for 12, 12, 12 and 9 a year.
ACTIVITIES = {"印刷资料": 6, "宣传栏": 6, "健康讲座": 6, "咨询活动": 5}
TOPICS = ("高血压防治", "糖尿病防治", "合理膳食", "控烟限酒", "传染病预防", "儿童保健", "中医养生")


def mental(records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """People registered with a severe mental disorder: seen, managed to standard, on regular medication."""
    pool = records.filter(~pl.col("_dead") & (pl.col("birth_date") <= ADULT_BORN_BY))
    unit, n = pool["_u"].to_numpy(), pool.height
    many = np.maximum(1, np.round((units["population"] * units["registered"]).to_numpy()))
    listed = top(unit, rng.random(n), np.ones(n, dtype=bool), many.astype(np.int64))
    born = pool["birth_date"].cast(pl.Int32).to_numpy().astype(np.int64)
    seen = rng.random(n) < 0.76 + 0.22 * effort(units, rng)[unit]
    standard = seen & (rng.random(n) < 0.74 + 0.24 * effort(units, rng)[unit])
    earliest = np.maximum(born + 16 * 366, day(dt.date(2011, 1, 1)))
    return (
        pool.select("_p", "_u", "person_id")
        .with_columns(
            registered_on=dates(between(rng, earliest, _END - 40, n)),
            standardised=pl.Series(standard),
            regular_medication=pl.Series(rng.random(n) < 0.34 + 0.4 * effort(units, rng)[unit]),
            seen=pl.Series(seen),
            risk=pl.Series(np.where(rng.random(n) < 0.82, 0, between(rng, 1, 5, n))),
        )
        .filter(pl.Series(listed))
    )


def tuberculosis(records: pl.DataFrame, units: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Patients notified in the year before the day of assessment; who was notified early has finished treatment."""
    pool = records.filter(~pl.col("_dead") & (pl.col("birth_date") <= ADULT_BORN_BY))
    unit, n = pool["_u"].to_numpy(), pool.height
    many = np.maximum(1, np.round(units["population"].to_numpy() * (0.0012 + 0.001 * rng.random(units.height))))
    listed = top(unit, rng.random(n), np.ones(n, dtype=bool), many.astype(np.int64))
    notified = between(rng, day(dt.date(2023, 6, 20)), _END - 12, n)
    ended = notified + between(rng, 172, 196, n)
    managed = rng.random(n) < 0.84 + 0.155 * effort(units, rng)[unit]
    due = np.minimum(ended, _END) - notified
    taken = np.where(rng.random(n) < 0.88, 0.92 + 0.08 * rng.random(n), 0.55 + 0.33 * rng.random(n))
    return (
        pool.select("_p", "_u", "person_id")
        .with_columns(
            notified_on=dates(notified),
            managed=pl.Series(managed),
            treatment_ended_on=dates(ended),
            doses_due=pl.Series(due),
            doses_taken=pl.Series(np.round(due * taken).astype(np.int64)),
        )
        .with_columns(
            pl.when("managed").then(pl.col("doses_due", "doses_taken")),
            treatment_ended_on=pl.when(pl.Series(managed & (ended <= _END))).then("treatment_ended_on"),
        )
        .filter(pl.Series(listed))
    )


def infections(units: pl.DataFrame, first: int, rng: np.random.Generator) -> pl.DataFrame:
    """Cases of notifiable diseases; `_p` goes on from `first`, so that a case can bear a fault as a person does."""
    many = np.maximum(2, np.round(units["population"].to_numpy() * 0.011)).astype(np.int64)
    unit = np.repeat(units["unit"].to_numpy(), many)
    n = len(unit)
    registered = between(rng, _START, _END - 5, n)
    late = rng.random(n) > 0.90 + 0.095 * effort(units, rng)[unit]
    reported = registered + np.where(late, between(rng, 2, 4, n), between(rng, 0, 1, n))
    told = rng.random(n) < 0.93 + 0.068 * effort(units, rng)[unit]
    kind = rng.random(n)
    number = pl.Series(np.arange(n) - (np.cumsum(many) - many)[unit] + 1).cast(pl.String).str.zfill(6)
    return pl.DataFrame(
        {
            "case_no": "CR" + units["institution_id"].gather(unit) + number,
            "_p": first + np.arange(n),
            "_u": unit,
            "registered_on": dates(registered),
            "reported_on": dates(reported),
            "category": pl.Series(np.where(kind < 0.01, "甲类", np.where(kind < 0.45, "乙类", "丙类"))),
        }
    ).with_columns(reported_on=pl.when(pl.Series(told)).then("reported_on"))


def education(units: pl.DataFrame, first: int, rng: np.random.Generator) -> pl.DataFrame:
    """Activities of the period. Leaflets and boards have no participants."""
    parts: list[pl.DataFrame] = []
    for activity, due in ACTIVITIES.items():
        many = np.maximum(1, np.round(due * (0.66 + 0.5 * effort(units, rng)))).astype(np.int64)
        unit = np.repeat(units["unit"].to_numpy(), many)
        n = len(unit)
        place = np.arange(n) - (np.cumsum(many) - many)[unit]
        step = (_END - _START - 4) / many[unit]
        heard = activity in ("健康讲座", "咨询活动")
        people = pl.Series(between(rng, 18, 75, n), dtype=pl.Int64)
        parts.append(
            pl.DataFrame(
                {
                    "_u": unit,
                    "activity": [activity] * n,
                    "topic": pl.Series(np.array(TOPICS)[(place + len(activity) * len(parts)) % len(TOPICS)]),
                    "held_on": dates(_START + 2 + np.floor((place + rng.random(n)) * step).astype(np.int64)),
                    "participants": people if heard else pl.Series([None] * n, dtype=pl.Int64),
                }
            )
        )
    frame = pl.concat(parts)
    return frame.with_columns(_p=first + pl.int_range(pl.len(), dtype=pl.Int64))
