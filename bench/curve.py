"""What assess costs as records and rules grow: a table, and a picture.

    python bench/curve.py --rows 1_000_000 10_000_000 50_000_000 --rules 10 50 200 --picture docs/images/cost.svg

Each point is a process of its own, as in `bench/run.py`: checks, counts per institution and violating records, from
Parquet. The rules are those of `bench/ruleset.yaml` over and over, each time with other bounds: no two are alike.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from data import FOLDER, generate

HERE = Path(__file__).parent
Points = dict[tuple[int, int], dict[str, float]]


def rules(checks: list[dict[str, Any]], wanted: int) -> list[dict[str, Any]]:
    """So many rules: those of the benchmark by turns, each time a little different."""
    made = []
    for number in range(wanted):
        again, rule = number // len(checks), dict(checks[number % len(checks)])
        rule["id"] = f"{rule['id']}_{again}"
        if again:
            rule |= varied(rule, again)
        made.append(rule)
    return made


def varied(rule: dict[str, Any], again: int) -> dict[str, Any]:
    """What differs in a rule when it is there again: about as many records violate it as before."""
    match rule["check"]:
        case "in_range":
            return {"max": rule["max"] + again}
        case "matches":
            return {"pattern": f"{rule['pattern']}|-{again}"}
        case "expression":
            return {"valid": f"dbp < sbp + {again} * 0.01"}
        case "resident_id":
            return {"born_by": f"DATE '2004-12-31' + INTERVAL '{again} days'"}
        case _:
            return {"where": f"dbp <> {-again}"}


def point(path: str, wanted: int) -> None:
    """Measure one point in this process, and print a JSON line."""
    sys.path[:0] = [str(HERE / "programs"), str(HERE.parent)]
    import ours
    import workload

    from assess.ruleset.spec import Rule

    checks = [rule for rule in ours.RULESET.checks if rule.check.kind != "parses"]
    stated = [rule.model_dump(mode="json", by_alias=True, exclude_unset=True) for rule in checks]
    many = [Rule.model_validate(rule) for rule in rules(stated, wanted)]
    ours.RULESET = ours.RULESET.model_copy(update={"checks": tuple(many)})
    sys.argv[1] = path
    workload.report(lambda path: workload.Found([ours.passed(path).failing.height]))


def measured(rows: list[int], counts: list[int], rounds: int, folder: Path) -> Points:
    """Every point: the medians of its rounds."""
    found: Points = {}
    for many in rows:
        path = generate(many, folder)
        for wanted in counts:
            said = []
            for _ in range(rounds):
                command = [sys.executable, str(HERE / "curve.py"), "--point", str(path), str(wanted)]
                done = subprocess.run(  # noqa: S603 - our own program
                    command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": ""}
                )
                said.append(json.loads(done.stdout.splitlines()[-1]))
            middle = {key: statistics.median(one[key] for one in said) for key in ("seconds", "peak_mib")}
            found[many, wanted] = middle
            print(f"{many:,} records, {wanted} rules: {middle}", file=sys.stderr)
    return found


def table(found: Points) -> list[str]:
    """Seconds and peak memory: a line for each number of records, a column for each number of rules."""
    rows, counts = (sorted({key[i] for key in found}) for i in (0, 1))
    lines = ["| records | " + " | ".join(f"{n} rules" for n in counts) + " |", "|---" * (len(counts) + 1) + "|"]
    for many in rows:
        cells = [f"{found[many, n]['seconds']:.1f} s, {found[many, n]['peak_mib']:,.0f} MiB" for n in counts]
        lines.append(f"| {many:,} | " + " | ".join(cells) + " |")
    return lines


def picture(found: Points) -> str:
    """Seconds over records, both in powers of ten, a line for each number of rules, as SVG."""
    rows, counts = (sorted({key[i] for key in found}) for i in (0, 1))
    seconds = [value["seconds"] for value in found.values()]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    first, last = math.log10(rows[0]), max(math.log10(rows[-1]), math.log10(rows[0]) + 0.1)

    def x(many: int) -> float:
        return 70 + 430 * (math.log10(many) - first) / (last - first)

    def y(value: float) -> float:
        return 300 - 270 * (math.log10(value) - low) / (high - low)

    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 350" font-family="sans-serif" font-size="13">',
        '<rect width="620" height="350" fill="white"/>',
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        lines.append(f'<path d="M70 {at:.1f}H500" stroke="#ddd"/>')
        lines.append(f'<text x="62" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    lines += [f'<text x="{x(many):.1f}" y="322" text-anchor="middle">{many / 1e6:g} M</text>' for many in rows]
    lines.append('<text x="285" y="344" text-anchor="middle">records</text>')
    for n, colour in zip(counts, ("#1b6ca8", "#3a9d5d", "#c2571a", "#7a3e9d"), strict=False):
        places = [(x(many), y(found[many, n]["seconds"])) for many in rows]
        joined = "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        lines.append(f'<path d="M{joined}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
        lines.append(f'<text x="508" y="{places[-1][1] + 4:.1f}" fill="{colour}">{n} rules</text>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    """Measure all points, print the table, and draw the picture."""
    if sys.argv[1:2] == ["--point"]:
        del sys.argv[1]
        point(sys.argv[1], int(sys.argv[2]))
        return
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 5_000_000, 10_000_000])
    options.add_argument("--rules", type=int, nargs="+", default=[10, 50, 200])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--picture", type=Path, help="Where the picture (SVG) goes.")
    options.add_argument("--folder", type=Path, default=FOLDER, help="Where the generated records are.")
    given = options.parse_args()
    found = measured(given.rows, given.rules, given.rounds, given.folder)
    print("\n".join(table(found)))
    if given.picture is not None:
        given.picture.write_text(picture(found), encoding="utf-8")


if __name__ == "__main__":
    main()
