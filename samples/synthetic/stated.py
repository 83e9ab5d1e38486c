"""What institutions state themselves, and the facts about whole institutions: impossible rates, rates that disagree."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from synthetic.counts import PREVALENCE, REGISTER, STATED, counts
from synthetic.ledger import Ledger

RATE = 134.88
# A stated rate may be this far from the counted one without a finding.
TOLERANCE = Fraction(5, 10_000)
TOO_MANY_EXCEPTIONS = Fraction(15, 100)
ROLES = (
    "no_contracts", "bad_cell", "above", "boast", "disagree", "cut_off", "infeasible",
    "other_base", "other_name", "twice", "withheld",
)  # fmt: skip


def crowded(adults_near: int, room: int) -> tuple[int, int]:
    """Adults and managed diabetics that give a coverage of 134.88 %, with adults as near as can be to those given."""
    best = None
    for adults in range(max(100, adults_near - room), adults_near + room + 1):
        base = Fraction(PREVALENCE["DM"]) * adults
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


def stated(book: Ledger, roles: dict[str, int]) -> list[dict[str, Any]]:
    """The summary as honest and exact as the tables are, one row for each unit and indicator."""
    (above, below, excepted), rows = counts(book), []
    for unit in book.units.iter_rows(named=True):
        u = unit["unit"]
        n = {name: above[name].get(u, 0) for name in STATED}
        bases = {name: Decimal(found.get(u, 0)) for name, found in below.items()}
        if u == roles.get("no_contracts"):
            # It tells of contracts that it did not submit.
            n["CON-SIGNED"] = round(unit["population"] * 0.41)
            n["CON-DONE"] = round(n["CON-SIGNED"] * 0.83)
            bases["CON-DONE"] = Decimal(n["CON-SIGNED"])
        bases |= {name: Decimal(unit[column]) for column, names in REGISTER.items() for name in names}
        bases |= {f"{prefix}-MGMT": unit["adults"] * prevalence for prefix, prevalence in PREVALENCE.items()}
        for name, (title, kind) in STATED.items():
            base = bases[name].normalize()
            if n[name] > base and (u, name) != (roles.get("flagship"), "DM-MGMT"):
                raise ValueError(f"{unit['institution_id']}: {name} is above 100 % by chance; ask for more residents")
            if base:
                rows.append(
                    {
                        "_u": u, "_i": name, "indicator": title, "kind": kind, "numerator": str(n[name]),
                        "denominator": f"{base:f}", "rate": printed(n[name], base), "raw": None, "rules": [],
                    }
                )  # fmt: skip
    for row in rows:
        # An exception rate is exceptions ÷ (denominator and exceptions), as in QOF.
        out, kept = excepted.get(row["_i"], {}).get(row["_u"], 0), Fraction(row["denominator"])
        if out and out / (kept + out) > TOO_MANY_EXCEPTIONS:
            row["rules"] += [(row["_i"], "many_exceptions")]
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
