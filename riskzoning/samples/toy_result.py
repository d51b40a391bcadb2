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
from riskzoning.results import LEVELS, StudyResult
from riskzoning.samples.noise import generator
from riskzoning.samples.toy import toy_city

_HAZARDS = ("flood", "earthquake")
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
    for level in LEVELS:
        frame = city.units[city.units["level"] == level].copy()
        columns: dict[str, Any] = {"population": np.round(random.uniform(1e3, 5e4, len(frame)))}
        for hazard in (*_HAZARDS, "multi"):
            for what in ("hazard", "population_risk", "risk"):
                index = random.uniform(0.05, 0.99, len(frame))
                columns[f"{hazard}_{what}_index"] = index
                breaks = _BREAKS["hazard" if what == "hazard" else "risk"]
                columns[f"{hazard}_{what}_grade"] = grade_values(index, breaks).astype("int64")
        columns["flood_eal"] = random.uniform(1e5, 1e7, len(frame))
        columns["valid_share"] = 1.0
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
        language=language,
        record=_record(seed),
    )


def _layers(elevation: xr.DataArray) -> xr.Dataset:
    scaled = (elevation - elevation.min()) / (elevation.max() - elevation.min())
    layers = {}
    for name in (*_HAZARDS, "multi"):
        index = describe(scaled.astype(np.float32), quantity="risk_index", like=elevation)
        layers[f"{name}_risk_index"] = index.rename(f"{name}_risk_index")
        codes = grade_values(index, _BREAKS["risk"])
        layers[f"{name}_risk_grade"] = describe(codes, quantity="risk_grade", like=elevation).rename(
            f"{name}_risk_grade"
        )
    shade = describe(scaled.astype(np.float32) * 255, quantity="elevation", like=elevation)
    return xr.Dataset({**layers, "hillshade": shade.rename("hillshade")})


def _tidy(frames: dict[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    rows = []
    for level, frame in frames.items():
        for hazard in (*_HAZARDS, "multi"):
            for code, value, grade in zip(
                frame.index, frame[f"{hazard}_risk_index"], frame[f"{hazard}_risk_grade"], strict=True
            ):
                rows.append(
                    {
                        "code": code,
                        "level": level,
                        "hazard": hazard,
                        "receptor": "all",
                        "indicator": "risk_index",
                        "value": float(value),
                        "units": "1",
                        "grade": int(grade),
                    }
                )
    return pd.DataFrame(rows)


def _tables(frames: dict[str, gpd.GeoDataFrame]) -> dict[str, pd.DataFrame]:
    breaks = [
        {"index": f"{hazard}_{what}_index", "applied_to": where, "scheme": scheme, "rule": "fixed", "closed": "right",
         "grade": grade, "upper_bound": upper}
        for hazard in (*_HAZARDS, "multi")
        for what, scheme in (("risk", "risk_5"), ("hazard", "hazard_4"))
        for where in ("grid", "units")
        for grade, upper in enumerate(_BREAKS[what], start=1)
    ]  # fmt: skip
    total = float(frames["township"]["population"].sum())
    reconciliation = [
        {"quantity": "population", "level": level, "total_units": total, "unallocated": 0.0, "total_input": total,
         "difference": 0.0}
        for level in LEVELS
    ]  # fmt: skip
    weights = pd.DataFrame({"hazard": _HAZARDS, "ahp": [0.6, 0.4], "entropy": [0.5, 0.5], "weight": [0.55, 0.45]})
    return {"breaks": pd.DataFrame(breaks), "reconciliation": pd.DataFrame(reconciliation), "weights": weights}


def _record(seed: int) -> dict[str, Any]:
    table = {"name": "palettes/grades", "title": "Palettes", "source": "project", "clause": None, "units": None}
    return {
        "run_id": "toy",
        "study": {
            "data_date": "2026-06-30",
            "seed": seed,
            "grid": {"crs": "EPSG:4547"},
            "risk": {"form": "weighted_product", "combine": "weighted_sum"},
        },
        "tables_used": [{**table, "status": "project_default", "verified": False, "replaced_by": None}],
        "schemes": {"flood": "flood_4", "earthquake": "hazard_4"},
        "warnings": [],
        "versions": {"riskzoning": "0"},
    }
