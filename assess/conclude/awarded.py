"""Awards of all units: what each brings to every pool, and the tables that come of the split."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from assess.allocation import Allocation, AllocationError, Claim, Share, Split, allocate, what_if_exact
from assess.conclude.scored import Scoring
from assess.engine.register import restored
from assess.ruleset.spec import Ruleset
from assess.scores import Scored, exact, ten_thousandths

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
        scored = scoring.scored if scoring is not None else {}
        self.claims = self._claims(ruleset, register, rated, scored)
        if any(pool.needs_score for pool in self.pools) and any(s.why == "error" for s in scored.values()):
            raise RefusedError("indicator_in_error")
        try:
            self.made = allocate(spec, list(self.claims.values()))
        except AllocationError as error:
            raise RefusedError(error.reason, str(error)) from None
        self.shares = {(share.unit, split.pool): share for split in self.made.pools for share in split.shares}
        self.minor = {award.unit: award.minor for award in self.made.awards}

    def _claims(
        self, ruleset: Ruleset, register: pl.DataFrame, rated: pl.DataFrame, scored: Mapping[str, Scored]
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
        claims = {}
        for line in lines.iter_rows(named=True):
            unit = line["unit"]
            known = {name: exact(line[name]) if line[name] is not None else Fraction(0) for name in sums}
            bases = {name.removeprefix("basis "): amount for name, amount in known.items() if name != "prepaid"}
            bases |= {pool: amounts.get((unit, indicator), Fraction(0)) for pool, indicator in self._counted.items()}
            prepaid = round(known.get("prepaid", Fraction(0)) * 100)
            claims[unit] = self.claim(Claim(unit, bases, None, None, prepaid), scored.get(unit))
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

    def claim(self, brought: Claim, scored: Scored | None) -> Claim:
        """The claim with another score."""
        value = scored.score if scored is not None else None
        own = {pool.id: Fraction(value or 0, 10_000) for pool in self.pools if pool.basis.score}
        quality = Fraction(value, self.full) if value is not None else None
        grade = scored.grade if scored is not None else None
        return replace(brought, bases={**brought.bases, **own}, quality=quality, grade=grade)

    def after(self, claim: Claim) -> int:
        """What `claim.unit` would get, in minor units, if it brought `claim` and all others what they brought.

        To the nearest minor unit, which largest remainder may miss by one; units that a floor or a cap holds now are
        taken to be held by it still.
        """
        return sum(round(what_if_exact(split, claim)) for split in self.made.pools)

    def gain(self, unit: str, scored: Scored, gained: int) -> int | None:
        """What the unit would be paid more with another score, which is `gained` ten-thousandths better."""
        if unit not in self.claims:
            return None
        claim = self.claims[unit]
        if not gained and scored.grade == claim.grade:
            return 0
        try:
            money = self.after(self.claim(claim, scored)) - self.minor[unit]
        except AllocationError:
            return None  # with that score the bounds could not all hold
        # A better score is never paid less; the nearest minor unit may be one off.
        return max(0, money) if gained >= 0 else money

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
        steps = [
            (award.unit, step.pool, position, step.name, step.amount, json.dumps(dict(step.note), ensure_ascii=False))
            for award in self.made.awards
            for position, step in enumerate(
                [*(s for split in self.made.pools for s in self.shares[award.unit, split.pool].steps), *award.steps]
            )
        ]
        named = ("unit", "pool", "position", "step", "amount", "note")
        return {
            "awards": pl.DataFrame(awards, schema_overrides=dict.fromkeys(_MONIES, pl.Decimal(38, 2))),
            "pool_awards": pl.DataFrame(shares, schema_overrides=dict.fromkeys(_EXACT, pl.Decimal(38, 6)) | {
                "amount": pl.Decimal(38, 2), "bound": pl.String, "quality": pl.Float64}),
            "award_steps": pl.DataFrame(steps, orient="row", schema=named, schema_overrides={
                "amount": pl.Decimal(38, 6)}),
        }  # fmt: skip


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
