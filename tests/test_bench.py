"""The benchmark measures the same work: its records have the defects it says, and every program finds them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import polars as pl
import pytest

from assess.ruleset.spec import Rule

BENCH = Path(__file__).parent.parent / "bench"
ROWS = 250_000


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, ModuleType]]:
    """The generator and the programs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH / "programs")
        patch.syspath_prepend(BENCH)
        import curve
        import data
        import ours
        import scan
        import tuned

        yield {"curve": curve, "data": data, "ours": ours, "tuned": tuned, "scan": scan}
    for name in ("curve", "data", "ours", "tuned", "scan", "workload"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def records(bench: dict[str, ModuleType], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(bench["data"].generate(ROWS, tmp_path_factory.mktemp("data")))


def test_records_have_the_defects_that_are_said_of_them(bench: dict[str, ModuleType], records: Path) -> None:
    data, found = bench["data"], bench["tuned"].work(str(records))
    formed = 1 - data.NUMBERS["missing"] - data.NUMBERS["malformed"]
    counts = dict(zip(found.of_units.columns[1:], found.counts, strict=True))
    shares = {
        "id_present": data.NUMBERS["missing"],
        "id_form": data.NUMBERS["malformed"],
        "id_day": data.NUMBERS["impossible day"],
        "id_check_digit": data.NUMBERS["wrong check digit"],
        "id_sex": data.OTHER_SEX * formed,
        "phone": sum(data.PHONES.values()) - data.PHONES["missing"],
        "sbp": data.PRESSURES["systolic too high"],
        "dbp": data.PRESSURES["diastolic too low"],
        "dbp_below_sbp": data.PRESSURES["exchanged"],
        "visit_after_diagnosis": data.VISITED_BEFORE * 8 / 9,  # one in nine has no visit
        "death_after_visit": data.DIED_BEFORE * 8 / 9,
        "id_once": 2 * data.REPEATED,
    }
    # Five standard deviations; of repeated ones two are repeated at once, and some more than twice.
    for check, share in shares.items():
        expected = share * ROWS
        assert counts[check] == pytest.approx(expected, abs=5 * expected**0.5 + 0.05 * expected), check


def test_a_file_of_more_rows_begins_with_those_of_a_smaller_one(
    bench: dict[str, ModuleType], records: Path, tmp_path: Path
) -> None:
    few = pl.read_parquet(bench["data"].generate(1_000, tmp_path))
    assert few.equals(pl.read_parquet(records).head(1_000))
    assert few.width == 13
    assert pl.read_parquet(records)["institution_id"].n_unique() == bench["data"].INSTITUTIONS


def test_the_engine_finds_what_polars_by_hand_finds(bench: dict[str, ModuleType], records: Path) -> None:
    ours, tuned = (bench[name].work(str(records)) for name in ("ours", "tuned"))
    assert list(ours.counts) == list(tuned.counts)
    assert ours.failing == tuned.failing
    assert ours.digest == tuned.digest is not None
    assert bench["scan"].work(str(records)) is None


def test_the_curve_has_as_many_rules_as_it_says_and_no_two_alike(bench: dict[str, ModuleType]) -> None:
    checks = [rule for rule in bench["ours"].RULESET.checks if rule.check.kind != "parses"]
    stated = [rule.model_dump(mode="json", by_alias=True, exclude_unset=True) for rule in checks]
    made = [Rule.model_validate(rule) for rule in bench["curve"].rules(stated, 200)]
    assert len({rule.id for rule in made}) == 200
    assert len({repr(rule.check) for rule in made}) == 200


def test_the_picture_of_the_curve_has_a_line_for_each_number_of_rules(bench: dict[str, ModuleType]) -> None:
    found = {(m * 10**6, n): {"seconds": m * n / 9, "peak_mib": 1000.0 + m} for m in (1, 5, 10) for n in (10, 50)}
    drawn = ElementTree.fromstring(bench["curve"].picture(found))  # noqa: S314 - our own picture
    words = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"10 rules", "50 rules", "1 M", "5 M", "10 M", "records"} <= set(words)
    assert bench["curve"].table(found)[-1] == "| 10,000,000 | 11.1 s, 1,010 MiB | 55.6 s, 1,010 MiB |"
