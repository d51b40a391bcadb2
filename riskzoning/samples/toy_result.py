"""The result of a run of the toy city, made in memory: for docstrings and tests of maps, page and database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.layers import describe
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index, Measure, indices_of
from riskzoning.results import Breaks, IndexBreaks, StudyResult
from riskzoning.samples.noise import generator
from riskzoning.samples.toy import toy_city

_HAZARDS = ("flood", "earthquake")
_INDICES = indices_of([Index("flood", "hazard", scheme="flood_4"), Index("earthquake", "hazard")], ["population"])
_BREAKS = {"risk": (0.2, 0.4, 0.6, 0.8, 1.0), "hazard": (0.25, 0.5, 0.75, 1.0)}


def toy_result(*, seed: int = 1, language: str = "zh") -> StudyResult:
    """A small result with units of three levels, index and grade layers and the tables of a run; no files.

    The indices are made up; only their shape is that of a run.

    Parameters
    ----------
    seed : int
    language : {"zh", "en"}

    Examples
    --------
    >>> result = toy_result()
    >>> result.levels, sorted(result.tables)
    (('city', 'county', 'township'), ['breaks', 'reconciliation', 'weights'])
    """
    city = toy_city(seed=seed)
    random = generator(seed, "toy_result")
    frames = {}
    for level in city.units["level"].unique():
        frame = city.units[city.units["level"] == level].copy()
        columns: dict[str, Any] = {"population": np.round(random.uniform(1e3, 5e4, len(frame)))}
        for index in sorted(_INDICES, key=_by_receptor):
            columns[index.key] = random.uniform(0.05, 0.99, len(frame))
            columns[index.grade_key] = grade_values(columns[index.key], _BREAKS[index.what]).astype("int64")
        columns[Measure("eal", "flood").key] = random.uniform(1e5, 1e7, len(frame))
        columns[Measure("valid_share").key] = 1.0
        frames[level] = gpd.GeoDataFrame(frame.join(pd.DataFrame(columns, index=frame.index)), crs=city.units.crs)
    return StudyResult(
        code="990100",
        name={"zh": "示例市", "en": "Toy city"},
        grid=city.grid,
        layers=_layers(city.layers["elevation"]),
        units=frames,
        folder=Path("out"),
        unit_table=_tidy(frames),
        tables=_tables(frames),
        hazards=_HAZARDS,
        receptors=("population",),
        indices=_INDICES,
        breaks=_breaks(),
        data_date="2026-06-30",
        language=language,
        record=_record(seed),
    )


def _by_receptor(index: Index) -> tuple[int, bool, bool]:
    """The order of the columns of a run: hazard, receptors, their mean."""
    return [*_HAZARDS, MULTI].index(index.hazard), index.what == "risk", index.receptor is None


def _all_receptors() -> list[Index]:
    return [index for index in _INDICES if index.what == "risk" and index.receptor is None]


def _layers(elevation: xr.DataArray) -> xr.Dataset:
    scaled = (elevation - elevation.min()) / (elevation.max() - elevation.min())
    layers: dict[str, xr.DataArray] = {}
    for index in _all_receptors():
        layer = describe(scaled.astype(np.float32), quantity=index.quantity, like=elevation)
        grades = describe(grade_values(layer, _BREAKS["risk"]), quantity=index.grade_quantity, like=elevation)
        layers |= {index.key: layer.rename(index.key), index.grade_key: grades.rename(index.grade_key)}
    shade = describe(scaled.astype(np.float32) * 255, quantity="elevation", like=elevation)
    return xr.Dataset({**layers, "hillshade": shade.rename("hillshade")})


def _tidy(frames: dict[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    rows = []
    for level, frame in frames.items():
        for index in _all_receptors():
            for code, value, grade in zip(frame.index, frame[index.key], frame[index.grade_key], strict=True):
                rows.append(
                    {
                        "code": code,
                        "level": level,
                        "hazard": index.hazard,
                        "receptor": "all",
                        "indicator": index.indicator,
                        "value": float(value),
                        "units": "1",
                        "grade": int(grade),
                    }
                )
    return pd.DataFrame(rows)


def _breaks() -> dict[Index, IndexBreaks]:
    rules = {index: Breaks("fixed", _BREAKS[index.what]) for index in _INDICES if index.receptor is None}
    return {index: IndexBreaks(rule, rule) for index, rule in rules.items()}


def _tables(frames: dict[str, gpd.GeoDataFrame]) -> dict[str, pd.DataFrame]:
    breaks = [
        {"index": index.key, "applied_to": where, "scheme": index.scheme, "rule": cut.rule, "closed": cut.closed,
         "grade": grade, "upper_bound": upper}
        for index, both in _breaks().items()
        for where, cut in (("grid", both.grid), ("units", both.units))
        for grade, upper in enumerate(cut.bounds, start=1)
    ]  # fmt: skip
    total = float(frames["township"]["population"].sum())
    reconciliation = [
        {"quantity": "population", "level": level, "total_units": total, "unallocated": 0.0, "total_input": total,
         "difference": 0.0}
        for level in frames
    ]  # fmt: skip
    weights = pd.DataFrame({"hazard": _HAZARDS, "ahp": [0.6, 0.4], "entropy": [0.5, 0.5], "weight": [0.55, 0.45]})
    return {"breaks": pd.DataFrame(breaks), "reconciliation": pd.DataFrame(reconciliation), "weights": weights}


def _record(seed: int) -> dict[str, Any]:
    table = {"name": "grades/rules", "title": "Rules", "source": "project", "clause": None, "units": None}
    return {
        "run_id": "toy",
        "study": {"data_date": "2026-06-30", "seed": seed},
        "tables_used": [{**table, "status": "project_default", "verified": False, "replaced_by": None}],
        "schemes": {"flood": "flood_4", "earthquake": "hazard_4"},
        "warnings": [],
        "versions": {"riskzoning": "0"},
    }
