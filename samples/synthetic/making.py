"""One batch of institutions: sound tables first, then the faults, then what the institutions state of themselves."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic import families, registers, services
from synthetic.defects import put_in
from synthetic.ledger import WRONG_UNIT, Ledger
from synthetic.people import UNITS_PER_COUNTY, Batch, people
from synthetic.persons import crowd_adds
from synthetic.stated import ROLES, crowded, stated
from synthetic.visits import CONDITIONS, batched, visits

# Roles that take many records, and those that any institution can have.
LARGE = ("at_once", "measured", "flat", "punctual", "excepts")
OTHERS = (*ROLES, "other_kind", "nobody_works", "too_many_children", "many_registered")
# Fewer records than these say nothing about an institution.
SIGNAL = {"VIS-HEAPING": 30, "VIS-SPREAD": 30, "VAC-PUNCTUAL": 20}
# Batches with fewer institutions are too small to give each role to one of them.
ENOUGH = len(LARGE) + len(OTHERS) + 2


def roles_of(batch: Batch) -> dict[str, int]:
    """Which institution does what: the largest of the careless half is crowded, the smallest is vetoed."""
    units = batch.units
    if units.height < ENOUGH:
        return {}
    flagship = units.filter(pl.col("quality") < 0.75).sort("size", "unit", descending=[True, False])["unit"][0]
    rest = units.filter(pl.col("unit") != flagship)
    # The veto is worth looking at where it takes a good score away.
    vetoed = rest.filter(pl.col("quality") > 0.6).sort("size", "unit")["unit"][0]
    others = rest.filter(pl.col("unit") != vetoed).sort("size", "unit", descending=[True, False])["unit"].to_list()
    # Those in a town are too few to be compared with each other.
    large = [unit for unit in others if unit % UNITS_PER_COUNTY][: len(LARGE)]
    others = sorted(set(others) - set(large))
    drawn = np.argsort(np.random.default_rng([batch.seed, batch.number, 7]).random(len(others)), kind="stable")
    return {
        "flagship": flagship, "vetoed": vetoed, **dict(zip(LARGE, large, strict=True)),
        **dict(zip(OTHERS, [others[i] for i in drawn], strict=False)),
    }  # fmt: skip


def _characters(units: pl.DataFrame, roles: dict[str, int]) -> pl.DataFrame:
    """The register with what sets some institutions apart from the others."""

    def role(name: str) -> pl.Expr:
        return pl.col("unit") == roles[name]

    return units.with_columns(
        # A device writes down what it measures; nobody cuts the readings down to a ten.
        by_hand=pl.when(role("measured")).then(0.0).otherwise("by_hand"),
        flat=role("flat"),
        # Far more patients are excepted than can be believed.
        exceptions=pl.when(role("excepts")).then(0.34).otherwise("exceptions"),
        registered=pl.when(role("many_registered")).then(0.026).otherwise("registered"),
        kind=pl.when(role("other_kind")).then(pl.lit("卫生院")).otherwise("kind"),
        staff=pl.when(role("nobody_works")).then(0).otherwise("staff"),
        children=pl.when(role("too_many_children")).then(pl.col("population") + 17).otherwise("children"),
    )


def make(batch: Batch) -> tuple[Ledger, dict[str, int]]:
    """The tables of a batch with all faults in them, and which institution has which role."""
    rng, roles = batch.rng, roles_of(batch)
    everyone = people(batch, rng)
    records = services.residents(batch, everyone, rng)
    units = services.register(batch, records, rng)
    flagship, step = roles.get("flagship"), 0
    if flagship is not None:
        near = int(units["adults"][flagship])
        adults, managed = crowded(near, round(near * 0.12))
        mine, step = pl.col("unit") == flagship, max(1, round(managed / 42))
        units = units.with_columns(
            adults=pl.when(mine).then(adults).otherwise("adults"),
            diabetics=pl.when(mine).then(managed - crowd_adds(step)),
        )
        units = _characters(units, roles)
    tables = {
        "residents": records,
        "hypertension": services.hypertension(batch, records, units, rng),
        "diabetes": services.diabetes(batch, records, units, rng),
        "elderly": services.elderly(records, units, rng),
        "contracts": services.contracts(records, units, rng),
    }
    tables["visits"] = visits(tables, units, rng)
    one_day = batched(tables, roles["at_once"]) if roles else None
    tables["children"] = families.children(records, units, rng)
    tables["vaccinations"] = families.vaccinations(tables["children"], units, roles.get("punctual"), rng)
    tables["maternal"] = families.maternal(records, units, rng)
    tables["mental"] = registers.mental(records, units, rng)
    tables["tuberculosis"] = registers.tuberculosis(records, units, rng)
    # Cases and activities are nobody's; they are numbered on from the people, so that each bears one fault at most.
    tables["infections"] = registers.infections(units, everyone.height, rng)
    tables["education"] = registers.education(units, everyone.height + tables["infections"].height, rng)
    if "no_contracts" in roles:
        tables["contracts"] = tables["contracts"].filter(pl.col("_u") != roles["no_contracts"])
    book = Ledger(tables, units, rng)
    if roles:
        # What makes these units signals must not be blurred by records of others.
        book.closed = {"visits": [roles["flat"], roles["measured"]], "vaccinations": [roles["punctual"]]}
    strangers = everyone.filter("stranger")
    put_in(book, strangers[np.argsort(rng.random(strangers.height), kind="stable")], roles, step)
    if one_day is not None:
        at_once = (pl.col("_u") == roles["at_once"]) & (pl.col("visited_on") == one_day)
        book.flag("visits", book.tables["visits"].filter(at_once), "at_once", "VIS-BATCH")
    _add_summary(book, roles)
    return book, roles


def _add_summary(book: Ledger, roles: dict[str, int]) -> None:
    rows = sorted(stated(book, roles), key=lambda row: row["_u"])
    frame = pl.DataFrame(
        [{"_rid": i, "_p": -1, "_draw": i / len(rows), **row, "_raw": row["raw"]} for i, row in enumerate(rows)],
        schema_overrides={"_raw": pl.String}, infer_schema_length=None,
    )  # fmt: skip
    book.tables["summary"], book.rejected["summary"] = frame.drop("rules", "raw"), []
    for i, row in enumerate(rows):
        for rule, reason in row["rules"]:
            book.flag("summary", frame.filter(pl.col("_rid") == i), reason, rule)
    units = book.units.with_row_index("_rid").with_columns(
        pl.col("_rid").cast(pl.Int64), _p=pl.lit(-1), _u=pl.col("unit"), _draw=pl.col("unit") / book.units.height,
        _raw=pl.lit(None, dtype=pl.String),
    )  # fmt: skip
    book.tables["institutions"], book.rejected["institutions"] = units, []
    for role, rule, reason in _facts(book, roles):
        book.flag("institutions", units.filter(pl.col("unit") == roles[role]), reason, rule)
    if "bad_cell" in roles:
        book.spoil("institutions", units.filter(pl.col("unit") == roles["bad_cell"]), "约90人")


def _facts(book: Ledger, roles: dict[str, int]) -> list[tuple[str, str, str]]:
    """What is to be seen of whole institutions: role, rule or indicator, reason. Too few records show nothing."""
    if not roles:
        return []
    pressure = (pl.col("condition") == CONDITIONS["hypertension"]) & pl.col("sbp").is_not_null()
    readings = book.tables["visits"].filter(pressure)
    given = book.tables["vaccinations"].filter(pl.col("given_on").is_not_null())
    enough = {
        "measured": readings.filter(pl.col("_u") == roles["measured"]).height >= SIGNAL["VIS-HEAPING"],
        "flat": readings.filter(pl.col("_u") == roles["flat"]).height >= SIGNAL["VIS-SPREAD"],
        "punctual": given.filter(pl.col("_u") == roles["punctual"]).height >= SIGNAL["VAC-PUNCTUAL"],
    }
    facts = [
        ("measured", "VIS-HEAPING", "measured_by_device"), ("flat", "VIS-SPREAD", "all_alike"),
        ("punctual", "VAC-PUNCTUAL", "always_on_the_day"), ("other_kind", "INS-KIND", "other_name"),
        ("nobody_works", "INS-STAFF", "nobody"), ("too_many_children", "INS-NEST", "more_than_people"),
        ("many_registered", "MEN-PREVALENCE", "outside_band"),
    ]  # fmt: skip
    return [fact for fact in facts if enough.get(fact[0], True)]


def laid_out(book: Ledger, table: str, batch: Batch) -> pl.DataFrame:
    """A table as it is submitted: codes of units, contracts and cases filled in, the order of rows drawn."""
    codes = dict(zip(batch.units["unit"], batch.units["institution_id"], strict=True))
    frame = (
        book.tables[table]
        .sort("_u", "_draw", "_rid")
        .with_columns(
            institution_id=pl.when(pl.col("_rid").is_in(book.rejected[table]))
            .then(pl.lit(WRONG_UNIT))
            .otherwise(pl.col("_u").replace_strict(codes, return_dtype=pl.String))
        )
    )
    home = pl.col("_u").replace_strict(codes, return_dtype=pl.String)
    if table == "contracts":
        number = pl.int_range(pl.len()).over("_u").cast(pl.String).str.zfill(6)
        frame = frame.with_columns(contract_no=pl.lit("HT") + home + number)
    return frame


def key(table: str) -> pl.Expr:
    """What a row is about: a person, a case, an activity, an indicator, or the institution itself."""
    return pl.col({
        "summary": "indicator", "institutions": "institution_id", "infections": "case_no", "education": "activity",
    }.get(table, "person_id"))  # fmt: skip
