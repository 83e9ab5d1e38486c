"""The contracts of five institutions, and the roster of the insurance centre for the same people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from synthetic.submission import People, Person, Record, Sheet, Submission

_WHO = {"person_id": "身份证号", "person": "姓名", "birth_date": "出生日期"}
SHEETS = {
    "institutions": Sheet(
        {"institution_id": "机构编码", "name": "机构名称", "county": "县区", "stated": "自报签约人数"},
        "institution_id", bom=True,
    ),
    "contracts": Sheet({"institution_id": "机构编码", **_WHO, "elsewhere": "在外参保原因"}, "person_id", form="xlsx"),
    "insured": Sheet({"institution_id": "归属机构", **_WHO, "status": "参保状态"}, "person_id", dates="%Y%m%d"),
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How many people are on both rosters, on the centre's alone, insured elsewhere for a reason, and for none."""

    unit: str
    name: str
    county: str
    both: int
    insured_only: int
    elsewhere: int
    unknown: int
    stated: int


PLANS = (
    Plan("349501001", "东坝镇卫生院", "东坝县", 48, 2, 0, 0, 48),
    Plan("349501002", "石桥镇卫生院", "东坝县", 40, 5, 2, 0, 44),
    Plan("349501003", "清河镇卫生院", "东坝县", 30, 6, 1, 1, 32),
    Plan("349502001", "北岭镇卫生院", "北岭县", 36, 0, 0, 12, 50),
    Plan("349502002", "南岭镇卫生院", "北岭县", 12, 3, 0, 0, 15),
)  # fmt: skip


class Rosters:
    """Both rosters while they are filled."""

    def __init__(self, seed: int):
        self.made, self.people = Submission(SHEETS), People(seed)

    def person(self, unit: str) -> Person:
        """Somebody of the place of an institution."""
        return self.people.person(unit[:6])

    def contract(self, unit: str, person: Person, elsewhere: str | None = None) -> Record:
        """A line of the contracts."""
        return self.made.add("contracts", institution_id=unit, elsewhere=elsewhere, **_who(person))

    def insured(self, unit: str, person: Person, status: str = "正常") -> Record:
        """A line of the centre's roster."""
        return self.made.add("insured", institution_id=unit, status=status, **_who(person))


def _who(person: Person) -> dict[str, object]:
    return {"person_id": person.person_id, "person": person.name, "birth_date": person.born}


def roster_reconciliation(seed: int = 1) -> Submission:
    """Two rosters of a year, with a fault or a few for every rule."""
    book = Rosters(seed)
    both: dict[str, list[tuple[Record, Record]]] = {}
    for plan in PLANS:
        line = book.made.add(
            "institutions", institution_id=plan.unit, name=plan.name, county=plan.county, stated=plan.stated
        )
        people = [book.person(plan.unit) for _ in range(plan.both)]
        both[plan.unit] = [(book.contract(plan.unit, person), book.insured(plan.unit, person)) for person in people]
        for _ in range(plan.insured_only):
            book.insured(plan.unit, book.person(plan.unit)).breaks("RI-CONTRACTED", reason="no_contract")
        for number in range(plan.elsewhere):
            book.contract(plan.unit, book.person(plan.unit), ("军人", "学生")[number % 2])
        for _ in range(plan.unknown):
            book.contract(plan.unit, book.person(plan.unit)).breaks("RR-INSURED", reason="not_insured")
        if plan.unit == PLANS[4].unit:
            line.breaks("RC-STATED", reason="15_of_12")
        if plan.unit in {PLANS[3].unit, PLANS[4].unit}:  # 50 contracts and 36 insured; 12 and 17
            line.breaks("RC-DIFFERENCE", reason="far_apart")
    _second(book, both[PLANS[1].unit])
    _third(book, both[PLANS[2].unit])
    _fourth(book)
    return book.made


def _second(book: Rosters, both: Sequence[tuple[Record, Record]]) -> None:
    """Slips of the pen."""
    unit = PLANS[1].unit
    # A check character mistyped, and a number that is sound but somebody else's: the centre knows neither.
    contract, insured = both[0]
    contract.values["person_id"] = Person(**_person(contract)).mistyped
    contract.breaks("RR-ID", "RR-INSURED", "RR-LIKELY", reason="check_digit")
    insured.breaks("RI-CONTRACTED", reason="check_digit_of_the_contract")
    contract, insured = both[1]
    contract.values["person_id"] = book.people.person("349599", contract.values["birth_date"].year).person_id
    contract.values["birth_date"] = _born(contract)
    insured.values["birth_date"] = contract.values["birth_date"]
    contract.breaks("RR-INSURED", "RR-LIKELY", reason="another_number")
    insured.breaks("RI-CONTRACTED", reason="another_number_of_the_contract")
    contract, _ = both[2]
    copy = book.made.add("contracts", **contract.values)
    for line in (contract, copy):
        line.breaks("RR-TWICE", reason="entered_twice")
    contract, _ = both[3]
    contract.values["person"] += "儿"
    contract.breaks("RR-NAME", reason="another_name")
    contract, insured = both[4]
    insured.values["birth_date"] += dt.timedelta(days=1)
    contract.breaks("RR-BORN", reason="a_day_later")
    book.contract(unit, book.person(unit), "其他").breaks("RR-ELSEWHERE", reason="not_agreed")


def _third(book: Rosters, both: Sequence[tuple[Record, Record]]) -> None:
    """People who died or moved away are kept; the centre has one twice, and one with a status of its own."""
    unit = PLANS[2].unit
    for contract, insured in both[:3]:
        insured.values["status"] = "死亡"
        contract.breaks("RR-DEAD", reason="deceased")
    for contract, insured in both[3:5]:
        insured.values["status"] = "迁出"
        contract.breaks("RR-MOVED", reason="moved")
    twice = book.person(unit)
    for _ in range(2):
        book.insured(unit, twice).breaks("RI-TWICE", "RI-CONTRACTED", reason="entered_twice")
    book.insured(unit, book.person(unit), "注销").breaks("RI-STATUS", reason="not_agreed")


def _fourth(book: Rosters) -> None:
    """Two people whom the centre counts under the neighbour."""
    for _ in range(2):
        person = book.person(PLANS[3].unit)
        book.contract(PLANS[3].unit, person).breaks("RR-INSTITUTION", reason="under_the_neighbour")
        book.insured(PLANS[4].unit, person)


def _person(line: Record) -> dict[str, object]:
    values = line.values
    return {"person_id": values["person_id"], "name": values["person"], "born": values["birth_date"], "phone": ""}


def _born(line: Record) -> dt.date:
    return dt.datetime.strptime(line.values["person_id"][6:14], "%Y%m%d").replace(tzinfo=dt.UTC).date()
