"""Evidence and marks of eight institutions in two counties."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from synthetic.submission import People, Record, Sheet, Submission

_UNIT = {"institution_id": "机构编码"}
SHEETS = {
    "institutions": Sheet(
        {**_UNIT, "name": "机构名称", "county": "县区", "population": "服务人口", "doctors": "执业医师数"},
        "institution_id",
    ),
    "evidence": Sheet(
        {**_UNIT, "clause": "条款编号", "chapter": "章", "level": "条款级别", "present": "是否提供", "file": "文件名",
         "digest": "文件指纹", "dated_on": "材料日期"}, "clause", bom=True, truth=("Y", "N"),
    ),
    "marks": Sheet(
        {**_UNIT, "item": "评分项目", "points": "得分", "marker": "评分人", "marked_on": "评分日期", "note": "备注"},
        "item", form="xlsx",
    ),
}  # fmt: skip

# Chapter, level, and how many clauses it has.
CLAUSES = (
    ("功能任务", "C", 6),
    ("功能任务", "B", 3),
    ("服务能力", "C", 8),
    ("服务能力", "B", 4),
    ("质量安全", "C", 5),
    ("综合管理", "C", 6),
)
ITEMS = ("患者安全", "应急演练", "院务公开")


@dataclass(frozen=True)
class Plan:
    """How many clauses of each chapter an institution shows, and what it was marked."""

    unit: str
    name: str
    county: str
    population: int
    doctors: int
    shown: tuple[int, int, int, int, int, int]
    marks: tuple[float, float, float]


_ORDINARY = (6, 1, 6, 2, 4, 5)
PLANS = (
    Plan("349401001", "长岭镇卫生院", "长岭县", 12000, 24, (6, 3, 8, 4, 5, 6), (10, 9.5, 5)),
    Plan("349401002", "三河镇卫生院", "长岭县", 10000, 15, _ORDINARY, (8, 7, 4)),
    Plan("349401003", "龙泉镇卫生院", "长岭县", 10000, 20, (6, 3, 7, 4, 5, 6), (9, 9, 5)),
    Plan("349401004", "西山镇卫生院", "长岭县", 10000, 8, (3, 0, 4, 1, 2, 3), (5, 4, 2)),
    Plan("349402001", "滨湖街道社区卫生服务中心", "滨湖区", 12000, 24, (6, 3, 8, 4, 5, 6), (10, 9.5, 5)),
    Plan("349402002", "芦苇镇卫生院", "滨湖区", 9000, 18, (6, 2, 8, 3, 5, 6), (9, 9, 5)),
    Plan("349402003", "南渡镇卫生院", "滨湖区", 10000, 15, _ORDINARY, (8, 7, 4)),
    Plan("349402004", "北渡镇卫生院", "滨湖区", 10000, 15, _ORDINARY, (8, 7, 4)),
)  # fmt: skip


def capacity_grading(seed: int = 1) -> Submission:
    """One round of grading, with a fault or a few for every rule."""
    made, people = Submission(SHEETS), People(seed)
    shown = {plan.unit: _institution(made, people, plan) for plan in PLANS}
    first, second, third, fourth, fifth, sixth, seventh, eighth = shown
    marks = {(line.values["institution_id"], line.values["item"]): line for line in made.tables["marks"]}
    register = {line.values["institution_id"]: line for line in made.tables["institutions"]}

    # The second shows the minutes of 2022; the third had an accident; the fifth shows a file of the first.
    old = shown[second]["综合管理", "C"][0]
    old.values["dated_on"] = dt.date(2022, 5, 6)
    old.breaks("CG-DATED", reason="two_years_old")
    made.add(
        "marks",
        institution_id=third,
        item="医疗安全事故",
        points=1,
        marker="赵敏",
        marked_on=dt.date(2024, 11, 2),
        note="Ⅱ级",
    )
    own, copied = (shown[unit]["质量安全", "C"][0] for unit in (first, fifth))
    copied.values["digest"] = own.values["digest"]
    for line in (own, copied):
        line.breaks("CG-COPIED", reason="one_file")
    _fourth(made, people, fourth, shown[fourth], register[fourth])
    for line in shown[sixth]["功能任务", "C"][:4]:
        line.values |= {"file": None, "digest": None}
        line.breaks("CG-FILE", reason="no_file")
    # The seventh was marked twice, and differently; the eighth was not marked at all for the safety of patients.
    again = made.add(
        "marks", institution_id=seventh, item="患者安全", points=9, marker="孙磊", marked_on=dt.date(2024, 11, 9)
    )
    for line in (marks[seventh, "患者安全"], again):
        line.breaks("CM-TWICE", reason="two_marks")
    made.tables["marks"].remove(marks[eighth, "患者安全"])
    return made


def _institution(made: Submission, people: People, plan: Plan) -> dict[tuple[str, str], list[Record]]:
    made.add(
        "institutions", institution_id=plan.unit, name=plan.name, county=plan.county, population=plan.population,
        doctors=plan.doctors,
    )  # fmt: skip
    for item, points in zip(ITEMS, plan.marks, strict=True):
        made.add(
            "marks", institution_id=plan.unit, item=item, points=points,
            marker="赵敏" if plan.county == "长岭县" else "孙磊",
            marked_on=people.day(dt.date(2024, 11, 1), dt.date(2024, 11, 8)),
        )  # fmt: skip
    lines: dict[tuple[str, str], list[Record]] = {}
    for section, ((chapter, level, count), present) in enumerate(zip(CLAUSES, plan.shown, strict=True), start=1):
        number = ("功能任务", "服务能力", "质量安全", "综合管理").index(chapter) + 1
        for i in range(count):
            clause = f"{number}.{section}.{i + 1}"
            here = i < present
            lines.setdefault((chapter, level), []).append(_line(made, people, plan.unit, clause, chapter, level, here))
    return lines


def _line(made: Submission, people: People, unit: str, clause: str, chapter: str, level: str, present: bool) -> Record:
    day = people.day(dt.date(2024, 1, 5), dt.date(2024, 10, 30))
    return made.add(
        "evidence", institution_id=unit, clause=clause, chapter=chapter, level=level, present=present,
        file=f"{clause}.pdf" if present else None,
        digest=hashlib.sha256(f"{unit}/{clause}/{level}/{day}".encode()).hexdigest()[:16] if present else None,
        dated_on=day if present else None,
    )  # fmt: skip


def _fourth(
    made: Submission, people: People, unit: str, shown: dict[tuple[str, str], list[Record]], line: Record
) -> None:
    """Careless, but of little consequence: lines that the standard does not know, a clause twice, dates left out."""
    _line(made, people, unit, "2.1", "服务能力", "B", present=False).breaks("CG-CLAUSE", reason="no_clause")
    _line(made, people, unit, "4.9.1", "其他", "C", present=False).breaks("CG-CHAPTER", reason="no_chapter")
    _line(made, people, unit, "4.9.2", "综合管理", "A", present=False).breaks("CG-LEVEL", reason="no_level")
    absent = shown["服务能力", "C"][-1]
    again = made.add("evidence", **absent.values)
    for each in (absent, again):
        each.breaks("CG-TWICE", reason="entered_twice")
    for each in [*shown["功能任务", "C"][:3], *shown["服务能力", "C"][:2]]:
        each.values["dated_on"] = None
    line.breaks("CG-FILLED", reason="5_of_13")
    made.add("marks", institution_id=unit, item="印象分", points=3, marker="赵敏").breaks(
        "CM-ITEM", reason="not_on_the_list"
    )
    unsigned = next(
        m for m in made.tables["marks"] if (m.values["institution_id"], m.values["item"]) == (unit, "院务公开")
    )
    unsigned.values["marker"] = None
    unsigned.breaks("CM-MARKER", reason="unsigned")
