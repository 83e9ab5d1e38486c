"""Malformed files, made from code: every case is a folder of submissions and what has to become of one file in it.

    python tests/corpus/make.py DIR        lay them out, to look at or to try another program on
    python tests/corpus/make.py --outcomes print what becomes of them, in the form of outcomes.csv

The outcomes that are expected stand in outcomes.csv and are written by people: a new case prints what happens, and
somebody says whether that is right.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from corpus.formats import flipped, locked, merged, old_names, packed, parquet, xls, xlsx  # noqa: E402

UNITS = b"unit\nA\nB\nC\n"
HEADER = "unit,person,sbp,day,done,weight,name\n"
ROWS = "A,p1,120,2024-03-01,是,60.5,甲\nB,p2,130,2024-03-02,否,71,乙\nC,p3,110,2024-03-03,Y,,丙\n"
TEXT = HEADER + ROWS
IDS = [f"34012319{year}0101{number:03d}X" for year in (1950, 1961, 1972, 1983) for number in (1, 12, 35)]

Files = dict[str, bytes]
CASES: dict[str, Callable[[], Files]] = {}


def case(name: str, content: bytes | str | Callable[[], bytes], file: str = "visits.csv", **others: bytes) -> None:
    """One more case: a file beside the register."""
    assert name not in CASES, name

    def files() -> Files:
        made = content() if callable(content) else content
        return {file: made.encode() if isinstance(made, str) else made, **others}

    CASES[name] = files


def folder(name: str, **files: bytes) -> None:
    """One more case: several files; __ stands for a slash, and the case judges the first of them."""
    assert name not in CASES, name
    CASES[name] = lambda: {path.replace("__", "/").replace("_dot_", "."): content for path, content in files.items()}


def cell(column: str, value: str) -> str:
    """Two rows, one with `value` in a column of the table `visits`."""
    names = HEADER.strip().split(",")
    row = dict.fromkeys(names, "") | {"unit": "A", "person": "p1", column: value}
    return HEADER + ",".join(row[name] for name in names) + "\nB,p2,1,,,,\n"


def form(column: str, value: str) -> str:
    """One row with `value` in a column of the table `forms`."""
    return f"unit,{column}\nA,{value}\n"


# ---- text: encodings and line ends -----------------------------------------------------------------------------------
case("utf-8", TEXT)
case("bom", b"\xef\xbb\xbf" + TEXT.encode())
case("bom twice", b"\xef\xbb\xbf\xef\xbb\xbf" + TEXT.encode())
case("gb18030", TEXT.encode("gb18030"))
case("gbk with quotes", TEXT.replace("甲", '"甲,甲"').encode("gbk"))
case("gb18030 four bytes", TEXT.replace("甲", "𠮷").encode("gb18030"))
case("big5", TEXT.replace("甲", "測試").encode("utf-8").replace("測試".encode(), "測試資料".encode("big5")))
case("latin 1", TEXT.replace("甲", "é").encode("utf-8").replace("é".encode(), b"\xe9"))
case("utf-16", TEXT.encode("utf-16"))
case("utf-16 without mark", TEXT.encode("utf-16-le"))
case("utf-8 cut in a character", TEXT.encode()[:-2])
case("gb18030 cut in a character", TEXT.encode("gb18030")[:-2])
case("one byte wrong at the end", TEXT.encode() + b"A,p4,1,,,,\xff\xff\n")
case("surrogates", TEXT.encode() + b"A,p4,1,,,,\xed\xa0\x80\n")
case("nul in a cell", TEXT.replace("p2", "p\0002"))
case("nul at the end", TEXT + "\0\0\0")
case("crlf", TEXT.replace("\n", "\r\n"))
case("cr", TEXT.replace("\n", "\r"))
case("mixed line ends", HEADER + "A,p1,1,,,,\r\nB,p2,2,,,,\nC,p3,3,,,,\r\n")
case("cr cr lf", TEXT.replace("\n", "\r\r\n"))
case("crlf in quotes", HEADER + 'A,p1,120,,,,"甲\r\n乙"\r\nB,p2,1,,,,\r\n')
case("lf in quotes", HEADER + 'A,p1,120,,,,"甲\n乙"\nB,p2,1,,,,\n')
case("no line end at the end", TEXT.rstrip("\n"))
case("form feed", TEXT.replace("甲", "甲\f"))
case("line separator in a cell", TEXT.replace("甲", "甲\u2028乙"))
case("vertical tab", TEXT.replace("甲", "\v甲"))
# ---- text: the header ------------------------------------------------------------------------------------------------
case("empty", b"")
case("one line end", b"\n")
case("blank lines alone", b"\n \n\t\n  \n")
case("bom alone", b"\xef\xbb\xbf")
case("header alone", HEADER)
case("header without line end", HEADER.strip())
case("no header", ROWS)
case("title", "2024 年随访登记表\n" + TEXT)
case("title as wide as the table", "2024 年随访登记表,,,,,,\n" + TEXT)
case("title wider than the table", "标题,,,,,,,,,,\n" + TEXT)
case("title and a blank line", "登记表\n\n" + TEXT)
case("blank lines first", "\n\n\n" + TEXT)
case("title with quotes", '"2024 年\n登记表"\n' + TEXT)
case("title with a word of the header", "机构编码,A\n" + TEXT)
case("nineteen titles", "标题\n" * 19 + TEXT)
case("twenty titles", "标题\n" * 20 + TEXT)
case("two headers", HEADER + TEXT)
case("a header on every page", TEXT + HEADER + ROWS.replace("p", "q"))
case("a sum at the end", TEXT + "合计,,360,,,,\n")
case("a note at the end", TEXT + "注：截至 2024 年\n")
case("header in Chinese", TEXT.replace("unit,person,sbp,day,done", "机构编码,身份证号,收缩压,随访日期,是否完成"))
case("header in full-width letters", TEXT.replace("unit,person,sbp", "ｕｎｉｔ,ＰＥＲＳＯＮ,ｓｂｐ"))
case("header with blanks", TEXT.replace("unit,person", " unit ,\u3000Person\u00a0"))
case("header in quotes", TEXT.replace("unit,person", '"unit","person"'))
case("header over two lines", TEXT.replace("unit,person", 'unit,"person\n"'))
case("open quote in the header", TEXT.replace("unit,person", 'unit,"person'))
case("required column missing", TEXT.replace("person", "persn"))
case("column twice", TEXT.replace("name", "身份证号"))
case("empty header cell", TEXT.replace("name", ""))
case("unknown columns", "unit,person,mood,colour\nA,p1,x,y\n")
case("columns in another order", "person,name,unit\np1,甲,A\n")
case("header shorter than rows", "unit,person\nA,p1,120\nB,p2\n")
# ---- text: delimiters and quotes -------------------------------------------------------------------------------------
case("semicolons", TEXT.replace(",", ";"))
case("tabs", TEXT.replace(",", "\t"))
case("bars", TEXT.replace(",", "|"))
case("full-width commas", TEXT.replace(",", "，"))
case("semicolons with commas in cells", TEXT.replace(",", ";").replace("甲", "甲,乙,丙"))
case("delimiters in quotes", TEXT.replace("甲", '"甲,乙"'))
case("quotes doubled", TEXT.replace("甲", '"甲""乙"""'))
case("quote in the middle", TEXT.replace("甲", '甲"乙'))
case("quote never closed", TEXT.replace("p2", '"p2'))
case("quote closed too early", TEXT.replace("p2", '"p"2'))
case("every line with an open quote", HEADER + "".join(f'A,"p{n},1,,,,\n' for n in range(5)))
case("single quotes", TEXT.replace("甲", "'甲,乙'"))
case("backslash before a quote", TEXT.replace("甲", '"甲\\"乙"'))
case("blanks before a quote", TEXT.replace("p2", ' "p2"'))
case(
    "everything in quotes",
    "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in TEXT.split("\n")[:-1]),
)
case("too few fields", HEADER + "A,p1\nB,p2,1,,,,\n")
case("too many fields", HEADER + "A,p1,1,,,,,x\nB,p2,1,,,,\n")
case("delimiters at the line end", "\n".join(f"{line}," for line in TEXT.split("\n")[:-1]))
case("rows of delimiters", HEADER + ",,,,,,\nA,p1,1,,,,\n,,,,,,\n,,,,,,\n")
case("blank lines between", TEXT.replace("\n", "\n\n"))
case("lines of blanks", TEXT.replace("\n", "\n   \n \t \n"))
case("a field of a million characters", HEADER + f"A,p1,1,,,,{'x' * 999_999}\nB,p2,1,,,,\n")
case("a quoted field too long", HEADER + f'A,p1,1,,,,"{"x" * 1_000_001}"\nB,p2,1,,,,\n')
case("ten thousand columns", "unit,person" + ",x" * 10_000 + "\nA,p1" + ",1" * 10_000 + "\n")
# ---- text: units -----------------------------------------------------------------------------------------------------
case("unit unknown", TEXT.replace("B,", "Z,"))
case("unit missing", TEXT.replace("B,", ","))
case("unit in lower case", TEXT.replace("B,", "b,"))
case("unit full-width", TEXT.replace("B,", "Ｂ,"))
case("unit with blanks", TEXT.replace("B,", " B\u3000,"))
case("all units unknown", TEXT.replace("\nA", "\nX").replace("\nB", "\nY").replace("\nC", "\nZ"))
# ---- text: cells -----------------------------------------------------------------------------------------------------
for value in (
    "12.5",
    "1e3",
    "１２０",
    "12O",
    "1,2",
    "一百二十",
    "99999999999999999999",
    "120.00",
    "-5",
    "10²",
    "0x10",
    "TRUE",
):
    case(f"integer {value}", cell("sbp", value.replace(",", "，")))
for value in ("nan", "inf", "1e999", ".5", "1_000", "７１．５", "71,5", "134.88%", "1.2万", "-", "５０%"):
    case(f"number {value}", cell("weight", value.replace(",", "，")))
for value in ("2024-02-30", "2024/3/5", "20240305", "2024年3月5日", "2024.3.5", "05/03/2024", "24-03-05", "45356",
              "２０２４－０３－０５",
              "2024-03-05 00:00:00", "2024-03-05 10:30", "0000-00-00", "2024-3", "今天"):  # fmt: skip
    case(f"date {value}", cell("day", value))
for value in ("是", "否", "Y", "ｎ", "true", "0", "2", "√", "是的"):
    case(f"boolean {value}", cell("done", value))
for column, value in (("rate", "134.88%"), ("rate", "134.88 %"), ("rate", "１３４．８８％"), ("rate", "%"),
                      ("rate", "1.5%%"),
                      ("rate", "*"), ("share", "105%"), ("share", "1.05"), ("people", "1.2万"), ("people", '"1,234"'),
                      ("people", '"12,34"'), ("people", "1.23456万"), ("people", "3亿"), ("money", "64.07万"),
                      ("money", "万"),
                      ("money", '"1,234,567.89"'), ("seen", "2024-03-05 10:30:59"), ("seen", "2024-03-05T23:59"),
                      ("seen", "2024-03-05 25:99")):  # fmt: skip
    case(f"form {column} {value}", form(column, value), "forms.csv")
# ---- numbers that a spreadsheet damaged ------------------------------------------------------------------------------
case("codes keep their zeros", "unit,person\nA,000123\n")
case("identity sound", "unit,person\n" + "".join(f"A,{number}\n" for number in IDS))
case("identity in 000", "unit,person\n" + "".join(f"A,{340123198001010 + n}000\n" for n in range(6)))
case("identity scientific", "unit,person\n" + "".join(f"A,{number}\n" for number in IDS) + "A,3.40123E+17\n")
case("identity float tail", "unit,person\nA,340123198001010011.0\n" + "".join(f"A,{number}\n" for number in IDS))
case("identity one in 000", "unit,person\nA,340123198001011000\n" + "".join(f"A,{number}\n" for number in IDS))
case("identity as numbers", lambda: xlsx(["unit", "person"], *[["A", 340123198001010011 + 1237 * n] for n in range(6)]),
     "visits.xlsx")  # fmt: skip
# ---- workbooks -------------------------------------------------------------------------------------------------------
BOOK = (["unit", "person", "sbp", "day", "done", "weight"], ["A", "p1", 120, (45356, "yyyy-mm-dd"), True, 60.5],
        ["B", 4711, "130", "2024/3/6", "否", "71"])  # fmt: skip
case("xlsx", lambda: xlsx(*BOOK), "visits.xlsx")
case("xlsx day as number", lambda: xlsx(*BOOK, ["C", "p3", 1, 45357, None, None]), "visits.xlsx")
case("xlsx day as text of a number", lambda: xlsx(*BOOK, ["C", "p3", 1, "45357", None, None]), "visits.xlsx")
case("xlsx year for a day", lambda: xlsx(*BOOK, ["C", "p3", 1, 2024, None, None]), "visits.xlsx")
case("xlsx days from 1904", lambda: xlsx(*BOOK, ["C", "p3", 1, 43895, None, None], date_1904=True), "visits.xlsx")
case("xlsx merged title", merged, "visits.xlsx")
case("xlsx error value", lambda: xlsx(*BOOK, ["C", "p3", "=error#DIV/0!"]), "visits.xlsx")
case("xlsx error below a title", lambda: xlsx(["标题"], *BOOK, ["C", "p3", "=error#N/A"]), "visits.xlsx")
case("xlsx formula text", lambda: xlsx(["unit", "person", "name"], ["A", "p1", "=cmd|' /C calc'!A0"]), "visits.xlsx")
case("xlsx empty rows", lambda: xlsx([], [], *BOOK[:1], [], *BOOK[1:], [], []), "visits.xlsx")
case("xlsx header on line 25", lambda: xlsx(*[[]] * 24, *BOOK), "visits.xlsx")
case("xlsx no rows", lambda: xlsx(), "visits.xlsx")
case("xlsx first sheet is a note", lambda: xlsx(*BOOK, sheets=("说明", "数据"), into=1), "visits.xlsx")
case("xlsx named sheet", lambda: xlsx(["unit", "n"], ["A", 1], sheets=("说明", "数据"), into=1), "second.xlsx")
case("xlsx error on a named sheet", lambda: xlsx(["unit", "n"], ["A", "=error#REF!"], sheets=("说明", "数据"), into=1),
     "second.xlsx")  # fmt: skip
case("xlsx named sheet missing", lambda: xlsx(["unit", "n"], ["A", 1]), "second.xlsx")
case("xlsx is text", TEXT, "visits.xlsx")
case("xlsx is html", "<html><table><tr><td>unit</td></tr></table></html>", "visits.xlsx")
case("xlsx cut", lambda: xlsx(*BOOK)[:2000], "visits.xlsx")
case("xlsx damaged", lambda: flipped(xlsx(*BOOK), 600, 1200), "visits.xlsx")
case("xlsx is another archive", lambda: packed(("a.txt", b"x")), "visits.xlsx")
case("xlsx bomb", lambda: packed(("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", b"0" * (1 << 27))),
     "visits.xlsx")  # fmt: skip
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
case("xlsx under a password", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + ENCRYPTED,
     "visits.xlsx")  # fmt: skip
case(
    "xls",
    lambda: xls(["unit", "person", "sbp", "day"], ["A", "p1", 120, 45356], ["B", 4711, "130", "2024/3/6"]),
    "visits.xls",
)
case("xls named sheet", lambda: xls(["unit", "n"], ["A", 1], sheets=("说明", "数据"), into=1), "second.xls")
case("xls title", lambda: xls(["标题"], ["unit", "person"], ["A", "p1"]), "visits.xls")
case("xls is xlsx", lambda: xlsx(*BOOK), "visits.xls")
case("xls is html", "<html><table><tr><td>unit</td></tr></table></html>", "visits.xls")
case("xls is text", TEXT, "visits.xls")
case("xls cut", lambda: xls(["unit", "person"], ["A", "p1"])[:1500], "visits.xls")
case("xls empty", b"", "visits.xls")
# ---- Parquet ---------------------------------------------------------------------------------------------------------
case("parquet", lambda: parquet({"unit": ["A", "B"], "person": ["p1", None], "sbp": [120, None]}), "visits.parquet")
case("parquet nested", lambda: parquet({"unit": ["A"], "person": [["p"]]}), "visits.parquet")
case("parquet bytes", lambda: parquet({"unit": ["A"], "person": [b"p"]}), "visits.parquet")
case("parquet numbers as text", lambda: parquet({"unit": ["A"], "person": ["1"], "sbp": ["12x"]}), "visits.parquet")
case("parquet floats", lambda: parquet({"unit": ["A"], "person": [1.0], "sbp": [float("nan")]}), "visits.parquet")
case("parquet no rows", lambda: parquet({"unit": [], "person": []}), "visits.parquet")
case("parquet cut", lambda: parquet({"unit": ["A"], "person": ["p"]})[:-9], "visits.parquet")
case("parquet is text", TEXT, "visits.parquet")
case("parquet damaged", lambda: flipped(parquet({"unit": ["A"] * 99, "person": ["p"] * 99}), 4, 60), "visits.parquet")
# ---- archives --------------------------------------------------------------------------------------------------------
case("gzip csv", lambda: gzip.compress(TEXT.encode()), "visits.csv.gz")
case("gzip gb18030", lambda: gzip.compress(TEXT.encode("gb18030")), "visits.csv.gz")
case("gzip xlsx", lambda: gzip.compress(xlsx(*BOOK)), "visits.xlsx.gz")
case("gzip xls", lambda: gzip.compress(xls(["unit", "person"], ["A", "p1"])), "visits.xls.gz")
case("gzip parquet", lambda: gzip.compress(parquet({"unit": ["A"], "person": ["p"]})), "visits.parquet.gz")
case("gzip cut", lambda: gzip.compress(TEXT.encode())[:-12], "visits.csv.gz")
case("gzip damaged", lambda: flipped(gzip.compress(TEXT.encode()), 30, 60), "visits.csv.gz")
case("gzip with more behind it", lambda: gzip.compress(TEXT.encode()) + b"garbage", "visits.csv.gz")
case("gzip is text", TEXT, "visits.csv.gz")
case("gzip of nothing", lambda: gzip.compress(b""), "visits.csv.gz")
case("gzip bomb", lambda: gzip.compress(bytes(1 << 27)), "visits.csv.gz")
case("gzip without a type", lambda: gzip.compress(TEXT.encode()), "visits.gz")
case("zip csv", lambda: packed(("visits.csv", TEXT.encode())), "visits.zip")
case("zip csv of another name", lambda: packed(("export.csv", TEXT.encode())), "visits.zip")
case("zip stored", lambda: packed(("visits.csv", TEXT.encode()), method=zipfile.ZIP_STORED), "visits.zip")
case("zip lzma", lambda: packed(("visits.csv", TEXT.encode()), method=zipfile.ZIP_LZMA), "visits.zip")
case("zip xlsx", lambda: packed(("visits.xlsx", xlsx(*BOOK))), "visits.zip")
case("zip xls", lambda: packed(("visits.xls", xls(["unit", "person"], ["A", "p1"]))), "visits.zip")
case("zip parquet", lambda: packed(("visits.parquet", parquet({"unit": ["A"], "person": ["p"]}))), "visits.zip")
case("zip names in gb18030", lambda: old_names(("随访.csv", TEXT.encode())), "all.zip")
case(
    "zip folder of a unit", lambda: packed(("A/visits.csv", (HEADER + "A,p1,1,,,,\nB,p2,2,,,,\n").encode())), "all.zip"
)
case("zip of a unit", lambda: packed(("visits.csv", (HEADER + "A,p1,1,,,,\nB,p2,2,,,,\n").encode())), "A.zip")
case("zip way out", lambda: packed(("../../visits.csv", TEXT.encode())), "all.zip")
case("zip from the root", lambda: packed(("/etc/visits.csv", TEXT.encode())), "all.zip")
case("zip backslashes", lambda: packed(("..\\visits.csv", TEXT.encode())), "all.zip")
case("zip too deep", lambda: packed(("A/b/visits.csv", TEXT.encode())), "all.zip")
case("zip in zip", lambda: packed(("visits.zip", packed(("visits.csv", TEXT.encode())))), "all.zip")
case("zip bomb", lambda: packed(("visits.csv", bytes(1 << 27))), "visits.zip")
case("zip of too many", lambda: packed(*((f"{n}.csv", b"") for n in range(5001))), "visits.zip")
case("zip of nothing", lambda: packed(), "visits.zip")
case("zip under a password", lambda: locked(packed(("visits.csv", TEXT.encode()))), "visits.zip")
case("zip cut", lambda: packed(("visits.csv", TEXT.encode()))[:-30], "visits.zip")
case("zip damaged", lambda: flipped(packed(("visits.csv", TEXT.encode())), 45, 80), "visits.zip")
case("zip is text", TEXT, "visits.zip")
case("zip of a note", lambda: packed(("readme.txt", b"hello"), ("visits.csv", TEXT.encode())), "all.zip")
# ---- files -----------------------------------------------------------------------------------------------------------
case("unknown type", TEXT, "visits.doc")
case("no type", TEXT, "visits")
case("unknown table", TEXT, "vists.csv")
case("type in capitals", TEXT, "VISITS.CSV")
case("a part", TEXT, "visits-3.csv")
folder("folder of nobody", Z__visits_dot_csv=TEXT.encode())
folder("folder of a unit", A__visits_dot_csv=TEXT.encode())
folder("too deep", A__deep__visits_dot_csv=TEXT.encode())
CASES["two types of one table"] = lambda: {"visits.xlsx": xlsx(*BOOK), "visits.csv": TEXT.encode()}
CASES["packed and unpacked"] = lambda: {"visits.csv.gz": gzip.compress(TEXT.encode()), "visits.csv": TEXT.encode()}
CASES["the same content twice"] = lambda: {"visits-2.csv": TEXT.encode(), "visits-1.csv": TEXT.encode()}
CASES["the same content packed"] = lambda: {
    "visits-2.csv.gz": gzip.compress(TEXT.encode()),
    "visits-1.csv": TEXT.encode(),
}


def lay(name: str, target: Path) -> str:
    """Write the files of a case below `target`; the name of the file that is judged."""
    files = CASES[name]()
    for path, content in {"units.csv": UNITS, **files}.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
    return next(iter(files))


COLUMNS = ("status", "reason", "rows_in", "rows_kept", "rows_rejected", "cells_rejected", "cells_narrowed",
           "header_line",
           "encoding", "damaged")  # fmt: skip


def outcome(data: Path, file: str, store: Path) -> dict[str, str]:
    """What becomes of the file, or of the first one inside it."""
    from assess.intake import take_in
    from assess.intake.store import Store
    from assess.ruleset.load import load

    ruleset = load(HERE / "ruleset.yaml").ruleset
    intake = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(store))
    receipt = intake.receipt()
    for row in receipt.iter_rows(named=True):
        assert row["rows_in"] == row["rows_kept"] + row["rows_rejected"]
    assert intake.rejects().height == receipt["rows_rejected"].sum() + receipt["cells_rejected"].sum()
    folder = file.rsplit("/", 1)[0]
    found = [row for row in receipt.iter_rows(named=True) if row["file"] == file or row["file"].startswith(f"{file}/")]
    found = found or [row for row in receipt.iter_rows(named=True) if row["file"] == folder]
    said = {name: str(found[-1][name]) if found[-1].get(name) is not None else "" for name in COLUMNS}
    return said | {"damaged": "yes" if found[-1]["damage"] else ""}


def _lines(scratch: Path) -> Iterator[str]:
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("case", *COLUMNS))
    for number, name in enumerate(CASES):
        data = scratch / str(number)
        try:
            said = outcome(data, lay(name, data), scratch / "store")
        except Exception as error:  # noqa: BLE001 - it is printed for somebody to look at
            said = {"status": f"{type(error).__name__}: {error}"[:150]}
        writer.writerow((name, *(said.get(column, "") for column in COLUMNS)))
    yield out.getvalue()


if __name__ == "__main__":
    if sys.argv[1:] == ["--outcomes"]:
        import tempfile

        with tempfile.TemporaryDirectory() as place:
            sys.stdout.writelines(_lines(Path(place)))
    else:
        for title in CASES:
            lay(title, Path(sys.argv[1]) / title.replace("/", " "))
