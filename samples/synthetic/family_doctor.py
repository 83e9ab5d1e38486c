"""Contracts of six institutions: how many of each sort is stated here, so that every rate can be counted by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from synthetic.submission import People, Person, Record, Sheet, Submission

_UNIT = {"institution_id": "机构编码"}
SHEETS = {
    "institutions": Sheet(
        {**_UNIT, "name": "机构名称", "county": "县区", "kind": "机构类型", "population": "常住人口",
         "key_people": "重点人群人数", "prepaid": "已预拨"}, "institution_id", bom=True,
    ),
    "contracts": Sheet(
        {**_UNIT, "contract_no": "协议编号", "person_id": "身份证号", "phone": "联系电话", "signed_on": "签约日期",
         "expires_on": "到期日期", "status": "状态", "key_group": "重点人群类别", "paid": "是否有偿",
         "exception": "例外原因"},
        "contract_no", form="xlsx",
    ),
    "services": Sheet(
        {**_UNIT, "service_no": "服务编号", "contract_no": "协议编号", "person_id": "身份证号", "served_on": "服务日期",
         "item": "服务项目", "verification": "核验方式", "similarity": "比对分值"}, "service_no", dates="%Y/%m/%d",
    ),
    "deaths": Sheet({**_UNIT, "person_id": "身份证号", "died_on": "死亡日期"}, "person_id"),
    "expiring": Sheet({**_UNIT, "person_id": "身份证号", "expired_on": "到期日期"}, "person_id", bom=True),
}  # fmt: skip

GROUPS = ("老年人", "高血压", "糖尿病", "孕产妇", "儿童", "残疾人")
_QUARTERS = ((1, 20), (4, 20), (7, 20), (10, 20))


@dataclass(frozen=True)
class Plan:
    """Sound contracts of one institution: `full` ones have four services, `faces` of them by face; `half` have two."""

    unit: str
    name: str
    county: str
    kind: str
    population: int
    key_people: int
    prepaid: str
    key: tuple[int, int, int]  # full, half, away
    other: tuple[int, int, int]
    faces: int
    paid: int
    expired: int
    renewed: int


PLANS = (
    Plan("349101001", "青石街道社区卫生服务中心", "青石县", "社区卫生服务中心", 100, 20, "6,000",
         (18, 1, 0), (20, 1, 0), 4, 8, 20, 18),
    Plan("349101002", "青石县柳湾镇卫生院", "青石县", "乡镇卫生院", 100, 20, "3,000",
         (14, 2, 1), (12, 4, 0), 2, 3, 12, 9),
    Plan("349101003", "青石县河口镇卫生院", "青石县", "乡镇卫生院", 100, 25, "2,000",
         (15, 3, 2), (12, 4, 1), 2, 2, 20, 14),
    Plan("349102001", "白鹭街道社区卫生服务中心", "白鹭区", "社区卫生服务中心", 120, 25, "1,500",
         (16, 4, 0), (16, 4, 0), 3, 5, 10, 6),
    Plan("349102002", "白鹭区新桥镇卫生院", "白鹭区", "乡镇卫生院", 100, 20, "0.4万",
         (12, 4, 0), (12, 8, 0), 1, 0, 8, 6),
    Plan("349102003", "白鹭区上塘镇卫生院", "白鹭区", "乡镇卫生院", 80, 20, "800",
         (10, 0, 0), (10, 0, 0), 0, 2, 10, 5),
)  # fmt: skip
SILENT = "349102003"  # submits no services


class Contracts:
    """The submission while it is filled."""

    def __init__(self, seed: int):
        self.made, self.people = Submission(SHEETS), People(seed)

    def contract(self, unit: str, person: Person, **changed: Any) -> Record:
        """An active contract that was signed within the year."""
        signed = changed.pop("signed_on", self.people.day(dt.date(2024, 1, 2), dt.date(2024, 1, 15)))
        values = {
            "contract_no": f"QY{unit[3:]}{len(self.made.tables['contracts']) + 1:04d}", "person_id": person.person_id,
            "phone": person.phone, "signed_on": signed, "expires_on": signed + dt.timedelta(days=365), "status": "有效",
            "paid": False,
        }  # fmt: skip
        return self.made.add("contracts", institution_id=unit, **{**values, **changed})

    def served(self, contract: Record, times: int, faces: int, **changed: Any) -> list[Record]:
        """Services under a contract, one a quarter; the first `faces` by face recognition, the others by signature."""
        done = []
        for number, (month, spread) in enumerate(_QUARTERS[:times]):
            face = number < faces
            values = {
                "service_no": f"FW{len(self.made.tables['services']) + 1:05d}",
                "contract_no": contract.values["contract_no"], "person_id": contract.values["person_id"],
                "served_on": dt.date(2024, month, 16) + dt.timedelta(days=self.people.rng.randint(0, spread)),
                "item": "随访", "verification": "人脸识别" if face else "签名",
                "similarity": self.people.rng.randint(82, 99) if face else None,
            }  # fmt: skip
            unit = contract.values["institution_id"]
            done.append(self.made.add("services", institution_id=unit, **{**values, **changed}))
        return done

    def sound(self, plan: Plan) -> list[list[Record]]:
        """What an institution has done: its contracts with their services, those of key groups first."""
        made: list[list[Record]] = []
        for keyed, (full, half, away) in ((True, plan.key), (False, plan.other)):
            for number in range(full + half + away):
                contract = self.contract(
                    plan.unit,
                    self.people.person(plan.unit[:6]),
                    key_group=GROUPS[number % len(GROUPS)] if keyed else None,
                    paid=len(made) < plan.paid,
                    exception="外出" if number >= full + half else None,
                )
                times = 0 if number >= full + half or plan.unit == SILENT else 4 if number < full else 2
                made.append([contract, *self.served(contract, times, plan.faces if times == 4 else 0)])
        for number in range(plan.expired):
            renewed = made[number][0].values["person_id"] if number < plan.renewed else None
            person = renewed or self.people.person(plan.unit[:6]).person_id
            self.made.add("expiring", institution_id=plan.unit, person_id=person, expired_on=dt.date(2024, 1, 1))
        return made


def family_doctor(seed: int = 1) -> Submission:
    """The contracts of a year, with one fault or a few for every rule."""
    book = Contracts(seed)
    for plan in PLANS:
        book.made.add(
            "institutions", institution_id=plan.unit, name=plan.name, county=plan.county, kind=plan.kind,
            population=plan.population, key_people=plan.key_people, prepaid=plan.prepaid,
        )  # fmt: skip
    sound = {plan.unit: book.sound(plan) for plan in PLANS}
    _contracts(book, sound)
    _services(book, sound)
    return book.made


def _contracts(book: Contracts, sound: dict[str, list[list[Record]]]) -> None:
    second, third, fourth, fifth = (plan.unit for plan in PLANS[1:5])

    def person() -> Person:
        return book.people.person(second[:6])

    # Additions of the second institution: none of them has a service.
    someone = person()
    book.contract(second, someone, person_id=someone.mistyped).breaks("FD-ID", reason="check_digit")
    book.contract(second, person(), person_id=None).breaks("FD-ID-NULL", reason="no_number")
    book.contract(second, person(), status="正常").breaks("FD-STATUS", reason="not_agreed")
    book.contract(second, person(), key_group="慢病").breaks("FD-GROUP", reason="not_agreed")
    book.contract(second, person(), exception="其他").breaks("FD-EXCEPTION", reason="not_agreed")
    book.contract(
        second, person(), signed_on=dt.date(2023, 1, 10), expires_on=dt.date(2024, 6, 30)
    ).breaks("FD-CURRENT", reason="expired")  # fmt: skip
    book.contract(
        second, person(), signed_on=dt.date(2024, 1, 5), expires_on=dt.date(2027, 1, 6)
    ).breaks("FD-TERM", reason="four_years")  # fmt: skip
    # A person signed with the third institution last year, and with the second again.
    twice = person()
    earlier = {"signed_on": dt.date(2023, 6, 1), "expires_on": dt.date(2025, 5, 31)}
    book.contract(third, twice, **earlier).breaks("FD-ONE", reason="in_two_institutions")
    book.contract(second, twice).breaks("FD-ONE", reason="in_two_institutions")
    # Ended in January, signed anew in August of the same year: only one of the two is active.
    again = person()
    book.contract(
        third, again, signed_on=dt.date(2024, 1, 3), expires_on=dt.date(2024, 8, 1), status="到期"
    ).breaks("FD-YEAR", reason="twice_a_year")  # fmt: skip
    book.contract(third, again, signed_on=dt.date(2024, 8, 2)).breaks("FD-YEAR", reason="twice_a_year")
    # Five of the fifth institution's people died before the year: above 5 % of its active contracts.
    for made in sound[fifth][-5:]:
        number = made[0].breaks("FD-DEAD", reason="deceased").values["person_id"]
        book.made.add("deaths", institution_id=fifth, person_id=number, died_on=dt.date(2023, 9, 1))
        for service in made[1:]:
            service.breaks("SV-DEAD", reason="deceased")
    for made in sound[fourth][:6]:
        made[0].values["phone"] = "19900999999"
        made[0].breaks("FD-PHONE", reason="one_number")
    line = book.made.tables["expiring"][len(range(PLANS[0].expired)) - 1]
    copy = book.made.add("expiring", **line.values)
    line.breaks("EX-DUP", reason="entered_twice")
    copy.breaks("EX-DUP", reason="entered_twice")


def _services(book: Contracts, sound: dict[str, list[list[Record]]]) -> None:
    third, fourth = PLANS[2].unit, PLANS[3].unit
    # A resident of the third institution who ended the contract died in May, and was served in July.
    person = book.people.person(third[:6])
    ended = book.contract(third, person, status="解除", expires_on=dt.date(2024, 5, 2))
    (late,) = book.served(ended, 1, 1, served_on=dt.date(2024, 7, 3))
    late.breaks("SV-DEAD", reason="after_death")
    book.made.add("deaths", institution_id=third, person_id=person.person_id, died_on=dt.date(2024, 5, 2))
    # Five further services of one sound contract, each false in one way.
    contract = sound[third][0][0]
    first = sound[third][0][1]
    (unknown,) = book.served(contract, 1, 1, contract_no="QY999999999", served_on=dt.date(2024, 3, 4))
    unknown.breaks("SV-CONTRACT", reason="no_contract")
    (other,) = book.served(
        contract, 1, 1, person_id=sound[third][1][0].values["person_id"], served_on=dt.date(2024, 3, 5)
    )
    other.breaks("SV-PERSON", reason="somebody_else")
    (early,) = book.served(contract, 1, 1, served_on=dt.date(2023, 12, 28))
    early.breaks("SV-DATE", reason="before_the_period")
    (copy,) = book.served(contract, 1, 1, served_on=first.values["served_on"])
    for record in (first, copy):
        record.breaks("SV-DUP", reason="entered_twice")
    (blurred,) = book.served(contract, 1, 1, similarity=41, served_on=dt.date(2024, 3, 7))
    blurred.breaks("SV-FACE", reason="not_similar")
    (bare,) = book.served(contract, 1, 1, similarity=None, served_on=dt.date(2024, 3, 8))
    bare.breaks("SV-FACE-NULL", reason="no_similarity")
    # The fourth institution made up for a year in its last ten days.
    register = next(line for line in book.made.tables["institutions"] if line.values["institution_id"] == fourth)
    register.breaks("SV-RUSH", reason="crowded")
    rushed = [service for made in sound[fourth][::2] for service in made[1:]]
    for number, service in enumerate(rushed):
        service.values["served_on"] = dt.date(2024, 12, 22) + dt.timedelta(days=number % 10)
