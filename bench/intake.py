"""How much longer intake takes than a bare Polars conversion of the same CSV file to text columns, and its memory.

    python bench/intake.py --rows 10_000_000

Both convert one generated file of 13 columns, in turn, each time in a process of its own; the ratio is that of the
fastest rounds.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = 100_000
COLUMNS = {
    "unit": "code", "person": "code", "sbp": "integer", "dbp": "integer", "day": "text", "managed": "integer",
    "visits": "integer", "name": "text", "grade": "integer", "note": "text", "batch": "integer", "phone": "code",
    "line": "integer",
}  # fmt: skip


def generate(path: Path, rows: int) -> None:
    """Write `rows` rows; every block of 100,000 differs in its first columns alone."""
    import random

    draw = random.Random(20240630)  # noqa: S311 - a benchmark, not a secret
    tails = []
    for n in range(min(rows, BLOCK)):
        day = f"2024-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
        pressure = f"{draw.randrange(60, 250)},{draw.randrange(40, 150)}"
        person = f"张{draw.randrange(100)},{draw.randrange(4)},note {draw.randrange(1000)}"
        last = f"{draw.randrange(10**6)},1{draw.randrange(10**10):010d},{n}"
        tails.append(f"{pressure},{day},{draw.randrange(2)},{draw.randrange(12)},{person},{last}\n")
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for block in range(0, rows, BLOCK):
            file.writelines(
                f"{(block + n) % 1500:06d},{340123190001010000 + (block + n) * 7919},{tail}"
                for n, tail in enumerate(tails[: rows - block])
            )


def bare(data: Path, out: Path) -> None:
    """Every column as text, straight to Parquet."""
    import polars as pl

    pl.scan_csv(data / "visits.csv", infer_schema=False).sink_parquet(out / "bare.parquet")


def ours(data: Path, out: Path) -> None:
    """Intake: digests, encoding, regularity, typed columns, rejects, contract, receipt."""
    from assess.intake import take_in
    from assess.intake.store import Store
    from assess.tables import Table

    tables = {
        "units": Table.model_validate({"columns": {"unit": {"type": "code", "required": True}}}),
        "visits": Table.model_validate(
            {"columns": {name: {"type": kind, "required": True} for name, kind in COLUMNS.items()}}
        ),
    }
    intake = take_in(data, tables, "units", "unit", Store(out / "store"))
    print(intake.receipt().row(1, named=True))  # noqa: T201


def main() -> None:
    """Alternate the two and print the ratio."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--rows", type=int, default=2_000_000)
    args.add_argument("--rounds", type=int, default=2)
    args.add_argument("--scratch", type=Path, default=None, help="Folder for the files; a temporary one unless given.")
    args.add_argument("--one", choices=["bare", "ours"], help=argparse.SUPPRESS)
    args.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    said = args.parse_args()
    sys.path.insert(0, str(ROOT))
    if said.one:
        import polars  # noqa: F401 - what both have to load first is not what is measured

        import assess.intake  # noqa: F401

        started = time.perf_counter()
        {"bare": bare, "ours": ours}[said.one](said.scratch, said.out)
        spent = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
        print(f"{spent:.3f} {peak:.3f}")  # noqa: T201
        return
    with tempfile.TemporaryDirectory(dir=said.scratch) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        (data / "units.csv").write_text("unit\n" + "".join(f"{n:06d}\n" for n in range(1500)), encoding="utf-8")
        generate(data / "visits.csv", said.rows)
        size = (data / "visits.csv").stat().st_size / 1e6
        print(f"{said.rows:,} rows, {len(COLUMNS)} columns, {size:,.0f} MB")  # noqa: T201
        best: dict[str, tuple[float, float]] = {}
        for number in range(said.rounds):
            for name in ("bare", "ours"):
                with tempfile.TemporaryDirectory(dir=folder) as out:
                    seconds, peak = _once(name, data, Path(out))
                print(f"round {number + 1}, {name}: {seconds:.1f} s, peak {peak:.2f} GiB")  # noqa: T201
                before = best.get(name, (seconds, peak))
                best[name] = min(before[0], seconds), max(before[1], peak)
    ratio = best["ours"][0] / best["bare"][0]
    print(f"ratio {ratio:.2f} (at most 2.00), peak of intake {best['ours'][1]:.2f} GiB (below 2.00)")  # noqa: T201
    sys.exit(0 if ratio <= 2 and best["ours"][1] < 2 else 1)


def _once(name: str, data: Path, out: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, "--one", name, "--scratch", str(data), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


if __name__ == "__main__":
    main()
