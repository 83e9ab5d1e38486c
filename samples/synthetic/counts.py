"""What each institution counts for each indicator: numerator and denominator, from the tables as they are submitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from synthetic.ledger import Ledger
from synthetic.people import AS_OF, CHILD_BORN_AFTER, PERIOD_START, SENIOR_BORN_BY
from synthetic.visits import CONDITIONS

PREVALENCE = {"HTN": Decimal("0.252"), "DM": Decimal("0.112")}
# The indicators that institutions state: id, name in the summary, kind.
STATED = {
    "REC-COVERAGE": ("居民健康档案建档率", "coverage"),
    "REC-ELECTRONIC": ("电子健康档案建档率", "coverage"),
    "REC-STANDARD": ("规范化电子健康档案覆盖率", "coverage"),
    "REC-ACTIVE": ("档案使用率", "share"),
    "VAC-CERT": ("预防接种建证率", "share"),
    "VAC-RATE": ("疫苗接种率", "share"),
    "CHD-NEWBORN-RATE": ("新生儿访视率", "coverage"),
    "CHD-MGMT": ("0～6岁儿童健康管理率", "coverage"),
    "MAT-EARLY-RATE": ("早孕建册率", "coverage"),
    "MAT-POSTPARTUM": ("产后访视率", "coverage"),
    "HTN-MGMT": ("高血压患者管理率", "coverage"),
    "HTN-STD": ("高血压患者规范管理率", "share"),
    "HTN-CTRL": ("高血压患者血压控制率", "share"),
    "DM-MGMT": ("糖尿病患者管理率", "coverage"),
    "DM-STD": ("糖尿病患者规范管理率", "share"),
    "DM-CTRL": ("糖尿病患者血糖控制率", "share"),
    "ELD-MGMT": ("老年人健康管理率", "coverage"),
    "ELD-TCM": ("老年人中医药健康管理率", "coverage"),
    "MEN-STD": ("严重精神障碍患者规范管理率", "share"),
    "TB-MANAGED": ("肺结核患者管理率", "share"),
    "INF-RATE": ("传染病疫情报告率", "share"),
    "CON-SIGNED": ("家庭医生签约率", "coverage"),
    "CON-DONE": ("家庭医生履约率", "share"),
}
# Figures of the register that are denominators.
REGISTER = {
    "population": ("REC-COVERAGE", "REC-ELECTRONIC", "REC-STANDARD", "CON-SIGNED"),
    "elderly": ("ELD-MGMT", "ELD-TCM"),
    "children": ("CHD-MGMT",),
    "live_births": ("CHD-NEWBORN-RATE", "MAT-EARLY-RATE", "MAT-POSTPARTUM"),
}
Counts = Mapping[str, Mapping[int, int]]


class Part(NamedTuple):
    """Rows, those that are counted above the line, below it where that is a count too, and those that are excepted."""

    rows: pl.DataFrame
    above: pl.Expr
    below: pl.Expr | None = None
    excepted: pl.Expr | None = None


def submitted(book: Ledger, table: str) -> pl.DataFrame:
    """The rows of a table that will be taken in."""
    return book.tables[table].filter(~pl.col("_rid").is_in(book.rejected[table]))


def latest_visits(book: Ledger, table: str) -> pl.DataFrame:
    """The rows of a table of patients with the latest visit of each, in whatever unit: its day `on`, and readings."""
    told = submitted(book, "visits").filter(
        (pl.col("condition") == CONDITIONS[table]) & (pl.col("visited_on") <= AS_OF) & pl.col("person_id").is_not_null()
    )
    by_day = told.sort("visited_on", "sbp", "dbp", "glucose", nulls_last=False)
    last = by_day.unique("person_id", keep="last").select("person_id", "sbp", "dbp", "glucose", on="visited_on")
    patients = submitted(book, table).drop("sbp", "dbp", "glucose", strict=False)
    return patients.join(last, on="person_id", how="left")


def _parts(book: Ledger) -> dict[str, Part]:
    alive, managed = pl.col("death_date").is_null(), pl.col("managed")
    in_force, now = pl.col("status") == "有效", pl.col("on") >= PERIOD_START
    reported, registered = pl.col("reported_on").is_not_null(), pl.col("registered_on").is_between(PERIOD_START, AS_OF)
    notified, born = pl.col("notified_on").is_between(PERIOD_START, AS_OF), pl.col("birth_date")
    limit = pl.when(born <= SENIOR_BORN_BY).then(150).otherwise(140)
    reading = {"HTN": now & (pl.col("dbp") < 90) & (pl.col("sbp") < limit), "DM": now & (pl.col("glucose") < 7)}
    delivered = pl.col("delivered_on").is_between(PERIOD_START, AS_OF)
    home, visited = pl.col("discharged_on"), pl.col("postpartum_visit_on")
    due, given = pl.col("due_on") <= AS_OF, pl.col("given_on") <= AS_OF
    files, kids = submitted(book, "residents"), submitted(book, "children")
    mothers, contracts = submitted(book, "maternal"), submitted(book, "contracts")
    parts = {
        "REC-COVERAGE": Part(files, alive),
        "REC-ELECTRONIC": Part(files, alive & pl.col("electronic")),
        "REC-STANDARD": Part(files, alive & pl.col("standardised")),
        "REC-ACTIVE": Part(files, alive & pl.col("active"), alive),
        "VAC-CERT": Part(kids, pl.col("certificate"), pl.lit(value=True)),
        "VAC-RATE": Part(submitted(book, "vaccinations"), due & given, due),
        "CHD-NEWBORN-RATE": Part(kids, born.is_between(PERIOD_START, AS_OF) & pl.col("newborn_visit_on").is_not_null()),
        "CHD-MGMT": Part(kids, (pl.col("followed_up") >= 1) & (born > CHILD_BORN_AFTER)),
        "MAT-EARLY-RATE": Part(mothers, delivered & (pl.col("weeks_at_booking") < 13) & pl.col("first_check")),
        "MAT-POSTPARTUM": Part(mothers, delivered & visited.is_between(home, home + dt.timedelta(days=28))),
        "ELD-MGMT": Part(submitted(book, "elderly"), pl.col("exam_complete")),
        "ELD-TCM": Part(submitted(book, "elderly"), pl.col("tcm")),
        "MEN-STD": Part(submitted(book, "mental"), pl.col("standardised"), pl.lit(value=True)),
        "TB-MANAGED": Part(submitted(book, "tuberculosis"), notified & pl.col("managed"), notified),
        "INF-RATE": Part(submitted(book, "infections"), registered & reported, registered),
        "CON-SIGNED": Part(contracts, in_force),
        "CON-DONE": Part(contracts, in_force & pl.col("fulfilled"), in_force),
    }  # fmt: skip
    for prefix, table in (("HTN", "hypertension"), ("DM", "diabetes")):
        patients = latest_visits(book, table)
        controlled, standard = managed & reading[prefix].fill_null(value=False), managed & pl.col("standardised")
        parts[f"{prefix}-MGMT"] = Part(patients, managed)
        parts[f"{prefix}-STD"] = Part(patients, standard, managed, managed & _excepted("失访", "拒绝", "不宜管理"))
        # Lost to follow-up is no exception here: it counts as not controlled.
        parts[f"{prefix}-CTRL"] = Part(patients, controlled, managed, managed & _excepted("拒绝", "不宜管理"))
    return parts


def _excepted(*reasons: str) -> pl.Expr:
    return pl.col("exception").is_in(list(reasons)).fill_null(value=False)


def counts(book: Ledger) -> tuple[Counts, Counts, Counts]:
    """Numerators, denominators that are counted records, and exceptions: indicator → unit → rows.

    Who is excepted leaves the denominator, except where he is in the numerator.
    """
    above, below, excepted = {}, {}, {}
    for name, part in _parts(book).items():
        above[name] = _by_unit(part.rows, part.above)
        if part.below is not None:
            out = pl.lit(value=False) if part.excepted is None else part.excepted & ~part.above
            below[name], excepted[name] = _by_unit(part.rows, part.below & ~out), _by_unit(part.rows, out)
    return above, below, excepted


def _by_unit(rows: pl.DataFrame, which: pl.Expr) -> dict[int, int]:
    return dict(rows.filter(which).group_by("_u").len().iter_rows())
