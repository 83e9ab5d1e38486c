"""What the peers on Polars are given for the three checks that look into a number: the expressions of `tuned.py`."""

from __future__ import annotations

import polars as pl
from tuned import no_day, wrong_sum
from workload import ID_FORM

_text = pl.col("id_number")
_head = _text.str.slice(0, 17).cast(pl.Int64, strict=False)
_last = _text.cast(pl.Binary).bin.get(17, null_on_oob=True)
_full = _text.str.contains(f"^{ID_FORM}$")
_sum = _head.map_batches(wrong_sum, return_dtype=pl.UInt8, is_elementwise=True)
_no_day = _head.map_batches(no_day, return_dtype=pl.Boolean, is_elementwise=True)

BAD_DAY = (_full & _no_day).fill_null(value=False)
BAD_CHECK_DIGIT = (_full & ((_sum + (_last & 15) + (_last // 64) * 2) % 11 != 1)).fill_null(value=False)
BAD_SEX = (_full & ((_head & 1 == 1) != (pl.col("sex") == "1"))).fill_null(value=False)
BELOW = (pl.col("dbp") >= pl.col("sbp")).fill_null(value=False)
VISITED_BEFORE = (pl.col("last_followup_date") < pl.col("diagnosis_date")).fill_null(value=False)
DIED_BEFORE = (pl.col("death_date") < pl.col("last_followup_date")).fill_null(value=False)
