"""Files that are packed, damaged, changing, larger than memory, or under a killed run; and numbers that are damaged."""

from __future__ import annotations

import gzip
import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import HEADER, VISITS
from hypothesis import given, settings
from hypothesis import strategies as st
from test_intake import file, persons, reasons, verdict, workbook

from assess.intake import Intake, submission, take_in
from assess.intake.damage import counts, damage
from assess.intake.store import Store
from assess.intake.values import narrowed, value_of
from assess.ruleset.load import load
from assess.tables import ColumnSpec, Table

ROOT = Path(__file__).parent.parent
Lay = Callable[..., Path]
Take = Callable[[Path], Intake]


def read(values: list[str | None], **spec: Any) -> list[Any]:
    column = ColumnSpec.model_validate(spec)
    frame = pl.DataFrame({"x": values}, schema={"x": pl.String})
    return frame.select(value_of(narrowed(pl.col("x"), column), column, spec.get("serials"))).to_series().to_list()


# ---- forms -----------------------------------------------------------------------------------------------------------


def test_a_percent_sign_is_dropped_where_the_contract_says_so() -> None:
    assert read(["134.88%", "134.88 %", "100", "%", "1%%"], type="decimal", forms=["percent"]) == [
        "134.88", "134.88", "100", None, None
    ]  # fmt: skip
    assert read(["105%", "1.05"], type="number", forms=["percent"]) == [105.0, 1.05]
    assert read(["105%"], type="number") == [None]


def test_ten_thousands_are_moved_by_whole_places() -> None:
    assert read(["1.2万", "64.07万", "3亿", "1.23456万", "万", "12"], type="integer", forms=["wan"]) == [
        12_000, 640_700, 300_000_000, None, None, 12
    ]  # fmt: skip
    assert read(["64.07万", "1.23456万", "0.00001亿"], type="number", forms=["wan"]) == [640_700.0, 12_345.6, 1000.0]
    assert read(["1.2万"], type="integer") == [None]


def test_thousands_are_separated_by_three_digits() -> None:
    values = ["1,234", "1,234,567", "12,34", "1234,567", ",123", "1,234.5"]
    assert read(values, type="integer", forms=["thousands"]) == [1234, 1_234_567, None, None, None, None]
    assert read(["1,234.5"], type="number", forms=["thousands"]) == [1234.5]
    assert read(["1,234"], type="integer") == [None]


@pytest.mark.parametrize(
    "wrong", [{"type": "decimal", "forms": ["wan"]}, {"type": "text", "forms": ["percent"]},
              {"type": "date", "forms": ["wan"]},
              {"type": "integer", "damage": "identity"}],
)  # fmt: skip
def test_a_form_that_its_type_cannot_have_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no form|type code"):
        ColumnSpec.model_validate(wrong)


def test_full_width_characters_stand_for_their_narrow_ones_but_not_in_text() -> None:
    assert read(["１２０", "10²", "①"], type="integer") == [120, None, None]
    assert read(["Ａ０１－Ｘ", "（甲）"], type="code") == ["A01-X", "（甲）"]
    assert read(["Ａ０１"], type="text") == ["Ａ０１"]


@given(
    st.lists(st.text("0123456789+-.eE naif_xX１", max_size=8), min_size=1, max_size=5),
    st.sampled_from(["integer", "number"]),
)
@settings(max_examples=300, deadline=None)
def test_the_quick_way_reads_what_the_thorough_one_reads(values: list[str], kind: str) -> None:
    # One value that no quick way can take sends the batch the thorough way.
    alone = [read([value], type=kind)[0] for value in values]
    assert read([*values, "no number"], type=kind) == [*alone, None]


# ---- damaged numbers -------------------------------------------------------------------------------------------------

PERSON = Table.model_validate({"columns": {"person": {"type": "code", "personal": True}}})


def sound(number: int) -> list[str]:
    draw = random.Random(7)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    made = []
    for _ in range(number):
        body = f"{draw.choice(('110105', '340123', '510104'))}{draw.randrange(1930, 2020)}{draw.randrange(1, 13):02d}"
        body += f"{draw.randrange(1, 29):02d}{draw.randrange(1, 1000):03d}"
        made.append(body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11])
    return made


def judged(numbers: list[str]) -> dict[str, dict[str, int]]:
    return damage(counts(pl.LazyFrame({"person": numbers}), PERSON).collect())


def test_sound_numbers_are_not_accused_in_files_of_any_size() -> None:
    numbers = sound(20_000)
    assert judged(numbers) == {}
    for start in range(0, 20_000, 40):
        assert judged(numbers[start : start + 1 + start % 40]) == {}


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_a_share_ending_in_000_is_damage(share: float) -> None:
    numbers = sound(400)
    hurt = [f"{number[:15]}000" if i < share * 400 else number for i, number in enumerate(numbers)]
    assert judged(hurt)["person"]["zeros"] >= share * 400


def test_what_a_spreadsheet_shows_or_rounds_is_damage() -> None:
    numbers = sound(50)
    assert judged([*numbers, "3.40123E+17"])["person"]["scientific"] == 1
    assert judged([*numbers, "340123198001010011.0"])["person"]["tails"] == 1
    assert judged([str(int(float(number[:17] + "0"))) for number in numbers])["person"]["binary"] == 50


def test_the_file_is_read_and_the_finding_says_how_to_export_again(lay: Lay, taken: Take) -> None:
    from assess.findings import of_intake
    from assess.report.corrections import damage_text
    from assess.report.language import Language

    text = "unit,person\n" + "".join(f"A,{number[:15]}000\n" for number in sound(20))
    intake = taken(lay({"visits.csv": text}))
    assert (verdict(intake), file(intake)["rows_kept"]) == (("read", None), 20)
    found = [row for row in of_intake(intake.receipt(), [], {"A"}) if row["reason"] == "numbers_damaged"]
    assert [(row["status"], row["severity"], row["records"]) for row in found] == [("fail", "major", 20)]
    assert "文本格式" in damage_text(Language("zh"))


def test_a_column_can_be_left_out_of_the_judgement() -> None:
    table = Table.model_validate({"columns": {"person": {"type": "code", "personal": True, "damage": "none"}}})
    assert damage(counts(pl.LazyFrame({"person": ["340123198001010000"] * 9}), table).collect()) == {}


# ---- archives --------------------------------------------------------------------------------------------------------


def test_a_zip_file_is_read_as_a_folder(lay: Lay, taken: Take) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("A/visits.csv", "unit,person\nA,mine\nB,not mine\n")
        archive.writestr("随访-2.csv", "unit,person\nB,p2\n")
        archive.writestr("__MACOSX/visits.csv", "x")
    intake = taken(lay({"all.zip": out.getvalue()}))
    assert persons(intake) == ["mine", "p2"]
    assert reasons(intake) == [(3, "other_unit")]
    assert file(intake, "all.zip/A/visits.csv")["format"] == "csv+zip"


def test_nothing_is_written_outside_of_the_store(tmp_path: Path, lay: Lay, taken: Take) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil.csv", "x")
        archive.writestr("/tmp/evil.csv", "x")  # noqa: S108
    before = {path for path in tmp_path.rglob("*") if "store" not in path.parts}
    taken(lay({"visits.zip": out.getvalue()}))
    after = {path.name for path in tmp_path.rglob("*") if "store" not in path.parts} - {path.name for path in before}
    assert after == {"data", "units.csv", "visits.zip", "rules.yaml"} - {path.name for path in before}


def test_packed_content_is_the_same_content(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"visits-1.csv": VISITS, "visits-2.csv.gz": gzip.compress(VISITS.encode())}))
    assert verdict(intake, "visits-2.csv.gz") == ("rejected", "duplicate_file")


# ---- files in motion -------------------------------------------------------------------------------------------------


def test_a_file_that_changes_while_it_is_read_is_rejected(
    lay: Lay, taken: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, real = lay({"visits.csv": VISITS, "visits-2.csv": "unit,person\nB,good\n"}), submission.read

    def slow(path: Path, *more: Any) -> Any:
        raw = real(path, *more)
        if path.name == "visits.csv":
            with path.open("a") as other:
                other.write("A,p9,,,,\n")
        return raw

    monkeypatch.setattr(submission, "read", slow)
    intake = taken(data)
    assert verdict(intake) == ("rejected", "changed_while_read")
    assert persons(intake) == ["good"]
    monkeypatch.undo()
    assert persons(taken(data)) == ["good", "p1", "p2", "p3", "p4", "p9"]


CHILD = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from assess.intake import take_in
from assess.intake.store import Store
from assess.ruleset.load import load
spec = load(Path({rules!r})).ruleset
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
intake = take_in(Path({data!r}), spec.tables, spec.unit.table, spec.unit.key, Store(Path({store!r})))
row = intake.receipt().row(-1, named=True)
print(row["rows_in"], row["rows_kept"], (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def child(tmp_path: Path, rules: Path, data: Path) -> list[str]:
    code = CHILD.format(root=str(ROOT), rules=str(rules), data=str(data), store=str(tmp_path / "store"))
    return [sys.executable, "-c", code]


def test_a_file_with_quotes_is_read_in_batches(tmp_path: Path, lay: Lay, ruleset_file: Callable[..., Path]) -> None:
    rows, width = 200_000, 600
    data = lay()
    with (data / "visits.csv").open("w", encoding="utf-8") as out:
        out.write(HEADER.strip() + ",filler\n")
        for n in range(rows):
            out.write(f'A,"p{n}",120,2024-03-01,是,60.5,{"x" * width}\n')
            if n % 1000 == 0:
                out.write("A,too,short\n")
    size = (data / "visits.csv").stat().st_size / (1 << 20)
    done = subprocess.run(child(tmp_path, ruleset_file(), data), capture_output=True, text=True, check=True)
    rows_in, kept, grown = map(int, done.stdout.split())
    assert (rows_in, kept) == (rows + 200, rows)
    # Held in lists of Python strings it would take several times the size of the file.
    assert grown < 400 + 0.5 * size, f"{grown} MiB for a file of {size:.0f} MiB"


def test_a_killed_run_leaves_nothing_or_whole_entries(
    tmp_path: Path, lay: Lay, ruleset_file: Callable[..., Path]
) -> None:
    lines = "".join(f"A,p{n},120,2024-03-01,是,60.5\n" for n in range(150_000))
    data, rules = lay({f"visits-{n}.csv": HEADER + lines.replace("p", f"{n}p") for n in range(3)}), ruleset_file()
    command = child(tmp_path, rules, data)
    draw = random.Random(3)
    for _ in range(4):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.8 + draw.random() * 0.8)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        for entry in (tmp_path / "store").glob("??/[!.]*"):
            assert {path.name for path in entry.iterdir()} == {"data.parquet", "rejects.parquet", "entry.json"}
            assert pl.read_parquet(entry / "data.parquet").height in (3, 150_000)
    spec = load(rules).ruleset
    intake = take_in(data, spec.tables, spec.unit.table, spec.unit.key, Store(tmp_path / "store"))
    assert intake.scan("visits").select(pl.len()).collect().item() == 450_000


def test_what_a_killed_run_left_is_cleared_away_in_time(tmp_path: Path, lay: Lay, taken: Take) -> None:
    store = tmp_path / "store"
    for name in (".scratch-old", ".scratch-new"):
        (store / name).mkdir(parents=True)
    os.utime(store / ".scratch-old", (0, 0))
    taken(lay({"visits.csv": VISITS}))
    assert [path.name for path in store.glob(".scratch-*")] == [".scratch-new"]


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    from assess.intake.header import Wanted
    from assess.intake.readers import read as read_file

    workbook(["unit", "n"], ["A", 1])(tmp_path / "t.xlsx")
    raw = read_file(tmp_path / "t.xlsx", "xlsx", Wanted({"unit": "unit"}, frozenset({"unit"}), "Sheet1"), tmp_path)
    assert (raw.sheet, raw.header, raw.lines) == ("Sheet1", ("unit", "n"), 1)


@given(st.text("a, \n\u00a0\u3000\ufeff１é", max_size=25), st.integers(1, 6))
@settings(max_examples=300, deadline=None)
def test_what_stands_at_the_seam_of_two_chunks_is_seen(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int
) -> None:
    from assess.intake import look as module

    path = tmp_path_factory.getbasetemp() / "seam.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", size)
        seen = module.look(path)
    cells = [cell for line in text.removeprefix("\ufeff").split("\n") for cell in line.split(",")]
    # The first cell is a header, and headers are always cleaned.
    around = " \u00a0\u3000\ufeff"
    assert seen.blanks or not any(cell[:1] and (cell[0] in around or cell[-1] in around) for cell in cells[1:])
    assert seen.wide or not set(text) & {"１", "\u3000"}
    assert seen.lines == text.count("\n") + (not text.endswith("\n") and text != "")
