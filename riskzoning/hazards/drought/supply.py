"""Water for people and towns in drought (因旱人饮困难、城镇缺水): what was given; what was not is not assessed."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.codes import code_texts
from riskzoning.errors import LayerError, Problem
from riskzoning.hazards.inputs import HazardInputs, input_of
from riskzoning.numerals import period, share

# The shares by county and return period, the columns that may hold them, and what they mean.
SHARES = ("drinking_difficulty", "urban_shortage")
_CODE = ("code", "adcode6", "adcode", "县级代码", "行政区划代码", "代码", "unit")
_PERIOD = ("return_period", "period", "frequency", "重现期", "频率", "T")
_SHARE = ("share", "rate", "value", "比例", "困难率", "缺水率", "因旱人饮困难率", "城镇缺水率", "率")
_CAPACITY = ("capacity", "m3_d", "m3/d", "供水能力", "日供水量", "capacity_m3_d")
_COLUMNS = ["indicator", "code", "return_period", "value", "units", "status"]


def water_supply(inputs: HazardInputs) -> tuple[pd.DataFrame, list[str]]:
    """One table of what is known: shares by county and return period, emergency sources; and what is not assessed.

    A part without data is a row of its own with the status ``not_assessed`` and no value: never 0.
    """
    parts, lacking, problems = [], [], list[Problem]()
    for key in SHARES:
        table = inputs.get(key)
        if isinstance(table, pd.DataFrame) and len(table):
            part, wrong = _shares(table, key)
            parts.append(part)
            problems += wrong
        else:
            lacking.append(key)
    sources = inputs.get("emergency_sources")
    if isinstance(sources, gpd.GeoDataFrame) and len(sources):
        part, wrong = _sources(sources)
        parts.append(part)
        problems += wrong
    else:
        lacking.append("emergency_sources")
    if problems:
        raise LayerError(problems=problems)
    blank = {"code": "", "return_period": np.nan, "value": np.nan, "units": "", "status": "not_assessed"}
    parts += [pd.DataFrame([{"indicator": key, **blank}]) for key in lacking]
    return pd.concat(parts, ignore_index=True)[_COLUMNS], lacking


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    known = {str(name).strip(): str(name) for name in table.columns}
    return next((known[name] for name in names if name in known), None)


def _shares(table: pd.DataFrame, key: str) -> tuple[pd.DataFrame, list[Problem]]:
    thing = input_of("drought", key)
    columns = {name: _column(table, words) for name, words in (("code", _CODE), ("period", _PERIOD), ("share", _SHARE))}
    missing = [name for name in ("code", "share") if columns[name] is None]
    if missing:
        present = [str(name) for name in table.columns]
        return pd.DataFrame(columns=_COLUMNS), [Problem("input.columns", thing, missing=missing, present=present)]
    shares = [_number(value, share) for value in table[columns["share"]]]
    years = [np.nan] * len(table)
    if columns["period"] is not None:
        years = [_number(value, period) for value in table[columns["period"]]]
    out = pd.DataFrame(
        {
            "indicator": key, "code": code_texts(table[columns["code"]]), "return_period": years, "value": shares,
            "units": "1", "status": np.where(np.isfinite(shares), "given", "not_assessed"),
        }
    )  # fmt: skip
    wrong = out["value"][(out["value"] < 0) | (out["value"] > 1)]
    if wrong.empty:
        return out, []
    row, field = int(out.index.get_indexer(wrong.index)[0]) + 2, columns["share"]
    problem = Problem(
        "drought.share", thing,
        row=row, field=field, count=len(wrong), lowest=float(wrong.min()), highest=float(wrong.max()),
    )  # fmt: skip
    return out, [problem]


def _sources(points: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    column = _column(pd.DataFrame(points.drop(columns=points.geometry.name)), _CAPACITY)
    thing = input_of("drought", "emergency_sources")
    if column is None:
        present = [str(name) for name in points.columns if name != points.geometry.name]
        return pd.DataFrame(columns=_COLUMNS), [Problem("input.columns", thing, missing=["capacity"], present=present)]
    values = pd.to_numeric(points[column], errors="coerce").to_numpy(np.float64)
    names = _column(pd.DataFrame(points.drop(columns=points.geometry.name)), _CODE)
    codes = code_texts(points[names]) if names else [""] * len(points)
    out = pd.DataFrame(
        {
            "indicator": "emergency_sources", "code": codes, "return_period": np.nan, "value": values, "units": "m3/d",
            "status": np.where(np.isfinite(values), "given", "not_assessed"),
        }
    )  # fmt: skip
    below = int((values < 0).sum())
    return out, [Problem("drought.capacity", thing, field=column, count=below)] if below else []


def _number(value: Any, read: Any) -> float:
    """A cell as a number, also as people write it: 12 %, 20年一遇."""
    if isinstance(value, str):
        return float(read(value))
    return float(value) if value is not None and not pd.isna(value) else float("nan")
