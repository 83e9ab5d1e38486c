"""A tiny ruleset and tiny submissions; every test says only what it changes in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assess.intake import Intake, take_in
from assess.intake.store import Store
from assess.ruleset.load import Loaded, load

RULESET = """\
ruleset: tiny
version: 2024.10
title: {zh: 微型规则集, en: A tiny ruleset}
period: {start: 2024-01-01, end: 2024-12-31}
unit:
  table: units
  key: unit
  name: name
  levels: [county]
parameters:
  per_capita: 94
tables:
  units:
    aliases: [机构]
    columns:
      unit: {type: code, required: true, aliases: [机构编码]}
      name: {type: text}
      county: {type: text}
      people: {type: integer}
  visits:
    aliases: [随访]
    columns:
      unit: {type: code, required: true, aliases: [机构编码]}
      person: {type: code, required: true, personal: true, aliases: [身份证号]}
      sbp: {type: integer, aliases: [收缩压]}
      day: {type: date}
      done: {type: boolean}
      weight: {type: number}
checks:
  - id: V-SBP
    table: visits
    check: in_range
    column: sbp
    min: 60
    max: 300
    severity: critical
    effect: disqualify
    title: {zh: 收缩压超出范围, en: Out of range}
  - id: V-DAY
    table: visits
    check: expression
    valid: day <= @as_of
    severity: major
    title: {zh: 日期在期末之后, en: After the period}
  - id: V-DONE
    table: visits
    check: not_null
    column: done
    severity: minor
    title: {zh: 未填写, en: Not filled in}
indicators:
  - id: VISITED
    title: {zh: 随访率, en: Visited}
    kind: coverage
    numerator: {table: visits, where: done}
    denominator: {table: units, sum: people}
    target: {value: 0.5}
score:
  max: 100
  not_applicable: exclude
  parts:
    - {indicator: VISITED, points: 60, method: proportional}
    - {rule: V-DAY, points: 40, method: threshold, lower: 0.2, upper: 0.8}
  veto:
    - {id: FRAUD, title: Made up, rule: V-SBP, above: 0.5, cap: 50}
  grades:
    - {id: GOOD, title: Good, min: 80}
allocation:
  pool: 1000.00
  basis: {sum: people * @per_capita}
  coefficient: {method: linear}
"""

UNITS = "unit,name,county,people\nA,Ay,east,4\nB,Bee,east,4\nC,See,west,4\n"
HEADER = "unit,person,sbp,day,done,weight\n"
VISITS = f"""\
{HEADER}A,p1,120,2024-03-01,是,60.5
A,p2,130,2024-03-02,是,
B,p3,110,2024-03-03,是,71
C,p4,,2024-03-04,否,
"""

Content = str | bytes | Callable[[Path], Any]

# What `kept` was made of.
KEPT_ROWS = (
    "A,p1,120,2024-03-01,是,60\nA,p2,900,2024-03-02,是,\nA,p3,120,2025-03-02,是,\nA,p4,110,2024-03-02,,\n"
    "B,p5,110,2024-03-03,是,71\nB,p6,10,2024-03-03,是,71\nB,p6,110,2024-03-03,否,71\nC,p8,120,2024-03-04,是,\n"
)


@pytest.fixture
def ruleset_file(tmp_path: Path) -> Callable[..., Path]:
    """The tiny ruleset with some of its text replaced, as a file; each text that is replaced must be there."""

    def write(*changes: tuple[str, str], text: str = RULESET) -> Path:
        for old, new in changes:
            assert old in text, f"{old!r} is not in the ruleset"
            text = text.replace(old, new, 1)
        path = tmp_path / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def lay(tmp_path: Path) -> Callable[..., Path]:
    """A data directory with a register of the units A, B and C, and the files that are asked for."""

    def write(files: dict[str, Content] | None = None, *, units: Content | None = UNITS) -> Path:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        everything = {"units.csv": units, **(files or {})} if units is not None else dict(files or {})
        for name, content in everything.items():
            path = data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                path.write_text(content, encoding="utf-8", newline="")
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                content(path)
        return data

    return write


@pytest.fixture
def taken(tmp_path: Path, ruleset_file: Callable[..., Path]) -> Iterator[Callable[[Path], Intake]]:
    """What intake makes of a data directory, under the tables of the tiny ruleset."""
    ruleset = load(ruleset_file()).ruleset

    def take(data: Path) -> Intake:
        return take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(tmp_path / "store"))

    return take


@pytest.fixture
def old(ruleset_file: Callable[..., Path]) -> Loaded:
    """The tiny ruleset."""
    return load(ruleset_file())


@pytest.fixture
def kept(tmp_path: Path, old: Loaded, lay: Callable[..., Path]) -> Path:
    """An assessment directory by it."""
    from assess.pipeline import assess

    out = tmp_path / "out"
    assess(old, lay({"visits.csv": HEADER + KEPT_ROWS}, units=UNITS)).write(out)
    return out


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of the sample province, by language, made once for all tests that open them."""
    import province_pages

    return province_pages.make(tmp_path_factory.mktemp("province"))
