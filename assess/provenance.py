"""What an assessment says of itself: versions, digests, parameters, counts. Times are put in by who writes it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import polars as pl

from assess import __version__
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Ruleset


def inputs_of(receipt: pl.DataFrame) -> list[dict[str, Any]]:
    """The files that were read, with their digests."""
    return [
        {"file": row["file"], "sha256": row["digest"], "rows_in": row["rows_in"], "status": row["status"]}
        for row in receipt.iter_rows(named=True)
    ]


def source_of(loaded: Loaded) -> dict[str, Any]:
    """Which ruleset it was, with the files it is made of."""
    ruleset = loaded.ruleset
    return {
        "id": ruleset.ruleset,
        "version": ruleset.version,
        "title": ruleset.title.model_dump(),
        "file": loaded.path.name,
        "sha256": loaded.digest,
        "files": [{"file": source.file, "sha256": source.sha256} for source in loaded.sources],
    }


def described(
    ruleset: Ruleset, source: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], money: Mapping[str, Any] | None,
    settings: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """The provenance of `tables`: all of it but the times, the command, and what it was made from."""
    receipt = tables["receipt"]
    inputs = inputs_of(receipt)
    period = ruleset.period
    totals = receipt.select("rows_in", "rows_kept", "rows_rejected", "cells_rejected").sum().row(0, named=True)
    return {
        "product": {"name": "assess", "version": __version__},
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("polars", "pandera", "pydantic")},
        },
        "ruleset": dict(source),
        "period": {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "as_of": period.until.isoformat(),
            "elapsed": float(period.elapsed),
        }
        if period
        else None,
        "parameters": json.loads(ruleset.model_dump_json(include={"parameters"}))["parameters"],
        "set": dict(sorted(settings.items())),
        "inputs": inputs,
        "inputs_sha256": digest_of(inputs),
        "counts": counted(ruleset, tables, totals),
        "allocation": money,
    }


def digest_of(inputs: Sequence[Mapping[str, Any]]) -> str:
    """One digest over all files that were read."""
    return hashlib.sha256(json.dumps(inputs, ensure_ascii=False).encode()).hexdigest()


def counted(ruleset: Ruleset, tables: Mapping[str, pl.DataFrame], totals: Mapping[str, Any]) -> dict[str, Any]:
    """How much there was of everything, and how many findings of each status and severity."""
    seen: dict[str, dict[str, int]] = {}
    found = tables["findings"].group_by("status", "severity").len().sort("status", "severity")
    for status, severity, number in found.iter_rows():
        seen.setdefault(status, {})[severity] = number
    return {
        "units": tables["units"].height,
        "files": tables["receipt"].height,
        **totals,
        "rules": len(ruleset.checks),
        "indicators": tables["indicators"]["indicator"].n_unique(),
        "findings": seen,
    }
