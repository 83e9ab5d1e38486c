"""Buckets on a cluster: Spark reads, shuffles, schedules and retries, and each task runs the same Polars plans.

Rows travel as they are: every task that reads cuts its batches by bucket and writes each piece as an Arrow stream, so
tables of any columns share one shuffle, and a task gets all that its bucket holds. What a bucket yields comes back the
same way. The driver holds what rows are told beforehand, the failing records and the sums.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from assess.engine.backend import Outcome, Rows
from assess.engine.shards import BUCKET, Outcomes, Shuffle, Work
from assess.errors import Problem, UsageError
from assess.tables import FILE, ROW, Part

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

Batches = Iterator["pa.RecordBatch"]
_PIECES = "bucket int, name string, piece binary"
_YIELDED = "bucket int, name string, what string, piece binary"
# As many rows are cut at a time, so that pieces are worth their heads.
_AT_ONCE = 250_000


def spark(master: str | None, number: int) -> Shuffle:
    """Buckets on the Spark cluster at `master`: by default where spark-submit put the driver, or on this machine.

    Raises UsageError without PySpark, Java, or a cluster that answers.
    """

    def shuffle(work: Work, rows: Rows, folder: Path) -> Iterable[Outcomes]:  # noqa: ARG001
        with warnings.catch_warnings():
            # It warns of versions of pandas, of which nothing is used here.
            warnings.simplefilter("ignore", FutureWarning)
            yield from _shuffled(_session(master), work, rows, number)  # begun when it is asked for, and timed then

    return shuffle


def _shuffled(session: SparkSession, work: Work, rows: Rows, number: int) -> list[Outcomes]:
    """The outcomes of all buckets, in their order."""
    shared = session.sparkContext.broadcast(pickle.dumps(work))
    pieces: DataFrame | None = None
    for name in work.tables:
        for part in rows.parts(name):
            cut = _read(session, part).mapInArrow(_cutting(shared, name, part, number), _PIECES)
            pieces = cut if pieces is None else pieces.union(cut)
    found: list[Outcomes] = []
    if pieces is not None:
        buckets = pieces.repartitionById(number, "bucket")
        found = _outcomes(buckets.mapInArrow(_running(shared), _YIELDED).toArrow())
    shared.unpersist()
    with tempfile.TemporaryDirectory(prefix="assess-bucket-") as empty:
        return found or [work.run(lambda name: _schema(work, name), Path(empty))]


def _session(master: str | None) -> SparkSession:
    try:
        from pyspark import SparkConf
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise _unusable("PySpark is not installed", "install assess[spark]") from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Four attempts, as on a cluster; on one machine Spark would make do with one.
    here = master or SparkConf().get("spark.master", None) or f"local[{os.cpu_count() or 1},4]"
    settings: dict[str, bool | float | int | str | None] = {
        "spark.app.name": "assess",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_AT_ONCE),
        "spark.ui.showConsoleProgress": "false",
        **({"spark.ui.enabled": "false"} if here.startswith("local") else {}),
    }
    try:
        session = SparkSession.builder.master(here).config(map=settings).getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        said = str(error).strip().splitlines()
        raise _unusable(f"Spark does not start at {here}: {said[0] if said else 'no reason given'}", "") from None
    context = session.sparkContext
    context.setLogLevel("ERROR")
    # As many tasks as there are processors run beside each other: each is to use its own, and not all of them.
    if "POLARS_MAX_THREADS" not in os.environ:
        context.environment["POLARS_MAX_THREADS"] = context.getConf().get("spark.task.cpus") or "1"
    return session


def _unusable(what: str, hint: str) -> UsageError:
    return UsageError(Problem("--engine spark", 0, 0, "EN001", what, hint))


def _read(session: SparkSession, part: Part) -> DataFrame:
    return session.read.parquet(str(part.path)).select("*", "_metadata.row_index")


def _cutting(shared: Any, name: str, part: Part, number: int) -> Callable[[Batches], Batches]:
    """What a task does that reads: rows of a table become pieces, one for each bucket and batch."""

    def cut(batches: Batches) -> Batches:
        work: Work = pickle.loads(shared.value)  # noqa: S301 - this program wrote it
        dtypes = work.ruleset.tables[name].dtypes
        for batch in batches:
            rows = _frame(batch).lazy().with_columns(
                (pl.col("row_index") + part.first_row).alias(ROW), pl.lit(part.file).alias(FILE)
            )  # fmt: skip
            typed = rows.select(pl.col(column).cast(dtype) for column, dtype in dtypes.items())
            split = work.split(name, typed, number).collect().partition_by(BUCKET, as_dict=True, include_key=False)
            for (bucket,), piece in split.items():
                yield _batch(bucket=bucket, name=name, piece=_bytes(piece))

    return cut


def _running(shared: Any) -> Callable[[Batches], Batches]:
    """What a task does with a bucket: its pieces become tables, and the work yields what is to be added."""

    def run(batches: Batches) -> Batches:
        work: Work | None = None
        buckets: dict[int, dict[str, list[bytes]]] = defaultdict(lambda: defaultdict(list))
        for batch in batches:
            for row in batch.to_pylist():
                buckets[row["bucket"]][row["name"]].append(row["piece"])
        for bucket, pieces in buckets.items():
            work = work or pickle.loads(shared.value)  # noqa: S301 - this program wrote it
            yield from _bucket(work, bucket, pieces)

    return run


def _bucket(work: Work, bucket: int, pieces: Mapping[str, list[bytes]]) -> Batches:
    @cache
    def scan(name: str) -> pl.LazyFrame:
        frames = [pl.read_ipc_stream(io.BytesIO(piece)) for piece in pieces.get(name, ())]
        return pl.concat(frames).lazy() if frames else _schema(work, name)

    with tempfile.TemporaryDirectory(prefix="assess-bucket-") as folder:
        for name, outcome in work.run(scan, Path(folder)).items():
            broken = json.dumps(outcome.broken).encode()
            said = {"measured": _bytes(outcome.measured), "failing": _bytes(outcome.failing), "broken": broken}
            for what, piece in said.items():
                yield _batch(bucket=bucket, name=name, what=what, piece=piece)


def _schema(work: Work, name: str) -> pl.LazyFrame:
    """The rows of a table in a bucket that has none."""
    return work.split(name, pl.LazyFrame(schema=work.ruleset.tables[name].dtypes), 1).drop(BUCKET)


def _outcomes(yielded: pa.Table) -> list[Outcomes]:
    found: dict[int, dict[str, dict[str, bytes]]] = defaultdict(lambda: defaultdict(dict))
    for row in yielded.to_pylist():
        found[row["bucket"]][row["name"]][row["what"]] = row["piece"]
    return [
        {
            name: Outcome(
                pl.read_ipc_stream(io.BytesIO(said["measured"])),
                pl.read_ipc_stream(io.BytesIO(said["failing"])),
                None,
                json.loads(said["broken"]),
            )
            for name, said in tables.items()
        }
        for _, tables in sorted(found.items())
    ]


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    import pyarrow as pa

    frame = pl.from_arrow(pa.Table.from_batches([batch]))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table makes a frame
    return frame


def _bytes(frame: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.write_ipc_stream(target, compression="lz4")
    return target.getvalue()


def _batch(**row: Any) -> pa.RecordBatch:
    import pyarrow as pa

    schema = pa.schema([(n, {"bucket": pa.int32(), "piece": pa.binary()}.get(n, pa.string())) for n in row])
    return pa.RecordBatch.from_pylist([row], schema=schema)
