"""How fast the reports of a whole province are rendered from stored tables, how large they are, with how much memory.

    python bench/report.py --units 1500

The sample province is assessed once and its tables are multiplied: every unit comes again under other keys and names,
two of its counties make a new one, and so on up. The pages are then rendered twice, each time in a process of its own;
both must give the same bytes. `--keep DIR` leaves the directory with its pages there, `--from DIR` multiplies the
tables of another assessment.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parent.parent
# Copies of a county that make one county, and those of the next level: about 100 counties and 13 prefectures.
SAME_GROUP = (2, 15)


def province(out: Path) -> None:
    """Assess the sample, without reports."""
    from assess.pipeline import assess
    from assess.results import Directory
    from assess.ruleset.load import load

    made = assess(load(ROOT / "rulesets/bphs-2024.yaml"), ROOT / "samples/province")
    Directory(out).write(made.tables, made.ruleset, made.manifest)


def multiply(source: Path, out: Path, units: int) -> int:
    """Write an assessment of at least `units` units, made of copies of `source`; how many they are."""
    from assess.results import TABLES, Directory

    given = Directory.open(source)
    frames = {name: given.read(name) for name in TABLES}
    levels = [str(level) for level in given.ruleset["unit"].get("levels") or ()]
    copies = math.ceil(units / frames["units"].height)
    made = {name: _copied(name, frame, copies, levels) for name, frame in frames.items()}
    manifest = given.manifest
    if manifest.get("allocation"):
        manifest["allocation"] = _times(manifest["allocation"], copies)
    Directory(out).write(made, given.ruleset, manifest)
    return made["units"].height


def _times(money: dict[str, object], copies: int) -> dict[str, object]:
    """Every amount of the pools as many times."""
    found: dict[str, object] = {}
    for name, value in money.items():
        if isinstance(value, list):
            found[name] = [_times(each, copies) if isinstance(each, dict) else each for each in value]
        else:
            times = name.endswith(("_minor", "_total")) and isinstance(value, int | float)
            found[name] = value * copies if times else value  # type: ignore[operator]
    return found


def _group(name: str | None, level: int, copy: int) -> str | None:
    return name if name is None else f"{name}{copy // SAME_GROUP[min(level, 1)] + 1}"


def _unit(copy: int) -> pl.Expr:
    """The key of a unit's copy: neighbours in order are different units, so that caches help no more than elsewhere."""
    return pl.format(f"{copy:02}-{{}}", "unit").alias("unit")


def _copied(table: str, frame: pl.DataFrame, copies: int, levels: list[str]) -> pl.DataFrame:
    if table == "indicators":
        return _indicators(frame, copies, levels)
    if table == "distributions":
        return _distributions(frame, copies, levels)
    every = []
    for copy in range(copies):
        changed = frame
        if "unit" in frame.columns:
            changed = changed.with_columns(_unit(copy))
        if table == "units":
            changed = changed.with_columns(
                pl.col("name") + f" {copy + 1}",
                pl.Series("group", [_group(name, 0, copy) for name in frame["group"]], dtype=pl.String),
                pl.Series("levels", [_levels(text, levels, copy) for text in frame["levels"]], dtype=pl.String),
            )
        if table == "findings":
            changed = changed.with_columns(pl.col("finding") + f"-{copy:02}")
            changed = changed if copy == 0 else changed.filter(pl.col("unit").is_not_null())
        if table in ("evidence", "figures"):
            changed = changed.with_columns(pl.col("row") + copy * 10**7)
        if table in ("receipt", "evidence", "figures", "rejects", "marks"):
            changed = changed.with_columns(pl.format("{}/{}", pl.lit(f"{copy + 1:02}"), "file").alias("file"))
        if table == "scores":
            changed = changed.with_columns(rank=(pl.col("rank") - 1) * copies + 1)
        every.append(changed)
    return pl.concat(every)


def _levels(text: str, levels: list[str], copy: int) -> str:
    said = json.loads(text)
    return json.dumps({name: _group(said.get(name), levels.index(name), copy) for name in levels}, ensure_ascii=False)


_COUNTS = ("units", "left_out", "numerator", "excluded", "denominator", "numerator_verified", "excluded_verified",
           "denominator_verified", "reported_numerator", "reported_denominator")  # fmt: skip


def _indicators(frame: pl.DataFrame, copies: int, levels: list[str]) -> pl.DataFrame:
    own = frame.filter(pl.col("level") == "unit")
    every = [own.with_columns(_unit(copy)) for copy in range(copies)]
    every.append(frame.filter(pl.col("level") == "all").with_columns(pl.col(_COUNTS) * copies))
    for place, level in enumerate(levels):
        of = frame.filter(pl.col("level") == level)
        same = SAME_GROUP[min(place, 1)]
        for first in range(0, copies, same):
            times = min(same, copies - first)
            name = pl.Series("unit", [_group(unit, place, first) for unit in of["unit"]], dtype=pl.String)
            every.append(of.with_columns(name, pl.col(_COUNTS) * times))
    return pl.concat(every)


def _distributions(frame: pl.DataFrame, copies: int, levels: list[str]) -> pl.DataFrame:
    every = [frame.filter(~pl.col("level").is_in(levels)).with_columns(pl.col("units") * copies)]
    for place, level in enumerate(levels):
        of = frame.filter(pl.col("level") == level)
        same = SAME_GROUP[min(place, 1)]
        for first in range(0, copies, same):
            name = pl.Series("group", [_group(group, place, first) for group in of["group"]], dtype=pl.String)
            every.append(of.with_columns(name, pl.col("units") * min(same, copies - first)))
    return pl.concat(every)


def measure(directory: Path, lang: str, theme: str) -> dict[str, float]:
    """Render once, in this process: wall-clock seconds, seconds of all processors, and pages."""
    from assess.report import render

    start = time.perf_counter()
    pages = render(directory, lang, theme)
    seconds = time.perf_counter() - start
    used = sum(os.times()[:4])
    return {"seconds": seconds, "cpu": used, "pages": len(pages)}


def watched(command: list[str]) -> dict[str, float]:
    """What `measure` says in a process of its own, and the most memory that it and its copies had, in MiB."""
    most = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603
        while process.poll() is None:
            most = max(most, sum(_proportional(each) for each in _tree(process.pid)))
            time.sleep(0.1)
        told: dict[str, float] = json.loads(process.communicate()[0])
    return {**told, "mib": most / 1024}


def _tree(process: int) -> list[int]:
    try:
        below = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [process, *(each for child in below for each in _tree(int(child)))]


def _proportional(process: int) -> int:
    """Memory in KiB, of which pages that several processes share count in part."""
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(told.partition("Pss:")[2].split()[0]) if "Pss:" in told else 0


def digests(directory: Path) -> dict[str, str]:
    """SHA-256 of every page."""
    pages = sorted(directory.rglob("*.html"))
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in pages}


def main() -> int:
    """Print what was measured; 1 when two renderings differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=1_500)
    parser.add_argument("--lang", default="zh")
    parser.add_argument("--theme", default="screen")
    parser.add_argument("--from", dest="source", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        print(json.dumps(measure(given.once, given.lang, given.theme)))  # noqa: T201
        return 0
    with tempfile.TemporaryDirectory() as folder:
        source, out = given.source or Path(folder) / "sample", given.keep or Path(folder) / "province"
        if given.source is None:
            province(source)
        units = multiply(source, out, given.units)
        runs, seen = [], []
        for _ in range(2):
            command = [sys.executable, __file__, "--once", str(out), "--lang", given.lang, "--theme", given.theme]
            runs.append(watched(command))
            seen.append(digests(out))
        best = min(runs, key=lambda run: run["seconds"])
        speed = best["pages"] / best["seconds"]
        sizes = {name: (out / name).stat().st_size for name in seen[0]}
        largest = max((name for name in sizes if name != "index.html"), key=lambda name: sizes[name])
        lines = (
            f"{units:,} units, {best['pages']:,} pages: {best['seconds']:.1f} s, {speed:.0f} pages a second",
            f"processors: {best['cpu']:.1f} s",
            f"memory: {max(run['mib'] for run in runs):,.0f} MiB at most",
            f"index.html: {sizes['index.html'] / 1e6:.2f} MB; all: {sum(sizes.values()) / 1e6:,.0f} MB",
            f"largest other page: {largest}, {sizes[largest] / 1e3:,.0f} kB",
            "two renderings are byte-identical" if seen[0] == seen[1] else "two renderings DIFFER",
        )
        print("\n".join(lines))  # noqa: T201
        return int(seen[0] != seen[1])


if __name__ == "__main__":
    sys.exit(main())
