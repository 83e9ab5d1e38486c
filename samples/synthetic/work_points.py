"""Services of eight village doctors, and the totals of a county as it published them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from synthetic.submission import People, Record, Sheet, Submission

_DOCTOR = {"doctor_id": "村医编码"}
SHEETS = {
    "doctors": Sheet(
        {**_DOCTOR, "name": "姓名", "institution": "所属机构", "county": "县区", "days_worked": "出勤天数",
         "prepaid_1": "首次预拨", "prepaid_2": "二次预拨"}, "doctor_id", bom=True,
    ),
    "services": Sheet(
        {**_DOCTOR, "service_no": "服务编号", "person_id": "身份证号", "item": "服务项目", "served_on": "服务日期",
         "minute": "服务时间", "entered_on": "录入日期", "place": "服务方式", "complete": "记录完整"}, "service_no",
    ),
    "deaths": Sheet({**_DOCTOR, "person_id": "身份证号", "died_on": "死亡日期"}, "person_id", form="xlsx"),
}  # fmt: skip

ITEMS = ("建档", "高血压随访", "糖尿病随访", "老年人体检", "签约服务", "一般诊疗")


@dataclass(frozen=True)
class Plan:
    """Sound services of one doctor: how many of each item, of the first at home, by telephone, late, incomplete."""

    doctor: str
    name: str
    institution: str
    county: str
    days_worked: int
    prepaid: tuple[str, str]
    counts: tuple[int, int, int, int, int, int]
    home: int = 4  # of the follow-ups of hypertension
    phone: int = 4  # of those of diabetes
    late: int = 2
    incomplete: int = 3


WILLOW, MOUTH, BRIDGE = "柳湾镇卫生院", "河口镇卫生院", "新桥镇卫生院"
PLANS = (
    Plan("C01", "王立春", WILLOW, "青石县", 240, ("3,000", "2,000"), (5, 16, 8, 6, 10, 24)),
    Plan("C02", "李国栋", WILLOW, "青石县", 240, ("3,000", "2,000"), (4, 18, 8, 5, 10, 20), late=6),
    Plan("C03", "张建平", WILLOW, "青石县", 236, ("2,500", "1,500"), (4, 14, 10, 6, 8, 22), incomplete=16),
    Plan("C04", "刘素梅", MOUTH, "青石县", 250, ("4,000", "4,000"), (5, 16, 8, 6, 10, 20)),
    Plan("C05", "陈志远", MOUTH, "青石县", 244, ("2,000", "1,000"), (3, 15, 9, 5, 9, 24),
         phone=9, late=9, incomplete=25),
    Plan("C06", "杨晓燕", MOUTH, "青石县", 238, ("3,000", "2,000"), (6, 18, 9, 8, 12, 22)),
    Plan("C07", "黄文斌", BRIDGE, "白鹭区", 30, ("2,000", "1,000"), (4, 14, 8, 6, 8, 20)),
    Plan("C08", "赵长河", BRIDGE, "白鹭区", 242, ("3,500", "2,500"), (5, 18, 8, 6, 10, 20), home=18),
)  # fmt: skip


class Services:
    """The submission while it is filled."""

    def __init__(self, seed: int):
        self.made, self.people = Submission(SHEETS, unit="doctor_id"), People(seed)

    def served(self, doctor: str, person: str, item: str, **changed: Any) -> Record:
        """One service, on a day and at a minute of its own, entered a day later."""
        number = len(self.made.tables["services"])
        day = changed.pop("served_on", self.people.day(dt.date(2024, 1, 3), dt.date(2024, 12, 20)))
        minute = 480 + number * 7 % 480
        values = {
            "service_no": f"S{number + 1:05d}", "person_id": person, "item": item, "served_on": day,
            "minute": f"{minute // 60:02d}:{minute % 60:02d}", "entered_on": day + dt.timedelta(days=1),
            "place": "门诊", "complete": True,
        }  # fmt: skip
        return self.made.add("services", doctor_id=doctor, **{**values, **changed})

    def sound(self, plan: Plan) -> dict[str, list[Record]]:
        """What a doctor has done, by item; nobody gets the same service twice."""
        persons = [self.people.person("349101").person_id for _ in range(25)]
        made = {
            item: [self.served(plan.doctor, persons[i], item) for i in range(count)]
            for item, count in zip(ITEMS, plan.counts, strict=True)
        }
        for service in made["高血压随访"][: plan.home]:
            service.values["place"] = "上门"
        for service in made["糖尿病随访"][: plan.phone]:
            service.values["place"] = "电话"
        everything = [service for services in made.values() for service in services]
        for service in everything[-plan.late :]:
            service.values["entered_on"] = service.values["served_on"] + dt.timedelta(days=8)
        for service in everything[: plan.incomplete]:
            service.values["complete"] = False
        return made


def work_points(seed: int = 1) -> Submission:
    """The services of a year, with a fault or a few for every rule."""
    book = Services(seed)
    for plan in PLANS:
        book.made.add(
            "doctors", doctor_id=plan.doctor, name=plan.name, institution=plan.institution, county=plan.county,
            days_worked=plan.days_worked, prepaid_1=plan.prepaid[0], prepaid_2=plan.prepaid[1],
        )  # fmt: skip
    sound = {plan.doctor: book.sound(plan) for plan in PLANS}
    # Two doctors claim one follow-up.
    mine = sound["C02"]["高血压随访"][-1]
    yours = book.served("C03", mine.values["person_id"], "高血压随访", served_on=mine.values["served_on"])
    for service in (mine, yours):
        service.breaks("WP-DUP", reason="two_doctors")
    person = book.people.person("349101")
    book.served("C02", person.mistyped, "高血压随访").breaks("WP-ID", reason="check_digit")
    # Four people of the fourth doctor were examined after they had died: above 5 % of 65 services.
    for service in sound["C04"]["老年人体检"][:4]:
        service.breaks("WP-DEAD", reason="after_death")
        number, day = service.values["person_id"], dt.date(2023, 12, 31)
        book.made.add("deaths", doctor_id="C04", person_id=number, died_on=day)
        for item in ITEMS:
            for other in sound["C04"][item]:
                if other.values["person_id"] == number and other is not service:
                    other.values["person_id"] = book.people.person("349101").person_id
    batch = sound["C05"]["一般诊疗"][:5]
    for service in batch:
        late = service.values["entered_on"] - service.values["served_on"]
        day = dt.date(2024, 6, 3)
        service.values |= {"served_on": day, "entered_on": day + late, "minute": "09:30"}
        service.breaks("WP-MINUTE", reason="one_minute")
    book.served("C05", person.person_id, "推拿").breaks("WP-ITEM", reason="no_tariff")
    sound["C05"]["建档"][0].values["place"] = "村口"
    sound["C05"]["建档"][0].breaks("WP-PLACE", reason="not_agreed")
    later = book.served("C06", person.person_id, "签约服务", served_on=dt.date(2025, 1, 2))
    later.breaks("WP-DATE", reason="after_the_period")
    _crowd(sound["C06"])
    early = book.served("C07", person.person_id, "一般诊疗", served_on=dt.date(2024, 5, 6))
    early.values["entered_on"] = dt.date(2024, 5, 2)
    early.breaks("WP-ENTERED", reason="before_the_service")
    for number in range(3):
        day = dt.date(2024, 1, 10) + dt.timedelta(days=90 * number)
        book.served("C08", person.person_id, "糖尿病随访", served_on=day).breaks("WP-REGULAR", reason="90_days")
    register = {line.values["doctor_id"]: line for line in book.made.tables["doctors"]}
    register["C06"].breaks("WP-DAY", reason="31_services")
    register["C07"].breaks("WP-ATTENDANCE", reason="days")
    register["C08"].breaks("WP-HOME", reason="18_at_home")
    return book.made


def _crowd(services: dict[str, list[Record]]) -> None:
    """31 services on the day of one market."""
    day = dt.date(2024, 9, 14)
    everything = [service for item in ITEMS[1:] for service in services[item]]
    for service in everything[:31]:
        late = service.values["entered_on"] - service.values["served_on"]
        service.values |= {"served_on": day, "entered_on": day + late}
    # A sound service of that day by chance would be one more.
    for service in [*everything[31:], *services["建档"]]:
        if service.values["served_on"] == day:
            service.values |= {"served_on": day + dt.timedelta(days=1), "entered_on": day + dt.timedelta(days=2)}


COUNTY_SHEETS = {
    "institutions": Sheet(
        {"institution_id": "机构编码", "name": "机构名称", "county": "县区", "contracts": "签约人数",
         "prepaid_1": "首次预拨", "prepaid_2": "二次预拨"}, "institution_id", bom=True,
    ),
    "totals": Sheet(
        {"institution_id": "机构编码", "fund": "资金项目", "services": "服务次数", "points": "工分"}, "institution_id",
    ),
    "marks": Sheet(
        {"institution_id": "机构编码", "item": "考核项目", "points": "得分", "marker": "评分人",
         "marked_on": "评分日期"},
        "institution_id", form="xlsx",
    ),
}  # fmt: skip

# Published of the county as a whole: 3,297万 points over 180.87万 services, 181.6 points a contract, 2,855万 + 753万
# paid in advance, 120万 settled. How institutions share in it is made up; every column sums to the published figure.
# code, name, contracts, paid in advance (twice), mark, and of three funds the services and the points
COUNTY = (
    ("349103001", "城关镇卫生院", "66,079", "1040万", "274万", 88,
     (("36.83万", "680万"), ("9万", "320万"), ("20万", "200万"))),
    ("349103002", "白云镇卫生院", "49,560", "780万", "206万", 82,
     (("26.37万", "500万"), ("8万", "250万"), ("15万", "150万"))),
    ("349103003", "义津镇卫生院", "38,381", "603万", "159万", 90,
     (("20.24万", "390万"), ("6万", "187万"), ("12万", "120万"))),
    ("349103004", "浮山镇卫生院", "27,533", "432万", "114万", 76,
     (("14.43万", "272万"), ("3万", "138万"), ("10万", "90万"))),
)  # fmt: skip


def work_points_county(seed: int = 1) -> Submission:  # noqa: ARG001 - nobody is in it
    """The published figures, and four lines with faults that change none of them."""
    made = Submission(COUNTY_SHEETS)
    for code, name, contracts, first, second, mark, funds in COUNTY:
        made.add(
            "institutions", institution_id=code, name=name, county="浮渡县", contracts=contracts, prepaid_1=first,
            prepaid_2=second,
        )  # fmt: skip
        made.add(
            "marks", institution_id=code, item="质量考核", points=mark, marker="考核一组", marked_on=dt.date(2025, 1, 8)
        )  # fmt: skip
        for fund, (services, points) in zip(("基本公卫", "签约服务", "一般诊疗"), funds, strict=True):
            line = made.add("totals", institution_id=code, fund=fund, services=services, points=points)
            if code == "349103001" and fund == "签约服务":
                line.values["fund"] = "签约"
                line.breaks("WT-FUND", reason="not_agreed")
            if code == "349103004" and fund == "签约服务":
                line.breaks("WT-AVERAGE", reason="46_points_a_service")
    # Two empty lines of one fund: they are false, and change no sum.
    for _ in range(2):
        made.add("totals", institution_id="349103004", fund="其它", services=0, points=0).breaks(
            "WT-DUP", "WT-FUND", reason="empty_lines"
        )
    return made
