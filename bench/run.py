"""Twelve checks on one table: assess against Polars by hand, and with `--peers` against other tools.

    python bench/run.py --rows 1_000_000
    python bench/run.py --rows 10_000_000 --peers

The programs take turns, over several rounds, each in a process of its own; every one must find the same violations. The
table has medians: seconds of work (after imports) and of its CPU, which others on the machine disturb less, seconds of
the whole process, peak memory, and the ratios to Polars by hand. Peers are installed with
`pip install -r bench/requirements-peers.txt`, here or in another environment, the interpreter of which `--peers PYTHON`
names; those that are missing are left out.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import FOLDER, generate

PROGRAMS = Path(__file__).parent / "programs"


@dataclass
class Program:
    """A program, what it needs, and what it said in each round; a slow one runs in the first round alone."""

    file: str
    name: str
    needs: str | None = None
    slow: bool = False
    said: list[dict[str, Any]] = field(default_factory=list)

    def median(self, figure: str) -> float:
        """The median of a figure over the rounds."""
        return statistics.median(said[figure] for said in self.said)


OURS, TUNED = Program("ours", "assess"), Program("tuned", "Polars by hand, tuned")
OWN = [Program("scan", "bare scan of the columns"), TUNED, OURS]
PEERS = [
    Program("peer_pointblank", "Pointblank", "pointblank"),
    Program("peer_dataframely", "dataframely", "dataframely"),
    Program("peer_cuallee", "cuallee (counts alone)", "cuallee"),
    Program("peer_duckdb", "DuckDB by hand", "duckdb"),
    Program("peer_pandera", "pandera on Polars", "pandera"),
    Program("peer_great_expectations", "Great Expectations on pandas (counts alone)", "great_expectations", slow=True),
]


def run(program: Program, path: Path, python: str) -> None:
    """Run a program once."""
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own programs
        [python, str(PROGRAMS / f"{program.file}.py"), str(path)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"{program.name} broke:\n{done.stderr[-2000:]}")
    program.said.append({**json.loads(done.stdout.splitlines()[-1]), "whole": time.perf_counter() - started})


def installed(program: Program, python: str) -> bool:
    """Whether an interpreter has what a program needs."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({program.needs!r}) is None)"
    return subprocess.run([python, "-c", code], check=False).returncode == 0  # noqa: S603


def disagreements(programs: list[Program]) -> list[str]:
    """What a program found that is otherwise than what Polars by hand found."""
    right = TUNED.said[0]
    return [
        f"{program.name}: {figure} {said[figure]}, and not {right[figure]}"
        for program in programs
        for said in program.said
        for figure in ("counts", "of_units", "failing")
        if said.get(figure) is not None and said[figure] != right[figure]
    ]


def table(programs: list[Program], rows: int) -> list[str]:
    """The medians, the fastest first."""
    base, base_cpu = TUNED.median("seconds"), TUNED.median("cpu")
    heads = [f"{rows:,} records, 12 checks", "work, s", "its CPU, s", "process, s", "peak, MiB", "work ÷ by hand",
             "CPU ÷ by hand", "runs"]  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for program in sorted(programs, key=lambda program: program.median("seconds")):
        work, cpu, whole, peak = (program.median(figure) for figure in ("seconds", "cpu", "whole", "peak_mib"))
        ratios = f"{work / base:.2f} | {cpu / base_cpu:.2f} | {len(program.said)}"
        lines.append(f"| {program.name} | {work:.2f} | {cpu:.2f} | {whole:.2f} | {peak:,.0f} | {ratios} |")
    return lines


def main() -> None:
    """Measure, and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument(
        "--peers", nargs="?", const=sys.executable, metavar="PYTHON", help="Measure the peers as well."
    )
    options.add_argument("--only", nargs="*", metavar="PROGRAM", help="Of the peers only these, by file name.")
    options.add_argument("--folder", type=Path, default=FOLDER, help="Where the generated records are.")
    given = options.parse_args()
    path = generate(given.rows, given.folder)
    programs, python = list(OWN), {program.file: sys.executable for program in OWN}
    for peer in PEERS if given.peers else ():
        if given.only and peer.file not in given.only:
            continue
        if not installed(peer, given.peers):
            print(f"left out, for it is not installed: {peer.name}", file=sys.stderr)
            continue
        programs.append(peer)
        python[peer.file] = given.peers
    for number in range(given.rounds):
        # Every other round in reverse, so that nobody always comes after the same one.
        for program in programs if number % 2 == 0 else programs[::-1]:
            if number == 0 or not program.slow:
                run(program, path, python[program.file])
                print(f"round {number + 1}: {program.name} {program.said[-1]['seconds']:.2f} s", file=sys.stderr)
    if wrong := disagreements(programs):
        sys.exit("\n".join(["the programs do not agree:", *wrong]))
    print("\n".join(table(programs, given.rows)))
    print(f"\nall agree: {', '.join(map(str, TUNED.said[0]['counts']))}")
    ratio, of_cpu = (OURS.median(figure) / TUNED.median(figure) for figure in ("seconds", "cpu"))
    print(f"assess ÷ Polars by hand: {ratio:.2f} (CPU {of_cpu:.2f})")


if __name__ == "__main__":
    main()
