"""Make a synthetic province with known faults: `python samples/generate.py --units 24 --residents 6000 --out DIR`.

Writes the tables that `rulesets/bphs-2024.yaml` asks for, and `_truth.csv`: every violation that was put in, and no
other. The same arguments give the same bytes. Institutions are made in batches of 24, so memory stays bounded: 1,500
units with 5,000,000 residents (`--format parquet`) take minutes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent))

from synthetic import services
from synthetic.defects import put_in
from synthetic.files import COLUMNS, MIXED, OWN_FOLDER, PARQUET, TableFile
from synthetic.ledger import WRONG_UNIT, Ledger
from synthetic.people import Batch, batches, people
from synthetic.persons import crowd_adds
from synthetic.stated import ROLES, crowded, stated

TRUTH = {
    "rule": pl.String, "table": pl.String, "file": pl.String, "line": pl.UInt32, "institution_id": pl.String,
    "key": pl.String, "reason": pl.String,
}  # fmt: skip
# Batches with fewer institutions are too small to give each role to one of them.
ENOUGH = 14


def roles_of(batch: Batch) -> dict[str, int]:
    """Which institution does what: the largest of the careless half is crowded, the smallest is vetoed."""
    units = batch.units
    if units.height < ENOUGH:
        return {}
    flagship = units.filter(pl.col("quality") < 0.75).sort("size", "unit", descending=[True, False])["unit"][0]
    rest = units.filter(pl.col("unit") != flagship)
    # The veto is worth looking at where it takes a good score away.
    vetoed = rest.filter(pl.col("quality") > 0.6).sort("size", "unit")["unit"][0]
    others = [unit for unit in rest["unit"] if unit != vetoed]
    drawn = np.argsort(np.random.default_rng([batch.seed, batch.number, 7]).random(len(others)), kind="stable")
    return {"flagship": flagship, "vetoed": vetoed, **dict(zip(ROLES, [others[i] for i in drawn], strict=False))}


def make(batch: Batch) -> tuple[Ledger, dict[str, int]]:
    """One batch of institutions: sound tables first, then the faults."""
    rng, roles = batch.rng, roles_of(batch)
    everyone = people(batch, rng)
    records = services.residents(batch, everyone, rng)
    units = services.register(batch, records, rng)
    flagship, step = roles.get("flagship"), 0
    if flagship is not None:
        near = int(units["adults"][flagship])
        adults, managed = crowded(near, round(near * 0.12))
        mine, step = pl.col("unit") == flagship, max(1, round(managed / 42))
        units = units.with_columns(
            adults=pl.when(mine).then(adults).otherwise("adults"),
            diabetics=pl.when(mine).then(managed - crowd_adds(step)),
        )
    tables = {
        "residents": records,
        "hypertension": services.hypertension(batch, records, units, rng),
        "diabetes": services.diabetes(batch, records, units, rng),
        "elderly": services.elderly(records, units, rng),
        "contracts": services.contracts(records, units, rng),
    }
    if "no_contracts" in roles:
        tables["contracts"] = tables["contracts"].filter(pl.col("_u") != roles["no_contracts"])
    book = Ledger(tables, units, rng)
    strangers = everyone.filter("stranger")
    put_in(book, strangers[np.argsort(rng.random(strangers.height), kind="stable")], roles, step)
    _add_summary(book, roles)
    return book, roles


def _add_summary(book: Ledger, roles: dict[str, int]) -> None:
    rows = sorted(stated(book, roles), key=lambda row: row["_u"])
    frame = pl.DataFrame(
        [{"_rid": i, "_p": -1, "_draw": i / len(rows), **row, "_raw": row["raw"]} for i, row in enumerate(rows)],
        schema_overrides={"_raw": pl.String}, infer_schema_length=None,
    )  # fmt: skip
    book.tables["summary"], book.rejected["summary"] = frame.drop("rules", "raw"), []
    for i, row in enumerate(rows):
        for rule, reason in row["rules"]:
            book.flag("summary", frame.filter(pl.col("_rid") == i), reason, rule)
    units = book.units.with_row_index("_rid").with_columns(
        pl.col("_rid").cast(pl.Int64), _p=pl.lit(-1), _u=pl.col("unit"), _draw=pl.col("unit") / book.units.height,
        _raw=pl.lit(None, dtype=pl.String),
    )  # fmt: skip
    book.tables["institutions"], book.rejected["institutions"] = units, []
    if "bad_cell" in roles:
        book.spoil("institutions", units.filter(pl.col("unit") == roles["bad_cell"]), "约90人")


def laid_out(book: Ledger, table: str, batch: Batch) -> pl.DataFrame:
    """A table as it is submitted: codes of units and contracts filled in, the order of rows drawn."""
    codes = dict(zip(batch.units["unit"], batch.units["institution_id"], strict=True))
    frame = (
        book.tables[table]
        .sort("_u", "_draw", "_rid")
        .with_columns(
            institution_id=pl.when(pl.col("_rid").is_in(book.rejected[table]))
            .then(pl.lit(WRONG_UNIT))
            .otherwise(pl.col("_u").replace_strict(codes, return_dtype=pl.String))
        )
    )
    if table == "contracts":
        number = pl.int_range(pl.len()).over("_u").cast(pl.String).str.zfill(6)
        home = pl.col("_u").replace_strict(codes, return_dtype=pl.String)
        frame = frame.with_columns(contract_no=pl.lit("HT") + home + number)
    return frame


def _key(table: str) -> pl.Expr:
    if table == "summary":
        return pl.col("indicator")
    return pl.col("institution_id" if table == "institutions" else "person_id")


class Province:
    """The files of a province while they are written."""

    def __init__(self, out: Path, form: str):
        self.out, self.form = out, form
        self.files: dict[tuple[str, str], TableFile] = {}
        self.truth: list[pl.DataFrame] = []
        self.counts: dict[str, int] = {}

    def file(self, table: str, folder: str, own: int) -> TableFile:
        """The file that takes a table of a unit with its own `folder`, or of all that have none."""
        if (folder, table) not in self.files:
            style = PARQUET if self.form == "parquet" else OWN_FOLDER[own] if folder else MIXED[table]
            path = self.out / folder / f"{table}.{style.form}"
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
                lines.setdefault(table, []).append(rows.select("_rid", "institution_id", key=_key(table), **where))
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


def generate(out: Path, units: int = 24, residents: int = 6000, seed: int = 1, form: str = "mixed") -> dict[str, int]:
    """Write a province into `out`; returns the number of rows of each table.

    An earlier province in `out` is replaced; FileExistsError when something else is there. ValueError when chance made
    something false that nobody put in (tiny institutions, or two people with one number).
    """
    if out.exists() and any(out.iterdir()) and not (out / "_truth.csv").is_file():
        raise FileExistsError(f"{out} is not empty and holds no generated province")
    partial = out.parent / f".{out.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        province = Province(partial, form)
        for batch in batches(units, residents, seed):
            province.take(batch)
        province.close()
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if out.exists():
        shutil.rmtree(out)
    partial.rename(out)
    return province.counts


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=24, help="number of institutions")
    parser.add_argument("--residents", type=int, default=6000, help="number of health records before faults")
    parser.add_argument("--out", type=Path, required=True, help="directory to write (replaced if it exists)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another province")
    parser.add_argument("--format", choices=("mixed", "parquet"), default="mixed", help="mixed: CSV, XLSX and Parquet")
    args = parser.parse_args()
    if args.units < 1 or args.residents < 40 * args.units:
        parser.error("at least one unit, and 40 residents a unit")
    try:
        counts = generate(args.out, args.units, args.residents, args.seed, args.format)
    except (FileExistsError, ValueError) as error:
        parser.error(str(error))
    sys.stdout.write("".join(f"{table}: {rows:,} rows\n" for table, rows in counts.items()))


if __name__ == "__main__":
    main()
