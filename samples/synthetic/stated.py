"""What institutions state themselves, and the facts about whole institutions: impossible rates, rates that disagree."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from synthetic.ledger import Ledger
from synthetic.people import PERIOD_START, SENIOR_BORN_BY

RATE = 134.88
# A stated rate may be this far from the counted one without a finding.
TOLERANCE = Fraction(5, 10_000)
PREVALENCE = {"hypertension": Decimal("0.252"), "diabetes": Decimal("0.112")}
# The indicators of the ruleset: id, name in the summary, kind.
STATED = {
    "REC-COVERAGE": ("居民健康档案建档率", "coverage"),
    "REC-ELECTRONIC": ("电子健康档案建档率", "coverage"),
    "REC-STANDARD": ("规范化电子健康档案覆盖率", "coverage"),
    "REC-ACTIVE": ("档案使用率", "share"),
    "HTN-MGMT": ("高血压患者管理率", "coverage"),
    "HTN-STD": ("高血压患者规范管理率", "share"),
    "HTN-CTRL": ("高血压患者血压控制率", "share"),
    "DM-MGMT": ("糖尿病患者管理率", "coverage"),
    "DM-STD": ("糖尿病患者规范管理率", "share"),
    "DM-CTRL": ("糖尿病患者血糖控制率", "share"),
    "ELD-MGMT": ("老年人健康管理率", "coverage"),
    "ELD-TCM": ("老年人中医药健康管理率", "coverage"),
    "CON-SIGNED": ("家庭医生签约率", "coverage"),
    "CON-DONE": ("家庭医生履约率", "share"),
}
ROLES = (
    "no_contracts", "bad_cell", "above", "boast", "disagree", "cut_off", "infeasible",
    "other_base", "other_name", "twice", "withheld",
)  # fmt: skip


def crowded(adults_near: int, room: int) -> tuple[int, int]:
    """Adults and managed diabetics that give a coverage of 134.88 %, with adults as near as can be to those given."""
    best = None
    for adults in range(max(100, adults_near - room), adults_near + room + 1):
        base = Fraction(PREVALENCE["diabetes"]) * adults
        managed = round(Fraction(str(RATE)) / 100 * base)
        error = abs(float(managed / base * 100) - RATE)
        rank = (error >= 0.0049, abs(adults - adults_near) if error < 0.0049 else error)
        if best is None or rank < best[0]:
            best = (rank, adults, managed)
    assert best is not None  # noqa: S101
    return best[1], best[2]


def printed(numerator: int, denominator: Decimal, cut: bool = False) -> str:
    """A rate in percent with two decimals, rounded half up or cut off."""
    exact = Fraction(numerator) * 100 / Fraction(denominator)
    digits = Decimal(exact.numerator) / Decimal(exact.denominator)
    return str(digits.quantize(Decimal("0.01"), rounding=ROUND_DOWN if cut else ROUND_HALF_UP))


def _counts(book: Ledger) -> dict[str, dict[int, int]]:
    """For each count the number of rows of each unit, as the unit itself would count its own tables."""
    alive, managed = pl.col("death_date").is_null(), pl.col("managed")
    in_force = pl.col("status") == "有效"
    now = pl.col("last_visit") >= PERIOD_START
    limit = pl.when(pl.col("birth_date") <= SENIOR_BORN_BY).then(150).otherwise(140)
    pressure = managed & now & (pl.col("dbp") < 90) & (pl.col("sbp") < limit)
    wanted: dict[str, tuple[str, pl.Expr]] = {
        "REC-COVERAGE": ("residents", alive),
        "REC-ELECTRONIC": ("residents", alive & pl.col("electronic")),
        "REC-STANDARD": ("residents", alive & pl.col("standardised")),
        "REC-ACTIVE": ("residents", alive & pl.col("active")),
        "HTN-MGMT": ("hypertension", managed),
        "HTN-STD": ("hypertension", managed & pl.col("standardised")),
        "HTN-CTRL": ("hypertension", pressure),
        "DM-MGMT": ("diabetes", managed),
        "DM-STD": ("diabetes", managed & pl.col("standardised")),
        "DM-CTRL": ("diabetes", managed & now & (pl.col("glucose") < 7)),
        "ELD-MGMT": ("elderly", pl.col("exam_complete")),
        "ELD-TCM": ("elderly", pl.col("tcm")),
        "CON-SIGNED": ("contracts", in_force),
        "CON-DONE": ("contracts", in_force & pl.col("fulfilled")),
    }
    found = {}
    for name, (table, where) in wanted.items():
        rows = book.tables[table].filter(where & ~pl.col("_rid").is_in(book.rejected[table]))
        found[name] = dict(rows.group_by("_u").len().iter_rows())
    return found


def stated(book: Ledger, roles: dict[str, int]) -> list[dict[str, Any]]:
    """The summary as honest and exact as the tables are, one row for each unit and indicator."""
    counts, rows = _counts(book), []
    for unit in book.units.iter_rows(named=True):
        n = {name: found.get(unit["unit"], 0) for name, found in counts.items()}
        if unit["unit"] == roles.get("no_contracts"):
            # It tells of contracts that it did not submit.
            n["CON-SIGNED"] = round(unit["population"] * 0.41)
            n["CON-DONE"] = round(n["CON-SIGNED"] * 0.83)
        people, seniors = Decimal(unit["population"]), Decimal(unit["elderly"])
        bases = dict.fromkeys(("REC-COVERAGE", "REC-ELECTRONIC", "REC-STANDARD", "CON-SIGNED"), people)
        bases |= dict.fromkeys(("ELD-MGMT", "ELD-TCM"), seniors)
        bases |= {"REC-ACTIVE": Decimal(n["REC-COVERAGE"]), "CON-DONE": Decimal(n["CON-SIGNED"])}
        for prefix, prevalence in (("HTN", PREVALENCE["hypertension"]), ("DM", PREVALENCE["diabetes"])):
            bases[f"{prefix}-MGMT"] = unit["adults"] * prevalence
            bases |= dict.fromkeys((f"{prefix}-STD", f"{prefix}-CTRL"), Decimal(n[f"{prefix}-MGMT"]))
        for name, (title, kind) in STATED.items():
            base = bases[name].normalize()
            if n[name] > base and (unit["unit"], name) != (roles.get("flagship"), "DM-MGMT"):
                raise ValueError(f"{unit['institution_id']}: {name} is above 100 % by chance; ask for more residents")
            rows.append(
                {
                    "_u": unit["unit"], "_i": name, "indicator": title, "kind": kind, "numerator": str(n[name]),
                    "denominator": f"{base:f}", "rate": printed(n[name], base), "raw": None, "rules": [],
                }
            )  # fmt: skip
    _facts({(row["_u"], row["_i"]): row for row in rows}, rows, roles)
    return rows


def _facts(by: dict[tuple[int, str], dict[str, Any]], rows: list[dict[str, Any]], roles: dict[str, int]) -> None:
    """Make some statements untrue. `rules` collects (rule or indicator, reason)."""

    def tell(role: str, indicator: str) -> dict[str, Any] | None:
        return by[roles[role], indicator] if role in roles else None

    if row := tell("flagship", "DM-MGMT"):
        row["rules"] += [("SUM-CEILING", "above_ceiling"), ("DM-MGMT", "above_ceiling")]
    if row := tell("above", "HTN-MGMT"):
        row.update(numerator=None, denominator=None, rate="105.00")
        row["rules"] += [("SUM-CEILING", "above_ceiling"), ("HTN-MGMT", "above_ceiling")]
    if row := tell("boast", "HTN-CTRL"):
        claimed = round(int(row["denominator"]) * 0.96)
        row.update(numerator=str(claimed), rate=printed(claimed, Decimal(row["denominator"])))
        row["rules"] += [("HTN-CTRL", "reported_differs")]
    if row := tell("disagree", "ELD-MGMT"):
        row["rate"] = str(Decimal(row["rate"]) + Decimal("7.35"))
        row["rules"] += [("SUM-RATIO", "disagrees"), ("ELD-MGMT", "reported_differs")]
    if "cut_off" in roles:
        many = 0
        for (unit, _), row in sorted(by.items()):
            short = printed(int(row["numerator"] or 0), Decimal(row["denominator"] or 1), cut=True)
            if unit == roles["cut_off"] and short != row["rate"] and many < 3:
                row["rate"], many = short, many + 1
                row["rules"] += [("SUM-ROUNDING", "truncated")]
    if row := tell("infeasible", "HTN-STD"):
        counted = Fraction(int(row["numerator"]), int(row["denominator"]))
        row.update(rate=_no_whole_base(int(row["numerator"]), row["rate"]), denominator=None)
        row["rules"] += [("SUM-NO-DENOMINATOR", "no_whole_denominator")]
        if abs(Fraction(row["rate"]) / 100 - counted) > TOLERANCE:
            row["rules"] += [("HTN-STD", "reported_differs")]
    if row := tell("other_base", "CON-SIGNED"):
        base = Decimal(round(int(row["denominator"]) * 0.72))
        row.update(denominator=str(base), rate=printed(int(row["numerator"]), base))
        row["rules"] += [("CON-SIGNED", "reported_differs")]
        for name in ("REC-COVERAGE", "REC-ELECTRONIC", "REC-STANDARD", "CON-SIGNED"):
            by[roles["other_base"], name]["rules"] += [("SUM-BASE", "other_population")]
    if row := tell("other_name", "HTN-STD"):
        row["indicator"] = "高血压规范管理率"
        row["rules"] += [("SUM-INDICATOR", "other_name")]
    if row := tell("twice", "ELD-TCM"):
        row["rules"] += [("SUM-DUP", "twice")]
        rows.append({**row, "rules": list(row["rules"])})
    if row := tell("withheld", "ELD-TCM"):
        row.update(numerator="*", denominator="*", rate="*")
    if row := tell("bad_cell", "REC-ACTIVE"):
        row.update(numerator=None, raw="约一百")
        row["rules"] += [("summary-CELLS", "unreadable_cell")]
    if "no_contracts" in roles:
        for name in ("CON-SIGNED", "CON-DONE"):
            by[roles["no_contracts"], name]["rules"] += [(name, "not_submitted")]
    if row := tell("bad_cell", "ELD-MGMT"):
        row["rules"] += [("ELD-MGMT", "no_denominator")]
        by[roles["bad_cell"], "ELD-TCM"]["rules"] += [("ELD-TCM", "no_denominator")]


def _no_whole_base(numerator: int, rate: str) -> str:
    """The rate nearest to `rate` that no whole denominator gives, by trying them."""
    given = Decimal(rate)
    for step in range(1, 2000):
        for near in (given + Decimal(step) / 100, given - Decimal(step) / 100):
            low, high = Fraction(near) - Fraction(1, 200), Fraction(near) + Fraction(1, 100)
            middle = round(100 * numerator / near)
            tried = range(max(1, middle - 3), middle + 4)
            if not any(low <= Fraction(100 * numerator, base) < high for base in tried):
                return str(near)
    return rate
