"""Great Expectations at work: the expectations of a table's rules on its pandas engine, and what it counts."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assess.checks import Check
from assess.crosscheck.conditions import written
from assess.crosscheck.errors import InexpressibleError
from assess.crosscheck.frames import Sampled
from assess.crosscheck.translation import translated
from assess.crosscheck.words import Said
from assess.engine.views import Scan
from assess.ruleset.spec import Rule, Ruleset
from assess.tables import REJECTED, ROW

if TYPE_CHECKING:
    import pandas as pd

# What each expectation of a rule is asked for: its violations; and where those are counted by a condition, how many
# records it applies to, and which records those are that violate it.
_VIOLATED, _APPLICABLE, _WHICH = "violated", "applicable", "which"

# What pandas raises where it does not take what it is given; the other rules go on.
_BROKE = (ValueError, TypeError, LookupError, ArithmeticError, NameError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Counted:
    """What the second engine counted of a rule; `rows` are the violating records, `failed` what it said if it broke."""

    said: Said
    applicable: int = 0
    violated: int = 0
    rows: frozenset[int] = frozenset()
    failed: str | None = None


def counts(
    ruleset: Ruleset, scan: Scan, units: Sequence[str] | None = None, left_out: Mapping[str, str] | None = None
) -> dict[str, Counted | str]:
    """What Great Expectations counts of each rule, or why the rule cannot be said to it.

    `scan` gives the typed tables and views. With `units` only their records are looked at, except by rules that compare
    records with each other, which are counted over all. `left_out` are rules that are not asked about, and why.
    """
    found: dict[str, Counted | str] = dict(left_out or {})
    asked: dict[tuple[str, bool], list[tuple[Rule, Said]]] = {}
    for rule in ruleset.checks:
        if rule.id in found:
            continue
        try:
            said = translated(ruleset, rule)
        except InexpressibleError as why:
            found[rule.id] = str(why)
            continue
        asked.setdefault((rule.table, said.compares), []).append((rule, said))
    tables = Sampled(scan, ruleset.unit.key, units)
    with quietly():
        engine = Engine()
        for (table, compares), rules in asked.items():
            found |= engine.counted(table, rules, tables, whole=compares)
    return {rule.id: found[rule.id] for rule in ruleset.checks}


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Great Expectations imported and at work without a word to the network, a progress bar or a warning."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"  # read on import, by versions that report what they are used for
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _absent("pyspark.sql.connect"):
            import great_expectations  # noqa: F401

        yield


@contextlib.contextmanager
def _absent(module: str) -> Iterator[None]:
    """As if a module were not installed, unless it is imported already.

    Great Expectations imports what it finds of PySpark. The part that speaks to a remote server does not fail to import
    where a package of its own is missing: it ends the process.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.modules.pop(module, None)


class Engine:
    """A context of Great Expectations that lives in memory."""

    def __init__(self) -> None:
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        # Left to itself it makes a folder for pages that nobody asked for, and leaves it there.
        stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
        bars = ProgressBarsConfig(globally=False)
        config = DataContextConfig(store_backend_defaults=stores, progress_bars=bars, analytics_enabled=False)
        context = gx.get_context(mode="ephemeral", project_config=config)
        self._source = context.data_sources.add_pandas("typed")

    def batch(self, table: str, frame: pd.DataFrame) -> Any:
        """A table as Great Expectations takes it."""
        asset = self._source.add_dataframe_asset(f"{table} {len(self._source.assets)}")
        whole = asset.add_batch_definition_whole_dataframe("all")
        return whole.get_batch({"dataframe": frame})

    def counted(
        self, table: str, rules: Sequence[tuple[Rule, Said]], tables: Sampled, *, whole: bool
    ) -> dict[str, Counted | str]:
        """What it counts of the rules of one table."""
        from great_expectations.core import ExpectationSuite

        read = dict.fromkeys(name for rule, _ in rules for name in columns_of(rule.check))
        frame = (tables.all_rows if whole else tables.of_units)(table, list(read))
        beside: dict[str, Any] = {}
        broke: dict[str, Counted | str] = {}
        for rule, said in rules:
            try:
                for each in said.beside:
                    beside |= dict(zip(each.names, each.made(frame, tables.whole), strict=True))
            except _BROKE as error:
                broke[rule.id] = Counted(said, failed=f"{type(error).__name__}: {error}".splitlines()[0])
        frame = frame.assign(**beside)
        rules = [(rule, said) for rule, said in rules if rule.id not in broke]
        asked = [each for rule, said in rules for each in _asked(rule.id, said)]
        # Given at once: what is added one by one is left out where another rule says the same.
        suite = ExpectationSuite(name=table, expectations=asked)
        batch = self.batch(table, frame)
        form = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW], "include_unexpected_rows": False,
                "return_unexpected_index_query": False}  # fmt: skip
        results = batch.validate(suite, result_format=form).results
        told = {(result.expectation_config.meta["rule"], result.expectation_config.meta["counts"]): result
                for result in results}  # fmt: skip
        return broke | {
            rule.id: _counted(said, *(told.get((rule.id, what)) for what in (_VIOLATED, _APPLICABLE, _WHICH)))
            for rule, said in rules
        }


def columns_of(check: Check) -> list[str]:
    """The columns of its own table that a check looks at."""
    named = [column for _, column in check.reads()]
    return [*named, REJECTED] if check.kind == "parses" else named


def expectation(name: str, given: Mapping[str, Any], condition: Any, **more: Any) -> Any:
    """An expectation of Great Expectations, by the name of its class."""
    import great_expectations.expectations as core

    on = {} if condition is None else {"row_condition": condition}
    return getattr(core, name)(**given, **on, **more)


def condition_of(said: Said) -> Any:
    """The row condition of an expectation: in words that every engine has, where there are such, or those of pandas."""
    from great_expectations.expectations.row_conditions import AndCondition, Column, Condition

    if not said.present:
        return _of_pandas(said.row_condition)
    there: list[Condition] = [Column(column).is_not_null() for column in said.present]
    return there[0] if len(there) == 1 else AndCondition(conditions=there)


def _of_pandas(row_condition: str | None) -> Any:
    from great_expectations.expectations.row_conditions import PassThroughCondition

    return None if row_condition is None else PassThroughCondition(pass_through_filter=row_condition)


def _asked(rule: str, said: Said) -> Iterator[Any]:
    """The expectations that tell what is to be known of a rule."""

    def asked(what: str, name: str, given: Mapping[str, Any], condition: Any) -> Any:
        return expectation(name, given, condition, meta={"rule": rule, "counts": what})

    yield asked(_VIOLATED, said.expectation, said.given, condition_of(said))
    if said.counts_rows:
        # It holds whatever their number.
        yield asked(_APPLICABLE, "ExpectTableRowCountToBeBetween", {"min_value": 0}, _of_pandas(written(said.applies)))
        # Every record has a number; so all are named that are not expected to have one.
        yield asked(_WHICH, "ExpectColumnValuesToBeNull", {"column": ROW}, condition_of(said))


def _counted(said: Said, violated: Any, applicable: Any, which: Any) -> Counted:
    for result in (violated, applicable, which):
        if result is not None and (why := _raised(result)):
            return Counted(said, failed=why)
    if said.counts_rows:
        those, these = (int(result.result["observed_value"]) for result in (applicable, violated))
        return Counted(said, those, these, _records(which.result))
    told = violated.result
    # Of a table without rows it says that there are no elements, and nothing more.
    return Counted(said, int(told["element_count"]), int(told.get("unexpected_count") or 0), _records(told))


def _records(told: Mapping[str, Any]) -> frozenset[int]:
    return frozenset(int(place[ROW]) for place in told.get("unexpected_index_list") or ())


def _raised(result: Any) -> str | None:
    """What an expectation raised, in one line."""
    said = result.exception_info or {}
    infos = [said] if "raised_exception" in said else list(said.values())
    raised = [info for info in infos if isinstance(info, Mapping) and info.get("raised_exception")]
    return str(raised[0].get("exception_message")).splitlines()[0] if raised else None
