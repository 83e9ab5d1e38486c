"""Writing tables as institutions send them: CSV, XLSX and Parquet, with Chinese and English headers."""

from __future__ import annotations

import datetime as dt
import gzip
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from synthetic.columns import COLUMNS, LOOSE


@dataclass(frozen=True)
class Style:
    """How one institution or system writes a table."""

    form: str
    chinese: bool = False
    bom: bool = False
    truth: tuple[str, str] = ("true", "false")
    dates: str = "%Y-%m-%d"
    real_dates: bool = False
    encoding: str = "utf-8"
    packed: bool = False

    @property
    def suffix(self) -> str:
        """The end of a file's name."""
        return f".{self.form}.gz" if self.packed else f".{self.form}"


PLAIN, PARQUET = Style("csv"), Style("parquet")
MIXED: Mapping[str, Style] = {
    "institutions": PLAIN,
    "residents": Style("csv", chinese=True, bom=True, truth=("是", "否")),
    "hypertension": Style("xlsx", chinese=True, truth=("是", "否")),
    "diabetes": PARQUET,
    "visits": PARQUET,
    "elderly": Style("csv", chinese=True, truth=("Y", "N"), dates="%Y/%m/%d"),
    "children": Style("csv", chinese=True, truth=("是", "否"), dates="%Y.%m.%d"),
    "vaccinations": Style("csv", chinese=True, dates="%Y%m%d", packed=True),
    "maternal": Style("xlsx", chinese=True, truth=("是", "否"), real_dates=True),
    "mental": Style("csv", chinese=True, truth=("1", "0"), encoding="gb18030"),
    "tuberculosis": PLAIN,
    "infections": Style("csv", chinese=True, encoding="gb18030"),
    "education": Style("xlsx", chinese=True, dates="%Y年%m月%d日"),
    "contracts": Style("xlsx", chinese=True, truth=("1", "0"), real_dates=True),
    "summary": Style("csv", chinese=True),
}
# Two institutions send a folder of their own: one exports CSV from its system, the other keeps workbooks.
OWN_FOLDER = (Style("csv", truth=("1", "0"), dates="%Y%m%d"), Style("xlsx", chinese=True, truth=("是", "否")))


@dataclass
class TableFile:
    """One file of one table, appended to batch by batch. `first` is the line of the first row."""

    path: Path
    table: str
    style: Style
    rows: int = 0
    _parts: list[Path] = field(default_factory=list)
    _workbook: Any = None
    _sheet: Any = None

    @property
    def first(self) -> int:
        """Data rows of Parquet are counted from 1; elsewhere line 1 is the header."""
        return 1 if self.style.form == "parquet" else 2

    def append(self, frame: pl.DataFrame) -> None:
        """Write rows that have the table's columns, and `_raw` for the loose one."""
        loose = LOOSE[self.table]
        header = COLUMNS[self.table]
        raw = pl.col("_raw")
        if self.style.form == "parquet":
            text = _as_text(frame, loose, self.style.dates, self.style.truth)
            frame = frame.with_columns(pl.coalesce(raw, text).alias(loose))
            part = self.path.with_name(f"_{self.path.stem}-{len(self._parts):04d}.parquet")
            frame.select(list(header)).write_parquet(part, statistics=False)
            self._parts.append(part)
        elif self.style.form == "csv":
            texts = [_as_text(frame, name, self.style.dates, self.style.truth).alias(name) for name in header]
            frame = frame.with_columns(texts).with_columns(pl.coalesce(raw, loose).alias(loose)).select(list(header))
            new = self.rows == 0
            if self.style.chinese:
                frame = frame.rename(dict(header))
            content = ("\ufeff" if new and self.style.bom else "") + frame.write_csv(include_header=new)
            with self.path.open("ab") as file:
                written = content.encode(self.style.encoding)
                # A gzip file may have many members; without a time, the same content gives the same bytes.
                file.write(gzip.compress(written, mtime=0) if self.style.packed else written)
        else:
            self._append_sheet(frame)
        self.rows += frame.height

    def _append_sheet(self, frame: pl.DataFrame) -> None:
        if self._workbook is None:
            import xlsxwriter  # only here, because only workbooks need it

            self._workbook = xlsxwriter.Workbook(str(self.path), {"constant_memory": True})
            self._workbook.set_properties({"created": dt.datetime(2024, 7, 1, tzinfo=dt.UTC)})
            self._sheet = self._workbook.add_worksheet("Sheet1")
            self._date = self._workbook.add_format({"num_format": "yyyy-mm-dd"})
            names = COLUMNS[self.table]
            self._sheet.write_row(0, 0, list(names.values() if self.style.chinese else names))
        loose = list(COLUMNS[self.table]).index(LOOSE[self.table])
        true, false = self.style.truth
        for i, (*row, raw) in enumerate(frame.select(*COLUMNS[self.table], "_raw").iter_rows()):
            line = self.rows + i + 1
            for column, value in enumerate(row):
                if column == loose and raw is not None:
                    self._sheet.write_string(line, column, raw)
                elif value is None:
                    continue
                elif isinstance(value, bool):
                    self._sheet.write_string(line, column, true if value else false)
                elif isinstance(value, dt.date) and self.style.real_dates:
                    self._sheet.write_datetime(line, column, dt.datetime.combine(value, dt.time()), self._date)
                elif isinstance(value, dt.date):
                    self._sheet.write_string(line, column, value.strftime(self.style.dates))
                elif isinstance(value, int | float):
                    self._sheet.write_number(line, column, value)
                else:
                    self._sheet.write_string(line, column, value)

    def close(self) -> None:
        """Finish the file; the parts of a Parquet file become one without all being in memory."""
        if self._workbook is not None:
            self._workbook.close()
        if len(self._parts) == 1:
            shutil.move(self._parts[0], self.path)
        elif self._parts:
            pl.scan_parquet(self._parts).sink_parquet(self.path, statistics=False, maintain_order=True)
            for part in self._parts:
                part.unlink()


def _as_text(frame: pl.DataFrame, name: str, dates: str, truth: tuple[str, str]) -> pl.Expr:
    column, dtype = pl.col(name), frame.schema[name]
    if dtype == pl.Date:
        return column.dt.strftime(dates)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit(truth[0])).when(~column).then(pl.lit(truth[1]))
    return column.cast(pl.String)
