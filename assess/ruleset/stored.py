"""A ruleset as an assessment directory keeps it, and how it is read again: the same conditions, bound the same way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from assess.ruleset.salvage import parameters
from assess.ruleset.spec import Ruleset

_DATES = "date_parameters"


def to_data(ruleset: Ruleset) -> dict[str, Any]:
    """The effective ruleset as plain data; names of parameters that are days stand under `date_parameters`."""
    dates = [name for name, value in ruleset.parameters.items() if isinstance(value, dt.date)]
    return {**ruleset.model_dump(mode="json", by_alias=True), _DATES: dates}


def from_data(data: Mapping[str, Any]) -> Ruleset:
    """The ruleset that `to_data` gave; ValueError when this version cannot read it."""
    kept = {name: value for name, value in data.items() if name != _DATES}
    try:
        days = {name: dt.date.fromisoformat(kept["parameters"][name]) for name in data.get(_DATES, ())}
        kept["parameters"] = {**kept.get("parameters", {}), **days}
        return Ruleset.model_validate(kept, context={"parameters": parameters(kept)})
    except (ValidationError, KeyError, TypeError) as error:
        raise ValueError(str(error).splitlines()[0]) from None
