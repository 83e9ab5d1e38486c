"""The samples: figures as they were published, and a province that its generator can make again, truth included."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from polars.testing import assert_frame_equal

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
PROVINCE = SAMPLES / "province"
FIGURES = SAMPLES / "reported-figures"
TRUTH_COLUMNS = ["rule", "table", "file", "line", "institution_id", "key", "reason"]

sys.path.insert(0, str(SAMPLES))

from generate import generate  # noqa: E402


def files_of(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def lines_of(path: Path) -> tuple[int, list[list[str]]]:
    """The line of the first row, and every row as text."""
    if path.suffix == ".parquet":
        return 1, [["" if cell is None else str(cell) for cell in row] for row in pl.read_parquet(path).iter_rows()]
    if path.suffix == ".xlsx":
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars()
        return 2, [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows()][1:]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return 2, list(csv.reader(file))[1:]


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("again") / "province"
    generate(out)
    return out


@pytest.fixture(scope="module")
def truth() -> pl.DataFrame:
    return pl.read_csv(PROVINCE / "_truth.csv", infer_schema=False).with_columns(pl.col("line").cast(pl.Int64))


def test_the_same_arguments_give_the_same_bytes(again: Path, tmp_path: Path) -> None:
    other = tmp_path / "province"
    generate(other)
    assert files_of(other) == files_of(again)
    for name in files_of(again):
        assert (other / name).read_bytes() == (again / name).read_bytes(), name


def test_another_seed_gives_another_province(again: Path, tmp_path: Path) -> None:
    other = tmp_path / "province"
    generate(other, seed=2)
    assert (other / "residents.csv").read_bytes() != (again / "residents.csv").read_bytes()


def test_the_province_on_disk_is_what_the_generator_makes(again: Path) -> None:
    assert files_of(again) == files_of(PROVINCE)
    for name in files_of(again):
        if name.endswith(".csv"):
            assert (again / name).read_bytes() == (PROVINCE / name).read_bytes(), name
        elif name.endswith(".parquet"):
            # Another version of the library may lay out the same table in other bytes.
            assert_frame_equal(pl.read_parquet(again / name), pl.read_parquet(PROVINCE / name))
        else:
            assert lines_of(again / name) == lines_of(PROVINCE / name), name


def test_the_province_is_small_and_mixed() -> None:
    sizes = {name: (PROVINCE / name).stat().st_size for name in files_of(PROVINCE)}
    assert sum(sizes.values()) < 3_000_000
    assert {Path(name).suffix for name in sizes} == {".csv", ".xlsx", ".parquet"}
    assert (PROVINCE / "residents.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    folders = {name.split("/")[0] for name in sizes if "/" in name}
    register = pl.read_csv(PROVINCE / "institutions.csv", infer_schema=False)
    assert len(folders) == 2
    assert folders < set(register["institution_id"])
    assert register.height == 24
    assert register["county"].n_unique() == 3


def test_there_are_as_many_records_as_asked_for(tmp_path: Path) -> None:
    counts = generate(tmp_path / "province", units=30, residents=7000, form="parquet")
    said = pl.read_csv(tmp_path / "province" / "_truth.csv", infer_schema=False)
    duplicates = said.filter(pl.col("rule") == "RES-DUP")
    assert counts["institutions"] == 30
    assert counts["residents"] == 7000 + duplicates.height // 2
    assert pl.read_parquet(tmp_path / "province" / "residents.parquet").height == counts["residents"]


def test_a_province_too_small_to_be_true_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ask for more residents"):
        generate(tmp_path / "province", residents=2500, seed=5)
    assert files_of(tmp_path) == []


def test_a_directory_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        generate(tmp_path)
    assert files_of(tmp_path) == ["thesis.txt"]


def test_every_line_of_the_truth_points_at_the_record_it_names(truth: pl.DataFrame) -> None:
    assert truth.columns == TRUTH_COLUMNS
    assert truth.select("rule", "table", "file", "line").is_unique().all()
    for (name,), group in truth.group_by("file"):
        first, rows = lines_of(PROVINCE / str(name))
        for row in group.iter_rows(named=True):
            found = rows[row["line"] - first]
            assert found[0] == row["institution_id"], row
            assert (row["key"] or "") in found, row


def test_the_truth_names_a_table_and_a_file_of_it(truth: pl.DataFrame) -> None:
    assert truth.filter(pl.col("file").str.extract(r"([a-z]+)\.[a-z]+$") != pl.col("table")).is_empty()
    assert set(truth["file"]) <= set(files_of(PROVINCE))


def test_repeated_numbers_are_in_the_truth_and_no_others(truth: pl.DataFrame) -> None:
    """An independent count: numbers that occur twice among the residents are those that the truth says."""
    seen: Counter[str] = Counter()
    for name in files_of(PROVINCE):
        if Path(name).stem == "residents":
            seen.update(row[1] for row in lines_of(PROVINCE / name)[1] if row[1])
    said = truth.filter(pl.col("rule") == "RES-DUP")["key"].to_list()
    assert {number for number, times in seen.items() if times > 1} == set(said)
    assert sum(times for times in seen.values() if times > 1) == len(said)


def test_the_figures_are_the_published_ones() -> None:
    figures = pl.read_csv(FIGURES / "figures.csv", infer_schema=False)
    units = pl.read_csv(FIGURES / "units.csv", infer_schema=False)
    assert figures.height == 65
    assert set(figures["unit_code"]) == set(units["unit_code"])
    by_name = {(row["unit_code"], row["indicator"]): row for row in figures.iter_rows(named=True)}
    assert by_name["431202", "糖尿病管理率"]["rate"] == "134.88"
    assert by_name["431202", "家庭医生签约率"]["target"] == "35"
    assert by_name["431202", "基层医疗卫生单位数"]["parts"] == "11+5+6"
    assert by_name["340000-X", "长期医疗护理床位增长率"]["rate"] == "29.20"
    assert by_name["341500", "大病救治管理率"]["denominator_precision"] == "100"
    assert figures["parts"].drop_nulls().len() == 5
    assert figures["rate"].drop_nulls().len() == 53
