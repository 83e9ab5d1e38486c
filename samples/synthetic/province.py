"""The files of a province while they are written, and the lines on which the faults come to stand."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from synthetic.columns import COLUMNS
from synthetic.files import MIXED, OWN_FOLDER, PARQUET, TableFile
from synthetic.making import key, laid_out, make
from synthetic.people import Batch

TRUTH = {
    "rule": pl.String, "table": pl.String, "file": pl.String, "line": pl.UInt32, "institution_id": pl.String,
    "key": pl.String, "reason": pl.String,
}  # fmt: skip


class Province:
    """The files of a province, batch by batch."""

    def __init__(self, out: Path, form: str):
        self.out, self.form = out, form
        self.files: dict[tuple[str, str], TableFile] = {}
        self.truth: list[pl.DataFrame] = []
        self.counts: dict[str, int] = {}

    def file(self, table: str, folder: str, own: int) -> TableFile:
        """The file that takes a table of a unit with its own `folder`, or of all that have none."""
        if (folder, table) not in self.files:
            style = PARQUET if self.form == "parquet" else OWN_FOLDER[own] if folder else MIXED[table]
            path = self.out / folder / f"{table}{style.suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            self.files[folder, table] = TableFile(path, table, style)
        return self.files[folder, table]

    def take(self, batch: Batch) -> None:
        """Make a batch and write it."""
        book, roles = make(batch)
        folders = self._folders(batch, roles)
        lines: dict[str, list[pl.DataFrame]] = {}
        for table in COLUMNS:
            frame = laid_out(book, table, batch)
            _same_numbers(table, frame)
            own = pl.col("_u").replace_strict({u: f for f, u in folders.items()}, default="", return_dtype=pl.String)
            if table == "institutions":
                own = pl.lit("")
            for (folder,), rows in frame.with_columns(_folder=own).group_by("_folder", maintain_order=True):
                name = str(folder)
                file = self.file(table, name, list(folders).index(name) if name else 0)
                start = file.first + file.rows
                where = {
                    "file": pl.lit(file.path.relative_to(self.out).as_posix()),
                    "line": pl.int_range(start, start + pl.len(), dtype=pl.UInt32),
                }
                lines.setdefault(table, []).append(rows.select("_rid", "institution_id", key=key(table), **where))
                file.append(rows)
                self.counts[table] = self.counts.get(table, 0) + rows.height
        places = {table: pl.concat(parts) for table, parts in lines.items()}
        for (table,), found in pl.concat(book.truth).group_by("table", maintain_order=True):
            self.truth.append(found.join(places[str(table)], on="_rid", how="inner").select(list(TRUTH)))

    def _folders(self, batch: Batch, roles: dict[str, int]) -> dict[str, int]:
        if self.form == "parquet" or batch.number or "flagship" not in roles:
            return {}
        chosen = (roles["flagship"], roles["disagree"])
        return {batch.units["institution_id"][unit]: unit for unit in chosen}

    def close(self) -> None:
        """Finish all files and write the truth."""
        for file in self.files.values():
            file.close()
        truth = pl.concat(self.truth).unique().sort("rule", "table", "file", "line", "reason")
        truth.write_csv(self.out / "_truth.csv")


def _same_numbers(table: str, frame: pl.DataFrame) -> None:
    """Chance must not make two people share a number: that would be a fault that nobody wrote down."""
    if "person_id" not in frame.columns:
        return
    holders = frame.filter(pl.col("person_id").is_not_null()).group_by("person_id").agg(pl.col("_p").n_unique())
    if not holders.filter(pl.col("_p") > 1).is_empty():
        raise ValueError(f"two people of {table} have the same number; choose another seed")
