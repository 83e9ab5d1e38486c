"""The views of the national ruleset, worked out by hand: visits due in part of a year, the latest visit, 28 days."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.engine.local import Local
from assess.engine.passes import Going
from assess.engine.plan import plans, scans
from assess.engine.views import SOUND
from assess.ruleset.load import load

RULESET = load(Path(__file__).parent.parent / "rulesets" / "bphs-national.yaml").ruleset
PLANS = plans(RULESET)
Records = list[dict[str, Any]]


def day(text: str | None) -> dt.date | None:
    """A day of 2024 as MM-DD, or any day in full."""
    if text is None:
        return None
    return dt.date.fromisoformat(text if len(text) > 5 else f"2024-{text}")


def frame(table: str, records: Records) -> pl.DataFrame:
    """Records of a declared table; what they do not state is null, and the unit is A."""
    dtypes = RULESET.tables[table].dtypes
    marks = {"_file": 0, "_rejected": None}
    rows = [{"institution_id": "A", **marks, **record, "_row": n, "_line": n} for n, record in enumerate(records)]
    return pl.DataFrame([{name: row.get(name) for name in dtypes} for row in rows], schema=dtypes)


def tables(given: dict[str, Records]) -> Any:
    frames = {name: frame(name, given.get(name, [])) for name in RULESET.tables}
    return scans(RULESET, PLANS, lambda name: frames[name].lazy())


def view(name: str, **given: Records) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tables(given)(name).collect().to_dicts()
    return rows


def counted(indicator: str, **given: Records) -> tuple[float, float, float]:
    """Numerator, verified numerator, and denominator of unit A; exclusions are not taken off."""
    (spec,) = (i for i in RULESET.indicators if i.id == indicator)
    assert spec.numerator is not None
    measured = Local().run(PLANS[spec.numerator.table], tables(given)).measured
    assert measured.height == 1
    row = measured.row(0, named=True)
    names = (f"numerator {indicator}", f"numerator {indicator} verified", f"denominator {indicator}")
    return tuple(row.get(name) for name in names)  # type: ignore[return-value]


def patient(number: str | None = "p", **fields: Any) -> dict[str, Any]:
    return {"person_id": number, "managed": True, "birth_date": dt.date(1980, 1, 1), **fields}


def visit(on: str, number: str | None = "p", **fields: Any) -> dict[str, Any]:
    sound = {"condition": "高血压", "face_to_face": True, "sbp": 120, "dbp": 80}
    return {"person_id": number, "visited_on": day(on), **sound, **fields}


# ---- visits due: one for every 90 whole days under management, up to 30 June 2024 ------------------------------------

DUE: dict[str, tuple[str | None, str | None, int, int]] = {
    # diagnosed, died, days, visits due
    "managed since before the period": ("2015-05-01", None, 181, 2),
    "nobody knows since when": (None, None, 181, 2),
    "diagnosed on the first day": ("01-01", None, 181, 2),
    "180 days": ("01-02", None, 180, 2),
    "179 days": ("01-03", None, 179, 1),
    "90 days": ("04-01", None, 90, 1),
    "89 days": ("04-02", None, 89, 0),
    "diagnosed on the day of assessment": ("06-30", None, 0, 0),
    "diagnosed after it": ("07-15", None, 0, 0),
    "died after 90 days": ("2015-05-01", "03-31", 90, 1),
    "died after 89 days": ("2015-05-01", "03-30", 89, 0),
    "both within the period": ("02-01", "05-01", 90, 1),
    "died before the period": ("2015-05-01", "2023-12-31", 0, 0),
    "a death after the day of assessment shortens nothing": ("2015-05-01", "08-01", 181, 2),
}


@pytest.mark.parametrize(("diagnosed", "died", "days", "due"), DUE.values(), ids=DUE)
def test_the_window_of_a_part_year_ends_with_diagnosis_and_death(
    diagnosed: str | None, died: str | None, days: int, due: int
) -> None:
    (row,) = view(
        "visits_due",
        hypertension=[patient(diagnosed_on=day(diagnosed))],
        residents=[{"person_id": "p", "death_date": day(died)}],
    )
    assert (row["days"], row["due"]) == (days, due)


def test_only_visits_of_the_period_for_that_condition_are_made() -> None:
    visits = [
        visit("2023-12-31"), visit("01-01"), visit("06-30", face_to_face=False), visit("07-01"),
        visit("03-01", condition="糖尿病"), visit("03-01", number="q"), visit("03-01", number=None),
    ]  # fmt: skip
    (row,) = view("visits_due", hypertension=[patient()], visits=visits)
    assert (row["done"], row["face"]) == (2, 1)


def test_a_patient_with_two_conditions_and_two_records_of_residence_is_due_for_each_once() -> None:
    residents = [{"person_id": "p", "death_date": day("04-01")}, {"person_id": "p", "death_date": day("05-01")}]
    rows = view("visits_due", hypertension=[patient()], diabetes=[patient()], residents=residents)
    assert sorted((row["condition"], row["days"]) for row in rows) == [("糖尿病", 91), ("高血压", 91)]


def test_who_has_no_number_is_due_like_others_and_was_visited_by_nobody() -> None:
    (row,) = view("visits_due", hypertension=[patient(number=None)], visits=[visit("03-01", number=None)])
    assert (row["due"], row["done"]) == (2, 0)


def test_visits_beyond_those_due_make_up_for_nobody_else() -> None:
    made = [visit("02-01"), visit("03-01"), visit("04-01"), visit("02-01", number="q")]
    found = counted("HTN-DUE", hypertension=[patient(), patient("q"), patient("r", managed=False)], visits=made)
    assert (found[0], found[2]) == (3, 4), "2 of 2 for p, 1 of 2 for q; r is not managed"


# ---- the latest visit ------------------------------------------------------------------------------------------------

LATEST: dict[str, tuple[Records, tuple[str, int] | None]] = {
    "of two": ([visit("02-01", sbp=120), visit("05-01", sbp=150)], ("05-01", 150)),
    "before the period too": ([visit("2023-11-01", sbp=150)], ("2023-11-01", 150)),
    "not one that has not come": ([visit("02-01"), visit("07-01", sbp=150)], ("02-01", 120)),
    "not one for another condition": ([visit("02-01"), visit("05-01", condition="糖尿病", sbp=150)], ("02-01", 120)),
    "wherever it was": ([visit("02-01"), visit("05-01", institution_id="B", sbp=150)], ("05-01", 150)),
    "of one day the worst": ([visit("05-01", sbp=150), visit("05-01", sbp=120)], ("05-01", 150)),
    "never visited": ([visit("05-01", number="q")], None),
}


@pytest.mark.parametrize(("visits", "expected"), LATEST.values(), ids=LATEST)
def test_the_latest_visit_of_a_patient(visits: Records, expected: tuple[str, int] | None) -> None:
    (row,) = view("hypertension_latest", hypertension=[patient()], visits=visits)
    found = (row["visited_on"], row["sbp"]) if row["visited_on"] else None
    assert found == (expected and (day(expected[0]), expected[1]))


CONTROL: dict[str, tuple[Records, int]] = {
    "controlled": ([visit("05-01", sbp=139, dbp=89)], 1),
    "systolic too high": ([visit("05-01", sbp=140, dbp=89)], 0),
    "diastolic too high": ([visit("05-01", sbp=139, dbp=90)], 0),
    "any controlled visit is not the latest": ([visit("02-01", sbp=120), visit("05-01", sbp=160)], 0),
    "lost to follow-up is not controlled": ([visit("2023-12-31", sbp=120)], 0),
    "without a visit at all": ([], 0),
}


@pytest.mark.parametrize(("visits", "controlled"), CONTROL.values(), ids=CONTROL)
def test_control_is_judged_by_the_latest_visit_of_the_period(visits: Records, controlled: int) -> None:
    people = [patient("11010519491231002X")]
    visits = [{**record, "person_id": "11010519491231002X"} for record in visits]
    assert counted("HTN-CTRL", hypertension=people, visits=visits)[::2] == (controlled, 1)


def test_from_65_years_the_limit_is_150() -> None:
    for born, controlled in ((dt.date(1959, 6, 30), 1), (dt.date(1959, 7, 1), 0)):
        found = counted("HTN-CTRL", hypertension=[patient(birth_date=born)], visits=[visit("05-01", sbp=149)])
        assert found[0] == controlled


def test_glucose_is_judged_by_the_latest_visit_for_diabetes() -> None:
    for glucose, controlled in ((6.9, 1), (7.0, 0), (None, 0)):
        visits = [visit("05-01", condition="糖尿病", glucose=glucose), visit("05-20", glucose=5.0)]
        assert counted("DM-CTRL", diabetes=[patient()], visits=visits)[0] == controlled


def test_a_false_latest_visit_brings_no_earlier_one_up_to_count() -> None:
    number = "11010519491231002X"
    given: dict[str, Records] = {
        "hypertension": [patient(number, birth_date=dt.date(1949, 12, 31))],
        "residents": [{"person_id": number}],
    }
    sound, false = visit("02-01", number=number), visit("05-01", number=number, sbp=300)
    assert counted("HTN-CTRL", visits=[sound], **given)[:2] == (1, 1)
    assert counted("HTN-CTRL", visits=[sound, false], **given)[:2] == (0, 0)


# ---- after a death, and within 28 days -------------------------------------------------------------------------------


def test_only_a_visit_after_the_day_of_death_is_after_death() -> None:
    residents: Records = [{"person_id": "p", "death_date": day("03-01")}, {"person_id": "q"}]
    visits = [visit("03-01"), visit("03-02"), visit("03-02", number="q"), visit("03-02", number="r")]
    rows = view("after_death", residents=residents, visits=visits)
    assert [(row["person_id"], row["visited_on"]) for row in rows] == [("p", day("03-02"))]


POSTPARTUM: dict[str, tuple[str, str | None, str | None, bool | None]] = {
    # delivered, discharged, visited, in time
    "on the day of discharge": ("03-01", "03-04", "03-04", True),
    "28 days after": ("03-01", "03-04", "04-01", True),
    "29 days after": ("03-01", "03-04", "04-02", False),
    "before discharge": ("03-01", "03-04", "03-03", False),
    "never": ("03-01", "03-04", None, None),
    "nobody knows when she was discharged": ("03-01", None, "03-10", None),
}


@pytest.mark.parametrize(("delivered", "discharged", "visited", "in_time"), POSTPARTUM.values(), ids=POSTPARTUM)
def test_a_postpartum_visit_counts_within_28_days_of_discharge(
    delivered: str, discharged: str | None, visited: str | None, in_time: bool | None
) -> None:
    woman = {
        "person_id": "p",
        "delivered_on": day(delivered),
        "discharged_on": day(discharged),
        "postpartum_visit_on": day(visited),
    }
    (row,) = view("postpartum_28", maternal=[woman])
    assert row["in_time"] is in_time


@pytest.mark.parametrize(("delivered", "counts"), [("2023-12-31", 0), ("01-01", 1), ("06-30", 1), ("07-01", 0)])
def test_births_of_the_period_are_meant(delivered: str, counts: int) -> None:
    assert len(view("postpartum_28", maternal=[{"person_id": "p", "delivered_on": day(delivered)}])) == counts


PEOPLE = st.sampled_from(["110105199001011234", "p", "q", None])
DAYS = st.sampled_from(["01-05", "02-10", "02-10", "06-30", None])


@given(
    st.lists(st.tuples(PEOPLE, DAYS, st.sampled_from([120, 60, 400, None])), max_size=8),
    st.lists(st.tuples(PEOPLE, st.sampled_from(["02-01", "03-01", None])), max_size=4),
    st.lists(st.tuples(PEOPLE, DAYS, st.sampled_from([-3, 2])), max_size=5),
)
@settings(max_examples=20, deadline=None)
def test_a_view_over_sound_records_is_what_its_sql_makes_of_them(
    visits: list[Any], residents: list[Any], patients: list[Any]
) -> None:
    """However little of it is run: where all records of a person are sound, the rows over all records are taken."""
    given = {
        "visits": [visit("01-01", number, visited_on=day(on), sbp=sbp) for number, on, sbp in visits],
        "residents": [{"person_id": number, "death_date": day(died)} for number, died in residents],
        "hypertension": [patient(n, diagnosed_on=day(on), visits=visits) for n, on, visits in patients],
    }
    frames = {name: frame(name, given.get(name, [])) for name in RULESET.tables}
    whole = tables(given)
    with tempfile.TemporaryDirectory() as folder:
        going = Going(RULESET, PLANS, lambda name: frames[name].lazy(), Path(folder))
        for name in RULESET.tables:
            going.settle(name, Local().run(PLANS[name], going.tables))
        for name in RULESET.views:
            assert going.tables(f"{name}{SOUND}").collect().equals(whole(f"{name}{SOUND}").collect()), name
