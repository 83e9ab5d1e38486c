"""Which file is whose, what is left out, what is kept for the next run, and in what order."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import UNITS, VISITS
from test_intake import file, persons, reasons, rejects, verdict, workbook

from assess.errors import NotAssessedError, UsageError
from assess.intake import Intake, submission
from assess.intake.discover import discover

Lay = Callable[..., Path]
Take = Callable[[Path], Intake]


def test_a_folder_holds_the_submissions_of_its_unit_alone(lay: Lay, taken: Take) -> None:
    mine, yours = "unit,person\nA,mine\nB,not mine\n", "机构编码,身份证号\nB,yours\n"
    intake = taken(lay({"A/visits.csv": mine, "B/随访.csv": yours}))
    assert persons(intake) == ["mine", "yours"]
    assert rejects(intake) == [(3, "row", None, "other_unit", "B,not****e")]
    assert {("A", "visits"), ("B", "visits")} <= intake.submitted()


def test_a_folder_of_nobody_is_rejected(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"Z/visits.csv": VISITS, "A/deep/visits.csv": VISITS}))
    assert verdict(intake, "Z/visits.csv") == ("rejected", "unknown_unit")
    assert verdict(intake, "A/deep") == ("ignored", "nested_folder")
    assert intake.scan("visits").collect().is_empty()


def test_rows_of_no_unit_or_an_unknown_one_are_rejected(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"visits.csv": "unit,person\n,p1\nD,p2\na,p3\nA,p4\n"}))
    assert persons(intake) == ["p4"]
    assert reasons(intake) == [(2, "no_unit"), (3, "unknown_unit"), (4, "unknown_unit")]


def test_a_file_of_which_nothing_can_be_kept_is_no_submission(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"A/visits.csv": "unit,person\nB,p1\n", "B/visits.csv": b"\xff\xfe\xff"}))
    assert not {("A", "visits"), ("B", "visits")} & intake.submitted()


@pytest.mark.parametrize("second", ["units-2.csv", "A/units.csv", "机构.csv"])
def test_a_unit_counts_once_however_often_the_register_names_it(lay: Lay, taken: Take, second: str) -> None:
    intake = taken(lay({second: "unit,people\nA,400\n"}, units=UNITS + "B,again,east,9\n,nobody,,\n"))
    assert sorted(intake.scan("units").collect()["unit"]) == ["A", "B", "C"]
    assert sorted(intake.rejects()["reason"]) == ["no_unit", "unit_twice", "unit_twice"]


@pytest.mark.parametrize("units", ["unit,people\n", "name\nx\n", b"\0", "", None])
def test_without_a_register_nobody_can_be_assessed(lay: Lay, taken: Take, units: Any) -> None:
    with pytest.raises(NotAssessedError, match="IN003"):
        taken(lay({"visits.csv": VISITS}, units=units))


def test_without_data_there_is_nothing_to_do(tmp_path: Path, lay: Lay, taken: Take) -> None:
    with pytest.raises(UsageError, match="IN001 data directory does not exist"):
        taken(tmp_path / "none")
    with pytest.raises(UsageError, match="IN001 data directory is not a directory"):
        taken(lay() / "units.csv")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "readme.txt").write_text("hello")
    with pytest.raises(UsageError, match="IN002") as nothing:
        taken(tmp_path / "letters")
    assert "expected for example units.csv, visits.csv" in str(nothing.value)


# ---- which files -----------------------------------------------------------------------------------------------------


def test_what_is_hidden_or_temporary_is_left_out(lay: Lay, taken: Take) -> None:
    names = (".visits.csv", "_visits.csv", "~$visits.xlsx", ".git/visits.csv", "_old/visits.csv")
    assert taken(lay(dict.fromkeys(names, VISITS))).files == ["units.csv"]


@pytest.mark.parametrize(
    ("name", "reason", "detail"),
    [("vists.csv", "unknown_table", "did you mean 'visits'?"), ("visits.doc", "unknown_format", None),
     ("notes", "unknown_format", None), ("A/letter.docx", "unknown_format", None)],
)  # fmt: skip
def test_a_file_that_is_no_table_is_ignored_and_said_to_be(
    lay: Lay, taken: Take, name: str, reason: str, detail: str | None
) -> None:
    intake = taken(lay({name: VISITS}))
    assert verdict(intake, name) == ("ignored", reason)
    assert file(intake, name)["detail"] == detail


def test_one_table_may_come_in_several_numbered_files(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"visits-2.csv": "unit,person\nA,p2\n", "visits-1.csv": "unit,person\nA,p1\n"}))
    assert persons(intake) == ["p1", "p2"]


def test_the_same_content_counts_once(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"visits-1.csv": VISITS, "visits-2.csv": VISITS, "随访.csv": VISITS}))
    assert verdict(intake, "visits-1.csv") == ("read", None)
    for again in ("visits-2.csv", "随访.csv"):
        assert verdict(intake, again) == ("rejected", "duplicate_file")
        assert file(intake, again)["detail"] == "same content as visits-1.csv"
    assert intake.scan("visits").collect().height == 4


def test_two_empty_files_are_not_the_same_submission(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"A/visits.csv": "unit,person\n", "B/visits.csv": "unit,person\n"}))
    assert {("A", "visits"), ("B", "visits")} <= intake.submitted()


def test_one_table_in_two_formats_counts_once(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"visits.csv": VISITS, "visits.xlsx": workbook(["unit", "person"], ["C", "other"])}))
    assert verdict(intake, "visits.xlsx") == ("rejected", "submitted_twice")
    assert persons(intake) == ["p1", "p2", "p3", "p4"]


def test_names_from_old_archives_are_read_as_chinese(lay: Lay, taken: Take) -> None:
    data = lay()
    with open(os.path.join(os.fsencode(data), "随访.csv".encode("gb18030")), "wb") as old:  # noqa: PTH118, PTH123
        old.write(VISITS.encode())
    intake = taken(data)
    assert verdict(intake, "随访.csv") == ("read", None)
    assert intake.receipt().write_json()


def test_brackets_and_stars_in_names_are_no_patterns(tmp_path: Path, lay: Lay, taken: Take) -> None:
    odd = lay({"visits.csv": VISITS, "B/visits.parquet": pl.DataFrame({"unit": ["B"], "person": ["p"]}).write_parquet})
    place = odd.rename(tmp_path / "da[tab]*?")
    assert persons(taken(place)) == ["p", "p1", "p2", "p3", "p4"]


def test_a_link_to_nowhere_is_one_unreadable_file(lay: Lay, taken: Take) -> None:
    data = lay({"visits-2.csv": VISITS})
    (data / "visits.csv").symlink_to(data / "gone.csv")
    intake = taken(data)
    assert verdict(intake) == ("rejected", "unreadable")
    assert len(persons(intake)) == 4


def test_a_file_that_may_not_be_opened_stops_no_other(lay: Lay, taken: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    real = submission.digest

    def guarded(path: Path) -> str:
        if path.name == "visits.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(submission, "digest", guarded)
    intake = taken(lay({"visits.csv": VISITS, "visits-2.csv": VISITS}))
    assert verdict(intake) == ("rejected", "unreadable")
    assert file(intake)["detail"] == "Permission denied"
    assert len(persons(intake)) == 4


# ---- the store -------------------------------------------------------------------------------------------------------


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were converted."""
    names: list[str] = []
    real = submission.read

    def counted(path: Path, *more: Any) -> Any:
        names.append(path.name)
        return real(path, *more)

    monkeypatch.setattr(submission, "read", counted)
    return names


def test_nothing_is_converted_twice(lay: Lay, taken: Take, conversions: list[str]) -> None:
    data = lay({"visits.csv": VISITS})
    first = taken(data)
    again = taken(data)
    assert conversions == ["units.csv", "visits.csv"]
    assert again.receipt().equals(first.receipt())
    assert again.rejects().equals(first.rejects())
    lay({"visits.csv": VISITS.replace("p1", "p9")})
    assert persons(taken(data))[0] == "p9"
    assert conversions[2:] == ["visits.csv"]


def test_another_register_is_another_outcome(lay: Lay, taken: Take) -> None:
    assert len(persons(taken(lay({"visits.csv": VISITS})))) == 4
    assert len(persons(taken(lay({"visits.csv": VISITS}, units="unit\nA\n")))) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: (entry / "entry.json").unlink(),
        lambda entry: (entry / "entry.json").write_text('{"rows_in": 4'),
        lambda entry: (entry / "entry.json").write_text("[]"),
        lambda entry: (entry / "data.parquet").unlink(),
        lambda entry: (entry / "data.parquet").write_bytes(b"PAR1"),
        lambda entry: pl.DataFrame({"a": [1]}).write_parquet(entry / "data.parquet"),
        lambda entry: (entry / "rejects.parquet").unlink(),
    ],
)
def test_half_an_entry_is_made_anew(
    tmp_path: Path, lay: Lay, taken: Take, conversions: list[str], damage: Callable[[Path], Any]
) -> None:
    data = lay({"visits.csv": VISITS})
    whole = taken(data).scan("visits").collect()
    for entry in (tmp_path / "store").glob("*/*"):
        damage(entry)
    assert taken(data).scan("visits").collect().equals(whole)
    assert sorted(conversions) == ["units.csv"] * 2 + ["visits.csv"] * 2


def test_a_conversion_that_is_interrupted_leaves_no_entry(
    tmp_path: Path, lay: Lay, taken: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = lay({"visits.csv": VISITS})
    with monkeypatch.context() as broken:
        broken.setattr(json, "dumps", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            taken(data)
    assert not list((tmp_path / "store").glob("*/[!.]*"))
    assert len(persons(taken(data))) == 4


# ---- order -----------------------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_of_files_and_lines(lay: Lay, taken: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"visits-{n}.csv": "unit,person\n" + "".join(f"A,{n}.{i}\n" for i in range(50)) for n in (2, 1, 3)}
    data = lay(many)
    expected = [f"{n}.{i}" for n in (1, 2, 3) for i in range(50)]
    rows = taken(data).scan("visits").collect(engine="streaming")
    assert rows["person"].to_list() == expected
    assert rows["_row"].to_list() == list(range(150))
    real = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: reversed(list(real(self))))
    assert persons(taken(data)) == expected
    assert [source.name for source in discover(data, {})] == sorted([*many, "units.csv"])
