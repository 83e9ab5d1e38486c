"""`assess verify`: nothing in an assessment directory that does not follow from the rest of it goes unsaid."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from assess.cli import main
from assess.replay.differences import KEYS
from assess.results.across import SUMS, Sum


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_an_assessment_agrees_with_itself(kept: Path) -> None:
    done = run("verify", kept)
    assert (done.exit_code, "all agrees" in done.output) == (0, True), done.output


def tamper(directory: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame], *, digest: bool) -> None:
    path = directory / "tables" / f"{table}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    if digest:  # whoever changes a table on purpose mends its digest as well
        from assess.results.directory import digest_file

        manifest = json.loads((directory / "assessment.json").read_text(encoding="utf-8"))
        manifest["tables"][table]["sha256"] = digest_file(path)
        (directory / "assessment.json").write_text(json.dumps(manifest), encoding="utf-8")


def more_for(unit: str, column: str, amount: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(
        pl.when(pl.col("unit") == unit).then(pl.lit(amount)).otherwise(column).cast(frame.schema[column]).alias(column)
    )


def and_so(
    change: Callable[[pl.DataFrame], pl.DataFrame], **columns: pl.Expr
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """The change, with whatever else of its row has to change for every statement of the table to hold."""
    return lambda frame: change(frame).with_columns(**columns).cast(dict(frame.schema))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("scores", more_for("B", "score", Decimal("99.5")), "unit B: score is 99.5000"),
        ("scores", more_for("C", "grade", "GOOD"), "grade"),
        (
            "pool_awards",
            and_so(
                more_for("A", "amount_minor", 1),
                amount=pl.col("amount_minor") / 100,
                rounding=pl.col("amount_minor") / 100 - pl.col("exact"),
            ),
            "unit A, pool pool: rounding is ",
        ),
        (
            "score_parts",
            and_so(more_for("A", "given", Decimal(40)), lost=pl.col("possible") - pl.col("given")),
            "unit A, position 1: given is 40.0000",
        ),
        (
            "indicators",
            and_so(more_for("B", "verified", 0.9), low=pl.lit(None), high=pl.lit(None)),
            "unit B, indicator VISITED: verified is 0.9",
        ),
        ("measurements", more_for("A", "status", "needs_review"), "status is needs_review, and fail follows"),
        ("remedies", more_for("A", "points", Decimal(1)), "unit A, rule V-SBP: points is 1.0000"),
        ("distributions", lambda frame: frame.head(1), "is missing"),
        ("findings", lambda frame: frame.filter(pl.col("source") != "VISITED").tail(-1), "is missing"),
        ("award_steps", lambda frame: frame.reverse(), "order"),
        ("evidence", lambda frame: frame.head(-1), "holds"),
        ("counts", more_for("A", "numerator_verified", 4.0), "score_parts.parquet"),
        ("register", lambda frame: frame.with_columns(value=pl.col("value").replace("4", "40")), "pool_awards.parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
@pytest.mark.parametrize("digest", [False, True], ids=["changed", "changed with its digest"])
def test_verify_says_which_row_was_changed(
    kept: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame], said: str, *, digest: bool
) -> None:
    tamper(kept, table, change, digest=digest)
    done = run("verify", kept)
    assert done.exit_code == 1, done.output
    assert said in done.output
    assert (f"{table}.parquet: AD004" in done.output) is not digest


def test_awards_that_do_not_settle_are_not_even_read(kept: Path) -> None:
    tamper(kept, "awards", more_for("A", "amount", Decimal(5)), digest=True)
    done = run("verify", kept)
    assert (done.exit_code, "settled" in done.output) == (1, True), done.output


# Two tables of which every sum holds, each with rows that it says nothing of.
AGREE = {
    "score_parts": {"unit": ["A", "A", "B"], "given": [1, 2, 5], "possible": [3, 3, 6]},
    "scores": {"unit": ["A", "B"], "score": [3, None], "max": [6, 9]},
    "award_steps": {"unit": ["A"] * 4, "pool": ["p", "p", "", ""], "amount": [7, -2, 5, -1]},
    "pool_awards": {"unit": ["A"], "pool": ["p"], "amount": [5], "amount_minor": [500]},
    "awards": {"unit": ["A"], "amount_minor": [500], "settlement": [4]},
    "rejects": {"file": ["f", "f", "f"], "scope": ["row", "cell", "cell"]},
    "receipt": {"file": ["f", "g"], "rows_rejected": [1, 0], "cells_rejected": [2, 0]},
}


@pytest.mark.parametrize("each", SUMS, ids=lambda each: each.said)
def test_a_sum_over_two_tables_holds_or_is_named_with_its_row(each: Sum) -> None:
    tables = {name: pl.DataFrame(columns) for name, columns in AGREE.items()}
    assert list(each.breaches(tables)) == []
    said = tables[each.total.table].head(1)[each.total.column].item()
    total = tables[each.total.table].with_columns(pl.col(each.total.column) + 1)
    ((key, parts, stated), *_) = each.breaches(tables | {each.total.table: total})
    assert (key, parts, stated) == (tables[each.total.table].select(each.keys).row(0), said, said + 1)


def test_verify_adds_up_again(kept: Path) -> None:
    tamper(kept, "scores", more_for("B", "score", Decimal("99.5")), digest=True)
    said = [line for line in run("verify", kept).output.splitlines() if "it is not so that" in line]
    (line,) = said
    assert "score_parts.parquet: AD005 unit B: it is not so that the lines of a score give the score" in line


@pytest.mark.parametrize("name", ["ruleset.json", "tables/scores.parquet", "tables/extra.parquet"])
def test_verify_misses_no_file(kept: Path, name: str) -> None:
    path = kept / name
    if name == "ruleset.json":
        path.write_text(path.read_text(encoding="utf-8").replace('"min": 80.0', '"min": 10.0'), encoding="utf-8")
    elif path.exists():
        path.unlink()
    else:
        shutil.copy(kept / "tables" / "scores.parquet", path)
    done = run("verify", kept, "--format", "json")
    assert done.exit_code == 1
    assert any(each["file"].endswith(name.rpartition("/")[2]) for each in json.loads(done.output)["differences"])


def test_every_concluded_table_is_verified() -> None:
    from assess.results import COUNTED, TABLES

    assert set(TABLES) == {*KEYS, *COUNTED}
    assert set(KEYS) & set(COUNTED) == {"measurements"}
