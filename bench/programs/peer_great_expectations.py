"""Great Expectations on pandas: counts alone. What it has no expectation for is computed beforehand."""

from __future__ import annotations

import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import expressions as bad
import great_expectations as gx
import great_expectations.expectations as gxe
import polars as pl
from workload import COLUMNS, ID_FORM, PHONE_FORM, Found, report

EITHER = "either_value_is_missing"
EXPECTATIONS = [
    gxe.ExpectColumnValuesToNotBeNull(column="id_number"),
    gxe.ExpectColumnValuesToMatchRegex(column="id_number", regex=f"^{ID_FORM}$"),
    gxe.ExpectColumnValuesToBeInSet(column="day", value_set=[True]),
    gxe.ExpectColumnValuesToBeInSet(column="digit", value_set=[True]),
    gxe.ExpectColumnValuesToBeInSet(column="right_sex", value_set=[True]),
    gxe.ExpectColumnValuesToMatchRegex(column="phone", regex=f"^{PHONE_FORM}$"),
    gxe.ExpectColumnValuesToBeBetween(column="sbp", min_value=60, max_value=300),
    gxe.ExpectColumnValuesToBeBetween(column="dbp", min_value=30, max_value=200),
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="sbp", column_B="dbp", ignore_row_if=EITHER),
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A="last_followup_date", column_B="diagnosis_date", or_equal=True, ignore_row_if=EITHER
    ),
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A="death_date", column_B="last_followup_date", or_equal=True, ignore_row_if=EITHER
    ),
    gxe.ExpectColumnValuesToBeUnique(column="id_number"),
]


def work(path: str) -> Found:
    rows = pl.scan_parquet(path, glob=False).select(COLUMNS)
    rows = rows.with_columns(day=~bad.BAD_DAY, digit=~bad.BAD_CHECK_DIGIT, right_sex=~bad.BAD_SEX)
    frame = rows.collect(engine="streaming").to_pandas()
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("records")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="records", expectations=EXPECTATIONS)
    results = batch.validate(suite, result_format="SUMMARY").results
    # The results come in an order of their own.
    found = {expectation_key(result.expectation_config): result.result["unexpected_count"] for result in results}
    return Found([found[expectation_key(expectation.configuration)] for expectation in EXPECTATIONS])


def expectation_key(configuration: object) -> tuple[str, str, str]:
    kwargs = configuration.kwargs
    return configuration.type, kwargs.get("column") or kwargs["column_A"], kwargs.get("column_B", "")


if __name__ == "__main__":
    report(work)
