"""DuckDB: hand-written SQL. Counts per institution, and every violating row."""

from __future__ import annotations

import tempfile

import duckdb
import polars as pl
from workload import CHECKS, ID_FORM, PHONE_FORM, Found, report

HEAD = "CAST(substr(id_number, 1, 17) AS BIGINT)"
# The sum of digit x 2^i over 17 digits, by divisions alone.
SUM = "head - 8 * (" + " + ".join(f"{2 ** (i - 1)} * (head // {10**i})" for i in range(1, 17)) + ")"
LAST = "CASE WHEN substr(id_number, 18, 1) IN ('X', 'x') THEN 10 ELSE ascii(substr(id_number, 18, 1)) - 48 END"
FLAGS = {
    "id_present": "id_number IS NULL",
    "id_form": "NOT formed",
    "id_day": "formed AND try_strptime(substr(id_number, 7, 8), '%Y%m%d') IS NULL",
    "id_check_digit": f"formed AND (2 * ({SUM}) + {LAST}) % 11 <> 1",
    "id_sex": "formed AND (head % 2 = 1) <> (sex = '1')",
    "phone": f"NOT regexp_full_match(phone, '{PHONE_FORM}')",
    "sbp": "sbp NOT BETWEEN 60 AND 300",
    "dbp": "dbp NOT BETWEEN 30 AND 200",
    "dbp_below_sbp": "dbp >= sbp",
    "visit_after_diagnosis": "last_followup_date < diagnosis_date",
    "death_after_visit": "death_date < last_followup_date",
}


def work(path: str) -> Found:
    source = f"read_parquet('{path}', file_row_number = true)"
    flags = ", ".join(f"coalesce({sql}, false) AS {name}" for name, sql in FLAGS.items())
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as con:
        con.execute(f"SET temp_directory = '{scratch}'; SET preserve_insertion_order = false")
        con.execute(f"""
            CREATE TEMP TABLE first AS
            WITH formed AS (SELECT *, regexp_full_match(id_number, '{ID_FORM}') AS formed FROM {source}),
                 read AS (SELECT *, CASE WHEN formed THEN {HEAD} END AS head FROM formed),
                 judged AS (SELECT file_row_number AS row, institution_id, {flags} FROM read)
            SELECT * FROM judged WHERE {" OR ".join(FLAGS)}""")
        con.execute(f"""
            CREATE TEMP TABLE again AS
            SELECT file_row_number AS row, institution_id FROM {source} AS records SEMI JOIN
                (SELECT id_number FROM {source} WHERE id_number IS NOT NULL GROUP BY 1 HAVING count(*) > 1) AS twice
                ON records.id_number = twice.id_number""")
        con.execute(f"""
            CREATE TEMP TABLE failing AS
            SELECT coalesce(first.row, again.row) AS row,
                coalesce(first.institution_id, again.institution_id) AS institution_id,
                {", ".join(f"coalesce({name}, false) AS {name}" for name in FLAGS)}, again.row IS NOT NULL AS id_once
            FROM first FULL JOIN again ON first.row = again.row""")
        sums = ", ".join(f"CAST(sum(CAST({check} AS INTEGER)) AS BIGINT) AS {check}" for check in CHECKS)
        lines = con.execute(f"SELECT institution_id, {sums} FROM failing GROUP BY 1").fetchall()
        (rows,) = con.execute("SELECT count(*) FROM failing").fetchone()
    return Found.by_unit(pl.DataFrame(lines, schema=["institution_id", *CHECKS], orient="row"), rows)


if __name__ == "__main__":
    report(work)
