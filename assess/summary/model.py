"""The form of `summary.json`: version 1 gets new fields, but none is dropped or changes its meaning."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assess.texts import Text

Severity = Literal["critical", "major", "minor", "info"]
Status = Literal["pass", "pass_with_findings", "fail", "error", "not_applicable", "not_submitted", "needs_review"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RulesetSaid(_Part):
    """By which ruleset was assessed."""

    id: str = Field(description="Its name.")
    version: str = Field(description="Its version.")
    title: Text = Field(description="Its title.")
    sha256: str = Field(description="SHA-256 over all files it is made of.")


class PeriodSaid(_Part):
    """What time was assessed; days as YYYY-MM-DD."""

    start: str = Field(description="First day.")
    end: str = Field(description="Last day.")
    as_of: str = Field(description="The day up to which was assessed.")


class Counts(_Part):
    """How much there was of everything: rows in = rows kept + rows rejected."""

    units: int = Field(ge=0, description="Units in the register.")
    files: int = Field(ge=0, description="Files found.")
    rows_in: int = Field(ge=0, description="Rows in them.")
    rows_kept: int = Field(ge=0, description="Rows that were checked.")
    rows_rejected: int = Field(ge=0, description="Rows that belong nowhere.")
    cells_rejected: int = Field(ge=0, description="Cells that cannot be read as their type.")
    rules: int = Field(ge=0, description="Rules, with the automatic ones on cells.")
    indicators: int = Field(ge=0, description="Indicators, with those that only units state.")


class UnitSaid(_Part):
    """What became of one unit."""

    unit: str = Field(description="Its key.")
    name: str = Field(description="Its name for people.")
    group: str | None = Field(description="Its group of the first level.")
    score: float | None = Field(description="Its score; null where it has none.")
    why: str | None = Field(description="`scored`, or why there is no score; null where the ruleset scores nothing.")
    grade: str | None = Field(description="Id of its grade.")
    rank: int | None = Field(ge=1, description="Its place among all units.")
    group_rank: int | None = Field(ge=1, description="Its place within its group.")
    vetoes: tuple[str, ...] = Field(description="Ids of the vetoes that hold.")
    award_minor: int | None = Field(ge=0, description="Its award in minor units; null where nothing is allocated.")
    settlement_minor: int | None = Field(description="What is left to settle in minor units; below zero a claim.")
    faults: dict[Severity, int] = Field(description="Findings that are faults, by severity.")


class RuleSaid(_Part):
    """A rule that somebody violated, or that did not run."""

    rule: str = Field(description="Its id.")
    table: str = Field(description="The table or view it judges.")
    title: Text = Field(description="What a violation is.")
    severity: Severity = Field(description="How much it matters.")
    effect: str = Field(description="What a violation does: disqualify, report or review.")
    ran: bool = Field(description="False where it did not run: then it is an error and no pass.")
    applicable: int = Field(ge=0, description="Records it applied to, over all units.")
    violated: int = Field(ge=0, description="Records that violated it.")
    units: int = Field(ge=0, description="Units with a violation.")


class FigureSaid(_Part):
    """A figure that is larger than it can be."""

    unit: str = Field(description="Key of the unit.")
    figure: str = Field(description="The indicator, by its id or as the unit states it.")
    source: str = Field(description="The rule or indicator that found it.")
    ratio: float | None = Field(description="The figure as a ratio: 1.3488 is 134.88 %.")
    numerator: float | None = Field(description="Its numerator, where it is known.")
    denominator: float | None = Field(description="Its denominator, where it is known.")
    file: str | None = Field(description="The file that states it; null where it was counted.")
    line: int | None = Field(description="And its line there.")


class PoolSaid(_Part):
    """One pool: what it awards and what it keeps make it up."""

    id: str = Field(description="Its id.")
    pool_minor: int = Field(ge=0, description="The money to split.")
    awarded_minor: int = Field(ge=0, description="What was awarded.")
    kept_minor: int = Field(ge=0, description="What was kept.")


class AllocationSaid(_Part):
    """The money, in minor units of the currency."""

    currency: str = Field(description="Code of the currency.")
    refused: str | None = Field(description="Why nothing was split; null where it was.")
    pool_minor: int = Field(ge=0, description="The money of all pools.")
    awarded_minor: int = Field(ge=0, description="What was awarded: the sum over the units.")
    kept_minor: int = Field(ge=0, description="What was kept.")
    pools: tuple[PoolSaid, ...] = Field(description="Each pool.")


class Summary(_Part):
    """What an assessment comes to. The same tables give the same text: it holds no times and no paths."""

    version: Literal[1] = Field(description="Version of this form.")
    ruleset: RulesetSaid
    period: PeriodSaid | None = Field(description="Null where the ruleset states none.")
    inputs_sha256: str = Field(description="One digest over all files that were read.")
    counts: Counts
    worst: Severity | None = Field(description="The gravest severity among faults; null where there are none.")
    findings: dict[Status, dict[Severity, int]] = Field(description="Findings by status and severity.")
    units: tuple[UnitSaid, ...] = Field(description="Every unit, in the order of the keys.")
    rules: tuple[RuleSaid, ...] = Field(description="Rules that were violated or did not run, the gravest first.")
    implausible: tuple[FigureSaid, ...] = Field(description="Figures that cannot be true.")
    allocation: AllocationSaid | None = Field(description="Null where the ruleset allocates nothing.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `summary.json`; fields that it does not name are allowed, for later ones may come."""
    made: dict[str, Any] = _open(Summary.model_json_schema())
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "summary.json of an assessment directory",
    }
    return {**head, **{name: value for name, value in made.items() if name != "title"}}


def _open(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _open(value) for name, value in schema.items() if name != "additionalProperties" or value}
    return [_open(each) for each in schema] if isinstance(schema, list) else schema
