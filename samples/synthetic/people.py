"""Institutions and people. Names, numbers and telephones are made up; no division code of theirs exists."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

PERIOD_START, AS_OF = dt.date(2024, 1, 1), dt.date(2024, 6, 30)
SENIOR_BORN_BY = dt.date(1959, 6, 30)
ADULT_BORN_BY = dt.date(2006, 6, 30)
CHILD_BORN_AFTER = dt.date(2017, 6, 30)
UNITS_PER_COUNTY = 8
# The first prefecture is small, so that a small province has two.
COUNTIES_PER_PREFECTURE, COUNTIES_OF_THE_FIRST = 25, 2
# A code of a county has two digits for the prefecture: 90 to 99.
MOST_UNITS = (COUNTIES_OF_THE_FIRST + 9 * COUNTIES_PER_PREFECTURE) * UNITS_PER_COUNTY

_EPOCH = dt.date(1970, 1, 1)
_COUNTIES = ("清溪县", "临湖区", "松岭县", "云台县", "望江区", "石桥县", "南浦县", "白塔区", "竹山县", "平川县")
_TOWNS = ("东风", "双河", "新安", "大岭", "柳树", "金沟", "北塘", "红旗", "永丰", "长坪", "官渡", "马场")
_SURNAMES = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高")
_GIVEN = tuple("伟芳秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华建国春梅志红云飞雪松")
_CHECK = np.array(list("10X98765432"))
_WEIGHTS = np.array([2**i % 11 for i in range(17, 0, -1)])


def day(date: dt.date) -> int:
    """Days since 1970-01-01, as Polars keeps dates."""
    return (date - _EPOCH).days


def dates(days: NDArray[np.int64]) -> pl.Series:
    """Days since 1970-01-01 as a date column."""
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def with_check_digit(heads: pl.Series) -> pl.Series:
    """Numbers of 17 digits, completed by their check character (ISO 7064 MOD 11-2)."""
    digits = np.frombuffer("".join(heads).encode(), dtype=np.uint8).reshape(-1, 17).astype(np.int64) - 48
    return heads + pl.Series(_CHECK[digits @ _WEIGHTS % 11])


@dataclass(frozen=True)
class Batch:
    """Some neighbouring institutions that are generated together: 3 counties, so that memory stays bounded.

    `units` has one row an institution: unit (from 0 within the batch), institution_id, name, county, prefecture, size
    (number of records), quality (0 to 1) and carelessness (weight of faults).
    """

    number: int
    units: pl.DataFrame
    seed: int

    @property
    def rng(self) -> np.random.Generator:
        """Random numbers of this batch alone, the same on every machine."""
        return np.random.default_rng([self.seed, self.number])


def batches(units: int, residents: int, seed: int) -> list[Batch]:
    """The institutions of the province, in batches; their sizes add up to `residents`."""
    rng = np.random.default_rng([seed, 1_000_003])
    index = np.arange(units)
    # One institution of each batch is that of a large town.
    weights = np.where(index % (UNITS_PER_COUNTY * 3) == 4, 1.95, 0.35 + 1.3 * rng.random(units))
    exact = weights / weights.sum() * residents
    sizes = np.floor(exact).astype(int)
    sizes[np.argsort(sizes - exact, kind="stable")[: residents - sizes.sum()]] += 1
    county = index // UNITS_PER_COUNTY
    prefecture, place = np.divmod(county + COUNTIES_PER_PREFECTURE - COUNTIES_OF_THE_FIRST, COUNTIES_PER_PREFECTURE)
    place = np.where(prefecture == 0, county, place)
    code = [f"34{90 + p}{c + 1:02d}" for p, c in zip(prefecture, place, strict=True)]
    rank = np.argsort(np.argsort(rng.random(units), kind="stable"), kind="stable") / max(units - 1, 1)
    frame = pl.DataFrame(
        {
            "institution_id": [f"{c}{i % UNITS_PER_COUNTY + 1:03d}" for c, i in zip(code, index, strict=True)],
            "name": [_name(int(i)) for i in index],
            "county": [_county(int(c)) for c in county],
            "prefecture": [f"示范{p + 1}市" for p in prefecture],
            "size": sizes,
            "quality": 0.22 + 0.66 * rank**0.8,
            "carelessness": 0.3 + 1.7 * (1 - rank),
        }
    )
    per = UNITS_PER_COUNTY * 3
    starts = range(0, units, per)
    return [
        Batch(n, frame.slice(start, per).with_row_index("unit").with_columns(pl.col("unit").cast(pl.Int64)), seed)
        for n, start in enumerate(starts)
    ]


def _county(county: int) -> str:
    suffix = "" if county < len(_COUNTIES) else str(county // len(_COUNTIES) + 1)
    name = _COUNTIES[county % len(_COUNTIES)]
    return f"{name[:-1]}{suffix}{name[-1]}"


def _name(unit: int) -> str:
    town = _TOWNS[(unit * 5 + unit // UNITS_PER_COUNTY) % len(_TOWNS)]
    county = _county(unit // UNITS_PER_COUNTY)
    if unit % UNITS_PER_COUNTY == 0:
        return f"{county}{town}社区卫生服务中心"
    return f"{county}{town}镇卫生院"


def people(batch: Batch, rng: np.random.Generator) -> pl.DataFrame:
    """Everybody: sound numbers, birth, sex, death. `stranger` marks seniors of whom no record will be kept."""
    units = batch.units
    strangers = np.maximum(2, units["size"].to_numpy() // 100)
    sizes = units["size"].to_numpy()
    unit = np.repeat(units["unit"].to_numpy(), sizes + strangers)
    n = len(unit)
    place = np.arange(n) - np.concatenate([[0], np.cumsum(sizes + strangers)])[unit]
    stranger = place >= sizes[unit]
    age, within = rng.random(n), rng.random(n)
    age = np.where(stranger, 1.0, age)
    oldest = day(dt.date(1929, 7, 1))
    senior, adult, newest = day(SENIOR_BORN_BY), day(ADULT_BORN_BY), day(dt.date(2024, 6, 10))
    born = np.where(
        age < 0.19,
        # More infants than in life, so that a small province has births to assess.
        newest - within**1.5 * (newest - adult - 1),
        np.where(age < 0.83, senior + 1 + within * (adult - senior - 1), senior - within**1.8 * (senior - oldest)),
    ).astype(np.int64)
    male = rng.random(n) < 0.5
    county = units["institution_id"].str.slice(0, 6).gather(unit)
    kind = rng.random(n)
    # Codes of other provinces keep the county's last digits, so that no two batches can make the same number.
    elsewhere = pl.Series(np.array(["32", "41", "36", "50"])[(rng.random(n) * 4).astype(int)]) + county.str.slice(2)
    permit = pl.Series(np.array(["810000", "820000", "830000"])[(rng.random(n) * 3).astype(int)])
    temporary = (born > day(dt.date(2023, 7, 1))) & (rng.random(n) < 0.3)
    frame = pl.DataFrame(
        {
            "_p": np.arange(n),
            "_u": unit,
            "stranger": stranger,
            "birth_date": dates(born),
            "male": male,
            "temporary": temporary,
            "kind": kind,
            "county": county,
            "elsewhere": elsewhere,
            "permit": permit,
            "name": pl.Series(np.array(_SURNAMES)[(rng.random(n) * len(_SURNAMES)).astype(int)])
            + pl.Series(np.array(_GIVEN)[(rng.random(n) * len(_GIVEN)).astype(int)])
            + pl.Series(np.array([*_GIVEN, ""])[(rng.random(n) * (len(_GIVEN) + 1)).astype(int)]),
            "phone": pl.Series((rng.random(n) * 10**7).astype(int)).cast(pl.String).str.zfill(7).alias("phone"),
        }
    ).with_columns(
        phone=pl.lit("1990") + pl.col("phone"),
        division=pl.when((pl.col("kind") < 0.002) & (batch.number == 0)).then("permit")
        .when(pl.col("kind") < 0.004).then(pl.lit("9") + pl.col("county").str.slice(1))
        .when(pl.col("kind") < 0.15).then("elsewhere").otherwise("county"),
        sex=pl.when("male").then(pl.lit("男")).otherwise(pl.lit("女")),
    )  # fmt: skip
    same = ["division", "birth_date", "male"]
    order = pl.int_range(pl.len()).over(same) * 37 + pl.col("birth_date").dt.ordinal_day() * 11
    heads = frame.select(
        pl.col("division")
        + pl.col("birth_date").dt.strftime("%Y%m%d")
        + (order % 499 * 2 + pl.when("male").then(1).otherwise(2)).cast(pl.String).str.zfill(3)
    ).to_series()
    code = pl.Series(units["institution_id"].gather(unit))
    newborn = pl.lit("NB") + pl.Series("code", code) + pl.int_range(pl.len()).cast(pl.String).str.zfill(7)
    return frame.with_columns(
        person_id=pl.when("temporary").then(newborn).otherwise(pl.Series("id", with_check_digit(heads)))
    ).drop("kind", "county", "elsewhere", "permit", "division", "male")
