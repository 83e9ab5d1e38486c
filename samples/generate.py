"""Make a synthetic province with known faults: `python samples/generate.py --units 24 --residents 9600 --out DIR`.

Writes the tables that `rulesets/bphs-2024.yaml` asks for, and `_truth.csv`: every violation that was put in, and no
other. The same arguments give the same bytes. Institutions are made in batches of 24, so memory stays bounded: 1,500
units with 5,000,000 residents (`--format parquet`) take minutes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from synthetic.people import MOST_UNITS, batches
from synthetic.province import Province


def generate(out: Path, units: int = 24, residents: int = 9600, seed: int = 1, form: str = "mixed") -> dict[str, int]:
    """Write a province into `out`; returns the number of rows of each table.

    An earlier province in `out` is replaced; FileExistsError when something else is there. ValueError when chance made
    something false that nobody put in (tiny institutions, or two people with one number), and for more institutions
    than there are codes.
    """
    if units > MOST_UNITS:
        raise ValueError(f"there are codes for {MOST_UNITS} institutions")
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
    parser.add_argument("--residents", type=int, default=9600, help="number of health records before faults")
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
