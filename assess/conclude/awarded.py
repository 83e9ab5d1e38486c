"""Awards of all units: what each brings to every pool, and the tables that come of the split."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from assess.allocation import Allocation, AllocationError, Claim, Claims, Share, Split, allocate, what_if_exact
from assess.conclude.scored import Scoring
from assess.engine.register import restored
from assess.ratio import Places, Ratio
from assess.ruleset.spec import Ruleset
from assess.scores import SCALE, Scored, Totals, exact, ten_thousandths

AWARDS = ("awards", "pool_awards", "award_steps")


class RefusedError(Exception):
    """The pools are not split; `reason` is the word that findings and reports have for it, with what is to be named."""

    def __init__(self, reason: str, about: str = ""):
        self.reason = f"{reason}: {about}" if about else reason
        super().__init__(self.reason)


class Awarding:
    """What every unit brought and got. RefusedError when the pools are not split."""

    def __init__(
        self, ruleset: Ruleset, spec: Allocation, register: pl.DataFrame, rated: pl.DataFrame, scoring: Scoring | None
    ):
        self.spec, self.pools = spec, spec.each
        self.full = ten_thousandths(scoring.spec.max) if scoring is not None else 0
        self.claims = self._claims(ruleset, register, rated, scoring)
        if (
            any(pool.needs_score for pool in self.pools)
            and scoring is not None
            and "error" in scoring.scores.totals.why
        ):
            raise RefusedError("indicator_in_error")
        try:
            self.made = allocate(spec, list(self.claims.values()))
        except AllocationError as error:
            raise RefusedError(error.reason, str(error)) from None
        self.shares = {(share.unit, split.pool): share for split in self.made.pools for share in split.shares}
        self.minor = {award.unit: award.minor for award in self.made.awards}

    def _claims(
        self, ruleset: Ruleset, register: pl.DataFrame, rated: pl.DataFrame, scoring: Scoring | None
    ) -> dict[str, Claim]:
        sums = {name: sql.expr.cast(pl.Float64).alias(name) for name, (_, sql) in self.spec.sums.items()}
        try:
            rows = restored(register, ruleset)
            lines = rows.select(pl.col(ruleset.unit.key).alias("unit"), *sums.values()).sort("unit").collect()
        except PolarsError as error:
            raise RefusedError("basis_broken", str(error).splitlines()[0]) from None
        except KeyError as missing:
            raise RefusedError("basis_broken", f"column {missing.args[0]!r} of the register is not kept") from None
        amounts = self._amounts(rated)
        standing = {} if scoring is None else scoring.standing()
        claims = {}
        for line in lines.iter_rows(named=True):
            unit = line["unit"]
            known = {name: exact(line[name]) if line[name] is not None else Fraction(0) for name in sums}
            bases = {name.removeprefix("basis "): amount for name, amount in known.items() if name != "prepaid"}
            bases |= {pool: amounts.get((unit, indicator), Fraction(0)) for pool, indicator in self._counted.items()}
            prepaid = round(known.get("prepaid", Fraction(0)) * 100)
            score, grade = standing.get(unit, (None, None))
            claims[unit] = self._with_score(Claim(unit, bases, None, None, prepaid), score, grade)
        return claims

    @property
    def _counted(self) -> dict[str, str]:
        return {pool.id: pool.basis.indicator for pool in self.pools if pool.basis.indicator is not None}

    def _amounts(self, rated: pl.DataFrame) -> dict[tuple[str, str], Fraction]:
        rows = rated.filter((pl.col("level") == "unit") & pl.col("indicator").is_in(list(self._counted.values())))
        if not rows.filter(pl.col("status") == "error").is_empty():
            raise RefusedError("indicator_in_error")
        said = rows.select("unit", "indicator", "scored").iter_rows()
        return {(unit, name): exact(amount) for unit, name, amount in said if amount is not None}

    def claim(self, unit: str, scored: Scored) -> Claim:
        """The claim of a unit with another score."""
        return self._with_score(self.claims[unit], scored.score, scored.grade)

    def _with_score(self, claim: Claim, score: int | None, grade: str | None) -> Claim:
        own = {pool.id: Fraction(score or 0, SCALE) for pool in self.pools if pool.basis.score}
        quality = None if score is None else Fraction(score, self.full)
        return replace(claim, bases={**claim.bases, **own}, quality=quality, grade=grade)

    def gains(self, scoring: Scoring, rows: Places, after: Totals) -> list[int | None]:
        """What units would be paid more with other scores, all others as they are; none where that cannot be said.

        `rows` are the places of the units in `scoring`, one for each score of `after`. To the nearest minor unit, which
        largest remainder may miss by one; units that a floor or a cap holds now are taken to be held by it still.
        """
        now = scoring.scores.totals
        better = after.score - now.score[rows]
        moved = np.flatnonzero((better != 0) | (after.grade != now.grade[rows]))
        places = self._places(scoring)[rows[moved]]
        grades = [None, *(grade.id for grade in scoring.spec.grades)]
        score, scored = after.score[moved], after.scored[moved].astype(np.int64)
        bases = {
            pool.id: Ratio(score, np.full(len(moved), SCALE))
            if pool.basis.score
            else Ratio.of([claim.bases[pool.id] for claim in self.claims.values()]).take(places)
            for pool in self.pools
        }
        quality = Ratio(score * scored, scored * self.full)
        claims = Claims(places, bases, quality, [grades[place + 1] for place in after.grade[moved]])
        paid, possible = np.zeros(len(moved), dtype=np.int64), np.full(len(moved), fill_value=True)
        for split in self.made.pools:
            share = what_if_exact(split, claims)
            possible &= share.known
            paid += share.otherwise(0).of_points(np.array([1]))
        more = paid - np.array([self.minor[unit] for unit in self.claims], dtype=np.int64)[places]
        # A better score is never paid less; the nearest minor unit may be one off.
        more = np.where(better[moved] >= 0, np.maximum(0, more), more)
        found: list[int | None] = [0] * len(rows)
        for place, money, said in zip(moved.tolist(), more.tolist(), possible.tolist(), strict=True):
            found[place] = money if said else None
        return found

    def _places(self, scoring: Scoring) -> Places:
        """Where each unit that is scored stands among the claims."""
        order = {unit: place for place, unit in enumerate(self.claims)}
        return np.array([order[unit] for unit in scoring.units["unit"]], dtype=np.intp)

    def totals(self) -> dict[str, Any]:
        """What the provenance says of the money."""
        return {
            "awarded_minor": sum(split.awarded_minor for split in self.made.pools),
            "kept_minor": sum(split.kept_minor for split in self.made.pools),
            "prepaid_minor": sum(award.prepaid_minor for award in self.made.awards),
            "settlement_minor": sum(award.settlement_minor for award in self.made.awards),
            "pools": [
                {
                    "id": split.pool,
                    "pool_minor": split.pool_minor,
                    "awarded_minor": split.awarded_minor,
                    "kept_minor": split.kept_minor,
                    "kept": split.kept,
                    "basis_total": float(split.basis_total),
                    "weight_total": float(split.weight_total),
                    "value_of_point": float(split.value_of_point) if split.value_of_point is not None else None,
                    "tied": [share.unit for share in split.shares if share.tied],
                    "bound": {share.unit: share.bound for share in split.shares if share.bound},
                }
                for split in self.made.pools
            ],
        }

    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables `awards`, `pool_awards` and `award_steps`."""
        awards = [
            {
                "unit": award.unit,
                "amount": _money(award.minor),
                "amount_minor": award.minor,
                "prepaid": _money(award.prepaid_minor),
                "carried": _money(award.carried_minor),
                "waived": _money(award.waived_minor),
                "settlement": _money(award.settlement_minor),
            }
            for award in self.made.awards
        ]
        shares = [
            _share(split, self.shares[award.unit, split.pool])
            for award in self.made.awards
            for split in self.made.pools
        ]
        return {
            "awards": pl.DataFrame(awards, schema_overrides=dict.fromkeys(_MONIES, pl.Decimal(38, 2))),
            "pool_awards": pl.DataFrame(shares, schema_overrides=dict.fromkeys(_EXACT, pl.Decimal(38, 6)) | {
                "amount": pl.Decimal(38, 2), "bound": pl.String, "quality": pl.Float64}),
            "award_steps": self._steps(),
        }  # fmt: skip

    def _steps(self) -> pl.DataFrame:
        """The steps of every unit, pool by pool, and then those over all pools."""
        exactly = (pl.col("millionths").cast(pl.Decimal(38, 0)) * pl.lit(Decimal("0.000001"))).alias("amount")
        found = [
            split.steps.lines.select("place", "step", exactly, "note", pool=pl.lit(split.pool))
            for split in self.made.pools
        ]
        over_all = [
            (place, step.name, step.amount, json.dumps(dict(step.note), ensure_ascii=False), step.pool)
            for place, award in enumerate(self.made.awards)
            for step in award.steps
        ]
        found.append(pl.DataFrame(over_all, orient="row", schema=found[0].schema))
        lines = pl.concat(found).sort("place", maintain_order=True)
        units = pl.Series("unit", [award.unit for award in self.made.awards], dtype=pl.String)
        position = pl.int_range(pl.len()).over("place").alias("position")
        return lines.select(units.gather(lines["place"]), "pool", position, "step", "amount", "note")


_MONIES = ("amount", "prepaid", "carried", "waived", "settlement")
_EXACT = ("entitlement", "exact", "rounding")


def _money(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


def _exactly(minor: Fraction) -> Decimal:
    """An exact amount of minor units, in the currency to the millionth."""
    return Decimal(round(minor * 10_000)).scaleb(-6)


def _share(split: Split, share: Share) -> dict[str, Any]:
    amount, before = _money(share.minor), _exactly(share.exact)
    return {
        "unit": share.unit,
        "pool": split.pool,
        "basis": float(share.basis),
        "quality": float(share.quality) if share.quality is not None else None,
        "coefficient": float(share.coefficient),
        "weight": float(share.weight),
        "share": float(share.weight / split.weight_total) if split.weight_total else 0.0,
        "entitlement": _exactly(share.entitlement),
        "exact": before,
        "rounding": amount - before,
        "amount": amount,
        "amount_minor": share.minor,
        "bound": share.bound,
        "tied": share.tied,
    }
