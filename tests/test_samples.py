"""The samples: figures as they were published, and a province that its generator can make again, truth included."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter, defaultdict
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
from synthetic.columns import COLUMNS  # noqa: E402

PERIOD = ("2024-01-01", "2024-06-30")
PATIENTS = {"hypertension": ("HTN", "高血压"), "diabetes": ("DM", "糖尿病")}


def files_of(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def lines_of(path: Path) -> tuple[int, list[list[str]]]:
    """The line of the first row, and every row as text."""
    if path.suffix == ".parquet":
        return 1, [["" if cell is None else str(cell) for cell in row] for row in pl.read_parquet(path).iter_rows()]
    if path.suffix == ".xlsx":
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars()
        return 2, [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows()][1:]
    return 2, list(csv.reader(io.StringIO(text_of(path), newline="")))[1:]


def text_of(path: Path) -> str:
    """A CSV file as text, packed or not, in one of the two encodings that are in use."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


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
        elif name.endswith(".gz"):
            # Another version of the library may pack the same text into other bytes.
            assert text_of(again / name) == text_of(PROVINCE / name), name
        elif name.endswith(".parquet"):
            # Another version of the library may lay out the same table in other bytes.
            assert_frame_equal(pl.read_parquet(again / name), pl.read_parquet(PROVINCE / name))
        else:
            assert lines_of(again / name) == lines_of(PROVINCE / name), name


def test_the_province_is_small_and_mixed() -> None:
    sizes = {name: (PROVINCE / name).stat().st_size for name in files_of(PROVINCE)}
    assert sum(sizes.values()) < 2_500_000
    assert {Path(name).suffix for name in sizes} == {".csv", ".xlsx", ".parquet", ".gz"}
    assert (PROVINCE / "residents.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    folders = {name.split("/")[0] for name in sizes if "/" in name}
    register = pl.read_csv(PROVINCE / "institutions.csv", infer_schema=False)
    assert len(folders) == 2
    assert folders < set(register["institution_id"])
    assert register.height == 24
    assert register["county"].n_unique() == 3
    assert register["prefecture"].n_unique() == 2, "rates are summed up to more than one prefecture"
    with pytest.raises(UnicodeDecodeError):
        (PROVINCE / "mental.csv").read_bytes().decode("utf-8")


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


def test_there_are_no_more_institutions_than_codes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="codes for 1816 institutions"):
        generate(tmp_path / "province", units=1817)


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
    assert truth.filter(pl.col("file").str.extract(r"([a-z]+)(?:\.[a-z]+)+$") != pl.col("table")).is_empty()
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


def rows_of(table: str) -> list[dict[str, str]]:
    """All rows of a table of the province as text, days as 2024-06-30, with the `place` that the truth gives them."""
    found = []
    for name in files_of(PROVINCE):
        if Path(name).name.split(".")[0] != table:
            continue
        first, rows = lines_of(PROVINCE / name)
        for number, cells in enumerate(rows, start=first):
            row = dict(zip(COLUMNS[table], cells, strict=True))
            days = {c: row[c][:10].replace("/", "-") for c in row if c.endswith(("_on", "_date", "_visit"))}
            dashed = {c: f"{d[:4]}-{d[4:6]}-{d[6:]}" for c, d in days.items() if len(d) == 8 and d.isdigit()}
            found.append({**row, **days, **dashed, "place": f"{name}:{number}"})
    return found


def places(truth: pl.DataFrame, *rules: str) -> set[str]:
    """Where these rules are violated, by the truth."""
    said = truth.filter(pl.col("rule").is_in(rules))
    return {f"{file}:{line}" for file, line in said.select("file", "line").iter_rows()}


@pytest.mark.parametrize("table", PATIENTS)
def test_patients_and_visits_tell_of_the_same_visits_but_where_the_truth_says(truth: pl.DataFrame, table: str) -> None:
    """An independent count: the visits of the period, person by person, against the number that his table states."""
    prefix, condition = PATIENTS[table]
    rejected, unread = places(truth, "intake"), places(truth, "visits-CELLS")
    on: dict[str, list[str]] = defaultdict(list)
    for visit in rows_of("visits"):
        if visit["condition"] == condition and visit["place"] not in rejected | unread:
            on[visit["person_id"]].append(visit["visited_on"])
    unstated = places(truth, f"{table}-CELLS", f"{prefix}-ID-NULL")
    other_number, other_day = set(), set()
    for patient in rows_of(table):
        days = on[patient["person_id"]]
        done = sum(PERIOD[0] <= day <= PERIOD[1] for day in days)
        if patient["person_id"] and patient["visits"].isdigit() and done != int(patient["visits"]):
            other_number.add(patient["place"])
        past = [day for day in days if day <= PERIOD[1]]
        if patient["person_id"] and patient["last_visit"] and past and max(past) != patient["last_visit"]:
            other_day.add(patient["place"])
    assert other_number == places(truth, f"{prefix}-VISITS-FOUND")
    assert other_day == places(truth, f"{prefix}-LATEST")
    assert not other_number & unstated


def test_nobody_is_seen_after_death_but_where_the_truth_says(truth: pl.DataFrame) -> None:
    died: dict[str, str] = {}
    for resident in rows_of("residents"):
        if resident["person_id"] and resident["death_date"]:
            died[resident["person_id"]] = min(resident["death_date"], died.get(resident["person_id"], "9"))
    unread = places(truth, "visits-CELLS")
    late = {
        visit["place"]
        for visit in rows_of("visits")
        if visit["place"] not in unread and visit["visited_on"] > died.get(visit["person_id"], "9")
    }
    assert late == places(truth, "VIS-DEAD")
    assert late


def test_one_institution_excepts_more_patients_than_can_be_believed(truth: pl.DataFrame) -> None:
    managed: Counter[str] = Counter()
    excepted: Counter[str] = Counter()
    for table in PATIENTS:
        for patient in rows_of(table):
            counts = patient["managed"].lower() in {"是", "1", "true"}
            managed[patient["institution_id"]] += counts
            excepted[patient["institution_id"]] += counts and patient["exception"] in {"失访", "拒绝", "不宜管理"}
    share = {unit: excepted[unit] / managed[unit] for unit in managed}
    (said,) = set(truth.filter(pl.col("reason") == "many_exceptions")["institution_id"])
    assert share.pop(said) > 0.25
    assert max(share.values()) < 0.12
    assert 0.02 < sum(excepted[unit] for unit in share) / sum(managed[unit] for unit in share) < 0.06


def test_there_are_patients_of_a_part_of_the_period() -> None:
    """Diagnosed or died within it: fewer visits are due to them."""
    patients = rows_of("hypertension")
    died = {row["person_id"] for row in rows_of("residents") if PERIOD[0] < row["death_date"] <= PERIOD[1]}
    assert sum(PERIOD[0] < row["diagnosed_on"] <= PERIOD[1] for row in patients) > 20
    assert sum(row["person_id"] in died for row in patients) > 5


def test_each_table_has_faults_and_most_records_have_none(truth: pl.DataFrame) -> None:
    for table in set(COLUMNS) - {"summary", "institutions"}:
        rows, faulty = rows_of(table), truth.filter((pl.col("table") == table) & (pl.col("rule") != "VIS-BATCH"))
        assert faulty["line"].len() > 0, table
        assert faulty.select("file", "line").unique().height < 0.35 * len(rows), table


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
