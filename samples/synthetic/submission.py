"""A submission written record by record: files as institutions send them, and the truth about what is false in them."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

TRUTH = ("rule", "table", "file", "line", "institution_id", "key", "reason")

_WEIGHTS = tuple(2**i % 11 for i in range(17, 0, -1))
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
_GIVEN = "伟芳秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华建国春梅志红云飞雪松"


@dataclass(frozen=True)
class Sheet:
    """How a table is written: its columns with the headers of the file, its form, and what names a record."""

    headers: Mapping[str, str]
    about: str
    form: Literal["csv", "xlsx"] = "csv"
    bom: bool = False
    truth: tuple[str, str] = ("是", "否")
    dates: str = "%Y-%m-%d"


@dataclass
class Record:
    """One line of a table, and what is false in it: the rules that it violates, each with the reason."""

    values: dict[str, Any]
    false: list[tuple[str, str]] = field(default_factory=list)

    def breaks(self, *rules: str, reason: str) -> Record:
        """The record, known to violate `rules`."""
        self.false += [(rule, reason) for rule in rules]
        return self


class Submission:
    """Tables that are filled by hand and written at once; `unit` is the column that names the unit."""

    def __init__(self, sheets: Mapping[str, Sheet], unit: str = "institution_id"):
        self.sheets, self.unit = sheets, unit
        self.tables: dict[str, list[Record]] = {name: [] for name in sheets}

    def add(self, table: str, **values: Any) -> Record:
        """A further line of a table; columns that are not named stay empty. KeyError for an unknown column."""
        if unknown := values.keys() - self.sheets[table].headers.keys():
            raise KeyError(f"table {table!r} has no column {sorted(unknown)[0]!r}")
        record = Record(values)
        self.tables[table].append(record)
        return record

    def write(self, out: Path) -> None:
        """Write all tables and `_truth.csv` into `out`; an earlier submission there is replaced.

        Raises FileExistsError when something else is there.
        """
        if out.exists() and any(out.iterdir()) and not (out / "_truth.csv").is_file():
            raise FileExistsError(f"{out} is not empty and holds no generated submission")
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        truth: list[tuple[str, ...]] = []
        for name, records in self.tables.items():
            sheet = self.sheets[name]
            file = f"{name}.{sheet.form}"
            rows = [[_cell(record.values.get(column), sheet) for column in sheet.headers] for record in records]
            (_csv if sheet.form == "csv" else _xlsx)(out / file, sheet, rows)
            for line, record in enumerate(records, start=2):
                unit, key = (str(record.values.get(column) or "") for column in (self.unit, sheet.about))
                truth += [(rule, name, file, str(line), unit, key, reason) for rule, reason in record.false]
        with (out / "_truth.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(TRUTH)
            writer.writerows(sorted(truth, key=lambda row: (row[0], row[1], row[2], int(row[3]), row[6])))


def _cell(value: Any, sheet: Sheet) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return sheet.truth[0] if value else sheet.truth[1]
    if isinstance(value, dt.date):
        return value.strftime(sheet.dates)
    return value if isinstance(value, int | float) else str(value)


def _csv(path: Path, sheet: Sheet, rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig" if sheet.bom else "utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(sheet.headers.values())
        writer.writerows(rows)


def _xlsx(path: Path, sheet: Sheet, rows: list[list[Any]]) -> None:
    import xlsxwriter  # type: ignore[import-untyped]  # only here, because only workbooks need it

    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties({"created": dt.datetime(2024, 12, 31, tzinfo=dt.UTC)})
        page = workbook.add_worksheet("Sheet1")
        page.write_row(0, 0, list(sheet.headers.values()))
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(line, column, value)
                else:
                    page.write_number(line, column, value)


@dataclass(frozen=True)
class Person:
    """Somebody made up."""

    person_id: str
    name: str
    born: dt.date
    phone: str

    @property
    def mistyped(self) -> str:
        """The number with another check character."""
        return self.person_id[:17] + ("1" if self.person_id[17] != "1" else "2")


class People:
    """People who do not exist: their division codes are given to no place, and their telephones start with 1990."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self._heads: set[str] = set()

    def person(self, division: str, oldest: int = 1945, youngest: int = 2000) -> Person:
        """Somebody born between two years; nobody else has the number or the telephone."""
        while True:
            born = dt.date(self.rng.randint(oldest, youngest), self.rng.randint(1, 12), self.rng.randint(1, 28))
            head = f"{division}{born:%Y%m%d}{self.rng.randint(1, 998):03d}"
            if head not in self._heads:
                break
        self._heads.add(head)
        check = "10X98765432"[sum(int(d) * w for d, w in zip(head, _WEIGHTS, strict=True)) % 11]
        name = self.rng.choice(_SURNAMES) + self.rng.choice(_GIVEN) + self.rng.choice(_GIVEN)
        return Person(head + check, name, born, f"1990{len(self._heads):07d}")

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        """A day between two, both included."""
        return first + dt.timedelta(days=self.rng.randint(0, (last - first).days))
