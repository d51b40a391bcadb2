"""Classes of buildings that have a loss curve of their own: by structure and age, by use and storeys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.codes import code_texts

Array = np.ndarray[Any, Any]

# What a row of the table may ask for -> the column that answers.
_LISTS = {"structures": "structure", "uses": "use"}
_RANGES = {"built_from": "built_year", "built_before": "built_year", "floors_from": "floors"}


def building_classes(columns: Mapping[str, pd.Series[Any]]) -> dict[str, pd.Series[Any]]:
    """Class of each building by hazard, for the hazards whose columns are there; missing where it is unknown.

    ``columns`` holds some of ``structure built_year use floors``, of one index.
    """
    classes: dict[str, pd.Series[Any]] = {}
    for hazard, rows in standards.table("exposure/building_classes").data.items():
        needed = {column for row in rows for key, column in _LISTS.items() if key in row}
        if needed <= set(columns):
            classes[str(hazard)] = _classes(rows, columns)
    return classes


def _classes(rows: list[dict[str, Any]], columns: Mapping[str, pd.Series[Any]]) -> pd.Series[Any]:
    index = next(iter(columns.values())).index
    out = np.full(len(index), None, dtype=object)
    for row in rows:
        fits = np.asarray(pd.isna(out)) & _fits(row, columns, len(index))
        out[fits] = row["class"]
    return pd.Series(out, index=index, dtype=object)


def _fits(row: Mapping[str, Any], columns: Mapping[str, pd.Series[Any]], count: int) -> Array:
    fits = np.ones(count, dtype=bool)
    for key, column in _LISTS.items():
        if key in row:
            fits &= _text(columns[column]).isin([str(value) for value in row[key]]).to_numpy()
    for key, column in _RANGES.items():
        if key in row:
            fits &= _in_range(columns.get(column), key, float(row[key]), count)
    return fits


def _in_range(values: pd.Series[Any] | None, key: str, limit: float, count: int) -> Array:
    """A missing number counts as old and low."""
    if values is None:
        numbers = np.full(count, -np.inf)
    else:
        numbers = np.nan_to_num(pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64), nan=-np.inf)
    return np.asarray(numbers < limit if key.endswith("before") else numbers >= limit)


def _text(values: pd.Series[Any]) -> pd.Series[Any]:
    """Codes as text: 2, 2.0 and "2" are one code."""
    return pd.Series(code_texts(values), index=values.index, dtype=object)
