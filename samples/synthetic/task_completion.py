"""Tasks of six counties and the projects that were built for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from synthetic.submission import People, Record, Sheet, Submission

_COUNTY = {"county_code": "县区编码"}
SHEETS = {
    "counties": Sheet(
        {**_COUNTY, "county": "县区", "prefecture": "市", "places_task": "新增托位任务数",
         "chairs_task": "新增牙椅任务数", "clinics_task": "标准化村卫生室任务数", "beds_before": "上年末床位数",
         "beds_now": "现有床位数", "prepaid": "已预拨"},
        "county_code", form="xlsx",
    ),
    "projects": Sheet(
        {**_COUNTY, "project_no": "项目编号", "item": "任务类别", "site": "建设地点", "amount": "数量",
         "completed_on": "完工日期", "accepted": "是否验收", "accepted_on": "验收日期"}, "project_no", bom=True,
        dates="%Y年%m月%d日",
    ),
    "summary": Sheet(
        {**_COUNTY, "indicator": "指标", "kind": "类型", "numerator": "完成数", "denominator": "任务数",
         "rate": "完成率"},
        "indicator",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Task numbers of one county with what was built and accepted for each; `pending` clinics await acceptance."""

    code: str
    county: str
    prefecture: str
    places: tuple[int, int]
    chairs: tuple[int, int]
    clinics: tuple[int, int]
    pending: int
    beds: tuple[int, int]
    prepaid: str


PLANS = (
    Plan("349201", "云岭县", "云州市", (30, 33), (9, 13), (20, 18), 1, (1000, 1292), "5万"),
    Plan("349202", "石门县", "云州市", (40, 30), (10, 7), (30, 14), 6, (800, 880), "10万"),
    Plan("349203", "江口区", "云州市", (40, 27), (0, 0), (20, 10), 0, (500, 500), "10万"),
    Plan("349301", "梅山县", "海宁州", (20, 15), (5, 4), (12, 9), 1, (400, 480), "3万"),
    Plan("349302", "竹溪县", "海宁州", (20, 15), (5, 4), (12, 9), 1, (400, 480), "3万"),
    Plan("349303", "沙洲县", "海宁州", (20, 15), (5, 4), (10, 8), 0, (0, 60), "2万"),
)  # fmt: skip

# What counties state themselves; the first three are the published figures that may pass 100 %.
STATED = (
    ("349201", "新增牙椅任务完成率", "completion", "13", "9", "144.4", ""),
    ("349201", "新增托位任务完成率", "completion", "33", "30", "110", ""),
    ("349201", "长期医疗护理床位增长率", "growth", "292", "1000", "29.20", ""),
    ("349202", "标准化村卫生室完成率", "completion", "14", "30", "46.66", "TS-ROUNDING"),
    ("349203", "新增托位任务完成率", "completion", "27", "40", "76.50", "TS-RATIO"),
    ("349203", "标准化村卫生室完成率", "rate", "10", "20", "50.00", "TS-KIND"),
    ("349301", "新增托位任务完成率", "completion", "15", "20", "75.00", ""),
    ("349302", "新增托位任务完成率", "completion", "15", "20", "75.00", ""),
    ("349303", "标准化村卫生室覆盖率", "coverage", "21", "20", "105.00", "TS-CEILING"),
)


class Projects:
    """The submission while it is filled."""

    def __init__(self, seed: int):
        self.made, self.people = Submission(SHEETS, unit="county_code"), People(seed)

    def built(self, code: str, item: str, amount: int, *, accepted: bool = True) -> Record:
        """A project that was completed in the period, and accepted ten days later."""
        number = len(self.made.tables["projects"]) + 1
        day = self.people.day(dt.date(2024, 1, 10), dt.date(2024, 9, 15))
        return self.made.add(
            "projects", county_code=code, project_no=f"XM{code}{number:04d}", item=item, site=f"{number}号点",
            amount=amount,
            completed_on=day, accepted=accepted, accepted_on=day + dt.timedelta(days=10) if accepted else None,
        )  # fmt: skip

    def sound(self, plan: Plan) -> dict[str, list[Record]]:
        """Places in projects of up to ten, chairs and clinics one by one."""
        places = [
            self.built(plan.code, "托位", min(10, plan.places[1] - done)) for done in range(0, plan.places[1], 10)
        ]
        chairs = [self.built(plan.code, "牙椅", 1) for _ in range(plan.chairs[1])]
        clinics = [self.built(plan.code, "村卫生室", 1) for _ in range(plan.clinics[1])]
        pending = [self.built(plan.code, "村卫生室", 1, accepted=False) for _ in range(plan.pending)]
        return {"places": places, "chairs": chairs, "clinics": clinics, "pending": pending}


def task_completion(seed: int = 1) -> Submission:
    """Three quarters of a year, with a fault or a few for every rule."""
    book = Projects(seed)
    for plan in PLANS:
        line = book.made.add(
            "counties", county_code=plan.code, county=plan.county, prefecture=plan.prefecture,
            places_task=plan.places[0],
            chairs_task=plan.chairs[0], clinics_task=plan.clinics[0], beds_before=plan.beds[0], beds_now=plan.beds[1],
            prepaid=plan.prepaid,
        )  # fmt: skip
        if not plan.beds[0]:
            line.breaks("TC-BEDS-BEFORE", reason="no_beds_before")
    sound = {plan.code: book.sound(plan) for plan in PLANS}
    # The second county: a county's total as one project, one that is to be completed in October, one without a day.
    book.built("349202", "托位", 900).breaks("TC-AMOUNT", reason="900_places")
    future = book.built("349202", "牙椅", 1)
    future.values |= {"completed_on": dt.date(2024, 10, 15), "accepted_on": None}
    future.breaks("TC-FUTURE", reason="in_october")
    undated = book.built("349202", "牙椅", 1)
    undated.values |= {"completed_on": None, "accepted_on": None}
    undated.breaks("TC-DATED", reason="no_day")
    # The third: one project twice, a task that was not set, one accepted before it was complete.
    first = sound["349203"]["clinics"][0]
    again = book.built("349203", "村卫生室", 1)
    again.values["project_no"] = first.values["project_no"]
    for project in (first, again):
        project.breaks("TC-TWICE", reason="entered_twice")
    book.built("349203", "床位", 4).breaks("TC-ITEM", reason="no_such_task")
    early = sound["349203"]["clinics"][1]
    early.values["accepted_on"] = early.values["completed_on"] - dt.timedelta(days=3)
    early.breaks("TC-ORDER", reason="before_completion")
    # The sixth: two sites with two clinics each.
    clinics = sound["349303"]["clinics"]
    for one, other in (clinics[:2], clinics[2:4]):
        other.values["site"] = one.values["site"]
        for project in (one, other):
            project.breaks("TC-SITE", reason="one_site")
    for code, indicator, kind, numerator, denominator, rate, rule in STATED:
        line = book.made.add(
            "summary", county_code=code, indicator=indicator, kind=kind, numerator=numerator, denominator=denominator,
            rate=rate,
        )  # fmt: skip
        if rule:
            line.breaks(rule, reason="as_stated")
    return book.made
