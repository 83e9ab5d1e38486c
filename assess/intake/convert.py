"""One file to one entry of the store: typed rows, what was rejected, and counts that must agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from assess.intake.contract import Contract
from assess.intake.damage import counts, damage
from assess.intake.raw import Raw, UnreadableError
from assess.intake.store import DATA, REJECTS, Counted
from assess.tables import LINE, REJECTED, masked

REJECTS_SCHEMA: dict[str, pl.DataType] = {
    "line": pl.UInt32(),
    "scope": pl.String(),
    "column": pl.String(),
    "reason": pl.String(),
    "raw": pl.String(),
    "unit": pl.String(),
}


def convert(raw: Raw, contract: Contract, place: Path) -> Counted:
    """Write the typed rows and the rejects of a file into the folder `place`, and say how many there are.

    Rows are counted twice, by the reader and in what was written; a row that is in neither stops the file.
    """
    found, extra = contract.match(raw.header)
    columns = list(contract.table.columns)
    data = place / DATA
    sound = _parsed(raw, contract, found).filter(pl.col("reason").is_null()).select(*columns, LINE, REJECTED)
    # An entry is read whole and soon: quick compression, and no statistics that would let parts of it be skipped.
    written = sound.sink_parquet(data, lazy=True, compression="lz4", statistics=False)
    _, seen = pl.collect_all([written, counts(sound, contract.table)], engine="streaming")
    contract.validate(data)
    kept, with_bad_cells = pl.scan_parquet(data, glob=False).select(pl.len(), pl.col(REJECTED).count()).collect().row(0)
    lost = blank = 0
    if kept < raw.lines or with_bad_cells:
        left = _left(raw, contract, data)
        parsed = _rejects(_parsed(left, contract, found), contract).sink_parquet(place / "parsed.parquet", lazy=True)
        blanks = left.frame.select(raw.blank().sum())
        blank = int(pl.collect_all([parsed, blanks], engine="streaming")[1].item())
        rejected = pl.scan_parquet(place / "parsed.parquet", glob=False)
        lost = int(rejected.filter(scope="row").select(pl.len()).collect().item())
    else:
        rejected = pl.LazyFrame(schema=REJECTS_SCHEMA)
    if raw.ragged is not None and raw.ragged_rows:
        rejected = pl.concat([_ragged(raw.ragged, contract), rejected])
    rejected.sink_parquet(place / REJECTS, engine="streaming")
    (place / "parsed.parquet").unlink(missing_ok=True)
    if kept + lost + blank != raw.lines:
        raise UnreadableError("rows_lost", f"{raw.lines:,} rows, of which {kept + lost + blank:,} were found again")
    wide = int(contract.wide_cells(raw, found).collect(engine="streaming").item()) if raw.wide else 0
    return Counted(
        rows_in=kept + lost + raw.ragged_rows,
        rows_kept=kept,
        cells_rejected=_cells(place / REJECTS),
        encoding=raw.encoding,
        extra_headers=tuple(extra),
        header_line=raw.header_line,
        sheet=raw.sheet,
        cells_narrowed=wide,
        damage=damage(seen),
    )


def _left(raw: Raw, contract: Contract, data: Path) -> Raw:
    """The rows that are not sound, or say nothing: they are few, and all others need not be parsed again."""
    if contract.units is None:
        return raw  # a line of the register is judged beside all others
    sound = pl.scan_parquet(data, glob=False).filter(pl.col(REJECTED).is_null()).select(LINE)
    return replace(raw, frame=raw.frame.join(sound, on=LINE, how="anti", maintain_order="left"))


def _parsed(raw: Raw, contract: Contract, found: dict[str, str]) -> pl.LazyFrame:
    """The typed rows of a file, with the `reason` why a row belongs to nobody."""
    return contract.parse(raw, found).with_columns(contract.row_reason().alias("reason"))


def _cells(path: Path) -> int:
    return int(pl.scan_parquet(path, glob=False).filter(scope="cell").select(pl.len()).collect().item())


def _rejects(parsed: pl.LazyFrame, contract: Contract) -> pl.LazyFrame:
    """What was rejected of the parsed rows: rows that belong to nobody, and cells that could not be read of the others.

    One pass, in which a row becomes as many rejects as it has.
    """
    bad = parsed.filter(pl.col("reason").is_not_null() | pl.col(REJECTED).is_not_null())
    cells = pl.when(pl.col("reason").is_null()).then(pl.col(REJECTED).str.split(","))
    named = bad.with_columns(cells.alias("column")).explode("column", empty_as_null=True)
    whole = pl.concat_str(
        [_shown(column, contract) for column in contract.table.columns], separator=",", ignore_nulls=True
    )
    cell = pl.coalesce(
        [pl.when(pl.col("column") == column).then(_shown(column, contract)) for column in contract.table.columns]
    )
    reasons = {column: f"not_{spec.type}" for column, spec in contract.table.columns.items()}
    why = pl.col("column").replace_strict(reasons, default=None, return_dtype=pl.String)
    is_row = pl.col("reason").is_not_null()
    folder = pl.when(is_row).then(pl.lit(contract.folder, dtype=pl.String))
    return named.select(
        pl.col(LINE).alias("line"),
        pl.when(is_row).then(pl.lit("row")).otherwise(pl.lit("cell")).alias("scope"),
        pl.col("column"),
        pl.coalesce("reason", why).alias("reason"),
        pl.when(is_row).then(whole).otherwise(cell).alias("raw"),
        pl.coalesce(contract.unit_key, folder).alias("unit"),
    )


def _ragged(rows: pl.LazyFrame, contract: Contract) -> pl.LazyFrame:
    # Which field is which cannot be known in a broken row, so all of it is treated as personal if anything is.
    personal = any(spec.personal for spec in contract.table.columns.values())
    return rows.select(
        "line", pl.lit("row").alias("scope"), pl.lit(None, dtype=pl.String).alias("column"), "reason",
        masked(pl.col("raw")) if personal else "raw", pl.lit(contract.folder, dtype=pl.String).alias("unit"),
    )  # fmt: skip


def _shown(column: str, contract: Contract) -> pl.Expr:
    text = pl.col(f"raw {column}")
    return masked(text) if contract.table.columns[column].personal else text
